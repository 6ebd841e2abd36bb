// The runtime as the actor layer knows it: memory, slots, limits, log, and what it asks of the layers
// above it (scheduling, time, names), which those layers implement.
#pragma once

#include <spawned/allocator.h>
#include <spawned/log.h>
#include <spawned/runtime.h>

#include <cstddef>
#include <cstdint>

#include "actor/actor.hpp"
#include "actor/behavior.hpp"
#include "actor/exit_history.hpp"
#include "actor/thread.hpp"
#include "base/allocator.hpp"
#include "base/pool.hpp"
#include "base/slab.hpp"
#include "base/spin_lock.hpp"
#include "base/status_text.hpp"
#include "platform/mutex.hpp"

namespace spawned::engine {

struct loop_task;
struct scheduler;
struct simulation;
struct timers;
struct events;
class registry;
struct named_behavior;

inline constexpr uint32_t slots_per_chunk = 4096;
inline constexpr uint32_t slot_chunks = (max_slot + 1) / slots_per_chunk;

// A detached duty to answer: its handle names the slot and the generation.
struct reply_slot {
    spin_lock lock;  // guards the rest
    uint32_t generation = 0;
    message* asked = nullptr;  // null: free, or used up
    bool reserved = false;
};

// A thread in join, or (pid 0) in a shutdown; lives on its stack. Guard: core::join_lock.
struct joiner {
    spawned_pid pid;
    thread* waiting;
    hardware::atomic<uint32_t> ended;
    joiner* next;
};

// Somebody who waits for room in a mailbox: a thread, a message sent waiting with its promise, or one who
// is called. Guard: core::room_lock.
struct room_waiter {
    spawned_pid pid;
    thread* waiting;   // or null
    message* parked;   // or null
    message* promise;  // told when the message was taken; null for a request
    // Or: there is room, or the actor has ended. It is in the list no more.
    void (*call)(room_waiter& self);
    uint64_t deadline;
    hardware::atomic<uint32_t> called;
    room_waiter* next;
};

// Why nothing of a runtime may be used any more. In a forked child not even its locks: they may be held by
// threads that are not there.
enum end : uint32_t { not_ended, destroyed, forked };

struct core {
    allocator memory = {};
    uint32_t index = 0;  // in the process's table
    uint32_t first_generation = 1;
    uint32_t last_generation = 0;  // once taken apart
    uint32_t max_actors = 0;
    bool only_threads = false;  // actors of the pool get a thread of their own
    size_t max_payload = 0;
    spawned_log_sink log = {};
    spawned_duration slow_handler = 0;  // UINT64_MAX: never
    spawned_duration stuck_handler = 0;

    block_depot depot;
    slab<auxiliary, 6> auxiliaries;
    slab<reply_slot, 6> replies;
    slab<watch, 6> watches;
    chunk_directory<watched_chunk, slot_bits - watched_log2> watched;
    struct description* descriptions = nullptr;  // copied ones; guard: class_lock

    hardware::atomic<actor*> chunks[slot_chunks];
    hardware::atomic<uint32_t> carved;  // slots ever used, 0 included
    spin_lock slot_lock;                // guards the two below and carving
    actor* free_slots = nullptr;
    hardware::atomic<uint32_t> slots_in_use;

    hardware::atomic<uint32_t> stopping;  // the shutdown has begun
    hardware::atomic<uint64_t> works;     // blocking work that was taken and is not over
    hardware::atomic<uint32_t> ended;     // an `end`
    hardware::atomic<uint32_t>
        shell_parts;  // after destroy: blocks still out, and the destroy itself
    hardware::atomic<uint64_t> virtual_now;  // deterministic mode; else 0

    // While somebody looks at mailboxes from outside, holding the lock, owners wait for the end of that
    // before they free a message that they have moved past.
    hardware::atomic<uint32_t> inspecting;
    mutex inspect_lock;

    mutex shutdown_lock;               // guards the last part of a shutdown
    hardware::atomic<thread*> closer;  // who is in that part: what it closes may call back
    hardware::atomic<uint8_t> shut;

    spin_lock class_lock;  // guards the writing of classes
    hardware::atomic<behavior_class*> classes;

    spin_lock circle_lock;  // one at a time is told that it closes a circle
    mutex join_lock;
    joiner* joiners = nullptr;
    mutex link_lock;  // one at a time makes or takes a link
    mutex room_lock;
    room_waiter* room_waiters = nullptr;

    exit_history exits;
    thread* threads = nullptr;       // guard: the process lock
    uint32_t leaving = 0;            // records being emptied; guard: the process lock
    bool closed_to_threads = false;  // no record is bound any more; guard: the process lock
    counters gone;                   // of threads that have left; guard: the process lock
    hardware::atomic<uint64_t> dead_letters_logged;
    hardware::atomic<uint64_t> coarse_now;  // the watchdog's clock; 0 while it sleeps

    scheduler* sched = nullptr;
    simulation* sim = nullptr;  // deterministic mode, else null
    timers* clockwork = nullptr;
    events* happening = nullptr;
    registry* names = nullptr;
    registry* groups = nullptr;
    named_behavior* supervisors = nullptr;  // supervise: one for each name; guard: class_lock
};

// Something for a thread of the blocking pool to do, once: its owner's memory, and its owner's again when
// run is called.
struct blocking_task {
    void (*run)(thread& self, core& home, blocking_task& one) = nullptr;
    blocking_task* next = nullptr;
};

// The slot of a pid, whoever lives there; null when it was never used.
inline actor* slot_at(core& home, uint32_t slot) {
    if (slot == 0 || slot >= home.carved.load_acquire()) return nullptr;
    return home.chunks[slot / slots_per_chunk].load_acquire() + slot % slots_per_chunk;
}

// The live actor of a pid, at some moment during the call.
inline actor* actor_of(core& home, spawned_pid pid) {
    actor* found = slot_at(home, slot_of(pid));
    return found != nullptr && found->pid.load_acquire() == pid ? found : nullptr;
}

// A vacant slot keeps its number where its tenant's pid was.
inline uint32_t slot_number(const actor& a) { return slot_of(a.pid.load_relaxed()); }

inline bool is_forked(core& home) { return home.ended.load_acquire() == forked; }

// Actors that have started and not ended: exact when none can start any more.
uint64_t live_actors(core& home);
// Nobody lives and no blocking work is under way: what a shutdown waits for.
inline bool is_deserted(core& home) {
    return live_actors(home) == 0 && home.works.load_seq_cst() == 0;
}

// The runtime of a number; null when it is gone. process.cpp keeps the table.
core* runtime_at(uint64_t id);

// What a number that names no live actor means: EINVAL for an impossible one, EFORKED, ESTOPPED.
spawned_status why_absent(uint64_t id);

// Asked of the layers above; each comment names the implementer.

uint64_t now(core& home);                  // timer: the clock, real or virtual
void schedule(thread& self, actor& a);     // sched: an actor that the caller owns became runnable
void yield_actor(thread& self, actor& a);  // sched: the same, behind the others
bool inline_allowed(thread& self, const actor& callee);   // sched
actor* take_run_next(thread& self, const actor& wanted);  // sched: null unless it is next here
uint32_t turn_budget(thread& self);                       // sched
spawned_status check_host(core& home, backend where);     // sched: EUNSUPPORTED: a host is missing
spawned_status ensure_blocking_thread(core& home);        // sched: one at least; ESYSTEM, ENOMEM
void run_blocking_task(core& home, blocking_task& one);   // sched: once there is such a thread
spawned_status begin_dedicated(thread& self, actor& a);   // sched: a thread for it; ESYSTEM, ENOMEM
void end_dedicated(thread& self, actor& a);  // sched: its thread ends after this activation
enum class waited : uint8_t { ready, timed_out, stalled, no_memory, no_thread };
// sched: waits on the calling thread until ready(argument), which a waker makes true before it calls
// wake_thread. A deadline of UINT64_MAX is none. stalled: nothing can ever make it ready; the last two:
// no thread could be had that would go on meanwhile.
waited wait_until(thread& self, bool (*ready)(void* argument), void* argument, uint64_t deadline);
void wake_thread(core& home, thread& waiting);  // sched
// sched: the task runs on the runtime's event loop, soon, once, and before the runtime has shut down.
// Not taken: EVERSION, ENOMEM, ESYSTEM, ESTOPPED, EUNSUPPORTED (deterministic mode).
spawned_status run_on_loop(core& home, loop_task& task);
uint64_t next_due(core& home);                    // timer: when to look at them; UINT64_MAX: never
uint64_t fire_due(thread& self, core& home);      // timer: fires what is due; then the same
void timer_armed(core& home, uint64_t deadline);  // sched: somebody may have to wake earlier now
bool prepare_wake(core& home, auxiliary& aux);    // timer: false without memory
void arm_wake(core& home, actor& a, uint64_t deadline);   // timer: wake the actor at the deadline
bool arm_bell(core& home, bell& one, uint64_t deadline);  // timer: ring it then; its timer is set
bool cancel_bell_timer(core& home, uint64_t timer);       // timer: false: it has fired
// timer: sends it, which is taken over, after the delay, unless it is cancelled: by the engine, not by a program
spawned_status send_own_later(core& home, message& m, uint64_t delay, uint64_t* out_timer);
spawned_status cancel_own_timer(core& home, uint64_t timer);  // timer: EALREADY: it has fired
void remove_timers(thread& self, actor& a);                   // timer: at the end
bool begin_tick(thread& self, tick& one);  // timer: false: the interval was cancelled
void end_tick(thread& self, tick& one);    // timer: the tick has left its mailbox
// event: it is asked to stop, or ends
void cancel_own_token(thread& self, core& home, actor& a, spawned_pid pid);
bool arm_drain(core& home, spawned_pid pid, uint64_t deadline);  // timer: its drain is overdue then
void remove_names(core& home, spawned_pid pid);                  // registry
// registry: before anything is started; OK, EINVAL, EPERM, or EEXIST if it is taken now
spawned_status check_free_name(core& home, const char* name, size_t length);
spawned_status add_name(core& home, const char* name, size_t length, spawned_pid pid);  // registry

void log_about(core& home, spawned_log_level level, spawned_pid pid, const char* actor_name,
               const char* message_name, uint64_t elapsed, const char* format, ...)
    __attribute__((format(printf, 7, 8)));
// The same about an actor that is alive, or (null) about the runtime.
void log_event(core& home, spawned_log_level level, const actor* about, const char* message_name,
               uint64_t elapsed, const char* format, ...) __attribute__((format(printf, 6, 7)));

}  // namespace spawned::engine
