// Parking on a futex, or on a mutex and a condition where there is none.
#include "platform/parker.hpp"

#include "base/assert.hpp"

#ifdef SPAWNED_FUTEX_PARKER
#include <cerrno>
#include <ctime>

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace spawned::engine {

#ifdef SPAWNED_FUTEX_PARKER

namespace {

using atomic_word = std::atomic_ref<std::uint32_t>;
static_assert(atomic_word::required_alignment == alignof(std::uint32_t));

bool replace(std::uint32_t& state, std::uint32_t& seen, std::uint32_t wanted) {
    return atomic_word(state).compare_exchange_strong(seen, wanted, std::memory_order_acq_rel,
                                                      std::memory_order_acquire);
}

// false: the deadline has passed. Wake-ups without a reason are reported as true.
bool futex_wait(void* word, std::uint32_t expected, std::uint64_t monotonic_deadline) {
    constexpr std::uint64_t second = 1'000'000'000;
    timespec until{};
    until.tv_sec = static_cast<time_t>(monotonic_deadline / second);
    until.tv_nsec = static_cast<long>(monotonic_deadline % second);
    // WAIT_BITSET takes an absolute time, on the monotonic clock: nothing drifts over repeated
    // waits.
    const long result = syscall(SYS_futex, word, FUTEX_WAIT_BITSET | FUTEX_PRIVATE_FLAG, expected,
                                monotonic_deadline == UINT64_MAX ? nullptr : &until, nullptr,
                                FUTEX_BITSET_MATCH_ANY);
    return result == 0 || errno != ETIMEDOUT;
}

}  // namespace

void parker::init() { atomic_word(state_).store(empty, std::memory_order_relaxed); }
void parker::deinit() {}

void parker::park() { park_until(UINT64_MAX); }

bool parker::park_until(std::uint64_t monotonic_deadline) {
    std::uint32_t seen = empty;
    if (replace(state_, seen, parked)) {
        while (atomic_word(state_).load(std::memory_order_acquire) == parked) {
            if (!futex_wait(&state_, parked, monotonic_deadline)) {
                seen = parked;
                if (replace(state_, seen, empty)) return false;
            }
        }
    }
    // A token: nobody else takes it, and a further one merges with it.
    atomic_word(state_).exchange(empty, std::memory_order_acq_rel);
    return true;
}

bool parker::try_take() {
    std::uint32_t seen = token;
    return replace(state_, seen, empty);
}

void parker::unpark() {
    void* const address = &state_;
    if (atomic_word(state_).exchange(token, std::memory_order_acq_rel) != parked) return;
    // The owner may be gone. The kernel then finds nobody at this address, or wakes a sleeper at
    // new memory here for nothing, which every futex wait must bear.
    syscall(SYS_futex, address, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 1, nullptr, nullptr, 0);
}

#else

void parker::init() {
    const bool ready = mutex_.init() && condition_.init();
    SPAWNED_ASSERT(ready);
    token_ = false;
}

void parker::deinit() {
    condition_.deinit();
    mutex_.deinit();
}

void parker::park() { park_until(UINT64_MAX); }

bool parker::park_until(std::uint64_t monotonic_deadline) {
    lock_guard guard(mutex_);
    while (!token_) {
        if (!condition_.wait_until(mutex_, monotonic_deadline) && !token_) return false;
    }
    token_ = false;
    return true;
}

bool parker::try_take() {
    lock_guard guard(mutex_);
    const bool taken = token_;
    token_ = false;
    return taken;
}

// Signals before it unlocks: the owner can take the token only after that.
void parker::unpark() {
    lock_guard guard(mutex_);
    token_ = true;
    condition_.signal();
}

#endif

}  // namespace spawned::engine
