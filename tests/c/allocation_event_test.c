/* Running out of memory among events: as allocation_test.c.
 * timeout: 240 */
#include "support/contract.h"
#include "support/scarce.h"

#include <signal.h>
#include <unistd.h>

static spawned_message *gift_for(scarce *world, spawned_pid to) {
    const script_gift gift = {{script_nothing, NULL}, harness_tracked_make(world->h, 1)};
    spawned_message *message = NULL;
    return OK(spawned_message_create(to, &script_give_type, &gift, &message)) ? message : NULL;
}

static void watch_ends(scarce *world) {
    const spawned_pid watched = scarce_start(world), receiver = scarce_start(world);
    if (watched == 0 || receiver == 0) return;
    spawned_response *response = NULL;
    spawned_event event = 0;
    spawned_message *first = gift_for(world, receiver), *second = gift_for(world, receiver);
    if (first != NULL) (void)OK(spawned_send_on_end(watched, first, NULL));
    if (second != NULL && OK(spawned_send_on_end(watched, second, &event)))
        (void)OK(spawned_event_cancel(event)); /* taking away needs no memory */
    const bool waits = OK(spawned_actor_end_response(watched, HARNESS_LONG, &response));
    (void)OK(spawned_actor_stop(watched)); /* nor does what was promised */
    if (waits) (void)OUTCOME(spawned_response_wait(response, HARNESS_LONG));
    spawned_response_release(response);
    (void)OK(spawned_actor_join(watched, HARNESS_LONG));
}

static void count(void *user_data) { ++*(int *)user_data; }

static void cancel_tokens(scarce *world) {
    const spawned_pid receiver = scarce_start(world);
    spawned_token parent = 0, child = 0, own = 0;
    if (!OK(spawned_token_create(world->runtime, 0, &parent))) return;
    const bool has_child = OK(spawned_token_create(world->runtime, parent, &child));
    static int calls;
    calls = 0;
    const bool called = has_child && OK(spawned_token_on_cancel(child, count, &calls, NULL));
    spawned_response *response = NULL;
    const bool waits = OK(spawned_token_response(parent, HARNESS_LONG, &response));
    if (receiver != 0) {
        spawned_message *message = gift_for(world, receiver);
        if (message != NULL) (void)OK(spawned_send_on_cancel(parent, message, NULL));
        (void)OK(spawned_token_of_actor(receiver, &own));
    }
    (void)OK(spawned_token_cancel(parent));
    if (called && calls != 1) (void)scarce_ok(world, "calls of a callback", SPAWNED_EFAILED);
    if (waits) (void)OUTCOME(spawned_response_wait(response, HARNESS_LONG));
    spawned_response_release(response);
}

static spawned_status build(void *user_data, void *value) {
    scarce *world = user_data;
    if (value != NULL) *(harness_tracked *)value = harness_tracked_make(world->h, 1);
    return SPAWNED_OK;
}

static spawned_status fail_with_words(void *user_data, void *value) {
    (void)user_data, (void)value;
    return spawned_fail(66, "a failure whose words need room", SPAWNED_ZERO_TERMINATED);
}

static spawned_status leave(void *user_data, void *value) {
    (void)user_data, (void)value;
    return SPAWNED_OK;
}

static void work(scarce *world) {
    const spawned_pid receiver = scarce_start(world);
    spawned_response *response = NULL, *failing = NULL;
    if (OK(spawned_work_start(world->runtime, &harness_tracked_type, build, world, NULL, 0,
                              HARNESS_LONG, &response)))
        (void)OUTCOME(spawned_response_wait(response, HARNESS_LONG));
    spawned_response_release(response);
    if (OK(spawned_work_start(world->runtime, NULL, fail_with_words, NULL, NULL, 0, HARNESS_LONG,
                              &failing))) {
        const spawned_status status = spawned_response_wait(failing, HARNESS_LONG);
        if (status != 66) (void)OUTCOME(status); /* the code survives */
    }
    spawned_response_release(failing);
    spawned_message *message = receiver != 0 ? gift_for(world, receiver) : NULL;
    if (message != NULL) (void)OK(spawned_send_on_work(leave, NULL, NULL, message, NULL));
}

static void task_groups(scarce *world) {
    spawned_task_group *group = NULL;
    spawned_response *sleep = NULL, *joined = NULL;
    if (!OK(spawned_task_group_create(world->runtime, 0, &group))) return;
    uint64_t tasks = 0;
    for (int i = 0; i < 10; i++) /* the table grows */
        tasks += OK(spawned_task_group_start(group, &harness_tracked_type, build, world, NULL));
    tasks += OK(spawned_task_group_start(group, NULL, fail_with_words, NULL, NULL));
    if (OK(spawned_sleep(world->runtime, SPAWNED_MILLISECOND, &sleep)))
        tasks += OK(spawned_task_group_add(group, sleep));
    if (OK(spawned_task_group_join(group, SPAWNED_JOIN_ALL, HARNESS_LONG, &joined))) {
        uint64_t ended = 0;
        if (OUTCOME(spawned_response_wait(joined, HARNESS_LONG)))
            (void)OK(spawned_response_take(joined, &ended));
        if (ended != tasks) (void)scarce_ok(world, "number of tasks", SPAWNED_EFAILED);
    }
    spawned_response_release(joined);
    spawned_task_group_release(group);
}

static void signals(scarce *world) {
    const spawned_pid receiver = scarce_start(world);
    spawned_response *response = NULL;
    spawned_event event = 0;
    const bool waits =
        OK(spawned_signal_response(world->runtime, SIGUSR1, 0, HARNESS_LONG, &response));
    const uint64_t number = 1;
    spawned_message *once = receiver != 0 ? gift_for(world, receiver) : NULL, *often = NULL;
    if (once != NULL) (void)OK(spawned_send_on_signal(SIGUSR1, once, 0, NULL));
    const bool repeats =
        receiver != 0 &&
        OK(spawned_message_create(receiver, &harness_number_type, &number, &often)) &&
        OK(spawned_send_on_signal(SIGUSR1, often, SPAWNED_SIGNAL_REPEAT, &event));
    for (int i = 0; i < 2; i++) {
        const spawned_status status = spawned_signal_raise(world->runtime, SIGUSR1);
        if (status != SPAWNED_ENOENT) (void)OK(status); /* nobody was let in, or all are served */
    }
    if (repeats) (void)OK(spawned_event_cancel(event));
    if (waits) (void)OUTCOME(spawned_response_poll(response));
    spawned_response_release(response);
}

typedef struct gifts {
    scarce *world;
    int left;
    _Atomic int destroyed;
} gifts;

static spawned_status next_gift(void *user_data, void *value) {
    gifts *source = user_data;
    return source->left-- == 0 ? SPAWNED_ENOENT : build(source->world, value);
}

static void end_gifts(void *user_data) { atomic_fetch_add(&((gifts *)user_data)->destroyed, 1); }

static void listen_to_gifts(scarce *world) {
    const spawned_pid receiver = scarce_start(world);
    if (receiver == 0) return;
    spawned_response *response = NULL;
    static gifts source;
    source = (gifts){.world = world, .left = 2};
    if (OK(spawned_listen(receiver, &harness_tracked_type, next_gift, &source, end_gifts, 0,
                          &response)))
        (void)OUTCOME(spawned_response_wait(response, HARNESS_LONG));
    if (source.destroyed != 1) (void)scarce_ok(world, "end of a source", SPAWNED_EFAILED);
    spawned_response_release(response);
}

typedef struct gift_pipe {
    scarce *world;
    int ends[2];
    _Atomic int destroyed;
} gift_pipe;

static spawned_status next_in_pipe(void *user_data, void *value) {
    gift_pipe *one = user_data;
    char byte;
    const ssize_t size = read(one->ends[0], &byte, 1);
    if (size < 0) return SPAWNED_EAGAIN;
    return size == 0 ? SPAWNED_ENOENT : build(one->world, value);
}

static void close_pipe(void *user_data) {
    gift_pipe *one = user_data;
    (void)close(one->ends[0]);
    atomic_fetch_add(&one->destroyed, 1);
}

static void listen_to_a_pipe(scarce *world) {
    const spawned_pid receiver = scarce_start(world);
    static gift_pipe one;
    one = (gift_pipe){.world = world};
    if (receiver == 0 || pipe(one.ends) != 0) return;
    spawned_response *response = NULL;
    if (write(one.ends[1], "ab", 2) != 2) (void)scarce_ok(world, "write", SPAWNED_EFAILED);
    (void)close(one.ends[1]);
    if (OK(spawned_listen_descriptor(receiver, &harness_tracked_type, one.ends[0], next_in_pipe,
                                     &one, close_pipe, 0, &response)))
        (void)OUTCOME(spawned_response_wait(response, HARNESS_LONG));
    if (one.destroyed != 1) (void)scarce_ok(world, "end of a source", SPAWNED_EFAILED);
    spawned_response_release(response);
}

static void push_gifts(scarce *world) {
    const spawned_pid receiver = scarce_start(world);
    if (receiver == 0) return;
    static gifts source;
    source = (gifts){.world = world};
    spawned_listener *listener = NULL;
    spawned_response *response = NULL;
    if (OK(spawned_listener_create(receiver, 0, NULL, &source, end_gifts, &listener, &response))) {
        for (int i = 0; i < 3; i++) {
            spawned_message *message = gift_for(world, receiver);
            if (message != NULL && !OK(spawned_listener_push(listener, message)))
                spawned_message_destroy(message);
        }
        spawned_listener_end(listener, 66, "words that need room", SPAWNED_ZERO_TERMINATED);
        const spawned_status status = spawned_response_poll(response);
        if (status != 66) (void)OUTCOME(status); /* the code survives */
    }
    if (source.destroyed != 1) (void)scarce_ok(world, "end of a source", SPAWNED_EFAILED);
    spawned_response_release(response);
}

static void sweep(harness *h, const char *name, scarce_scenario scenario) {
    assert_true(scarce_sweep(h, name, scenario));
}

static void refused_allocation_loses_no_end_that_is_watched(void **state) {
    sweep(*state, "watch ends", watch_ends);
}

static void refused_allocation_loses_no_cancellation(void **state) {
    sweep(*state, "cancel tokens", cancel_tokens);
}

static void refused_allocation_loses_no_work(void **state) { sweep(*state, "work", work); }

static void refused_allocation_loses_no_task_of_a_group(void **state) {
    sweep(*state, "task groups", task_groups);
}

static void refused_allocation_loses_no_item_of_a_listener(void **state) {
    sweep(*state, "listen", listen_to_gifts);
}

static void refused_allocation_loses_nothing_that_is_pushed(void **state) {
    sweep(*state, "push", push_gifts);
}

static void refused_allocation_loses_nothing_that_is_read_and_closes_the_descriptor(void **state) {
    if (harness_is_deterministic(*state)) skip(); /* there is no loop */
    sweep(*state, "listen to a pipe", listen_to_a_pipe);
}

static void refused_allocation_loses_no_signal(void **state) { sweep(*state, "signals", signals); }

int main(int argc, char **argv) {
    static const struct CMUnitTest tests[] = {
        HARNESS_TEST(refused_allocation_loses_no_end_that_is_watched),
        HARNESS_TEST(refused_allocation_loses_no_cancellation),
        HARNESS_TEST(refused_allocation_loses_no_work),
        HARNESS_TEST(refused_allocation_loses_no_task_of_a_group),
        HARNESS_TEST(refused_allocation_loses_no_item_of_a_listener),
        HARNESS_TEST(refused_allocation_loses_nothing_that_is_pushed),
        HARNESS_TEST(refused_allocation_loses_nothing_that_is_read_and_closes_the_descriptor),
        HARNESS_TEST(refused_allocation_loses_no_signal),
    };
    return harness_main(argc, argv, tests, sizeof tests / sizeof *tests);
}
