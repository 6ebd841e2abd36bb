#include "base/random.hpp"

#include <array>
#include <set>

#include <gtest/gtest.h>

namespace spawned::engine {
namespace {

TEST(Random, SameSeedAndStreamGiveTheSameNumbers) {
    random_generator a(7, random_stream::schedule), b(7, random_stream::schedule);
    for (int round = 0; round < 1000; ++round) ASSERT_EQ(a.next(), b.next());
}

TEST(Random, SeedsStreamsAndIndicesAreIndependent) {
    std::set<std::uint64_t> first;
    std::size_t generators = 0;
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
        for (const random_stream stream : {random_stream::schedule, random_stream::steal}) {
            for (std::uint64_t index = 0; index < 20; ++index, ++generators) {
                first.insert(random_generator(seed, stream, index).next());
            }
        }
    }
    EXPECT_EQ(first.size(), generators);
}

TEST(Random, BelowStaysBelowAndReachesEveryValueEvenly) {
    random_generator numbers(1, random_stream::steal);
    std::array<int, 7> hits{};
    for (int round = 0; round < 70'000; ++round) {
        const std::uint64_t value = numbers.below(hits.size());
        ASSERT_LT(value, hits.size());
        ++hits[value];
    }
    for (const int count : hits) EXPECT_NEAR(count, 10'000, 500);
}

TEST(Random, BelowWorksAtTheEdgesOfItsRange) {
    random_generator numbers(3, random_stream::schedule);
    for (int round = 0; round < 1000; ++round) {
        EXPECT_EQ(numbers.below(1), 0u);
        EXPECT_LT(numbers.below(UINT64_MAX), UINT64_MAX);
        EXPECT_LT(numbers.below((std::uint64_t{1} << 63) + 1), (std::uint64_t{1} << 63) + 1);
    }
}

TEST(Random, EveryBitOfTheOutputIsUsed) {
    random_generator numbers(0, random_stream::budget);
    std::uint64_t ones = 0, zeros = 0;
    for (int round = 0; round < 64; ++round) {
        const std::uint64_t word = numbers.next();
        ones |= word;
        zeros |= ~word;
    }
    EXPECT_EQ(ones, UINT64_MAX);
    EXPECT_EQ(zeros, UINT64_MAX);
}

}  // namespace
}  // namespace spawned::engine
