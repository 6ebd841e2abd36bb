/* Numbers that are no actors, tokens, events or timers, given to whatever watches, feeds or cancels; and all of that
 * after the end. NULL and bad arguments are refused in the tests of each. */
#include "support/contract.h"
#include "support/family.h"
#include "support/script.h"

#include <signal.h>

static bool is_gone(spawned_status status) {
    return status == SPAWNED_EINVAL || status == SPAWNED_ESTOPPED;
}

static bool is_over(spawned_status status) {
    return is_gone(status) || status == SPAWNED_ESTOPPING || status == SPAWNED_EALREADY;
}

/* The outcome of a call that yields a response, which is released. */
static spawned_status outcome(spawned_status status, spawned_response *response) {
    const spawned_status polled = spawned_response_poll(response);
    spawned_response_release(response);
    return status == SPAWNED_OK ? polled : status == polled ? status : SPAWNED_EFAILED;
}

static void count(void *user_data) { atomic_fetch_add((_Atomic int *)user_data, 1); }

static void do_nothing_at_a_call(void *user_data) { (void)user_data; }

static spawned_status yield_nothing(void *user_data, void *value) {
    (void)user_data, (void)value;
    return SPAWNED_ENOENT;
}

static spawned_status do_nothing(void *user_data, void *value) {
    (void)user_data, (void)value;
    return SPAWNED_OK;
}

/* Every function of these that takes a pid. What has ended is told of at once. */
static bool is_neither_watched_nor_fed(harness *h, spawned_pid pid, spawned_pid receiver,
                                       uint64_t *told) {
    spawned_response *response = NULL;
    spawned_token token = 7;
    static _Atomic int closed;
    const spawned_status watched =
        spawned_send_on_end(pid, harness_tracked_message(h, receiver, 1), NULL);
    *told += watched == SPAWNED_OK;
    spawned_status status = spawned_actor_end_response(pid, SPAWNED_DEFAULT, &response);
    const spawned_status ended = outcome(status, response);
    const spawned_status own = spawned_token_of_actor(pid, &token);
    closed = 0;
    status = spawned_listen(pid, &harness_number_type, yield_nothing, (void *)&closed, count, 0,
                            &response);
    const spawned_status fed = outcome(status, response);
    return (watched == SPAWNED_OK || watched == SPAWNED_EINVAL) &&
           (ended == SPAWNED_OK || ended == SPAWNED_EINVAL) && is_gone(own) && token == 0 &&
           is_gone(fed) && closed == 1;
}

/* AB04 */
static void invented_pids_are_neither_watched_nor_fed(void **state) {
    harness *h = *state;
    harness_probe *probe = harness_probe_new(h), *other = harness_probe_new(h);
    const spawned_pid receiver = harness_probe_start(h, probe, NULL);
    const spawned_pid living = harness_probe_start(h, other, NULL);
    assert_true(harness_settle(h));
    uint64_t random = harness_seed(h), told = 0;
    for (uint64_t i = 0; i < 5064; i++) {
        const spawned_pid pid = i < 64 ? living ^ (UINT64_C(1) << i) : harness_random(&random);
        if (pid == receiver) continue;
        if (!is_neither_watched_nor_fed(h, pid, receiver, &told))
            fail_msg("pid %llx was accepted", (unsigned long long)pid);
    }
    assert_true(harness_probe_wait(probe, HARNESS_MESSAGE, told));
    assert_true(harness_settle(h));
    assert_int_equal(harness_probe_count(probe, HARNESS_MESSAGE), told);
    assert_story(other, "i s");
    assert_int_equal(harness_tracked_destroyed(h), harness_tracked_created(h));
}

/* AB04 */
static void invented_tokens_and_events_touch_nobody(void **state) {
    harness *h = *state;
    harness_probe *probe = harness_probe_new(h);
    const spawned_pid receiver = harness_probe_start(h, probe, NULL);
    const spawned_pid watched = script_start(h);
    spawned_token token = 0;
    spawned_event event = 0;
    static _Atomic int calls;
    assert_ok(spawned_token_create(harness_runtime(h), 0, &token));
    assert_ok(spawned_token_on_cancel(token, count, (void *)&calls, NULL));
    assert_ok(spawned_send_on_end(watched, harness_tracked_message(h, receiver, 1), &event));
    calls = 0;
    uint64_t random = harness_seed(h);
    for (uint64_t i = 0; i < 5064; i++) {
        const uint64_t change = i < 64 ? UINT64_C(1) << i : harness_random(&random) | 1;
        const spawned_token invented = token ^ change;
        if (invented == 0) continue;
        static _Atomic int called;
        spawned_response *response = NULL;
        spawned_token child = 7;
        called = 0;
        assert_int_equal(spawned_token_is_cancelled(invented), 1);
        assert_true(is_over(spawned_token_cancel(invented)));
        const spawned_status asked =
            spawned_token_on_cancel(invented, count, (void *)&called, NULL);
        assert_true(asked == SPAWNED_EINVAL || asked == SPAWNED_OK); /* gone: called at once */
        assert_int_equal(called, asked == SPAWNED_OK);
        const spawned_status made = spawned_token_response(invented, SPAWNED_DEFAULT, &response);
        const spawned_status seen = outcome(made, response);
        assert_true(seen == SPAWNED_EINVAL || seen == SPAWNED_OK);
        const spawned_status born = spawned_token_create(harness_runtime(h), invented, &child);
        assert_true(born == SPAWNED_EINVAL || spawned_token_is_cancelled(child) == 1);
        assert_true(is_over(spawned_event_cancel(event ^ change)));
    }
    assert_int_equal(calls, 0);
    assert_int_equal(spawned_token_is_cancelled(token), 0);
    assert_ok(spawned_token_cancel(token));
    assert_int_equal(calls, 1);
    assert_ok(spawned_actor_stop(watched));
    assert_true(harness_probe_wait(probe, HARNESS_MESSAGE, 1));
    assert_status(spawned_event_cancel(event), SPAWNED_EALREADY);
}

/* Whatever is asked of them after the end, with numbers from before. */
static void assert_over(harness *h, spawned_pid receiver, spawned_pid watched, spawned_token token,
                        spawned_event event) {
    static _Atomic int ended;
    spawned_response *response = NULL;
    spawned_token other = 7;
    ended = 0;
    assert_true(
        is_over(spawned_send_on_end(watched, harness_tracked_message(h, receiver, 1), NULL)));
    assert_true(
        is_over(spawned_send_on_cancel(token, harness_tracked_message(h, receiver, 1), NULL)));
    assert_true(is_over(spawned_send_on_work(do_nothing, (void *)&ended, count,
                                             harness_tracked_message(h, receiver, 1), NULL)));
    assert_int_equal(ended, 1);
    assert_true(
        is_over(spawned_send_on_signal(SIGUSR1, harness_tracked_message(h, receiver, 1), 0, NULL)));
    const spawned_status fed = spawned_listen(receiver, &harness_number_type, yield_nothing,
                                              (void *)&ended, count, 0, &response);
    assert_true(is_over(outcome(fed, response)));
    assert_int_equal(ended, 2);
    const spawned_status gone = spawned_actor_end_response(watched, SPAWNED_DEFAULT, &response);
    assert_ok(outcome(gone, response));
    assert_true(is_over(spawned_token_of_actor(watched, &other)));
    assert_int_equal(other, 0);
    assert_int_equal(spawned_token_is_cancelled(token), 1);
    assert_status(spawned_token_cancel(token), SPAWNED_EALREADY);
    assert_status(spawned_event_cancel(event), SPAWNED_EALREADY);
}

/* AB04 SH08 */
static void events_work_and_listeners_are_refused_after_the_shutdown_and_the_end(void **state) {
    harness *h = *state;
    spawned_runtime *runtime = harness_runtime(h);
    const spawned_pid receiver = harness_probe_start(h, harness_probe_new(h), NULL);
    const spawned_pid watched = script_start(h);
    spawned_token token = 0, late = 7;
    spawned_event event = 0;
    spawned_response *response = NULL;
    static _Atomic int ended;
    ended = 0;
    assert_ok(spawned_token_create(runtime, 0, &token));
    assert_ok(spawned_send_on_end(watched, harness_tracked_message(h, receiver, 1), &event));
    assert_ok(spawned_runtime_shutdown(runtime, HARNESS_LONG));
    assert_over(h, receiver, watched, token, event);
    assert_status(spawned_token_create(runtime, 0, &late), SPAWNED_ESTOPPING);
    assert_status(spawned_work_start(runtime, NULL, do_nothing, (void *)&ended, count, 0,
                                     SPAWNED_DEFAULT, &response),
                  SPAWNED_ESTOPPING);
    spawned_response_release(response);
    assert_int_equal(ended, 1);
    assert_status(spawned_signal_response(runtime, SIGUSR1, 0, SPAWNED_DEFAULT, &response),
                  SPAWNED_ESTOPPING);
    spawned_response_release(response);
    assert_status(spawned_signal_raise(runtime, SIGUSR1), SPAWNED_ENOENT);
    assert_int_equal(harness_end_runtime(h), 0);
    assert_over(h, receiver, watched, token, event);
    assert_int_equal(harness_tracked_destroyed(h), harness_tracked_created(h));
}

/* A token's number may be the number of a watch as well: of those that nobody was ever told. */
static void numbers_of_the_library_s_own_watches_take_nothing_away(void **state) {
    harness *h = *state;
    static family f;
    spawned_pid supervisor = 0;
    spawned_token token = 0;
    spawned_listener *listener = NULL;
    spawned_response *fed = NULL, *ended = NULL;
    size_t count = 7;
    const spawned_pid one = script_start(h), other = script_start(h);
    family_init(&f, h, "a", SPAWNED_ONE_FOR_ONE);
    assert_ok(family_start(&f, &supervisor));
    assert_true(family_wait_lives(&f, 'a', 1));
    assert_ok(spawned_link(one, other));
    assert_ok(spawned_group_join("own", SPAWNED_ZERO_TERMINATED, one));
    assert_ok(spawned_token_create(harness_runtime(h), 0, &token));
    assert_ok(
        spawned_listener_create(one, token, do_nothing_at_a_call, NULL, NULL, &listener, &fed));
    assert_ok(spawned_actor_end_response(other, SPAWNED_FOREVER, &ended));
    for (uint64_t slot = 0; slot < 64; slot++) {
        const spawned_status status = spawned_event_cancel((token & ~UINT64_C(63)) | slot);
        assert_true(status == SPAWNED_EINVAL || status == SPAWNED_EALREADY);
    }
    assert_ok(family_tell(&f, 'a', FAMILY_FAIL));
    assert_true(family_wait_lives(&f, 'a', 2));
    assert_ok(spawned_actor_kill(other));
    assert_ok(spawned_response_wait(ended, HARNESS_LONG));
    assert_ok(spawned_actor_join(one, HARNESS_LONG)); /* by the link */
    assert_ok(
        spawned_group_members(harness_runtime(h), "own", SPAWNED_ZERO_TERMINATED, NULL, 0, &count));
    assert_int_equal(count, 0);
    spawned_listener_end(listener, SPAWNED_OK, NULL, 0);
    spawned_response_release(fed);
    spawned_response_release(ended);
    assert_ok(spawned_actor_stop(supervisor));
    assert_ok(spawned_actor_join(supervisor, HARNESS_LONG));
}

/* Nor may a timer's: a supervisor whose timer was gone would wait for ever. */
static void cancel_all_but(spawned_timer mine) {
    for (uint64_t slot = 0; slot < 64; slot++) {
        const spawned_timer other = (mine & ~UINT64_C(63)) | slot;
        if (other == mine) continue;
        const spawned_status status = spawned_timer_cancel(other);
        assert_true(status == SPAWNED_EINVAL || status == SPAWNED_EALREADY);
    }
}

static void numbers_of_a_supervisor_s_own_timers_take_nothing_away(void **state) {
    harness *h = *state;
    static family f;
    spawned_pid supervisor = 0;
    spawned_message *message = NULL;
    spawned_timer mine = 0;
    const uint64_t number = 1;
    const spawned_pid one = script_start(h);
    assert_ok(spawned_message_create(one, &harness_number_type, &number, &message));
    assert_ok(spawned_send_after(3600 * SPAWNED_SECOND, message, &mine));
    family_init(&f, h, "ab", SPAWNED_ONE_FOR_ONE);
    f.supervisor.backoff = 50 * SPAWNED_MILLISECOND;
    family_child(&f, 'b')->shutdown = 50 * SPAWNED_MILLISECOND;
    assert_ok(family_start(&f, &supervisor));
    assert_ok(family_tell(&f, 'a', FAMILY_FAIL));
    assert_true(harness_settle(h));
    cancel_all_but(mine); /* the pause before a restart among them */
    assert_true(harness_advance(h, 100 * SPAWNED_MILLISECOND));
    assert_true(family_wait_lives(&f, 'a', 2));
    assert_ok(family_tell(&f, 'b', FAMILY_CLING));
    assert_true(harness_settle(h));
    assert_ok(spawned_actor_stop(supervisor));
    assert_true(harness_settle(h));
    cancel_all_but(mine); /* its patience with a child among them */
    assert_ok(spawned_actor_join(supervisor, HARNESS_LONG));
    assert_ok(spawned_timer_cancel(mine));
}

/* Nor may one answer who waits for a supervisor. */
static void numbers_of_nobody_s_promises_answer_no_caller_of_a_supervisor(void **state) {
    harness *h = *state;
    static family f;
    spawned_pid supervisor = 0;
    spawned_response *stopped = NULL, *promised = NULL;
    spawned_reply_to mine = 0;
    family_init(&f, h, "a", SPAWNED_ONE_FOR_ONE);
    family_child(&f, 'a')->shutdown = 50 * SPAWNED_MILLISECOND;
    assert_ok(family_start(&f, &supervisor));
    assert_ok(family_tell(&f, 'a', FAMILY_CLING));
    assert_true(harness_settle(h));
    assert_ok(
        spawned_supervisor_stop_child_response(supervisor, "a", 1, SPAWNED_DEFAULT, &stopped));
    assert_true(harness_settle(h));
    assert_ok(spawned_promise_create(harness_runtime(h), NULL, SPAWNED_FOREVER, &mine, &promised));
    for (uint64_t slot = 0; slot < 64; slot++) {
        const spawned_reply_to other = (mine & ~UINT64_C(63)) | slot;
        if (other != mine)
            (void)spawned_reply_to_release(other); /* what the child clings to as well */
    }
    assert_ok(spawned_response_wait(stopped, HARNESS_LONG));
    spawned_response_release(stopped);
    assert_ok(spawned_reply_to_release(mine));
    spawned_response_release(promised);
    assert_ok(spawned_actor_stop(supervisor));
    assert_ok(spawned_actor_join(supervisor, HARNESS_LONG));
}

int main(int argc, char **argv) {
    static const struct CMUnitTest tests[] = {
        HARNESS_TEST(numbers_of_the_library_s_own_watches_take_nothing_away),
        HARNESS_TEST(numbers_of_a_supervisor_s_own_timers_take_nothing_away),
        HARNESS_TEST(numbers_of_nobody_s_promises_answer_no_caller_of_a_supervisor),
        HARNESS_TEST(invented_pids_are_neither_watched_nor_fed),
        HARNESS_TEST(invented_tokens_and_events_touch_nobody),
        HARNESS_TEST(events_work_and_listeners_are_refused_after_the_shutdown_and_the_end),
    };
    return harness_main(argc, argv, tests, sizeof tests / sizeof *tests);
}
