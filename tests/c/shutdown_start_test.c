/* A shutdown and the starts it meets on their way: none is left behind half started. */
#include "support/contract.h"

typedef struct slow_start {
    harness *h;
    harness_gate *gate;
    pthread_t thread;
    spawned_pid pid;
    spawned_status status;
    spawned_status seen; /* what init saw */
    _Atomic int destroyed;
} slow_start;

static spawned_status init_at_gate(void *state, void *argument, void *user_data) {
    (void)user_data;
    slow_start *start = *(slow_start **)state = argument;
    harness_gate_pass(start->gate);
    return SPAWNED_OK;
}

static spawned_status init_that_shuts_down(void *state, void *argument, void *user_data) {
    (void)user_data;
    slow_start *start = *(slow_start **)state = argument;
    start->seen = spawned_runtime_shutdown(harness_runtime(start->h), HARNESS_LONG);
    return SPAWNED_OK;
}

static void end_state(void *state, void *user_data) {
    (void)user_data;
    (*(slow_start **)state)->destroyed++;
}

#define STARTER(name_of_behavior, init_of_behavior)                              \
    SPAWNED_BEHAVIOR_INIT(name_of_behavior), .state_size = sizeof(slow_start *), \
                                             .state_alignment = sizeof(void *),  \
                                             .init = init_of_behavior, .destroy = end_state

static const spawned_behavior at_gate = {STARTER("at gate", init_at_gate)};
static const spawned_behavior shuts_down = {STARTER("shuts down", init_that_shuts_down)};

static void *start_slowly(void *argument) {
    slow_start *start = argument;
    spawned_actor_options options = SPAWNED_ACTOR_OPTIONS_INIT;
    options.backend = harness_backend(start->h);
    options.argument = start;
    start->status = spawned_actor_start(harness_runtime(start->h), &at_gate, &options, &start->pid);
    return NULL;
}

/* SH01 */
static void a_shutdown_waits_for_an_actor_that_is_being_started(void **state) {
    harness *h = *state;
    REQUIRE_THREADS(h);
    slow_start start = {h, harness_gate_new(h), .status = SPAWNED_EAGAIN};
    assert_int_equal(pthread_create(&start.thread, NULL, start_slowly, &start), 0);
    assert_true(harness_gate_wait_for(start.gate, 1));
    assert_status(spawned_runtime_shutdown(harness_runtime(h), 20 * SPAWNED_MILLISECOND),
                  SPAWNED_ETIMEDOUT);
    harness_gate_open(start.gate);
    assert_ok(spawned_runtime_shutdown(harness_runtime(h), HARNESS_LONG));
    pthread_join(start.thread, NULL);
    assert_ok(start.status);
    assert_int_equal(start.destroyed, 1);
    assert_exit(start.pid, SPAWNED_EXIT_SHUTDOWN, SPAWNED_OK, SPAWNED_PLACE_NONE);
}

/* SH03 */
static void a_shutdown_from_init_begins_and_is_completed_from_outside(void **state) {
    harness *h = *state;
    slow_start start = {h, NULL, .seen = SPAWNED_OK};
    const spawned_pid pid = harness_start_with(h, &shuts_down, &start);
    assert_true(pid != 0);
    assert_status(start.seen, SPAWNED_EDEADLK);
    assert_ok(spawned_actor_join(pid, HARNESS_LONG));
    assert_int_equal(start.destroyed, 1);
    assert_ok(spawned_runtime_shutdown(harness_runtime(h), HARNESS_LONG));
    spawned_pid late = 0;
    assert_status(spawned_actor_start(harness_runtime(h), &at_gate, NULL, &late),
                  SPAWNED_ESTOPPING);
}

/* SH01 */
static void promises_and_sleeps_after_a_shutdown_has_begun_are_refused(void **state) {
    harness *h = *state;
    assert_ok(spawned_runtime_shutdown(harness_runtime(h), HARNESS_LONG));
    spawned_response *response = NULL;
    spawned_reply_to reply = 0;
    assert_status(spawned_sleep(harness_runtime(h), SPAWNED_SECOND, &response), SPAWNED_ESTOPPING);
    assert_status(spawned_response_wait(response, SPAWNED_FOREVER), SPAWNED_ESTOPPING);
    spawned_response_release(response);
    assert_status(spawned_promise_create(harness_runtime(h), &harness_number_type, SPAWNED_FOREVER,
                                         &reply, &response),
                  SPAWNED_ESTOPPING);
    assert_status(spawned_response_wait(response, SPAWNED_FOREVER), SPAWNED_ESTOPPING);
    spawned_response_release(response);
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        HARNESS_TEST(a_shutdown_waits_for_an_actor_that_is_being_started),
        HARNESS_TEST(a_shutdown_from_init_begins_and_is_completed_from_outside),
        HARNESS_TEST(promises_and_sleeps_after_a_shutdown_has_begun_are_refused),
    };
    return harness_main(argc, argv, tests, sizeof tests / sizeof *tests);
}
