// When two descriptions mean the same message type. The address is the fast path only: an inline
// description has one per shared object.
#pragma once

#include <cstring>

#include <spawned/message.h>

namespace spawned::engine {

inline bool same_type(const spawned_message_type* a, const spawned_message_type* b) {
    if (a == b) [[likely]]
        return true;
    if (((a->flags | b->flags) & SPAWNED_TYPE_LOCAL) != 0) return false;
    return a->value_size == b->value_size && a->fingerprint == b->fingerprint &&
           std::strcmp(a->name, b->name) == 0;
}

}  // namespace spawned::engine
