/* What a supervised child costs beside the actor that it is.
 * modes: deterministic */
#include "support/contract.h"
#include "support/script.h"

enum { CHILDREN = 20000, BYTES_MOST = 400 };

static spawned_status start_nothing(spawned_context *context, void *state) {
    (void)context, (void)state;
    return SPAWNED_OK;
}

static const spawned_behavior idle_behavior = {SPAWNED_BEHAVIOR_INIT("idle"),
                                               .started = start_nothing};

static int64_t bytes_of_plain_actors(harness *h) {
    const int64_t before = harness_memory_held(h);
    for (int i = 0; i < CHILDREN; i++) {
        spawned_pid pid = 0;
        assert_ok(spawned_actor_start(harness_runtime(h), &idle_behavior, NULL, &pid));
    }
    assert_true(harness_settle(h));
    return harness_memory_held(h) - before;
}

static int64_t bytes_of_children(harness *h) {
    spawned_supervisor family = {SPAWNED_SUPERVISOR_INIT("family"), .strategy = SPAWNED_DYNAMIC};
    spawned_child child = {SPAWNED_CHILD_INIT(NULL), .behavior = &idle_behavior,
                           .restart = SPAWNED_TEMPORARY};
    spawned_pid supervisor = 0, pid = 0;
    assert_ok(spawned_supervisor_start(harness_runtime(h), &family, NULL, &supervisor));
    const int64_t before = harness_memory_held(h);
    for (int i = 0; i < CHILDREN; i++)
        assert_ok(spawned_supervisor_start_child(supervisor, &child, SPAWNED_DEFAULT, &pid));
    return harness_memory_held(h) - before;
}

static void dynamic_child_costs_less_than_its_limit_beside_the_actor(void **state) {
    harness *h = *state;
    const int64_t plain = bytes_of_plain_actors(h);
    const int64_t supervised = bytes_of_children(h);
    const int64_t each = (supervised - plain) / CHILDREN;
    print_message("a child costs %d bytes beside the actor's %d\n", (int)each,
                  (int)(plain / CHILDREN));
    assert_true(each > 0);
    assert_true(each < BYTES_MOST);
}

int main(int argc, char **argv) {
    static const struct CMUnitTest tests[] = {
        HARNESS_TEST(dynamic_child_costs_less_than_its_limit_beside_the_actor),
    };
    return harness_main(argc, argv, tests, sizeof tests / sizeof *tests);
}
