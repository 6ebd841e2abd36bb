/* Running out of memory among groups and names: as allocation_test.c.
 * timeout: 240 */
#include "support/contract.h"
#include "support/onlooker.h"
#include "support/scarce.h"

#define Z SPAWNED_ZERO_TERMINATED

static void expect(scarce *world, const char *what, bool holds) {
    if (!holds) (void)scarce_ok(world, what, SPAWNED_EFAILED);
}

static void expect_members(scarce *world, size_t wanted) {
    size_t count = 99;
    (void)OK(spawned_group_members(world->runtime, "lobby", Z, NULL, 0, &count));
    expect(world, "members", count == wanted);
}

static spawned_pid start_onlooker(scarce *world, onlooker *own) {
    spawned_actor_options options = SPAWNED_ACTOR_OPTIONS_INIT;
    options.backend = world->backend;
    options.argument = own;
    spawned_pid pid = 0;
    return OK(spawned_actor_start(world->runtime, &onlooker_behavior, &options, &pid)) ? pid : 0;
}

static void end(scarce *world, spawned_pid pid) {
    if (pid == 0) return;
    (void)OK(spawned_actor_drain(pid, SPAWNED_FOREVER));
    (void)OK(spawned_actor_join(pid, HARNESS_LONG));
}

/* What is told of a subscription of two that came before and one that came after is complete or not there. */
static void come_and_go(scarce *world) {
    onlooker *own = onlooker_new(world->h);
    const spawned_pid watching = start_onlooker(world, own);
    const spawned_pid pids[] = {scarce_start(world), scarce_start(world)};
    spawned_event event = 0, other = 0;
    size_t inside = 0, changes = 0, still = 0;
    for (size_t i = 0; i < 2; i++)
        if (pids[i] != 0) inside += OK(spawned_group_join("lobby", Z, pids[i]));
    expect_members(world, inside);
    bool told = false;
    if (watching != 0) {
        told = OK(spawned_group_subscribe("lobby", Z, watching, &onlooker_changed_type, 1, &event));
        if (OK(spawned_group_subscribe("lobby", Z, watching, &onlooker_changed_type, 2, &other)))
            (void)OK(spawned_event_cancel(other)); /* taking away needs no memory */
        changes = inside;
        if (OK(spawned_group_join("lobby", Z, watching))) {
            ++changes;
            if (OK(spawned_group_join("lobby", Z, watching))) /* once more is no change */
                (void)OK(spawned_group_leave("lobby", Z, watching));
            (void)OK(spawned_group_leave("lobby", Z, watching)); /* nor does leaving */
            ++changes;
        }
    }
    for (size_t i = 0; i < 2; i++) end(world, pids[i]);
    changes += inside;
    expect_members(world, 0);
    end(world, watching);
    size_t seen = 0;
    for (size_t i = 0; i < onlooker_count(own); i++)
        seen += told && onlooker_change(own, i).subscription == event;
    expect(world, "changes told of", !told || seen == changes);
    const char *fault = told ? onlooker_fault(own, event, &still) : NULL;
    if (fault != NULL) expect(world, fault, false);
    expect(world, "who is left", still == 0);
}

static spawned_status copy_gift(void *storage, const void *value, void *user_data) {
    const script_gift *from = value;
    script_gift *to = storage;
    to->act = from->act;
    return harness_tracked_type.copy(&to->tracked, &from->tracked, user_data);
}

/* Set once: a value may outlast the join of its receiver by a moment, and its type must outlast both. */
static spawned_message_type copied_gift_type;

enum { MANY = 40 }; /* more than are sent to without memory for their pids */

static void broadcast(scarce *world) {
    spawned_pid pids[MANY];
    size_t inside = 0, taken = 0, refused = 0;
    for (size_t i = 0; i < MANY; i++) {
        pids[i] = scarce_start(world);
        if (pids[i] != 0) inside += OK(spawned_group_join("lobby", Z, pids[i]));
    }
    const script_gift gift = {{script_nothing, NULL}, harness_tracked_make(world->h, 1)};
    const bool all = OK(spawned_group_broadcast(world->runtime, "lobby", Z, &copied_gift_type,
                                                &gift, &taken, &refused));
    expect(world, "refusals", all ? refused == 0 && taken == inside : taken + refused <= inside);
    for (size_t i = 0; i < MANY; i++) end(world, pids[i]);
}

static void send_by_name(scarce *world) {
    const spawned_pid pid = scarce_start(world);
    if (pid == 0 || !OK(spawned_registry_register("clerk", Z, pid))) return end(world, pid);
    const script_gift gift = {{script_nothing, NULL}, harness_tracked_make(world->h, 1)};
    (void)OK(spawned_registry_send(world->runtime, "clerk", Z, &script_give_type, &gift));
    int64_t answer = 5, got = 0;
    const script_act act = {script_reply_number, &answer};
    (void)OUTCOME(spawned_registry_request(world->runtime, "clerk", Z, &script_ask_type, &act,
                                           HARNESS_LONG, &got));
    end(world, pid);
}

/* RG08 */
static void refused_allocation_loses_no_change_of_a_group(void **state) {
    assert_true(scarce_sweep(*state, "come and go", come_and_go));
}

static void refused_allocation_loses_no_value_of_a_broadcast(void **state) {
    assert_true(scarce_sweep(*state, "broadcast", broadcast));
}

static void refused_allocation_loses_nothing_sent_to_a_name(void **state) {
    assert_true(scarce_sweep(*state, "send by name", send_by_name));
}

int main(int argc, char **argv) {
    copied_gift_type = script_give_type;
    copied_gift_type.copy = copy_gift;
    static const struct CMUnitTest tests[] = {
        HARNESS_TEST(refused_allocation_loses_no_change_of_a_group),
        HARNESS_TEST(refused_allocation_loses_no_value_of_a_broadcast),
        HARNESS_TEST(refused_allocation_loses_nothing_sent_to_a_name),
    };
    return harness_main(argc, argv, tests, sizeof tests / sizeof *tests);
}
