// Deterministic: drives a runtime made with {.deterministic = true}. Nothing runs by itself there; these
// calls run it, and so do those that wait (unwrap, join, shutdown). The same seed makes the same run.
#pragma once

#include <spawned/deterministic.h>
#include <spawned/runtime.hpp>

namespace spawned::inline v0 {

class Deterministic {
public:
    explicit Deterministic(RuntimeRef runtime) noexcept : runtime_(runtime.c_handle()) {}

    // Gives one actor one turn; false when nobody is runnable.
    bool step() const {
        const spawned_status status = spawned_deterministic_step(runtime_);
        if (status == SPAWNED_EAGAIN) return false;
        detail::throw_unless_ok(status);
        return true;
    }
    // Runs until nobody is runnable, at the time it is now; the number of turns that took.
    std::uint64_t run() const {
        std::uint64_t turns = 0;
        detail::throw_unless_ok(spawned_deterministic_run(runtime_, 0, &turns));
        return turns;
    }
    // Moves the clock on, timer by timer, running everything that becomes runnable.
    void advance(Duration duration) const {
        detail::throw_unless_ok(spawned_deterministic_advance(runtime_, duration.count()));
    }
    // A number below bound, from the seed, for the program's own choices.
    std::uint64_t choose(std::uint64_t bound) const {
        std::uint64_t choice = 0;
        detail::throw_unless_ok(spawned_deterministic_choose(runtime_, bound, &choice));
        return choice;
    }
    // Of every choice made so far: equal runs have equal digests.
    std::uint64_t digest() const {
        std::uint64_t digest = 0;
        detail::throw_unless_ok(spawned_deterministic_digest(runtime_, &digest));
        return digest;
    }

private:
    spawned_runtime* runtime_;
};

}  // namespace spawned::inline v0
