/* Supervisors below supervisors: the tree starts and ends in order, what gives up is restarted by the one above, and
 * nobody is ever there twice. */
#include "family_begin.h"
#include "support/script.h"

/* top: a, sub (x, y, z), b; one journal for all. */
typedef struct tree {
    family all;
    spawned_supervisor sub;
    spawned_child sub_child;
    const spawned_child *top_list[3];
    spawned_pid top;
} tree;

static void tree_init(tree *t, harness *h, spawned_strategy top, spawned_strategy sub) {
    memset(t, 0, sizeof *t);
    family_init(&t->all, h, "abxyz", top);
    t->sub = (spawned_supervisor){SPAWNED_SUPERVISOR_INIT("sub"), .strategy = sub,
                                  .children = t->all.list + 2,
                                  .child_count = sub == SPAWNED_DYNAMIC ? 0 : 3};
    t->sub_child = (spawned_child){SPAWNED_CHILD_INIT("sub"), .supervisor = &t->sub};
    t->top_list[0] = family_child(&t->all, 'a');
    t->top_list[1] = &t->sub_child;
    t->top_list[2] = family_child(&t->all, 'b');
    t->all.supervisor.children = t->top_list;
    t->all.supervisor.child_count = 3;
}

static void tree_start(tree *t) {
    assert_ok(family_start(&t->all, &t->top));
    assert_true(harness_settle(t->all.owner));
}

static spawned_pid sub_of(tree *t) {
    spawned_child_info info = SPAWNED_CHILD_INFO_INIT;
    assert_ok(spawned_supervisor_child(t->top, "sub", 3, SPAWNED_DEFAULT, &info));
    assert_int_equal(info.is_supervisor, 1);
    return info.pid;
}

static void tree_starts_and_ends_in_order(void **state) {
    harness *h = *state;
    static tree t;
    tree_init(&t, h, SPAWNED_ONE_FOR_ONE, SPAWNED_ONE_FOR_ONE);
    tree_start(&t);
    assert_true(family_wait_journal(&t.all, "+a +x +y +z +b"));
    family_clear(&t.all);
    assert_ok(spawned_runtime_shutdown(harness_runtime(h), HARNESS_LONG));
    assert_string_equal(t.all.journal, "-b -z -y -x -a");
}

static void failing_start_deep_below_rolls_everything_back(void **state) {
    harness *h = *state;
    static tree t;
    tree_init(&t, h, SPAWNED_ONE_FOR_ALL, SPAWNED_REST_FOR_ONE);
    family_of(&t.all, 'y')->started_failures = 1;
    assert_status(family_start(&t.all, &t.top), FAMILY_CODE);
    assert_true(family_wait_journal(&t.all, "+a +x !y -y -x -a"));
    spawned_exit exit = SPAWNED_EXIT_INIT;
    char text[200];
    assert_ok(spawned_actor_exit_reason(t.top, &exit, text, sizeof text));
    assert_string_equal(text,
                        "child 'sub' did not start: child 'y' did not start: planned in started");
    assert_true(family_is_gone(&t.all));
}

static void group_restart_replaces_a_whole_subtree(void **state) {
    harness *h = *state;
    static tree t;
    tree_init(&t, h, SPAWNED_ONE_FOR_ALL, SPAWNED_ONE_FOR_ONE);
    tree_start(&t);
    const spawned_pid before = sub_of(&t);
    family_clear(&t.all);
    assert_ok(family_tell(&t.all, 'a', FAMILY_FAIL));
    assert_true(family_wait_journal(&t.all, "-a -b -z -y -x +a +x +y +z +b"));
    assert_true(sub_of(&t) != before);
    stop_and_join(t.top);
    assert_true(family_is_gone(&t.all));
}

/* SV20 */
static void what_gives_up_is_restarted_by_the_one_above(void **state) {
    harness *h = *state;
    for (int restart = 0; restart < 2; restart++) {
        static tree both[2];
        tree *t = &both[restart];
        tree_init(t, h, SPAWNED_ONE_FOR_ONE, SPAWNED_ONE_FOR_ONE);
        t->sub.intensity = 1;
        t->sub.child_count = 2;
        t->sub_child.restart = (spawned_restart)restart;
        tree_start(t);
        const spawned_pid before = sub_of(t);
        /* Added at run time: it is not the next incarnation's. */
        assert_ok(spawned_supervisor_start_child(before, family_child(&t->all, 'z'),
                                                 SPAWNED_DEFAULT, NULL));
        family_clear(&t->all);
        assert_ok(family_tell(&t->all, 'x', FAMILY_FAIL));
        assert_true(family_wait_journal(&t->all, "-x +x"));
        assert_ok(family_tell(&t->all, 'x', FAMILY_FAIL));
        assert_ok(spawned_actor_join(before, HARNESS_LONG));
        assert_exit(before, SPAWNED_EXIT_SHUTDOWN, SPAWNED_OK, SPAWNED_PLACE_NONE);
        if (restart == SPAWNED_PERMANENT) {
            assert_true(family_wait_journal(&t->all, "-x +x -x -z -y +x +y"));
            assert_true(sub_of(t) != before);
        } else {
            assert_true(family_wait_journal(&t->all, "-x +x -x -z -y"));
            assert_true(sub_of(t) == 0);
        }
        assert_int_equal(family_of(&t->all, 'z')->forgotten, 1);
        stop_and_join(t->top);
        assert_true(family_is_gone(&t->all));
    }
}

/* The incarnation after so many restarts, which has not started. */
static spawned_pid starting_sub(tree *t, uint32_t restarts) {
    spawned_child_info info = SPAWNED_CHILD_INFO_INIT;
    do {
        assert_ok(spawned_supervisor_child(t->top, "sub", 3, SPAWNED_DEFAULT, &info));
    } while (info.restarts < restarts || info.state == SPAWNED_CHILD_RESTARTING);
    assert_int_equal(info.restarts, restarts);
    assert_int_equal(info.state, SPAWNED_CHILD_STARTING);
    return info.pid;
}

/* Kill asks nobody's leave: the incarnation after it begins when the last one's children have ended. */
static void after_a_kill_the_next_incarnation_waits_for_what_is_left(void **state) {
    harness *h = *state;
    static tree t;
    tree_init(&t, h, SPAWNED_ONE_FOR_ONE, SPAWNED_ONE_FOR_ONE);
    t.all.supervisor.intensity = 100;
    t.all.gate = harness_gate_new(h);
    tree_start(&t);
    family_clear(&t.all);
    const spawned_pid before = sub_of(&t);
    const bool held = !harness_is_alone(h);
    if (held) {
        assert_ok(family_tell(&t.all, 'y', FAMILY_HOLD));
        assert_true(harness_gate_wait_for(t.all.gate, 1));
    }
    assert_ok(spawned_actor_kill(before));
    assert_ok(spawned_actor_join(before, HARNESS_LONG));
    if (held) {
        /* Nor is it forgotten by those that are killed or stopped while they wait. */
        const spawned_pid second = starting_sub(&t, 1);
        assert_ok(spawned_actor_kill(second));
        const spawned_pid third = starting_sub(&t, 2);
        assert_ok(spawned_actor_stop(third));
        assert_true(starting_sub(&t, 3) != third);
        assert_int_equal(atomic_load(&family_of(&t.all, 'x')->lives), 1);
        harness_gate_open(t.all.gate);
    }
    assert_true(family_wait_lives(&t.all, 'z', 2));
    for (int round = 0; round < 20; round++) {
        assert_ok(spawned_actor_kill(sub_of(&t)));
        assert_true(family_wait_lives(&t.all, 'z', 3 + round));
    }
    stop_and_join(t.top);
    assert_true(family_is_gone(&t.all));
}

static void killed_tree_leaves_nobody(void **state) {
    harness *h = *state;
    static tree t;
    tree_init(&t, h, SPAWNED_ONE_FOR_ONE, SPAWNED_DYNAMIC);
    tree_start(&t);
    for (char one = 'x'; one <= 'z'; one++)
        assert_ok(spawned_supervisor_start_child(sub_of(&t), family_child(&t.all, one),
                                                 SPAWNED_DEFAULT, NULL));
    assert_ok(spawned_actor_kill(t.top));
    assert_ok(spawned_actor_join(t.top, HARNESS_LONG));
    for (char one = 'x'; one <= 'z'; one++)
        assert_ok(spawned_actor_join(family_pid(&t.all, one), HARNESS_LONG));
    assert_true(harness_settle(h));
    assert_true(family_is_gone(&t.all));
}

static void nested_supervisor_may_have_a_name(void **state) {
    harness *h = *state;
    static tree t;
    tree_init(&t, h, SPAWNED_ONE_FOR_ONE, SPAWNED_ONE_FOR_ONE);
    spawned_actor_options named = SPAWNED_ACTOR_OPTIONS_INIT;
    named.name = "sub";
    t.sub_child.options = &named;
    tree_start(&t);
    spawned_pid found = 0;
    assert_ok(spawned_registry_whereis(harness_runtime(h), "sub", 3, &found));
    assert_true(found == sub_of(&t));
    stop_and_join(t.top);
}

static void signal_failure(spawned_pid to, spawned_status code) {
    spawned_exit why = SPAWNED_EXIT_INIT;
    why.kind = SPAWNED_EXIT_FAILURE;
    why.code = code;
    assert_ok(spawned_actor_exit(to, &why, NULL, 0));
}

/* A signal is a stop with a reason of its own. */
static void signalled_supervisor_ends_its_children_first(void **state) {
    harness *h = *state;
    for (int through_link = 0; through_link < 2; through_link++) {
        static tree t;
        tree_init(&t, h, SPAWNED_ONE_FOR_ONE, SPAWNED_ONE_FOR_ONE);
        tree_start(&t);
        family_clear(&t.all);
        spawned_pid to = t.top;
        if (through_link) {
            to = script_start(h);
            assert_ok(spawned_link(t.top, to));
        }
        signal_failure(to, 5);
        assert_ok(spawned_actor_join(t.top, HARNESS_LONG));
        assert_exit(t.top, SPAWNED_EXIT_FAILURE, 5, SPAWNED_PLACE_NONE);
        assert_string_equal(t.all.journal, "-b -z -y -x -a");
        assert_true(family_is_gone(&t.all));
    }
}

/* A tree that is told to end, and whose first child does not until it is killed. signal: 0 for a stop. */
static void tree_begin_end(tree *t, harness *h, spawned_status signal) {
    tree_init(t, h, SPAWNED_ONE_FOR_ONE, SPAWNED_ONE_FOR_ONE);
    family_child(&t->all, 'a')->shutdown = SPAWNED_FOREVER;
    tree_start(t);
    assert_ok(family_tell(&t->all, 'a', FAMILY_CLING));
    assert_true(harness_settle(h));
    family_clear(&t->all);
    if (signal == 0)
        assert_ok(spawned_actor_stop(t->top));
    else
        signal_failure(t->top, signal);
    assert_true(family_wait_journal(&t->all, "-b -z -y -x"));
    assert_true(harness_settle(h));
}

static void first_signal_to_a_supervisor_stays_the_reason_while_its_children_end(void **state) {
    harness *h = *state;
    static tree t;
    tree_begin_end(&t, h, 5);
    signal_failure(t.top, 6);
    assert_ok(spawned_actor_stop(t.top));
    const spawned_pid linked = script_start(h);
    assert_ok(spawned_link(t.top, linked));
    signal_failure(linked, 7);
    assert_ok(spawned_actor_join(linked, HARNESS_LONG));
    assert_true(harness_settle(h));
    assert_exit(t.top, SPAWNED_EXIT_RUNNING, SPAWNED_OK, SPAWNED_PLACE_NONE);
    assert_ok(spawned_actor_kill(family_pid(&t.all, 'a')));
    assert_ok(spawned_actor_join(t.top, HARNESS_LONG));
    assert_exit(t.top, SPAWNED_EXIT_FAILURE, 5, SPAWNED_PLACE_NONE);
    assert_true(family_is_gone(&t.all));
}

static void stop_that_a_supervisor_obeys_already_stays_the_reason(void **state) {
    harness *h = *state;
    static tree t;
    tree_begin_end(&t, h, 0);
    signal_failure(t.top, 5);
    assert_ok(spawned_actor_kill(family_pid(&t.all, 'a')));
    assert_ok(spawned_actor_join(t.top, HARNESS_LONG));
    assert_exit(t.top, SPAWNED_EXIT_NORMAL, SPAWNED_OK, SPAWNED_PLACE_NONE);
}

static void kill_of_a_supervisor_that_was_signalled_leaves_nobody(void **state) {
    harness *h = *state;
    static tree t;
    tree_begin_end(&t, h, 5);
    assert_ok(spawned_actor_kill(t.top));
    assert_ok(spawned_actor_join(t.top, HARNESS_LONG));
    assert_exit(t.top, SPAWNED_EXIT_KILLED, SPAWNED_OK, SPAWNED_PLACE_NONE);
    assert_ok(spawned_actor_join(family_pid(&t.all, 'a'), HARNESS_LONG));
    assert_true(harness_settle(h));
    assert_true(family_is_gone(&t.all));
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        HARNESS_TEST(tree_starts_and_ends_in_order),
        HARNESS_TEST(failing_start_deep_below_rolls_everything_back),
        HARNESS_TEST(group_restart_replaces_a_whole_subtree),
        HARNESS_TEST(what_gives_up_is_restarted_by_the_one_above),
        HARNESS_TEST(after_a_kill_the_next_incarnation_waits_for_what_is_left),
        HARNESS_TEST(killed_tree_leaves_nobody),
        HARNESS_TEST(nested_supervisor_may_have_a_name),
        HARNESS_TEST(signalled_supervisor_ends_its_children_first),
        HARNESS_TEST(first_signal_to_a_supervisor_stays_the_reason_while_its_children_end),
        HARNESS_TEST(stop_that_a_supervisor_obeys_already_stays_the_reason),
        HARNESS_TEST(kill_of_a_supervisor_that_was_signalled_leaves_nobody),
    };
    return harness_main(argc, argv, tests, sizeof tests / sizeof *tests);
}
