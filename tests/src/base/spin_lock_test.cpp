#include "base/spin_lock.hpp"

#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace spawned::engine {
namespace {

constinit spin_lock before_any_code;

TEST(SpinLock, IsReadyWithoutInitialisation) {
    before_any_code.lock();
    EXPECT_FALSE(before_any_code.try_lock());
    before_any_code.unlock();
    EXPECT_TRUE(before_any_code.try_lock());
    before_any_code.unlock();
}

TEST(SpinLock, LetsOneThreadInAtATime) {
    constexpr int threads = 4, rounds = 5000;
    spin_lock lock;
    int counter = 0;  // a plain one: a lost update shows
    std::vector<std::thread> crowd;
    for (int each = 0; each < threads; ++each) {
        crowd.emplace_back([&] {
            for (int round = 0; round < rounds; ++round) {
                lock_guard guard(lock);
                ++counter;
            }
        });
    }
    for (std::thread& member : crowd) member.join();
    EXPECT_EQ(counter, threads * rounds);
}

}  // namespace
}  // namespace spawned::engine
