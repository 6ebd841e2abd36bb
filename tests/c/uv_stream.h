/* A stream under a listener, for the tests of listeners on streams: a pair of sockets, one end of which is a pipe
 * of libuv, and a receiver that writes down the bytes it is sent. */
#ifndef SPAWNED_TESTS_C_UV_STREAM_H
#define SPAWNED_TESTS_C_UV_STREAM_H

#include <uv.h>

#include <spawned/uv.h>

#include "support/contract.h"
#include "support/script.h"

#include <sys/socket.h>
#include <unistd.h>

enum { MOST_BYTES = 1 << 17, MOST_ITEMS = 4096 };

/* Callbacks on the loop write down, the test's body asserts. */
typedef struct stream {
    uv_pipe_t pipe;
    int ends[2]; /* the pipe has the first */
    const spawned_message_type *type;
    spawned_uv_cut_fn cut;
    spawned_pid to;
    spawned_token until;
    spawned_response *response;
    spawned_status begun; /* what spawned_uv_listen said */
    spawned_status says;  /* cut, in place of an item */
    size_t takes;
    _Atomic int32_t is_begun, destroyed, closed;
    _Atomic uint64_t cuts;
    bool data_was_ours;
} stream;

/* What the receiver was sent. */
static struct {
    char bytes[MOST_BYTES];
    size_t sizes[MOST_ITEMS];
    size_t length;
    _Atomic size_t items, total;
} got;

static const spawned_message_type bytes_type = {.size = sizeof(spawned_message_type),
                                                .name = "test.bytes",
                                                .value_alignment = 1,
                                                .flags = SPAWNED_TYPE_VARIABLE};

static inline spawned_status take_bytes(spawned_context *context, void *state, void *value) {
    (void)state;
    spawned_message_info info = SPAWNED_MESSAGE_INFO_INIT;
    const spawned_status status = spawned_context_message(context, &info);
    if (status != SPAWNED_OK) return status;
    if (got.length + info.value_size > MOST_BYTES || got.items == MOST_ITEMS) return SPAWNED_ELIMIT;
    memcpy(got.bytes + got.length, value, info.value_size);
    got.length += info.value_size;
    got.sizes[got.items] = info.value_size;
    atomic_fetch_add(&got.items, 1);
    atomic_store(&got.total, got.length); /* last: who has seen the bytes asks for the items */
    return SPAWNED_OK;
}

static const spawned_handler handlers[] = {{&bytes_type, take_bytes}};
static const spawned_behavior taker = {SPAWNED_BEHAVIOR_INIT("taker"), SPAWNED_HANDLERS(handlers)};

static inline spawned_pid start_taker(harness *h) {
    memset(&got, 0, sizeof got);
    return harness_start(h, &taker, NULL);
}

static inline bool has_items(void *argument) {
    return atomic_load(&got.items) >= *(size_t *)argument;
}
static inline bool has_bytes(void *argument) {
    return atomic_load(&got.total) >= *(size_t *)argument;
}
static inline void expect_items(harness *h, size_t count) {
    assert_true(harness_wait_until(h, has_items, &count));
}

static inline void on_closed(uv_handle_t *handle) {
    atomic_store(&((stream *)handle->data)->closed, 1);
}

static inline void close_stream(void *user_data) {
    stream *one = user_data;
    one->data_was_ours = one->pipe.data == one;
    atomic_fetch_add(&one->destroyed, 1);
    uv_close((uv_handle_t *)&one->pipe, on_closed);
}

static inline void listen_here(uv_loop_t *loop, stream *one) {
    one->begun = uv_pipe_init(loop, &one->pipe, 0);
    one->pipe.data = one;
    if (one->begun == 0 && one->ends[0] >= 0) one->begun = uv_pipe_open(&one->pipe, one->ends[0]);
    if (one->begun == 0)
        one->begun = spawned_uv_listen(one->to, one->type, (uv_stream_t *)&one->pipe, one->cut, one,
                                       close_stream, one->until, &one->response);
    atomic_store(&one->is_begun, 1);
}

static inline void listen_on_the_loop(struct uv_loop_s *loop, void *user_data) {
    listen_here(loop, user_data);
}

static inline bool is_begun(void *argument) {
    return atomic_load(&((stream *)argument)->is_begun) != 0;
}
static inline bool is_closed(void *argument) {
    return atomic_load(&((stream *)argument)->closed) != 0;
}
static inline bool has_cut(void *argument) { return atomic_load(&((stream *)argument)->cuts) != 0; }

static inline void begin(harness *h, stream *one) {
    assert_ok(spawned_uv_submit(harness_runtime(h), listen_on_the_loop, one));
    assert_true(harness_wait_until(h, is_begun, one));
}

static inline void open_stream(stream *one, spawned_pid to, const spawned_message_type *type,
                               spawned_uv_cut_fn cut) {
    *one = (stream){.to = to, .type = type, .cut = cut};
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, one->ends), 0);
}

/* The outcome, after which nothing of it is left on the loop. */
static inline spawned_status finish(harness *h, stream *one) {
    const spawned_status status = spawned_response_wait(one->response, HARNESS_LONG);
    assert_int_equal(one->destroyed, 1);
    assert_true(one->data_was_ours);
    spawned_response_release(one->response);
    assert_true(harness_wait_until(h, is_closed, one));
    return status;
}

static inline void send_bytes(const stream *one, const char *bytes, size_t size) {
    assert_int_equal(write(one->ends[1], bytes, size), (ssize_t)size);
}
static inline void send_text(const stream *one, const char *text) {
    send_bytes(one, text, strlen(text));
}
static inline void hang_up(stream *one) { assert_int_equal(close(one->ends[1]), 0); }

static inline void end(spawned_pid pid) {
    assert_ok(spawned_actor_stop(pid));
    assert_ok(spawned_actor_join(pid, HARNESS_LONG));
}

/* ---- cuts ---- */

static inline spawned_status cut_line(void *user_data, const char *bytes, size_t size,
                                      size_t *out_used, void *value) {
    const char *end_of_line = memchr(bytes, '\n', size);
    atomic_fetch_add(&((stream *)user_data)->cuts, 1);
    if (value != NULL || *out_used != 0) return SPAWNED_EFAILED;
    if (end_of_line == NULL) return SPAWNED_EAGAIN;
    *out_used = (size_t)(end_of_line - bytes) + 1;
    return SPAWNED_OK;
}

/* Numbers of eight bytes; spaces between them are skipped. */
static inline spawned_status cut_number(void *user_data, const char *bytes, size_t size,
                                        size_t *out_used, void *value) {
    atomic_fetch_add(&((stream *)user_data)->cuts, 1);
    while (*out_used < size && bytes[*out_used] == ' ') ++*out_used;
    if (*out_used != 0 || size < sizeof(uint64_t)) return SPAWNED_EAGAIN;
    memcpy(value, bytes, sizeof(uint64_t));
    *out_used = sizeof(uint64_t);
    return SPAWNED_OK;
}

#endif
