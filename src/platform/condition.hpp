// A condition variable. Waits may end without a signal: the caller tests its predicate in a loop.
#pragma once

#include <cstdint>

#include <uv.h>

#include "platform/clock.hpp"
#include "platform/mutex.hpp"

namespace spawned::engine {

class condition {
public:
    condition() = default;
    condition(const condition&) = delete;
    condition& operator=(const condition&) = delete;

    // false: the system has no resources.
    bool init() { return uv_cond_init(&handle_) == 0; }
    void deinit() { uv_cond_destroy(&handle_); }
    void signal() { uv_cond_signal(&handle_); }
    void broadcast() { uv_cond_broadcast(&handle_); }

    // The mutex is held by the caller.
    void wait(mutex& held) { uv_cond_wait(&handle_, &held.handle_); }

    // false: monotonic_now() has reached the deadline. UINT64_MAX is no deadline.
    bool wait_until(mutex& held, std::uint64_t monotonic_deadline) {
        if (monotonic_deadline == UINT64_MAX) {
            wait(held);
            return true;
        }
        const std::uint64_t now = monotonic_now();
        if (now >= monotonic_deadline) return false;
        // libuv adds the clock to the time given: a day at once cannot overflow that.
        constexpr std::uint64_t day = 86'400'000'000'000;
        const std::uint64_t left = monotonic_deadline - now;
        uv_cond_timedwait(&handle_, &held.handle_, left < day ? left : day);
        return monotonic_now() < monotonic_deadline;
    }

private:
    uv_cond_t handle_;
};

}  // namespace spawned::engine
