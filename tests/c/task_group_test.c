/* Task groups: when a join is ready, and what becomes of the rest. */
#include "support/contract.h"
#include "support/job.h"

static void one_blocking_thread(spawned_runtime_options *options) { options->blocking_threads = 1; }
static const harness_config one_blocking_thread_config = {one_blocking_thread};

typedef struct world {
    harness *h;
    spawned_task_group *group;
    spawned_response *joined;
    spawned_reply_to keys[4]; /* of tasks that the test ends by hand */
} world;

static world begin(harness *h, size_t by_hand) {
    world w = {.h = h};
    assert_ok(spawned_task_group_create(harness_runtime(h), 0, &w.group));
    for (size_t i = 0; i < by_hand; i++) {
        spawned_response *response = NULL;
        assert_ok(spawned_promise_create(harness_runtime(h), &harness_number_type, SPAWNED_DEFAULT,
                                         &w.keys[i], &response));
        assert_ok(spawned_task_group_add(w.group, response));
    }
    return w;
}

static void join(world *w, uint32_t until) {
    assert_ok(spawned_task_group_join(w->group, until, SPAWNED_DEFAULT, &w->joined));
}

static void succeed(world *w, size_t task) {
    const uint64_t number = 100 + task;
    assert_ok(spawned_reply_to_send(w->keys[task], &number));
}

static void fail_task(world *w, size_t task, spawned_status code, const char *text) {
    assert_ok(spawned_reply_to_fail(w->keys[task], code, text, SPAWNED_ZERO_TERMINATED));
}

static void expect_pending(world *w) {
    assert_status(spawned_response_poll(w->joined), SPAWNED_EAGAIN);
    assert_false(spawned_token_is_cancelled(spawned_task_group_token(w->group)));
}

static void expect_joined(world *w, uint64_t expected) {
    uint64_t value = UINT64_MAX;
    assert_ok(spawned_response_wait(w->joined, HARNESS_LONG));
    assert_ok(spawned_response_take(w->joined, &value));
    assert_int_equal(value, expected);
}

static void expect_failure(world *w, spawned_status code, const char *expected) {
    const char *text = NULL;
    size_t length = 0;
    assert_status(spawned_response_wait(w->joined, HARNESS_LONG), code);
    assert_status(spawned_response_error(w->joined, &text, &length), code);
    assert_int_equal(length, strlen(expected));
    assert_string_equal(length != 0 ? text : "", expected);
}

static void end(world *w) {
    spawned_response_release(w->joined);
    spawned_task_group_release(w->group);
}

static bool is_cancelled(const world *w) {
    return spawned_token_is_cancelled(spawned_task_group_token(w->group)) != 0;
}

typedef struct ended_task {
    const world *w;
    size_t index;
} ended_task;

static spawned_status outcome_of(ended_task task) {
    return spawned_response_poll(spawned_task_group_response(task.w->group, task.index));
}

static bool has_ended(void *argument) {
    return outcome_of(*(ended_task *)argument) != SPAWNED_EAGAIN;
}

static void all_is_ready_once_each_has_ended_well_or_not(void **state) {
    world w = begin(*state, 3);
    succeed(&w, 2); /* before the join */
    join(&w, SPAWNED_JOIN_ALL);
    expect_pending(&w);
    fail_task(&w, 0, 7, "broken");
    expect_pending(&w);
    succeed(&w, 1);
    expect_joined(&w, 3);
    uint64_t number = 0;
    assert_status(spawned_response_poll(spawned_task_group_response(w.group, 0)), 7);
    assert_ok(spawned_response_take(spawned_task_group_response(w.group, 1), &number));
    assert_int_equal(number, 101);
    assert_false(is_cancelled(&w)); /* nobody is left to be told */
    assert_null(spawned_task_group_response(w.group, 3));
    end(&w);
}

static void first_success_decides_and_the_rest_is_told_to_stop(void **state) {
    world w = begin(*state, 3);
    join(&w, SPAWNED_JOIN_FIRST_SUCCESS);
    fail_task(&w, 0, 7, "broken");
    expect_pending(&w);
    succeed(&w, 2);
    assert_true(is_cancelled(&w)); /* by the time the join is ready */
    expect_joined(&w, 2);
    succeed(&w, 1); /* late, and of no consequence */
    end(&w);
}

static void without_a_success_the_first_failure_is_told(void **state) {
    world w = begin(*state, 3);
    join(&w, SPAWNED_JOIN_FIRST_SUCCESS);
    fail_task(&w, 1, 8, "the first");
    fail_task(&w, 0, 7, "the second");
    expect_pending(&w);
    fail_task(&w, 2, 9, "");
    expect_failure(&w, 8, "the first");
    end(&w);
}

static void first_failure_decides_with_its_text_and_the_rest_is_told_to_stop(void **state) {
    world w = begin(*state, 3);
    join(&w, SPAWNED_JOIN_FIRST_FAILURE);
    succeed(&w, 1);
    expect_pending(&w);
    fail_task(&w, 2, 9, "no room");
    assert_true(is_cancelled(&w));
    expect_failure(&w, 9, "no room");
    assert_status(spawned_response_poll(spawned_task_group_response(w.group, 0)), SPAWNED_EAGAIN);
    end(&w);
}

static void without_a_failure_all_have_succeeded(void **state) {
    world w = begin(*state, 2);
    join(&w, SPAWNED_JOIN_FIRST_FAILURE);
    succeed(&w, 0);
    succeed(&w, 1);
    expect_joined(&w, 2);
    end(&w);
}

static void join_of_what_has_ended_is_ready_at_once(void **state) {
    static const uint32_t untils[] = {SPAWNED_JOIN_ALL, SPAWNED_JOIN_FIRST_SUCCESS,
                                      SPAWNED_JOIN_FIRST_FAILURE};
    for (size_t i = 0; i < 3; i++) {
        world w = begin(*state, 2);
        succeed(&w, 1);
        fail_task(&w, 0, 7, "broken");
        join(&w, untils[i]);
        assert_status(spawned_response_poll(w.joined), untils[i] == 2 ? 7 : SPAWNED_OK);
        end(&w);
    }
}

static void empty_group_has_succeeded_but_for_a_first_success(void **state) {
    for (uint32_t until = 0; until < 3; until++) {
        world w = begin(*state, 0);
        join(&w, until);
        if (until == SPAWNED_JOIN_FIRST_SUCCESS)
            expect_failure(&w, SPAWNED_ENOENT, "");
        else
            expect_joined(&w, 0);
        end(&w);
    }
}

static void tasks_are_work_requests_sleeps_and_errors(void **state) {
    harness *h = *state;
    world w = begin(h, 0);
    static job one;
    static int64_t answer;
    one = (job){.h = h};
    answer = 5;
    spawned_response *sleep = NULL;
    const spawned_pid actor = script_start(h);
    assert_ok(spawned_task_group_start(w.group, &harness_tracked_type, job_run, &one, job_destroy));
    assert_ok(spawned_task_group_add(w.group, script_request(actor, script_reply_number, &answer,
                                                             SPAWNED_FOREVER)));
    assert_ok(spawned_sleep(harness_runtime(h), SPAWNED_MILLISECOND, &sleep));
    assert_ok(spawned_task_group_add(w.group, sleep));
    assert_ok(spawned_task_group_add(w.group, spawned_response_of_error(SPAWNED_EFULL)));
    join(&w, SPAWNED_JOIN_ALL);
    expect_joined(&w, 4);
    assert_int_equal(one.destroyed, 1);
    int64_t number = 0;
    assert_ok(spawned_response_take(spawned_task_group_response(w.group, 1), &number));
    assert_int_equal(number, 5);
    assert_status(spawned_response_poll(spawned_task_group_response(w.group, 3)), SPAWNED_EFULL);
    assert_ok(spawned_actor_stop(actor));
    end(&w); /* the work's value, which nobody took, ends here */
    assert_int_equal(harness_tracked_destroyed(h), 1);
}

static void task_whose_time_is_over_has_failed(void **state) {
    harness *h = *state;
    world w = begin(h, 1);
    spawned_reply_to key = 0;
    spawned_response *response = NULL;
    assert_ok(
        spawned_promise_create(harness_runtime(h), NULL, SPAWNED_MILLISECOND, &key, &response));
    assert_ok(spawned_task_group_add(w.group, response));
    join(&w, SPAWNED_JOIN_FIRST_FAILURE);
    expect_failure(&w, SPAWNED_ETIMEDOUT, "");
    end(&w);
    assert_ok(spawned_reply_to_release(key));
}

static void join_is_awaited_in_a_handler(void **state) {
    harness *h = *state;
    world w = begin(h, 2);
    const spawned_pid actor = script_start(h);
    static script_wait wait;
    join(&w, SPAWNED_JOIN_FIRST_SUCCESS);
    wait = (script_wait){.count = 1, .responses = {w.joined}};
    spawned_response *run = script_request_run(actor, script_await, &wait, SPAWNED_FOREVER);
    assert_true(harness_settle(h));
    succeed(&w, 1);
    assert_ok(script_finish(run));
    assert_int_equal(wait.resumed, 1);
    expect_joined(&w, 1);
    end(&w);
    assert_ok(spawned_actor_stop(actor));
}

static void work_that_has_not_begun_is_not_begun_after_a_decision(void **state) {
    harness *h = *state;
    enum { JOBS = 4 };
    static job jobs[JOBS]; /* the first has the only thread */
    static script_gate gate;
    world w = begin(h, 1);
    assert_ok(script_gate_create(h, &gate));
    jobs[0] = (job){.waits_for = &gate};
    for (int i = 1; i < JOBS; i++) jobs[i] = (job){.status = SPAWNED_OK};
    for (int i = 0; i < JOBS; i++)
        assert_ok(spawned_task_group_start(w.group, NULL, job_run, &jobs[i], job_destroy));
    const bool has_thread = !harness_is_deterministic(h); /* there nothing runs unless waited for */
    if (has_thread) assert_true(harness_wait_until(h, job_has_begun, &jobs[0]));
    join(&w, SPAWNED_JOIN_FIRST_SUCCESS);
    succeed(&w, 0);
    expect_joined(&w, 0);
    assert_ok(script_gate_open(&gate));
    for (size_t i = 0; i < JOBS; i++) {
        const ended_task task = {&w, i + 1};
        assert_true(harness_wait_until(h, has_ended, (void *)&task));
        assert_int_equal(jobs[i].destroyed, 1);
        assert_int_equal(jobs[i].begun, has_thread && i == 0);
        assert_status(outcome_of(task), jobs[i].begun ? SPAWNED_OK : SPAWNED_ESTOPPED);
    }
    end(&w);
    script_gate_release(&gate);
}

static void parent_cancels_the_group(void **state) {
    harness *h = *state;
    spawned_token parent = 0;
    spawned_task_group *group = NULL;
    assert_ok(spawned_token_create(harness_runtime(h), 0, &parent));
    assert_ok(spawned_task_group_create(harness_runtime(h), parent, &group));
    const spawned_token token = spawned_task_group_token(group);
    assert_false(spawned_token_is_cancelled(token));
    assert_ok(spawned_token_cancel(parent));
    assert_true(spawned_token_is_cancelled(token));
    static job one;
    one = (job){.status = SPAWNED_OK};
    assert_ok(spawned_task_group_start(group, NULL, job_run, &one, job_destroy));
    world w = {.h = h, .group = group};
    join(&w, SPAWNED_JOIN_FIRST_SUCCESS);
    expect_failure(&w, SPAWNED_ESTOPPED, "");
    assert_int_equal(one.begun, 0);
    assert_int_equal(one.destroyed, 1);
    end(&w);
}

static void release_cancels_and_ends_an_undecided_join(void **state) {
    world w = begin(*state, 2);
    const spawned_token token = spawned_task_group_token(w.group);
    join(&w, SPAWNED_JOIN_ALL);
    spawned_task_group_release(w.group);
    assert_true(spawned_token_is_cancelled(token));
    assert_status(spawned_response_wait(w.joined, HARNESS_LONG), SPAWNED_ENOREPLY);
    spawned_response_release(w.joined);
    succeed(&w, 0); /* nobody wants them */
    succeed(&w, 1);
}

static void join_that_is_given_up_leaves_the_tasks_alone(void **state) {
    world w = begin(*state, 1);
    assert_ok(spawned_task_group_join(w.group, SPAWNED_JOIN_ALL, SPAWNED_MILLISECOND, &w.joined));
    assert_status(spawned_response_wait(w.joined, SPAWNED_FOREVER), SPAWNED_ETIMEDOUT);
    assert_false(is_cancelled(&w));
    spawned_response_release(w.joined);
    w.joined = NULL;
    succeed(&w, 0);
    assert_ok(spawned_response_poll(spawned_task_group_response(w.group, 0)));
    end(&w);
}

static void joined_group_takes_no_more_tasks_and_no_second_join(void **state) {
    world w = begin(*state, 1);
    static job one;
    one = (job){.status = SPAWNED_OK};
    spawned_response *again = NULL;
    join(&w, SPAWNED_JOIN_ALL);
    assert_status(spawned_task_group_start(w.group, NULL, job_run, &one, job_destroy),
                  SPAWNED_EALREADY);
    assert_int_equal(one.destroyed, 1);
    assert_int_equal(one.begun, 0);
    assert_status(spawned_task_group_add(w.group, spawned_response_of_error(SPAWNED_EFULL)),
                  SPAWNED_EALREADY);
    assert_status(spawned_task_group_join(w.group, SPAWNED_JOIN_ALL, SPAWNED_DEFAULT, &again),
                  SPAWNED_EALREADY);
    assert_status(spawned_response_poll(again), SPAWNED_EALREADY);
    spawned_response_release(again);
    succeed(&w, 0);
    expect_joined(&w, 1);
    end(&w);
}

static void note(void *user_data) { ++*(int *)user_data; }

static void bad_arguments_are_refused_and_nothing_is_lost(void **state) {
    harness *h = *state;
    spawned_runtime *runtime = harness_runtime(h);
    spawned_runtime *other = harness_runtime_begin(h, NULL);
    spawned_task_group *group = (spawned_task_group *)h;
    spawned_token foreign = 0;
    assert_ok(spawned_token_create(other, 0, &foreign));
    assert_status(spawned_task_group_create(NULL, 0, &group), SPAWNED_EINVAL);
    assert_null(group);
    assert_status(spawned_task_group_create(runtime, 0, NULL), SPAWNED_EINVAL);
    assert_status(spawned_task_group_create(runtime, foreign, &group), SPAWNED_EINVAL);
    assert_status(spawned_task_group_create(runtime, 12345, &group), SPAWNED_EINVAL);
    world w = begin(h, 1);
    static job one;
    one = (job){.status = SPAWNED_OK};
    spawned_response *response = NULL;
    assert_status(spawned_task_group_start(NULL, NULL, job_run, &one, job_destroy), SPAWNED_EINVAL);
    assert_status(spawned_task_group_start(w.group, NULL, NULL, &one, job_destroy), SPAWNED_EINVAL);
    assert_int_equal(one.destroyed, 2);
    assert_status(spawned_task_group_add(w.group, NULL), SPAWNED_EINVAL);
    assert_status(spawned_task_group_add(NULL, spawned_response_of_error(-1)), SPAWNED_EINVAL);
    assert_ok(spawned_sleep(other, SPAWNED_MILLISECOND, &response));
    assert_status(spawned_task_group_add(w.group, response), SPAWNED_EINVAL);
    int calls = 0;
    assert_ok(spawned_sleep(runtime, HARNESS_LONG, &response));
    assert_ok(spawned_response_bell(response, note, &calls));
    assert_status(spawned_task_group_add(w.group, response), SPAWNED_EALREADY);
    assert_status(spawned_task_group_join(w.group, 3, SPAWNED_DEFAULT, &response), SPAWNED_EINVAL);
    spawned_response_release(response);
    assert_status(spawned_task_group_join(w.group, 0, SPAWNED_DEFAULT, NULL), SPAWNED_EINVAL);
    assert_status(spawned_task_group_join(NULL, 0, SPAWNED_DEFAULT, &response), SPAWNED_EINVAL);
    spawned_response_release(response);
    assert_int_equal(spawned_task_group_token(NULL), 0);
    assert_null(spawned_task_group_response(NULL, 0));
    spawned_task_group_release(NULL);
    join(&w, SPAWNED_JOIN_ALL); /* what was refused is no task */
    succeed(&w, 0);
    expect_joined(&w, 1);
    end(&w);
    assert_int_equal(harness_runtime_end(h, other), 0);
}

static void group_outlives_its_runtime(void **state) {
    harness *h = *state;
    world w = begin(h, 1);
    const spawned_pid actor = script_start(h);
    static job one;
    one = (job){.status = SPAWNED_OK};
    spawned_response *late = NULL;
    assert_ok(spawned_task_group_add(w.group, script_request(actor, script_detach, &w.keys[1],
                                                             SPAWNED_FOREVER)));
    join(&w, SPAWNED_JOIN_ALL);
    assert_true(harness_settle(h));
    assert_int_equal(harness_end_runtime(h), 0);
    expect_joined(&w, 2); /* those tasks ended with it */
    assert_true(is_cancelled(&w));
    assert_status(spawned_task_group_start(w.group, NULL, job_run, &one, job_destroy),
                  SPAWNED_ESTOPPED);
    assert_status(spawned_task_group_join(w.group, 0, SPAWNED_DEFAULT, &late), SPAWNED_ESTOPPED);
    spawned_response_release(late);
    end(&w);
}

int main(int argc, char **argv) {
    static const struct CMUnitTest tests[] = {
        HARNESS_TEST(all_is_ready_once_each_has_ended_well_or_not),
        HARNESS_TEST(first_success_decides_and_the_rest_is_told_to_stop),
        HARNESS_TEST(without_a_success_the_first_failure_is_told),
        HARNESS_TEST(first_failure_decides_with_its_text_and_the_rest_is_told_to_stop),
        HARNESS_TEST(without_a_failure_all_have_succeeded),
        HARNESS_TEST(join_of_what_has_ended_is_ready_at_once),
        HARNESS_TEST(empty_group_has_succeeded_but_for_a_first_success),
        HARNESS_TEST(tasks_are_work_requests_sleeps_and_errors),
        HARNESS_TEST(task_whose_time_is_over_has_failed),
        HARNESS_TEST(join_is_awaited_in_a_handler),
        HARNESS_TEST_WITH(work_that_has_not_begun_is_not_begun_after_a_decision,
                          &one_blocking_thread_config),
        HARNESS_TEST(parent_cancels_the_group),
        HARNESS_TEST(release_cancels_and_ends_an_undecided_join),
        HARNESS_TEST(join_that_is_given_up_leaves_the_tasks_alone),
        HARNESS_TEST(joined_group_takes_no_more_tasks_and_no_second_join),
        HARNESS_TEST(bad_arguments_are_refused_and_nothing_is_lost),
        HARNESS_TEST(group_outlives_its_runtime),
    };
    return harness_main(argc, argv, tests, sizeof tests / sizeof *tests);
}
