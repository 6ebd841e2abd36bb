// Message types and behaviors that are built at run time: copied deeply, owned by the runtime.
#include <string.h>

#include <new>

#include "runtime/runtime.hpp"

namespace spawned::engine {

// A piece of memory in the runtime's list.
struct description {
    description* next;
    size_t bytes;
};

namespace {

void* get_piece(core& home, size_t bytes) {
    const size_t all = sizeof(description) + bytes;
    void* place = home.memory.get(all, alignof(description));
    if (place == nullptr) return nullptr;
    auto* made = ::new (place) description{nullptr, all};
    lock_guard guard(home.class_lock);
    made->next = home.descriptions;
    home.descriptions = made;
    return made + 1;
}

const char* copy_name(core& home, const char* name) {
    const size_t bytes = strlen(name) + 1;
    auto* copy = static_cast<char*>(get_piece(home, bytes));
    if (copy != nullptr) memcpy(copy, name, bytes);
    return copy;
}

}  // namespace

// Pieces of a copy that could not be completed stay with the runtime, unused, until it ends.
spawned_status copy_type(core& home, const spawned_message_type& type,
                         const spawned_message_type** out_type) {
    const spawned_message_type* reply = nullptr;
    if (type.reply == &type) return SPAWNED_EINVAL;
    if (type.reply != nullptr) {
        const spawned_status status = copy_type(home, *type.reply, &reply);
        if (status != SPAWNED_OK) return status;
    }
    auto* copy = static_cast<spawned_message_type*>(get_piece(home, sizeof(spawned_message_type)));
    const char* name = copy != nullptr ? copy_name(home, type.name) : nullptr;
    if (name == nullptr) return SPAWNED_ENOMEM;
    *copy = type;
    copy->size = sizeof *copy;
    copy->name = name;
    copy->reply = reply;
    *out_type = copy;
    return SPAWNED_OK;
}

spawned_status copy_behavior(core& home, const spawned_behavior& behavior,
                             const spawned_behavior** out_behavior) {
    auto* copy = static_cast<spawned_behavior*>(get_piece(home, sizeof(spawned_behavior)));
    const char* name = copy != nullptr ? copy_name(home, behavior.name) : nullptr;
    if (name == nullptr) return SPAWNED_ENOMEM;
    spawned_handler* handlers = nullptr;
    if (behavior.handler_count != 0) {
        handlers = static_cast<spawned_handler*>(
            get_piece(home, sizeof(spawned_handler) * behavior.handler_count));
        if (handlers == nullptr) return SPAWNED_ENOMEM;
    }
    for (uint32_t i = 0; i < behavior.handler_count; ++i) {
        handlers[i] = behavior.handlers[i];
        const spawned_status status =
            copy_type(home, *behavior.handlers[i].type, &handlers[i].type);
        if (status != SPAWNED_OK) return status;
    }
    *copy = behavior;
    copy->size = sizeof *copy;
    copy->name = name;
    copy->handlers = handlers;
    *out_behavior = copy;
    return SPAWNED_OK;
}

void free_descriptions(core& home) {
    while (description* one = home.descriptions) {
        home.descriptions = one->next;
        home.memory.put(one, one->bytes, alignof(description));
    }
}

}  // namespace spawned::engine
