/* A supervisor's own end: how long it waits for whom, and what it leaves behind.
 * modes: deterministic */
#include "family_begin.h"
#include "support/script.h"

/* A family that has started, of two, the given time after which one is killed, and a grace of a second. */
static spawned_pid begin_with(family *f, harness *h, spawned_strategy strategy,
                              spawned_duration shutdown_of_a, spawned_duration shutdown_of_b) {
    family_init(f, h, "ab", strategy);
    f->release = script_start(h);
    f->supervisor.kill_grace = SPAWNED_SECOND;
    family_child(f, 'a')->shutdown = shutdown_of_a;
    family_child(f, 'b')->shutdown = shutdown_of_b;
    const spawned_pid supervisor = begin(f);
    for (char one = 'a'; strategy == SPAWNED_DYNAMIC && one <= 'b'; one++)
        assert_ok(spawned_supervisor_start_child(supervisor, family_child(f, one), SPAWNED_DEFAULT,
                                                 NULL));
    return supervisor;
}

static void release(family *f) {
    assert_ok(spawned_actor_stop(f->release));
    assert_true(harness_settle(f->owner));
}

/* SV13 */
static void who_does_not_end_even_when_killed_is_left_after_the_grace(void **state) {
    harness *h = *state;
    const spawned_strategy strategies[] = {SPAWNED_ONE_FOR_ONE, SPAWNED_DYNAMIC};
    for (size_t i = 0; i < 2; i++) {
        static family f;
        const spawned_pid supervisor =
            begin_with(&f, h, strategies[i], 3 * SPAWNED_SECOND, 2 * SPAWNED_SECOND);
        assert_ok(family_tell(&f, 'a', FAMILY_BLOCK));
        assert_true(harness_settle(h));
        const spawned_time begin_of_end = harness_now(h);
        stop_and_join(supervisor);
        assert_true(harness_now(h) - begin_of_end == 4 * SPAWNED_SECOND);
        assert_int_equal(harness_log_count(h, SPAWNED_LOG_ERROR, "its supervisor goes on without"),
                         i + 1);
        assert_int_equal(family_of(&f, 'a')->alive, 1);
        assert_int_equal(family_of(&f, 'b')->alive, 0);
        release(&f);
        assert_exit(family_pid(&f, 'a'), SPAWNED_EXIT_KILLED, SPAWNED_OK, SPAWNED_PLACE_NONE);
        assert_true(family_is_gone(&f));
    }
}

/* SV13 */
static void who_ends_after_it_was_left_takes_nobody_else_s_time(void **state) {
    harness *h = *state;
    static family f;
    const spawned_pid supervisor =
        begin_with(&f, h, SPAWNED_DYNAMIC, SPAWNED_SECOND, 60 * SPAWNED_SECOND);
    assert_ok(family_tell(&f, 'a', FAMILY_BLOCK));
    assert_ok(family_tell(&f, 'b', FAMILY_CLING));
    assert_true(harness_settle(h));
    const spawned_time begin_of_end = harness_now(h);
    assert_ok(spawned_actor_stop(supervisor));
    assert_true(harness_advance(h, 3 * SPAWNED_SECOND));
    assert_int_equal(harness_log_count(h, SPAWNED_LOG_ERROR, "its supervisor goes on without"), 1);
    release(&f);
    assert_int_equal(family_of(&f, 'a')->alive, 0);
    assert_int_equal(family_of(&f, 'b')->alive, 1);
    assert_ok(spawned_actor_join(supervisor, HARNESS_LONG * 4));
    assert_true(harness_now(h) - begin_of_end == 60 * SPAWNED_SECOND);
    assert_true(family_is_gone(&f));
}

/* SV13: its time begins when it is asked to end, and it is asked again. */
static void child_that_a_call_ends_has_its_time_when_its_supervisor_ends_too(void **state) {
    harness *h = *state;
    static family f;
    const spawned_pid supervisor =
        begin_with(&f, h, SPAWNED_ONE_FOR_ONE, 5 * SPAWNED_SECOND, SPAWNED_SECOND);
    for (char one = 'a'; one <= 'b'; one++) assert_ok(family_tell(&f, one, FAMILY_CLING));
    assert_true(harness_advance(h, 60 * SPAWNED_SECOND));
    assert_status(spawned_supervisor_stop_child(supervisor, "a", 1, 1), SPAWNED_ETIMEDOUT);
    const spawned_time begin_of_end = harness_now(h);
    assert_ok(spawned_actor_stop(supervisor));
    assert_true(harness_advance(h, 2 * SPAWNED_SECOND));
    assert_int_equal(family_of(&f, 'b')->alive, 0);
    assert_int_equal(family_of(&f, 'a')->alive, 1);
    assert_ok(spawned_actor_join(supervisor, HARNESS_LONG));
    assert_true(harness_now(h) - begin_of_end == 6 * SPAWNED_SECOND);
    assert_true(family_is_gone(&f));
}

/* A kill asks nobody; who waits for a start or an end learns it. */
static void who_waits_for_a_child_of_a_killed_supervisor_is_told(void **state) {
    harness *h = *state;
    static family f, more;
    const spawned_pid supervisor =
        begin_with(&f, h, SPAWNED_ONE_FOR_ONE, 60 * SPAWNED_SECOND, SPAWNED_SECOND);
    assert_ok(family_tell(&f, 'a', FAMILY_CLING));
    family_init(&more, h, "c", SPAWNED_ONE_FOR_ONE);
    atomic_store(&family_of(&more, 'c')->holds, 1);
    more.release = script_start(h);
    assert_true(harness_settle(h));
    spawned_response *stopping = NULL, *starting = NULL;
    assert_ok(
        spawned_supervisor_stop_child_response(supervisor, "a", 1, SPAWNED_FOREVER, &stopping));
    assert_ok(spawned_supervisor_start_child_response(supervisor, family_child(&more, 'c'),
                                                      SPAWNED_FOREVER, &starting));
    assert_true(harness_settle(h));
    assert_status(spawned_response_poll(stopping), SPAWNED_EAGAIN);
    assert_status(spawned_response_poll(starting), SPAWNED_EAGAIN);
    assert_ok(spawned_actor_kill(supervisor));
    assert_true(harness_settle(h));
    assert_status(spawned_response_poll(stopping), SPAWNED_ESTOPPED);
    assert_status(spawned_response_poll(starting), SPAWNED_ESTOPPED);
    spawned_response_release(stopping);
    spawned_response_release(starting);
    release(&more);
    assert_true(family_is_gone(&f) && family_is_gone(&more));
}

/* SV15 */
static void next_incarnation_waits_for_all_that_a_kill_has_left(void **state) {
    harness *h = *state;
    static family f;
    family_init(&f, h, "abc", SPAWNED_ONE_FOR_ONE);
    f.release = script_start(h);
    const spawned_child inner = {SPAWNED_CHILD_INIT("inner"), .supervisor = &f.supervisor};
    const spawned_child *const list[] = {&inner};
    const spawned_supervisor outer = {SPAWNED_SUPERVISOR_INIT("outer"), SPAWNED_CHILDREN(list)};
    spawned_pid supervisor = 0;
    assert_ok(spawned_supervisor_start(harness_runtime(h), &outer, NULL, &supervisor));
    spawned_child_info info = SPAWNED_CHILD_INFO_INIT;
    assert_ok(spawned_supervisor_child(supervisor, "inner", 5, SPAWNED_DEFAULT, &info));
    for (char one = 'b'; one <= 'c'; one++) assert_ok(family_tell(&f, one, FAMILY_BLOCK));
    assert_true(harness_settle(h));
    assert_ok(spawned_actor_kill(info.pid));
    assert_true(harness_advance(h, 60 * SPAWNED_SECOND));
    assert_string_equal(f.journal, "+a +b +c -a");
    release(&f);
    assert_int_equal(family_of(&f, 'c')->lives, 2);
    stop_and_join(supervisor);
    assert_true(family_is_gone(&f));
}

int main(int argc, char **argv) {
    static const struct CMUnitTest tests[] = {
        HARNESS_TEST(who_does_not_end_even_when_killed_is_left_after_the_grace),
        HARNESS_TEST(who_ends_after_it_was_left_takes_nobody_else_s_time),
        HARNESS_TEST(child_that_a_call_ends_has_its_time_when_its_supervisor_ends_too),
        HARNESS_TEST(who_waits_for_a_child_of_a_killed_supervisor_is_told),
        HARNESS_TEST(next_incarnation_waits_for_all_that_a_kill_has_left),
    };
    return harness_main(argc, argv, tests, sizeof tests / sizeof *tests);
}
