// Threads of the engine. Asynchronous signals are blocked in them: they are the host's business.
#pragma once

#include <cstdint>

#include <uv.h>

namespace spawned::engine {

class thread_handle {
public:
    thread_handle() = default;
    thread_handle(const thread_handle&) = delete;
    thread_handle& operator=(const thread_handle&) = delete;

    // false: the system refused. At most 15 bytes of the name are used; nothing of the handle is
    // touched by the new thread.
    bool start(void (*entry)(void*), void* argument, const char* name);

    // Exactly one of these ends a handle that was started.
    void join();
    void detach();

private:
    uv_thread_t thread_;
};

// Differs between threads that are alive at the same time; not 0.
std::uint64_t current_thread_id();

// For tests: the given number of starts succeed, then all fail until this is called again. -1: none
// fails.
void set_thread_start_failures(int successes_before_failure);

}  // namespace spawned::engine
