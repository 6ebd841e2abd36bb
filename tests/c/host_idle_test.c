/* A host with nothing to do sleeps: on its descriptor, and in the poll of its loop. It takes the real ten
 * seconds, on both at once.
 * modes: none
 * timeout: 60 */
#define _GNU_SOURCE /* RUSAGE_THREAD */
#include <uv.h>

#include <spawned/uv.h>

#include "support/contract.h"

#include <poll.h>
#include <sys/resource.h>

enum { SECONDS = 10, MOST_SLEEPS = 3 };

typedef struct idle_host {
    pthread_t thread;
    spawned_runtime *runtime;
    spawned_host *host;
    spawned_status status; /* the first that is not OK */
    long sleeps;           /* how often the thread gave up the processor */
} idle_host;

static void note(idle_host *self, spawned_status status) {
    if (self->status == SPAWNED_OK) self->status = status;
}

static long sleeps_so_far(void) {
    struct rusage usage;
    return getrusage(RUSAGE_THREAD, &usage) == 0 ? usage.ru_nvcsw : -1;
}

static spawned_status on_number(spawned_context *context, void *state, void *value) {
    (void)context, (void)state, (void)value;
    return SPAWNED_OK;
}

static const spawned_message_type number_type = SPAWNED_MESSAGE_TYPE("idle.number", int);
static const spawned_handler handlers[] = {{&number_type, on_number}};
static const spawned_behavior sleeper = {SPAWNED_BEHAVIOR_INIT("sleeper"), .handlers = handlers,
                                         .handler_count = 1};

static void make_runtime(idle_host *self) {
    spawned_runtime_options options = SPAWNED_RUNTIME_OPTIONS_INIT;
    options.flags = SPAWNED_RUNTIME_HOSTED;
    note(self, spawned_runtime_create(&options, &self->runtime));
}

/* Two actors that have nothing to do any more. */
static void start_actors(idle_host *self) {
    const int number = 1;
    for (int i = 0; i < 2; i++) {
        spawned_pid pid = 0;
        note(self, spawned_actor_start(self->runtime, &sleeper, NULL, &pid));
        note(self, spawned_send(pid, &number_type, &number));
    }
}

static void *idle_on_descriptor(void *argument) {
    idle_host *self = argument;
    spawned_duration next = 0;
    struct pollfd descriptor = {.events = POLLIN};
    make_runtime(self);
    note(self, spawned_host_create(self->runtime, NULL, &self->host));
    start_actors(self);
    note(self, spawned_host_descriptor(self->host, &descriptor.fd));
    note(self, spawned_host_run(self->host, 0, SPAWNED_FOREVER, SPAWNED_NO_WAIT, &next));
    if (next != SPAWNED_FOREVER) note(self, SPAWNED_EFAILED);
    const long before = sleeps_so_far();
    if (poll(&descriptor, 1, SECONDS * 1000) != 0) note(self, SPAWNED_EFAILED);
    self->sleeps = sleeps_so_far() - before;
    note(self, spawned_runtime_destroy(self->runtime));
    return NULL;
}

static void end_idleness(uv_timer_t *timer) {
    idle_host *self = timer->data;
    uv_close((uv_handle_t *)timer, NULL);
    note(self, spawned_uv_host_keep(self->host, 0));
}

static void *idle_on_loop(void *argument) {
    idle_host *self = argument;
    uv_loop_t loop;
    uv_timer_t timer;
    make_runtime(self);
    if (uv_loop_init(&loop) != 0) return NULL;
    note(self, spawned_uv_host_create(self->runtime, &loop, NULL, &self->host));
    note(self, spawned_uv_host_keep(self->host, 1));
    start_actors(self);
    timer.data = self;
    uv_timer_init(&loop, &timer);
    uv_timer_start(&timer, end_idleness, SECONDS * 1000, 0);
    const long before = sleeps_so_far();
    uv_run(&loop, UV_RUN_DEFAULT);
    self->sleeps = sleeps_so_far() - before;
    note(self, spawned_runtime_destroy(self->runtime));
    uv_run(&loop, UV_RUN_DEFAULT);
    if (uv_loop_close(&loop) != 0) note(self, SPAWNED_EFAILED);
    return NULL;
}

static void an_idle_host_is_not_woken_in_ten_seconds(void **state) {
    (void)state;
    void *(*const bodies[])(void *) = {idle_on_descriptor, idle_on_loop};
    idle_host hosts[2] = {{.sleeps = -1}, {.sleeps = -1}};
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&hosts[i].thread, NULL, bodies[i], &hosts[i]), 0);
    for (int i = 0; i < 2; i++) pthread_join(hosts[i].thread, NULL);
    for (int i = 0; i < 2; i++) {
        assert_ok(hosts[i].status);
        assert_in_range(hosts[i].sleeps, 1, MOST_SLEEPS); /* one, if no page had to be fetched */
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_idle_host_is_not_woken_in_ten_seconds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
