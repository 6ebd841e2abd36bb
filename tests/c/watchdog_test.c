/* Handlers that take long: a warning for a slow one on the pool, and one while a stuck one runs
 * on any backend, both naming actor and message. On a virtual clock no handler takes time.
 * modes: pool blocking thread */
#include "support/contract.h"

enum { SLOW = 2000000, STUCK = 20000000 };

static void watch_slow(spawned_runtime_options *options) {
    options->slow_handler = SLOW;
    options->stuck_handler = SPAWNED_FOREVER;
}

static void watch_stuck(spawned_runtime_options *options) {
    options->slow_handler = SPAWNED_FOREVER;
    options->stuck_handler = STUCK;
}

static void watch_patiently(spawned_runtime_options *options) {
    options->slow_handler = HARNESS_LONG;
    options->stuck_handler = HARNESS_LONG;
}

static void watch_nothing(spawned_runtime_options *options) {
    options->slow_handler = SPAWNED_FOREVER;
    options->stuck_handler = SPAWNED_FOREVER;
}

static const harness_config slow_config = {watch_slow};
static const harness_config stuck_config = {watch_stuck};
static const harness_config patient_config = {watch_patiently};
static const harness_config nothing_config = {watch_nothing};

static spawned_status pass_gate(spawned_context *context, harness_probe *probe, uint64_t number) {
    (void)context;
    (void)number;
    harness_gate_pass(probe->gate);
    return SPAWNED_OK;
}

/* Returns with a handler at a gate for at least duration. */
static spawned_pid delay_handler(harness *h, harness_probe *probe, spawned_duration duration) {
    probe->gate = harness_gate_new(h);
    probe->on_number = pass_gate;
    const spawned_pid pid = harness_probe_start(h, probe, NULL);
    assert_ok(harness_send_number(pid, 1));
    assert_true(harness_gate_wait_for(probe->gate, 1));
    const spawned_time begin = harness_now(h);
    while (harness_now(h) < begin + duration) harness_thread_count(); /* passes the time */
    return pid;
}

static bool is_slow(void *argument) {
    return harness_stats(argument).slow_handlers >= 1 &&
           harness_log_count(argument, SPAWNED_LOG_WARNING, "harness.number") >= 1;
}

/* W1 W4 */
static void a_slow_handler_is_warned_of_on_the_pool_and_nowhere_else(void **state) {
    harness *h = *state;
    harness_probe *probe = harness_probe_new(h);
    const spawned_pid pid = delay_handler(h, probe, 10 * SLOW);
    const bool pool = harness_mode_of(h) == HARNESS_POOL;
    if (pool) /* a busy machine may keep the watchdog waiting */
        assert_true(harness_wait_until(h, is_slow, h));
    harness_gate_open(probe->gate);
    assert_true(harness_settle(h));
    assert_int_equal(harness_stats(h).stuck_handlers, 0);
    assert_int_equal(harness_log_count(h, SPAWNED_LOG_WARNING, "harness.number"), pool ? 1 : 0);
    if (!pool) {
        assert_int_equal(harness_stats(h).slow_handlers, 0);
        return;
    }
    harness_log_entry entry;
    assert_true(harness_log_find(h, SPAWNED_LOG_WARNING, "harness.number", &entry));
    assert_true(entry.pid == pid);
    assert_string_equal(entry.actor_name, "probe");
    assert_string_equal(entry.message_name, "harness.number");
    assert_true(entry.elapsed >= SLOW);
}

/* W1 */
static void a_quick_handler_is_not_warned_of(void **state) {
    harness *h = *state;
    harness_probe *probe = harness_probe_new(h);
    const spawned_pid pid = harness_probe_start(h, probe, NULL);
    for (uint64_t i = 0; i < 100; i++) assert_ok(harness_send_number(pid, i));
    assert_true(harness_probe_wait(probe, HARNESS_MESSAGE, 100));
    assert_true(harness_settle(h));
    assert_int_equal(harness_log_count(h, SPAWNED_LOG_WARNING, NULL), 0);
    assert_int_equal(harness_stats(h).stuck_handlers, 0);
}

/* W1: 10 ms, in builds with assertions; the tests are built as the library is */
static void by_default_slow_handlers_are_warned_of_where_assertions_are_on(void **state) {
    harness *h = *state;
    harness_probe *probe = harness_probe_new(h);
    delay_handler(h, probe, 40 * SPAWNED_MILLISECOND);
#ifndef NDEBUG
    if (harness_mode_of(h) == HARNESS_POOL) assert_true(harness_wait_until(h, is_slow, h));
#endif
    harness_gate_open(probe->gate);
    assert_true(harness_settle(h));
#ifdef NDEBUG
    assert_int_equal(harness_stats(h).slow_handlers, 0);
    assert_int_equal(harness_log_count(h, SPAWNED_LOG_WARNING, "harness.number"), 0);
#endif
}

/* W1 */
static void nothing_is_watched_when_both_limits_are_for_ever(void **state) {
    harness *h = *state;
    harness_probe *probe = harness_probe_new(h);
    delay_handler(h, probe, 10 * SLOW);
    harness_gate_open(probe->gate);
    assert_true(harness_settle(h));
    assert_int_equal(harness_stats(h).slow_handlers, 0);
    assert_int_equal(harness_stats(h).stuck_handlers, 0);
    assert_int_equal(harness_log_count(h, SPAWNED_LOG_WARNING, "harness.number"), 0);
}

typedef struct warning {
    harness *h;
    const char *message_name;
} warning;

static bool is_warned_of(void *argument) {
    const warning *wanted = argument;
    return harness_stats(wanted->h).stuck_handlers >= 1 &&
           harness_log_count(wanted->h, SPAWNED_LOG_WARNING, wanted->message_name) >= 1;
}

static bool wait_for_warning(harness *h, const char *message_name) {
    warning wanted = {h, message_name};
    return harness_wait_until(h, is_warned_of, &wanted);
}

/* W3 */
static void a_stuck_handler_is_named_while_it_runs_on_every_backend(void **state) {
    harness *h = *state;
    harness_probe *probe = harness_probe_new(h);
    probe->gate = harness_gate_new(h);
    probe->on_number = pass_gate;
    const spawned_pid pid = harness_probe_start(h, probe, NULL);
    assert_ok(harness_send_number(pid, 1));
    assert_true(harness_gate_wait_for(probe->gate, 1));
    assert_true(wait_for_warning(h, "harness.number")); /* the gate is still closed */
    harness_log_entry entry;
    assert_true(harness_log_find(h, SPAWNED_LOG_WARNING, "harness.number", &entry));
    assert_true(entry.pid == pid);
    assert_string_equal(entry.actor_name, "probe");
    assert_string_equal(entry.message_name, "harness.number");
    assert_true(entry.elapsed >= STUCK);
    harness_gate_open(probe->gate);
    assert_true(harness_settle(h));
    assert_int_equal(harness_log_count(h, SPAWNED_LOG_WARNING, "harness.number"), 1); /* once */
}

static spawned_status ask_peer(spawned_context *context, harness_probe *probe, uint64_t number) {
    (void)context;
    uint64_t answer = 0;
    return spawned_request(probe->peer, &harness_ask_type, &number, SPAWNED_FOREVER, &answer);
}

/* W3 */
static void of_handlers_that_wait_for_one_another_the_innermost_is_named(void **state) {
    harness *h = *state;
    harness_probe *outer = harness_probe_new(h), *inner = harness_probe_new(h);
    inner->gate = harness_gate_new(h);
    inner->on_number = pass_gate;
    outer->on_number = ask_peer;
    outer->peer = harness_probe_start(h, inner, NULL);
    const spawned_pid pid = harness_probe_start(h, outer, NULL);
    assert_true(harness_settle(h)); /* idle both: the request may run inline */
    assert_ok(harness_send_number(pid, 1));
    assert_true(harness_gate_wait_for(inner->gate, 1));
    assert_true(wait_for_warning(h, "harness.ask"));
    harness_log_entry entry;
    assert_true(harness_log_find(h, SPAWNED_LOG_WARNING, "harness.ask", &entry));
    assert_true(entry.pid == outer->peer);
    harness_gate_open(inner->gate);
    assert_true(harness_settle(h));
}

static spawned_status pass_gate_in_started(spawned_context *context, harness_probe *probe) {
    return pass_gate(context, probe, 0);
}

/* W3 */
static void a_stuck_hook_is_named_too(void **state) {
    harness *h = *state;
    harness_probe *probe = harness_probe_new(h);
    probe->gate = harness_gate_new(h);
    probe->on_started = pass_gate_in_started;
    const spawned_pid pid = harness_probe_start(h, probe, NULL);
    assert_true(wait_for_warning(h, "started"));
    harness_log_entry entry;
    assert_true(harness_log_find(h, SPAWNED_LOG_WARNING, "started", &entry));
    assert_true(entry.pid == pid);
    spawned_actor_report report = SPAWNED_ACTOR_REPORT_INIT;
    size_t count = 0;
    assert_ok(spawned_runtime_busy(harness_runtime(h), &report, sizeof report, 1, &count));
    assert_string_equal(report.message_name, "started");
    assert_int_equal(report.state, SPAWNED_ACTOR_RUNNING);
    harness_gate_open(probe->gate);
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        HARNESS_TEST_WITH(a_slow_handler_is_warned_of_on_the_pool_and_nowhere_else, &slow_config),
        HARNESS_TEST_WITH(a_quick_handler_is_not_warned_of, &patient_config),
        HARNESS_TEST(by_default_slow_handlers_are_warned_of_where_assertions_are_on),
        HARNESS_TEST_WITH(nothing_is_watched_when_both_limits_are_for_ever, &nothing_config),
        HARNESS_TEST_WITH(a_stuck_handler_is_named_while_it_runs_on_every_backend, &stuck_config),
        HARNESS_TEST_WITH(of_handlers_that_wait_for_one_another_the_innermost_is_named,
                          &stuck_config),
        HARNESS_TEST_WITH(a_stuck_hook_is_named_too, &stuck_config),
    };
    return harness_main(argc, argv, tests, sizeof tests / sizeof *tests);
}
