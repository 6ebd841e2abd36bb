/* Mailboxes with a capacity: the four policies, who waits, and what is never counted. */
#include "support/contract.h"

enum { CAPACITY = 4 };

static spawned_pid start_bounded(harness *h, harness_probe *probe, spawned_overflow overflow) {
    spawned_actor_options options = SPAWNED_ACTOR_OPTIONS_INIT;
    options.capacity = CAPACITY;
    options.overflow = overflow;
    return harness_probe_start(h, probe, &options);
}

static void send_numbers(harness *h, spawned_pid pid, uint64_t first, uint64_t last) {
    for (uint64_t i = first; i <= last; i++) assert_ok(harness_send_tracked(h, pid, i));
}

/* MB03 MB09 */
static void reject_answers_full_and_consumes_the_value(void **state) {
    harness *h = *state;
    harness_gate *gate = harness_gate_new(h);
    harness_probe *probe = harness_probe_new(h);
    const spawned_pid pid = start_bounded(h, probe, SPAWNED_OVERFLOW_REJECT);
    assert_true(harness_probe_hold(probe, pid, gate));
    send_numbers(h, pid, 1, CAPACITY);
    assert_status(harness_send_tracked(h, pid, 5), SPAWNED_EFULL);
    assert_int_equal(harness_tracked_destroyed(h), 1);
    assert_int_equal(harness_stats(h).refused, 1);
    harness_gate_open(gate);
    assert_true(harness_probe_wait(probe, HARNESS_MESSAGE, 4));
    assert_true(harness_settle(h));
    send_numbers(h, pid, 6, 6); /* there is room again */
    assert_true(harness_probe_wait(probe, HARNESS_MESSAGE, 5));
    assert_story(probe, "i s 1 2 3 4 6");
}

/* MB03 MB09 */
static void a_try_to_send_leaves_a_refused_message_with_its_owner(void **state) {
    harness *h = *state;
    harness_gate *gate = harness_gate_new(h);
    harness_probe *probe = harness_probe_new(h);
    const spawned_pid pid = start_bounded(h, probe, SPAWNED_OVERFLOW_REJECT);
    assert_true(harness_probe_hold(probe, pid, gate));
    send_numbers(h, pid, 1, CAPACITY);
    spawned_message *message = harness_tracked_message(h, pid, 5),
                    *unwanted = harness_tracked_message(h, pid, 6);
    assert_status(spawned_message_try_send(message), SPAWNED_EFULL);
    assert_status(spawned_message_try_send(unwanted), SPAWNED_EFULL);
    assert_int_equal(harness_tracked_destroyed(h), 0);
    spawned_message_destroy(unwanted);
    assert_int_equal(harness_tracked_destroyed(h), 1);
    harness_gate_open(gate);
    assert_true(harness_probe_wait(probe, HARNESS_MESSAGE, 4));
    assert_true(harness_settle(h));
    assert_ok(spawned_message_try_send(message));
    assert_true(harness_probe_wait(probe, HARNESS_MESSAGE, 5));
    assert_story(probe, "i s 1 2 3 4 5");
}

static void overflow_by_two(harness *h, spawned_overflow overflow, const char *story) {
    harness_gate *gate = harness_gate_new(h);
    harness_probe *probe = harness_probe_new(h);
    const spawned_pid pid = start_bounded(h, probe, overflow);
    assert_true(harness_probe_hold(probe, pid, gate));
    send_numbers(h, pid, 1, CAPACITY + 2);
    assert_int_equal(harness_tracked_destroyed(h), 2);
    assert_int_equal(harness_stats(h).dead_overflow, 2);
    harness_gate_open(gate);
    assert_true(harness_probe_wait(probe, HARNESS_MESSAGE, 4));
    assert_true(harness_settle(h));
    assert_story(probe, story);
    assert_int_equal(harness_tracked_destroyed(h), 6);
}

/* MB04 */
static void drop_newest_keeps_the_oldest_messages(void **state) {
    overflow_by_two(*state, SPAWNED_OVERFLOW_DROP_NEWEST, "i s 1 2 3 4");
}

/* MB04 */
static void drop_oldest_keeps_the_newest_messages(void **state) {
    overflow_by_two(*state, SPAWNED_OVERFLOW_DROP_OLDEST, "i s 3 4 5 6");
}

/* MB04 */
static void the_requester_of_a_dropped_request_learns_that_the_mailbox_was_full(void **state) {
    harness *h = *state;
    static const spawned_overflow policies[] = {SPAWNED_OVERFLOW_REJECT,
                                                SPAWNED_OVERFLOW_DROP_NEWEST,
                                                SPAWNED_OVERFLOW_DROP_OLDEST};
    for (size_t i = 0; i < 3; i++) {
        harness_gate *gate = harness_gate_new(h);
        harness_probe *probe = harness_probe_new(h);
        const spawned_pid pid = start_bounded(h, probe, policies[i]);
        assert_true(harness_probe_hold(probe, pid, gate));
        const bool oldest = policies[i] == SPAWNED_OVERFLOW_DROP_OLDEST;
        if (!oldest) send_numbers(h, pid, 1, CAPACITY);
        const uint64_t question = 9;
        spawned_message *message = NULL;
        spawned_response *response = NULL;
        assert_ok(spawned_message_create(pid, &harness_ask_type, &question, &message));
        spawned_message_request(message, SPAWNED_FOREVER, &response);
        if (oldest) send_numbers(h, pid, 1, CAPACITY);
        assert_status(spawned_response_poll(response), SPAWNED_EFULL);
        spawned_response_release(response);
        harness_gate_open(gate);
        assert_true(harness_probe_wait(probe, HARNESS_MESSAGE, 4));
    }
}

typedef struct blocked_sender {
    pthread_t thread;
    harness *h;
    spawned_pid to;
    spawned_status status;
    _Atomic bool done;
} blocked_sender;

static void *send_fifth(void *argument) {
    blocked_sender *own = argument;
    own->status = harness_send_tracked(own->h, own->to, 5);
    own->done = true;
    return NULL;
}

static bool tracked_five(void *argument) { return harness_tracked_created(argument) >= 5; }

/* MB05 */
static void block_makes_a_foreign_thread_wait_until_there_is_room(void **state) {
    harness *h = *state;
    REQUIRE_THREADS(h);
    harness_gate *gate = harness_gate_new(h);
    harness_probe *probe = harness_probe_new(h);
    const spawned_pid pid = start_bounded(h, probe, SPAWNED_OVERFLOW_BLOCK);
    assert_true(harness_probe_hold(probe, pid, gate));
    send_numbers(h, pid, 1, CAPACITY);
    blocked_sender sender = {.h = h, .to = pid};
    assert_int_equal(pthread_create(&sender.thread, NULL, send_fifth, &sender), 0);
    assert_true(harness_wait_until(h, tracked_five, h)); /* it is about to send, or waits */
    assert_int_equal(harness_probe_count(probe, HARNESS_MESSAGE), 0);
    assert_false(sender.done);
    harness_gate_open(gate);
    assert_int_equal(pthread_join(sender.thread, NULL), 0);
    assert_ok(sender.status);
    assert_true(harness_probe_wait(probe, HARNESS_MESSAGE, 5));
    assert_story(probe, "i s 1 2 3 4 5");
}

/* MB05 */
static void a_thread_that_waits_for_room_learns_of_the_actors_end(void **state) {
    harness *h = *state;
    REQUIRE_THREADS(h);
    harness_gate *gate = harness_gate_new(h);
    harness_probe *probe = harness_probe_new(h);
    const spawned_pid pid = start_bounded(h, probe, SPAWNED_OVERFLOW_BLOCK);
    assert_true(harness_probe_hold(probe, pid, gate));
    send_numbers(h, pid, 1, CAPACITY);
    blocked_sender sender = {.h = h, .to = pid};
    assert_int_equal(pthread_create(&sender.thread, NULL, send_fifth, &sender), 0);
    assert_true(harness_wait_until(h, tracked_five, h));
    assert_ok(spawned_actor_kill(pid));
    harness_gate_open(gate);
    assert_int_equal(pthread_join(sender.thread, NULL), 0);
    assert_status(sender.status, SPAWNED_ESTOPPED);
    assert_ok(spawned_actor_join(pid, HARNESS_LONG));
    assert_int_equal(harness_tracked_destroyed(h), 5);
}

/* MB05 MB09 */
static void a_limited_wait_for_room_ends_not_early_and_consumes_the_message(void **state) {
    harness *h = *state;
    REQUIRE_THREADS(h);
    harness_gate *gate = harness_gate_new(h);
    harness_probe *probe = harness_probe_new(h);
    const spawned_pid pid = start_bounded(h, probe, SPAWNED_OVERFLOW_BLOCK);
    assert_true(harness_probe_hold(probe, pid, gate));
    send_numbers(h, pid, 1, CAPACITY);
    spawned_message *message = harness_tracked_message(h, pid, 5);
    assert_ok(spawned_message_set_wait(message, 20 * SPAWNED_MILLISECOND));
    const spawned_time begin = harness_now(h);
    assert_status(spawned_message_send(message), SPAWNED_ETIMEDOUT);
    assert_true(harness_now(h) - begin >= 20 * SPAWNED_MILLISECOND);
    assert_int_equal(harness_tracked_destroyed(h), 1);
    spawned_message *tried = harness_tracked_message(h, pid, 6);
    assert_status(spawned_message_try_send(tried), SPAWNED_EFULL); /* never waits */
    spawned_message_destroy(tried);
}

/* Sends five messages to its peer; result: the status of the fifth. */
static spawned_status send_five(spawned_context *context, harness_probe *probe, uint64_t number) {
    (void)context;
    (void)number;
    for (uint64_t i = 1; i <= 5; i++)
        probe->result = harness_send_tracked(probe->owner, probe->peer, i);
    return SPAWNED_OK;
}

/* MB05 */
static void inside_a_handler_a_plain_send_to_a_full_block_mailbox_answers_full(void **state) {
    harness *h = *state;
    harness_gate *gate = harness_gate_new(h);
    harness_probe *from = harness_probe_new(h), *to = harness_probe_new(h);
    from->on_number = send_five;
    from->peer = start_bounded(h, to, SPAWNED_OVERFLOW_BLOCK);
    const spawned_pid pid = harness_probe_start(h, from, NULL);
    assert_true(harness_probe_hold(to, from->peer, gate));
    const uint64_t question = 1;
    uint64_t answer = 0;
    assert_ok(spawned_request(pid, &harness_ask_type, &question, HARNESS_LONG, &answer));
    assert_int_equal(from->result, SPAWNED_EFULL);
    harness_gate_open(gate);
    assert_true(harness_probe_wait(to, HARNESS_MESSAGE, 4));
    assert_true(harness_settle(h));
    assert_story(to, "i s 1 2 3 4");
}

typedef struct room_wait {
    harness_probe *probe;
    spawned_response *response;
    spawned_status before; /* what polling said when the wait began */
} room_wait;

static spawned_status room_is_there(spawned_context *context, void *state, size_t ready,
                                    void *user_data) {
    (void)context;
    (void)state;
    (void)ready;
    room_wait *wait = user_data;
    wait->probe->result = spawned_response_poll(wait->response);
    return SPAWNED_OK;
}

/* Fills its peer's mailbox and awaits room for a fifth message. */
static spawned_status await_room(spawned_context *context, harness_probe *probe, uint64_t number) {
    (void)number;
    room_wait *wait = probe->data;
    for (uint64_t i = 1; i <= CAPACITY; i++) harness_send_tracked(probe->owner, probe->peer, i);
    const harness_tracked value = harness_tracked_make(probe->owner, 5);
    spawned_message *message = NULL;
    spawned_status status =
        spawned_message_create(probe->peer, &harness_tracked_type, &value, &message);
    if (status == SPAWNED_OK)
        status = spawned_message_send_waiting(message, SPAWNED_DEFAULT, &wait->response);
    if (status != SPAWNED_OK) return status;
    wait->before = spawned_response_poll(wait->response);
    probe->result = 1;
    return spawned_await(context, &wait->response, 1, room_is_there, wait, NULL);
}

/* Awaits room in a held peer, then ends the hold, by a kill of the peer if asked to. */
static void wait_for_room(harness *h, bool kill, spawned_status expected, const char *story) {
    harness_gate *gate = harness_gate_new(h);
    harness_probe *from = harness_probe_new(h), *to = harness_probe_new(h);
    room_wait wait = {.probe = from};
    from->on_number = await_room;
    from->data = &wait;
    from->peer = start_bounded(h, to, SPAWNED_OVERFLOW_BLOCK);
    const spawned_pid pid = harness_probe_start(h, from, NULL);
    assert_true(harness_probe_hold(to, from->peer, gate));
    assert_ok(harness_send_number(pid, 1));
    if (!harness_is_alone(h)) {
        assert_true(harness_probe_wait_result(from, 1));
        if (kill) assert_ok(spawned_actor_kill(from->peer));
    }
    harness_gate_open(gate);
    assert_true(harness_settle(h));
    assert_int_equal(wait.before, SPAWNED_EAGAIN);
    assert_int_equal(from->result, expected);
    assert_story(to, story);
    spawned_response_release(wait.response);
}

/* MB05 */
static void a_handler_may_await_room_in_a_full_mailbox(void **state) {
    wait_for_room(*state, false, SPAWNED_OK, "i s 1 2 3 4 5");
}

/* MB05 */
static void a_handler_that_awaits_room_learns_of_the_actors_end(void **state) {
    REQUIRE_THREADS((harness *)*state);
    wait_for_room(*state, true, SPAWNED_ESTOPPED, "i s d");
}

/* MB05 */
static void waiting_for_room_in_an_ended_actor_ends_at_once(void **state) {
    harness *h = *state;
    harness_probe *probe = harness_probe_new(h);
    const spawned_pid pid = start_bounded(h, probe, SPAWNED_OVERFLOW_BLOCK);
    assert_ok(spawned_actor_stop(pid));
    assert_ok(spawned_actor_join(pid, HARNESS_LONG));
    spawned_response *response = NULL;
    assert_status(spawned_message_send_waiting(harness_tracked_message(h, pid, 1), SPAWNED_DEFAULT,
                                               &response),
                  SPAWNED_ESTOPPED);
    assert_non_null(response);
    assert_status(spawned_response_poll(response), SPAWNED_ESTOPPED);
    spawned_response_release(response);
    assert_int_equal(harness_tracked_destroyed(h), 1);
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        HARNESS_TEST(reject_answers_full_and_consumes_the_value),
        HARNESS_TEST(a_try_to_send_leaves_a_refused_message_with_its_owner),
        HARNESS_TEST(drop_newest_keeps_the_oldest_messages),
        HARNESS_TEST(drop_oldest_keeps_the_newest_messages),
        HARNESS_TEST(the_requester_of_a_dropped_request_learns_that_the_mailbox_was_full),
        HARNESS_TEST(block_makes_a_foreign_thread_wait_until_there_is_room),
        HARNESS_TEST(a_thread_that_waits_for_room_learns_of_the_actors_end),
        HARNESS_TEST(a_limited_wait_for_room_ends_not_early_and_consumes_the_message),
        HARNESS_TEST(inside_a_handler_a_plain_send_to_a_full_block_mailbox_answers_full),
        HARNESS_TEST(a_handler_may_await_room_in_a_full_mailbox),
        HARNESS_TEST(a_handler_that_awaits_room_learns_of_the_actors_end),
        HARNESS_TEST(waiting_for_room_in_an_ended_actor_ends_at_once),
    };
    return harness_main(argc, argv, tests, sizeof tests / sizeof *tests);
}
