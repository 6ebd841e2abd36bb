/* The walker: finds the files and keeps the reader of every lane busy with one of them. It takes the next
 * path from the tree only when a lane is free, so a tree of any size costs the same memory. */
#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tree.h"
#include "word_count.h"

/* One file at a time. */
typedef struct lane {
    spawned_pid reader;        /* 0: none yet, or the last one failed */
    spawned_response *reading; /* NULL: free */
    char path[PATH_MAX];
} lane;

typedef struct walker_state {
    const settings *settings;
    spawned_pid readers; /* their supervisor */
    tree tree;
    summary summary;
    lane lanes[LANES];
} walker_state;

static void tell_refusal(walker_state *w, const char *path, const char *reason) {
    if (w->summary.refused++ < REFUSALS_TOLD && !w->settings->quiet)
        (void)fprintf(stderr, "word_count: refused %s: %s\n", path, reason);
}

/* The reader of this lane has failed: says why, as its exit reason tells. Its supervisor knows, too, once it
 * has ended, and starts it anew before it is asked for it. */
static void bury(walker_state *w, lane *l) {
    spawned_exit exit = SPAWNED_EXIT_INIT;
    char text[256] = "", id[READER_ID], reason[384];
    name_reader((size_t)(l - w->lanes), id);
    (void)spawned_actor_stop(l->reader); /* should it have refused and lived on */
    (void)spawned_actor_join(l->reader, SPAWNED_FOREVER);
    (void)spawned_actor_exit_reason(l->reader, &exit, text, sizeof text);
    (void)snprintf(reason, sizeof reason, "%s in %s: %s (%" PRId32 "); %s is started anew",
                   spawned_exit_kind_name(exit.kind), spawned_exit_place_name(exit.place), text,
                   exit.code, id);
    tell_refusal(w, l->path, reason);
    l->reader = 0;
}

static void settle(walker_state *w, lane *l) {
    uint64_t bytes = 0;
    const spawned_status status = spawned_response_take(l->reading, &bytes);
    if (status == SPAWNED_EAGAIN) return;
    spawned_response_release(l->reading);
    l->reading = NULL;
    if (status != SPAWNED_OK) {
        bury(w, l);
        return;
    }
    w->summary.files++;
    w->summary.bytes += bytes;
}

/* 1: w->tree.path is a file to read. */
static int next_file(walker_state *w) {
    int error = 0, found = 0;
    while ((found = tree_next(&w->tree, &error)) < 0) {
        char reason[128] = "";
        (void)strerror_r(error, reason, sizeof reason);
        tell_refusal(w, w->tree.path, reason);
    }
    return found;
}

static spawned_status give_work(walker_state *w, lane *l) {
    if (l->reader == 0) {
        char id[READER_ID];
        name_reader((size_t)(l - w->lanes), id);
        const spawned_status status = household_find(w->readers, id, &l->reader);
        if (status != SPAWNED_OK) return spawned_fail(status, id, SPAWNED_ZERO_TERMINATED);
    }
    memcpy(l->path, w->tree.path, strlen(w->tree.path) + 1);
    /* A refusal is in the response too. */
    (void)request_path(l->reader, &read_type, l->path, &l->reading);
    return SPAWNED_OK;
}

static void release_all(void *user_data) {
    walker_state *w = user_data;
    for (size_t i = 0; i < LANES; i++) {
        spawned_response_release(w->lanes[i].reading);
        w->lanes[i].reading = NULL;
    }
}

static spawned_status on_ready(spawned_context *context, void *state, size_t ready,
                               void *user_data);

/* Fills the free lanes and waits for one of the busy ones; answers when there is none. */
static spawned_status go_on(spawned_context *context, walker_state *w) {
    spawned_response *busy[LANES];
    size_t count = 0;
    for (size_t i = 0; i < LANES; i++) {
        lane *l = &w->lanes[i];
        if (l->reading == NULL && next_file(w)) {
            const spawned_status status = give_work(w, l);
            if (status != SPAWNED_OK) return status;
        }
        if (l->reading != NULL) busy[count++] = l->reading;
    }
    if (count == 0) return spawned_reply(context, &w->summary);
    return spawned_await(context, busy, count, on_ready, w, release_all);
}

static spawned_status on_ready(spawned_context *context, void *state, size_t ready,
                               void *user_data) {
    walker_state *w = state;
    (void)ready;
    (void)user_data;
    for (size_t i = 0; i < LANES; i++)
        if (w->lanes[i].reading != NULL) settle(w, &w->lanes[i]);
    return go_on(context, w);
}

static spawned_status on_walk(spawned_context *context, void *state, void *value) {
    walker_state *w = state;
    const int error = tree_begin(&w->tree, value);
    return error == 0 ? go_on(context, w) : fail_of_system(error, value);
}

static spawned_status on_started(spawned_context *context, void *state) {
    walker_state *w = state;
    return spawned_registry_whereis(spawned_context_runtime(context), READERS_NAME,
                                    SPAWNED_ZERO_TERMINATED, &w->readers);
}

static spawned_status on_stopped(spawned_context *context, void *state, const spawned_exit *exit) {
    (void)context;
    (void)exit;
    release_all(state);
    return SPAWNED_OK;
}

static spawned_status init(void *state, void *argument, void *user_data) {
    walker_state *w = state;
    (void)user_data;
    memset(w, 0, sizeof *w);
    w->settings = argument;
    return SPAWNED_OK;
}

static void destroy(void *state, void *user_data) {
    (void)user_data;
    tree_end(&((walker_state *)state)->tree);
}

static const spawned_handler handlers[] = {{&walk_type, on_walk}};
const spawned_behavior walker = {SPAWNED_BEHAVIOR_INIT("walker"),
                                 .state_size = sizeof(walker_state),
                                 SPAWNED_HANDLERS(handlers),
                                 .init = init,
                                 .started = on_started,
                                 .stopped = on_stopped,
                                 .destroy = destroy};
