/* Blocking work: a function that runs on the blocking pool, beside the actors, and yields a response or
 * a message.
 *
 * Work that is begun is never interrupted; it may ask a token whether to go on (token.h). Work that
 * belongs to an actor and has not begun when that actor ends is not begun any more: a response belongs to
 * the actor in whose handler it was asked for, a message to its receiver. The runtime's shutdown
 * begins no further work, and waits, until its deadline, for what has begun. */
#ifndef SPAWNED_WORK_H
#define SPAWNED_WORK_H

#include <spawned/message.h>
#include <spawned/types.h>

/* The work: outside every actor, on a thread that may block, and may call the library like any other
 * thread. value: where it builds its result, of the response's type (NULL for none); or the message's
 * value, which it may change. Returns OK, or a failure, with a text by spawned_fail (actor.h); of a
 * failure no value is taken. */
typedef spawned_status (*spawned_work_fn)(void *user_data, void *value);

/* work: flags */
enum {
    /* user_data belongs to the handler that is about to await the response: when its actor is killed
     * meanwhile, the await is dropped only after the work has returned. */
    SPAWNED_WORK_BORROWS = 1
};

SPAWNED_BEGIN_C

/* Begins work, soon, and yields its result as a response; type: of the result, not VARIABLE, or NULL.
 * The outcome: OK and a value, what the work failed with, or ESTOPPED when it was not begun.
 * destroy(user_data), if not NULL, runs once, on any thread: when the work has returned or will not be begun,
 * also when this call fails, and before the outcome is told. timeout: default SPAWNED_FOREVER; the work goes
 * on after it. Releasing the response does not retract the work.
 * Errors: EINVAL, EUNSUPPORTED (the type is VARIABLE), ENOMEM, ESTOPPING, ESYSTEM (no thread), EFORKED;
 * out_response holds the same error. In deterministic mode the work is a turn among the others.
 * Thread: any. Since 0.1. */
SPAWNED_API spawned_status spawned_work_start(spawned_runtime *runtime, const spawned_message_type *type,
                                              spawned_work_fn work, void *user_data,
                                              void (*destroy)(void *user_data), uint32_t flags,
                                              spawned_duration timeout,
                                              spawned_response **out_response);

/* Begins work, soon, and sends message when it has returned OK; of a failure the message is destroyed and
 * the log told. The message is consumed whatever is returned, destroy as above. out_event may be NULL;
 * spawned_event_cancel (event.h) OK means that the message will not be handled; the work is not begun if it
 * was not yet.
 * Errors: EINVAL, ENOMEM, ESTOPPED (the receiver), ESTOPPING, ESYSTEM, EFORKED.
 * Thread: owner (of the message). Since 0.1. */
SPAWNED_API spawned_status spawned_send_on_work(spawned_work_fn work, void *user_data,
                                                void (*destroy)(void *user_data),
                                                spawned_message *message, spawned_event *out_event);

SPAWNED_END_C

#endif
