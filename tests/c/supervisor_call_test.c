/* What can be asked of a supervisor while it runs: to add, end, restart, forget and list children; and dynamic
 * supervisors, which have no others. */
#include "family_begin.h"

static spawned_status start_child(spawned_pid supervisor, family *f, char letter) {
    spawned_pid pid = 0;
    const spawned_status status =
        spawned_supervisor_start_child(supervisor, family_child(f, letter), SPAWNED_DEFAULT, &pid);
    if (status == SPAWNED_OK && pid != 0) assert_true(pid == family_pid(f, letter));
    assert_true(harness_settle(f->owner)); /* an argument that is refused ends after the answer */
    return status;
}

static spawned_status stop(spawned_pid supervisor, const char *id) {
    return spawned_supervisor_stop_child(supervisor, id, SPAWNED_ZERO_TERMINATED, SPAWNED_DEFAULT);
}
static spawned_status restart(spawned_pid supervisor, const char *id) {
    return spawned_supervisor_restart_child(supervisor, id, SPAWNED_ZERO_TERMINATED,
                                            SPAWNED_DEFAULT, NULL);
}
static spawned_status forget(spawned_pid supervisor, const char *id) {
    return spawned_supervisor_delete_child(supervisor, id, SPAWNED_ZERO_TERMINATED,
                                           SPAWNED_DEFAULT);
}

/* SV17 */
static void every_call_says_what_stands_in_its_way(void **state) {
    harness *h = *state;
    static family f, more;
    family_init(&f, h, "ab", SPAWNED_ONE_FOR_ONE);
    family_init(&more, h, "bcde", SPAWNED_ONE_FOR_ONE);
    const spawned_pid supervisor = begin(&f);
    assert_status(stop(supervisor, "z"), SPAWNED_ENOENT);
    assert_status(restart(supervisor, "z"), SPAWNED_ENOENT);
    assert_status(forget(supervisor, "z"), SPAWNED_ENOENT);
    assert_status(restart(supervisor, "a"), SPAWNED_EALREADY);
    assert_status(forget(supervisor, "a"), SPAWNED_EALREADY);
    assert_status(start_child(supervisor, &more, 'b'), SPAWNED_EEXIST);
    assert_int_equal(family_of(&more, 'b')->forgotten, 1);
    assert_ok(stop(supervisor, "b"));
    assert_true(family_wait_journal(&f, "+a +b -b"));
    assert_ok(stop(supervisor, "b"));
    assert_status(start_child(supervisor, &more, 'b'), SPAWNED_EALREADY);
    assert_ok(forget(supervisor, "b"));
    assert_int_equal(family_of(&f, 'b')->forgotten,
                     0); /* it belongs to the supervisor's description */
    assert_status(forget(supervisor, "b"), SPAWNED_ENOENT);
    assert_ok(start_child(supervisor, &more, 'b'));
    assert_ok(start_child(supervisor, &more, 'c'));
    family_child(&more, 'd')->restart = SPAWNED_TEMPORARY;
    assert_ok(start_child(supervisor, &more, 'd'));
    assert_ok(stop(supervisor, "d"));
    assert_true(harness_settle(h));
    assert_status(forget(supervisor, "d"), SPAWNED_ENOENT);
    assert_int_equal(family_of(&more, 'd')->forgotten, 1);
    assert_ok(stop(supervisor, "c"));
    assert_ok(restart(supervisor, "c"));
    assert_int_equal(family_of(&more, 'c')->lives, 2);
    family_of(&more, 'e')->started_failures = 1;
    assert_status(start_child(supervisor, &more, 'e'), FAMILY_CODE);
    assert_int_equal(family_of(&more, 'e')->forgotten, 1);
    family_of(&more, 'e')->init_failures = 1;
    assert_status(start_child(supervisor, &more, 'e'), FAMILY_CODE);
    assert_int_equal(family_of(&more, 'e')->forgotten, 2);
    family_of(&more, 'e')->quits = 1;
    assert_ok(start_child(supervisor, &more, 'e'));
    assert_status(start_child(supervisor, &more, 'e'), SPAWNED_EALREADY);
    assert_ok(restart(supervisor, "e"));
    stop_and_join(supervisor);
    assert_true(family_is_gone(&f) && family_is_gone(&more));
    assert_int_equal(family_of(&f, 'b')->forgotten, 1);
    assert_status(stop(supervisor, "a"), SPAWNED_ESTOPPED);
    assert_status(start_child(supervisor, &more, 'b'), SPAWNED_ESTOPPED);
}

static void failing_restart_by_a_call_leaves_the_child_ended(void **state) {
    harness *h = *state;
    static family f;
    family_init(&f, h, "ab", SPAWNED_ONE_FOR_ONE);
    const spawned_pid supervisor = begin(&f);
    for (int how = 0; how < 2; how++) {
        assert_ok(stop(supervisor, "a"));
        family_of(&f, 'a')->init_failures = how;
        family_of(&f, 'a')->started_failures = 1 - how;
        assert_status(restart(supervisor, "a"), FAMILY_CODE);
        spawned_child_info info = SPAWNED_CHILD_INFO_INIT;
        assert_ok(spawned_supervisor_child(supervisor, "a", 1, SPAWNED_DEFAULT, &info));
        assert_int_equal(info.state, SPAWNED_CHILD_ENDED);
        assert_int_equal(info.restarts, 0);
        assert_ok(restart(supervisor, "a"));
    }
    stop_and_join(supervisor);
}

static void failure_of_a_start_is_answered_in_the_child_s_own_words(void **state) {
    harness *h = *state;
    static family f, more;
    family_init(&f, h, "a", SPAWNED_ONE_FOR_ONE);
    family_init(&more, h, "b", SPAWNED_ONE_FOR_ONE);
    const spawned_pid supervisor = begin(&f);
    for (int how = 0; how < 2; how++) {
        family_of(&more, 'b')->init_failures = how;
        family_of(&more, 'b')->started_failures = 1 - how;
        spawned_response *response = NULL;
        const char *text = NULL;
        size_t length = 0;
        assert_ok(spawned_supervisor_start_child_response(supervisor, family_child(&more, 'b'),
                                                          SPAWNED_DEFAULT, &response));
        assert_status(spawned_response_wait(response, HARNESS_LONG), FAMILY_CODE);
        assert_status(spawned_response_error(response, &text, &length), FAMILY_CODE);
        assert_string_equal(text, how ? "planned in init" : "planned in started");
        spawned_response_release(response);
    }
    stop_and_join(supervisor);
}

static void children_are_listed_in_the_order_of_their_starts(void **state) {
    harness *h = *state;
    static family f;
    family_init(&f, h, "abc", SPAWNED_ONE_FOR_ONE);
    f.supervisor.child_count = 2;
    family_child(&f, 'b')->restart = SPAWNED_TRANSIENT;
    const spawned_pid supervisor = begin(&f);
    assert_ok(start_child(supervisor, &f, 'c'));
    assert_ok(stop(supervisor, "b"));
    struct {
        spawned_child_info info;
        uint64_t beyond; /* a caller with a larger struct */
    } found[3];
    size_t count = 0;
    assert_ok(spawned_supervisor_children(supervisor, SPAWNED_DEFAULT, &found[0].info,
                                          sizeof found[0], 3, &count));
    assert_int_equal(count, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_string_equal(found[i].info.id, f.ids[i]);
        assert_int_equal(found[i].info.restart, i == 1 ? SPAWNED_TRANSIENT : SPAWNED_PERMANENT);
        assert_int_equal(found[i].info.is_supervisor, 0);
        assert_int_equal(found[i].info.state, i == 1 ? SPAWNED_CHILD_ENDED : SPAWNED_CHILD_RUNNING);
        assert_true(found[i].info.pid == (i == 1 ? 0 : family_pid(&f, f.ids[i][0])));
        assert_true(found[i].beyond == 0);
    }
    spawned_child_info first = SPAWNED_CHILD_INFO_INIT;
    assert_ok(
        spawned_supervisor_children(supervisor, SPAWNED_DEFAULT, &first, sizeof first, 1, &count));
    assert_int_equal(count, 3);
    assert_string_equal(first.id, "a");
    stop_and_join(supervisor);
}

/* SV14 in this library's terms: whatever the child does, its end is seen. */
static void child_that_ends_while_it_is_stopped_answers_the_call(void **state) {
    harness *h = *state;
    for (int round = 0; round < 100; round++) {
        static family f;
        family_init(&f, h, "a", SPAWNED_ONE_FOR_ONE);
        f.supervisor.intensity = 1000;
        const spawned_pid supervisor = begin(&f);
        const spawned_pid child = family_pid(&f, 'a');
        assert_ok(family_tell(&f, 'a', round % 2 == 0 ? FAMILY_FAIL : FAMILY_QUIT));
        assert_ok(stop(supervisor, "a"));
        assert_ok(spawned_actor_join(child, HARNESS_LONG));
        assert_true(harness_settle(h));
        assert_int_equal(atomic_load(&family_of(&f, 'a')->alive), 0);
        stop_and_join(supervisor);
        assert_true(family_is_gone(&f));
    }
}

static void several_callers_are_answered_by_one_end(void **state) {
    harness *h = *state;
    REQUIRE_DETERMINISTIC(h);
    static family f;
    family_init(&f, h, "a", SPAWNED_ONE_FOR_ONE);
    family_child(&f, 'a')->shutdown = 100 * SPAWNED_MILLISECOND;
    const spawned_pid supervisor = begin(&f);
    assert_ok(family_tell(&f, 'a', FAMILY_CLING));
    assert_true(harness_settle(h));
    spawned_response *all[3];
    for (int i = 0; i < 3; i++)
        assert_ok(
            spawned_supervisor_stop_child_response(supervisor, "a", 1, SPAWNED_DEFAULT, &all[i]));
    assert_true(harness_settle(h));
    spawned_child_info info = SPAWNED_CHILD_INFO_INIT;
    assert_ok(spawned_supervisor_child(supervisor, "a", 1, SPAWNED_DEFAULT, &info));
    assert_int_equal(info.state, SPAWNED_CHILD_STOPPING);
    for (int i = 0; i < 3; i++) assert_status(spawned_response_poll(all[i]), SPAWNED_EAGAIN);
    assert_true(harness_advance(h, 100 * SPAWNED_MILLISECOND));
    for (int i = 0; i < 3; i++) {
        assert_ok(spawned_response_poll(all[i]));
        spawned_response_release(all[i]);
    }
    stop_and_join(supervisor);
}

/* SV23 */
static void dynamic_supervisor_takes_children_up_to_its_most(void **state) {
    harness *h = *state;
    static family f;
    family_init(&f, h, "abcde", SPAWNED_DYNAMIC);
    f.supervisor.children_max = 3;
    for (size_t i = 0; i < f.count; i++) f.children[i].id = NULL;
    const spawned_pid supervisor = begin(&f);
    for (char one = 'a'; one <= 'c'; one++) assert_ok(start_child(supervisor, &f, one));
    assert_status(start_child(supervisor, &f, 'd'), SPAWNED_ELIMIT);
    assert_int_equal(family_of(&f, 'd')->forgotten, 1);
    assert_ok(spawned_supervisor_stop_pid(supervisor, family_pid(&f, 'b'), SPAWNED_DEFAULT));
    assert_true(harness_settle(h));
    assert_int_equal(family_of(&f, 'b')->forgotten, 1);
    assert_status(spawned_supervisor_stop_pid(supervisor, family_pid(&f, 'b'), SPAWNED_DEFAULT),
                  SPAWNED_ENOENT);
    assert_ok(start_child(supervisor, &f, 'd'));
    assert_ok(family_tell(&f, 'a', FAMILY_FAIL));
    assert_true(family_wait_lives(&f, 'a', 2));
    assert_status(start_child(supervisor, &f, 'e'), SPAWNED_ELIMIT);
    stop_and_join(supervisor);
    assert_true(family_is_gone(&f));
}

/* The order of starts and ends is nobody's business there: all are asked at once. */
static void dynamic_children_end_in_parallel(void **state) {
    harness *h = *state;
    REQUIRE_DETERMINISTIC(h);
    static family f;
    family_init(&f, h, "abcdef", SPAWNED_DYNAMIC);
    const spawned_pid supervisor = begin(&f);
    for (char one = 'a'; one <= 'f'; one++) {
        family_child(&f, one)->shutdown = 100 * SPAWNED_MILLISECOND;
        if (one == 'f') family_child(&f, one)->shutdown = 300 * SPAWNED_MILLISECOND;
        assert_ok(start_child(supervisor, &f, one));
        if (one != 'c') assert_ok(family_tell(&f, one, FAMILY_CLING));
    }
    assert_true(harness_settle(h));
    const spawned_time start = harness_now(h);
    stop_and_join(supervisor);
    assert_true(harness_now(h) - start == 300 * SPAWNED_MILLISECOND);
    assert_exit(family_pid(&f, 'a'), SPAWNED_EXIT_KILLED, SPAWNED_OK, SPAWNED_PLACE_NONE);
    assert_exit(family_pid(&f, 'c'), SPAWNED_EXIT_SHUTDOWN, SPAWNED_OK, SPAWNED_PLACE_NONE);
    assert_true(family_is_gone(&f));
}

/* Its next attempt to start is on the way when it is deleted. */
static void deleted_child_s_late_message_finds_nobody(void **state) {
    harness *h = *state;
    REQUIRE_DETERMINISTIC(h);
    static family f;
    family_init(&f, h, "a", SPAWNED_ONE_FOR_ONE);
    const spawned_pid supervisor = begin(&f);
    const spawned_pid child = family_pid(&f, 'a');
    atomic_store(&family_of(&f, 'a')->init_failures, 1);
    assert_ok(family_tell(&f, 'a', FAMILY_FAIL));
    assert_ok(spawned_deterministic_step(harness_runtime(h)));
    assert_exit(child, SPAWNED_EXIT_FAILURE, FAMILY_CODE, SPAWNED_PLACE_HANDLER);
    spawned_response *stopped = NULL, *deleted = NULL;
    assert_ok(
        spawned_supervisor_stop_child_response(supervisor, "a", 1, SPAWNED_FOREVER, &stopped));
    assert_ok(
        spawned_supervisor_delete_child_response(supervisor, "a", 1, SPAWNED_FOREVER, &deleted));
    assert_ok(spawned_response_wait(stopped, HARNESS_LONG));
    assert_ok(spawned_response_wait(deleted, HARNESS_LONG));
    spawned_response_release(stopped);
    spawned_response_release(deleted);
    assert_true(harness_settle(h));
    assert_string_equal(f.journal, "+a -a !a");
    assert_status(stop(supervisor, "a"), SPAWNED_ENOENT);
    stop_and_join(supervisor);
    assert_true(family_is_gone(&f));
}

static void child_without_started_has_started_at_once(void **state) {
    harness *h = *state;
    static family f;
    family_init(&f, h, "a", SPAWNED_ONE_FOR_ONE);
    const spawned_pid supervisor = begin(&f);
    static spawned_behavior plain;
    plain = family_behavior;
    plain.started = NULL;
    spawned_child child = *family_child(&f, 'a');
    child.id = "b";
    child.behavior = &plain;
    spawned_pid pid = 0;
    assert_ok(stop(supervisor, "a"));
    assert_ok(spawned_supervisor_start_child(supervisor, &child, SPAWNED_DEFAULT, &pid));
    assert_exit(pid, SPAWNED_EXIT_RUNNING, SPAWNED_OK, SPAWNED_PLACE_NONE);
    stop_and_join(supervisor);
    assert_true(family_is_gone(&f));
}

struct caller {
    family *f;
    spawned_pid supervisor;
    _Atomic int done;
};

static spawned_status call_from_handler(spawned_context *context, harness_probe *probe,
                                        uint64_t letter) {
    (void)context;
    struct caller *c = probe->data;
    spawned_pid pid = 0;
    const spawned_status status =
        spawned_supervisor_start_child(c->supervisor, family_child(c->f, (char)letter),
                                       HARNESS_LONG, &pid);
    const char id[2] = {(char)letter, 0};
    if (status == SPAWNED_OK &&
        spawned_supervisor_stop_child(c->supervisor, id, 1, HARNESS_LONG) == SPAWNED_OK)
        atomic_fetch_add(&c->done, 1);
    return SPAWNED_OK;
}

static spawned_status call_from_started(spawned_context *context, harness_probe *probe) {
    return call_from_handler(context, probe, 'c');
}
static spawned_status call_from_stopped(spawned_context *context, harness_probe *probe) {
    return call_from_handler(context, probe, 'd');
}

/* SV31 */
static void children_are_started_from_hooks_and_handlers(void **state) {
    harness *h = *state;
    REQUIRE_BLOCKING_HANDLERS(h);
    static family f;
    static struct caller c;
    family_init(&f, h, "abcd", SPAWNED_ONE_FOR_ONE);
    f.supervisor.child_count = 1;
    c = (struct caller){&f, begin(&f), 0};
    harness_probe *probe = harness_probe_new(h);
    probe->data = &c;
    probe->on_started = call_from_started;
    probe->on_number = call_from_handler;
    probe->on_stopped = call_from_stopped;
    const spawned_pid asking = harness_probe_start(h, probe, NULL);
    assert_ok(harness_send_number(asking, 'b'));
    assert_true(harness_probe_wait(probe, HARNESS_MESSAGE, 1));
    assert_true(harness_settle(h));
    stop_and_join(asking);
    assert_int_equal(atomic_load(&c.done), 3);
    stop_and_join(c.supervisor);
    assert_true(family_is_gone(&f));
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        HARNESS_TEST(every_call_says_what_stands_in_its_way),
        HARNESS_TEST(failing_restart_by_a_call_leaves_the_child_ended),
        HARNESS_TEST(failure_of_a_start_is_answered_in_the_child_s_own_words),
        HARNESS_TEST(children_are_listed_in_the_order_of_their_starts),
        HARNESS_TEST(child_that_ends_while_it_is_stopped_answers_the_call),
        HARNESS_TEST(several_callers_are_answered_by_one_end),
        HARNESS_TEST(dynamic_supervisor_takes_children_up_to_its_most),
        HARNESS_TEST(dynamic_children_end_in_parallel),
        HARNESS_TEST(deleted_child_s_late_message_finds_nobody),
        HARNESS_TEST(child_without_started_has_started_at_once),
        HARNESS_TEST(children_are_started_from_hooks_and_handlers),
    };
    return harness_main(argc, argv, tests, sizeof tests / sizeof *tests);
}
