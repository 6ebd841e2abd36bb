/* Stopping, draining, killing and joining, from inside and from outside. */
#include "support/contract.h"

static void send_numbers(harness *h, spawned_pid pid, uint64_t first, uint64_t last) {
    for (uint64_t i = first; i <= last; i++) assert_ok(harness_send_tracked(h, pid, i));
}

static spawned_status stop_twice(spawned_context *context, harness_probe *probe, uint64_t number) {
    (void)probe;
    (void)number;
    const spawned_status first = spawned_context_stop(context);
    const spawned_status second = spawned_context_stop(context);
    return first != SPAWNED_OK ? first : second;
}

/* ST1 */
static void a_stop_from_inside_lets_the_handler_end_and_drops_the_backlog(void **state) {
    harness *h = *state;
    harness_gate *gate = harness_gate_new(h);
    harness_probe *probe = harness_probe_new(h);
    probe->on_number = stop_twice;
    const spawned_pid pid = harness_probe_start(h, probe, NULL);
    assert_true(harness_probe_hold(probe, pid, gate));
    send_numbers(h, pid, 1, 3);
    harness_gate_open(gate);
    assert_ok(spawned_actor_join(pid, HARNESS_LONG));
    assert_story(probe, "i s 1 x d");
    assert_exit(pid, SPAWNED_EXIT_NORMAL, SPAWNED_OK, SPAWNED_PLACE_NONE);
    assert_int_equal(harness_stats(h).dead_stopped, 2);
}

static spawned_status stop_and_send_to_self(spawned_context *context, harness_probe *probe,
                                            uint64_t number) {
    const spawned_pid self = spawned_context_self(context);
    const spawned_status status = spawned_context_stop(context);
    harness_send_tracked(probe->owner, self, number + 1);
    return status;
}

/* LC08 M7 */
static void a_message_to_oneself_after_a_stop_is_not_handled(void **state) {
    harness *h = *state;
    harness_probe *probe = harness_probe_new(h);
    probe->on_number = stop_and_send_to_self;
    const spawned_pid pid = harness_probe_start(h, probe, NULL);
    send_numbers(h, pid, 1, 1);
    assert_ok(spawned_actor_join(pid, HARNESS_LONG));
    assert_story(probe, "i s 1 x d");
    assert_exit(pid, SPAWNED_EXIT_NORMAL, SPAWNED_OK, SPAWNED_PLACE_NONE);
    assert_int_equal(harness_tracked_created(h), 2);
    assert_int_equal(harness_tracked_destroyed(h), 2);
}

/* ST2 ST3 */
static void a_stop_from_outside_ends_an_idle_actor(void **state) {
    harness *h = *state;
    harness_probe *probe = harness_probe_new(h);
    const spawned_pid pid = harness_probe_start(h, probe, NULL);
    assert_true(harness_settle(h));
    assert_ok(spawned_actor_stop(pid));
    assert_ok(spawned_actor_join(pid, HARNESS_LONG));
    assert_story(probe, "i s x d");
    assert_status(spawned_actor_stop(pid), SPAWNED_ESTOPPED);
}

/* ST1 ST2 */
static void stopping_again_while_the_actor_is_stopping_is_harmless(void **state) {
    harness *h = *state;
    harness_gate *gate = harness_gate_new(h);
    harness_probe *probe = harness_probe_new(h);
    const spawned_pid pid = harness_probe_start(h, probe, NULL);
    assert_true(harness_probe_hold(probe, pid, gate));
    for (size_t i = 0; i < 10; i++) assert_ok(spawned_actor_stop(pid));
    harness_gate_open(gate);
    assert_ok(spawned_actor_join(pid, HARNESS_LONG));
    assert_int_equal(harness_probe_count(probe, HARNESS_STOPPED), 1);
}

/* ST4 M6 */
static void after_a_stop_from_outside_at_most_one_waiting_message_is_handled(void **state) {
    harness *h = *state;
    harness_gate *gate = harness_gate_new(h);
    harness_probe *probe = harness_probe_new(h);
    const spawned_pid pid = harness_probe_start(h, probe, NULL);
    assert_true(harness_probe_hold(probe, pid, gate));
    send_numbers(h, pid, 1, 20);
    assert_ok(spawned_actor_stop(pid));
    harness_gate_open(gate);
    assert_ok(spawned_actor_join(pid, HARNESS_LONG));
    const size_t handled = harness_probe_count(probe, HARNESS_MESSAGE);
    assert_true(handled <= 1);
    assert_int_equal(harness_stats(h).dead_stopped, 20 - handled);
    assert_int_equal(harness_tracked_destroyed(h), 20);
}

/* ST5 */
static void a_stop_from_outside_waits_for_the_running_handler(void **state) {
    harness *h = *state;
    REQUIRE_THREADS(h);
    harness_gate *gate = harness_gate_new(h);
    harness_probe *probe = harness_probe_new(h);
    const spawned_pid pid = harness_probe_start(h, probe, NULL);
    assert_true(harness_probe_hold(probe, pid, gate));
    assert_ok(spawned_actor_stop(pid));
    assert_status(spawned_actor_join(pid, 5 * SPAWNED_MILLISECOND), SPAWNED_ETIMEDOUT);
    assert_exit(pid, SPAWNED_EXIT_RUNNING, SPAWNED_OK, SPAWNED_PLACE_NONE);
    harness_gate_open(gate);
    assert_ok(spawned_actor_join(pid, HARNESS_LONG));
    assert_story(probe, "i s x d");
}

/* ST6 */
static void joining_an_ended_actor_returns_at_once(void **state) {
    harness *h = *state;
    harness_probe *probe = harness_probe_new(h);
    const spawned_pid pid = harness_probe_start(h, probe, NULL);
    assert_status(spawned_actor_join(pid, SPAWNED_NO_WAIT), SPAWNED_ETIMEDOUT);
    assert_ok(spawned_actor_stop(pid));
    assert_ok(spawned_actor_join(pid, HARNESS_LONG));
    assert_int_equal(harness_probe_count(probe, HARNESS_DESTROYED), 1);
    assert_ok(spawned_actor_join(pid, SPAWNED_NO_WAIT));
    assert_ok(spawned_actor_join(pid, SPAWNED_FOREVER));
}

/* peer: whom to join; result: the join's status, or 1 while it waits. */
static spawned_status join_peer(spawned_context *context, harness_probe *probe, uint64_t number) {
    (void)context;
    (void)number;
    probe->result = 1;
    probe->result = spawned_actor_join(probe->peer, SPAWNED_DEFAULT);
    return SPAWNED_OK;
}

static void one_worker(spawned_runtime_options *options) { options->workers = 1; }

static const harness_config one_worker_config = {one_worker};

/* ST7 */
static void an_actor_that_joins_another_does_not_keep_third_ones_from_running(void **state) {
    harness *h = *state;
    REQUIRE_BLOCKING_HANDLERS(h);
    harness_probe *waiting = harness_probe_new(h), *target = harness_probe_new(h),
                  *third = harness_probe_new(h);
    waiting->on_number = join_peer;
    waiting->peer = harness_probe_start(h, target, NULL);
    const spawned_pid joiner = harness_probe_start(h, waiting, NULL);
    const spawned_pid bystander = harness_probe_start(h, third, NULL);
    assert_ok(harness_send_number(joiner, 1));
    assert_true(harness_probe_wait(waiting, HARNESS_MESSAGE, 1));
    for (uint64_t i = 1; i <= 3; i++) assert_ok(harness_send_number(bystander, i));
    assert_true(harness_probe_wait(third, HARNESS_MESSAGE, 3));
    assert_int_equal(harness_probe_count(target, HARNESS_DESTROYED), 0);
    assert_ok(spawned_actor_stop(waiting->peer));
    assert_true(harness_probe_wait_result(waiting, SPAWNED_OK));
}

static spawned_status join_self(spawned_context *context, harness_probe *probe, uint64_t number) {
    (void)number;
    probe->result = spawned_actor_join(spawned_context_self(context), SPAWNED_FOREVER);
    return SPAWNED_OK;
}

/* ST8 LC14 */
static void joining_oneself_is_a_deadlock_and_says_so(void **state) {
    harness *h = *state;
    harness_probe *probe = harness_probe_new(h);
    probe->on_number = join_self;
    const spawned_pid pid = harness_probe_start(h, probe, NULL);
    assert_ok(harness_send_number(pid, 1));
    assert_true(harness_settle(h));
    assert_int_equal(probe->result, SPAWNED_EDEADLK);
    assert_ok(harness_send_number(pid, 2)); /* it lives on */
    assert_true(harness_probe_wait(probe, HARNESS_MESSAGE, 2));
}

/* LC09 */
static void a_drain_handles_what_waits_and_refuses_what_comes(void **state) {
    harness *h = *state;
    harness_gate *gate = harness_gate_new(h);
    harness_probe *probe = harness_probe_new(h);
    const spawned_pid pid = harness_probe_start(h, probe, NULL);
    assert_true(harness_probe_hold(probe, pid, gate));
    send_numbers(h, pid, 1, 1000);
    assert_ok(spawned_actor_drain(pid, HARNESS_LONG));
    assert_status(harness_send_tracked(h, pid, 1001), SPAWNED_ESTOPPING);
    harness_gate_open(gate);
    assert_ok(spawned_actor_join(pid, HARNESS_LONG));
    assert_int_equal(harness_probe_count(probe, HARNESS_MESSAGE), 1000);
    assert_int_equal(harness_probe_count(probe, HARNESS_STOPPED), 1);
    assert_exit(pid, SPAWNED_EXIT_NORMAL, SPAWNED_OK, SPAWNED_PLACE_NONE);
    assert_int_equal(harness_stats(h).dead_stopped, 0);
    assert_status(harness_send_tracked(h, pid, 1002), SPAWNED_ESTOPPED);
}

/* LC09, MB08: the actor may look at its mailbox for the last time between the send and the drain, or between
 * two steps of the drain. */
static void a_drain_loses_no_message_that_was_sent_before_it(void **state) {
    harness *h = *state;
    const bool is_slow =
        harness_is_deterministic(h) || harness_backend(h) == SPAWNED_BACKEND_THREAD;
    const size_t rounds = is_slow ? 500 : 10000;
    for (size_t round = 0; round < rounds; round++) {
        harness_probe *probe = harness_probe_new(h);
        const spawned_pid pid = harness_probe_start(h, probe, NULL);
        for (uint64_t number = 0; number <= round % 4; number++)
            assert_ok(harness_send_number(pid, number));
        assert_ok(spawned_actor_drain(pid, round % 8 < 4 ? SPAWNED_FOREVER : HARNESS_LONG));
        assert_ok(spawned_actor_join(pid, HARNESS_LONG));
        assert_int_equal(harness_probe_count(probe, HARNESS_MESSAGE), round % 4 + 1);
    }
}

static spawned_status sleep_a_while(spawned_context *context, harness_probe *probe,
                                    uint64_t number) {
    (void)number;
    spawned_response *pause = NULL;
    spawned_status status = spawned_sleep(spawned_context_runtime(context),
                                          *(const spawned_duration *)probe->data, &pause);
    if (status == SPAWNED_OK) status = spawned_response_wait(pause, SPAWNED_DEFAULT);
    spawned_response_release(pause);
    return status;
}

static bool has_ended(void *argument) {
    spawned_exit exit = SPAWNED_EXIT_INIT;
    return spawned_actor_exit_reason(*(const spawned_pid *)argument, &exit, NULL, 0) ==
               SPAWNED_OK &&
           exit.kind != SPAWNED_EXIT_RUNNING;
}

/* LC10 */
static void a_drain_that_outlasts_its_deadline_becomes_a_stop(void **state) {
    harness *h = *state;
    REQUIRE_BLOCKING_HANDLERS(h);
    const bool exact = harness_is_deterministic(h);
    spawned_duration each = exact ? 100 * SPAWNED_MILLISECOND : 10 * SPAWNED_MILLISECOND;
    harness_probe *probe = harness_probe_new(h);
    probe->on_number = sleep_a_while;
    probe->data = &each;
    spawned_pid pid = harness_probe_start(h, probe, NULL);
    send_numbers(h, pid, 1, 1000);
    assert_ok(spawned_actor_drain(pid, 3 * each));
    assert_true(harness_advance_until(h, 6 * each, has_ended, &pid));
    const size_t handled = harness_probe_count(probe, HARNESS_MESSAGE);
    assert_true(handled < 1000); /* on real threads only this: 10 s of handlers, 30 ms given */
    if (exact) assert_in_range(handled, 2, 4);
    assert_exit(pid, SPAWNED_EXIT_NORMAL, SPAWNED_OK, SPAWNED_PLACE_NONE);
    assert_int_equal(harness_stats(h).dead_stopped, 1000 - handled);
    assert_int_equal(harness_probe_count(probe, HARNESS_STOPPED), 1);
}

/* LC09 */
static void a_drain_of_an_idle_actor_stops_it(void **state) {
    harness *h = *state;
    harness_probe *probe = harness_probe_new(h);
    const spawned_pid pid = harness_probe_start(h, probe, NULL);
    assert_true(harness_settle(h));
    assert_ok(spawned_actor_drain(pid, SPAWNED_DEFAULT));
    assert_ok(spawned_actor_join(pid, HARNESS_LONG));
    assert_story(probe, "i s x d");
    assert_status(spawned_actor_drain(pid, SPAWNED_DEFAULT), SPAWNED_ESTOPPED);
}

/* LC11 */
static void a_kill_lets_the_running_handler_return_and_nothing_else_run(void **state) {
    harness *h = *state;
    REQUIRE_THREADS(h);
    harness_gate *gate = harness_gate_new(h);
    harness_probe *probe = harness_probe_new(h);
    const spawned_pid pid = harness_probe_start(h, probe, NULL);
    assert_true(harness_probe_hold(probe, pid, gate));
    send_numbers(h, pid, 1, 3);
    assert_ok(spawned_actor_kill(pid));
    assert_status(spawned_actor_join(pid, SPAWNED_NO_WAIT), SPAWNED_ETIMEDOUT);
    harness_gate_open(gate);
    assert_ok(spawned_actor_join(pid, HARNESS_LONG));
    assert_story(probe, "i s d");
    assert_exit(pid, SPAWNED_EXIT_KILLED, SPAWNED_OK, SPAWNED_PLACE_NONE);
    assert_int_equal(harness_stats(h).dead_stopped, 3);
    assert_status(spawned_actor_kill(pid), SPAWNED_ESTOPPED);
}

static spawned_status kill_self(spawned_context *context, harness_probe *probe, uint64_t number) {
    (void)number;
    probe->result = spawned_actor_kill(spawned_context_self(context));
    return SPAWNED_OK;
}

/* LC11 */
static void an_answer_given_after_the_kill_is_discarded(void **state) {
    harness *h = *state;
    harness_probe *probe = harness_probe_new(h);
    probe->on_number = kill_self;
    const spawned_pid pid = harness_probe_start(h, probe, NULL);
    const uint64_t question = 1;
    uint64_t answer = 77;
    assert_status(spawned_request(pid, &harness_ask_type, &question, HARNESS_LONG, &answer),
                  SPAWNED_ESTOPPED);
    assert_int_equal(answer, 77);
    assert_ok(spawned_actor_join(pid, HARNESS_LONG));
    assert_int_equal(probe->result, SPAWNED_OK);
    assert_story(probe, "i s 1 d");
    assert_exit(pid, SPAWNED_EXIT_KILLED, SPAWNED_OK, SPAWNED_PLACE_NONE);
}

/* LC12 M6 */
static void requests_that_wait_in_a_killed_actor_end_at_once(void **state) {
    harness *h = *state;
    harness_gate *gate = harness_gate_new(h);
    harness_probe *probe = harness_probe_new(h);
    const spawned_pid pid = harness_probe_start(h, probe, NULL);
    assert_true(harness_probe_hold(probe, pid, gate));
    spawned_response *responses[5] = {0};
    for (uint64_t i = 0; i < 5; i++) {
        spawned_message *message = NULL;
        assert_ok(spawned_message_create(pid, &harness_ask_type, &i, &message));
        assert_ok(spawned_message_request(message, SPAWNED_FOREVER, &responses[i]));
    }
    assert_ok(spawned_actor_kill(pid));
    harness_gate_open(gate);
    for (uint64_t i = 0; i < 5; i++) {
        assert_status(spawned_response_wait(responses[i], HARNESS_LONG), SPAWNED_ESTOPPED);
        spawned_response_release(responses[i]);
    }
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        HARNESS_TEST(a_stop_from_inside_lets_the_handler_end_and_drops_the_backlog),
        HARNESS_TEST(a_message_to_oneself_after_a_stop_is_not_handled),
        HARNESS_TEST(a_stop_from_outside_ends_an_idle_actor),
        HARNESS_TEST(stopping_again_while_the_actor_is_stopping_is_harmless),
        HARNESS_TEST(after_a_stop_from_outside_at_most_one_waiting_message_is_handled),
        HARNESS_TEST(a_stop_from_outside_waits_for_the_running_handler),
        HARNESS_TEST(joining_an_ended_actor_returns_at_once),
        HARNESS_TEST_WITH(an_actor_that_joins_another_does_not_keep_third_ones_from_running,
                          &one_worker_config),
        HARNESS_TEST(joining_oneself_is_a_deadlock_and_says_so),
        HARNESS_TEST(a_drain_handles_what_waits_and_refuses_what_comes),
        HARNESS_TEST(a_drain_loses_no_message_that_was_sent_before_it),
        HARNESS_TEST(a_drain_that_outlasts_its_deadline_becomes_a_stop),
        HARNESS_TEST(a_drain_of_an_idle_actor_stops_it),
        HARNESS_TEST(a_kill_lets_the_running_handler_return_and_nothing_else_run),
        HARNESS_TEST(an_answer_given_after_the_kill_is_discarded),
        HARNESS_TEST(requests_that_wait_in_a_killed_actor_end_at_once),
    };
    return harness_main(argc, argv, tests, sizeof tests / sizeof *tests);
}
