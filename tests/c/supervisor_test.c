/* Supervisors: children start in order and end in reverse order, a start that fails leaves nothing, who ends by itself
 * is started anew or not. Groups, limits, calls and trees have files of their own. */
#include "family_begin.h"

/* SV02, first half */
static void children_start_in_order_and_end_in_reverse_order(void **state) {
    harness *h = *state;
    static family f;
    family_init(&f, h, "abcde", SPAWNED_ONE_FOR_ONE);
    spawned_pid supervisor = 0;
    assert_ok(family_start(&f, &supervisor));
    assert_true(family_wait_journal(&f, "+a +b +c +d +e"));
    stop_and_join(supervisor);
    assert_true(family_wait_journal(&f, "+a +b +c +d +e -e -d -c -b -a"));
    assert_true(family_is_gone(&f));
    assert_exit(supervisor, SPAWNED_EXIT_NORMAL, SPAWNED_OK, SPAWNED_PLACE_NONE);
    assert_exit(family_pid(&f, 'c'), SPAWNED_EXIT_SHUTDOWN, SPAWNED_OK, SPAWNED_PLACE_NONE);
    for (size_t i = 0; i < f.count; i++) assert_int_equal(f.members[i].forgotten, 1);
}

static void check_failed_start(family *f, const char *journal, const char *words) {
    spawned_pid supervisor = 0;
    assert_status(family_start(f, &supervisor), FAMILY_CODE);
    assert_true(supervisor != 0);
    assert_true(family_wait_journal(f, journal));
    assert_true(family_is_gone(f));
    spawned_exit exit = SPAWNED_EXIT_INIT;
    char text[200];
    assert_ok(spawned_actor_exit_reason(supervisor, &exit, text, sizeof text));
    assert_int_equal(exit.kind, SPAWNED_EXIT_FAILURE);
    assert_string_equal(text, words);
}

/* SV02 */
static void start_fails_and_rolls_back_when_a_child_does_not_start(void **state) {
    harness *h = *state;
    static family f, g;
    family_init(&f, h, "abcde", SPAWNED_ONE_FOR_ALL);
    family_of(&f, 'c')->started_failures = 1;
    check_failed_start(&f, "+a +b !c -c -b -a", "child 'c' did not start: planned in started");
    family_init(&g, h, "abcde", SPAWNED_ONE_FOR_ONE);
    family_of(&g, 'c')->init_failures = 1;
    check_failed_start(&g, "+a +b !c -b -a", "child 'c' did not start: planned in init");
    for (size_t i = 0; i < f.count; i++) assert_int_equal(f.members[i].forgotten, 1);
}

/* SV03 */
static void child_that_stops_itself_in_started_is_not_needed(void **state) {
    harness *h = *state;
    static family f;
    family_init(&f, h, "abc", SPAWNED_ONE_FOR_ONE);
    family_of(&f, 'a')->quits = 1;
    family_of(&f, 'b')->quits = 1;
    family_child(&f, 'b')->restart = SPAWNED_TEMPORARY;
    spawned_pid supervisor = 0;
    assert_ok(family_start(&f, &supervisor));
    assert_true(family_wait_journal(&f, "-a -b +c"));
    spawned_child_info info = SPAWNED_CHILD_INFO_INIT;
    assert_ok(spawned_supervisor_child(supervisor, "a", 1, SPAWNED_DEFAULT, &info));
    assert_int_equal(info.state, SPAWNED_CHILD_ENDED);
    assert_true(info.pid == 0);
    assert_status(spawned_supervisor_child(supervisor, "b", 1, SPAWNED_DEFAULT, &info),
                  SPAWNED_ENOENT);
    spawned_pid again = 0;
    assert_ok(spawned_supervisor_restart_child(supervisor, "a", 1, SPAWNED_DEFAULT, &again));
    assert_true(again == family_pid(&f, 'a'));
    stop_and_join(supervisor);
}

static void end_by(family *f, char letter, int how) {
    const spawned_pid pid = family_pid(f, letter);
    if (how == 0) assert_ok(family_tell(f, letter, FAMILY_QUIT));
    if (how == 1) assert_ok(family_tell(f, letter, FAMILY_FAIL));
    if (how == 2) assert_ok(spawned_actor_kill(pid));
    if (how == 3) assert_ok(spawned_actor_stop(pid));
    if (how == 4) assert_ok(spawned_actor_drain(pid, SPAWNED_DEFAULT));
    assert_ok(spawned_actor_join(pid, HARNESS_LONG));
    assert_true(harness_settle(f->owner));
}

/* SV01 */
static void who_ends_by_itself_is_started_anew_as_its_restart_says(void **state) {
    harness *h = *state;
    for (int how = 0; how < 5; how++) {
        const bool fault = how == 1 || how == 2;
        static family all[5];
        family *f = &all[how];
        family_init(f, h, "ptx", SPAWNED_ONE_FOR_ONE);
        family_child(f, 't')->restart = SPAWNED_TRANSIENT;
        family_child(f, 'x')->restart = SPAWNED_TEMPORARY;
        spawned_pid supervisor = 0;
        assert_ok(family_start(f, &supervisor));
        end_by(f, 'p', how);
        assert_true(family_wait_lives(f, 'p', 2));
        end_by(f, 't', how);
        if (fault) assert_true(family_wait_lives(f, 't', 2));
        end_by(f, 'x', how);
        spawned_child_info info = SPAWNED_CHILD_INFO_INIT;
        assert_ok(spawned_supervisor_child(supervisor, "p", 1, SPAWNED_DEFAULT, &info));
        assert_int_equal(info.restarts, 1);
        assert_true(info.pid == family_pid(f, 'p'));
        assert_ok(spawned_supervisor_child(supervisor, "t", 1, SPAWNED_DEFAULT, &info));
        assert_int_equal(info.restarts, fault ? 1 : 0);
        assert_int_equal(info.state, fault ? SPAWNED_CHILD_RUNNING : SPAWNED_CHILD_ENDED);
        assert_status(spawned_supervisor_child(supervisor, "x", 1, SPAWNED_DEFAULT, &info),
                      SPAWNED_ENOENT);
        stop_and_join(supervisor);
        assert_true(family_is_gone(f));
        for (size_t i = 0; i < 3; i++) assert_int_equal(f->members[i].forgotten, 1);
    }
}

/* SV04 */
static void in_one_for_one_the_siblings_notice_nothing(void **state) {
    harness *h = *state;
    static family f;
    family_init(&f, h, "abc", SPAWNED_ONE_FOR_ONE);
    spawned_pid supervisor = 0;
    assert_ok(family_start(&f, &supervisor));
    const spawned_pid a = family_pid(&f, 'a'), b = family_pid(&f, 'b'), c = family_pid(&f, 'c');
    assert_ok(family_tell(&f, 'b', FAMILY_FAIL));
    assert_true(family_wait_lives(&f, 'b', 2));
    assert_true(family_wait_journal(&f, "+a +b +c -b +b"));
    assert_true(family_pid(&f, 'a') == a && family_pid(&f, 'c') == c && family_pid(&f, 'b') != b);
    assert_int_equal(harness_log_count(h, SPAWNED_LOG_WARNING, "child 'b' ended: told to"), 1);
    stop_and_join(supervisor);
}

static spawned_status quit_at_once(spawned_context *context, void *state) {
    (void)state;
    return spawned_context_stop(context);
}

static const spawned_behavior mayfly = {SPAWNED_BEHAVIOR_INIT("mayfly"), .stopped = NULL,
                                        .started = NULL};
static const spawned_behavior idler = {SPAWNED_BEHAVIOR_INIT("idler"), .started = quit_at_once};

/* SV30 */
static void child_that_ends_before_anybody_looks_is_missed_by_nobody(void **state) {
    harness *h = *state;
    for (int round = 0; round < 50; round++) {
        static family f;
        family_init(&f, h, "a", SPAWNED_ONE_FOR_ONE);
        f.supervisor.intensity = 100;
        spawned_pid supervisor = 0;
        assert_ok(family_start(&f, &supervisor));
        for (int32_t life = 2; life < 6; life++) {
            assert_ok(spawned_actor_kill(family_pid(&f, 'a')));
            assert_true(family_wait_lives(&f, 'a', life));
        }
        stop_and_join(supervisor);
        assert_true(family_is_gone(&f));
    }
}

/* SV27 */
static void named_child_gets_its_name_again(void **state) {
    harness *h = *state;
    static family f;
    family_init(&f, h, "a", SPAWNED_ONE_FOR_ONE);
    f.options[0].name = "the child";
    f.supervisor.intensity = 60000;
    spawned_pid supervisor = 0, found = 0;
    assert_ok(family_start(&f, &supervisor));
    for (int32_t life = 2; life < 300; life++) {
        assert_ok(spawned_registry_whereis(harness_runtime(h), "the child", SPAWNED_ZERO_TERMINATED,
                                           &found));
        assert_true(found == family_pid(&f, 'a'));
        assert_ok(family_tell(&f, 'a', FAMILY_FAIL));
        assert_true(family_wait_lives(&f, 'a', life));
    }
    stop_and_join(supervisor);
}

/* A behavior without started counts as started once init has returned. */
static void children_without_started_are_supervised_likewise(void **state) {
    harness *h = *state;
    spawned_child one = {SPAWNED_CHILD_INIT("one"), .behavior = &mayfly};
    spawned_child two = {SPAWNED_CHILD_INIT("two"), .behavior = &idler};
    const spawned_child *const both[] = {&one, &two};
    const spawned_supervisor family = {SPAWNED_SUPERVISOR_INIT("plain"), SPAWNED_CHILDREN(both)};
    spawned_pid supervisor = 0;
    assert_ok(spawned_supervisor_start(harness_runtime(h), &family, NULL, &supervisor));
    spawned_child_info info = SPAWNED_CHILD_INFO_INIT;
    assert_ok(spawned_supervisor_child(supervisor, "one", 3, SPAWNED_DEFAULT, &info));
    const spawned_pid before = info.pid;
    assert_int_equal(info.state, SPAWNED_CHILD_RUNNING);
    assert_ok(spawned_actor_kill(before));
    assert_ok(spawned_actor_join(before, HARNESS_LONG));
    assert_true(harness_settle(h));
    assert_ok(spawned_supervisor_child(supervisor, "one", 3, SPAWNED_DEFAULT, &info));
    assert_true(info.pid != before && info.pid != 0);
    stop_and_join(supervisor);
}

static void drained_supervisor_ends_its_children_like_a_stopped_one(void **state) {
    harness *h = *state;
    static family f;
    family_init(&f, h, "ab", SPAWNED_ONE_FOR_ONE);
    const spawned_pid supervisor = begin(&f);
    assert_ok(spawned_actor_drain(supervisor, SPAWNED_FOREVER));
    assert_ok(spawned_actor_join(supervisor, HARNESS_LONG));
    assert_exit(supervisor, SPAWNED_EXIT_NORMAL, SPAWNED_OK, SPAWNED_PLACE_NONE);
    assert_true(family_wait_journal(&f, "+a +b -b -a"));
    assert_true(family_is_gone(&f));
}

/* SV14: it is watched, not linked. */
static void child_that_unlinks_itself_is_supervised_all_the_same(void **state) {
    harness *h = *state;
    static family f;
    family_init(&f, h, "a", SPAWNED_ONE_FOR_ONE);
    const spawned_pid supervisor = begin(&f);
    assert_ok(spawned_unlink(family_pid(&f, 'a'), supervisor));
    assert_ok(family_tell(&f, 'a', FAMILY_FAIL));
    assert_true(family_wait_journal(&f, "+a -a +a"));
    assert_ok(spawned_unlink(supervisor, family_pid(&f, 'a')));
    assert_ok(spawned_supervisor_stop_child(supervisor, "a", 1, SPAWNED_DEFAULT));
    assert_true(family_is_gone(&f));
    stop_and_join(supervisor);
}

/* A child without a supervisor is an orphan: it must not be there. */
static void killed_supervisor_takes_its_children_with_it(void **state) {
    harness *h = *state;
    static family f;
    family_init(&f, h, "abc", SPAWNED_ONE_FOR_ONE);
    spawned_pid supervisor = 0;
    assert_ok(family_start(&f, &supervisor));
    assert_ok(family_tell(&f, 'b', FAMILY_CLING));
    assert_ok(spawned_actor_kill(supervisor));
    assert_ok(spawned_actor_join(supervisor, HARNESS_LONG));
    for (char one = 'a'; one <= 'c'; one++) {
        assert_ok(spawned_actor_join(family_pid(&f, one), HARNESS_LONG));
        assert_exit(family_pid(&f, one), SPAWNED_EXIT_KILLED, SPAWNED_OK, SPAWNED_PLACE_NONE);
    }
    assert_true(family_is_gone(&f));
}

/* SV13 */
static void who_does_not_end_in_time_is_killed(void **state) {
    harness *h = *state;
    REQUIRE_DETERMINISTIC(h);
    static family f;
    family_init(&f, h, "abcd", SPAWNED_ONE_FOR_ONE);
    family_child(&f, 'a')->shutdown = 100 * SPAWNED_MILLISECOND;
    family_child(&f, 'b')->shutdown = 100 * SPAWNED_MILLISECOND;
    family_child(&f, 'c')->flags = SPAWNED_CHILD_KILL;
    family_child(&f, 'd')->shutdown = SPAWNED_FOREVER;
    spawned_pid supervisor = 0;
    assert_ok(family_start(&f, &supervisor));
    assert_ok(family_tell(&f, 'b', FAMILY_CLING));
    assert_ok(family_tell(&f, 'c', FAMILY_CLING));
    assert_true(harness_settle(h));
    const spawned_time begin = harness_now(h);
    stop_and_join(supervisor);
    assert_true(harness_now(h) - begin == 100 * SPAWNED_MILLISECOND);
    assert_true(family_wait_journal(&f, "+a +b +c +d -d -c -b -a"));
    assert_exit(family_pid(&f, 'a'), SPAWNED_EXIT_SHUTDOWN, SPAWNED_OK, SPAWNED_PLACE_NONE);
    assert_exit(family_pid(&f, 'b'), SPAWNED_EXIT_KILLED, SPAWNED_OK, SPAWNED_PLACE_NONE);
    assert_exit(family_pid(&f, 'c'), SPAWNED_EXIT_KILLED, SPAWNED_OK, SPAWNED_PLACE_NONE);
    assert_exit(family_pid(&f, 'd'), SPAWNED_EXIT_SHUTDOWN, SPAWNED_OK, SPAWNED_PLACE_NONE);
}

static void runtime_shutdown_ends_the_family_in_order(void **state) {
    harness *h = *state;
    static family f;
    family_init(&f, h, "abcde", SPAWNED_ONE_FOR_ONE);
    spawned_pid supervisor = 0;
    assert_ok(family_start(&f, &supervisor));
    assert_ok(spawned_runtime_shutdown(harness_runtime(h), HARNESS_LONG));
    assert_true(strcmp(f.journal, "+a +b +c +d +e -e -d -c -b -a") == 0);
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        HARNESS_TEST(children_start_in_order_and_end_in_reverse_order),
        HARNESS_TEST(start_fails_and_rolls_back_when_a_child_does_not_start),
        HARNESS_TEST(child_that_stops_itself_in_started_is_not_needed),
        HARNESS_TEST(who_ends_by_itself_is_started_anew_as_its_restart_says),
        HARNESS_TEST(in_one_for_one_the_siblings_notice_nothing),
        HARNESS_TEST(child_that_ends_before_anybody_looks_is_missed_by_nobody),
        HARNESS_TEST(named_child_gets_its_name_again),
        HARNESS_TEST(children_without_started_are_supervised_likewise),
        HARNESS_TEST(drained_supervisor_ends_its_children_like_a_stopped_one),
        HARNESS_TEST(child_that_unlinks_itself_is_supervised_all_the_same),
        HARNESS_TEST(killed_supervisor_takes_its_children_with_it),
        HARNESS_TEST(who_does_not_end_in_time_is_killed),
        HARNESS_TEST(runtime_shutdown_ends_the_family_in_order),
    };
    return harness_main(argc, argv, tests, sizeof tests / sizeof *tests);
}
