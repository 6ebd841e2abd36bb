/* Shutting a runtime down: whom it stops, what it refuses, whom it names when time runs out. */
#include "support/contract.h"

/* What a runtime that shuts down says to newcomers. */
typedef struct refusals {
    spawned_status start, name, value, timer, interval, promise;
} refusals;

static void ask_for_more(harness *h, spawned_pid pid, refusals *seen) {
    spawned_runtime *runtime = harness_runtime(h);
    const uint64_t number = 1;
    spawned_pid child = 0;
    static const spawned_behavior bare = {SPAWNED_BEHAVIOR_INIT("newcomer"), .state_size = 0};
    spawned_actor_options options = SPAWNED_ACTOR_OPTIONS_INIT;
    options.backend = harness_backend(h);
    seen->start = spawned_actor_start(runtime, &bare, &options, &child);
    seen->name = spawned_registry_register("newcomer", 8, pid);
    seen->value = spawned_registry_put(runtime, "value", 5, &harness_number_type, &number, 0);
    spawned_message *message = NULL;
    seen->timer = spawned_message_create(pid, &harness_number_type, &number, &message);
    if (seen->timer == SPAWNED_OK) seen->timer = spawned_send_after(SPAWNED_SECOND, message, NULL);
    seen->interval = spawned_message_create(pid, &harness_number_type, &number, &message);
    if (seen->interval == SPAWNED_OK)
        seen->interval = spawned_send_interval(SPAWNED_SECOND, message, NULL);
    spawned_reply_to key = 0;
    spawned_response *response = NULL;
    seen->promise = spawned_promise_create(runtime, NULL, SPAWNED_DEFAULT, &key, &response);
    spawned_response_release(response);
}

/* A dying actor is refused by name as well: ESTOPPED and ESTOPPING are both true of it. */
static void expect_refusals(const refusals *seen) {
    assert_status(seen->start, SPAWNED_ESTOPPING);
    assert_true(seen->name == SPAWNED_ESTOPPING || seen->name == SPAWNED_ESTOPPED);
    assert_status(seen->value, SPAWNED_ESTOPPING);
    assert_true(seen->timer == SPAWNED_ESTOPPING || seen->timer == SPAWNED_ESTOPPED);
    assert_true(seen->interval == SPAWNED_ESTOPPING || seen->interval == SPAWNED_ESTOPPED);
    assert_status(seen->promise, SPAWNED_ESTOPPING);
}

static spawned_status ask_in_stopped(spawned_context *context, harness_probe *probe) {
    ask_for_more(probe->owner, spawned_context_self(context), probe->data);
    return SPAWNED_OK;
}

/* SH01 */
static void a_shutdown_stops_every_actor_and_refuses_newcomers(void **state) {
    harness *h = *state;
    refusals seen = {0};
    harness_probe *probe = harness_probe_new(h), *idle = harness_probe_new(h);
    probe->on_stopped = ask_in_stopped;
    probe->data = &seen;
    const spawned_pid pid = harness_probe_start(h, probe, NULL);
    const spawned_pid other = harness_probe_start(h, idle, NULL);
    assert_ok(harness_send_number(pid, 1));
    assert_true(harness_probe_wait(probe, HARNESS_MESSAGE, 1));
    assert_true(harness_settle(h));
    assert_ok(spawned_runtime_shutdown(harness_runtime(h), HARNESS_LONG));
    expect_refusals(&seen);
    assert_story(probe, "i s 1 x d");
    assert_story(idle, "i s x d");
    assert_exit(pid, SPAWNED_EXIT_SHUTDOWN, SPAWNED_OK, SPAWNED_PLACE_NONE);
    assert_exit(other, SPAWNED_EXIT_SHUTDOWN, SPAWNED_OK, SPAWNED_PLACE_NONE);
    harness_event stopped = {0};
    assert_true(harness_probe_event(idle, 2, &stopped));
    assert_int_equal(stopped.exit.kind, SPAWNED_EXIT_SHUTDOWN);
    ask_for_more(h, pid, &seen); /* and after it */
    expect_refusals(&seen);
    assert_status(harness_send_tracked(h, pid, 1), SPAWNED_ESTOPPED);
    assert_ok(spawned_actor_join(pid, SPAWNED_NO_WAIT));
    assert_ok(spawned_runtime_shutdown(harness_runtime(h), SPAWNED_NO_WAIT)); /* again */
    size_t busy = 1;
    assert_ok(
        spawned_runtime_busy(harness_runtime(h), NULL, sizeof(spawned_actor_report), 0, &busy));
    assert_int_equal(busy, 0);
}

static spawned_status reply_later(spawned_context *context, harness_probe *probe, uint64_t number) {
    (void)number;
    return spawned_reply_detach(context, probe->data);
}

/* SH01 */
static void a_shutdown_ends_requests_that_nobody_will_answer(void **state) {
    harness *h = *state;
    spawned_reply_to key = 0;
    harness_probe *probe = harness_probe_new(h);
    probe->on_number = reply_later;
    probe->data = &key;
    const spawned_pid pid = harness_probe_start(h, probe, NULL);
    const uint64_t question = 1;
    spawned_message *message = NULL;
    spawned_response *response = NULL;
    assert_ok(spawned_message_create(pid, &harness_ask_type, &question, &message));
    assert_ok(spawned_message_request(message, SPAWNED_FOREVER, &response));
    assert_true(harness_probe_wait(probe, HARNESS_MESSAGE, 1));
    assert_int_equal(harness_end_runtime(h), 0);
    assert_true(spawned_response_poll(response) != SPAWNED_EAGAIN);
    assert_true(spawned_response_poll(response) != SPAWNED_OK);
    assert_true(spawned_response_wait(response, SPAWNED_FOREVER) < 0);
    spawned_response_release(response);
    const uint64_t answer = 2;
    const spawned_status late = spawned_reply_to_send(key, &answer);
    assert_true(late == SPAWNED_ESTOPPED || late == SPAWNED_EALREADY);
    if (late == SPAWNED_ESTOPPED) spawned_reply_to_release(key);
}

static spawned_status shut_down_inside(spawned_context *context, harness_probe *probe,
                                       uint64_t number) {
    (void)number;
    spawned_runtime *runtime = spawned_context_runtime(context);
    probe->result = spawned_runtime_shutdown(runtime, SPAWNED_FOREVER);
    *(spawned_status *)probe->data = spawned_runtime_destroy(runtime);
    return SPAWNED_OK;
}

/* SH03 */
static void a_shutdown_from_a_handler_begins_and_is_completed_from_outside(void **state) {
    harness *h = *state;
    spawned_status destroyed = SPAWNED_OK;
    harness_probe *probe = harness_probe_new(h), *other = harness_probe_new(h);
    probe->on_number = shut_down_inside;
    probe->data = &destroyed;
    const spawned_pid pid = harness_probe_start(h, probe, NULL);
    const spawned_pid idle = harness_probe_start(h, other, NULL);
    assert_ok(harness_send_number(pid, 1));
    assert_ok(spawned_actor_join(idle, HARNESS_LONG)); /* it was begun: others end too */
    assert_ok(spawned_actor_join(pid, HARNESS_LONG));
    assert_int_equal(probe->result, SPAWNED_EDEADLK);
    assert_int_equal(destroyed, SPAWNED_EDEADLK);
    assert_exit(pid, SPAWNED_EXIT_SHUTDOWN, SPAWNED_OK, SPAWNED_PLACE_NONE);
    assert_ok(spawned_runtime_shutdown(harness_runtime(h), HARNESS_LONG));
}

typedef struct closer {
    pthread_t thread;
    spawned_runtime *runtime;
    spawned_status status;
} closer;

static void *close_runtime(void *argument) {
    closer *own = argument;
    own->status = spawned_runtime_shutdown(own->runtime, HARNESS_LONG);
    return NULL;
}

/* SH04 */
static void sixteen_threads_that_shut_down_share_one_shutdown(void **state) {
    harness *h = *state;
    REQUIRE_THREADS(h);
    harness_gate *gate = harness_gate_new(h);
    harness_probe *probe = harness_probe_new(h);
    const spawned_pid pid = harness_probe_start(h, probe, NULL);
    assert_true(harness_probe_hold(probe, pid, gate));
    closer closers[16];
    for (size_t i = 0; i < 16; i++) {
        closers[i].runtime = harness_runtime(h);
        assert_int_equal(pthread_create(&closers[i].thread, NULL, close_runtime, &closers[i]), 0);
    }
    harness_gate_open(gate);
    for (size_t i = 0; i < 16; i++) {
        assert_int_equal(pthread_join(closers[i].thread, NULL), 0);
        assert_ok(closers[i].status);
    }
    assert_story(probe, "i s x d");
}

static spawned_status ask_for_shutdown(spawned_context *context, harness_probe *probe) {
    probe->result = spawned_runtime_shutdown(spawned_context_runtime(context), SPAWNED_FOREVER);
    return SPAWNED_OK;
}

static spawned_status ask_when_told(spawned_context *context, harness_probe *probe,
                                    uint64_t number) {
    (void)number;
    return ask_for_shutdown(context, probe);
}

/* SH04: whoever is too late with its message asks while it ends. */
static void sixteen_actors_that_shut_down_share_one_shutdown(void **state) {
    harness *h = *state;
    harness_probe *probes[16];
    spawned_pid pids[16];
    for (size_t i = 0; i < 16; i++) {
        probes[i] = harness_probe_new(h);
        probes[i]->on_number = ask_when_told;
        probes[i]->on_stopped = ask_for_shutdown;
        pids[i] = harness_probe_start(h, probes[i], NULL);
    }
    assert_true(harness_settle(h));
    for (size_t i = 0; i < 16; i++) {
        const spawned_status sent = harness_send_number(pids[i], i);
        assert_true(sent == SPAWNED_OK || sent == SPAWNED_ESTOPPED || sent == SPAWNED_ESTOPPING);
    }
    for (size_t i = 0; i < 16; i++) {
        assert_ok(spawned_actor_join(pids[i], HARNESS_LONG));
        assert_int_equal(probes[i]->result, SPAWNED_EDEADLK);
        assert_exit(pids[i], SPAWNED_EXIT_SHUTDOWN, SPAWNED_OK, SPAWNED_PLACE_NONE);
    }
    for (int i = 0; i < 2; i++)
        assert_ok(spawned_runtime_shutdown(harness_runtime(h), HARNESS_LONG));
}

/* SH05 */
static void a_stuck_actor_is_named_when_the_time_is_over_and_may_end_later(void **state) {
    harness *h = *state;
    REQUIRE_THREADS(h);
    harness_gate *gate = harness_gate_new(h);
    harness_probe *probe = harness_probe_new(h), *idle = harness_probe_new(h);
    const spawned_pid pid = harness_probe_start(h, probe, NULL);
    const spawned_pid other = harness_probe_start(h, idle, NULL);
    assert_true(harness_probe_hold(probe, pid, gate));
    for (uint64_t i = 0; i < 7; i++) assert_ok(harness_send_tracked(h, pid, i));
    const spawned_time begin = harness_now(h);
    assert_status(spawned_runtime_shutdown(harness_runtime(h), 20 * SPAWNED_MILLISECOND),
                  SPAWNED_ETIMEDOUT);
    assert_true(harness_now(h) - begin >= 20 * SPAWNED_MILLISECOND);
    assert_ok(spawned_actor_join(other, HARNESS_LONG)); /* the others do end */

    spawned_actor_report report = SPAWNED_ACTOR_REPORT_INIT;
    size_t count = 0;
    assert_ok(spawned_runtime_busy(harness_runtime(h), &report, sizeof report, 1, &count));
    assert_int_equal(count, 1);
    assert_true(report.pid == pid);
    assert_string_equal(report.name, "probe");
    assert_int_equal(report.state, SPAWNED_ACTOR_RUNNING);
    assert_string_equal(report.message_name, "harness.hold");
    assert_true(report.elapsed >= 5 * SPAWNED_MILLISECOND); /* 20 ms, seen within 10 ms */
    assert_in_range(report.backlog, 1, 7);
    assert_true(report.waits_for == 0);
    harness_log_entry entry;
    assert_true(harness_log_find(h, SPAWNED_LOG_ERROR, "harness.hold", &entry) ||
                harness_log_find(h, SPAWNED_LOG_ERROR, "probe", &entry));
    assert_true(entry.pid == pid);

    refusals seen = {0};
    ask_for_more(h, pid, &seen);
    expect_refusals(&seen);
    harness_gate_open(gate);
    assert_ok(spawned_runtime_shutdown(harness_runtime(h), HARNESS_LONG));
    assert_true(harness_probe_count(probe, HARNESS_MESSAGE) <= 1);
    assert_exit(pid, SPAWNED_EXIT_SHUTDOWN, SPAWNED_OK, SPAWNED_PLACE_NONE);
}

/* SH05 */
static void destroy_refuses_while_an_actor_is_stuck_and_succeeds_later(void **state) {
    harness *h = *state;
    if (harness_mode_of(h) != HARNESS_POOL)
        skip(); /* it waits out the default deadline: once is enough */
    spawned_runtime *runtime = harness_runtime_begin(h, NULL);
    harness_gate *gate = harness_gate_new(h);
    harness_probe *probe = harness_probe_new(h);
    spawned_actor_options options = SPAWNED_ACTOR_OPTIONS_INIT;
    options.backend = harness_backend(h);
    options.argument = probe;
    spawned_pid pid = 0;
    assert_ok(spawned_actor_start(runtime, &harness_probe_behavior, &options, &pid));
    assert_true(harness_probe_hold(probe, pid, gate));
    assert_status(spawned_runtime_shutdown(runtime, SPAWNED_MILLISECOND), SPAWNED_ETIMEDOUT);
    assert_status(spawned_runtime_destroy(runtime), SPAWNED_ETIMEDOUT);
    assert_ptr_equal(spawned_pid_runtime(pid), runtime); /* nothing was destroyed */
    harness_gate_open(gate);
    assert_ok(spawned_actor_join(pid, HARNESS_LONG));
    assert_int_equal(harness_runtime_end(h, runtime), 0);
    assert_null(spawned_pid_runtime(pid));
}

static spawned_status ask_peer(spawned_context *context, harness_probe *probe, uint64_t number) {
    (void)context;
    uint64_t answer = 0;
    probe->result = 1;
    probe->result =
        spawned_request(probe->peer, &harness_ask_type, &number, SPAWNED_FOREVER, &answer);
    return SPAWNED_OK;
}

static size_t report_of(harness *h, spawned_pid pid, spawned_actor_report *report) {
    spawned_actor_report reports[4];
    size_t count = 0;
    for (size_t i = 0; i < 4; i++)
        assert_ok(spawned_actor_report_init(&reports[i], sizeof reports[i]));
    assert_ok(spawned_runtime_busy(harness_runtime(h), reports, sizeof *reports, 4, &count));
    for (size_t i = 0; i < count && i < 4; i++) {
        if (reports[i].pid == pid) *report = reports[i];
    }
    return count;
}

static spawned_status wait_for_promise(spawned_context *context, harness_probe *probe,
                                       uint64_t number) {
    (void)context;
    (void)number;
    return spawned_response_wait(probe->data, SPAWNED_DEFAULT);
}

/* SH05 */
static void a_report_tells_who_waits_for_whom_while_the_actors_go_on(void **state) {
    harness *h = *state;
    REQUIRE_BLOCKING_HANDLERS(h);
    spawned_reply_to key = 0;
    spawned_response *promise = NULL;
    assert_ok(spawned_promise_create(harness_runtime(h), NULL, SPAWNED_DEFAULT, &key, &promise));
    harness_probe *asking = harness_probe_new(h), *asked = harness_probe_new(h),
                  *idle = harness_probe_new(h);
    asked->on_number = wait_for_promise;
    asked->data = promise;
    asking->on_number = ask_peer;
    asking->peer = harness_probe_start(h, asked, NULL);
    const spawned_pid pid = harness_probe_start(h, asking, NULL);
    const spawned_pid third = harness_probe_start(h, idle, NULL);
    assert_ok(harness_send_tracked(h, pid, 1));
    assert_true(harness_probe_wait(asked, HARNESS_MESSAGE, 1));
    assert_true(harness_settle(h));
    spawned_actor_report report = SPAWNED_ACTOR_REPORT_INIT;
    assert_int_equal(report_of(h, pid, &report), 3);
    assert_int_equal(report.state, SPAWNED_ACTOR_BLOCKED);
    assert_true(report.waits_for == asking->peer);
    assert_string_equal(report.message_name, "harness.tracked");
    assert_int_equal(report_of(h, asking->peer, &report), 3);
    assert_int_equal(report.state, SPAWNED_ACTOR_BLOCKED);
    assert_true(report.waits_for == 0); /* a promise is nobody's */
    assert_string_equal(report.message_name, "harness.ask");
    assert_int_equal(report_of(h, third, &report), 3);
    assert_int_equal(report.state, SPAWNED_ACTOR_IDLE);
    assert_null(report.message_name);
    assert_int_equal(report.elapsed, 0);
    assert_int_equal(report.backlog, 0);
    assert_ok(spawned_reply_to_send(key, NULL));
    assert_true(harness_probe_wait_result(asking, SPAWNED_OK));
    spawned_response_release(promise);
}

/* SH01 */
static void a_shutdown_under_load_loses_nothing(void **state) {
    harness *h = *state;
    const size_t actors = harness_mode_of(h) == HARNESS_THREAD ? 50 : 200;
    spawned_pid previous = 0;
    spawned_response *responses[50] = {0};
    for (size_t i = 0; i < actors; i++) {
        harness_probe *probe = harness_probe_new(h);
        if (i % 10 == 0) previous = 0; /* chains of ten that ask one another */
        probe->on_number = previous == 0 ? NULL : ask_peer;
        probe->peer = previous;
        previous = harness_probe_start(h, probe, NULL);
        const harness_tracked value = harness_tracked_make(h, i);
        spawned_message *tick = NULL;
        assert_ok(spawned_message_create(previous, &harness_tracked_type, &value, &tick));
        assert_ok(i % 2 == 0 ? spawned_send_interval(SPAWNED_MICROSECOND * 100, tick, NULL)
                             : spawned_send_after(i * SPAWNED_MICROSECOND, tick, NULL));
        if (i >= 50) continue;
        const uint64_t question = i;
        assert_ok(spawned_message_create(previous, &harness_ask_type, &question, &tick));
        assert_ok(spawned_message_request(tick, SPAWNED_FOREVER, &responses[i]));
    }
    assert_int_equal(harness_end_runtime(h), 0);
    for (size_t i = 0; i < 50; i++) {
        assert_true(spawned_response_poll(responses[i]) != SPAWNED_EAGAIN);
        spawned_response_release(responses[i]);
    }
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        HARNESS_TEST(a_shutdown_stops_every_actor_and_refuses_newcomers),
        HARNESS_TEST(a_shutdown_ends_requests_that_nobody_will_answer),
        HARNESS_TEST(a_shutdown_from_a_handler_begins_and_is_completed_from_outside),
        HARNESS_TEST(sixteen_threads_that_shut_down_share_one_shutdown),
        HARNESS_TEST(sixteen_actors_that_shut_down_share_one_shutdown),
        HARNESS_TEST(a_stuck_actor_is_named_when_the_time_is_over_and_may_end_later),
        HARNESS_TEST(destroy_refuses_while_an_actor_is_stuck_and_succeeds_later),
        HARNESS_TEST(a_report_tells_who_waits_for_whom_while_the_actors_go_on),
        HARNESS_TEST(a_shutdown_under_load_loses_nothing),
    };
    return harness_main(argc, argv, tests, sizeof tests / sizeof *tests);
}
