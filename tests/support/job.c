/* Blocking work: see job.h. */
#include "job.h"

#include <stdlib.h>

spawned_status job_run(void *user_data, void *value) {
    job *one = user_data;
    atomic_fetch_add(&one->begun, 1);
    if (one->waits_for != NULL) (void)script_gate_wait(one->waits_for);
    if (one->gate != NULL) harness_gate_pass(one->gate);
    if (value != NULL && one->status == SPAWNED_OK && !one->leaves_the_value) {
        if (one->h == NULL)
            *(uint64_t *)value += 42;
        else
            *(harness_tracked *)value = harness_tracked_make(one->h, 42);
    }
    atomic_fetch_add(&one->ended, 1);
    if (one->text != NULL) return spawned_fail(one->status, one->text, SPAWNED_ZERO_TERMINATED);
    return one->status;
}

void job_destroy(void *user_data) { atomic_fetch_add(&((job *)user_data)->destroyed, 1); }

spawned_status job_start(harness *h, job *one, spawned_response **out_response) {
    return spawned_work_start(harness_runtime(h), NULL, job_run, one, job_destroy, 0,
                              SPAWNED_DEFAULT, out_response);
}

spawned_message *job_message(harness *h, spawned_pid to) {
    const harness_tracked value = harness_tracked_make(h, 1);
    spawned_message *message = NULL;
    if (spawned_message_create(to, &harness_tracked_type, &value, &message) != SPAWNED_OK) abort();
    return message;
}

bool job_has_begun(void *argument) { return atomic_load(&((job *)argument)->begun) != 0; }

bool job_is_destroyed(void *argument) { return atomic_load(&((job *)argument)->destroyed) != 0; }
