/* How actors end, and what is known of it afterwards: nothing fails but the one actor, and its reason
 * can be asked for at any time.
 *
 *   cc exit_reason.c $(pkg-config --cflags --libs spawned) -o exit_reason && ./exit_reason */
#include <stdio.h>
#include <stdlib.h>

#include <spawned.h>

/* The application's own codes are above 0. */
enum { BROKEN = 7, NO_POWER = 8 };

static const spawned_message_type work_type = SPAWNED_EMPTY_TYPE("worker.work");
static const spawned_message_type break_type = SPAWNED_EMPTY_TYPE("worker.break");

static spawned_status on_work(spawned_context *context, void *state, void *value) {
    (void)context;
    (void)state;
    (void)value;
    return SPAWNED_OK;
}

static spawned_status on_break(spawned_context *context, void *state, void *value) {
    (void)context;
    (void)state;
    (void)value;
    return spawned_fail(BROKEN, "the gear is worn out", SPAWNED_ZERO_TERMINATED);
}

static spawned_status no_power(spawned_context *context, void *state) {
    (void)context;
    (void)state;
    return spawned_fail(NO_POWER, "no power", SPAWNED_ZERO_TERMINATED);
}

static const spawned_handler handlers[] = {{&work_type, on_work}, {&break_type, on_break}};
static const spawned_behavior worker = {SPAWNED_BEHAVIOR_INIT("worker"),
                                        SPAWNED_HANDLERS(handlers)};
static const spawned_behavior unpowered = {SPAWNED_BEHAVIOR_INIT("unpowered"),
                                           SPAWNED_HANDLERS(handlers), .started = no_power};

static void must(spawned_status status) {
    if (status == SPAWNED_OK) return;
    (void)fprintf(stderr, "exit_reason: %s\n", spawned_status_text(status));
    exit(1);
}

static spawned_pid start(spawned_runtime *runtime, const spawned_behavior *behavior) {
    spawned_pid pid = 0;
    must(spawned_actor_start(runtime, behavior, NULL, &pid));
    return pid;
}

static void report(const char *who, spawned_pid pid) {
    spawned_exit reason = SPAWNED_EXIT_INIT;
    char text[128] = "";
    must(spawned_actor_exit_reason(pid, &reason, text, sizeof text));
    printf("%s: %s", who, spawned_exit_kind_name(reason.kind));
    if (reason.kind == SPAWNED_EXIT_FAILURE)
        printf(" in %s: %s, code %d", spawned_exit_place_name(reason.place), text, reason.code);
    printf(" (%s)\n", spawned_exit_is_abnormal(reason.kind) ? "abnormal" : "not abnormal");
}

int main(void) {
    spawned_runtime *runtime = NULL;
    must(spawned_runtime_create(NULL, &runtime));

    const spawned_pid stopped = start(runtime, &worker);
    must(spawned_request(stopped, &work_type, NULL, SPAWNED_DEFAULT, NULL));
    report("asked while it runs", stopped);
    must(spawned_actor_stop(stopped));
    must(spawned_actor_join(stopped, SPAWNED_DEFAULT));
    report("stopped", stopped);

    const spawned_pid broken = start(runtime, &worker);
    must(spawned_send(broken, &break_type, NULL));
    must(spawned_actor_join(broken, SPAWNED_DEFAULT));
    report("broken", broken);
    printf("sending to it: %s\n", spawned_status_text(spawned_send(broken, &work_type, NULL)));

    const spawned_pid dark = start(runtime, &unpowered);
    must(spawned_actor_join(dark, SPAWNED_DEFAULT));
    report("unpowered", dark);

    const spawned_pid killed = start(runtime, &worker);
    must(spawned_actor_kill(killed));
    must(spawned_actor_join(killed, SPAWNED_DEFAULT));
    report("killed", killed);

    const spawned_pid last = start(runtime, &worker);
    must(spawned_runtime_shutdown(runtime, SPAWNED_DEFAULT));
    report("there until the end", last);
    must(spawned_runtime_destroy(runtime));
    return 0;
}
