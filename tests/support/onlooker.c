/* Onlookers: see onlooker.h. */
#include "onlooker.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef enum entry_kind { CHANGE, END, NUMBER } entry_kind;

typedef struct entry {
    entry_kind kind;
    spawned_group_change change;
    uint64_t number; /* or the pid that ended */
} entry;

struct onlooker {
    harness *h;
    pthread_mutex_t lock; /* guards the rest */
    entry *entries;
    size_t count, capacity, changes;
    char told[4096];
    onlooker *next;
};

static pthread_mutex_t all_lock = PTHREAD_MUTEX_INITIALIZER;
static onlooker *all; /* guard: all_lock; never given back */

const spawned_message_type onlooker_changed_type =
    SPAWNED_MESSAGE_TYPE("onlooker.changed", spawned_group_change);
const spawned_message_type onlooker_ended_type =
    SPAWNED_MESSAGE_TYPE("onlooker.ended", spawned_ended);

typedef struct onlooker_state {
    int64_t of_scripts; /* what a scripted actor's state is */
    onlooker *own;
} onlooker_state;

static spawned_status begin(void *state, void *argument, void *user_data) {
    (void)user_data;
    *(onlooker_state *)state = (onlooker_state){0, argument};
    return SPAWNED_OK;
}

static spawned_status write_down(void *state, entry one) {
    onlooker *own = ((onlooker_state *)state)->own;
    pthread_mutex_lock(&own->lock);
    if (own->count == own->capacity) {
        own->capacity = own->capacity == 0 ? 16 : own->capacity * 2;
        own->entries = realloc(own->entries, own->capacity * sizeof *own->entries);
        if (own->entries == NULL) abort();
    }
    own->entries[own->count++] = one;
    own->changes += one.kind == CHANGE;
    pthread_mutex_unlock(&own->lock);
    return SPAWNED_OK;
}

static spawned_status on_changed(spawned_context *context, void *state, void *value) {
    (void)context;
    return write_down(state, (entry){.kind = CHANGE, .change = *(spawned_group_change *)value});
}

static spawned_status on_ended(spawned_context *context, void *state, void *value) {
    (void)context;
    return write_down(state, (entry){.kind = END, .number = ((spawned_ended *)value)->pid});
}

static spawned_status on_number(spawned_context *context, void *state, void *value) {
    (void)context;
    return write_down(state, (entry){.kind = NUMBER, .number = *(uint64_t *)value});
}

static spawned_status on_act(spawned_context *context, void *state, void *value) {
    const script_act *act = value;
    return act->run(context, state, act->argument);
}

static const spawned_handler handlers[] = {{&onlooker_changed_type, on_changed},
                                           {&onlooker_ended_type, on_ended},
                                           {&harness_number_type, on_number},
                                           {&script_tell_type, on_act},
                                           {&script_ask_type, on_act}};

const spawned_behavior onlooker_behavior = {SPAWNED_BEHAVIOR_INIT("onlooker"),
                                            .state_size = sizeof(onlooker_state),
                                            .state_alignment = SPAWNED_ALIGNOF(onlooker_state),
                                            .handler_count = sizeof handlers / sizeof *handlers,
                                            .handlers = handlers,
                                            .init = begin};

onlooker *onlooker_new(harness *h) {
    onlooker *own = calloc(1, sizeof *own);
    if (own == NULL) abort();
    own->h = h;
    pthread_mutex_init(&own->lock, NULL);
    pthread_mutex_lock(&all_lock);
    own->next = all;
    all = own;
    pthread_mutex_unlock(&all_lock);
    return own;
}

spawned_pid onlooker_start(onlooker *own, const spawned_actor_options *options) {
    spawned_actor_options chosen = SPAWNED_ACTOR_OPTIONS_INIT;
    if (options != NULL) chosen = *options;
    chosen.argument = own;
    return harness_start(own->h, &onlooker_behavior, &chosen);
}

size_t onlooker_count(onlooker *own) {
    pthread_mutex_lock(&own->lock);
    const size_t count = own->changes;
    pthread_mutex_unlock(&own->lock);
    return count;
}

spawned_group_change onlooker_change(onlooker *own, size_t index) {
    spawned_group_change found = {0};
    pthread_mutex_lock(&own->lock);
    for (size_t i = 0; i < own->count; i++)
        if (own->entries[i].kind == CHANGE && index-- == 0) found = own->entries[i].change;
    pthread_mutex_unlock(&own->lock);
    return found;
}

struct onlooker_goal {
    onlooker *own;
    size_t count;
};

static bool has_been_told(void *argument) {
    const struct onlooker_goal *goal = argument;
    return onlooker_count(goal->own) >= goal->count;
}

bool onlooker_wait(onlooker *own, size_t count) {
    struct onlooker_goal goal = {own, count};
    return harness_wait_until(own->h, has_been_told, &goal);
}

static char letter_of(spawned_pid pid, const spawned_pid *pids, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (pids[i] == pid) return (char)('a' + i);
    return '?';
}

static int write_entry(char *to, size_t room, const entry *one, const spawned_pid *pids,
                       size_t count) {
    switch (one->kind) {
        case CHANGE:
            return snprintf(to, room, "%c%c%" PRIu32,
                            one->change.kind == SPAWNED_GROUP_JOINED ? '+' : '-',
                            letter_of(one->change.pid, pids, count), one->change.member_count);
        case END:
            return snprintf(to, room, "E%c", letter_of(one->number, pids, count));
        case NUMBER:
            return snprintf(to, room, "%" PRIu64, one->number);
    }
    return 0;
}

const char *onlooker_story(onlooker *own, const spawned_pid *pids, size_t count) {
    pthread_mutex_lock(&own->lock);
    size_t used = 0;
    own->told[0] = '\0';
    for (size_t i = 0; i < own->count && used + 32 < sizeof own->told; i++) {
        if (i != 0) own->told[used++] = ' ';
        used += (size_t)write_entry(own->told + used, sizeof own->told - used, &own->entries[i],
                                    pids, count);
    }
    pthread_mutex_unlock(&own->lock);
    return own->told;
}

/* Who is in, of those that were told of so far. */
typedef struct inside {
    spawned_pid *pids;
    size_t count;
} inside;

static const char *follow(inside *in, const spawned_group_change *change) {
    size_t at = 0;
    while (at < in->count && in->pids[at] != change->pid) at++;
    if (change->kind == SPAWNED_GROUP_JOINED) {
        if (at != in->count) return "who is in joined";
        in->pids[in->count++] = change->pid;
    } else if (change->kind == SPAWNED_GROUP_LEFT) {
        if (at == in->count) return "who is not in left";
        in->pids[at] = in->pids[--in->count];
    } else {
        return "a change of no kind";
    }
    return change->member_count == in->count ? NULL : "a wrong count";
}

const char *onlooker_fault(onlooker *own, spawned_event subscription, size_t *out_inside) {
    pthread_mutex_lock(&own->lock);
    inside in = {calloc(own->count + 1, sizeof *in.pids), 0};
    if (in.pids == NULL) abort();
    const char *fault = NULL;
    for (size_t i = 0; i < own->count && fault == NULL; i++)
        if (own->entries[i].kind == CHANGE && own->entries[i].change.subscription == subscription)
            fault = follow(&in, &own->entries[i].change);
    pthread_mutex_unlock(&own->lock);
    *out_inside = in.count;
    free(in.pids);
    return fault;
}
