/* A handler that keeps a pool thread busy keeps others waiting, so the library warns of it, by name and
 * while it still runs. On the blocking backend the same handler is where it belongs.
 *
 *   cc busy_warning.c $(pkg-config --cflags --libs spawned) -o busy_warning && ./busy_warning */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <spawned.h>

static const spawned_message_type work_type = SPAWNED_EMPTY_TYPE("busy.work");

/* Stands for a long computation, or a call that should have been asynchronous. */
static spawned_status on_work(spawned_context *context, void *state, void *value) {
    const struct timespec while_working = {0, 300000000};
    (void)context;
    (void)state;
    (void)value;
    return nanosleep(&while_working, NULL) == 0 ? SPAWNED_OK : SPAWNED_ESYSTEM;
}

static const spawned_handler handlers[] = {{&work_type, on_work}};
static const spawned_behavior busy = {SPAWNED_BEHAVIOR_INIT("busy"), SPAWNED_HANDLERS(handlers)};

/* The library prints nothing itself. A sink runs on any thread and calls nothing of the library. */
static void print_record(const spawned_log_record *record, void *user_data) {
    (void)user_data;
    printf("warning: %s\n", record->text);
}

static void must(spawned_status status) {
    if (status == SPAWNED_OK) return;
    (void)fprintf(stderr, "busy_warning: %s\n", spawned_status_text(status));
    exit(1);
}

static void work_on(spawned_runtime *runtime, spawned_backend backend, const char *name) {
    spawned_actor_options options = SPAWNED_ACTOR_OPTIONS_INIT;
    spawned_pid pid = 0;
    options.backend = backend;
    must(spawned_actor_start(runtime, &busy, &options, &pid));
    for (int i = 0; i < 3; i++) {
        printf("%s: working\n", name);
        must(spawned_request(pid, &work_type, NULL, SPAWNED_DEFAULT, NULL));
    }
}

int main(void) {
    spawned_runtime *runtime = NULL;
    spawned_runtime_options options = SPAWNED_RUNTIME_OPTIONS_INIT;
    spawned_log_sink sink = SPAWNED_LOG_SINK_INIT;
    sink.level = SPAWNED_LOG_WARNING;
    sink.write = print_record;
    options.log = &sink;
    /* A build of the library with assertions does so by default, a release only when asked to. */
    options.slow_handler = 10 * SPAWNED_MILLISECOND;
    must(spawned_runtime_create(&options, &runtime));
    work_on(runtime, SPAWNED_BACKEND_POOL, "pool");
    work_on(runtime, SPAWNED_BACKEND_BLOCKING, "blocking");
    must(spawned_runtime_destroy(runtime));
    return 0;
}
