/* The world of the fuzzer of calls: one runtime, and everything a program may hold of it. Numbers of all
 * kinds lie in one array, so that each is tried as each. */
#ifndef TESTS_FUZZ_WORLD_H
#define TESTS_FUZZ_WORLD_H

#include "fuzz.h"

enum { objects = 8, numbers_most = 24 };

typedef struct fuzz_world {
    spawned_runtime *runtime;
    fuzz_memory memory;
    uint64_t numbers[numbers_most]; /* pids, replies, timers, tokens, events */
    uint32_t next_number;
    spawned_message *messages[objects];
    spawned_response *responses[objects];
    spawned_listener *listeners[objects];
    spawned_task_group *tasks[objects];
    int64_t sources;        /* whose user data has not ended; also of works and children */
    spawned_context *stale; /* of some handler, most likely over */
    int64_t states;
    bool left_unbuilt; /* a reserved answer was: a commit would give what is none */
    int inside;        /* callbacks that run, other than handlers */
    uint64_t awaits, resumed, dropped;
} fuzz_world;

extern fuzz_world world;

void world_begin_runtime(void);
void world_end_runtime(void);
/* One act. The context is NULL outside handlers. */
void world_act(spawned_context *context);

/* world_actors.c: what handlers do. */
extern const spawned_message_type fuzz_note_type, fuzz_ask_type, fuzz_skip_type, fuzz_bulk_type,
    fuzz_pinned_type, fuzz_answer_type;
const spawned_message_type *world_any_type(void);
const spawned_behavior *world_any_behavior(void);
void world_start_actor(void);

/* world_sources.c: listeners and signals. */
void world_use_sources(void);

/* world_ends.c: monitors, links and exit signals. */
extern const spawned_message_type fuzz_ended_type;
void world_bind_ends(spawned_context *context);

/* world_supervise.c: supervisors. */
void world_supervise(void);

/* world_groups.c: groups of actors; works and groups of tasks. */
extern const spawned_message_type fuzz_changed_type;
void world_use_groups(void);
void world_use_tasks(void);

/* For all. */
void world_keep(uint64_t number);
uint64_t world_any_number(void);
spawned_duration world_time(void);
spawned_message *world_new_message(void);
spawned_message **world_message(void);
spawned_response **world_response(void);
void world_keep_response(spawned_response *response);
/* After a call that was given a value: what was refused is ended by now, or is still ours. */
void world_settle_value(fuzz_value *value, spawned_status status);

#endif
