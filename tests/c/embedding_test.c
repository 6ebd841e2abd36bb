/* What the library leaves alone: the signal masks of the program's threads, its handlers, its environment,
 * its working directory, its standard descriptors. The descriptors and threads are counted in every test. */
#include "support/contract.h"
#include "support/script.h"

#include <signal.h>
#include <unistd.h>

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
    REQUIRE_THREADS(h);
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

int main(int argc, char **argv) {
    static const struct CMUnitTest tests[] = {
        HARNESS_TEST(handlers_on_threads_of_the_library_take_no_signals),
        HARNESS_TEST(handlers_on_the_programs_own_thread_keep_its_mask),
        HARNESS_TEST(program_keeps_its_handlers_its_mask_and_its_environment),
    };
    return harness_main(argc, argv, tests, sizeof tests / sizeof *tests);
}
