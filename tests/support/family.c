/* Children for supervisors: see family.h. */
#include "family.h"

#include <stdio.h>
#include <string.h>

typedef struct member_state {
    family_member *who;
} member_state;

static void note(family *f, char what, char letter) {
    pthread_mutex_lock(&f->lock);
    if (f->used + 4 < sizeof f->journal)
        f->used += (size_t)snprintf(f->journal + f->used, sizeof f->journal - f->used, "%s%c%c",
                                    f->used == 0 ? "" : " ", what, letter);
    pthread_mutex_unlock(&f->lock);
}

/* Takes one from a counter that is above 0. */
static bool take(_Atomic int32_t *counter) {
    int32_t left = atomic_load(counter);
    while (left > 0)
        if (atomic_compare_exchange_weak(counter, &left, left - 1)) return true;
    return false;
}

static spawned_status init(void *state, void *argument, void *user_data) {
    (void)user_data;
    family_member *who = argument;
    ((member_state *)state)->who = who;
    if (take(&who->init_failures)) {
        note(who->home, '!', who->letter);
        return spawned_fail(FAMILY_CODE, "planned in init", SPAWNED_ZERO_TERMINATED);
    }
    if (atomic_fetch_add(&who->alive, 1) != 0) atomic_fetch_add(&who->doubles, 1);
    return SPAWNED_OK;
}

static void fell(family *f, char letter) {
    const spawned_pid pid = family_pid(f, letter);
    (void)family_tell(f, letter, FAMILY_FAIL);
    (void)spawned_actor_join(pid, SPAWNED_FOREVER);
}

static spawned_status started(spawned_context *context, void *state) {
    family_member *who = ((member_state *)state)->who;
    const char felled = atomic_exchange(&who->fells, 0);
    if (felled != 0) fell(who->home, felled);
    if (take(&who->holds)) (void)spawned_actor_join(who->home->release, SPAWNED_FOREVER);
    if (take(&who->started_failures)) {
        note(who->home, '!', who->letter);
        return spawned_fail(FAMILY_CODE, "planned in started", SPAWNED_ZERO_TERMINATED);
    }
    if (take(&who->quits)) return spawned_context_stop(context);
    atomic_store(&who->pid, spawned_context_self(context));
    note(who->home, '+', who->letter);
    atomic_fetch_add(&who->lives, 1);
    return SPAWNED_OK;
}

static void destroy(void *state, void *user_data) {
    (void)user_data;
    family_member *who = ((member_state *)state)->who;
    note(who->home, '-', who->letter);
    atomic_fetch_sub(&who->alive, 1);
}

static spawned_status cling_on(spawned_context *context, void *state, size_t ready, void *data) {
    (void)context, (void)state, (void)ready;
    spawned_response_release(data);
    return SPAWNED_OK;
}

static void let_go(void *data) { spawned_response_release(data); }

/* The promise goes with its runtime. */
static spawned_status cling(spawned_context *context) {
    spawned_reply_to never = 0;
    spawned_response *response = NULL;
    spawned_status status = spawned_promise_create(spawned_context_runtime(context), NULL,
                                                   SPAWNED_FOREVER, &never, &response);
    if (status == SPAWNED_OK)
        status = spawned_await(context, &response, 1, cling_on, response, let_go);
    return status;
}

static spawned_status on_number(spawned_context *context, void *state, void *value) {
    switch ((family_order) * (const uint64_t *)value) {
        case FAMILY_FAIL:
            return spawned_fail(FAMILY_CODE, "told to", SPAWNED_ZERO_TERMINATED);
        case FAMILY_QUIT:
            return spawned_context_stop(context);
        case FAMILY_CLING:
            return cling(context);
        case FAMILY_HOLD:
            harness_gate_pass(((member_state *)state)->who->home->gate);
            break;
        case FAMILY_BLOCK:
            return spawned_actor_join(((member_state *)state)->who->home->release, SPAWNED_FOREVER);
    }
    return SPAWNED_OK;
}

static const spawned_handler handlers[] = {{&harness_number_type, on_number}};

const spawned_behavior family_behavior = {SPAWNED_BEHAVIOR_INIT("child"),
                                          .state_size = sizeof(member_state),
                                          SPAWNED_HANDLERS(handlers),
                                          .init = init,
                                          .started = started,
                                          .destroy = destroy};

static void forget(void *argument) { atomic_fetch_add(&((family_member *)argument)->forgotten, 1); }

void family_init(family *f, harness *h, const char *letters, spawned_strategy strategy) {
    memset(f, 0, sizeof *f);
    pthread_mutex_init(&f->lock, NULL);
    f->owner = h;
    f->count = strlen(letters);
    for (size_t i = 0; i < f->count; i++) {
        f->members[i].home = f;
        f->members[i].letter = f->ids[i][0] = letters[i];
        f->options[i] = (spawned_actor_options)SPAWNED_ACTOR_OPTIONS_INIT;
        f->options[i].backend = harness_backend(h);
        f->children[i] = (spawned_child){SPAWNED_CHILD_INIT(f->ids[i]),
                                         .behavior = &family_behavior, .options = &f->options[i],
                                         .argument = &f->members[i], .destroy = forget};
        f->list[i] = &f->children[i];
    }
    f->supervisor = (spawned_supervisor){SPAWNED_SUPERVISOR_INIT("family"), .strategy = strategy,
                                         .children = f->list,
                                         .child_count = strategy == SPAWNED_DYNAMIC ? 0 : f->count};
}

static size_t place_of(const family *f, char letter) {
    size_t i = 0;
    while (i + 1 < f->count && f->members[i].letter != letter) i++;
    return i;
}

family_member *family_of(family *f, char letter) { return &f->members[place_of(f, letter)]; }
spawned_child *family_child(family *f, char letter) { return &f->children[place_of(f, letter)]; }

spawned_status family_start(family *f, spawned_pid *out_supervisor) {
    return spawned_supervisor_start(harness_runtime(f->owner), &f->supervisor, NULL,
                                    out_supervisor);
}

spawned_pid family_pid(family *f, char letter) { return atomic_load(&family_of(f, letter)->pid); }

spawned_status family_tell(family *f, char letter, family_order order) {
    return harness_send_number(family_pid(f, letter), (uint64_t)order);
}

struct awaited_lives {
    family_member *who;
    int32_t lives;
};

static bool has_lived(void *argument) {
    const struct awaited_lives *wanted = argument;
    return atomic_load(&wanted->who->lives) >= wanted->lives;
}

bool family_wait_lives(family *f, char letter, int32_t lives) {
    struct awaited_lives wanted = {family_of(f, letter), lives};
    return harness_wait_until(f->owner, has_lived, &wanted) && harness_settle(f->owner);
}

struct awaited_journal {
    family *f;
    const char *journal;
};

static bool is_written(void *argument) {
    const struct awaited_journal *wanted = argument;
    pthread_mutex_lock(&wanted->f->lock);
    const bool same = strcmp(wanted->f->journal, wanted->journal) == 0;
    pthread_mutex_unlock(&wanted->f->lock);
    return same;
}

bool family_wait_journal(family *f, const char *journal) {
    struct awaited_journal wanted = {f, journal};
    if (harness_wait_until(f->owner, is_written, &wanted) && harness_settle(f->owner) &&
        is_written(&wanted))
        return true;
    pthread_mutex_lock(&f->lock);
    fprintf(stderr, "the journal is  \"%s\"\n       and not \"%s\"\n", f->journal, journal);
    pthread_mutex_unlock(&f->lock);
    return false;
}

void family_clear(family *f) {
    pthread_mutex_lock(&f->lock);
    f->used = 0;
    f->journal[0] = 0;
    pthread_mutex_unlock(&f->lock);
}

bool family_is_gone(const family *f) {
    for (size_t i = 0; i < f->count; i++)
        if (atomic_load(&f->members[i].alive) != 0 || atomic_load(&f->members[i].doubles) != 0)
            return false;
    return true;
}
