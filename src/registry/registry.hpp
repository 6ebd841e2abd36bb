// The names of one runtime: each holds a pid, or a value of a copyable type. Entries are found by
// name and by owner. Callbacks of value types and the allocator never run under the lock: an entry
// in use is pinned by a reference count and freed by whoever lets go last.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

#include <spawned/message.h>
#include <spawned/status.h>
#include <spawned/types.h>

#include "base/allocator.hpp"
#include "platform/mutex.hpp"
#include "registry/name.hpp"

namespace spawned::engine {

struct registry_entry;
class registry_snapshot;

class registry {
public:
    static constexpr std::size_t name_limit = 65'536;

    registry() = default;
    registry(const registry&) = delete;
    registry& operator=(const registry&) = delete;

    // memory must outlive deinit. false: the system has no resources.
    bool init(const allocator* memory);

    // Frees all names and destroys the values. No other call may be under way, no snapshot alive.
    void deinit();

    // All lengths may be SPAWNED_ZERO_TERMINATED. Errors of the two add functions: EINVAL, EPERM
    // (reserved name), EUNSUPPORTED (a value that cannot be copied or moved), ENOMEM, EEXIST,
    // ELIMIT, and ESTOPPED when still_alive() was false. still_alive is called under the lock just
    // before the insertion, so that an owner that is marked dead first and then goes through
    // remove_owned_by leaves nothing behind.
    template <class Check>
    spawned_status add_pid(const char* name, std::size_t length, spawned_pid pid,
                           Check&& still_alive) {
        return insert_pid(name, length, pid, condition_of(still_alive));
    }
    spawned_status add_pid(const char* name, std::size_t length, spawned_pid pid) {
        return insert_pid(name, length, pid, {});
    }

    // The value is moved bytewise on success and stays the caller's otherwise. owner may be 0.
    template <class Check>
    spawned_status add_value(const char* name, std::size_t length, const spawned_message_type* type,
                             const void* value, spawned_pid owner, Check&& still_alive) {
        return insert_value(name, length, type, value, owner, condition_of(still_alive));
    }
    spawned_status add_value(const char* name, std::size_t length, const spawned_message_type* type,
                             const void* value, spawned_pid owner) {
        return insert_value(name, length, type, value, owner, {});
    }

    // Errors: EINVAL, ENOENT (no such name, or a value).
    spawned_status find_pid(const char* name, std::size_t length, spawned_pid* out_pid);

    // Builds a copy in storage. Errors: EINVAL, ENOENT, ETYPE (another type, or a pid), what copy
    // returned.
    spawned_status get_value(const char* name, std::size_t length, const spawned_message_type* type,
                             void* storage);

    // false: there is no such name.
    bool remove(const char* name, std::size_t length);

    // Frees all names and values of an owner; takes time by their number only.
    void remove_owned_by(spawned_pid owner);

    // All names as they are now. Errors: ENOMEM.
    spawned_status snapshot(registry_snapshot* out_snapshot);

    std::size_t size();

private:
    // A borrowed callable; holds() is true for the empty one.
    struct insertion_condition {
        bool (*call)(void*) = nullptr;
        void* callable = nullptr;
        bool holds() const { return call == nullptr || call(callable); }
    };

    template <class Check>
    static insertion_condition condition_of(Check& still_alive) {
        using callable = std::remove_reference_t<Check>;
        return {[](void* erased) -> bool { return (*static_cast<callable*>(erased))(); },
                const_cast<void*>(static_cast<const volatile void*>(&still_alive))};
    }

    spawned_status insert_pid(const char* name, std::size_t length, spawned_pid pid,
                              insertion_condition still_alive);
    spawned_status insert_value(const char* name, std::size_t length,
                                const spawned_message_type* type, const void* value,
                                spawned_pid owner, insertion_condition still_alive);
    spawned_status insert(registry_entry* entry, const void* value,
                          insertion_condition still_alive);
    bool grow(std::size_t bucket_count);
    void free_buckets(registry_entry** buckets, std::size_t count);

    // These under the lock.
    spawned_status insert_locked(registry_entry* entry, const void* value,
                                 insertion_condition still_alive);
    void move_from(registry_entry** buckets, std::size_t count);
    registry_entry** name_bucket(std::uint64_t hash) const;
    registry_entry** owner_bucket(spawned_pid owner) const;
    registry_entry* find(const char* name, std::size_t length, std::uint64_t hash) const;
    registry_entry* leader_of(spawned_pid owner) const;
    void link(registry_entry* entry);
    void unlink(registry_entry* entry);
    void unlink_owner(registry_entry* entry);

    const allocator* memory_ = nullptr;
    mutex lock_;  // guards everything below
    // Two tables of bucket_count_ heads in one piece of memory: by name, then by owner.
    registry_entry** buckets_ = nullptr;
    std::size_t bucket_count_ = 0;  // a power of two, or 0 as long as there was no name
    std::size_t count_ = 0;
};

// The names of one moment, pinned. Ends with release (or its destructor), before the registry does.
class registry_snapshot {
public:
    registry_snapshot() = default;
    ~registry_snapshot() { release(); }
    registry_snapshot(const registry_snapshot&) = delete;
    registry_snapshot& operator=(const registry_snapshot&) = delete;

    std::size_t count() const { return count_; }

    // The pid is 0 for a value. The name is not zero-terminated.
    struct item {
        const char* name;
        std::size_t length;
        spawned_pid pid;
    };
    item at(std::size_t index) const;

    void release();

private:
    friend class registry;
    const allocator* memory_ = nullptr;
    registry_entry** entries_ = nullptr;
    std::size_t capacity_ = 0;
    std::size_t count_ = 0;
};

}  // namespace spawned::engine
