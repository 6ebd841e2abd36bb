/* Starting and monitoring in one, and monitors that cannot be. */
#include "support/contract.h"
#include "support/witness.h"

static void end(spawned_pid pid) {
    (void)spawned_actor_stop(pid);
    assert_ok(spawned_actor_join(pid, HARNESS_LONG));
}

static spawned_status start_monitored(harness *h, witness *child, const char *name,
                                      spawned_pid watcher, spawned_pid *pid, spawned_event *event) {
    spawned_actor_options options = witness_options(child);
    options.name = name;
    return spawned_actor_start_monitored(harness_runtime(h), &witness_behavior, &options, watcher,
                                         &witness_ended_type, 5, pid, event);
}

static void actor_started_so_is_monitored_from_its_birth(void **state) {
    harness *h = *state;
    static spawned_status failed = 9;
    for (int how = 0; how < 3; how++) {
        witness *own = witness_new(h), *child = witness_new(h);
        const spawned_pid watcher = witness_start(own, NULL);
        spawned_pid pid = 0;
        spawned_event event = 0;
        assert_ok(start_monitored(h, child, NULL, watcher, &pid, &event));
        assert_true(pid != 0 && event != 0);
        assert_ok(harness_send_number(pid, 3));
        if (how == 0) assert_ok(spawned_actor_kill(pid));
        if (how == 1) assert_ok(script_tell(pid, witness_fail, &failed));
        if (how == 2) assert_ok(spawned_event_cancel(event));
        if (how == 2) assert_ok(spawned_actor_stop(pid));
        assert_ok(spawned_actor_join(pid, HARNESS_LONG));
        assert_true(harness_settle(h));
        assert_int_equal(witness_count(own), how != 2);
        if (how == 2) continue;
        const spawned_ended told = witness_end(own, 0);
        assert_int_equal(told.pid, pid);
        assert_int_equal(told.monitor, event);
        assert_int_equal(told.tag, 5);
        assert_int_equal(told.exit.kind, how == 0 ? SPAWNED_EXIT_KILLED : SPAWNED_EXIT_FAILURE);
    }
}

/* LM06 */
static void of_an_actor_that_fails_in_started_it_tells_once_and_why(void **state) {
    harness *h = *state;
    for (int round = 0; round < 50; round++) {
        witness *own = witness_new(h), *child = witness_new(h);
        witness_will_fail(child, 7, "no disk");
        const spawned_pid watcher = witness_start(own, NULL);
        spawned_pid pid = 0;
        assert_ok(start_monitored(h, child, NULL, watcher, &pid, NULL));
        assert_true(witness_wait(own, 1));
        assert_true(harness_settle(h));
        assert_int_equal(witness_count(own), 1);
        const spawned_ended told = witness_end(own, 0);
        assert_int_equal(told.pid, pid);
        assert_int_equal(told.exit.kind, SPAWNED_EXIT_FAILURE);
        assert_int_equal(told.exit.code, 7);
        assert_int_equal(told.exit.place, SPAWNED_PLACE_STARTED);
        assert_string_equal(told.text, "no disk");
        assert_string_equal(witness_story(child), "i s d");
        end(watcher);
    }
}

static void start_that_fails_tells_nobody(void **state) {
    harness *h = *state;
    witness *own = witness_new(h), *child = witness_new(h);
    const spawned_pid watcher = witness_start(own, NULL);
    assert_ok(spawned_registry_register("taken", SPAWNED_ZERO_TERMINATED, watcher));
    spawned_pid pid = 1;
    spawned_event event = 1;
    assert_status(start_monitored(h, child, "taken", watcher, &pid, &event), SPAWNED_EEXIST);
    assert_int_equal(pid, 0);
    assert_int_equal(event, 0);
    harness_probe *probe = harness_probe_new(h);
    probe->init_status = 4;
    spawned_actor_options options = SPAWNED_ACTOR_OPTIONS_INIT;
    options.argument = probe;
    options.backend = harness_backend(h);
    assert_status(spawned_actor_start_monitored(harness_runtime(h), &harness_probe_behavior,
                                                &options, watcher, &witness_ended_type, 5, &pid,
                                                &event),
                  4);
    assert_int_equal(pid, 0);
    assert_int_equal(event, 0);
    end(watcher);
    assert_status(start_monitored(h, child, NULL, watcher, &pid, &event), SPAWNED_ESTOPPED);
    assert_string_equal(witness_story(child), "");
    assert_string_equal(witness_story(own), "i s x d");
}

/* Takes the name that its own start is to give it. */
static spawned_status take_the_name(void *state, void *argument, void *user_data) {
    (void)state, (void)user_data;
    return spawned_registry_register("taken", SPAWNED_ZERO_TERMINATED, *(spawned_pid *)argument);
}

static void start_whose_name_is_taken_meanwhile_tells_nobody(void **state) {
    harness *h = *state;
    witness *own = witness_new(h);
    static spawned_pid watcher;
    watcher = witness_start(own, NULL);
    static const spawned_behavior behavior = {SPAWNED_BEHAVIOR_INIT("taker"),
                                              .init = take_the_name};
    spawned_actor_options options = SPAWNED_ACTOR_OPTIONS_INIT;
    options.name = "taken";
    options.argument = &watcher;
    options.backend = harness_backend(h);
    spawned_pid pid = 1;
    spawned_event event = 1;
    assert_status(spawned_actor_start_monitored(harness_runtime(h), &behavior, &options, watcher,
                                                &witness_ended_type, 5, &pid, &event),
                  SPAWNED_EEXIST);
    assert_int_equal(pid, 0);
    assert_int_equal(event, 0);
    assert_true(harness_settle(h));
    assert_string_equal(witness_story(own), "i s");
}

/* Ends the watcher while the actor that it is to watch starts. */
static spawned_status end_the_watcher(void *state, void *argument, void *user_data) {
    (void)state, (void)user_data;
    const spawned_pid watcher = *(spawned_pid *)argument;
    (void)spawned_actor_kill(watcher);
    return spawned_actor_join(watcher, HARNESS_LONG);
}

static void start_whose_watcher_ends_meanwhile_starts_nobody(void **state) {
    harness *h = *state;
    static spawned_pid watcher;
    watcher = script_start(h);
    static const spawned_behavior behavior = {SPAWNED_BEHAVIOR_INIT("ender"),
                                              .init = end_the_watcher};
    spawned_actor_options options = SPAWNED_ACTOR_OPTIONS_INIT;
    options.name = "new";
    options.argument = &watcher;
    options.backend = harness_backend(h);
    spawned_pid pid = 1, found = 1;
    assert_status(spawned_actor_start_monitored(harness_runtime(h), &behavior, &options, watcher,
                                                &witness_ended_type, 5, &pid, NULL),
                  SPAWNED_ESTOPPED);
    assert_int_equal(pid, 0);
    assert_status(spawned_registry_whereis(harness_runtime(h), "new", SPAWNED_ZERO_TERMINATED,
                                           &found),
                  SPAWNED_ENOENT);
}

#define TYPE(...) \
    { .size = sizeof(spawned_message_type), .name = "wrong", __VA_ARGS__ }
#define OF_ENDED .value_size = sizeof(spawned_ended), .value_alignment = 8
static const spawned_message_type wrong_types[] = {
    TYPE(.value_size = sizeof(spawned_ended) - 8, .value_alignment = 8),
    TYPE(.value_size = sizeof(spawned_ended) + 8, .value_alignment = 8),
    TYPE(.value_size = 0),
    TYPE(OF_ENDED, .flags = SPAWNED_TYPE_VARIABLE),
    TYPE(OF_ENDED, .reply = &harness_answer_type),
    TYPE(.value_size = sizeof(spawned_ended), .value_alignment = 32),
    TYPE(.value_size = sizeof(spawned_ended), .value_alignment = 3),
    TYPE(OF_ENDED, .flags = 1u << 31),
};

static void end_a_value(void *value, void *user_data) { (void)value, (void)user_data; }

static void types_of_other_values_are_refused(void **state) {
    harness *h = *state;
    const spawned_pid watcher = script_start(h), watched = script_start(h);
    const spawned_message_type owning = TYPE(OF_ENDED, .destroy = end_a_value);
    spawned_event event;
    spawned_pid pid;
    for (size_t i = 0; i < sizeof wrong_types / sizeof *wrong_types + 2; i++) {
        const spawned_message_type *type = i < sizeof wrong_types / sizeof *wrong_types
                                               ? &wrong_types[i]
                                               : (i % 2 == 0 ? &owning : NULL);
        event = 1, pid = 1;
        assert_status(spawned_monitor(watched, watcher, type, 0, &event), SPAWNED_EINVAL);
        assert_int_equal(event, 0);
        assert_status(spawned_actor_start_monitored(harness_runtime(h), &script_behavior, NULL,
                                                    watcher, type, 0, &pid, &event),
                      SPAWNED_EINVAL);
        assert_int_equal(pid, 0);
    }
    end(watched);
    assert_int_equal(harness_stats(h).actors_started, 2);
}

/* AB04 */
static void pids_that_are_nobodys_are_refused(void **state) {
    harness *h = *state;
    const spawned_pid watcher = script_start(h), watched = script_start(h);
    spawned_runtime *other = harness_runtime_begin(h, NULL);
    spawned_pid foreign = 0, pid = 1;
    spawned_event event;
    assert_ok(spawned_actor_start(other, &script_behavior, NULL, &foreign));
    const spawned_pid wrong[] = {0, 1, UINT64_MAX, watched + (UINT64_C(1000) << 24), foreign};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        event = 1;
        assert_status(spawned_monitor(wrong[i], watcher, &witness_ended_type, 0, &event),
                      SPAWNED_EINVAL);
        assert_int_equal(event, 0);
        assert_status(spawned_monitor(watched, wrong[i], &witness_ended_type, 0, &event),
                      SPAWNED_EINVAL);
        assert_status(spawned_actor_start_monitored(harness_runtime(h), &script_behavior, NULL,
                                                    wrong[i], &witness_ended_type, 0, &pid, &event),
                      SPAWNED_EINVAL);
        assert_int_equal(pid, 0);
    }
    assert_status(spawned_actor_start_monitored(NULL, &script_behavior, NULL, watcher,
                                                &witness_ended_type, 0, &pid, &event),
                  SPAWNED_EINVAL);
    assert_status(spawned_actor_start_monitored(harness_runtime(h), NULL, NULL, watcher,
                                                &witness_ended_type, 0, &pid, &event),
                  SPAWNED_EINVAL);
    assert_status(spawned_actor_start_monitored(harness_runtime(h), &script_behavior, NULL, watcher,
                                                &witness_ended_type, 0, NULL, &event),
                  SPAWNED_EINVAL);
    assert_int_equal(harness_runtime_end(h, other), 0);
    assert_status(spawned_monitor(foreign, foreign, &witness_ended_type, 0, &event),
                  SPAWNED_ESTOPPED);
    end(watcher);
    assert_status(spawned_monitor(watched, watcher, &witness_ended_type, 0, &event),
                  SPAWNED_ESTOPPED);
    assert_int_equal(event, 0);
    end(watched);
    assert_int_equal(harness_stats(h).actors_started, 2);
}

/* SH08 */
static void monitors_end_with_their_runtime_and_are_refused_from_the_shutdown_on(void **state) {
    harness *h = *state;
    const spawned_pid watcher = script_start(h), watched = script_start(h);
    spawned_event event = 0, late = 1;
    spawned_pid pid = 1;
    assert_ok(spawned_monitor(watched, watcher, &witness_ended_type, 0, &event));
    assert_ok(spawned_runtime_shutdown(harness_runtime(h), HARNESS_LONG));
    assert_status(spawned_event_cancel(event), SPAWNED_EALREADY);
    assert_status(spawned_monitor(watched, watcher, &witness_ended_type, 0, &late),
                  SPAWNED_ESTOPPING);
    assert_status(spawned_actor_start_monitored(harness_runtime(h), &script_behavior, NULL, watcher,
                                                &witness_ended_type, 0, &pid, &late),
                  SPAWNED_ESTOPPED); /* the watcher */
    assert_int_equal(pid, 0);
    assert_int_equal(harness_end_runtime(h), 0);
    assert_status(spawned_monitor(watched, watcher, &witness_ended_type, 0, &late),
                  SPAWNED_ESTOPPED);
    assert_status(spawned_event_cancel(event), SPAWNED_EALREADY);
}

int main(int argc, char **argv) {
    static const struct CMUnitTest tests[] = {
        HARNESS_TEST(actor_started_so_is_monitored_from_its_birth),
        HARNESS_TEST(of_an_actor_that_fails_in_started_it_tells_once_and_why),
        HARNESS_TEST(start_that_fails_tells_nobody),
        HARNESS_TEST(start_whose_name_is_taken_meanwhile_tells_nobody),
        HARNESS_TEST(start_whose_watcher_ends_meanwhile_starts_nobody),
        HARNESS_TEST(types_of_other_values_are_refused),
        HARNESS_TEST(pids_that_are_nobodys_are_refused),
        HARNESS_TEST(monitors_end_with_their_runtime_and_are_refused_from_the_shutdown_on),
    };
    return harness_main(argc, argv, tests, sizeof tests / sizeof *tests);
}
