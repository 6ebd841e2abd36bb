/* Cancellation tokens: a number that many hold, and that tells all of them to stop.
 *
 * A token is cancelled once and stays so: whoever asks or begins to wait afterwards is told at once. It
 * ends by being cancelled: by anybody who has its number, with its parent, with its actor, or by the
 * runtime's shutdown, whatever is first. So whoever makes one for an operation cancels it when the operation
 * is over; a token that is gone reads as cancelled. Numbers cost nothing to copy and are never freed.
 * 0 may be given wherever a token is asked about, and is never cancelled.
 *
 * Everything that hangs on a token happens in the order it was asked for, once, also when the cancellation
 * races with the asking; then its children are cancelled. Messages: spawned_send_on_cancel (event.h). */
#ifndef SPAWNED_TOKEN_H
#define SPAWNED_TOKEN_H

#include <spawned/types.h>

SPAWNED_BEGIN_C

/* Makes a token, cancelled with its parent (0: none). Of a cancelled parent it is cancelled already.
 * Errors: EINVAL (the parent is of another runtime), ENOMEM, ESTOPPING, EFORKED; out_token is then 0.
 * Thread: any. Since 0.1. */
SPAWNED_API spawned_status spawned_token_create(spawned_runtime *runtime, spawned_token parent,
                                                spawned_token *out_token);

/* The actor's own token, the same at every call: cancelled when the actor is asked to stop, is killed or
 * begins to end, before its running handler has returned, which may ask it. Cancelling it stops nobody.
 * Errors: EINVAL, ENOMEM, ESTOPPED, ESTOPPING, EFORKED. Thread: any. Since 0.1. */
SPAWNED_API spawned_status spawned_token_of_actor(spawned_pid pid, spawned_token *out_token);

/* Cancels, and runs what hangs on the token before it returns. Repeating is harmless.
 * Errors: EINVAL (0, impossible), EALREADY (it was cancelled or is gone), ENOMEM (the thread's first call),
 * EFORKED. Thread: any. Since 0.1. */
SPAWNED_API spawned_status spawned_token_cancel(spawned_token token);

/* 1 when the token is cancelled, gone, or no token at all; 0 while it is not, and for 0. Costs two loads.
 * Thread: any. Since 0.1. */
SPAWNED_API int32_t spawned_token_is_cancelled(spawned_token token);

/* Runs callback(user_data) once: when the token is cancelled, on the thread that does it, or within this
 * call when it is already. It must not wait for anything. out_event may be NULL; with
 * spawned_event_cancel OK the callback will not run.
 * Errors: EINVAL (0, impossible, no callback), ENOMEM, EFORKED; the callback will not run then.
 * Thread: any. Since 0.1. */
SPAWNED_API spawned_status spawned_token_on_cancel(spawned_token token, void (*callback)(void *user_data),
                                                   void *user_data, spawned_event *out_event);

/* A response that is ready, with OK and no value, once the token is cancelled; to be awaited or waited
 * for. timeout: default SPAWNED_FOREVER. Released, it leaves nothing behind.
 * Errors: EINVAL (0, impossible), ENOMEM, EFORKED; out_response holds the same error.
 * Thread: any. Since 0.1. */
SPAWNED_API spawned_status spawned_token_response(spawned_token token, spawned_duration timeout,
                                                  spawned_response **out_response);

SPAWNED_END_C

#endif
