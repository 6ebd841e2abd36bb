/* Requests made inside handlers, where waiting is helped; and the requests that a mailbox or a type
 * refuses. */
#include <pthread.h>

#include "support/contract.h"
#include "support/script.h"

static void one_worker(spawned_runtime_options *options) { options->workers = 1; }

static const harness_config with_one_worker = {one_worker};

/* One member of a chain of actors, each asking the next while its own requester waits. */
struct link {
    spawned_pid next;
    struct link *rest;
    spawned_status status;
};

static spawned_status ask_on(spawned_context *context, void *state, void *argument) {
    (void)state;
    struct link *link = argument;
    int64_t answer = 0;
    if (link->next != 0) link->status = script_ask(link->next, ask_on, link->rest, &answer);
    answer++;
    return spawned_reply(context, &answer);
}

/* R1, RQ11: more waiting handlers than workers */
static void waiting_handlers_on_a_pool_of_one_worker_are_helped(void **state) {
    harness *h = *state;
    enum { DEPTH = 6 };
    struct link links[DEPTH];
    spawned_pid first = 0;
    for (int i = DEPTH - 1; i >= 0; i--) {
        links[i] = (struct link){first, &links[(i + 1) % DEPTH], SPAWNED_OK};
        first = script_start(h);
    }
    int64_t answer = 0;
    assert_ok(script_ask(first, ask_on, &links[0], &answer));
    assert_int_equal(answer, DEPTH);
    for (int i = 0; i < DEPTH; i++) assert_ok(links[i].status);
}

struct busy_caller {
    spawned_pid callee;
    script_hold *hold;
    int64_t handled_before, handled_after;
    spawned_status status;
};

static spawned_status ask_over_a_backlog(spawned_context *context, void *state, void *argument) {
    struct busy_caller *caller = argument;
    (void)script_hold_handler(context, state, caller->hold);
    caller->handled_before = *(int64_t *)state;
    int64_t number = 3, answer = 0;
    caller->status = script_ask(caller->callee, script_reply_number, &number, &answer);
    caller->handled_after = *(int64_t *)state;
    return caller->status;
}

/* RQ13, L2 */
static void request_from_an_actor_with_a_huge_backlog_is_answered_before_the_backlog(void **state) {
    harness *h = *state;
    enum { BACKLOG = 50000 };
    const spawned_pid caller = script_start(h);
    script_hold hold;
    assert_ok(script_gate_create(h, &hold.arrived));
    assert_ok(script_gate_create(h, &hold.let_go));
    struct busy_caller plan = {script_start(h), &hold, -1, -1, SPAWNED_EAGAIN};
    assert_ok(script_tell(caller, ask_over_a_backlog, &plan));
    assert_ok(script_gate_wait(&hold.arrived));
    int64_t handled = 0;
    for (int i = 0; i < BACKLOG; i++) assert_ok(script_tell(caller, script_count, &handled));
    assert_ok(script_hold_end(&hold));
    assert_ok(script_run(caller, script_nothing, NULL));
    assert_ok(plan.status);
    assert_int_equal(plan.handled_before, 0);
    assert_int_equal(plan.handled_after, 0);
    assert_int_equal(handled, BACKLOG);
    script_hold_release(&hold);
}

struct timed {
    spawned_pid callee;
    spawned_reply_to kept;
    spawned_status status;
};

static spawned_status ask_in_vain(spawned_context *context, void *state, void *argument) {
    (void)context, (void)state;
    struct timed *timed = argument;
    const script_act ask = {script_detach, &timed->kept};
    int64_t answer = 0;
    timed->status =
        spawned_request(timed->callee, &script_ask_type, &ask, 20 * SPAWNED_MILLISECOND, &answer);
    return SPAWNED_OK;
}

/* R2 */
static void request_made_by_a_handler_times_out_like_any_other(void **state) {
    harness *h = *state;
    REQUIRE_BLOCKING_HANDLERS(h);
    struct timed timed = {script_start(h), 0, SPAWNED_OK};
    const spawned_time before = harness_now(h);
    assert_ok(script_run(script_start(h), ask_in_vain, &timed));
    assert_status(timed.status, SPAWNED_ETIMEDOUT);
    assert_true(harness_now(h) - before >= 20 * SPAWNED_MILLISECOND);
    assert_ok(spawned_reply_to_release(timed.kept));
}

static spawned_status ask_many_times(spawned_context *context, void *state, void *argument) {
    (void)context, (void)state;
    const spawned_pid *callee = argument;
    for (int64_t i = 0; i < 500; i++) {
        int64_t number = i, answer = -1;
        const spawned_status status = script_ask(*callee, script_reply_number, &number, &answer);
        if (status != SPAWNED_OK || answer != i)
            return spawned_fail(SPAWNED_EFAILED, "wrong answer", SPAWNED_ZERO_TERMINATED);
    }
    return SPAWNED_OK;
}

/* R13: run on the requester's turn or queued, nobody can tell */
static void many_handlers_asking_one_actor_at_once_all_get_their_answers(void **state) {
    harness *h = *state;
    enum { CALLERS = 6 };
    spawned_pid callee = script_start(h);
    spawned_response *done[CALLERS];
    for (int i = 0; i < CALLERS; i++)
        done[i] = script_request_run(script_start(h), ask_many_times, &callee, SPAWNED_FOREVER);
    for (int i = 0; i < CALLERS; i++) assert_ok(script_finish(done[i]));
}

struct overrun {
    harness *h;
    spawned_pid callee;
    spawned_status status;
};

static spawned_status reply_too_late(spawned_context *context, void *state, void *argument) {
    struct overrun *overrun = argument;
    spawned_response *nap = NULL;
    (void)spawned_sleep(harness_runtime(overrun->h), 40 * SPAWNED_MILLISECOND, &nap);
    (void)script_finish(nap);
    return script_reply_tracked(context, state, overrun->h);
}

static spawned_status ask_a_slow_one(spawned_context *context, void *state, void *argument) {
    (void)context, (void)state;
    struct overrun *overrun = argument;
    const script_gift gift = {{reply_too_late, overrun}, harness_tracked_make(overrun->h, 1)};
    harness_tracked answer;
    overrun->status = spawned_request(overrun->callee, &script_give_type, &gift,
                                      10 * SPAWNED_MILLISECOND, &answer);
    return SPAWNED_OK;
}

/* An inline call that overran its time has timed out, and its answer is destroyed */
static void answer_that_comes_after_the_time_is_never_taken_for_an_answer(void **state) {
    harness *h = *state;
    REQUIRE_BLOCKING_HANDLERS(h);
    struct overrun overrun = {h, script_start(h), SPAWNED_OK};
    assert_ok(script_run(script_start(h), ask_a_slow_one, &overrun));
    assert_status(overrun.status, SPAWNED_ETIMEDOUT);
    assert_ok(script_run(overrun.callee, script_nothing, NULL));
    assert_int_equal(harness_tracked_destroyed(h), 2);
    assert_int_equal(harness_stats(h).late_replies, 1);
}

static const spawned_message_type unknown_type = SPAWNED_EMPTY_TYPE("request_test.unknown");

static void request_that_the_actor_has_no_handler_for_says_so(void **state) {
    harness *h = *state;
    const spawned_pid actor = script_start(h);
    assert_status(spawned_request(actor, &unknown_type, NULL, SPAWNED_FOREVER, NULL),
                  SPAWNED_ENOHANDLER);
    assert_ok(script_run(actor, script_nothing, NULL));
    assert_int_equal(harness_stats(h).dead_no_handler, 1);
}

static void request_whose_type_has_no_reply_tells_that_it_was_handled(void **state) {
    harness *h = *state;
    const spawned_pid actor = script_start(h);
    int64_t count = 0;
    const script_act tell = {script_count, &count};
    assert_ok(spawned_request(actor, &script_tell_type, &tell, SPAWNED_DEFAULT, NULL));
    assert_int_equal(count, 1);
}

static void request_to_a_full_mailbox_reports_full_and_its_value_is_destroyed(void **state) {
    harness *h = *state;
    spawned_actor_options options = SPAWNED_ACTOR_OPTIONS_INIT;
    options.capacity = 1;
    const spawned_pid actor = harness_start(h, &script_behavior, &options);
    script_hold hold;
    assert_ok(script_hold_begin(&hold, h, actor));
    assert_ok(script_tell(actor, script_nothing, NULL));
    spawned_response *refused =
        script_request_gift(h, actor, script_nothing, NULL, SPAWNED_FOREVER);
    assert_status(spawned_response_poll(refused), SPAWNED_EFULL);
    spawned_response_release(refused);
    assert_int_equal(harness_tracked_destroyed(h), 1);
    assert_ok(script_hold_end(&hold));
    assert_ok(spawned_actor_stop(actor));
    assert_ok(spawned_actor_join(actor, SPAWNED_FOREVER));
    script_hold_release(&hold);
}

static void request_dropped_as_the_oldest_of_a_full_mailbox_ends_full(void **state) {
    harness *h = *state;
    spawned_actor_options options = SPAWNED_ACTOR_OPTIONS_INIT;
    options.capacity = 2;
    options.overflow = SPAWNED_OVERFLOW_DROP_OLDEST;
    const spawned_pid actor = harness_start(h, &script_behavior, &options);
    script_hold hold;
    int64_t count = 0;
    assert_ok(script_hold_begin(&hold, h, actor));
    spawned_response *oldest = script_request_gift(h, actor, script_nothing, NULL, SPAWNED_FOREVER);
    for (int i = 0; i < 4; i++) assert_ok(script_tell(actor, script_count, &count));
    assert_ok(script_hold_end(&hold));
    assert_status(script_finish(oldest), SPAWNED_EFULL);
    assert_ok(script_run(actor, script_nothing, NULL));
    assert_in_range(count, 1, 2); /* capacity 2; the last request may have pushed one out */
    script_hold_release(&hold);
}

static void request_to_a_draining_actor_is_refused(void **state) {
    harness *h = *state;
    const spawned_pid actor = script_start(h);
    script_hold hold;
    assert_ok(script_hold_begin(&hold, h, actor));
    int64_t number = 4, answer = 0;
    spawned_response *queued = script_request(actor, script_reply_number, &number, SPAWNED_FOREVER);
    assert_ok(spawned_actor_drain(actor, SPAWNED_FOREVER));
    assert_status(script_ask(actor, script_reply_number, &number, &answer), SPAWNED_ESTOPPING);
    assert_ok(script_hold_end(&hold));
    assert_ok(script_finish(queued)); /* what waits is handled */
    assert_ok(spawned_actor_join(actor, SPAWNED_FOREVER));
    script_hold_release(&hold);
}

/* RQ03: the runtime's shutdown is an end like any other */
static void request_pending_at_the_shutdown_ends_stopped(void **state) {
    harness *h = *state;
    spawned_reply_to kept = 0;
    const spawned_pid actor = script_start(h);
    spawned_response *pending = script_request(actor, script_detach, &kept, SPAWNED_FOREVER);
    assert_ok(script_run(actor, script_nothing, NULL));
    assert_int_equal(harness_end_runtime(h), 0);
    assert_status(script_finish(pending), SPAWNED_ESTOPPED);
    const int64_t number = 1;
    assert_status(spawned_reply_to_send(kept, &number), SPAWNED_ESTOPPED);
}

static spawned_status slow_handler(spawned_context *context, void *state, void *value) {
    (void)state;
    return spawned_reply(context, value);
}

static const spawned_message_type plain_ask_type =
    SPAWNED_REQUEST_TYPE("request_test.plain", int64_t, &script_number_type);
static const spawned_handler plain_handlers[] = {{&plain_ask_type, slow_handler}};

static spawned_status ask_plainly(spawned_context *context, void *state, void *argument) {
    (void)context, (void)state;
    const spawned_pid *callee = argument;
    const int64_t number = 21;
    int64_t answer = 0;
    const spawned_status status =
        spawned_request(*callee, &plain_ask_type, &number, HARNESS_LONG, &answer);
    return status == SPAWNED_OK && answer != 21 ? SPAWNED_EFAILED : status;
}

/* Flags about where a handler runs change nothing that can be seen. */
static void behaviors_flagged_slow_or_run_on_caller_answer_alike(void **state) {
    harness *h = *state;
    static const uint32_t flags[] = {0, SPAWNED_BEHAVIOR_SLOW, SPAWNED_BEHAVIOR_RUN_ON_CALLER,
                                     SPAWNED_BEHAVIOR_SLOW | SPAWNED_BEHAVIOR_RUN_ON_CALLER};
    static spawned_behavior behaviors[4];
    for (int i = 0; i < 4; i++) {
        const spawned_behavior behavior = {SPAWNED_BEHAVIOR_INIT("plain"), .flags = flags[i],
                                           .handler_count = 1, .handlers = plain_handlers};
        behaviors[i] = behavior;
        spawned_pid callee = harness_start(h, &behaviors[i], NULL);
        for (int64_t round = 0; round < 20; round++) {
            int64_t answer = -1;
            assert_ok(spawned_request(callee, &plain_ask_type, &round, HARNESS_LONG, &answer));
            assert_int_equal(answer, round);
        }
        assert_ok(script_run(script_start(h), ask_plainly, &callee));
    }
}

struct nearby {
    spawned_pid callee;
    int same_thread, answered;
};

static spawned_status reply_whether_same_thread(spawned_context *context, void *state,
                                                void *argument) {
    (void)state;
    const pthread_t *asker = argument;
    const int64_t same = pthread_equal(*asker, pthread_self()) != 0;
    return spawned_reply(context, &same);
}

static spawned_status ask_and_wait_often(spawned_context *context, void *state, void *argument) {
    (void)context;
    (void)state;
    struct nearby *nearby = argument;
    pthread_t self = pthread_self();
    for (int i = 0; i < 1000; i++) {
        int64_t same = 0;
        spawned_response *response =
            script_request(nearby->callee, reply_whether_same_thread, &self, HARNESS_LONG);
        if (spawned_response_wait(response, SPAWNED_FOREVER) == SPAWNED_OK &&
            spawned_response_take(response, &same) == SPAWNED_OK) {
            nearby->answered++;
            nearby->same_thread += (int)same;
        }
        spawned_response_release(response);
    }
    return SPAWNED_OK;
}

/* What waits for a response that nobody works on yet may work on it itself */
static void handler_that_waits_for_a_response_may_run_the_callee_itself(void **state) {
    harness *h = *state;
    struct nearby nearby = {script_start(h), 0, 0};
    assert_ok(script_run(script_start(h), ask_and_wait_often, &nearby));
    assert_int_equal(nearby.answered, 1000);
    if (harness_mode_of(h) == HARNESS_POOL) assert_true(nearby.same_thread > 0);
}

int main(int argc, char **argv) {
    static const struct CMUnitTest tests[] = {
        HARNESS_TEST_WITH(waiting_handlers_on_a_pool_of_one_worker_are_helped, &with_one_worker),
        HARNESS_TEST(request_from_an_actor_with_a_huge_backlog_is_answered_before_the_backlog),
        HARNESS_TEST(request_made_by_a_handler_times_out_like_any_other),
        HARNESS_TEST(many_handlers_asking_one_actor_at_once_all_get_their_answers),
        HARNESS_TEST(answer_that_comes_after_the_time_is_never_taken_for_an_answer),
        HARNESS_TEST(request_that_the_actor_has_no_handler_for_says_so),
        HARNESS_TEST(request_whose_type_has_no_reply_tells_that_it_was_handled),
        HARNESS_TEST(request_to_a_full_mailbox_reports_full_and_its_value_is_destroyed),
        HARNESS_TEST(request_dropped_as_the_oldest_of_a_full_mailbox_ends_full),
        HARNESS_TEST(request_to_a_draining_actor_is_refused),
        HARNESS_TEST(request_pending_at_the_shutdown_ends_stopped),
        HARNESS_TEST_WITH(handler_that_waits_for_a_response_may_run_the_callee_itself,
                          &with_one_worker),
        HARNESS_TEST(behaviors_flagged_slow_or_run_on_caller_answer_alike),
    };
    return harness_main(argc, argv, tests, sizeof tests / sizeof *tests);
}
