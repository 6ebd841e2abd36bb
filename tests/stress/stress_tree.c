/* A storm in a tree of supervisors: four levels, leaves that fail in every hook, are killed and are told to fail,
 * supervisors that are killed or give up; on threads and by seed in deterministic mode. When it is over everybody is
 * there once; then the tree ends, the last first. A message counts as a restart here. */
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stress.h"

enum { widest = 10, middles_most = widest, groups_most = widest * widest, leaves_most = 900 };
enum { FAIL = 1, QUIT = 2, PASS = 3 };

struct storm;

typedef struct leaf {
    struct storm *in;
    atomic_int alive, lives, doubles, forgotten;
    atomic_ullong pid, dice;
    atomic_int ended_as; /* how many had ended before it, at last */
    char id[16];
} leaf;

typedef struct storm {
    spawned_runtime *runtime;
    uint64_t random;
    atomic_bool blows; /* hooks fail */
    atomic_int ended;
    spawned_pid root;
    uint32_t middles, groups_each, leaves_each, leaves;
    leaf leaf[leaves_most];
    spawned_actor_options options[leaves_most];
    spawned_child leaf_child[leaves_most];
    const spawned_child *leaf_list[leaves_most];
    char group_id[groups_most][16], middle_id[middles_most][16];
    spawned_supervisor group[groups_most], middle[middles_most], top;
    spawned_child group_child[groups_most], middle_child[middles_most];
    const spawned_child *group_list[groups_most], *middle_list[middles_most];
} storm;

static const spawned_message_type order_type = SPAWNED_MESSAGE_TYPE("tree.order", uint64_t);

/* One time in so many, while the storm blows. */
static bool strikes(leaf *self, uint32_t in) {
    if (!atomic_load(&self->in->blows)) return false;
    uint64_t dice = atomic_fetch_add(&self->dice, 0x9e3779b97f4a7c15u);
    return stress_below(&dice, in) == 0;
}

static spawned_status leaf_init(void *state, void *argument, void *user_data) {
    (void)user_data;
    leaf *self = argument;
    if (strikes(self, 40)) return 1;
    *(leaf **)state = self;
    if (atomic_fetch_add(&self->alive, 1) != 0) atomic_fetch_add(&self->doubles, 1);
    return SPAWNED_OK;
}

static spawned_status leaf_started(spawned_context *context, void *state) {
    leaf *self = *(leaf **)state;
    if (strikes(self, 40)) return 2;
    atomic_fetch_add(&self->lives, 1);
    atomic_store(&self->pid, spawned_context_self(context));
    return SPAWNED_OK;
}

static spawned_status leaf_stopped(spawned_context *context, void *state, const spawned_exit *why) {
    (void)context, (void)why;
    return strikes(*(leaf **)state, 20) ? 3 : SPAWNED_OK;
}

static void leaf_end(void *state, void *user_data) {
    (void)user_data;
    leaf *self = *(leaf **)state;
    atomic_store(&self->ended_as, atomic_fetch_add(&self->in->ended, 1));
    atomic_fetch_sub(&self->alive, 1);
}

static spawned_status on_order(spawned_context *context, void *state, void *value) {
    (void)state;
    const uint64_t order = *(uint64_t *)value;
    if (order == QUIT) return spawned_context_stop(context);
    return order == FAIL ? 4 : SPAWNED_OK;
}

static void forget(void *argument) { atomic_fetch_add(&((leaf *)argument)->forgotten, 1); }

static const spawned_handler handlers[] = {{&order_type, on_order}};
static const spawned_behavior leaf_behavior = {SPAWNED_BEHAVIOR_INIT("leaf"),
                                               .state_size = sizeof(leaf *),
                                               SPAWNED_HANDLERS(handlers),
                                               .init = leaf_init,
                                               .started = leaf_started,
                                               .stopped = leaf_stopped,
                                               .destroy = leaf_end};

static spawned_strategy any_strategy(storm *s) { return stress_below(&s->random, 3); }

static void describe_leaf(storm *s, uint32_t i) {
    static const spawned_backend backends[] = {SPAWNED_BACKEND_POOL, SPAWNED_BACKEND_POOL,
                                               SPAWNED_BACKEND_POOL, SPAWNED_BACKEND_BLOCKING};
    leaf *one = &s->leaf[i];
    one->in = s;
    atomic_store(&one->dice, stress_random(&s->random));
    snprintf(one->id, sizeof one->id, "l%u", i);
    s->options[i] = (spawned_actor_options)SPAWNED_ACTOR_OPTIONS_INIT;
    s->options[i].backend = backends[stress_below(&s->random, 4)];
    if (stress_below(&s->random, 4) == 0) s->options[i].name = one->id;
    s->leaf_child[i] =
        (spawned_child){SPAWNED_CHILD_INIT(one->id), .behavior = &leaf_behavior,
                        .options = &s->options[i], .argument = one, .destroy = forget};
    s->leaf_list[i] = &s->leaf_child[i];
}

static void describe_tree(storm *s) {
    s->leaves = s->middles * s->groups_each * s->leaves_each;
    for (uint32_t i = 0; i < s->leaves; ++i) describe_leaf(s, i);
    for (uint32_t i = 0; i < s->middles * s->groups_each; ++i) {
        snprintf(s->group_id[i], sizeof s->group_id[i], "g%u", i);
        s->group[i] = (spawned_supervisor){SPAWNED_SUPERVISOR_INIT("group"),
                                           .strategy = any_strategy(s),
                                           .intensity = 1 + stress_below(&s->random, 30),
                                           .period = 10 * SPAWNED_MILLISECOND,
                                           .children = s->leaf_list + i * s->leaves_each,
                                           .child_count = s->leaves_each};
        if (stress_below(&s->random, 4) == 0) s->group[i].backoff = SPAWNED_MILLISECOND;
        s->group_child[i] =
            (spawned_child){SPAWNED_CHILD_INIT(s->group_id[i]), .supervisor = &s->group[i]};
        s->group_list[i] = &s->group_child[i];
    }
    for (uint32_t i = 0; i < s->middles; ++i) {
        snprintf(s->middle_id[i], sizeof s->middle_id[i], "m%u", i);
        s->middle[i] =
            (spawned_supervisor){SPAWNED_SUPERVISOR_INIT("middle"), .strategy = any_strategy(s),
                                 .intensity = 2000, .children = s->group_list + i * s->groups_each,
                                 .child_count = s->groups_each};
        s->middle_child[i] =
            (spawned_child){SPAWNED_CHILD_INIT(s->middle_id[i]), .supervisor = &s->middle[i]};
        s->middle_list[i] = &s->middle_child[i];
    }
    s->top = (spawned_supervisor){SPAWNED_SUPERVISOR_INIT("top"), .strategy = SPAWNED_ONE_FOR_ONE,
                                  .intensity = 60000, .children = s->middle_list,
                                  .child_count = s->middles};
}

/* The pid of a child supervisor of another one; 0: it has none just now. */
static spawned_pid any_child(storm *s, spawned_pid of) {
    spawned_child_info all[widest];
    size_t count = 0;
    if (of == 0 || spawned_supervisor_children(of, SPAWNED_SECOND, all, sizeof *all, widest,
                                               &count) != SPAWNED_OK)
        return 0;
    return all[stress_below(&s->random, (uint32_t)count)].pid;
}

static void strike_once(storm *s) {
    leaf *one = &s->leaf[stress_below(&s->random, s->leaves)];
    const spawned_pid pid = atomic_load(&one->pid);
    const uint64_t order = 1 + stress_below(&s->random, 3);
    switch (stress_below(&s->random, 64)) {
        case 0:
            (void)spawned_actor_kill(any_child(s, s->root));
            break;
        case 1:
            (void)spawned_actor_kill(any_child(s, any_child(s, s->root)));
            break;
        case 2:
            (void)spawned_actor_stop(any_child(s, any_child(s, s->root)));
            break;
        case 3:
        case 4:
        case 5:
            (void)spawned_actor_kill(pid);
            break;
        default:
            (void)spawned_send(pid, &order_type, &order);
            break;
    }
}

static bool is_complete(storm *s) {
    for (uint32_t i = 0; i < s->leaves; ++i)
        if (atomic_load(&s->leaf[i].alive) != 1) return false;
    return true;
}

/* Nobody runs or has a message, or will have one: what was sent to the dead and the living has been handled. */
static bool is_quiet(storm *s) {
    static spawned_actor_report reports[2048];
    size_t count = 0;
    STRESS_OK(spawned_runtime_busy(s->runtime, reports, sizeof *reports,
                                   sizeof reports / sizeof *reports, &count));
    STRESS_CHECK(count <= sizeof reports / sizeof *reports);
    for (size_t i = 0; i < count; ++i)
        if (reports[i].state != SPAWNED_ACTOR_IDLE || reports[i].backlog != 0) return false;
    return true;
}

/* Everybody is there again, and stays. */
static void wait_for_calm(storm *s, bool deterministic) {
    atomic_store(&s->blows, false);
    for (int seen = 0; seen < 3;) {
        if (deterministic)
            STRESS_OK(spawned_deterministic_advance(s->runtime, 10 * SPAWNED_MILLISECOND));
        else
            (void)any_child(s, any_child(s, s->root));
        sched_yield();
        seen = is_complete(s) && is_quiet(s) ? seen + 1 : 0;
    }
}

static void expect_ended_in_order(storm *s) {
    for (uint32_t i = 0; i < s->leaves; ++i) {
        const leaf *one = &s->leaf[i];
        STRESS_CHECK(atomic_load(&one->alive) == 0);
        STRESS_CHECK(atomic_load(&one->doubles) == 0);
        if (i != 0)
            STRESS_CHECK(atomic_load(&one->ended_as) < atomic_load(&s->leaf[i - 1].ended_as));
    }
}

static void blow(uint64_t random, bool deterministic, bool large) {
    stress_memory memory = {0};
    const spawned_allocator allocator = stress_allocator(&memory);
    storm *s = calloc(1, sizeof *s);
    if (s == NULL) stress_fail("no memory");
    s->random = random;
    s->middles = large ? 9 : 1 + stress_below(&s->random, 3);
    s->groups_each = large ? widest : 1 + stress_below(&s->random, 3);
    s->leaves_each = large ? widest : 1 + stress_below(&s->random, 4);
    describe_tree(s);
    spawned_runtime_options options = SPAWNED_RUNTIME_OPTIONS_INIT;
    options.allocator = &allocator;
    options.workers = 1 + stress_below(&s->random, 3);
    options.seed = random;
    options.flags = deterministic ? SPAWNED_RUNTIME_DETERMINISTIC : 0;
    STRESS_OK(spawned_runtime_create(&options, &s->runtime));
    stress_watch(s->runtime);
    STRESS_OK(spawned_supervisor_start(s->runtime, &s->top, NULL, &s->root));
    STRESS_CHECK(is_complete(s));
    atomic_store(&s->blows, true);
    for (uint32_t i = large ? 20000 : 300; i > 0; --i) {
        strike_once(s);
        if (deterministic)
            (void)spawned_deterministic_run(s->runtime, 1 + stress_below(&s->random, 20), NULL);
    }
    wait_for_calm(s, deterministic);
    STRESS_OK(spawned_runtime_shutdown(s->runtime, SPAWNED_DEFAULT));
    stress_watch(NULL);
    expect_ended_in_order(s);
    STRESS_OK(spawned_runtime_destroy(s->runtime));
    uint64_t restarts = 0;
    for (uint32_t i = 0; i < s->leaves; ++i) {
        STRESS_CHECK(atomic_load(&s->leaf[i].forgotten) == 1);
        restarts += (uint64_t)atomic_load(&s->leaf[i].lives) - 1;
    }
    stress_count(restarts);
    stress_expect_all_returned(&memory);
    free(s);
}

int main(int argc, char **argv) {
    stress_begin(argc, argv);
    uint64_t seed;
    while (stress_next_round(&seed)) {
        const bool large = stress_below(&seed, 64) == 0;
        const bool deterministic = stress_below(&seed, 4) != 0;
        blow(stress_random(&seed), deterministic && !large, large);
    }
    return 0;
}
