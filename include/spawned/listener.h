/* Listeners: they feed a sequence into a mailbox, one message for each item, in order.
 *
 * Three kinds of source, one rule. A listener meets the receiver's bound, and ends with either side: with its
 * source, or with the receiver (from when it is asked to stop), the token it was given, or the runtime. A
 * response tells which.
 *
 *   spawned_listen             is asked for the next item and may block meanwhile: an iterator, a file, a
 *                              queue of another library. It runs on the blocking pool, beside the actors.
 *   spawned_listen_descriptor  is asked when a descriptor is readable: a socket, a pipe. It runs on the
 *                              runtime's event loop, without a thread of its own. Streams of libuv: uv.h.
 *   spawned_listener_create    is not asked but pushes, from a callback that must not block: of an event
 *                              loop, a driver, another library.
 *
 * Where a mailbox is full, the first waits if its policy is to block, and ends with EFULL if it is to reject.
 * The other two cannot wait: they pause until there is room, whether it blocks or rejects. A mailbox that
 * drops messages is never full. Time feeds a mailbox by spawned_send_interval (timer.h): at most one of its
 * ticks waits there and counts the missed ones, it ends with its actor or by spawned_timer_cancel. */
#ifndef SPAWNED_LISTENER_H
#define SPAWNED_LISTENER_H

#include <spawned/message.h>
#include <spawned/types.h>

/* Yields the next item: builds it in value, of the listener's type, and returns OK. ENOENT: there is no
 * further one. Any other status ends the listener with it, and with a text by spawned_fail (actor.h).
 * Unless OK nothing is left in value. Calls come one after the other, outside every actor, and may call
 * the library. */
typedef spawned_status (*spawned_listener_fn)(void *user_data, void *value);

/* The source's side of a listener that pushes. Owned; ends with spawned_listener_end, also after the other side
 * has ended; may outlive its runtime. */
typedef struct spawned_listener spawned_listener;

SPAWNED_BEGIN_C

/* Begins to feed what next yields to the actor `to`, as messages of type, which is not VARIABLE. next is
 * asked, on a thread that may block, once the mailbox has taken the item before.
 * The response tells, without a value, how it ended: OK with its source; ESTOPPED with the receiver, the
 * token until (0: none) or the runtime; what the source failed with; or why the mailbox refused an item.
 * An item in hand is destroyed then. A wait for room ends at once, a call of next is not interrupted: the
 * listener ends with its return, and one that has not begun does not begin.
 * destroy(user_data), if not NULL, runs once, on any thread, when next is not called any more, also when this
 * call fails, and before the outcome is told: whatever the source reads from is closed there.
 * Releasing the response changes nothing.
 * Errors: EINVAL, EUNSUPPORTED, ETOOBIG (the type), ENOMEM, ESTOPPED, ESTOPPING, ESYSTEM (no thread),
 * EFORKED; out_response holds the same error. In deterministic mode the listener is one turn, which ends with its
 * source. Thread: any. Since 0.1. */
SPAWNED_API spawned_status spawned_listen(spawned_pid to, const spawned_message_type *type,
                                          spawned_listener_fn next, void *user_data,
                                          void (*destroy)(void *user_data), spawned_token until,
                                          spawned_response **out_response);

/* The same for what is read from a descriptor. next is called on the runtime's loop while the descriptor is
 * readable and the mailbox has room, must not block, and has one more answer: EAGAIN, nothing now. What it
 * holds back beyond an EAGAIN waits until the descriptor is readable again. Where the mailbox is full the
 * descriptor is not polled, and one item stays in hand.
 * The descriptor is the caller's: it becomes non-blocking, nobody else polls it in the runtime, and it is
 * closed in destroy, which runs on the loop once it is polled no more, or here when this call fails.
 * On a loop of the program (uv.h) an open listener that is not paused keeps uv_run going.
 * Errors: as spawned_listen; EINVAL (no descriptor), EUNSUPPORTED (deterministic mode; a file or folder, which
 * is always readable: spawned_listen), EVERSION. As the outcome also: EEXIST (polled in the runtime already),
 * ESYSTEM (cannot be polled). Thread: any. Since 0.1. */
SPAWNED_API spawned_status spawned_listen_descriptor(spawned_pid to, const spawned_message_type *type,
                                                     int32_t descriptor, spawned_listener_fn next,
                                                     void *user_data, void (*destroy)(void *user_data),
                                                     spawned_token until,
                                                     spawned_response **out_response);

/* Makes a listener for a source that pushes to the actor `to`, until the token is cancelled (0: none).
 * call(user_data), if not NULL, tells the source to look again: once after each EFULL when there is room, and
 * when the listener is over from the other side, perhaps more than once. On any thread, perhaps before this
 * call has returned; it may only wake the source, by uv_async_send, spawned_uv_submit or the like.
 * destroy(user_data), if not NULL, runs once, on any thread: when the source has ended the listener and call
 * runs no more, or when this call fails.
 * The response is as of spawned_listen: what spawned_listener_end said, or ESTOPPED, then from the other
 * side's end on, whether the source has ended it or not.
 * Errors: EINVAL, ENOMEM, ESTOPPED, ESTOPPING, EFORKED; out_listener is then NULL, and out_response holds the
 * same error. Thread: any. Since 0.1. */
SPAWNED_API spawned_status spawned_listener_create(spawned_pid to, spawned_token until,
                                                   void (*call)(void *user_data), void *user_data,
                                                   void (*destroy)(void *user_data),
                                                   spawned_listener **out_listener,
                                                   spawned_response **out_response);

/* Sends a message made for the receiver, of any type, and never waits. Unless OK it stays the caller's, as with
 * spawned_message_try_send. EFULL: the source keeps it, pauses, and pushes it again when it is called; a push
 * for nothing does no harm. ESTOPPED: either side has ended the listener, every further push says so.
 * Errors: EINVAL (also a message for somebody else), EFULL, ENOMEM, ESTOPPED, ESTOPPING (the receiver drains),
 * EFORKED. Thread: owner. Since 0.1. */
SPAWNED_API spawned_status spawned_listener_push(spawned_listener *listener, spawned_message *message);

/* The source ends: the response is told the status (OK: there is no further item), and for a failure the text
 * (NULL: none, up to 1 KiB is copied), unless the other side was first. Not within call. NULL does nothing.
 * Thread: owner. Since 0.1. */
SPAWNED_API void spawned_listener_end(spawned_listener *listener, spawned_status status,
                                      const char *text, size_t length);

SPAWNED_END_C

#endif
