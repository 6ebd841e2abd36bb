#include "base/slab.hpp"

#include <set>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "support/counting_allocator.hpp"

namespace spawned::engine {
namespace {

using testing::counting_allocator;

struct alignas(64) slot {
    atomic<std::uint64_t> generation{1};
    std::uint32_t self = 0;
};

// Four slots to a chunk and eight chunks: every border is near.
using tiny_slab = slab<slot, 2, 5>;

static_assert(sizeof(slab<slot>) < 8192, "an empty slab is small");
static_assert(sizeof(slab<slot, 6>) < 8192);

TEST(Slab, IndicesBeginAtOneAndLookupFindsTheSameAddress) {
    counting_allocator counted;
    const allocator memory = counted.get();
    tiny_slab slots;
    EXPECT_EQ(slots.high_water(), 0u);
    std::set<slot*> addresses;
    for (std::uint32_t expected = 1; expected <= 9; ++expected) {
        std::uint32_t index = 0;
        slot* acquired = slots.acquire(memory, &index);
        ASSERT_NE(acquired, nullptr);
        EXPECT_EQ(index, expected);
        EXPECT_EQ(slots.lookup(index), acquired);
        EXPECT_EQ(reinterpret_cast<std::uintptr_t>(acquired) % 64, 0u);
        EXPECT_TRUE(addresses.insert(acquired).second);
    }
    EXPECT_EQ(slots.high_water(), 9u);
    slots.deinit(memory);
}

TEST(Slab, LookupOfWhatNeverWasFindsNothing) {
    counting_allocator counted;
    const allocator memory = counted.get();
    tiny_slab slots;
    EXPECT_EQ(slots.lookup(1), nullptr);
    std::uint32_t index;
    ASSERT_NE(slots.acquire(memory, &index), nullptr);
    EXPECT_EQ(slots.lookup(0), nullptr);
    EXPECT_EQ(slots.lookup(tiny_slab::capacity + 1), nullptr);
    EXPECT_EQ(slots.lookup(UINT32_MAX), nullptr);
    EXPECT_EQ(slots.lookup(20), nullptr);
    slots.deinit(memory);
}

TEST(Slab, ReleasedSlotKeepsItsContentsAndIsUsedNext) {
    counting_allocator counted;
    const allocator memory = counted.get();
    tiny_slab slots;
    std::uint32_t first, second, again;
    slot* place = slots.acquire(memory, &first);
    ASSERT_NE(slots.acquire(memory, &second), nullptr);
    place->generation.store_relaxed(5);
    slots.release(first);
    EXPECT_EQ(slots.lookup(first), place);
    EXPECT_EQ(place->generation.load_relaxed(), 5u);
    EXPECT_EQ(slots.acquire(memory, &again), place);
    EXPECT_EQ(again, first);
    EXPECT_EQ(place->generation.load_relaxed(), 5u);
    slots.deinit(memory);
}

TEST(Slab, FullSlabSaysExhaustedAndWorksOnAfterARelease) {
    counting_allocator counted;
    const allocator memory = counted.get();
    tiny_slab slots;
    std::uint32_t index;
    for (std::uint32_t count = 0; count < tiny_slab::capacity; ++count) {
        ASSERT_NE(slots.acquire(memory, &index), nullptr);
    }
    EXPECT_EQ(slots.acquire(memory, &index), nullptr);
    EXPECT_EQ(index, tiny_slab::exhausted);
    slots.release(17);
    EXPECT_NE(slots.acquire(memory, &index), nullptr);
    EXPECT_EQ(index, 17u);
    slots.deinit(memory);
}

TEST(Slab, FailedAllocationChangesNothing) {
    counting_allocator counted;
    const allocator memory = counted.get();
    tiny_slab slots;
    std::uint32_t index = 99;
    for (std::uint64_t successes = 0; successes < 2; ++successes) {
        counted.fail_after(successes);
        EXPECT_EQ(slots.acquire(memory, &index), nullptr);
        EXPECT_EQ(index, 0u);
        EXPECT_EQ(slots.high_water(), 0u);
    }
    counted.fail_never();
    ASSERT_NE(slots.acquire(memory, &index), nullptr);
    EXPECT_EQ(index, 1u);
    slots.deinit(memory);
}

TEST(Slab, DestroysEverySlotAndMayBeUsedAgain) {
    static int alive;
    struct counted_slot {
        counted_slot() { ++alive; }
        ~counted_slot() { --alive; }
    };
    counting_allocator counted;
    const allocator memory = counted.get();
    slab<counted_slot, 2, 5> slots;
    std::uint32_t index;
    for (int round = 0; round < 2; ++round) {
        for (int count = 0; count < 6; ++count) slots.acquire(memory, &index);
        EXPECT_EQ(index, 6u);
        EXPECT_EQ(alive, 8);
        slots.deinit(memory);
        EXPECT_EQ(alive, 0);
        EXPECT_EQ(counted.live_blocks(), 0u);
    }
}

TEST(Slab, ThreadsNeverShareASlot) {
    counting_allocator counted;
    const allocator memory = counted.get();
    slab<slot, 4, 12> slots;
    constexpr int threads = 4, rounds = 2000;
    std::vector<std::thread> crowd;
    std::vector<int> clashes(threads);
    for (std::size_t me = 0; me < threads; ++me) {
        crowd.emplace_back([&, me] {
            std::vector<std::uint32_t> held;
            for (int round = 0; round < rounds; ++round) {
                std::uint32_t index = 0;
                slot* mine = slots.acquire(memory, &index);
                if (mine == nullptr || slots.lookup(index) != mine || mine->self != 0) {
                    ++clashes[me];
                    continue;
                }
                mine->self = index;  // a plain write: the lock orders one holder behind the other
                held.push_back(index);
                if (held.size() > 20 || round % 3 == 0) {
                    slots.lookup(held.back())->self = 0;
                    slots.release(held.back());
                    held.pop_back();
                }
            }
            for (const std::uint32_t index : held) {
                slots.lookup(index)->self = 0;
                slots.release(index);
            }
        });
    }
    for (std::thread& member : crowd) member.join();
    EXPECT_EQ(clashes, std::vector<int>(threads));
    slots.deinit(memory);
}

}  // namespace
}  // namespace spawned::engine
