/* Blocking work whose actor ends, whose event is cancelled, or whose runtime shuts down. */
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

static void one_blocking_thread(spawned_runtime_options *options) { options->blocking_threads = 1; }
static const harness_config narrow = {one_blocking_thread};

/* A work that keeps the only blocking thread until the gate opens. */
static void occupy(harness *h, job *one, script_gate *gate, spawned_response **response) {
    assert_ok(script_gate_create(h, gate));
    *one = (job){.waits_for = gate};
    if (harness_is_deterministic(h)) { /* nobody runs unless asked */
        *response = NULL;
        return;
    }
    assert_ok(job_start(h, one, response));
    assert_true(harness_wait_until(h, job_has_begun, one));
}

/* SM2 */
static void work_is_not_begun_when_its_receiver_has_ended(void **state) {
    harness *h = *state;
    if (harness_mode_of(h) == HARNESS_BLOCKING) skip(); /* its actors need the only thread */
    const spawned_pid receiver = harness_probe_start(h, harness_probe_new(h), NULL);
    static job busy, one;
    spawned_response *first = NULL;
    static script_gate gate;
    occupy(h, &busy, &gate, &first);
    one = (job){.leaves_the_value = true};
    spawned_event event = 0;
    assert_ok(spawned_send_on_work(job_run, &one, job_destroy, job_message(h, receiver), &event));
    if (harness_is_deterministic(h))
        assert_ok(spawned_event_cancel(event)); /* the seed may run the work first */
    end(receiver);
    assert_int_equal(one.destroyed, 1);
    assert_int_equal(harness_tracked_destroyed(h), 1);
    assert_status(spawned_event_cancel(event), SPAWNED_EALREADY);
    assert_ok(script_gate_open(&gate));
    if (first != NULL) assert_ok(script_finish(first));
    script_gate_release(&gate);
    assert_ok(spawned_runtime_shutdown(harness_runtime(h), HARNESS_LONG));
    assert_int_equal(one.begun, 0);
    assert_int_equal(one.destroyed, 1);
}

/* SM3, SM4 */
static void work_that_has_begun_goes_on_without_its_receiver_and_sends_nothing(void **state) {
    harness *h = *state;
    const spawned_pid receiver = script_start(h);
    static job one;
    static script_gate gate;
    assert_ok(script_gate_create(h, &gate));
    one = (job){.waits_for = &gate, .leaves_the_value = true};
    spawned_event event = 0;
    assert_ok(spawned_send_on_work(job_run, &one, job_destroy, job_message(h, receiver), &event));
    assert_true(harness_wait_until(h, job_has_begun, &one));
    end(receiver);
    assert_status(spawned_event_cancel(event), SPAWNED_EALREADY);
    assert_int_equal(one.ended, 0);
    assert_ok(script_gate_open(&gate));
    assert_true(harness_wait_until(h, job_is_destroyed, &one));
    script_gate_release(&gate);
    assert_ok(spawned_runtime_shutdown(harness_runtime(h), HARNESS_LONG));
    assert_int_equal(one.ended, 1);
    assert_int_equal(harness_tracked_destroyed(h), 1);
    assert_int_equal(harness_stats(h).messages_sent, 0);
}

static void cancelled_work_that_runs_ends_without_its_message(void **state) {
    harness *h = *state;
    harness_probe *probe = harness_probe_new(h);
    const spawned_pid receiver = harness_probe_start(h, probe, NULL);
    static job one;
    static script_gate gate;
    assert_ok(script_gate_create(h, &gate));
    one = (job){.waits_for = &gate};
    spawned_event event = 0;
    assert_ok(spawned_send_on_work(job_run, &one, job_destroy, number_for(receiver, 1), &event));
    assert_true(harness_wait_until(h, job_has_begun, &one));
    assert_ok(spawned_event_cancel(event));
    assert_status(spawned_event_cancel(event), SPAWNED_EALREADY);
    assert_ok(script_gate_open(&gate));
    assert_true(harness_wait_until(h, job_is_destroyed, &one));
    assert_true(harness_settle(h));
    assert_story(probe, "i s");
    script_gate_release(&gate);
    end(receiver);
}

struct started_inside {
    job *one;
    spawned_response *response;
    spawned_status status;
};

static spawned_status start_inside(spawned_context *context, void *state, void *argument) {
    (void)state;
    struct started_inside *inside = argument;
    inside->status =
        spawned_work_start(spawned_context_runtime(context), NULL, job_run, inside->one,
                           job_destroy, 0, SPAWNED_DEFAULT, &inside->response);
    return spawned_context_stop(context);
}

static void work_of_an_actor_that_has_ended_is_not_begun(void **state) {
    harness *h = *state;
    if (harness_mode_of(h) == HARNESS_BLOCKING) skip(); /* its actors need the only thread */
    REQUIRE_THREADS(h);
    static job busy, one;
    spawned_response *first = NULL;
    static script_gate gate;
    occupy(h, &busy, &gate, &first);
    one = (job){.status = SPAWNED_OK};
    static struct started_inside inside;
    inside = (struct started_inside){&one, NULL, SPAWNED_EAGAIN};
    const spawned_pid actor = script_start(h);
    assert_ok(script_run(actor, start_inside, &inside));
    assert_ok(inside.status);
    assert_ok(spawned_actor_join(actor, HARNESS_LONG));
    assert_int_equal(one.destroyed, 1);
    assert_status(spawned_response_poll(inside.response), SPAWNED_ESTOPPED);
    spawned_response_release(inside.response);
    assert_ok(script_gate_open(&gate));
    assert_ok(script_finish(first));
    script_gate_release(&gate);
    assert_ok(spawned_runtime_shutdown(harness_runtime(h), HARNESS_LONG));
    assert_int_equal(one.begun, 0);
}

struct lending {
    job one;
    script_wait wait;
    uint32_t flags;
    _Atomic int ended_before_drop;
};

static void note_order(void *user_data) {
    struct lending *lending = user_data;
    atomic_store(&lending->ended_before_drop, atomic_load(&lending->one.ended));
    atomic_fetch_add(&lending->wait.dropped, 1);
}

static spawned_status never_resumed(spawned_context *context, void *state, size_t ready,
                                    void *user_data) {
    (void)context, (void)state, (void)ready;
    atomic_fetch_add(&((struct lending *)user_data)->wait.resumed, 1);
    return SPAWNED_OK;
}

static spawned_status lend_and_await(spawned_context *context, void *state, void *argument) {
    (void)state;
    struct lending *lending = argument;
    (void)spawned_work_start(spawned_context_runtime(context), NULL, job_run, &lending->one,
                             job_destroy, lending->flags, SPAWNED_DEFAULT,
                             &lending->wait.responses[0]);
    return spawned_await(context, lending->wait.responses, 1, never_resumed, lending, note_order);
}

static void await_is_dropped_after_work_that_borrows_from_it_has_returned(void **state) {
    harness *h = *state;
    static struct lending lending;
    static script_gate gate;
    for (uint32_t flags = 0; flags < 2; flags++) {
        assert_ok(script_gate_create(h, &gate));
        lending = (struct lending){.one = {.waits_for = &gate}, .flags = flags};
        const spawned_pid actor = script_start(h);
        assert_ok(script_tell(actor, lend_and_await, &lending));
        assert_true(harness_wait_until(h, job_has_begun, &lending.one));
        assert_true(harness_settle(h));
        assert_ok(spawned_actor_kill(actor));
        assert_true(harness_settle(h));
        if (flags == SPAWNED_WORK_BORROWS) {
            assert_int_equal(lending.wait.dropped, 0);
            assert_ok(script_gate_open(&gate));
            assert_ok(spawned_actor_join(actor, HARNESS_LONG));
            assert_int_equal(lending.ended_before_drop, 1);
        } else {
            assert_ok(spawned_actor_join(actor, HARNESS_LONG));
            assert_int_equal(lending.ended_before_drop, 0);
            assert_ok(script_gate_open(&gate));
            assert_true(harness_wait_until(h, job_is_destroyed, &lending.one));
        }
        assert_int_equal(lending.wait.dropped, 1);
        assert_int_equal(lending.wait.resumed, 0);
        assert_ok(script_finish(lending.wait.responses[0]));
        script_gate_release(&gate);
    }
}

/* SH05 */
static void shutdown_waits_for_work_that_has_begun_and_begins_none(void **state) {
    harness *h = *state;
    if (harness_is_deterministic(h)) skip(); /* nothing has begun there that could go on */
    static job busy, one;
    spawned_response *first = NULL, *second = NULL, *late = NULL;
    static script_gate gate;
    occupy(h, &busy, &gate, &first);
    one = (job){.status = SPAWNED_OK};
    assert_ok(job_start(h, &one, &second));
    assert_status(spawned_runtime_shutdown(harness_runtime(h), SPAWNED_MILLISECOND),
                  SPAWNED_ETIMEDOUT);
    assert_int_equal(harness_log_count(h, SPAWNED_LOG_ERROR, "blocking work, 2"), 1);
    static job refused;
    refused = (job){.status = SPAWNED_OK};
    assert_status(job_start(h, &refused, &late), SPAWNED_ESTOPPING);
    assert_status(spawned_response_poll(late), SPAWNED_ESTOPPING);
    spawned_response_release(late);
    assert_int_equal(refused.destroyed, 1);
    assert_ok(script_gate_open(&gate));
    assert_ok(spawned_runtime_shutdown(harness_runtime(h), HARNESS_LONG));
    assert_ok(script_finish(first));
    script_gate_release(&gate);
    assert_status(spawned_response_poll(second), SPAWNED_ESTOPPED);
    spawned_response_release(second);
    assert_int_equal(one.begun, 0);
    assert_int_equal(one.destroyed, 1);
}

int main(int argc, char **argv) {
    static const struct CMUnitTest tests[] = {
        HARNESS_TEST_WITH(work_is_not_begun_when_its_receiver_has_ended, &narrow),
        HARNESS_TEST(work_that_has_begun_goes_on_without_its_receiver_and_sends_nothing),
        HARNESS_TEST(cancelled_work_that_runs_ends_without_its_message),
        HARNESS_TEST_WITH(work_of_an_actor_that_has_ended_is_not_begun, &narrow),
        HARNESS_TEST(await_is_dropped_after_work_that_borrows_from_it_has_returned),
        HARNESS_TEST_WITH(shutdown_waits_for_work_that_has_begun_and_begins_none, &narrow),
    };
    return harness_main(argc, argv, tests, sizeof tests / sizeof *tests);
}
