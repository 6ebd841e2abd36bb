/* Task groups whose tasks end on many threads while they are joined and released: every task's work and
 * user data, every value and every join ends once.
 * timeout: 240 */
#include "support/contract.h"
#include "support/job.h"

enum { ROUNDS = 300, TASKS = 12 };

typedef struct errand {
    harness *h;
    bool fails;
} errand;

static _Atomic int ended;

static spawned_status run_errand(void *user_data, void *value) {
    const errand *one = user_data;
    if (one->fails) return spawned_fail(7, "lost the way", SPAWNED_ZERO_TERMINATED);
    *(harness_tracked *)value = harness_tracked_make(one->h, 1);
    return SPAWNED_OK;
}

static void end_errand(void *user_data) {
    (void)user_data;
    atomic_fetch_add(&ended, 1);
}

static bool is_fitting(spawned_status outcome, uint32_t until) {
    if (outcome == SPAWNED_OK || outcome == SPAWNED_EAGAIN) return true;
    return until != SPAWNED_JOIN_ALL && outcome == 7;
}

static bool have_ended(void *argument) { return ended == *(int *)argument; }

static void tasks_end_while_the_group_is_joined_and_released(void **state) {
    harness *h = *state;
    static errand errands[TASKS];
    ended = 0;
    uint64_t random = harness_seed(h);
    for (int round = 0; round < ROUNDS; round++) {
        const uint32_t until = (uint32_t)(harness_random(&random) % 3);
        spawned_task_group *group = NULL;
        spawned_response *joined = NULL;
        assert_ok(spawned_task_group_create(harness_runtime(h), 0, &group));
        for (int i = 0; i < TASKS; i++) {
            errands[i] = (errand){h, (i & 3) == 3};
            assert_ok(spawned_task_group_start(group, &harness_tracked_type, run_errand,
                                               &errands[i], end_errand));
            if (harness_random(&random) % 4 != 0) continue;
            spawned_response *sleep = NULL;
            assert_ok(spawned_sleep(harness_runtime(h), 20 * SPAWNED_MICROSECOND, &sleep));
            assert_ok(spawned_task_group_add(group, sleep));
        }
        assert_ok(spawned_task_group_join(group, until, SPAWNED_DEFAULT, &joined));
        if (harness_random(&random) % 2 == 0)
            assert_true(is_fitting(spawned_response_wait(joined, HARNESS_LONG), until));
        else
            assert_true(is_fitting(spawned_response_poll(joined), until));
        if (harness_random(&random) % 2 == 0) {
            spawned_task_group_release(group);
            spawned_response_release(joined);
        } else {
            spawned_response_release(joined);
            spawned_task_group_release(group);
        }
        int so_far = (round + 1) * TASKS; /* before the errands' room is used again */
        assert_true(harness_wait_until(h, have_ended, &so_far));
    }
    assert_true(harness_tracked_end(h));
}

int main(int argc, char **argv) {
    static const struct CMUnitTest tests[] = {
        HARNESS_TEST(tasks_end_while_the_group_is_joined_and_released),
    };
    return harness_main(argc, argv, tests, sizeof tests / sizeof *tests);
}
