/* Cancellation tokens: cancelled once and for ever, for everybody who holds the number; callbacks, children,
 * messages and responses that hang on them. */
#include "support/contract.h"
#include "support/script.h"

static spawned_token token_new(harness *h, spawned_token parent) {
    spawned_token token = 0;
    assert_ok(spawned_token_create(harness_runtime(h), parent, &token));
    assert_true(token != 0);
    return token;
}

static void end(spawned_pid pid) {
    assert_ok(spawned_actor_stop(pid));
    assert_ok(spawned_actor_join(pid, HARNESS_LONG));
}

/* What callbacks wrote down. */
typedef struct notes {
    _Atomic int count;
    int what[16];
    pthread_t thread;
} notes;

typedef struct note {
    notes *into;
    int what;
} note;

static void write_down(void *user_data) {
    note *one = user_data;
    one->into->thread = pthread_self();
    one->into->what[atomic_load(&one->into->count) % 16] = one->what;
    atomic_fetch_add(&one->into->count, 1);
}

/* X3 */
static void token_is_cancelled_once_and_for_all_who_hold_it(void **state) {
    harness *h = *state;
    const spawned_token token = token_new(h, 0), copy = token, other = token_new(h, 0);
    assert_int_equal(spawned_token_is_cancelled(copy), 0);
    assert_ok(spawned_token_cancel(token));
    assert_int_equal(spawned_token_is_cancelled(copy), 1);
    assert_status(spawned_token_cancel(copy), SPAWNED_EALREADY);
    assert_int_equal(spawned_token_is_cancelled(token), 1);
    assert_int_equal(spawned_token_is_cancelled(other), 0);
    for (int i = 0; i < 200; i++) { /* whoever comes after it revives no old number */
        const spawned_token next = token_new(h, 0);
        assert_true(next != token);
        assert_int_equal(spawned_token_is_cancelled(token), 1);
        assert_int_equal(spawned_token_is_cancelled(next), 0);
        assert_ok(spawned_token_cancel(next));
    }
}

/* X4 */
static void callbacks_run_once_in_their_order_on_the_thread_that_cancels(void **state) {
    harness *h = *state;
    const spawned_token token = token_new(h, 0);
    static notes notes;
    memset(&notes, 0, sizeof notes);
    note first = {&notes, 1}, second = {&notes, 2}, third = {&notes, 3};
    spawned_event events[3];
    assert_ok(spawned_token_on_cancel(token, write_down, &first, &events[0]));
    assert_ok(spawned_token_on_cancel(token, write_down, &second, &events[1]));
    assert_ok(spawned_token_on_cancel(token, write_down, &third, &events[2]));
    assert_int_equal(notes.count, 0);
    assert_ok(spawned_event_cancel(events[1]));
    assert_ok(spawned_token_cancel(token));
    assert_int_equal(notes.count, 2);
    assert_int_equal(notes.what[0], 1);
    assert_int_equal(notes.what[1], 3);
    assert_true(pthread_equal(notes.thread, pthread_self()));
    (void)spawned_token_cancel(token);
    assert_int_equal(notes.count, 2);
    for (int i = 0; i < 3; i++) assert_status(spawned_event_cancel(events[i]), SPAWNED_EALREADY);
}

/* X4 */
static void callback_of_a_cancelled_token_runs_at_once(void **state) {
    harness *h = *state;
    const spawned_token token = token_new(h, 0);
    static notes notes;
    memset(&notes, 0, sizeof notes);
    note one = {&notes, 1};
    spawned_event event = 0;
    assert_ok(spawned_token_cancel(token));
    assert_ok(spawned_token_on_cancel(token, write_down, &one, &event));
    assert_int_equal(notes.count, 1);
    assert_status(spawned_event_cancel(event), SPAWNED_EALREADY);
}

static void *cancel_it(void *argument) {
    (void)spawned_token_cancel(*(spawned_token *)argument);
    return NULL;
}

static void count(void *user_data) { atomic_fetch_add((_Atomic int *)user_data, 1); }

/* X4 */
static void callback_runs_once_when_the_cancellation_races_with_it(void **state) {
    harness *h = *state;
    static _Atomic int calls;
    for (int round = 0; round < 300; round++) {
        spawned_token token = token_new(h, 0);
        pthread_t thread;
        spawned_event event = 0;
        atomic_store(&calls, 0);
        assert_int_equal(pthread_create(&thread, NULL, cancel_it, &token), 0);
        for (volatile int spin = 0; spin < round * 50; spin++) continue;
        assert_ok(spawned_token_on_cancel(token, count, &calls, &event));
        const bool taken_away = spawned_event_cancel(event) == SPAWNED_OK;
        pthread_join(thread, NULL);
        assert_int_equal(atomic_load(&calls), taken_away ? 0 : 1);
    }
}

static void child_is_cancelled_with_its_parent_and_not_the_other_way(void **state) {
    harness *h = *state;
    const spawned_token parent = token_new(h, 0);
    const spawned_token child = token_new(h, parent), sibling = token_new(h, parent);
    const spawned_token grandchild = token_new(h, sibling);
    static notes notes;
    memset(&notes, 0, sizeof notes);
    note of_child = {&notes, 1}, of_grandchild = {&notes, 2}, of_parent = {&notes, 3};
    assert_ok(spawned_token_on_cancel(child, write_down, &of_child, NULL));
    assert_ok(spawned_token_on_cancel(grandchild, write_down, &of_grandchild, NULL));
    assert_ok(spawned_token_on_cancel(parent, write_down, &of_parent, NULL));
    assert_ok(spawned_token_cancel(child));
    assert_int_equal(spawned_token_is_cancelled(parent), 0);
    assert_int_equal(spawned_token_is_cancelled(sibling), 0);
    assert_int_equal(notes.count, 1);
    assert_ok(spawned_token_cancel(parent));
    assert_int_equal(spawned_token_is_cancelled(sibling), 1);
    assert_int_equal(spawned_token_is_cancelled(grandchild), 1);
    assert_int_equal(notes.count, 3);
    assert_int_equal(notes.what[1], 3); /* the parent's own first */
    assert_int_equal(notes.what[2], 2);
}

static void child_of_a_cancelled_parent_is_cancelled_from_the_start(void **state) {
    harness *h = *state;
    const spawned_token parent = token_new(h, 0);
    assert_ok(spawned_token_cancel(parent));
    const spawned_token child = token_new(h, parent);
    assert_int_equal(spawned_token_is_cancelled(child), 1);
}

static void a_hundred_thousand_descendants_in_a_row_need_no_stack(void **state) {
    harness *h = *state;
    const spawned_token first = token_new(h, 0);
    spawned_token last = first;
    for (int i = 0; i < 100000; i++) last = token_new(h, last);
    assert_ok(spawned_token_cancel(first));
    assert_int_equal(spawned_token_is_cancelled(last), 1);
}

static void long_lived_token_keeps_nothing_of_what_is_gone(void **state) {
    harness *h = *state;
    const spawned_token parent = token_new(h, 0);
    const spawned_pid actor = script_start(h);
    int64_t held = 0;
    for (int round = 0; round < 5000; round++) {
        const spawned_token child = token_new(h, parent);
        assert_ok(spawned_token_cancel(child));
        spawned_event event = 0;
        static _Atomic int calls;
        assert_ok(spawned_token_on_cancel(parent, count, &calls, &event));
        assert_ok(spawned_event_cancel(event));
        spawned_response *response = NULL;
        assert_ok(spawned_token_response(parent, SPAWNED_DEFAULT, &response));
        spawned_response_release(response);
        if (round == 100) held = harness_memory_held(h);
    }
    assert_true(harness_memory_held(h) - held < 64 * 1024);
    end(actor);
}

static spawned_message *number_for(spawned_pid to, uint64_t number) {
    spawned_message *message = NULL;
    assert_ok(spawned_message_create(to, &harness_number_type, &number, &message));
    return message;
}

static void message_is_sent_when_the_token_is_cancelled(void **state) {
    harness *h = *state;
    harness_probe *probe = harness_probe_new(h);
    const spawned_pid receiver = harness_probe_start(h, probe, NULL);
    const spawned_token token = token_new(h, 0);
    spawned_event second = 0;
    assert_ok(spawned_send_on_cancel(token, number_for(receiver, 1), NULL));
    assert_ok(spawned_send_on_cancel(token, number_for(receiver, 2), &second));
    assert_ok(spawned_send_on_cancel(token, number_for(receiver, 3), NULL));
    assert_ok(spawned_event_cancel(second));
    assert_true(harness_settle(h));
    assert_story(probe, "i s");
    assert_ok(spawned_token_cancel(token));
    assert_ok(spawned_send_on_cancel(token, number_for(receiver, 4), NULL)); /* at once */
    assert_true(harness_probe_wait(probe, HARNESS_MESSAGE, 3));
    assert_story(probe, "i s 1 3 4");
    end(receiver);
}

/* SM2 */
static void receivers_end_takes_its_messages_from_the_token(void **state) {
    harness *h = *state;
    const spawned_pid receiver = harness_probe_start(h, harness_probe_new(h), NULL);
    const spawned_token token = token_new(h, 0);
    const harness_tracked value = harness_tracked_make(h, 1);
    spawned_message *message = NULL;
    spawned_event event = 0;
    assert_ok(spawned_message_create(receiver, &harness_tracked_type, &value, &message));
    assert_ok(spawned_send_on_cancel(token, message, &event));
    end(receiver);
    assert_int_equal(harness_tracked_destroyed(h), 1);
    assert_ok(spawned_token_cancel(token));
    assert_status(spawned_event_cancel(event), SPAWNED_EALREADY);
    assert_int_equal(harness_stats(h).messages_sent, 0);
}

static void cancellation_is_awaited_in_a_handler_and_waited_for_on_a_thread(void **state) {
    harness *h = *state;
    const spawned_pid waiting = script_start(h);
    const spawned_token token = token_new(h, 0);
    static script_wait wait;
    wait = (script_wait){.count = 1};
    assert_ok(spawned_token_response(token, SPAWNED_DEFAULT, &wait.responses[0]));
    spawned_response *short_one = NULL, *late = NULL;
    assert_ok(spawned_token_response(token, SPAWNED_MILLISECOND, &short_one));
    assert_status(spawned_response_wait(short_one, SPAWNED_FOREVER), SPAWNED_ETIMEDOUT);
    spawned_response *asked = script_request_run(waiting, script_await, &wait, SPAWNED_FOREVER);
    assert_true(harness_settle(h));
    assert_int_equal(wait.resumed, 0);
    assert_ok(spawned_token_cancel(token));
    assert_ok(script_finish(asked));
    assert_ok(wait.outcome);
    assert_ok(spawned_token_response(token, SPAWNED_NO_WAIT, &late));
    assert_ok(spawned_response_poll(late)); /* level-triggered */
    assert_status(spawned_response_poll(short_one), SPAWNED_ETIMEDOUT);
    spawned_response_release(wait.responses[0]);
    spawned_response_release(short_one);
    spawned_response_release(late);
    end(waiting);
}

struct work {
    harness_gate *gate;
    spawned_token own;
    _Atomic int saw;
};

static spawned_status work_until_told(spawned_context *context, void *state, void *argument) {
    (void)state;
    struct work *work = argument;
    (void)spawned_token_of_actor(spawned_context_self(context), &work->own);
    const int before = spawned_token_is_cancelled(work->own);
    harness_gate_pass(work->gate);
    (void)spawned_context_stop(context); /* in deterministic mode nobody else is there to ask */
    while (spawned_token_is_cancelled(work->own) == 0) continue;
    atomic_store(&work->saw, before == 0 ? 1 : -1);
    return SPAWNED_OK;
}

static void running_handler_sees_by_its_own_token_that_the_actor_is_to_stop(void **state) {
    harness *h = *state;
    static struct work work;
    for (int how = 0; how < 2; how++) {
        work = (struct work){harness_gate_new(h), 0, 0};
        const spawned_pid actor = script_start(h);
        assert_ok(script_tell(actor, work_until_told, &work));
        if (!harness_is_alone(h)) {
            assert_true(harness_gate_wait_for(work.gate, 1));
            assert_ok(how == 0 ? spawned_actor_stop(actor) : spawned_actor_kill(actor));
            assert_int_equal(spawned_token_is_cancelled(work.own), 1);
        }
        harness_gate_open(work.gate);
        assert_ok(spawned_actor_join(actor, HARNESS_LONG));
        assert_int_equal(work.saw, 1);
    }
}

static void token_of_an_actor_is_one_and_ends_with_it(void **state) {
    harness *h = *state;
    spawned_token before = 0;
    for (int round = 0; round < 50; round++) {
        const spawned_pid actor = script_start(h);
        spawned_token token = 0, again = 0;
        assert_ok(spawned_token_of_actor(actor, &token));
        assert_ok(spawned_token_of_actor(actor, &again));
        assert_true(token == again && token != before);
        assert_int_equal(spawned_token_is_cancelled(token), 0);
        if (round % 2 == 0) assert_ok(spawned_token_cancel(token)); /* stops nobody */
        assert_ok(script_run(actor, script_nothing, NULL));
        end(actor);
        assert_int_equal(spawned_token_is_cancelled(token), 1);
        assert_status(spawned_token_of_actor(actor, &again), SPAWNED_ESTOPPED);
        assert_int_equal(again, 0);
        before = token;
    }
}

static spawned_status fail_at_once(spawned_context *context, harness_probe *probe,
                                   uint64_t number) {
    (void)context, (void)probe, (void)number;
    return 3;
}

static void token_of_an_actor_is_cancelled_when_it_fails(void **state) {
    harness *h = *state;
    harness_probe *probe = harness_probe_new(h);
    probe->on_number = fail_at_once;
    const spawned_pid actor = harness_probe_start(h, probe, NULL);
    spawned_token token = 0;
    assert_ok(spawned_token_of_actor(actor, &token));
    assert_ok(harness_send_number(actor, 1));
    assert_ok(spawned_actor_join(actor, HARNESS_LONG));
    assert_int_equal(spawned_token_is_cancelled(token), 1);
}

static void shutdown_cancels_every_token_and_the_runtimes_end_leaves_them_cancelled(void **state) {
    harness *h = *state;
    const spawned_token token = token_new(h, 0), child = token_new(h, token);
    static notes notes;
    memset(&notes, 0, sizeof notes);
    note one = {&notes, 1}, late = {&notes, 2};
    spawned_event event = 7;
    spawned_response *response = NULL, *another = NULL;
    assert_ok(spawned_token_on_cancel(child, write_down, &one, NULL));
    assert_ok(spawned_token_response(token, SPAWNED_DEFAULT, &response));
    assert_ok(spawned_runtime_shutdown(harness_runtime(h), HARNESS_LONG));
    assert_int_equal(notes.count, 1);
    assert_ok(spawned_response_poll(response));
    spawned_token refused = 7;
    assert_status(spawned_token_create(harness_runtime(h), 0, &refused), SPAWNED_ESTOPPING);
    assert_int_equal(refused, 0);
    assert_int_equal(harness_end_runtime(h), 0);
    assert_ok(spawned_response_poll(response));
    spawned_response_release(response);
    assert_int_equal(spawned_token_is_cancelled(token), 1);
    assert_int_equal(spawned_token_is_cancelled(child), 1);
    assert_status(spawned_token_cancel(token), SPAWNED_EALREADY);
    assert_ok(spawned_token_on_cancel(token, write_down, &late, &event));
    assert_int_equal(notes.count, 2);
    assert_int_equal(event, 0);
    assert_ok(spawned_token_response(token, SPAWNED_DEFAULT, &another));
    assert_ok(spawned_response_poll(another));
    spawned_response_release(another);
    assert_status(spawned_token_of_actor(token, &refused), SPAWNED_ESTOPPED);
}

/* AB04 */
static void numbers_that_are_no_tokens_are_refused_and_read_as_cancelled(void **state) {
    harness *h = *state;
    const spawned_token token = token_new(h, 0);
    static _Atomic int calls;
    spawned_response *response = NULL;
    spawned_token out = 7;
    assert_int_equal(spawned_token_is_cancelled(0), 0);
    const spawned_token wrong[] = {1, UINT64_MAX, token + 50, token + (UINT64_C(100) << 24)};
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(spawned_token_is_cancelled(wrong[i]), 1);
        assert_status(spawned_token_cancel(wrong[i]), SPAWNED_EINVAL);
        assert_status(spawned_token_on_cancel(wrong[i], count, &calls, NULL), SPAWNED_EINVAL);
        assert_status(spawned_token_response(wrong[i], SPAWNED_DEFAULT, &response), SPAWNED_EINVAL);
        spawned_response_release(response);
        assert_status(spawned_token_create(harness_runtime(h), wrong[i], &out), SPAWNED_EINVAL);
    }
    assert_status(spawned_token_cancel(0), SPAWNED_EINVAL);
    assert_status(spawned_token_on_cancel(0, count, &calls, NULL), SPAWNED_EINVAL);
    assert_status(spawned_token_on_cancel(token, NULL, NULL, NULL), SPAWNED_EINVAL);
    assert_status(spawned_token_response(token, SPAWNED_DEFAULT, NULL), SPAWNED_EINVAL);
    assert_status(spawned_token_create(NULL, 0, &out), SPAWNED_EINVAL);
    assert_int_equal(out, 0);
    assert_status(spawned_token_create(harness_runtime(h), 0, NULL), SPAWNED_EINVAL);
    assert_status(spawned_token_of_actor(0, &out), SPAWNED_EINVAL);
    assert_status(spawned_token_of_actor(token, NULL), SPAWNED_EINVAL);
    const spawned_pid receiver = harness_probe_start(h, harness_probe_new(h), NULL);
    const harness_tracked value = harness_tracked_make(h, 1), next = harness_tracked_make(h, 2);
    spawned_message *message = NULL, *second = NULL;
    assert_ok(spawned_message_create(receiver, &harness_tracked_type, &value, &message));
    assert_ok(spawned_message_create(receiver, &harness_tracked_type, &next, &second));
    assert_status(spawned_send_on_cancel(0, message, NULL), SPAWNED_EINVAL);
    assert_status(spawned_send_on_cancel(token + 50, second, NULL), SPAWNED_EINVAL);
    assert_status(spawned_send_on_cancel(token, NULL, NULL), SPAWNED_EINVAL);
    assert_int_equal(harness_tracked_destroyed(h), 2);
    spawned_runtime *other = harness_runtime_begin(h, NULL);
    assert_status(spawned_token_create(other, token, &out), SPAWNED_EINVAL);
    assert_int_equal(harness_runtime_end(h, other), 0);
    assert_int_equal(calls, 0);
    assert_int_equal(spawned_token_is_cancelled(token), 0);
    end(receiver);
}

int main(int argc, char **argv) {
    static const struct CMUnitTest tests[] = {
        HARNESS_TEST(token_is_cancelled_once_and_for_all_who_hold_it),
        HARNESS_TEST(callbacks_run_once_in_their_order_on_the_thread_that_cancels),
        HARNESS_TEST(callback_of_a_cancelled_token_runs_at_once),
        HARNESS_TEST(callback_runs_once_when_the_cancellation_races_with_it),
        HARNESS_TEST(child_is_cancelled_with_its_parent_and_not_the_other_way),
        HARNESS_TEST(child_of_a_cancelled_parent_is_cancelled_from_the_start),
        HARNESS_TEST(a_hundred_thousand_descendants_in_a_row_need_no_stack),
        HARNESS_TEST(long_lived_token_keeps_nothing_of_what_is_gone),
        HARNESS_TEST(message_is_sent_when_the_token_is_cancelled),
        HARNESS_TEST(receivers_end_takes_its_messages_from_the_token),
        HARNESS_TEST(cancellation_is_awaited_in_a_handler_and_waited_for_on_a_thread),
        HARNESS_TEST(running_handler_sees_by_its_own_token_that_the_actor_is_to_stop),
        HARNESS_TEST(token_of_an_actor_is_one_and_ends_with_it),
        HARNESS_TEST(token_of_an_actor_is_cancelled_when_it_fails),
        HARNESS_TEST(shutdown_cancels_every_token_and_the_runtimes_end_leaves_them_cancelled),
        HARNESS_TEST(numbers_that_are_no_tokens_are_refused_and_read_as_cancelled),
    };
    return harness_main(argc, argv, tests, sizeof tests / sizeof *tests);
}
