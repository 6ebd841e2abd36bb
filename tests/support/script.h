/* Actors that do what each message tells them: the message carries the function to run as its handler,
 * so that a test can keep a handler beside its expectations. And gates: one-shot signals that a test
 * and a handler pass one another through promises, so that they work on every backend, the
 * deterministic one included. */
#ifndef SPAWNED_TESTS_SUPPORT_SCRIPT_H
#define SPAWNED_TESTS_SUPPORT_SCRIPT_H

#include "harness.h"

typedef struct script_act {
    spawned_handler_fn run; /* called with argument in the place of the value */
    void *argument;
} script_act;

extern const spawned_message_type script_number_type; /* int64_t */
extern const spawned_message_type script_tell_type;   /* script_act; answered without a value */
extern const spawned_message_type script_ask_type;    /* script_act; answered with a number */
extern const spawned_message_type script_skip_type; /* as ask, and dropped when past its deadline */

/* As an act, with a value whose destructor is counted; answered with such a value. */
typedef struct script_gift {
    script_act act;
    harness_tracked tracked;
} script_gift;

extern const spawned_message_type script_give_type;

/* Handles the types above. Its state is one int64_t, zero at first. */
extern const spawned_behavior script_behavior;

/* On the mode's backend; 0, after saying why, when that fails. */
spawned_pid script_start(harness *h);
/* The same with a behavior of another name: "ann", "bert", "cora", "dirk", "emma", "finn" by index. */
spawned_pid script_start_named(harness *h, size_t index);

/* Sends; returns at once. */
spawned_status script_tell(spawned_pid to, spawned_handler_fn run, void *argument);
/* Runs a handler in the actor and returns once it has been handled: OK, or how the request ended. */
spawned_status script_run(spawned_pid to, spawned_handler_fn run, void *argument);
/* Asks for a number and waits for it, without limit. */
spawned_status script_ask(spawned_pid to, spawned_handler_fn run, void *argument,
                          int64_t *out_number);
/* Asks for a number; never NULL. */
spawned_response *script_request(spawned_pid to, spawned_handler_fn run, void *argument,
                                 spawned_duration timeout);
/* The same for a message without an answer's value. */
spawned_response *script_request_run(spawned_pid to, spawned_handler_fn run, void *argument,
                                     spawned_duration timeout);
/* The same for a gift, made here. */
spawned_response *script_request_gift(harness *h, spawned_pid to, spawned_handler_fn run,
                                      void *argument, spawned_duration timeout);
/* Waits for the outcome, without limit, and releases the response. */
spawned_status script_finish(spawned_response *response);

/* Handlers for common needs. argument as told. */
spawned_status script_nothing(spawned_context *context, void *state, void *argument);
/* argument: int64_t *, replied. */
spawned_status script_reply_number(spawned_context *context, void *state, void *argument);
/* argument: harness *. The answer is a tracked value that holds 7. */
spawned_status script_reply_tracked(spawned_context *context, void *state, void *argument);
/* argument: spawned_reply_to *, receives the detached handle. */
spawned_status script_detach(spawned_context *context, void *state, void *argument);
/* argument: spawned_status *, returned: a failure ends the actor. */
spawned_status script_return(spawned_context *context, void *state, void *argument);
spawned_status script_stop(spawned_context *context, void *state, void *argument);
/* argument: int64_t *, incremented; and the same number in the actor's own state. */
spawned_status script_count(spawned_context *context, void *state, void *argument);

typedef struct script_gate {
    spawned_reply_to key;
    spawned_response *response;
} script_gate;

spawned_status script_gate_create(harness *h, script_gate *gate);
spawned_status script_gate_open(script_gate *gate);
spawned_status script_gate_wait(script_gate *gate); /* blocks the caller; a handler is helped */
void script_gate_release(script_gate *gate);

/* A handler that says it has arrived and then blocks until it is let go. argument: script_hold *. */
typedef struct script_hold {
    script_gate arrived;
    script_gate let_go;
} script_hold;

spawned_status script_hold_handler(spawned_context *context, void *state, void *argument);
/* Makes the actor hold; returns once its handler has arrived. */
spawned_status script_hold_begin(script_hold *hold, harness *h, spawned_pid actor);
spawned_status script_hold_end(
    script_hold *hold);                      /* opens; the hold's memory must outlive the handler */
void script_hold_release(script_hold *hold); /* after the handler ended */

/* A handler that awaits: argument: script_wait *, filled with the responses and, unless noting is all, with
 * what to do on resuming. */
typedef struct script_wait {
    spawned_response *responses[4]; /* the test's to release */
    size_t count;
    spawned_status (*then)(spawned_context *context, struct script_wait *wait);
    void *data;                     /* for then */
    _Atomic spawned_status awaited; /* what spawned_await answered */
    spawned_status outcome;         /* of the response that was ready */
    size_t ready;
    _Atomic int resumed, dropped;
    bool inside, resumed_inside; /* whether resume or drop ran within spawned_await */
} script_wait;

spawned_status script_await(spawned_context *context, void *state, void *argument);
/* The same from a hook or a continuation, which have no argument. */
spawned_status script_await_more(spawned_context *context, script_wait *wait);

#endif
