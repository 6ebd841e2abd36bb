/* Watching actors while they end, while others watch them too, and while they watch back. What one watch
 * promises is event_test.c. */
#include "support/contract.h"
#include "support/script.h"

static void end(spawned_pid pid) {
    (void)spawned_actor_stop(pid);
    assert_ok(spawned_actor_join(pid, HARNESS_LONG));
}

static bool is_destroyed(void *argument) {
    const harness *h = argument;
    return harness_tracked_destroyed(h) == harness_tracked_created(h);
}

/* What came while its receiver was ending is destroyed by that, after the joins have returned. */
static void expect_all_destroyed(harness *h) {
    assert_true(harness_wait_until(h, is_destroyed, h));
    assert_true(harness_settle(h));
    assert_int_equal(harness_tracked_destroyed(h), harness_tracked_created(h));
}

/* A thread that watches, and then ends the one it watches. */
typedef struct watcher {
    pthread_t thread;
    harness *h;
    spawned_pid watched, receiver;
    spawned_status status;
} watcher;

static void *watch_and_end(void *argument) {
    watcher *own = argument;
    own->status =
        spawned_send_on_end(own->watched, harness_tracked_message(own->h, own->receiver, 1), NULL);
    (void)spawned_actor_stop(own->watched);
    return NULL;
}

/* LM05 */
static void two_that_watch_each_other_and_end_at_once_lose_nothing(void **state) {
    harness *h = *state;
    const int rounds = harness_is_deterministic(h) ? 20 : 300;
    for (int round = 0; round < rounds; round++) {
        const spawned_pid first = harness_probe_start(h, harness_probe_new(h), NULL);
        const spawned_pid second = harness_probe_start(h, harness_probe_new(h), NULL);
        watcher watchers[2] = {{.h = h, .watched = first, .receiver = second},
                               {.h = h, .watched = second, .receiver = first}};
        for (size_t i = 0; i < 2; i++)
            assert_int_equal(pthread_create(&watchers[i].thread, NULL, watch_and_end, &watchers[i]),
                             0);
        for (size_t i = 0; i < 2; i++) {
            assert_int_equal(pthread_join(watchers[i].thread, NULL), 0);
            assert_true(watchers[i].status == SPAWNED_OK || watchers[i].status == SPAWNED_ESTOPPED);
        }
        end(first);
        end(second);
        expect_all_destroyed(h);
    }
}

enum { EVENTS = 40, THREADS = 3, SHARED = 3 };

/* A thread that makes and takes away watches of the same few actors as the others. */
typedef struct changer {
    pthread_t thread;
    harness *h;
    size_t number;
    spawned_pid *actors;
    uint64_t made, taken;
} changer;

static void *change_watches(void *argument) {
    changer *own = argument;
    spawned_event events[EVENTS] = {0};
    spawned_response *responses[EVENTS] = {0};
    for (size_t i = 0; i < EVENTS; i++) {
        const spawned_pid watched = own->actors[(i + own->number) % SHARED];
        const spawned_pid receiver = own->actors[(i + own->number + 1 + i % 2) % SHARED];
        own->made += spawned_send_on_end(watched, harness_tracked_message(own->h, receiver, 1),
                                         &events[i]) == SPAWNED_OK;
        (void)spawned_actor_end_response(watched, SPAWNED_DEFAULT, &responses[i]);
        if (i % 3 == 0) own->taken += spawned_event_cancel(events[i]) == SPAWNED_OK;
        if (i % 4 == 0) {
            spawned_response_release(responses[i]);
            responses[i] = NULL;
        }
        if (i == EVENTS / 2 && own->number == 0) (void)spawned_actor_stop(own->actors[0]);
        if (i == EVENTS / 2 && own->number == 1) (void)spawned_actor_kill(own->actors[1]);
    }
    for (size_t i = 0; i < EVENTS; i++) {
        own->taken += events[i] != 0 && spawned_event_cancel(events[i]) == SPAWNED_OK;
        spawned_response_release(responses[i]);
    }
    return NULL;
}

/* LM15: the lists of watches have two owners, the source and the watcher, and both end */
static void watches_made_and_taken_by_many_threads_while_their_actors_end_add_up(void **state) {
    harness *h = *state;
    const int rounds = harness_is_deterministic(h) ? 10 : 100;
    for (int round = 0; round < rounds; round++) {
        harness_probe *probes[SHARED];
        spawned_pid actors[SHARED];
        for (size_t i = 0; i < SHARED; i++) {
            probes[i] = harness_probe_new(h);
            actors[i] = harness_probe_start(h, probes[i], NULL);
        }
        const uint64_t sent_before = harness_stats(h).messages_sent;
        changer changers[THREADS];
        for (size_t i = 0; i < THREADS; i++) {
            changers[i] = (changer){.h = h, .number = i, .actors = actors};
            assert_int_equal(pthread_create(&changers[i].thread, NULL, change_watches,
                                            &changers[i]),
                             0);
        }
        uint64_t made = 0, taken = 0;
        for (size_t i = 0; i < THREADS; i++) {
            assert_int_equal(pthread_join(changers[i].thread, NULL), 0);
            made += changers[i].made;
            taken += changers[i].taken;
        }
        for (size_t i = 0; i < SHARED; i++) end(actors[i]);
        expect_all_destroyed(h);
        assert_true(harness_stats(h).messages_sent - sent_before <= made - taken);
    }
}

static spawned_status look_at_the_failed(spawned_context *context, harness_probe *probe,
                                         uint64_t number) {
    (void)context, (void)number;
    spawned_exit exit = SPAWNED_EXIT_INIT;
    const spawned_status known = spawned_actor_exit_reason(probe->peer, &exit, NULL, 0);
    const bool true_reason = known == SPAWNED_OK && exit.kind == SPAWNED_EXIT_FAILURE &&
                             exit.code == 7 && exit.place == SPAWNED_PLACE_STARTED;
    atomic_store(&probe->result, true_reason ? 1 : -1);
    return SPAWNED_OK;
}

/* LM06: it may have failed before, while or after it is watched */
static void of_an_actor_that_fails_in_started_the_watcher_learns_once_and_why(void **state) {
    harness *h = *state;
    for (int round = 0; round < 100; round++) {
        harness_probe *failing = harness_probe_new(h), *watching = harness_probe_new(h);
        failing->started_status = 7;
        watching->on_number = look_at_the_failed;
        const spawned_pid receiver = harness_probe_start(h, watching, NULL);
        assert_true(harness_settle(h));
        watching->peer = harness_probe_start(h, failing, NULL);
        if (round % 3 == 0) assert_true(harness_settle(h));
        assert_ok(
            spawned_send_on_end(watching->peer, harness_tracked_message(h, receiver, 1), NULL));
        assert_true(harness_probe_wait(watching, HARNESS_MESSAGE, 1));
        assert_true(harness_settle(h));
        assert_story(watching, "i s 1");
        assert_int_equal(watching->result, 1);
        end(receiver);
    }
}

enum { LIVES = 200 };

/* data: the supervisor's own; result: how many lives there were, or how the last start failed. */
typedef struct keeper {
    harness *h;
    spawned_runtime *runtime;
    spawned_pid child;
} keeper;

static spawned_status begin_life(spawned_context *context, harness_probe *probe, uint64_t number) {
    (void)number;
    keeper *own = probe->data;
    if (probe->result >= LIVES) return SPAWNED_OK;
    spawned_actor_options options = SPAWNED_ACTOR_OPTIONS_INIT;
    options.name = "the child";
    options.backend =
        (spawned_backend)(probe->result % 2 == 0 ? SPAWNED_BACKEND_POOL : SPAWNED_BACKEND_THREAD);
    if (harness_mode_of(own->h) == HARNESS_HOST) options.backend = SPAWNED_BACKEND_HOST;
    spawned_status status =
        spawned_actor_start(own->runtime, &script_behavior, &options, &own->child);
    if (status == SPAWNED_OK)
        status =
            spawned_send_on_end(own->child,
                                harness_tracked_message(own->h, spawned_context_self(context), 1),
                                NULL);
    if (status == SPAWNED_OK) status = spawned_actor_kill(own->child);
    if (status == SPAWNED_OK)
        atomic_fetch_add(&probe->result, 1);
    else
        atomic_store(&probe->result, status);
    return SPAWNED_OK;
}

static bool is_over(void *argument) {
    const int64_t result = ((harness_probe *)argument)->result;
    return result == LIVES || result < 0;
}

/* LC15: who learns of the end may give the name to the next at once */
static void name_is_free_for_the_next_life_whenever_the_last_ones_end_is_told(void **state) {
    harness *h = *state;
    harness_probe *probe = harness_probe_new(h);
    keeper own = {h, harness_runtime(h), 0};
    probe->on_number = begin_life;
    probe->data = &own;
    const spawned_pid pid = harness_probe_start(h, probe, NULL);
    assert_ok(harness_send_number(pid, 0));
    assert_true(harness_wait_until(h, is_over, probe));
    assert_true(harness_settle(h));
    assert_int_equal(probe->result, LIVES);
    end(pid);
}

int main(int argc, char **argv) {
    static const struct CMUnitTest tests[] = {
        HARNESS_TEST(two_that_watch_each_other_and_end_at_once_lose_nothing),
        HARNESS_TEST(watches_made_and_taken_by_many_threads_while_their_actors_end_add_up),
        HARNESS_TEST(of_an_actor_that_fails_in_started_the_watcher_learns_once_and_why),
        HARNESS_TEST(name_is_free_for_the_next_life_whenever_the_last_ones_end_is_told),
    };
    return harness_main(argc, argv, tests, sizeof tests / sizeof *tests);
}
