/* A game's loop: a chat room whose actors run on the game's own thread, a little in every frame.
 *
 * The runtime is a hosted one: it has no thread at all. Whatever its actors do is done inside
 * spawned_host_run, for as long as the frame can spare; what is left goes on in the next one. Between
 * two frames nothing moves, so what actors and the game share needs no lock.
 *
 *   cc host_tick.c $(pkg-config --cflags --libs spawned) -o host_tick && ./host_tick */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include <spawned.h>

typedef char text[64];
typedef struct line {
    spawned_pid from;
    text words;
} line;
typedef struct room {
    size_t count;
    spawned_pid guests[8];
} room;

static const spawned_message_type enter_type = SPAWNED_MESSAGE_TYPE("room.enter", spawned_pid);
static const spawned_message_type line_type = SPAWNED_MESSAGE_TYPE("room.line", line);

static spawned_status on_enter(spawned_context *context, void *state, void *value) {
    room *r = state;
    if (r->count == sizeof r->guests / sizeof *r->guests)
        return spawned_reply_fail(context, 1, "the room is full", SPAWNED_ZERO_TERMINATED);
    r->guests[r->count++] = *(const spawned_pid *)value;
    return SPAWNED_OK;
}

static spawned_status on_said(spawned_context *context, void *state, void *value) {
    const room *r = state;
    const line *said = value;
    (void)context;
    for (size_t i = 0; i < r->count; i++)
        if (r->guests[i] != said->from) (void)spawned_send(r->guests[i], &line_type, said);
    return SPAWNED_OK;
}

static const spawned_handler room_handlers[] = {{&enter_type, on_enter}, {&line_type, on_said}};
static const spawned_behavior room_behavior = {SPAWNED_BEHAVIOR_INIT("room"), sizeof(room),
                                               SPAWNED_HANDLERS(room_handlers)};

/* A guest's state is its name. */
static spawned_status init_guest(void *state, void *argument, void *user_data) {
    (void)user_data;
    *(const char **)state = *(const char *const *)argument;
    return SPAWNED_OK;
}

static spawned_status on_heard(spawned_context *context, void *state, void *value) {
    (void)context;
    printf("%s hears: %s\n", *(const char **)state, ((const line *)value)->words);
    return SPAWNED_OK;
}

static const spawned_handler guest_handlers[] = {{&line_type, on_heard}};
static const spawned_behavior guest_behavior = {SPAWNED_BEHAVIOR_INIT("guest"), sizeof(char *),
                                                SPAWNED_HANDLERS(guest_handlers),
                                                .init = init_guest};

static void must(spawned_status status) {
    if (status == SPAWNED_OK) return;
    (void)fprintf(stderr, "host_tick: %s\n", spawned_status_text(status));
    exit(1);
}

static spawned_pid enter(spawned_runtime *runtime, spawned_pid to, const char *name) {
    spawned_actor_options options = SPAWNED_ACTOR_OPTIONS_INIT;
    spawned_pid guest = 0;
    options.argument = &name;
    must(spawned_actor_start(runtime, &guest_behavior, &options, &guest));
    must(spawned_send(to, &enter_type, &guest));
    return guest;
}

static int threads_of_this_process(void) {
    int count = 0;
    DIR *tasks = opendir("/proc/self/task");
    for (const struct dirent *one; tasks != NULL && (one = readdir(tasks)) != NULL;)
        if (one->d_name[0] != '.') count++;
    if (tasks != NULL) (void)closedir(tasks);
    return count;
}

int main(void) {
    spawned_runtime_options options = SPAWNED_RUNTIME_OPTIONS_INIT;
    spawned_runtime *runtime = NULL;
    spawned_host *host = NULL;
    spawned_pid place = 0;
    options.flags = SPAWNED_RUNTIME_HOSTED;
    must(spawned_runtime_create(&options, &runtime));
    must(spawned_host_create(runtime, NULL, &host));
    must(spawned_actor_start(runtime, &room_behavior, NULL, &place));
    const spawned_pid alice = enter(runtime, place, "Alice");
    const spawned_pid bob = enter(runtime, place, "Bob");

    for (int frame = 0; frame < 60; frame++) {
        if (frame == 10) must(spawned_send(place, &line_type, &(line){alice, "Hello, Bob!"}));
        if (frame == 20) must(spawned_send(place, &line_type, &(line){bob, "Hi, Alice!"}));
        /* ... input, physics, drawing; then 2 ms at most for the actors, without waiting for any. */
        must(spawned_host_run(host, 0, 2 * SPAWNED_MILLISECOND, SPAWNED_NO_WAIT, NULL));
    }
    must(spawned_host_run(host, 0, SPAWNED_FOREVER, SPAWNED_NO_WAIT, NULL));
    printf("threads: %d\n", threads_of_this_process());
    must(spawned_runtime_destroy(runtime));
    return 0;
}
