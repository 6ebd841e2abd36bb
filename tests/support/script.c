/* Scripted actors and gates: see script.h. */
#include "script.h"

const spawned_message_type script_number_type = SPAWNED_MESSAGE_TYPE("script.number", int64_t);
const spawned_message_type script_tell_type = SPAWNED_MESSAGE_TYPE("script.tell", script_act);
const spawned_message_type script_ask_type =
    SPAWNED_REQUEST_TYPE("script.ask", script_act, &script_number_type);
const spawned_message_type script_skip_type = {
    .size = sizeof(spawned_message_type),
    .name = "script.skip",
    .value_size = sizeof(script_act),
    .value_alignment = SPAWNED_ALIGNOF(script_act),
    .flags = SPAWNED_TYPE_SKIP_EXPIRED,
    .reply = &script_number_type,
};

static void gift_destroy(void *value, void *user_data) {
    harness_tracked_type.destroy(&((script_gift *)value)->tracked, user_data);
}

const spawned_message_type script_give_type = {
    .size = sizeof(spawned_message_type),
    .name = "script.give",
    .value_size = sizeof(script_gift),
    .value_alignment = SPAWNED_ALIGNOF(script_gift),
    .destroy = gift_destroy,
    .reply = &harness_tracked_type,
};

/* Also handles a gift, which begins with its act. */
static spawned_status act(spawned_context *context, void *state, void *value) {
    const script_act *message = value;
    return message->run(context, state, message->argument);
}

static const spawned_handler handlers[] = {{&script_tell_type, act},
                                           {&script_ask_type, act},
                                           {&script_skip_type, act},
                                           {&script_give_type, act}};

#define SCRIPT_BEHAVIOR(behavior_name)                                                           \
    {                                                                                            \
        SPAWNED_BEHAVIOR_INIT(behavior_name), .state_size = sizeof(int64_t), .handler_count = 4, \
                                              .handlers = handlers                               \
    }

const spawned_behavior script_behavior = SCRIPT_BEHAVIOR("script");

static const spawned_behavior named[] = {SCRIPT_BEHAVIOR("ann"),  SCRIPT_BEHAVIOR("bert"),
                                         SCRIPT_BEHAVIOR("cora"), SCRIPT_BEHAVIOR("dirk"),
                                         SCRIPT_BEHAVIOR("emma"), SCRIPT_BEHAVIOR("finn")};

spawned_pid script_start(harness *h) { return harness_start(h, &script_behavior, NULL); }

spawned_pid script_start_named(harness *h, size_t index) {
    return harness_start(h, &named[index], NULL);
}

spawned_status script_tell(spawned_pid to, spawned_handler_fn run, void *argument) {
    const script_act message = {run, argument};
    return spawned_send(to, &script_tell_type, &message);
}

spawned_status script_run(spawned_pid to, spawned_handler_fn run, void *argument) {
    const script_act message = {run, argument};
    return spawned_request(to, &script_tell_type, &message, SPAWNED_FOREVER, NULL);
}

spawned_status script_ask(spawned_pid to, spawned_handler_fn run, void *argument,
                          int64_t *out_number) {
    const script_act message = {run, argument};
    return spawned_request(to, &script_ask_type, &message, SPAWNED_FOREVER, out_number);
}

static spawned_response *request(spawned_pid to, const spawned_message_type *type,
                                 const void *value, spawned_duration timeout) {
    spawned_message *message = NULL;
    const spawned_status status = spawned_message_create(to, type, value, &message);
    if (status != SPAWNED_OK) return spawned_response_of_error(status);
    spawned_response *response = NULL;
    (void)spawned_message_request(message, timeout, &response); /* an error waits in the response */
    return response;
}

spawned_response *script_request(spawned_pid to, spawned_handler_fn run, void *argument,
                                 spawned_duration timeout) {
    return request(to, &script_ask_type, &(script_act){run, argument}, timeout);
}

spawned_response *script_request_run(spawned_pid to, spawned_handler_fn run, void *argument,
                                     spawned_duration timeout) {
    return request(to, &script_tell_type, &(script_act){run, argument}, timeout);
}

spawned_response *script_request_gift(harness *h, spawned_pid to, spawned_handler_fn run,
                                      void *argument, spawned_duration timeout) {
    const script_gift gift = {{run, argument}, harness_tracked_make(h, 0)};
    return request(to, &script_give_type, &gift, timeout);
}

spawned_status script_finish(spawned_response *response) {
    const spawned_status status = spawned_response_wait(response, SPAWNED_FOREVER);
    spawned_response_release(response);
    return status;
}

spawned_status script_nothing(spawned_context *context, void *state, void *argument) {
    (void)context, (void)state, (void)argument;
    return SPAWNED_OK;
}

spawned_status script_reply_number(spawned_context *context, void *state, void *argument) {
    (void)state;
    return spawned_reply(context, argument);
}

spawned_status script_reply_tracked(spawned_context *context, void *state, void *argument) {
    (void)state;
    const harness_tracked answer = harness_tracked_make(argument, 7);
    return spawned_reply(context, &answer);
}

spawned_status script_detach(spawned_context *context, void *state, void *argument) {
    (void)state;
    return spawned_reply_detach(context, argument);
}

spawned_status script_return(spawned_context *context, void *state, void *argument) {
    (void)context, (void)state;
    return *(const spawned_status *)argument;
}

spawned_status script_stop(spawned_context *context, void *state, void *argument) {
    (void)state, (void)argument;
    return spawned_context_stop(context);
}

spawned_status script_count(spawned_context *context, void *state, void *argument) {
    (void)context;
    ++*(int64_t *)state;
    ++*(int64_t *)argument;
    return SPAWNED_OK;
}

spawned_status script_gate_create(harness *h, script_gate *gate) {
    return spawned_promise_create(harness_runtime(h), NULL, SPAWNED_FOREVER, &gate->key,
                                  &gate->response);
}

spawned_status script_gate_open(script_gate *gate) {
    return spawned_reply_to_send(gate->key, NULL);
}

spawned_status script_gate_wait(script_gate *gate) {
    return spawned_response_wait(gate->response, SPAWNED_FOREVER);
}

void script_gate_release(script_gate *gate) {
    (void)spawned_reply_to_release(gate->key); /* EALREADY when it was opened */
    spawned_response_release(gate->response);
    gate->response = NULL;
}

spawned_status script_hold_handler(spawned_context *context, void *state, void *argument) {
    (void)context, (void)state;
    script_hold *hold = argument;
    (void)script_gate_open(&hold->arrived);
    (void)script_gate_wait(&hold->let_go);
    return SPAWNED_OK;
}

spawned_status script_hold_begin(script_hold *hold, harness *h, spawned_pid actor) {
    spawned_status status = script_gate_create(h, &hold->arrived);
    if (status != SPAWNED_OK) return status;
    status = script_gate_create(h, &hold->let_go);
    if (status == SPAWNED_OK) status = script_tell(actor, script_hold_handler, hold);
    if (status == SPAWNED_OK) status = script_gate_wait(&hold->arrived);
    return status;
}

spawned_status script_hold_end(script_hold *hold) { return script_gate_open(&hold->let_go); }

void script_hold_release(script_hold *hold) {
    script_gate_release(&hold->arrived);
    script_gate_release(&hold->let_go);
}

static spawned_status note_resume(spawned_context *context, void *state, size_t ready,
                                  void *user_data) {
    (void)state;
    script_wait *wait = user_data;
    wait->resumed_inside |= wait->inside;
    wait->ready = ready;
    wait->outcome = spawned_response_poll(wait->responses[ready]);
    atomic_fetch_add(&wait->resumed, 1);
    return wait->then == NULL ? SPAWNED_OK : wait->then(context, wait);
}

static void note_drop(void *user_data) {
    script_wait *wait = user_data;
    wait->resumed_inside |= wait->inside;
    atomic_fetch_add(&wait->dropped, 1);
}

spawned_status script_await_more(spawned_context *context, script_wait *wait) {
    wait->inside = true;
    wait->awaited =
        spawned_await(context, wait->responses, wait->count, note_resume, wait, note_drop);
    wait->inside = false;
    return wait->awaited;
}

spawned_status script_await(spawned_context *context, void *state, void *argument) {
    (void)state;
    (void)script_await_more(context, argument);
    return SPAWNED_OK;
}
