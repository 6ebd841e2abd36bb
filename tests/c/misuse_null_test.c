/* NULL and zero where a value must be: every public function refuses, and changes nothing.
 * The values of refused sends are consumed like any others: the harness counts them. */
#include "support/contract.h"

#define refuse(call) assert_status(call, SPAWNED_EINVAL)

static void assert_context_refused(spawned_status status) {
    assert_true(status == SPAWNED_ECONTEXT || status == SPAWNED_EINVAL);
}

static spawned_pid start_probe(harness *h) {
    const spawned_pid pid = harness_probe_start(h, harness_probe_new(h), NULL);
    assert_true(pid != 0);
    return pid;
}

/* AB04 */
static void functions_that_initialize_refuse_null(void **state) {
    (void)state;
    refuse(spawned_exit_init(NULL, sizeof(spawned_exit)));
    refuse(spawned_allocator_init(NULL, sizeof(spawned_allocator)));
    refuse(spawned_log_sink_init(NULL, sizeof(spawned_log_sink)));
    refuse(spawned_runtime_options_init(NULL, sizeof(spawned_runtime_options)));
    refuse(spawned_actor_report_init(NULL, sizeof(spawned_actor_report)));
    refuse(spawned_runtime_stats_init(NULL, sizeof(spawned_runtime_stats)));
    refuse(spawned_behavior_init(NULL, sizeof(spawned_behavior), "name"));
    refuse(spawned_actor_options_init(NULL, sizeof(spawned_actor_options)));
    refuse(spawned_message_info_init(NULL, sizeof(spawned_message_info)));
    refuse(spawned_message_type_init(NULL, sizeof(spawned_message_type), "name", 8, 8));
    spawned_behavior behavior;
    spawned_message_type type;
    refuse(spawned_behavior_init(&behavior, sizeof behavior, NULL));
    refuse(spawned_message_type_init(&type, sizeof type, NULL, 8, 8));
}

/* AB04 */
static void functions_that_release_accept_null(void **state) {
    (void)state;
    assert_ok(spawned_runtime_destroy(NULL));
    spawned_message_abandon(NULL);
    spawned_message_destroy(NULL);
    spawned_response_release(NULL);
}

/* AB04 */
static void runtime_functions_refuse_null(void **state) {
    harness *h = *state;
    spawned_runtime *runtime = harness_runtime(h);
    spawned_runtime_stats stats = SPAWNED_RUNTIME_STATS_INIT;
    spawned_actor_report report = SPAWNED_ACTOR_REPORT_INIT;
    size_t count = 0;
    spawned_time now = 0;
    refuse(spawned_runtime_create(NULL, NULL));
    refuse(spawned_runtime_shutdown(NULL, SPAWNED_NO_WAIT));
    refuse(spawned_runtime_busy(NULL, &report, sizeof report, 1, &count));
    refuse(spawned_runtime_busy(runtime, NULL, sizeof report, 1, &count));
    refuse(spawned_runtime_busy(runtime, &report, sizeof report, 1, NULL));
    refuse(spawned_runtime_busy(runtime, &report, 0, 1, &count));
    refuse(spawned_runtime_stats_get(NULL, &stats));
    refuse(spawned_runtime_stats_get(runtime, NULL));
    refuse(spawned_runtime_now(NULL, &now));
    refuse(spawned_runtime_now(runtime, NULL));
    assert_null(spawned_pid_runtime(0));
}

/* AB04 */
static void message_functions_refuse_null(void **state) {
    harness *h = *state;
    spawned_runtime *runtime = harness_runtime(h);
    const spawned_pid pid = start_probe(h);
    const spawned_message_type *made = NULL;
    spawned_message *message = NULL;
    spawned_response *response = NULL;
    void *storage = NULL;
    const uint64_t number = 1;
    refuse(spawned_message_type_create(NULL, &harness_number_type, &made));
    refuse(spawned_message_type_create(runtime, NULL, &made));
    refuse(spawned_message_type_create(runtime, &harness_number_type, NULL));
    refuse(harness_send_tracked(h, 0, 1));
    refuse(spawned_send(pid, NULL, &number));
    refuse(spawned_send(pid, &harness_number_type, NULL));
    const harness_tracked first = harness_tracked_make(h, 1), next = harness_tracked_make(h, 2);
    refuse(spawned_message_create(0, &harness_tracked_type, &first, &message));
    refuse(spawned_message_create(pid, NULL, &number, &message));
    refuse(spawned_message_create(pid, &harness_number_type, NULL, &message));
    refuse(spawned_message_create(pid, &harness_tracked_type, &next, NULL));
    refuse(spawned_message_reserve(0, &harness_number_type, 0, &message, &storage));
    refuse(spawned_message_reserve(pid, NULL, 0, &message, &storage));
    refuse(spawned_message_reserve(pid, &harness_number_type, 0, NULL, &storage));
    refuse(spawned_message_reserve(pid, &harness_number_type, 0, &message, NULL));
    refuse(spawned_message_reserve(pid, &harness_number_type, 16, &message, &storage));
    refuse(spawned_message_set_deadline(NULL, 1));
    refuse(spawned_message_set_wait(NULL, 1));
    refuse(spawned_message_send(NULL));
    refuse(spawned_message_try_send(NULL));
    refuse(spawned_message_send_many(NULL, 1, NULL));
    refuse(spawned_message_send_waiting(NULL, SPAWNED_DEFAULT, &response));
    if (response != NULL) spawned_response_release(response);
    refuse(spawned_message_send_waiting(harness_tracked_message(h, pid, 1), SPAWNED_DEFAULT, NULL));
    spawned_message *some[3] = {harness_tracked_message(h, pid, 1), NULL,
                                harness_tracked_message(h, pid, 1)};
    size_t accepted = 0;
    refuse(spawned_message_send_many(some, 3, &accepted));
    assert_int_equal(accepted, 2); /* the rest is still sent */
}

/* AB04 */
static void actor_functions_refuse_null_and_zero(void **state) {
    harness *h = *state;
    spawned_runtime *runtime = harness_runtime(h);
    const spawned_pid pid = start_probe(h);
    const spawned_behavior *made = NULL;
    spawned_exit exit = SPAWNED_EXIT_INIT;
    spawned_pid out = 0;
    refuse(spawned_behavior_create(NULL, &harness_probe_behavior, &made));
    refuse(spawned_behavior_create(runtime, NULL, &made));
    refuse(spawned_behavior_create(runtime, &harness_probe_behavior, NULL));
    refuse(spawned_actor_start(NULL, &harness_probe_behavior, NULL, &out));
    refuse(spawned_actor_start(runtime, NULL, NULL, &out));
    static const spawned_behavior bare = {SPAWNED_BEHAVIOR_INIT("bare"), .state_size = 0};
    refuse(spawned_actor_start(runtime, &bare, NULL, NULL));
    refuse(spawned_actor_stop(0));
    refuse(spawned_actor_drain(0, SPAWNED_DEFAULT));
    refuse(spawned_actor_kill(0));
    refuse(spawned_actor_join(0, SPAWNED_NO_WAIT));
    refuse(spawned_actor_exit_reason(0, &exit, NULL, 0));
    refuse(spawned_actor_exit_reason(pid, NULL, NULL, 0));
    refuse(spawned_actor_exit_reason(pid, &exit, NULL, 5));
    refuse(spawned_actor_handles(0, &harness_number_type));
    refuse(spawned_actor_handles(pid, NULL));
    assert_int_equal(spawned_fail(7, NULL, 3), 7);
    assert_int_equal(spawned_fail(7, NULL, SPAWNED_ZERO_TERMINATED), 7);
    assert_int_equal(harness_stats(h).actors_started, 1);
}

/* AB04 AB06 */
static void context_functions_refuse_null(void **state) {
    harness *h = *state;
    const spawned_pid pid = start_probe(h);
    spawned_message_info info = SPAWNED_MESSAGE_INFO_INIT;
    spawned_reply_to key = 0;
    void *storage = NULL;
    const uint64_t number = 1;
    assert_true(spawned_context_self(NULL) == 0);
    assert_null(spawned_context_runtime(NULL));
    assert_context_refused(spawned_context_message(NULL, &info));
    assert_context_refused(spawned_context_stop(NULL));
    assert_context_refused(spawned_context_forward(NULL, pid));
    assert_context_refused(spawned_reply(NULL, &number));
    assert_context_refused(spawned_reply_reserve(NULL, 0, &storage));
    assert_context_refused(spawned_reply_commit(NULL));
    assert_context_refused(spawned_reply_fail(NULL, 7, "no", 2));
    assert_context_refused(spawned_reply_detach(NULL, &key));
    spawned_response *response = spawned_response_of_error(SPAWNED_EAGAIN);
    assert_context_refused(spawned_await(NULL, &response, 1, NULL, NULL, NULL));
    spawned_response_release(response);
}

static spawned_status resume_never(spawned_context *context, void *state, size_t ready,
                                   void *user_data) {
    (void)context;
    (void)state;
    (void)ready;
    (void)user_data;
    return SPAWNED_EFAILED;
}

/* result: how many calls with a NULL argument were refused inside the handler. */
static spawned_status misuse_own_context(spawned_context *context, harness_probe *probe,
                                         uint64_t number) {
    (void)number;
    int refused = 0;
    spawned_response *response = spawned_response_of_error(SPAWNED_ESTOPPED), *none = NULL;
    refused += spawned_context_message(context, NULL) == SPAWNED_EINVAL;
    refused += spawned_context_forward(context, 0) == SPAWNED_EINVAL;
    refused += spawned_reply(context, NULL) == SPAWNED_EINVAL;
    refused += spawned_reply_reserve(context, 0, NULL) == SPAWNED_EINVAL;
    refused += spawned_reply_commit(context) == SPAWNED_EINVAL; /* nothing reserved */
    refused += spawned_reply_fail(context, SPAWNED_OK, "no", 2) == SPAWNED_EINVAL;
    refused += spawned_reply_detach(context, NULL) == SPAWNED_EINVAL;
    refused += spawned_await(context, NULL, 1, resume_never, NULL, NULL) == SPAWNED_EINVAL;
    refused += spawned_await(context, &none, 1, resume_never, NULL, NULL) == SPAWNED_EINVAL;
    refused += spawned_await(context, &response, 0, resume_never, NULL, NULL) == SPAWNED_EINVAL;
    refused += spawned_await(context, &response, 1, NULL, NULL, NULL) == SPAWNED_EINVAL;
    spawned_response_release(response);
    probe->result = refused;
    return SPAWNED_OK;
}

/* AB04 */
static void a_handlers_own_functions_refuse_null_and_spoil_nothing(void **state) {
    harness *h = *state;
    harness_probe *probe = harness_probe_new(h);
    probe->on_number = misuse_own_context;
    const spawned_pid pid = harness_probe_start(h, probe, NULL);
    const uint64_t question = 1;
    uint64_t answer = 0;
    assert_ok(spawned_request(pid, &harness_ask_type, &question, HARNESS_LONG, &answer));
    assert_int_equal(probe->result, 11);
    assert_int_equal(answer, 2); /* the handler could still answer */
}

/* AB04 */
static void request_functions_refuse_null(void **state) {
    harness *h = *state;
    spawned_runtime *runtime = harness_runtime(h);
    const spawned_pid pid = start_probe(h);
    const uint64_t number = 1;
    uint64_t answer = 0;
    spawned_response *response = NULL;
    spawned_reply_to key = 0;
    const char *text = NULL;
    void *value = NULL;
    size_t length = 0;
    refuse(spawned_request(0, &harness_ask_type, &number, SPAWNED_DEFAULT, &answer));
    refuse(spawned_request(pid, NULL, &number, SPAWNED_DEFAULT, &answer));
    refuse(spawned_request(pid, &harness_ask_type, NULL, SPAWNED_DEFAULT, &answer));
    refuse(spawned_request(pid, &harness_ask_type, &number, SPAWNED_DEFAULT, NULL));
    refuse(spawned_message_request(NULL, SPAWNED_DEFAULT, &response));
    if (response != NULL) spawned_response_release(response);
    refuse(spawned_message_request(harness_tracked_message(h, pid, 1), SPAWNED_DEFAULT, NULL));
    refuse(spawned_promise_create(NULL, NULL, SPAWNED_DEFAULT, &key, &response));
    refuse(spawned_promise_create(runtime, NULL, SPAWNED_DEFAULT, NULL, &response));
    refuse(spawned_promise_create(runtime, NULL, SPAWNED_DEFAULT, &key, NULL));
    refuse(spawned_sleep(NULL, 1, &response));
    refuse(spawned_sleep(runtime, 1, NULL));
    refuse(spawned_response_poll(NULL));
    refuse(spawned_response_wait(NULL, SPAWNED_NO_WAIT));
    refuse(spawned_response_value(NULL, &value, &length));
    refuse(spawned_response_take(NULL, &answer));
    refuse(spawned_response_error(NULL, &text, &length));
    refuse(spawned_response_bell(NULL, NULL, NULL));
    response = spawned_response_of_error(SPAWNED_OK); /* must not be OK: still a response */
    assert_non_null(response);
    assert_true(spawned_response_poll(response) != SPAWNED_OK);
    spawned_response_release(response);
}

/* AB04 */
static void reply_handles_refuse_zero(void **state) {
    (void)state;
    const uint64_t number = 1;
    void *storage = NULL;
    refuse(spawned_reply_to_send(0, &number));
    refuse(spawned_reply_to_reserve(0, 0, &storage));
    refuse(spawned_reply_to_commit(0));
    refuse(spawned_reply_to_fail(0, 7, "no", 2));
    refuse(spawned_reply_to_release(0));
    refuse(spawned_reply_to_is_wanted(0));
}

/* AB04 */
static void timer_functions_refuse_null_and_impossible_times(void **state) {
    harness *h = *state;
    const spawned_pid pid = start_probe(h);
    spawned_timer timer = 0;
    refuse(spawned_send_after(0, NULL, &timer));
    refuse(spawned_send_interval(1, NULL, &timer));
    refuse(spawned_send_interval(0, harness_tracked_message(h, pid, 1), &timer));
    refuse(spawned_send_after((UINT64_C(1) << 63) + 1, harness_tracked_message(h, pid, 1), &timer));
    refuse(spawned_timer_cancel(0));
    assert_int_equal(harness_tracked_destroyed(h), 2);
}

static void visit_nothing(const char *name, size_t length, spawned_pid pid, void *user_data) {
    (void)name;
    (void)length;
    (void)pid;
    (void)user_data;
}

/* AB04 */
static void registry_functions_refuse_null(void **state) {
    harness *h = *state;
    spawned_runtime *runtime = harness_runtime(h);
    const spawned_pid pid = start_probe(h);
    spawned_pid found = 0;
    uint64_t number = 1;
    harness_tracked value = harness_tracked_make(h, 1);
    refuse(spawned_registry_register(NULL, 4, pid));
    refuse(spawned_registry_register("name", 4, 0));
    refuse(spawned_registry_whereis(NULL, "name", 4, &found));
    refuse(spawned_registry_whereis(runtime, NULL, 4, &found));
    refuse(spawned_registry_whereis(runtime, "name", 4, NULL));
    refuse(spawned_registry_put(NULL, "name", 4, &harness_tracked_type, &value, 0));
    value = harness_tracked_make(h, 2);
    refuse(spawned_registry_put(runtime, NULL, 4, &harness_tracked_type, &value, 0));
    refuse(spawned_registry_put(runtime, "name", 4, NULL, &value, 0));
    refuse(spawned_registry_put(runtime, "name", 4, &harness_number_type, NULL, 0));
    refuse(spawned_registry_get(NULL, "name", 4, &harness_tracked_type, &value));
    refuse(spawned_registry_get(runtime, NULL, 4, &harness_tracked_type, &value));
    refuse(spawned_registry_get(runtime, "name", 4, NULL, &value));
    refuse(spawned_registry_get(runtime, "name", 4, &harness_tracked_type, NULL));
    refuse(spawned_registry_send(NULL, "name", 4, &harness_number_type, &number));
    refuse(spawned_registry_send(runtime, NULL, 4, &harness_number_type, &number));
    refuse(spawned_registry_request(NULL, "name", 4, &harness_ask_type, &number, 0, &number));
    refuse(spawned_registry_request(runtime, NULL, 4, &harness_ask_type, &number, 0, &number));
    refuse(spawned_registry_unregister(NULL, "name", 4));
    refuse(spawned_registry_unregister(runtime, NULL, 4));
    refuse(spawned_registry_list(NULL, visit_nothing, NULL));
    refuse(spawned_registry_list(runtime, NULL, NULL));
}

/* AB04 */
static void deterministic_functions_refuse_null(void **state) {
    harness *h = *state;
    uint64_t out = 0;
    refuse(spawned_deterministic_step(NULL));
    refuse(spawned_deterministic_run(NULL, 1, &out));
    refuse(spawned_deterministic_advance(NULL, 1));
    refuse(spawned_deterministic_choose(NULL, 2, &out));
    refuse(spawned_deterministic_digest(NULL, &out));
    if (harness_is_deterministic(h)) {
        refuse(spawned_deterministic_choose(harness_runtime(h), 2, NULL));
        refuse(spawned_deterministic_choose(harness_runtime(h), 0, &out));
        refuse(spawned_deterministic_digest(harness_runtime(h), NULL));
    }
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        HARNESS_TEST(functions_that_initialize_refuse_null),
        HARNESS_TEST(functions_that_release_accept_null),
        HARNESS_TEST(runtime_functions_refuse_null),
        HARNESS_TEST(message_functions_refuse_null),
        HARNESS_TEST(actor_functions_refuse_null_and_zero),
        HARNESS_TEST(context_functions_refuse_null),
        HARNESS_TEST(a_handlers_own_functions_refuse_null_and_spoil_nothing),
        HARNESS_TEST(request_functions_refuse_null),
        HARNESS_TEST(reply_handles_refuse_zero),
        HARNESS_TEST(timer_functions_refuse_null_and_impossible_times),
        HARNESS_TEST(registry_functions_refuse_null),
        HARNESS_TEST(deterministic_functions_refuse_null),
    };
    return harness_main(argc, argv, tests, sizeof tests / sizeof *tests);
}
