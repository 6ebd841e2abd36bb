/* Supervisors whose children restart together: who is ended and started, in which order, for how many failures. */
#include "family_begin.h"

static spawned_pid begin_quietly(family *f) {
    const spawned_pid supervisor = begin(f);
    family_clear(f);
    return supervisor;
}

static uint32_t restarts_of(spawned_pid supervisor, char letter) {
    spawned_child_info info = SPAWNED_CHILD_INFO_INIT;
    assert_ok(spawned_supervisor_child(supervisor, &letter, 1, SPAWNED_DEFAULT, &info));
    return info.restarts;
}

/* SV05 */
static void one_for_all_replaces_everybody(void **state) {
    harness *h = *state;
    static family f;
    family_init(&f, h, "abcde", SPAWNED_ONE_FOR_ALL);
    const spawned_pid supervisor = begin_quietly(&f);
    assert_ok(family_tell(&f, 'c', FAMILY_FAIL));
    assert_true(family_wait_lives(&f, 'e', 2));
    assert_true(family_wait_journal(&f, "-c -e -d -b -a +a +b +c +d +e"));
    stop_and_join(supervisor);
    assert_true(family_is_gone(&f));
}

/* SV06 */
static void rest_for_one_replaces_the_failed_one_and_those_after_it(void **state) {
    harness *h = *state;
    static family f;
    family_init(&f, h, "abcde", SPAWNED_REST_FOR_ONE);
    const spawned_pid supervisor = begin_quietly(&f);
    const spawned_pid a = family_pid(&f, 'a'), b = family_pid(&f, 'b');
    assert_ok(family_tell(&f, 'c', FAMILY_FAIL));
    assert_true(family_wait_lives(&f, 'e', 2));
    assert_true(family_wait_journal(&f, "-c -e -d +c +d +e"));
    assert_true(family_pid(&f, 'a') == a && family_pid(&f, 'b') == b);
    family_clear(&f);
    assert_ok(family_tell(&f, 'e', FAMILY_FAIL));
    assert_true(family_wait_journal(&f, "-e +e"));
    stop_and_join(supervisor);
    assert_true(family_is_gone(&f));
}

/* SV07 */
static void one_for_all_begins_again_when_another_child_does_not_start(void **state) {
    harness *h = *state;
    static family f;
    family_init(&f, h, "abc", SPAWNED_ONE_FOR_ALL);
    f.supervisor.intensity = 4;
    const spawned_pid supervisor = begin_quietly(&f);
    atomic_store(&family_of(&f, 'b')->started_failures, 1);
    assert_ok(family_tell(&f, 'c', FAMILY_FAIL));
    assert_true(family_wait_journal(&f, "-c -b -a +a !b -b -a +a +b +c"));
    assert_int_equal(restarts_of(supervisor, 'c'), 1);
    assert_int_equal(restarts_of(supervisor, 'b'), 1);
    family_clear(&f);
    atomic_store(&family_of(&f, 'b')->init_failures, 1);
    assert_ok(family_tell(&f, 'c', FAMILY_FAIL));
    assert_true(family_wait_journal(&f, "-c -b -a +a !b -a +a +b +c"));
    stop_and_join(supervisor);
    assert_true(family_is_gone(&f));
}

/* SV07 */
static void rest_for_one_goes_on_from_the_one_that_did_not_start(void **state) {
    harness *h = *state;
    static family f;
    family_init(&f, h, "abcd", SPAWNED_REST_FOR_ONE);
    const spawned_pid supervisor = begin_quietly(&f);
    atomic_store(&family_of(&f, 'c')->started_failures, 1);
    assert_ok(family_tell(&f, 'b', FAMILY_FAIL));
    assert_true(family_wait_journal(&f, "-b -d -c +b !c -c +c +d"));
    stop_and_join(supervisor);
    assert_true(family_is_gone(&f));
}

/* SV08 */
static void temporary_bystander_is_not_started_anew(void **state) {
    harness *h = *state;
    static family f;
    family_init(&f, h, "abc", SPAWNED_ONE_FOR_ALL);
    family_child(&f, 'b')->restart = SPAWNED_TEMPORARY;
    const spawned_pid supervisor = begin_quietly(&f);
    assert_ok(family_tell(&f, 'c', FAMILY_FAIL));
    assert_true(family_wait_journal(&f, "-c -b -a +a +c"));
    spawned_child_info info = SPAWNED_CHILD_INFO_INIT;
    assert_status(spawned_supervisor_child(supervisor, "b", 1, SPAWNED_DEFAULT, &info),
                  SPAWNED_ENOENT);
    stop_and_join(supervisor);
    assert_int_equal(f.members[1].forgotten, 1);
}

static void group_that_is_all_temporary_ends_without_restart(void **state) {
    harness *h = *state;
    static family f;
    family_init(&f, h, "abc", SPAWNED_REST_FOR_ONE);
    for (size_t i = 1; i < 3; i++) f.children[i].restart = SPAWNED_TEMPORARY;
    const spawned_pid supervisor = begin_quietly(&f);
    assert_ok(family_tell(&f, 'a', FAMILY_FAIL));
    assert_true(family_wait_journal(&f, "-a -c -b +a"));
    size_t count = 0;
    assert_ok(spawned_supervisor_children(supervisor, SPAWNED_DEFAULT, NULL, 0, 0, &count));
    assert_int_equal(count, 1);
    stop_and_join(supervisor);
}

/* SV29: the others were to be ended anyway. */
static void failures_at_the_same_time_are_one_restart(void **state) {
    harness *h = *state;
    REQUIRE_DETERMINISTIC(h); /* elsewhere the last may fail after the first was replaced */
    static family f;
    family_init(&f, h, "abcdefghij", SPAWNED_ONE_FOR_ALL);
    f.supervisor.intensity = 1;
    const spawned_pid supervisor = begin_quietly(&f);
    for (char one = 'a'; one <= 'i'; one = (char)(one + 2))
        assert_ok(family_tell(&f, one, FAMILY_FAIL));
    assert_true(family_wait_lives(&f, 'j', 2));
    uint32_t restarts = 0;
    for (char one = 'a'; one <= 'j'; one++) {
        assert_int_equal(atomic_load(&family_of(&f, one)->lives), 2);
        restarts += restarts_of(supervisor, one);
    }
    assert_int_equal(restarts, 1);
    stop_and_join(supervisor);
    assert_true(family_is_gone(&f));
}

/* A failure of one that has just been started anew is a new one. */
static void failure_behind_the_round_s_back_begins_another_round(void **state) {
    harness *h = *state;
    REQUIRE_DETERMINISTIC(h);
    static family f;
    family_init(&f, h, "abc", SPAWNED_ONE_FOR_ALL);
    f.supervisor.intensity = 2;
    const spawned_pid supervisor = begin_quietly(&f);
    assert_ok(family_tell(&f, 'c', FAMILY_FAIL));
    while (atomic_load(&family_of(&f, 'a')->lives) < 2)
        assert_ok(spawned_deterministic_step(harness_runtime(h)));
    assert_int_equal(atomic_load(&family_of(&f, 'c')->lives), 1);
    assert_ok(family_tell(&f, 'a', FAMILY_FAIL));
    assert_true(harness_settle(h));
    assert_int_equal(restarts_of(supervisor, 'a'), 1);
    assert_int_equal(restarts_of(supervisor, 'c'), 1);
    for (char one = 'a'; one <= 'c'; one++)
        assert_int_equal(atomic_load(&family_of(&f, one)->alive), 1);
    stop_and_join(supervisor);
    assert_true(family_is_gone(&f));
}

static void child_stopped_by_a_call_stays_out_of_the_group(void **state) {
    harness *h = *state;
    static family f;
    family_init(&f, h, "abc", SPAWNED_ONE_FOR_ALL);
    const spawned_pid supervisor = begin_quietly(&f);
    assert_ok(spawned_supervisor_stop_child(supervisor, "b", 1, SPAWNED_DEFAULT));
    assert_ok(family_tell(&f, 'a', FAMILY_FAIL));
    assert_true(family_wait_journal(&f, "-b -a -c +a +c"));
    spawned_pid b = 0;
    assert_ok(spawned_supervisor_restart_child(supervisor, "b", 1, SPAWNED_DEFAULT, &b));
    assert_true(b == family_pid(&f, 'b'));
    family_clear(&f);
    assert_ok(family_tell(&f, 'a', FAMILY_FAIL));
    assert_true(family_wait_journal(&f, "-a -c -b +a +b +c"));
    stop_and_join(supervisor);
}

/* SV17 */
static void child_outside_of_a_group_s_restart_is_started_by_a_call_at_once(void **state) {
    harness *h = *state;
    REQUIRE_DETERMINISTIC(h);
    static family f;
    family_init(&f, h, "abc", SPAWNED_REST_FOR_ONE);
    f.supervisor.backoff = 60 * SPAWNED_SECOND;
    const spawned_pid supervisor = begin(&f);
    assert_ok(spawned_supervisor_stop_child(supervisor, "a", 1, SPAWNED_DEFAULT));
    assert_ok(family_tell(&f, 'c', FAMILY_FAIL));
    assert_true(harness_settle(h)); /* it pauses */
    const spawned_time begin_of_call = harness_now(h);
    assert_ok(spawned_supervisor_restart_child(supervisor, "a", 1, SPAWNED_SECOND, NULL));
    assert_true(harness_now(h) == begin_of_call);
    assert_string_equal(f.journal, "+a +b +c -a -c +a");
    assert_true(harness_advance(h, 2 * 60 * SPAWNED_SECOND));
    assert_string_equal(f.journal, "+a +b +c -a -c +a +c");
    stop_and_join(supervisor);
    assert_true(family_is_gone(&f));
}

static void second_failure_s_pause_takes_the_place_of_the_first_one_s(void **state) {
    harness *h = *state;
    REQUIRE_DETERMINISTIC(h);
    static family f;
    family_init(&f, h, "abc", SPAWNED_REST_FOR_ONE);
    f.supervisor.backoff = f.supervisor.backoff_max = 60 * SPAWNED_SECOND;
    const spawned_pid supervisor = begin_quietly(&f);
    assert_ok(family_tell(&f, 'c', FAMILY_FAIL));
    assert_true(harness_advance(h, 40 * SPAWNED_SECOND));
    assert_ok(family_tell(&f, 'a', FAMILY_FAIL));
    assert_true(harness_advance(h, 40 * SPAWNED_SECOND)); /* the first one's is over */
    assert_string_equal(f.journal, "-c -a -b");
    assert_true(harness_advance(h, 40 * SPAWNED_SECOND));
    assert_string_equal(f.journal, "-c -a -b +a +b +c");
    stop_and_join(supervisor);
    assert_true(family_is_gone(&f));
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        HARNESS_TEST(one_for_all_replaces_everybody),
        HARNESS_TEST(rest_for_one_replaces_the_failed_one_and_those_after_it),
        HARNESS_TEST(one_for_all_begins_again_when_another_child_does_not_start),
        HARNESS_TEST(rest_for_one_goes_on_from_the_one_that_did_not_start),
        HARNESS_TEST(temporary_bystander_is_not_started_anew),
        HARNESS_TEST(group_that_is_all_temporary_ends_without_restart),
        HARNESS_TEST(failures_at_the_same_time_are_one_restart),
        HARNESS_TEST(failure_behind_the_round_s_back_begins_another_round),
        HARNESS_TEST(child_stopped_by_a_call_stays_out_of_the_group),
        HARNESS_TEST(child_outside_of_a_group_s_restart_is_started_by_a_call_at_once),
        HARNESS_TEST(second_failure_s_pause_takes_the_place_of_the_first_one_s),
    };
    return harness_main(argc, argv, tests, sizeof tests / sizeof *tests);
}
