// Blocks of 64 to 4096 bytes in seven sizes, every block on its own cache lines. A thread's
// block_cache holds two short free lists per size and touches no shared memory; whole lists
// ("magazines") travel through the runtime's block_depot. A block may be freed by another thread
// than the one that got it. Free blocks are poisoned for AddressSanitizer; SPAWNED_BYPASS_POOLS
// sends every block to the allocator, for valgrind.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

#include "base/allocator.hpp"
#include "base/assert.hpp"
#include "base/atomic.hpp"
#include "base/sanitizer.hpp"
#include "base/spin_lock.hpp"

namespace spawned::engine {

inline constexpr std::size_t block_alignment = 64;
inline constexpr unsigned size_class_count = 7;
inline constexpr unsigned large_class = size_class_count;  // no pool: get_large
inline constexpr std::size_t largest_block = 4096;

constexpr std::size_t class_bytes(unsigned size_class) { return std::size_t{64} << size_class; }

// A block while it is free. The link is its first word; the other two are used in the first block
// of a magazine that lies in the depot.
struct free_block {
    free_block* next;
    free_block* next_magazine;
    std::size_t magazine_count;
};

// A free list and its length.
struct magazine {
    free_block* first = nullptr;
    std::size_t count = 0;
};

// The shared part, one per runtime. Any thread.
class block_depot {
public:
    // memory must outlive deinit.
    void init(const allocator* memory);

    // Returns every chunk; no block may be in use. Blocks left in caches go with their chunks.
    void deinit();

private:
    friend class block_cache;
    friend void* get_large(block_depot&, std::size_t);
    friend void put_large(block_depot&, void*, std::size_t);
    friend void put_shared(block_depot&, void*, unsigned);
    friend std::uint64_t outstanding(block_depot&);

    // Memory from the allocator, cut into blocks of any size from its front.
    struct chunk {
        chunk* next;        // of all chunks
        chunk* next_spare;  // of those that still have room behind current_
        std::size_t bytes;
        std::size_t used;
    };

    struct alignas(64) shelf {
        spin_lock lock;                   // guards this shelf
        free_block* magazines = nullptr;  // full ones
        magazine loose;                   // fewer than a magazine
        std::uint64_t taken = 0;          // blocks outside the depot
    };

    // Up to a magazine of blocks; empty when there is no memory.
    magazine take(unsigned size_class);
    magazine carve(unsigned size_class);
    std::byte* cut(std::size_t block_bytes, std::size_t wanted, std::size_t* out_count);
    bool add_chunk();
    void give(unsigned size_class, magazine full);
    void give_loose(unsigned size_class, magazine blocks);
    static void push_magazine(shelf& place, magazine full);
    static void push_loose(shelf& place, free_block* block);

    // Straight from the allocator, counted.
    void* get_direct(std::size_t bytes);
    void put_direct(void* block, std::size_t bytes);

    shelf shelves_[size_class_count];
    const allocator* memory_ = nullptr;
    spin_lock chunk_lock_;  // guards the chunks
    chunk* chunks_ = nullptr;
    chunk* current_ = nullptr;  // being cut
    chunk* spares_ = nullptr;
    std::size_t next_chunk_bytes_ = 0;
    atomic<std::uint64_t> direct_;  // live blocks straight from the allocator
};

// Blocks above largest_block, straight from the allocator, aligned as every block. Any thread.
void* get_large(block_depot& depot, std::size_t bytes);
void put_large(block_depot& depot, void* block, std::size_t bytes);

// Frees a block on a thread without a cache. Any thread.
void put_shared(block_depot& depot, void* block, unsigned size_class);

// Blocks in use, large ones included, and those that lie in caches: exact when all caches are
// flushed.
std::uint64_t outstanding(block_depot& depot);

// The part of one thread: one owner at a time.
class block_cache {
public:
    block_cache() = default;
    block_cache(const block_cache&) = delete;
    block_cache& operator=(const block_cache&) = delete;

    static constexpr unsigned class_for(std::size_t bytes) {
        if (bytes <= 64) return 0;
        if (bytes > largest_block) return large_class;
        return static_cast<unsigned>(std::bit_width((bytes - 1) >> 6));
    }

    // nullptr when there is no memory; nothing has changed then.
    void* get(block_depot& depot, unsigned size_class) {
        SPAWNED_DEBUG_ASSERT(size_class < size_class_count);
#ifdef SPAWNED_BYPASS_POOLS
        return depot.get_direct(class_bytes(size_class));
#else
        magazine& loaded = shelves_[size_class].loaded;
        if (loaded.first == nullptr) [[unlikely]] {
            if (!refill(depot, size_class)) return nullptr;
        }
        free_block* block = loaded.first;
        unpoison_memory(block, class_bytes(size_class));
        loaded.first = block->next;
        --loaded.count;
        return block;
#endif
    }

    void put(block_depot& depot, void* memory, unsigned size_class) {
        SPAWNED_DEBUG_ASSERT(size_class < size_class_count);
#ifdef SPAWNED_BYPASS_POOLS
        depot.put_direct(memory, class_bytes(size_class));
#else
        magazine& loaded = shelves_[size_class].loaded;
        auto* block = static_cast<free_block*>(memory);
        block->next = loaded.first;
        loaded.first = block;
        poison_memory(block, class_bytes(size_class));
        if (++loaded.count >= magazine_capacity) [[unlikely]]
            spill(depot, size_class);
#endif
    }

    // Returns everything to the depot: a thread that parks for long, or ends.
    void flush(block_depot& depot);

    static constexpr std::size_t magazine_capacity = 64;

private:
    // loaded is used; previous is empty or full, so that a thread at the edge of a magazine does
    // not visit the depot with every block.
    struct shelf {
        magazine loaded;
        magazine previous;
    };

    bool refill(block_depot& depot, unsigned size_class);
    void spill(block_depot& depot, unsigned size_class);

    shelf shelves_[size_class_count];
};

}  // namespace spawned::engine
