/* Groups: who is in, what ends a membership, and what each member gets of a broadcast. Who is told of changes:
 * group_change_test.c. */
#include "support/contract.h"
#include "support/onlooker.h"

#define Z SPAWNED_ZERO_TERMINATED

/* How many are in, or the failure, negative; pids must be of room for 8. */
static int64_t members(harness *h, const char *name, spawned_pid *pids) {
    size_t count = 0;
    const spawned_status status =
        spawned_group_members(harness_runtime(h), name, Z, pids, 8, &count);
    return status == SPAWNED_OK ? (int64_t)count : status;
}

static bool is_among(spawned_pid pid, const spawned_pid *pids, int64_t count) {
    for (int64_t i = 0; i < count; i++)
        if (pids[i] == pid) return true;
    return false;
}

static void members_are_those_who_have_joined(void **state) {
    harness *h = *state;
    const spawned_pid a = script_start(h), b = script_start(h);
    spawned_pid found[8] = {0};
    size_t count = 7;
    assert_int_equal(members(h, "lobby", found), 0);
    assert_ok(spawned_group_join("lobby", Z, a));
    assert_ok(spawned_group_join("lobbyist", 5, b)); /* by length */
    assert_ok(spawned_group_join("Lobby", Z, b));    /* bytewise */
    assert_int_equal(members(h, "lobby", found), 2);
    assert_true(is_among(a, found, 2) && is_among(b, found, 2));
    found[1] = 0;
    assert_ok(spawned_group_members(harness_runtime(h), "lobby", Z, found, 1, &count));
    assert_int_equal(count, 2); /* more than there was room for */
    assert_true(found[1] == 0);
    assert_ok(spawned_group_members(harness_runtime(h), "lobby", Z, NULL, 0, &count));
    assert_int_equal(count, 2);
    assert_ok(spawned_group_leave("lobby", Z, a));
    assert_int_equal(members(h, "lobby", found), 1);
    assert_true(found[0] == b);
    assert_status(spawned_group_leave("lobby", Z, a), SPAWNED_ENOENT);
    assert_status(spawned_group_leave("nowhere", Z, a), SPAWNED_ENOENT);
    assert_int_equal(members(h, "Lobby", found), 1);
}

static void name_of_a_group_is_none_of_the_registry(void **state) {
    harness *h = *state;
    const spawned_pid a = script_start(h);
    spawned_pid found = 0;
    assert_ok(spawned_group_join("lobby", Z, a));
    assert_status(spawned_registry_whereis(harness_runtime(h), "lobby", Z, &found), SPAWNED_ENOENT);
    assert_ok(spawned_registry_register("lobby", Z, a));
    assert_ok(spawned_group_leave("lobby", Z, a));
    assert_ok(spawned_registry_whereis(harness_runtime(h), "lobby", Z, &found));
}

/* RG08: a member is one, however often it joined */
static void joins_are_counted_and_a_member_is_one(void **state) {
    harness *h = *state;
    onlooker *own = onlooker_new(h);
    const spawned_pid watching = onlooker_start(own, NULL), a = script_start(h);
    spawned_pid found[8];
    spawned_event event = 0;
    assert_ok(spawned_group_subscribe("lobby", Z, watching, &onlooker_changed_type, 1, &event));
    assert_ok(spawned_group_join("lobby", Z, a));
    assert_ok(spawned_group_join("lobby", Z, a));
    assert_int_equal(members(h, "lobby", found), 1);
    assert_ok(spawned_group_leave("lobby", Z, a));
    assert_int_equal(members(h, "lobby", found), 1);
    assert_ok(spawned_group_join("lobby", Z, a));
    assert_ok(spawned_group_leave("lobby", Z, a));
    assert_ok(spawned_group_leave("lobby", Z, a));
    assert_int_equal(members(h, "lobby", found), 0);
    assert_status(spawned_group_leave("lobby", Z, a), SPAWNED_ENOENT);
    assert_ok(spawned_group_join("lobby", Z, a));
    assert_ok(spawned_group_join("lobby", Z, a));
    assert_ok(spawned_actor_stop(a)); /* all of its joins at once */
    assert_ok(spawned_actor_join(a, HARNESS_LONG));
    assert_int_equal(members(h, "lobby", found), 0);
    assert_true(harness_settle(h));
    assert_string_equal(onlooker_story(own, &a, 1), "+a1 -a0 +a1 -a0");
}

/* What an end's monitor sees. */
typedef struct look {
    harness *h;
    spawned_pid watched;
    int64_t members;
    spawned_status left;
} look;

static spawned_status look_around(spawned_context *context, void *state, void *argument) {
    (void)context, (void)state;
    look *own = argument;
    spawned_pid found[8];
    own->members = members(own->h, "lobby", found);
    own->left = spawned_group_leave("lobby", Z, own->watched);
    return SPAWNED_OK;
}

static spawned_status quit_as(spawned_pid pid, int how) {
    static spawned_status failed = 9;
    switch (how) {
        case 0:
            return spawned_actor_stop(pid);
        case 1:
            return spawned_actor_kill(pid);
        case 2:
            return script_tell(pid, script_return, &failed);
        default:
            return spawned_actor_drain(pid, SPAWNED_FOREVER);
    }
}

static void end_of_any_kind_leaves_every_group_before_it_is_seen(void **state) {
    harness *h = *state;
    for (int how = 0; how < 4; how++) {
        const spawned_pid a = script_start(h), b = script_start(h), other = script_start(h);
        look seen = {h, a, -1, 1};
        assert_ok(spawned_group_join("lobby", Z, a));
        assert_ok(spawned_group_join("lobby", Z, other));
        assert_ok(spawned_group_join("bar", Z, a));
        const script_act act = {look_around, &seen};
        spawned_message *message = NULL;
        assert_ok(spawned_message_create(b, &script_tell_type, &act, &message));
        assert_ok(spawned_send_on_end(a, message, NULL));
        assert_ok(quit_as(a, how));
        assert_ok(spawned_actor_join(a, HARNESS_LONG));
        spawned_pid found[8];
        assert_int_equal(members(h, "bar", found), 0);
        assert_true(harness_settle(h));
        assert_int_equal(seen.members, 1);
        assert_status(seen.left, SPAWNED_ESTOPPED);
        assert_ok(spawned_group_leave("lobby", Z, other));
    }
}

/* What an actor tries in `stopped`. */
typedef struct last_wish {
    spawned_status own, others;
} last_wish;

static spawned_status join_at_the_end(spawned_context *context, harness_probe *probe) {
    last_wish *wish = probe->data;
    wish->own = spawned_group_join("grave", Z, spawned_context_self(context));
    return SPAWNED_OK;
}

static void who_is_ending_may_join_itself_and_has_left_at_once(void **state) {
    harness *h = *state;
    harness_probe *probe = harness_probe_new(h);
    last_wish wish = {1, 1};
    probe->data = &wish;
    probe->on_stopped = join_at_the_end;
    const spawned_pid pid = harness_probe_start(h, probe, NULL);
    assert_true(harness_settle(h));
    assert_ok(spawned_actor_stop(pid));
    assert_ok(spawned_actor_join(pid, HARNESS_LONG));
    assert_ok(wish.own);
    assert_status(spawned_group_join("grave", Z, pid), SPAWNED_ESTOPPED);
    spawned_pid found[8];
    assert_int_equal(members(h, "grave", found), 0);
}

static void broadcast_gives_everybody_one_and_consumes_the_value(void **state) {
    harness *h = *state;
    harness_probe *probes[3];
    spawned_pid pids[3];
    for (size_t i = 0; i < 3; i++) {
        probes[i] = harness_probe_new(h);
        pids[i] = harness_probe_start(h, probes[i], NULL);
        assert_ok(spawned_group_join("lobby", Z, pids[i]));
        assert_ok(spawned_group_join("lobby", Z, pids[i])); /* is in once all the same */
    }
    size_t taken = 9, refused = 9;
    const harness_tracked value = harness_tracked_make(h, 5);
    assert_ok(spawned_group_broadcast(harness_runtime(h), "lobby", Z, &harness_tracked_type, &value,
                                      &taken, &refused));
    assert_int_equal(taken, 3);
    assert_int_equal(refused, 0);
    assert_int_equal(harness_tracked_created(h), 3); /* the last one got the value itself */
    assert_true(harness_settle(h));
    for (size_t i = 0; i < 3; i++) assert_story(probes[i], "i s 5");
    assert_true(harness_tracked_end(h));
}

static void pinned_value_is_copied_for_everybody(void **state) {
    harness *h = *state;
    spawned_message_type pinned = harness_tracked_type;
    pinned.flags = SPAWNED_TYPE_PINNED;
    harness_probe *probes[2] = {harness_probe_new(h), harness_probe_new(h)};
    for (size_t i = 0; i < 2; i++)
        assert_ok(spawned_group_join("lobby", Z, harness_probe_start(h, probes[i], NULL)));
    const harness_tracked value = harness_tracked_make(h, 5);
    assert_ok(spawned_group_broadcast(harness_runtime(h), "lobby", Z, &pinned, &value, NULL, NULL));
    assert_int_equal(harness_tracked_created(h), 3);
    assert_true(harness_settle(h));
    for (size_t i = 0; i < 2; i++) assert_story(probes[i], "i s 5");
    assert_true(harness_tracked_end(h));
}

static void broadcast_to_nobody_is_no_error(void **state) {
    harness *h = *state;
    size_t taken = 9, refused = 9;
    const harness_tracked value = harness_tracked_make(h, 5);
    assert_ok(spawned_group_broadcast(harness_runtime(h), "lobby", Z, &harness_tracked_type, &value,
                                      &taken, &refused));
    assert_int_equal(taken + refused, 0);
    assert_int_equal(harness_tracked_destroyed(h), 1);
}

static void broadcast_keeps_its_place_among_the_caller_s_messages(void **state) {
    harness *h = *state;
    harness_probe *probe = harness_probe_new(h);
    const spawned_pid pid = harness_probe_start(h, probe, NULL);
    assert_ok(spawned_group_join("lobby", Z, pid));
    for (uint64_t number = 1; number <= 6; number += 2) {
        const uint64_t next = number + 1;
        assert_ok(harness_send_number(pid, number));
        assert_ok(spawned_group_broadcast(harness_runtime(h), "lobby", Z, &harness_number_type,
                                          &next, NULL, NULL));
    }
    assert_true(harness_settle(h));
    assert_story(probe, "i s 1 2 3 4 5 6");
}

static spawned_status speak(spawned_context *context, void *state, void *argument) {
    (void)state;
    const uint64_t number = 7;
    size_t *taken = argument;
    return spawned_group_broadcast(spawned_context_runtime(context), "lobby", Z,
                                   &harness_number_type, &number, taken, NULL);
}

static void member_that_broadcasts_hears_itself(void **state) {
    harness *h = *state;
    onlooker *own = onlooker_new(h);
    const spawned_pid pid = onlooker_start(own, NULL);
    size_t taken = 0;
    assert_ok(spawned_group_join("lobby", Z, pid));
    assert_ok(script_run(pid, speak, &taken));
    assert_true(harness_settle(h));
    assert_int_equal(taken, 1);
    assert_string_equal(onlooker_story(own, NULL, 0), "7");
}

/* It does not wait for room, where a send would. */
static void full_mailbox_refuses_its_copy_alone(void **state) {
    harness *h = *state;
    harness_gate *gate = harness_gate_new(h);
    harness_probe *full = harness_probe_new(h), *free_one = harness_probe_new(h);
    spawned_actor_options options = SPAWNED_ACTOR_OPTIONS_INIT;
    options.capacity = 1;
    options.overflow = SPAWNED_OVERFLOW_BLOCK;
    const spawned_pid bounded = harness_probe_start(h, full, &options);
    const spawned_pid open = harness_probe_start(h, free_one, NULL);
    assert_ok(spawned_group_join("lobby", Z, bounded));
    assert_ok(spawned_group_join("lobby", Z, open));
    assert_true(harness_settle(h));
    assert_true(harness_probe_hold(full, bounded, gate));
    assert_ok(harness_send_number(bounded, 1));
    size_t taken = 0, refused = 0;
    const harness_tracked value = harness_tracked_make(h, 5);
    assert_status(spawned_group_broadcast(harness_runtime(h), "lobby", Z, &harness_tracked_type,
                                          &value, &taken, &refused),
                  SPAWNED_EFULL);
    assert_int_equal(taken, 1);
    assert_int_equal(refused, 1);
    harness_gate_open(gate);
    assert_true(harness_settle(h));
    assert_story(full, "i s 1");
    assert_story(free_one, "i s 5");
}

/* What copying the next values comes to. */
static spawned_status copy_fails(void *storage, const void *value, void *user_data) {
    (void)storage, (void)value;
    int *left = user_data;
    if ((*left)-- == 0) return spawned_fail(44, "no copy today", Z);
    return harness_tracked_type.copy(storage, value, NULL);
}

static void copy_that_fails_is_a_refusal_and_the_rest_is_sent(void **state) {
    harness *h = *state;
    static int left;
    static spawned_message_type type; /* outlasts the messages */
    type = harness_tracked_type;
    type.copy = copy_fails;
    type.user_data = &left;
    left = 1;
    harness_probe *probes[3];
    for (size_t i = 0; i < 3; i++) {
        probes[i] = harness_probe_new(h);
        assert_ok(spawned_group_join("lobby", Z, harness_probe_start(h, probes[i], NULL)));
    }
    size_t taken = 0, refused = 0;
    const harness_tracked value = harness_tracked_make(h, 5);
    assert_status(spawned_group_broadcast(harness_runtime(h), "lobby", Z, &type, &value, &taken,
                                          &refused),
                  44);
    assert_int_equal(taken, 2);
    assert_int_equal(refused, 1);
    assert_true(harness_settle(h));
    size_t got = 0;
    for (size_t i = 0; i < 3; i++) got += harness_probe_count(probes[i], HARNESS_MESSAGE);
    assert_int_equal(got, 2);
    assert_true(harness_tracked_end(h));
}

/* A copy that ends one of those it is for. */
static spawned_pid doomed;

static spawned_status copy_and_end(void *storage, const void *value, void *user_data) {
    (void)user_data;
    *(uint64_t *)storage = *(const uint64_t *)value;
    (void)spawned_actor_kill(doomed);
    return spawned_actor_join(doomed, HARNESS_LONG);
}

static void who_ends_meanwhile_is_a_refusal(void **state) {
    harness *h = *state;
    static spawned_message_type type; /* outlasts the messages */
    type = harness_number_type;
    type.copy = copy_and_end;
    harness_probe *probe = harness_probe_new(h);
    assert_ok(spawned_group_join("lobby", Z, harness_probe_start(h, probe, NULL)));
    doomed = script_start(h);
    assert_ok(spawned_group_join("lobby", Z, doomed));
    size_t taken = 0, refused = 0;
    const uint64_t number = 8;
    assert_status(spawned_group_broadcast(harness_runtime(h), "lobby", Z, &type, &number, &taken,
                                          &refused),
                  SPAWNED_ESTOPPED);
    assert_int_equal(taken, 1);
    assert_int_equal(refused, 1);
    assert_true(harness_settle(h));
    assert_story(probe, "i s 8");
}

static void groups_are_limited_and_empty_ones_do_not_count(void **state) {
    harness *h = *state;
    enum { MOST = 65536 };
    if (harness_mode_of(h) != HARNESS_POOL) skip(); /* takes long, and concerns no backend */
    const spawned_pid a = script_start(h), b = script_start(h);
    char name[32];
    for (int i = 0; i < MOST; i++) { /* the last is found as fast as the first */
        snprintf(name, sizeof name, "group %d", i);
        assert_ok(spawned_group_join(name, Z, a));
    }
    assert_status(spawned_group_join("one more", Z, a), SPAWNED_ELIMIT);
    assert_status(spawned_group_subscribe("one more", Z, a, &onlooker_changed_type, 1, NULL),
                  SPAWNED_ELIMIT);
    assert_ok(spawned_group_join("group 0", Z, b));
    assert_ok(spawned_actor_kill(a));
    assert_ok(spawned_actor_join(a, HARNESS_LONG));
    assert_ok(spawned_group_join("one more", Z, b));
}

static void group_that_nobody_is_in_leaves_nothing_behind(void **state) {
    harness *h = *state;
    const spawned_pid a = script_start(h);
    char name[32];
    int64_t before = 0;
    for (int i = 0; i < 3000; i++) {
        snprintf(name, sizeof name, "group %d", i);
        assert_ok(spawned_group_join(name, Z, a));
        assert_ok(spawned_group_leave(name, Z, a));
        if (i == 100) before = harness_memory_held(h);
    }
    assert_true(harness_memory_held(h) <= before);
}

int main(int argc, char **argv) {
    static const struct CMUnitTest tests[] = {
        HARNESS_TEST(members_are_those_who_have_joined),
        HARNESS_TEST(name_of_a_group_is_none_of_the_registry),
        HARNESS_TEST(joins_are_counted_and_a_member_is_one),
        HARNESS_TEST(end_of_any_kind_leaves_every_group_before_it_is_seen),
        HARNESS_TEST(who_is_ending_may_join_itself_and_has_left_at_once),
        HARNESS_TEST(broadcast_gives_everybody_one_and_consumes_the_value),
        HARNESS_TEST(pinned_value_is_copied_for_everybody),
        HARNESS_TEST(broadcast_to_nobody_is_no_error),
        HARNESS_TEST(broadcast_keeps_its_place_among_the_caller_s_messages),
        HARNESS_TEST(member_that_broadcasts_hears_itself),
        HARNESS_TEST(full_mailbox_refuses_its_copy_alone),
        HARNESS_TEST(copy_that_fails_is_a_refusal_and_the_rest_is_sent),
        HARNESS_TEST(who_ends_meanwhile_is_a_refusal),
        HARNESS_TEST(groups_are_limited_and_empty_ones_do_not_count),
        HARNESS_TEST(group_that_nobody_is_in_leaves_nothing_behind),
    };
    return harness_main(argc, argv, tests, sizeof tests / sizeof *tests);
}
