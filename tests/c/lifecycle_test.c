/* The life of one actor: init, started, one message at a time, stopped, destroy; and what follows
 * when one of them fails. Stopping and joining are in stop_test.c, exit reasons in exit_test.c. */
#include "support/contract.h"

static spawned_status pass_gate(spawned_context *context, harness_probe *probe) {
    (void)context;
    harness_gate_pass(probe->gate);
    return SPAWNED_OK;
}

static spawned_status stop_in_started(spawned_context *context, harness_probe *probe) {
    (void)probe;
    return spawned_context_stop(context);
}

/* data: the number that fails, with code 7. */
static spawned_status fail_on_number(spawned_context *context, harness_probe *probe,
                                     uint64_t number) {
    (void)context;
    return number == *(const uint64_t *)probe->data ? 7 : SPAWNED_OK;
}

static const uint64_t second = 2;

static void send_numbers(harness *h, spawned_pid pid, uint64_t first, uint64_t last) {
    for (uint64_t i = first; i <= last; i++) assert_ok(harness_send_tracked(h, pid, i));
}

/* L1 LC01 */
static void messages_sent_before_started_has_run_are_handled_in_order_after_it(void **state) {
    harness *h = *state;
    harness_probe *probe = harness_probe_new(h);
    probe->gate = harness_gate_new(h);
    probe->on_started = pass_gate;
    const spawned_pid pid = harness_probe_start(h, probe, NULL);
    assert_true(pid != 0);
    if (!harness_is_deterministic(h)) assert_true(harness_gate_wait_for(probe->gate, 1));
    send_numbers(h, pid, 1, 3);
    harness_gate_open(probe->gate);
    assert_true(harness_probe_wait(probe, HARNESS_MESSAGE, 3));
    assert_story(probe, "i s 1 2 3");
}

/* L1 */
static void the_clock_of_a_request_runs_while_started_does(void **state) {
    harness *h = *state;
    REQUIRE_THREADS(h);
    harness_probe *probe = harness_probe_new(h);
    probe->gate = harness_gate_new(h);
    probe->on_started = pass_gate;
    const spawned_pid pid = harness_probe_start(h, probe, NULL);
    const uint64_t question = 1;
    uint64_t answer = 0;
    assert_status(spawned_request(pid, &harness_ask_type, &question, 5 * SPAWNED_MILLISECOND,
                                  &answer),
                  SPAWNED_ETIMEDOUT);
    harness_gate_open(probe->gate);
    assert_true(harness_probe_wait(probe, HARNESS_MESSAGE, 1)); /* handled all the same */
}

typedef struct flood {
    pthread_t thread;
    spawned_pid to;
    _Atomic int64_t refused;
} flood;

static void *send_flood(void *argument) {
    flood *work = argument;
    for (uint64_t i = 0; i < 500; i++) {
        if (harness_send_number(work->to, i) != SPAWNED_OK) atomic_fetch_add(&work->refused, 1);
    }
    return NULL;
}

/* L2 */
static void callbacks_of_one_actor_never_overlap(void **state) {
    harness *h = *state;
    harness_probe *probe = harness_probe_new(h);
    const spawned_pid pid = harness_probe_start(h, probe, NULL);
    flood floods[4] = {0};
    for (size_t i = 0; i < 4; i++) {
        floods[i].to = pid;
        assert_int_equal(pthread_create(&floods[i].thread, NULL, send_flood, &floods[i]), 0);
    }
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(pthread_join(floods[i].thread, NULL), 0);
        assert_int_equal(floods[i].refused, 0);
    }
    assert_true(harness_probe_wait(probe, HARNESS_MESSAGE, 2000));
    assert_int_equal(probe->overlaps, 0);
}

typedef struct suspension {
    spawned_reply_to key;
    spawned_response *response;
} suspension;

static spawned_status go_on(spawned_context *context, void *state, size_t ready, void *user_data) {
    (void)context;
    (void)state;
    (void)ready;
    (void)user_data;
    return SPAWNED_OK;
}

static spawned_status suspend_on_first(spawned_context *context, harness_probe *probe,
                                       uint64_t number) {
    suspension *wait = probe->data;
    return number == 1 ? spawned_await(context, &wait->response, 1, go_on, NULL, NULL) : SPAWNED_OK;
}

/* L2 */
static void a_suspended_handler_keeps_the_next_message_waiting(void **state) {
    harness *h = *state;
    suspension wait;
    assert_ok(spawned_promise_create(harness_runtime(h), NULL, SPAWNED_DEFAULT, &wait.key,
                                     &wait.response));
    harness_probe *probe = harness_probe_new(h);
    probe->on_number = suspend_on_first;
    probe->data = &wait;
    const spawned_pid pid = harness_probe_start(h, probe, NULL);
    send_numbers(h, pid, 1, 2);
    assert_true(harness_settle(h));
    assert_story(probe, "i s 1");
    assert_ok(spawned_reply_to_send(wait.key, NULL));
    assert_true(harness_probe_wait(probe, HARNESS_MESSAGE, 2));
    assert_story(probe, "i s 1 2");
    spawned_response_release(wait.response);
}

/* L3 */
static void stopped_runs_once_after_a_clean_stop(void **state) {
    harness *h = *state;
    harness_probe *probe = harness_probe_new(h);
    const spawned_pid pid = harness_probe_start(h, probe, NULL);
    send_numbers(h, pid, 1, 1);
    assert_true(harness_probe_wait(probe, HARNESS_MESSAGE, 1));
    assert_ok(spawned_actor_stop(pid));
    assert_ok(spawned_actor_join(pid, HARNESS_LONG));
    assert_story(probe, "i s 1 x d");
}

/* LC02 */
static void a_failing_init_fails_the_start_and_leaves_nothing(void **state) {
    harness *h = *state;
    harness_probe *probe = harness_probe_new(h);
    probe->init_status = 7;
    spawned_actor_options options = SPAWNED_ACTOR_OPTIONS_INIT;
    options.backend = harness_backend(h);
    options.argument = probe;
    options.name = "store";
    options.name_length = SPAWNED_ZERO_TERMINATED;
    spawned_pid pid = 0;
    assert_status(spawned_actor_start(harness_runtime(h), &harness_probe_behavior, &options, &pid),
                  7);
    assert_true(harness_settle(h));
    assert_story(probe, "i"); /* destroy is for what init completed */
    assert_status(spawned_registry_whereis(harness_runtime(h), "store", 5, &pid), SPAWNED_ENOENT);
    size_t alive = 1;
    assert_ok(
        spawned_runtime_busy(harness_runtime(h), NULL, sizeof(spawned_actor_report), 0, &alive));
    assert_int_equal(alive, 0);
}

/* L4 */
static void a_failing_started_ends_the_actor_without_stopped(void **state) {
    harness *h = *state;
    harness_probe *probe = harness_probe_new(h);
    probe->started_status = 7;
    probe->failure_text = "no disk";
    spawned_actor_options options = SPAWNED_ACTOR_OPTIONS_INIT;
    options.name = "store";
    options.name_length = 5;
    const spawned_pid pid = harness_probe_start(h, probe, &options);
    harness_send_tracked(h, pid, 1); /* taken or refused, destroyed in each case */
    assert_ok(spawned_actor_join(pid, HARNESS_LONG));
    assert_story(probe, "i s d");
    assert_exit(pid, SPAWNED_EXIT_FAILURE, 7, SPAWNED_PLACE_STARTED);
    assert_status(harness_send_tracked(h, pid, 2), SPAWNED_ESTOPPED);
    const uint64_t question = 1;
    uint64_t answer = 0;
    assert_status(spawned_request(pid, &harness_ask_type, &question, HARNESS_LONG, &answer),
                  SPAWNED_ESTOPPED);
    spawned_pid found = 0;
    assert_status(spawned_registry_whereis(harness_runtime(h), "store", 5, &found), SPAWNED_ENOENT);
    harness_log_entry entry;
    assert_true(harness_log_find(h, SPAWNED_LOG_ERROR, "no disk", &entry));
    assert_true(entry.pid == pid);
    assert_string_equal(entry.actor_name, "probe");
}

/* L3 L5 LC05 */
static void a_failing_handler_ends_the_actor_and_its_backlog_becomes_dead_letters(void **state) {
    harness *h = *state;
    harness_gate *gate = harness_gate_new(h);
    harness_probe *probe = harness_probe_new(h), *other = harness_probe_new(h);
    probe->on_number = fail_on_number;
    probe->data = (void *)(uintptr_t)&second;
    probe->failure_text = "two is too much";
    const spawned_pid pid = harness_probe_start(h, probe, NULL);
    const spawned_pid bystander = harness_probe_start(h, other, NULL);
    assert_true(harness_probe_hold(probe, pid, gate));
    send_numbers(h, pid, 1, 5);
    harness_gate_open(gate);
    assert_ok(spawned_actor_join(pid, HARNESS_LONG));
    assert_story(probe, "i s 1 2 x d");
    harness_event stopped = {0};
    assert_true(harness_probe_event(probe, 4, &stopped));
    assert_int_equal(stopped.exit.kind, SPAWNED_EXIT_FAILURE);
    assert_int_equal(stopped.exit.code, 7);
    assert_int_equal(stopped.exit.place, SPAWNED_PLACE_HANDLER);
    assert_exit(pid, SPAWNED_EXIT_FAILURE, 7, SPAWNED_PLACE_HANDLER);
    assert_int_equal(harness_tracked_destroyed(h), 5);
    assert_int_equal(harness_stats(h).dead_stopped, 3);
    harness_log_entry entry;
    assert_true(harness_log_find(h, SPAWNED_LOG_ERROR, "two is too much", &entry));
    assert_string_equal(entry.message_name, "harness.tracked");
    assert_ok(harness_send_number(bystander, 1));
    assert_true(harness_probe_wait(other, HARNESS_MESSAGE, 1));
}

/* L5 */
static void the_requester_of_a_failing_handler_learns_before_stopped_has_run(void **state) {
    harness *h = *state;
    REQUIRE_THREADS(h);
    harness_probe *probe = harness_probe_new(h);
    probe->gate = harness_gate_new(h);
    probe->on_number = fail_on_number;
    probe->on_stopped = pass_gate;
    probe->data = (void *)(uintptr_t)&second;
    const spawned_pid pid = harness_probe_start(h, probe, NULL);
    uint64_t answer = 0;
    assert_status(spawned_request(pid, &harness_ask_type, &second, HARNESS_LONG, &answer),
                  SPAWNED_ESTOPPED);
    assert_int_equal(harness_probe_count(probe, HARNESS_DESTROYED), 0);
    harness_gate_open(probe->gate);
    assert_ok(spawned_actor_join(pid, HARNESS_LONG));
    assert_story(probe, "i s 2 x d");
}

/* L7 */
static void a_stop_inside_started_skips_the_messages_and_runs_stopped(void **state) {
    harness *h = *state;
    harness_probe *probe = harness_probe_new(h);
    probe->on_started = stop_in_started;
    const spawned_pid pid = harness_probe_start(h, probe, NULL);
    for (uint64_t i = 1; i <= 3; i++) harness_send_tracked(h, pid, i);
    assert_ok(spawned_actor_join(pid, HARNESS_LONG));
    assert_story(probe, "i s x d");
    assert_exit(pid, SPAWNED_EXIT_NORMAL, SPAWNED_OK, SPAWNED_PLACE_NONE);
}

/* L9 */
static void an_actor_without_hooks_or_handlers_is_legal(void **state) {
    harness *h = *state;
    static const spawned_behavior bare = {SPAWNED_BEHAVIOR_INIT("bare"), .state_size = 0};
    const spawned_pid pid = harness_start(h, &bare, NULL);
    assert_true(pid != 0);
    assert_ok(harness_send_tracked(h, pid, 1));
    assert_true(harness_settle(h));
    assert_int_equal(harness_stats(h).dead_no_handler, 1);
    assert_ok(spawned_actor_stop(pid));
    assert_ok(spawned_actor_join(pid, HARNESS_LONG));
    assert_exit(pid, SPAWNED_EXIT_NORMAL, SPAWNED_OK, SPAWNED_PLACE_NONE);
}

typedef struct aligned_state {
    _Alignas(64) unsigned char bytes[192];
} aligned_state;

static spawned_status report_state(spawned_context *context, void *state, void *value) {
    (void)value;
    const aligned_state *own = state;
    uint64_t answer = (uintptr_t)own % 64 == 0 ? 0 : 1000;
    for (size_t i = 0; i < sizeof own->bytes; i++) answer += own->bytes[i] != 0;
    return spawned_reply(context, &answer);
}

/* L10 */
static void a_state_without_init_is_zeroed_and_aligned_as_asked(void **state) {
    harness *h = *state;
    static const spawned_handler handlers[] = {{&harness_ask_type, report_state}};
    static const spawned_behavior behavior = {SPAWNED_BEHAVIOR_INIT("aligned"),
                                              .state_size = sizeof(aligned_state),
                                              .state_alignment = 64, .handler_count = 1,
                                              .handlers = handlers};
    const spawned_pid pid = harness_start(h, &behavior, NULL);
    const uint64_t question = 0;
    uint64_t faults = 1;
    assert_ok(spawned_request(pid, &harness_ask_type, &question, HARNESS_LONG, &faults));
    assert_int_equal(faults, 0);
}

static void count_values_at_end(void *state, void *user_data) {
    harness_probe *probe = *(harness_probe **)state;
    probe->result = (int64_t)harness_tracked_destroyed(probe->owner);
    harness_probe_behavior.destroy(state, user_data);
}

/* L10 */
static void the_backlog_is_destroyed_before_the_state_and_both_before_join_returns(void **state) {
    harness *h = *state;
    static spawned_behavior behavior;
    behavior = harness_probe_behavior;
    behavior.destroy = count_values_at_end;
    harness_gate *gate = harness_gate_new(h);
    harness_probe *probe = harness_probe_new(h);
    const spawned_pid pid = harness_start_with(h, &behavior, probe);
    assert_true(harness_probe_hold(probe, pid, gate));
    send_numbers(h, pid, 1, 3);
    assert_ok(spawned_actor_stop(pid));
    harness_gate_open(gate);
    assert_ok(spawned_actor_join(pid, HARNESS_LONG));
    assert_int_equal(harness_probe_count(probe, HARNESS_DESTROYED), 1);
    assert_int_equal(probe->result, 3);
}

/* L11 */
static void an_actor_nobody_refers_to_lives_on(void **state) {
    harness *h = *state;
    harness_probe *probe = harness_probe_new(h);
    spawned_actor_options options = SPAWNED_ACTOR_OPTIONS_INIT;
    options.name = "orphan";
    options.name_length = SPAWNED_ZERO_TERMINATED;
    harness_probe_start(h, probe, &options);
    assert_true(harness_settle(h));
    spawned_pid pid = 0;
    assert_ok(spawned_registry_whereis(harness_runtime(h), "orphan", 6, &pid));
    assert_ok(harness_send_number(pid, 1));
    assert_true(harness_probe_wait(probe, HARNESS_MESSAGE, 1));
}

/* L12 */
static void an_ended_actor_stays_ended_and_a_new_start_is_another_actor(void **state) {
    harness *h = *state;
    harness_probe *probe = harness_probe_new(h), *next = harness_probe_new(h);
    probe->started_status = 7;
    const spawned_pid old = harness_probe_start(h, probe, NULL);
    assert_ok(spawned_actor_join(old, HARNESS_LONG));
    const spawned_pid young = harness_probe_start(h, next, NULL);
    assert_true(young != old);
    assert_ok(harness_send_number(young, 1));
    assert_true(harness_probe_wait(next, HARNESS_MESSAGE, 1));
    assert_story(probe, "i s d");
    assert_status(harness_send_number(old, 1), SPAWNED_ESTOPPED);
    assert_exit(old, SPAWNED_EXIT_FAILURE, 7, SPAWNED_PLACE_STARTED);
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        HARNESS_TEST(messages_sent_before_started_has_run_are_handled_in_order_after_it),
        HARNESS_TEST(the_clock_of_a_request_runs_while_started_does),
        HARNESS_TEST(callbacks_of_one_actor_never_overlap),
        HARNESS_TEST(a_suspended_handler_keeps_the_next_message_waiting),
        HARNESS_TEST(stopped_runs_once_after_a_clean_stop),
        HARNESS_TEST(a_failing_init_fails_the_start_and_leaves_nothing),
        HARNESS_TEST(a_failing_started_ends_the_actor_without_stopped),
        HARNESS_TEST(a_failing_handler_ends_the_actor_and_its_backlog_becomes_dead_letters),
        HARNESS_TEST(the_requester_of_a_failing_handler_learns_before_stopped_has_run),
        HARNESS_TEST(a_stop_inside_started_skips_the_messages_and_runs_stopped),
        HARNESS_TEST(an_actor_without_hooks_or_handlers_is_legal),
        HARNESS_TEST(a_state_without_init_is_zeroed_and_aligned_as_asked),
        HARNESS_TEST(the_backlog_is_destroyed_before_the_state_and_both_before_join_returns),
        HARNESS_TEST(an_actor_nobody_refers_to_lives_on),
        HARNESS_TEST(an_ended_actor_stays_ended_and_a_new_start_is_another_actor),
    };
    return harness_main(argc, argv, tests, sizeof tests / sizeof *tests);
}
