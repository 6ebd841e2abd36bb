#include "platform/thread_exit.hpp"

#include <unistd.h>

#include <gtest/gtest.h>

#include "platform/thread.hpp"

namespace spawned::engine {
namespace {

void count_end(void* value) { *static_cast<int*>(value) += 1; }

bool run_to_the_end(void (*entry)(void*), void* argument) {
    thread_handle thread;
    if (!thread.start(entry, argument, "exit")) return false;
    thread.join();
    return true;
}

// In a process of its own: the key stays for good. The status tells which step failed.
[[noreturn]] void end_threads() {
    if (!thread_exit_key_create(count_end) || !thread_exit_key_create(count_end)) _exit(10);
    if (thread_exit_key_create([](void*) {})) _exit(11);

    int ended = 0;
    const auto set = [](void* value) { thread_exit_key_set(value); };
    if (!run_to_the_end(set, &ended) || ended != 1) _exit(12);

    int cleared = 0;
    const auto set_and_clear = [](void* value) {
        thread_exit_key_set(value);
        thread_exit_key_set(nullptr);
    };
    if (!run_to_the_end(set_and_clear, &cleared) || cleared != 0) _exit(13);
    _exit(0);
}

TEST(ThreadExitDeathTest, CallbackRunsOnceAtTheEndOfAThreadThatSetAValue) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_EXIT(end_threads(), ::testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace spawned::engine
