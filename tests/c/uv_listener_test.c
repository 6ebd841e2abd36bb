/* Streams of libuv feed mailboxes: pieces or items, in order, and they are not read while the mailbox is full.
 * modes: pool host */
#include "uv_stream.h"

/* SL1, SL2 */
static void pieces_arrive_as_bytes_in_order_until_the_stream_ends(void **state) {
    harness *h = *state;
    enum { SIZE = 40000 };
    static stream one;
    static char bytes[SIZE];
    const spawned_pid receiver = start_taker(h);
    for (size_t i = 0; i < SIZE; i++) bytes[i] = (char)(i % 251);
    open_stream(&one, receiver, &bytes_type, NULL);
    begin(h, &one);
    assert_ok(one.begun);
    size_t sent = 3;
    send_bytes(&one, bytes, sent);
    assert_true(harness_wait_until(h, has_bytes, &sent));
    assert_int_equal(got.items, 1);
    assert_int_equal(got.sizes[0], 3);
    send_bytes(&one, bytes + sent, SIZE - sent);
    sent = SIZE;
    assert_true(harness_wait_until(h, has_bytes, &sent));
    assert_status(spawned_response_poll(one.response), SPAWNED_EAGAIN);
    hang_up(&one);
    assert_ok(finish(h, &one));
    assert_memory_equal(got.bytes, bytes, SIZE);
    end(receiver);
}

static void items_are_cut_wherever_the_pieces_end(void **state) {
    harness *h = *state;
    static stream one;
    static const size_t sizes[] = {6, 5, 1, 3};
    const spawned_pid receiver = start_taker(h);
    open_stream(&one, receiver, &bytes_type, cut_line);
    begin(h, &one);
    send_text(&one, "al");
    assert_true(harness_wait_until(h, has_cut, &one));
    send_text(&one, "pha\nbe");
    expect_items(h, 1);
    send_text(&one, "ta\n\ngam");
    expect_items(h, 3);
    hang_up(&one); /* the rest is the last item */
    assert_ok(finish(h, &one));
    expect_items(h, 4);
    assert_string_equal(got.bytes, "alpha\nbeta\n\ngam");
    assert_memory_equal(got.sizes, sizes, sizeof sizes);
    end(receiver);
}

static void items_may_be_larger_than_what_is_read_at_once(void **state) {
    harness *h = *state;
    enum { SIZE = 60000 };
    static stream one;
    static char bytes[SIZE];
    const spawned_pid receiver = start_taker(h);
    memset(bytes, 'x', SIZE);
    bytes[SIZE - 1] = '\n';
    open_stream(&one, receiver, &bytes_type, cut_line);
    begin(h, &one);
    send_text(&one, "a\n");
    send_bytes(&one, bytes, SIZE);
    send_text(&one, "b\n");
    hang_up(&one);
    assert_ok(finish(h, &one));
    expect_items(h, 3);
    assert_int_equal(got.sizes[1], SIZE);
    end(receiver);
}

static void items_of_a_fixed_type_are_built_by_the_program_and_bytes_may_be_skipped(void **state) {
    harness *h = *state;
    static stream one;
    const uint64_t numbers[] = {1, 2, 3};
    harness_probe *probe = harness_probe_new(h);
    const spawned_pid receiver = harness_probe_start(h, probe, NULL);
    open_stream(&one, receiver, &harness_number_type, cut_number);
    begin(h, &one);
    send_text(&one, "   ");
    send_bytes(&one, (const char *)numbers, 11);
    assert_true(harness_probe_wait(probe, HARNESS_MESSAGE, 1));
    send_bytes(&one, (const char *)numbers + 11, 5);
    send_text(&one, " ");
    send_bytes(&one, (const char *)&numbers[2], 8);
    send_text(&one, " ");
    hang_up(&one);
    assert_ok(finish(h, &one));
    assert_true(harness_probe_wait(probe, HARNESS_MESSAGE, 3));
    assert_story(probe, "i s 1 2 3");
    open_stream(&one, receiver, &harness_number_type, cut_number);
    begin(h, &one);
    send_bytes(&one, (const char *)numbers, 12);
    hang_up(&one);
    assert_status(finish(h, &one), SPAWNED_EFAILED); /* half a number is none */
    assert_true(harness_probe_wait(probe, HARNESS_MESSAGE, 4));
    end(receiver);
}

static void pause_while_full(harness *h, spawned_overflow overflow) {
    enum { ITEMS = 3000, CAPACITY = 3 }; /* more than is read at once */
    static stream one;
    static uint64_t numbers[ITEMS];
    harness_probe *probe = harness_probe_new(h);
    spawned_actor_options options = SPAWNED_ACTOR_OPTIONS_INIT;
    options.capacity = CAPACITY;
    options.overflow = overflow;
    const spawned_pid receiver = harness_probe_start(h, probe, &options);
    harness_gate *gate = harness_gate_new(h);
    if (!harness_is_alone(h)) assert_true(harness_probe_hold(probe, receiver, gate));
    const size_t before = harness_probe_count(probe, HARNESS_MESSAGE);
    for (uint64_t i = 0; i < ITEMS; i++) numbers[i] = i << 8 | 1; /* none begins with a space */
    open_stream(&one, receiver, &harness_number_type, cut_number);
    send_bytes(&one, (const char *)numbers, sizeof numbers);
    begin(h, &one);
    assert_true(harness_wait_until(h, has_cut, &one));
    /* In the mailbox, in the stream's hand, and one for the message that holds the actor. */
    if (!harness_is_alone(h)) assert_in_range(one.cuts, 1, CAPACITY + 2);
    harness_gate_open(gate);
    assert_true(harness_probe_wait(probe, HARNESS_MESSAGE, before + ITEMS));
    hang_up(&one);
    assert_ok(finish(h, &one));
    harness_event event;
    const size_t first = harness_probe_total(probe) - ITEMS;
    for (size_t i = 0; i < ITEMS; i++) {
        assert_true(harness_probe_event(probe, first + i, &event));
        assert_int_equal(event.number, numbers[i]);
    }
    end(receiver);
}

/* SL7 */
static void stream_is_not_read_while_the_mailbox_is_full(void **state) {
    pause_while_full(*state, SPAWNED_OVERFLOW_BLOCK);
    pause_while_full(*state, SPAWNED_OVERFLOW_REJECT);
}

/* Everything has been read, and the end as well, while the mailbox is full. */
static void what_was_read_before_the_end_arrives_after_a_pause(void **state) {
    harness *h = *state;
    enum { ITEMS = 50 };
    static stream one;
    spawned_actor_options options = SPAWNED_ACTOR_OPTIONS_INIT;
    options.capacity = 1;
    options.overflow = SPAWNED_OVERFLOW_BLOCK;
    memset(&got, 0, sizeof got);
    const spawned_pid receiver = harness_start(h, &taker, &options);
    open_stream(&one, receiver, &bytes_type, cut_line);
    for (int i = 0; i < ITEMS; i++) send_text(&one, "line\n");
    send_text(&one, "rest");
    hang_up(&one);
    begin(h, &one);
    assert_ok(finish(h, &one));
    expect_items(h, ITEMS + 1);
    assert_int_equal(got.sizes[ITEMS], 4);
    end(receiver);
}

int main(int argc, char **argv) {
    static const struct CMUnitTest tests[] = {
        HARNESS_TEST(pieces_arrive_as_bytes_in_order_until_the_stream_ends),
        HARNESS_TEST(items_are_cut_wherever_the_pieces_end),
        HARNESS_TEST(items_may_be_larger_than_what_is_read_at_once),
        HARNESS_TEST(items_of_a_fixed_type_are_built_by_the_program_and_bytes_may_be_skipped),
        HARNESS_TEST(stream_is_not_read_while_the_mailbox_is_full),
        HARNESS_TEST(what_was_read_before_the_end_arrives_after_a_pause),
    };
    return harness_main(argc, argv, tests, sizeof tests / sizeof *tests);
}
