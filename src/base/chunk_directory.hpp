// Chunks found by their number: made at need, by anybody, at an address that never changes.
#pragma once

#include <cstdint>

#include "base/allocator.hpp"
#include "base/atomic.hpp"

namespace spawned::engine {

// Numbers run from 0 to 2^NumberLog2 - 1.
template <class Chunk, unsigned NumberLog2>
class chunk_directory {
public:
    constexpr chunk_directory() = default;
    chunk_directory(const chunk_directory&) = delete;
    chunk_directory& operator=(const chunk_directory&) = delete;

    // Null: nobody has made it. Any thread, without a lock.
    Chunk* lookup(std::uint32_t number) const {
        const middle* part = top_[number >> middle_log2].load_acquire();
        return part == nullptr ? nullptr : part->chunks[number & (middle_size - 1)].load_acquire();
    }

    // Makes sure that it is there; false without memory. Any thread, under no lock: who comes second gives
    // its memory back.
    bool make(const allocator& memory, std::uint32_t number) {
        middle* part = made_in(memory, top_[number >> middle_log2]);
        return part != nullptr &&
               made_in(memory, part->chunks[number & (middle_size - 1)]) != nullptr;
    }

    // Destroys every chunk and returns the memory; the directory is as new then.
    void deinit(const allocator& memory) {
        for (atomic<middle*>& place : top_) {
            middle* part = place.load_relaxed();
            if (part == nullptr) continue;
            for (atomic<Chunk*>& one : part->chunks) destroy(memory, one.load_relaxed());
            destroy(memory, part);
            place.store_relaxed(nullptr);
        }
    }

private:
    static constexpr unsigned middle_log2 = NumberLog2 / 2;
    static constexpr std::uint32_t middle_size = std::uint32_t{1} << middle_log2;
    static constexpr std::uint32_t top_size = std::uint32_t{1} << (NumberLog2 - middle_log2);

    struct middle {
        atomic<Chunk*> chunks[middle_size];  // each set once
    };

    template <class T>
    static T* made_in(const allocator& memory, atomic<T*>& place) {
        T* present = place.load_acquire();
        if (present != nullptr) return present;
        T* made = create<T>(memory);
        if (made == nullptr) return nullptr;
        if (place.cas_acq_rel(present, made)) return made;
        destroy(memory, made);
        return present;
    }

    atomic<middle*> top_[top_size];
};

}  // namespace spawned::engine
