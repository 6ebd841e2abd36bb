/* Answering: now, built in place, with a failure, later from another thread, through another actor. */
#include "support/contract.h"
#include "support/script.h"

struct trial {
    harness *h;
    spawned_status status[6];
    spawned_reply_to reply;
    spawned_pid other;
    void *storage;
};

static spawned_status reply_twice(spawned_context *context, void *state, void *argument) {
    (void)state;
    struct trial *trial = argument;
    const harness_tracked first = harness_tracked_make(trial->h, 1);
    const harness_tracked second = harness_tracked_make(trial->h, 2);
    trial->status[0] = spawned_reply(context, &first);
    trial->status[1] = spawned_reply(context, &second);
    trial->status[2] = spawned_reply_fail(context, 5, "late", SPAWNED_ZERO_TERMINATED);
    trial->status[3] = spawned_reply_reserve(context, 0, &trial->storage);
    trial->status[4] = spawned_reply_detach(context, &trial->reply);
    trial->status[5] = spawned_context_forward(context, trial->other);
    return SPAWNED_OK;
}

/* RQ05: every later answer is refused, its value ended once */
static void second_answer_is_refused_and_its_value_destroyed_once(void **state) {
    harness *h = *state;
    struct trial trial = {.h = h, .other = script_start(h)};
    const spawned_pid actor = script_start(h);
    spawned_response *response =
        script_request_gift(h, actor, reply_twice, &trial, SPAWNED_FOREVER);
    harness_tracked taken = {0};
    assert_ok(spawned_response_wait(response, SPAWNED_FOREVER));
    assert_ok(spawned_response_take(response, &taken));
    spawned_response_release(response);
    assert_int_equal(taken.number, 1);
    harness_tracked_type.destroy(&taken, NULL);
    assert_ok(script_run(actor, script_nothing, NULL));
    assert_ok(trial.status[0]);
    for (int i = 1; i < 6; i++) assert_status(trial.status[i], SPAWNED_EALREADY);
    assert_int_equal(harness_tracked_destroyed(h), 3); /* the gift and two answers */
}

static spawned_status reserve_and_commit(spawned_context *context, void *state, void *argument) {
    (void)state;
    struct trial *trial = argument;
    trial->status[0] = spawned_reply_reserve(context, 0, &trial->storage);
    if (trial->status[0] == SPAWNED_OK)
        *(harness_tracked *)trial->storage = harness_tracked_make(trial->h, 33);
    trial->status[1] = spawned_reply_commit(context);
    trial->status[2] = spawned_reply_commit(context);
    return SPAWNED_OK;
}

static void answer_built_in_place_arrives_when_committed(void **state) {
    harness *h = *state;
    struct trial trial = {.h = h};
    const spawned_pid actor = script_start(h);
    spawned_response *response =
        script_request_gift(h, actor, reserve_and_commit, &trial, SPAWNED_FOREVER);
    void *value = NULL;
    assert_ok(spawned_response_wait(response, SPAWNED_FOREVER));
    assert_ok(spawned_response_value(response, &value, NULL));
    assert_int_equal(((harness_tracked *)value)->number, 33);
    spawned_response_release(response);
    assert_ok(script_run(actor, script_nothing, NULL));
    assert_ok(trial.status[0]);
    assert_ok(trial.status[1]);
    assert_status(trial.status[2], SPAWNED_EALREADY);
}

static spawned_status reserve_only(spawned_context *context, void *state, void *argument) {
    (void)state;
    struct trial *trial = argument;
    trial->status[0] = spawned_reply_reserve(context, 0, &trial->storage);
    return SPAWNED_OK;
}

static void answer_never_committed_was_never_constructed(void **state) {
    harness *h = *state;
    struct trial trial = {.h = h};
    spawned_response *response =
        script_request_gift(h, script_start(h), reserve_only, &trial, SPAWNED_FOREVER);
    assert_status(script_finish(response), SPAWNED_ENOREPLY);
    assert_ok(trial.status[0]);
    assert_true(harness_settle(h));
    assert_int_equal(harness_tracked_destroyed(h), 1); /* the gift, no answer */
}

static spawned_status answer_nobody(spawned_context *context, void *state, void *argument) {
    (void)state;
    struct trial *trial = argument;
    trial->status[0] = spawned_reply(context, NULL);
    trial->status[1] = spawned_reply_fail(context, 5, "nobody", SPAWNED_ZERO_TERMINATED);
    trial->status[2] = spawned_reply_detach(context, &trial->reply);
    trial->status[3] = spawned_reply_reserve(context, 0, &trial->storage);
    trial->status[4] = spawned_reply_commit(context);
    return SPAWNED_OK;
}

static void answering_a_message_that_nobody_asked_with_is_harmless(void **state) {
    harness *h = *state;
    struct trial trial = {.h = h};
    const spawned_pid actor = script_start(h);
    assert_ok(script_tell(actor, answer_nobody, &trial));
    assert_ok(script_run(actor, script_nothing, NULL));
    assert_ok(trial.status[0]);
    assert_ok(trial.status[1]);
    assert_status(trial.status[2], SPAWNED_ENOENT);
    assert_status(trial.status[3], SPAWNED_ENOENT);
    assert_status(trial.status[4], SPAWNED_EINVAL);
}

static spawned_status fail_at_length(spawned_context *context, void *state, void *argument) {
    (void)state;
    struct trial *trial = argument;
    char text[3000];
    memset(text, 'x', sizeof text);
    trial->status[0] = spawned_reply_fail(context, 0, "no failure", SPAWNED_ZERO_TERMINATED);
    trial->status[1] = spawned_reply_fail(context, 9, text, sizeof text);
    return SPAWNED_OK;
}

static void failure_as_an_answer_keeps_the_actor_and_at_most_a_kilobyte_of_text(void **state) {
    harness *h = *state;
    struct trial trial = {.h = h};
    const spawned_pid actor = script_start(h);
    spawned_response *response = script_request(actor, fail_at_length, &trial, SPAWNED_FOREVER);
    const char *text = NULL;
    size_t length = 0;
    assert_status(spawned_response_wait(response, SPAWNED_FOREVER), 9);
    assert_status(spawned_response_error(response, &text, &length), 9);
    assert_int_equal(length, 1024);
    assert_true(text[0] == 'x' && text[1023] == 'x');
    spawned_response_release(response);
    assert_ok(script_run(actor, script_nothing, NULL));
    assert_status(trial.status[0], SPAWNED_EINVAL);
    assert_ok(trial.status[1]);
}

static void *answer_from_a_thread(void *argument) {
    struct trial *trial = argument;
    const harness_tracked value = harness_tracked_make(trial->h, 77);
    trial->status[0] = spawned_reply_to_is_wanted(trial->reply);
    trial->status[1] = spawned_reply_to_send(trial->reply, &value);
    trial->status[2] = spawned_reply_to_is_wanted(trial->reply);
    /* A handle that is used up has no type any more: the value stays the caller's. */
    harness_tracked again = harness_tracked_make(trial->h, 78);
    trial->status[3] = spawned_reply_to_send(trial->reply, &again);
    harness_tracked_type.destroy(&again, NULL);
    trial->status[4] = spawned_reply_to_release(trial->reply);
    trial->status[5] = spawned_reply_to_fail(trial->reply, 3, "", 0);
    return NULL;
}

/* RQ06 */
static void detached_request_is_answered_once_from_another_thread(void **state) {
    harness *h = *state;
    struct trial trial = {.h = h};
    const spawned_pid actor = script_start(h);
    spawned_response *response =
        script_request_gift(h, actor, script_detach, &trial.reply, SPAWNED_FOREVER);
    assert_ok(script_run(actor, script_nothing, NULL));
    assert_status(spawned_response_poll(response), SPAWNED_EAGAIN);
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, answer_from_a_thread, &trial), 0);
    pthread_join(thread, NULL);
    void *value = NULL;
    assert_ok(spawned_response_wait(response, SPAWNED_FOREVER));
    assert_ok(spawned_response_value(response, &value, NULL));
    assert_int_equal(((harness_tracked *)value)->number, 77);
    spawned_response_release(response);
    assert_ok(trial.status[0]);
    assert_ok(trial.status[1]);
    for (int i = 2; i < 6; i++) assert_status(trial.status[i], SPAWNED_EALREADY);
    assert_int_equal(harness_tracked_destroyed(h), 3);
}

static void detached_request_is_answered_in_place_or_with_a_failure(void **state) {
    harness *h = *state;
    spawned_reply_to reply = 0;
    void *storage = NULL, *value = NULL;
    const spawned_pid actor = script_start(h);
    spawned_response *response = script_request(actor, script_detach, &reply, SPAWNED_FOREVER);
    assert_ok(script_run(actor, script_nothing, NULL));
    assert_status(spawned_reply_to_commit(reply), SPAWNED_EINVAL); /* nothing reserved */
    assert_ok(spawned_reply_to_reserve(reply, 0, &storage));
    *(int64_t *)storage = -4;
    assert_ok(spawned_reply_to_commit(reply));
    assert_status(spawned_reply_to_commit(reply), SPAWNED_EALREADY);
    assert_ok(spawned_response_wait(response, SPAWNED_FOREVER));
    assert_ok(spawned_response_value(response, &value, NULL));
    assert_int_equal(*(int64_t *)value, -4);
    spawned_response_release(response);

    response = script_request(actor, script_detach, &reply, SPAWNED_FOREVER);
    assert_ok(script_run(actor, script_nothing, NULL));
    assert_status(spawned_reply_to_fail(reply, 0, NULL, 0), SPAWNED_EINVAL);
    assert_ok(spawned_reply_to_fail(reply, 12, "gone fishing", 4));
    const char *text = NULL;
    size_t length = 0;
    assert_status(spawned_response_wait(response, SPAWNED_FOREVER), 12);
    assert_status(spawned_response_error(response, &text, &length), 12);
    assert_int_equal(length, 4);
    assert_memory_equal(text, "gone", 4);
    spawned_response_release(response);
}

/* RQ06 */
static void handle_that_is_released_leaves_the_requester_without_an_answer_at_once(void **state) {
    harness *h = *state;
    spawned_reply_to reply = 0;
    void *storage = NULL;
    const spawned_pid actor = script_start(h);
    for (int reserve = 0; reserve < 2; reserve++) {
        spawned_response *response =
            script_request_gift(h, actor, script_detach, &reply, SPAWNED_FOREVER);
        assert_ok(script_run(actor, script_nothing, NULL));
        if (reserve) assert_ok(spawned_reply_to_reserve(reply, 0, &storage));
        assert_ok(spawned_reply_to_release(reply));
        assert_status(script_finish(response), SPAWNED_ENOREPLY);
        assert_status(spawned_reply_to_release(reply), SPAWNED_EALREADY);
    }
    assert_true(harness_settle(h));
    assert_int_equal(harness_tracked_destroyed(h), 2);
}

/* RQ06: the handle does not die with its actor */
static void handle_outlives_the_actor_that_detached_it(void **state) {
    harness *h = *state;
    spawned_reply_to reply = 0;
    const spawned_pid actor = script_start(h);
    spawned_response *response = script_request(actor, script_detach, &reply, SPAWNED_FOREVER);
    assert_ok(script_run(actor, script_nothing, NULL));
    assert_ok(spawned_actor_stop(actor));
    assert_ok(spawned_actor_join(actor, SPAWNED_FOREVER));
    assert_status(spawned_response_poll(response), SPAWNED_EAGAIN);
    assert_ok(spawned_reply_to_is_wanted(reply));
    const int64_t number = 8;
    assert_ok(spawned_reply_to_send(reply, &number));
    assert_ok(script_finish(response));
}

/* RQ14 */
static void answer_is_unwanted_once_the_requester_gave_up_and_is_then_discarded(void **state) {
    harness *h = *state;
    spawned_reply_to reply = 0;
    const spawned_pid actor = script_start(h);
    spawned_response *response =
        script_request_gift(h, actor, script_detach, &reply, SPAWNED_FOREVER);
    assert_ok(script_run(actor, script_nothing, NULL));
    assert_ok(spawned_reply_to_is_wanted(reply));
    spawned_response_release(response);
    assert_status(spawned_reply_to_is_wanted(reply), SPAWNED_ENOENT);
    const harness_tracked value = harness_tracked_make(h, 1);
    assert_ok(spawned_reply_to_send(reply, &value));
    assert_int_equal(harness_tracked_destroyed(h), 2);

    response = script_request_gift(h, actor, script_detach, &reply, 50 * SPAWNED_MILLISECOND);
    assert_ok(script_run(actor, script_nothing, NULL));
    assert_status(script_finish(response), SPAWNED_ETIMEDOUT);
    assert_status(spawned_reply_to_is_wanted(reply), SPAWNED_ENOENT);
    const harness_tracked late = harness_tracked_make(h, 2);
    assert_ok(spawned_reply_to_send(reply, &late));
    assert_int_equal(harness_tracked_destroyed(h), 4);
    assert_int_equal(harness_stats(h).late_replies, 2);
}

static spawned_status reply_then_use_the_value(spawned_context *context, void *state,
                                               void *argument) {
    (void)state;
    struct trial *trial = argument;
    trial->status[0] = script_reply_tracked(context, state, trial->h);
    spawned_message_info info = SPAWNED_MESSAGE_INFO_INIT;
    trial->status[1] = spawned_context_message(context, &info);
    trial->status[2] =
        info.is_request == 1 && info.type == &script_give_type ? SPAWNED_OK : SPAWNED_EFAILED;
    (void)script_gate_open(trial->storage);
    return SPAWNED_OK;
}

/* An early reply leaves the message with its handler, and need not wait for the handler's end */
static void reply_arrives_while_its_handler_goes_on(void **state) {
    harness *h = *state;
    script_gate gate;
    assert_ok(script_gate_create(h, &gate));
    struct trial trial = {.h = h, .storage = &gate};
    const spawned_pid actor = script_start(h);
    spawned_response *response =
        script_request_gift(h, actor, reply_then_use_the_value, &trial, SPAWNED_FOREVER);
    assert_ok(script_finish(response));
    assert_ok(script_gate_wait(&gate));
    assert_ok(trial.status[0]);
    assert_ok(trial.status[1]);
    assert_ok(trial.status[2]);
    script_gate_release(&gate);
}

struct context_thief {
    spawned_context *context;
};

static spawned_status lend_context(spawned_context *context, void *state, void *argument) {
    (void)state;
    ((struct context_thief *)argument)->context = context;
    return SPAWNED_OK;
}

static void answering_with_a_context_after_its_handler_is_refused(void **state) {
    harness *h = *state;
    struct context_thief thief = {0};
    const spawned_pid actor = script_start(h);
    assert_ok(script_run(actor, lend_context, &thief));
    assert_ok(script_run(actor, script_nothing, NULL));
    const int64_t number = 1;
    void *storage = NULL;
    spawned_reply_to reply = 0;
    assert_status(spawned_reply(thief.context, &number), SPAWNED_ECONTEXT);
    assert_status(spawned_reply_fail(thief.context, 1, NULL, 0), SPAWNED_ECONTEXT);
    assert_status(spawned_reply_reserve(thief.context, 0, &storage), SPAWNED_ECONTEXT);
    assert_status(spawned_reply_commit(thief.context), SPAWNED_ECONTEXT);
    assert_status(spawned_reply_detach(thief.context, &reply), SPAWNED_ECONTEXT);
    assert_status(spawned_context_forward(thief.context, actor), SPAWNED_ECONTEXT);
}

static spawned_status answer_with_a_value(spawned_context *context, harness_probe *probe,
                                          uint64_t number) {
    harness_tracked value = harness_tracked_make(probe->owner, number);
    probe->result = spawned_reply(context, &value);
    harness_tracked_type.destroy(&value, harness_tracked_type.user_data);
    return spawned_reply(context, NULL);
}

static void value_for_a_type_without_a_reply_is_refused_and_stays_the_callers(void **state) {
    harness *h = *state;
    harness_probe *probe = harness_probe_new(h);
    probe->on_number = answer_with_a_value;
    const spawned_pid pid = harness_probe_start(h, probe, NULL);
    assert_ok(harness_send_number(pid, 1));
    assert_true(harness_probe_wait_result(probe, SPAWNED_EINVAL));
}

int main(int argc, char **argv) {
    static const struct CMUnitTest tests[] = {
        HARNESS_TEST(second_answer_is_refused_and_its_value_destroyed_once),
        HARNESS_TEST(value_for_a_type_without_a_reply_is_refused_and_stays_the_callers),
        HARNESS_TEST(answer_built_in_place_arrives_when_committed),
        HARNESS_TEST(answer_never_committed_was_never_constructed),
        HARNESS_TEST(answering_a_message_that_nobody_asked_with_is_harmless),
        HARNESS_TEST(failure_as_an_answer_keeps_the_actor_and_at_most_a_kilobyte_of_text),
        HARNESS_TEST(detached_request_is_answered_once_from_another_thread),
        HARNESS_TEST(detached_request_is_answered_in_place_or_with_a_failure),
        HARNESS_TEST(handle_that_is_released_leaves_the_requester_without_an_answer_at_once),
        HARNESS_TEST(handle_outlives_the_actor_that_detached_it),
        HARNESS_TEST(answer_is_unwanted_once_the_requester_gave_up_and_is_then_discarded),
        HARNESS_TEST(reply_arrives_while_its_handler_goes_on),
        HARNESS_TEST(answering_with_a_context_after_its_handler_is_refused),
    };
    return harness_main(argc, argv, tests, sizeof tests / sizeof *tests);
}
