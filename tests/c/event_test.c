/* Messages when an actor has ended, and the same as a response: once, behind the dead actor's own messages,
 * taken away truthfully, gone with their receiver. Tokens are token_test.c. */
#include "support/contract.h"
#include "support/script.h"

static spawned_message *number_for(spawned_pid to, uint64_t number) {
    spawned_message *message = NULL;
    assert_ok(spawned_message_create(to, &harness_number_type, &number, &message));
    return message;
}

static void end(spawned_pid pid) {
    assert_ok(spawned_actor_stop(pid));
    assert_ok(spawned_actor_join(pid, HARNESS_LONG));
}

/* SM1, LM07, LM08 */
static void message_comes_once_however_the_actor_ends(void **state) {
    harness *h = *state;
    static spawned_status failed = 9;
    for (int how = 0; how < 4; how++) {
        harness_probe *probe = harness_probe_new(h);
        const spawned_pid receiver = harness_probe_start(h, probe, NULL);
        const spawned_pid watched = script_start(h);
        spawned_event event = 0;
        assert_ok(spawned_send_on_end(watched, number_for(receiver, 5), &event));
        assert_true(event != 0);
        assert_true(harness_settle(h));
        assert_story(probe, "i s");
        if (how == 0) assert_ok(spawned_actor_stop(watched));
        if (how == 1) assert_ok(spawned_actor_kill(watched));
        if (how == 2) assert_ok(script_tell(watched, script_return, &failed));
        if (how == 3) assert_ok(spawned_actor_drain(watched, SPAWNED_DEFAULT));
        assert_true(harness_probe_wait(probe, HARNESS_MESSAGE, 1));
        assert_true(harness_settle(h));
        assert_story(probe, "i s 5");
        assert_status(spawned_event_cancel(event), SPAWNED_EALREADY);
        end(receiver);
    }
}

struct last_words {
    spawned_pid to;
    uint64_t count;
};

static spawned_status say_and_stop(spawned_context *context, void *state, void *argument) {
    (void)state;
    const struct last_words *last = argument;
    for (uint64_t i = 1; i <= last->count; i++) (void)harness_send_number(last->to, i);
    return spawned_context_stop(context);
}

static void message_stands_behind_the_last_ones_of_the_dead_actor(void **state) {
    harness *h = *state;
    for (int round = 0; round < 50; round++) {
        harness_probe *probe = harness_probe_new(h);
        const spawned_pid receiver = harness_probe_start(h, probe, NULL);
        const spawned_pid watched = script_start(h);
        assert_ok(spawned_send_on_end(watched, number_for(receiver, 9), NULL));
        struct last_words last = {receiver, 3};
        assert_ok(script_tell(watched, say_and_stop, &last));
        assert_true(harness_probe_wait(probe, HARNESS_MESSAGE, 4));
        assert_story(probe, "i s 1 2 3 9");
        end(receiver);
    }
}

static void of_an_actor_that_has_ended_the_message_comes_within_the_call(void **state) {
    harness *h = *state;
    harness_probe *probe = harness_probe_new(h);
    const spawned_pid receiver = harness_probe_start(h, probe, NULL);
    const spawned_pid watched = script_start(h);
    end(watched);
    spawned_event event = 0;
    assert_ok(spawned_send_on_end(watched, number_for(receiver, 7), &event));
    assert_ok(harness_send_number(receiver, 8));
    assert_true(harness_probe_wait(probe, HARNESS_MESSAGE, 2));
    assert_story(probe, "i s 7 8");
    assert_status(spawned_event_cancel(event), SPAWNED_EALREADY);
    end(receiver);
}

static spawned_status look_at_the_dead(spawned_context *context, harness_probe *probe,
                                       uint64_t number) {
    (void)number;
    spawned_exit exit = SPAWNED_EXIT_INIT;
    spawned_pid found = 0;
    const spawned_status known = spawned_actor_exit_reason(probe->peer, &exit, NULL, 0);
    const spawned_status named =
        spawned_registry_whereis(spawned_context_runtime(context), "the watched",
                                 SPAWNED_ZERO_TERMINATED, &found);
    const bool over = known == SPAWNED_OK && exit.kind == SPAWNED_EXIT_FAILURE && exit.code == 9 &&
                      named == SPAWNED_ENOENT &&
                      spawned_actor_stop(probe->peer) == SPAWNED_ESTOPPED;
    atomic_store(&probe->result, over ? 1 : -1);
    return SPAWNED_OK;
}

/* LC15 */
static void who_gets_the_message_sees_the_end_complete(void **state) {
    harness *h = *state;
    static spawned_status failed = 9;
    harness_probe *probe = harness_probe_new(h);
    probe->on_number = look_at_the_dead;
    spawned_actor_options options = SPAWNED_ACTOR_OPTIONS_INIT;
    options.name = "the watched";
    options.name_length = SPAWNED_ZERO_TERMINATED;
    probe->peer = harness_start(h, &script_behavior, &options);
    const spawned_pid receiver = harness_probe_start(h, probe, NULL);
    assert_ok(spawned_send_on_end(probe->peer, number_for(receiver, 1), NULL));
    assert_ok(script_tell(probe->peer, script_return, &failed));
    assert_true(harness_probe_wait_result(probe, 1));
    end(receiver);
}

static void join_returns_after_the_message_was_put_into_the_mailbox(void **state) {
    harness *h = *state;
    for (int round = 0; round < 100; round++) {
        harness_probe *probe = harness_probe_new(h);
        const spawned_pid receiver = harness_probe_start(h, probe, NULL);
        const spawned_pid watched = script_start(h);
        assert_ok(spawned_send_on_end(watched, number_for(receiver, 1), NULL));
        assert_ok(spawned_actor_kill(watched));
        assert_ok(spawned_actor_join(watched, HARNESS_LONG));
        assert_ok(harness_send_number(receiver, 2));
        assert_true(harness_probe_wait(probe, HARNESS_MESSAGE, 2));
        assert_story(probe, "i s 1 2");
        end(receiver);
    }
}

static void cancelled_message_is_not_sent_and_its_value_destroyed_once(void **state) {
    harness *h = *state;
    harness_probe *probe = harness_probe_new(h);
    const spawned_pid receiver = harness_probe_start(h, probe, NULL);
    const spawned_pid watched = script_start(h);
    spawned_event event = 0;
    assert_ok(spawned_send_on_end(watched, harness_tracked_message(h, receiver, 1), &event));
    assert_ok(spawned_event_cancel(event));
    assert_int_equal(harness_tracked_destroyed(h), 1);
    assert_status(spawned_event_cancel(event), SPAWNED_EALREADY);
    end(watched);
    assert_status(spawned_event_cancel(event), SPAWNED_EALREADY);
    assert_true(harness_settle(h));
    assert_story(probe, "i s");
    end(receiver);
}

/* LM10 */
static void cancel_tells_the_truth_when_it_races_with_the_end(void **state) {
    harness *h = *state;
    harness_probe *probe = harness_probe_new(h);
    const spawned_pid receiver = harness_probe_start(h, probe, NULL);
    size_t sent = 0;
    for (uint64_t round = 0; round < 500; round++) {
        const spawned_pid watched = script_start(h);
        spawned_event event = 0;
        assert_ok(
            spawned_send_on_end(watched, harness_tracked_message(h, receiver, round), &event));
        assert_ok(spawned_actor_stop(watched));
        for (volatile uint64_t spin = 0; spin < round * 20; spin++) continue;
        const spawned_status status = spawned_event_cancel(event);
        assert_true(status == SPAWNED_OK || status == SPAWNED_EALREADY);
        sent += status == SPAWNED_EALREADY;
        assert_ok(spawned_actor_join(watched, HARNESS_LONG));
    }
    assert_true(harness_probe_wait(probe, HARNESS_MESSAGE, sent));
    assert_true(harness_settle(h));
    assert_int_equal(harness_probe_count(probe, HARNESS_MESSAGE), sent);
    end(receiver);
}

/* SM2 */
static void receivers_end_takes_its_events_with_it(void **state) {
    harness *h = *state;
    spawned_status (*const ends[])(spawned_pid) = {spawned_actor_stop, spawned_actor_kill};
    for (uint64_t i = 0; i < 2; i++) {
        const spawned_pid receiver = harness_probe_start(h, harness_probe_new(h), NULL);
        const spawned_pid watched = script_start(h);
        spawned_event first = 0, second = 0;
        assert_ok(spawned_send_on_end(watched, harness_tracked_message(h, receiver, 1), &first));
        assert_ok(spawned_send_on_end(watched, harness_tracked_message(h, receiver, 2), &second));
        assert_ok(ends[i](receiver));
        assert_ok(spawned_actor_join(receiver, HARNESS_LONG));
        assert_int_equal(harness_tracked_destroyed(h), 2 * (i + 1));
        assert_status(spawned_event_cancel(first), SPAWNED_EALREADY);
        const uint64_t dead = harness_stats(h).dead_stopped;
        end(watched);
        assert_status(spawned_event_cancel(second), SPAWNED_EALREADY);
        assert_true(harness_settle(h));
        assert_int_equal(harness_stats(h).dead_stopped, dead);
    }
}

/* LM13 */
static void watched_actor_keeps_nothing_of_watchers_that_are_gone(void **state) {
    harness *h = *state;
    const spawned_pid watched = script_start(h);
    const spawned_pid stays = harness_probe_start(h, harness_probe_new(h), NULL);
    int64_t held = 0;
    for (int round = 0; round < 2000; round++) {
        spawned_event event = 0;
        assert_ok(spawned_send_on_end(watched, number_for(stays, 1), &event));
        assert_ok(spawned_event_cancel(event));
        spawned_response *response = NULL;
        assert_ok(spawned_actor_end_response(watched, SPAWNED_DEFAULT, &response));
        spawned_response_release(response);
        const spawned_pid watcher = script_start(h);
        assert_true(watcher != 0);
        assert_ok(spawned_send_on_end(watched, number_for(watcher, 1), NULL));
        assert_ok(spawned_actor_kill(watcher));
        assert_ok(spawned_actor_join(watcher, HARNESS_LONG));
        if (round == 500) held = harness_memory_held(h);
    }
    /* what threads cache and the exit reasons that are kept may grow a little */
    assert_true(harness_memory_held(h) - held < 200 * 1024);
    end(watched);
    end(stays);
}

static void all_watchers_are_told_the_oldest_first(void **state) {
    harness *h = *state;
    harness_probe *probe = harness_probe_new(h), *other = harness_probe_new(h);
    const spawned_pid receiver = harness_probe_start(h, probe, NULL);
    const spawned_pid second = harness_probe_start(h, other, NULL);
    const spawned_pid watched = script_start(h);
    spawned_event events[5];
    for (uint64_t i = 0; i < 5; i++)
        assert_ok(spawned_send_on_end(watched, number_for(receiver, i), &events[i]));
    assert_ok(spawned_send_on_end(watched, number_for(second, 6), NULL));
    assert_ok(spawned_event_cancel(events[2]));
    end(watched);
    assert_true(harness_probe_wait(probe, HARNESS_MESSAGE, 4));
    assert_true(harness_probe_wait(other, HARNESS_MESSAGE, 1));
    assert_story(probe, "i s 0 1 3 4");
    end(receiver);
    end(second);
}

static void message_finds_room_in_a_full_mailbox(void **state) {
    harness *h = *state;
    harness_probe *probe = harness_probe_new(h);
    harness_gate *gate = harness_gate_new(h);
    spawned_actor_options options = SPAWNED_ACTOR_OPTIONS_INIT;
    options.capacity = 1;
    const spawned_pid receiver = harness_probe_start(h, probe, &options);
    const spawned_pid watched = script_start(h);
    assert_ok(spawned_send_on_end(watched, number_for(receiver, 2), NULL));
    assert_true(harness_probe_hold(probe, receiver, gate));
    assert_ok(harness_send_number(receiver, 1));
    assert_status(harness_send_number(receiver, 3), SPAWNED_EFULL);
    end(watched);
    harness_gate_open(gate);
    assert_true(harness_probe_wait(probe, HARNESS_MESSAGE, 2));
    assert_story(probe, "i s 1 2");
    end(receiver);
}

static void actor_that_watches_itself_never_hears_of_it(void **state) {
    harness *h = *state;
    const spawned_pid self = harness_probe_start(h, harness_probe_new(h), NULL);
    assert_ok(spawned_send_on_end(self, harness_tracked_message(h, self, 1), NULL));
    end(self);
    assert_true(harness_settle(h));
    assert_int_equal(harness_tracked_destroyed(h), 1);
    assert_int_equal(harness_stats(h).dead_stopped, 0);
}

/* AB04, SH07, SH08 */
static void events_that_cannot_be_are_refused_and_their_values_destroyed(void **state) {
    harness *h = *state;
    const spawned_pid receiver = harness_probe_start(h, harness_probe_new(h), NULL);
    const spawned_pid watched = script_start(h);
    spawned_event event = 1;
    spawned_response *response = NULL;
    assert_status(spawned_send_on_end(0, harness_tracked_message(h, receiver, 1), &event),
                  SPAWNED_EINVAL);
    assert_int_equal(event, 0);
    assert_status(spawned_send_on_end(watched, NULL, &event), SPAWNED_EINVAL);
    assert_status(spawned_send_on_end(UINT64_MAX - 1, harness_tracked_message(h, receiver, 1),
                                      &event),
                  SPAWNED_EINVAL);
    assert_status(spawned_send_on_end(watched + (UINT64_C(1000) << 24),
                                      harness_tracked_message(h, receiver, 1), &event),
                  SPAWNED_EINVAL);
    assert_status(spawned_actor_end_response(0, SPAWNED_DEFAULT, &response), SPAWNED_EINVAL);
    assert_status(spawned_response_poll(response), SPAWNED_EINVAL);
    spawned_response_release(response);
    assert_status(spawned_actor_end_response(watched, SPAWNED_DEFAULT, NULL), SPAWNED_EINVAL);
    assert_status(spawned_event_cancel(0), SPAWNED_EINVAL);
    assert_status(spawned_event_cancel(UINT64_MAX), SPAWNED_EINVAL);

    spawned_runtime *other = harness_runtime_begin(h, NULL);
    spawned_pid foreign = 0;
    assert_ok(spawned_actor_start(other, &script_behavior, NULL, &foreign));
    assert_status(spawned_send_on_end(foreign, harness_tracked_message(h, receiver, 1), &event),
                  SPAWNED_EINVAL);
    assert_int_equal(harness_runtime_end(h, other), 0);
    assert_ok(spawned_actor_end_response(foreign, SPAWNED_DEFAULT, &response));
    assert_ok(spawned_response_poll(response)); /* it ended with its runtime */
    spawned_response_release(response);

    spawned_message *late = harness_tracked_message(h, receiver, 1);
    end(receiver);
    assert_status(spawned_send_on_end(watched, late, &event), SPAWNED_ESTOPPED);
    assert_int_equal(harness_tracked_created(h), harness_tracked_destroyed(h));
    end(watched);
}

static void events_end_with_their_runtime(void **state) {
    harness *h = *state;
    const spawned_pid receiver = harness_probe_start(h, harness_probe_new(h), NULL);
    const spawned_pid watched = script_start(h);
    spawned_event event = 0;
    spawned_response *response = NULL;
    assert_ok(spawned_send_on_end(watched, harness_tracked_message(h, receiver, 1), &event));
    assert_ok(spawned_actor_end_response(watched, SPAWNED_DEFAULT, &response));
    assert_int_equal(harness_end_runtime(h), 0);
    assert_int_equal(harness_tracked_destroyed(h), 1);
    assert_status(spawned_event_cancel(event), SPAWNED_EALREADY);
    assert_ok(spawned_response_poll(response));
    spawned_response_release(response);
}

static void end_is_awaited_in_a_handler_and_waited_for_on_a_thread(void **state) {
    harness *h = *state;
    const spawned_pid waiting = script_start(h);
    const spawned_pid watched[2] = {script_start(h), script_start(h)};
    static script_wait wait;
    wait = (script_wait){.count = 2};
    for (int i = 0; i < 2; i++)
        assert_ok(spawned_actor_end_response(watched[i], SPAWNED_DEFAULT, &wait.responses[i]));
    assert_status(spawned_response_poll(wait.responses[0]), SPAWNED_EAGAIN);
    spawned_response *asked = script_request_run(waiting, script_await, &wait, SPAWNED_FOREVER);
    assert_true(harness_settle(h));
    assert_int_equal(wait.resumed, 0);
    end(watched[1]);
    assert_ok(script_finish(asked));
    assert_int_equal(wait.ready, 1);
    assert_ok(wait.outcome);
    assert_ok(spawned_actor_stop(watched[0]));
    assert_ok(spawned_response_wait(wait.responses[0], HARNESS_LONG));
    for (int i = 0; i < 2; i++) spawned_response_release(wait.responses[i]);
    end(waiting);
}

static void end_that_does_not_come_in_time_reports_timed_out(void **state) {
    harness *h = *state;
    const spawned_pid watched = script_start(h);
    spawned_response *response = NULL;
    assert_ok(spawned_actor_end_response(watched, SPAWNED_MILLISECOND, &response));
    assert_status(spawned_response_wait(response, SPAWNED_FOREVER), SPAWNED_ETIMEDOUT);
    end(watched);
    assert_status(spawned_response_poll(response), SPAWNED_ETIMEDOUT);
    spawned_response_release(response);
}

static spawned_status await_own_end(spawned_context *context, void *state, void *argument) {
    (void)state;
    script_wait *wait = argument;
    wait->count = 1;
    (void)spawned_actor_end_response(spawned_context_self(context), SPAWNED_DEFAULT,
                                     &wait->responses[0]);
    return script_await_more(context, wait);
}

static void awaiting_the_own_end_is_a_deadlock_and_says_so(void **state) {
    harness *h = *state;
    const spawned_pid actor = script_start(h);
    static script_wait wait;
    wait = (script_wait){.count = 0};
    assert_ok(script_run(actor, await_own_end, &wait));
    assert_int_equal(wait.resumed, 1);
    assert_status(wait.outcome, SPAWNED_EDEADLK);
    spawned_response_release(wait.responses[0]);
    end(actor);
}

int main(int argc, char **argv) {
    static const struct CMUnitTest tests[] = {
        HARNESS_TEST(message_comes_once_however_the_actor_ends),
        HARNESS_TEST(message_stands_behind_the_last_ones_of_the_dead_actor),
        HARNESS_TEST(of_an_actor_that_has_ended_the_message_comes_within_the_call),
        HARNESS_TEST(who_gets_the_message_sees_the_end_complete),
        HARNESS_TEST(join_returns_after_the_message_was_put_into_the_mailbox),
        HARNESS_TEST(cancelled_message_is_not_sent_and_its_value_destroyed_once),
        HARNESS_TEST(cancel_tells_the_truth_when_it_races_with_the_end),
        HARNESS_TEST(receivers_end_takes_its_events_with_it),
        HARNESS_TEST(watched_actor_keeps_nothing_of_watchers_that_are_gone),
        HARNESS_TEST(all_watchers_are_told_the_oldest_first),
        HARNESS_TEST(message_finds_room_in_a_full_mailbox),
        HARNESS_TEST(actor_that_watches_itself_never_hears_of_it),
        HARNESS_TEST(events_that_cannot_be_are_refused_and_their_values_destroyed),
        HARNESS_TEST(events_end_with_their_runtime),
        HARNESS_TEST(end_is_awaited_in_a_handler_and_waited_for_on_a_thread),
        HARNESS_TEST(end_that_does_not_come_in_time_reports_timed_out),
        HARNESS_TEST(awaiting_the_own_end_is_a_deadlock_and_says_so),
    };
    return harness_main(argc, argv, tests, sizeof tests / sizeof *tests);
}
