// Blocking work: a function of the host on a thread of the blocking pool, whose outcome completes a promise
// or sends a message.
//
//   queued -> begun -> over     it runs
//   queued -> over              its actor ended, its event or token was cancelled, or the runtime shuts down
//
// Whoever takes it from queued to over, or the thread that ran it, ends its user data and its message. Two
// hold it: the pool's list, and its watch if it belongs to an actor.
#pragma once

#include <spawned/work.h>

#include "actor/core.hpp"

namespace spawned::engine {

struct work_settings {
    spawned_work_fn run = nullptr;
    void* user_data = nullptr;
    void (*destroy)(void* user_data) = nullptr;
    uint64_t until = 0;  // a token: once it is cancelled the work is not begun; 0: none
};

// Begins work that completes the promise; it goes with its owner, an actor (0: none). On an error the
// promise is completed with it. The user data is taken over in every case.
spawned_status start_work(core& home, const work_settings& settings, message& promise,
                          spawned_pid owner);
// The same, but on an error the promise is as it was.
spawned_status begin_work(core& home, const work_settings& settings, message& promise,
                          spawned_pid owner);

// Begins work that sends the message, which is taken over in every case, like the user data.
spawned_status send_on_work(core& home, const work_settings& settings, message& m,
                            uint64_t* out_event);

}  // namespace spawned::engine
