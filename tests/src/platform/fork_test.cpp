#include "platform/fork.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

namespace spawned::engine {
namespace {

int children_seen = 0;
void count_child() { ++children_seen; }

// In a process of its own: the handler stays installed for good.
[[noreturn]] void fork_with_handler() {
    if (!install_fork_handler(count_child) || !install_fork_handler(count_child)) _exit(10);
    if (install_fork_handler([] {})) _exit(11);
    const pid_t child = fork();
    if (child == 0) _exit(children_seen);
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status)) _exit(12);
    if (children_seen != 0) _exit(13);
    _exit(WEXITSTATUS(status));
}

TEST(ForkDeathTest, HandlerRunsOncePerForkAndOnlyInTheChild) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_EXIT(fork_with_handler(), ::testing::ExitedWithCode(1), "");
}

}  // namespace
}  // namespace spawned::engine
