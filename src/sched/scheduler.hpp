// Who runs which actor: pool workers with work stealing, an elastic pool of blocking threads, threads of
// single actors, the watchdog over all of them. Deterministic mode replaces it all by simulation.hpp.
#pragma once

#include "actor/core.hpp"
#include "base/random.hpp"
#include "platform/parker.hpp"
#include "platform/thread.hpp"
#include "sched/idle_workers.hpp"
#include "sched/run_queue.hpp"
#include "sched/spare_lending.hpp"

namespace spawned::engine {

class event_loop;
struct host;

struct scheduling {
    template <class T>
    using atomic = engine::atomic<T>;
    using lock = spin_lock;
};

// A pool worker. The first ones run always; the others are spares, lent while a worker blocks.
struct alignas(128) worker {
    run_queue<hardware, actor> ring;
    hardware::atomic<actor*> run_next;  // filled by the owner, taken by it or by a late thief
    core* home = nullptr;
    thread* self = nullptr;
    uint32_t number = 0;
    uint32_t chain = 0;  // actors run from run_next in a row
    uint32_t ticks = 0;  // activations, for what is done now and then
    uint32_t spin_credit = 8;
    uint32_t steal_from = 0;
    bool searching = false;
    bool listed = false;                  // in the set of parked workers, as far as it knows
    hardware::atomic<uint8_t> active;     // a spare: lent out at this moment
    hardware::atomic<uint8_t> in_loop;    // sleeps in the event loop, not on its parker
    hardware::atomic<uint8_t> look_soon;  // the watchdog asks for a look at the loop
    worker* next_parked = nullptr;
    bool parked = false;
    worker* next_spare = nullptr;  // guard: scheduler::spare_lock
    thread_handle handle;
};

// Actors that wait for a thread, first come, first served.
struct actor_list {
    actor* first = nullptr;
    actor* last = nullptr;
    uint32_t count = 0;

    void push(actor* a) {
        a->run_link = nullptr;
        (last != nullptr ? last->run_link : first) = a;
        last = a;
        ++count;
    }
    actor* pop() {
        actor* a = first;
        if (a == nullptr) return nullptr;
        first = a->run_link;
        if (first == nullptr) last = nullptr;
        --count;
        return a;
    }
};

struct task_list {
    blocking_task* first = nullptr;
    blocking_task* last = nullptr;
    uint32_t count = 0;

    void push(blocking_task* one) {
        one->next = nullptr;
        (last != nullptr ? last->next : first) = one;
        last = one;
        ++count;
    }
    blocking_task* pop() {
        blocking_task* one = first;
        if (one == nullptr) return nullptr;
        first = one->next;
        if (first == nullptr) last = nullptr;
        --count;
        return one;
    }
};

// A thread that may block: of the elastic pool, or an actor's own.
struct helper_thread {
    core* home = nullptr;
    thread* self = nullptr;
    actor* only = nullptr;  // an actor's own thread
    thread_handle handle;
    hardware::atomic<uint8_t> runnable;  // own thread: the actor is to be run
    hardware::atomic<uint8_t> quit;
    helper_thread* next_idle = nullptr;  // guard of this and the next two: blocking_pool::lock
    bool idle = false;
    bool called = false;  // it counts among those who are coming
};

struct blocking_pool {
    mutex lock;  // guards all
    actor_list waiting;
    task_list tasks;
    bool task_is_next = false;  // actors and tasks take turns where both wait
    helper_thread* idle = nullptr;
    uint32_t threads = 0;
    uint32_t most = 0;
    uint32_t coming = 0;  // threads called that have not looked for something yet
    uint64_t idle_life = 0;
    uint64_t waiting_since = 0;  // when a thread was last free to take something
    bool starved = false;
};

inline constexpr uint32_t messages_per_turn = 128;

inline uint32_t things_waiting(const blocking_pool& pool) {
    return pool.waiting.count + pool.tasks.count;
}

struct scheduler {
    uint32_t worker_count = 0;
    hardware::atomic<uint32_t> worker_total;  // with spares
    static constexpr uint32_t most_workers = 1024;
    hardware::atomic<worker*> workers[most_workers];

    idle_workers<scheduling, worker> idle;

    spin_lock injected_lock;  // guards injected
    actor_list injected;
    hardware::atomic<uint32_t> injected_count;

    spin_lock spare_lock;  // guards the making of workers and the list of spares
    worker* spares = nullptr;
    spare_lending<hardware> lending;

    // The thread that the program lends (host.hpp).
    bool hosted = false;  // there are no workers and no watchdog
    hardware::atomic<uint32_t> host_is_made;
    hardware::atomic<host*> lent;

    // The event loop (loop_holder.hpp).
    hardware::atomic<event_loop*> loop;
    hardware::atomic<uint32_t> loop_held;
    hardware::atomic<uint32_t> loop_active;  // the last holder left active handles
    hardware::atomic<uint64_t> loop_polled;  // when it was let go of
    spin_lock loop_lock;                     // guards the making of the loop, and the next one
    bool loop_is_closed = false;

    hardware::atomic<worker*> keeper;  // the parked worker that sleeps for the timers
    hardware::atomic<uint64_t> keeper_until;

    blocking_pool blocking;
    mutex finished_lock;                // guards finished
    helper_thread* finished = nullptr;  // ended last; its successor joins it

    hardware::atomic<uint32_t> stop;
    hardware::atomic<uint32_t> threads;  // alive

    thread_handle watchdog;
    thread* watchdog_self = nullptr;
    hardware::atomic<uint32_t> watchdog_asleep;
    bool watchdog_started = false;
    uint32_t slow_classes = 0;  // found slow by the watchdog and not forgotten yet; its own
    uint32_t quiet = 0;         // rounds of the watchdog in which nothing ran; its own
    bool may_spin = false;
    bool locks_made = false;
};

// Starts the workers and the watchdog; without workers the runtime is hosted. On an error nothing runs.
spawned_status start_scheduler(core& home, uint32_t workers, uint32_t blocking_threads,
                               uint64_t blocking_idle);
// Ends and joins every thread; no actor is left.
void stop_scheduler(core& home);
void free_scheduler(core& home);

// worker.cpp
void schedule_on_pool(thread& self, actor& a);
void yield_on_pool(thread& self, actor& a);
void wake_a_worker(core& home);
void wake_worker(scheduler& all, worker& w);
// A worker's callback is about to wait: a spare takes its place.
void begin_blocking(thread& self);
void end_blocking(thread& self, worker& w);
spawned_status start_worker(core& home, uint32_t number);

// helper.cpp
void schedule_on_blocking(thread& self, actor& a);
void schedule_on_own(actor& a);
void grow_blocking(core& home);  // by one thread, if that is possible
void stop_helpers(core& home);

// watchdog.cpp
void run_watchdog(void* argument);  // the core
void look_after(core& home);
inline void wake_watchdog(scheduler& all) {
    if (all.watchdog_asleep.load_seq_cst() == 0) return;
    all.watchdog_asleep.store_seq_cst(0);
    all.watchdog_self->park.unpark();
}

}  // namespace spawned::engine
