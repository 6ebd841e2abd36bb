#include <spawned/monitor.h>

#include "check.hpp"
#include "start.hpp"
#include "supervise/monitor.hpp"

using namespace spawned::boundary;

extern "C" {

spawned_status spawned_monitor(spawned_pid watched, spawned_pid watcher,
                               const spawned_message_type* type, uint64_t tag,
                               spawned_event* out_monitor) {
    if (out_monitor != nullptr) *out_monitor = 0;
    if (!is_ended_type(type) || !is_possible(watched) || runtime_of(watched) != runtime_of(watcher))
        return SPAWNED_EINVAL;
    return with_home(watcher, [=](core& home) {
        return monitor_actor(home, watched, watcher, type, tag, out_monitor);
    });
}

spawned_status spawned_actor_start_monitored(spawned_runtime* runtime,
                                             const spawned_behavior* behavior,
                                             const spawned_actor_options* options,
                                             spawned_pid watcher, const spawned_message_type* type,
                                             uint64_t tag, spawned_pid* out_pid,
                                             spawned_event* out_monitor) {
    if (out_monitor != nullptr) *out_monitor = 0;
    start_options read;
    spawned_status status = check_start(runtime, behavior, options, out_pid, &read);
    if (status != SPAWNED_OK) return status;
    core& home = *core_of(runtime);
    if (!is_ended_type(type) || !is_possible(watcher) || runtime_of(watcher) != home.index)
        return SPAWNED_EINVAL;
    spawned_pid pid = 0;
    status = start_monitored(home, *behavior, read, watcher, type, tag, &pid, out_monitor);
    if (status == SPAWNED_OK) *out_pid = pid;
    return status;
}

spawned_status spawned_context_forget_monitor(spawned_context* context, spawned_event monitor) {
    running now_is;
    const spawned_status found = find_running(context, &now_is);
    if (found != SPAWNED_OK) return found;
    if (!is_possible(monitor) || runtime_of(monitor) != now_is.home->index) return SPAWNED_EINVAL;
    return forget_monitor(*now_is.here, *now_is.home, monitor);
}
}
