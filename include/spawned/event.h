/* Events: a message that is sent when something happens: an actor ends, a token is cancelled.
 *
 * The message is made beforehand, for its receiver, and belongs to the event from the call on, whatever is
 * returned. It is sent once, finds room in every mailbox, and never fails for lack of memory; it is
 * destroyed when its receiver ends first. What happened before the call sends it within the call. */
#ifndef SPAWNED_EVENT_H
#define SPAWNED_EVENT_H

#include <spawned/message.h>
#include <spawned/types.h>

SPAWNED_BEGIN_C

/* Sends message when the actor pid has ended: its state is destroyed, its names are free, its exit reason
 * can be read, and whatever it sent to the receiver stands before this message in its mailbox. A join of
 * the actor returns after that. out_event may be NULL.
 * Errors: EINVAL (the pid, or a receiver in another runtime), ENOMEM, ESTOPPED (the receiver), ESTOPPING,
 * EFORKED. Thread: owner (of the message). Since 0.1. */
SPAWNED_API spawned_status spawned_send_on_end(spawned_pid pid, spawned_message *message,
                                               spawned_event *out_event);

/* Sends message when the token is cancelled. out_event may be NULL.
 * Errors: EINVAL (the token, 0 included, or a receiver in another runtime), ENOMEM, ESTOPPED (the receiver),
 * ESTOPPING, EFORKED. Thread: owner (of the message). Since 0.1. */
SPAWNED_API spawned_status spawned_send_on_cancel(spawned_token token, spawned_message *message,
                                                  spawned_event *out_event);

/* A response that is ready, with OK and no value, once the actor has ended, as above: a join to be awaited.
 * timeout: default SPAWNED_FOREVER. Released, it leaves nothing behind. Waiting for it inside the actor
 * itself, or in a circle, ends with EDEADLK.
 * Errors: EINVAL, ENOMEM, EFORKED; out_response holds the same error. Thread: any. Since 0.1. */
SPAWNED_API spawned_status spawned_actor_end_response(spawned_pid pid, spawned_duration timeout,
                                                      spawned_response **out_response);

/* Takes an event away. OK: its message will not be handled, and is destroyed; its callback will not run.
 * EALREADY: it was sent or called, or is being called, was cancelled, or went with its receiver.
 * Errors: EINVAL (0 or impossible), EALREADY, EFORKED. Thread: any. Since 0.1. */
SPAWNED_API spawned_status spawned_event_cancel(spawned_event event);

SPAWNED_END_C

#endif
