/* How an actor ended: its exit reason, the failure's code, place and text, and who may ask when. */
#include "support/contract.h"

static const spawned_message_type probe_less_type =
    SPAWNED_MESSAGE_TYPE("exit_test.number", uint64_t);

static spawned_status stop_in_started(spawned_context *context, harness_probe *probe) {
    (void)probe;
    return spawned_context_stop(context);
}

static spawned_status fail_with_number(spawned_context *context, harness_probe *probe,
                                       uint64_t number) {
    (void)context;
    (void)probe;
    return (spawned_status)number;
}

/* data: a text recorded with the failure; result: its length. */
static spawned_status fail_with_text(spawned_context *context, harness_probe *probe,
                                     uint64_t number) {
    (void)context;
    return spawned_fail((spawned_status)number, probe->data, (size_t)probe->result);
}

static spawned_status stop_on_number(spawned_context *context, harness_probe *probe,
                                     uint64_t number) {
    (void)probe;
    (void)number;
    return spawned_context_stop(context);
}

/* data: another runtime's actor. */
static spawned_status fail_after_a_call_elsewhere(spawned_context *context, harness_probe *probe,
                                                  uint64_t number) {
    (void)context;
    (void)number;
    const uint64_t value = 1;
    (void)spawned_send(*(const spawned_pid *)probe->data, &probe_less_type, &value);
    return spawned_fail(7, "elsewhere", SPAWNED_ZERO_TERMINATED);
}

/* Starts a probe that fails with code and text, and waits for its end. */
static spawned_pid fail_an_actor(harness *h, int32_t code, const char *text, size_t length) {
    harness_probe *probe = harness_probe_new(h);
    probe->on_number = fail_with_text;
    probe->data = (void *)(uintptr_t)text;
    probe->result = (int64_t)length;
    const spawned_pid pid = harness_probe_start(h, probe, NULL);
    assert_ok(harness_send_number(pid, (uint64_t)code));
    assert_ok(spawned_actor_join(pid, HARNESS_LONG));
    return pid;
}

/* E1 */
static void statuses_have_names_and_texts_for_people(void **state) {
    (void)state;
    assert_string_equal(spawned_status_name(SPAWNED_OK), "SPAWNED_OK");
    assert_string_equal(spawned_status_name(SPAWNED_ESTOPPED), "SPAWNED_ESTOPPED");
    assert_string_equal(spawned_status_name(SPAWNED_ETIMEDOUT), "SPAWNED_ETIMEDOUT");
    assert_string_equal(spawned_status_text(SPAWNED_ESTOPPED), "actor stopped");
    for (spawned_status status = SPAWNED_EBUSY; status <= SPAWNED_OK; status++) {
        assert_memory_equal(spawned_status_name(status), "SPAWNED_", 8);
        assert_true(strlen(spawned_status_text(status)) > 0);
        for (spawned_status other = SPAWNED_EBUSY; other < status; other++)
            assert_string_not_equal(spawned_status_name(status), spawned_status_name(other));
    }
    assert_string_equal(spawned_status_name(1), "application");
    assert_string_equal(spawned_status_name(INT32_MAX), "application");
    assert_string_equal(spawned_status_name(INT32_MIN), "unknown");
    assert_non_null(spawned_status_text(1));
    assert_non_null(spawned_status_text(INT32_MIN));
}

/* E4 */
static void places_of_failures_have_names(void **state) {
    (void)state;
    assert_string_equal(spawned_exit_place_name(SPAWNED_PLACE_NONE), "none");
    assert_string_equal(spawned_exit_place_name(SPAWNED_PLACE_INIT), "init");
    assert_string_equal(spawned_exit_place_name(SPAWNED_PLACE_STARTED), "started");
    assert_string_equal(spawned_exit_place_name(SPAWNED_PLACE_HANDLER), "handler");
    assert_string_equal(spawned_exit_place_name(SPAWNED_PLACE_STOPPED), "stopped");
    assert_string_equal(spawned_exit_place_name(4711), "unknown");
}

/* E2 E4 */
static void exit_kinds_have_names(void **state) {
    (void)state;
    assert_string_equal(spawned_exit_kind_name(SPAWNED_EXIT_RUNNING), "running");
    assert_string_equal(spawned_exit_kind_name(SPAWNED_EXIT_NORMAL), "normal");
    assert_string_equal(spawned_exit_kind_name(SPAWNED_EXIT_SHUTDOWN), "shutdown");
    assert_string_equal(spawned_exit_kind_name(SPAWNED_EXIT_FAILURE), "failure");
    assert_string_equal(spawned_exit_kind_name(SPAWNED_EXIT_KILLED), "killed");
    assert_string_equal(spawned_exit_kind_name(SPAWNED_EXIT_UNKNOWN), "unknown");
    assert_string_equal(spawned_exit_kind_name(4711), "unknown");
}

/* E3 */
static void failure_and_kill_are_abnormal_and_the_others_are_not(void **state) {
    (void)state;
    assert_int_equal(spawned_exit_is_abnormal(SPAWNED_EXIT_RUNNING), 0);
    assert_int_equal(spawned_exit_is_abnormal(SPAWNED_EXIT_NORMAL), 0);
    assert_int_equal(spawned_exit_is_abnormal(SPAWNED_EXIT_SHUTDOWN), 0);
    assert_int_equal(spawned_exit_is_abnormal(SPAWNED_EXIT_FAILURE), 1);
    assert_int_equal(spawned_exit_is_abnormal(SPAWNED_EXIT_KILLED), 1);
    assert_int_equal(spawned_exit_is_abnormal(4711), 1); /* a kind of a later version */
}

/* E5 E6 */
static void a_failure_keeps_its_code_its_place_and_its_text(void **state) {
    harness *h = *state;
    const spawned_pid pid = fail_an_actor(h, 42, "the disk is full", SPAWNED_ZERO_TERMINATED);
    spawned_exit exit = SPAWNED_EXIT_INIT;
    char text[64];
    assert_ok(spawned_actor_exit_reason(pid, &exit, text, sizeof text));
    assert_int_equal(exit.kind, SPAWNED_EXIT_FAILURE);
    assert_int_equal(exit.code, 42);
    assert_int_equal(exit.place, SPAWNED_PLACE_HANDLER);
    assert_int_equal(exit.text_length, 16);
    assert_string_equal(text, "the disk is full");
}

/* E6 */
static void a_failure_without_a_text_has_an_empty_one(void **state) {
    harness *h = *state;
    harness_probe *probe = harness_probe_new(h);
    probe->on_number = fail_with_number;
    const spawned_pid pid = harness_probe_start(h, probe, NULL);
    assert_ok(harness_send_number(pid, 3));
    assert_ok(spawned_actor_join(pid, HARNESS_LONG));
    spawned_exit exit = SPAWNED_EXIT_INIT;
    char text[8] = "before";
    assert_ok(spawned_actor_exit_reason(pid, &exit, text, sizeof text));
    assert_int_equal(exit.code, 3);
    assert_int_equal(exit.text_length, 0);
    assert_string_equal(text, "");
}

/* The first number records a failure and then succeeds; the others fail with the same code. */
static spawned_status fail_after_all(spawned_context *context, harness_probe *probe,
                                     uint64_t number) {
    (void)context;
    (void)probe;
    if (number != 1) return 3;
    spawned_fail(3, "it was not so bad", SPAWNED_ZERO_TERMINATED);
    return SPAWNED_OK;
}

/* E6 */
static void a_text_survives_a_call_to_another_runtime_in_the_same_handler(void **state) {
    harness *h = *state;
    static const spawned_behavior bare = {SPAWNED_BEHAVIOR_INIT("bare"), .state_size = 0};
    spawned_runtime *other = harness_runtime_begin(h, NULL);
    assert_non_null(other);
    spawned_pid elsewhere = 0;
    assert_ok(spawned_actor_start(other, &bare, NULL, &elsewhere));
    harness_probe *probe = harness_probe_new(h);
    probe->on_number = fail_after_a_call_elsewhere;
    probe->data = &elsewhere;
    const spawned_pid pid = harness_probe_start(h, probe, NULL);
    harness_send_number(pid, 1);
    assert_ok(spawned_actor_join(pid, HARNESS_LONG));
    char text[32];
    spawned_exit exit = SPAWNED_EXIT_INIT;
    assert_ok(spawned_actor_exit_reason(pid, &exit, text, sizeof text));
    assert_int_equal(exit.code, 7);
    assert_string_equal(text, "elsewhere");
    assert_int_equal(harness_runtime_end(h, other), 0);
}

/* E6 */
static void a_text_recorded_for_a_failure_that_did_not_happen_is_forgotten(void **state) {
    harness *h = *state;
    assert_status(spawned_fail(3, "not in a callback at all", SPAWNED_ZERO_TERMINATED), 3);
    for (uint64_t first = 1; first <= 2; first++) {
        harness_probe *probe = harness_probe_new(h);
        probe->on_number = fail_after_all;
        const spawned_pid pid = harness_probe_start(h, probe, NULL);
        harness_send_number(pid, first);
        harness_send_number(pid, 2);
        assert_ok(spawned_actor_join(pid, HARNESS_LONG));
        spawned_exit exit = SPAWNED_EXIT_INIT;
        assert_ok(spawned_actor_exit_reason(pid, &exit, NULL, 0));
        assert_int_equal(exit.code, 3);
        assert_int_equal(exit.text_length, 0);
    }
}

/* E6 */
static void a_long_text_is_cut_between_characters(void **state) {
    harness *h = *state;
    static char text[3001];
    for (size_t i = 0; i < 3000; i += 3)
        memcpy(text + i, "\xe2\x82\xac", 3); /* three bytes; 1,024 is no multiple */
    const spawned_pid pid = fail_an_actor(h, 42, text, 3000);
    spawned_exit exit = SPAWNED_EXIT_INIT;
    char kept[2048];
    assert_ok(spawned_actor_exit_reason(pid, &exit, kept, sizeof kept));
    assert_int_equal(exit.text_length, 1023);
    assert_int_equal(strlen(kept), 1023);
    assert_memory_equal(kept, text, 1023);
}

/* E6 */
static void a_small_buffer_receives_whole_characters_and_a_zero_byte(void **state) {
    harness *h = *state;
    const spawned_pid pid = fail_an_actor(h, 42, "a\xe2\x82\xac\xe2\x82\xac", 7);
    static const size_t lengths[] = {0, 0, 1, 1, 1, 4, 4, 4, 7, 7};
    for (size_t capacity = 0; capacity < sizeof lengths / sizeof *lengths; capacity++) {
        spawned_exit exit = SPAWNED_EXIT_INIT;
        char text[16];
        memset(text, '#', sizeof text);
        assert_ok(spawned_actor_exit_reason(pid, &exit, text, capacity));
        assert_int_equal(exit.text_length, 7);
        assert_int_equal(text[capacity], '#');
        if (capacity > 0) assert_int_equal(strlen(text), lengths[capacity]);
    }
}

/* E7 */
static void the_reason_is_running_until_the_end_and_answers_for_ever_after(void **state) {
    harness *h = *state;
    harness_probe *probe = harness_probe_new(h);
    probe->on_number = stop_on_number;
    const spawned_pid pid = harness_probe_start(h, probe, NULL);
    assert_exit(pid, SPAWNED_EXIT_RUNNING, SPAWNED_OK, SPAWNED_PLACE_NONE);
    assert_ok(harness_send_number(pid, 1));
    assert_ok(spawned_actor_join(pid, HARNESS_LONG));
    for (size_t i = 0; i < 100; i++) {
        harness_probe *next = harness_probe_new(h);
        next->on_number = fail_with_number;
        const spawned_pid later = harness_probe_start(h, next, NULL);
        assert_ok(harness_send_number(later, 3));
        assert_ok(spawned_actor_join(later, HARNESS_LONG));
    }
    assert_exit(pid, SPAWNED_EXIT_NORMAL, SPAWNED_OK, SPAWNED_PLACE_NONE);
}

typedef struct observer {
    pthread_t thread;
    spawned_pid pid;
    spawned_status status;
    spawned_exit exit;
} observer;

static void *observe_end(void *argument) {
    observer *own = argument;
    const spawned_exit empty = SPAWNED_EXIT_INIT;
    own->exit = empty;
    own->status = spawned_actor_join(own->pid, HARNESS_LONG);
    if (own->status == SPAWNED_OK)
        own->status = spawned_actor_exit_reason(own->pid, &own->exit, NULL, 0);
    return NULL;
}

/* E8 LC13 ST6 */
static void sixty_four_threads_and_a_late_one_learn_the_same_reason(void **state) {
    harness *h = *state;
    REQUIRE_THREADS(h);
    harness_probe *probe = harness_probe_new(h);
    probe->on_number = fail_with_number;
    const spawned_pid pid = harness_probe_start(h, probe, NULL);
    static observer observers[65];
    for (size_t i = 0; i < 64; i++) {
        observers[i].pid = pid;
        assert_int_equal(pthread_create(&observers[i].thread, NULL, observe_end, &observers[i]), 0);
    }
    assert_ok(harness_send_number(pid, 11));
    for (size_t i = 0; i < 64; i++) assert_int_equal(pthread_join(observers[i].thread, NULL), 0);
    observers[64].pid = pid;
    observe_end(&observers[64]);
    for (size_t i = 0; i < 65; i++) {
        assert_ok(observers[i].status);
        assert_int_equal(observers[i].exit.kind, SPAWNED_EXIT_FAILURE);
        assert_int_equal(observers[i].exit.code, 11);
    }
}

/* LC13, without a thread for each */
static void sixty_four_responses_and_a_late_one_tell_of_the_same_end(void **state) {
    harness *h = *state;
    harness_probe *probe = harness_probe_new(h);
    probe->on_number = fail_with_number;
    const spawned_pid pid = harness_probe_start(h, probe, NULL);
    spawned_response *ends[65] = {NULL};
    for (size_t i = 0; i < 64; i++)
        assert_ok(spawned_actor_end_response(pid, SPAWNED_FOREVER, &ends[i]));
    assert_ok(harness_send_number(pid, 11));
    for (size_t i = 0; i < 65; i++) {
        if (i == 64) assert_ok(spawned_actor_end_response(pid, SPAWNED_FOREVER, &ends[i]));
        assert_ok(spawned_response_wait(ends[i], HARNESS_LONG));
        assert_exit(pid, SPAWNED_EXIT_FAILURE, 11, SPAWNED_PLACE_HANDLER);
        spawned_response_release(ends[i]);
    }
}

static void *kill_now(void *argument) {
    spawned_actor_kill(*(const spawned_pid *)argument);
    return NULL;
}

/* LC16 */
static void a_stop_and_a_kill_at_once_leave_one_reason_for_everybody(void **state) {
    harness *h = *state;
    for (size_t round = 0; round < 50; round++) {
        harness_probe *probe = harness_probe_new(h);
        spawned_pid pid = harness_probe_start(h, probe, NULL);
        pthread_t killer;
        assert_int_equal(pthread_create(&killer, NULL, kill_now, &pid), 0);
        spawned_actor_stop(pid);
        if (harness_is_deterministic(h)) /* the end must not be driven from two threads */
            assert_int_equal(pthread_join(killer, NULL), 0);
        observer first = {.pid = pid}, again = {.pid = pid};
        observe_end(&first);
        if (!harness_is_deterministic(h)) assert_int_equal(pthread_join(killer, NULL), 0);
        observe_end(&again);
        assert_ok(first.status);
        assert_true(first.exit.kind == SPAWNED_EXIT_NORMAL ||
                    first.exit.kind == SPAWNED_EXIT_KILLED);
        assert_int_equal(first.exit.kind, again.exit.kind);
        assert_int_equal(harness_probe_count(probe, HARNESS_DESTROYED), 1);
    }
}

/* E9 */
static void a_killed_actor_reports_killed(void **state) {
    harness *h = *state;
    harness_probe *probe = harness_probe_new(h);
    const spawned_pid pid = harness_probe_start(h, probe, NULL);
    assert_ok(spawned_actor_kill(pid));
    assert_ok(spawned_actor_join(pid, HARNESS_LONG));
    assert_exit(pid, SPAWNED_EXIT_KILLED, SPAWNED_OK, SPAWNED_PLACE_NONE);
}

/* E10 */
static void a_taken_name_refuses_the_start_and_keeps_its_holder(void **state) {
    harness *h = *state;
    harness_probe *holder = harness_probe_new(h), *rival = harness_probe_new(h);
    spawned_actor_options options = SPAWNED_ACTOR_OPTIONS_INIT;
    options.name = "ledger";
    const spawned_pid pid = harness_probe_start(h, holder, &options);
    options.backend = harness_backend(h);
    options.argument = rival;
    spawned_pid other = 0, found = 0;
    assert_status(spawned_actor_start(harness_runtime(h), &harness_probe_behavior, &options,
                                      &other),
                  SPAWNED_EEXIST);
    assert_ok(spawned_registry_whereis(harness_runtime(h), "ledger", 6, &found));
    assert_true(found == pid);
    assert_int_equal(harness_probe_count(rival, HARNESS_STARTED), 0);
    assert_int_equal(harness_probe_count(rival, HARNESS_INIT),
                     harness_probe_count(rival, HARNESS_DESTROYED));
    assert_string_equal(spawned_status_name(SPAWNED_EEXIST), "SPAWNED_EEXIST");
}

static spawned_status init_that_gives_the_name_away(void *state, void *argument, void *user_data) {
    (void)state, (void)user_data;
    harness_probe *holder = argument;
    spawned_actor_options options = SPAWNED_ACTOR_OPTIONS_INIT;
    options.name = "ledger";
    holder->peer = harness_probe_start(holder->owner, holder, &options);
    return SPAWNED_OK;
}

static void a_name_taken_while_init_ran_refuses_the_start_too(void **state) {
    harness *h = *state;
    harness_probe *holder = harness_probe_new(h);
    const spawned_behavior rival = {SPAWNED_BEHAVIOR_INIT("rival"),
                                    .init = init_that_gives_the_name_away};
    spawned_actor_options options = SPAWNED_ACTOR_OPTIONS_INIT;
    options.name = "ledger";
    options.backend = harness_backend(h);
    options.argument = holder;
    spawned_pid other = 0, found = 0;
    assert_status(spawned_actor_start(harness_runtime(h), &rival, &options, &other),
                  SPAWNED_EEXIST);
    assert_ok(spawned_registry_whereis(harness_runtime(h), "ledger", 6, &found));
    assert_true(found == holder->peer);
    assert_ok(harness_send_number(found, 1));
}

/* L6 */
static void a_failing_stopped_completes_the_end_and_becomes_the_reason(void **state) {
    harness *h = *state;
    harness_probe *probe = harness_probe_new(h);
    probe->stopped_status = 9;
    probe->failure_text = "cannot flush";
    const spawned_pid pid = harness_probe_start(h, probe, NULL);
    assert_ok(spawned_actor_stop(pid));
    assert_ok(spawned_actor_join(pid, HARNESS_LONG));
    assert_exit(pid, SPAWNED_EXIT_FAILURE, 9, SPAWNED_PLACE_STOPPED);
    assert_true(harness_log_count(h, SPAWNED_LOG_ERROR, "cannot flush") >= 1);
    assert_status(harness_send_number(pid, 1), SPAWNED_ESTOPPED);
}

/* L6 */
static void the_first_failure_stays_the_reason_when_stopped_fails_too(void **state) {
    harness *h = *state;
    harness_probe *probe = harness_probe_new(h);
    probe->on_number = fail_with_number;
    probe->stopped_status = 9;
    const spawned_pid pid = harness_probe_start(h, probe, NULL);
    assert_ok(harness_send_number(pid, 7));
    assert_ok(spawned_actor_join(pid, HARNESS_LONG));
    assert_exit(pid, SPAWNED_EXIT_FAILURE, 7, SPAWNED_PLACE_HANDLER);
    assert_true(harness_log_count(h, SPAWNED_LOG_ERROR, NULL) >= 2);
}

/* L8 */
static void a_failing_stopped_after_a_stop_inside_started_is_reported_too(void **state) {
    harness *h = *state;
    harness_probe *probe = harness_probe_new(h);
    probe->on_started = stop_in_started;
    probe->stopped_status = 9;
    const spawned_pid pid = harness_probe_start(h, probe, NULL);
    assert_ok(spawned_actor_join(pid, HARNESS_LONG));
    assert_exit(pid, SPAWNED_EXIT_FAILURE, 9, SPAWNED_PLACE_STOPPED);
    assert_true(harness_log_count(h, SPAWNED_LOG_ERROR, NULL) >= 1);
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        HARNESS_TEST(statuses_have_names_and_texts_for_people),
        HARNESS_TEST(exit_kinds_have_names),
        HARNESS_TEST(places_of_failures_have_names),
        HARNESS_TEST(failure_and_kill_are_abnormal_and_the_others_are_not),
        HARNESS_TEST(a_failure_keeps_its_code_its_place_and_its_text),
        HARNESS_TEST(a_failure_without_a_text_has_an_empty_one),
        HARNESS_TEST(a_text_survives_a_call_to_another_runtime_in_the_same_handler),
        HARNESS_TEST(a_text_recorded_for_a_failure_that_did_not_happen_is_forgotten),
        HARNESS_TEST(a_long_text_is_cut_between_characters),
        HARNESS_TEST(a_small_buffer_receives_whole_characters_and_a_zero_byte),
        HARNESS_TEST(the_reason_is_running_until_the_end_and_answers_for_ever_after),
        HARNESS_TEST(sixty_four_threads_and_a_late_one_learn_the_same_reason),
        HARNESS_TEST(sixty_four_responses_and_a_late_one_tell_of_the_same_end),
        HARNESS_TEST(a_stop_and_a_kill_at_once_leave_one_reason_for_everybody),
        HARNESS_TEST(a_killed_actor_reports_killed),
        HARNESS_TEST(a_taken_name_refuses_the_start_and_keeps_its_holder),
        HARNESS_TEST(a_name_taken_while_init_ran_refuses_the_start_too),
        HARNESS_TEST(a_failing_stopped_completes_the_end_and_becomes_the_reason),
        HARNESS_TEST(the_first_failure_stays_the_reason_when_stopped_fails_too),
        HARNESS_TEST(a_failing_stopped_after_a_stop_inside_started_is_reported_too),
    };
    return harness_main(argc, argv, tests, sizeof tests / sizeof *tests);
}
