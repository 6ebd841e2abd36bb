/* Values and states that own reply handles, responses and messages: their destroy gives these back, wherever
 * and on whatever thread they end. */
#include "support/contract.h"
#include "support/script.h"

/* What one value owns. Whoever waits for the key learns that nobody will answer. */
typedef struct baggage {
    spawned_reply_to key;
    spawned_response *response; /* of a request to somebody who does not answer */
    spawned_message *message;   /* unsent, with a tracked value */
    _Atomic int *ended;
} baggage;

static void end_baggage(void *value, void *user_data) {
    (void)user_data;
    baggage *own = value;
    (void)spawned_reply_to_release(own->key);
    spawned_response_release(own->response);
    spawned_message_destroy(own->message);
    if (own->ended != NULL) atomic_fetch_add(own->ended, 1);
}

static spawned_status copy_nothing(void *storage, const void *value, void *user_data) {
    (void)value, (void)user_data;
    *(baggage *)storage = (baggage){.key = 0};
    return SPAWNED_OK;
}

static const spawned_message_type baggage_type = {.size = sizeof(spawned_message_type),
                                                  .name = "ownership.baggage",
                                                  .value_size = sizeof(baggage),
                                                  .value_alignment = SPAWNED_ALIGNOF(baggage),
                                                  .destroy = end_baggage,
                                                  .copy = copy_nothing};

/* An actor whose state is baggage and which handles it. */
static spawned_status pack_state(void *state, void *argument, void *user_data) {
    (void)user_data;
    *(baggage *)state = argument != NULL ? *(baggage *)argument : (baggage){.key = 0};
    return SPAWNED_OK;
}

static spawned_status look_only(spawned_context *context, void *state, void *value) {
    (void)context, (void)state, (void)value;
    return SPAWNED_OK;
}

static spawned_status on_act(spawned_context *context, void *state, void *value) {
    const script_act *act = value;
    return act->run(context, state, act->argument);
}

static const spawned_handler handlers[] = {{&baggage_type, look_only}, {&script_tell_type, on_act}};
static const spawned_behavior porter = {.size = sizeof(spawned_behavior),
                                        .name = "porter",
                                        .state_size = sizeof(baggage),
                                        .handler_count = 2,
                                        .handlers = handlers,
                                        .init = pack_state,
                                        .destroy = end_baggage};

typedef struct world {
    harness *h;
    spawned_pid silent; /* keeps its requests: it awaits a gate */
    spawned_pid porter;
    script_gate gate;
    script_wait pause;
    spawned_response *paused;
    spawned_response *waiting; /* for the key of the last baggage */
    _Atomic int ended;
} world;

static baggage pack(world *world) {
    baggage own = {.ended = &world->ended};
    const harness_tracked value = harness_tracked_make(world->h, 1);
    assert_ok(spawned_promise_create(harness_runtime(world->h), NULL, SPAWNED_FOREVER, &own.key,
                                     &world->waiting));
    own.response = script_request(world->silent, script_nothing, NULL, SPAWNED_FOREVER);
    assert_ok(spawned_message_create(world->silent, &harness_tracked_type, &value, &own.message));
    return own;
}

static void begin(world *world, harness *h) {
    memset(world, 0, sizeof *world);
    world->h = h;
    world->silent = script_start(h);
    world->porter = harness_start(h, &porter, NULL);
    assert_ok(script_gate_create(h, &world->gate));
    world->pause.responses[0] = world->gate.response;
    world->pause.count = 1;
    world->paused = script_request_run(world->silent, script_await, &world->pause, SPAWNED_FOREVER);
    assert_true(harness_settle(h));
}

static bool has_ended(void *argument) { return atomic_load((_Atomic int *)argument) == 1; }

/* The one baggage has been given back, once. */
static void expect_back(world *world) {
    assert_true(harness_wait_until(world->h, has_ended, &world->ended));
    assert_status(spawned_response_wait(world->waiting, HARNESS_LONG), SPAWNED_ENOREPLY);
    spawned_response_release(world->waiting);
    assert_true(harness_settle(world->h));
    assert_int_equal(world->ended, 1);
    assert_int_equal(harness_tracked_destroyed(world->h), harness_tracked_created(world->h));
    world->ended = 0;
}

static void finish(world *world) {
    assert_ok(script_gate_open(&world->gate));
    assert_ok(script_finish(world->paused));
    script_gate_release(&world->gate);
}

static spawned_message *message_of(world *world, spawned_pid to) {
    const baggage own = pack(world);
    spawned_message *message = NULL;
    assert_ok(spawned_message_create(to, &baggage_type, &own, &message));
    return message;
}

static void end_porter(world *world) {
    assert_ok(spawned_actor_kill(world->porter));
    assert_ok(spawned_actor_join(world->porter, HARNESS_LONG));
    world->porter = harness_start(world->h, &porter, NULL);
}

/* MB09: handled, refused, left in the mailbox, never sent */
static void values_that_own_handles_give_them_back_wherever_their_message_ends(void **state) {
    static world one;
    begin(&one, *state);
    assert_ok(spawned_message_send(message_of(&one, one.porter)));
    expect_back(&one);
    spawned_message_destroy(message_of(&one, one.porter));
    expect_back(&one);
    assert_ok(spawned_message_send(message_of(&one, one.silent))); /* no handler, and paused */
    assert_int_equal(one.ended, 0);
    finish(&one);
    expect_back(&one);
    end_porter(&one);
    const spawned_pid gone = harness_start(*state, &porter, NULL);
    assert_ok(spawned_actor_kill(gone));
    assert_ok(spawned_actor_join(gone, HARNESS_LONG));
    begin(&one, *state);
    assert_status(spawned_message_send(message_of(&one, gone)), SPAWNED_ESTOPPED);
    expect_back(&one);
    assert_ok(spawned_message_send(message_of(&one, one.silent)));
    assert_ok(spawned_actor_kill(one.silent)); /* it waits in the mailbox */
    expect_back(&one);
    assert_status(script_finish(one.paused), SPAWNED_ESTOPPED);
    script_gate_release(&one.gate);
}

/* TM09 RQ06: given back by whoever ends the timer, not by its actor */
static void values_of_timers_and_events_give_back_what_they_own_at_their_actors_end(void **state) {
    static world one;
    begin(&one, *state);
    spawned_timer timer = 0;
    assert_ok(spawned_send_after(1000 * SPAWNED_SECOND, message_of(&one, one.porter), &timer));
    assert_ok(spawned_timer_cancel(timer));
    expect_back(&one);
    assert_ok(spawned_send_after(1000 * SPAWNED_SECOND, message_of(&one, one.porter), NULL));
    end_porter(&one);
    expect_back(&one);
    assert_ok(spawned_send_after(SPAWNED_MILLISECOND, message_of(&one, one.porter), NULL));
    assert_true(harness_advance_until(*state, SPAWNED_MILLISECOND, has_ended, &one.ended));
    expect_back(&one);
    assert_ok(spawned_send_interval(1000 * SPAWNED_SECOND, message_of(&one, one.porter), NULL));
    end_porter(&one);
    expect_back(&one);
    assert_ok(spawned_send_on_end(one.silent, message_of(&one, one.porter), NULL));
    end_porter(&one);
    expect_back(&one);
    finish(&one);
}

/* G6 */
static void named_values_give_back_what_they_own_when_their_name_is_free(void **state) {
    static world one;
    begin(&one, *state);
    spawned_runtime *runtime = harness_runtime(*state);
    for (int i = 0; i < 2; i++) {
        const baggage own = pack(&one);
        assert_ok(spawned_registry_put(runtime, "store", 5, &baggage_type, &own, one.porter));
        if (i == 0)
            assert_ok(spawned_registry_unregister(runtime, "store", 5));
        else
            end_porter(&one);
        expect_back(&one);
    }
    finish(&one);
}

/* L10 */
static void states_give_back_what_they_own(void **state) {
    static world one;
    begin(&one, *state);
    baggage own = pack(&one);
    const spawned_pid pid = harness_start_with(*state, &porter, &own);
    assert_ok(spawned_actor_stop(pid));
    expect_back(&one);
    finish(&one);
}

/* SH01 */
static void shutdown_gives_back_what_values_own_wherever_they_are(void **state) {
    static world one;
    begin(&one, *state);
    spawned_response *waiting[3];
    assert_ok(spawned_message_send(message_of(&one, one.silent)));
    waiting[0] = one.waiting;
    assert_ok(spawned_send_after(1000 * SPAWNED_SECOND, message_of(&one, one.porter), NULL));
    waiting[1] = one.waiting;
    const baggage own = pack(&one);
    assert_ok(spawned_registry_put(harness_runtime(*state), "store", 5, &baggage_type, &own, 0));
    waiting[2] = one.waiting;
    assert_ok(spawned_actor_kill(one.silent));
    assert_int_equal(harness_end_runtime(*state), 0);
    script_gate_release(&one.gate);
    assert_int_equal(one.ended, 3);
    for (int i = 0; i < 3; i++) { /* the shutdown may have ended the promise first */
        const spawned_status told = spawned_response_poll(waiting[i]);
        assert_true(told == SPAWNED_ENOREPLY || told == SPAWNED_ESTOPPED);
        spawned_response_release(waiting[i]);
    }
    spawned_response_release(one.paused);
    assert_int_equal(harness_tracked_destroyed(*state), harness_tracked_created(*state));
}

int main(int argc, char **argv) {
    static const struct CMUnitTest tests[] = {
        HARNESS_TEST(values_that_own_handles_give_them_back_wherever_their_message_ends),
        HARNESS_TEST(values_of_timers_and_events_give_back_what_they_own_at_their_actors_end),
        HARNESS_TEST(named_values_give_back_what_they_own_when_their_name_is_free),
        HARNESS_TEST(states_give_back_what_they_own),
        HARNESS_TEST(shutdown_gives_back_what_values_own_wherever_they_are),
    };
    return harness_main(argc, argv, tests, sizeof tests / sizeof *tests);
}
