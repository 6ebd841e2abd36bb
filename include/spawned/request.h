/* Asking: a request is a message whose sender waits for one answer.
 *
 * Every request ends in exactly one way: a value, SPAWNED_ETIMEDOUT, SPAWNED_ESTOPPED (the actor ended),
 * SPAWNED_ENOREPLY (nobody will answer), SPAWNED_EFULL (dropped by its mailbox), SPAWNED_EDEADLK (it
 * would wait in a circle), or what the answering side failed with. A timeout does not stop the handler.
 *
 * A response is the asking side of one request: one owner, released once, in any state. Releasing never
 * retracts the message. It may outlive its runtime. It may hold an error from the start, so it is
 * never NULL, and a refusal allocates nothing. */
#ifndef SPAWNED_REQUEST_H
#define SPAWNED_REQUEST_H

#include <spawned/message.h>
#include <spawned/types.h>

SPAWNED_BEGIN_C

/* Sends a request and waits for its answer, moved bytewise to out_value (may be NULL when the type has
 * no reply type; then also a way to know that the message was handled). timeout: default 5 s.
 * Inside a handler the actor handles nothing else meanwhile; on the pool a spare worker takes over.
 * Errors: as spawned_send, and every ending above. EUNSUPPORTED: the answer is pinned.
 * Thread: any. Blocks. Since 0.1. */
SPAWNED_API spawned_status spawned_request(spawned_pid to, const spawned_message_type *type,
                                           const void *value, spawned_duration timeout, void *out_value);

/* Sends the message as a request; it is consumed. The clock starts now; timeout: default 5 s.
 * Errors: as spawned_message_send; out_response holds the same error and must still be released.
 * Thread: owner (of the message). Since 0.1. */
SPAWNED_API spawned_status spawned_message_request(spawned_message *message, spawned_duration timeout,
                                                   spawned_response **out_response);

/* A response that whoever holds out_reply completes, from any thread, with a value of type (NULL: none).
 * timeout: default SPAWNED_FOREVER. Errors: EINVAL, ENOMEM, ESTOPPING, EFORKED. Thread: any. Since 0.1. */
SPAWNED_API spawned_status spawned_promise_create(spawned_runtime *runtime,
                                                  const spawned_message_type *type,
                                                  spawned_duration timeout, spawned_reply_to *out_reply,
                                                  spawned_response **out_response);

/* A response that is ready, with OK and no value, after delay. Errors: as above. Thread: any. Since 0.1. */
SPAWNED_API spawned_status spawned_sleep(spawned_runtime *runtime, spawned_duration delay,
                                         spawned_response **out_response);

/* A response that holds status, which must not be OK; EAGAIN, which is no outcome, is held as EFAILED. Cannot fail and
 * allocates nothing. Thread: any. Since 0.1. */
SPAWNED_API spawned_response *spawned_response_of_error(spawned_status status);

/* The outcome, or EAGAIN while there is none. OK: a value, or a completion without one, is there.
 * Errors: EINVAL, EAGAIN, or the request's ending. Thread: owner. Since 0.1. */
SPAWNED_API spawned_status spawned_response_poll(spawned_response *response);

/* Waits for the outcome, timeout at most (default SPAWNED_FOREVER: the request has its own), and returns
 * it; EAGAIN when this wait's time is over first.
 * Errors: EINVAL, EAGAIN, EDEADLK, or the request's ending. Thread: owner. Blocks. Since 0.1. */
SPAWNED_API spawned_status spawned_response_wait(spawned_response *response, spawned_duration timeout);

/* The value in place: borrowed, mutable, until release, which ends it. out_size may be NULL.
 * Errors: EINVAL, EAGAIN, EALREADY (taken), or the request's ending. Thread: owner. Since 0.1. */
SPAWNED_API spawned_status spawned_response_value(spawned_response *response, void **out_value,
                                                  size_t *out_size);

/* Moves the value out bytewise; it is the caller's then. out_value may be NULL when there is none.
 * Errors: as spawned_response_value, and EUNSUPPORTED for a pinned or variable type.
 * Thread: owner. Since 0.1. */
SPAWNED_API spawned_status spawned_response_take(spawned_response *response, void *out_value);

/* The outcome, and a failure's text where there is one: of spawned_reply_fail, of the ended actor's
 * failure, or the names of a wait cycle. Borrowed until release; empty otherwise.
 * Errors: as spawned_response_poll. Thread: owner. Since 0.1. */
SPAWNED_API spawned_status spawned_response_error(spawned_response *response, const char **out_text,
                                                  size_t *out_length);

/* Rings bell(user_data) once, when the outcome is there (within this call if it already is). bell runs
 * on any thread and may only wake somebody. A NULL bell takes the last one away: after it returned,
 * that bell will not begin to ring; it is EALREADY when it has rung or is ringing.
 * Errors: EINVAL, EALREADY (a bell or an await is set), ENOMEM. Thread: owner. Since 0.1. */
SPAWNED_API spawned_status spawned_response_bell(spawned_response *response, void (*bell)(void *user_data),
                                                 void *user_data);

/* Ends the response in any state; a value not taken is destroyed. NULL does nothing.
 * Thread: owner. Since 0.1. */
SPAWNED_API void spawned_response_release(spawned_response *response);

/* The rest of a handler that awaits. ready is the index of a response that has its outcome. The return
 * value counts as the handler's. */
typedef spawned_status (*spawned_resume_fn)(spawned_context *context, void *state, size_t ready,
                                            void *user_data);

/* From a handler or a hook, as its last act: suspends the actor until one of the responses is ready,
 * then runs resume on its backend. Meanwhile the actor handles no other message. Exactly one of resume
 * and drop runs, never inside this call: drop (may be NULL) when the actor is killed first. The array
 * is copied, the responses stay the caller's, normally reached through user_data.
 * Errors, with nothing taken: EINVAL (count 0 or above 65,536, or a response of another runtime), ENOMEM,
 * ECONTEXT, EALREADY (an await is registered, or a response has a bell). A wait that closes a circle resumes at once, and the response's
 * outcome is EDEADLK. Thread: handler. Since 0.1. */
SPAWNED_API spawned_status spawned_await(spawned_context *context, spawned_response *const *responses,
                                         size_t count, spawned_resume_fn resume, void *user_data,
                                         void (*drop)(void *user_data));

SPAWNED_END_C

#endif
