/* Threads that join, leave, subscribe, broadcast and end actors at once: every member's JOINED and LEFT is told once
 * to each subscription, with the right counts. In deterministic mode and on a host one thread does all of it, by
 * the seed. More rounds: SPAWNED_TEST_ROUNDS.
 * timeout: 120 */
#include "support/contract.h"
#include "support/onlooker.h"

#define Z SPAWNED_ZERO_TERMINATED

enum { THREADS = 4, ACTORS = 12, ONLOOKERS = 3, STEPS = 150, FEW = 8 };

static const char *const groups[] = {"red", "green"};

/* One subscription, and whether it was taken back. */
typedef struct held {
    onlooker *own;
    _Atomic(spawned_event) event;
    _Atomic bool cancelled;
} held;

typedef struct round_state {
    harness *h;
    spawned_runtime *runtime;
    spawned_pid actors[ACTORS];
    onlooker *onlookers[ONLOOKERS];
    spawned_pid watching[ONLOOKERS];
    held held[THREADS][FEW];
    _Atomic uint64_t wrong; /* a status that nothing explains, negated */
    _Atomic uint64_t taken;
} round_state;

typedef struct hand {
    pthread_t thread;
    round_state *round;
    uint64_t random;
    size_t number, subscriptions;
} hand;

static void expect(round_state *round, spawned_status status, spawned_status also) {
    if (status != SPAWNED_OK && status != SPAWNED_ESTOPPED && status != also)
        round->wrong = (uint64_t)-status;
}

static void subscribe(hand *own, const char *group) {
    round_state *round = own->round;
    if (own->subscriptions == FEW) return;
    const size_t who = harness_random(&own->random) % ONLOOKERS;
    spawned_event event = 0;
    const spawned_status status =
        spawned_group_subscribe(group, Z, round->watching[who], &onlooker_changed_type, 0, &event);
    expect(round, status, SPAWNED_OK);
    if (status != SPAWNED_OK) return;
    held *kept = &round->held[own->number][own->subscriptions++];
    kept->own = round->onlookers[who];
    kept->event = event;
}

static void cancel(hand *own) {
    if (own->subscriptions == 0) return;
    held *kept = &own->round->held[own->number][harness_random(&own->random) % own->subscriptions];
    const spawned_status status = spawned_event_cancel(kept->event);
    if (status == SPAWNED_OK) kept->cancelled = true;
    expect(own->round, status, SPAWNED_EALREADY);
}

static void broadcast(hand *own, const char *group) {
    const harness_tracked value = harness_tracked_make(own->round->h, 1);
    size_t taken = 0;
    expect(own->round,
           spawned_group_broadcast(own->round->runtime, group, Z, &harness_tracked_type, &value,
                                   &taken, NULL),
           SPAWNED_OK);
    own->round->taken += taken;
}

static void *take_part(void *argument) {
    hand *own = argument;
    round_state *round = own->round;
    for (int step = 0; step < STEPS; step++) {
        const char *group = groups[harness_random(&own->random) % 2];
        const spawned_pid pid = round->actors[harness_random(&own->random) % ACTORS];
        switch (harness_random(&own->random) % 16) {
            case 0:
                subscribe(own, group);
                break;
            case 1:
                cancel(own);
                break;
            case 2:
                broadcast(own, group);
                break;
            case 3:
                if (step % 4 == 0) (void)spawned_actor_stop(pid);
                break;
            case 4:
                if (step % 8 == 0) (void)spawned_actor_kill(pid);
                break;
            case 5:
            case 6:
            case 7:
            case 8:
            case 9:
                expect(round, spawned_group_leave(group, Z, pid), SPAWNED_ENOENT);
                break;
            default:
                expect(round, spawned_group_join(group, Z, pid), SPAWNED_OK);
        }
    }
    return NULL;
}

/* Everybody who was told of has left; who was cancelled saw the beginning of that. */
static void check_told(const round_state *round, uint64_t seed) {
    for (size_t i = 0; i < THREADS; i++)
        for (size_t j = 0; j < FEW; j++) {
            const held *kept = &round->held[i][j];
            if (kept->own == NULL) continue;
            size_t inside = 0;
            const char *fault = onlooker_fault(kept->own, kept->event, &inside);
            if (fault == NULL && inside != 0 && !kept->cancelled) fault = "somebody never left";
            if (fault != NULL) fail_msg("seed %llu: %s", (unsigned long long)seed, fault);
        }
}

static void run_round(harness *h, uint64_t seed) {
    round_state *round = calloc(1, sizeof *round);
    assert_non_null(round);
    round->h = h;
    round->runtime = harness_runtime(h);
    for (size_t i = 0; i < ACTORS; i++)
        round->actors[i] = harness_probe_start(h, harness_probe_new(h), NULL);
    for (size_t i = 0; i < ONLOOKERS; i++) {
        round->onlookers[i] = onlooker_new(h);
        round->watching[i] = onlooker_start(round->onlookers[i], NULL);
    }
    hand hands[THREADS];
    for (size_t i = 0; i < THREADS; i++) {
        hands[i] = (hand){.round = round, .random = seed * 31 + i, .number = i};
        if (harness_is_alone(h))
            (void)take_part(&hands[i]);
        else
            assert_int_equal(pthread_create(&hands[i].thread, NULL, take_part, &hands[i]), 0);
    }
    for (size_t i = 0; i < THREADS && !harness_is_alone(h); i++)
        assert_int_equal(pthread_join(hands[i].thread, NULL), 0);
    for (size_t i = 0; i < ACTORS; i++) {
        (void)spawned_actor_stop(round->actors[i]);
        assert_ok(spawned_actor_join(round->actors[i], HARNESS_LONG));
    }
    assert_true(harness_settle(h));
    assert_int_equal(round->wrong, 0);
    check_told(round, seed);
    for (size_t i = 0; i < 2; i++) {
        size_t count = 9;
        assert_ok(spawned_group_members(round->runtime, groups[i], Z, NULL, 0, &count));
        assert_int_equal(count, 0);
    }
    for (size_t i = 0; i < ONLOOKERS; i++) {
        assert_ok(spawned_actor_stop(round->watching[i]));
        assert_ok(spawned_actor_join(round->watching[i], HARNESS_LONG));
    }
    free(round);
}

/* RG08 */
static void every_join_and_leave_is_told_once_to_each_subscription(void **state) {
    harness *h = *state;
    const char *wanted = getenv("SPAWNED_TEST_ROUNDS");
    const uint64_t rounds = wanted != NULL && *wanted != '\0' ? strtoull(wanted, NULL, 0) : 20;
    for (uint64_t round = 0; round < rounds; round++)
        run_round(h, harness_seed(h) * 1000003 + round);
}

/* Both come to end and to begin the only group at once. */
typedef struct flicker {
    pthread_t thread;
    spawned_pid pid;
    spawned_status wrong;
} flicker;

static void *come_and_go(void *argument) {
    flicker *own = argument;
    for (int i = 0; i < 500 && own->wrong == SPAWNED_OK; i++) {
        own->wrong = spawned_group_join("spark", Z, own->pid);
        if (own->wrong == SPAWNED_OK) own->wrong = spawned_group_leave("spark", Z, own->pid);
    }
    return NULL;
}

static void group_that_comes_and_goes_is_one(void **state) {
    harness *h = *state;
    REQUIRE_THREADS(h);
    flicker both[2] = {{.pid = script_start(h)}, {.pid = script_start(h)}};
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&both[i].thread, NULL, come_and_go, &both[i]), 0);
    for (size_t i = 0; i < 2; i++) assert_int_equal(pthread_join(both[i].thread, NULL), 0);
    for (size_t i = 0; i < 2; i++) assert_ok(both[i].wrong);
    size_t count = 9;
    assert_ok(spawned_group_members(harness_runtime(h), "spark", Z, NULL, 0, &count));
    assert_int_equal(count, 0);
}

enum { SUBSCRIPTIONS = 40, LIVES = 150 }; /* a join that has much to reserve takes its time */

static void *join_once(void *argument) {
    flicker *own = argument;
    own->wrong = spawned_group_join("spark", Z, own->pid);
    return NULL;
}

static void who_ends_while_it_joins_is_not_left_in_the_group(void **state) {
    harness *h = *state;
    REQUIRE_THREADS(h);
    onlooker *own = onlooker_new(h);
    const spawned_pid watching = onlooker_start(own, NULL);
    spawned_event event = 0;
    for (int i = 0; i < SUBSCRIPTIONS; i++)
        assert_ok(spawned_group_subscribe("spark", Z, watching, &onlooker_changed_type, 0, &event));
    uint64_t random = harness_seed(h);
    for (int life = 0; life < LIVES; life++) {
        flicker one = {.pid = script_start(h)};
        assert_int_equal(pthread_create(&one.thread, NULL, join_once, &one), 0);
        for (volatile uint64_t spin = harness_random(&random) % 40000; spin != 0; spin--) continue;
        (void)spawned_actor_kill(one.pid);
        assert_int_equal(pthread_join(one.thread, NULL), 0);
        assert_ok(spawned_actor_join(one.pid, HARNESS_LONG));
        assert_true(one.wrong == SPAWNED_OK || one.wrong == SPAWNED_ESTOPPED);
        size_t count = 9;
        assert_ok(spawned_group_members(harness_runtime(h), "spark", Z, NULL, 0, &count));
        assert_int_equal(count, 0);
    }
    assert_true(harness_settle(h));
    size_t inside = 9;
    assert_null(onlooker_fault(own, event, &inside));
    assert_int_equal(inside, 0);
}

int main(int argc, char **argv) {
    static const struct CMUnitTest tests[] = {
        HARNESS_TEST(every_join_and_leave_is_told_once_to_each_subscription),
        HARNESS_TEST(group_that_comes_and_goes_is_one),
        HARNESS_TEST(who_ends_while_it_joins_is_not_left_in_the_group),
    };
    return harness_main(argc, argv, tests, sizeof tests / sizeof *tests);
}
