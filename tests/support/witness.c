/* Witnesses: see witness.h. */
#include "witness.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct witness {
    harness *h;
    bool traps;
    spawned_status status;
    const char *text;
    witness_act act;
    void *argument;
    pthread_mutex_t lock; /* guards the rest */
    spawned_ended *ends;
    size_t count, capacity;
    char story[1024], told[1024];
    spawned_exit exit;
    witness *next;
};

static pthread_mutex_t all_lock = PTHREAD_MUTEX_INITIALIZER;
static witness *all; /* guard: all_lock; never given back */

const spawned_message_type witness_ended_type =
    SPAWNED_MESSAGE_TYPE("witness.ended", spawned_ended);

typedef struct witness_state {
    int64_t of_scripts; /* what a scripted actor's state is */
    witness *own;
} witness_state;

static void write_down(witness *own, const char *words) {
    pthread_mutex_lock(&own->lock);
    const size_t used = strlen(own->story);
    snprintf(own->story + used, sizeof own->story - used, "%s%s", used == 0 ? "" : " ", words);
    pthread_mutex_unlock(&own->lock);
}

static witness *own_of(void *state) { return ((witness_state *)state)->own; }

static spawned_status begin(void *state, void *argument, void *user_data) {
    (void)user_data;
    *(witness_state *)state = (witness_state){0, argument};
    write_down(argument, "i");
    return SPAWNED_OK;
}

static spawned_status started(spawned_context *context, void *state) {
    witness *own = own_of(state);
    write_down(own, "s");
    if (own->traps) {
        const spawned_status status = spawned_context_trap_exits(context, &witness_ended_type);
        if (status != SPAWNED_OK) return status;
    }
    return spawned_fail(own->status, own->text, SPAWNED_ZERO_TERMINATED);
}

static spawned_status on_ended(spawned_context *context, void *state, void *value) {
    witness *own = own_of(state);
    const spawned_ended *told = value;
    char words[32];
    snprintf(words, sizeof words, "E%" PRIu64, told->tag);
    write_down(own, words); /* before it counts: who has waited for the count reads the story */
    pthread_mutex_lock(&own->lock);
    if (own->count == own->capacity) {
        own->capacity = own->capacity == 0 ? 8 : own->capacity * 2;
        own->ends = realloc(own->ends, own->capacity * sizeof *own->ends);
        if (own->ends == NULL) abort();
    }
    own->ends[own->count++] = *told;
    pthread_mutex_unlock(&own->lock);
    return own->act == NULL ? SPAWNED_OK : own->act(context, own->argument, told);
}

static spawned_status on_number(spawned_context *context, void *state, void *value) {
    (void)context;
    char words[32];
    snprintf(words, sizeof words, "%" PRIu64, *(const uint64_t *)value);
    write_down(own_of(state), words);
    return SPAWNED_OK;
}

static spawned_status on_act(spawned_context *context, void *state, void *value) {
    const script_act *act = value;
    return act->run(context, state, act->argument);
}

static spawned_status stopped(spawned_context *context, void *state, const spawned_exit *exit) {
    (void)context;
    witness *own = own_of(state);
    write_down(own, "x");
    pthread_mutex_lock(&own->lock);
    own->exit = *exit;
    pthread_mutex_unlock(&own->lock);
    return SPAWNED_OK;
}

static void end(void *state, void *user_data) {
    (void)user_data;
    write_down(own_of(state), "d");
}

static const spawned_handler handlers[] = {{&witness_ended_type, on_ended},
                                           {&harness_number_type, on_number},
                                           {&script_tell_type, on_act},
                                           {&script_ask_type, on_act}};

const spawned_behavior witness_behavior = {SPAWNED_BEHAVIOR_INIT("witness"),
                                           .state_size = sizeof(witness_state),
                                           .state_alignment = SPAWNED_ALIGNOF(witness_state),
                                           .handler_count = sizeof handlers / sizeof *handlers,
                                           .handlers = handlers,
                                           .init = begin,
                                           .started = started,
                                           .stopped = stopped,
                                           .destroy = end};

witness *witness_new(harness *h) {
    witness *own = calloc(1, sizeof *own);
    if (own == NULL) abort();
    own->h = h;
    own->exit = (spawned_exit)SPAWNED_EXIT_INIT;
    pthread_mutex_init(&own->lock, NULL);
    pthread_mutex_lock(&all_lock);
    own->next = all;
    all = own;
    pthread_mutex_unlock(&all_lock);
    return own;
}

spawned_actor_options witness_options(witness *own) {
    spawned_actor_options options = SPAWNED_ACTOR_OPTIONS_INIT;
    options.argument = own;
    options.backend = harness_backend(own->h);
    return options;
}

spawned_pid witness_start(witness *own, const spawned_actor_options *options) {
    spawned_actor_options chosen = SPAWNED_ACTOR_OPTIONS_INIT;
    if (options != NULL) chosen = *options;
    chosen.argument = own;
    return harness_start(own->h, &witness_behavior, &chosen);
}

void witness_will_trap(witness *own) { own->traps = true; }

void witness_will_fail(witness *own, spawned_status status, const char *text) {
    own->status = status;
    own->text = text;
}

void witness_on_ended(witness *own, witness_act act, void *argument) {
    own->act = act;
    own->argument = argument;
}

size_t witness_count(witness *own) {
    pthread_mutex_lock(&own->lock);
    const size_t count = own->count;
    pthread_mutex_unlock(&own->lock);
    return count;
}

spawned_ended witness_end(witness *own, size_t index) {
    spawned_ended told = {0};
    pthread_mutex_lock(&own->lock);
    if (index < own->count) told = own->ends[index];
    pthread_mutex_unlock(&own->lock);
    return told;
}

struct witness_goal {
    witness *own;
    size_t count;
};

static bool has_been_told(void *argument) {
    const struct witness_goal *goal = argument;
    return witness_count(goal->own) >= goal->count;
}

bool witness_wait(witness *own, size_t count) {
    struct witness_goal goal = {own, count};
    return harness_wait_until(own->h, has_been_told, &goal);
}

const char *witness_story(witness *own) {
    pthread_mutex_lock(&own->lock);
    memcpy(own->told, own->story, sizeof own->told);
    pthread_mutex_unlock(&own->lock);
    return own->told;
}

spawned_exit witness_exit(witness *own) {
    pthread_mutex_lock(&own->lock);
    const spawned_exit exit = own->exit;
    pthread_mutex_unlock(&own->lock);
    return exit;
}

spawned_status witness_fail(spawned_context *context, void *state, void *argument) {
    (void)context, (void)state;
    return spawned_fail(*(const spawned_status *)argument, "gone", SPAWNED_ZERO_TERMINATED);
}
