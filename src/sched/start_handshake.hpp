// A new thread of the engine gets its record on its own stack's side; whoever started it waits until it
// has one, or until it is known that there is no memory for it.
#pragma once

#include "actor/core.hpp"
#include "platform/condition.hpp"
#include "platform/mutex.hpp"
#include "platform/thread.hpp"

namespace spawned::engine {

class start_handshake {
public:
    // The starting side. Runs body(argument) on a new thread with a record of `role`.
    spawned_status run(core& home, thread_role role, thread_handle& handle, void (*body)(void*),
                       void* argument, thread** out_self, const char* name);

private:
    static void entry(void* argument);

    core* home_ = nullptr;
    thread_role role_ = thread_role::worker;
    void (*body_)(void*) = nullptr;
    void* argument_ = nullptr;
    thread** out_self_ = nullptr;
    mutex lock_;
    condition changed_;
    bool handle_is_set_ = false;
    bool decided_ = false;
    bool ok_ = false;
};

}  // namespace spawned::engine
