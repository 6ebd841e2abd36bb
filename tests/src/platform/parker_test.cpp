#include "platform/parker.hpp"

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "base/random.hpp"
#include "platform/clock.hpp"

namespace spawned::engine {
namespace {

class Parker : public ::testing::Test {
protected:
    Parker() { parker_.init(); }
    ~Parker() override { parker_.deinit(); }
    parker parker_;
};

TEST_F(Parker, TokenGivenBeforeIsTakenWithoutSleeping) {
    parker_.unpark();
    parker_.park();
    EXPECT_FALSE(parker_.try_take());
}

TEST_F(Parker, SeveralTokensAreOne) {
    parker_.unpark();
    parker_.unpark();
    parker_.unpark();
    EXPECT_TRUE(parker_.try_take());
    EXPECT_FALSE(parker_.try_take());
    EXPECT_FALSE(parker_.park_until(0));
}

TEST_F(Parker, PastDeadlineReturnsAtOnceAndATokenStillCounts) {
    EXPECT_FALSE(parker_.park_until(0));
    EXPECT_FALSE(parker_.park_until(1));
    parker_.unpark();
    EXPECT_TRUE(parker_.park_until(0));
    EXPECT_FALSE(parker_.park_until(0));
}

TEST_F(Parker, SleepsUntilTheDeadlineAndNotShorter) {
    const std::uint64_t deadline = monotonic_now() + 2'000'000;
    EXPECT_FALSE(parker_.park_until(deadline));
    EXPECT_GE(monotonic_now(), deadline);
}

TEST_F(Parker, SleeperIsWokenLongBeforeItsDeadline) {
    for (const std::uint64_t deadline :
         {UINT64_MAX, UINT64_MAX - 1, monotonic_now() + (std::uint64_t{1} << 62)}) {
        std::atomic<bool> woken{false};
        std::thread sleeper([&] { woken = parker_.park_until(deadline); });
        parker_.unpark();
        sleeper.join();
        EXPECT_TRUE(woken);
    }
}

// Each side goes on only when the other has: a lost token hangs, a doubled one breaks the count.
TEST_F(Parker, TwoThreadsTakeTurns) {
    constexpr int rounds = 3000;
    parker answer;
    answer.init();
    int turns = 0;  // a plain one: the token carries what was written before
    std::thread other([&] {
        for (int round = 0; round < rounds; ++round) {
            parker_.park();
            ++turns;
            answer.unpark();
        }
    });
    int wrong = 0;
    for (int round = 0; round < rounds; ++round) {
        parker_.unpark();
        answer.park();
        if (turns != round + 1) ++wrong;
    }
    other.join();
    EXPECT_EQ(wrong, 0);
    answer.deinit();
}

// Timeouts race with tokens: every token is taken exactly once, by a park or afterwards.
TEST_F(Parker, TokenThatRacesWithATimeoutIsNotLost) {
    constexpr int rounds = 4000;
    random_generator numbers(5, random_stream::schedule);
    parker answer;
    answer.init();
    std::thread other([&] {
        for (int round = 0; round < rounds; ++round) {
            answer.park();
            parker_.unpark();
        }
    });
    for (int round = 0; round < rounds; ++round) {
        answer.unpark();
        const bool polls = round % 2 == 0;
        while (!parker_.park_until(polls ? 0 : monotonic_now() + numbers.below(30'000))) {
        }
    }
    other.join();
    EXPECT_FALSE(parker_.try_take());
    answer.deinit();
}

// The owner ends its parker as soon as it has the token, while unpark may still be on its way out.
TEST(ParkerLifetime, OwnerMayFreeItOnceItHasTheToken) {
    for (int round = 0; round < 500; ++round) {
        auto owned = std::make_unique<parker>();
        owned->init();
        std::thread waker([target = owned.get()] { target->unpark(); });
        owned->park();
        owned->deinit();
        owned.reset();
        waker.join();
    }
}

}  // namespace
}  // namespace spawned::engine
