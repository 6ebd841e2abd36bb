/* Descriptors feed mailboxes on the runtime's loop: nothing is lost or reordered, they are not polled while the
 * mailbox is full, and are closed once they are polled no more. */
#include <uv.h>

#include <spawned/uv.h>

#include "support/contract.h"
#include "support/script.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* One end of a pair of sockets, read by a listener; the test writes to the other one. */
typedef struct line {
    harness *h;
    int ends[2];
    spawned_response *response;
    spawned_token until;
    spawned_status fails_with; /* in place of the first item */
    uint64_t held_back; /* numbers made up from here down to 1, before the descriptor is read */
    harness_probe *receiver; /* how far behind is it? */
    _Atomic uint64_t asked, made, furthest;
    _Atomic int destroyed;
    _Atomic bool inside;
    _Atomic int overlaps;
} line;

static spawned_status next_number(line *one, uint64_t *number) {
    if (one->fails_with != SPAWNED_OK)
        return spawned_fail(one->fails_with, "the line is dead", SPAWNED_ZERO_TERMINATED);
    if (one->held_back != 0) {
        *number = one->held_back--;
        return SPAWNED_OK;
    }
    const ssize_t size = read(one->ends[0], number, sizeof *number);
    if (size == 0) return SPAWNED_ENOENT;
    if (size < 0) return errno == EAGAIN ? SPAWNED_EAGAIN : errno;
    return size == sizeof *number ? SPAWNED_OK : SPAWNED_EFAILED;
}

static spawned_status next_item(void *user_data, void *value) {
    line *one = user_data;
    if (atomic_exchange(&one->inside, true)) atomic_fetch_add(&one->overlaps, 1);
    uint64_t number = 0;
    const spawned_status status = next_number(one, &number);
    if (status == SPAWNED_OK) {
        *(harness_tracked *)value = harness_tracked_make(one->h, number);
        atomic_fetch_add(&one->made, 1);
        if (one->receiver != NULL) {
            const uint64_t ahead = one->made - harness_probe_count(one->receiver, HARNESS_MESSAGE);
            if (ahead > one->furthest) one->furthest = ahead;
        }
    }
    atomic_fetch_add(&one->asked, 1);
    atomic_store(&one->inside, false);
    return status;
}

static void close_line(void *user_data) {
    line *one = user_data;
    (void)close(one->ends[0]);
    atomic_fetch_add(&one->destroyed, 1);
}

static void open_line(line *one, harness *h) {
    *one = (line){.h = h};
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, one->ends), 0);
}

static spawned_status begin(line *one, spawned_pid to) {
    return spawned_listen_descriptor(to, &harness_tracked_type, one->ends[0], next_item, one,
                                     close_line, one->until, &one->response);
}

static void write_numbers(const line *one, uint64_t first, uint64_t last) {
    uint64_t numbers[300];
    for (uint64_t i = first; i <= last; i++) numbers[i - first] = i;
    const size_t bytes = (size_t)(last - first + 1) * sizeof *numbers;
    assert_int_equal(write(one->ends[1], numbers, bytes), (ssize_t)bytes);
}

static spawned_pid start_bounded(harness *h, harness_probe *probe, spawned_overflow overflow) {
    spawned_actor_options options = SPAWNED_ACTOR_OPTIONS_INIT;
    options.capacity = 3;
    options.overflow = overflow;
    return harness_probe_start(h, probe, &options);
}

static bool was_asked(void *argument) { return atomic_load(&((line *)argument)->asked) != 0; }
static bool is_closed(void *argument) { return atomic_load(&((line *)argument)->destroyed) != 0; }

static void end(spawned_pid pid) {
    assert_ok(spawned_actor_stop(pid));
    assert_ok(spawned_actor_join(pid, HARNESS_LONG));
}

static void expect_numbers(harness_probe *probe, uint64_t first, uint64_t last) {
    harness_event event;
    for (uint64_t i = first; i <= last; i++) {
        assert_true(harness_probe_event(probe, (size_t)i + 1, &event));
        assert_int_equal(event.number, i);
    }
}

#define REQUIRE_LOOP(h)                          \
    do {                                         \
        if (harness_is_deterministic(h)) skip(); \
    } while (0)

/* SL1, SL2 */
static void what_is_read_arrives_in_order_until_the_other_end_is_closed(void **state) {
    harness *h = *state;
    REQUIRE_LOOP(h);
    harness_probe *probe = harness_probe_new(h);
    const spawned_pid receiver = harness_probe_start(h, probe, NULL);
    static line one;
    open_line(&one, h);
    write_numbers(&one, 1, 2);
    assert_ok(begin(&one, receiver));
    assert_true(harness_probe_wait(probe, HARNESS_MESSAGE, 2));
    write_numbers(&one, 3, 200);
    assert_true(harness_probe_wait(probe, HARNESS_MESSAGE, 200));
    assert_status(spawned_response_poll(one.response), SPAWNED_EAGAIN);
    assert_int_equal(close(one.ends[1]), 0);
    assert_ok(script_finish(one.response));
    assert_int_equal(one.destroyed, 1);
    assert_int_equal(one.overlaps, 0);
    expect_numbers(probe, 1, 200);
    end(receiver);
}

static bool is_ahead(void *argument) { return atomic_load(&((line *)argument)->furthest) > 3; }

static void pause_while_full(harness *h, spawned_overflow overflow) {
    enum { ITEMS = 300, CAPACITY = 3 };
    harness_probe *probe = harness_probe_new(h);
    const spawned_pid receiver = start_bounded(h, probe, overflow);
    static line one;
    open_line(&one, h);
    one.receiver = probe;
    assert_ok(begin(&one, receiver));
    assert_true(harness_wait_until(h, was_asked, &one)); /* it is polled */
    harness_gate *gate = harness_gate_new(h);
    if (!harness_is_alone(h)) assert_true(harness_probe_hold(probe, receiver, gate));
    write_numbers(&one, 1, ITEMS);
    /* A host cannot be held. */
    if (!harness_is_alone(h)) assert_true(harness_wait_until(h, is_ahead, &one));
    harness_gate_open(gate);
    assert_true(harness_probe_wait(probe, HARNESS_MESSAGE, ITEMS));
    assert_int_equal(close(one.ends[1]), 0);
    assert_ok(script_finish(one.response));
    harness_event event;
    const size_t first = harness_probe_total(probe) - ITEMS;
    for (size_t i = 0; i < ITEMS; i++) {
        assert_true(harness_probe_event(probe, first + i, &event));
        assert_int_equal(event.number, i + 1);
    }
    /* In the mailbox, in the source's hand, and one in the actor's. */
    assert_in_range(one.furthest, 1, CAPACITY + 2);
    end(receiver);
}

/* SL7 */
static void descriptor_is_not_read_while_the_mailbox_is_full(void **state) {
    REQUIRE_LOOP((harness *)*state);
    pause_while_full(*state, SPAWNED_OVERFLOW_BLOCK);
    pause_while_full(*state, SPAWNED_OVERFLOW_REJECT);
}

static void items_held_back_by_the_source_are_asked_for_before_the_descriptor_is_polled(
    void **state) {
    harness *h = *state;
    REQUIRE_LOOP(h);
    harness_probe *probe = harness_probe_new(h);
    const spawned_pid receiver = harness_probe_start(h, probe, NULL);
    static line one;
    open_line(&one, h);
    one.held_back = 500; /* more than are taken at once */
    assert_ok(begin(&one, receiver));
    assert_true(harness_probe_wait(probe, HARNESS_MESSAGE, 500));
    assert_int_equal(close(one.ends[1]), 0);
    assert_ok(script_finish(one.response));
    end(receiver);
}

/* SL3 */
static void receivers_end_ends_a_listener_that_waits_for_its_descriptor(void **state) {
    harness *h = *state;
    REQUIRE_LOOP(h);
    harness_probe *probe = harness_probe_new(h);
    const spawned_pid receiver = harness_probe_start(h, probe, NULL);
    static line one;
    open_line(&one, h);
    assert_ok(begin(&one, receiver));
    write_numbers(&one, 1, 1);
    assert_true(harness_probe_wait(probe, HARNESS_MESSAGE, 1));
    end(receiver);
    assert_status(script_finish(one.response), SPAWNED_ESTOPPED);
    assert_int_equal(one.destroyed, 1);
    assert_int_equal(close(one.ends[1]), 0);
}

static void token_ends_a_listener_that_waits_for_room(void **state) {
    harness *h = *state;
    REQUIRE_THREADS(h);
    harness_probe *probe = harness_probe_new(h);
    const spawned_pid receiver = start_bounded(h, probe, SPAWNED_OVERFLOW_BLOCK);
    harness_gate *gate = harness_gate_new(h);
    assert_true(harness_probe_hold(probe, receiver, gate));
    static line one;
    open_line(&one, h);
    assert_ok(spawned_token_create(harness_runtime(h), 0, &one.until));
    write_numbers(&one, 1, 100);
    assert_ok(begin(&one, receiver));
    assert_true(harness_wait_until(h, was_asked, &one));
    assert_ok(spawned_token_cancel(one.until));
    assert_status(script_finish(one.response), SPAWNED_ESTOPPED); /* the gate is closed yet */
    assert_int_equal(one.destroyed, 1);
    harness_gate_open(gate);
    end(receiver);
    assert_int_equal(close(one.ends[1]), 0);
    assert_int_equal(harness_tracked_created(h), harness_tracked_destroyed(h));
}

static void listener_of_a_cancelled_token_asks_for_nothing(void **state) {
    harness *h = *state;
    REQUIRE_LOOP(h);
    const spawned_pid receiver = script_start(h);
    static line one;
    open_line(&one, h);
    write_numbers(&one, 1, 1);
    assert_ok(spawned_token_create(harness_runtime(h), 0, &one.until));
    assert_ok(spawned_token_cancel(one.until));
    assert_ok(begin(&one, receiver));
    assert_status(script_finish(one.response), SPAWNED_ESTOPPED);
    assert_int_equal(one.asked, 0);
    assert_int_equal(one.destroyed, 1);
    assert_int_equal(close(one.ends[1]), 0);
    end(receiver);
}

/* SL4 */
static void failure_of_the_source_is_the_outcome_with_its_text(void **state) {
    harness *h = *state;
    REQUIRE_LOOP(h);
    const spawned_pid receiver = script_start(h);
    static line one;
    open_line(&one, h);
    one.fails_with = 77;
    assert_ok(begin(&one, receiver));
    const char *text = NULL;
    size_t length = 0;
    assert_status(spawned_response_wait(one.response, HARNESS_LONG), 77);
    assert_status(spawned_response_error(one.response, &text, &length), 77);
    assert_string_equal(text, "the line is dead");
    spawned_response_release(one.response);
    assert_int_equal(one.destroyed, 1);
    assert_int_equal(close(one.ends[1]), 0);
    end(receiver);
}

static spawned_status nothing_now(void *user_data, void *value) {
    (void)value;
    atomic_fetch_add(&((line *)user_data)->asked, 1);
    return SPAWNED_EAGAIN;
}

/* The writing end of a pipe that nobody reads any more. */
static void descriptor_that_breaks_ends_a_source_that_waits_for_it(void **state) {
    harness *h = *state;
    REQUIRE_LOOP(h);
    const spawned_pid receiver = script_start(h);
    static line one;
    one = (line){.h = h};
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    one.ends[0] = ends[1];
    assert_ok(spawned_listen_descriptor(receiver, &harness_tracked_type, ends[1], nothing_now, &one,
                                        close_line, 0, &one.response));
    assert_true(harness_wait_until(h, was_asked, &one));
    assert_int_equal(close(ends[0]), 0);
    assert_status(script_finish(one.response), SPAWNED_ESYSTEM);
    assert_int_equal(one.destroyed, 1);
    end(receiver);
}

static void draining_receiver_ends_the_listener(void **state) {
    harness *h = *state;
    REQUIRE_THREADS(h);
    harness_probe *probe = harness_probe_new(h);
    const spawned_pid receiver = harness_probe_start(h, probe, NULL);
    harness_gate *gate = harness_gate_new(h);
    assert_true(harness_probe_hold(probe, receiver, gate));
    static line one;
    open_line(&one, h);
    assert_ok(begin(&one, receiver));
    assert_ok(spawned_actor_drain(receiver, SPAWNED_FOREVER));
    write_numbers(&one, 1, 1);
    assert_status(script_finish(one.response), SPAWNED_ESTOPPING);
    harness_gate_open(gate);
    assert_ok(spawned_actor_join(receiver, HARNESS_LONG));
    assert_int_equal(close(one.ends[1]), 0);
}

static void shutdown_ends_listeners_that_read_and_those_that_pause(void **state) {
    harness *h = *state;
    REQUIRE_LOOP(h);
    enum { LINES = 8 };
    harness_probe *probe = harness_probe_new(h);
    const spawned_pid receiver = start_bounded(h, probe, SPAWNED_OVERFLOW_BLOCK);
    static line lines[LINES];
    for (int i = 0; i < LINES; i++) {
        open_line(&lines[i], h);
        if (i % 2 == 0) write_numbers(&lines[i], 1, 100);
        assert_ok(begin(&lines[i], receiver));
    }
    for (int i = 0; i < LINES; i++) assert_true(harness_wait_until(h, was_asked, &lines[i]));
    assert_ok(spawned_runtime_shutdown(harness_runtime(h), HARNESS_LONG));
    for (int i = 0; i < LINES; i++) {
        assert_status(spawned_response_poll(lines[i].response), SPAWNED_ESTOPPED);
        assert_int_equal(lines[i].destroyed, 1);
        spawned_response_release(lines[i].response);
        assert_int_equal(close(lines[i].ends[1]), 0);
    }
    assert_int_equal(harness_log_count(h, SPAWNED_LOG_WARNING, "left open"), 0);
    assert_int_equal(harness_tracked_created(h), harness_tracked_destroyed(h));
}

static void releasing_the_response_changes_nothing(void **state) {
    harness *h = *state;
    REQUIRE_LOOP(h);
    harness_probe *probe = harness_probe_new(h);
    const spawned_pid receiver = harness_probe_start(h, probe, NULL);
    static line one;
    open_line(&one, h);
    assert_ok(begin(&one, receiver));
    spawned_response_release(one.response);
    write_numbers(&one, 1, 3);
    assert_true(harness_probe_wait(probe, HARNESS_MESSAGE, 3));
    end(receiver);
    assert_true(harness_wait_until(h, is_closed, &one));
    assert_int_equal(close(one.ends[1]), 0);
}

/* b.11 */
static void child_leaves_the_descriptors_of_its_parent_alone(void **state) {
    harness *h = *state;
    REQUIRE_LOOP(h);
    harness_probe *probe = harness_probe_new(h);
    const spawned_pid receiver = harness_probe_start(h, probe, NULL);
    static line one;
    open_line(&one, h);
    assert_ok(begin(&one, receiver));
    assert_true(harness_wait_until(h, was_asked, &one));
    const pid_t child = fork();
    if (child == 0) {
        static line late;
        const spawned_status status = begin(&late, receiver);
        _exit(status == SPAWNED_EFORKED && late.destroyed == 1 && one.destroyed == 0 ? 0 : 1);
    }
    int status = 0;
    assert_true(child > 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    write_numbers(&one, 1, 1);
    assert_true(harness_probe_wait(probe, HARNESS_MESSAGE, 1));
    assert_int_equal(close(one.ends[1]), 0);
    assert_ok(script_finish(one.response));
    end(receiver);
}

/* The handle of libuv is closed by the loop's next run, maybe after the runtime's end. */
static void listener_on_a_loop_of_the_program_ends_with_the_runtime(void **state) {
    harness *h = *state;
    if (harness_mode_of(h) != HARNESS_HOST) skip();
    uv_loop_t loop;
    spawned_runtime *runtime = NULL;
    spawned_host *host = NULL;
    spawned_runtime_options options;
    spawned_actor_options start = SPAWNED_ACTOR_OPTIONS_INIT;
    spawned_pid receiver = 0;
    harness_probe *probe = harness_probe_new(h);
    assert_int_equal(uv_loop_init(&loop), 0);
    harness_runtime_options(h, &options);
    assert_ok(spawned_runtime_create(&options, &runtime));
    assert_ok(spawned_uv_host_create(runtime, &loop, NULL, &host));
    start.argument = probe;
    start.capacity = 2;
    start.overflow = SPAWNED_OVERFLOW_BLOCK;
    assert_ok(spawned_actor_start(runtime, &harness_probe_behavior, &start, &receiver));
    static line one, other;
    open_line(&one, h);
    open_line(&other, h);
    write_numbers(&one, 1, 50);
    assert_int_equal(close(one.ends[1]), 0);
    assert_ok(begin(&one, receiver));
    assert_int_equal(uv_run(&loop, UV_RUN_DEFAULT), 0);
    assert_ok(script_finish(one.response));
    expect_numbers(probe, 1, 50);
    assert_ok(begin(&other, receiver));
    assert_true(uv_run(&loop, UV_RUN_NOWAIT) != 0); /* it keeps the loop going */
    assert_ok(spawned_runtime_destroy(runtime));
    assert_int_equal(other.destroyed, 1);
    assert_status(script_finish(other.response), SPAWNED_ESTOPPED);
    assert_int_equal(uv_run(&loop, UV_RUN_DEFAULT), 0);
    assert_int_equal(uv_loop_close(&loop), 0);
    assert_int_equal(close(other.ends[1]), 0);
}

static void end_line(void *user_data) { atomic_fetch_add(&((line *)user_data)->destroyed, 1); }

static void refuse(line *one, spawned_status expected, spawned_pid to,
                   const spawned_message_type *type, int descriptor, spawned_listener_fn next,
                   spawned_token until) {
    *one = (line){0};
    assert_status(spawned_listen_descriptor(to, type, descriptor, next, one, end_line, until,
                                            &one->response),
                  expected);
    assert_int_equal(one->destroyed, 1);
    assert_status(script_finish(one->response), expected);
}

/* AB04 */
static void descriptors_that_cannot_be_listened_to_are_refused(void **state) {
    harness *h = *state;
    const spawned_pid receiver = script_start(h);
    const spawned_message_type *type = &harness_number_type;
    spawned_message_type variable = harness_number_type, large = harness_number_type;
    variable.flags = SPAWNED_TYPE_VARIABLE;
    large.value_size = (size_t)1 << 30;
    static line one, first, second;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    const int file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    const int folder = open("/", O_RDONLY | O_CLOEXEC);
    refuse(&one, SPAWNED_EINVAL, 0, type, ends[0], next_item, 0);
    refuse(&one, SPAWNED_EINVAL, receiver, NULL, ends[0], next_item, 0);
    refuse(&one, SPAWNED_EINVAL, receiver, type, ends[0], NULL, 0);
    refuse(&one, SPAWNED_EINVAL, receiver, type, -1, next_item, 0);
    refuse(&one, SPAWNED_EINVAL, receiver, type, 1000000, next_item, 0);
    refuse(&one, SPAWNED_EINVAL, receiver, type, ends[0], next_item, UINT64_MAX);
    refuse(&one, SPAWNED_EUNSUPPORTED, receiver, type, file, next_item, 0);
    refuse(&one, SPAWNED_EUNSUPPORTED, receiver, type, folder, next_item, 0);
    refuse(&one, SPAWNED_EUNSUPPORTED, receiver, &variable, ends[0], next_item, 0);
    refuse(&one, SPAWNED_ETOOBIG, receiver, &large, ends[0], next_item, 0);
    one = (line){0};
    assert_status(spawned_listen_descriptor(receiver, type, ends[0], next_item, &one, end_line, 0,
                                            NULL),
                  SPAWNED_EINVAL);
    assert_int_equal(one.destroyed, 1);
    if (harness_is_deterministic(h)) {
        refuse(&one, SPAWNED_EUNSUPPORTED, receiver, type, ends[0], next_item, 0);
    } else { /* polled twice */
        first = second = (line){.ends = {ends[0], ends[1]}};
        assert_ok(spawned_listen_descriptor(receiver, type, ends[0], next_item, &first, end_line, 0,
                                            &first.response));
        assert_true(harness_wait_until(h, was_asked, &first));
        assert_ok(spawned_listen_descriptor(receiver, type, ends[0], next_item, &second, end_line,
                                            0, &second.response));
        assert_status(script_finish(second.response), SPAWNED_EEXIST);
        assert_int_equal(second.destroyed, 1);
    }
    end(receiver);
    if (!harness_is_deterministic(h))
        assert_status(script_finish(first.response), SPAWNED_ESTOPPED);
    refuse(&one, SPAWNED_ESTOPPED, receiver, type, ends[0], next_item, 0);
    (void)close(file), (void)close(folder), (void)close(ends[0]), (void)close(ends[1]);
}

int main(int argc, char **argv) {
    static const struct CMUnitTest tests[] = {
        HARNESS_TEST(what_is_read_arrives_in_order_until_the_other_end_is_closed),
        HARNESS_TEST(descriptor_is_not_read_while_the_mailbox_is_full),
        HARNESS_TEST(items_held_back_by_the_source_are_asked_for_before_the_descriptor_is_polled),
        HARNESS_TEST(receivers_end_ends_a_listener_that_waits_for_its_descriptor),
        HARNESS_TEST(token_ends_a_listener_that_waits_for_room),
        HARNESS_TEST(listener_of_a_cancelled_token_asks_for_nothing),
        HARNESS_TEST(failure_of_the_source_is_the_outcome_with_its_text),
        HARNESS_TEST(descriptor_that_breaks_ends_a_source_that_waits_for_it),
        HARNESS_TEST(draining_receiver_ends_the_listener),
        HARNESS_TEST(shutdown_ends_listeners_that_read_and_those_that_pause),
        HARNESS_TEST(releasing_the_response_changes_nothing),
        HARNESS_TEST(child_leaves_the_descriptors_of_its_parent_alone),
        HARNESS_TEST(listener_on_a_loop_of_the_program_ends_with_the_runtime),
        HARNESS_TEST(descriptors_that_cannot_be_listened_to_are_refused),
    };
    return harness_main(argc, argv, tests, sizeof tests / sizeof *tests);
}
