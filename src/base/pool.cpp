// The slow paths of the block pools: magazines in the depot, and cutting chunks.
#include "base/pool.hpp"

namespace spawned::engine {

namespace {

constexpr std::size_t first_chunk_bytes = std::size_t{64} << 10;
constexpr std::size_t largest_chunk_bytes = std::size_t{1} << 20;
// What one visit cuts off a chunk at most: idle runtimes stay small, and large blocks are cut few
// at a time.
constexpr std::size_t carve_bytes = std::size_t{16} << 10;
constexpr std::size_t chunk_header_bytes = block_alignment;

// A free block's words may be read and written between open and close.
void open(free_block* block) { unpoison_memory(block, sizeof(free_block)); }
void close(free_block* block) { poison_memory(block, sizeof(free_block)); }

void push(magazine& list, free_block* block) {
    open(block);
    block->next = list.first;
    close(block);
    list.first = block;
    ++list.count;
}

free_block* pop(magazine& list) {
    free_block* block = list.first;
    open(block);
    list.first = block->next;
    close(block);
    --list.count;
    return block;
}

}  // namespace

void block_depot::init(const allocator* memory) {
    memory_ = memory;
    next_chunk_bytes_ = first_chunk_bytes;
}

void block_depot::deinit() {
    while (chunks_ != nullptr) {
        chunk* gone = chunks_;
        chunks_ = gone->next;
        unpoison_memory(gone, gone->bytes);
        memory_->put(gone, gone->bytes, block_alignment);
    }
    current_ = spares_ = nullptr;
    for (shelf& place : shelves_) {
        place.magazines = nullptr;
        place.loose = {};
        place.taken = 0;
    }
}

magazine block_depot::take(unsigned size_class) {
    shelf& place = shelves_[size_class];
    {
        lock_guard guard(place.lock);
        magazine taken;
        if (free_block* first = place.magazines; first != nullptr) {
            open(first);
            place.magazines = first->next_magazine;
            taken = {first, first->magazine_count};
            close(first);
        } else {
            taken = place.loose;
            place.loose = {};
        }
        place.taken += taken.count;
        if (taken.first != nullptr) return taken;
    }
    magazine fresh = carve(size_class);
    if (fresh.first != nullptr) {
        lock_guard guard(place.lock);
        place.taken += fresh.count;
    }
    return fresh;
}

// Fresh blocks are linked after the lock is released: their first touch may fault in pages.
magazine block_depot::carve(unsigned size_class) {
    const std::size_t bytes = class_bytes(size_class);
    const std::size_t affordable = carve_bytes / bytes;
    const std::size_t wanted =
        affordable < block_cache::magazine_capacity ? affordable : block_cache::magazine_capacity;
    std::size_t count = 0;
    std::byte* first;
    while ((first = cut(bytes, wanted, &count)) == nullptr) {
        if (!add_chunk()) return {};
    }
    magazine fresh;
    for (std::size_t index = count; index-- > 0;) {
        push(fresh, reinterpret_cast<free_block*>(first + index * bytes));
    }
    return fresh;
}

// Up to wanted adjacent blocks; nullptr when no chunk has room. What is left at the end of a chunk
// that is too small for one block is given up.
std::byte* block_depot::cut(std::size_t block_bytes, std::size_t wanted, std::size_t* out_count) {
    lock_guard guard(chunk_lock_);
    for (;;) {
        if (current_ == nullptr) {
            if (spares_ == nullptr) return nullptr;
            current_ = spares_;
            spares_ = current_->next_spare;
        }
        const std::size_t room = (current_->bytes - current_->used) / block_bytes;
        if (room != 0) {
            *out_count = room < wanted ? room : wanted;
            std::byte* first = reinterpret_cast<std::byte*>(current_) + current_->used;
            current_->used += *out_count * block_bytes;
            return first;
        }
        current_ = nullptr;
    }
}

// The allocator is called without the lock: when two threads bring a chunk, one is a spare.
bool block_depot::add_chunk() {
    std::size_t bytes;
    {
        lock_guard guard(chunk_lock_);
        bytes = next_chunk_bytes_;
    }
    void* memory = memory_->get(bytes, block_alignment);
    if (memory == nullptr) return false;
    auto* made = ::new (memory) chunk{nullptr, nullptr, bytes, chunk_header_bytes};
    poison_memory(static_cast<std::byte*>(memory) + chunk_header_bytes, bytes - chunk_header_bytes);
    lock_guard guard(chunk_lock_);
    made->next = chunks_;
    chunks_ = made;
    made->next_spare = spares_;
    spares_ = made;
    if (next_chunk_bytes_ == bytes && bytes < largest_chunk_bytes) next_chunk_bytes_ = bytes * 2;
    return true;
}

void block_depot::push_magazine(shelf& place, magazine full) {
    open(full.first);
    full.first->next_magazine = place.magazines;
    full.first->magazine_count = full.count;
    close(full.first);
    place.magazines = full.first;
}

void block_depot::push_loose(shelf& place, free_block* block) {
    push(place.loose, block);
    if (place.loose.count == block_cache::magazine_capacity) {
        push_magazine(place, place.loose);
        place.loose = {};
    }
}

void block_depot::give(unsigned size_class, magazine full) {
    shelf& place = shelves_[size_class];
    lock_guard guard(place.lock);
    place.taken -= full.count;
    push_magazine(place, full);
}

void block_depot::give_loose(unsigned size_class, magazine blocks) {
    shelf& place = shelves_[size_class];
    lock_guard guard(place.lock);
    place.taken -= blocks.count;
    while (blocks.first != nullptr) push_loose(place, pop(blocks));
}

void* block_depot::get_direct(std::size_t bytes) {
    void* block = memory_->get(bytes, block_alignment);
    if (block != nullptr) direct_.fetch_add_relaxed(1);
    return block;
}

void block_depot::put_direct(void* block, std::size_t bytes) {
    memory_->put(block, bytes, block_alignment);
    direct_.fetch_sub_acq_rel(1);
}

void* get_large(block_depot& depot, std::size_t bytes) { return depot.get_direct(bytes); }

void put_large(block_depot& depot, void* block, std::size_t bytes) {
    depot.put_direct(block, bytes);
}

void put_shared(block_depot& depot, void* block, unsigned size_class) {
    SPAWNED_DEBUG_ASSERT(size_class < size_class_count);
#ifdef SPAWNED_BYPASS_POOLS
    depot.put_direct(block, class_bytes(size_class));
#else
    poison_memory(block, class_bytes(size_class));
    block_depot::shelf& place = depot.shelves_[size_class];
    lock_guard guard(place.lock);
    --place.taken;
    block_depot::push_loose(place, static_cast<free_block*>(block));
#endif
}

std::uint64_t outstanding(block_depot& depot) {
    std::uint64_t blocks = depot.direct_.load_acquire();
    for (block_depot::shelf& place : depot.shelves_) {
        lock_guard guard(place.lock);
        blocks += place.taken;
    }
    return blocks;
}

bool block_cache::refill(block_depot& depot, unsigned size_class) {
    shelf& place = shelves_[size_class];
    if (place.previous.first != nullptr) {
        place.loaded = place.previous;
        place.previous = {};
        return true;
    }
    place.loaded = depot.take(size_class);
    return place.loaded.first != nullptr;
}

void block_cache::spill(block_depot& depot, unsigned size_class) {
    shelf& place = shelves_[size_class];
    if (place.previous.first != nullptr) depot.give(size_class, place.previous);
    place.previous = place.loaded;
    place.loaded = {};
}

void block_cache::flush(block_depot& depot) {
    for (unsigned size_class = 0; size_class < size_class_count; ++size_class) {
        shelf& place = shelves_[size_class];
        if (place.previous.first != nullptr) depot.give(size_class, place.previous);
        if (place.loaded.first != nullptr) depot.give_loose(size_class, place.loaded);
        place = {};
    }
}

}  // namespace spawned::engine
