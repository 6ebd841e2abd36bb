/* An actor that writes down which ends it is told of, and the numbers among them; beside that it does what its
 * messages say, as a scripted one does. */
#ifndef SPAWNED_TESTS_SUPPORT_WITNESS_H
#define SPAWNED_TESTS_SUPPORT_WITNESS_H

#include "script.h"

typedef struct witness witness;

extern const spawned_message_type witness_ended_type; /* spawned_ended */
/* Handles that, the types of script.h and harness_number_type. */
extern const spawned_behavior witness_behavior;

/* Belongs to the program and outlives every runtime. */
witness *witness_new(harness *h);
/* 0, after saying why, when that fails. options may be NULL. */
spawned_pid witness_start(witness *own, const spawned_actor_options *options);
/* Options to start it with by other means. */
spawned_actor_options witness_options(witness *own);

/* From its start on it traps exits, as witness_ended_type. */
void witness_will_trap(witness *own);
/* started returns this, with the text (NULL: none). */
void witness_will_fail(witness *own, spawned_status status, const char *text);
/* Called after an end was written down. */
typedef spawned_status (*witness_act)(spawned_context *context, void *argument,
                                      const spawned_ended *told);
void witness_on_ended(witness *own, witness_act act, void *argument);

size_t witness_count(witness *own);
/* The index-th end it was told of; zeros when there is none. */
spawned_ended witness_end(witness *own, size_t index);
bool witness_wait(witness *own, size_t count);
/* Its story: "i s 1 E7 2 x d" = init, started, the number 1, an end with the tag 7, the number 2, stopped,
 * destroyed. */
const char *witness_story(witness *own);
/* What `stopped` was told; RUNNING: it has not run. */
spawned_exit witness_exit(witness *own);

/* Acts for script_run and its like. argument: spawned_status *, which an actor fails with, and says "gone". */
spawned_status witness_fail(spawned_context *context, void *state, void *argument);

#endif
