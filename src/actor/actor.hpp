// An actor: one line of header that senders and the owner share, one line of state (or a pointer to a
// larger one), and an auxiliary record for the few that await, are bounded, or end with a text.
//
// Slots are type-stable: their memory stays an actor until the runtime is destroyed, so a stale sender
// can only fail the comparison of pids, or append to a queue whose owner drops what is not addressed
// to it.
#pragma once

#include <spawned/actor.h>
#include <spawned/request.h>

#include <cstdint>

#include "actor/mailbox.hpp"
#include "actor/message.hpp"
#include "actor/pid.hpp"
#include "actor/watch.hpp"
#include "base/spin_lock.hpp"

namespace spawned::engine {

struct behavior_class;
struct thread;
struct helper_thread;

// Bits of the control word.
enum control_bit : uint32_t {
    control_kill = 1,
    control_stop = 2,
    control_shutdown = 4,  // with stop: the runtime's shutdown asked
    control_drain = 8,
    control_joined = 16,        // somebody joins: look at the runtime's list at the end
    control_named = 32,         // the registry holds something for it
    control_closing = 64,       // the end has begun
    control_room = 128,         // somebody waits for room in the mailbox
    control_overdue = 256,      // the drain's deadline has passed
    control_watched = 512,      // somebody watches its end
    control_watching = 1024,    // it watches somebody
    control_token = 2048,       // it has a token of its own
    control_supervised = 4096,  // its supervisor ends it, not the runtime's shutdown
    control_exit = 8192,        // it has received an exit signal
    control_asked = 16384  // it has been asked to end, and ends itself: see behavior_ends_itself
};
inline constexpr uint32_t control_urgent =
    control_kill | control_stop | control_drain | control_overdue | control_exit;
inline constexpr uint32_t control_ending =
    control_kill | control_stop | control_overdue | control_exit;

// Bits of the gate: a sender that sees any takes the slow path.
enum gate_bit : uint8_t {
    gate_closed = 1,
    gate_draining = 2,
    gate_bounded = 4,
    gate_exiting = 8  // it ends of an exit signal that nobody withdraws
};

enum class phase : uint8_t { vacant, starting, running, stopping };

enum class backend : uint8_t { pool = 0, blocking = 1, thread = 2, host = 3 };

// How an actor ended, while it is on its way there.
struct exit_record {
    spawned_exit_kind kind = SPAWNED_EXIT_RUNNING;
    spawned_exit_place place = SPAWNED_PLACE_NONE;
    spawned_status code = SPAWNED_OK;
    bool by_signal = false;   // an exit signal's
    text* failure = nullptr;  // owned
};

// What an actor has been told to end of, and has not ended of yet: see exit_signal.hpp.
struct received_exit {
    exit_record reason;         // RUNNING: nothing
    spawned_pid linked_to = 0;  // through the link with whom; 0: not through a link
    bool acted_on = false;
};

// Exit signals as messages. While there is a type, there are as many spare messages as links at least.
struct exit_trap {
    const spawned_message_type* type = nullptr;  // null: they act
    uint32_t links = 0;  // of the actor's, those that are being made included
    uint32_t spare_count = 0;
    message* spares = nullptr;  // room for a spawned_ended each
};

// Belongs to a slot for good once made; the fields are the owner's unless a guard is named.
struct auxiliary {
    // the await
    spawned_resume_fn resume = nullptr;
    void (*drop)(void*) = nullptr;
    void* user_data = nullptr;
    spawned_response** responses = nullptr;  // few, or a block
    spawned_response* few[4] = {};
    uint32_t count = 0;
    bool awaiting = false;  // registered, its resume or drop has not begun
    bool waiters_set = false;
    uint8_t responses_class = 0;
    hardware::atomic<message*> front;  // the node that holds the queue across a suspension
    exit_record ending;                // across a suspension of stopped

    // the wait edge: whom this actor waits for, see pid.hpp. Written by the owner, and by whoever moves the duty to
    // answer on; read by any thread that looks for cycles.
    hardware::atomic<uint64_t> waits_for;
    hardware::atomic<uint64_t> wait_serial;

    // the mailbox's bound; constant from start to end but for the counters. A late sender to a former
    // tenant may look at it while the next one is made.
    hardware::atomic<uint64_t> capacity;
    hardware::atomic<uint32_t> overflow;
    hardware::atomic<uint64_t> waiting;  // see room.hpp: counted messages, and whose they are

    // drop oldest: senders take the oldest waiting message out of the queue. Guarded by the lock, which
    // the owner takes to move on.
    spin_lock oldest_lock;
    message* position = nullptr;  // the node that waiting ones stand behind; null: at tail
    bool may_drop = false;

    uint32_t wake_timer = 0;  // the timer of await deadlines; kept for the slot's next tenants
    uint64_t wake_at = 0;     // when it will look; 0: not armed. Guard: the actor's timer shard

    helper_thread* own_thread = nullptr;

    watcher_list watching;   // watches that end with this actor
    uint64_t own_token = 0;  // guard: watching.lock

    received_exit told_to_end;  // guard: watching.lock
    exit_trap trap;             // guard: watching.lock
};

inline constexpr size_t inline_state = 64;

struct alignas(128) actor {
    mailbox<hardware, message> queue;
    hardware::atomic<uint64_t> pid;  // vacant: the slot's number alone, which is no pid
    const behavior_class* kind = nullptr;
    actor* run_link = nullptr;  // whoever has made it runnable, or keeps it as a free slot
    hardware::atomic<auxiliary*> aux;
    control_word<hardware> control;
    suspension<hardware> pause;
    backend where = backend::pool;
    hardware::atomic<uint8_t> gate;
    phase at = phase::vacant;  // owner
    uint32_t timers = 0;       // first timer; guard: the actor's timer shard
    alignas(64) unsigned char state[inline_state];
};
static_assert(sizeof(actor) == 128);

// The class and the backend are constant while an actor lives and its owner's to read. Who only looks may
// see those of the slot's next tenant; both stay valid.
inline void take_shape(actor& a, const behavior_class* kind, backend where) {
    std::atomic_ref(a.kind).store(kind, std::memory_order_release);
    std::atomic_ref(a.where).store(where, std::memory_order_relaxed);
}
inline const behavior_class* kind_seen(const actor& a) {
    return std::atomic_ref(const_cast<actor&>(a).kind).load(std::memory_order_acquire);
}
inline backend backend_seen(const actor& a) {
    return std::atomic_ref(const_cast<actor&>(a).where).load(std::memory_order_relaxed);
}

inline spawned_context* context_of(actor& a) { return reinterpret_cast<spawned_context*>(&a); }

}  // namespace spawned::engine
