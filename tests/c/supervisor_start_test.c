/* The start of a supervisor whose children end while others are still being started. */
#include "family_begin.h"

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

int main(int argc, char **argv) {
    static const struct CMUnitTest tests[] = {
        HARNESS_TEST(child_that_fails_while_its_siblings_start_is_started_anew_afterwards),
        HARNESS_TEST(temporary_child_that_ends_while_its_siblings_start_is_forgotten),
        HARNESS_TEST(early_failure_counts_like_any_other),
    };
    return harness_main(argc, argv, tests, sizeof tests / sizeof *tests);
}
