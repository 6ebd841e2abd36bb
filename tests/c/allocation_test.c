/* Running out of memory: whichever allocation is refused, every call answers as documented, nothing is
 * lost, leaked or left waiting.
 * timeout: 240 */
#include "support/contract.h"
#include "support/scarce.h"

#define Z SPAWNED_ZERO_TERMINATED

static void create(scarce *world) { (void)world; }

static void start_and_stop(scarce *world) {
    for (int i = 0; i < 3; i++) {
        const spawned_pid pid = scarce_start(world);
        if (pid == 0) continue;
        (void)OK(spawned_actor_stop(pid)); /* an end needs no memory */
        (void)OK(spawned_actor_join(pid, HARNESS_LONG));
        spawned_exit exit = SPAWNED_EXIT_INIT;
        (void)OK(spawned_actor_exit_reason(pid, &exit, NULL, 0));
    }
    (void)scarce_start(world); /* stopped by the shutdown */
}

static void send(scarce *world) {
    const spawned_pid pid = scarce_start(world);
    for (int i = 0; pid != 0 && i < 20; i++) {
        const script_gift gift = {{script_nothing, NULL}, harness_tracked_make(world->h, 1)};
        (void)OK(spawned_send(pid, &script_give_type, &gift));
    }
}

static void send_from_messages(scarce *world) {
    const spawned_pid pid = scarce_start(world);
    spawned_message *messages[4];
    size_t count = 0, accepted = 0;
    for (int i = 0; pid != 0 && i < 4; i++) {
        const script_gift gift = {{script_nothing, NULL}, harness_tracked_make(world->h, 1)};
        if (OK(spawned_message_create(pid, &script_give_type, &gift, &messages[count]))) count++;
    }
    if (count > 0) (void)OK(spawned_message_send_many(messages, count, &accepted));
    void *storage = NULL;
    spawned_message *message = NULL;
    if (pid != 0 && OK(spawned_message_reserve(pid, &script_give_type, 0, &message, &storage)))
        spawned_message_abandon(message);
}

static void request(scarce *world) {
    const spawned_pid pid = scarce_start(world);
    for (int i = 0; pid != 0 && i < 5; i++) {
        const script_gift gift = {{script_reply_tracked, world->h},
                                  harness_tracked_make(world->h, 1)};
        harness_tracked answer;
        if (OUTCOME(spawned_request(pid, &script_give_type, &gift, HARNESS_LONG, &answer)))
            harness_tracked_type.destroy(&answer, NULL);
    }
}

static void request_with_a_response(scarce *world) {
    const spawned_pid pid = scarce_start(world);
    spawned_response *responses[5];
    for (int i = 0; pid != 0 && i < 5; i++)
        responses[i] =
            script_request_gift(world->h, pid, script_reply_tracked, world->h, HARNESS_LONG);
    for (int i = 0; pid != 0 && i < 5; i++) {
        (void)OUTCOME(spawned_response_wait(responses[i], HARNESS_LONG));
        spawned_response_release(responses[i]);
    }
}

struct pair {
    scarce *world;
    spawned_pid callee;
};

/* Without memory for a second thread the callee cannot run while its requester keeps the only one; the
 * time limit holds. */
static spawned_status ask_inside(spawned_context *context, void *state, void *argument) {
    const struct pair *pair = argument;
    scarce *world = pair->world;
    const script_gift gift = {{script_reply_tracked, world->h}, harness_tracked_make(world->h, 1)};
    harness_tracked answer;
    const spawned_status status =
        spawned_request(pair->callee, &script_give_type, &gift, 300 * SPAWNED_MILLISECOND, &answer);
    if (status == SPAWNED_OK)
        harness_tracked_type.destroy(&answer, NULL);
    else if (status != SPAWNED_ETIMEDOUT || !world->refuse_later_too)
        (void)OUTCOME(status);
    return script_reply_tracked(context, state, world->h);
}

static void request_inside_a_handler(scarce *world) {
    struct pair pair = {world, scarce_start(world)};
    const spawned_pid caller = scarce_start(world);
    if (pair.callee == 0 || caller == 0) return;
    (void)OUTCOME(
        script_finish(script_request_gift(world->h, caller, ask_inside, &pair, HARNESS_LONG)));
}

static spawned_status take_and_reply(spawned_context *context, void *state, size_t ready,
                                     void *user_data) {
    (void)state, (void)ready;
    spawned_response_release(user_data);
    return spawned_reply_fail(context, 88, "awaited", Z);
}

static void release_response(void *user_data) { spawned_response_release(user_data); }

static spawned_status await_inside(spawned_context *context, void *state, void *argument) {
    (void)state;
    const struct pair *pair = argument;
    scarce *world = pair->world;
    spawned_response *response =
        script_request_gift(world->h, pair->callee, script_reply_tracked, world->h, HARNESS_LONG);
    const spawned_status status =
        spawned_await(context, &response, 1, take_and_reply, response, release_response);
    if (!OK(status)) spawned_response_release(response);
    return status;
}

static void await(scarce *world) {
    struct pair pair = {world, scarce_start(world)};
    const spawned_pid caller = scarce_start(world);
    if (pair.callee == 0 || caller == 0) return;
    const spawned_status status =
        script_finish(script_request_gift(world->h, caller, await_inside, &pair, HARNESS_LONG));
    if (status != 88) (void)OUTCOME(status == SPAWNED_OK ? SPAWNED_EFAILED : status);
}

static spawned_status reply_in_place(spawned_context *context, void *state, void *argument) {
    (void)state;
    scarce *world = argument;
    void *storage = NULL;
    const spawned_status status = spawned_reply_reserve(context, 0, &storage);
    if (!OK(status)) return status;
    *(harness_tracked *)storage = harness_tracked_make(world->h, 5);
    return spawned_reply_commit(context);
}

static spawned_status reply_words(spawned_context *context, void *state, void *argument) {
    (void)state, (void)argument;
    return spawned_reply_fail(context, 88, "a text that has to be kept somewhere", Z);
}

static void reply(scarce *world) {
    const spawned_pid pid = scarce_start(world);
    if (pid == 0) return;
    (void)OUTCOME(
        script_finish(script_request_gift(world->h, pid, reply_in_place, world, HARNESS_LONG)));
    const spawned_status status =
        script_finish(script_request_gift(world->h, pid, reply_words, NULL, HARNESS_LONG));
    if (status != 88) (void)OUTCOME(status); /* the text may be lost, the code is not */
}

static void detach(scarce *world) {
    const spawned_pid pid = scarce_start(world);
    if (pid == 0) return;
    spawned_reply_to reply_to = 0;
    spawned_response *response =
        script_request_gift(world->h, pid, script_detach, &reply_to, HARNESS_LONG);
    (void)OUTCOME(script_run(pid, script_nothing, NULL));
    (void)spawned_actor_stop(pid); /* it may have ended for want of memory */
    (void)OK(spawned_actor_join(pid, HARNESS_LONG));
    if (reply_to != 0) {
        const harness_tracked answer = harness_tracked_make(world->h, 1);
        (void)OK(spawned_reply_to_send(reply_to, &answer));
    }
    (void)OUTCOME(spawned_response_wait(response, HARNESS_LONG));
    spawned_response_release(response);
}

static spawned_status forward_on(spawned_context *context, void *state, void *argument) {
    (void)state;
    return spawned_context_self(context) == *(const spawned_pid *)argument
               ? spawned_reply_fail(context, 88, "here", Z)
               : spawned_context_forward(context, *(const spawned_pid *)argument);
}

static void forward(scarce *world) {
    const spawned_pid first = scarce_start(world), last = scarce_start(world);
    if (first == 0 || last == 0) return;
    spawned_pid to = last;
    const spawned_status status =
        script_finish(script_request_gift(world->h, first, forward_on, &to, HARNESS_LONG));
    if (status != 88) (void)OUTCOME(status == SPAWNED_OK ? SPAWNED_EFAILED : status);
}

static spawned_message *build(scarce *world, spawned_pid pid) {
    const script_gift gift = {{script_nothing, NULL}, harness_tracked_make(world->h, 1)};
    spawned_message *message = NULL;
    return OK(spawned_message_create(pid, &script_give_type, &gift, &message)) ? message : NULL;
}

static void timer(scarce *world) {
    const spawned_pid pid = scarce_start(world);
    spawned_timer timers[4] = {0};
    for (uint64_t i = 0; pid != 0 && i < 4; i++) {
        spawned_message *message = build(world, pid);
        if (message == NULL) continue;
        const spawned_duration delay = i < 2 ? i * SPAWNED_MICROSECOND : 3600 * SPAWNED_SECOND;
        (void)OK(spawned_send_after(delay, message, &timers[i]));
    }
    if (timers[2] != 0)
        (void)OK(spawned_timer_cancel(timers[2])); /* the other goes with its actor */
    spawned_response *nap = NULL;
    if (OK(spawned_sleep(world->runtime, 5 * SPAWNED_MICROSECOND, &nap)))
        (void)OUTCOME(spawned_response_wait(nap, HARNESS_LONG));
    spawned_response_release(nap);
}

static void interval(scarce *world) {
    const spawned_pid pid = scarce_start(world);
    if (pid == 0) return;
    spawned_message *message = NULL;
    spawned_timer ticks = 0;
    const script_act act = {script_nothing, NULL};
    if (!OK(spawned_message_create(pid, &script_tell_type, &act, &message))) return;
    if (!OK(spawned_send_interval(SPAWNED_MICROSECOND * 100, message, &ticks))) return;
    spawned_response *nap = NULL;
    if (OK(spawned_sleep(world->runtime, SPAWNED_MILLISECOND, &nap)))
        (void)OUTCOME(spawned_response_wait(nap, HARNESS_LONG));
    spawned_response_release(nap);
    (void)OK(
        spawned_timer_cancel(ticks)); /* a tick without memory is missed, the interval goes on */
}

static void ignore_name(const char *name, size_t length, spawned_pid pid, void *user_data) {
    (void)name, (void)length, (void)pid, (void)user_data;
}

static void registry(scarce *world) {
    const spawned_pid pid = scarce_start(world);
    if (pid == 0) return;
    char name[16];
    for (int i = 0; i < 40; i++) {
        snprintf(name, sizeof name, "name %d", i);
        (void)OK(spawned_registry_register(name, Z, pid));
    }
    const harness_tracked value = harness_tracked_make(world->h, 1);
    if (OK(spawned_registry_put(world->runtime, "value", Z, &harness_tracked_type, &value, pid))) {
        harness_tracked copy;
        if (OK(spawned_registry_get(world->runtime, "value", Z, &harness_tracked_type, &copy)))
            harness_tracked_type.destroy(&copy, NULL);
    }
    (void)OK(spawned_registry_list(world->runtime, ignore_name, NULL));
    (void)OK(spawned_registry_unregister(world->runtime, "name 3", Z));
}

static void ring(void *user_data) { (void)user_data; }

static void promise(scarce *world) {
    spawned_reply_to key = 0;
    spawned_response *response = NULL;
    if (OK(spawned_promise_create(world->runtime, &harness_tracked_type, HARNESS_LONG, &key,
                                  &response))) {
        const bool rings = OK(spawned_response_bell(response, ring, NULL));
        const harness_tracked value = harness_tracked_make(world->h, 1);
        (void)OK(spawned_reply_to_send(key, &value));
        (void)(rings && OUTCOME(spawned_response_wait(response, HARNESS_LONG)));
    }
    spawned_response_release(response);
}

static void describe(scarce *world) {
    const spawned_message_type *type = NULL;
    const spawned_behavior *behavior = NULL;
    (void)OK(spawned_message_type_create(world->runtime, &script_give_type, &type));
    (void)OK(spawned_behavior_create(world->runtime, &script_behavior, &behavior));
}

static spawned_status fail_with_words(spawned_context *context, void *state, void *argument) {
    (void)context, (void)state, (void)argument;
    return spawned_fail(66, "a failure whose words need room", Z);
}

static void failure(scarce *world) {
    const spawned_pid pid = scarce_start(world);
    if (pid == 0 || !OK(script_tell(pid, fail_with_words, NULL))) return;
    (void)OK(spawned_actor_join(pid, HARNESS_LONG));
    spawned_exit exit = SPAWNED_EXIT_INIT;
    char text[64];
    (void)OK(spawned_actor_exit_reason(pid, &exit, text, sizeof text));
    if (exit.code != 66) (void)scarce_ok(world, "the code of a failure", exit.code); /* survives */
}

static void drain(scarce *world) {
    const spawned_pid pid = scarce_start(world);
    if (pid == 0) return;
    for (int i = 0; i < 3; i++) {
        const script_gift gift = {{script_nothing, NULL}, harness_tracked_make(world->h, 1)};
        (void)OK(spawned_send(pid, &script_give_type, &gift));
    }
    if (OK(spawned_actor_drain(pid, SPAWNED_DEFAULT)))
        (void)OK(spawned_actor_join(pid, HARNESS_LONG));
}

static const struct {
    const char *name;
    scarce_scenario scenario;
} scenarios[] = {
    {"create", create},
    {"start and stop", start_and_stop},
    {"send", send},
    {"send from messages", send_from_messages},
    {"request", request},
    {"request with a response", request_with_a_response},
    {"request inside a handler", request_inside_a_handler},
    {"await", await},
    {"reply", reply},
    {"detach", detach},
    {"forward", forward},
    {"timer", timer},
    {"interval", interval},
    {"registry", registry},
    {"promise", promise},
    {"describe", describe},
    {"failure", failure},
    {"drain", drain},
};

static void sweep(size_t first, size_t last, harness *h) {
    bool good = true;
    for (size_t i = first; good && i < last; i++)
        good = scarce_sweep(h, scenarios[i].name, scenarios[i].scenario);
    assert_true(good);
}

static void refused_allocation_loses_nothing_while_starting_and_sending(void **state) {
    sweep(0, 4, *state);
}

static void refused_allocation_loses_nothing_while_asking_and_awaiting(void **state) {
    sweep(4, 8, *state);
}

static void refused_allocation_loses_nothing_while_answering(void **state) { sweep(8, 11, *state); }

static void refused_allocation_loses_nothing_among_timers_and_names(void **state) {
    sweep(11, 16, *state);
}

static void refused_allocation_loses_nothing_while_ending(void **state) {
    sweep(16, sizeof scenarios / sizeof *scenarios, *state);
}

int main(int argc, char **argv) {
    static const struct CMUnitTest tests[] = {
        HARNESS_TEST(refused_allocation_loses_nothing_while_starting_and_sending),
        HARNESS_TEST(refused_allocation_loses_nothing_while_asking_and_awaiting),
        HARNESS_TEST(refused_allocation_loses_nothing_while_answering),
        HARNESS_TEST(refused_allocation_loses_nothing_among_timers_and_names),
        HARNESS_TEST(refused_allocation_loses_nothing_while_ending),
    };
    return harness_main(argc, argv, tests, sizeof tests / sizeof *tests);
}
