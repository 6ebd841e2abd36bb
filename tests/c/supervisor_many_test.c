/* Supervisors of very many children.
 * modes: deterministic */
#include "support/contract.h"
#include "support/family.h"

#include <stdio.h>

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
enum { CHILDREN = 20000 };
#else
enum { CHILDREN = 100000 };
#endif
enum { SIBLINGS = 1000 };

/* Argument of a child, and pointed to by its state: when it came and went, in the order of all that did. */
typedef struct life {
    uint64_t began, ended;
    int64_t alive;
    spawned_pid pid;
} life;

static uint64_t events; /* one thread at a time */

static spawned_status begin_life(void *state, void *argument, void *user_data) {
    (void)user_data;
    life *own = *(life **)state = argument;
    own->began = ++events;
    ++own->alive;
    return SPAWNED_OK;
}

static spawned_status note_pid(spawned_context *context, void *state) {
    (*(life **)state)->pid = spawned_context_self(context);
    return SPAWNED_OK;
}

static void end_life(void *state, void *user_data) {
    (void)user_data;
    life *own = *(life **)state;
    own->ended = ++events;
    --own->alive;
}

static spawned_status fail_on(spawned_context *context, void *state, void *value) {
    (void)context, (void)state, (void)value;
    return spawned_fail(1, "told to", SPAWNED_ZERO_TERMINATED);
}

static const spawned_handler handlers[] = {{&harness_number_type, fail_on}};
static const spawned_behavior mortal = {SPAWNED_BEHAVIOR_INIT("mortal"),
                                        .state_size = sizeof(life *),
                                        SPAWNED_HANDLERS(handlers),
                                        .init = begin_life,
                                        .started = note_pid,
                                        .destroy = end_life};

static void start_slow_child(family *f, spawned_pid supervisor, char letter,
                             spawned_duration shutdown) {
    spawned_pid pid = 0;
    family_child(f, letter)->shutdown = shutdown;
    assert_ok(
        spawned_supervisor_start_child(supervisor, family_child(f, letter), SPAWNED_DEFAULT, &pid));
    assert_ok(family_tell(f, letter, FAMILY_CLING));
}

/* So many, and three slow ones among them: they wait for one another no longer than for the slowest. */
static void expect_to_end_together(harness *h, int count) {
    static family slow;
    family_init(&slow, h, "abc", SPAWNED_DYNAMIC);
    slow.supervisor.children_max = count + 3;
    spawned_pid supervisor = 0, pid = 0;
    assert_ok(family_start(&slow, &supervisor));
    life all = {0};
    const spawned_child child = {SPAWNED_CHILD_INIT(NULL), .behavior = &mortal, .argument = &all};
    start_slow_child(&slow, supervisor, 'a', SPAWNED_SECOND);
    for (int i = 0; i < count; i++) {
        if (i == count / 2) start_slow_child(&slow, supervisor, 'b', 2 * SPAWNED_SECOND);
        assert_ok(spawned_supervisor_start_child(supervisor, &child, SPAWNED_DEFAULT, &pid));
    }
    start_slow_child(&slow, supervisor, 'c', SPAWNED_SECOND);
    assert_true(harness_settle(h));
    assert_int_equal(all.alive, count);

    const spawned_time begin = harness_now(h);
    assert_ok(spawned_actor_stop(supervisor));
    assert_true(harness_settle(h));
    assert_int_equal(all.alive, 0); /* no time has passed */
    assert_int_equal(family_of(&slow, 'a')->alive, 1);
    assert_ok(spawned_actor_join(supervisor, HARNESS_LONG));
    assert_true(harness_now(h) - begin == 2 * SPAWNED_SECOND);
    assert_true(family_is_gone(&slow));
}

/* SV24 */
static void a_thousand_children_end_within_the_time_of_the_slowest(void **state) {
    expect_to_end_together(*state, 1000);
}

static void a_hundred_thousand_children_end_within_the_time_of_the_slowest(void **state) {
    expect_to_end_together(*state, CHILDREN);
}

/* A family of mortals: their lives, and the tables that describe it. */
typedef struct siblings {
    life lives[SIBLINGS];
    char ids[SIBLINGS][8];
    spawned_child children[SIBLINGS];
    const spawned_child *list[SIBLINGS];
} siblings;

static spawned_pid start_siblings(harness *h, siblings *all, spawned_strategy strategy) {
    memset(all, 0, sizeof *all);
    for (int i = 0; i < SIBLINGS; i++) {
        (void)snprintf(all->ids[i], sizeof all->ids[i], "%d", i);
        all->children[i] = (spawned_child){SPAWNED_CHILD_INIT(all->ids[i]), .behavior = &mortal,
                                           .argument = &all->lives[i]};
        all->list[i] = &all->children[i];
    }
    const spawned_supervisor family = {SPAWNED_SUPERVISOR_INIT("family"), .strategy = strategy,
                                       .intensity = SIBLINGS, SPAWNED_CHILDREN(all->list)};
    spawned_pid supervisor = 0;
    assert_ok(spawned_supervisor_start(harness_runtime(h), &family, NULL, &supervisor));
    return supervisor;
}

/* SV04 */
static void one_for_one_replaces_a_thousand_that_fail_at_once(void **state) {
    harness *h = *state;
    static siblings all;
    const spawned_pid supervisor = start_siblings(h, &all, SPAWNED_ONE_FOR_ONE);
    static spawned_pid before[SIBLINGS];
    for (int i = 0; i < SIBLINGS; i++) before[i] = all.lives[i].pid;
    for (int i = 0; i < SIBLINGS; i++) assert_ok(harness_send_number(before[i], 0));
    assert_true(harness_settle(h));
    for (int i = 0; i < SIBLINGS; i++) {
        assert_int_equal(all.lives[i].alive, 1);
        assert_true(all.lives[i].pid != before[i]);
    }
    assert_ok(spawned_actor_stop(supervisor));
    assert_ok(spawned_actor_join(supervisor, HARNESS_LONG));
}

/* SV05 */
static void one_for_all_replaces_a_thousand_in_order(void **state) {
    harness *h = *state;
    static siblings all;
    const spawned_pid supervisor = start_siblings(h, &all, SPAWNED_ONE_FOR_ALL);
    assert_ok(harness_send_number(all.lives[SIBLINGS / 2].pid, 0));
    assert_true(harness_settle(h));
    for (int i = 0; i < SIBLINGS; i++) {
        assert_int_equal(all.lives[i].alive, 1);
        assert_true(all.lives[i].began > all.lives[i].ended);
        if (i == 0) continue;
        assert_true(all.lives[i].began > all.lives[i - 1].began);
        if (i != SIBLINGS / 2) /* had ended by itself before them all */
            assert_true(i - 1 == SIBLINGS / 2 || all.lives[i].ended < all.lives[i - 1].ended);
    }
    assert_ok(spawned_actor_stop(supervisor));
    assert_ok(spawned_actor_join(supervisor, HARNESS_LONG));
}

int main(int argc, char **argv) {
    static const struct CMUnitTest tests[] = {
        HARNESS_TEST(a_thousand_children_end_within_the_time_of_the_slowest),
        HARNESS_TEST(a_hundred_thousand_children_end_within_the_time_of_the_slowest),
        HARNESS_TEST(one_for_one_replaces_a_thousand_that_fail_at_once),
        HARNESS_TEST(one_for_all_replaces_a_thousand_in_order),
    };
    return harness_main(argc, argv, tests, sizeof tests / sizeof *tests);
}
