/* Blocking work: its outcome as a response or a message. How it goes with its actor is work_end_test.c. */
#include "support/contract.h"
#include "support/job.h"

static spawned_message *number_for(spawned_pid to, uint64_t number) {
    spawned_message *message = NULL;
    assert_ok(spawned_message_create(to, &harness_number_type, &number, &message));
    return message;
}

static void end(spawned_pid pid) {
    assert_ok(spawned_actor_stop(pid));
    assert_ok(spawned_actor_join(pid, HARNESS_LONG));
}

/* X2 */
static void result_of_work_is_a_response(void **state) {
    harness *h = *state;
    static job one;
    one = (job){.h = h};
    spawned_response *response = NULL;
    harness_tracked result;
    assert_ok(spawned_work_start(harness_runtime(h), &harness_tracked_type, job_run, &one,
                                 job_destroy, 0, SPAWNED_DEFAULT, &response));
    assert_ok(spawned_response_wait(response, HARNESS_LONG));
    assert_int_equal(one.destroyed, 1); /* before the outcome is told */
    assert_ok(spawned_response_take(response, &result));
    assert_int_equal(result.number, 42);
    harness_tracked_type.destroy(&result, NULL);
    spawned_response_release(response);
}

static void failure_of_work_is_the_outcome_with_its_text(void **state) {
    harness *h = *state;
    static job one;
    one = (job){.status = 77, .text = "no such file"};
    spawned_response *response = NULL;
    const char *text = NULL;
    size_t length = 0;
    assert_ok(spawned_work_start(harness_runtime(h), &harness_number_type, job_run, &one,
                                 job_destroy, 0, SPAWNED_DEFAULT, &response));
    assert_status(spawned_response_wait(response, HARNESS_LONG), 77);
    assert_status(spawned_response_error(response, &text, &length), 77);
    assert_string_equal(text, "no such file");
    spawned_response_release(response);
}

static void work_that_blocks_delays_no_actor(void **state) {
    harness *h = *state;
    enum { JOBS = 12 };
    static job jobs[JOBS];
    static script_gate gate;
    spawned_response *responses[JOBS];
    const spawned_pid actor = script_start(h);
    assert_ok(script_gate_create(h, &gate));
    /* one gate has one waiter; the others stand behind a gate of the test's own */
    harness_gate *others = harness_gate_new(h);
    jobs[0] = (job){.waits_for = &gate};
    for (int i = 1; i < JOBS; i++) jobs[i] = (job){.gate = others};
    for (int i = 0; i < JOBS; i++) assert_ok(job_start(h, &jobs[i], &responses[i]));
    for (int i = 0; i < JOBS; i++) assert_true(harness_wait_until(h, job_has_begun, &jobs[i]));
    assert_ok(script_run(actor, script_nothing, NULL));
    assert_status(spawned_response_poll(responses[0]), SPAWNED_EAGAIN);
    assert_ok(script_gate_open(&gate));
    harness_gate_open(others);
    for (int i = 0; i < JOBS; i++) assert_ok(script_finish(responses[i]));
    script_gate_release(&gate);
    end(actor);
}

static void work_is_awaited_in_a_handler(void **state) {
    harness *h = *state;
    const spawned_pid actor = script_start(h);
    static job one;
    static script_wait wait;
    one = (job){.status = SPAWNED_OK};
    wait = (script_wait){.count = 1};
    assert_ok(job_start(h, &one, &wait.responses[0]));
    assert_ok(script_run(actor, script_await, &wait));
    assert_int_equal(wait.resumed, 1);
    assert_ok(wait.outcome);
    assert_int_equal(one.ended, 1);
    spawned_response_release(wait.responses[0]);
    end(actor);
}

static void releasing_the_response_does_not_retract_the_work(void **state) {
    harness *h = *state;
    static job one;
    one = (job){.h = h};
    spawned_response *response = NULL;
    assert_ok(spawned_work_start(harness_runtime(h), &harness_tracked_type, job_run, &one,
                                 job_destroy, 0, SPAWNED_DEFAULT, &response));
    spawned_response_release(response);
    assert_true(harness_wait_until(h, job_is_destroyed, &one));
    assert_int_equal(one.ended, 1);
    assert_int_equal(one.destroyed, 1);
}

static void work_goes_on_after_its_response_timed_out(void **state) {
    harness *h = *state;
    static job one;
    static script_gate gate;
    assert_ok(script_gate_create(h, &gate));
    one = (job){.h = h, .waits_for = &gate};
    spawned_response *response = NULL;
    assert_ok(spawned_work_start(harness_runtime(h), &harness_tracked_type, job_run, &one,
                                 job_destroy, 0, SPAWNED_MILLISECOND, &response));
    assert_status(spawned_response_wait(response, SPAWNED_FOREVER), SPAWNED_ETIMEDOUT);
    assert_int_equal(one.ended, 0);
    assert_ok(script_gate_open(&gate));
    assert_true(harness_wait_until(h, job_is_destroyed, &one));
    spawned_response_release(response);
    script_gate_release(&gate);
}

/* SM1 */
static void message_is_sent_once_when_the_work_has_returned(void **state) {
    harness *h = *state;
    harness_probe *probe = harness_probe_new(h);
    const spawned_pid receiver = harness_probe_start(h, probe, NULL);
    static job one;
    static script_gate gate;
    assert_ok(script_gate_create(h, &gate));
    one = (job){.waits_for = &gate};
    spawned_event event = 0;
    assert_ok(spawned_send_on_work(job_run, &one, job_destroy, number_for(receiver, 100), &event));
    assert_true(harness_wait_until(h, job_has_begun, &one));
    assert_true(harness_settle(h));
    assert_story(probe, "i s");
    assert_ok(script_gate_open(&gate));
    assert_true(harness_probe_wait(probe, HARNESS_MESSAGE, 1));
    assert_story(probe, "i s 142"); /* which the work may change */
    assert_int_equal(one.destroyed, 1);
    assert_status(spawned_event_cancel(event), SPAWNED_EALREADY);
    script_gate_release(&gate);
    end(receiver);
}

/* SM6 */
static void work_that_fails_sends_nothing_and_leaves_the_receiver_alone(void **state) {
    harness *h = *state;
    harness_probe *probe = harness_probe_new(h);
    const spawned_pid receiver = harness_probe_start(h, probe, NULL);
    static job one;
    one = (job){.status = 7, .text = "the disk is full"};
    assert_ok(spawned_send_on_work(job_run, &one, job_destroy, number_for(receiver, 1), NULL));
    assert_true(harness_wait_until(h, job_is_destroyed, &one));
    assert_ok(harness_send_number(receiver, 2));
    assert_true(harness_probe_wait(probe, HARNESS_MESSAGE, 1));
    assert_story(probe, "i s 2");
    end(receiver);
    assert_ok(spawned_runtime_shutdown(harness_runtime(h), HARNESS_LONG));
    assert_int_equal(harness_log_count(h, SPAWNED_LOG_WARNING, "the disk is full"), 1);
}

static spawned_status call_back(void *user_data, void *value) {
    job *one = user_data;
    (void)value;
    int64_t number = 5, answer = 0;
    one->seen[0] = script_ask(one->asks, script_reply_number, &number, &answer);
    if (answer != 5) one->seen[0] = SPAWNED_EFAILED;
    one->seen[1] = spawned_runtime_shutdown(spawned_pid_runtime(one->asks), SPAWNED_NO_WAIT);
    one->seen[2] = spawned_deterministic_run(spawned_pid_runtime(one->asks), 0, NULL);
    (void)spawned_actor_stop(one->asks); /* the shutdown has done so, unless it was refused */
    one->seen[3] = spawned_actor_join(one->asks, HARNESS_LONG);
    return SPAWNED_OK;
}

static void work_calls_the_library_like_any_other_thread(void **state) {
    harness *h = *state;
    static job one;
    one = (job){.asks = script_start(h)};
    spawned_response *response = NULL;
    assert_ok(spawned_work_start(harness_runtime(h), NULL, call_back, &one, NULL, 0,
                                 SPAWNED_DEFAULT, &response));
    assert_ok(script_finish(response));
    assert_ok(one.seen[0]);
    assert_status(one.seen[1], harness_mode_of(h) == HARNESS_HOST
                                   ? SPAWNED_ECONTEXT  /* without a thread of the library */
                                   : SPAWNED_EDEADLK); /* which has begun, though */
    assert_status(one.seen[2],
                  harness_is_deterministic(h) ? SPAWNED_EDEADLK : SPAWNED_EUNSUPPORTED);
    assert_ok(one.seen[3]);
}

static void many_works_at_once_each_have_one_outcome(void **state) {
    harness *h = *state;
    enum { JOBS = 300 };
    static job jobs[JOBS];
    static spawned_response *responses[JOBS];
    harness_probe *probe = harness_probe_new(h);
    const spawned_pid receiver = harness_probe_start(h, probe, NULL);
    for (int i = 0; i < JOBS; i++) {
        jobs[i] = (job){.status = i % 3 == 0 ? 5 : SPAWNED_OK};
        if (i % 2 == 0)
            assert_ok(job_start(h, &jobs[i], &responses[i]));
        else
            assert_ok(spawned_send_on_work(job_run, &jobs[i], job_destroy, number_for(receiver, 0),
                                           NULL));
    }
    for (int i = 0; i < JOBS; i += 2) assert_status(script_finish(responses[i]), jobs[i].status);
    assert_true(harness_probe_wait(probe, HARNESS_MESSAGE, 100));
    for (int i = 0; i < JOBS; i++) assert_true(harness_wait_until(h, job_is_destroyed, &jobs[i]));
    for (int i = 0; i < JOBS; i++) assert_int_equal(jobs[i].ended + jobs[i].destroyed, 2);
    end(receiver);
}

/* AB04 */
static void work_that_cannot_be_is_refused_and_its_user_data_ended(void **state) {
    harness *h = *state;
    spawned_runtime *runtime = harness_runtime(h);
    const spawned_pid receiver = script_start(h);
    static job one;
    one = (job){.status = SPAWNED_OK};
    spawned_response *response = NULL;
    spawned_event event = 7;
    static const spawned_message_type variable = {.size = sizeof variable,
                                                  .name = "variable",
                                                  .value_size = 8,
                                                  .flags = SPAWNED_TYPE_VARIABLE};
#define refuse(status, runtime, type, run, flags)                                      \
    do {                                                                               \
        assert_status(spawned_work_start(runtime, type, run, &one, job_destroy, flags, \
                                         SPAWNED_DEFAULT, &response),                  \
                      status);                                                         \
        assert_status(spawned_response_poll(response), status);                        \
        spawned_response_release(response);                                            \
    } while (0)
    refuse(SPAWNED_EINVAL, NULL, NULL, job_run, 0);
    refuse(SPAWNED_EINVAL, runtime, NULL, NULL, 0);
    refuse(SPAWNED_EINVAL, runtime, NULL, job_run, 2);
    refuse(SPAWNED_EUNSUPPORTED, runtime, &variable, job_run, 0);
    assert_status(spawned_work_start(runtime, NULL, job_run, &one, job_destroy, 0, SPAWNED_DEFAULT,
                                     NULL),
                  SPAWNED_EINVAL);
    assert_int_equal(one.destroyed, 5);
    assert_status(spawned_send_on_work(NULL, &one, job_destroy, job_message(h, receiver), &event),
                  SPAWNED_EINVAL);
    assert_int_equal(event, 0);
    assert_status(spawned_send_on_work(job_run, &one, job_destroy, NULL, &event), SPAWNED_EINVAL);
    spawned_message *late = job_message(h, receiver);
    end(receiver);
    assert_status(spawned_send_on_work(job_run, &one, job_destroy, late, &event), SPAWNED_ESTOPPED);
    assert_int_equal(one.destroyed, 8);
    assert_int_equal(one.begun, 0);
    assert_int_equal(harness_tracked_destroyed(h), 2);
}

int main(int argc, char **argv) {
    static const struct CMUnitTest tests[] = {
        HARNESS_TEST(result_of_work_is_a_response),
        HARNESS_TEST(failure_of_work_is_the_outcome_with_its_text),
        HARNESS_TEST(work_that_blocks_delays_no_actor),
        HARNESS_TEST(work_is_awaited_in_a_handler),
        HARNESS_TEST(releasing_the_response_does_not_retract_the_work),
        HARNESS_TEST(work_goes_on_after_its_response_timed_out),
        HARNESS_TEST(message_is_sent_once_when_the_work_has_returned),
        HARNESS_TEST(work_that_fails_sends_nothing_and_leaves_the_receiver_alone),
        HARNESS_TEST(work_calls_the_library_like_any_other_thread),
        HARNESS_TEST(many_works_at_once_each_have_one_outcome),
        HARNESS_TEST(work_that_cannot_be_is_refused_and_its_user_data_ended),
    };
    return harness_main(argc, argv, tests, sizeof tests / sizeof *tests);
}
