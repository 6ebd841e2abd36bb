#include <spawned/timer.h>

#include "check.hpp"
#include "timer/timers.hpp"

using namespace spawned::boundary;

namespace {

constexpr spawned_duration longest = spawned_duration{1} << 63;

// Checks what every timer needs; on an error the message is consumed.
spawned_status arm(spawned_duration delay, spawned_duration period, spawned_message* public_message,
                   spawned_timer* out_timer, spawned_status refused) {
    if (out_timer != nullptr) *out_timer = 0;
    core* home;
    message* sent;
    const spawned_status status = take_message(public_message, refused, &home, &sent);
    if (status != SPAWNED_OK) return status;
    return send_later(*home, *sent, delay, period, timer_owner::program, out_timer);
}

}  // namespace

extern "C" {

spawned_status spawned_send_after(spawned_duration delay, spawned_message* message,
                                  spawned_timer* out_timer) {
    return arm(delay, 0, message, out_timer, delay > longest ? SPAWNED_EINVAL : SPAWNED_OK);
}

spawned_status spawned_send_interval(spawned_duration period, spawned_message* public_message,
                                     spawned_timer* out_timer) {
    spawned_status refused = period == 0 || period > longest ? SPAWNED_EINVAL : SPAWNED_OK;
    if (refused == SPAWNED_OK && public_message != nullptr &&
        !can_be_copied(*reinterpret_cast<const message*>(public_message)->type))
        refused = SPAWNED_EUNSUPPORTED;
    return arm(period, period, public_message, out_timer, refused);
}

spawned_status spawned_timer_cancel(spawned_timer timer) {
    if (!is_possible(timer)) return SPAWNED_EINVAL;
    core* home = runtime_at(timer);
    if (home != nullptr) return cancel_timer(*home, timer, timer_owner::program);
    const spawned_status why = why_absent(timer);
    return why == SPAWNED_ESTOPPED ? SPAWNED_EALREADY : why;
}
}
