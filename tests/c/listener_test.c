/* Listeners: a sequence becomes messages in its order, meets the mailbox's bound, and ends with either side. */
#include "support/contract.h"
#include "support/script.h"

#include <unistd.h>

/* Yields 1, 2, … up to last, as numbers or, with h, as tracked values. */
typedef struct source {
    harness *h;
    uint64_t last;         /* 0: endless */
    spawned_status status; /* after the last; ENOENT by default */
    const char *text;
    uint64_t cancels_at; /* the token, while this one is made */
    spawned_token token;
    harness_probe *receiver; /* how far behind is it? */
    _Atomic uint64_t made, furthest;
    _Atomic int destroyed;
} source;

static spawned_status next_number(void *user_data, void *value) {
    source *one = user_data;
    if (one->last != 0 && one->made == one->last) {
        if (one->status == SPAWNED_OK) return SPAWNED_ENOENT;
        return spawned_fail(one->status, one->text, SPAWNED_ZERO_TERMINATED);
    }
    const uint64_t number = atomic_fetch_add(&one->made, 1) + 1;
    if (number == one->cancels_at) (void)spawned_token_cancel(one->token);
    if (one->receiver != NULL) {
        const uint64_t ahead = number - harness_probe_count(one->receiver, HARNESS_MESSAGE);
        if (ahead > one->furthest) one->furthest = ahead;
    }
    if (one->h == NULL)
        *(uint64_t *)value = number;
    else
        *(harness_tracked *)value = harness_tracked_make(one->h, number);
    return SPAWNED_OK;
}

static void end_source(void *user_data) { atomic_fetch_add(&((source *)user_data)->destroyed, 1); }

static spawned_status listen_to(source *one, spawned_pid to, spawned_response **out_response) {
    return spawned_listen(to, one->h != NULL ? &harness_tracked_type : &harness_number_type,
                          next_number, one, end_source, one->token, out_response);
}

static spawned_pid start_bounded(harness *h, harness_probe *probe, uint64_t capacity,
                                 spawned_overflow overflow) {
    spawned_actor_options options = SPAWNED_ACTOR_OPTIONS_INIT;
    options.capacity = capacity;
    options.overflow = overflow;
    return harness_probe_start(h, probe, &options);
}

static void end(spawned_pid pid) {
    assert_ok(spawned_actor_stop(pid));
    assert_ok(spawned_actor_join(pid, HARNESS_LONG));
}

/* SL1, SL2 */
static void items_arrive_in_order_and_the_receiver_outlives_the_source(void **state) {
    harness *h = *state;
    harness_probe *probe = harness_probe_new(h);
    const spawned_pid receiver = harness_probe_start(h, probe, NULL);
    static source one;
    one = (source){.h = h, .last = 5};
    spawned_response *response = NULL;
    assert_ok(listen_to(&one, receiver, &response));
    assert_ok(script_finish(response));
    assert_int_equal(one.destroyed, 1);
    assert_true(harness_probe_wait(probe, HARNESS_MESSAGE, 5));
    assert_ok(harness_send_number(receiver, 6));
    assert_true(harness_probe_wait(probe, HARNESS_MESSAGE, 6));
    assert_story(probe, "i s 1 2 3 4 5 6");
    end(receiver);
    assert_int_equal(harness_tracked_destroyed(h), 5);
}

/* SL7, which is otherwise here */
static void source_waits_while_the_mailbox_is_full(void **state) {
    harness *h = *state;
    enum { CAPACITY = 3, ITEMS = 500 };
    harness_probe *probe = harness_probe_new(h);
    const spawned_pid receiver = start_bounded(h, probe, CAPACITY, SPAWNED_OVERFLOW_BLOCK);
    static source one;
    one = (source){.last = ITEMS, .receiver = probe};
    spawned_response *response = NULL;
    assert_ok(listen_to(&one, receiver, &response));
    assert_ok(script_finish(response));
    assert_true(harness_probe_wait(probe, HARNESS_MESSAGE, ITEMS));
    harness_event event;
    for (uint64_t i = 0; i < ITEMS; i++) {
        assert_true(harness_probe_event(probe, (size_t)i + 2, &event));
        assert_int_equal(event.number, i + 1);
    }
    /* in the mailbox, in the handler's hands, and in the source's */
    assert_in_range(one.furthest, 1, CAPACITY + 2);
    end(receiver);
}

static void full_mailbox_that_rejects_ends_the_listener(void **state) {
    harness *h = *state;
    harness_probe *probe = harness_probe_new(h);
    const spawned_pid receiver = start_bounded(h, probe, 2, SPAWNED_OVERFLOW_REJECT);
    harness_gate *gate = harness_gate_new(h);
    static source one;
    one = (source){.h = h};
    spawned_response *response = NULL;
    assert_true(harness_probe_hold(probe, receiver, gate));
    assert_ok(listen_to(&one, receiver, &response));
    assert_status(script_finish(response), SPAWNED_EFULL);
    harness_gate_open(gate);
    /* A host cannot be held: it handles some while the test waits. */
    if (harness_mode_of(h) != HARNESS_HOST) assert_int_equal(one.made, 3);
    assert_true(one.made >= 3);
    assert_true(harness_probe_wait(probe, HARNESS_MESSAGE, (uint64_t)one.made - 1));
    end(receiver);
    assert_int_equal(harness_tracked_destroyed(h), one.made);
}

static spawned_status stops_at_three(spawned_context *context, harness_probe *probe,
                                     uint64_t number) {
    (void)probe;
    return number == 3 ? spawned_context_stop(context) : SPAWNED_OK;
}

/* SL3, SL4, SL5 */
static void receivers_end_ends_an_endless_source_that_waits_for_room(void **state) {
    harness *h = *state;
    harness_probe *probe = harness_probe_new(h);
    probe->on_number = stops_at_three;
    const spawned_pid receiver = start_bounded(h, probe, 1, SPAWNED_OVERFLOW_BLOCK);
    static source one;
    one = (source){.h = h};
    spawned_response *response = NULL;
    assert_ok(listen_to(&one, receiver, &response));
    assert_status(script_finish(response), SPAWNED_ESTOPPED);
    assert_ok(spawned_actor_join(receiver, HARNESS_LONG));
    assert_story(probe, "i s 1 2 3 x d");
    assert_int_equal(one.destroyed, 1);
    assert_true(harness_tracked_end(h));
}

static void token_ends_the_listener_and_leaves_the_receiver_alone(void **state) {
    harness *h = *state;
    harness_probe *probe = harness_probe_new(h);
    const spawned_pid receiver = harness_probe_start(h, probe, NULL);
    static source one;
    one = (source){.h = h, .cancels_at = 4};
    assert_ok(spawned_token_create(harness_runtime(h), 0, &one.token));
    spawned_response *response = NULL;
    assert_ok(listen_to(&one, receiver, &response));
    assert_status(script_finish(response), SPAWNED_ESTOPPED);
    assert_true(harness_probe_wait(probe, HARNESS_MESSAGE, 3));
    one.made = 0;
    assert_ok(
        listen_to(&one, receiver, &response)); /* of a cancelled token: no item is asked for */
    assert_status(script_finish(response), SPAWNED_ESTOPPED);
    assert_int_equal(one.made, 0);
    assert_int_equal(one.destroyed, 2);
    assert_ok(harness_send_number(receiver, 9));
    assert_true(harness_probe_wait(probe, HARNESS_MESSAGE, 4));
    assert_story(probe, "i s 1 2 3 9");
    end(receiver);
    assert_int_equal(harness_tracked_destroyed(h), 4);
}

static bool has_three(void *argument) { return atomic_load(&((source *)argument)->made) == 3; }

static void token_ends_a_listener_that_waits_for_room(void **state) {
    harness *h = *state;
    REQUIRE_THREADS(h);
    harness_probe *probe = harness_probe_new(h);
    const spawned_pid receiver = start_bounded(h, probe, 2, SPAWNED_OVERFLOW_BLOCK);
    harness_gate *gate = harness_gate_new(h);
    assert_true(harness_probe_hold(probe, receiver, gate));
    static source one;
    one = (source){.h = h};
    assert_ok(spawned_token_create(harness_runtime(h), 0, &one.token));
    spawned_response *response = NULL;
    assert_ok(listen_to(&one, receiver, &response));
    assert_true(harness_wait_until(h, has_three, &one)); /* the third has no room */
    assert_ok(spawned_token_cancel(one.token));
    assert_status(script_finish(response), SPAWNED_ESTOPPED); /* the gate is closed yet */
    assert_int_equal(one.destroyed, 1);
    assert_int_equal(one.made, 3);
    harness_gate_open(gate);
    assert_true(harness_probe_wait(probe, HARNESS_MESSAGE, 2));
    end(receiver);
    assert_int_equal(harness_tracked_destroyed(h), 3);
}

/* SL4 */
static void failure_of_the_source_is_the_outcome_with_its_text(void **state) {
    harness *h = *state;
    harness_probe *probe = harness_probe_new(h);
    const spawned_pid receiver = harness_probe_start(h, probe, NULL);
    static source one;
    one = (source){.last = 2, .status = 77, .text = "the line is dead"};
    spawned_response *response = NULL;
    const char *text = NULL;
    size_t length = 0;
    assert_ok(listen_to(&one, receiver, &response));
    assert_status(spawned_response_wait(response, HARNESS_LONG), 77);
    assert_status(spawned_response_error(response, &text, &length), 77);
    assert_string_equal(text, "the line is dead");
    spawned_response_release(response);
    assert_true(harness_probe_wait(probe, HARNESS_MESSAGE, 2));
    assert_int_equal(one.destroyed, 1);
    end(receiver);
}

static void releasing_the_response_changes_nothing(void **state) {
    harness *h = *state;
    harness_probe *probe = harness_probe_new(h);
    const spawned_pid receiver = harness_probe_start(h, probe, NULL);
    static source one;
    one = (source){.last = 3};
    spawned_response *response = NULL;
    assert_ok(listen_to(&one, receiver, &response));
    spawned_response_release(response);
    assert_true(harness_probe_wait(probe, HARNESS_MESSAGE, 3));
    end(receiver);
}

static void shutdown_ends_a_listener_that_waits_for_room(void **state) {
    harness *h = *state;
    REQUIRE_THREADS(h); /* elsewhere nothing runs while the test does not wait for it */
    harness_probe *probe = harness_probe_new(h);
    const spawned_pid receiver = start_bounded(h, probe, 1, SPAWNED_OVERFLOW_BLOCK);
    static source one;
    one = (source){.h = h};
    spawned_response *response = NULL;
    assert_ok(listen_to(&one, receiver, &response));
    assert_true(harness_probe_wait(probe, HARNESS_MESSAGE, 1));
    assert_ok(spawned_runtime_shutdown(harness_runtime(h), HARNESS_LONG));
    assert_status(spawned_response_poll(response), SPAWNED_ESTOPPED);
    assert_int_equal(one.destroyed, 1);
    assert_int_equal(harness_tracked_created(h), harness_tracked_destroyed(h));
    spawned_response_release(response);
}

static spawned_status next_in_pipe(void *user_data, void *value) {
    const ssize_t size = read(*(int *)user_data, value, sizeof(uint64_t));
    if (size == 0) return SPAWNED_ENOENT;
    return size == sizeof(uint64_t) ? SPAWNED_OK : SPAWNED_ESYSTEM;
}

static void close_pipe(void *user_data) { (void)close(*(int *)user_data); }

static void descriptor_feeds_a_mailbox_until_its_other_end_is_closed(void **state) {
    harness *h = *state;
    harness_probe *probe = harness_probe_new(h);
    const spawned_pid receiver = start_bounded(h, probe, 2, SPAWNED_OVERFLOW_BLOCK);
    static int ends[2];
    assert_int_equal(pipe(ends), 0);
    spawned_response *response = NULL;
    for (uint64_t i = 1; i <= 8; i++)
        assert_int_equal(write(ends[1], &i, sizeof i), (ssize_t)sizeof i);
    assert_ok(spawned_listen(receiver, &harness_number_type, next_in_pipe, &ends[0], close_pipe, 0,
                             &response));
    if (!harness_is_deterministic(h)) assert_true(harness_probe_wait(probe, HARNESS_MESSAGE, 8));
    assert_int_equal(close(ends[1]), 0);
    assert_ok(script_finish(response));
    assert_true(harness_probe_wait(probe, HARNESS_MESSAGE, 8));
    assert_story(probe, "i s 1 2 3 4 5 6 7 8");
    assert_int_equal(close(ends[0]), -1); /* it was closed by destroy */
    end(receiver);
}

static void refused(spawned_status expected, spawned_pid to, const spawned_message_type *type,
                    spawned_listener_fn next, spawned_token until) {
    static source one;
    one = (source){.last = 1};
    spawned_response *response = NULL;
    assert_status(spawned_listen(to, type, next, &one, end_source, until, &response), expected);
    assert_non_null(response);
    assert_status(spawned_response_poll(response), expected);
    spawned_response_release(response);
    assert_int_equal(one.made, 0);
    assert_int_equal(one.destroyed, 1);
}

/* AB04 */
static void listeners_that_cannot_be_are_refused_and_their_sources_closed(void **state) {
    harness *h = *state;
    const spawned_pid receiver = script_start(h);
    spawned_message_type variable = harness_number_type, nameless = harness_number_type;
    spawned_message_type large = harness_number_type;
    large.value_size = (size_t)1 << 30;
    variable.flags = SPAWNED_TYPE_VARIABLE;
    nameless.name = NULL;
    refused(SPAWNED_EINVAL, 0, &harness_number_type, next_number, 0);
    refused(SPAWNED_EINVAL, receiver, NULL, next_number, 0);
    refused(SPAWNED_EINVAL, receiver, &nameless, next_number, 0);
    refused(SPAWNED_EINVAL, receiver, &harness_number_type, NULL, 0);
    refused(SPAWNED_EINVAL, receiver, &harness_number_type, next_number, UINT64_MAX);
    refused(SPAWNED_EUNSUPPORTED, receiver, &variable, next_number, 0);
    refused(SPAWNED_ETOOBIG, receiver, &large, next_number, 0);
    static source one;
    one = (source){.last = 1};
    assert_status(listen_to(&one, receiver, NULL), SPAWNED_EINVAL);
    assert_int_equal(one.destroyed, 1);
    end(receiver);
    refused(SPAWNED_ESTOPPED, receiver, &harness_number_type, next_number, 0);
}

int main(int argc, char **argv) {
    static const struct CMUnitTest tests[] = {
        HARNESS_TEST(items_arrive_in_order_and_the_receiver_outlives_the_source),
        HARNESS_TEST(source_waits_while_the_mailbox_is_full),
        HARNESS_TEST(full_mailbox_that_rejects_ends_the_listener),
        HARNESS_TEST(receivers_end_ends_an_endless_source_that_waits_for_room),
        HARNESS_TEST(token_ends_the_listener_and_leaves_the_receiver_alone),
        HARNESS_TEST(token_ends_a_listener_that_waits_for_room),
        HARNESS_TEST(failure_of_the_source_is_the_outcome_with_its_text),
        HARNESS_TEST(releasing_the_response_changes_nothing),
        HARNESS_TEST(shutdown_ends_a_listener_that_waits_for_room),
        HARNESS_TEST(descriptor_feeds_a_mailbox_until_its_other_end_is_closed),
        HARNESS_TEST(listeners_that_cannot_be_are_refused_and_their_sources_closed),
    };
    return harness_main(argc, argv, tests, sizeof tests / sizeof *tests);
}
