#include <spawned/registry.h>

#include "actor/send.hpp"
#include "check.hpp"
#include "registry/name.hpp"
#include "registry/registry.hpp"
#include "runtime/runtime.hpp"

using namespace spawned::boundary;

namespace {

// Who took nothing since it has ended, or is ending, has its name no more.
spawned_status nobody(spawned_status status) {
    return status == SPAWNED_ESTOPPED ? SPAWNED_ENOENT : status;
}

// The actor that has the name and takes messages. Unless OK the value has been consumed.
spawned_status find_holder(spawned_runtime* runtime, const char* name, size_t length,
                           const spawned_message_type* type, const void* value,
                           spawned_pid* out_pid) {
    spawned_status status = check_value(runtime, type, value);
    if (status == SPAWNED_OK && (type->flags & SPAWNED_TYPE_PINNED) != 0)
        status = SPAWNED_EUNSUPPORTED;
    if (status == SPAWNED_OK)
        status = name == nullptr ? SPAWNED_EINVAL
                                 : core_of(runtime)->names->find_pid(name, length, out_pid);
    if (status == SPAWNED_OK) {
        const actor* a = actor_of(*core_of(runtime), *out_pid);
        if (a == nullptr || (a->gate.load_acquire() & gate_closed) != 0) status = SPAWNED_ENOENT;
    }
    if (status != SPAWNED_OK) consume(type, value);
    return status;
}

}  // namespace

extern "C" {

spawned_status spawned_registry_register(const char* name, size_t length, spawned_pid pid) {
    if (name == nullptr || !is_possible(pid)) return SPAWNED_EINVAL;
    core* home = runtime_at(pid);
    if (home == nullptr) return why_absent(pid);
    if (home->stopping.load_acquire() != 0) return SPAWNED_ESTOPPING;
    return add_name(*home, name, length, pid);
}

spawned_status spawned_registry_whereis(spawned_runtime* runtime, const char* name, size_t length,
                                        spawned_pid* out_pid) {
    const spawned_status status = check_runtime(runtime);
    if (status != SPAWNED_OK) return status;
    if (out_pid == nullptr) return SPAWNED_EINVAL;
    *out_pid = 0;
    if (name == nullptr) return SPAWNED_EINVAL;
    return core_of(runtime)->names->find_pid(name, length, out_pid);
}

spawned_status spawned_registry_send(spawned_runtime* runtime, const char* name, size_t length,
                                     const spawned_message_type* type, const void* value) {
    if (!is_type(type)) return SPAWNED_EINVAL;
    spawned_pid to = 0;
    const spawned_status status = find_holder(runtime, name, length, type, value, &to);
    return status != SPAWNED_OK ? status : nobody(send_value(*core_of(runtime), to, type, value));
}

spawned_status spawned_registry_request(spawned_runtime* runtime, const char* name, size_t length,
                                        const spawned_message_type* type, const void* value,
                                        spawned_duration timeout, void* out_value) {
    if (!is_type(type)) return SPAWNED_EINVAL;
    spawned_pid to = 0;
    const spawned_status status = find_holder(runtime, name, length, type, value, &to);
    return status != SPAWNED_OK ? status : spawned_request(to, type, value, timeout, out_value);
}

spawned_status spawned_registry_put(spawned_runtime* runtime, const char* name, size_t length,
                                    const spawned_message_type* type, const void* value,
                                    spawned_pid owner) {
    spawned_status status = check_runtime(runtime);
    if (!is_type(type)) return SPAWNED_EINVAL;
    core* home = core_of(runtime);
    if (status == SPAWNED_OK && (name == nullptr || (value == nullptr && type->value_size != 0)))
        status = SPAWNED_EINVAL;
    if (status == SPAWNED_OK && home->stopping.load_acquire() != 0) status = SPAWNED_ESTOPPING;
    if (status == SPAWNED_OK && owner == 0)
        status = home->names->add_value(name, length, type, value, 0);
    else if (status == SPAWNED_OK) {
        actor* a =
            is_possible(owner) && runtime_at(owner) == home ? actor_of(*home, owner) : nullptr;
        if (a == nullptr)
            status = runtime_at(owner) == home ? why_absent(owner) : SPAWNED_EINVAL;
        else
            status = home->names->add_value(name, length, type, value, owner,
                                            [a, owner] { return mark_named(*a, owner); });
    }
    if (status != SPAWNED_OK) consume(type, value);
    return status;
}

spawned_status spawned_registry_get(spawned_runtime* runtime, const char* name, size_t length,
                                    const spawned_message_type* type, void* storage) {
    const spawned_status status = check_runtime(runtime);
    if (status != SPAWNED_OK) return status;
    if (name == nullptr || !is_type(type) || (storage == nullptr && type->value_size != 0))
        return SPAWNED_EINVAL;
    return core_of(runtime)->names->get_value(name, length, type, storage);
}

spawned_status spawned_registry_unregister(spawned_runtime* runtime, const char* name,
                                           size_t length) {
    const spawned_status status = check_runtime(runtime);
    if (status != SPAWNED_OK) return status;
    if (name == nullptr || check_name(name, &length) != SPAWNED_OK) return SPAWNED_EINVAL;
    (void)core_of(runtime)->names->remove(name, length);
    return SPAWNED_OK;
}

spawned_status spawned_registry_list(spawned_runtime* runtime,
                                     void (*visit)(const char* name, size_t length, spawned_pid pid,
                                                   void* user_data),
                                     void* user_data) {
    spawned_status status = check_runtime(runtime);
    if (status != SPAWNED_OK) return status;
    if (visit == nullptr) return SPAWNED_EINVAL;
    registry_snapshot names;
    status = core_of(runtime)->names->snapshot(&names);
    if (status != SPAWNED_OK) return status;
    for (size_t i = 0; i < names.count(); ++i) {
        const registry_snapshot::item one = names.at(i);
        visit(one.name, one.length, one.pid, user_data);
    }
    return SPAWNED_OK;
}
}
