/* The start of a supervisor whose children end while others are still being started. */
#include "family_begin.h"
#include "support/script.h"

/* Of three children, c has a fail in its started. */
static void family_with_early_end(family *f, harness *h, spawned_strategy strategy) {
    family_init(f, h, "abc", strategy);
    atomic_store(&family_of(f, 'c')->fells, 'a');
}

static void child_that_fails_while_its_siblings_start_is_started_anew_afterwards(void **state) {
    harness *h = *state;
    REQUIRE_BLOCKING_HANDLERS(h);
    const spawned_strategy strategies[] = {SPAWNED_ONE_FOR_ONE, SPAWNED_ONE_FOR_ALL,
                                           SPAWNED_REST_FOR_ONE};
    const char *const journals[] = {"+a +b -a +c +a", "+a +b -a +c -c -b +a +b +c",
                                    "+a +b -a +c -c -b +a +b +c"};
    for (size_t i = 0; i < 3; i++) {
        static family f;
        family_with_early_end(&f, h, strategies[i]);
        const spawned_pid supervisor = begin(&f);
        assert_true(family_wait_journal(&f, journals[i]));
        stop_and_join(supervisor);
        assert_true(family_is_gone(&f));
    }
}

static void temporary_child_that_ends_while_its_siblings_start_is_forgotten(void **state) {
    harness *h = *state;
    REQUIRE_BLOCKING_HANDLERS(h);
    static family f;
    family_with_early_end(&f, h, SPAWNED_ONE_FOR_ALL);
    family_child(&f, 'a')->restart = SPAWNED_TEMPORARY;
    const spawned_pid supervisor = begin(&f);
    assert_true(family_wait_journal(&f, "+a +b -a +c"));
    assert_status(spawned_supervisor_stop_child(supervisor, "a", 1, SPAWNED_DEFAULT),
                  SPAWNED_ENOENT);
    stop_and_join(supervisor);
    assert_true(family_is_gone(&f));
}

/* It has started, and gives up at once. */
static void early_failure_counts_like_any_other(void **state) {
    harness *h = *state;
    REQUIRE_BLOCKING_HANDLERS(h);
    static family f;
    family_with_early_end(&f, h, SPAWNED_ONE_FOR_ONE);
    f.supervisor.intensity = SPAWNED_NO_RESTARTS;
    spawned_pid supervisor = 0;
    assert_ok(family_start(&f, &supervisor));
    assert_ok(spawned_actor_join(supervisor, HARNESS_LONG));
    assert_exit(supervisor, SPAWNED_EXIT_SHUTDOWN, SPAWNED_OK, SPAWNED_PLACE_NONE);
    assert_true(family_wait_journal(&f, "+a +b -a +c -c -b"));
    assert_true(family_is_gone(&f));
}

/* argument: spawned_pid *, who gets the name that the actor itself is to have. */
static spawned_status give_name_away(void *state, void *argument, void *user_data) {
    (void)state, (void)user_data;
    return spawned_registry_register("desk", 4, *(spawned_pid *)argument);
}

static spawned_status come(spawned_context *context, void *state) {
    (void)context, (void)state;
    return SPAWNED_OK;
}

/* The last moment at which a start may fail: it is watched already. */
static void child_whose_name_is_taken_meanwhile_does_not_start(void **state) {
    harness *h = *state;
    static const spawned_behavior generous = {SPAWNED_BEHAVIOR_INIT("generous"),
                                              .init = give_name_away, .started = come};
    static spawned_pid thief;
    static family f;
    family_init(&f, h, "a", SPAWNED_ONE_FOR_ONE);
    const spawned_pid supervisor = begin(&f);
    thief = script_start(h);
    spawned_actor_options named = SPAWNED_ACTOR_OPTIONS_INIT;
    named.name = "desk";
    spawned_child child = {SPAWNED_CHILD_INIT("b"), .behavior = &generous, .options = &named,
                           .argument = &thief};
    spawned_pid pid = 1;
    assert_status(spawned_supervisor_start_child(supervisor, &child, SPAWNED_DEFAULT, &pid),
                  SPAWNED_EEXIST);
    assert_true(pid == 0);
    assert_status(spawned_supervisor_stop_child(supervisor, "b", 1, SPAWNED_DEFAULT),
                  SPAWNED_ENOENT);
    assert_ok(spawned_registry_whereis(harness_runtime(h), "desk", 4, &pid));
    assert_true(pid == thief);
    stop_and_join(supervisor);
    assert_true(family_is_gone(&f));
}

static spawned_child_state state_of(spawned_pid supervisor, const char *id) {
    spawned_child_info info = SPAWNED_CHILD_INFO_INIT;
    assert_ok(
        spawned_supervisor_child(supervisor, id, SPAWNED_ZERO_TERMINATED, SPAWNED_DEFAULT, &info));
    return info.state;
}

/* Whoever waits for it has a timeout; the supervisor waits for nobody. */
static void child_that_does_not_finish_its_started_keeps_nobody_from_asking(void **state) {
    harness *h = *state;
    REQUIRE_DETERMINISTIC(h);
    static family f, more;
    family_init(&f, h, "a", SPAWNED_ONE_FOR_ONE);
    family_init(&more, h, "b", SPAWNED_ONE_FOR_ONE);
    more.release = script_start(h);
    atomic_store(&family_of(&more, 'b')->holds, 1);
    family_child(&more, 'b')->shutdown = SPAWNED_SECOND;
    const spawned_pid supervisor = begin(&f);
    assert_status(spawned_supervisor_start_child(supervisor, family_child(&more, 'b'),
                                                 SPAWNED_SECOND, NULL),
                  SPAWNED_ETIMEDOUT);
    assert_int_equal(state_of(supervisor, "b"), SPAWNED_CHILD_STARTING);
    assert_ok(family_tell(&f, 'a', FAMILY_FAIL));
    assert_true(family_wait_journal(&f, "+a -a +a"));
    assert_status(spawned_supervisor_stop_child(supervisor, "b", 1, 10 * SPAWNED_SECOND),
                  SPAWNED_ETIMEDOUT);
    assert_int_equal(state_of(supervisor, "b"), SPAWNED_CHILD_STOPPING);
    assert_ok(spawned_actor_stop(more.release));
    assert_true(harness_settle(h));
    assert_int_equal(state_of(supervisor, "b"), SPAWNED_CHILD_ENDED);
    stop_and_join(supervisor);
    assert_true(family_is_gone(&f) && family_is_gone(&more));
}

int main(int argc, char **argv) {
    static const struct CMUnitTest tests[] = {
        HARNESS_TEST(child_that_fails_while_its_siblings_start_is_started_anew_afterwards),
        HARNESS_TEST(temporary_child_that_ends_while_its_siblings_start_is_forgotten),
        HARNESS_TEST(early_failure_counts_like_any_other),
        HARNESS_TEST(child_whose_name_is_taken_meanwhile_does_not_start),
        HARNESS_TEST(child_that_does_not_finish_its_started_keeps_nobody_from_asking),
    };
    return harness_main(argc, argv, tests, sizeof tests / sizeof *tests);
}
