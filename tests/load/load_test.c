/* The library loaded by dlopen and closed again: used in between, left with live runtimes, with threads that
 * have used it and end later. PROGRAM LIBRARY. */
#define _POSIX_C_SOURCE 200809L
#include <dlfcn.h>
#include <pthread.h>
#include <spawned.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ROUNDS = 50, LIMIT = 50 };

#define CHECK(condition)                                                            \
    do {                                                                            \
        if (!(condition)) {                                                         \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
            _exit(1);                                                               \
        }                                                                           \
    } while (0)

static const char *path;

static struct {
    void *handle;
    __typeof__(spawned_runtime_create) *create;
    __typeof__(spawned_runtime_destroy) *destroy;
    __typeof__(spawned_actor_start) *start;
    __typeof__(spawned_request) *request;
    __typeof__(spawned_reply) *reply;
    __typeof__(spawned_send) *send;
    __typeof__(spawned_actor_join) *join;
} library;

static void find(void *function, const char *name) {
    void *found = dlsym(library.handle, name);
    if (found == NULL) fprintf(stderr, "%s is missing\n", name);
    CHECK(found != NULL);
    memcpy(function, &found, sizeof found);
}

static void load(void) {
    library.handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (library.handle == NULL) fprintf(stderr, "%s\n", dlerror());
    CHECK(library.handle != NULL);
    find(&library.create, "spawned_runtime_create");
    find(&library.destroy, "spawned_runtime_destroy");
    find(&library.start, "spawned_actor_start");
    find(&library.request, "spawned_request");
    find(&library.reply, "spawned_reply");
    find(&library.send, "spawned_send");
    find(&library.join, "spawned_actor_join");
}

static const spawned_message_type number_type = SPAWNED_MESSAGE_TYPE("load.number", uint64_t);
static const spawned_message_type twice_type =
    SPAWNED_REQUEST_TYPE("load.twice", uint64_t, &number_type);

static spawned_status on_twice(spawned_context *context, void *state, void *value) {
    (void)state;
    const uint64_t answer = *(uint64_t *)value * 2;
    return library.reply(context, &answer);
}

static const spawned_handler handlers[] = {{&twice_type, on_twice}};
static const spawned_behavior doubler = {SPAWNED_BEHAVIOR_INIT("doubler"), .handlers = handlers,
                                         .handler_count = 1};

static spawned_pid begin(spawned_runtime **out_runtime) {
    spawned_pid pid = 0;
    CHECK(library.create(NULL, out_runtime) == SPAWNED_OK);
    CHECK(library.start(*out_runtime, &doubler, NULL, &pid) == SPAWNED_OK);
    return pid;
}

static void ask(spawned_pid pid) {
    uint64_t question = 21, answer = 0;
    CHECK(library.request(pid, &twice_type, &question, SPAWNED_DEFAULT, &answer) == SPAWNED_OK);
    CHECK(answer == 42);
}

typedef struct user {
    pthread_t thread;
    pthread_barrier_t asked, unloaded;
    spawned_pid pid;
} user;

static void *use_and_end_later(void *argument) {
    user *self = argument;
    ask(self->pid);
    pthread_barrier_wait(&self->asked);
    pthread_barrier_wait(&self->unloaded);
    return NULL; /* the library learns of this end */
}

static void used_between_loading_and_closing(void) {
    for (int round = 0; round < ROUNDS; round++) {
        load();
        spawned_runtime *runtime = NULL;
        ask(begin(&runtime));
        CHECK(library.destroy(runtime) == SPAWNED_OK);
        CHECK(dlclose(library.handle) == 0);
    }
}

static void a_thread_ends_after_the_library_was_closed(void) {
    load();
    spawned_runtime *runtime = NULL;
    user one = {.pid = begin(&runtime)};
    CHECK(pthread_barrier_init(&one.asked, NULL, 2) == 0);
    CHECK(pthread_barrier_init(&one.unloaded, NULL, 2) == 0);
    CHECK(pthread_create(&one.thread, NULL, use_and_end_later, &one) == 0);
    pthread_barrier_wait(&one.asked);
    CHECK(library.destroy(runtime) == SPAWNED_OK);
    CHECK(dlclose(library.handle) == 0);
    pthread_barrier_wait(&one.unloaded);
    CHECK(pthread_join(one.thread, NULL) == 0);
}

static void a_runtime_goes_on_when_the_library_is_closed(void) {
    load();
    spawned_runtime *runtime = NULL;
    const spawned_pid pid = begin(&runtime);
    CHECK(dlclose(library.handle) == 0);
    ask(pid);
    load();
    ask(pid);
    CHECK(library.destroy(runtime) == SPAWNED_OK);
    CHECK(dlclose(library.handle) == 0);
}

/* Last: the process ends with it. */
static void the_process_ends_with_a_live_runtime_of_a_closed_library(void) {
    load();
    spawned_runtime *runtime = NULL;
    ask(begin(&runtime));
    CHECK(dlclose(library.handle) == 0);
}

int main(int argc, char **argv) {
    if (argc != 2) return 2;
    path = argv[1];
    alarm(LIMIT);
    used_between_loading_and_closing();
    a_thread_ends_after_the_library_was_closed();
    a_runtime_goes_on_when_the_library_is_closed();
    the_process_ends_with_a_live_runtime_of_a_closed_library();
    puts("ok");
    return 0;
}
