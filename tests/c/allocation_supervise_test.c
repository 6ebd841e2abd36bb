/* Running out of memory among monitors and links: as allocation_test.c.
 * timeout: 240 */
#include "support/contract.h"
#include "support/scarce.h"
#include "support/witness.h"

static bool start_witness(scarce *world, witness *own, spawned_pid *pid) {
    spawned_actor_options options = SPAWNED_ACTOR_OPTIONS_INIT;
    options.backend = world->backend;
    options.argument = own;
    return OK(spawned_actor_start(world->runtime, &witness_behavior, &options, pid));
}

static void expect_count(scarce *world, const char *what, size_t seen, size_t wanted) {
    if (seen != wanted) (void)scarce_ok(world, what, SPAWNED_EFAILED);
}

static void monitor_ends(scarce *world) {
    static spawned_status failed = 9;
    witness *own = witness_new(world->h);
    spawned_pid watcher = 0, child = 0;
    spawned_event event = 0;
    if (!start_witness(world, own, &watcher)) return;
    const spawned_pid watched = scarce_start(world);
    size_t wanted = 0;
    if (watched != 0) {
        wanted += OK(spawned_monitor(watched, watcher, &witness_ended_type, 1, NULL));
        if (OK(spawned_monitor(watched, watcher, &witness_ended_type, 2, &event)))
            (void)OK(spawned_event_cancel(event)); /* taking away needs no memory */
        const spawned_status told = script_tell(watched, witness_fail, &failed);
        if (!OK(told)) (void)OK(spawned_actor_stop(watched)); /* nor does what was promised */
        (void)OK(spawned_actor_join(watched, HARNESS_LONG));
        wanted += OK(spawned_monitor(watched, watcher, &witness_ended_type, 3, NULL));
    }
    spawned_actor_options options = SPAWNED_ACTOR_OPTIONS_INIT;
    options.backend = world->backend;
    options.name = "child";
    const spawned_status born =
        spawned_actor_start_monitored(world->runtime, &script_behavior, &options, watcher,
                                      &witness_ended_type, 4, &child, &event);
    if (OK(born)) {
        ++wanted;
        (void)OK(spawned_actor_kill(child));
        (void)OK(spawned_actor_join(child, HARNESS_LONG));
    } else {
        expect_count(world, "the pid of a start that failed", child, 0);
    }
    (void)OK(spawned_actor_drain(watcher, SPAWNED_FOREVER));
    (void)OK(spawned_actor_join(watcher, HARNESS_LONG));
    expect_count(world, "ends told of", witness_count(own), wanted);
}

static void refused_allocation_loses_no_end_that_is_monitored(void **state) {
    assert_true(scarce_sweep(*state, "monitor ends", monitor_ends));
}

int main(int argc, char **argv) {
    static const struct CMUnitTest tests[] = {
        HARNESS_TEST(refused_allocation_loses_no_end_that_is_monitored),
    };
    return harness_main(argc, argv, tests, sizeof tests / sizeof *tests);
}
