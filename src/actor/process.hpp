// What is shared by all runtimes of the process, and nothing else is: the table that turns a number into
// its runtime, the records of foreign threads, the hook that makes a forked child harmless.
#pragma once

#include <cstdint>

#include "actor/core.hpp"

namespace spawned::engine {

// Gives the runtime an index and a first generation above all that its predecessors there have used.
// EINVAL never; ELIMIT when every index is taken; ESYSTEM without a thread key or fork hook.
spawned_status enter_table(core& home);

// Numbers of this runtime no longer lead to it.
void leave_table(core& home);

// The index may be used again, from last_generation + 1 on; after the runtime's last block has come back.
void release_index(core& home, uint32_t last_generation);

// Whatever still refers to a runtime by number (a response that outlived it) finds it here until
// release_index.
core* shell_at(uint64_t id);

// Takes the records of all threads from the runtime and empties their caches.
void detach_all_threads(core& home);

// Calls visit for each thread of the runtime while the process lock is held.
void for_each_thread(core& home, void (*visit)(thread& one, void* argument), void* argument);

}  // namespace spawned::engine
