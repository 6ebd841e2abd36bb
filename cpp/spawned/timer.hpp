// Timers: messages from the clock, bound to the actor they go to and gone with it. A Timer is a number:
// dropping it changes nothing.
#pragma once

#include <spawned/timer.h>
#include <spawned/detail/diagnostics.hpp>
#include <spawned/detail/send.hpp>
#include <spawned/duration.hpp>

namespace spawned::inline v0 {

class Timer {
public:
    constexpr Timer() = default;
    constexpr explicit Timer(spawned_timer timer) : timer_(timer) {}

    // ok: its message will not be handled, or no further tick. already: too late, or done before.
    Status cancel() const { return Status{spawned_timer_cancel(timer_)}; }

    constexpr spawned_timer c_handle() const noexcept { return timer_; }
    constexpr explicit operator bool() const noexcept { return timer_ != 0; }
    friend constexpr bool operator==(Timer, Timer) = default;

private:
    spawned_timer timer_ = 0;
};

namespace detail {

// Setting a timer fails when the actor has ended or the runtime is out of memory; it is told, not thrown,
// as with every send.
template <class M, class Arm>
Result<Timer> arm_timer(spawned_pid to, spawned_duration time, M&& value, Arm arm) {
    using Value = std::remove_cvref_t<M>;
    spawned_message* message = nullptr;
    spawned_timer timer = 0;
    spawned_status status = build_message<Value>(to, &message, std::forward<M>(value));
    if (status == SPAWNED_OK) status = arm(time, message, &timer);
    if (status != SPAWNED_OK) return Error(Status{status});
    return Timer(timer);
}

template <class M>
Result<Timer> send_after_to(spawned_pid to, Duration delay, M&& message) {
    return arm_timer(to, delay.count(), std::forward<M>(message), spawned_send_after);
}

template <class M>
Result<Timer> send_interval_to(spawned_pid to, Duration period, M&& message) {
    constexpr bool copyable = Copyable<std::remove_cvref_t<M>>;
    static_assert(copyable, SPAWNED_DETAIL_NOT_COPYABLE);
    if constexpr (copyable)
        return arm_timer(to, period.count(), std::forward<M>(message), spawned_send_interval);
    else
        return Error(Status::unsupported);
}

}  // namespace detail
}  // namespace spawned::inline v0
