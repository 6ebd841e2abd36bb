// Deterministic mode: all runnable actors in one list, one of them chosen by the seed at a time, a clock
// that stands still until it is moved.
//
// One thread at a time has the baton. The host's thread inside step, run, advance or a blocking call is the
// driver: it sets a mission, gives the baton to a runner, and sleeps until the mission is over. A handler
// that blocks keeps the stack of its runner; another runner goes on with the same mission, until what
// the handler waits for is there and the seed chooses to resume it.
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

// A thread that runs handlers while it has the baton.
struct runner {
    core* home = nullptr;
    thread* self = nullptr;
    thread_handle handle;
    hardware::atomic<uint8_t> has_baton;
    runner* next_idle = nullptr;  // guard: simulation::lock
    runner* next = nullptr;       // of all
};

// What the driver wants. The baton's holder works on it.
struct mission {
    bool (*ready)(void* argument) =
        nullptr;  // until this is true, moving the clock at need; or null
    void* argument = nullptr;
    uint64_t until = 0;      // ready: its deadline; else: the time to move to (0: stay)
    uint64_t max_turns = 0;  // 0: no limit
    uint64_t turns = 0;
    waited result = waited::ready;  // without ready: timed_out means that the turns were used up
    thread* driver = nullptr;
    hardware::atomic<uint8_t> over;
};

struct simulation {
    simulation(uint64_t seed)
        : schedule_choices(seed, random_stream::schedule),
          budget_choices(seed, random_stream::budget),
          delivery_choices(seed, random_stream::delivery),
          user_choices(seed, random_stream::steal) {}

    mutex driving;              // one driver at a time
    mission* wanted = nullptr;  // the driver's; the baton's holder reads it

    spin_lock lock;  // guards what follows; actors may be made runnable from any thread
    actor** runnable = nullptr;
    uint32_t runnable_count = 0;
    uint32_t runnable_room = 0;
    actor* overflow = nullptr;  // when the array could not grow
    blocking_task* tasks = nullptr;
    baton_wait* waits = nullptr;
    runner* idle_runners = nullptr;
    runner* runners = nullptr;
    bool stop = false;

    // the baton's holder
    random_generator schedule_choices;
    random_generator budget_choices;
    random_generator delivery_choices;
    random_generator user_choices;
    const uint8_t* script =
        nullptr;  // stands for the next choices, a byte each, modulo their bounds
    size_t script_left = 0;
    hardware::atomic<uint64_t> digest;
};

bool init_simulation(core& home, uint64_t seed);
spawned_status start_simulation(core& home);  // once there is a scheduler to count its threads
void stop_simulation(core& home);             // ends and joins the threads it has lent
void deinit_simulation(core& home);

void sim_schedule(thread& self, actor& a);
actor* sim_take(thread& self,
                const actor& wanted);  // null unless it is runnable and the seed says so
void sim_run_task(core& home, blocking_task& one);  // as a turn among those of actors
bool sim_inline(core& home);
uint32_t sim_budget(core& home);
uint64_t sim_choose(core& home, uint64_t bound);
// For who looks for schedules: the bytes, which stay the caller's, stand for the next choices, then the seed.
void sim_follow(core& home, const uint8_t* script, size_t length);
waited sim_wait(thread& self, bool (*ready)(void*), void* argument, uint64_t deadline);

// The driver's verbs; SPAWNED_EDEADLK inside a handler.
spawned_status sim_step(core& home);
spawned_status sim_run(core& home, uint64_t max_turns, uint64_t* out_turns);
spawned_status sim_advance(core& home, uint64_t duration);

}  // namespace spawned::engine
