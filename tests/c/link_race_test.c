/* Links whose actors end at the same time, or are unlinked then. In deterministic mode each round has its own seed;
 * more of them: SPAWNED_TEST_ROUNDS. What is random is the seed's, so that a round can be run again.
 * timeout: 120 */
#include "support/contract.h"
#include "support/witness.h"

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

/* Runs one race over and over, each round with a seed, and in deterministic mode in a runtime of it. */
static void explore(harness *h, uint64_t count,
                    void (*race)(harness *h, spawned_runtime *runtime, uint64_t random)) {
    for (uint64_t round = 0; round < count; round++) {
        round_seed = harness_seed(h) * 1000003 + round;
        if (!harness_is_deterministic(h)) {
            race(h, harness_runtime(h), round_seed);
            continue;
        }
        spawned_runtime *runtime = harness_runtime_begin(h, &seeded);
        race(h, runtime, round_seed);
        assert_int_equal(harness_runtime_end(h, runtime), 0);
    }
}

static spawned_pid start(spawned_runtime *runtime, witness *own) {
    const spawned_actor_options options = witness_options(own);
    spawned_pid pid = 0;
    assert_ok(spawned_actor_start(runtime, &witness_behavior, &options, &pid));
    return pid;
}

static void linger(uint64_t *random) {
    for (volatile uint64_t spin = harness_random(random) % 4000; spin != 0; spin--) continue;
}

static spawned_exit_kind kind_of(spawned_pid pid) {
    spawned_exit exit = SPAWNED_EXIT_INIT;
    assert_ok(spawned_actor_exit_reason(pid, &exit, NULL, 0));
    return exit.kind;
}

typedef struct pair {
    spawned_pid one, other;
    _Atomic(spawned_status) seen;
} pair;

static void *kill_other(void *argument) {
    (void)spawned_actor_kill(((pair *)argument)->other);
    return NULL;
}

static void *link_back(void *argument) {
    pair *own = argument;
    own->seen = spawned_link(own->other, own->one);
    return NULL;
}

/* Runs it beside the test, or where nobody else runs, at once. */
static void begin(harness *h, pthread_t *thread, void *(*run)(void *), void *argument) {
    if (harness_is_alone(h))
        (void)run(argument);
    else
        assert_int_equal(pthread_create(thread, NULL, run, argument), 0);
}

static void finish(harness *h, pthread_t thread) {
    if (!harness_is_alone(h)) assert_int_equal(pthread_join(thread, NULL), 0);
}

static spawned_status unlink_inside(spawned_context *context, void *state, void *argument) {
    (void)context, (void)state;
    pair *own = argument;
    own->seen = spawned_unlink(own->one, own->other);
    return SPAWNED_OK;
}

static void unlink_itself_while_other_ends(harness *h, spawned_runtime *runtime, uint64_t random) {
    witness *own = witness_new(h), *other = witness_new(h);
    static pair both; /* a handler that comes late may still look at it */
    both = (pair){start(runtime, own), start(runtime, other), 1};
    assert_ok(spawned_link(both.one, both.other));
    pthread_t thread = 0;
    begin(h, &thread, kill_other, &both);
    linger(&random);
    (void)script_run(both.one, unlink_inside, &both);
    finish(h, thread);
    assert_ok(spawned_actor_join(both.other, HARNESS_LONG));
    if (both.seen == 1) { /* the signal came first */
        assert_ok(spawned_actor_join(both.one, HARNESS_LONG));
        assert_int_equal(kind_of(both.one), SPAWNED_EXIT_KILLED);
        return;
    }
    assert_ok(both.seen);
    if (script_run(both.one, script_nothing, NULL) != SPAWNED_OK)
        fail_msg("seed %llu: ended after its unlink", (unsigned long long)round_seed);
    (void)spawned_actor_stop(both.one);
    assert_ok(spawned_actor_join(both.one, HARNESS_LONG));
    assert_int_equal(kind_of(both.one), SPAWNED_EXIT_NORMAL);
}

/* LM04 */
static void actor_that_has_unlinked_never_ends_for_the_other(void **state) {
    harness *h = *state;
    explore(h, rounds(h, 60, 400), unlink_itself_while_other_ends);
}

static void unlink_from_outside_while_other_ends(harness *h, spawned_runtime *runtime,
                                                 uint64_t random) {
    witness *own = witness_new(h), *other = witness_new(h);
    const bool traps = harness_random(&random) % 2 == 0;
    if (traps) witness_will_trap(own);
    pair both = {start(runtime, own), start(runtime, other), 1};
    assert_ok(script_run(both.one, script_nothing, NULL)); /* it traps now */
    assert_ok(spawned_link(both.one, both.other));
    pthread_t thread = 0;
    begin(h, &thread, kill_other, &both);
    linger(&random);
    assert_ok(spawned_unlink(both.one, both.other));
    /* what is to happen to it has happened, or been taken in hand by its own thread */
    const bool told = script_run(both.one, script_nothing, NULL) == SPAWNED_OK;
    const size_t count = witness_count(own);
    finish(h, thread);
    assert_ok(spawned_actor_join(both.other, HARNESS_LONG));
    if (told) {
        if (script_run(both.one, script_nothing, NULL) != SPAWNED_OK)
            fail_msg("seed %llu: ended after the unlink", (unsigned long long)round_seed);
        assert_int_equal(witness_count(own), count);
        assert_true(count <= (traps ? 1 : 0));
    } else {
        assert_false(traps);
        assert_ok(spawned_actor_join(both.one, HARNESS_LONG));
        assert_int_equal(kind_of(both.one), SPAWNED_EXIT_KILLED);
    }
    (void)spawned_actor_stop(both.one);
    assert_ok(spawned_actor_join(both.one, HARNESS_LONG));
}

/* LM04 */
static void signal_never_comes_after_an_unlink_from_outside(void **state) {
    harness *h = *state;
    explore(h, rounds(h, 60, 400), unlink_from_outside_while_other_ends);
}

static void link_both_ways_while_one_ends(harness *h, spawned_runtime *runtime, uint64_t random) {
    witness *own = witness_new(h), *other = witness_new(h);
    witness_will_trap(own);
    witness_will_trap(other);
    pair both = {start(runtime, own), start(runtime, other), 1};
    assert_ok(script_run(both.one, script_nothing, NULL));
    assert_ok(script_run(both.other, script_nothing, NULL));
    pthread_t thread = 0;
    begin(h, &thread, link_back, &both);
    const int way = (int)(harness_random(&random) % 3);
    if (way == 0) linger(&random);
    if (way != 1) (void)spawned_actor_stop(both.other);
    const spawned_status linked = spawned_link(both.one, both.other);
    finish(h, thread);
    (void)spawned_actor_stop(both.other);
    assert_ok(spawned_actor_join(both.other, HARNESS_LONG));
    assert_ok(linked);
    assert_ok(both.seen);
    assert_ok(script_run(both.one, script_nothing, NULL));
    const size_t told = witness_count(own);
    /* a link that was made after the end tells of it again */
    if (told == 0 || told > (way == 1 ? 1 : 2))
        fail_msg("seed %llu: told %zu times", (unsigned long long)round_seed, told);
    (void)spawned_actor_stop(both.one);
    assert_ok(spawned_actor_join(both.one, HARNESS_LONG));
    assert_int_equal(witness_count(other), 0);
}

/* LM05 */
static void links_made_from_both_sides_at_once_are_one(void **state) {
    harness *h = *state;
    explore(h, rounds(h, 60, 300), link_both_ways_while_one_ends);
}

static void both_end_at_once(harness *h, spawned_runtime *runtime, uint64_t random) {
    witness *own[2] = {witness_new(h), witness_new(h)};
    for (size_t i = 0; i < 2; i++) witness_will_trap(own[i]);
    pair both = {start(runtime, own[0]), start(runtime, own[1]), 1};
    assert_ok(script_run(both.one, script_nothing, NULL));
    assert_ok(spawned_link(both.one, both.other));
    pthread_t thread = 0;
    begin(h, &thread, kill_other, &both);
    linger(&random);
    (void)spawned_actor_stop(both.one);
    finish(h, thread);
    assert_ok(spawned_actor_join(both.one, HARNESS_LONG));
    assert_ok(spawned_actor_join(both.other, HARNESS_LONG));
    assert_true(witness_count(own[0]) + witness_count(own[1]) <= 1);
    assert_int_equal(kind_of(both.one), SPAWNED_EXIT_NORMAL);
    assert_int_equal(kind_of(both.other), SPAWNED_EXIT_KILLED);
}

static void two_linked_ones_that_end_at_once_tell_at_most_one(void **state) {
    harness *h = *state;
    explore(h, rounds(h, 60, 300), both_end_at_once);
}

enum { THREADS = 3, ACTORS = 4, CHANGES = 40 };

/* A thread that links, unlinks and signals the same few actors as the others. */
typedef struct changer {
    pthread_t thread;
    uint64_t random;
    const spawned_pid *actors;
    _Atomic int *faults;
} changer;

static void *change_links(void *argument) {
    changer *own = argument;
    for (size_t i = 0; i < CHANGES; i++) {
        const spawned_pid one = own->actors[harness_random(&own->random) % ACTORS];
        const spawned_pid other = own->actors[harness_random(&own->random) % ACTORS];
        spawned_exit exit = SPAWNED_EXIT_INIT;
        exit.kind = SPAWNED_EXIT_FAILURE;
        exit.code = 5;
        spawned_status status = SPAWNED_OK;
        switch (harness_random(&own->random) % 8) {
            case 0:
                status = spawned_unlink(one, other);
                break;
            case 1:
                if (i > CHANGES / 2) status = spawned_actor_exit(one, &exit, "now", 3);
                break;
            case 2:
                if (i > CHANGES / 2) (void)spawned_actor_kill(one);
                break;
            default:
                status = spawned_link(one, other);
                if (status == SPAWNED_ESTOPPED) status = SPAWNED_OK;
                break;
        }
        if (status != SPAWNED_OK) atomic_fetch_add(own->faults, 1);
    }
    return NULL;
}

/* LM15 */
static void links_changed_by_many_threads_while_their_actors_end_add_up(void **state) {
    harness *h = *state;
    const uint64_t count = rounds(h, 15, 60);
    for (uint64_t round = 0; round < count; round++) {
        uint64_t random = harness_seed(h) * 1000003 + round;
        spawned_pid actors[ACTORS];
        for (size_t i = 0; i < ACTORS; i++) {
            witness *own = witness_new(h);
            if (i % 2 == 0) witness_will_trap(own);
            actors[i] = witness_start(own, NULL);
        }
        static _Atomic int faults;
        faults = 0;
        changer changers[THREADS];
        for (size_t i = 0; i < THREADS; i++) {
            changers[i] = (changer){0, harness_random(&random), actors, &faults};
            assert_int_equal(pthread_create(&changers[i].thread, NULL, change_links, &changers[i]),
                             0);
        }
        for (size_t i = 0; i < THREADS; i++)
            assert_int_equal(pthread_join(changers[i].thread, NULL), 0);
        assert_int_equal(faults, 0);
        for (size_t i = 0; i < ACTORS; i++) {
            (void)spawned_actor_kill(actors[i]);
            assert_ok(spawned_actor_join(actors[i], HARNESS_LONG));
        }
    }
}

int main(int argc, char **argv) {
    static const struct CMUnitTest tests[] = {
        HARNESS_TEST(actor_that_has_unlinked_never_ends_for_the_other),
        HARNESS_TEST(signal_never_comes_after_an_unlink_from_outside),
        HARNESS_TEST(links_made_from_both_sides_at_once_are_one),
        HARNESS_TEST(two_linked_ones_that_end_at_once_tell_at_most_one),
        HARNESS_TEST(links_changed_by_many_threads_while_their_actors_end_add_up),
    };
    return harness_main(argc, argv, tests, sizeof tests / sizeof *tests);
}
