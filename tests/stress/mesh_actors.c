/* The actors of the mesh. What a handler does is drawn from its message's plan. */
#include <stdlib.h>
#include <string.h>

#include "mesh.h"

enum { failing_code = 7, alive = 0xa11ce };

typedef struct seen {
    uint32_t sender;
    uint64_t sequence;
} seen;

typedef struct member {
    uint32_t magic;
    atomic_int inside; /* a callback of this actor runs */
    mesh_doer doer;
    seen last[mesh_seen]; /* of each sender, as far as there is room */
} member;

/* An await across suspensions. */
typedef struct wait_record {
    spawned_response *responses[3];
    uint32_t count;
    bool is_asked;
    uint64_t echo;
} wait_record;

static member *enter(void *state) {
    member *self = state;
    STRESS_CHECK(self->magic == alive);
    STRESS_CHECK(atomic_exchange(&self->inside, 1) == 0);
    return self;
}

static spawned_status leave(member *self, spawned_status status) {
    STRESS_CHECK(atomic_exchange(&self->inside, 0) == 1);
    return status;
}

static void expect_in_order(member *self, const mesh_parcel *parcel) {
    if (parcel->sequence == 0) return;
    seen *last = &self->last[parcel->sender % mesh_seen];
    if (last->sender == parcel->sender && last->sequence >= parcel->sequence)
        stress_fail("message %llu of sender %u came after %llu",
                    (unsigned long long)parcel->sequence, parcel->sender,
                    (unsigned long long)last->sequence);
    *last = (seen){parcel->sender, parcel->sequence};
}

static void act_on(member *self, const mesh_parcel *parcel) {
    if (parcel->hops == 0) return;
    mesh_act(&self->doer, parcel->hops - 1);
    if (parcel->plan % 4 == 0) mesh_act(&self->doer, parcel->hops - 1);
}

/* One time in some hundred the actor ends here. */
static spawned_status end_of_handler(spawned_context *context, member *self, uint64_t plan) {
    switch ((plan >> 32) % 512) {
        case 0:
            (void)spawned_context_stop(context);
            return leave(self, SPAWNED_OK);
        case 1:
            return leave(self, spawned_fail(failing_code, "as planned", SPAWNED_ZERO_TERMINATED));
        case 2:
            mesh_end_somehow(spawned_context_self(context), &self->doer);
            break;
        default:
            break;
    }
    return leave(self, SPAWNED_OK);
}

static void reply_now(spawned_context *context, uint64_t echo) {
    mesh_answer answer = mesh_new_answer(echo);
    const spawned_status status = spawned_reply(context, &answer);
    if (status != SPAWNED_OK && status != SPAWNED_EALREADY)
        stress_fail("reply: %s", spawned_status_name(status));
}

static void end_record(wait_record *record) {
    for (uint32_t i = 0; i < record->count; ++i) mesh_finish_response(record->responses[i]);
    free(record);
}

static void on_drop(void *user_data) {
    atomic_fetch_add(&the_mesh.dropped, 1);
    end_record(user_data);
}

static spawned_status on_resume(spawned_context *context, void *state, size_t ready,
                                void *user_data);

static bool begin_await(spawned_context *context, wait_record *record) {
    const spawned_status status =
        spawned_await(context, record->responses, record->count, on_resume, record, on_drop);
    if (status != SPAWNED_OK) stress_fail("await: %s", spawned_status_name(status));
    atomic_fetch_add(&the_mesh.awaits, 1);
    return true;
}

static spawned_status on_resume(spawned_context *context, void *state, size_t ready,
                                void *user_data) {
    member *self = enter(state);
    wait_record *record = user_data;
    atomic_fetch_add(&the_mesh.resumed, 1);
    STRESS_CHECK(ready < record->count);
    const spawned_status outcome = spawned_response_poll(record->responses[ready]);
    if (outcome == SPAWNED_EAGAIN) stress_fail("resumed for a response that has no outcome");
    mesh_check_outcome(outcome, "awaited request");
    mesh_finish_response(record->responses[ready]);
    record->responses[ready] = record->responses[--record->count];
    if (record->count > 0 && stress_below(&self->doer.random, 2) == 0) {
        (void)begin_await(context, record);
        return leave(self, SPAWNED_OK);
    }
    if (record->is_asked) reply_now(context, record->echo);
    end_record(record);
    return end_of_handler(context, self, stress_random(&self->doer.random));
}

static void await_some(spawned_context *context, member *self, const mesh_parcel *parcel,
                       bool is_asked) {
    wait_record *record = malloc(sizeof *record);
    if (record == NULL) stress_fail("no memory");
    record->count = 1 + stress_below(&self->doer.random, 3);
    record->is_asked = is_asked;
    record->echo = parcel->token;
    const uint32_t hops = parcel->hops > 0 ? parcel->hops - 1 : 0;
    for (uint32_t i = 0; i < record->count; ++i) {
        record->responses[i] = NULL;
        if (stress_below(&self->doer.random, 8) == 0 &&
            spawned_sleep(the_mesh.runtime, mesh_short_time(&self->doer), &record->responses[i]) ==
                SPAWNED_OK) {
            atomic_fetch_add(&the_mesh.asked, 1);
            continue;
        }
        if (record->responses[i] != NULL) spawned_response_release(record->responses[i]);
        record->responses[i] = mesh_ask_any(&self->doer, hops, mesh_short_time(&self->doer));
    }
    (void)begin_await(context, record);
}

static spawned_status on_note(spawned_context *context, void *state, void *value) {
    member *self = enter(state);
    const mesh_parcel *parcel = value;
    atomic_fetch_add(&the_mesh.handled, 1);
    expect_in_order(self, parcel);
    act_on(self, parcel);
    if (parcel->hops > 0 && parcel->plan % 64 == 1) {
        await_some(context, self, parcel, false);
        return leave(self, SPAWNED_OK);
    }
    return end_of_handler(context, self, parcel->plan);
}

static spawned_status on_bulk(spawned_context *context, void *state, void *value) {
    member *self = enter(state);
    const mesh_parcel *parcel = value;
    atomic_fetch_add(&the_mesh.handled, 1);
    expect_in_order(self, parcel);
    spawned_message_info info = SPAWNED_MESSAGE_INFO_INIT;
    STRESS_OK(spawned_context_message(context, &info));
    const unsigned char *bytes = value;
    for (size_t i = sizeof *parcel; i < info.value_size; ++i)
        STRESS_CHECK(bytes[i] == (unsigned char)parcel->token);
    return end_of_handler(context, self, parcel->plan);
}

static void reply_in_place(spawned_context *context, uint64_t echo) {
    void *storage = NULL;
    const spawned_status status = spawned_reply_reserve(context, 0, &storage);
    if (status == SPAWNED_ENOENT) return;
    STRESS_OK(status);
    mesh_answer answer = mesh_new_answer(echo);
    memcpy(storage, &answer, sizeof answer);
    STRESS_OK(spawned_reply_commit(context));
}

static void reply_later(spawned_context *context, member *self) {
    spawned_reply_to reply = 0;
    const spawned_status status = spawned_reply_detach(context, &reply);
    if (status == SPAWNED_ENOENT) return;
    STRESS_OK(status);
    if (!mesh_stash_put(&the_mesh.replies, reply)) mesh_answer_late(reply, &self->doer);
}

static void pass_on(spawned_context *context, member *self, mesh_parcel *parcel) {
    parcel->sequence = 0;
    parcel->plan = stress_random(&self->doer.random) / 10 * 10;
    const spawned_status status = spawned_context_forward(context, mesh_any(&self->doer, NULL));
    if (status != SPAWNED_OK && status != SPAWNED_ESTOPPED)
        stress_fail("forward: %s", spawned_status_name(status));
}

static spawned_status on_ask(spawned_context *context, void *state, void *value) {
    member *self = enter(state);
    mesh_parcel *parcel = value;
    const uint64_t plan = parcel->plan;
    atomic_fetch_add(&the_mesh.handled, 1);
    expect_in_order(self, parcel);
    act_on(self, parcel);
    switch (plan % 10) {
        case 0:
        case 1:
            reply_now(context, parcel->token);
            break;
        case 2:
            reply_now(context, parcel->token);
            reply_now(context, parcel->token);
            break;
        case 3:
            reply_in_place(context, parcel->token);
            break;
        case 4:
            STRESS_OK(spawned_reply_fail(context, 9, "no", 2));
            break;
        case 5:
            break;
        case 6:
            reply_later(context, self);
            break;
        case 7:
            pass_on(context, self, parcel);
            break;
        case 8:
            await_some(context, self, parcel, true);
            return leave(self, SPAWNED_OK);
        default:
            reply_now(context, parcel->token);
            break;
    }
    return end_of_handler(context, self, plan);
}

static spawned_status init_member(void *state, void *argument, void *user_data) {
    (void)user_data;
    const uint64_t seed = *(uint64_t *)argument;
    if (seed % 64 == 0) return spawned_fail(failing_code, "no init", SPAWNED_ZERO_TERMINATED);
    member *self = state;
    memset(self->last, 0, sizeof self->last);
    self->magic = alive;
    atomic_init(&self->inside, 0);
    self->doer = mesh_new_doer(seed, true);
    atomic_fetch_add(&the_mesh.states_made, 1);
    return SPAWNED_OK;
}

static spawned_status on_started(spawned_context *context, void *state) {
    (void)context;
    member *self = enter(state);
    const uint32_t choice = stress_below(&self->doer.random, 64);
    if (choice < 16) mesh_act(&self->doer, 1);
    return leave(self, choice == 63 ? failing_code : SPAWNED_OK);
}

static spawned_status on_stopped(spawned_context *context, void *state, const spawned_exit *exit) {
    member *self = enter(state);
    STRESS_CHECK(exit->kind != SPAWNED_EXIT_RUNNING && exit->kind != SPAWNED_EXIT_KILLED);
    const uint32_t choice = stress_below(&self->doer.random, 16);
    if (choice < 4) mesh_act(&self->doer, 0);
    if (choice == 4) {
        const mesh_parcel nothing = {0};
        await_some(context, self, &nothing, false);
    }
    return leave(self, choice == 5 ? failing_code : SPAWNED_OK);
}

static void end_member(void *state, void *user_data) {
    (void)user_data;
    member *self = state;
    STRESS_CHECK(self->magic == alive);
    STRESS_CHECK(atomic_load(&self->inside) == 0);
    self->magic = 0;
    atomic_fetch_add(&the_mesh.states_ended, 1);
}

static const spawned_handler handlers[] = {{&mesh_note_type, on_note},
                                           {&mesh_bulk_type, on_bulk},
                                           {&mesh_ask_type, on_ask},
                                           {&mesh_ask_soon_type, on_ask}};

#define MEMBER(behavior_name)                                                                  \
    SPAWNED_BEHAVIOR_INIT(behavior_name), .state_size = sizeof(member), .state_alignment = 64, \
                                          .handlers = handlers, .handler_count = 4,            \
                                          .init = init_member, .destroy = end_member

static const spawned_behavior behaviors[] = {
    {MEMBER("plain")},
    {MEMBER("hooked"), .started = on_started, .stopped = on_stopped},
    {MEMBER("slow"), .flags = SPAWNED_BEHAVIOR_SLOW},
    {MEMBER("guest"), .flags = SPAWNED_BEHAVIOR_RUN_ON_CALLER, .stopped = on_stopped},
};

/* Slots 3, 4, 5, 6 of eight are bounded, each by another policy. */
bool mesh_slot_blocks(uint32_t slot) { return slot % 8 == 3 + SPAWNED_OVERFLOW_BLOCK; }

static spawned_backend any_backend(mesh_doer *doer) {
    const uint32_t choice = stress_below(&doer->random, 16);
    return choice == 0  ? SPAWNED_BACKEND_THREAD
           : choice < 4 ? SPAWNED_BACKEND_BLOCKING
                        : SPAWNED_BACKEND_POOL;
}

void mesh_start_in(uint32_t slot, mesh_doer *doer) {
    uint64_t seed = stress_random(&doer->random);
    spawned_actor_options options = SPAWNED_ACTOR_OPTIONS_INIT;
    options.backend = any_backend(doer);
    options.argument = &seed;
    if (slot % 8 >= 3 && slot % 8 <= 6) {
        options.capacity = 1 + stress_below(&doer->random, 16);
        options.overflow = slot % 8 - 3;
    }
    char name[2] = {(char)('a' + stress_below(&doer->random, 26)), 0};
    if (stress_below(&doer->random, 8) == 0) {
        options.name = name;
        options.name_length = 1;
    }
    spawned_pid pid = 0;
    const spawned_status status =
        spawned_actor_start(the_mesh.runtime, &behaviors[stress_below(&doer->random, 4)], &options,
                            &pid);
    switch (status) {
        case SPAWNED_OK:
            break;
        case SPAWNED_EEXIST:
        case SPAWNED_ESTOPPING:
        case failing_code:
            return;
        default:
            stress_fail("start: %s (%d)", spawned_status_name(status), (int)status);
    }
    const spawned_pid before = atomic_exchange(&the_mesh.slots[slot], pid);
    if (before != 0) mesh_end_somehow(before, doer);
}

spawned_pid mesh_any(mesh_doer *doer, uint32_t *out_slot) {
    const uint32_t slot = stress_below(&doer->random, the_mesh.slot_count);
    if (out_slot != NULL) *out_slot = slot;
    return atomic_load(&the_mesh.slots[slot]);
}

void mesh_end_somehow(spawned_pid pid, mesh_doer *doer) {
    spawned_status status;
    switch (stress_below(&doer->random, 4)) {
        case 0:
            status = spawned_actor_kill(pid);
            break;
        case 1:
            status = spawned_actor_stop(pid);
            break;
        case 2:
            status = spawned_actor_drain(pid, mesh_short_time(doer));
            break;
        default:
            status = spawned_actor_drain(pid, SPAWNED_DEFAULT);
            break;
    }
    if (status != SPAWNED_OK && status != SPAWNED_ESTOPPED && status != SPAWNED_ESTOPPING)
        stress_fail("ending an actor: %s", spawned_status_name(status));
}
