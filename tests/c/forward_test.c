/* Forwarding: a message, and the duty to answer it, handed on to another actor. */
#include "support/contract.h"
#include "support/script.h"

/* What the gift's handler does at each actor that it comes to. */
struct route {
    harness *h;
    spawned_pid to;
    spawned_status forwarded, replied_after;
    spawned_status (*then)(spawned_context *context, struct route *route);
    int visits;
};

static spawned_status forward_or_answer(spawned_context *context, void *state, void *argument) {
    struct route *route = argument;
    route->visits++;
    if (route->visits > 1) return script_reply_tracked(context, state, route->h);
    route->forwarded = spawned_context_forward(context, route->to);
    return route->then == NULL ? SPAWNED_OK : route->then(context, route);
}

static void expect_answer_of_seven(spawned_response *response) {
    void *value = NULL;
    assert_ok(spawned_response_wait(response, SPAWNED_FOREVER));
    assert_ok(spawned_response_value(response, &value, NULL));
    assert_int_equal(((harness_tracked *)value)->number, 7);
    spawned_response_release(response);
}

/* RQ06 */
static void forwarded_request_is_answered_by_the_other_actor(void **state) {
    harness *h = *state;
    struct route route = {.h = h, .to = script_start(h), .forwarded = SPAWNED_EAGAIN};
    expect_answer_of_seven(
        script_request_gift(h, script_start(h), forward_or_answer, &route, SPAWNED_FOREVER));
    assert_true(harness_settle(h));
    assert_ok(route.forwarded);
    assert_int_equal(route.visits, 2);
    assert_int_equal(harness_tracked_destroyed(h), 2); /* one gift, one answer */
}

static void request_forwarded_to_oneself_is_handled_again(void **state) {
    harness *h = *state;
    const spawned_pid actor = script_start(h);
    struct route route = {.h = h, .to = actor, .forwarded = SPAWNED_EAGAIN};
    expect_answer_of_seven(
        script_request_gift(h, actor, forward_or_answer, &route, SPAWNED_FOREVER));
    assert_true(harness_settle(h));
    assert_ok(route.forwarded);
    assert_int_equal(route.visits, 2);
}

static void message_that_nobody_asked_with_can_be_forwarded_too(void **state) {
    harness *h = *state;
    const spawned_pid actor = script_start(h), other = script_start(h);
    struct route route = {.h = h, .to = other, .forwarded = SPAWNED_EAGAIN};
    const script_gift gift = {{forward_or_answer, &route}, harness_tracked_make(h, 0)};
    assert_ok(spawned_send(actor, &script_give_type, &gift));
    assert_ok(script_run(actor, script_nothing, NULL));
    assert_ok(script_run(other, script_nothing, NULL));
    assert_int_equal(route.visits, 2);
}

struct hop {
    spawned_pid to; /* 0: answer */
    struct hop *next;
    int64_t *number;
};

static spawned_status hop_on(spawned_context *context, void *state, void *argument) {
    struct hop **at = argument;
    struct hop *hop = *at;
    if (hop->to == 0) return script_reply_number(context, state, hop->number);
    *at = hop->next;
    return spawned_context_forward(context, hop->to);
}

static void request_forwarded_many_times_comes_back_in_one_step(void **state) {
    harness *h = *state;
    enum { HOPS = 50 };
    struct hop hops[HOPS + 1];
    int64_t number = 123, answer = 0;
    for (int i = 0; i < HOPS; i++) hops[i] = (struct hop){script_start(h), &hops[i + 1], &number};
    hops[HOPS] = (struct hop){0, NULL, &number};
    struct hop *at = &hops[0];
    assert_ok(script_ask(script_start(h), hop_on, &at, &answer));
    assert_int_equal(answer, 123);
}

static spawned_status answer_all_the_same(spawned_context *context, struct route *route) {
    const harness_tracked value = harness_tracked_make(route->h, 1);
    route->replied_after = spawned_reply(context, &value);
    return SPAWNED_OK;
}

static void reply_after_forwarding_is_refused(void **state) {
    harness *h = *state;
    struct route route = {.h = h, .to = script_start(h), .then = answer_all_the_same};
    expect_answer_of_seven(
        script_request_gift(h, script_start(h), forward_or_answer, &route, SPAWNED_FOREVER));
    assert_true(harness_settle(h));
    assert_status(route.replied_after, SPAWNED_EALREADY);
    assert_int_equal(harness_tracked_destroyed(h), 3);
}

static spawned_status answer_when_refused(spawned_context *context, struct route *route) {
    return route->forwarded == SPAWNED_OK ? SPAWNED_OK
                                          : script_reply_tracked(context, NULL, route->h);
}

static void refused_forward_leaves_the_request_with_its_handler(void **state) {
    harness *h = *state;
    const spawned_pid actor = script_start(h), ended = script_start(h);
    assert_ok(spawned_actor_stop(ended));
    assert_ok(spawned_actor_join(ended, SPAWNED_FOREVER));
    struct route route = {.h = h, .to = ended, .then = answer_when_refused};
    expect_answer_of_seven(
        script_request_gift(h, actor, forward_or_answer, &route, SPAWNED_FOREVER));
    assert_status(route.forwarded, SPAWNED_ESTOPPED);
}

static void forward_to_another_runtime_is_refused(void **state) {
    harness *h = *state;
    spawned_runtime *second = harness_runtime_begin(h, NULL);
    assert_non_null(second);
    spawned_pid stranger = 0;
    assert_ok(spawned_actor_start(second, &script_behavior, NULL, &stranger));
    struct route route = {.h = h, .to = stranger, .then = answer_when_refused};
    expect_answer_of_seven(
        script_request_gift(h, script_start(h), forward_or_answer, &route, SPAWNED_FOREVER));
    assert_status(route.forwarded, SPAWNED_EINVAL);
    assert_int_equal(harness_runtime_end(h, second), 0);
}

static spawned_status stop_the_other(spawned_context *context, struct route *route) {
    (void)context;
    return spawned_actor_kill(route->to);
}

/* RQ06: the third one dies before it handles */
static void requester_learns_of_the_end_of_the_actor_forwarded_to(void **state) {
    harness *h = *state;
    struct route route = {.h = h, .to = script_start(h), .then = stop_the_other};
    spawned_response *response =
        script_request_gift(h, script_start(h), forward_or_answer, &route, SPAWNED_FOREVER);
    assert_status(script_finish(response), SPAWNED_ESTOPPED);
    assert_true(harness_settle(h));
    assert_ok(route.forwarded);
    assert_int_equal(route.visits, 1);
    assert_int_equal(harness_tracked_destroyed(h), 1);
}

static spawned_status forward_then_fail(spawned_context *context, void *state, void *argument) {
    (void)state;
    struct route *route = argument;
    if (route->visits++ == 0) return spawned_context_forward(context, route->to);
    return spawned_fail(31, "dropped it", SPAWNED_ZERO_TERMINATED);
}

/* RQ06: the third one dies of the message */
static void requester_learns_of_a_failing_handler_forwarded_to(void **state) {
    harness *h = *state;
    const spawned_pid first = script_start(h), second = script_start(h);
    struct route route = {.h = h, .to = second};
    spawned_response *response =
        script_request_gift(h, first, forward_then_fail, &route, SPAWNED_FOREVER);
    const char *text = NULL;
    size_t length = 0;
    assert_status(spawned_response_wait(response, SPAWNED_FOREVER), SPAWNED_ESTOPPED);
    assert_status(spawned_response_error(response, &text, &length), SPAWNED_ESTOPPED);
    assert_int_equal(length, strlen("dropped it"));
    spawned_response_release(response);
    assert_ok(spawned_actor_join(second, SPAWNED_FOREVER));
    assert_exit(second, SPAWNED_EXIT_FAILURE, 31, SPAWNED_PLACE_HANDLER);
    assert_ok(script_run(first, script_nothing, NULL));
}

static void requester_learns_that_the_actor_forwarded_to_has_no_handler(void **state) {
    harness *h = *state;
    const spawned_pid probe = harness_probe_start(h, harness_probe_new(h), NULL);
    struct route route = {.h = h, .to = probe};
    spawned_response *response =
        script_request_gift(h, script_start(h), forward_or_answer, &route, SPAWNED_FOREVER);
    assert_status(script_finish(response), SPAWNED_ENOHANDLER);
}

static void requester_learns_that_the_mailbox_forwarded_to_is_full(void **state) {
    harness *h = *state;
    REQUIRE_BLOCKING_HANDLERS(h);
    spawned_actor_options options = SPAWNED_ACTOR_OPTIONS_INIT;
    options.capacity = 1;
    const spawned_pid full = harness_start(h, &script_behavior, &options);
    script_hold hold;
    assert_ok(script_hold_begin(&hold, h, full));
    assert_ok(script_tell(full, script_nothing, NULL));
    struct route route = {.h = h, .to = full};
    spawned_response *response =
        script_request_gift(h, script_start(h), forward_or_answer, &route, SPAWNED_FOREVER);
    assert_status(script_finish(response), SPAWNED_EFULL);
    assert_int_equal(route.visits, 1);
    assert_ok(script_hold_end(&hold));
    assert_ok(spawned_actor_drain(full, HARNESS_LONG));
    assert_ok(spawned_actor_join(full, HARNESS_LONG)); /* its handler waits on the hold no more */
    assert_true(harness_settle(h));                    /* who forwarded has let go of the message */
    assert_int_equal(harness_tracked_destroyed(h), 1);
    script_hold_release(&hold);
}

/* Nothing is built in what it reserves at its first visit. */
static spawned_status reserve_and_forward(spawned_context *context, void *state, void *argument) {
    struct route *route = argument;
    void *storage = NULL;
    const spawned_status status = spawned_reply_reserve(context, 0, &storage);
    if (status != SPAWNED_OK) return status;
    if (route->visits++ == 0) {
        memset(storage, 0, sizeof(harness_tracked));
        route->forwarded = spawned_context_forward(context, route->to);
        return route->then == NULL ? SPAWNED_OK : route->then(context, route);
    }
    (void)state;
    *(harness_tracked *)storage = harness_tracked_make(route->h, 7);
    return spawned_reply_commit(context);
}

static spawned_status stop_then(spawned_context *context, struct route *route) {
    (void)route;
    return spawned_context_stop(context);
}

static void reserved_answer_is_given_up_by_forwarding(void **state) {
    harness *h = *state;
    struct route route = {.h = h, .to = script_start(h)};
    expect_answer_of_seven(
        script_request_gift(h, script_start(h), reserve_and_forward, &route, SPAWNED_FOREVER));
    assert_ok(route.forwarded);
    assert_int_equal(route.visits, 2);
    const spawned_pid ending = script_start(h);
    struct route nowhere = {.h = h, .to = ending, .then = stop_then};
    spawned_response *response =
        script_request_gift(h, ending, reserve_and_forward, &nowhere, SPAWNED_FOREVER);
    assert_status(script_finish(response), SPAWNED_ESTOPPED);
    assert_ok(nowhere.forwarded);
    assert_true(harness_settle(h));
    assert_int_equal(harness_tracked_destroyed(h), 3); /* two gifts, one answer */
}

static spawned_status forward_in_started(spawned_context *context, harness_probe *probe) {
    atomic_store(&probe->result, spawned_context_forward(context, spawned_context_self(context)));
    return SPAWNED_OK;
}

static void hook_has_no_message_to_forward(void **state) {
    harness *h = *state;
    harness_probe *probe = harness_probe_new(h);
    probe->on_started = forward_in_started;
    probe->result = SPAWNED_EAGAIN;
    harness_probe_start(h, probe, NULL);
    assert_true(harness_probe_wait(probe, HARNESS_STARTED, 1));
    assert_true(harness_settle(h));
    assert_status((spawned_status)probe->result, SPAWNED_EINVAL);
}

int main(int argc, char **argv) {
    static const struct CMUnitTest tests[] = {
        HARNESS_TEST(forwarded_request_is_answered_by_the_other_actor),
        HARNESS_TEST(request_forwarded_to_oneself_is_handled_again),
        HARNESS_TEST(message_that_nobody_asked_with_can_be_forwarded_too),
        HARNESS_TEST(request_forwarded_many_times_comes_back_in_one_step),
        HARNESS_TEST(reply_after_forwarding_is_refused),
        HARNESS_TEST(refused_forward_leaves_the_request_with_its_handler),
        HARNESS_TEST(forward_to_another_runtime_is_refused),
        HARNESS_TEST(requester_learns_of_the_end_of_the_actor_forwarded_to),
        HARNESS_TEST(requester_learns_of_a_failing_handler_forwarded_to),
        HARNESS_TEST(requester_learns_that_the_actor_forwarded_to_has_no_handler),
        HARNESS_TEST(requester_learns_that_the_mailbox_forwarded_to_is_full),
        HARNESS_TEST(reserved_answer_is_given_up_by_forwarding),
        HARNESS_TEST(hook_has_no_message_to_forward),
    };
    return harness_main(argc, argv, tests, sizeof tests / sizeof *tests);
}
