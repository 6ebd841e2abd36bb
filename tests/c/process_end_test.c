/* The end of a process that has live runtimes, in every way a process can end, is never held up.
 * modes: none
 * timeout: 180 */
#include "support/contract.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

/* What a runtime has not yet joined or freed is no fault of a process that ends without asking. */
#if defined(__SANITIZE_THREAD__)
const char *__tsan_default_options(void);
const char *__tsan_default_options(void) { return "report_thread_leaks=0:die_after_fork=0"; }
#elif defined(__SANITIZE_ADDRESS__)
const char *__lsan_default_options(void);
const char *__lsan_default_options(void) { return "detect_leaks=0"; }
#endif

#if defined(__SANITIZE_THREAD__)
enum { ROUNDS = 2 };
#else
enum { ROUNDS = 5 };
#endif
enum { CHILD_LIMIT = 60, EXPECTED = 33, RUNTIMES = 3 };

static spawned_runtime *runtimes[RUNTIMES];
static spawned_pid idle;

/* What a handler is to do; the value of a message. */
typedef void (*deed)(void);

static const spawned_message_type do_type = SPAWNED_MESSAGE_TYPE("process_end.do", deed);
static const spawned_message_type spin_type = SPAWNED_MESSAGE_TYPE("process_end.spin", spawned_pid);

static spawned_status on_do(spawned_context *context, void *state, void *value) {
    (void)context, (void)state;
    (*(deed *)value)();
    return SPAWNED_OK;
}

/* For ever from one to the other. */
static spawned_status on_spin(spawned_context *context, void *state, void *value) {
    (void)state;
    const spawned_pid next = spawned_context_self(context);
    return spawned_send(*(spawned_pid *)value, &spin_type, &next);
}

static const spawned_handler handlers[] = {{&do_type, on_do}, {&spin_type, on_spin}};
static const spawned_behavior busy = {SPAWNED_BEHAVIOR_INIT("busy"), .handlers = handlers,
                                      .handler_count = 2};

static void must(spawned_status status) {
    if (status == SPAWNED_OK) return;
    fprintf(stderr, "in the child: %s\n", spawned_status_name(status));
    _exit(99);
}

static spawned_pid start_on(spawned_runtime *runtime, spawned_backend where) {
    spawned_actor_options options = SPAWNED_ACTOR_OPTIONS_INIT;
    options.backend = where;
    spawned_pid pid = 0;
    must(spawned_actor_start(runtime, &busy, &options, &pid));
    return pid;
}

static void sleep_for_ever(void) { pause(); }
static void do_nothing(void) {}

/* Runtimes whose actors of every backend run, block and wait. Returns an idle one on a backend. */
static spawned_pid live(spawned_backend where) {
    for (int i = 0; i < RUNTIMES; i++) {
        spawned_runtime_options options = SPAWNED_RUNTIME_OPTIONS_INIT;
        options.workers = 2;
        must(spawned_runtime_create(&options, &runtimes[i]));
        for (spawned_backend on = SPAWNED_BACKEND_POOL; on <= SPAWNED_BACKEND_THREAD; on++) {
            const spawned_pid one = start_on(runtimes[i], on), other = start_on(runtimes[i], on);
            must(spawned_send(one, &spin_type, &other));
            const deed sleep = sleep_for_ever;
            if (on != SPAWNED_BACKEND_POOL)
                must(spawned_send(start_on(runtimes[i], on), &do_type, &sleep));
        }
        spawned_message *tick = NULL;
        const deed nothing = do_nothing;
        must(spawned_message_create(start_on(runtimes[i], SPAWNED_BACKEND_POOL), &do_type, &nothing,
                                    &tick));
        must(spawned_send_interval(SPAWNED_MILLISECOND, tick, NULL));
    }
    return start_on(runtimes[0], where);
}

static void end_by_exit(void) { exit(EXPECTED); }
static void end_by_quick_exit(void) { quick_exit(EXPECTED); }
static void end_by_underscore_exit(void) { _exit(EXPECTED); }
static void end_by_exec(void) {
    execl("/bin/sh", "sh", "-c", "exit 33", (char *)NULL);
    _exit(98);
}

static const deed ends[] = {end_by_exit, end_by_quick_exit, end_by_underscore_exit, end_by_exec};

static void expect_child_to_end(void (*body)(deed end, spawned_backend where), deed end,
                                spawned_backend where) {
    fflush(NULL);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        alarm(CHILD_LIMIT);
        body(end, where);
        _exit(97);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), EXPECTED);
}

static void for_every_end(void (*body)(deed end, spawned_backend where), spawned_backend where) {
    for (int round = 0; round < ROUNDS; round++)
        for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
            expect_child_to_end(body, ends[i], where);
}

static void end_outside(deed end, spawned_backend where) {
    (void)live(where);
    end();
}

static void end_inside(deed end, spawned_backend where) {
    const spawned_pid pid = live(where);
    must(spawned_send(pid, &do_type, &end));
    for (;;) pause();
}

static void *end_on_thread(void *end) {
    must(spawned_actor_stop(start_on(runtimes[1], SPAWNED_BACKEND_POOL)));
    (*(deed *)end)();
    return NULL;
}

static void end_elsewhere(deed end, spawned_backend where) {
    (void)live(where);
    pthread_t thread;
    if (pthread_create(&thread, NULL, end_on_thread, &end) != 0) _exit(96);
    for (;;) pause();
}

/* SH10 SH14 */
static void the_main_thread_ends_a_process_with_live_runtimes(void **state) {
    (void)state;
    for_every_end(end_outside, SPAWNED_BACKEND_POOL);
}

static void a_thread_that_used_the_library_ends_the_process(void **state) {
    (void)state;
    for_every_end(end_elsewhere, SPAWNED_BACKEND_POOL);
}

static void a_handler_of_any_backend_ends_the_process(void **state) {
    (void)state;
    for_every_end(end_inside, SPAWNED_BACKEND_POOL);
    for_every_end(end_inside, SPAWNED_BACKEND_BLOCKING);
    for_every_end(end_inside, SPAWNED_BACKEND_THREAD);
}

static spawned_runtime *quiet;

static void destroy_at_exit(void) { must(spawned_runtime_destroy(quiet)); }

static void end_with_exit_handler(deed end, spawned_backend where) {
    must(spawned_runtime_create(NULL, &quiet));
    const spawned_pid one = start_on(quiet, where), other = start_on(quiet, where);
    must(spawned_send(one, &spin_type, &other));
    if (atexit(destroy_at_exit) != 0) _exit(95);
    end();
}

static void an_exit_handler_destroys_a_runtime_that_is_at_work(void **state) {
    (void)state;
    for (spawned_backend on = SPAWNED_BACKEND_POOL; on <= SPAWNED_BACKEND_THREAD; on++)
        for (int round = 0; round < ROUNDS; round++)
            expect_child_to_end(end_with_exit_handler, end_by_exit, on);
}

static void use_a_forked_child(deed end, spawned_backend where) {
    (void)live(where);
    const pid_t grandchild = fork();
    if (grandchild == 0) {
        alarm(CHILD_LIMIT);
        end();
    }
    int status = 0;
    if (grandchild < 0 || waitpid(grandchild, &status, 0) != grandchild || !WIFEXITED(status))
        _exit(94);
    _exit(WEXITSTATUS(status));
}

static void a_forked_child_ends_like_any_process(void **state) {
    (void)state;
    for_every_end(use_a_forked_child, SPAWNED_BACKEND_POOL);
}

static void leave_no_descriptor_behind(deed end, spawned_backend where) {
    bool open_before[256];
    for (int fd = 0; fd < 256; fd++) open_before[fd] = fcntl(fd, F_GETFD) >= 0;
    (void)live(where);
    for (int fd = 0; fd < 256; fd++) {
        const int flags = fcntl(fd, F_GETFD);
        if (flags >= 0 && !open_before[fd] && (flags & FD_CLOEXEC) == 0) _exit(93);
    }
    end();
}

static void no_descriptor_of_the_library_survives_exec(void **state) {
    (void)state;
    expect_child_to_end(leave_no_descriptor_behind, end_by_exec, SPAWNED_BACKEND_POOL);
}

static void wait_for_the_idle_one(void) { (void)spawned_actor_join(idle, SPAWNED_FOREVER); }

static uint64_t seed(void) {
    const char *text = getenv("SPAWNED_TEST_SEED");
    return text == NULL || *text == '\0' ? 1 : strtoull(text, NULL, 0);
}

/* A run in deterministic mode, stopped after some turns: on every backend there are actors that run, and one
 * whose handler waits. Returns an idle one. */
static spawned_pid simulate(spawned_backend where) {
    spawned_runtime_options options = SPAWNED_RUNTIME_OPTIONS_INIT;
    options.flags = SPAWNED_RUNTIME_DETERMINISTIC;
    options.seed = seed();
    must(spawned_runtime_create(&options, &runtimes[0]));
    idle = start_on(runtimes[0], where);
    for (spawned_backend on = SPAWNED_BACKEND_POOL; on <= SPAWNED_BACKEND_THREAD; on++) {
        const spawned_pid one = start_on(runtimes[0], on), other = start_on(runtimes[0], on);
        must(spawned_send(one, &spin_type, &other));
        const deed wait = wait_for_the_idle_one;
        must(spawned_send(start_on(runtimes[0], on), &do_type, &wait));
    }
    uint64_t turns = 0;
    must(spawned_deterministic_choose(runtimes[0], 100, &turns));
    if (spawned_deterministic_run(runtimes[0], turns + 1, NULL) != SPAWNED_EAGAIN) _exit(92);
    return idle;
}

static void end_between_turns(deed end, spawned_backend where) {
    (void)simulate(where);
    end();
}

static void end_within_a_turn(deed end, spawned_backend where) {
    must(spawned_send(simulate(where), &do_type, &end));
    (void)spawned_deterministic_run(runtimes[0], 0, NULL);
}

/* SH14 */
static void a_simulated_run_ends_with_its_process_at_any_turn(void **state) {
    (void)state;
    for (spawned_backend on = SPAWNED_BACKEND_POOL; on <= SPAWNED_BACKEND_THREAD; on++) {
        for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
            expect_child_to_end(end_between_turns, ends[i], on);
            expect_child_to_end(end_within_a_turn, ends[i], on);
        }
    }
}

int main(int argc, char **argv) {
    if (argc > 2) cmocka_set_test_filter(argv[2]);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_main_thread_ends_a_process_with_live_runtimes),
        cmocka_unit_test(a_thread_that_used_the_library_ends_the_process),
        cmocka_unit_test(a_handler_of_any_backend_ends_the_process),
        cmocka_unit_test(an_exit_handler_destroys_a_runtime_that_is_at_work),
        cmocka_unit_test(a_forked_child_ends_like_any_process),
        cmocka_unit_test(no_descriptor_of_the_library_survives_exec),
        cmocka_unit_test(a_simulated_run_ends_with_its_process_at_any_turn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
