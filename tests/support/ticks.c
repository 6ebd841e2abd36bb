/* The actor that writes down when its messages came: see ticks.h. */
#include "ticks.h"

#include <stdlib.h>

const spawned_message_type tick_type = SPAWNED_MESSAGE_TYPE("ticks.tick", uint64_t);

tick_log *tick_log_new(harness *h, size_t capacity) {
    tick_log *log = calloc(1, sizeof *log);
    if (log == NULL || (log->ticks = calloc(capacity, sizeof *log->ticks)) == NULL) abort();
    log->h = h;
    log->capacity = capacity;
    return log;
}

void tick_log_free(tick_log *log) {
    free(log->ticks);
    free(log);
}

static spawned_status init(void *state, void *argument, void *user_data) {
    (void)user_data;
    *(tick_log **)state = argument;
    return SPAWNED_OK;
}

static spawned_status write_down(spawned_context *context, void *state, uint64_t number) {
    tick_log *log = *(tick_log **)state;
    spawned_message_info info = SPAWNED_MESSAGE_INFO_INIT;
    tick now = {.number = number, .at = harness_now(log->h)};
    if (spawned_context_message(context, &info) == SPAWNED_OK) now.missed = info.missed;
    const size_t count = atomic_load(&log->count);
    if (count < log->capacity) {
        log->ticks[count] = now;
        atomic_store(&log->count, count + 1);
    }
    return log->on_tick == NULL ? SPAWNED_OK : log->on_tick(context, log, &now);
}

static spawned_status on_tick(spawned_context *context, void *state, void *value) {
    return write_down(context, state, *(uint64_t *)value);
}

static spawned_status on_tracked(spawned_context *context, void *state, void *value) {
    return write_down(context, state, ((harness_tracked *)value)->number);
}

static spawned_status on_act(spawned_context *context, void *state, void *value) {
    const script_act *message = value;
    return message->run(context, state, message->argument);
}

static const spawned_handler handlers[] = {{&tick_type, on_tick},
                                           {&harness_tracked_type, on_tracked},
                                           {&script_tell_type, on_act},
                                           {&script_ask_type, on_act}};

static const spawned_behavior behavior = {SPAWNED_BEHAVIOR_INIT("ticks"),
                                          .state_size = sizeof(tick_log *), .handler_count = 4,
                                          .handlers = handlers, .init = init};

spawned_pid tick_start(tick_log *log, const spawned_actor_options *options) {
    spawned_actor_options chosen = SPAWNED_ACTOR_OPTIONS_INIT;
    if (options != NULL) chosen = *options;
    chosen.argument = log;
    return harness_start(log->h, &behavior, &chosen);
}

static spawned_status arm(spawned_pid to, const spawned_message_type *type, const void *value,
                          bool repeat, spawned_duration delay, spawned_timer *out_timer) {
    spawned_message *message = NULL;
    const spawned_status status = spawned_message_create(to, type, value, &message);
    if (status != SPAWNED_OK) return status;
    return repeat ? spawned_send_interval(delay, message, out_timer)
                  : spawned_send_after(delay, message, out_timer);
}

spawned_status tick_after(spawned_pid to, uint64_t number, spawned_duration delay,
                          spawned_timer *out_timer) {
    return arm(to, &tick_type, &number, false, delay, out_timer);
}

spawned_status tick_every(spawned_pid to, uint64_t number, spawned_duration period,
                          spawned_timer *out_timer) {
    return arm(to, &tick_type, &number, true, period, out_timer);
}

spawned_status tick_tracked(harness *h, spawned_pid to, bool repeat, spawned_duration delay,
                            spawned_timer *out_timer) {
    const harness_tracked value = harness_tracked_make(h, 1);
    return arm(to, &harness_tracked_type, &value, repeat, delay, out_timer);
}

struct goal {
    tick_log *log;
    size_t count;
};

static bool reached(void *argument) {
    const struct goal *goal = argument;
    return atomic_load(&goal->log->count) >= goal->count;
}

bool tick_wait(tick_log *log, size_t count, spawned_duration at_most) {
    struct goal goal = {log, count};
    return harness_advance_until(log->h, at_most, reached, &goal);
}

bool tick_sleep(harness *h, spawned_duration duration) {
    spawned_response *nap = NULL;
    (void)spawned_sleep(harness_runtime(h), duration, &nap);
    return script_finish(nap) == SPAWNED_OK;
}
