/* Runtimes: several in one process, what is left of one that ended, and that none leaves a trace.
 * How one shuts down is in shutdown_test.c. */
#include "support/contract.h"

#include <dirent.h>
#include <unistd.h>

static size_t open_descriptors(void) {
    size_t count = 0;
    DIR *entries = opendir("/proc/self/fd");
    assert_non_null(entries);
    while (readdir(entries) != NULL) count++;
    closedir(entries);
    return count;
}

static spawned_pid start_in(harness *h, spawned_runtime *runtime, harness_probe *probe) {
    spawned_actor_options options = SPAWNED_ACTOR_OPTIONS_INIT;
    options.backend = harness_backend(h);
    options.argument = probe;
    spawned_pid pid = 0;
    assert_ok(spawned_actor_start(runtime, &harness_probe_behavior, &options, &pid));
    return pid;
}

/* SH07 */
static void runtimes_side_by_side_share_nothing(void **state) {
    harness *h = *state;
    enum { COUNT = 5 };
    spawned_runtime *runtimes[COUNT];
    harness_probe *probes[COUNT];
    spawned_pid pids[COUNT];
    for (size_t i = 0; i < COUNT; i++) {
        runtimes[i] = harness_runtime_begin(h, NULL);
        assert_non_null(runtimes[i]);
        probes[i] = harness_probe_new(h);
        pids[i] = start_in(h, runtimes[i], probes[i]);
        assert_ptr_equal(spawned_pid_runtime(pids[i]), runtimes[i]);
        assert_ok(spawned_registry_register("the same name", SPAWNED_ZERO_TERMINATED, pids[i]));
    }
    for (size_t i = 0; i < COUNT; i++) {
        spawned_pid found = 0;
        for (size_t k = 0; k < i; k++) assert_true(pids[i] != pids[k]);
        assert_ok(spawned_registry_whereis(runtimes[i], "the same name", 13, &found));
        assert_true(found == pids[i]);
        uint64_t answer = 0;
        const uint64_t question = i;
        assert_ok(spawned_request(pids[i], &harness_ask_type, &question, HARNESS_LONG, &answer));
        assert_int_equal(answer, i + 1);
    }
    for (size_t i = 0; i < COUNT; i++) { /* one after another; the others do not notice */
        assert_int_equal(harness_runtime_end(h, runtimes[i]), 0);
        assert_int_equal(harness_probe_count(probes[i], HARNESS_STOPPED), 1);
        assert_status(harness_send_number(pids[i], 1), SPAWNED_ESTOPPED);
        for (size_t k = i + 1; k < COUNT; k++) {
            uint64_t answer = 0;
            const uint64_t question = k;
            assert_int_equal(harness_probe_count(probes[k], HARNESS_STOPPED), 0);
            assert_ok(
                spawned_request(pids[k], &harness_ask_type, &question, HARNESS_LONG, &answer));
        }
    }
}

/* peer: a pid of another runtime; result: what forwarding to it said. */
static spawned_status forward_abroad(spawned_context *context, harness_probe *probe,
                                     uint64_t number) {
    (void)number;
    probe->result = spawned_context_forward(context, probe->peer);
    return SPAWNED_OK;
}

/* SH07 */
static void a_pid_of_another_runtime_is_refused_where_a_runtime_is_named(void **state) {
    harness *h = *state;
    spawned_runtime *other = harness_runtime_begin(h, NULL);
    assert_non_null(other);
    harness_probe *here = harness_probe_new(h), *there = harness_probe_new(h);
    here->on_number = forward_abroad;
    here->peer = start_in(h, other, there);
    const spawned_pid pid = start_in(h, harness_runtime(h), here);
    assert_ok(harness_send_number(pid, 1));
    assert_true(harness_probe_wait(here, HARNESS_MESSAGE, 1));
    assert_true(harness_settle(h));
    assert_int_equal(here->result, SPAWNED_EINVAL);
    const harness_tracked value = harness_tracked_make(h, 1);
    assert_status(spawned_registry_put(harness_runtime(h), "value", 5, &harness_tracked_type,
                                       &value, here->peer),
                  SPAWNED_EINVAL);
    assert_int_equal(harness_tracked_destroyed(h), 1);
    assert_int_equal(harness_runtime_end(h, other), 0);
}

/* SH08 */
static void every_use_of_a_pid_after_its_runtime_is_safe_and_reports_stopped(void **state) {
    harness *h = *state;
    harness_probe *probe = harness_probe_new(h);
    const spawned_pid pid = harness_probe_start(h, probe, NULL);
    spawned_timer timer = 0;
    spawned_message *tick = NULL;
    const uint64_t number = 1;
    assert_ok(spawned_message_create(pid, &harness_number_type, &number, &tick));
    assert_ok(spawned_send_after(1000 * SPAWNED_SECOND, tick, &timer));
    assert_int_equal(harness_end_runtime(h), 0);

    spawned_message *message = NULL;
    void *storage = NULL;
    uint64_t answer = 0;
    spawned_exit exit = SPAWNED_EXIT_INIT;
    assert_null(spawned_pid_runtime(pid));
    assert_status(harness_send_tracked(h, pid, 1), SPAWNED_ESTOPPED);
    assert_int_equal(harness_tracked_destroyed(h), 1);
    const harness_tracked value = harness_tracked_make(h, 2);
    assert_status(spawned_message_create(pid, &harness_tracked_type, &value, &message),
                  SPAWNED_ESTOPPED);
    assert_null(message);
    assert_int_equal(harness_tracked_destroyed(h), 2);
    assert_status(spawned_message_reserve(pid, &harness_number_type, 0, &message, &storage),
                  SPAWNED_ESTOPPED);
    assert_status(spawned_request(pid, &harness_ask_type, &number, SPAWNED_DEFAULT, &answer),
                  SPAWNED_ESTOPPED);
    assert_status(spawned_actor_stop(pid), SPAWNED_ESTOPPED);
    assert_status(spawned_actor_kill(pid), SPAWNED_ESTOPPED);
    assert_status(spawned_actor_drain(pid, SPAWNED_DEFAULT), SPAWNED_ESTOPPED);
    assert_ok(spawned_actor_join(pid, SPAWNED_FOREVER));
    assert_status(spawned_actor_exit_reason(pid, &exit, NULL, 0), SPAWNED_ESTOPPED);
    assert_status(spawned_registry_register("late", 4, pid), SPAWNED_ESTOPPED);
    const spawned_status cancelled = spawned_timer_cancel(timer);
    assert_true(cancelled == SPAWNED_EALREADY || cancelled == SPAWNED_ESTOPPED);
}

/* SH08 */
static void a_new_runtime_does_not_revive_the_pids_of_an_ended_one(void **state) {
    harness *h = *state;
    enum { ROUNDS = 20, ACTORS = 8 };
    static spawned_pid old[ROUNDS * ACTORS];
    for (size_t round = 0; round < ROUNDS; round++) {
        spawned_runtime *runtime = harness_runtime_begin(h, NULL);
        assert_non_null(runtime);
        harness_probe *probes[ACTORS];
        for (size_t i = 0; i < ACTORS; i++) {
            probes[i] = harness_probe_new(h);
            old[round * ACTORS + i] = start_in(h, runtime, probes[i]);
        }
        for (size_t i = 0; i < round * ACTORS; i++)
            assert_status(harness_send_number(old[i], 1), SPAWNED_ESTOPPED);
        for (size_t i = 0; i < ACTORS; i++)
            assert_int_equal(harness_probe_count(probes[i], HARNESS_MESSAGE), 0);
        assert_int_equal(harness_runtime_end(h, runtime), 0);
    }
}

/* SH02 */
static void creating_and_destroying_two_hundred_times_leaves_nothing(void **state) {
    harness *h = *state;
    size_t descriptors = 0, threads = 0;
    for (size_t round = 0; round < 200; round++) {
        spawned_runtime *runtime = harness_runtime_begin(h, NULL);
        assert_non_null(runtime);
        harness_probe *probe = harness_probe_new(h);
        assert_ok(harness_send_number(start_in(h, runtime, probe), 1));
        assert_int_equal(harness_runtime_end(h, runtime), 0);
        if (round == 0) { /* what the C library opens once for all is counted from here */
            descriptors = open_descriptors();
            threads = harness_thread_count();
        }
    }
    assert_true(harness_threads_return_to(threads));
    assert_int_equal(open_descriptors(), descriptors);
}

/* SH02 */
static void a_runtime_that_was_never_used_ends_at_once(void **state) {
    harness *h = *state;
    spawned_runtime *runtime = harness_runtime_begin(h, NULL);
    assert_non_null(runtime);
    harness_runtime_forget(runtime);
    assert_ok(spawned_runtime_destroy(runtime)); /* without a shutdown of its own */
    assert_ok(spawned_runtime_destroy(NULL));
}

/* SH02 L10 */
static void destroy_alone_ends_the_actors_first(void **state) {
    harness *h = *state;
    spawned_runtime *runtime = harness_runtime_begin(h, NULL);
    harness_probe *probe = harness_probe_new(h);
    start_in(h, runtime, probe);
    harness_runtime_forget(runtime);
    assert_ok(spawned_runtime_destroy(runtime));
    assert_int_equal(harness_probe_count(probe, HARNESS_STOPPED), 1);
    assert_int_equal(harness_probe_count(probe, HARNESS_DESTROYED), 1);
}

static spawned_status fail_always(spawned_context *context, harness_probe *probe, uint64_t number) {
    (void)context;
    (void)number;
    return spawned_fail(7, probe->failure_text, SPAWNED_ZERO_TERMINATED);
}

/* SH13 */
static void without_a_sink_nothing_is_written_anywhere(void **state) {
    harness *h = *state;
    if (harness_mode_of(h) == HARNESS_HOST) skip(); /* its own runtime has no host */
    char path[] = "/tmp/spawned-runtime-test-XXXXXX";
    const int file = mkstemp(path);
    assert_true(file >= 0);
    fflush(NULL);
    const int out = dup(STDOUT_FILENO), err = dup(STDERR_FILENO);
    dup2(file, STDOUT_FILENO);
    dup2(file, STDERR_FILENO);
    spawned_runtime_options options;
    harness_runtime_options(h, &options);
    spawned_runtime *runtime = NULL;
    spawned_pid pid = 0;
    harness_probe *probe = harness_probe_new(h);
    probe->on_number = fail_always;
    probe->failure_text = "nobody shall read this";
    spawned_actor_options actor = SPAWNED_ACTOR_OPTIONS_INIT;
    actor.backend = harness_backend(h);
    actor.argument = probe;
    const spawned_status created = spawned_runtime_create(&options, &runtime);
    const spawned_status started =
        spawned_actor_start(runtime, &harness_probe_behavior, &actor, &pid);
    harness_send_number(pid, 1);
    harness_send_number(pid, 2);
    const spawned_status joined = spawned_actor_join(pid, HARNESS_LONG);
    const spawned_status destroyed = spawned_runtime_destroy(runtime);
    fflush(NULL);
    const off_t written = lseek(file, 0, SEEK_END);
    dup2(out, STDOUT_FILENO);
    dup2(err, STDERR_FILENO);
    close(out);
    close(err);
    close(file);
    unlink(path);
    assert_ok(created);
    assert_ok(started);
    assert_ok(joined);
    assert_ok(destroyed);
    assert_int_equal(written, 0);
}

static void errors_only(spawned_runtime_options *options) {
    static spawned_log_sink sink;
    sink = *options->log;
    sink.level = SPAWNED_LOG_ERROR;
    options->log = &sink;
}

static const harness_config errors_only_config = {errors_only};

/* SH13 */
static void a_sink_receives_only_the_levels_it_asked_for(void **state) {
    harness *h = *state;
    harness_probe *probe = harness_probe_new(h);
    probe->on_number = fail_always;
    probe->failure_text = "for the sink";
    const spawned_pid pid = harness_probe_start(h, probe, NULL);
    harness_send_number(pid, 1);
    harness_send_number(pid, 2);
    assert_ok(spawned_actor_join(pid, HARNESS_LONG));
    assert_true(harness_log_count(h, SPAWNED_LOG_ERROR, "for the sink") >= 1);
    assert_int_equal(harness_log_count(h, SPAWNED_LOG_WARNING, NULL), 0);
    assert_int_equal(harness_log_count(h, SPAWNED_LOG_INFO, NULL), 0);
    assert_int_equal(harness_log_count(h, SPAWNED_LOG_DEBUG, NULL), 0);
    assert_string_equal(spawned_log_level_name(SPAWNED_LOG_OFF), "off");
    assert_string_equal(spawned_log_level_name(SPAWNED_LOG_ERROR), "error");
    assert_string_equal(spawned_log_level_name(SPAWNED_LOG_WARNING), "warning");
    assert_string_equal(spawned_log_level_name(SPAWNED_LOG_INFO), "info");
    assert_string_equal(spawned_log_level_name(SPAWNED_LOG_DEBUG), "debug");
    assert_string_equal(spawned_log_level_name(99), "unknown");
}

/* SH02 */
static void a_runtime_counts_its_threads_and_its_clock_goes_forward(void **state) {
    harness *h = *state;
    const spawned_time begin = harness_now(h);
    const uint64_t threads = harness_stats(h).threads;
    assert_true(harness_is_alone(h) || threads >= 2); /* two workers were asked for */
    assert_true(harness_advance(h, SPAWNED_MILLISECOND));
    assert_true(harness_now(h) >= begin + SPAWNED_MILLISECOND);
    if (harness_is_deterministic(h)) assert_int_equal(harness_now(h), begin + SPAWNED_MILLISECOND);
}

static void three_actors(spawned_runtime_options *options) { options->max_actors = 3; }

static const harness_config three_actors_config = {three_actors};

/* SH02 */
static void the_limit_of_living_actors_refuses_the_next_and_frees_up_at_an_end(void **state) {
    harness *h = *state;
    harness_probe *probe = harness_probe_new(h);
    spawned_actor_options options = SPAWNED_ACTOR_OPTIONS_INIT;
    options.backend = harness_backend(h);
    options.argument = probe;
    spawned_pid pids[3] = {0}, fourth = 0;
    for (size_t i = 0; i < 3; i++) pids[i] = start_in(h, harness_runtime(h), harness_probe_new(h));
    assert_status(spawned_actor_start(harness_runtime(h), &harness_probe_behavior, &options,
                                      &fourth),
                  SPAWNED_ELIMIT);
    assert_int_equal(harness_probe_count(probe, HARNESS_INIT),
                     harness_probe_count(probe, HARNESS_DESTROYED));
    assert_ok(spawned_actor_stop(pids[1]));
    assert_ok(spawned_actor_join(pids[1], HARNESS_LONG));
    fourth = start_in(h, harness_runtime(h), harness_probe_new(h));
    assert_ok(harness_send_number(fourth, 1));
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        HARNESS_TEST(runtimes_side_by_side_share_nothing),
        HARNESS_TEST(a_pid_of_another_runtime_is_refused_where_a_runtime_is_named),
        HARNESS_TEST(every_use_of_a_pid_after_its_runtime_is_safe_and_reports_stopped),
        HARNESS_TEST(a_new_runtime_does_not_revive_the_pids_of_an_ended_one),
        HARNESS_TEST(creating_and_destroying_two_hundred_times_leaves_nothing),
        HARNESS_TEST(a_runtime_that_was_never_used_ends_at_once),
        HARNESS_TEST(destroy_alone_ends_the_actors_first),
        HARNESS_TEST(without_a_sink_nothing_is_written_anywhere),
        HARNESS_TEST_WITH(a_sink_receives_only_the_levels_it_asked_for, &errors_only_config),
        HARNESS_TEST(a_runtime_counts_its_threads_and_its_clock_goes_forward),
        HARNESS_TEST_WITH(the_limit_of_living_actors_refuses_the_next_and_frees_up_at_an_end,
                          &three_actors_config),
    };
    return harness_main(argc, argv, tests, sizeof tests / sizeof *tests);
}
