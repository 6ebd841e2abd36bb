/* How awaiting ends: kill drops, stop waits for it, hooks await, continuations fail; and what an await
 * refuses. */
#include "support/contract.h"
#include "support/script.h"

struct scene {
    script_gate gate;
    script_wait wait;
    spawned_pid actor;
    spawned_response *done;
};

/* An actor that awaits the gate in the handler of a request. */
static void begin(struct scene *scene, harness *h) {
    memset(scene, 0, sizeof *scene);
    assert_ok(script_gate_create(h, &scene->gate));
    scene->wait.responses[0] = scene->gate.response;
    scene->wait.count = 1;
    scene->actor = script_start(h);
    scene->done = script_request_run(scene->actor, script_await, &scene->wait, SPAWNED_FOREVER);
    assert_true(harness_settle(h));
    assert_ok(scene->wait.awaited);
}

static void end(struct scene *scene) { script_gate_release(&scene->gate); }

static void killing_an_awaiting_actor_drops_exactly_once_and_tells_its_requester(void **state) {
    harness *h = *state;
    struct scene scene;
    begin(&scene, h);
    assert_ok(spawned_actor_kill(scene.actor));
    assert_status(script_finish(scene.done), SPAWNED_ESTOPPED);
    assert_ok(spawned_actor_join(scene.actor, SPAWNED_FOREVER));
    assert_exit(scene.actor, SPAWNED_EXIT_KILLED, SPAWNED_OK, SPAWNED_PLACE_NONE);
    assert_ok(script_gate_open(&scene.gate));
    assert_true(harness_settle(h));
    assert_int_equal(scene.wait.dropped, 1);
    assert_int_equal(scene.wait.resumed, 0);
    assert_false(scene.wait.resumed_inside);
    end(&scene);
}

static spawned_status resume_never(spawned_context *context, void *state, size_t ready,
                                   void *user_data) {
    (void)context, (void)state, (void)ready, (void)user_data;
    return SPAWNED_EFAILED;
}

static spawned_status await_without_drop(spawned_context *context, void *state, void *argument) {
    (void)state;
    const script_gate *gate = argument;
    return spawned_await(context, &gate->response, 1, resume_never, NULL, NULL);
}

static void awaiting_actor_without_a_drop_can_be_killed(void **state) {
    harness *h = *state;
    script_gate gate;
    assert_ok(script_gate_create(h, &gate));
    const spawned_pid actor = script_start(h);
    spawned_response *done = script_request_run(actor, await_without_drop, &gate, SPAWNED_FOREVER);
    assert_true(harness_settle(h));
    assert_ok(spawned_actor_kill(actor));
    assert_status(script_finish(done), SPAWNED_ESTOPPED);
    script_gate_release(&gate);
}

static void either_resume_or_drop_runs_when_kill_races_with_the_answer(void **state) {
    harness *h = *state;
    const int rounds = harness_is_deterministic(h) ? 20 : 200;
    for (int i = 0; i < rounds; i++) {
        struct scene scene;
        begin(&scene, h);
        assert_ok(script_gate_open(&scene.gate));
        assert_ok(spawned_actor_kill(scene.actor));
        const spawned_status status = script_finish(scene.done);
        assert_true(status == SPAWNED_OK || status == SPAWNED_ESTOPPED);
        assert_ok(spawned_actor_join(scene.actor, SPAWNED_FOREVER));
        assert_int_equal(scene.wait.resumed + scene.wait.dropped, 1);
        end(&scene);
    }
}

static void stopping_an_awaiting_actor_lets_it_finish(void **state) {
    harness *h = *state;
    int64_t count = 0;
    struct scene scene;
    begin(&scene, h);
    assert_ok(script_tell(scene.actor, script_count, &count));
    assert_ok(script_tell(scene.actor, script_count, &count));
    assert_ok(script_tell(scene.actor, script_count, &count));
    assert_ok(spawned_actor_stop(scene.actor));
    assert_status(spawned_actor_join(scene.actor, 10 * SPAWNED_MILLISECOND), SPAWNED_ETIMEDOUT);
    assert_int_equal(scene.wait.resumed, 0);
    assert_ok(script_gate_open(&scene.gate));
    assert_ok(script_finish(scene.done));
    assert_ok(spawned_actor_join(scene.actor, SPAWNED_FOREVER));
    assert_exit(scene.actor, SPAWNED_EXIT_NORMAL, SPAWNED_OK, SPAWNED_PLACE_NONE);
    assert_int_equal(scene.wait.resumed, 1);
    assert_int_equal(scene.wait.dropped, 0);
    assert_in_range(count, 0, 1);
    end(&scene);
}

static spawned_status fail_now(spawned_context *context, script_wait *wait) {
    (void)context, (void)wait;
    return spawned_fail(61, "second thoughts", SPAWNED_ZERO_TERMINATED);
}

static void failing_continuation_ends_the_actor_like_its_handler(void **state) {
    harness *h = *state;
    struct scene scene;
    begin(&scene, h);
    scene.wait.then = fail_now;
    assert_ok(script_gate_open(&scene.gate));
    assert_status(script_finish(scene.done), SPAWNED_ESTOPPED);
    assert_ok(spawned_actor_join(scene.actor, SPAWNED_FOREVER));
    assert_exit(scene.actor, SPAWNED_EXIT_FAILURE, 61, SPAWNED_PLACE_HANDLER);
    end(&scene);
}

static spawned_status await_then_fail(spawned_context *context, void *state, void *argument) {
    (void)script_await(context, state, argument);
    return 62;
}

static void handler_that_fails_after_awaiting_drops_what_it_awaited(void **state) {
    harness *h = *state;
    script_gate gate;
    assert_ok(script_gate_create(h, &gate));
    script_wait wait = {.responses = {gate.response}, .count = 1};
    const spawned_pid actor = script_start(h);
    assert_status(script_run(actor, await_then_fail, &wait), SPAWNED_ESTOPPED);
    assert_ok(spawned_actor_join(actor, SPAWNED_FOREVER));
    assert_exit(actor, SPAWNED_EXIT_FAILURE, 62, SPAWNED_PLACE_HANDLER);
    assert_int_equal(wait.dropped, 1);
    assert_int_equal(wait.resumed, 0);
    script_gate_release(&gate);
}

static spawned_status stop_now(spawned_context *context, script_wait *wait) {
    (void)wait;
    return spawned_context_stop(context);
}

static void continuation_can_stop_its_actor(void **state) {
    harness *h = *state;
    struct scene scene;
    begin(&scene, h);
    scene.wait.then = stop_now;
    assert_ok(script_gate_open(&scene.gate));
    assert_ok(script_finish(scene.done));
    assert_ok(spawned_actor_join(scene.actor, SPAWNED_FOREVER));
    end(&scene);
}

static spawned_status detach_now(spawned_context *context, script_wait *wait) {
    return spawned_reply_detach(context, wait->data);
}

static void continuation_can_detach_the_duty_to_answer(void **state) {
    harness *h = *state;
    spawned_reply_to reply = 0;
    struct scene scene;
    begin(&scene, h);
    scene.wait.then = detach_now;
    scene.wait.data = &reply;
    assert_ok(script_gate_open(&scene.gate));
    assert_ok(script_run(scene.actor, script_nothing, NULL));
    assert_status(spawned_response_poll(scene.done), SPAWNED_EAGAIN);
    assert_ok(spawned_reply_to_send(reply, NULL));
    assert_ok(script_finish(scene.done));
    end(&scene);
}

static spawned_status hook_awaits(spawned_context *context, harness_probe *probe) {
    (void)script_await_more(context, probe->data);
    return SPAWNED_OK;
}

/* L1 */
static void started_may_await_and_messages_wait_for_it(void **state) {
    harness *h = *state;
    script_gate gate;
    assert_ok(script_gate_create(h, &gate));
    script_wait wait = {.responses = {gate.response}, .count = 1};
    harness_probe *probe = harness_probe_new(h);
    probe->on_started = hook_awaits;
    probe->data = &wait;
    const spawned_pid actor = harness_probe_start(h, probe, NULL);
    assert_ok(harness_send_number(actor, 1));
    assert_ok(harness_send_number(actor, 2));
    assert_true(harness_settle(h));
    assert_story(probe, "i s");
    assert_ok(script_gate_open(&gate));
    assert_true(harness_probe_wait(probe, HARNESS_MESSAGE, 2));
    assert_story(probe, "i s 1 2");
    assert_int_equal(wait.resumed, 1);
    script_gate_release(&gate);
}

/* L4: and when that fails, no message is handled and stopped does not run */
static void started_whose_continuation_fails_ends_the_actor_without_stopped(void **state) {
    harness *h = *state;
    script_gate gate;
    assert_ok(script_gate_create(h, &gate));
    script_wait wait = {.responses = {gate.response}, .count = 1, .then = fail_now};
    harness_probe *probe = harness_probe_new(h);
    probe->on_started = hook_awaits;
    probe->data = &wait;
    const spawned_pid actor = harness_probe_start(h, probe, NULL);
    assert_ok(harness_send_number(actor, 1));
    assert_ok(script_gate_open(&gate));
    assert_ok(spawned_actor_join(actor, SPAWNED_FOREVER));
    assert_story(probe, "i s d");
    assert_exit(actor, SPAWNED_EXIT_FAILURE, 61, SPAWNED_PLACE_STARTED);
    script_gate_release(&gate);
}

static void stopped_may_await_and_the_end_waits_for_it(void **state) {
    harness *h = *state;
    script_gate gate;
    assert_ok(script_gate_create(h, &gate));
    script_wait wait = {.responses = {gate.response}, .count = 1};
    harness_probe *probe = harness_probe_new(h);
    probe->on_stopped = hook_awaits;
    probe->data = &wait;
    const spawned_pid actor = harness_probe_start(h, probe, NULL);
    assert_ok(spawned_actor_stop(actor));
    assert_true(harness_probe_wait(probe, HARNESS_STOPPED, 1));
    assert_status(spawned_actor_join(actor, 10 * SPAWNED_MILLISECOND), SPAWNED_ETIMEDOUT);
    assert_story(probe, "i s x");
    assert_ok(script_gate_open(&gate));
    assert_ok(spawned_actor_join(actor, SPAWNED_FOREVER));
    assert_story(probe, "i s x d");
    assert_int_equal(wait.resumed, 1);
    script_gate_release(&gate);
}

static void ring(void *user_data) { (void)user_data; }

/* A response has one who is told */
static void response_serves_a_bell_or_an_await_but_not_both(void **state) {
    harness *h = *state;
    struct scene scene;
    begin(&scene, h);
    assert_status(spawned_response_bell(scene.gate.response, ring, NULL), SPAWNED_EALREADY);
    assert_ok(script_gate_open(&scene.gate));
    assert_ok(script_finish(scene.done));
    end(&scene);

    script_gate gate;
    assert_ok(script_gate_create(h, &gate));
    assert_ok(spawned_response_bell(gate.response, ring, NULL));
    script_wait wait = {.responses = {gate.response}, .count = 1};
    assert_ok(script_run(script_start(h), script_await, &wait));
    assert_status(wait.awaited, SPAWNED_EALREADY);
    assert_int_equal(wait.resumed + wait.dropped, 0);
    script_gate_release(&gate);
}

struct wrong {
    spawned_context *context;
    spawned_status status[5];
};

static spawned_status await_wrongly(spawned_context *context, void *state, void *argument) {
    (void)state;
    struct wrong *wrong = argument;
    spawned_response *response = spawned_response_of_error(1);
    wrong->context = context;
    wrong->status[0] = spawned_await(context, &response, 0, resume_never, NULL, NULL);
    wrong->status[1] = spawned_await(context, &response, 65537, resume_never, NULL, NULL);
    wrong->status[2] = spawned_await(context, NULL, 1, resume_never, NULL, NULL);
    wrong->status[3] = spawned_await(context, &response, 1, NULL, NULL, NULL);
    wrong->status[4] = spawned_await(NULL, &response, 1, resume_never, NULL, NULL);
    spawned_response_release(response);
    return SPAWNED_OK;
}

static void await_refuses_wrong_arguments_and_takes_nothing(void **state) {
    harness *h = *state;
    struct wrong wrong = {0};
    const spawned_pid actor = script_start(h);
    assert_ok(script_run(actor, await_wrongly, &wrong));
    for (int i = 0; i < 4; i++) assert_status(wrong.status[i], SPAWNED_EINVAL);
    assert_true(wrong.status[4] == SPAWNED_ECONTEXT || wrong.status[4] == SPAWNED_EINVAL);
    spawned_response *response = spawned_response_of_error(1);
    assert_status(spawned_await(wrong.context, &response, 1, resume_never, NULL, NULL),
                  SPAWNED_ECONTEXT);
    spawned_response_release(response);
    assert_ok(script_run(actor, script_nothing, NULL));
}

struct full {
    spawned_pid to;
    script_wait wait;
    harness *h;
};

static spawned_status send_when_there_is_room(spawned_context *context, void *state,
                                              void *argument) {
    struct full *full = argument;
    const script_gift gift = {{script_nothing, NULL}, harness_tracked_make(full->h, 1)};
    spawned_message *message = NULL;
    const spawned_status status =
        spawned_message_create(full->to, &script_give_type, &gift, &message);
    if (status != SPAWNED_OK) return status;
    (void)spawned_message_send_waiting(message, SPAWNED_FOREVER, &full->wait.responses[0]);
    full->wait.count = 1;
    return script_await(context, state, &full->wait);
}

/* MB05: the awaited form of a send to a full mailbox that blocks */
static void handler_awaits_room_in_a_full_mailbox(void **state) {
    harness *h = *state;
    REQUIRE_BLOCKING_HANDLERS(h);
    spawned_actor_options options = SPAWNED_ACTOR_OPTIONS_INIT;
    options.capacity = 1;
    options.overflow = SPAWNED_OVERFLOW_BLOCK;
    const spawned_pid receiver = harness_start(h, &script_behavior, &options);
    struct full full = {.to = receiver, .h = h};
    script_hold hold;
    assert_ok(script_hold_begin(&hold, h, receiver));
    assert_ok(script_tell(receiver, script_nothing, NULL));
    spawned_response *done =
        script_request_run(script_start(h), send_when_there_is_room, &full, SPAWNED_FOREVER);
    assert_true(harness_settle(h));
    assert_int_equal(full.wait.resumed, 0);
    assert_ok(script_hold_end(&hold));
    assert_ok(script_finish(done));
    assert_ok(full.wait.outcome);
    spawned_response_release(full.wait.responses[0]);
    assert_true(harness_settle(h));
    assert_int_equal(harness_tracked_destroyed(h), 1);
    script_hold_release(&hold);
}

int main(int argc, char **argv) {
    static const struct CMUnitTest tests[] = {
        HARNESS_TEST(killing_an_awaiting_actor_drops_exactly_once_and_tells_its_requester),
        HARNESS_TEST(awaiting_actor_without_a_drop_can_be_killed),
        HARNESS_TEST(either_resume_or_drop_runs_when_kill_races_with_the_answer),
        HARNESS_TEST(stopping_an_awaiting_actor_lets_it_finish),
        HARNESS_TEST(failing_continuation_ends_the_actor_like_its_handler),
        HARNESS_TEST(handler_that_fails_after_awaiting_drops_what_it_awaited),
        HARNESS_TEST(continuation_can_stop_its_actor),
        HARNESS_TEST(continuation_can_detach_the_duty_to_answer),
        HARNESS_TEST(started_may_await_and_messages_wait_for_it),
        HARNESS_TEST(started_whose_continuation_fails_ends_the_actor_without_stopped),
        HARNESS_TEST(stopped_may_await_and_the_end_waits_for_it),
        HARNESS_TEST(response_serves_a_bell_or_an_await_but_not_both),
        HARNESS_TEST(await_refuses_wrong_arguments_and_takes_nothing),
        HARNESS_TEST(handler_awaits_room_in_a_full_mailbox),
    };
    return harness_main(argc, argv, tests, sizeof tests / sizeof *tests);
}
