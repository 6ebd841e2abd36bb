/* Handles and contexts used where they do not belong: stale, of another kind, by another actor, from
 * another runtime; and acts done twice. NULL is misuse_null_test.c, invented numbers misuse_handle_test.c. */
#include "support/contract.h"
#include "support/ticks.h"

#define MS SPAWNED_MILLISECOND

static bool is_used_up(spawned_status status) {
    return status == SPAWNED_EINVAL || status == SPAWNED_EALREADY || status == SPAWNED_ESTOPPED;
}

/* RQ05 */
static void used_reply_handles_stay_used_while_their_places_are_used_again(void **state) {
    harness *h = *state;
    enum { ROUNDS = 500 };
    static spawned_reply_to stale[ROUNDS];
    const spawned_pid actor = script_start(h);
    for (int i = 0; i < ROUNDS; i++) {
        spawned_response *response =
            script_request_gift(h, actor, script_detach, &stale[i], SPAWNED_FOREVER);
        assert_ok(script_run(actor, script_nothing, NULL));
        assert_ok(spawned_reply_to_release(stale[i]));
        assert_status(script_finish(response), SPAWNED_ENOREPLY);
    }
    spawned_reply_to living = 0;
    spawned_response *response =
        script_request_gift(h, actor, script_detach, &living, SPAWNED_FOREVER);
    assert_ok(script_run(actor, script_nothing, NULL));
    for (int i = 0; i < ROUNDS; i++) {
        harness_tracked value = harness_tracked_make(h, 1);
        void *storage = NULL;
        /* A handle that is used up has no type any more: the value stays the caller's. */
        assert_status(spawned_reply_to_send(stale[i], &value), SPAWNED_EALREADY);
        harness_tracked_type.destroy(&value, NULL);
        assert_status(spawned_reply_to_fail(stale[i], 1, NULL, 0), SPAWNED_EALREADY);
        assert_status(spawned_reply_to_reserve(stale[i], 0, &storage), SPAWNED_EALREADY);
        assert_status(spawned_reply_to_commit(stale[i]), SPAWNED_EALREADY);
        assert_status(spawned_reply_to_release(stale[i]), SPAWNED_EALREADY);
        assert_status(spawned_reply_to_is_wanted(stale[i]), SPAWNED_EALREADY);
    }
    assert_status(spawned_response_poll(response), SPAWNED_EAGAIN);
    assert_ok(spawned_reply_to_release(living));
    spawned_response_release(response);
}

/* TM03 */
static void used_timers_stay_used_while_their_places_are_used_again(void **state) {
    harness *h = *state;
    enum { ROUNDS = 2000 };
    static spawned_timer stale[ROUNDS];
    tick_log *log = tick_log_new(h, 8);
    const spawned_pid actor = tick_start(log, NULL);
    for (int i = 0; i < ROUNDS; i++) {
        assert_ok(tick_after(actor, 1, 1000 * SPAWNED_SECOND, &stale[i]));
        assert_ok(spawned_timer_cancel(stale[i]));
    }
    spawned_timer living = 0;
    assert_ok(tick_after(actor, 7, 10 * MS, &living));
    for (int i = 0; i < ROUNDS; i++)
        assert_status(spawned_timer_cancel(stale[i]), SPAWNED_EALREADY);
    assert_true(tick_wait(log, 1, 10 * MS));
    assert_int_equal(log->ticks[0].number, 7);
    assert_ok(spawned_actor_kill(actor));
    assert_ok(spawned_actor_join(actor, SPAWNED_FOREVER));
    tick_log_free(log);
}

/* Numbers are checked, not believed: a handle of one kind is none of another. */
static void handle_of_another_kind_does_no_harm(void **state) {
    harness *h = *state;
    tick_log *log = tick_log_new(h, 8);
    const spawned_pid actor = tick_start(log, NULL);
    spawned_reply_to key = 0;
    spawned_timer timer = 0;
    spawned_response *response = NULL;
    assert_ok(spawned_promise_create(harness_runtime(h), NULL, SPAWNED_FOREVER, &key, &response));
    assert_ok(tick_after(actor, 1, 1000 * SPAWNED_SECOND, &timer));
    const spawned_status by_pid = spawned_reply_to_release(actor);
    const spawned_status by_timer = spawned_reply_to_is_wanted(timer);
    assert_true(is_used_up(by_pid) || actor == key);
    assert_true(is_used_up(by_timer) || timer == key || by_timer == SPAWNED_OK);
    const spawned_status pid_as_timer = spawned_timer_cancel(actor);
    assert_true(is_used_up(pid_as_timer) || actor == timer);
    assert_ok(script_run(actor, script_nothing, NULL));
    assert_ok(spawned_timer_cancel(timer));
    assert_ok(spawned_reply_to_send(key, NULL));
    assert_ok(script_finish(response));
    assert_ok(spawned_actor_kill(actor));
    assert_ok(spawned_actor_join(actor, SPAWNED_FOREVER));
    tick_log_free(log);
}

struct borrowed {
    spawned_context *context; /* of the actor that lends it */
    spawned_pid borrower;
    spawned_status status[8];
    bool blind; /* self and runtime answer nothing */
};

static void use_borrowed_context(struct borrowed *borrowed) {
    spawned_context *context = borrowed->context;
    spawned_response *response = spawned_response_of_error(1);
    spawned_message_info info = SPAWNED_MESSAGE_INFO_INIT;
    spawned_reply_to reply = 0;
    void *storage = NULL;
    const int64_t number = 1;
    borrowed->status[0] = spawned_reply(context, &number);
    borrowed->status[1] = spawned_reply_fail(context, 1, NULL, 0);
    borrowed->status[2] = spawned_reply_reserve(context, 0, &storage);
    borrowed->status[3] = spawned_reply_detach(context, &reply);
    borrowed->status[4] = spawned_context_stop(context);
    borrowed->status[5] = spawned_context_forward(context, borrowed->borrower);
    borrowed->status[6] = spawned_context_message(context, &info);
    borrowed->status[7] = spawned_await(context, &response, 1, NULL, NULL, NULL);
    borrowed->blind =
        spawned_context_self(context) == 0 && spawned_context_runtime(context) == NULL;
    spawned_response_release(response);
}

static spawned_status borrow(spawned_context *context, void *state, void *argument) {
    (void)context, (void)state;
    use_borrowed_context(argument);
    return SPAWNED_OK;
}

static spawned_status lend_to_an_actor(spawned_context *context, void *state, void *argument) {
    struct borrowed *borrowed = argument;
    borrowed->context = context;
    const spawned_status status = script_run(borrowed->borrower, borrow, borrowed);
    int64_t number = 5;
    return status != SPAWNED_OK ? status : script_reply_number(context, state, &number);
}

static void *borrow_on_a_thread(void *argument) {
    use_borrowed_context(argument);
    return NULL;
}

static spawned_status lend_to_a_thread(spawned_context *context, void *state, void *argument) {
    struct borrowed *borrowed = argument;
    borrowed->context = context;
    pthread_t thread;
    if (pthread_create(&thread, NULL, borrow_on_a_thread, borrowed) != 0) return SPAWNED_ESYSTEM;
    pthread_join(thread, NULL);
    int64_t number = 5;
    return script_reply_number(context, state, &number);
}

static void assert_context_refused(const struct borrowed *borrowed) {
    for (int i = 0; i < 8; i++) {
        if (i == 7) /* its resume is missing as well */
            assert_true(borrowed->status[i] == SPAWNED_ECONTEXT ||
                        borrowed->status[i] == SPAWNED_EINVAL);
        else
            assert_status(borrowed->status[i], SPAWNED_ECONTEXT);
    }
    assert_true(borrowed->blind);
}

/* Also while its own handler waits, also when the other runs on the very same thread */
static void context_of_another_actor_is_refused(void **state) {
    harness *h = *state;
    const spawned_pid lender = script_start(h);
    for (int i = 0; i < 10; i++) {
        struct borrowed borrowed = {.borrower = script_start(h)};
        int64_t answer = 0;
        assert_ok(script_ask(lender, lend_to_an_actor, &borrowed, &answer));
        assert_int_equal(answer, 5);
        assert_context_refused(&borrowed);
    }
}

static void context_on_a_foreign_thread_is_refused(void **state) {
    harness *h = *state;
    const spawned_pid lender = script_start(h);
    struct borrowed borrowed = {.borrower = lender};
    int64_t answer = 0;
    assert_ok(script_ask(lender, lend_to_a_thread, &borrowed, &answer));
    assert_int_equal(answer, 5);
    assert_context_refused(&borrowed);
}

struct wrong_reply {
    spawned_status status[5];
    void *storage;
};

static spawned_status reply_wrongly(spawned_context *context, void *state, void *argument) {
    (void)state;
    struct wrong_reply *wrong = argument;
    const int64_t number = 12;
    wrong->status[0] = spawned_reply(context, NULL);
    wrong->status[1] = spawned_reply_reserve(context, 0, NULL);
    wrong->status[2] = spawned_reply_reserve(context, 9, &wrong->storage); /* not variable */
    wrong->status[3] = spawned_reply_detach(context, NULL);
    wrong->status[4] = spawned_reply_commit(context);
    return spawned_reply(context, &number);
}

static void wrong_answers_are_refused_and_the_right_one_still_counts(void **state) {
    harness *h = *state;
    struct wrong_reply wrong = {.storage = NULL};
    int64_t answer = 0;
    assert_ok(script_ask(script_start(h), reply_wrongly, &wrong, &answer));
    assert_int_equal(answer, 12);
    for (int i = 0; i < 5; i++) assert_status(wrong.status[i], SPAWNED_EINVAL);
}

static void reply_handle_refuses_wrong_values_and_stays_good(void **state) {
    harness *h = *state;
    spawned_reply_to key = 0;
    spawned_response *response = NULL;
    void *storage = NULL;
    int64_t answer = 0;
    const int64_t number = 3;
    assert_ok(spawned_promise_create(harness_runtime(h), &script_number_type, SPAWNED_FOREVER, &key,
                                     &response));
    assert_status(spawned_reply_to_send(key, NULL), SPAWNED_EINVAL);
    assert_status(spawned_reply_to_reserve(key, 9, &storage), SPAWNED_EINVAL);
    assert_status(spawned_reply_to_reserve(key, 0, NULL), SPAWNED_EINVAL);
    assert_status(spawned_reply_to_fail(key, SPAWNED_OK, "no failure", 10), SPAWNED_EINVAL);
    assert_ok(spawned_reply_to_is_wanted(key));
    assert_ok(spawned_reply_to_send(key, &number));
    assert_status(spawned_reply_to_send(key, &number), SPAWNED_EALREADY);
    assert_ok(spawned_response_take(response, &answer));
    assert_int_equal(answer, 3);
    spawned_response_release(response);
}

/* Calls after a runtime's end are safe */
static void everything_of_a_destroyed_runtime_reports_so(void **state) {
    harness *h = *state;
    spawned_reply_to kept = 0, key = 0;
    spawned_timer timer = 0;
    spawned_response *promise = NULL;
    tick_log *log = tick_log_new(h, 8);
    const spawned_pid ticking = tick_start(log, NULL), actor = script_start(h);
    spawned_response *response =
        script_request_gift(h, actor, script_detach, &kept, SPAWNED_FOREVER);
    assert_ok(script_run(actor, script_nothing, NULL));
    assert_ok(spawned_promise_create(harness_runtime(h), &harness_tracked_type, SPAWNED_FOREVER,
                                     &key, &promise));
    assert_ok(tick_after(ticking, 1, 1000 * SPAWNED_SECOND, &timer));
    assert_int_equal(harness_end_runtime(h), 0);

    assert_status(spawned_response_poll(response), SPAWNED_ESTOPPED);
    assert_status(spawned_response_poll(promise), SPAWNED_ESTOPPED);
    assert_status(spawned_reply_to_is_wanted(kept), SPAWNED_ESTOPPED);
    harness_tracked value = harness_tracked_make(h, 1);
    assert_status(spawned_reply_to_send(kept, &value), SPAWNED_ESTOPPED);
    harness_tracked_type.destroy(&value, NULL); /* the handle has no type any more */
    assert_status(spawned_reply_to_fail(key, 4, NULL, 0), SPAWNED_ESTOPPED);
    assert_status(spawned_timer_cancel(timer), SPAWNED_EALREADY);
    const harness_tracked other = harness_tracked_make(h, 1);
    assert_status(spawned_send(actor, &harness_tracked_type, &other), SPAWNED_ESTOPPED);
    assert_status(spawned_registry_register("late", 4, actor), SPAWNED_ESTOPPED);
    spawned_response_release(response);
    spawned_response_release(promise);
    tick_log_free(log);
}

/* From its start on, a shutdown takes nothing new. */
static void runtime_that_shuts_down_takes_no_timers_names_or_promises(void **state) {
    harness *h = *state;
    spawned_runtime *runtime = harness_runtime(h);
    const spawned_pid actor = script_start(h);
    script_hold hold;
    assert_ok(script_hold_begin(&hold, h, actor));
    assert_status(spawned_runtime_shutdown(runtime, SPAWNED_NO_WAIT), SPAWNED_ETIMEDOUT);
    const script_act act = {script_nothing, NULL};
    spawned_message *message = NULL;
    spawned_reply_to key = 0;
    spawned_response *response = NULL;
    spawned_pid started = 0;
    assert_ok(spawned_message_create(actor, &script_tell_type, &act, &message));
    const spawned_status armed = spawned_send_after(0, message, NULL);
    assert_true(armed == SPAWNED_ESTOPPING || armed == SPAWNED_ESTOPPED);
    const spawned_status named = spawned_registry_register("late", 4, actor);
    assert_true(named == SPAWNED_ESTOPPING || named == SPAWNED_ESTOPPED);
    const uint64_t number = 1;
    assert_status(spawned_registry_put(runtime, "late", 4, &harness_number_type, &number, 0),
                  SPAWNED_ESTOPPING);
    assert_status(spawned_promise_create(runtime, NULL, SPAWNED_FOREVER, &key, &response),
                  SPAWNED_ESTOPPING);
    assert_status(spawned_sleep(runtime, 1, &response), SPAWNED_ESTOPPING);
    assert_status(spawned_actor_start(runtime, &script_behavior, NULL, &started),
                  SPAWNED_ESTOPPING);
    assert_ok(script_hold_end(&hold));
    assert_int_equal(harness_end_runtime(h), 0);
    script_hold_release(&hold);
}

int main(int argc, char **argv) {
    static const struct CMUnitTest tests[] = {
        HARNESS_TEST(used_reply_handles_stay_used_while_their_places_are_used_again),
        HARNESS_TEST(used_timers_stay_used_while_their_places_are_used_again),
        HARNESS_TEST(handle_of_another_kind_does_no_harm),
        HARNESS_TEST(context_of_another_actor_is_refused),
        HARNESS_TEST(context_on_a_foreign_thread_is_refused),
        HARNESS_TEST(wrong_answers_are_refused_and_the_right_one_still_counts),
        HARNESS_TEST(reply_handle_refuses_wrong_values_and_stays_good),
        HARNESS_TEST(everything_of_a_destroyed_runtime_reports_so),
        HARNESS_TEST(runtime_that_shuts_down_takes_no_timers_names_or_promises),
    };
    return harness_main(argc, argv, tests, sizeof tests / sizeof *tests);
}
