/* Running out of memory in supervisors: as allocation_test.c. Whatever is refused, nobody is there twice, nobody is
 * left behind, and every argument is destroyed once.
 * modes: deterministic pool
 * timeout: 240 */
#include "support/contract.h"
#include "support/family.h"
#include "support/scarce.h"

static family f;

static void begin_family(scarce *world, spawned_strategy strategy) {
    family_init(&f, world->h, "abcd", strategy);
    for (size_t i = 0; i < f.count; i++) f.options[i].backend = world->backend;
    if (strategy != SPAWNED_DYNAMIC) f.supervisor.child_count = 3;
    f.supervisor.intensity = 8;
}

static void end_supervisor(scarce *world, spawned_pid supervisor) {
    if (supervisor == 0) return;
    (void)OUTCOME(spawned_actor_stop(supervisor));
    (void)OK(spawned_actor_join(supervisor, HARNESS_LONG));
}

static void end_family(scarce *world, spawned_pid supervisor, size_t described) {
    end_supervisor(world, supervisor);
    if (!family_is_gone(&f)) (void)OK(SPAWNED_EFAILED);
    for (size_t i = 0; i < described; i++)
        if (atomic_load(&f.members[i].forgotten) != 1) (void)OK(SPAWNED_EFAILED);
}

static void restart_a_group(scarce *world) {
    begin_family(world, SPAWNED_ONE_FOR_ALL);
    spawned_pid supervisor = 0, pid = 0;
    if (OUTCOME(spawned_supervisor_start(world->runtime, &f.supervisor, NULL, &supervisor))) {
        /* Who is told may be gone: the group's restart ends it first. */
        (void)harness_send_number(family_pid(&f, 'b'), FAMILY_FAIL);
        const bool stopped =
            OUTCOME(spawned_supervisor_stop_child(supervisor, "c", 1, HARNESS_LONG));
        (void)harness_send_number(family_pid(&f, 'a'), FAMILY_FAIL);
        if (stopped)
            (void)OUTCOME(spawned_supervisor_restart_child(supervisor, "c", 1, HARNESS_LONG, &pid));
    }
    end_family(world, supervisor, 3);
}

static void add_and_take_away(scarce *world) {
    begin_family(world, SPAWNED_DYNAMIC);
    spawned_pid supervisor = 0;
    size_t described = 0;
    if (OUTCOME(spawned_supervisor_start(world->runtime, &f.supervisor, NULL, &supervisor)))
        for (; described < f.count; described++) {
            spawned_pid pid = 0;
            if (!OUTCOME(spawned_supervisor_start_child(supervisor, &f.children[described],
                                                        HARNESS_LONG, &pid)))
                continue;
            if (described == 1)
                (void)OUTCOME(spawned_supervisor_stop_pid(supervisor, pid, HARNESS_LONG));
            if (described == 2) (void)harness_send_number(pid, FAMILY_FAIL);
        }
    spawned_child_info info[4];
    size_t count = 0;
    if (described != 0)
        (void)OUTCOME(
            spawned_supervisor_children(supervisor, HARNESS_LONG, info, sizeof *info, 4, &count));
    end_family(world, supervisor, described);
}

/* Kills a supervisor below, and waits until it is there again, or will not be. */
static void restart_a_tree(scarce *world) {
    begin_family(world, SPAWNED_ONE_FOR_ONE);
    const spawned_supervisor inner = {SPAWNED_SUPERVISOR_INIT("inner"), .children = f.list,
                                      .child_count = 2};
    const spawned_child nested = {SPAWNED_CHILD_INIT("inner"), .supervisor = &inner};
    const spawned_child *const list[] = {f.list[2], &nested};
    f.supervisor.children = list;
    f.supervisor.child_count = 2;
    spawned_pid supervisor = 0;
    if (OUTCOME(spawned_supervisor_start(world->runtime, &f.supervisor, NULL, &supervisor))) {
        spawned_child_info info = SPAWNED_CHILD_INFO_INIT;
        bool told =
            OUTCOME(spawned_supervisor_child(supervisor, "inner", 5, HARNESS_LONG, &info)) &&
            spawned_actor_kill(info.pid) == SPAWNED_OK;
        (void)harness_send_number(family_pid(&f, 'c'), FAMILY_FAIL);
        while (told && info.restarts == 0)
            told = OUTCOME(spawned_supervisor_child(supervisor, "inner", 5, HARNESS_LONG, &info));
    }
    end_supervisor(world, supervisor);
    /* What the killed one has left is killed, too, which may outlast the end of the one above. */
    for (size_t i = 0; i < 3; i++)
        if (f.members[i].pid != 0) (void)OK(spawned_actor_join(f.members[i].pid, HARNESS_LONG));
    end_family(world, 0, 3);
}

static void refused_allocation_loses_no_child_of_a_group(void **state) {
    assert_true(scarce_sweep(*state, "restart a group", restart_a_group));
}

static void refused_allocation_loses_no_child_of_a_dynamic_supervisor(void **state) {
    assert_true(scarce_sweep(*state, "add and take away", add_and_take_away));
}

static void refused_allocation_loses_no_child_of_a_tree(void **state) {
    assert_true(scarce_sweep(*state, "restart a tree", restart_a_tree));
}

int main(int argc, char **argv) {
    static const struct CMUnitTest tests[] = {
        HARNESS_TEST(refused_allocation_loses_no_child_of_a_group),
        HARNESS_TEST(refused_allocation_loses_no_child_of_a_dynamic_supervisor),
        HARNESS_TEST(refused_allocation_loses_no_child_of_a_tree),
    };
    return harness_main(argc, argv, tests, sizeof tests / sizeof *tests);
}
