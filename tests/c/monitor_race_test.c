/* Monitors whose actor ends at the same time. In deterministic mode each round has its own seed; more of them:
 * SPAWNED_TEST_ROUNDS. What is random is the seed's, so that a round can be run again.
 * timeout: 120 */
#include "support/contract.h"
#include "support/witness.h"

enum { MONITORS = 6 };

static uint64_t round_seed; /* for the runtimes to come */

static void use_seed(spawned_runtime_options *options) {
    if ((options->flags & SPAWNED_RUNTIME_DETERMINISTIC) != 0) options->seed = round_seed;
}

static const harness_config seeded = {use_seed};

static uint64_t rounds(harness *h, uint64_t few, uint64_t many) {
    const char *wanted = getenv("SPAWNED_TEST_ROUNDS");
    if (wanted != NULL && *wanted != '\0') return strtoull(wanted, NULL, 0);
    return harness_is_deterministic(h) ? few : many;
}

/* What a watcher takes back in its own handlers, while the others do as they like. */
typedef struct taking {
    spawned_pid watcher, watched;
    _Atomic(uint64_t) events[MONITORS];
    _Atomic(spawned_status) seen[MONITORS]; /* 1: it was not asked for */
    bool forgets[MONITORS];
} taking;

static spawned_status take_back(spawned_context *context, void *state, void *argument) {
    (void)state;
    taking *own = argument;
    for (size_t i = 0; i < MONITORS; i++) {
        if (own->forgets[i])
            own->seen[i] = spawned_context_forget_monitor(context, own->events[i]);
        else if (i % 2 == 0)
            own->seen[i] = spawned_event_cancel(own->events[i]);
    }
    return SPAWNED_OK;
}

static void *cancel_one(void *argument) {
    taking *own = argument;
    own->seen[1] = spawned_event_cancel(own->events[1]);
    return NULL;
}

static size_t told_of(witness *own, spawned_event event) {
    size_t told = 0;
    for (size_t i = 0; i < witness_count(own); i++) told += witness_end(own, i).monitor == event;
    return told;
}

/* Monitors some, ends the watched one and takes monitors back, in an order of the seed's. */
static void run_round(harness *h, spawned_runtime *runtime, uint64_t seed) {
    uint64_t random = seed;
    witness *own = witness_new(h), *other = witness_new(h);
    taking *one = calloc(1, sizeof *one);
    assert_non_null(one);
    spawned_actor_options options = witness_options(own);
    assert_ok(spawned_actor_start(runtime, &witness_behavior, &options, &one->watcher));
    options = witness_options(other);
    if (harness_random(&random) % 2 == 0) witness_will_fail(other, 3, "at once");
    assert_ok(spawned_actor_start(runtime, &witness_behavior, &options, &one->watched));
    for (size_t i = 0; i < MONITORS; i++) {
        one->forgets[i] = i != 1 && harness_random(&random) % 3 != 0;
        one->seen[i] = 1;
        spawned_event event = 0;
        assert_ok(spawned_monitor(one->watched, one->watcher, &witness_ended_type, i, &event));
        one->events[i] = event;
    }
    pthread_t thread;
    const bool alone = harness_is_alone(h), early = harness_random(&random) % 2 == 0;
    if (early) assert_ok(script_tell(one->watcher, take_back, one));
    (void)spawned_actor_stop(one->watched);
    for (volatile uint64_t spin = harness_random(&random) % 4000; spin != 0; spin--) continue;
    if (!early) assert_ok(script_tell(one->watcher, take_back, one));
    if (alone)
        (void)cancel_one(one);
    else
        assert_int_equal(pthread_create(&thread, NULL, cancel_one, one), 0);
    if (!alone) pthread_join(thread, NULL);
    assert_ok(spawned_actor_join(one->watched, HARNESS_LONG));
    assert_ok(script_run(one->watcher, script_nothing, NULL)); /* behind whatever it was told */
    assert_ok(spawned_actor_stop(one->watcher));
    assert_ok(spawned_actor_join(one->watcher, HARNESS_LONG));
    for (size_t i = 0; i < MONITORS; i++) {
        const size_t told = told_of(own, one->events[i]);
        const bool gone = one->seen[i] == SPAWNED_OK;
        if (!gone && one->seen[i] != 1 && one->seen[i] != SPAWNED_EALREADY)
            fail_msg("seed %llu: monitor %zu: %s", (unsigned long long)seed, i,
                     spawned_status_name(one->seen[i]));
        if (told != !gone)
            fail_msg("seed %llu: monitor %zu, %s, told %zu times", (unsigned long long)seed, i,
                     gone ? "taken back" : "left", told);
    }
    free(one);
}

/* LM10, LM11 */
static void monitor_tells_once_or_was_taken_back(void **state) {
    harness *h = *state;
    const uint64_t count = rounds(h, 60, 300);
    for (uint64_t round = 0; round < count; round++) {
        round_seed = harness_seed(h) * 1000003 + round;
        if (!harness_is_deterministic(h)) {
            run_round(h, harness_runtime(h), round_seed);
            continue;
        }
        spawned_runtime *runtime = harness_runtime_begin(h, &seeded);
        run_round(h, runtime, round_seed);
        assert_int_equal(harness_runtime_end(h, runtime), 0);
    }
}

/* A thread that monitors an actor that another one ends. */
typedef struct watcher {
    pthread_t thread;
    spawned_pid watched, watcher;
    spawned_event event;
    spawned_status status;
} watcher;

static void *watch_and_end(void *argument) {
    watcher *own = argument;
    own->status = spawned_monitor(own->watched, own->watcher, &witness_ended_type, 1, &own->event);
    (void)spawned_actor_stop(own->watched);
    return NULL;
}

/* LM05 */
static void two_that_monitor_each_other_and_end_at_once_are_told_at_most_once(void **state) {
    harness *h = *state;
    const uint64_t count = rounds(h, 20, 200);
    for (uint64_t round = 0; round < count; round++) {
        witness *own[2] = {witness_new(h), witness_new(h)};
        const spawned_pid pids[2] = {witness_start(own[0], NULL), witness_start(own[1], NULL)};
        watcher watchers[2] = {{.watched = pids[0], .watcher = pids[1]},
                               {.watched = pids[1], .watcher = pids[0]}};
        for (size_t i = 0; i < 2; i++)
            assert_int_equal(pthread_create(&watchers[i].thread, NULL, watch_and_end, &watchers[i]),
                             0);
        for (size_t i = 0; i < 2; i++) assert_int_equal(pthread_join(watchers[i].thread, NULL), 0);
        for (size_t i = 0; i < 2; i++) assert_ok(spawned_actor_join(pids[i], HARNESS_LONG));
        for (size_t i = 0; i < 2; i++) {
            assert_true(watchers[i].status == SPAWNED_OK || watchers[i].status == SPAWNED_ESTOPPED);
            assert_true(witness_count(own[i]) <= (watchers[1 - i].status == SPAWNED_OK));
        }
    }
}

enum { LIVES = 300 };

/* A supervisor in small: whoever ends is started again, in the handler that is told of it. */
typedef struct keeper {
    harness *h;
    spawned_runtime *runtime;
    _Atomic int lives;
    spawned_pid child;
    spawned_event event;
    spawned_status fault;
} keeper;

static spawned_status begin_life(spawned_context *context, keeper *own) {
    if (++own->lives > LIVES) return SPAWNED_OK;
    spawned_actor_options options = SPAWNED_ACTOR_OPTIONS_INIT;
    options.backend = harness_backend(own->h);
    options.name = "the child";
    own->fault = spawned_actor_start_monitored(own->runtime, &script_behavior, &options,
                                               spawned_context_self(context), &witness_ended_type,
                                               (uint64_t)own->lives, &own->child, &own->event);
    if (own->fault == SPAWNED_OK) own->fault = spawned_actor_kill(own->child);
    return own->fault;
}

static spawned_status next_life(spawned_context *context, void *argument,
                                const spawned_ended *told) {
    keeper *own = argument;
    if (told->pid != own->child || told->monitor != own->event) own->fault = SPAWNED_EFAILED;
    return own->fault == SPAWNED_OK ? begin_life(context, own) : own->fault;
}

static spawned_status first_life(spawned_context *context, void *state, void *argument) {
    (void)state;
    return begin_life(context, argument);
}

static bool has_lived(void *argument) { return ((keeper *)argument)->lives > LIVES; }

/* LC15: whoever is told may start the next life under the same name */
static void every_life_under_one_name_is_told_of_once(void **state) {
    harness *h = *state;
    witness *own = witness_new(h);
    static keeper one;
    one = (keeper){.h = h, .runtime = harness_runtime(h)};
    witness_on_ended(own, next_life, &one);
    const spawned_pid pid = witness_start(own, NULL);
    assert_ok(script_tell(pid, first_life, &one));
    assert_true(harness_wait_until(h, has_lived, &one));
    assert_true(harness_settle(h));
    assert_ok(one.fault);
    assert_int_equal(witness_count(own), LIVES);
}

int main(int argc, char **argv) {
    static const struct CMUnitTest tests[] = {
        HARNESS_TEST(monitor_tells_once_or_was_taken_back),
        HARNESS_TEST(two_that_monitor_each_other_and_end_at_once_are_told_at_most_once),
        HARNESS_TEST(every_life_under_one_name_is_told_of_once),
    };
    return harness_main(argc, argv, tests, sizeof tests / sizeof *tests);
}
