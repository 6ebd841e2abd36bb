#include "supervise/policy.hpp"

#include <gtest/gtest.h>

namespace spawned::engine {
namespace {

constexpr uint64_t ms = SPAWNED_MILLISECOND;

class window : public restart_window {
public:
    window(uint32_t intensity, uint64_t period) {
        EXPECT_TRUE(init(default_allocator(), intensity, period));
    }
    ~window() { deinit(default_allocator()); }
};

TEST(RestartPolicy, PermanentAlwaysTransientOnlyAfterAFaultTemporaryNever) {
    const spawned_exit_kind good[] = {SPAWNED_EXIT_NORMAL, SPAWNED_EXIT_SHUTDOWN};
    const spawned_exit_kind bad[] = {SPAWNED_EXIT_FAILURE, SPAWNED_EXIT_KILLED};
    for (const auto kind : good) {
        EXPECT_TRUE(starts_anew(SPAWNED_PERMANENT, kind));
        EXPECT_FALSE(starts_anew(SPAWNED_TRANSIENT, kind));
        EXPECT_FALSE(starts_anew(SPAWNED_TEMPORARY, kind));
    }
    for (const auto kind : bad) {
        EXPECT_TRUE(starts_anew(SPAWNED_PERMANENT, kind));
        EXPECT_TRUE(starts_anew(SPAWNED_TRANSIENT, kind));
        EXPECT_FALSE(starts_anew(SPAWNED_TEMPORARY, kind));
    }
}

TEST(RestartWindow, BothEndsOfThePeriodCount) {
    window at_the_edge(2, 1000 * ms);
    EXPECT_TRUE(at_the_edge.allow(0));
    EXPECT_TRUE(at_the_edge.allow(500 * ms));
    EXPECT_FALSE(at_the_edge.allow(1000 * ms));
    window beyond_it(2, 1000 * ms);
    EXPECT_TRUE(beyond_it.allow(0));
    EXPECT_TRUE(beyond_it.allow(500 * ms));
    EXPECT_TRUE(beyond_it.allow(1000 * ms + 1));
    EXPECT_FALSE(beyond_it.allow(1500 * ms));
}

TEST(RestartWindow, AnIntensityOfNoneAllowsNoRestart) {
    window none(0, 1000 * ms);
    EXPECT_FALSE(none.allow(0));
}

TEST(RestartWindow, ASteadyRateWithinTheLimitGoesOnForEver) {
    window steady(3, 300 * ms);
    for (uint64_t i = 0; i < 1000; ++i) ASSERT_TRUE(steady.allow(i * 101 * ms)) << i;
}

TEST(RestartPause, DoublesUpToTheLongestWithinAFifth) {
    for (uint64_t random = 0; random < 10000; random += 7) {
        EXPECT_EQ(restart_pause(0, 30 * SPAWNED_SECOND, 5, random), 0u);
        for (uint32_t n = 0; n < 4; ++n) {
            const uint64_t middle = (100 * ms) << n;
            const uint64_t pause = restart_pause(100 * ms, 30 * SPAWNED_SECOND, n, random);
            EXPECT_GE(pause, middle - middle / 5);
            EXPECT_LE(pause, middle + middle / 5);
        }
        const uint64_t longest = restart_pause(100 * ms, 350 * ms, UINT16_MAX, random);
        EXPECT_GE(longest, 280 * ms);
        EXPECT_LE(longest, 420 * ms);
    }
}

TEST(RestartPause, TheLongestPossibleOneDoesNotOverflow) {
    EXPECT_GE(restart_pause(SPAWNED_SECOND, UINT64_MAX, UINT16_MAX, 1), UINT64_MAX / 8);
}

}  // namespace
}  // namespace spawned::engine
