// A lock of one word for sections of a few stores, never around a call out of the engine. A waiter
// spins a little and then yields, since the holder may have been preempted.
#pragma once

#include <cstdint>

#include "base/atomic.hpp"
#include "base/lock_guard.hpp"
#include "base/pause.hpp"

namespace spawned::engine {

class spin_lock {
public:
    constexpr spin_lock() = default;
    spin_lock(const spin_lock&) = delete;
    spin_lock& operator=(const spin_lock&) = delete;

    void lock() {
        if (!try_lock()) [[unlikely]]
            wait();
    }

    bool try_lock() { return held_.exchange_acq_rel(1) == 0; }

    void unlock() { held_.store_release(0); }

private:
    [[gnu::cold, gnu::noinline]] void wait() {
        constexpr unsigned spins_before_yield = 64;
        unsigned spins = 0;
        do {
            // Reading leaves the line shared until the lock looks free.
            while (held_.load_relaxed() != 0) {
                if (++spins < spins_before_yield) {
                    cpu_pause();
                } else {
                    thread_yield();
                }
            }
        } while (!try_lock());
    }

    atomic<std::uint32_t> held_{0};
};

}  // namespace spawned::engine
