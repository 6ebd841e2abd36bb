/* word_count [--top N] [--quiet] [DIR]: counts the words of every regular file under DIR (default: the
 * working directory) with actors. word_count.h says who they are and what a word is.
 *
 * A file that cannot be read, or is not UTF-8, ends the actor that reads it; that is contained and
 * reported, its supervisor replaces it, the rest goes on. --quiet: no progress and no such reports. */
#define _POSIX_C_SOURCE 200809L
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "word_count.h"

static int usage(const char *program) {
    (void)fprintf(stderr, "usage: %s [--top N] [--quiet] [DIR]\n", program);
    return 2;
}

/* The words of the command line; -1 when they make no sense. */
static int parse(int argc, char **argv, settings *s) {
    int has_directory = 0;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--quiet") == 0) {
            s->quiet = 1;
        } else if (strcmp(argv[i], "--top") == 0 && i + 1 < argc) {
            char *end = NULL;
            const unsigned long top = strtoul(argv[++i], &end, 10);
            if (argv[i][0] < '0' || argv[i][0] > '9' || *end != '\0' || top > 10000) return -1;
            s->top = (uint32_t)top;
        } else if (argv[i][0] != '-' && argv[i][0] != '\0' && !has_directory) {
            s->directory = argv[i];
            has_directory = 1;
        } else {
            return -1;
        }
    }
    return 0;
}

/* Waits for an answer; says what went wrong when there is none. */
static spawned_status wait_for(spawned_response *response) {
    const char *text = "";
    size_t length = 0;
    const spawned_status status = spawned_response_wait(response, SPAWNED_FOREVER);
    if (status == SPAWNED_OK) return SPAWNED_OK;
    (void)spawned_response_error(response, &text, &length);
    (void)fprintf(stderr, "word_count: %s: %.*s\n", spawned_status_text(status), (int)length, text);
    return status;
}

static spawned_status walk(spawned_pid to, const settings *s, summary *out_summary) {
    spawned_response *response = NULL;
    (void)request_path(to, &walk_type, s->directory, &response);
    spawned_status status = wait_for(response);
    if (status == SPAWNED_OK) status = spawned_response_take(response, out_summary);
    spawned_response_release(response);
    return status;
}

/* Asks the totals and prints what they answer. */
static spawned_status print_top(spawned_pid to, const settings *s, uint64_t *out_words,
                                uint64_t *out_distinct) {
    spawned_message *message = NULL;
    spawned_response *response = NULL;
    void *value = NULL;
    spawned_status status = spawned_message_create(to, &top_type, &s->top, &message);
    if (status != SPAWNED_OK) return status;
    (void)spawned_message_request(message, SPAWNED_FOREVER, &response);
    status = wait_for(response);
    if (status == SPAWNED_OK) status = spawned_response_value(response, &value, NULL);
    if (status == SPAWNED_OK) {
        const ranking *answer = value;
        *out_words = answer->words;
        *out_distinct = answer->distinct;
        for (uint32_t i = 0; i < answer->length; i++)
            printf("%10" PRIu64 " %.*s\n", answer->best[i].count, (int)answer->best[i].length,
                   answer->best[i].text);
    }
    spawned_response_release(response);
    return status;
}

static double seconds_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static spawned_status run(spawned_runtime *runtime, settings *s) {
    spawned_pid tree = 0, totals_pid = 0, walker_pid = 0;
    summary sum = {0, 0, 0};
    uint64_t word_count = 0, distinct = 0, restarts = 0;
    spawned_runtime_stats stats = SPAWNED_RUNTIME_STATS_INIT;
    const double begin = seconds_now();
    spawned_status status = household_start(runtime, s, &tree);
    if (status == SPAWNED_OK) status = household_find(tree, "totals", &totals_pid);
    if (status == SPAWNED_OK) status = household_find(tree, "walker", &walker_pid);
    if (status == SPAWNED_OK) status = walk(walker_pid, s, &sum);
    if (sum.refused > REFUSALS_TOLD && !s->quiet)
        (void)fprintf(stderr, "word_count: refused %" PRIu64 " more\n",
                      sum.refused - REFUSALS_TOLD);
    if (status == SPAWNED_OK) status = print_top(totals_pid, s, &word_count, &distinct);
    const double seconds = seconds_now() - begin;
    if (status == SPAWNED_OK) status = household_restarts(tree, &restarts);
    if (status == SPAWNED_OK) status = spawned_runtime_shutdown(runtime, SPAWNED_DEFAULT);
    if (status == SPAWNED_OK) status = spawned_runtime_stats_get(runtime, &stats);
    if (status != SPAWNED_OK) return status;
    printf("%" PRIu64 " files read and %" PRIu64 " refused in %.2f s: %.0f files/s, %.1f MB/s\n",
           sum.files, sum.refused, seconds, (double)(sum.files + sum.refused) / seconds,
           (double)sum.bytes / 1e6 / seconds);
    printf("%d readers, started anew %" PRIu64 " times by their supervisor\n", LANES, restarts);
    printf("%" PRIu64 " messages handled by %" PRIu64 " actors: %.0f messages/s\n",
           stats.messages_handled, stats.actors_started, (double)stats.messages_handled / seconds);
    printf("result: files=%" PRIu64 " refused=%" PRIu64 " restarts=%" PRIu64 " words=%" PRIu64
           " distinct=%" PRIu64 " messages=%" PRIu64 "\n",
           sum.files, sum.refused, restarts, word_count, distinct, stats.messages_handled);
    return SPAWNED_OK;
}

int main(int argc, char **argv) {
    settings s = {.directory = ".", .top = 10};
    if (parse(argc, argv, &s) != 0) return usage(argv[0]);
    spawned_runtime *runtime = NULL;
    if (spawned_runtime_create(NULL, &runtime) != SPAWNED_OK) return 1;
    const spawned_status status = run(runtime, &s);
    const spawned_status destroyed = spawned_runtime_destroy(runtime);
    return status == SPAWNED_OK && destroyed == SPAWNED_OK && fflush(stdout) == 0 ? 0 : 1;
}
