// The mailbox protocol as a transition system: one call of `step` is one access to shared memory, with
// what its thread does privately around it. A thread that can only spin has no step, so that a lost
// wake-up or link shows as an end in the wrong state.
#pragma once

#include <cstdint>
#include <cstring>

namespace spawned::model {

enum class mutation : uint8_t {
    none,
    no_look_after_release,
    no_wake,
    no_notified,
    early_free,
    unmarked_put_back,
    careless_revival,
    no_generation
};

struct configuration {
    int senders = 2;
    bool signals = false;  // a signaller raises a bit
    bool awaits = false;   // the first sender's message awaits a reply
    bool replies = false;
    bool dies = false;     // by the signal
    bool stops = false;    // by the first sender's message
    int leaves = 0;        // times that an owner may leave with work left
    bool revives = false;  // a second tenant moves in, and is sent a message
    mutation fault = mutation::none;
};

inline constexpr int max_nodes = 4;
inline constexpr int max_threads = 9;
inline constexpr int workers = 2;

enum word : uint8_t { dead, idle, notified, first_node };
enum pause_state : uint8_t { running, wake_pending, suspended };
enum reply_state : uint8_t { open, waited_for, done, given_up };
enum fate : uint8_t { unhandled, handled, bounced };
enum role : uint8_t { sender, signaller, replier, starter, worker };

// Where a thread stands; the senders' 0 is "nothing done yet", the workers' "no actor at hand".
enum place : uint8_t {
    begin,
    link,
    announce,
    drain,
    drain_release,  // sender
    read_head,
    claim,
    read_pause,
    swap_pause,
    call_schedule,  // signaller, replier
    move_in,
    start_schedule,  // starter
    look,
    first,
    take_first,
    release_empty,
    handle,
    advance,
    release,
    put_back,
    leave,
    await,
    suspend,
    unsuspend,
    vacate,
    look_again,
    claim_again,
    schedule_again,  // worker
    finished,
    failed
};

struct thread_state {
    uint8_t at = begin;
    uint8_t node = 0;  // the node at hand, or what was read of a word
};

// Only bytes, so that states compare and hash as memory.
struct state {
    uint8_t head = notified;
    uint8_t tail = 0;  // node + first_node, or 0
    uint8_t control = 0;
    uint8_t generation = 1;
    uint8_t pause = running;
    uint8_t runnable = 1;  // places in the run queues
    uint8_t owners = 0;    // workers that own the actor
    uint8_t reply = open;
    uint8_t reply_freed = 0;
    uint8_t front = 0;  // the node that holds the queue across a suspension
    uint8_t stopped = 0;
    uint8_t signal_seen = 0;
    uint8_t vacated = 0;
    uint8_t left = 0;
    uint8_t next[max_nodes] = {};
    uint8_t marked[max_nodes] = {};  // handled, in the queue only to hold it
    uint8_t freed[max_nodes] = {};
    uint8_t fates[max_nodes] = {};
    thread_state threads[max_threads] = {};

    bool operator==(const state& other) const {
        return std::memcmp(this, &other, sizeof *this) == 0;
    }
};

class protocol {
public:
    explicit protocol(const configuration& config);

    state initial() const { return state(); }
    int threads() const { return thread_count_; }

    // False: the thread has no such step. `violation` is set when the step breaks an invariant.
    bool step(state& s, int thread, int choice, const char*& violation) const;

    // Null, or what is wrong with a state in which nobody can move.
    const char* wrong_end(const state& s) const;

private:
    struct move;  // one step under way

    bool mutated(mutation fault) const { return config_.fault == fault; }

    configuration config_;
    int nodes_;
    int thread_count_ = 0;
    role roles_[max_threads] = {};
};

}  // namespace spawned::model

#include "mailbox_enumeration_steps.hpp"
