/* A program that owns a loop of libuv: a chat room whose actors run between the polls of that loop.
 *
 * The runtime is a hosted one: it has no thread at all. The program's own handles, here a timer that
 * makes the guests talk, and the actors take turns on one thread, so what they share needs no lock; and
 * while nothing happens the thread sleeps in the loop's poll.
 *
 *   cc host_loop.c $(pkg-config --cflags --libs spawned libuv) -o host_loop && ./host_loop */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include <spawned.h>
#include <spawned/uv.h>
#include <uv.h>

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
    (void)fprintf(stderr, "host_loop: %s\n", spawned_status_text(status));
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

/* What the program's timer needs: who says what, and when it is over. */
typedef struct script {
    spawned_pid place;
    line lines[2];
    size_t next;
} script;

static void on_timer(uv_timer_t *timer) {
    script *s = timer->data;
    if (s->next == sizeof s->lines / sizeof *s->lines)
        uv_close((uv_handle_t *)timer, NULL);
    else
        must(spawned_send(s->place, &line_type, &s->lines[s->next++]));
}

static void must_uv(int error) {
    if (error == 0) return;
    (void)fprintf(stderr, "host_loop: %s\n", uv_strerror(error));
    exit(1);
}

int main(void) {
    spawned_runtime_options options = SPAWNED_RUNTIME_OPTIONS_INIT;
    spawned_runtime *runtime = NULL;
    spawned_host *host = NULL;
    uv_loop_t loop;
    uv_timer_t timer;
    script talk = {0};
    must(SPAWNED_UV_CHECK()); /* the libuv found at run time fits the <uv.h> of this program */
    must_uv(uv_loop_init(&loop));
    options.flags = SPAWNED_RUNTIME_HOSTED;
    must(spawned_runtime_create(&options, &runtime));
    must(spawned_uv_host_create(runtime, &loop, NULL, &host));
    must(spawned_actor_start(runtime, &room_behavior, NULL, &talk.place));
    talk.lines[0] = (line){enter(runtime, talk.place, "Alice"), "Hello, Bob!"};
    talk.lines[1] = (line){enter(runtime, talk.place, "Bob"), "Hi, Alice!"};

    must_uv(uv_timer_init(&loop, &timer));
    timer.data = &talk;
    must_uv(uv_timer_start(&timer, on_timer, 10, 10));
    must_uv(uv_run(&loop, UV_RUN_DEFAULT)); /* until the timer is closed and no actor has work */

    printf("threads: %d\n", threads_of_this_process());
    must(spawned_runtime_destroy(runtime));
    must_uv(uv_run(&loop, UV_RUN_DEFAULT)); /* the runtime's handles close */
    must_uv(uv_loop_close(&loop));
    return 0;
}
