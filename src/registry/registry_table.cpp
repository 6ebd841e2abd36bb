// The table under the registry's lock: two hash tables in one piece of memory, by name and by
// owner.
#include <cstring>

#include "base/assert.hpp"
#include "base/hash.hpp"
#include "registry/registry.hpp"
#include "registry/registry_entry.hpp"

namespace spawned::engine {

void registry::free_buckets(registry_entry** buckets, std::size_t count) {
    if (buckets == nullptr) return;
    memory_->put(buckets, 2 * count * sizeof(registry_entry*), alignof(registry_entry*));
}

// Called without the lock. false: no memory; the table is as it was.
bool registry::grow(std::size_t bucket_count) {
    const std::size_t bytes = 2 * bucket_count * sizeof(registry_entry*);
    auto** fresh = static_cast<registry_entry**>(memory_->get(bytes, alignof(registry_entry*)));
    if (fresh == nullptr) return false;
    std::memset(fresh, 0, bytes);
    registry_entry** spent = fresh;
    std::size_t spent_count = bucket_count;
    {
        lock_guard guard(lock_);
        if (bucket_count > bucket_count_) {
            spent = buckets_;
            spent_count = bucket_count_;
            buckets_ = fresh;
            bucket_count_ = bucket_count;
            move_from(spent, spent_count);
        }
    }
    free_buckets(spent, spent_count);
    return true;
}

void registry::move_from(registry_entry** buckets, std::size_t count) {
    for (std::size_t bucket = 0; bucket < count; ++bucket) {
        for (registry_entry* entry = buckets[bucket]; entry != nullptr;) {
            registry_entry* after = entry->next_in_bucket;
            registry_entry** head = name_bucket(entry->hash);
            entry->next_in_bucket = *head;
            *head = entry;
            entry = after;
        }
        for (registry_entry* entry = buckets[count + bucket]; entry != nullptr;) {
            registry_entry* after = entry->next_leader;
            registry_entry** head = owner_bucket(entry->owner);
            entry->next_leader = *head;
            *head = entry;
            entry = after;
        }
    }
}

registry_entry** registry::name_bucket(std::uint64_t hash) const {
    return &buckets_[hash & (bucket_count_ - 1)];
}

registry_entry** registry::owner_bucket(spawned_pid owner) const {
    return &buckets_[bucket_count_ + (hash_word(owner) & (bucket_count_ - 1))];
}

registry_entry* registry::find(const char* name, std::size_t length, std::uint64_t hash) const {
    if (bucket_count_ == 0) return nullptr;
    registry_entry* entry = *name_bucket(hash);
    while (entry != nullptr && !(entry->hash == hash && entry->name_length == length &&
                                 std::memcmp(entry->name(), name, length) == 0)) {
        entry = entry->next_in_bucket;
    }
    return entry;
}

registry_entry* registry::leader_of(spawned_pid owner) const {
    if (bucket_count_ == 0) return nullptr;
    registry_entry* leader = *owner_bucket(owner);
    while (leader != nullptr && leader->owner != owner) leader = leader->next_leader;
    return leader;
}

void registry::link(registry_entry* entry) {
    registry_entry** head = name_bucket(entry->hash);
    entry->next_in_bucket = *head;
    *head = entry;
    ++count_;
    if (entry->owner == 0) return;
    registry_entry* leader = leader_of(entry->owner);
    if (leader == nullptr) {
        head = owner_bucket(entry->owner);
        entry->next_leader = *head;
        *head = entry;
        entry->leads = true;
        entry->next_of_owner = entry->previous_of_owner = entry;
        return;
    }
    entry->next_of_owner = leader;
    entry->previous_of_owner = leader->previous_of_owner;
    leader->previous_of_owner->next_of_owner = entry;
    leader->previous_of_owner = entry;
}

void registry::unlink(registry_entry* entry) {
    registry_entry** place = name_bucket(entry->hash);
    while (*place != entry) place = &(*place)->next_in_bucket;
    *place = entry->next_in_bucket;
    --count_;
    if (entry->owner != 0) unlink_owner(entry);
}

// A leader that goes hands its place to the next entry of its owner.
void registry::unlink_owner(registry_entry* entry) {
    registry_entry* heir = entry->next_of_owner;
    entry->previous_of_owner->next_of_owner = heir;
    heir->previous_of_owner = entry->previous_of_owner;
    if (!entry->leads) return;
    registry_entry** place = owner_bucket(entry->owner);
    while (*place != entry) place = &(*place)->next_leader;
    if (heir == entry) {
        *place = entry->next_leader;
    } else {
        heir->leads = true;
        heir->next_leader = entry->next_leader;
        *place = heir;
    }
}

}  // namespace spawned::engine
