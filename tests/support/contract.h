/* The harness for cmocka programs: one include for a contract test. Assertions belong into the
 * test's body only: they leave by longjmp, which a handler must not. */
#ifndef SPAWNED_TESTS_SUPPORT_CONTRACT_H
#define SPAWNED_TESTS_SUPPORT_CONTRACT_H

#include "harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static inline int harness_setup(void **state) {
    harness *h = harness_begin(*state);
    *state = h;
    return h == NULL ? -1 : 0;
}

static inline int harness_teardown(void **state) { return harness_finish(*state); }

#define HARNESS_TEST(test) cmocka_unit_test_setup_teardown(test, harness_setup, harness_teardown)
#define HARNESS_TEST_WITH(test, config)                                             \
    cmocka_unit_test_prestate_setup_teardown(test, harness_setup, harness_teardown, \
                                             (void *)(uintptr_t)(config))

static inline int harness_main_named(int argc, char **argv, const char *group,
                                     const struct CMUnitTest *tests, size_t count) {
    if (!harness_select_mode(argc, argv)) return 2;
    if (argc > 2 && argv[2][0] == '!')
        cmocka_set_skip_filter(argv[2] + 1);
    else if (argc > 2)
        cmocka_set_test_filter(argv[2]);
    return _cmocka_run_group_tests(group, tests, count, NULL, NULL) == 0 ? 0 : 1;
}

/* argv[1] is the mode, argv[2] a pattern of the tests' names; after a '!' those that match are left out. */
#define harness_main(argc, argv, tests, count) \
    harness_main_named(argc, argv, (argc) > 1 ? (argv)[1] : "", tests, count)

/* The test needs handlers that run while its own thread does something else. */
#define REQUIRE_THREADS(h)               \
    do {                                 \
        if (harness_is_alone(h)) skip(); \
    } while (0)

/* The test needs handlers that wait inside the library: on a host they are refused. */
#define REQUIRE_BLOCKING_HANDLERS(h)                    \
    do {                                                \
        if (harness_mode_of(h) == HARNESS_HOST) skip(); \
    } while (0)

#define REQUIRE_DETERMINISTIC(h)                  \
    do {                                          \
        if (!harness_is_deterministic(h)) skip(); \
    } while (0)

#define assert_status(actual, expected)                                                         \
    do {                                                                                        \
        const spawned_status status_seen = (actual);                                            \
        const spawned_status status_wanted = (expected);                                        \
        if (status_seen != status_wanted)                                                       \
            fail_msg("%s is %s (%d), not %s (%d)", #actual, spawned_status_name(status_seen),   \
                     (int)status_seen, spawned_status_name(status_wanted), (int)status_wanted); \
    } while (0)

#define assert_ok(actual) assert_status(actual, SPAWNED_OK)

#define assert_story(probe, expected)                              \
    do {                                                           \
        char story_seen[4096];                                     \
        harness_probe_story(probe, story_seen, sizeof story_seen); \
        assert_string_equal(story_seen, expected);                 \
    } while (0)

#define assert_exit(pid, expected_kind, expected_code, expected_place)  \
    do {                                                                \
        spawned_exit exit_seen = SPAWNED_EXIT_INIT;                     \
        assert_ok(spawned_actor_exit_reason(pid, &exit_seen, NULL, 0)); \
        assert_string_equal(spawned_exit_kind_name(exit_seen.kind),     \
                            spawned_exit_kind_name(expected_kind));     \
        assert_int_equal(exit_seen.code, expected_code);                \
        assert_int_equal(exit_seen.place, expected_place);              \
    } while (0)

#endif
