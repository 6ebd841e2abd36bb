// A behavior as a runtime uses it: a checked copy of the host's table, and a way from a message's type to
// its handler. Made at the first start of an actor of that behavior, found by address from then on.
#pragma once

#include <spawned/actor.h>

#include "base/atomic.hpp"

namespace spawned::engine {

struct core;

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
    uint32_t mask;                           // of the hash table behind this struct
    behavior_class* next;                    // in the runtime's list

    entry* entries() { return reinterpret_cast<entry*>(this + 1); }
    const entry* entries() const { return reinterpret_cast<const entry*>(this + 1); }
};

enum class lookup : uint8_t { found, missing, mismatch };

struct found_handler {
    lookup outcome;
    spawned_handler_fn handle;
};

// The handler of a message type, by address first, then by identity. `otherwise` counts as found.
found_handler find_handler(const behavior_class& behavior, const spawned_message_type* type);

// The class of a behavior that was checked before; null without memory. Any thread.
const behavior_class* class_of(core& home, const spawned_behavior& source);

void free_classes(core& home);

}  // namespace spawned::engine
