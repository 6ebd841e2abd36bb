// What a supervisor decides, without an actor: whether a child is started anew, whether that is one time too
// many, and how long to pause before.
#pragma once

#include <spawned/supervisor.h>

#include <cstdint>

#include "base/allocator.hpp"

namespace spawned::engine {

inline bool starts_anew(spawned_restart restart, spawned_exit_kind kind) {
    return restart == SPAWNED_PERMANENT ||
           (restart == SPAWNED_TRANSIENT && spawned_exit_is_abnormal(kind) != 0);
}

// Most restarts that a supervisor can be told to count.
inline constexpr uint32_t most_intensity = 65536;

// The moments of the last restarts, as many as are allowed within the period: one more is allowed when the
// oldest of them lies before it. Both ends of the period belong to it.
class restart_window {
public:
    bool init(const allocator& memory, uint32_t intensity, uint64_t period) {
        intensity_ = intensity;
        period_ = period;
        if (intensity != 0)
            moments_ =
                static_cast<uint64_t*>(memory.get(sizeof(uint64_t) * intensity, alignof(uint64_t)));
        return intensity == 0 || moments_ != nullptr;
    }

    void deinit(const allocator& memory) {
        if (moments_ != nullptr)
            memory.put(moments_, sizeof(uint64_t) * intensity_, alignof(uint64_t));
        moments_ = nullptr;
    }

    // Counts a restart at this moment, which is not before the last one; false: it is one too many.
    bool allow(uint64_t now) {
        if (intensity_ == 0) return false;
        if (used_ == intensity_ && now - moments_[next_] <= period_) return false;
        moments_[next_] = now;
        next_ = next_ + 1 == intensity_ ? 0 : next_ + 1;
        if (used_ < intensity_) ++used_;
        return true;
    }

private:
    uint64_t* moments_ = nullptr;  // a ring; next_ is the oldest once it is full
    uint64_t period_ = 0;
    uint32_t intensity_ = 0;
    uint32_t used_ = 0;
    uint32_t next_ = 0;
};

// The pause before the n-th restart in a row (from 0): first, doubled each time up to most, then within a fifth
// of that. random is any number.
inline uint64_t restart_pause(uint64_t first, uint64_t most, uint32_t n, uint64_t random) {
    constexpr uint64_t for_ever = UINT64_MAX / 4;  // leaves room for the fifth
    if (first == 0) return 0;
    if (most > for_ever) most = for_ever;
    uint64_t pause = first < most ? first : most;
    while (n-- > 0 && pause < most) pause = pause > most / 2 ? most : pause * 2;
    const uint64_t spread = pause / 5;
    return pause - spread + (spread == 0 ? 0 : random % (2 * spread + 1));
}

}  // namespace spawned::engine
