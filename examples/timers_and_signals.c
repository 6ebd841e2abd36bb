/* Two actors that tick until Ctrl-C. One signal reaches both: each asked for it by itself, in its started
 * hook. The argument chooses the backend; the actors do not notice.
 *
 *   cc timers_and_signals.c $(pkg-config --cflags --libs spawned) -o timers_and_signals
 *   ./timers_and_signals async|blocking|thread [MILLISECONDS]      (a tick each second unless said) */
#define _POSIX_C_SOURCE 200809L
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <spawned.h>

static const spawned_message_type tick_type = SPAWNED_EMPTY_TYPE("ticker.tick");
static const spawned_message_type shutdown_type = SPAWNED_EMPTY_TYPE("ticker.shutdown");

typedef struct ticker {
    const char *name;
    spawned_duration period;
    unsigned ticks;
} ticker;

static spawned_status init(void *state, void *argument, void *user_data) {
    (void)user_data;
    *(ticker *)state = *(const ticker *)argument;
    return SPAWNED_OK;
}

static spawned_status started(spawned_context *context, void *state) {
    const spawned_pid self = spawned_context_self(context);
    const ticker *me = state;
    spawned_message *tick = NULL, *shutdown = NULL;
    spawned_status status = spawned_message_create(self, &tick_type, NULL, &tick);
    if (status == SPAWNED_OK) status = spawned_send_interval(me->period, tick, NULL);
    if (status == SPAWNED_OK)
        status = spawned_message_create(self, &shutdown_type, NULL, &shutdown);
    if (status == SPAWNED_OK) status = spawned_send_on_signal(SIGINT, shutdown, 0, NULL);
    if (status == SPAWNED_OK) printf("%s: ticking, until Ctrl-C\n", me->name);
    return status;
}

static spawned_status on_tick(spawned_context *context, void *state, void *value) {
    ticker *me = state;
    (void)context, (void)value;
    printf("%s: tick %u\n", me->name, ++me->ticks);
    return SPAWNED_OK;
}

static spawned_status on_shutdown(spawned_context *context, void *state, void *value) {
    (void)value;
    printf("%s: shutting down\n", ((ticker *)state)->name);
    return spawned_context_stop(context);
}

static spawned_status stopped(spawned_context *context, void *state, const spawned_exit *exit) {
    const ticker *me = state;
    (void)context, (void)exit;
    printf("%s: stopped after %u ticks\n", me->name, me->ticks);
    return SPAWNED_OK;
}

static const spawned_handler handlers[] = {{&tick_type, on_tick}, {&shutdown_type, on_shutdown}};
static const spawned_behavior behavior = {SPAWNED_BEHAVIOR_INIT("ticker"),
                                          sizeof(ticker),
                                          SPAWNED_HANDLERS(handlers),
                                          .init = init,
                                          .started = started,
                                          .stopped = stopped};

static int backend_of(const char *name, spawned_backend *backend) {
    static const char *const names[] = {"async", "blocking", "thread"};
    for (spawned_backend i = 0; i < 3; i++) {
        if (strcmp(name, names[i]) != 0) continue;
        *backend = i;
        return 1;
    }
    return 0;
}

static void must(spawned_status status) {
    if (status == SPAWNED_OK) return;
    (void)fprintf(stderr, "timers_and_signals: %s\n", spawned_status_text(status));
    exit(1);
}

int main(int argc, char **argv) {
    spawned_actor_options options = SPAWNED_ACTOR_OPTIONS_INIT;
    const long milliseconds = argc > 2 ? strtol(argv[2], NULL, 10) : 1000;
    if (argc < 2 || argc > 3 || milliseconds <= 0 || !backend_of(argv[1], &options.backend)) {
        (void)fprintf(stderr, "usage: %s async|blocking|thread [MILLISECONDS]\n", argv[0]);
        return 2;
    }
    const spawned_duration period = (spawned_duration)milliseconds * SPAWNED_MILLISECOND;
    ticker first = {"first", period, 0}, second = {"second", period, 0};
    spawned_runtime *runtime = NULL;
    spawned_pid actors[2] = {0, 0};
    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    must(spawned_runtime_create(NULL, &runtime));
    options.argument = &first;
    must(spawned_actor_start(runtime, &behavior, &options, &actors[0]));
    options.argument = &second;
    must(spawned_actor_start(runtime, &behavior, &options, &actors[1]));
    for (int i = 0; i < 2; i++) must(spawned_actor_join(actors[i], SPAWNED_FOREVER));
    printf("both have ended\n");
    must(spawned_runtime_destroy(runtime));
    return 0;
}
