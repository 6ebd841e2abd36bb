/* Deterministic mode's promise: one seed, one run. Equal seeds make the same choices in the same order,
 * within this process and in another; different seeds make different ones.
 * modes: deterministic */
#include "support/contract.h"
#include "support/harness_internal.h"
#include "support/script.h"

enum { ACTORS = 6, EVENTS = 4096 };

/* What happened in one run: who handled what, when. */
struct story {
    spawned_runtime *runtime;
    spawned_pid actors[ACTORS];
    uint32_t events[EVENTS];
    size_t count;
    uint64_t digest;
};

/* One actor's part. */
struct role {
    struct story *story;
    uint32_t index;
};

static struct role roles[ACTORS];

static uint64_t choose(struct story *story, uint64_t bound) {
    uint64_t choice = 0;
    (void)spawned_deterministic_choose(story->runtime, bound, &choice);
    return choice;
}

static void note(struct story *story, uint32_t who, uint32_t what) {
    if (story->count < EVENTS) story->events[story->count++] = who << 16 | what;
}

struct visit {
    uint32_t to, left;
    struct story *story;
};

static const spawned_message_type visit_type =
    SPAWNED_MESSAGE_TYPE("seed_test.visit", struct visit);
static const spawned_message_type call_type =
    SPAWNED_REQUEST_TYPE("seed_test.call", struct visit, &script_number_type);

static spawned_status send_visit(struct story *story, uint32_t left) {
    const struct visit visit = {(uint32_t)choose(story, ACTORS), left, story};
    return spawned_send(story->actors[visit.to], &visit_type, &visit);
}

static spawned_status visit_later(struct story *story, uint32_t left) {
    const struct visit visit = {(uint32_t)choose(story, ACTORS), left, story};
    spawned_message *message = NULL;
    const spawned_status status =
        spawned_message_create(story->actors[visit.to], &visit_type, &visit, &message);
    return status != SPAWNED_OK ? status : spawned_send_after(choose(story, 5), message, NULL);
}

/* Asks an actor of a higher number, so that no circle closes. */
static void call_upward(const struct visit *visit) {
    struct story *story = visit->story;
    if (visit->to + 1 >= ACTORS) return;
    const struct visit call = {visit->to + 1 + (uint32_t)choose(story, ACTORS - visit->to - 1), 0,
                               story};
    int64_t answer = 0;
    const spawned_status status =
        spawned_request(story->actors[call.to], &call_type, &call, SPAWNED_SECOND, &answer);
    note(story, visit->to, 1000 + (uint32_t)answer - (uint32_t)status);
}

static spawned_status on_visit(spawned_context *context, void *state, void *value) {
    (void)context, (void)state;
    const struct visit *visit = value;
    struct story *story = visit->story;
    note(story, visit->to, visit->left);
    if (visit->left == 0) return SPAWNED_OK;
    switch (choose(story, 4)) {
        case 0:
            return send_visit(story, visit->left - 1);
        case 1:
            return visit_later(story, visit->left - 1);
        case 2:
            call_upward(visit);
            return send_visit(story, visit->left - 1);
        default:
            (void)send_visit(story, visit->left / 2);
            return send_visit(story, visit->left / 2);
    }
}

static spawned_status on_call(spawned_context *context, void *state, void *value) {
    (void)state;
    const struct visit *call = value;
    note(call->story, call->to, 500);
    call_upward(call);
    const int64_t answer = call->to;
    return spawned_reply(context, &answer);
}

static const spawned_handler handlers[] = {{&visit_type, on_visit}, {&call_type, on_call}};
static const spawned_behavior behavior = {SPAWNED_BEHAVIOR_INIT("wanderer"), .handler_count = 2,
                                          .handlers = handlers};

/* The same program each time; only the seed differs. 0 when something failed. */
static int run(struct story *story, const spawned_runtime_options *base, uint64_t seed) {
    spawned_runtime_options options = *base;
    options.flags = SPAWNED_RUNTIME_DETERMINISTIC;
    options.seed = seed;
    memset(story, 0, sizeof *story);
    if (spawned_runtime_create(&options, &story->runtime) != SPAWNED_OK) return 0;
    int good = 1;
    for (uint32_t i = 0; i < ACTORS; i++) {
        spawned_actor_options start = SPAWNED_ACTOR_OPTIONS_INIT;
        start.backend = i % 3;
        good &=
            spawned_actor_start(story->runtime, &behavior, &start, &story->actors[i]) == SPAWNED_OK;
    }
    for (int i = 0; i < 4; i++) good &= send_visit(story, 12) == SPAWNED_OK;
    good &= spawned_deterministic_run(story->runtime, 0, NULL) == SPAWNED_OK;
    good &= spawned_deterministic_advance(story->runtime, SPAWNED_MILLISECOND) == SPAWNED_OK;
    good &= spawned_deterministic_digest(story->runtime, &story->digest) == SPAWNED_OK;
    good &= spawned_runtime_destroy(story->runtime) == SPAWNED_OK;
    return good && story->count > 20 && story->count < EVENTS;
}

static bool alike(const struct story *one, const struct story *two) {
    return one->digest == two->digest && one->count == two->count &&
           memcmp(one->events, two->events, one->count * sizeof *one->events) == 0;
}

/* As the fixture's own runtimes: memory is accounted for. */
static spawned_runtime_options watched_options(harness *h) {
    static spawned_allocator allocator;
    spawned_runtime_options options;
    harness_runtime_options(h, &options);
    allocator = harness_watch_allocator(h);
    options.allocator = &allocator;
    return options;
}

/* DT01 */
static void equal_seeds_make_equal_runs(void **state) {
    harness *h = *state;
    static struct story one, two;
    spawned_runtime_options options = watched_options(h);
    for (uint64_t seed = 1; seed <= 200; seed++) {
        assert_true(run(&one, &options, seed));
        harness_expect_runtime(h);
        assert_true(run(&two, &options, seed));
        harness_expect_runtime(h);
        if (!alike(&one, &two)) fail_msg("seed %u does not repeat itself", (unsigned)seed);
    }
}

/* DT01; the numbers of runtimes have all been used once by then, and begin again. */
static void equal_seeds_make_equal_runs_however_many_runtimes_lie_between(void **state) {
    harness *h = *state;
    enum { numbers = 2047 };
    static struct story one, two;
    spawned_runtime_options options = watched_options(h);
    assert_true(run(&one, &options, 1));
    harness_expect_runtime(h);
    for (int i = 1; i < numbers; i++) {
        spawned_runtime *between = NULL;
        assert_ok(spawned_runtime_create(&options, &between));
        harness_expect_runtime(h);
        assert_ok(spawned_runtime_destroy(between));
    }
    assert_true(run(&two, &options, 1));
    harness_expect_runtime(h);
    assert_true(alike(&one, &two));
}

/* DT02 */
static void different_seeds_make_different_runs(void **state) {
    harness *h = *state;
    enum { SEEDS = 100 };
    static struct story stories[SEEDS];
    spawned_runtime_options options = watched_options(h);
    int same_digest = 0, same_order = 0;
    for (int i = 0; i < SEEDS; i++) {
        assert_true(run(&stories[i], &options, 1000 + (uint64_t)i));
        harness_expect_runtime(h);
        for (int k = 0; k < i; k++) {
            same_digest += stories[k].digest == stories[i].digest;
            same_order += stories[k].count == stories[i].count &&
                          memcmp(stories[k].events, stories[i].events,
                                 stories[i].count * sizeof(uint32_t)) == 0;
        }
    }
    assert_int_equal(same_digest, 0);
    assert_int_equal(same_order, 0);
}

/* The same sends in the same order, and not one choice of the program's own: the schedule alone. */
static spawned_status note_self(spawned_context *context, void *state, void *argument) {
    (void)context, (void)state;
    const struct role *role = argument;
    note(role->story, role->index, 0);
    return SPAWNED_OK;
}

/* DT02 */
static void seeds_alone_change_who_runs_next(void **state) {
    harness *h = *state;
    enum { SEEDS = 40 };
    static struct story stories[SEEDS];
    spawned_runtime_options options = watched_options(h);
    int different = 0;
    for (int i = 0; i < SEEDS; i++) {
        struct story *story = &stories[i];
        memset(story, 0, sizeof *story);
        options.seed = (uint64_t)i + 1;
        assert_ok(spawned_runtime_create(&options, &story->runtime));
        harness_expect_runtime(h);
        for (uint32_t k = 0; k < ACTORS; k++) {
            roles[k] = (struct role){story, k};
            assert_ok(
                spawned_actor_start(story->runtime, &script_behavior, NULL, &story->actors[k]));
        }
        for (uint32_t k = 0; k < 5 * ACTORS; k++)
            assert_ok(script_tell(story->actors[k % ACTORS], note_self, &roles[k % ACTORS]));
        assert_ok(spawned_deterministic_run(story->runtime, 0, NULL));
        assert_ok(spawned_runtime_destroy(story->runtime));
        assert_int_equal(story->count, 5 * ACTORS);
        different +=
            i > 0 && memcmp(story->events, stories[i - 1].events, sizeof story->events) != 0;
    }
    assert_true(different > SEEDS / 2);
}

struct parties {
    spawned_pid callee;
    pthread_t caller, handler;
};

static spawned_status note_thread(spawned_context *context, void *state, void *argument) {
    (void)state;
    ((struct parties *)argument)->handler = pthread_self();
    const int64_t number = 1;
    return spawned_reply(context, &number);
}

static spawned_status call_the_other(spawned_context *context, void *state, void *argument) {
    (void)context, (void)state;
    struct parties *parties = argument;
    int64_t number = 0;
    parties->caller = pthread_self();
    return script_ask(parties->callee, note_thread, parties, &number);
}

/* On the requester's turn, which is its thread, or queued and on another */
static void request_to_an_idle_actor_runs_inline_with_some_seeds_and_queued_with_others(
    void **state) {
    harness *h = *state;
    spawned_runtime_options options = watched_options(h);
    int inline_runs = 0, queued_runs = 0;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        spawned_runtime *runtime = NULL;
        struct parties parties = {0};
        spawned_pid caller = 0;
        options.seed = seed;
        assert_ok(spawned_runtime_create(&options, &runtime));
        harness_expect_runtime(h);
        assert_ok(spawned_actor_start(runtime, &script_behavior, NULL, &parties.callee));
        assert_ok(spawned_actor_start(runtime, &script_behavior, NULL, &caller));
        assert_ok(spawned_deterministic_run(runtime, 0, NULL));
        assert_ok(script_run(caller, call_the_other, &parties));
        if (pthread_equal(parties.caller, parties.handler))
            inline_runs++;
        else
            queued_runs++;
        assert_ok(spawned_runtime_destroy(runtime));
    }
    assert_true(inline_runs > 0);
    assert_true(queued_runs > 0);
}

static const char *program;

/* DT01: another process, other addresses */
static void seed_makes_the_same_run_in_another_process(void **state) {
    harness *h = *state;
    static struct story story;
    spawned_runtime_options options = watched_options(h);
    assert_true(run(&story, &options, 77));
    harness_expect_runtime(h);
    char command[1024];
    snprintf(command, sizeof command, "'%s' digest 77", program);
    FILE *other = popen(command, "r");
    assert_non_null(other);
    unsigned long long digest = 0, count = 0;
    assert_int_equal(fscanf(other, "%llx %llu", &digest, &count), 2);
    assert_int_equal(pclose(other), 0);
    assert_true(digest == story.digest);
    assert_true(count == story.count);
}

static int print_digest(uint64_t seed) {
    static struct story story;
    const spawned_runtime_options options = SPAWNED_RUNTIME_OPTIONS_INIT;
    if (!run(&story, &options, seed)) return 1;
    printf("%llx %llu\n", (unsigned long long)story.digest, (unsigned long long)story.count);
    return 0;
}

int main(int argc, char **argv) {
    static const struct CMUnitTest tests[] = {
        HARNESS_TEST(equal_seeds_make_equal_runs),
        HARNESS_TEST(equal_seeds_make_equal_runs_however_many_runtimes_lie_between),
        HARNESS_TEST(different_seeds_make_different_runs),
        HARNESS_TEST(seeds_alone_change_who_runs_next),
        HARNESS_TEST(request_to_an_idle_actor_runs_inline_with_some_seeds_and_queued_with_others),
        HARNESS_TEST(seed_makes_the_same_run_in_another_process),
    };
    program = argv[0];
    if (argc == 3 && strcmp(argv[1], "digest") == 0)
        return print_digest(strtoull(argv[2], NULL, 10));
    return harness_main(argc, argv, tests, sizeof tests / sizeof *tests);
}
