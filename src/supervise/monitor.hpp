// Monitors: watches of an end that tell how it came to it.
#pragma once

#include <spawned/monitor.h>

#include "actor/lifecycle.hpp"

namespace spawned::engine {

// out_event may be null.
spawned_status monitor_actor(core& home, spawned_pid watched, spawned_pid watcher,
                             const spawned_message_type* type, uint64_t tag, uint64_t* out_event);

spawned_status start_monitored(core& home, const spawned_behavior& behavior, start_options options,
                               spawned_pid watcher, const spawned_message_type* type, uint64_t tag,
                               spawned_pid* out_pid, uint64_t* out_event);

// For the running actor of the innermost frame.
spawned_status forget_monitor(thread& self, core& home, uint64_t event);

}  // namespace spawned::engine
