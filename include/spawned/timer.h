/* Timers: messages from the clock, bound to the actor they are addressed to and gone with it.
 *
 * Never early; one actor's timers fire in the order of their deadlines, equal ones in the order of their
 * creation. The message is consumed in every case. A timer's message is not counted against a mailbox's
 * capacity. */
#ifndef SPAWNED_TIMER_H
#define SPAWNED_TIMER_H

#include <spawned/message.h>
#include <spawned/types.h>

SPAWNED_BEGIN_C

/* Sends message after delay (0: as soon as possible, never inside this call; at most 2^63).
 * out_timer may be NULL. Errors: EINVAL, ENOMEM, ESTOPPED, ESTOPPING, EFORKED.
 * Thread: owner (of the message). Since 0.1. */
SPAWNED_API spawned_status spawned_send_after(spawned_duration delay, spawned_message *message,
                                              spawned_timer *out_timer);

/* Sends a copy of message every period, first after one full period, on an absolute schedule: no drift.
 * At most one tick waits in the mailbox; those due meanwhile are counted in spawned_message_info.missed.
 * A copy that fails counts as missed. Errors: as above; EINVAL for period 0; EUNSUPPORTED for a type that
 * cannot be copied. Thread: owner (of the message). Since 0.1. */
SPAWNED_API spawned_status spawned_send_interval(spawned_duration period, spawned_message *message,
                                                 spawned_timer *out_timer);

/* Cancels. OK: its message will not be handled; of an interval, no further tick begins, one waiting in
 * the mailbox included. EALREADY: it has fired, was cancelled, or went with its actor.
 * Errors: EINVAL (0 or impossible), EALREADY, EFORKED. Thread: any. Since 0.1. */
SPAWNED_API spawned_status spawned_timer_cancel(spawned_timer timer);

SPAWNED_END_C

#endif
