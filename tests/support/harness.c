/* The fixture: modes, the runtime's life under watch, quiet and time. */
#include "harness_internal.h"

#include <inttypes.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static harness_mode selected_mode = HARNESS_DETERMINISTIC;

bool harness_select_mode(int argc, char **argv) {
    static const char *const names[] = {"deterministic", "pool", "blocking", "thread", "host"};
    for (size_t i = 0; argc > 1 && i < sizeof names / sizeof *names; i++) {
        if (strcmp(argv[1], names[i]) == 0) {
            selected_mode = (harness_mode)i;
            return true;
        }
    }
    fprintf(stderr, "usage: %s deterministic|pool|blocking|thread|host [name filter]\n", argv[0]);
    return false;
}

void harness_fault(harness *h, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fputs("harness: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    h->faults++;
}

/* ---- runtimes ---- */

void harness_runtime_options(harness *h, spawned_runtime_options *options) {
    const spawned_runtime_options initial = SPAWNED_RUNTIME_OPTIONS_INIT;
    *options = initial;
    options->flags = h->mode == HARNESS_DETERMINISTIC ? SPAWNED_RUNTIME_DETERMINISTIC
                     : h->mode == HARNESS_HOST        ? SPAWNED_RUNTIME_HOSTED
                                                      : 0;
    options->seed = h->seed;
    options->workers = h->mode == HARNESS_HOST ? 0 : 2;
}

void harness_expect_runtime(harness *h) { h->runtimes++; }

/* ---- hosts: what nobody else runs ---- */

enum { MOST_HOSTS = 16 };
static struct {
    spawned_runtime *runtime;
    spawned_host *host;
} hosts[MOST_HOSTS];
static pthread_t host_thread;

static void add_host(harness *h, spawned_runtime *runtime) {
    size_t place = 0;
    while (hosts[place].runtime != NULL && place < MOST_HOSTS - 1) place++;
    const spawned_status status = spawned_host_create(runtime, NULL, &hosts[place].host);
    if (status != SPAWNED_OK)
        harness_fault(h, "spawned_host_create: %s", spawned_status_name(status));
    hosts[place].runtime = runtime;
    host_thread = pthread_self();
    if (h->host == NULL) h->host = hosts[place].host;
}

void harness_runtime_forget(spawned_runtime *runtime) {
    for (size_t i = 0; i < MOST_HOSTS; i++)
        if (hosts[i].runtime == runtime) hosts[i].runtime = NULL;
}

static void run_hosts(void) {
    for (size_t i = 0; i < MOST_HOSTS; i++)
        if (hosts[i].runtime != NULL && pthread_equal(host_thread, pthread_self()))
            spawned_host_run(hosts[i].host, 0, 10 * SPAWNED_MILLISECOND, SPAWNED_NO_WAIT, NULL);
}

spawned_runtime *harness_runtime_begin(harness *h, const harness_config *config) {
    spawned_runtime_options options;
    harness_runtime_options(h, &options);
    const spawned_allocator allocator = harness_watch_allocator(h);
    const spawned_log_sink sink = harness_watch_sink(h);
    options.allocator = &allocator;
    options.log = &sink;
    if (config != NULL && config->configure != NULL) config->configure(&options);
    if (h->mode == HARNESS_HOST) options.workers = 0;
    spawned_runtime *runtime = NULL;
    const spawned_status status = spawned_runtime_create(&options, &runtime);
    if (status != SPAWNED_OK) {
        harness_fault(h, "spawned_runtime_create: %s", spawned_status_name(status));
        return NULL;
    }
    harness_expect_runtime(h);
    if (h->mode == HARNESS_HOST) add_host(h, runtime);
    return runtime;
}

static void report_busy(spawned_runtime *runtime) {
    spawned_actor_report reports[8];
    size_t count = 0;
    spawned_actor_report_init(&reports[0], sizeof *reports);
    for (size_t i = 1; i < 8; i++) reports[i] = reports[0];
    if (spawned_runtime_busy(runtime, reports, sizeof *reports, 8, &count) != SPAWNED_OK) return;
    for (size_t i = 0; i < count && i < 8; i++) {
        fprintf(stderr, "harness:   %s in state %u, message %s, backlog %" PRIu64 "\n",
                reports[i].name == NULL ? "?" : reports[i].name, (unsigned)reports[i].state,
                reports[i].message_name == NULL ? "none" : reports[i].message_name,
                reports[i].backlog);
    }
}

static void check_counts(harness *h, spawned_runtime *runtime) {
    spawned_runtime_stats stats = SPAWNED_RUNTIME_STATS_INIT;
    const spawned_status status = spawned_runtime_stats_get(runtime, &stats);
    if (status != SPAWNED_OK) {
        harness_fault(h, "spawned_runtime_stats_get: %s", spawned_status_name(status));
        return;
    }
    const uint64_t dead = harness_dead_letters(&stats);
    if (stats.messages_sent != stats.messages_handled + dead) {
        harness_fault(h, "messages lost: %" PRIu64 " sent, %" PRIu64 " handled, %" PRIu64 " dead",
                      stats.messages_sent, stats.messages_handled, dead);
    }
    if (stats.actors_started != stats.actors_ended) {
        harness_fault(h, "%" PRIu64 " actors started, %" PRIu64 " ended", stats.actors_started,
                      stats.actors_ended);
    }
    if (stats.threads != 0)
        harness_fault(h, "%" PRIu64 " threads counted after the shutdown", stats.threads);
}

int harness_runtime_end(harness *h, spawned_runtime *runtime) {
    const int faults = h->faults;
    spawned_status status = spawned_runtime_shutdown(runtime, HARNESS_LONG);
    if (status != SPAWNED_OK) {
        harness_fault(h, "spawned_runtime_shutdown: %s", spawned_status_name(status));
        report_busy(runtime);
    } else {
        check_counts(h, runtime);
    }
    harness_runtime_forget(runtime);
    status = spawned_runtime_destroy(runtime);
    if (status != SPAWNED_OK)
        harness_fault(h, "spawned_runtime_destroy: %s", spawned_status_name(status));
    return h->faults == faults ? 0 : -1;
}

int harness_end_runtime(harness *h) {
    spawned_runtime *runtime = h->runtime;
    h->runtime = NULL;
    return runtime == NULL ? 0 : harness_runtime_end(h, runtime);
}

static void *return_at_once(void *argument) { return argument; }

/* What a sanitizer starts with the first thread of a program is none of the library's. */
static size_t count_threads_before(void) {
    static bool begun;
    pthread_t first;
    if (!begun && pthread_create(&first, NULL, return_at_once, NULL) == 0) {
        pthread_join(first, NULL);
        begun = true;
    }
    return harness_thread_count();
}

harness *harness_begin(const harness_config *config) {
    harness *h = calloc(1, sizeof *h);
    if (h == NULL) return NULL;
    const char *seed = getenv("SPAWNED_TEST_SEED");
    h->mode = selected_mode;
    h->seed = seed == NULL || *seed == '\0' ? 1 : strtoull(seed, NULL, 0);
    h->threads_before = count_threads_before();
    pthread_mutex_init(&h->lists, NULL);
    harness_watch_begin(h);
    h->runtime = harness_runtime_begin(h, config);
    if (h->runtime == NULL) {
        harness_watch_end(h);
        free(h);
        return NULL;
    }
    return h;
}

int harness_finish(harness *h) {
    for (harness_gate *gate = h->gates; gate != NULL; gate = gate->next) harness_gate_open(gate);
    harness_end_runtime(h);
    if (!harness_threads_return_to(h->threads_before)) {
        harness_fault(h, "%zu threads before, %zu after", h->threads_before,
                      harness_thread_count());
    }
    harness_watch_check(h);
    const int result = h->faults == 0 ? 0 : -1;
    if (result == 0) { /* else a thread may still use the fixture: leave it */
        harness_probes_free(h);
        harness_watch_end(h);
        pthread_mutex_destroy(&h->lists);
        free(h);
    }
    return result;
}

spawned_runtime *harness_runtime(const harness *h) { return h->runtime; }

harness_mode harness_mode_of(const harness *h) { return h->mode; }

bool harness_is_deterministic(const harness *h) { return h->mode == HARNESS_DETERMINISTIC; }

bool harness_is_alone(const harness *h) {
    return h->mode == HARNESS_DETERMINISTIC || h->mode == HARNESS_HOST;
}

spawned_host *harness_host(const harness *h) { return h->host; }

uint64_t harness_seed(const harness *h) { return h->seed; }

/* ---- actors ---- */

spawned_backend harness_backend(harness *h) {
    switch (h->mode) {
        case HARNESS_POOL:
            return SPAWNED_BACKEND_POOL;
        case HARNESS_BLOCKING:
            return SPAWNED_BACKEND_BLOCKING;
        case HARNESS_THREAD:
            return SPAWNED_BACKEND_THREAD;
        case HARNESS_HOST:
            return (h->seed + atomic_fetch_add(&h->starts, 1)) % 2 == 0 ? SPAWNED_BACKEND_POOL
                                                                        : SPAWNED_BACKEND_HOST;
        case HARNESS_DETERMINISTIC:
            break;
    }
    return (spawned_backend)((h->seed + atomic_fetch_add(&h->starts, 1)) % 3);
}

spawned_pid harness_start(harness *h, const spawned_behavior *behavior,
                          const spawned_actor_options *options) {
    spawned_actor_options chosen = SPAWNED_ACTOR_OPTIONS_INIT;
    if (options != NULL) chosen = *options;
    chosen.backend = harness_backend(h);
    spawned_pid pid = 0;
    const spawned_status status = spawned_actor_start(h->runtime, behavior, &chosen, &pid);
    if (status != SPAWNED_OK) {
        harness_fault(h, "spawned_actor_start: %s", spawned_status_name(status));
        return 0;
    }
    return pid;
}

spawned_pid harness_start_with(harness *h, const spawned_behavior *behavior, void *argument) {
    spawned_actor_options options = SPAWNED_ACTOR_OPTIONS_INIT;
    options.argument = argument;
    return harness_start(h, behavior, &options);
}

/* ---- quiet and time ---- */

bool harness_poll(harness_predicate predicate, void *argument) {
    struct timespec start, now;
    clock_gettime(CLOCK_MONOTONIC, &start);
    for (unsigned round = 0;; round++) {
        run_hosts();
        if (predicate(argument)) return true;
        if (round < 64) {
            sched_yield();
            continue;
        }
        clock_gettime(CLOCK_MONOTONIC, &now);
        if ((uint64_t)(now.tv_sec - start.tv_sec) * SPAWNED_SECOND > HARNESS_LONG) return false;
        nanosleep(&(struct timespec){0, 200000}, NULL);
    }
}

/* One look at all actors; a second look with the same counters makes it quiet. */
static bool nobody_is_busy(harness *h) {
    enum { MOST = 64 };
    static const spawned_actor_report empty = SPAWNED_ACTOR_REPORT_INIT;
    spawned_actor_report few[MOST];
    spawned_actor_report *reports = few;
    size_t capacity = MOST, count = 0;
    for (;;) {
        for (size_t i = 0; i < capacity; i++) reports[i] = empty;
        if (spawned_runtime_busy(h->runtime, reports, sizeof *reports, capacity, &count) !=
            SPAWNED_OK)
            count = SIZE_MAX;
        if (count <= capacity || count == SIZE_MAX) break;
        capacity = count * 2;
        if (reports != few) free(reports);
        reports = malloc(capacity * sizeof *reports);
        if (reports == NULL) return false;
    }
    bool quiet = count != SIZE_MAX;
    for (size_t i = 0; quiet && i < count; i++) {
        quiet = reports[i].state != SPAWNED_ACTOR_RUNNABLE &&
                reports[i].state != SPAWNED_ACTOR_RUNNING &&
                (reports[i].state != SPAWNED_ACTOR_IDLE || reports[i].backlog == 0);
    }
    if (reports != few) free(reports);
    return quiet;
}

static bool is_quiet(void *argument) {
    harness *h = argument;
    const spawned_runtime_stats before = harness_stats(h);
    if (!nobody_is_busy(h)) return false;
    const spawned_runtime_stats after = harness_stats(h);
    return memcmp(&before, &after, offsetof(spawned_runtime_stats, threads)) == 0;
}

bool harness_settle(harness *h) {
    if (h->mode == HARNESS_DETERMINISTIC) {
        const spawned_status status = spawned_deterministic_run(h->runtime, 0, NULL);
        if (status != SPAWNED_OK)
            harness_fault(h, "spawned_deterministic_run: %s", spawned_status_name(status));
        return status == SPAWNED_OK;
    }
    if (harness_poll(is_quiet, h)) return true;
    harness_fault(h, "the runtime does not become quiet");
    report_busy(h->runtime);
    return false;
}

bool harness_wait_until(harness *h, harness_predicate predicate, void *argument) {
    if (h->mode == HARNESS_DETERMINISTIC) return harness_settle(h) && predicate(argument);
    return harness_poll(predicate, argument);
}

struct clock_goal {
    harness *h;
    spawned_time goal;
};

static bool clock_has_reached(void *argument) {
    const struct clock_goal *wanted = argument;
    return harness_now(wanted->h) >= wanted->goal;
}

bool harness_advance(harness *h, spawned_duration duration) {
    if (h->mode == HARNESS_DETERMINISTIC) {
        const spawned_status status = spawned_deterministic_advance(h->runtime, duration);
        if (status != SPAWNED_OK)
            harness_fault(h, "spawned_deterministic_advance: %s", spawned_status_name(status));
        return status == SPAWNED_OK;
    }
    struct clock_goal wanted = {h, harness_now(h) + duration};
    return harness_poll(clock_has_reached, &wanted) && harness_settle(h);
}

bool harness_advance_until(harness *h, spawned_duration duration, harness_predicate predicate,
                           void *argument) {
    if (h->mode == HARNESS_DETERMINISTIC)
        return harness_advance(h, duration) && predicate(argument);
    return harness_poll(predicate, argument);
}

spawned_time harness_now(const harness *h) {
    spawned_time now = 0;
    spawned_runtime_now(h->runtime, &now);
    return now;
}

spawned_runtime_stats harness_stats(const harness *h) {
    spawned_runtime_stats stats = SPAWNED_RUNTIME_STATS_INIT;
    spawned_runtime_stats_get(h->runtime, &stats);
    return stats;
}

uint64_t harness_dead_letters(const spawned_runtime_stats *stats) {
    return stats->dead_stopped + stats->dead_overflow + stats->dead_no_handler +
           stats->dead_expired + stats->dead_cancelled;
}
