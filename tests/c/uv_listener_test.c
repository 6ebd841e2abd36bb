/* A stream of libuv feeds a mailbox by the rules of listener.h: nothing is lost or reordered, and reading
 * stops while the mailbox is full.
 * modes: pool */
#include <uv.h>

#include <spawned/uv.h>

#include "support/contract.h"

#include <unistd.h>

enum { ITEMS = 2000, CAPACITY = 4, CHUNK = 64 };

struct feed {
    uv_pipe_t pipe;
    uv_async_t room;
    int descriptor;
    spawned_pid to;
    unsigned char bytes[CHUNK];
    size_t given, size; /* of what was read */
    spawned_response *waiting;
    _Atomic int32_t pauses;
    _Atomic int32_t open;
};

static void on_closed(uv_handle_t *handle) {
    atomic_fetch_sub(&((struct feed *)handle->data)->open, 1);
}

static void ring(void *user_data) { (void)uv_async_send(&((struct feed *)user_data)->room); }

static void end_feed(struct feed *feed) {
    uv_close((uv_handle_t *)&feed->pipe, on_closed);
    uv_close((uv_handle_t *)&feed->room, on_closed);
}

/* False: the mailbox is full, and one message waits for room. */
static bool give(struct feed *feed) {
    while (feed->given < feed->size) {
        const uint64_t number = feed->bytes[feed->given++];
        spawned_message *message = NULL;
        assert_ok(spawned_message_create(feed->to, &harness_number_type, &number, &message));
        const spawned_status status = spawned_message_try_send(message);
        if (status == SPAWNED_OK) continue;
        assert_status(status, SPAWNED_EFULL);
        assert_ok(spawned_message_send_waiting(message, SPAWNED_FOREVER, &feed->waiting));
        assert_ok(spawned_response_bell(feed->waiting, ring, feed));
        atomic_fetch_add(&feed->pauses, 1);
        return false;
    }
    return true;
}

static void on_space(uv_handle_t *handle, size_t size, uv_buf_t *buffer) {
    struct feed *feed = handle->data;
    (void)size;
    *buffer = uv_buf_init((char *)feed->bytes, CHUNK);
}

static void on_read(uv_stream_t *stream, ssize_t size, const uv_buf_t *buffer) {
    struct feed *feed = stream->data;
    (void)buffer;
    if (size < 0) {
        end_feed(feed);
        return;
    }
    feed->given = 0;
    feed->size = (size_t)size;
    if (!give(feed)) (void)uv_read_stop(stream);
}

static void on_room(uv_async_t *room) {
    struct feed *feed = room->data;
    assert_ok(spawned_response_poll(feed->waiting));
    spawned_response_release(feed->waiting);
    feed->waiting = NULL;
    if (give(feed)) (void)uv_read_start((uv_stream_t *)&feed->pipe, on_space, on_read);
}

static void begin(struct uv_loop_s *loop, void *user_data) {
    struct feed *feed = user_data;
    feed->pipe.data = feed->room.data = feed;
    assert_int_equal(uv_async_init(loop, &feed->room, on_room), 0);
    assert_int_equal(uv_pipe_init(loop, &feed->pipe, 0), 0);
    assert_int_equal(uv_pipe_open(&feed->pipe, feed->descriptor), 0);
    assert_int_equal(uv_read_start((uv_stream_t *)&feed->pipe, on_space, on_read), 0);
}

static bool is_closed(void *argument) { return atomic_load(&((struct feed *)argument)->open) == 0; }

static bool has_paused(void *argument) {
    return atomic_load(&((struct feed *)argument)->pauses) != 0;
}

/* SL7 */
static void stream_is_not_read_while_the_mailbox_is_full(void **state) {
    harness *h = *state;
    harness_probe *probe = harness_probe_new(h);
    spawned_actor_options options = SPAWNED_ACTOR_OPTIONS_INIT;
    options.capacity = CAPACITY;
    options.overflow = SPAWNED_OVERFLOW_BLOCK;
    static struct feed feed;
    feed = (struct feed){.to = harness_probe_start(h, probe, &options), .open = 2};
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    feed.descriptor = ends[0];
    harness_gate *gate = harness_gate_new(h);
    assert_true(harness_probe_hold(probe, feed.to, gate));
    const size_t before = harness_probe_count(probe, HARNESS_MESSAGE);
    for (int i = 0; i < ITEMS; i++) {
        const unsigned char byte = (unsigned char)(i % 251);
        assert_int_equal(write(ends[1], &byte, 1), 1);
    }
    assert_int_equal(close(ends[1]), 0);
    assert_ok(spawned_uv_submit(harness_runtime(h), begin, &feed));
    assert_true(harness_wait_until(h, has_paused, &feed));
    harness_gate_open(gate);
    assert_true(harness_probe_wait(probe, HARNESS_MESSAGE, before + ITEMS));
    assert_true(harness_wait_until(h, is_closed, &feed));
    harness_event event;
    const size_t first = harness_probe_total(probe) - ITEMS;
    for (size_t i = 0; i < ITEMS; i++) {
        assert_true(harness_probe_event(probe, first + i, &event));
        assert_int_equal(event.number, i % 251);
    }
    assert_ok(spawned_actor_stop(feed.to));
    assert_ok(spawned_actor_join(feed.to, HARNESS_LONG));
}

int main(int argc, char **argv) {
    static const struct CMUnitTest tests[] = {
        HARNESS_TEST(stream_is_not_read_while_the_mailbox_is_full),
    };
    return harness_main(argc, argv, tests, sizeof tests / sizeof *tests);
}
