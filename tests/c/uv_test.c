/* libuv from C: functions on the runtime's loop, and a runtime on a loop of the program.
 * modes: pool host */
#include <uv.h>

#include <spawned/uv.h>

#include "support/contract.h"

/* ---- the runtime's own loop ---- */

struct call {
    _Atomic int32_t done;
    uv_loop_t *loop;
    uv_timer_t timer;
    int ticks;
    spawned_pid to;
    harness *h;
};

static bool is_done(void *argument) { return atomic_load(&((struct call *)argument)->done) != 0; }

static void note_loop(struct uv_loop_s *loop, void *user_data) {
    struct call *call = user_data;
    call->loop = loop;
    atomic_store(&call->done, 1);
}

static void a_submitted_function_runs_on_the_runtimes_loop(void **state) {
    harness *h = *state;
    struct call call = {0};
    assert_ok(SPAWNED_UV_CHECK());
    uv_loop_t *loop = NULL;
    assert_ok(spawned_uv_submit(harness_runtime(h), note_loop, &call));
    assert_true(harness_wait_until(h, is_done, &call));
    assert_ok(spawned_uv_loop(harness_runtime(h), &loop));
    assert_ptr_equal(call.loop, loop);
}

static void on_closed(uv_handle_t *handle) {
    atomic_store(&((struct call *)handle->data)->done, 1);
}

static void on_tick(uv_timer_t *timer) {
    struct call *call = timer->data;
    harness_send_number(call->to, (uint64_t)++call->ticks);
    if (call->ticks == 5) uv_close((uv_handle_t *)timer, on_closed);
}

static void start_timer(struct uv_loop_s *loop, void *user_data) {
    struct call *call = user_data;
    uv_timer_init(loop, &call->timer);
    call->timer.data = call;
    uv_timer_start(&call->timer, on_tick, 1, 1);
}

static void a_handle_of_libuv_sends_to_actors(void **state) {
    harness *h = *state;
    harness_probe *probe = harness_probe_new(h);
    struct call call = {.to = harness_probe_start(h, probe, NULL)};
    assert_ok(spawned_uv_submit(harness_runtime(h), start_timer, &call));
    assert_true(harness_probe_wait(probe, HARNESS_MESSAGE, 5));
    assert_true(harness_wait_until(h, is_done, &call));
    assert_story(probe, "i s 1 2 3 4 5");
}

static void start_endless_timer(struct uv_loop_s *loop, void *user_data) {
    struct call *call = user_data;
    uv_timer_init(loop, &call->timer);
    uv_timer_start(&call->timer, on_tick, 1000000, 0);
    atomic_store(&call->done, 1);
}

static void a_handle_left_open_is_closed_by_the_shutdown_and_named(void **state) {
    harness *h = *state;
    static struct call call;
    call.done = 0;
    assert_ok(spawned_uv_submit(harness_runtime(h), start_endless_timer, &call));
    assert_true(harness_wait_until(h, is_done, &call));
    assert_ok(spawned_runtime_shutdown(harness_runtime(h), HARNESS_LONG));
    assert_int_equal(harness_log_count(h, SPAWNED_LOG_WARNING, "timer"), 1);
    assert_true(uv_is_closing((uv_handle_t *)&call.timer));
    assert_status(spawned_uv_submit(harness_runtime(h), note_loop, &call), SPAWNED_ESTOPPED);
}

static void shut_down(struct uv_loop_s *loop, void *user_data) {
    struct call *call = user_data;
    (void)loop;
    call->ticks = spawned_runtime_shutdown(harness_runtime(call->h), HARNESS_LONG);
    atomic_store(&call->done, 1);
}

static void a_function_on_the_loop_begins_a_shutdown_and_is_told_so(void **state) {
    harness *h = *state;
    struct call call = {.h = h};
    assert_ok(spawned_uv_submit(harness_runtime(h), shut_down, &call));
    assert_true(harness_wait_until(h, is_done, &call));
    assert_status(call.ticks, SPAWNED_EDEADLK);
    assert_ok(spawned_runtime_shutdown(harness_runtime(h), HARNESS_LONG));
}

static void bad_arguments_and_other_versions_are_refused(void **state) {
    harness *h = *state;
    uv_loop_t *loop = NULL;
    assert_status(spawned_uv_check(UV_VERSION_HEX + 0x010000, sizeof *loop), SPAWNED_EVERSION);
    assert_status(spawned_uv_check(uv_version() + 0x000100, sizeof *loop), SPAWNED_EVERSION);
    assert_status(spawned_uv_check(UV_VERSION_HEX, sizeof *loop + 8), SPAWNED_EVERSION);
    assert_status(spawned_uv_submit(NULL, note_loop, NULL), SPAWNED_EINVAL);
    assert_status(spawned_uv_submit(harness_runtime(h), NULL, NULL), SPAWNED_EINVAL);
    assert_status(spawned_uv_loop(NULL, &loop), SPAWNED_EINVAL);
    assert_status(spawned_uv_loop(harness_runtime(h), NULL), SPAWNED_EINVAL);
    spawned_host *host = NULL;
    assert_status(spawned_uv_host_create(harness_runtime(h), NULL, NULL, &host), SPAWNED_EINVAL);
    assert_status(spawned_uv_host_keep(NULL, 1), SPAWNED_EINVAL);
    if (harness_host(h) != NULL)
        assert_status(spawned_uv_host_keep(harness_host(h), 1), SPAWNED_EUNSUPPORTED);
}

static void a_deterministic_runtime_has_no_loop(void **state) {
    (void)state;
    spawned_runtime_options options = SPAWNED_RUNTIME_OPTIONS_INIT;
    options.flags = SPAWNED_RUNTIME_DETERMINISTIC;
    spawned_runtime *runtime = NULL;
    uv_loop_t *loop = NULL;
    assert_ok(spawned_runtime_create(&options, &runtime));
    assert_status(spawned_uv_submit(runtime, note_loop, NULL), SPAWNED_EUNSUPPORTED);
    assert_status(spawned_uv_loop(runtime, &loop), SPAWNED_EUNSUPPORTED);
    assert_ok(spawned_runtime_destroy(runtime));
}

/* ---- a loop of the program ---- */

/* A runtime of the mode's kind on a loop of the test's own, under the fixture's watch. */
struct program {
    harness *h;
    uv_loop_t loop;
    spawned_runtime *runtime;
    spawned_host *host;
    harness_probe *probe;
    spawned_pid pid;
    spawned_status status;
};

static void begin_program(struct program *p, harness *h) {
    memset(p, 0, sizeof *p);
    p->h = h;
    assert_int_equal(uv_loop_init(&p->loop), 0);
    spawned_runtime_options options;
    harness_runtime_options(h, &options);
    assert_ok(spawned_runtime_create(&options, &p->runtime));
    assert_ok(spawned_uv_host_create(p->runtime, &p->loop, NULL, &p->host));
    p->probe = harness_probe_new(h);
    spawned_actor_options start = SPAWNED_ACTOR_OPTIONS_INIT;
    start.backend = SPAWNED_BACKEND_HOST;
    start.argument = p->probe;
    assert_ok(spawned_actor_start(p->runtime, &harness_probe_behavior, &start, &p->pid));
}

static void end_program(struct program *p) {
    assert_ok(spawned_runtime_destroy(p->runtime));
    assert_int_equal(uv_run(&p->loop, UV_RUN_DEFAULT), 0);
    assert_int_equal(uv_loop_close(&p->loop), 0);
}

static void waiting_work_keeps_the_loop_going_and_nothing_else_does(void **state) {
    struct program p;
    begin_program(&p, *state);
    for (uint64_t i = 1; i <= 3; i++) assert_ok(harness_send_number(p.pid, i));
    assert_story(p.probe, "i");
    assert_int_equal(uv_run(&p.loop, UV_RUN_DEFAULT), 0);
    assert_story(p.probe, "i s 1 2 3");
    assert_int_equal(uv_run(&p.loop, UV_RUN_DEFAULT), 0);
    end_program(&p);
    assert_story(p.probe, "i s 1 2 3 x d");
}

static void *send_from_elsewhere(void *argument) {
    struct program *p = argument;
    for (uint64_t i = 1; i <= 100; i++) p->status |= harness_send_number(p->pid, i);
    return NULL;
}

static spawned_status quit_at_100(spawned_context *context, harness_probe *probe, uint64_t number) {
    struct program *p = probe->data;
    (void)context;
    return number == 100 ? spawned_uv_host_keep(p->host, 0) : SPAWNED_OK;
}

static void foreign_sends_wake_a_loop_that_is_kept(void **state) {
    struct program p;
    begin_program(&p, *state);
    p.probe->data = &p;
    p.probe->on_number = quit_at_100;
    assert_ok(spawned_uv_host_keep(p.host, 1));
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, send_from_elsewhere, &p), 0);
    assert_int_equal(uv_run(&p.loop, UV_RUN_DEFAULT), 0);
    pthread_join(thread, NULL);
    assert_ok(p.status);
    assert_int_equal(harness_probe_count(p.probe, HARNESS_MESSAGE), 100);
    end_program(&p);
}

static void timers_of_actors_fire_in_the_programs_loop(void **state) {
    struct program p;
    begin_program(&p, *state);
    p.probe->data = &p;
    p.probe->on_number = quit_at_100;
    spawned_message *message = NULL;
    const uint64_t last = 100;
    spawned_time before = 0, after = 0;
    assert_ok(spawned_message_create(p.pid, &harness_number_type, &last, &message));
    assert_ok(spawned_runtime_now(p.runtime, &before));
    assert_ok(spawned_send_after(3 * SPAWNED_MILLISECOND, message, NULL));
    assert_ok(spawned_uv_host_keep(p.host, 1));
    assert_int_equal(uv_run(&p.loop, UV_RUN_DEFAULT), 0);
    assert_ok(spawned_runtime_now(p.runtime, &after));
    assert_true(after >= before + 3 * SPAWNED_MILLISECOND);
    assert_story(p.probe, "i s 100");
    end_program(&p);
}

static void on_once(uv_timer_t *timer) {
    struct program *p = timer->data;
    uint64_t number = 1;
    p->status = spawned_request(p->pid, &harness_ask_type, &number, HARNESS_LONG, &number);
    if (number != 2) p->status = SPAWNED_EFAILED;
    uv_close((uv_handle_t *)timer, NULL);
}

static void a_callback_of_the_program_may_ask_and_wait(void **state) {
    struct program p;
    begin_program(&p, *state);
    uv_timer_t timer;
    uv_timer_init(&p.loop, &timer);
    timer.data = &p;
    p.status = SPAWNED_EAGAIN;
    uv_timer_start(&timer, on_once, 1, 0);
    assert_int_equal(uv_run(&p.loop, UV_RUN_DEFAULT), 0);
    assert_ok(p.status);
    end_program(&p);
}

static void end_in_callback(uv_timer_t *timer) {
    struct program *p = timer->data;
    if (harness_probe_count(p->probe, HARNESS_MESSAGE) == 0) return;
    uv_close((uv_handle_t *)timer, NULL);
    p->status = spawned_runtime_destroy(p->runtime);
}

static void a_callback_of_the_program_may_end_the_runtime(void **state) {
    struct program p;
    begin_program(&p, *state);
    uv_timer_t timer;
    uv_timer_init(&p.loop, &timer);
    timer.data = &p;
    p.status = SPAWNED_EAGAIN;
    uv_timer_start(&timer, end_in_callback, 1, 1);
    assert_ok(harness_send_number(p.pid, 1));
    assert_int_equal(uv_run(&p.loop, UV_RUN_DEFAULT), 0);
    assert_ok(p.status);
    assert_story(p.probe, "i s 1 x d");
    assert_int_equal(uv_loop_close(&p.loop), 0);
}

static void the_loop_of_a_hosted_runtime_is_the_programs(void **state) {
    struct program p;
    if (harness_mode_of(*state) != HARNESS_HOST) skip();
    begin_program(&p, *state);
    struct call call = {0};
    uv_loop_t *loop = NULL;
    assert_ok(spawned_uv_loop(p.runtime, &loop));
    assert_ptr_equal(loop, &p.loop);
    assert_ok(spawned_uv_submit(p.runtime, note_loop, &call));
    assert_int_equal(call.done, 0);
    assert_int_equal(uv_run(&p.loop, UV_RUN_DEFAULT), 0);
    assert_int_equal(call.done, 1);
    assert_ptr_equal(call.loop, &p.loop);
    end_program(&p);
}

static void the_loop_of_a_host_may_be_closed_only_after_the_runtime(void **state) {
    struct program p;
    begin_program(&p, *state);
    spawned_duration next;
    assert_int_equal(uv_loop_close(&p.loop), UV_EBUSY);
    assert_status(spawned_host_run(p.host, 0, 0, 0, NULL), SPAWNED_EUNSUPPORTED);
    assert_ok(spawned_host_next(p.host, &next));
    assert_true(next == 0); /* it has not started yet */
    end_program(&p);
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        HARNESS_TEST(a_submitted_function_runs_on_the_runtimes_loop),
        HARNESS_TEST(a_handle_of_libuv_sends_to_actors),
        HARNESS_TEST(a_handle_left_open_is_closed_by_the_shutdown_and_named),
        HARNESS_TEST(a_function_on_the_loop_begins_a_shutdown_and_is_told_so),
        HARNESS_TEST(bad_arguments_and_other_versions_are_refused),
        HARNESS_TEST(a_deterministic_runtime_has_no_loop),
        HARNESS_TEST(waiting_work_keeps_the_loop_going_and_nothing_else_does),
        HARNESS_TEST(foreign_sends_wake_a_loop_that_is_kept),
        HARNESS_TEST(timers_of_actors_fire_in_the_programs_loop),
        HARNESS_TEST(a_callback_of_the_program_may_ask_and_wait),
        HARNESS_TEST(a_callback_of_the_program_may_end_the_runtime),
        HARNESS_TEST(the_loop_of_a_hosted_runtime_is_the_programs),
        HARNESS_TEST(the_loop_of_a_host_may_be_closed_only_after_the_runtime),
    };
    return harness_main(argc, argv, tests, sizeof tests / sizeof *tests);
}
