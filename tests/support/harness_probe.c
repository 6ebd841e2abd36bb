/* Gates, plain message types, and the probe: an actor that writes down what happens to it. */
#include "harness_internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- gates ---- */

harness_gate *harness_gate_new(harness *h) {
    harness_gate *gate = calloc(1, sizeof *gate);
    if (gate == NULL) abort();
    pthread_mutex_init(&gate->lock, NULL);
    pthread_cond_init(&gate->changed, NULL);
    gate->never_waits = harness_is_alone(h);
    pthread_mutex_lock(&h->lists);
    gate->next = h->gates;
    h->gates = gate;
    pthread_mutex_unlock(&h->lists);
    return gate;
}

void harness_gate_open(harness_gate *gate) {
    pthread_mutex_lock(&gate->lock);
    gate->open = true;
    pthread_cond_broadcast(&gate->changed);
    pthread_mutex_unlock(&gate->lock);
}

void harness_gate_pass(harness_gate *gate) {
    pthread_mutex_lock(&gate->lock);
    gate->arrivals++;
    pthread_cond_broadcast(&gate->changed);
    while (!gate->open && !gate->never_waits) pthread_cond_wait(&gate->changed, &gate->lock);
    pthread_mutex_unlock(&gate->lock);
}

uint64_t harness_gate_arrivals(harness_gate *gate) {
    pthread_mutex_lock(&gate->lock);
    const uint64_t arrivals = gate->arrivals;
    pthread_mutex_unlock(&gate->lock);
    return arrivals;
}

struct gate_goal {
    harness_gate *gate;
    uint64_t arrivals;
};

static bool gate_has_arrivals(void *argument) {
    const struct gate_goal *goal = argument;
    return harness_gate_arrivals(goal->gate) >= goal->arrivals;
}

bool harness_gate_wait_for(harness_gate *gate, uint64_t arrivals) {
    struct gate_goal goal = {gate, arrivals};
    return harness_poll(gate_has_arrivals, &goal);
}

/* ---- plain types ---- */

const spawned_message_type harness_number_type = SPAWNED_MESSAGE_TYPE("harness.number", uint64_t);
const spawned_message_type harness_answer_type = SPAWNED_MESSAGE_TYPE("harness.answer", uint64_t);
const spawned_message_type harness_ask_type =
    SPAWNED_REQUEST_TYPE("harness.ask", uint64_t, &harness_answer_type);
const spawned_message_type harness_hold_type = SPAWNED_MESSAGE_TYPE("harness.hold", harness_gate *);
const spawned_message_type harness_quit_type = SPAWNED_EMPTY_TYPE("harness.quit");

spawned_status harness_send_number(spawned_pid to, uint64_t number) {
    return spawned_send(to, &harness_number_type, &number);
}

/* ---- the probe's behavior ---- */

typedef struct probe_state {
    harness_probe *probe;
} probe_state;

static _Atomic uint64_t threads_numbered;
static _Thread_local uint64_t thread_number;

static uint64_t this_thread(void) {
    if (thread_number == 0) thread_number = atomic_fetch_add(&threads_numbered, 1) + 1;
    return thread_number;
}

static void write_down(harness_probe *probe, harness_event event) {
    event.thread = this_thread();
    pthread_mutex_lock(&probe->lock);
    if (probe->count == probe->capacity) {
        probe->capacity = probe->capacity == 0 ? 32 : probe->capacity * 2;
        probe->events = realloc(probe->events, probe->capacity * sizeof *probe->events);
        if (probe->events == NULL) abort();
    }
    probe->events[probe->count++] = event;
    pthread_mutex_unlock(&probe->lock);
}

static void enter(harness_probe *probe) {
    if (atomic_fetch_add(&probe->running, 1) != 0) atomic_fetch_add(&probe->overlaps, 1);
}

static spawned_status leave(harness_probe *probe, spawned_status status) {
    atomic_fetch_sub(&probe->running, 1);
    if (status != SPAWNED_OK && probe->failure_text != NULL)
        return spawned_fail(status, probe->failure_text, SPAWNED_ZERO_TERMINATED);
    return status;
}

static spawned_status probe_init(void *state, void *argument, void *user_data) {
    (void)user_data;
    harness_probe *probe = argument;
    ((probe_state *)state)->probe = probe;
    enter(probe);
    write_down(probe, (harness_event){.kind = HARNESS_INIT});
    return leave(probe, probe->init_status);
}

static spawned_status probe_started(spawned_context *context, void *state) {
    harness_probe *probe = ((probe_state *)state)->probe;
    enter(probe);
    write_down(probe, (harness_event){.kind = HARNESS_STARTED});
    spawned_status status = probe->started_status;
    if (probe->on_started != NULL && status == SPAWNED_OK)
        status = probe->on_started(context, probe);
    return leave(probe, status);
}

static spawned_status probe_take(spawned_context *context, harness_probe *probe, uint64_t number) {
    enter(probe);
    write_down(probe, (harness_event){.kind = HARNESS_MESSAGE, .number = number});
    spawned_status status = SPAWNED_OK;
    if (probe->on_number != NULL) status = probe->on_number(context, probe, number);
    return leave(probe, status);
}

static spawned_status probe_number(spawned_context *context, void *state, void *value) {
    return probe_take(context, ((probe_state *)state)->probe, *(uint64_t *)value);
}

static spawned_status probe_tracked(spawned_context *context, void *state, void *value) {
    return probe_take(context, ((probe_state *)state)->probe, ((harness_tracked *)value)->number);
}

static spawned_status probe_ask(spawned_context *context, void *state, void *value) {
    const uint64_t answer = *(uint64_t *)value + 1;
    const spawned_status status =
        probe_take(context, ((probe_state *)state)->probe, *(uint64_t *)value);
    if (status != SPAWNED_OK) return status;
    /* EALREADY: on_number has answered, or detached. */
    const spawned_status replied = spawned_reply(context, &answer);
    return replied == SPAWNED_EALREADY ? SPAWNED_OK : replied;
}

static spawned_status probe_hold(spawned_context *context, void *state, void *value) {
    (void)context;
    (void)state;
    harness_gate_pass(*(harness_gate **)value);
    return SPAWNED_OK;
}

static spawned_status probe_quit(spawned_context *context, void *state, void *value) {
    (void)state;
    (void)value;
    return spawned_context_stop(context);
}

static spawned_status probe_stopped(spawned_context *context, void *state,
                                    const spawned_exit *exit) {
    harness_probe *probe = ((probe_state *)state)->probe;
    enter(probe);
    write_down(probe, (harness_event){.kind = HARNESS_STOPPED, .exit = *exit});
    spawned_status status = probe->stopped_status;
    if (probe->on_stopped != NULL && status == SPAWNED_OK)
        status = probe->on_stopped(context, probe);
    return leave(probe, status);
}

static void probe_destroy(void *state, void *user_data) {
    (void)user_data;
    harness_probe *probe = ((probe_state *)state)->probe;
    enter(probe);
    write_down(probe, (harness_event){.kind = HARNESS_DESTROYED});
    leave(probe, SPAWNED_OK);
}

static const spawned_handler probe_handlers[] = {
    {&harness_number_type, probe_number}, {&harness_tracked_type, probe_tracked},
    {&harness_ask_type, probe_ask},       {&harness_hold_type, probe_hold},
    {&harness_quit_type, probe_quit},
};

const spawned_behavior harness_probe_behavior = {
    SPAWNED_BEHAVIOR_INIT("probe"),
    .state_size = sizeof(probe_state),
    .state_alignment = SPAWNED_ALIGNOF(probe_state),
    .handler_count = sizeof probe_handlers / sizeof *probe_handlers,
    .handlers = probe_handlers,
    .init = probe_init,
    .started = probe_started,
    .stopped = probe_stopped,
    .destroy = probe_destroy,
};

/* ---- the test's side of a probe ---- */

harness_probe *harness_probe_new(harness *h) {
    harness_probe *probe = calloc(1, sizeof *probe);
    if (probe == NULL) abort();
    probe->owner = h;
    pthread_mutex_init(&probe->lock, NULL);
    pthread_mutex_lock(&h->lists);
    probe->next = h->probes;
    h->probes = probe;
    pthread_mutex_unlock(&h->lists);
    return probe;
}

spawned_pid harness_probe_start(harness *h, harness_probe *probe,
                                const spawned_actor_options *options) {
    spawned_actor_options chosen = SPAWNED_ACTOR_OPTIONS_INIT;
    if (options != NULL) chosen = *options;
    chosen.argument = probe;
    return harness_start(h, &harness_probe_behavior, &chosen);
}

spawned_pid harness_probe_start_on(harness *h, harness_probe *probe, spawned_backend backend) {
    spawned_actor_options options = SPAWNED_ACTOR_OPTIONS_INIT;
    options.backend = backend;
    options.argument = probe;
    spawned_pid pid = 0;
    const spawned_status status =
        spawned_actor_start(h->runtime, &harness_probe_behavior, &options, &pid);
    if (status != SPAWNED_OK)
        harness_fault(h, "spawned_actor_start: %s", spawned_status_name(status));
    return pid;
}

size_t harness_probe_count(harness_probe *probe, harness_event_kind kind) {
    size_t count = 0;
    pthread_mutex_lock(&probe->lock);
    for (size_t i = 0; i < probe->count; i++) count += probe->events[i].kind == kind;
    pthread_mutex_unlock(&probe->lock);
    return count;
}

size_t harness_probe_total(harness_probe *probe) {
    pthread_mutex_lock(&probe->lock);
    const size_t total = probe->count;
    pthread_mutex_unlock(&probe->lock);
    return total;
}

bool harness_probe_event(harness_probe *probe, size_t index, harness_event *event) {
    pthread_mutex_lock(&probe->lock);
    const bool there = index < probe->count;
    if (there) *event = probe->events[index];
    pthread_mutex_unlock(&probe->lock);
    return there;
}

void harness_probe_story(harness_probe *probe, char *story, size_t capacity) {
    size_t used = 0;
    story[0] = '\0';
    pthread_mutex_lock(&probe->lock);
    for (size_t i = 0; i < probe->count && used < capacity; i++) {
        const harness_event *event = &probe->events[i];
        const char *gap = i == 0 ? "" : " ";
        const int written =
            event->kind == HARNESS_MESSAGE
                ? snprintf(story + used, capacity - used, "%s%" PRIu64, gap, event->number)
                : snprintf(story + used, capacity - used, "%s%c", gap, "is xd"[event->kind]);
        used += (size_t)written;
    }
    pthread_mutex_unlock(&probe->lock);
}

struct probe_goal {
    harness_probe *probe;
    harness_event_kind kind;
    size_t count;
};

static bool probe_has(void *argument) {
    const struct probe_goal *goal = argument;
    return harness_probe_count(goal->probe, goal->kind) >= goal->count;
}

bool harness_probe_wait(harness_probe *probe, harness_event_kind kind, size_t count) {
    struct probe_goal goal = {probe, kind, count};
    return harness_wait_until(probe->owner, probe_has, &goal);
}

struct result_goal {
    harness_probe *probe;
    int64_t result;
};

static bool probe_has_result(void *argument) {
    const struct result_goal *goal = argument;
    return goal->probe->result == goal->result;
}

bool harness_probe_wait_result(harness_probe *probe, int64_t result) {
    struct result_goal goal = {probe, result};
    return harness_wait_until(probe->owner, probe_has_result, &goal);
}

bool harness_probe_hold(harness_probe *probe, spawned_pid pid, harness_gate *gate) {
    if (harness_is_alone(probe->owner)) return true;
    const uint64_t before = harness_gate_arrivals(gate);
    return spawned_send(pid, &harness_hold_type, &gate) == SPAWNED_OK &&
           harness_gate_wait_for(gate, before + 1);
}

void harness_probes_free(harness *h) {
    while (h->probes != NULL) {
        harness_probe *probe = h->probes;
        h->probes = probe->next;
        pthread_mutex_destroy(&probe->lock);
        free(probe->events);
        free(probe);
    }
    while (h->gates != NULL) {
        harness_gate *gate = h->gates;
        h->gates = gate->next;
        pthread_cond_destroy(&gate->changed);
        pthread_mutex_destroy(&gate->lock);
        free(gate);
    }
}
