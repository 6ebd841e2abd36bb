// The table of names. Public calls check and allocate first, change the table under the lock, and
// free after it.
#include "registry/registry.hpp"

#include <cstring>

#include "base/assert.hpp"
#include "base/hash.hpp"
#include "base/type_identity.hpp"
#include "registry/name.hpp"
#include "registry/registry_entry.hpp"

namespace spawned::engine {

namespace {

constexpr std::size_t first_bucket_count = 16;

bool is_copied_bytewise(const spawned_message_type* type) {
    return type->copy == nullptr && type->destroy == nullptr;
}

}  // namespace

bool registry::init(const allocator* memory) {
    memory_ = memory;
    buckets_ = nullptr;
    bucket_count_ = count_ = 0;
    return lock_.init();
}

void registry::deinit() {
    for (std::size_t bucket = 0; bucket < bucket_count_; ++bucket) {
        for (registry_entry* entry = buckets_[bucket]; entry != nullptr;) {
            registry_entry* after = entry->next_in_bucket;
            release_registry_entry(*memory_, entry);
            entry = after;
        }
    }
    free_buckets(buckets_, bucket_count_);
    buckets_ = nullptr;
    bucket_count_ = count_ = 0;
    lock_.deinit();
}

spawned_status registry::insert_pid(const char* name, std::size_t length, spawned_pid pid,
                                    insertion_condition still_alive) {
    if (check_name(name, &length) != SPAWNED_OK || pid == 0) return SPAWNED_EINVAL;
    if (is_reserved_name(name, length)) return SPAWNED_EPERM;
    registry_entry* entry = make_registry_entry(*memory_, name, length, nullptr);
    if (entry == nullptr) return SPAWNED_ENOMEM;
    entry->owner = pid;
    return insert(entry, nullptr, still_alive);
}

spawned_status registry::insert_value(const char* name, std::size_t length,
                                      const spawned_message_type* type, const void* value,
                                      spawned_pid owner, insertion_condition still_alive) {
    if (check_name(name, &length) != SPAWNED_OK) return SPAWNED_EINVAL;
    if (type == nullptr || (value == nullptr && type->value_size != 0)) return SPAWNED_EINVAL;
    if (is_reserved_name(name, length)) return SPAWNED_EPERM;
    const bool pinned = (type->flags & SPAWNED_TYPE_PINNED) != 0;
    if (pinned || (type->copy == nullptr && type->destroy != nullptr)) return SPAWNED_EUNSUPPORTED;
    registry_entry* entry = make_registry_entry(*memory_, name, length, type);
    if (entry == nullptr) return SPAWNED_ENOMEM;
    entry->owner = owner;
    return insert(entry, value, still_alive);
}

// Room is made without the lock, so that the allocator never runs under it; who comes second to
// grow the table starts over.
spawned_status registry::insert(registry_entry* entry, const void* value,
                                insertion_condition still_alive) {
    entry->hash = hash_bytes(entry->name(), entry->name_length);
    for (;;) {
        std::size_t wanted_buckets = 0;
        spawned_status status = SPAWNED_ENOMEM;
        {
            lock_guard guard(lock_);
            if (count_ >= bucket_count_ && count_ < name_limit) {
                wanted_buckets = bucket_count_ == 0 ? first_bucket_count : bucket_count_ * 2;
            } else {
                status = insert_locked(entry, value, still_alive);
            }
        }
        if (wanted_buckets == 0 || !grow(wanted_buckets)) {
            if (status != SPAWNED_OK) discard_registry_entry(*memory_, entry);
            return status;
        }
    }
}

spawned_status registry::insert_locked(registry_entry* entry, const void* value,
                                       insertion_condition still_alive) {
    if (find(entry->name(), entry->name_length, entry->hash) != nullptr) return SPAWNED_EEXIST;
    if (count_ >= name_limit) return SPAWNED_ELIMIT;
    if (!still_alive.holds()) return SPAWNED_ESTOPPED;
    if (entry->type != nullptr && value != nullptr && entry->type->value_size != 0) {
        std::memcpy(entry->value(), value, entry->type->value_size);
    }
    link(entry);
    return SPAWNED_OK;
}

spawned_status registry::find_pid(const char* name, std::size_t length, spawned_pid* out_pid) {
    if (check_name(name, &length) != SPAWNED_OK) return SPAWNED_EINVAL;
    const std::uint64_t hash = hash_bytes(name, length);
    lock_guard guard(lock_);
    const registry_entry* entry = find(name, length, hash);
    if (entry == nullptr || entry->type != nullptr) return SPAWNED_ENOENT;
    *out_pid = entry->owner;
    return SPAWNED_OK;
}

spawned_status registry::get_value(const char* name, std::size_t length,
                                   const spawned_message_type* type, void* storage) {
    if (check_name(name, &length) != SPAWNED_OK || type == nullptr) return SPAWNED_EINVAL;
    if (storage == nullptr && type->value_size != 0) return SPAWNED_EINVAL;
    const std::uint64_t hash = hash_bytes(name, length);
    registry_entry* entry;
    {
        lock_guard guard(lock_);
        entry = find(name, length, hash);
        if (entry == nullptr) return SPAWNED_ENOENT;
        if (entry->type == nullptr || !same_type(entry->type, type)) return SPAWNED_ETYPE;
        entry->references.fetch_add_relaxed(1);
    }
    spawned_status status = SPAWNED_OK;
    const spawned_message_type* stored = entry->type;
    if (!is_copied_bytewise(stored)) {
        status = stored->copy(storage, entry->value(), stored->user_data);
    } else if (storage != nullptr && stored->value_size != 0) {
        std::memcpy(storage, entry->value(), stored->value_size);
    }
    release_registry_entry(*memory_, entry);
    return status;
}

bool registry::remove(const char* name, std::size_t length) {
    if (check_name(name, &length) != SPAWNED_OK) return false;
    const std::uint64_t hash = hash_bytes(name, length);
    registry_entry* entry;
    {
        lock_guard guard(lock_);
        entry = find(name, length, hash);
        if (entry == nullptr) return false;
        unlink(entry);
    }
    release_registry_entry(*memory_, entry);
    return true;
}

void registry::remove_owned_by(spawned_pid owner) {
    if (owner == 0) return;
    registry_entry* removed = nullptr;
    {
        lock_guard guard(lock_);
        while (registry_entry* entry = leader_of(owner)) {
            unlink(entry);
            entry->next_in_bucket = removed;
            removed = entry;
        }
    }
    while (removed != nullptr) {
        registry_entry* after = removed->next_in_bucket;
        release_registry_entry(*memory_, removed);
        removed = after;
    }
}

std::size_t registry::size() {
    lock_guard guard(lock_);
    return count_;
}

// The size may grow while memory is fetched: then once more.
spawned_status registry::snapshot(registry_snapshot* out_snapshot) {
    out_snapshot->release();
    out_snapshot->memory_ = memory_;
    for (;;) {
        const std::size_t wanted = size();
        if (wanted == 0) return SPAWNED_OK;
        void* place = memory_->get(wanted * sizeof(registry_entry*), alignof(registry_entry*));
        if (place == nullptr) return SPAWNED_ENOMEM;
        auto** entries = static_cast<registry_entry**>(place);
        {
            lock_guard guard(lock_);
            if (count_ <= wanted) {
                out_snapshot->entries_ = entries;
                out_snapshot->capacity_ = wanted;
                for (std::size_t bucket = 0; bucket < bucket_count_; ++bucket) {
                    registry_entry* entry = buckets_[bucket];
                    for (; entry != nullptr; entry = entry->next_in_bucket) {
                        entry->references.fetch_add_relaxed(1);
                        entries[out_snapshot->count_++] = entry;
                    }
                }
                return SPAWNED_OK;
            }
        }
        memory_->put(place, wanted * sizeof(registry_entry*), alignof(registry_entry*));
    }
}

registry_snapshot::item registry_snapshot::at(std::size_t index) const {
    SPAWNED_DEBUG_ASSERT(index < count_);
    const registry_entry* entry = entries_[index];
    return {entry->name(), entry->name_length, entry->type == nullptr ? entry->owner : 0};
}

void registry_snapshot::release() {
    if (entries_ == nullptr) return;
    for (std::size_t index = 0; index < count_; ++index) {
        release_registry_entry(*memory_, entries_[index]);
    }
    memory_->put(entries_, capacity_ * sizeof(registry_entry*), alignof(registry_entry*));
    entries_ = nullptr;
    capacity_ = count_ = 0;
}

}  // namespace spawned::engine
