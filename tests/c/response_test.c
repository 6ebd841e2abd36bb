/* The response object: every question in every state, the bell, release, and a life beyond its
 * runtime. */
#include "support/contract.h"
#include "support/script.h"

static spawned_status everything(spawned_response *response) {
    void *value = NULL;
    int64_t room[8];
    const char *text = NULL;
    size_t length = 0;
    const spawned_status status = spawned_response_poll(response);
    const bool alike = spawned_response_wait(response, SPAWNED_NO_WAIT) == status &&
                       spawned_response_value(response, &value, NULL) == status &&
                       spawned_response_take(response, room) == status &&
                       spawned_response_error(response, &text, &length) == status;
    return alike ? status : SPAWNED_EINVAL;
}

/* RS1, RS4: neither good nor bad */
static void pending_response_answers_again_to_every_question(void **state) {
    harness *h = *state;
    script_gate gate;
    assert_ok(script_gate_create(h, &gate));
    assert_status(everything(gate.response), SPAWNED_EAGAIN);
    script_gate_release(&gate);
}

/* RS1, RS3 */
static void ready_value_can_be_seen_often_and_changed_in_place(void **state) {
    harness *h = *state;
    int64_t number = 9;
    spawned_response *response =
        script_request(script_start(h), script_reply_number, &number, SPAWNED_FOREVER);
    assert_ok(spawned_response_wait(response, SPAWNED_FOREVER));
    assert_ok(spawned_response_wait(response, SPAWNED_NO_WAIT));
    assert_ok(spawned_response_poll(response));
    void *value = NULL, *again = NULL;
    size_t size = 0;
    assert_ok(spawned_response_value(response, &value, &size));
    assert_int_equal(size, sizeof(int64_t));
    assert_int_equal(*(int64_t *)value, 9);
    *(int64_t *)value = 10;
    assert_ok(spawned_response_value(response, &again, NULL));
    assert_ptr_equal(again, value);
    int64_t taken = 0;
    assert_ok(spawned_response_take(response, &taken));
    assert_int_equal(taken, 10);
    spawned_response_release(response);
}

/* RS8 */
static void value_is_taken_once_and_is_the_takers_to_end(void **state) {
    harness *h = *state;
    spawned_response *response =
        script_request_gift(h, script_start(h), script_reply_tracked, h, SPAWNED_FOREVER);
    assert_ok(spawned_response_wait(response, SPAWNED_FOREVER));
    harness_tracked taken = {0};
    void *value = NULL;
    assert_ok(spawned_response_take(response, &taken));
    assert_int_equal(taken.number, 7);
    assert_status(spawned_response_take(response, &taken), SPAWNED_EALREADY);
    assert_status(spawned_response_value(response, &value, NULL), SPAWNED_EALREADY);
    spawned_response_release(response);
    assert_true(harness_settle(h)); /* the gift ends with its handler */
    assert_int_equal(harness_tracked_destroyed(h), 1);
    harness_tracked_type.destroy(&taken, NULL);
}

static void value_seen_but_not_taken_is_destroyed_by_release(void **state) {
    harness *h = *state;
    spawned_response *response =
        script_request_gift(h, script_start(h), script_reply_tracked, h, SPAWNED_FOREVER);
    void *value = NULL;
    assert_ok(spawned_response_wait(response, SPAWNED_FOREVER));
    assert_ok(spawned_response_value(response, &value, NULL));
    assert_true(harness_settle(h));
    assert_int_equal(harness_tracked_destroyed(h), 1);
    spawned_response_release(response);
    assert_int_equal(harness_tracked_destroyed(h), 2);
}

static void response_released_unread_ends_its_value_whenever_that_arrives(void **state) {
    harness *h = *state;
    const spawned_pid actor = script_start(h);
    script_hold hold;
    assert_ok(script_hold_begin(&hold, h, actor));
    spawned_response *early =
        script_request_gift(h, actor, script_reply_tracked, h, SPAWNED_FOREVER);
    spawned_response *late =
        script_request_gift(h, actor, script_reply_tracked, h, SPAWNED_FOREVER);
    spawned_response_release(early); /* before its answer */
    assert_ok(script_hold_end(&hold));
    assert_ok(script_run(actor, script_nothing, NULL));
    assert_int_equal(harness_tracked_destroyed(h), 3);
    spawned_response_release(late); /* after it, never looked at */
    assert_int_equal(harness_tracked_destroyed(h), 4);
    script_hold_release(&hold);
}

static void completion_without_a_value_is_ok_and_has_no_bytes(void **state) {
    harness *h = *state;
    spawned_response *response =
        script_request_run(script_start(h), script_nothing, NULL, SPAWNED_FOREVER);
    assert_ok(spawned_response_wait(response, SPAWNED_FOREVER));
    void *value = &value;
    size_t size = 1;
    assert_ok(spawned_response_value(response, &value, &size));
    assert_int_equal(size, 0);
    assert_ok(spawned_response_take(response, NULL));
    spawned_response_release(response);
}

/* RS4, RS9 */
static void response_of_an_error_holds_it_from_the_start_and_allocates_nothing(void **state) {
    (void)state;
    for (spawned_status status = SPAWNED_EBUSY; status <= 22; status++) {
        if (status == SPAWNED_OK) continue;
        spawned_response *response = spawned_response_of_error(status);
        assert_non_null(response);
        assert_status(everything(response), status == SPAWNED_EAGAIN ? SPAWNED_EFAILED : status);
        spawned_response_release(response);
    }
    spawned_response *largest = spawned_response_of_error(INT32_MAX);
    spawned_response *smallest = spawned_response_of_error(INT32_MIN);
    assert_status(everything(largest), INT32_MAX);
    assert_status(everything(smallest), INT32_MIN);
    spawned_response_release(largest);
    spawned_response_release(smallest);
}

static void error_text_is_empty_where_nobody_wrote_one(void **state) {
    harness *h = *state;
    int64_t number = 1;
    const char *text = NULL;
    size_t length = 99;
    spawned_response *good =
        script_request(script_start(h), script_reply_number, &number, SPAWNED_FOREVER);
    assert_ok(spawned_response_wait(good, SPAWNED_FOREVER));
    assert_ok(spawned_response_error(good, &text, &length));
    assert_int_equal(length, 0);
    spawned_response_release(good);

    spawned_response *bad = spawned_response_of_error(SPAWNED_ESTOPPED);
    length = 99;
    assert_status(spawned_response_error(bad, &text, &length), SPAWNED_ESTOPPED);
    assert_int_equal(length, 0);
    spawned_response_release(bad);
}

static spawned_status answer_with_a_failure(spawned_context *context, void *state, void *argument) {
    (void)state, (void)argument;
    return spawned_reply_fail(context, 404, "no such book", SPAWNED_ZERO_TERMINATED);
}

static void error_text_of_an_answered_failure_arrives(void **state) {
    harness *h = *state;
    const spawned_pid actor = script_start(h);
    spawned_response *response =
        script_request(actor, answer_with_a_failure, NULL, SPAWNED_FOREVER);
    assert_status(spawned_response_wait(response, SPAWNED_FOREVER), 404);
    const char *text = NULL;
    size_t length = 0;
    assert_status(spawned_response_error(response, &text, &length), 404);
    assert_int_equal(length, strlen("no such book"));
    assert_memory_equal(text, "no such book", length);
    spawned_response_release(response);
    assert_ok(script_run(actor, script_nothing, NULL));
}

static spawned_status answer_not_ready(spawned_context *context, void *state, void *argument) {
    (void)state, (void)argument;
    return spawned_reply_fail(context, SPAWNED_EAGAIN, "later", SPAWNED_ZERO_TERMINATED);
}

static spawned_status not_ready(void *user_data, void *value) {
    (void)user_data, (void)value;
    return SPAWNED_EAGAIN;
}

static void end_nothing(void *user_data) { (void)user_data; }

/* It would be waited for once more, and for ever. */
static void not_ready_is_no_outcome_whoever_fails_with_it(void **state) {
    harness *h = *state;
    const spawned_pid actor = script_start(h);
    spawned_response *all[4] = {script_request(actor, answer_not_ready, NULL, SPAWNED_FOREVER)};
    spawned_reply_to key = 0;
    assert_ok(spawned_promise_create(harness_runtime(h), NULL, SPAWNED_FOREVER, &key, &all[1]));
    assert_ok(spawned_reply_to_fail(key, SPAWNED_EAGAIN, NULL, 0));
    assert_ok(spawned_work_start(harness_runtime(h), NULL, not_ready, NULL, end_nothing, 0,
                                 SPAWNED_FOREVER, &all[2]));
    assert_ok(spawned_listen(actor, &script_number_type, not_ready, NULL, end_nothing, 0, &all[3]));
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        assert_status(spawned_response_wait(all[i], HARNESS_LONG), SPAWNED_EFAILED);
        assert_status(everything(all[i]), SPAWNED_EFAILED);
        spawned_response_release(all[i]);
    }
}

static spawned_status fail_with_words(spawned_context *context, void *state, void *argument) {
    (void)context, (void)state, (void)argument;
    return spawned_fail(17, "out of ink", SPAWNED_ZERO_TERMINATED);
}

static void error_text_of_the_ended_actors_failure_arrives(void **state) {
    harness *h = *state;
    spawned_response *response =
        script_request(script_start(h), fail_with_words, NULL, SPAWNED_FOREVER);
    assert_status(spawned_response_wait(response, SPAWNED_FOREVER), SPAWNED_ESTOPPED);
    const char *text = NULL;
    size_t length = 0;
    assert_status(spawned_response_error(response, &text, &length), SPAWNED_ESTOPPED);
    assert_int_equal(length, strlen("out of ink"));
    assert_memory_equal(text, "out of ink", length);
    spawned_response_release(response);
}

static void waiting_for_a_limited_time_ends_with_again_and_the_request_lives_on(void **state) {
    harness *h = *state;
    script_gate gate;
    assert_ok(script_gate_create(h, &gate));
    const spawned_time before = harness_now(h);
    assert_status(spawned_response_wait(gate.response, 15 * SPAWNED_MILLISECOND), SPAWNED_EAGAIN);
    assert_true(harness_now(h) - before >= 15 * SPAWNED_MILLISECOND);
    assert_ok(script_gate_open(&gate));
    assert_ok(spawned_response_wait(gate.response, SPAWNED_DEFAULT));
    script_gate_release(&gate);
}

static void ring(void *user_data) { atomic_fetch_add((_Atomic int *)user_data, 1); }

static bool has_rung(void *argument) { return atomic_load((_Atomic int *)argument) != 0; }

static void bell_rings_once_when_the_outcome_arrives(void **state) {
    harness *h = *state;
    _Atomic int rings = 0;
    script_gate gate;
    assert_ok(script_gate_create(h, &gate));
    assert_ok(spawned_response_bell(gate.response, ring, &rings));
    assert_int_equal(rings, 0);
    assert_ok(script_gate_open(&gate));
    assert_true(harness_wait_until(h, has_rung, &rings));
    assert_ok(spawned_response_poll(gate.response));
    script_gate_release(&gate);
    assert_int_equal(rings, 1);
}

static void bell_of_a_request_rings_when_it_times_out(void **state) {
    harness *h = *state;
    _Atomic int rings = 0;
    spawned_reply_to kept = 0;
    const spawned_pid actor = script_start(h);
    spawned_response *response =
        script_request(actor, script_detach, &kept, 10 * SPAWNED_MILLISECOND);
    assert_ok(spawned_response_bell(response, ring, &rings));
    assert_ok(script_run(actor, script_nothing, NULL));
    assert_true(harness_advance_until(h, 11 * SPAWNED_MILLISECOND, has_rung, &rings));
    assert_status(spawned_response_poll(response), SPAWNED_ETIMEDOUT);
    spawned_response_release(response);
    assert_ok(spawned_reply_to_release(kept));
}

static void bell_on_a_ready_response_rings_within_the_call(void **state) {
    harness *h = *state;
    _Atomic int rings = 0;
    script_gate gate;
    assert_ok(script_gate_create(h, &gate));
    assert_ok(script_gate_open(&gate));
    assert_ok(spawned_response_bell(gate.response, ring, &rings));
    assert_int_equal(rings, 1);
    script_gate_release(&gate);
    spawned_response *error = spawned_response_of_error(SPAWNED_EFULL);
    assert_ok(spawned_response_bell(error, ring, &rings));
    assert_int_equal(rings, 2);
    spawned_response_release(error);
}

static void bell_taken_away_never_rings_and_another_may_follow(void **state) {
    harness *h = *state;
    _Atomic int first = 0, second = 0;
    script_gate gate;
    assert_ok(script_gate_create(h, &gate));
    assert_ok(spawned_response_bell(gate.response, ring, &first));
    assert_status(spawned_response_bell(gate.response, ring, &second), SPAWNED_EALREADY);
    assert_ok(spawned_response_bell(gate.response, NULL, NULL));
    assert_ok(spawned_response_bell(gate.response, ring, &second));
    assert_ok(script_gate_open(&gate));
    assert_true(harness_wait_until(h, has_rung, &second));
    assert_int_equal(first, 0);
    assert_status(spawned_response_bell(gate.response, NULL, NULL), SPAWNED_EALREADY);
    script_gate_release(&gate);
    assert_int_equal(second, 1);
}

static void bell_of_a_released_response_does_not_ring(void **state) {
    harness *h = *state;
    _Atomic int rings = 0;
    script_gate gate;
    assert_ok(script_gate_create(h, &gate));
    assert_ok(spawned_response_bell(gate.response, ring, &rings));
    spawned_response_release(gate.response);
    assert_status(spawned_reply_to_is_wanted(gate.key), SPAWNED_ENOENT);
    assert_ok(script_gate_open(&gate)); /* not an error: nobody wants it */
    assert_true(harness_settle(h));
    assert_int_equal(rings, 0);
}

static void responses_outlive_their_runtime_in_every_state(void **state) {
    harness *h = *state;
    spawned_reply_to kept = 0;
    const spawned_pid actor = script_start(h);
    spawned_response *pending = script_request(actor, script_detach, &kept, SPAWNED_FOREVER);
    spawned_response *ready =
        script_request_gift(h, actor, script_reply_tracked, h, SPAWNED_FOREVER);
    spawned_response *unread =
        script_request_gift(h, actor, script_reply_tracked, h, SPAWNED_FOREVER);
    spawned_response *failed = script_request(actor, answer_with_a_failure, NULL, SPAWNED_FOREVER);
    assert_ok(script_run(actor, script_nothing, NULL));
    assert_ok(spawned_reply_to_release(kept));
    kept = 0;
    spawned_response *orphan = script_request(actor, script_detach, &kept, SPAWNED_FOREVER);
    assert_ok(script_run(actor, script_nothing, NULL));
    assert_int_equal(harness_end_runtime(h), 0);

    assert_status(spawned_response_poll(pending), SPAWNED_ENOREPLY);
    assert_status(spawned_response_wait(orphan, SPAWNED_FOREVER), SPAWNED_ESTOPPED);
    harness_tracked taken = {0};
    assert_ok(spawned_response_wait(ready, SPAWNED_FOREVER));
    assert_ok(spawned_response_take(ready, &taken));
    assert_int_equal(taken.number, 7);
    harness_tracked_type.destroy(&taken, NULL);
    const char *text = NULL;
    size_t length = 0;
    assert_status(spawned_response_error(failed, &text, &length), 404);
    assert_memory_equal(text, "no such book", length);
    spawned_response_release(pending);
    spawned_response_release(orphan);
    spawned_response_release(ready);
    spawned_response_release(unread);
    spawned_response_release(failed);
    assert_status(spawned_reply_to_release(kept), SPAWNED_ESTOPPED);
}

static void nothing_is_released_in_place_of_a_response_without_harm(void **state) {
    (void)state;
    spawned_response_release(NULL);
}

int main(int argc, char **argv) {
    static const struct CMUnitTest tests[] = {
        HARNESS_TEST(pending_response_answers_again_to_every_question),
        HARNESS_TEST(ready_value_can_be_seen_often_and_changed_in_place),
        HARNESS_TEST(value_is_taken_once_and_is_the_takers_to_end),
        HARNESS_TEST(value_seen_but_not_taken_is_destroyed_by_release),
        HARNESS_TEST(response_released_unread_ends_its_value_whenever_that_arrives),
        HARNESS_TEST(completion_without_a_value_is_ok_and_has_no_bytes),
        HARNESS_TEST(response_of_an_error_holds_it_from_the_start_and_allocates_nothing),
        HARNESS_TEST(error_text_is_empty_where_nobody_wrote_one),
        HARNESS_TEST(error_text_of_an_answered_failure_arrives),
        HARNESS_TEST(not_ready_is_no_outcome_whoever_fails_with_it),
        HARNESS_TEST(error_text_of_the_ended_actors_failure_arrives),
        HARNESS_TEST(waiting_for_a_limited_time_ends_with_again_and_the_request_lives_on),
        HARNESS_TEST(bell_rings_once_when_the_outcome_arrives),
        HARNESS_TEST(bell_of_a_request_rings_when_it_times_out),
        HARNESS_TEST(bell_on_a_ready_response_rings_within_the_call),
        HARNESS_TEST(bell_taken_away_never_rings_and_another_may_follow),
        HARNESS_TEST(bell_of_a_released_response_does_not_ring),
        HARNESS_TEST(responses_outlive_their_runtime_in_every_state),
        HARNESS_TEST(nothing_is_released_in_place_of_a_response_without_harm),
    };
    return harness_main(argc, argv, tests, sizeof tests / sizeof *tests);
}
