/* Awaiting: a handler suspends itself until one of its responses is ready. How awaiting ends early is
 * await_end_test.c. */
#include "support/contract.h"
#include "support/script.h"

/* Resumes with the index of the one that is ready */
static void await_resumes_with_the_response_that_is_ready_of_several(void **state) {
    harness *h = *state;
    const spawned_pid actor = script_start(h);
    for (size_t which = 0; which < 3; which++) {
        script_gate gates[3];
        script_wait wait = {.count = 3};
        for (int i = 0; i < 3; i++) {
            assert_ok(script_gate_create(h, &gates[i]));
            wait.responses[i] = gates[i].response;
        }
        spawned_response *done = script_request_run(actor, script_await, &wait, SPAWNED_FOREVER);
        assert_true(harness_settle(h));
        assert_status(spawned_response_poll(done), SPAWNED_EAGAIN);
        assert_int_equal(wait.resumed, 0);
        assert_ok(script_gate_open(&gates[which]));
        assert_ok(script_finish(done)); /* handled when the continuation ended */
        assert_ok(wait.awaited);
        assert_int_equal(wait.resumed, 1);
        assert_int_equal(wait.ready, which);
        assert_ok(wait.outcome);
        assert_int_equal(wait.dropped, 0);
        for (size_t i = 0; i < 3; i++) {
            assert_status(spawned_response_poll(gates[i].response),
                          i == which ? SPAWNED_OK : SPAWNED_EAGAIN);
            script_gate_release(&gates[i]);
        }
    }
}

static void resume_never_runs_inside_the_call_even_when_a_response_is_ready(void **state) {
    harness *h = *state;
    script_gate open;
    assert_ok(script_gate_create(h, &open));
    assert_ok(script_gate_open(&open));
    script_wait ready = {.responses = {open.response}, .count = 1};
    script_wait error = {.responses = {spawned_response_of_error(77)}, .count = 1};
    const spawned_pid actor = script_start(h);
    assert_ok(script_run(actor, script_await, &ready));
    assert_ok(script_run(actor, script_await, &error));
    assert_int_equal(ready.resumed, 1);
    assert_int_equal(error.resumed, 1);
    assert_false(ready.resumed_inside || error.resumed_inside);
    assert_ok(ready.outcome);
    assert_status(error.outcome, 77);
    script_gate_release(&open);
    spawned_response_release(error.responses[0]);
}

struct twice {
    script_wait first, second;
};

static spawned_status await_twice(spawned_context *context, void *state, void *argument) {
    struct twice *twice = argument;
    (void)script_await(context, state, &twice->first);
    (void)script_await(context, state, &twice->second);
    return SPAWNED_OK;
}

static void second_await_in_one_handler_is_refused_and_takes_nothing(void **state) {
    harness *h = *state;
    struct twice twice = {{.responses = {spawned_response_of_error(1)}, .count = 1},
                          {.responses = {spawned_response_of_error(2)}, .count = 1}};
    assert_ok(script_run(script_start(h), await_twice, &twice));
    assert_ok(twice.first.awaited);
    assert_status(twice.second.awaited, SPAWNED_EALREADY);
    assert_int_equal(twice.first.resumed, 1);
    assert_int_equal(twice.second.resumed + twice.second.dropped, 0);
    spawned_response_release(twice.first.responses[0]);
    spawned_response_release(twice.second.responses[0]);
}

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
enum { MANY_AWAITS = 100000 };
#else
enum { MANY_AWAITS = 1000000 };
#endif

struct marathon {
    int left;
    char *lowest, *highest;
};

static spawned_status await_again(spawned_context *context, script_wait *wait) {
    struct marathon *marathon = wait->data;
    char *const at = __builtin_frame_address(0);
    if (marathon->lowest == NULL || at < marathon->lowest) marathon->lowest = at;
    if (marathon->highest == NULL || at > marathon->highest) marathon->highest = at;
    return --marathon->left == 0 ? SPAWNED_OK : script_await_more(context, wait);
}

static void many_awaits_in_sequence_use_constant_stack(void **state) {
    harness *h = *state;
    const char *preload = getenv("LD_PRELOAD");
    const bool slow = preload != NULL && strstr(preload, "valgrind") != NULL;
    struct marathon marathon = {.left = slow ? 20000 : MANY_AWAITS};
    script_wait wait = {.responses = {spawned_response_of_error(3)},
                        .count = 1,
                        .then = await_again,
                        .data = &marathon};
    assert_ok(script_run(script_start(h), script_await, &wait));
    assert_int_equal(marathon.left, 0);
    if (harness_mode_of(h) == HARNESS_THREAD) /* elsewhere the thread may change */
        assert_true(marathon.highest - marathon.lowest < 64 * 1024);
    spawned_response_release(wait.responses[0]);
}

/* L2 */
static void no_other_message_is_handled_meanwhile_and_their_order_stays(void **state) {
    harness *h = *state;
    script_gate gate;
    int64_t count = 0;
    assert_ok(script_gate_create(h, &gate));
    script_wait wait = {.responses = {gate.response}, .count = 1};
    const spawned_pid actor = script_start(h);
    spawned_response *done = script_request_run(actor, script_await, &wait, SPAWNED_FOREVER);
    for (int i = 0; i < 10; i++) assert_ok(script_tell(actor, script_count, &count));
    assert_true(harness_settle(h));
    assert_int_equal(count, 0);
    assert_ok(script_gate_open(&gate));
    assert_ok(script_finish(done));
    assert_ok(script_run(actor, script_nothing, NULL));
    assert_int_equal(count, 10);
    script_gate_release(&gate);
}

static spawned_status answer_with_outcome(spawned_context *context, script_wait *wait) {
    int64_t number = 0;
    if (wait->outcome == SPAWNED_OK)
        wait->outcome = spawned_response_take(wait->responses[wait->ready], &number);
    if (wait->outcome != SPAWNED_OK) return spawned_reply_fail(context, wait->outcome, NULL, 0);
    number *= 2;
    return spawned_reply(context, &number);
}

struct relay {
    spawned_pid callee;
    spawned_handler_fn run;
    void *argument;
    spawned_duration timeout;
    script_wait wait;
};

/* Asks the callee, awaits its answer, replies twice that. */
static spawned_status relay_on(spawned_context *context, void *state, void *argument) {
    struct relay *relay = argument;
    relay->wait.responses[0] =
        script_request(relay->callee, relay->run, relay->argument, relay->timeout);
    relay->wait.count = 1;
    relay->wait.then = answer_with_outcome;
    return script_await(context, state, &relay->wait);
}

static void awaited_request_brings_its_answer(void **state) {
    harness *h = *state;
    int64_t number = 21, answer = 0;
    struct relay relay = {
        script_start(h), script_reply_number, &number, SPAWNED_FOREVER, {.count = 1}};
    assert_ok(script_ask(script_start(h), relay_on, &relay, &answer));
    assert_int_equal(answer, 42);
    spawned_response_release(relay.wait.responses[0]);
}

static void awaited_request_that_times_out_resumes_its_handler(void **state) {
    harness *h = *state;
    spawned_reply_to kept = 0;
    int64_t answer = 0;
    struct relay relay = {
        script_start(h), script_detach, &kept, 15 * SPAWNED_MILLISECOND, {.count = 1}};
    const spawned_time before = harness_now(h);
    assert_status(script_ask(script_start(h), relay_on, &relay, &answer), SPAWNED_ETIMEDOUT);
    assert_true(harness_now(h) - before >= 15 * SPAWNED_MILLISECOND);
    assert_int_equal(relay.wait.resumed, 1);
    spawned_response_release(relay.wait.responses[0]);
    assert_ok(script_run(relay.callee, script_nothing, NULL));
    assert_ok(spawned_reply_to_release(kept));
}

static void awaited_request_whose_actor_ends_resumes_its_handler(void **state) {
    harness *h = *state;
    spawned_status fault = 4;
    int64_t answer = 0;
    struct relay relay = {script_start(h), script_return, &fault, SPAWNED_FOREVER, {.count = 1}};
    assert_status(script_ask(script_start(h), relay_on, &relay, &answer), SPAWNED_ESTOPPED);
    spawned_response_release(relay.wait.responses[0]);
}

static void sleep_and_promise_are_awaited_like_requests(void **state) {
    harness *h = *state;
    const spawned_pid actor = script_start(h);
    script_wait nap = {.count = 1};
    const spawned_time before = harness_now(h);
    assert_ok(spawned_sleep(harness_runtime(h), 12 * SPAWNED_MILLISECOND, &nap.responses[0]));
    assert_ok(script_run(actor, script_await, &nap));
    assert_ok(nap.outcome);
    assert_true(harness_now(h) - before >= 12 * SPAWNED_MILLISECOND);
    spawned_response_release(nap.responses[0]);

    spawned_reply_to key = 0;
    script_wait promise = {.count = 1, .then = answer_with_outcome};
    assert_ok(spawned_promise_create(harness_runtime(h), &script_number_type, SPAWNED_FOREVER, &key,
                                     &promise.responses[0]));
    spawned_response *asked = script_request(actor, script_await, &promise, SPAWNED_FOREVER);
    const int64_t number = 50;
    assert_ok(spawned_reply_to_send(key, &number));
    int64_t answer = 0;
    assert_ok(spawned_response_wait(asked, SPAWNED_FOREVER));
    assert_ok(spawned_response_take(asked, &answer));
    assert_int_equal(answer, 100);
    spawned_response_release(asked);
    spawned_response_release(promise.responses[0]);

    script_wait broken = {.count = 1};
    assert_ok(spawned_promise_create(harness_runtime(h), NULL, 5 * SPAWNED_MILLISECOND, &key,
                                     &broken.responses[0]));
    assert_ok(script_run(actor, script_await, &broken));
    assert_status(broken.outcome, SPAWNED_ETIMEDOUT);
    spawned_response_release(broken.responses[0]);
    assert_ok(spawned_reply_to_release(key));
}

struct steps {
    script_gate gates[3];
    int at;
    spawned_context *context;
    bool same_context, same_message;
    uint64_t destroyed_meanwhile;
    harness *h;
};

static spawned_status next_step(spawned_context *context, script_wait *wait) {
    struct steps *steps = wait->data;
    spawned_message_info info = SPAWNED_MESSAGE_INFO_INIT;
    steps->same_context &= steps->context == context;
    steps->same_message &= spawned_context_message(context, &info) == SPAWNED_OK &&
                           info.type == &script_give_type && info.is_request == 1;
    steps->destroyed_meanwhile += harness_tracked_destroyed(steps->h);
    if (++steps->at == 3) return script_reply_tracked(context, NULL, steps->h);
    wait->responses[0] = steps->gates[steps->at].response;
    return script_await_more(context, wait);
}

static spawned_status first_step(spawned_context *context, void *state, void *argument) {
    script_wait *wait = argument;
    ((struct steps *)wait->data)->context = context;
    return script_await(context, state, wait);
}

/* The context and the message stay until the last continuation ends */
static void await_inside_continuations_keeps_context_and_message(void **state) {
    harness *h = *state;
    struct steps steps = {.h = h, .same_context = true, .same_message = true};
    for (int i = 0; i < 3; i++) assert_ok(script_gate_create(h, &steps.gates[i]));
    script_wait wait = {.responses = {steps.gates[0].response},
                        .count = 1,
                        .then = next_step,
                        .data = &steps};
    const spawned_pid actor = script_start(h);
    spawned_response *done = script_request_gift(h, actor, first_step, &wait, SPAWNED_FOREVER);
    for (int i = 0; i < 3; i++) {
        assert_true(harness_settle(h));
        assert_int_equal(wait.resumed, i);
        assert_ok(script_gate_open(&steps.gates[i]));
    }
    assert_ok(script_finish(done));
    assert_ok(script_run(actor, script_nothing, NULL));
    assert_int_equal(wait.resumed, 3);
    assert_true(steps.same_context);
    assert_true(steps.same_message);
    assert_int_equal(steps.destroyed_meanwhile, 0);
    assert_int_equal(harness_tracked_destroyed(h), 2);
    for (int i = 0; i < 3; i++) script_gate_release(&steps.gates[i]);
}

static void response_not_ready_this_time_can_be_awaited_again(void **state) {
    harness *h = *state;
    script_gate early, late;
    assert_ok(script_gate_create(h, &early));
    assert_ok(script_gate_create(h, &late));
    assert_ok(script_gate_open(&early));
    const spawned_pid actor = script_start(h);
    script_wait both = {.responses = {late.response, early.response}, .count = 2};
    assert_ok(script_run(actor, script_await, &both));
    assert_int_equal(both.ready, 1);
    script_wait one = {.responses = {late.response}, .count = 1};
    spawned_response *done = script_request_run(actor, script_await, &one, SPAWNED_FOREVER);
    assert_true(harness_settle(h));
    assert_int_equal(one.resumed, 0);
    assert_ok(script_gate_open(&late));
    assert_ok(script_finish(done));
    assert_int_equal(one.resumed, 1);
    script_gate_release(&early);
    script_gate_release(&late);
}

static void actor_that_awaits_leaves_the_one_worker_to_others(void **state) {
    harness *h = *state;
    enum { WAITERS = 20 };
    script_wait waits[WAITERS];
    spawned_response *done[WAITERS];
    for (int i = 0; i < WAITERS; i++) {
        memset(&waits[i], 0, sizeof waits[i]);
        waits[i].count = 1;
        assert_ok(
            spawned_sleep(harness_runtime(h), 20 * SPAWNED_MILLISECOND, &waits[i].responses[0]));
        done[i] = script_request_run(script_start(h), script_await, &waits[i], SPAWNED_FOREVER);
    }
    assert_ok(script_run(script_start(h), script_nothing, NULL));
    for (int i = 0; i < WAITERS; i++) {
        assert_ok(script_finish(done[i]));
        assert_ok(waits[i].outcome);
        spawned_response_release(waits[i].responses[0]);
    }
}

/* SH07: who answers there must not run an actor of here */
static void await_of_another_runtimes_response_is_refused(void **state) {
    harness *h = *state;
    spawned_runtime *other = harness_runtime_begin(h, NULL);
    assert_non_null(other);
    spawned_response *nap = NULL;
    assert_ok(spawned_sleep(other, SPAWNED_MILLISECOND, &nap));
    script_wait wait = {.responses = {nap}, .count = 1};
    assert_ok(script_run(script_start(h), script_await, &wait));
    assert_status(wait.awaited, SPAWNED_EINVAL);
    assert_int_equal(wait.resumed + wait.dropped, 0);
    assert_ok(spawned_response_wait(nap, SPAWNED_FOREVER)); /* a thread may wait for it */
    spawned_response_release(nap);
    assert_int_equal(harness_runtime_end(h, other), 0);
}

static void one_worker(spawned_runtime_options *options) { options->workers = 1; }

static const harness_config with_one_worker = {one_worker};

int main(int argc, char **argv) {
    static const struct CMUnitTest tests[] = {
        HARNESS_TEST(await_resumes_with_the_response_that_is_ready_of_several),
        HARNESS_TEST(resume_never_runs_inside_the_call_even_when_a_response_is_ready),
        HARNESS_TEST(second_await_in_one_handler_is_refused_and_takes_nothing),
        HARNESS_TEST(many_awaits_in_sequence_use_constant_stack),
        HARNESS_TEST(no_other_message_is_handled_meanwhile_and_their_order_stays),
        HARNESS_TEST(awaited_request_brings_its_answer),
        HARNESS_TEST(awaited_request_that_times_out_resumes_its_handler),
        HARNESS_TEST(awaited_request_whose_actor_ends_resumes_its_handler),
        HARNESS_TEST(sleep_and_promise_are_awaited_like_requests),
        HARNESS_TEST(await_inside_continuations_keeps_context_and_message),
        HARNESS_TEST(response_not_ready_this_time_can_be_awaited_again),
        HARNESS_TEST(await_of_another_runtimes_response_is_refused),
        HARNESS_TEST_WITH(actor_that_awaits_leaves_the_one_worker_to_others, &with_one_worker),
    };
    return harness_main(argc, argv, tests, sizeof tests / sizeof *tests);
}
