// The listener of a source that may block: work on the blocking pool, which asks for one item after the other.
#pragma once

#include <spawned/listener.h>

#include "event/listener.hpp"

namespace spawned::engine {

struct pull_settings {
    spawned_pid to;
    const spawned_message_type* type;
    uint64_t until;  // 0: none
    spawned_listener_fn next;
    void* user_data;
    void (*destroy)(void* user_data);
};

// Takes the user data and the promise over, which have ended unless OK.
spawned_status start_pull_listener(core& home, const pull_settings& settings, message& promise);

}  // namespace spawned::engine
