/* A shutdown waits for threads that are on their way out when it begins, and takes back what they used.
 * modes: blocking thread */
#include "support/contract.h"

enum { ROUNDS = 1500, ACTORS = 3 };

static void one_worker(spawned_runtime_options *options) { options->workers = 1; }

static const harness_config small = {one_worker};

static void threads_that_end_while_the_runtime_does_are_waited_for(void **state) {
    harness *h = *state;
    static const spawned_behavior bare = {SPAWNED_BEHAVIOR_INIT("bare"), .state_size = 0};
    spawned_actor_options options = SPAWNED_ACTOR_OPTIONS_INIT;
    options.backend = harness_backend(h);
    for (size_t round = 0; round < ROUNDS; round++) {
        spawned_runtime *runtime = harness_runtime_begin(h, &small);
        assert_non_null(runtime);
        for (size_t i = 0; i < ACTORS; i++) {
            spawned_pid pid = 0;
            assert_ok(spawned_actor_start(runtime, &bare, &options, &pid));
        }
        assert_int_equal(harness_runtime_end(h, runtime), 0);
    }
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        HARNESS_TEST(threads_that_end_while_the_runtime_does_are_waited_for),
    };
    return harness_main(argc, argv, tests, sizeof tests / sizeof *tests);
}
