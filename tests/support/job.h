/* Blocking work for tests: what it waits for, how it ends, and a count of each step. */
#ifndef SPAWNED_TESTS_SUPPORT_JOB_H
#define SPAWNED_TESTS_SUPPORT_JOB_H

#include "script.h"

typedef struct job {
    harness *h; /* makes a tracked value; NULL: adds 42 to a number */
    bool leaves_the_value;
    script_gate *waits_for; /* within the library */
    harness_gate *gate;     /* outside of it */
    spawned_status status;
    const char *text;
    spawned_pid asks;       /* the test's */
    spawned_status seen[4]; /* the test's */
    _Atomic int begun, ended, destroyed;
} job;

/* The work, and the end of its user data, which is the job. */
spawned_status job_run(void *user_data, void *value);
void job_destroy(void *user_data);

/* Without a result. */
spawned_status job_start(harness *h, job *one, spawned_response **out_response);
/* A tracked message. */
spawned_message *job_message(harness *h, spawned_pid to);

/* Predicates; argument: the job. */
bool job_has_begun(void *argument);
bool job_is_destroyed(void *argument);

#endif
