/* An actor that writes down when its messages came: for tests of timers. */
#ifndef SPAWNED_TESTS_SUPPORT_TICKS_H
#define SPAWNED_TESTS_SUPPORT_TICKS_H

#include "script.h"

typedef struct tick {
    uint64_t number;
    spawned_time at;
    uint64_t missed;
} tick;

typedef struct tick_log {
    harness *h;
    tick *ticks;
    size_t capacity;
    _Atomic size_t count; /* the first count ticks may be read */
    spawned_status (*on_tick)(spawned_context *context, struct tick_log *log, const tick *tick);
    spawned_timer timer; /* for on_tick */
} tick_log;

/* Copied bytewise. */
extern const spawned_message_type tick_type; /* uint64_t */

tick_log *tick_log_new(harness *h, size_t capacity);
void tick_log_free(tick_log *log);

/* Handles ticks, tracked values (by their number), and scripted messages as script_behavior does, though
 * its state is not a number. */
spawned_pid tick_start(tick_log *log, const spawned_actor_options *options);

spawned_status tick_after(spawned_pid to, uint64_t number, spawned_duration delay,
                          spawned_timer *out_timer);
spawned_status tick_every(spawned_pid to, uint64_t number, spawned_duration period,
                          spawned_timer *out_timer);
/* The same with a tracked value. */
spawned_status tick_tracked(harness *h, spawned_pid to, bool repeat, spawned_duration delay,
                            spawned_timer *out_timer);

/* Waits for this many ticks; deterministic: lets at_most pass. */
bool tick_wait(tick_log *log, size_t count, spawned_duration at_most);

/* Lets time pass without waiting for quiet, which a short interval never leaves. */
bool tick_sleep(harness *h, spawned_duration duration);

#endif
