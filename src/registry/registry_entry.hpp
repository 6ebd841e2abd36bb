// One name: a single piece of memory with the name and, for a value, the value behind it.
#pragma once

#include <cstddef>
#include <cstdint>

#include <spawned/message.h>
#include <spawned/types.h>

#include "base/allocator.hpp"
#include "base/atomic.hpp"

namespace spawned::engine {

struct registry_entry {
    // Guard: the registry's lock, until the entry is out of the table.
    registry_entry* next_in_bucket = nullptr;
    // All entries of an owner form a ring; one of them, the leader, stands in the owners' bucket.
    registry_entry* next_of_owner = nullptr;
    registry_entry* previous_of_owner = nullptr;
    registry_entry* next_leader = nullptr;
    bool leads = false;

    // Constant from the insertion on.
    std::uint64_t hash = 0;
    spawned_pid owner = 0;                       // 0: nobody
    const spawned_message_type* type = nullptr;  // null: the name holds its owner's pid
    std::uint32_t value_offset = 0;              // from the start of the entry
    std::uint32_t name_length = 0;
    std::size_t bytes = 0;
    std::size_t alignment = 0;

    // One for the table, one for each reader. Whoever takes the last away frees the entry, without
    // the lock.
    atomic<std::uint32_t> references{1};

    char* name() { return reinterpret_cast<char*>(this + 1); }
    const char* name() const { return reinterpret_cast<const char*>(this + 1); }
    void* value() { return reinterpret_cast<std::byte*>(this) + value_offset; }
    const void* value() const { return reinterpret_cast<const std::byte*>(this) + value_offset; }
};

// A copy of the name; the value is raw memory. nullptr: no memory.
registry_entry* make_registry_entry(const allocator& memory, const char* name, std::size_t length,
                                    const spawned_message_type* type);

// Frees the memory of an entry that never reached the table; its value is not touched.
void discard_registry_entry(const allocator& memory, registry_entry* entry);

// Takes a reference away; the last one destroys the value and frees the entry. Never under the
// lock.
void release_registry_entry(const allocator& memory, registry_entry* entry);

}  // namespace spawned::engine
