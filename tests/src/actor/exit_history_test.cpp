// The reasons of the last ended actors of a runtime.
#include "actor/exit_history.hpp"

#include <gtest/gtest.h>

#include "actor/actor.hpp"

namespace spawned::engine {
namespace {

constexpr uint64_t kept = 65536;

class ExitHistory : public testing::Test {
protected:
    void SetUp() override { ASSERT_TRUE(history_.init(&memory_)); }
    void TearDown() override {
        history_.deinit([](void*, text*) {}, nullptr);
    }

    void add(spawned_pid pid, spawned_status code) {
        exit_record ended;
        ended.kind = SPAWNED_EXIT_FAILURE;
        ended.code = code;
        text* replaced = nullptr;
        history_.add(pid, ended, &replaced);
        EXPECT_EQ(replaced, nullptr);
    }
    // 0: it is not kept.
    spawned_status code_of(spawned_pid pid) {
        spawned_exit exit = SPAWNED_EXIT_INIT;
        char words[8];
        return history_.find(pid, &exit, words, sizeof words) ? exit.code : 0;
    }

    allocator memory_ = default_allocator();
    exit_history history_;
};

TEST_F(ExitHistory, OfNobodyIsEmpty) { EXPECT_EQ(code_of(1), 0); }

// Slots count in the low bits of a pid, generations in the high ones.
TEST_F(ExitHistory, KeepsTheLastOnesWhateverTheirPids) {
    const auto pid_of = [](uint64_t i) { return i % 2 == 0 ? i << 32 | 7 : i; };
    constexpr uint64_t all = kept + 1000;
    for (uint64_t i = 1; i <= all; ++i) add(pid_of(i), static_cast<spawned_status>(i));
    for (uint64_t i = 1; i <= all; ++i) {
        const uint64_t expected = i <= all - kept ? 0 : i;
        ASSERT_EQ(code_of(pid_of(i)), static_cast<spawned_status>(expected));
    }
    EXPECT_EQ(code_of(pid_of(all + 1)), 0);
}

TEST_F(ExitHistory, WithoutMemoryKeepsNothingAndGivesTheTextBack) {
    static bool full;
    memory_.allocate = [](size_t bytes, size_t alignment, void*) {
        return full ? nullptr : default_allocator().get(bytes, alignment);
    };
    char room[64];
    exit_record ended;
    ended.failure = reinterpret_cast<text*>(room);
    text* replaced = nullptr;
    full = true;
    history_.add(5, ended, &replaced);
    full = false;
    EXPECT_EQ(replaced, ended.failure);
    EXPECT_EQ(code_of(5), 0);
    add(5, 1);
    EXPECT_EQ(code_of(5), 1);
}

}  // namespace
}  // namespace spawned::engine
