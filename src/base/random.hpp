// Small seeded generators. One seed gives any number of independent streams, one per purpose, so
// that a decision added for one purpose does not shift the choices of another.
#pragma once

#include <bit>
#include <cstdint>

#include "base/assert.hpp"

namespace spawned::engine {

enum class random_stream : std::uint64_t {
    schedule = 1,  // which runnable actor is next
    budget = 2,    // how long a turn is
    delivery = 3,  // inline or queued
    steal = 4,     // where a worker looks for work
    hash = 5,      // seeds of hash tables
};

// xoshiro256**, seeded by splitmix64. One owner at a time.
class random_generator {
public:
    constexpr random_generator(std::uint64_t seed, random_stream stream, std::uint64_t index = 0) {
        std::uint64_t state = seed;
        state = split(state) ^ (static_cast<std::uint64_t>(stream) * 0x9e3779b97f4a7c15u);
        state = split(state) ^ index;
        for (std::uint64_t& word : words_) word = split(state);
    }

    constexpr std::uint64_t next() {
        const std::uint64_t result = std::rotl(words_[1] * 5, 7) * 9;
        const std::uint64_t shifted = words_[1] << 17;
        words_[2] ^= words_[0];
        words_[3] ^= words_[1];
        words_[1] ^= words_[2];
        words_[0] ^= words_[3];
        words_[2] ^= shifted;
        words_[3] = std::rotl(words_[3], 45);
        return result;
    }

    // Uniform in [0, bound), without modulo bias; bound is not 0.
    constexpr std::uint64_t below(std::uint64_t bound) {
        SPAWNED_DEBUG_ASSERT(bound != 0);
        wide product = static_cast<wide>(next()) * bound;
        if (static_cast<std::uint64_t>(product) < bound) {
            const std::uint64_t threshold = (0 - bound) % bound;
            while (static_cast<std::uint64_t>(product) < threshold) {
                product = static_cast<wide>(next()) * bound;
            }
        }
        return static_cast<std::uint64_t>(product >> 64);
    }

private:
    __extension__ using wide = unsigned __int128;

    // Advances the state and returns its scrambled value (splitmix64).
    static constexpr std::uint64_t split(std::uint64_t& state) {
        std::uint64_t z = state += 0x9e3779b97f4a7c15u;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
        return z ^ (z >> 31);
    }

    std::uint64_t words_[4] = {};
};

}  // namespace spawned::engine
