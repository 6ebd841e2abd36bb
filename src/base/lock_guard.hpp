// Holds a lock for a scope: a mutex or a spin_lock.
#pragma once

namespace spawned::engine {

template <class Lock>
class [[nodiscard]] lock_guard {
public:
    explicit lock_guard(Lock& lock) : lock_(lock) { lock_.lock(); }
    ~lock_guard() { lock_.unlock(); }
    lock_guard(const lock_guard&) = delete;
    lock_guard& operator=(const lock_guard&) = delete;

private:
    Lock& lock_;
};

}  // namespace spawned::engine
