// The private layout of pids and of the other checked numbers: 24 bits of slot, 29 bits of generation,
// 11 bits of runtime. Slot, generation and runtime are never 0 in a valid one; without its runtime a
// number fits in 53 bits.
#pragma once

#include <cstdint>

namespace spawned::engine {

inline constexpr uint32_t slot_bits = 24;
inline constexpr uint32_t generation_bits = 29;
inline constexpr uint32_t max_slot = (1u << slot_bits) - 1;
inline constexpr uint32_t max_generation = (1u << generation_bits) - 1;
inline constexpr uint32_t max_runtime = (1u << 11) - 1;

constexpr uint64_t make_id(uint32_t runtime, uint32_t generation, uint32_t slot) {
    return (static_cast<uint64_t>(runtime) << 53) |
           (static_cast<uint64_t>(generation) << slot_bits) | slot;
}
constexpr uint32_t runtime_of(uint64_t id) { return static_cast<uint32_t>(id >> 53); }
constexpr uint32_t generation_of(uint64_t id) {
    return static_cast<uint32_t>(id >> slot_bits) & max_generation;
}
constexpr uint32_t slot_of(uint64_t id) { return static_cast<uint32_t>(id) & max_slot; }
constexpr bool is_possible(uint64_t id) {
    return runtime_of(id) != 0 && generation_of(id) != 0 && slot_of(id) != 0;
}

// A wait edge in one word: whom an actor waits for, and which of its waits that is, in the place of the
// runtime, which is the same for both. 0: none. So a late answer to a request given up finds another wait
// and leaves it alone, be it for the same actor. An unsure edge is about to be compared with the duty that
// it follows, which may have moved on meanwhile: it is part of no circle.
inline constexpr uint32_t number_bits = slot_bits + generation_bits;
inline constexpr uint64_t edge_is_unsure = uint64_t{1} << number_bits;
constexpr uint64_t number_in(uint64_t id) { return id & (edge_is_unsure - 1); }
constexpr uint64_t edge_to(uint64_t id, uint64_t wait) {
    return id == 0 ? 0 : number_in(id) | wait << (number_bits + 1);
}
constexpr uint64_t wait_of_edge(uint64_t edge) { return edge >> (number_bits + 1); }
constexpr uint64_t id_of_edge(uint64_t edge, uint32_t runtime) {
    return edge == 0 ? 0 : number_in(edge) | uint64_t{runtime} << number_bits;
}

}  // namespace spawned::engine
