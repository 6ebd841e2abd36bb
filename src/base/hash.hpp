// Hashes for the engine's tables: byte strings, words, addresses. Not stable between versions and
// not meant against an attacker who knows the seed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace spawned::engine {

namespace hash_detail {

__extension__ using wide = unsigned __int128;

// The two halves of the full product, folded: every bit of either factor reaches every bit of the
// result.
inline std::uint64_t fold(std::uint64_t a, std::uint64_t b) {
    const wide product = static_cast<wide>(a) * b;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

inline std::uint64_t read_up_to_8(const unsigned char* bytes, std::size_t count) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes, count);
    return word;
}

inline constexpr std::uint64_t multiplier = 0x9e3779b97f4a7c15u;
inline constexpr std::uint64_t whitener = 0xd6e8feb86659fd93u;

}  // namespace hash_detail

inline std::uint64_t hash_bytes(const void* data, std::size_t length, std::uint64_t seed = 0) {
    const auto* bytes = static_cast<const unsigned char*>(data);
    std::uint64_t state =
        hash_detail::fold(seed ^ hash_detail::whitener, length ^ hash_detail::multiplier);
    std::size_t left = length;
    for (; left > 8; left -= 8, bytes += 8) {
        state =
            hash_detail::fold(state ^ hash_detail::read_up_to_8(bytes, 8), hash_detail::multiplier);
    }
    // The empty string must not read: memcpy wants a valid pointer even for no bytes.
    const std::uint64_t tail = left == 0 ? 0 : hash_detail::read_up_to_8(bytes, left);
    return hash_detail::fold(state ^ tail ^ hash_detail::whitener, hash_detail::multiplier);
}

inline std::uint64_t hash_word(std::uint64_t word) {
    word = (word ^ (word >> 32)) * hash_detail::multiplier;
    word = (word ^ (word >> 29)) * hash_detail::whitener;
    return word ^ (word >> 32);
}

inline std::uint64_t hash_pointer(const void* pointer) {
    return hash_word(static_cast<std::uint64_t>(reinterpret_cast<std::uintptr_t>(pointer)));
}

}  // namespace spawned::engine
