// Starting and stopping actors, and learning of their ends.
#pragma once

#include "actor/core.hpp"

namespace spawned::engine {

struct start_options {
    backend where = backend::pool;
    uint32_t overflow = 0;
    uint64_t capacity = 0;  // 0: no bound
    void* argument = nullptr;
    const char* name = nullptr;
    size_t name_length = 0;
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
