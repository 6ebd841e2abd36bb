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

static spawned_status act_as_told(spawned_context *context, void *state, void *argument) {
    (void)state;
    *(spawned_status *)argument = spawned_context_trap_exits(context, &witness_ended_type);
    return SPAWNED_OK;
}

/* What was promised needs no memory: only a text may be missing. */
static void link_ends(scarce *world) {
    static spawned_status failed = 9;
    witness *own = witness_new(world->h), *child = witness_new(world->h);
    spawned_pid traps = 0, acts = 0;
    if (!start_witness(world, own, &traps)) return;
    const bool has_child = start_witness(world, child, &acts);
    const spawned_pid dying = scarce_start(world);
    if (dying == 0 || !has_child) return;
    const bool early = OK(spawned_link(traps, dying)), acting = OK(spawned_link(dying, acts));
    static spawned_status trapped;
    trapped = SPAWNED_ENOMEM;
    const spawned_status asked = script_run(traps, act_as_told, &trapped);
    const bool is_trapping = OUTCOME(asked) && OK(trapped);
    (void)OK(spawned_unlink(traps, acts)); /* needs no memory */
    if (early && !is_trapping) (void)OK(spawned_unlink(dying, traps));
    const spawned_status told = script_tell(dying, witness_fail, &failed);
    if (!OK(told)) (void)OK(spawned_actor_kill(dying));
    (void)OK(spawned_actor_join(dying, HARNESS_LONG));
    if (acting) {
        (void)OK(spawned_actor_join(acts, HARNESS_LONG));
        /* what is remembered of it may be nothing: that needs memory */
        expect_count(world, "how a linked actor ended", witness_exit(child).kind,
                     told == SPAWNED_OK ? SPAWNED_EXIT_FAILURE : SPAWNED_EXIT_KILLED);
    }
    (void)OK(spawned_actor_drain(traps, SPAWNED_FOREVER));
    (void)OK(spawned_actor_join(traps, HARNESS_LONG));
    expect_count(world, "ends told of through links", witness_count(own), early && is_trapping);
}

static void start_linked(scarce *world) {
    witness *own = witness_new(world->h), *child = witness_new(world->h);
    spawned_pid parent = 0, pid = 0;
    witness_will_trap(own);
    if (!start_witness(world, own, &parent)) return;
    const bool traps = OUTCOME(script_run(parent, script_nothing, NULL));
    spawned_actor_options options = SPAWNED_ACTOR_OPTIONS_INIT;
    options.backend = world->backend;
    options.argument = child;
    options.name = "child";
    const spawned_status born =
        spawned_actor_start_linked(world->runtime, &witness_behavior, &options, parent, &pid);
    const bool ended = born == SPAWNED_ESTOPPED && !traps; /* its parent could not trap */
    if (!ended && OK(born)) {
        (void)OK(spawned_actor_kill(pid));
        (void)OK(spawned_actor_join(pid, HARNESS_LONG));
        (void)spawned_actor_drain(parent, SPAWNED_FOREVER); /* unless it could not trap */
        (void)OK(spawned_actor_join(parent, HARNESS_LONG));
        expect_count(world, "ends told of through births", witness_count(own),
                     witness_exit(own).kind == SPAWNED_EXIT_NORMAL);
    } else {
        expect_count(world, "the pid of a start that failed", pid, 0);
    }
}

static void signal_exits(scarce *world) {
    witness *own = witness_new(world->h);
    spawned_pid traps = 0;
    witness_will_trap(own);
    const spawned_pid acts = scarce_start(world);
    spawned_exit exit = SPAWNED_EXIT_INIT;
    exit.kind = SPAWNED_EXIT_FAILURE;
    exit.code = 9;
    if (acts != 0 && OK(spawned_actor_exit(acts, &exit, "a text that needs room", 22)))
        (void)OK(spawned_actor_join(acts, HARNESS_LONG));
    if (!start_witness(world, own, &traps)) return;
    if (!OUTCOME(script_run(traps, script_nothing, NULL))) return;
    const bool sent = OK(spawned_actor_exit(traps, &exit, "another one", 11));
    (void)OK(spawned_actor_drain(traps, SPAWNED_FOREVER));
    (void)OK(spawned_actor_join(traps, HARNESS_LONG));
    expect_count(world, "signals told of", witness_count(own), sent);
}

static void refused_allocation_loses_no_end_that_is_monitored(void **state) {
    assert_true(scarce_sweep(*state, "monitor ends", monitor_ends));
}

static void refused_allocation_loses_no_signal_of_a_link(void **state) {
    assert_true(scarce_sweep(*state, "link ends", link_ends));
    assert_true(scarce_sweep(*state, "start linked", start_linked));
}

static void refused_allocation_loses_no_signal_that_was_sent(void **state) {
    assert_true(scarce_sweep(*state, "signal exits", signal_exits));
}

int main(int argc, char **argv) {
    static const struct CMUnitTest tests[] = {
        HARNESS_TEST(refused_allocation_loses_no_end_that_is_monitored),
        HARNESS_TEST(refused_allocation_loses_no_signal_of_a_link),
        HARNESS_TEST(refused_allocation_loses_no_signal_that_was_sent),
    };
    return harness_main(argc, argv, tests, sizeof tests / sizeof *tests);
}
