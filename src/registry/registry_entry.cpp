// The memory of a name.
#include "registry/registry_entry.hpp"

#include <cstring>
#include <new>

namespace spawned::engine {

registry_entry* make_registry_entry(const allocator& memory, const char* name, std::size_t length,
                                    const spawned_message_type* type) {
    std::size_t alignment = alignof(registry_entry);
    std::size_t bytes = sizeof(registry_entry) + length;
    std::size_t value_offset = bytes;
    if (type != nullptr) {
        const std::size_t wanted = type->value_alignment == 0 ? 1 : type->value_alignment;
        if (wanted > alignment) alignment = wanted;
        value_offset = (bytes + wanted - 1) & ~(wanted - 1);
        bytes = value_offset + type->value_size;
        if (bytes < value_offset) return nullptr;
    }
    void* place = memory.get(bytes, alignment);
    if (place == nullptr) return nullptr;
    auto* entry = ::new (place) registry_entry;
    entry->type = type;
    entry->value_offset = static_cast<std::uint32_t>(value_offset);
    entry->name_length = static_cast<std::uint32_t>(length);
    entry->bytes = bytes;
    entry->alignment = alignment;
    std::memcpy(entry->name(), name, length);
    return entry;
}

void discard_registry_entry(const allocator& memory, registry_entry* entry) {
    const std::size_t bytes = entry->bytes;
    const std::size_t alignment = entry->alignment;
    entry->~registry_entry();
    memory.put(entry, bytes, alignment);
}

void release_registry_entry(const allocator& memory, registry_entry* entry) {
    if (entry->references.fetch_sub_acq_rel(1) != 1) return;
    const spawned_message_type* type = entry->type;
    if (type != nullptr && type->destroy != nullptr) type->destroy(entry->value(), type->user_data);
    discard_registry_entry(memory, entry);
}

}  // namespace spawned::engine
