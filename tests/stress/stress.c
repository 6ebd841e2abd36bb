/* What every stress program shares: arguments, the seed, rounds, and a guard against hanging. */
#define _POSIX_C_SOURCE 200809L
#include "stress.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { reports_most = 64, seconds_between_words = 60 };

static struct {
    const char *program;
    uint64_t seconds, wanted, seed, rounds, done, messages;
    _Atomic uint64_t round;
    time_t begun, said;
    time_t round_limit;
    atomic_llong round_begun;
    _Atomic(spawned_runtime *) watched;
} run;

static time_t seconds_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec;
}

uint64_t stress_random(uint64_t *state) {
    uint64_t x = *state += 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

uint32_t stress_below(uint64_t *state, uint32_t bound) {
    return (uint32_t)(((stress_random(state) >> 32) * bound) >> 32);
}

static void print_reproduction(void) {
    fprintf(stderr,
            "%s: seed %" PRIu64 ", round %" PRIu64 ". Again: %s 0 %" PRIu64 " 1 %" PRIu64 "\n",
            run.program, run.seed, atomic_load(&run.round), run.program, run.seed,
            atomic_load(&run.round));
}

void stress_fail(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    flockfile(stderr);
    fprintf(stderr, "%s: FAILED: ", run.program);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    print_reproduction();
    va_end(arguments);
    abort();
}

void stress_expect_ok(spawned_status status, const char *call) {
    if (status != SPAWNED_OK)
        stress_fail("%s: %s (%d)", call, spawned_status_name(status), (int)status);
}

static void name_the_busy(spawned_runtime *runtime) {
    static spawned_actor_report reports[reports_most];
    for (size_t i = 0; i < reports_most; ++i)
        reports[i] = (spawned_actor_report)SPAWNED_ACTOR_REPORT_INIT;
    size_t count = 0;
    if (spawned_runtime_busy(runtime, reports, sizeof *reports, reports_most, &count) != SPAWNED_OK)
        return;
    fprintf(stderr, "%zu actors have not ended\n", count);
    for (size_t i = 0; i < count && i < reports_most; ++i)
        fprintf(stderr,
                "  %" PRIx64 " %s: state %u in %s, backlog %" PRIu64 ", waits for %" PRIx64 "\n",
                reports[i].pid, reports[i].name, reports[i].state,
                reports[i].message_name != NULL ? reports[i].message_name : "nothing",
                reports[i].backlog, reports[i].waits_for);
}

static void *watch(void *nothing) {
    (void)nothing;
    for (;;) {
        const struct timespec second = {1, 0};
        nanosleep(&second, NULL);
        if (seconds_now() - (time_t)atomic_load(&run.round_begun) < run.round_limit) continue;
        fprintf(stderr, "%s: FAILED: the round does not end\n", run.program);
        print_reproduction();
        if (atomic_load(&run.watched) != NULL) name_the_busy(atomic_load(&run.watched));
        abort();
    }
    return NULL;
}

void stress_watch(spawned_runtime *runtime) { atomic_store(&run.watched, runtime); }

void stress_begin(int argc, char **argv) {
    run.program = argv[0];
    char *unit = "";
    const uint64_t amount = argc > 1 ? strtoull(argv[1], &unit, 10) : 1;
    const bool campaign = *unit == 'm';
    run.seconds = campaign ? 0 : amount;
    run.wanted = campaign ? amount : UINT64_MAX;
    /* A campaign may run at the lowest priority, beside everything else. */
    run.round_limit = campaign ? 900 : 50;
    run.seed = argc > 2 ? strtoull(argv[2], NULL, 10) : (uint64_t)time(NULL);
    run.rounds = argc > 3 ? strtoull(argv[3], NULL, 10) : UINT64_MAX;
    run.round = argc > 4 ? strtoull(argv[4], NULL, 10) - 1 : 0;
    if (run.seconds == 0) run.seconds = UINT64_MAX;
    run.begun = run.said = seconds_now();
    atomic_store(&run.round_begun, run.begun);
    printf("%s: seed %" PRIu64 "\n", run.program, run.seed);
    fflush(stdout);
    pthread_t watcher;
    if (pthread_create(&watcher, NULL, watch, NULL) != 0) stress_fail("no thread for the watch");
    pthread_detach(watcher);
}

static void say_so_far(time_t now) {
    printf("%s: %" PRIu64 " rounds, %" PRIu64 " messages, %ld s\n", run.program, run.done,
           run.messages, (long)(now - run.begun));
    fflush(stdout);
    run.said = now;
}

bool stress_next_round(uint64_t *round_seed) {
    const time_t now = seconds_now();
    const bool over = (uint64_t)(now - run.begun) >= run.seconds || run.messages >= run.wanted ||
                      run.rounds-- == 0;
    if (over || now - run.said >= seconds_between_words) say_so_far(now);
    if (over) return false;
    ++run.done;
    atomic_store(&run.round_begun, now);
    uint64_t state = run.seed + run.round++ * 0x2545f4914f6cdd1du;
    *round_seed = stress_random(&state);
    return true;
}

void stress_count(uint64_t messages) { run.messages += messages; }

static void *take_memory(size_t bytes, size_t alignment, void *user_data) {
    stress_memory *memory = user_data;
    if (alignment < sizeof(void *)) alignment = sizeof(void *);
    void *block = NULL;
    if (posix_memalign(&block, alignment, bytes) != 0) return NULL;
    memset(block, 0xa5, bytes < 4096 ? bytes : 4096);
    atomic_fetch_add(&memory->blocks, 1);
    atomic_fetch_add(&memory->bytes, (long long)bytes);
    return block;
}

static void return_memory(void *block, size_t bytes, size_t alignment, void *user_data) {
    (void)alignment;
    stress_memory *memory = user_data;
    atomic_fetch_sub(&memory->blocks, 1);
    atomic_fetch_sub(&memory->bytes, (long long)bytes);
    free(block);
}

static void memory_is_over(void *user_data) {
    stress_memory *memory = user_data;
    atomic_fetch_add(&memory->destroyed, 1);
}

spawned_allocator stress_allocator(stress_memory *memory) {
    spawned_allocator allocator = SPAWNED_ALLOCATOR_INIT;
    allocator.allocate = take_memory;
    allocator.deallocate = return_memory;
    allocator.user_data = memory;
    allocator.destroy = memory_is_over;
    return allocator;
}

void stress_expect_all_returned(const stress_memory *memory) {
    if (atomic_load(&memory->blocks) != 0 || atomic_load(&memory->bytes) != 0)
        stress_fail("memory: %lld blocks of %lld bytes were not returned",
                    atomic_load(&memory->blocks), atomic_load(&memory->bytes));
    if (atomic_load(&memory->destroyed) != 1)
        stress_fail("memory: the allocator was ended %d times", atomic_load(&memory->destroyed));
}
