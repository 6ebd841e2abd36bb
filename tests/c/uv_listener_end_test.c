/* How listeners on streams of libuv end: with either side, with what the program or the system says, or before
 * they begin; and that their streams are the program's to close.
 * modes: pool host */
#include "uv_stream.h"

#include "support/scarce.h"

static spawned_status cut_as_told(void *user_data, const char *bytes, size_t size, size_t *out_used,
                                  void *value) {
    stream *one = user_data;
    (void)bytes, (void)size, (void)value;
    *out_used = one->takes;
    if (one->says == SPAWNED_OK || one->says == SPAWNED_EAGAIN) return one->says;
    return spawned_fail(one->says, "not a word of it", SPAWNED_ZERO_TERMINATED);
}

/* SL3 */
static void receivers_end_and_the_token_end_a_listener_that_reads(void **state) {
    harness *h = *state;
    static stream one, other;
    const spawned_pid receiver = start_taker(h);
    open_stream(&one, receiver, &bytes_type, NULL);
    open_stream(&other, receiver, &bytes_type, NULL);
    assert_ok(spawned_token_create(harness_runtime(h), 0, &other.until));
    begin(h, &one);
    begin(h, &other);
    assert_ok(spawned_token_cancel(other.until));
    assert_status(finish(h, &other), SPAWNED_ESTOPPED);
    send_text(&one, "x");
    expect_items(h, 1);
    end(receiver);
    assert_status(finish(h, &one), SPAWNED_ESTOPPED);
    hang_up(&one);
    hang_up(&other);
}

static void listener_of_a_cancelled_token_ends_within_the_call(void **state) {
    harness *h = *state;
    static stream one;
    const spawned_pid receiver = start_taker(h);
    open_stream(&one, receiver, &bytes_type, NULL);
    assert_ok(spawned_token_create(harness_runtime(h), 0, &one.until));
    assert_ok(spawned_token_cancel(one.until));
    begin(h, &one);
    assert_ok(one.begun);
    assert_status(finish(h, &one), SPAWNED_ESTOPPED);
    hang_up(&one);
    end(receiver);
}

static void shutdown_ends_listeners_and_lets_their_streams_be_closed(void **state) {
    harness *h = *state;
    enum { STREAMS = 4 };
    static stream streams[STREAMS];
    const spawned_pid receiver = start_taker(h);
    for (int i = 0; i < STREAMS; i++) {
        open_stream(&streams[i], receiver, &bytes_type, i % 2 == 0 ? NULL : cut_line);
        send_text(&streams[i], "x");
        begin(h, &streams[i]);
    }
    expect_items(h, STREAMS / 2);
    assert_ok(spawned_runtime_shutdown(harness_runtime(h), HARNESS_LONG));
    for (int i = 0; i < STREAMS; i++) {
        assert_status(spawned_response_poll(streams[i].response), SPAWNED_ESTOPPED);
        assert_int_equal(streams[i].destroyed, 1);
        assert_int_equal(streams[i].closed, 1);
        spawned_response_release(streams[i].response);
        hang_up(&streams[i]);
    }
    assert_int_equal(harness_log_count(h, SPAWNED_LOG_WARNING, "left open"), 0);
}

static void expect_outcome(harness *h, spawned_pid receiver, const spawned_message_type *type,
                           spawned_status says, size_t takes, spawned_status expected) {
    static stream one;
    open_stream(&one, receiver, type, cut_as_told);
    one.says = says;
    one.takes = takes;
    begin(h, &one);
    send_text(&one, "ten bytes.");
    assert_status(finish(h, &one), expected);
    hang_up(&one);
}

/* SL4 */
static void what_the_program_says_about_the_bytes_is_the_outcome(void **state) {
    harness *h = *state;
    const spawned_pid receiver = start_taker(h);
    spawned_message_type eleven = bytes_type;
    eleven.value_size = 11;
    expect_outcome(h, receiver, &bytes_type, SPAWNED_ENOENT, 0, SPAWNED_OK);
    expect_outcome(h, receiver, &harness_number_type, SPAWNED_ENOENT, 3, SPAWNED_OK);
    expect_outcome(h, receiver, &bytes_type, SPAWNED_OK, 0, SPAWNED_EINVAL);
    expect_outcome(h, receiver, &bytes_type, SPAWNED_OK, 11, SPAWNED_EINVAL);
    expect_outcome(h, receiver, &bytes_type, SPAWNED_EAGAIN, 11, SPAWNED_EINVAL);
    expect_outcome(h, receiver, &eleven, SPAWNED_OK, 10, SPAWNED_EINVAL);
    static stream one;
    open_stream(&one, receiver, &bytes_type, cut_as_told);
    one.says = 77;
    begin(h, &one);
    send_text(&one, "?");
    const char *text = NULL;
    size_t length = 0;
    assert_status(spawned_response_wait(one.response, HARNESS_LONG), 77);
    assert_status(spawned_response_error(one.response, &text, &length), 77);
    assert_string_equal(text, "not a word of it");
    assert_status(finish(h, &one), 77);
    hang_up(&one);
    end(receiver);
}

static void failure_of_the_stream_is_the_outcome_with_the_words_of_libuv(void **state) {
    harness *h = *state;
    static stream one;
    const spawned_pid receiver = start_taker(h);
    open_stream(&one, receiver, &bytes_type, NULL);
    begin(h, &one);
    assert_int_equal(write(one.ends[0], "unread", 6), 6);
    hang_up(&one); /* resets the connection */
    const char *text = NULL;
    size_t length = 0;
    assert_status(spawned_response_wait(one.response, HARNESS_LONG), SPAWNED_ESYSTEM);
    assert_status(spawned_response_error(one.response, &text, &length), SPAWNED_ESYSTEM);
    assert_string_equal(text, "connection reset by peer");
    assert_status(finish(h, &one), SPAWNED_ESYSTEM);
    end(receiver);
}

static void limit_payload(spawned_runtime_options *options) { options->max_payload = 1000; }
static const harness_config small_payloads = {limit_payload};

static void items_beyond_the_largest_payload_end_the_listener_and_pieces_stay_below(void **state) {
    harness *h = *state;
    static stream one;
    static char bytes[1500];
    memset(bytes, 'x', sizeof bytes);
    const spawned_pid receiver = start_taker(h);
    open_stream(&one, receiver, &bytes_type, NULL);
    begin(h, &one);
    send_bytes(&one, bytes, sizeof bytes);
    hang_up(&one);
    assert_ok(finish(h, &one));
    expect_items(h, 2);
    assert_int_equal(got.sizes[0], 1000);
    open_stream(&one, receiver, &bytes_type, cut_line);
    begin(h, &one);
    send_bytes(&one, bytes, sizeof bytes);
    assert_status(finish(h, &one), SPAWNED_ETOOBIG); /* whatever else may come */
    hang_up(&one);
    open_stream(&one, receiver, &bytes_type, cut_line);
    bytes[sizeof bytes - 1] = '\n';
    begin(h, &one);
    send_bytes(&one, bytes, sizeof bytes);
    assert_status(finish(h, &one), SPAWNED_ETOOBIG);
    hang_up(&one);
    end(receiver);
}

/* The tracked value of an item: a byte. */
static harness *tracker;
static spawned_status cut_byte(void *user_data, const char *bytes, size_t size, size_t *out_used,
                               void *value) {
    (void)user_data, (void)bytes, (void)size;
    *(harness_tracked *)value = harness_tracked_make(tracker, 1);
    *out_used = 1;
    return SPAWNED_OK;
}

static void listen_to_a_stream(scarce *world) {
    const spawned_pid receiver = scarce_start(world);
    static stream one;
    if (receiver == 0) return;
    open_stream(&one, receiver, &harness_tracked_type, cut_byte);
    tracker = world->h;
    send_text(&one, "abc");
    hang_up(&one);
    if (!OK(spawned_uv_submit(world->runtime, listen_on_the_loop, &one))) {
        (void)close(one.ends[0]);
        return;
    }
    /* In a hosted runtime the wait, which needs no memory, runs the loop. */
    while (!is_begun(&one)) (void)spawned_actor_join(receiver, SPAWNED_MILLISECOND);
    if (OK(one.begun)) (void)OUTCOME(spawned_response_wait(one.response, HARNESS_LONG));
    if (one.destroyed != 1) (void)scarce_ok(world, "end of a source", SPAWNED_EFAILED);
    spawned_response_release(one.response);
}

static void refused_allocation_loses_nothing_that_is_read_and_lets_the_stream_be_closed(
    void **state) {
    assert_true(scarce_sweep(*state, "listen to a stream", listen_to_a_stream));
}

static void stream_on_a_loop_of_the_program_ends_with_the_runtime(void **state) {
    harness *h = *state;
    if (harness_mode_of(h) != HARNESS_HOST) skip();
    uv_loop_t loop;
    spawned_runtime *runtime = NULL;
    spawned_host *host = NULL;
    spawned_runtime_options options;
    spawned_pid receiver = 0;
    static stream one;
    assert_int_equal(uv_loop_init(&loop), 0);
    harness_runtime_options(h, &options);
    assert_ok(spawned_runtime_create(&options, &runtime));
    assert_ok(spawned_uv_host_create(runtime, &loop, NULL, &host));
    memset(&got, 0, sizeof got);
    assert_ok(spawned_actor_start(runtime, &taker, NULL, &receiver));
    open_stream(&one, receiver, &bytes_type, cut_line);
    send_text(&one, "a\nb\n");
    listen_here(&loop, &one);
    assert_ok(one.begun);
    while (got.items < 2) (void)uv_run(&loop, UV_RUN_ONCE);
    assert_ok(spawned_runtime_destroy(runtime));
    assert_status(spawned_response_poll(one.response), SPAWNED_ESTOPPED);
    assert_int_equal(uv_run(&loop, UV_RUN_DEFAULT), 0);
    assert_ok(finish(h, &one) == SPAWNED_ESTOPPED ? SPAWNED_OK : SPAWNED_EFAILED);
    assert_int_equal(uv_loop_close(&loop), 0);
    hang_up(&one);
}

static void refuse(harness *h, spawned_status expected, spawned_pid to,
                   const spawned_message_type *type, spawned_uv_cut_fn cut, spawned_token until) {
    static stream one;
    open_stream(&one, to, type, cut);
    one.until = until;
    begin(h, &one);
    assert_status(one.begun, expected);
    assert_status(finish(h, &one), expected);
    hang_up(&one);
}

static void listen_to_an_unopened_pipe(harness *h, spawned_pid receiver) {
    static stream one;
    one = (stream){.ends = {-1, -1}, .to = receiver, .type = &bytes_type};
    begin(h, &one);
    assert_status(one.begun, SPAWNED_EINVAL);
    assert_status(finish(h, &one), SPAWNED_EINVAL);
}

static stream *read_before;

static void listen_to_it_again(struct uv_loop_s *loop, void *user_data) {
    stream *one = user_data;
    (void)loop;
    one->begun = spawned_uv_listen(one->to, one->type, (uv_stream_t *)&read_before->pipe, NULL, one,
                                   NULL, 0, &one->response);
    atomic_store(&one->is_begun, 1);
}

/* AB04 */
static void streams_that_cannot_be_listened_to_are_refused(void **state) {
    harness *h = *state;
    const spawned_pid receiver = start_taker(h);
    spawned_message_type large = harness_number_type;
    large.value_size = (size_t)1 << 30;
    refuse(h, SPAWNED_EINVAL, 0, &bytes_type, NULL, 0);
    refuse(h, SPAWNED_EINVAL, receiver, NULL, NULL, 0);
    refuse(h, SPAWNED_EINVAL, receiver, &bytes_type, NULL, UINT64_MAX);
    refuse(h, SPAWNED_EUNSUPPORTED, receiver, &harness_number_type, NULL, 0);
    refuse(h, SPAWNED_ETOOBIG, receiver, &large, cut_number, 0);
    listen_to_an_unopened_pipe(h, receiver);
    spawned_response *response = NULL;
    assert_status(spawned_uv_listen(receiver, &bytes_type, NULL, NULL, NULL, NULL, 0, &response),
                  SPAWNED_EINVAL);
    assert_status(script_finish(response), SPAWNED_EINVAL);
    uv_loop_t loop;
    uv_pipe_t foreign;
    uv_timer_t no_stream;
    assert_int_equal(uv_loop_init(&loop), 0);
    assert_int_equal(uv_pipe_init(&loop, &foreign, 0), 0);
    assert_int_equal(uv_timer_init(&loop, &no_stream), 0);
    uv_stream_t *const wrong[] = {(uv_stream_t *)&foreign, (uv_stream_t *)&no_stream};
    for (size_t i = 0; i < 2; i++) {
        assert_status(spawned_uv_listen(receiver, &bytes_type, wrong[i], NULL, NULL, NULL, 0,
                                        &response),
                      SPAWNED_EINVAL);
        assert_status(script_finish(response), SPAWNED_EINVAL);
    }
    assert_status(spawned_uv_listen(receiver, &bytes_type, wrong[0], NULL, NULL, NULL, 0, NULL),
                  SPAWNED_EINVAL);
    uv_close((uv_handle_t *)&foreign, NULL);
    uv_close((uv_handle_t *)&no_stream, NULL);
    assert_int_equal(uv_run(&loop, UV_RUN_DEFAULT), 0);
    assert_int_equal(uv_loop_close(&loop), 0);
    static stream first, second;
    open_stream(&first, receiver, &bytes_type, NULL);
    second = (stream){.to = receiver, .type = &bytes_type};
    begin(h, &first);
    read_before = &first;
    assert_ok(spawned_uv_submit(harness_runtime(h), listen_to_it_again, &second));
    assert_true(harness_wait_until(h, is_begun, &second));
    assert_status(second.begun, SPAWNED_EALREADY);
    spawned_response_release(second.response);
    send_text(&first, "x"); /* which goes on */
    expect_items(h, 1);
    end(receiver);
    assert_status(finish(h, &first), SPAWNED_ESTOPPED);
    hang_up(&first);
    refuse(h, SPAWNED_ESTOPPED, receiver, &bytes_type, NULL, 0);
}

static void deterministic_runtime_has_no_streams(void **state) {
    (void)state;
    spawned_runtime_options options = SPAWNED_RUNTIME_OPTIONS_INIT;
    options.flags = SPAWNED_RUNTIME_DETERMINISTIC;
    spawned_runtime *runtime = NULL;
    spawned_pid receiver = 0;
    spawned_response *response = NULL;
    static uv_pipe_t pipe;
    assert_ok(spawned_runtime_create(&options, &runtime));
    assert_ok(spawned_actor_start(runtime, &taker, NULL, &receiver));
    assert_status(spawned_uv_listen(receiver, &bytes_type, (uv_stream_t *)&pipe, NULL, NULL, NULL,
                                    0, &response),
                  SPAWNED_EUNSUPPORTED);
    assert_status(script_finish(response), SPAWNED_EUNSUPPORTED);
    assert_ok(spawned_runtime_destroy(runtime));
}

int main(int argc, char **argv) {
    static const struct CMUnitTest tests[] = {
        HARNESS_TEST(receivers_end_and_the_token_end_a_listener_that_reads),
        HARNESS_TEST(listener_of_a_cancelled_token_ends_within_the_call),
        HARNESS_TEST(shutdown_ends_listeners_and_lets_their_streams_be_closed),
        HARNESS_TEST(what_the_program_says_about_the_bytes_is_the_outcome),
        HARNESS_TEST(failure_of_the_stream_is_the_outcome_with_the_words_of_libuv),
        HARNESS_TEST_WITH(items_beyond_the_largest_payload_end_the_listener_and_pieces_stay_below,
                          &small_payloads),
        HARNESS_TEST(refused_allocation_loses_nothing_that_is_read_and_lets_the_stream_be_closed),
        HARNESS_TEST(stream_on_a_loop_of_the_program_ends_with_the_runtime),
        HARNESS_TEST(streams_that_cannot_be_listened_to_are_refused),
        HARNESS_TEST(deterministic_runtime_has_no_streams),
    };
    return harness_main(argc, argv, tests, sizeof tests / sizeof *tests);
}
