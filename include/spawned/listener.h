/* Listeners: they feed a sequence into a mailbox, one message for each item, in order.
 *
 * The source is a function that yields the next item and may block meanwhile: an iterator, a file, a queue
 * of another library. It runs on the blocking pool, beside the actors. A listener asks for an item only
 * once the mailbox has taken the last one: where the mailbox blocks when it is full, the source waits.
 *
 * Descriptors and streams that are to take no thread are read on the runtime's loop (uv.h) with the same
 * rules: spawned_message_try_send, and on EFULL stop reading, spawned_message_send_waiting, and go on reading
 * once its response's bell, which may call uv_async_send, has rung. spawned_send_interval (timer.h) feeds a mailbox with time. */
#ifndef SPAWNED_LISTENER_H
#define SPAWNED_LISTENER_H

#include <spawned/message.h>
#include <spawned/types.h>

/* Yields the next item: builds it in value, of the listener's type, and returns OK. ENOENT: there is no
 * further one. Any other status ends the listener with it, and with a text by spawned_fail (actor.h).
 * Unless OK nothing is left in value. Calls come one after the other, outside every actor, on a
 * thread that may block; they may call the library. */
typedef spawned_status (*spawned_listener_fn)(void *user_data, void *value);

SPAWNED_BEGIN_C

/* Begins to feed what next yields to the actor `to`, as messages of type, which is not VARIABLE.
 * The response tells, without a value, how it ended: OK with its source; ESTOPPED with the receiver, from when
 * it is asked to stop, with the token until (0: none), or with the runtime; what the source failed with;
 * or why the mailbox refused an item. An item in hand is destroyed then. A call of next is not interrupted:
 * the listener ends with its return, and one that has not begun does not begin.
 * destroy(user_data), if not NULL, runs once, on any thread, when next is not called any more, also when this
 * call fails, and before the outcome is told: whatever the source reads from is closed there.
 * Releasing the response changes nothing.
 * Errors: EINVAL, EUNSUPPORTED (the type), ENOMEM, ESTOPPED, ESTOPPING, ESYSTEM (no thread), EFORKED;
 * out_response holds the same error. In deterministic mode the listener is one turn, which ends with its
 * source. Thread: any. Since 0.1. */
SPAWNED_API spawned_status spawned_listen(spawned_pid to, const spawned_message_type *type,
                                          spawned_listener_fn next, void *user_data,
                                          void (*destroy)(void *user_data), spawned_token until,
                                          spawned_response **out_response);

SPAWNED_END_C

#endif
