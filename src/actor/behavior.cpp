#include "actor/behavior.hpp"

#include <string.h>

#include "actor/core.hpp"
#include "base/type_identity.hpp"

namespace spawned::engine {

namespace {

uint32_t table_size(uint32_t handlers) {
    uint32_t size = 4;
    while (size < handlers * 2) size *= 2;
    return size;
}

size_t class_size(const behavior_class& one) {
    return sizeof(behavior_class) + sizeof(behavior_class::entry) * (one.mask + 1);
}

// The host's table in this version's size: an older, shorter one ends in zeros.
spawned_behavior normalized(const spawned_behavior& source) {
    spawned_behavior table;
    memset(&table, 0, sizeof table);
    memcpy(&table, &source, source.size < sizeof table ? source.size : sizeof table);
    if (table.state_alignment == 0) table.state_alignment = 16;
    return table;
}

behavior_class* make_class(core& home, const spawned_behavior& source) {
    const spawned_behavior table = normalized(source);
    const uint32_t size = table_size(table.handler_count);
    void* place = home.memory.get(sizeof(behavior_class) + sizeof(behavior_class::entry) * size,
                                  alignof(behavior_class));
    if (place == nullptr) return nullptr;
    auto* made = ::new (place) behavior_class;
    made->source = &source;
    made->table = table;
    made->state_bytes = table.state_size;
    made->state_inline = table.state_size <= inline_state;
    made->slow.store_relaxed((table.flags & SPAWNED_BEHAVIOR_SLOW) != 0 ? 1 : 0);
    made->mask = size - 1;
    memset(static_cast<void*>(made->entries()), 0, sizeof(behavior_class::entry) * size);
    for (uint32_t i = 0; i < table.handler_count; ++i) {
        const spawned_handler& one = table.handlers[i];
        uint64_t at = place_of(one.type);
        while (made->entries()[at & made->mask].type != nullptr) ++at;
        made->entries()[at & made->mask] = {one.type, one.handle};
    }
    return made;
}

bool same_reply(const spawned_message_type* a, const spawned_message_type* b) {
    return a == b || (a != nullptr && b != nullptr && same_type(a, b));
}

const behavior_class* find_class(core& home, const spawned_behavior& source) {
    for (behavior_class* one = home.classes.load_acquire(); one != nullptr; one = one->next)
        if (one->source == &source) return one;
    return nullptr;
}

}  // namespace

found_handler search_handler(const behavior_class& behavior, const spawned_message_type* type) {
    for (uint64_t at = place_of(type);; ++at) {
        const behavior_class::entry& entry = behavior.entries()[at & behavior.mask];
        if (entry.type == type) return {lookup::found, entry.handle};
        if (entry.type == nullptr) break;
    }
    // A description of the same type at another address: another shared object's. What it is answered
    // with has to agree as well.
    bool mismatch = false;
    for (uint32_t i = 0; i < behavior.table.handler_count; ++i) {
        const spawned_handler& one = behavior.table.handlers[i];
        if (same_type(one.type, type) && same_reply(one.type->reply, type->reply))
            return {lookup::found, one.handle};
        mismatch = mismatch || strcmp(one.type->name, type->name) == 0;
    }
    if (mismatch) return {lookup::mismatch, nullptr};
    if (behavior.table.otherwise != nullptr) return {lookup::found, behavior.table.otherwise};
    return {lookup::missing, nullptr};
}

const behavior_class* class_of(core& home, const spawned_behavior& source) {
    const behavior_class* found = find_class(home, source);
    if (found != nullptr) return found;
    behavior_class* made = make_class(home, source);
    if (made == nullptr) return nullptr;
    {
        lock_guard guard(home.class_lock);
        found = find_class(home, source);
        if (found == nullptr) {
            made->next = home.classes.load_relaxed();
            home.classes.store_release(made);
            return made;
        }
    }
    home.memory.put(made, class_size(*made), alignof(behavior_class));
    return found;
}

void free_classes(core& home) {
    behavior_class* one = home.classes.load_relaxed();
    home.classes.store_relaxed(nullptr);
    while (one != nullptr) {
        behavior_class* next = one->next;
        home.memory.put(one, class_size(*one), alignof(behavior_class));
        one = next;
    }
}

}  // namespace spawned::engine
