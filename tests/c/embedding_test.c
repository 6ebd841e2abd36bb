/* What the library leaves alone: the signal masks of the program's threads, its handlers, its environment,
 * its working directory, its standard descriptors. The descriptors and threads are counted in every test. */
#include "support/contract.h"
#include "support/script.h"

#include <signal.h>
#include <unistd.h>

#if defined(__GLIBC__) && (__GLIBC__ > 2 || __GLIBC_MINOR__ >= 33)
#include <malloc.h>
#define HEAP_IN_USE() mallinfo2().uordblks
#else
#define HEAP_IN_USE() ((size_t)0)
#endif

extern char **environ;

static const int faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP};
static const int asynchronous[] = {SIGINT,  SIGTERM, SIGHUP,  SIGQUIT, SIGUSR1, SIGUSR2,
                                   SIGCHLD, SIGALRM, SIGPIPE, SIGPROF, SIGWINCH};

/* argument: sigset_t *, filled. */
static spawned_status see_mask(spawned_context *context, void *state, void *argument) {
    (void)context, (void)state;
    return pthread_sigmask(SIG_BLOCK, NULL, argument) == 0 ? SPAWNED_OK : SPAWNED_ESYSTEM;
}

static spawned_status work_that_sees_mask(void *user_data, void *value) {
    (void)value;
    return see_mask(NULL, NULL, user_data);
}

static bool takes_no_signals(const sigset_t *mask) {
    for (size_t i = 0; i < sizeof asynchronous / sizeof *asynchronous; i++)
        if (sigismember(mask, asynchronous[i]) != 1) return false;
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
        if (sigismember(mask, faults[i]) != 0) return false;
    return true;
}

static bool are_equal(const sigset_t *left, const sigset_t *right) {
    for (int number = 1; number < 65; number++)
        if (sigismember(left, number) != sigismember(right, number)) return false;
    return true;
}

/* SH11 */
static void handlers_on_threads_of_the_library_take_no_signals(void **state) {
    harness *h = *state;
    if (harness_mode_of(h) == HARNESS_HOST) skip();
    sigset_t mask;
    static spawned_response *done;
    for (int i = 0; i < 5; i++) {
        sigemptyset(&mask);
        assert_ok(script_run(script_start(h), see_mask, &mask));
        assert_true(takes_no_signals(&mask));
    }
    sigemptyset(&mask);
    assert_ok(spawned_work_start(harness_runtime(h), NULL, work_that_sees_mask, &mask, NULL, 0,
                                 SPAWNED_DEFAULT, &done));
    assert_ok(script_finish(done));
    assert_true(takes_no_signals(&mask));
}

/* SH11 */
static void handlers_on_the_programs_own_thread_keep_its_mask(void **state) {
    harness *h = *state;
    if (harness_mode_of(h) != HARNESS_HOST) skip();
    sigset_t before, blocked, inside, after;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR2);
    pthread_sigmask(SIG_BLOCK, &blocked, &before);
    assert_ok(script_run(script_start(h), see_mask, &inside));
    pthread_sigmask(SIG_SETMASK, &before, &after);
    assert_true(are_equal(&inside, &after));
    assert_int_equal(sigismember(&inside, SIGUSR2), 1);
    assert_int_equal(sigismember(&inside, SIGTERM), 0);
}

/* What a program would notice of a guest that does not behave. */
typedef struct premises {
    struct sigaction actions[65];
    sigset_t mask;
    char directory[512];
    size_t variables;
    char **variables_at;
    char *first_variable;
} premises;

static void look_around(premises *now) {
    memset(now, 0, sizeof *now);
    for (int number = 1; number < 65; number++)
        (void)sigaction(number, NULL, &now->actions[number]);
    pthread_sigmask(SIG_BLOCK, NULL, &now->mask);
    if (getcwd(now->directory, sizeof now->directory) == NULL) now->directory[0] = '\0';
    now->variables_at = environ;
    while (environ[now->variables] != NULL) now->variables++;
    now->first_variable = environ[0];
}

/* SH13 SH11 */
static void program_keeps_its_handlers_its_mask_and_its_environment(void **state) {
    harness *h = *state;
    static premises before, during, after;
    look_around(&before);
    spawned_runtime *other = harness_runtime_begin(h, NULL);
    assert_non_null(other);
    const spawned_pid pid = script_start(h);
    spawned_response *nap = NULL;
    assert_ok(script_run(pid, script_nothing, NULL));
    assert_ok(spawned_sleep(harness_runtime(h), SPAWNED_MILLISECOND, &nap));
    assert_ok(script_finish(nap));
    look_around(&during);
    assert_int_equal(harness_runtime_end(h, other), 0);
    assert_int_equal(harness_end_runtime(h), 0);
    look_around(&after);
    const premises *seen[] = {&during, &after};
    for (size_t i = 0; i < 2; i++) {
        for (int number = 1; number < 65; number++) {
            assert_true(seen[i]->actions[number].sa_handler == before.actions[number].sa_handler);
            assert_true(seen[i]->actions[number].sa_flags == before.actions[number].sa_flags);
        }
        assert_true(are_equal(&seen[i]->mask, &before.mask));
        assert_string_equal(seen[i]->directory, before.directory);
        assert_int_equal(seen[i]->variables, before.variables);
        assert_ptr_equal(seen[i]->variables_at, before.variables_at);
        assert_ptr_equal(seen[i]->first_variable, before.first_variable);
    }
}

/* An allocator whose memory is none of the C library's. */
static _Alignas(64) unsigned char arena[16 * 1024 * 1024];
static _Atomic size_t arena_used;
static _Atomic int64_t arena_blocks;

static void *take_from_arena(size_t bytes, size_t alignment, void *user_data) {
    (void)user_data;
    const size_t from = atomic_fetch_add(&arena_used, bytes + alignment);
    if (from + bytes + alignment > sizeof arena) return NULL;
    atomic_fetch_add(&arena_blocks, 1);
    const uintptr_t at = (uintptr_t)&arena[from];
    return (void *)((at + alignment - 1) & ~(uintptr_t)(alignment - 1));
}

static void give_to_arena(void *memory, size_t bytes, size_t alignment, void *user_data) {
    (void)memory, (void)bytes, (void)alignment, (void)user_data;
    atomic_fetch_sub(&arena_blocks, 1);
}

/* AB07 */
static void all_memory_of_a_runtime_comes_from_its_allocator(void **state) {
    harness *h = *state;
    REQUIRE_DETERMINISTIC(h); /* threads and libuv's loop have memory of their own */
    static const spawned_allocator allocator = {sizeof allocator, take_from_arena, give_to_arena,
                                                NULL, NULL};
    spawned_runtime_options options;
    harness_runtime_options(h, &options);
    options.allocator = &allocator;
    options.log = NULL;
    spawned_runtime *runtime = NULL;
    enum { ACTORS = 500 };
    static spawned_pid pids[ACTORS];
    const size_t before = HEAP_IN_USE();
    assert_ok(spawned_runtime_create(&options, &runtime));
    for (size_t i = 0; i < ACTORS; i++) {
        char name[16];
        spawned_message *message = NULL;
        const script_act act = {script_nothing, NULL};
        assert_ok(spawned_actor_start(runtime, &script_behavior, NULL, &pids[i]));
        assert_ok(spawned_registry_register(name, (size_t)snprintf(name, sizeof name, "%zu", i),
                                            pids[i]));
        assert_ok(script_tell(pids[i], script_nothing, NULL));
        assert_ok(spawned_message_create(pids[i], &script_tell_type, &act, &message));
        assert_ok(spawned_send_after(SPAWNED_SECOND, message, NULL));
        spawned_response_release(script_request(pids[i], script_nothing, NULL, SPAWNED_DEFAULT));
    }
    assert_ok(spawned_deterministic_advance(runtime, SPAWNED_SECOND));
    const size_t during = HEAP_IN_USE();
    assert_ok(spawned_runtime_destroy(runtime));
    assert_true(during <= before + 4096); /* a few hundred bytes for this thread */
    assert_true(arena_used > ACTORS * sizeof(spawned_pid));
    assert_int_equal(arena_blocks, 0);
}

int main(int argc, char **argv) {
    static const struct CMUnitTest tests[] = {
        HARNESS_TEST(handlers_on_threads_of_the_library_take_no_signals),
        HARNESS_TEST(handlers_on_the_programs_own_thread_keep_its_mask),
        HARNESS_TEST(all_memory_of_a_runtime_comes_from_its_allocator),
        HARNESS_TEST(program_keeps_its_handlers_its_mask_and_its_environment),
    };
    return harness_main(argc, argv, tests, sizeof tests / sizeof *tests);
}
