// One thread of the process as one runtime sees it: its block cache, its free slots, its counters, what
// it is running. Workers have one for life; a foreign thread gets one per runtime at its first
// call. The only thread-local word of the library points to the one used last.
//
// These records come from the C library, not from the runtime's allocator, and are reused but never
// returned: a late wake-up of a thread that is gone touches a record that is still a record.
#pragma once

#include <cstddef>
#include <cstdint>

#include "actor/actor.hpp"
#include "base/atomic.hpp"
#include "base/pool.hpp"
#include "platform/parker.hpp"

namespace spawned::engine {

struct core;
struct host;
struct worker;

// A callback that is running. Frames form a stack: a request that runs inline puts its callee's frame
// on top of the requester's.
struct frame {
    frame* below;
    actor* self;
    message* current;  // null in a hook
};

enum class thread_role : uint8_t { guest, worker, blocking, dedicated };

// Written by the thread, read by whoever sums up.
struct counters {
    single_writer<uint64_t> actors_started, actors_ended, sent, handled, dead_stopped,
        dead_overflow, dead_no_handler, dead_expired, dead_cancelled, late_replies, refused,
        timers_fired, deadlocks_refused, slow_handlers, stuck_handlers;
};

void add_counters(counters& sum, const counters& one);

// What the watchdog and reports may look at while the thread goes on: the running actors from the
// outermost to the innermost, and a number that changes with every callback.
struct activity {
    struct running_actor {
        hardware::atomic<uint64_t> pid;
        hardware::atomic<const behavior_class*> kind;
        hardware::atomic<const char*> message_name;
        hardware::atomic<message*> front;  // being handled; see core::inspecting
    };
    static constexpr uint32_t most_depth = 8;
    running_actor actors[most_depth + 1];  // the last is written by all that are deeper, never read
    running_actor* innermost = nullptr;    // the thread's own
    hardware::atomic<uint32_t> depth;
    hardware::atomic<uint32_t> turn;
    hardware::atomic<uint8_t> blocked;      // waits inside the library
    hardware::atomic<uint8_t> is_long;      // the watchdog has seen this turn before
    hardware::atomic<uint64_t> seen_since;  // when the watchdog saw this turn first; 0: it has not
    // the watchdog's own
    uint32_t seen_turn = 0;
    bool warned_slow = false;
    bool warned_stuck = false;
};

// The text of a failure on its way from spawned_fail to whoever takes it.
struct pending_failure {
    spawned_status code = SPAWNED_OK;
    text* words = nullptr;
};

struct alignas(128) thread {
    hardware::atomic<core*> home;  // null: the record is free for another runtime
    bool leaving = false;          // guard: the process lock
    frame* top = nullptr;
    worker* pool_worker = nullptr;
    hardware::atomic<host*> lends_to;   // the thread of this host
    hardware::atomic<uint8_t> preempt;  // the watchdog asks for the end of the turn
    thread_role role = thread_role::guest;
    uint32_t inline_depth = 0;
    message* inline_asked = nullptr;  // the request that an inline activation is for
    block_cache cache;
    actor* free_slots = nullptr;
    uint32_t free_slot_count = 0;
    const behavior_class* last_class = nullptr;
    pending_failure failure;
    bool in_init = false;  // an init runs, which has no frame
    bool in_work = false;  // blocking work runs, which has none either
    counters counts;
    activity running;
    parker park;
    hardware::atomic<uint32_t> signalled;  // a wait of this thread has been answered
    thread* next_here = nullptr;           // records of the same operating-system thread
    thread* next_in_home = nullptr;        // records of the same runtime; guard: the process lock
    thread* next_free = nullptr;
    void* baton = nullptr;  // deterministic mode: the wait this thread is in
};

// The library's one thread-local word: the record the calling thread used last, in whatever runtime; null
// if it has none. Initial-exec, so that reading it is one instruction.
extern __attribute__((tls_model("initial-exec"))) __thread thread* current_record;
inline thread* last_thread() { return current_record; }

// Any other record of the thread for this runtime, or a new one; null without memory or when the runtime
// is gone.
thread* find_or_attach_thread(core& home);

// The record of the calling thread for this runtime, or null as above.
inline thread* current_thread(core& home) {
    thread* record = current_record;
    if (record != nullptr && record->home.load_relaxed() == &home) [[likely]]
        return record;
    return find_or_attach_thread(home);
}

// Binds a new record, made by attach, to the calling thread.
thread* attach_thread(core& home, thread_role role);
void detach_thread(thread& self);

}  // namespace spawned::engine
