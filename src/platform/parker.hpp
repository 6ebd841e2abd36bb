// Where one thread sleeps until another gives it a token. At most one token is kept: several
// unparks before a park are one. A wake-up costs a system call only when the thread sleeps or is
// about to.
#pragma once

#include <cstdint>

#include "base/atomic.hpp"

#if defined(__linux__) && __SIZEOF_POINTER__ == 8 && !defined(SPAWNED_PORTABLE_PARKER)
#define SPAWNED_FUTEX_PARKER 1
#else
#include "platform/condition.hpp"
#include "platform/mutex.hpp"
#endif

namespace spawned::engine {

class parker {
public:
    parker() = default;
    parker(const parker&) = delete;
    parker& operator=(const parker&) = delete;

    void init();
    void deinit();

    // Owner: sleeps until there is a token, and takes it.
    void park();

    // Owner: true when a token was taken, false when monotonic_now() has reached the deadline.
    // UINT64_MAX is no deadline.
    bool park_until(std::uint64_t monotonic_deadline);

    // Owner: takes a token if there is one.
    bool try_take();

    // Any thread. What was written before is seen by the owner that takes the token. Once the token
    // can be taken this call reads and writes the parker no more, so the owner may end it.
    void unpark();

private:
#ifdef SPAWNED_FUTEX_PARKER
    // empty -> parked -> empty (owner; in, timed out); empty or parked -> token (anyone);
    // token -> empty (owner).
    enum state : std::uint32_t { empty, parked, token };
    // Without an initialiser: where a new parker takes the place of one whose owner is gone, a late
    // unpark may still be at work on this word. init sets it.
    std::uint32_t state_;
#else
    mutex mutex_;
    condition condition_;
    bool token_ = false;  // guarded by mutex_
#endif
};

}  // namespace spawned::engine
