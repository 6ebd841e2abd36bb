#include <spawned/group.h>

#include "check.hpp"
#include "registry/group.hpp"
#include "registry/name.hpp"

using namespace spawned::boundary;

namespace {

// A message type whose value is a spawned_group_change of the library's making.
bool is_change_type(const spawned_message_type* type) {
    return is_made_type(type, sizeof(spawned_group_change));
}

// Of a call that begins something in the name of an actor.
template <class Act>
spawned_status begin(const char* name, size_t length, spawned_pid pid, Act act) {
    if (check_name(name, &length) != SPAWNED_OK) return SPAWNED_EINVAL;
    return with_home(pid, [&](core& home) {
        return home.stopping.load_acquire() != 0 ? SPAWNED_ESTOPPING : act(home);
    });
}

}  // namespace

extern "C" {

spawned_status spawned_group_join(const char* name, size_t length, spawned_pid pid) {
    return begin(name, length, pid,
                 [=](core& home) { return join_group(home, name, length, pid); });
}

spawned_status spawned_group_leave(const char* name, size_t length, spawned_pid pid) {
    if (check_name(name, &length) != SPAWNED_OK) return SPAWNED_EINVAL;
    return with_home(pid, [=](core& home) { return leave_group(home, name, length, pid); });
}

spawned_status spawned_group_members(spawned_runtime* runtime, const char* name, size_t length,
                                     spawned_pid* pids, size_t capacity, size_t* out_count) {
    const spawned_status status = check_runtime(runtime);
    if (status != SPAWNED_OK) return status;
    if (out_count == nullptr) return SPAWNED_EINVAL;
    *out_count = 0;
    if (pids == nullptr && capacity != 0) return SPAWNED_EINVAL;
    return list_members(*core_of(runtime), name, length, pids, capacity, out_count);
}

spawned_status spawned_group_broadcast(spawned_runtime* runtime, const char* name, size_t length,
                                       const spawned_message_type* type, const void* value,
                                       size_t* out_taken, size_t* out_refused) {
    size_t taken = 0, refused = 0;
    if (out_taken != nullptr) *out_taken = 0;
    if (out_refused != nullptr) *out_refused = 0;
    if (!is_type(type)) return SPAWNED_EINVAL;
    spawned_status status = check_value(runtime, type, value);
    if (status == SPAWNED_OK && check_name(name, &length) != SPAWNED_OK) status = SPAWNED_EINVAL;
    if (status == SPAWNED_OK && !can_be_copied(*type)) status = SPAWNED_EUNSUPPORTED;
    if (status != SPAWNED_OK) {
        consume(type, value);
        return status;
    }
    status = broadcast(*core_of(runtime), name, length, type, value, &taken, &refused);
    if (out_taken != nullptr) *out_taken = taken;
    if (out_refused != nullptr) *out_refused = refused;
    return status;
}

spawned_status spawned_group_subscribe(const char* name, size_t length, spawned_pid subscriber,
                                       const spawned_message_type* type, uint64_t tag,
                                       spawned_event* out_subscription) {
    if (out_subscription != nullptr) *out_subscription = 0;
    if (!is_change_type(type)) return SPAWNED_EINVAL;
    return begin(name, length, subscriber, [=](core& home) {
        return subscribe_group(home, name, length, subscriber, type, tag, out_subscription);
    });
}
}
