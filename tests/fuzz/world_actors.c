/* The actors of the fuzzer's world: each of their callbacks does a few acts, in its own context. */
#include <stdlib.h>
#include <string.h>

#include "world.h"

enum { acts_most = 4, failing_code = 5 };

#define VALUE_TYPE(type_name)                                                                  \
    .size = sizeof(spawned_message_type), .name = type_name, .value_size = sizeof(fuzz_value), \
    .value_alignment = 8, .destroy = fuzz_end_value

const spawned_message_type fuzz_answer_type = {VALUE_TYPE("fuzz.answer")};
const spawned_message_type fuzz_note_type = {VALUE_TYPE("fuzz.note"), .copy = fuzz_copy_value};
const spawned_message_type fuzz_ask_type = {VALUE_TYPE("fuzz.ask"), .reply = &fuzz_answer_type};
const spawned_message_type fuzz_skip_type = {VALUE_TYPE("fuzz.skip"),
                                             .flags = SPAWNED_TYPE_SKIP_EXPIRED,
                                             .reply = &fuzz_answer_type};
const spawned_message_type fuzz_bulk_type = {VALUE_TYPE("fuzz.bulk"),
                                             .flags = SPAWNED_TYPE_VARIABLE};
const spawned_message_type fuzz_pinned_type = {VALUE_TYPE("fuzz.pinned"),
                                               .flags = SPAWNED_TYPE_PINNED};
/* Of the name of another, and of another shape: reaches nobody. */
static const spawned_message_type false_type = {.size = sizeof(spawned_message_type),
                                                .name = "fuzz.note",
                                                .value_size = sizeof(fuzz_value) + 8,
                                                .value_alignment = 8,
                                                .destroy = fuzz_end_value};
static const spawned_message_type odd_type = {VALUE_TYPE("fuzz.odd"), .reply = &fuzz_answer_type};

const spawned_message_type *world_any_type(void) {
    static const spawned_message_type *const types[] = {&fuzz_note_type,   &fuzz_ask_type,
                                                        &fuzz_ask_type,    &fuzz_note_type,
                                                        &fuzz_skip_type,   &odd_type,
                                                        &fuzz_pinned_type, &fuzz_bulk_type};
    return types[fuzz_below(sizeof types / sizeof *types)];
}

typedef struct wait_record {
    spawned_response *responses[3];
    size_t count;
} wait_record;

static void end_record(wait_record *record) {
    for (size_t i = 0; i < record->count; ++i) spawned_response_release(record->responses[i]);
    free(record);
}

static void on_drop(void *user_data) {
    ++world.dropped;
    end_record(user_data);
}

static spawned_status act_inside(spawned_context *context);

static spawned_status on_resume(spawned_context *context, void *state, size_t ready,
                                void *user_data) {
    (void)state;
    wait_record *record = user_data;
    ++world.resumed;
    FUZZ_CHECK(ready < record->count);
    FUZZ_CHECK(spawned_response_poll(record->responses[ready]) != SPAWNED_EAGAIN);
    end_record(record);
    return act_inside(context);
}

static void await_some(spawned_context *context) {
    wait_record *record = calloc(1, sizeof *record);
    FUZZ_CHECK(record != NULL);
    for (uint32_t left = 1 + fuzz_below(3); left > 0; --left) {
        spawned_response **from = world_response();
        if (*from == NULL) continue;
        record->responses[record->count++] = *from;
        *from = NULL;
    }
    const spawned_status status =
        spawned_await(context, record->responses, record->count, on_resume, record, on_drop);
    if (status == SPAWNED_OK) {
        ++world.awaits;
        return;
    }
    FUZZ_CHECK(status == SPAWNED_EALREADY || (status == SPAWNED_EINVAL && record->count == 0) ||
               status == SPAWNED_ECONTEXT);
    end_record(record);
}

/* A stranger's question, which whoever handles everything gets, has an answer of another type. */
static bool asks_for_other_values(spawned_context *context) {
    spawned_message_info info = SPAWNED_MESSAGE_INFO_INIT;
    return spawned_context_message(context, &info) == SPAWNED_OK && info.type != NULL &&
           info.type->reply != NULL && info.type->reply != &fuzz_answer_type;
}

static void answer(spawned_context *context) {
    if (asks_for_other_values(context)) return;
    void *storage = NULL;
    spawned_reply_to reply = 0;
    spawned_message_info info = SPAWNED_MESSAGE_INFO_INIT;
    fuzz_value value;
    switch (fuzz_below(10)) {
        case 0:
        case 1:
            value = fuzz_new_value(1);
            world_settle_value(&value, spawned_reply(context, &value));
            break;
        case 2:
            if (spawned_reply_reserve(context, 0, &storage) != SPAWNED_OK) break;
            if (fuzz_below(4) == 0) { /* never committed */
                world.left_unbuilt = true;
                break;
            }
            *(fuzz_value *)storage = fuzz_new_value(2);
            FUZZ_OK(spawned_reply_commit(context));
            break;
        case 3:
            if (!world.left_unbuilt) (void)spawned_reply_commit(context);
            break;
        case 4:
            (void)spawned_reply_fail(context, failing_code, "no", fuzz_below(3));
            break;
        case 5:
            if (spawned_reply_detach(context, &reply) == SPAWNED_OK) world_keep(reply);
            break;
        case 6:
            (void)spawned_context_forward(context, world_any_number());
            break;
        case 7:
            (void)spawned_context_stop(context);
            break;
        case 8:
            (void)spawned_context_message(context, &info);
            (void)spawned_context_self(context);
            (void)spawned_context_runtime(context);
            break;
        default:
            await_some(context);
            break;
    }
}

static spawned_status act_inside(spawned_context *context) {
    for (uint32_t left = fuzz_below(acts_most); left > 0 && fuzz_more(); --left) {
        if (fuzz_below(2) == 0)
            answer(fuzz_below(16) == 0 ? world.stale : context);
        else
            world_act(context);
    }
    world.stale = context;
    if (!fuzz_more()) return SPAWNED_OK;
    switch (fuzz_below(24)) {
        case 0:
            return failing_code;
        case 1:
            return spawned_fail(failing_code, "as chosen", SPAWNED_ZERO_TERMINATED);
        default:
            return SPAWNED_OK;
    }
}

static spawned_status on_message(spawned_context *context, void *state, void *value) {
    (void)value;
    FUZZ_CHECK(*(uint64_t *)state == 0x57a7e);
    return act_inside(context);
}

static spawned_status on_started(spawned_context *context, void *state) {
    (void)state;
    return act_inside(context);
}

static spawned_status on_stopped(spawned_context *context, void *state, const spawned_exit *exit) {
    (void)state;
    FUZZ_CHECK(exit->kind != SPAWNED_EXIT_RUNNING);
    return act_inside(context);
}

static spawned_status on_init(void *state, void *argument, void *user_data) {
    (void)argument, (void)user_data;
    if (fuzz_below(16) == 1) return spawned_fail(failing_code, "no init", 7);
    ++world.inside;
    if (fuzz_below(16) == 1) world_act(NULL);
    --world.inside;
    *(uint64_t *)state = 0x57a7e;
    ++world.states;
    return SPAWNED_OK;
}

static void on_destroy(void *state, void *user_data) {
    (void)user_data;
    FUZZ_CHECK(*(uint64_t *)state == 0x57a7e);
    *(uint64_t *)state = 0;
    --world.states;
}

static const spawned_handler handlers[] = {{&fuzz_note_type, on_message},
                                           {&fuzz_ask_type, on_message},
                                           {&fuzz_skip_type, on_message},
                                           {&fuzz_bulk_type, on_message},
                                           {&fuzz_pinned_type, on_message},
                                           {&fuzz_ended_type, on_message},
                                           {&fuzz_changed_type, on_message}};

#define BEHAVIOR(behavior_name)                                                     \
    SPAWNED_BEHAVIOR_INIT(behavior_name), .handlers = handlers, .handler_count = 7, \
                                          .init = on_init, .destroy = on_destroy

static const spawned_behavior behaviors[] = {
    {BEHAVIOR("small"), .state_size = 8, .started = on_started, .stopped = on_stopped},
    {BEHAVIOR("large"), .state_size = 500, .otherwise = on_message},
    {BEHAVIOR("slow"), .state_size = 64, .flags = SPAWNED_BEHAVIOR_SLOW, .stopped = on_stopped},
    {BEHAVIOR("guest"), .state_size = 65, .flags = SPAWNED_BEHAVIOR_RUN_ON_CALLER},
};

const spawned_behavior *world_any_behavior(void) { return &behaviors[fuzz_below(4)]; }

/* With a monitor or a link of somebody's, or without. */
static spawned_status start(const spawned_actor_options *options, spawned_pid *out_pid) {
    const spawned_behavior *behavior = world_any_behavior();
    spawned_event monitor = 0;
    switch (fuzz_below(8)) {
        case 0: {
            const spawned_status status =
                spawned_actor_start_monitored(world.runtime, behavior, options, world_any_number(),
                                              &fuzz_ended_type, fuzz_byte(), out_pid, &monitor);
            if (status == SPAWNED_OK) world_keep(monitor);
            return status;
        }
        case 1:
            return spawned_actor_start_linked(world.runtime, behavior, options, world_any_number(),
                                              out_pid);
        default:
            return spawned_actor_start(world.runtime, behavior, options, out_pid);
    }
}

void world_start_actor(void) {
    static const char *const names[] = {"a", "b", "spawned.x", ""};
    spawned_actor_options options = SPAWNED_ACTOR_OPTIONS_INIT;
    const uint8_t shape = fuzz_byte();
    options.backend = shape % 3;
    if ((shape & 0x10) != 0) options.capacity = 1 + shape % 4;
    options.overflow = (shape >> 5) % 4;
    if ((shape & 0x0c) == 0x0c) options.name = names[fuzz_below(4)];
    options.name_length = SPAWNED_ZERO_TERMINATED;
    spawned_pid pid = 0;
    if (start(&options, &pid) == SPAWNED_OK) world_keep(pid);
    if (fuzz_below(32) == 31) {
        unsigned char wrong[sizeof(fuzz_value) + 8] = {0};
        const fuzz_value value = fuzz_new_value(3);
        memcpy(wrong, &value, sizeof value);
        (void)spawned_send(pid, &false_type, wrong);
    }
}
