// Starting threads with their signals blocked and their names set.
#include "platform/thread.hpp"

#include <csignal>
#include <cstring>

#include <pthread.h>

#include "base/atomic.hpp"

namespace spawned::engine {

namespace {

atomic<int> successes_left{-1};

bool start_must_fail() {
    int left = successes_left.load_relaxed();
    while (left > 0) {
        if (successes_left.cas_relaxed(left, left - 1)) return false;
    }
    return left == 0;
}

// A thread inherits the mask of its creator. Faults of the thread itself stay deliverable.
void block_asynchronous_signals(sigset_t* out_before) {
    sigset_t blocked;
    sigfillset(&blocked);
    for (const int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGSYS}) {
        sigdelset(&blocked, fault);
    }
    pthread_sigmask(SIG_SETMASK, &blocked, out_before);
}

void set_name([[maybe_unused]] uv_thread_t thread, [[maybe_unused]] const char* name) {
#if defined(__linux__)
    char shortened[16] = {};
    std::strncpy(shortened, name, sizeof shortened - 1);
    pthread_setname_np(thread, shortened);
#endif
}

}  // namespace

bool thread_handle::start(void (*entry)(void*), void* argument, const char* name) {
    if (start_must_fail()) return false;
    uv_thread_options_t options{};
    options.flags = UV_THREAD_NO_FLAGS;
    uv_thread_t thread;
    sigset_t before;
    block_asynchronous_signals(&before);
    const bool started = uv_thread_create_ex(&thread, &options, entry, argument) == 0;
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    if (!started) return false;
    set_name(thread, name);
    thread_ = thread;
    return true;
}

void thread_handle::join() { uv_thread_join(&thread_); }

void thread_handle::detach() { pthread_detach(thread_); }

std::uint64_t current_thread_id() {
    // An integer on some systems, a pointer on others.
    return (std::uint64_t)(std::uintptr_t)uv_thread_self();
}

void set_thread_start_failures(int successes_before_failure) {
    successes_left.store_relaxed(successes_before_failure);
}

}  // namespace spawned::engine
