// Message blocks. A message is one pooled block: a header, then its value.
//
//   plain      header (32 bytes), value
//   askable    header, request (64 bytes), value, room for the reply. Every message whose type names a
//              reply type is built so; whether it is asked or only sent is decided later.
//   envelope   header, request, pointer to a plain message that carries the value: what a plain
//              message becomes when it is asked after all, or has a deadline or a wait
//   promise    header, request, room for the reply: no value and no mailbox
//   tick       header, tick, value: an interval's message, owned by its timer between ticks
//
// The value lives until its handler and the handler's continuations have ended; a reply never
// overwrites it.
#pragma once

#include <spawned/message.h>

#include <cstddef>
#include <cstdint>

#include "actor/reply_word.hpp"
#include "base/atomic.hpp"

namespace spawned::engine {

enum class message_kind : uint8_t { plain, askable, envelope, promise, tick };

enum message_flag : uint16_t {
    message_constructed = 1,  // the value exists and must be destroyed
    message_counted = 2,      // against its mailbox's capacity
    message_asked = 4,        // somebody waits for an answer: the request is live
    message_exclusive = 8,    // runs on its requester's stack: no other thread knows the request
    message_answered = 16,    // the duty to answer is no longer the handler's
    message_reserved = 32,    // reply storage has been handed out
    message_finished = 64,    // handled; stays in the queue only to hold it
    message_has_deadline = 128,
    message_forwarded = 256,  // goes to another actor as soon as it has left this queue
    message_lent = 512,    // a promise of work that uses what belongs to the handler that awaits it
    message_of_end = 1024  // its value is a spawned_ended of the engine's making
};

struct message {
    hardware::atomic<message*> next;
    const spawned_message_type* type;
    spawned_pid target;
    uint32_t value_size;
    uint8_t size_class : 4;
    message_kind kind : 4;
    uint8_t value_offset;  // bytes from the block's start
    uint16_t flags;        // the answering side's, once sent

    bool has(message_flag flag) const { return (flags & flag) != 0; }
    void set(message_flag flag) { flags = static_cast<uint16_t>(flags | flag); }
    void unset(message_flag flag) { flags = static_cast<uint16_t>(flags & ~flag); }
};
static_assert(sizeof(message) == 32);

// A forward changes the target while the asking side may look at it, for its runtime.
inline void forward_to(message& m, spawned_pid to) {
    std::atomic_ref(m.target).store(to, std::memory_order_relaxed);
}
inline spawned_pid target_seen_by_asker(message& m) {
    return std::atomic_ref(m.target).load(std::memory_order_relaxed);
}

struct bell;

// The asking side's part of a block. Guard of each field: before the message is sent its sender; then
// as said.
struct request {
    reply_word<hardware> word;
    hardware::atomic<uint64_t>
        deadline;                       // asking side; 0: none. After given_up: see given_up_status
    hardware::atomic<uint64_t> holder;  // pid that has the duty to answer; 0: unknown
    hardware::atomic<uint64_t> asker;   // an edge's word: who awaits it, and which of its waits
    bell* ring;                         // asking side, set before the waiter
    struct text* failure;               // answering side, before done
    void* reply;                        // answering side, before done; null: no value
    int32_t status;                     // answering side, before done
    uint32_t reply_size;
};
static_assert(sizeof(request) == 64);

struct envelope {
    message header;
    request asked;
    message* carrier;  // null when the value has been moved on
    uint64_t wait;     // how long a send may wait for room
};

struct tick {
    message header;
    uint64_t timer;   // the interval's handle
    uint64_t missed;  // of the tick being handled
};

// What a response points to.
struct asked_block {
    message header;
    request asked;
};

inline request& request_of(message& m) { return reinterpret_cast<asked_block*>(&m)->asked; }
inline bool has_request(const message& m) {
    return m.kind != message_kind::plain && m.kind != message_kind::tick;
}

inline void* value_of(message& m) {
    if (m.kind == message_kind::envelope) {
        message& carrier = *reinterpret_cast<envelope*>(&m)->carrier;
        return reinterpret_cast<char*>(&carrier) + carrier.value_offset;
    }
    return reinterpret_cast<char*>(&m) + m.value_offset;
}

// Ends a value that was handed over and will not be moved into a message.
inline void consume(const spawned_message_type* type, const void* value) {
    if (type->destroy != nullptr && value != nullptr)
        type->destroy(const_cast<void*>(value), type->user_data);
}

constexpr size_t round_up(size_t bytes, size_t alignment) {
    return (bytes + alignment - 1) & ~(alignment - 1);
}

// A failure's text, shortened to what is kept; one pooled block.
struct text {
    uint32_t length;
    spawned_status status;  // of a request given up with a text
    uint8_t size_class;
    char bytes[1];  // length bytes and a zero byte
};
inline constexpr size_t max_text = 1024;

// A response's bell, shared by the answering side and the timer of its deadline: who comes first rings.
enum bell_state : uint32_t { bell_waiting, bell_ringing, bell_rung, bell_removed };
struct bell {
    void (*ring)(void* user_data);
    void* user_data;
    hardware::atomic<uint32_t> state;
    hardware::atomic<uint32_t> references;
    uint64_t timer;  // of the deadline; 0: none
    uint8_t size_class;
};

}  // namespace spawned::engine
