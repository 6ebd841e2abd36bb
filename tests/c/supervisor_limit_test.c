/* How often and how soon a supervisor starts a child anew, and what it does when that is too often: its intensity,
 * its pauses, its significant children. On virtual time.
 * modes: deterministic */
#include "family_begin.h"

static void fail_now(family *f, char letter) {
    assert_ok(family_tell(f, letter, FAMILY_FAIL));
    assert_true(harness_settle(f->owner));
}

static bool lives(spawned_pid pid) {
    spawned_exit exit = SPAWNED_EXIT_INIT;
    assert_ok(spawned_actor_exit_reason(pid, &exit, NULL, 0));
    return exit.kind == SPAWNED_EXIT_RUNNING;
}

static void expect_gave_up(family *f, spawned_pid supervisor) {
    assert_true(harness_settle(f->owner));
    assert_exit(supervisor, SPAWNED_EXIT_SHUTDOWN, SPAWNED_OK, SPAWNED_PLACE_NONE);
    assert_true(family_is_gone(f));
}

static spawned_child_info look(spawned_pid supervisor, const char *id) {
    spawned_child_info info = SPAWNED_CHILD_INFO_INIT;
    assert_ok(
        spawned_supervisor_child(supervisor, id, SPAWNED_ZERO_TERMINATED, SPAWNED_DEFAULT, &info));
    return info;
}

/* SV09 */
static void the_period_s_both_ends_count(void **state) {
    harness *h = *state;
    for (int beyond = 0; beyond < 2; beyond++) {
        static family both[2];
        family *f = &both[beyond];
        family_init(f, h, "abc", SPAWNED_ONE_FOR_ONE);
        f->supervisor.intensity = 2;
        f->supervisor.period = 1000 * SPAWNED_MILLISECOND;
        const spawned_pid supervisor = begin(f);
        fail_now(f, 'a');
        assert_true(harness_advance(h, 500 * SPAWNED_MILLISECOND));
        fail_now(f, 'b');
        assert_true(harness_advance(h, (uint64_t)(500 + beyond) * SPAWNED_MILLISECOND));
        family_clear(f);
        fail_now(f, 'a');
        if (beyond == 1) {
            assert_true(lives(supervisor));
            assert_true(family_wait_journal(f, "-a +a"));
            stop_and_join(supervisor);
            continue;
        }
        expect_gave_up(f, supervisor);
        assert_true(family_wait_journal(f, "-a -c -b"));
        assert_int_equal(harness_log_count(h, SPAWNED_LOG_ERROR, "gives up: child 'a'"), 1);
    }
}

/* SV10 */
static void without_restarts_the_first_failure_is_the_end(void **state) {
    harness *h = *state;
    static family f;
    family_init(&f, h, "ab", SPAWNED_ONE_FOR_ONE);
    f.supervisor.intensity = SPAWNED_NO_RESTARTS;
    const spawned_pid supervisor = begin(&f);
    fail_now(&f, 'a');
    expect_gave_up(&f, supervisor);
}

/* SV11 */
static void failed_attempts_count_like_failures(void **state) {
    harness *h = *state;
    for (int how = 0; how < 2; how++) {
        static family both[2];
        family *f = &both[how];
        family_init(f, h, "ab", how == 0 ? SPAWNED_ONE_FOR_ONE : SPAWNED_REST_FOR_ONE);
        f->supervisor.intensity = 3;
        const spawned_pid supervisor = begin(f);
        family_clear(f);
        if (how == 0)
            family_of(f, 'a')->init_failures = 100;
        else
            family_of(f, 'a')->started_failures = 100;
        fail_now(f, 'a');
        expect_gave_up(f, supervisor);
        assert_true(
            family_wait_journal(f, how == 0 ? "-a !a !a !a -b" : "-a -b !a -a !a -a !a -a"));
    }
}

/* SV18 */
static void pauses_double_and_the_supervisor_answers_meanwhile(void **state) {
    harness *h = *state;
    static family f;
    family_init(&f, h, "abc", SPAWNED_ONE_FOR_ONE);
    f.supervisor.intensity = 1000;
    f.supervisor.backoff = 100 * SPAWNED_MILLISECOND;
    f.supervisor.backoff_max = 300 * SPAWNED_MILLISECOND;
    const spawned_pid supervisor = begin(&f);
    const uint64_t middles[] = {100, 200, 300, 300};
    for (int n = 0; n < 4; n++) {
        fail_now(&f, 'a');
        assert_int_equal(look(supervisor, "a").state, SPAWNED_CHILD_RESTARTING);
        assert_int_equal(look(supervisor, "b").state, SPAWNED_CHILD_RUNNING);
        assert_status(spawned_supervisor_restart_child(supervisor, "a", 1, SPAWNED_DEFAULT, NULL),
                      SPAWNED_EBUSY);
        assert_status(spawned_supervisor_delete_child(supervisor, "a", 1, SPAWNED_DEFAULT),
                      SPAWNED_EBUSY);
        const uint64_t fifth = middles[n] / 5;
        assert_true(harness_advance(h, (middles[n] - fifth) * SPAWNED_MILLISECOND - 1));
        assert_int_equal(look(supervisor, "a").state, SPAWNED_CHILD_RESTARTING);
        assert_true(harness_advance(h, 2 * fifth * SPAWNED_MILLISECOND + 1));
        assert_int_equal(look(supervisor, "a").state, SPAWNED_CHILD_RUNNING);
    }
    /* After a period without failure it is the first one again. */
    assert_true(harness_advance(h, 5 * SPAWNED_SECOND));
    fail_now(&f, 'a');
    assert_true(harness_advance(h, 120 * SPAWNED_MILLISECOND));
    assert_int_equal(look(supervisor, "a").state, SPAWNED_CHILD_RUNNING);
    /* Stopping it ends the pause for good. */
    fail_now(&f, 'a');
    assert_ok(spawned_supervisor_stop_child(supervisor, "a", 1, SPAWNED_DEFAULT));
    assert_true(harness_advance(h, 10 * SPAWNED_SECOND));
    assert_int_equal(look(supervisor, "a").state, SPAWNED_CHILD_ENDED);
    assert_ok(spawned_supervisor_delete_child(supervisor, "a", 1, SPAWNED_DEFAULT));
    fail_now(&f, 'b');
    stop_and_join(supervisor);
    assert_true(family_is_gone(&f));
}

static void a_group_pauses_once_its_members_have_ended(void **state) {
    harness *h = *state;
    static family f;
    family_init(&f, h, "abc", SPAWNED_ONE_FOR_ALL);
    f.supervisor.intensity = 1000;
    f.supervisor.backoff = 100 * SPAWNED_MILLISECOND;
    const spawned_pid supervisor = begin(&f);
    family_clear(&f);
    fail_now(&f, 'b');
    assert_true(family_wait_journal(&f, "-b -c -a"));
    assert_true(harness_advance(h, 120 * SPAWNED_MILLISECOND));
    assert_true(family_wait_journal(&f, "-b -c -a +a +b +c"));
    /* The one whose pause it is may be stopped by a call: the others need not wait for it. */
    family_clear(&f);
    fail_now(&f, 'b');
    assert_ok(spawned_supervisor_stop_child(supervisor, "b", 1, SPAWNED_DEFAULT));
    assert_true(family_wait_journal(&f, "-b -c -a +a +c"));
    stop_and_join(supervisor);
    assert_true(family_is_gone(&f));
}

/* SV21 */
static void significant_children_end_their_supervisor(void **state) {
    harness *h = *state;
    enum { any_quits, any_fails, any_is_stopped, any_sibling, all_one, all_both, cases };
    static family all[cases];
    for (int which = 0; which < cases; which++) {
        family *f = &all[which];
        const bool group = which == any_sibling;
        family_init(f, h, "abc", group ? SPAWNED_ONE_FOR_ALL : SPAWNED_ONE_FOR_ONE);
        f->supervisor.auto_shutdown =
            which < all_one ? SPAWNED_AUTO_SHUTDOWN_ANY : SPAWNED_AUTO_SHUTDOWN_ALL;
        family_child(f, 'a')->restart = SPAWNED_TRANSIENT;
        family_child(f, 'b')->restart = SPAWNED_TEMPORARY;
        family_child(f, 'a')->flags = family_child(f, 'b')->flags = SPAWNED_CHILD_SIGNIFICANT;
        const spawned_pid supervisor = begin(f);
        bool ends = which == any_quits || which == any_fails;
        if (which == any_quits) assert_ok(family_tell(f, 'a', FAMILY_QUIT));
        if (which == any_fails) assert_ok(family_tell(f, 'b', FAMILY_FAIL));
        if (which == any_is_stopped)
            assert_ok(spawned_supervisor_stop_child(supervisor, "a", 1, SPAWNED_DEFAULT));
        if (which == any_sibling) assert_ok(family_tell(f, 'c', FAMILY_FAIL));
        if (which >= all_one) assert_ok(family_tell(f, 'a', FAMILY_QUIT));
        if (which == all_both) {
            assert_true(harness_settle(h));
            assert_true(lives(supervisor));
            ends = true;
            assert_ok(family_tell(f, 'b', FAMILY_FAIL));
        }
        assert_true(harness_settle(h));
        if (ends) {
            expect_gave_up(f, supervisor);
            continue;
        }
        assert_true(lives(supervisor));
        stop_and_join(supervisor);
    }
    /* A failure that is healed is none. */
    static family f;
    family_init(&f, h, "a", SPAWNED_ONE_FOR_ONE);
    f.supervisor.auto_shutdown = SPAWNED_AUTO_SHUTDOWN_ANY;
    f.children[0].restart = SPAWNED_TRANSIENT;
    f.children[0].flags = SPAWNED_CHILD_SIGNIFICANT;
    const spawned_pid supervisor = begin(&f);
    fail_now(&f, 'a');
    assert_int_equal(atomic_load(&f.members[0].lives), 2);
    stop_and_join(supervisor);
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        HARNESS_TEST(the_period_s_both_ends_count),
        HARNESS_TEST(without_restarts_the_first_failure_is_the_end),
        HARNESS_TEST(failed_attempts_count_like_failures),
        HARNESS_TEST(pauses_double_and_the_supervisor_answers_meanwhile),
        HARNESS_TEST(a_group_pauses_once_its_members_have_ended),
        HARNESS_TEST(significant_children_end_their_supervisor),
    };
    return harness_main(argc, argv, tests, sizeof tests / sizeof *tests);
}
