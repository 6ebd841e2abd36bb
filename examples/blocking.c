/* Where code that blocks belongs: an actor on a thread of its own may wait for as long as it likes, and
 * the actors of the pool go on. When a shutdown cannot end an actor it says which one, and the
 * program is free to leave all the same.
 *
 *   cc blocking.c $(pkg-config --cflags --libs spawned) -o blocking && ./blocking */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <spawned.h>

static const spawned_message_type read_type = SPAWNED_EMPTY_TYPE("Device.read");
static const spawned_message_type tick_type = SPAWNED_EMPTY_TYPE("clock.tick");

/* Reads from a pipe into which nobody ever writes; the state is its end to read from. */
static spawned_status on_read(spawned_context *context, void *state, void *value) {
    char byte;
    (void)context;
    (void)value;
    return read(*(const int *)state, &byte, 1) < 0 ? SPAWNED_ESYSTEM : SPAWNED_OK;
}

static spawned_status init_reader(void *state, void *argument, void *user_data) {
    (void)user_data;
    *(int *)state = *(const int *)argument;
    return SPAWNED_OK;
}

static const spawned_handler reader_handlers[] = {{&read_type, on_read}};
static const spawned_behavior reader = {SPAWNED_BEHAVIOR_INIT("Reader"), sizeof(int),
                                        SPAWNED_HANDLERS(reader_handlers), .init = init_reader};

/* Arms its own next tick, ten times in a second, and stops. */
static spawned_status on_tick(spawned_context *context, void *state, void *value) {
    int *ticks = state;
    spawned_message *next = NULL;
    (void)value;
    if (*ticks == 10) {
        printf("10 ticks\n");
        return spawned_context_stop(context);
    }
    ++*ticks;
    const spawned_status status =
        spawned_message_create(spawned_context_self(context), &tick_type, NULL, &next);
    return status == SPAWNED_OK ? spawned_send_after(100 * SPAWNED_MILLISECOND, next, NULL)
                                : status;
}

static const spawned_handler clock_handlers[] = {{&tick_type, on_tick}};
static const spawned_behavior ticker = {SPAWNED_BEHAVIOR_INIT("clock"), sizeof(int),
                                        SPAWNED_HANDLERS(clock_handlers)};

static void must(spawned_status status) {
    if (status == SPAWNED_OK) return;
    (void)fprintf(stderr, "blocking: %s\n", spawned_status_text(status));
    exit(1);
}

int main(void) {
    spawned_runtime *runtime = NULL;
    spawned_actor_options options = SPAWNED_ACTOR_OPTIONS_INIT;
    spawned_pid stuck = 0, clock = 0;
    spawned_actor_report busy = SPAWNED_ACTOR_REPORT_INIT;
    size_t count = 0;
    int ends[2];
    if (pipe(ends) != 0) return 1;
    must(spawned_runtime_create(NULL, &runtime));
    options.backend = SPAWNED_BACKEND_THREAD;
    options.argument = &ends[0];
    must(spawned_actor_start(runtime, &reader, &options, &stuck));
    must(spawned_send(stuck, &read_type, NULL));
    must(spawned_actor_start(runtime, &ticker, NULL, &clock));
    must(spawned_send(clock, &tick_type, NULL));
    must(spawned_actor_join(clock, SPAWNED_DEFAULT));
    if (spawned_runtime_shutdown(runtime, 100 * SPAWNED_MILLISECOND) != SPAWNED_ETIMEDOUT) return 1;
    must(spawned_runtime_busy(runtime, &busy, sizeof busy, 1, &count));
    printf("%zu still busy: %s, handling %s\n", count, busy.name, busy.message_name);
    /* The reader's thread still runs, so the runtime is left to the end of the process. */
    return 0;
}
