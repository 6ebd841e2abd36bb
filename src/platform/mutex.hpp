// A mutex for sections that may be long or that sleep in a condition. Short ones use spin_lock.
#pragma once

#include <uv.h>

#include "base/lock_guard.hpp"

namespace spawned::engine {

class mutex {
public:
    mutex() = default;
    mutex(const mutex&) = delete;
    mutex& operator=(const mutex&) = delete;

    // false: the system has no resources.
    bool init() { return uv_mutex_init(&handle_) == 0; }
    void deinit() { uv_mutex_destroy(&handle_); }
    void lock() { uv_mutex_lock(&handle_); }
    bool try_lock() { return uv_mutex_trylock(&handle_) == 0; }
    void unlock() { uv_mutex_unlock(&handle_); }

private:
    friend class condition;
    uv_mutex_t handle_;
};

}  // namespace spawned::engine
