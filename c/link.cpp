#include <spawned/link.h>

#include "actor/lifecycle.hpp"
#include "check.hpp"
#include "start.hpp"
#include "supervise/exit.hpp"
#include "supervise/link.hpp"

using namespace spawned::boundary;

namespace {

// A link between two of one runtime.
template <class Act>
spawned_status with_pair(spawned_pid one, spawned_pid other, Act act) {
    if (!is_possible(one) || runtime_of(one) != runtime_of(other)) return SPAWNED_EINVAL;
    if (!is_possible(other)) return SPAWNED_EINVAL;
    return with_home(one, act);
}

bool is_sendable(const spawned_exit& exit, size_t text_length) {
    switch (exit.kind) {
        case SPAWNED_EXIT_NORMAL:
        case SPAWNED_EXIT_SHUTDOWN:
        case SPAWNED_EXIT_KILLED:
            return text_length == 0;
        case SPAWNED_EXIT_FAILURE:
            return exit.code != SPAWNED_OK;
        default:
            return false;
    }
}

}  // namespace

extern "C" {

spawned_status spawned_link(spawned_pid one, spawned_pid other) {
    return with_pair(one, other, [=](core& home) { return link_actors(home, one, other); });
}

spawned_status spawned_unlink(spawned_pid one, spawned_pid other) {
    const spawned_status status =
        with_pair(one, other, [=](core& home) { return unlink_actors(home, one, other); });
    return status == SPAWNED_ESTOPPED ? SPAWNED_OK : status;
}

spawned_status spawned_actor_start_linked(spawned_runtime* runtime,
                                          const spawned_behavior* behavior,
                                          const spawned_actor_options* options, spawned_pid other,
                                          spawned_pid* out_pid) {
    start_options read;
    spawned_status status = check_start(runtime, behavior, options, out_pid, &read);
    if (status != SPAWNED_OK) return status;
    core& home = *core_of(runtime);
    if (!is_possible(other) || runtime_of(other) != home.index) return SPAWNED_EINVAL;
    spawned_pid pid = 0;
    status = start_linked(home, *behavior, read, other, &pid);
    if (status == SPAWNED_OK) *out_pid = pid;
    return status;
}

spawned_status spawned_context_trap_exits(spawned_context* context,
                                          const spawned_message_type* type) {
    running now_is;
    const spawned_status found = find_running(context, &now_is);
    if (found != SPAWNED_OK) return found;
    if (type != nullptr && !is_ended_type(type)) return SPAWNED_EINVAL;
    return trap_exits(*now_is.here, *now_is.home, type);
}

spawned_status spawned_actor_exit(spawned_pid pid, const spawned_exit* exit, const char* text,
                                  size_t text_length) {
    spawned_exit read;
    if (exit == nullptr || !read_sized(exit, &read) || (text == nullptr && text_length != 0))
        return SPAWNED_EINVAL;
    if (text_length == SPAWNED_ZERO_TERMINATED) text_length = strnlen(text, max_text + 4);
    if (!is_sendable(read, text_length)) return SPAWNED_EINVAL;
    if (read.kind != SPAWNED_EXIT_FAILURE) read.code = SPAWNED_OK;
    read.place = SPAWNED_PLACE_NONE;
    read.text_length = 0;
    const spawned_status status = with_home(pid, [&](core& home) {
        return read.kind == SPAWNED_EXIT_KILLED ? signal_actor(home, pid, control_kill)
                                                : send_exit(home, pid, read, text, text_length);
    });
    return status == SPAWNED_ESTOPPED ? SPAWNED_OK : status;
}
}
