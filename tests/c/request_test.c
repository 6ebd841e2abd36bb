/* Asking: what a requester learns, when, and what becomes of the message. The response object itself is
 * response_test.c, answering is reply_test.c, circles are deadlock_test.c. */
#include "support/contract.h"
#include "support/script.h"

static spawned_status kill_oneself_and_reply(spawned_context *context, void *state,
                                             void *argument) {
    (void)spawned_actor_kill(spawned_context_self(context));
    (void)script_reply_tracked(context, state, argument);
    return SPAWNED_OK;
}

/* R1, RQ01 */
static void request_returns_the_value_that_the_handler_replied(void **state) {
    harness *h = *state;
    const spawned_pid actor = script_start(h);
    int64_t number = INT64_MIN + 7, answer = 0;
    assert_ok(script_ask(actor, script_reply_number, &number, &answer));
    assert_true(answer == number);
}

/* R1 */
static void request_without_a_timeout_of_its_own_gives_up_after_five_seconds(void **state) {
    harness *h = *state;
    REQUIRE_DETERMINISTIC(h);
    spawned_reply_to kept = 0;
    const spawned_pid actor = script_start(h);
    const script_act ask = {script_detach, &kept};
    int64_t answer = 0;
    const spawned_time before = harness_now(h);
    assert_status(spawned_request(actor, &script_ask_type, &ask, SPAWNED_DEFAULT, &answer),
                  SPAWNED_ETIMEDOUT);
    const spawned_duration waited = harness_now(h) - before;
    assert_in_range(waited, 5 * SPAWNED_SECOND, 5 * SPAWNED_SECOND + SPAWNED_MILLISECOND);
    assert_ok(spawned_reply_to_release(kept));
}

/* R2, RQ02 */
static void request_not_answered_in_its_time_reports_timed_out_and_never_earlier(void **state) {
    harness *h = *state;
    spawned_reply_to kept = 0;
    const spawned_pid actor = script_start(h);
    const script_act ask = {script_detach, &kept};
    int64_t answer = 0;
    const spawned_time before = harness_now(h);
    assert_status(spawned_request(actor, &script_ask_type, &ask, 30 * SPAWNED_MILLISECOND, &answer),
                  SPAWNED_ETIMEDOUT);
    assert_true(harness_now(h) - before >= 30 * SPAWNED_MILLISECOND);
    assert_ok(spawned_reply_to_release(kept));
}

struct late {
    script_hold hold;
    harness *h;
    spawned_status replied;
};

static spawned_status hold_then_reply(spawned_context *context, void *state, void *argument) {
    struct late *late = argument;
    (void)script_hold_handler(context, state, &late->hold);
    late->replied = script_reply_tracked(context, state, late->h);
    return SPAWNED_OK;
}

/* R3, RQ02 */
static void timeout_does_not_stop_the_handler_and_its_late_reply_is_discarded(void **state) {
    harness *h = *state;
    REQUIRE_BLOCKING_HANDLERS(h);
    const spawned_pid actor = script_start(h);
    struct late late = {.h = h, .replied = SPAWNED_EAGAIN};
    assert_ok(script_gate_create(h, &late.hold.arrived));
    assert_ok(script_gate_create(h, &late.hold.let_go));
    spawned_response *response =
        script_request_gift(h, actor, hold_then_reply, &late, 20 * SPAWNED_MILLISECOND);
    assert_ok(script_gate_wait(&late.hold.arrived));
    assert_status(script_finish(response), SPAWNED_ETIMEDOUT);
    assert_ok(script_hold_end(&late.hold));
    assert_ok(script_run(actor, script_nothing, NULL)); /* it lives, and has come this far */
    assert_ok(late.replied);
    assert_int_equal(harness_stats(h).late_replies, 1);
    assert_int_equal(harness_tracked_destroyed(h), 2); /* the gift and the answer */
    script_hold_release(&late.hold);
}

/* R3 */
static void request_that_timed_out_in_the_mailbox_is_handled_all_the_same(void **state) {
    harness *h = *state;
    REQUIRE_BLOCKING_HANDLERS(h);
    const spawned_pid actor = script_start(h);
    script_hold hold;
    int64_t count = 0;
    assert_ok(script_hold_begin(&hold, h, actor));
    spawned_response *response =
        script_request(actor, script_count, &count, 20 * SPAWNED_MILLISECOND);
    assert_status(script_finish(response), SPAWNED_ETIMEDOUT);
    assert_ok(script_hold_end(&hold));
    assert_ok(script_run(actor, script_nothing, NULL));
    assert_int_equal(count, 1);
    script_hold_release(&hold);
}

/* R4, RQ03 */
static void request_ends_stopped_when_its_handler_fails(void **state) {
    harness *h = *state;
    const spawned_pid actor = script_start(h);
    spawned_status fault = 42;
    int64_t answer = 0;
    assert_status(script_ask(actor, script_return, &fault, &answer), SPAWNED_ESTOPPED);
    assert_ok(spawned_actor_join(actor, SPAWNED_FOREVER));
    assert_exit(actor, SPAWNED_EXIT_FAILURE, 42, SPAWNED_PLACE_HANDLER);
}

/* R4, RQ03 */
static void answer_that_a_handler_gives_after_its_actor_was_killed_is_discarded(void **state) {
    harness *h = *state;
    const spawned_pid actor = script_start(h);
    spawned_response *response =
        script_request_gift(h, actor, kill_oneself_and_reply, h, SPAWNED_FOREVER);
    assert_status(script_finish(response), SPAWNED_ESTOPPED);
    assert_ok(spawned_actor_join(actor, SPAWNED_FOREVER));
    assert_int_equal(harness_tracked_created(h),
                     2); /* the fixture counts that both are destroyed */
}

/* R4, RQ03: the end is made while requests without a time limit wait in the mailbox */
static void queued_requests_end_stopped_when_the_actor_ends(spawned_status (*end)(spawned_pid),
                                                            harness *h) {
    const spawned_pid actor = script_start(h);
    script_hold hold;
    int64_t count = 0;
    assert_ok(script_hold_begin(&hold, h, actor));
    spawned_response *first = script_request_gift(h, actor, script_nothing, NULL, SPAWNED_FOREVER);
    spawned_response *second = script_request(actor, script_count, &count, SPAWNED_FOREVER);
    spawned_response *third = script_request(actor, script_count, &count, SPAWNED_FOREVER);
    assert_ok(end(actor));
    assert_ok(script_hold_end(&hold));
    /* stop lets at most one message through that was on its way */
    const spawned_status status = script_finish(first);
    assert_true(status == SPAWNED_ESTOPPED || status == SPAWNED_ENOREPLY);
    assert_status(script_finish(second), SPAWNED_ESTOPPED);
    assert_status(script_finish(third), SPAWNED_ESTOPPED);
    assert_int_equal(count, 0);
    assert_ok(spawned_actor_join(actor, SPAWNED_FOREVER));
    script_hold_release(&hold);
}

static void queued_requests_end_stopped_when_the_actor_is_stopped(void **state) {
    queued_requests_end_stopped_when_the_actor_ends(spawned_actor_stop, *state);
}

static void queued_requests_end_stopped_when_the_actor_is_killed(void **state) {
    queued_requests_end_stopped_when_the_actor_ends(spawned_actor_kill, *state);
}

/* R5 */
static void request_to_an_ended_actor_is_refused_at_once_and_its_value_destroyed(void **state) {
    harness *h = *state;
    const spawned_pid actor = script_start(h);
    assert_ok(spawned_actor_stop(actor));
    assert_ok(spawned_actor_join(actor, SPAWNED_FOREVER));
    const script_gift gift = {{script_nothing, NULL}, harness_tracked_make(h, 1)};
    harness_tracked answer;
    assert_status(spawned_request(actor, &script_give_type, &gift, SPAWNED_FOREVER, &answer),
                  SPAWNED_ESTOPPED);
    assert_int_equal(harness_tracked_destroyed(h), 1);

    const script_gift other = {{script_nothing, NULL}, harness_tracked_make(h, 2)};
    spawned_message *message = NULL;
    spawned_response *response = NULL;
    assert_ok(spawned_message_create(actor, &script_give_type, &other, &message));
    assert_status(spawned_message_request(message, SPAWNED_FOREVER, &response), SPAWNED_ESTOPPED);
    assert_non_null(response);
    assert_status(spawned_response_poll(response), SPAWNED_ESTOPPED);
    spawned_response_release(response);
}

/* R6: no limit */
static void request_without_limit_outlasts_any_default_and_takes_a_late_answer(void **state) {
    harness *h = *state;
    spawned_reply_to kept = 0;
    const spawned_pid actor = script_start(h);
    spawned_response *response = script_request(actor, script_detach, &kept, SPAWNED_FOREVER);
    assert_ok(script_run(actor, script_nothing, NULL));
    if (harness_is_deterministic(h)) assert_true(harness_advance(h, 86400 * SPAWNED_SECOND));
    assert_status(spawned_response_poll(response), SPAWNED_EAGAIN);
    const int64_t number = 11;
    assert_ok(spawned_reply_to_send(kept, &number));
    int64_t answer = 0;
    assert_ok(spawned_response_wait(response, SPAWNED_FOREVER));
    assert_ok(spawned_response_take(response, &answer));
    assert_int_equal(answer, 11);
    spawned_response_release(response);
}

/* RQ04 */
static void request_whose_handler_returns_without_a_reply_ends_at_once(void **state) {
    harness *h = *state;
    const spawned_pid actor = script_start(h);
    int64_t answer = 0;
    assert_status(script_ask(actor, script_nothing, NULL, &answer), SPAWNED_ENOREPLY);
    assert_ok(script_run(actor, script_nothing, NULL)); /* the actor lives on */
}

static spawned_status reply_and_stop(spawned_context *context, void *state, void *argument) {
    (void)spawned_context_stop(context);
    return script_reply_number(context, state, argument);
}

/* R7 */
static void reply_of_a_handler_that_stops_its_actor_arrives(void **state) {
    harness *h = *state;
    const spawned_pid actor = script_start(h);
    int64_t number = 5, answer = 0;
    assert_ok(script_ask(actor, reply_and_stop, &number, &answer));
    assert_int_equal(answer, 5);
    assert_ok(spawned_actor_join(actor, SPAWNED_FOREVER));
    assert_exit(actor, SPAWNED_EXIT_NORMAL, SPAWNED_OK, SPAWNED_PLACE_NONE);
}

/* R10 */
static void request_leaves_at_the_call_whether_or_not_anybody_waits(void **state) {
    harness *h = *state;
    const spawned_pid actor = script_start(h);
    int64_t count = 0;
    spawned_response *response = script_request_run(actor, script_count, &count, SPAWNED_FOREVER);
    assert_ok(script_run(actor, script_nothing, NULL)); /* behind the request, in the same queue */
    assert_int_equal(count, 1);
    assert_ok(spawned_response_poll(response));
    spawned_response_release(response);
}

/* R11 */
static void request_clock_starts_at_the_call(void **state) {
    harness *h = *state;
    REQUIRE_DETERMINISTIC(h);
    spawned_reply_to kept = 0;
    const spawned_pid actor = script_start(h);
    spawned_response *response =
        script_request(actor, script_detach, &kept, 100 * SPAWNED_MILLISECOND);
    assert_true(harness_advance(h, 99 * SPAWNED_MILLISECOND));
    assert_status(spawned_response_poll(response), SPAWNED_EAGAIN);
    assert_true(harness_advance(h, 2 * SPAWNED_MILLISECOND));
    assert_status(spawned_response_poll(response), SPAWNED_ETIMEDOUT);
    spawned_response_release(response);
    assert_status(spawned_reply_to_is_wanted(kept), SPAWNED_ENOENT);
    assert_ok(spawned_reply_to_release(kept));
}

/* R12 */
static void releasing_a_pending_response_does_not_retract_the_message(void **state) {
    harness *h = *state;
    const spawned_pid actor = script_start(h);
    script_hold hold;
    int64_t count = 0;
    assert_ok(script_hold_begin(&hold, h, actor));
    spawned_response_release(script_request_run(actor, script_count, &count, SPAWNED_FOREVER));
    spawned_response_release(
        script_request_gift(h, actor, script_reply_tracked, h, SPAWNED_FOREVER));
    assert_ok(script_hold_end(&hold));
    assert_ok(script_run(actor, script_nothing, NULL));
    assert_int_equal(count, 1);
    assert_int_equal(harness_tracked_created(h), 2); /* the gift was handled and answered */
    assert_int_equal(harness_tracked_destroyed(h), 2);
    script_hold_release(&hold);
}

/* R13 */
static void many_outstanding_requests_each_get_their_own_reply(void **state) {
    harness *h = *state;
    enum { MANY = 200 };
    const spawned_pid actor = script_start(h);
    static int64_t numbers[MANY];
    spawned_response *responses[MANY];
    for (int i = 0; i < MANY; i++) {
        numbers[i] = 1000 + i;
        responses[i] = script_request(actor, script_reply_number, &numbers[i], SPAWNED_FOREVER);
    }
    for (int i = MANY - 1; i >= 0; i--) {
        int64_t answer = 0;
        assert_ok(spawned_response_wait(responses[i], SPAWNED_FOREVER));
        assert_ok(spawned_response_take(responses[i], &answer));
        assert_int_equal(answer, 1000 + i);
        spawned_response_release(responses[i]);
    }
}

struct caller {
    pthread_t thread;
    spawned_pid actor;
    int64_t base;
    int wrong;
};

static void *call_many_times(void *argument) {
    struct caller *caller = argument;
    for (int64_t i = 0; i < 200; i++) {
        int64_t number = caller->base + i, answer = 0;
        const spawned_status status =
            script_ask(caller->actor, script_reply_number, &number, &answer);
        caller->wrong += status != SPAWNED_OK || answer != number;
    }
    return NULL;
}

/* R13 */
static void many_threads_that_ask_one_actor_each_get_their_own_replies(void **state) {
    harness *h = *state;
    REQUIRE_THREADS(h);
    enum { THREADS = 8 };
    const spawned_pid actor = script_start(h);
    struct caller callers[THREADS];
    for (int i = 0; i < THREADS; i++) {
        callers[i] = (struct caller){.actor = actor, .base = 1000 * i};
        assert_int_equal(pthread_create(&callers[i].thread, NULL, call_many_times, &callers[i]), 0);
    }
    int wrong = 0;
    for (int i = 0; i < THREADS; i++) {
        pthread_join(callers[i].thread, NULL);
        wrong += callers[i].wrong;
    }
    assert_int_equal(wrong, 0);
}

/* RQ15 */
static void request_with_no_time_at_all_answers_timed_out_unless_it_is_ready(void **state) {
    harness *h = *state;
    spawned_reply_to kept = 0;
    const spawned_pid actor = script_start(h);
    script_hold hold;
    assert_ok(script_hold_begin(&hold, h, actor));
    const script_act ask = {script_detach, &kept};
    int64_t answer = 0;
    assert_status(spawned_request(actor, &script_ask_type, &ask, SPAWNED_NO_WAIT, &answer),
                  SPAWNED_ETIMEDOUT);
    assert_ok(script_hold_end(&hold));
    assert_ok(script_run(actor, script_nothing, NULL));
    assert_ok(spawned_reply_to_release(kept)); /* it was handled all the same */
    script_hold_release(&hold);
}

/* RQ17 */
static void expired_request_of_a_type_that_skips_them_is_dropped_unhandled(void **state) {
    harness *h = *state;
    REQUIRE_BLOCKING_HANDLERS(h);
    const spawned_pid actor = script_start(h);
    script_hold hold;
    int64_t count = 0;
    assert_ok(script_hold_begin(&hold, h, actor));
    const script_act ask = {script_count, &count};
    int64_t answer = 0;
    for (int i = 0; i < 3; i++) {
        assert_status(spawned_request(actor, &script_skip_type, &ask, 5 * SPAWNED_MILLISECOND,
                                      &answer),
                      SPAWNED_ETIMEDOUT);
    }
    assert_ok(script_hold_end(&hold));
    assert_ok(script_run(actor, script_nothing, NULL));
    assert_int_equal(count, 0);
    assert_int_equal(harness_stats(h).dead_expired, 3);
    assert_status(spawned_request(actor, &script_skip_type, &ask, HARNESS_LONG, &answer),
                  SPAWNED_ENOREPLY); /* one in time is handled */
    assert_int_equal(count, 1);
    script_hold_release(&hold);
}

/* M2: requests and sends share the one queue */
static void request_is_handled_behind_the_sends_before_it(void **state) {
    harness *h = *state;
    const spawned_pid actor = script_start(h);
    int64_t count = 0;
    for (int i = 0; i < 50; i++) assert_ok(script_tell(actor, script_count, &count));
    assert_ok(script_run(actor, script_nothing, NULL));
    assert_int_equal(count, 50);
}

int main(int argc, char **argv) {
    static const struct CMUnitTest tests[] = {
        HARNESS_TEST(request_returns_the_value_that_the_handler_replied),
        HARNESS_TEST(request_without_a_timeout_of_its_own_gives_up_after_five_seconds),
        HARNESS_TEST(request_not_answered_in_its_time_reports_timed_out_and_never_earlier),
        HARNESS_TEST(timeout_does_not_stop_the_handler_and_its_late_reply_is_discarded),
        HARNESS_TEST(request_that_timed_out_in_the_mailbox_is_handled_all_the_same),
        HARNESS_TEST(request_ends_stopped_when_its_handler_fails),
        HARNESS_TEST(answer_that_a_handler_gives_after_its_actor_was_killed_is_discarded),
        HARNESS_TEST(queued_requests_end_stopped_when_the_actor_is_stopped),
        HARNESS_TEST(queued_requests_end_stopped_when_the_actor_is_killed),
        HARNESS_TEST(request_to_an_ended_actor_is_refused_at_once_and_its_value_destroyed),
        HARNESS_TEST(request_without_limit_outlasts_any_default_and_takes_a_late_answer),
        HARNESS_TEST(request_whose_handler_returns_without_a_reply_ends_at_once),
        HARNESS_TEST(reply_of_a_handler_that_stops_its_actor_arrives),
        HARNESS_TEST(request_leaves_at_the_call_whether_or_not_anybody_waits),
        HARNESS_TEST(request_clock_starts_at_the_call),
        HARNESS_TEST(releasing_a_pending_response_does_not_retract_the_message),
        HARNESS_TEST(many_outstanding_requests_each_get_their_own_reply),
        HARNESS_TEST(many_threads_that_ask_one_actor_each_get_their_own_replies),
        HARNESS_TEST(request_with_no_time_at_all_answers_timed_out_unless_it_is_ready),
        HARNESS_TEST(expired_request_of_a_type_that_skips_them_is_dropped_unhandled),
        HARNESS_TEST(request_is_handled_behind_the_sends_before_it),
    };
    return harness_main(argc, argv, tests, sizeof tests / sizeof *tests);
}
