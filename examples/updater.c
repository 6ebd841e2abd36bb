/* Fetches an address every second for ten seconds and says what came of each attempt. A transfer blocks
 * its thread, so the actor lives on the blocking backend; the clock is an interval, which keeps its
 * schedule however long a transfer takes and never lets ticks pile up.
 *
 *   cc updater.c $(pkg-config --cflags --libs spawned libcurl) -o updater
 *   ./updater http://localhost/ [MILLISECONDS_BETWEEN_ATTEMPTS] */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <curl/curl.h>
#include <spawned.h>

static const spawned_message_type tick_type = SPAWNED_EMPTY_TYPE("updater.tick");
static const spawned_message_type end_type = SPAWNED_EMPTY_TYPE("updater.end");

typedef struct settings {
    const char *address;
    spawned_duration period;
} settings;
typedef struct updater {
    settings settings;
    CURL *curl; /* kept from one transfer to the next, and with it the connection */
    char error[CURL_ERROR_SIZE];
    uint64_t attempts;
} updater;

static size_t discard(char *bytes, size_t size, size_t count, void *user_data) {
    (void)bytes;
    (void)user_data;
    return size * count;
}

static spawned_status init(void *state, void *argument, void *user_data) {
    updater *u = state;
    (void)user_data;
    *u = (updater){.settings = *(const settings *)argument, .curl = curl_easy_init()};
    if (u->curl == NULL) return SPAWNED_ENOMEM;
    curl_easy_setopt(u->curl, CURLOPT_URL, u->settings.address);
    curl_easy_setopt(u->curl, CURLOPT_WRITEFUNCTION, discard);
    curl_easy_setopt(u->curl, CURLOPT_ERRORBUFFER, u->error);
    curl_easy_setopt(u->curl, CURLOPT_TIMEOUT_MS, 5000L);
    curl_easy_setopt(u->curl, CURLOPT_NOSIGNAL, 1L);
    return SPAWNED_OK;
}

static void destroy(void *state, void *user_data) {
    (void)user_data;
    curl_easy_cleanup(((updater *)state)->curl);
}

/* The end is set first: of two timers of one actor the earlier deadline comes first, so that the tenth
 * tick never does. */
static spawned_status started(spawned_context *context, void *state) {
    const updater *u = state;
    const spawned_pid self = spawned_context_self(context);
    spawned_message *end = NULL, *tick = NULL;
    spawned_status status = spawned_message_create(self, &end_type, NULL, &end);
    if (status == SPAWNED_OK) status = spawned_send_after(10 * u->settings.period, end, NULL);
    if (status == SPAWNED_OK) status = spawned_message_create(self, &tick_type, NULL, &tick);
    if (status == SPAWNED_OK) status = spawned_send_interval(u->settings.period, tick, NULL);
    return status;
}

/* A transfer that fails is an outcome, not a failure of the actor. */
static spawned_status on_tick(spawned_context *context, void *state, void *value) {
    updater *u = state;
    spawned_message_info info = SPAWNED_MESSAGE_INFO_INIT;
    long code = 0;
    curl_off_t bytes = 0;
    (void)value;
    const spawned_status status = spawned_context_message(context, &info);
    if (status != SPAWNED_OK) return status;
    if (info.missed > 0) printf("%" PRIu64 " ticks missed\n", info.missed);
    const CURLcode result = curl_easy_perform(u->curl);
    curl_easy_getinfo(u->curl, CURLINFO_RESPONSE_CODE, &code);
    curl_easy_getinfo(u->curl, CURLINFO_SIZE_DOWNLOAD_T, &bytes);
    if (result == CURLE_OK)
        printf("attempt %" PRIu64 ": status %ld, %ld bytes\n", ++u->attempts, code, (long)bytes);
    else
        printf("attempt %" PRIu64 ": %s\n", ++u->attempts,
               u->error[0] != '\0' ? u->error : curl_easy_strerror(result));
    return SPAWNED_OK;
}

static spawned_status on_end(spawned_context *context, void *state, void *value) {
    (void)state;
    (void)value;
    return spawned_context_stop(context);
}

static const spawned_handler handlers[] = {{&tick_type, on_tick}, {&end_type, on_end}};
static const spawned_behavior updater_behavior = {SPAWNED_BEHAVIOR_INIT("updater"),
                                                  sizeof(updater),
                                                  SPAWNED_HANDLERS(handlers),
                                                  .init = init,
                                                  .started = started,
                                                  .destroy = destroy};

static void must(spawned_status status) {
    if (status == SPAWNED_OK) return;
    (void)fprintf(stderr, "updater: %s\n", spawned_status_text(status));
    exit(1);
}

int main(int argc, char **argv) {
    const long milliseconds = argc > 2 ? strtol(argv[2], NULL, 10) : 1000;
    settings s = {argc > 1 ? argv[1] : NULL, (spawned_duration)milliseconds * SPAWNED_MILLISECOND};
    spawned_runtime *runtime = NULL;
    spawned_actor_options options = SPAWNED_ACTOR_OPTIONS_INIT;
    spawned_pid pid = 0;
    if (s.address == NULL || milliseconds <= 0 || argc > 3) {
        (void)fprintf(stderr, "usage: %s ADDRESS [MILLISECONDS_BETWEEN_ATTEMPTS]\n", argv[0]);
        return 2;
    }
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) return 1;
    options.backend = SPAWNED_BACKEND_BLOCKING;
    options.argument = &s;
    must(spawned_runtime_create(NULL, &runtime));
    must(spawned_actor_start(runtime, &updater_behavior, &options, &pid));
    must(spawned_actor_join(pid, SPAWNED_DEFAULT));
    must(spawned_runtime_destroy(runtime));
    curl_global_cleanup();
    return 0;
}
