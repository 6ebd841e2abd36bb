/* The mesh: actors and threads that do random things to each other, and the ledger that sees to it that
 * nothing is lost, doubled or overtaken. One mesh at a time. */
#ifndef TESTS_STRESS_MESH_H
#define TESTS_STRESS_MESH_H

#include <pthread.h>

#include "stress.h"

enum { mesh_slots_most = 32, mesh_seen = 32, mesh_stash_most = 64, mesh_tokens_most = 1 << 20 };

/* What is kept for somebody else to act on: reply handles, timers, responses, unsent messages. */
typedef struct mesh_stash {
    pthread_mutex_t lock;
    uint32_t count;
    uint64_t entries[mesh_stash_most];
} mesh_stash;

/* Who acts: a thread, or an actor inside one of its callbacks. */
typedef struct mesh_doer {
    uint64_t random;
    uint64_t sequence; /* of its last numbered message */
    uint32_t sender;   /* its number in this round */
    bool is_actor;
} mesh_doer;

typedef struct mesh_parcel {
    uint64_t magic;
    uint64_t token;    /* its line in the ledger */
    uint64_t sequence; /* 0: may be overtaken */
    uint64_t plan;     /* what its handler is to do */
    uint32_t sender;
    uint32_t hops; /* how many more acts may follow from it */
} mesh_parcel;

typedef struct mesh_answer {
    uint64_t magic;
    uint64_t token;
    uint64_t echo; /* the question's token */
} mesh_answer;

typedef struct mesh {
    spawned_runtime *runtime;
    bool deterministic;
    atomic_bool open; /* every slot has had its first actor */
    uint32_t slot_count;
    _Atomic spawned_pid slots[mesh_slots_most];
    _Atomic uint32_t senders;
    _Atomic uint8_t *tokens; /* how often each value was ended */
    _Atomic uint64_t token_count;
    _Atomic uint64_t handled; /* handlers begun */
    _Atomic uint64_t states_made, states_ended;
    _Atomic uint64_t awaits, resumed, dropped;
    _Atomic uint64_t asked, answered;
    mesh_stash replies, timers, responses, messages;
} mesh;

extern mesh the_mesh;

/* mesh_ledger.c */
uint64_t mesh_new_token(void);
void mesh_end_token(uint64_t token);
bool mesh_is_full(void); /* no more tokens this round: nothing new is begun */
void mesh_expect_each_token_once(void);
void mesh_stash_init(mesh_stash *stash);
bool mesh_stash_put(mesh_stash *stash, uint64_t entry);
uint64_t mesh_stash_take(mesh_stash *stash, uint64_t *random); /* 0 when empty */
mesh_parcel mesh_new_parcel(mesh_doer *doer, uint32_t hops, bool numbered);
mesh_answer mesh_new_answer(uint64_t echo);
void mesh_end_answer(mesh_answer *answer); /* unless it has been ended */
mesh_doer mesh_new_doer(uint64_t seed, bool is_actor);

extern const spawned_message_type mesh_note_type;     /* a parcel */
extern const spawned_message_type mesh_bulk_type;     /* a parcel and up to 10,000 bytes */
extern const spawned_message_type mesh_ask_type;      /* a parcel, answered with an answer */
extern const spawned_message_type mesh_ask_soon_type; /* the same, dropped when it has expired */
extern const spawned_message_type mesh_odd_type;      /* nobody handles it */

/* mesh_actors.c */
void mesh_start_in(uint32_t slot, mesh_doer *doer); /* replaces who is there */
bool mesh_slot_blocks(uint32_t slot);
spawned_pid mesh_any(mesh_doer *doer, uint32_t *out_slot);
void mesh_end_somehow(spawned_pid pid, mesh_doer *doer);

/* mesh_acts.c */
void mesh_act(mesh_doer *doer, uint32_t hops);
spawned_response *mesh_ask_any(mesh_doer *doer, uint32_t hops, spawned_duration timeout);
void mesh_finish_response(spawned_response *response);
void mesh_answer_late(spawned_reply_to reply, mesh_doer *doer);
void mesh_check_outcome(spawned_status status, const char *what);
spawned_duration mesh_short_time(mesh_doer *doer);

#endif
