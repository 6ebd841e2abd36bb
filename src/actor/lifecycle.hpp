// Starting and stopping actors, and learning of their ends.
#pragma once

#include "actor/core.hpp"

namespace spawned::engine {

// What ties an actor to another one from its birth on: prepared, and in the end given back, by who starts it.
struct birth_tie {
    // When it has its pid, which nobody else can know yet. Unless OK, the start fails with this.
    spawned_status (*tie)(thread& self, core& home, birth_tie& own, spawned_pid born);
    // The start fails after that: nobody is told.
    void (*untie)(core& home, birth_tie& own);
    bool is_mutual = false;  // the new actor watches as well, with an auxiliary record of its own
};

struct start_options {
    backend where = backend::pool;
    uint32_t overflow = 0;
    uint64_t capacity = 0;  // 0: no bound
    void* argument = nullptr;
    const char* name = nullptr;
    size_t name_length = 0;
    birth_tie* tie = nullptr;
    struct text** out_failure =
        nullptr;  // what init failed with, its taker's; null or set to null before
};

spawned_status start_actor(core& home, const spawned_behavior& behavior,
                           const start_options& options, spawned_pid* out_pid);

// Raises control bits and calls the owner.
spawned_status signal_actor(core& home, spawned_pid pid, uint32_t bits);
// From the actor's own callback: it ends once that has returned.
void stop_from_inside(thread& self, core& home, actor& a);
spawned_status drain_actor(core& home, spawned_pid pid, uint64_t deadline);
spawned_status join_actor(core& home, spawned_pid pid, uint64_t timeout);
void read_exit_reason(core& home, spawned_pid pid, spawned_exit* exit, char* words,
                      size_t capacity);

}  // namespace spawned::engine
