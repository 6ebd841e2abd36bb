// A behavior as a runtime uses it: a checked copy of the host's table, and a way from a message's type to
// its handler. Made at the first start of an actor of that behavior, found by address from then on.
#pragma once

#include <spawned/actor.h>

#include "base/atomic.hpp"

namespace spawned::engine {

struct core;

// behavior: flags, the engine's own. Who is told to stop, or receives an exit signal, is not ended but asked: its
// `stopped` is called between two messages, with no reason, and answers OK when it may end, or EAGAIN: then it goes
// on, and is asked again when it is next told to stop, by itself at the latest. The bits that asked are cleared
// meanwhile and control_asked stands for them, so that what asked first stays the reason: a signal that comes later
// is ignored, and the one that asked waits, as received_exit, to be taken by the end. A drain is a stop for it. A kill
// asks nobody.
inline constexpr uint32_t behavior_ends_itself = uint32_t{1} << 31;

struct behavior_class {
    struct entry {
        const spawned_message_type* type;
        spawned_handler_fn handle;
    };

    const spawned_behavior* source;
    spawned_behavior table;  // every field of this version, defaults filled in
    size_t state_bytes;
    bool state_inline;
    mutable hardware::atomic<uint8_t> slow;  // flagged by the behavior or found by the watchdog
    mutable uint64_t slow_until = 0;  // the watchdog's: when what it found is forgotten; 0: never
    mutable uint64_t slow_span = 0;   // the watchdog's: how long it remembered last
    uint32_t mask;                    // of the hash table behind this struct
    behavior_class* next;             // in the runtime's list

    entry* entries() { return reinterpret_cast<entry*>(this + 1); }
    const entry* entries() const { return reinterpret_cast<const entry*>(this + 1); }
};

enum class lookup : uint8_t { found, missing, mismatch };

struct found_handler {
    lookup outcome;
    spawned_handler_fn handle;
};

// Where a type's search begins. Descriptions stand well apart: the low bits of their addresses tell
// nothing, the next ones enough.
inline uint64_t place_of(const spawned_message_type* type) {
    const auto address = reinterpret_cast<uintptr_t>(type);
    return (address >> 4) ^ (address >> 12);
}

// The handler of a message type, by address first, then by identity. `otherwise` counts as found.
found_handler search_handler(const behavior_class& behavior, const spawned_message_type* type);
inline found_handler find_handler(const behavior_class& behavior,
                                  const spawned_message_type* type) {
    const behavior_class::entry& likely = behavior.entries()[place_of(type) & behavior.mask];
    if (likely.type == type) [[likely]]
        return {lookup::found, likely.handle};
    return search_handler(behavior, type);
}

// The class of a behavior that was checked before; null without memory. Any thread.
const behavior_class* class_of(core& home, const spawned_behavior& source);

void free_classes(core& home);

}  // namespace spawned::engine
