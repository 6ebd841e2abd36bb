/* What groups refuse: bad names, types and values, pids of nobody or of elsewhere, calls after the end. Nothing of it
 * changes a group, and what is handed over is destroyed. */
#include "support/contract.h"
#include "support/onlooker.h"

#define Z SPAWNED_ZERO_TERMINATED

static spawned_status say(spawned_runtime *runtime, const char *name, size_t length,
                          const spawned_message_type *type, const void *value) {
    size_t taken = 9, refused = 9;
    const spawned_status status =
        spawned_group_broadcast(runtime, name, length, type, value, &taken, &refused);
    return taken + refused == 0 ? status : SPAWNED_EFAILED;
}

static spawned_status subscribe(const char *name, spawned_pid pid) {
    spawned_event event = 7;
    const spawned_status status =
        spawned_group_subscribe(name, Z, pid, &onlooker_changed_type, 1, &event);
    return event == 0 ? status : SPAWNED_EFAILED;
}

static void null_is_refused(void **state) {
    harness *h = *state;
    spawned_runtime *runtime = harness_runtime(h);
    const spawned_pid pid = onlooker_start(onlooker_new(h), NULL);
    size_t count = 7;
    assert_status(spawned_group_join(NULL, 1, pid), SPAWNED_EINVAL);
    assert_status(spawned_group_join("a", Z, 0), SPAWNED_EINVAL);
    assert_status(spawned_group_leave(NULL, 1, pid), SPAWNED_EINVAL);
    assert_status(spawned_group_leave("a", Z, 0), SPAWNED_EINVAL);
    assert_status(spawned_group_members(NULL, "a", Z, NULL, 0, &count), SPAWNED_EINVAL);
    assert_status(spawned_group_members(runtime, NULL, 1, NULL, 0, &count), SPAWNED_EINVAL);
    assert_int_equal(count, 0);
    assert_status(spawned_group_members(runtime, "a", Z, NULL, 1, &count), SPAWNED_EINVAL);
    assert_status(spawned_group_members(runtime, "a", Z, NULL, 0, NULL), SPAWNED_EINVAL);
    assert_status(subscribe(NULL, pid), SPAWNED_EINVAL);
    assert_status(subscribe("a", 0), SPAWNED_EINVAL);
    assert_status(spawned_group_subscribe("a", Z, pid, NULL, 0, NULL), SPAWNED_EINVAL);
    const uint64_t number = 1;
    assert_status(say(runtime, "a", Z, NULL, &number), SPAWNED_EINVAL);
    assert_status(say(runtime, "a", Z, &harness_number_type, NULL), SPAWNED_EINVAL);
    const harness_tracked values[] = {harness_tracked_make(h, 1), harness_tracked_make(h, 2)};
    assert_status(say(NULL, "a", Z, &harness_tracked_type, &values[0]), SPAWNED_EINVAL);
    assert_status(say(runtime, NULL, 1, &harness_tracked_type, &values[1]), SPAWNED_EINVAL);
    assert_int_equal(harness_tracked_destroyed(h), 2);
}

static void bad_names_are_refused(void **state) {
    harness *h = *state;
    static char longest[256];
    memset(longest, 'n', sizeof longest);
    const struct {
        const char *bytes;
        size_t length;
    } bad[] = {{"", 0}, {longest, 256}, {"a\0b", 3}, {"a\nb", 3}, {"\xff", 1}, {"\xc0\x80", 2}};
    spawned_runtime *runtime = harness_runtime(h);
    const spawned_pid pid = script_start(h);
    size_t count;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const char *name = bad[i].bytes;
        const size_t length = bad[i].length;
        const harness_tracked value = harness_tracked_make(h, 1);
        assert_status(spawned_group_join(name, length, pid), SPAWNED_EINVAL);
        assert_status(spawned_group_leave(name, length, pid), SPAWNED_EINVAL);
        assert_status(spawned_group_members(runtime, name, length, NULL, 0, &count),
                      SPAWNED_EINVAL);
        assert_status(say(runtime, name, length, &harness_tracked_type, &value), SPAWNED_EINVAL);
        assert_status(spawned_group_subscribe(name, length, pid, &onlooker_changed_type, 1, NULL),
                      SPAWNED_EINVAL);
    }
    assert_status(spawned_group_join("spawned.x", Z, pid), SPAWNED_EPERM);
    assert_status(subscribe("spawned.x", pid), SPAWNED_EPERM);
    assert_ok(spawned_group_members(runtime, "spawned.x", Z, NULL, 0, &count));
    assert_ok(spawned_group_join(longest, 255, pid));
    assert_ok(spawned_group_join("\xe2\x82\xac uro", Z, pid));
}

static void values_that_cannot_be_copied_are_refused(void **state) {
    harness *h = *state;
    harness_probe *probe = harness_probe_new(h);
    spawned_runtime *runtime = harness_runtime(h);
    assert_ok(spawned_group_join("lobby", Z, harness_probe_start(h, probe, NULL)));
    spawned_message_type pinned = harness_tracked_type, uncopied = harness_tracked_type;
    pinned.flags = SPAWNED_TYPE_PINNED;
    pinned.copy = uncopied.copy = NULL;
    const harness_tracked values[] = {harness_tracked_make(h, 1), harness_tracked_make(h, 2)};
    assert_status(say(runtime, "lobby", Z, &pinned, &values[0]), SPAWNED_EUNSUPPORTED);
    assert_status(say(runtime, "lobby", Z, &uncopied, &values[1]), SPAWNED_EUNSUPPORTED);
    assert_int_equal(harness_tracked_destroyed(h), 2);
    static unsigned char large[(16 << 20) + 1];
    const spawned_message_type too_large = {
        sizeof too_large, "large", sizeof large, 1, 0, 0, 0, NULL, NULL, NULL, NULL, NULL};
    assert_status(say(runtime, "lobby", Z, &too_large, large), SPAWNED_ETOOBIG);
    assert_true(harness_settle(h));
    assert_story(probe, "i s");
}

static void types_that_hold_no_change_are_refused(void **state) {
    harness *h = *state;
    const spawned_pid pid = onlooker_start(onlooker_new(h), NULL);
    spawned_message_type bad[4];
    for (size_t i = 0; i < 4; i++) bad[i] = onlooker_changed_type;
    bad[0].value_size = sizeof(spawned_group_change) - 1;
    bad[1].reply = &harness_answer_type;
    bad[2].flags = SPAWNED_TYPE_VARIABLE;
    bad[3].destroy = harness_tracked_type.destroy;
    for (size_t i = 0; i < 4; i++)
        assert_status(spawned_group_subscribe("lobby", Z, pid, &bad[i], 1, NULL), SPAWNED_EINVAL);
}

static bool is_gone(spawned_status status) {
    return status == SPAWNED_EINVAL || status == SPAWNED_ESTOPPED || status == SPAWNED_ESTOPPING;
}

/* AB04 */
static void invented_pids_are_in_no_group(void **state) {
    harness *h = *state;
    const spawned_pid living = onlooker_start(onlooker_new(h), NULL);
    uint64_t random = harness_seed(h);
    for (uint64_t i = 0; i < 5064; i++) {
        const spawned_pid pid = i < 64 ? living ^ (UINT64_C(1) << i) : harness_random(&random);
        assert_true(is_gone(spawned_group_join("lobby", Z, pid)));
        assert_true(is_gone(spawned_group_leave("lobby", Z, pid)));
        assert_true(is_gone(subscribe("lobby", pid)));
    }
    size_t count = 7;
    assert_ok(spawned_group_members(harness_runtime(h), "lobby", Z, NULL, 0, &count));
    assert_int_equal(count, 0);
}

/* A group is of one runtime: the pid's. */
static void runtimes_have_groups_of_their_own(void **state) {
    harness *h = *state;
    static const harness_config plain;
    spawned_runtime *other = harness_runtime_begin(h, &plain);
    spawned_actor_options options = SPAWNED_ACTOR_OPTIONS_INIT;
    spawned_pid there = 0;
    assert_ok(spawned_actor_start(other, &script_behavior, &options, &there));
    assert_ok(spawned_group_join("lobby", Z, there));
    size_t count = 7;
    assert_ok(spawned_group_members(harness_runtime(h), "lobby", Z, NULL, 0, &count));
    assert_int_equal(count, 0);
    assert_ok(spawned_group_members(other, "lobby", Z, NULL, 0, &count));
    assert_int_equal(count, 1);
    assert_int_equal(harness_runtime_end(h, other), 0);
    assert_status(spawned_group_leave("lobby", Z, there), SPAWNED_ESTOPPED);
}

/* AB04, SH08 */
static void groups_are_refused_after_the_shutdown_and_the_end(void **state) {
    harness *h = *state;
    spawned_runtime *runtime = harness_runtime(h);
    const spawned_pid pid = onlooker_start(onlooker_new(h), NULL);
    spawned_event event = 0;
    assert_ok(spawned_group_join("lobby", Z, pid));
    assert_ok(spawned_group_subscribe("lobby", Z, pid, &onlooker_changed_type, 1, &event));
    assert_ok(spawned_runtime_shutdown(runtime, HARNESS_LONG));
    assert_status(spawned_group_join("lobby", Z, pid), SPAWNED_ESTOPPING);
    assert_status(subscribe("lobby", pid), SPAWNED_ESTOPPING);
    assert_status(spawned_group_leave("lobby", Z, pid), SPAWNED_ESTOPPED);
    const harness_tracked value = harness_tracked_make(h, 1);
    assert_ok(say(runtime, "lobby", Z, &harness_tracked_type, &value)); /* nobody is in it */
    assert_int_equal(harness_tracked_destroyed(h), 1);
    assert_status(spawned_event_cancel(event), SPAWNED_EALREADY);
    assert_int_equal(harness_end_runtime(h), 0);
    assert_status(spawned_group_join("lobby", Z, pid), SPAWNED_ESTOPPED);
    assert_status(spawned_group_leave("lobby", Z, pid), SPAWNED_ESTOPPED);
    assert_status(subscribe("lobby", pid), SPAWNED_ESTOPPED);
}

/* ---- an end that has begun ---- */

typedef struct late {
    spawned_pid self, other;
    spawned_status joins, subscribes, monitors;
    bool watches_before;
} late;

static late seen;

static const spawned_message_type ended_type = SPAWNED_MESSAGE_TYPE("late.ended", spawned_ended);

static spawned_status late_init(void *state, void *argument, void *user_data) {
    (void)user_data;
    *(late *)state = *(late *)argument;
    return SPAWNED_OK;
}

static void late_destroy(void *state, void *user_data) {
    (void)user_data;
    late *one = state;
    one->joins = spawned_group_join("late", Z, one->self);
    one->subscribes = subscribe("late", one->self);
    one->monitors = spawned_monitor(one->other, one->self, &ended_type, 0, NULL);
    seen = *one;
}

static spawned_status late_told(spawned_context *context, void *state, void *value) {
    late *one = state;
    (void)value;
    one->self = spawned_context_self(context);
    return one->watches_before ? spawned_group_join("early", Z, one->self) : SPAWNED_OK;
}

static void state_that_watches_while_it_is_destroyed_is_refused(void **state) {
    harness *h = *state;
    static const spawned_handler handlers[] = {{&harness_number_type, late_told}};
    static const spawned_behavior behavior = {SPAWNED_BEHAVIOR_INIT("late"), sizeof(late),
                                              SPAWNED_HANDLERS(handlers), .init = late_init,
                                              .destroy = late_destroy};
    for (int before = 0; before < 2; before++) {
        late argument = {.other = script_start(h), .watches_before = before != 0};
        spawned_actor_options options = SPAWNED_ACTOR_OPTIONS_INIT;
        options.argument = &argument;
        const spawned_pid pid = harness_start(h, &behavior, &options);
        const uint64_t number = 1;
        assert_ok(spawned_send(pid, &harness_number_type, &number));
        assert_ok(spawned_actor_drain(pid, HARNESS_LONG));
        assert_ok(spawned_actor_join(pid, HARNESS_LONG));
        assert_int_equal(seen.self, pid);
        assert_status(seen.joins, SPAWNED_ESTOPPED);
        assert_status(seen.subscribes, SPAWNED_ESTOPPED);
        assert_status(seen.monitors, SPAWNED_ESTOPPED);
        size_t count = 7;
        assert_ok(spawned_group_members(harness_runtime(h), "late", Z, NULL, 0, &count));
        assert_int_equal(count, 0);
    }
}

int main(int argc, char **argv) {
    static const struct CMUnitTest tests[] = {
        HARNESS_TEST(null_is_refused),
        HARNESS_TEST(bad_names_are_refused),
        HARNESS_TEST(values_that_cannot_be_copied_are_refused),
        HARNESS_TEST(types_that_hold_no_change_are_refused),
        HARNESS_TEST(invented_pids_are_in_no_group),
        HARNESS_TEST(runtimes_have_groups_of_their_own),
        HARNESS_TEST(groups_are_refused_after_the_shutdown_and_the_end),
        HARNESS_TEST(state_that_watches_while_it_is_destroyed_is_refused),
    };
    return harness_main(argc, argv, tests, sizeof tests / sizeof *tests);
}
