/* The ledger: every value built is ended once, whatever becomes of its message. */
#include <stdio.h>
#include <stdlib.h>

#include "mesh.h"

enum { parcel_magic = 0x5041524345, answer_magic = 0x414e535745, ended_magic = 0xdead };

mesh the_mesh;

uint64_t mesh_new_token(void) {
    const uint64_t token = atomic_fetch_add(&the_mesh.token_count, 1);
    if (token >= mesh_tokens_most) stress_fail("more values than the ledger has lines");
    return token;
}

void mesh_end_token(uint64_t token) {
    if (token >= mesh_tokens_most || atomic_fetch_add(&the_mesh.tokens[token], 1) != 0)
        stress_fail("value %llu was ended twice", (unsigned long long)token);
}

bool mesh_is_full(void) { return atomic_load(&the_mesh.token_count) > mesh_tokens_most / 2; }

void mesh_expect_each_token_once(void) {
    const uint64_t count = atomic_load(&the_mesh.token_count);
    for (uint64_t token = 0; token < count; ++token)
        if (atomic_load(&the_mesh.tokens[token]) != 1)
            stress_fail("value %llu of %llu was never ended", (unsigned long long)token,
                        (unsigned long long)count);
}

void mesh_stash_init(mesh_stash *stash) {
    if (pthread_mutex_init(&stash->lock, NULL) != 0) stress_fail("no mutex");
    stash->count = 0;
}

bool mesh_stash_put(mesh_stash *stash, uint64_t entry) {
    pthread_mutex_lock(&stash->lock);
    const bool room = stash->count < mesh_stash_most;
    if (room) stash->entries[stash->count++] = entry;
    pthread_mutex_unlock(&stash->lock);
    return room;
}

uint64_t mesh_stash_take(mesh_stash *stash, uint64_t *random) {
    uint64_t entry = 0;
    pthread_mutex_lock(&stash->lock);
    if (stash->count > 0) {
        const uint32_t at = stress_below(random, stash->count);
        entry = stash->entries[at];
        stash->entries[at] = stash->entries[--stash->count];
    }
    pthread_mutex_unlock(&stash->lock);
    return entry;
}

mesh_doer mesh_new_doer(uint64_t seed, bool is_actor) {
    mesh_doer doer = {seed, 0, atomic_fetch_add(&the_mesh.senders, 1) + 1, is_actor};
    return doer;
}

mesh_parcel mesh_new_parcel(mesh_doer *doer, uint32_t hops, bool numbered) {
    mesh_parcel parcel = {
        parcel_magic, mesh_new_token(), 0, stress_random(&doer->random), doer->sender, hops};
    if (numbered) parcel.sequence = ++doer->sequence;
    return parcel;
}

mesh_answer mesh_new_answer(uint64_t echo) {
    mesh_answer answer = {answer_magic, mesh_new_token(), echo};
    return answer;
}

static void end_parcel(void *value, void *user_data) {
    (void)user_data;
    mesh_parcel *parcel = value;
    STRESS_CHECK(parcel->magic == parcel_magic);
    parcel->magic = ended_magic;
    mesh_end_token(parcel->token);
}

static void end_answer(void *value, void *user_data) {
    (void)user_data;
    mesh_answer *answer = value;
    STRESS_CHECK(answer->magic == answer_magic);
    answer->magic = ended_magic;
    mesh_end_token(answer->token);
}

void mesh_end_answer(mesh_answer *answer) {
    if (answer->magic == answer_magic) end_answer(answer, NULL);
}

/* An interval's ticks: one copy in sixteen fails, and counts as missed. */
static spawned_status copy_parcel(void *storage, const void *value, void *user_data) {
    (void)user_data;
    const mesh_parcel *from = value;
    mesh_parcel *to = storage;
    STRESS_CHECK(from->magic == parcel_magic);
    const uint64_t token = mesh_is_full() ? 0 : mesh_new_token();
    if (token % 16 == 0) {
        if (token != 0) mesh_end_token(token);
        return SPAWNED_ENOMEM;
    }
    *to = *from;
    to->token = token;
    return SPAWNED_OK;
}

static const spawned_message_type answer_type = {
    .size = sizeof(spawned_message_type),
    .name = "mesh.answer",
    .value_size = sizeof(mesh_answer),
    .value_alignment = 8,
    .destroy = end_answer,
};

#define PARCEL_TYPE(type_name)                                                                  \
    .size = sizeof(spawned_message_type), .name = type_name, .value_size = sizeof(mesh_parcel), \
    .value_alignment = 8, .destroy = end_parcel

const spawned_message_type mesh_note_type = {PARCEL_TYPE("mesh.note"), .copy = copy_parcel};
const spawned_message_type mesh_bulk_type = {PARCEL_TYPE("mesh.bulk"),
                                             .flags = SPAWNED_TYPE_VARIABLE};
const spawned_message_type mesh_ask_type = {PARCEL_TYPE("mesh.ask"), .reply = &answer_type};
const spawned_message_type mesh_ask_soon_type = {PARCEL_TYPE("mesh.ask_soon"),
                                                 .flags = SPAWNED_TYPE_SKIP_EXPIRED,
                                                 .reply = &answer_type};
const spawned_message_type mesh_odd_type = {PARCEL_TYPE("mesh.odd"), .reply = &answer_type};
