/* Listeners of sources that push: they are told when the mailbox is full and called when there is room, and
 * end with either side. */
#include "support/contract.h"
#include "support/script.h"

/* What pushes: here the test itself. */
typedef struct source {
    spawned_listener *listener;
    spawned_response *response;
    _Atomic uint64_t calls;
    _Atomic int destroyed;
} source;

static void note_call(void *user_data) { atomic_fetch_add(&((source *)user_data)->calls, 1); }
static void note_end(void *user_data) { atomic_fetch_add(&((source *)user_data)->destroyed, 1); }

static void begin(source *one, spawned_pid to, spawned_token until) {
    *one = (source){0};
    assert_ok(spawned_listener_create(to, until, note_call, one, note_end, &one->listener,
                                      &one->response));
}

static spawned_message *item_for(harness *h, spawned_pid to, uint64_t number) {
    const harness_tracked value = harness_tracked_make(h, number);
    spawned_message *message = NULL;
    assert_ok(spawned_message_create(to, &harness_tracked_type, &value, &message));
    return message;
}

/* The message is destroyed when it is refused. */
static spawned_status push(harness *h, const source *one, spawned_pid to, uint64_t number) {
    spawned_message *message = item_for(h, to, number);
    const spawned_status status = spawned_listener_push(one->listener, message);
    if (status != SPAWNED_OK) spawned_message_destroy(message);
    return status;
}

static spawned_pid start_bounded(harness *h, harness_probe *probe, uint64_t capacity,
                                 spawned_overflow overflow) {
    spawned_actor_options options = SPAWNED_ACTOR_OPTIONS_INIT;
    options.capacity = capacity;
    options.overflow = overflow;
    return harness_probe_start(h, probe, &options);
}

/* Keeps the actor from its mailbox, where it would not wait for the test anyway. */
static harness_gate *hold(harness *h, harness_probe *probe, spawned_pid pid) {
    harness_gate *gate = harness_gate_new(h);
    if (!harness_is_alone(h)) assert_true(harness_probe_hold(probe, pid, gate));
    return gate;
}

/* Pushes numbers from 1 on until the mailbox is full; returns the refused message, which has the last. */
static spawned_message *fill(harness *h, const source *one, spawned_pid to, uint64_t *number) {
    for (*number = 1;; ++*number) {
        spawned_message *message = item_for(h, to, *number);
        const spawned_status status = spawned_listener_push(one->listener, message);
        if (status == SPAWNED_OK) continue;
        assert_status(status, SPAWNED_EFULL);
        return message;
    }
}

static bool was_called(void *argument) { return atomic_load(&((source *)argument)->calls) != 0; }
static bool was_destroyed(void *argument) {
    return atomic_load(&((source *)argument)->destroyed) != 0;
}

static void end(spawned_pid pid) {
    assert_ok(spawned_actor_stop(pid));
    assert_ok(spawned_actor_join(pid, HARNESS_LONG));
}

/* SL1, SL2 */
static void pushed_items_arrive_in_order_and_the_receiver_outlives_the_source(void **state) {
    harness *h = *state;
    harness_probe *probe = harness_probe_new(h);
    const spawned_pid receiver = harness_probe_start(h, probe, NULL);
    static source one;
    begin(&one, receiver, 0);
    for (uint64_t i = 1; i <= 5; i++) assert_ok(push(h, &one, receiver, i));
    assert_status(spawned_response_poll(one.response), SPAWNED_EAGAIN);
    spawned_listener_end(one.listener, SPAWNED_OK, NULL, 0);
    assert_int_equal(one.destroyed, 1);
    assert_ok(script_finish(one.response));
    assert_true(harness_probe_wait(probe, HARNESS_MESSAGE, 5));
    assert_ok(harness_send_number(receiver, 6));
    assert_true(harness_probe_wait(probe, HARNESS_MESSAGE, 6));
    assert_story(probe, "i s 1 2 3 4 5 6");
    assert_int_equal(one.calls, 0);
    end(receiver);
}

static void refuse_and_call(harness *h, spawned_overflow overflow) {
    harness_probe *probe = harness_probe_new(h);
    const spawned_pid receiver = start_bounded(h, probe, 2, overflow);
    harness_gate *gate = hold(h, probe, receiver);
    static source one;
    begin(&one, receiver, 0);
    uint64_t last = 0;
    spawned_message *refused = fill(h, &one, receiver, &last);
    assert_status(spawned_listener_push(one.listener, refused), SPAWNED_EFULL);
    assert_int_equal(one.calls, 0);
    harness_gate_open(gate);
    assert_true(harness_wait_until(h, was_called, &one));
    assert_true(harness_settle(h));
    assert_int_equal(one.calls, 1); /* however often it pushed */
    assert_ok(spawned_listener_push(one.listener, refused));
    assert_true(harness_probe_wait(probe, HARNESS_MESSAGE, last));
    spawned_listener_end(one.listener, SPAWNED_OK, NULL, 0);
    assert_ok(script_finish(one.response));
    end(receiver);
    assert_int_equal(one.calls, 1);
    assert_int_equal(harness_tracked_created(h), harness_tracked_destroyed(h));
}

/* SL7, which is otherwise here */
static void full_mailbox_leaves_the_message_with_the_source_and_calls_when_there_is_room(
    void **state) {
    refuse_and_call(*state, SPAWNED_OVERFLOW_BLOCK);
    refuse_and_call(*state, SPAWNED_OVERFLOW_REJECT);
}

static void mailbox_that_drops_is_never_full_for_a_source(void **state) {
    harness *h = *state;
    harness_probe *probe = harness_probe_new(h);
    const spawned_pid receiver = start_bounded(h, probe, 1, SPAWNED_OVERFLOW_DROP_NEWEST);
    static source one;
    begin(&one, receiver, 0);
    for (uint64_t i = 1; i <= 20; i++) assert_ok(push(h, &one, receiver, i));
    spawned_listener_end(one.listener, SPAWNED_OK, NULL, 0);
    assert_ok(script_finish(one.response));
    assert_int_equal(one.calls, 0);
    end(receiver);
    assert_int_equal(harness_tracked_destroyed(h), 20);
}

static void nothing_is_lost_or_reordered_however_often_the_source_pauses(void **state) {
    harness *h = *state;
    enum { ITEMS = 2000 };
    harness_probe *probe = harness_probe_new(h);
    const spawned_pid receiver = start_bounded(h, probe, 3, SPAWNED_OVERFLOW_BLOCK);
    static source one;
    begin(&one, receiver, 0);
    uint64_t pauses = 0;
    for (uint64_t i = 1; i <= ITEMS; i++) {
        spawned_message *message = item_for(h, receiver, i);
        spawned_status status;
        while ((status = spawned_listener_push(one.listener, message)) == SPAWNED_EFULL) {
            pauses++;
            assert_true(harness_wait_until(h, was_called, &one));
            atomic_store(&one.calls, 0);
        }
        assert_ok(status);
    }
    spawned_listener_end(one.listener, SPAWNED_OK, NULL, 0);
    assert_ok(script_finish(one.response));
    assert_true(harness_probe_wait(probe, HARNESS_MESSAGE, ITEMS));
    harness_event event;
    for (size_t i = 0; i < ITEMS; i++) {
        assert_true(harness_probe_event(probe, i + 2, &event));
        assert_int_equal(event.number, i + 1);
    }
    if (harness_is_alone(h)) assert_true(pauses > 0);
    end(receiver);
}

/* A place that a called source leaves alone is not lost for who waits behind it. */
static void all_who_wait_for_room_have_their_turn(void **state) {
    harness *h = *state;
    enum { SOURCES = 3 };
    harness_probe *probe = harness_probe_new(h);
    const spawned_pid receiver = start_bounded(h, probe, 1, SPAWNED_OVERFLOW_BLOCK);
    harness_gate *gate = hold(h, probe, receiver);
    static source sources[SOURCES];
    spawned_message *refused[SOURCES];
    uint64_t number = 0;
    for (int i = 0; i < SOURCES; i++) {
        begin(&sources[i], receiver, 0);
        if (i == 0) {
            refused[0] = fill(h, &sources[0], receiver, &number);
        } else {
            refused[i] = item_for(h, receiver, ++number);
            assert_status(spawned_listener_push(sources[i].listener, refused[i]), SPAWNED_EFULL);
        }
    }
    spawned_response *sent = NULL;
    assert_ok(spawned_message_send_waiting(item_for(h, receiver, ++number), HARNESS_LONG, &sent));
    harness_gate_open(gate);
    for (int i = 0; i < SOURCES; i++) assert_true(harness_wait_until(h, was_called, &sources[i]));
    assert_ok(script_finish(sent));
    assert_true(harness_settle(h));
    for (int i = 0; i < SOURCES; i++) {
        assert_ok(spawned_listener_push(sources[i].listener, refused[i]));
        assert_true(harness_settle(h));
        spawned_listener_end(sources[i].listener, SPAWNED_OK, NULL, 0);
        assert_ok(script_finish(sources[i].response));
    }
    assert_true(harness_probe_wait(probe, HARNESS_MESSAGE, number));
    end(receiver);
}

/* SL3, SL5 */
static void receivers_end_calls_sources_that_wait_and_those_that_do_not(void **state) {
    harness *h = *state;
    harness_probe *probe = harness_probe_new(h);
    const spawned_pid receiver = start_bounded(h, probe, 1, SPAWNED_OVERFLOW_BLOCK);
    harness_gate *gate = hold(h, probe, receiver);
    static source idle, waiting;
    begin(&idle, receiver, 0);
    begin(&waiting, receiver, 0);
    uint64_t last = 0;
    spawned_message *refused = fill(h, &waiting, receiver, &last);
    assert_ok(spawned_actor_stop(receiver)); /* from when it is asked, though its handler runs */
    assert_true(harness_wait_until(h, was_called, &idle));
    assert_true(harness_wait_until(h, was_called, &waiting));
    assert_status(spawned_response_poll(idle.response), SPAWNED_ESTOPPED);
    assert_status(spawned_response_poll(waiting.response), SPAWNED_ESTOPPED);
    assert_status(push(h, &idle, receiver, 0), SPAWNED_ESTOPPED);
    assert_status(spawned_listener_push(waiting.listener, refused), SPAWNED_ESTOPPED);
    spawned_message_destroy(refused);
    harness_gate_open(gate);
    assert_ok(spawned_actor_join(receiver, HARNESS_LONG));
    assert_int_equal(idle.destroyed + waiting.destroyed, 0);
    spawned_listener_end(idle.listener, SPAWNED_OK, NULL, 0);
    spawned_listener_end(waiting.listener, 5, "too late", SPAWNED_ZERO_TERMINATED);
    assert_true(harness_wait_until(h, was_destroyed, &idle));
    assert_true(harness_wait_until(h, was_destroyed, &waiting));
    assert_status(script_finish(idle.response), SPAWNED_ESTOPPED);
    assert_status(script_finish(waiting.response), SPAWNED_ESTOPPED);
    assert_int_equal(harness_tracked_created(h), harness_tracked_destroyed(h));
}

static void token_ends_the_listener_and_leaves_the_receiver_alone(void **state) {
    harness *h = *state;
    harness_probe *probe = harness_probe_new(h);
    const spawned_pid receiver = harness_probe_start(h, probe, NULL);
    spawned_token until = 0;
    assert_ok(spawned_token_create(harness_runtime(h), 0, &until));
    static source one;
    begin(&one, receiver, until);
    assert_ok(push(h, &one, receiver, 1));
    assert_ok(spawned_token_cancel(until));
    assert_int_equal(one.calls, 1);
    assert_status(push(h, &one, receiver, 2), SPAWNED_ESTOPPED);
    assert_status(spawned_response_poll(one.response), SPAWNED_ESTOPPED);
    spawned_listener_end(one.listener, SPAWNED_OK, NULL, 0);
    assert_int_equal(one.destroyed, 1);
    spawned_response_release(one.response);
    begin(&one, receiver, until); /* of a cancelled token it is over from the start */
    assert_status(push(h, &one, receiver, 3), SPAWNED_ESTOPPED);
    spawned_listener_end(one.listener, SPAWNED_OK, NULL, 0);
    assert_status(script_finish(one.response), SPAWNED_ESTOPPED);
    assert_ok(harness_send_number(receiver, 4));
    assert_true(harness_probe_wait(probe, HARNESS_MESSAGE, 2));
    assert_story(probe, "i s 1 4");
    end(receiver);
}

/* SL4 */
static void failure_of_the_source_is_the_outcome_with_its_text(void **state) {
    harness *h = *state;
    const spawned_pid receiver = script_start(h);
    static source one;
    begin(&one, receiver, 0);
    spawned_listener_end(one.listener, 77, "the line is dead", SPAWNED_ZERO_TERMINATED);
    const char *text = NULL;
    size_t length = 0;
    assert_status(spawned_response_error(one.response, &text, &length), 77);
    assert_string_equal(text, "the line is dead");
    spawned_response_release(one.response);
    end(receiver);
}

static void source_that_has_ended_is_not_called_any_more(void **state) {
    harness *h = *state;
    harness_probe *probe = harness_probe_new(h);
    const spawned_pid receiver = start_bounded(h, probe, 1, SPAWNED_OVERFLOW_BLOCK);
    harness_gate *gate = hold(h, probe, receiver);
    static source one;
    begin(&one, receiver, 0);
    uint64_t last = 0;
    spawned_message_destroy(fill(h, &one, receiver, &last));
    spawned_listener_end(one.listener, SPAWNED_OK, NULL, 0);
    assert_int_equal(one.destroyed, 1);
    assert_ok(script_finish(one.response));
    harness_gate_open(gate);
    assert_true(harness_probe_wait(probe, HARNESS_MESSAGE, last - 1));
    end(receiver);
    assert_int_equal(one.calls, 0);
}

static void draining_receiver_says_so(void **state) {
    harness *h = *state;
    REQUIRE_THREADS(h);
    harness_probe *probe = harness_probe_new(h);
    const spawned_pid receiver = start_bounded(h, probe, 1, SPAWNED_OVERFLOW_BLOCK);
    harness_gate *gate = hold(h, probe, receiver);
    static source one;
    begin(&one, receiver, 0);
    uint64_t last = 0;
    spawned_message *refused = fill(h, &one, receiver, &last);
    assert_ok(spawned_actor_drain(receiver, SPAWNED_FOREVER));
    assert_status(spawned_listener_push(one.listener, refused), SPAWNED_ESTOPPING);
    spawned_message_destroy(refused);
    harness_gate_open(gate);
    assert_ok(spawned_actor_join(receiver, HARNESS_LONG));
    assert_true(harness_wait_until(h, was_called, &one));
    spawned_listener_end(one.listener, SPAWNED_OK, NULL, 0);
    assert_status(script_finish(one.response), SPAWNED_ESTOPPED);
}

static void listener_outlives_its_runtime(void **state) {
    harness *h = *state;
    const spawned_pid receiver = script_start(h);
    static source one, unheard;
    begin(&one, receiver, 0);
    assert_ok(spawned_listener_create(receiver, 0, NULL, NULL, NULL, &unheard.listener,
                                      &unheard.response));
    spawned_message *late = item_for(h, receiver, 1);
    assert_ok(spawned_runtime_shutdown(harness_runtime(h), HARNESS_LONG));
    assert_true(one.calls >= 1);
    assert_status(spawned_response_poll(one.response), SPAWNED_ESTOPPED);
    assert_int_equal(harness_end_runtime(h), 0);
    assert_status(spawned_listener_push(one.listener, late), SPAWNED_ESTOPPED);
    assert_int_equal(one.destroyed, 0);
    spawned_listener_end(one.listener, SPAWNED_ESTOPPED, "long ago", SPAWNED_ZERO_TERMINATED);
    assert_int_equal(one.destroyed, 1);
    spawned_listener_end(unheard.listener, SPAWNED_OK, NULL, 0);
    assert_status(spawned_response_poll(one.response), SPAWNED_ESTOPPED);
    spawned_message_destroy(late);
    spawned_response_release(one.response);
    spawned_response_release(unheard.response);
}

typedef struct race {
    harness *h;
    spawned_pid receiver;
    source one;
    _Atomic int32_t over;
} race;

static void *push_until_the_end(void *argument) {
    race *r = argument;
    for (uint64_t i = 1;; i++) {
        const harness_tracked value = harness_tracked_make(r->h, i);
        spawned_message *message = NULL;
        spawned_status status =
            spawned_message_create(r->receiver, &harness_tracked_type, &value, &message);
        while (status == SPAWNED_OK || status == SPAWNED_EFULL) {
            status = spawned_listener_push(r->one.listener, message);
            if (status == SPAWNED_OK) message = NULL;
            if (status != SPAWNED_EFULL) break;
            while (atomic_exchange(&r->one.calls, 0) == 0 && atomic_load(&r->over) == 0) {
            }
        }
        if (message != NULL) spawned_message_destroy(message);
        if (status != SPAWNED_OK) break;
    }
    spawned_listener_end(r->one.listener, SPAWNED_OK, NULL, 0);
    return NULL;
}

/* The source, the receiver and the token end at one time. */
static void ends_that_race_lose_nothing(void **state) {
    harness *h = *state;
    REQUIRE_THREADS(h);
    for (int round = 0; round < 100; round++) {
        static race r;
        r = (race){.h = h};
        harness_probe *probe = harness_probe_new(h);
        r.receiver = start_bounded(h, probe, 2, SPAWNED_OVERFLOW_BLOCK);
        spawned_token until = 0;
        assert_ok(spawned_token_create(harness_runtime(h), 0, &until));
        begin(&r.one, r.receiver, until);
        pthread_t thread;
        assert_int_equal(pthread_create(&thread, NULL, push_until_the_end, &r), 0);
        if (round % 2 == 0) assert_true(harness_probe_wait(probe, HARNESS_MESSAGE, 3));
        if (round % 3 != 0) assert_ok(spawned_token_cancel(until));
        assert_ok(spawned_actor_stop(r.receiver));
        assert_ok(spawned_actor_join(r.receiver, HARNESS_LONG));
        atomic_store(&r.over, 1);
        pthread_join(thread, NULL);
        assert_true(harness_wait_until(h, was_destroyed, &r.one));
        assert_status(script_finish(r.one.response), SPAWNED_ESTOPPED);
        if (round % 3 == 0) assert_ok(spawned_token_cancel(until));
    }
    assert_true(harness_tracked_end(h));
}

static void refused(spawned_status expected, spawned_pid to, spawned_token until) {
    static source one;
    one = (source){.listener = (spawned_listener *)&one};
    assert_status(spawned_listener_create(to, until, note_call, &one, note_end, &one.listener,
                                          &one.response),
                  expected);
    assert_null(one.listener);
    assert_int_equal(one.destroyed, 1);
    assert_status(script_finish(one.response), expected);
}

/* AB04 */
static void listeners_and_pushes_that_cannot_be_are_refused(void **state) {
    harness *h = *state;
    const spawned_pid receiver = script_start(h), other = script_start(h);
    refused(SPAWNED_EINVAL, 0, 0);
    refused(SPAWNED_EINVAL, receiver, UINT64_MAX);
    static source one;
    one = (source){0};
    assert_status(spawned_listener_create(receiver, 0, note_call, &one, note_end, NULL,
                                          &one.response),
                  SPAWNED_EINVAL);
    assert_status(script_finish(one.response), SPAWNED_EINVAL);
    assert_status(spawned_listener_create(receiver, 0, note_call, &one, note_end, &one.listener,
                                          NULL),
                  SPAWNED_EINVAL);
    assert_int_equal(one.destroyed, 2);
    begin(&one, receiver, 0);
    spawned_message *message = item_for(h, other, 1);
    assert_status(spawned_listener_push(NULL, message), SPAWNED_EINVAL);
    assert_status(spawned_listener_push(one.listener, message), SPAWNED_EINVAL);
    assert_status(spawned_listener_push(one.listener, NULL), SPAWNED_EINVAL);
    spawned_message_destroy(message);
    spawned_listener_end(NULL, SPAWNED_OK, NULL, 0);
    spawned_listener_end(one.listener, SPAWNED_OK, NULL, 0);
    spawned_response_release(one.response);
    end(receiver);
    end(other);
    refused(SPAWNED_ESTOPPED, receiver, 0);
}

int main(int argc, char **argv) {
    static const struct CMUnitTest tests[] = {
        HARNESS_TEST(pushed_items_arrive_in_order_and_the_receiver_outlives_the_source),
        HARNESS_TEST(full_mailbox_leaves_the_message_with_the_source_and_calls_when_there_is_room),
        HARNESS_TEST(mailbox_that_drops_is_never_full_for_a_source),
        HARNESS_TEST(nothing_is_lost_or_reordered_however_often_the_source_pauses),
        HARNESS_TEST(all_who_wait_for_room_have_their_turn),
        HARNESS_TEST(receivers_end_calls_sources_that_wait_and_those_that_do_not),
        HARNESS_TEST(token_ends_the_listener_and_leaves_the_receiver_alone),
        HARNESS_TEST(failure_of_the_source_is_the_outcome_with_its_text),
        HARNESS_TEST(source_that_has_ended_is_not_called_any_more),
        HARNESS_TEST(draining_receiver_says_so),
        HARNESS_TEST(listener_outlives_its_runtime),
        HARNESS_TEST(ends_that_race_lose_nothing),
        HARNESS_TEST(listeners_and_pushes_that_cannot_be_are_refused),
    };
    return harness_main(argc, argv, tests, sizeof tests / sizeof *tests);
}
