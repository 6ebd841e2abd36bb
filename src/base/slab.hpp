// Slots with a small index and an address that never changes: a stale index still finds memory of
// the same type, so a generation inside the slot can be compared without a lock or a reference
// count. Slots are constructed once and live until deinit; a released slot keeps its contents.
#pragma once

#include <cstddef>
#include <cstdint>
#include <new>

#include "base/allocator.hpp"
#include "base/assert.hpp"
#include "base/atomic.hpp"
#include "base/chunk_directory.hpp"
#include "base/spin_lock.hpp"

namespace spawned::engine {

// Indices run from 1 to 2^IndexLog2 - 1; 0 is none.
template <class T, unsigned ChunkLog2 = 8, unsigned IndexLog2 = 24>
class slab {
    static_assert(ChunkLog2 < IndexLog2 && IndexLog2 <= 31);

public:
    static constexpr std::uint32_t capacity = (std::uint32_t{1} << IndexLog2) - 1;
    static constexpr std::uint32_t exhausted = UINT32_MAX;

    constexpr slab() = default;
    slab(const slab&) = delete;
    slab& operator=(const slab&) = delete;

    // The slot of an index that was ever acquired; nullptr for one that cannot have been. Any
    // thread, without a lock. A slot may also be found while its first acquire is still under way.
    T* lookup(std::uint32_t index) const {
        if (index == 0 || index > capacity) [[unlikely]]
            return nullptr;
        chunk* found = chunk_of(index);
        if (found == nullptr) [[unlikely]]
            return nullptr;
        return &found->slots[index & (chunk_size - 1)];
    }

    // A slot nobody uses, the most recently released one first. nullptr: *out_index tells why, 0
    // for no memory (nothing has changed), exhausted when every index is in use. Any thread.
    T* acquire(const allocator& memory, std::uint32_t* out_index);

    // The slot's contents stay as they are. A slot that must not be used again is never released.
    void release(std::uint32_t index) {
        chunk* owner = chunk_of(index);
        SPAWNED_ASSERT(owner != nullptr);
        lock_guard guard(lock_);
        owner->next_free[index & (chunk_size - 1)] = first_free_;
        first_free_ = index;
    }

    // Every index ever acquired is at most this. Any thread.
    std::uint32_t high_water() const { return fresh_.load_acquire() - 1; }

    // Destroys every slot and returns the memory; the slab is as new then.
    void deinit(const allocator& memory);

private:
    static constexpr std::uint32_t chunk_size = std::uint32_t{1} << ChunkLog2;

    struct chunk {
        T slots[chunk_size]{};
        std::uint32_t next_free[chunk_size]{};  // guarded by lock_
    };

    chunk* chunk_of(std::uint32_t index) const { return chunks_.lookup(index >> ChunkLog2); }

    T* take_free(std::uint32_t* out_index);

    chunk_directory<chunk, IndexLog2 - ChunkLog2> chunks_;
    spin_lock lock_;                  // guards first_free_ and the writing of fresh_
    std::uint32_t first_free_ = 0;    // head of the list through next_free
    atomic<std::uint32_t> fresh_{1};  // the next index never used
};

template <class T, unsigned ChunkLog2, unsigned IndexLog2>
T* slab<T, ChunkLog2, IndexLog2>::take_free(std::uint32_t* out_index) {
    lock_guard guard(lock_);
    if (first_free_ != 0) {
        const std::uint32_t index = first_free_;
        chunk* owner = chunk_of(index);
        first_free_ = owner->next_free[index & (chunk_size - 1)];
        *out_index = index;
        return &owner->slots[index & (chunk_size - 1)];
    }
    const std::uint32_t index = fresh_.load_relaxed();
    if (index > capacity) {
        *out_index = exhausted;
        return nullptr;
    }
    *out_index = index;
    chunk* owner = chunk_of(index);
    if (owner == nullptr) return nullptr;
    fresh_.store_release(index + 1);
    return &owner->slots[index & (chunk_size - 1)];
}

template <class T, unsigned ChunkLog2, unsigned IndexLog2>
T* slab<T, ChunkLog2, IndexLog2>::acquire(const allocator& memory, std::uint32_t* out_index) {
    for (;;) {
        T* slot = take_free(out_index);
        if (slot != nullptr || *out_index == exhausted) return slot;
        if (!chunks_.make(memory, *out_index >> ChunkLog2)) {
            *out_index = 0;
            return nullptr;
        }
    }
}

template <class T, unsigned ChunkLog2, unsigned IndexLog2>
void slab<T, ChunkLog2, IndexLog2>::deinit(const allocator& memory) {
    chunks_.deinit(memory);
    first_free_ = 0;
    fresh_.store_relaxed(1);
}

}  // namespace spawned::engine
