#include "base/pool.hpp"

#include <cstring>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "base/random.hpp"
#include "support/counting_allocator.hpp"

namespace spawned::engine {
namespace {

using testing::counting_allocator;

class Pool : public ::testing::Test {
protected:
    Pool() { depot_.init(&memory_); }
    ~Pool() override {
        cache_.flush(depot_);
        EXPECT_EQ(outstanding(depot_), 0u);
        depot_.deinit();
    }

    counting_allocator counted_;
    allocator memory_ = counted_.get();
    block_depot depot_;
    block_cache cache_;
};

TEST_F(Pool, ClassIsTheSmallestThatHolds) {
    EXPECT_EQ(block_cache::class_for(0), 0u);
    for (unsigned size_class = 0; size_class < size_class_count; ++size_class) {
        const std::size_t bytes = class_bytes(size_class);
        EXPECT_EQ(block_cache::class_for(bytes), size_class);
        EXPECT_EQ(block_cache::class_for(bytes + 1), size_class + 1);
    }
    EXPECT_EQ(class_bytes(size_class_count - 1), largest_block);
    EXPECT_EQ(block_cache::class_for(largest_block + 1), large_class);
    EXPECT_EQ(block_cache::class_for(SIZE_MAX), large_class);
}

TEST_F(Pool, BlocksAreAlignedDisjointAndWritable) {
    for (unsigned size_class = 0; size_class < size_class_count; ++size_class) {
        std::vector<unsigned char*> blocks;
        std::set<std::uintptr_t> places;
        for (unsigned char fill = 0; fill < 200; ++fill) {
            auto* block = static_cast<unsigned char*>(cache_.get(depot_, size_class));
            ASSERT_NE(block, nullptr);
            EXPECT_EQ(reinterpret_cast<std::uintptr_t>(block) % block_alignment, 0u);
            std::memset(block, fill, class_bytes(size_class));
            blocks.push_back(block);
            places.insert(reinterpret_cast<std::uintptr_t>(block));
        }
        EXPECT_EQ(places.size(), blocks.size());
        for (std::size_t index = 0; index < blocks.size(); ++index) {
            for (std::size_t at = 0; at < class_bytes(size_class); at += 8) {
                ASSERT_EQ(blocks[index][at], index);
            }
            cache_.put(depot_, blocks[index], size_class);
        }
    }
}

TEST_F(Pool, OutstandingIsExactOnceCachesAreFlushed) {
    std::vector<void*> blocks;
    for (int count = 0; count < 500; ++count) blocks.push_back(cache_.get(depot_, 1));
    void* large = get_large(depot_, 10'000);
    cache_.flush(depot_);
    EXPECT_EQ(outstanding(depot_), 501u);
    for (void* block : blocks) cache_.put(depot_, block, 1);
    put_large(depot_, large, 10'000);
    cache_.flush(depot_);
    EXPECT_EQ(outstanding(depot_), 0u);
}

TEST_F(Pool, LargeBlocksAreAlignedAndGoStraightToTheAllocator) {
    const std::size_t before = counted_.live_bytes();
    void* large = get_large(depot_, 4097);
    ASSERT_NE(large, nullptr);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(large) % block_alignment, 0u);
    EXPECT_EQ(counted_.live_bytes(), before + 4097);
    put_large(depot_, large, 4097);
    EXPECT_EQ(counted_.live_bytes(), before);
}

TEST_F(Pool, SharedPutsComeBackThroughACache) {
    std::vector<void*> blocks;
    for (int count = 0; count < 300; ++count) blocks.push_back(cache_.get(depot_, 0));
    cache_.flush(depot_);
    const std::uint64_t allocations = counted_.allocations();
    for (void* block : blocks) put_shared(depot_, block, 0);
    EXPECT_EQ(outstanding(depot_), 0u);
    std::vector<void*> again;
    for (int count = 0; count < 300; ++count) again.push_back(cache_.get(depot_, 0));
#ifndef SPAWNED_BYPASS_POOLS
    EXPECT_EQ(counted_.allocations(), allocations);
    EXPECT_EQ(std::set<void*>(again.begin(), again.end()).size(), 300u);
#else
    EXPECT_EQ(counted_.allocations(), allocations + 300);
#endif
    for (void* block : again) cache_.put(depot_, block, 0);
}

TEST_F(Pool, WithoutMemoryEverythingReturnsNullAndNothingChanges) {
    counted_.fail_after(0);
    for (unsigned size_class = 0; size_class < size_class_count; ++size_class) {
        EXPECT_EQ(cache_.get(depot_, size_class), nullptr);
    }
    EXPECT_EQ(get_large(depot_, 5000), nullptr);
    EXPECT_EQ(outstanding(depot_), 0u);
    counted_.fail_never();
    void* block = cache_.get(depot_, 3);
    ASSERT_NE(block, nullptr);
    cache_.put(depot_, block, 3);
}

#ifndef SPAWNED_BYPASS_POOLS

TEST_F(Pool, LastFreedIsTakenFirst) {
    void* block = cache_.get(depot_, 2);
    cache_.put(depot_, block, 2);
    EXPECT_EQ(cache_.get(depot_, 2), block);
    cache_.put(depot_, block, 2);
}

TEST_F(Pool, ThreadThatOnlyFreesKeepsTwoMagazinesAtMost) {
    constexpr std::uint64_t many = 1000;
    std::vector<void*> blocks;
    for (std::uint64_t count = 0; count < many; ++count) blocks.push_back(cache_.get(depot_, 0));
    cache_.flush(depot_);
    block_cache consumer;
    for (void* block : blocks) consumer.put(depot_, block, 0);
    EXPECT_LE(outstanding(depot_), 2 * block_cache::magazine_capacity);
    EXPECT_GT(outstanding(depot_), 0u);
    consumer.flush(depot_);
}

TEST_F(Pool, TravellingBlocksNeedNoNewMemory) {
    block_cache consumer;
    std::uint64_t allocations = 0;
    for (int round = 0; round < 1000; ++round) {
        void* blocks[100];
        for (void*& block : blocks) block = cache_.get(depot_, 1);
        for (void* block : blocks) consumer.put(depot_, block, 1);
        if (round == 10) allocations = counted_.allocations();
    }
    EXPECT_EQ(counted_.allocations(), allocations);
    consumer.flush(depot_);
}

TEST_F(Pool, ThreadAtTheEdgeOfAMagazineStaysInItsCache) {
    std::vector<void*> blocks;
    for (int count = 0; count < 512; ++count) blocks.push_back(cache_.get(depot_, 0));
    for (void* block : blocks) cache_.put(depot_, block, 0);
    void* held[65];
    for (void*& block : held) block = cache_.get(depot_, 0);
    const std::uint64_t taken = outstanding(depot_);
    for (int round = 0; round < 100; ++round) {
        for (void* block : held) cache_.put(depot_, block, 0);
        for (void*& block : held) block = cache_.get(depot_, 0);
        ASSERT_EQ(outstanding(depot_), taken);
    }
    for (void* block : held) cache_.put(depot_, block, 0);
}

TEST_F(Pool, ChunksGrowAndAllOfThemGoBack) {
    void* first = cache_.get(depot_, 0);
    EXPECT_EQ(counted_.live_bytes(), 64u << 10);
    std::vector<void*> blocks;
    for (int count = 0; count < 2000; ++count) blocks.push_back(cache_.get(depot_, 6));
    EXPECT_GE(counted_.live_bytes(), 2000u * 4096);
    EXPECT_LE(counted_.live_blocks(), 13u);
    cache_.put(depot_, first, 0);
    for (void* block : blocks) cache_.put(depot_, block, 6);
}

#ifdef SPAWNED_ADDRESS_SANITIZER
TEST_F(Pool, UseOfAFreedBlockIsFound) {
    auto* block = static_cast<volatile char*>(cache_.get(depot_, 1));
    block[100] = 1;
    cache_.put(depot_, const_cast<char*>(block), 1);
    for (const std::size_t at : {0u, 8u, 100u, 127u}) {
        EXPECT_TRUE(__asan_address_is_poisoned(const_cast<char*>(block) + at)) << at;
    }
    cache_.flush(depot_);
    for (const std::size_t at : {0u, 8u, 16u, 100u, 127u}) {
        EXPECT_TRUE(__asan_address_is_poisoned(const_cast<char*>(block) + at)) << at;
    }
}
#endif

#endif  // SPAWNED_BYPASS_POOLS

// Producers get, consumers free, some without a cache: no block is ever in two hands.
TEST_F(Pool, BlocksThatChangeThreadsStayWholeAndAllComeBack) {
    constexpr int rounds = 3000;
    std::mutex exchange_lock;
    std::vector<std::pair<void*, unsigned>> exchange;
    std::vector<int> damaged(4);
    std::vector<std::thread> crowd;
    for (std::size_t me = 0; me < damaged.size(); ++me) {
        crowd.emplace_back([&, me] {
            block_cache cache;
            random_generator numbers(11, random_stream::schedule, me);
            for (int round = 0; round < rounds; ++round) {
                const auto size_class = static_cast<unsigned>(numbers.below(size_class_count));
                auto* block = static_cast<std::uint64_t*>(cache.get(depot_, size_class));
                const std::size_t last = class_bytes(size_class) / sizeof *block - 1;
                block[0] = block[last] = reinterpret_cast<std::uintptr_t>(block);
                std::pair<void*, unsigned> other{block, size_class};
                {
                    std::lock_guard guard(exchange_lock);
                    exchange.push_back(other);
                    std::swap(exchange[numbers.below(exchange.size())], exchange.back());
                    if (exchange.size() < 50) continue;
                    other = exchange.back();
                    exchange.pop_back();
                }
                const auto* words = static_cast<const std::uint64_t*>(other.first);
                const std::size_t end = class_bytes(other.second) / sizeof *words - 1;
                const auto expected = reinterpret_cast<std::uintptr_t>(other.first);
                if (words[0] != expected || words[end] != expected) ++damaged[me];
                if (round % 10 == 0) {
                    put_shared(depot_, other.first, other.second);
                } else {
                    cache.put(depot_, other.first, other.second);
                }
            }
            cache.flush(depot_);
        });
    }
    for (std::thread& member : crowd) member.join();
    EXPECT_EQ(damaged, std::vector<int>(4));
    EXPECT_EQ(outstanding(depot_), exchange.size());
    for (const auto& [block, size_class] : exchange) put_shared(depot_, block, size_class);
}

}  // namespace
}  // namespace spawned::engine
