// What a supervisor was told, copied: the tree of its children as the program described it. Shared by whoever may
// start from it again: the supervisor above, and its own incarnations.
#pragma once

#include <spawned/supervisor.h>

#include <cstdint>

#include "actor/core.hpp"

namespace spawned::engine {

struct child;
struct supervisor_spec;

struct child_spec {
    const char* id;    // owned; null: none
    const char* name;  // owned; what each incarnation is registered as; null: nothing
    const spawned_behavior* behavior;  // the program's, or that of a supervisor
    supervisor_spec* nested;           // counted; null: an actor
    void* argument;
    void (*destroy)(void* argument);
    uint64_t shutdown;  // from stop to kill; 0: kill at once
    uint64_t capacity;
    uint8_t where;  // the backend
    uint8_t overflow;
    uint8_t restart;
    bool significant;
};

struct supervisor_spec {
    hardware::atomic<uint32_t> references;
    uint32_t intensity;
    const char* name;                  // owned
    const spawned_behavior* behavior;  // of an actor by that name
    uint64_t period;
    uint64_t backoff;
    uint64_t backoff_max;
    uint64_t children_max;
    uint64_t kill_grace;
    spawned_strategy strategy;
    spawned_auto_shutdown auto_shutdown;
    uint64_t child_count;
    child_spec* children;
    // Children of former incarnations that were killed with them and may not have ended yet. Guard: there is at most
    // one incarnation, and the next one begins after the end of the last.
    child* remains;

    bool dynamic() const { return strategy == SPAWNED_DYNAMIC; }
};

// A copy of a description that was checked, with one reference; null without memory, and the arguments in it are
// destroyed.
supervisor_spec* copy_supervisor(core& home, const spawned_supervisor& given);
void retain_supervisor(supervisor_spec& spec);
void release_supervisor(core& home, supervisor_spec* spec);

// The same for one child, in memory of the caller's.
bool copy_child(core& home, const spawned_child& given, child_spec& to);
void end_child_spec(core& home, child_spec& spec);

// Runs the destroy of every argument in a description that will not be copied.
void refuse_child(const spawned_child& given);
void refuse_supervisor(const spawned_supervisor& given);

// The behavior of supervisors; supervisor.cpp.
extern const spawned_behavior supervisor_behavior;

void deinit_supervision(core& home);

}  // namespace spawned::engine
