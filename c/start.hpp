// What every function that starts an actor checks.
#pragma once

#include <spawned/monitor.h>

#include "actor/lifecycle.hpp"
#include "check.hpp"

namespace spawned::boundary {

// OK: the behavior may be used, and *read says how. *out_pid is 0 afterwards. Defined in actor.cpp.
spawned_status check_start(spawned_runtime* runtime, const spawned_behavior* behavior,
                           const spawned_actor_options* options, spawned_pid* out_pid,
                           start_options* read);

// Malformed ones are never used. Defined in actor.cpp.
bool is_behavior(const spawned_behavior* given);
// given: null for the defaults, which *options holds.
bool read_start_options(const spawned_actor_options* given, start_options* options);

// A message type whose value is a spawned_ended of the library's making.
inline bool is_ended_type(const spawned_message_type* type) {
    return is_made_type(type, sizeof(spawned_ended));
}

}  // namespace spawned::boundary
