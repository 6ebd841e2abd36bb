#include "base/allocator.hpp"

#include <cstdint>

#include <gtest/gtest.h>

#include "base/assert.hpp"
#include "support/counting_allocator.hpp"

namespace spawned::engine {
namespace {

using testing::counting_allocator;

struct alignas(64) probe {
    explicit probe(int* out_ended) : ended(out_ended) {}
    ~probe() { ++*ended; }
    int* ended;
};

TEST(Allocator, DefaultOneRespectsEveryAlignment) {
    const allocator memory = default_allocator();
    for (std::size_t alignment = 1; alignment <= 4096; alignment *= 2) {
        for (const std::size_t bytes : {std::size_t{1}, std::size_t{65}, std::size_t{5000}}) {
            void* block = memory.get(bytes, alignment);
            ASSERT_NE(block, nullptr);
            EXPECT_EQ(reinterpret_cast<std::uintptr_t>(block) % alignment, 0u);
            memory.put(block, bytes, alignment);
        }
    }
}

TEST(Allocator, DefaultOneRefusesWhatNoRoundingCanHold) {
    EXPECT_EQ(default_allocator().get(SIZE_MAX, 64), nullptr);
}

TEST(Allocator, CreateConstructsAndDestroyEndsAndFrees) {
    counting_allocator counted;
    int ended = 0;
    probe* object = create<probe>(counted.get(), &ended);
    ASSERT_NE(object, nullptr);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(object) % 64, 0u);
    EXPECT_EQ(counted.live_bytes(), sizeof(probe));
    destroy(counted.get(), object);
    EXPECT_EQ(ended, 1);
}

TEST(Allocator, CreateWithoutMemoryReturnsNull) {
    counting_allocator counted;
    counted.fail_after(0);
    int ended = 0;
    EXPECT_EQ(create<probe>(counted.get(), &ended), nullptr);
    destroy<probe>(counted.get(), nullptr);
    EXPECT_EQ(ended, 0);
}

TEST(AssertDeathTest, FailedInvariantTrapsInEveryBuild) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_DEATH(SPAWNED_ASSERT(1 == 2), "");
    SPAWNED_ASSERT(1 == 1);
}

}  // namespace
}  // namespace spawned::engine
