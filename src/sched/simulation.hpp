// Deterministic mode: all runnable actors in one list, one of them chosen by the seed at a time, a clock
// that stands still until it is moved.
//
// One thread at a time has the baton. Normally that is the driver: the host's thread inside step, run,
// advance or a blocking call. A handler that blocks keeps its stack; the baton goes to a thread that runs
// the same loop in its place, and comes back when what the handler waits for is there and the seed
// chooses it.
#pragma once

#include "actor/core.hpp"
#include "base/random.hpp"
#include "platform/mutex.hpp"
#include "platform/thread.hpp"

namespace spawned::engine {

// A callback that waits, on the stack of its thread. Guard: simulation::lock.
struct baton_wait {
    thread* waiting;
    bool (*ready)(void* argument);
    void* argument;
    uint64_t deadline;
    waited result;
    bool resumed;
    baton_wait* next;
};

struct baton_thread {
    core* home = nullptr;
    thread* self = nullptr;
    thread_handle handle;
    hardware::atomic<uint8_t> has_baton;
    baton_thread* next_idle = nullptr;  // guard: simulation::lock
    baton_thread* next = nullptr;       // of all
};

struct simulation {
    simulation(uint64_t seed)
        : schedule_choices(seed, random_stream::schedule),
          budget_choices(seed, random_stream::budget),
          delivery_choices(seed, random_stream::delivery),
          user_choices(seed, random_stream::steal) {}

    mutex driving;               // one driver at a time
    thread* driver = nullptr;    // while there is one
    hardware::atomic<uint64_t> driver_mark;  // its record's address, for a look without the lock

    spin_lock lock;  // guards what follows; actors may be made runnable from any thread
    actor** runnable = nullptr;
    uint32_t runnable_count = 0;
    uint32_t runnable_room = 0;
    actor* overflow = nullptr;  // when the array could not grow
    baton_wait* waits = nullptr;
    baton_thread* idle_threads = nullptr;
    baton_thread* all_threads = nullptr;
    bool driver_waits_for_baton = false;  // the driver's loop has given the baton to a resumed callback
    hardware::atomic<uint32_t> driver_has_baton;
    bool stop = false;

    // the baton's holder
    random_generator schedule_choices;
    random_generator budget_choices;
    random_generator delivery_choices;
    random_generator user_choices;
    hardware::atomic<uint64_t> digest;
};

bool init_simulation(core& home, uint64_t seed);
void deinit_simulation(core& home);

void sim_schedule(thread& self, actor& a);
actor* sim_take(thread& self, const actor& wanted);  // null unless it is runnable and the seed says so
bool sim_inline(core& home);
uint32_t sim_budget(core& home);
uint64_t sim_choose(core& home, uint64_t bound);
waited sim_wait(thread& self, bool (*ready)(void*), void* argument, uint64_t deadline);

// The driver's verbs; SPAWNED_EDEADLK inside a handler.
spawned_status sim_step(core& home);
spawned_status sim_run(core& home, uint64_t max_turns, uint64_t* out_turns);
spawned_status sim_advance(core& home, uint64_t duration);

}  // namespace spawned::engine
