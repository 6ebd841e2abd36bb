#include "base/hash.hpp"

#include <bit>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace spawned::engine {
namespace {

std::uint64_t hash_of(const std::string& text, std::uint64_t seed = 0) {
    return hash_bytes(text.data(), text.size(), seed);
}

TEST(Hash, EqualBytesHashEquallyWhereverTheyLie) {
    const std::string text = "the quick brown fox jumps over it";
    for (std::size_t offset = 0; offset < 16; ++offset) {
        const std::string moved = std::string(offset, 'x') + text;
        EXPECT_EQ(hash_bytes(moved.data() + offset, text.size()), hash_of(text));
    }
}

TEST(Hash, LengthSeedAndEveryByteMatter) {
    std::set<std::uint64_t> seen;
    std::size_t made = 0;
    for (std::size_t length = 0; length <= 40; ++length, ++made) {
        seen.insert(hash_of(std::string(length, '\0')));
    }
    for (std::size_t at = 0; at < 40; ++at, ++made) {
        std::string text(40, '\0');
        text[at] = 1;
        seen.insert(hash_of(text));
    }
    seen.insert(hash_of("seeded", 1));
    seen.insert(hash_of("seeded", 2));
    EXPECT_EQ(seen.size(), made + 2);
}

TEST(Hash, EmptyStringNeedsNoPointer) { EXPECT_EQ(hash_bytes(nullptr, 0), hash_of("")); }

// Tables take the low bits, so names and addresses that count upwards must fill them.
TEST(Hash, LowBitsSpreadSequences) {
    constexpr std::size_t buckets = 1024;
    std::vector<int> names(buckets), words(buckets), pointers(buckets);
    for (std::size_t index = 0; index < 8 * buckets; ++index) {
        ++names[hash_of("worker-" + std::to_string(index)) % buckets];
        ++words[hash_word(index) % buckets];
        ++pointers[hash_pointer(reinterpret_cast<void*>(0x7f0000000000 + index * 64)) % buckets];
    }
    for (std::size_t bucket = 0; bucket < buckets; ++bucket) {
        EXPECT_LT(names[bucket], 32);
        EXPECT_LT(words[bucket], 32);
        EXPECT_LT(pointers[bucket], 32);
    }
}

TEST(Hash, OneBitOfInputChangesAboutHalfOfTheOutput) {
    const std::string text = "an ordinary name";
    for (std::size_t bit = 0; bit < text.size() * 8; ++bit) {
        std::string changed = text;
        changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
        const int flipped = std::popcount(hash_of(text) ^ hash_of(changed));
        EXPECT_GT(flipped, 8) << bit;
        EXPECT_LT(flipped, 56) << bit;
    }
}

}  // namespace
}  // namespace spawned::engine
