#include "platform/thread.hpp"

#include <csignal>
#include <cstring>
#include <string>

#include <pthread.h>

#include <gtest/gtest.h>

#include "platform/clock.hpp"
#include "platform/condition.hpp"
#include "platform/cpu.hpp"
#include "platform/mutex.hpp"
#include "platform/parker.hpp"

namespace spawned::engine {
namespace {

TEST(Thread, RunsTheEntryWithItsArgument) {
    int value = 0;
    thread_handle thread;
    ASSERT_TRUE(
        thread.start([](void* argument) { *static_cast<int*>(argument) = 7; }, &value, "t"));
    thread.join();
    EXPECT_EQ(value, 7);
}

TEST(Thread, BlocksAsynchronousSignalsThereAndRestoresTheMaskHere) {
    sigset_t open, blocked_here, inside, after;
    sigemptyset(&open);
    for (const int each : {SIGINT, SIGTERM, SIGUSR1}) sigaddset(&open, each);
    pthread_sigmask(SIG_UNBLOCK, &open, nullptr);
    sigemptyset(&blocked_here);
    sigaddset(&blocked_here, SIGUSR2);
    pthread_sigmask(SIG_BLOCK, &blocked_here, nullptr);
    thread_handle thread;
    const auto look = [](void* argument) {
        pthread_sigmask(SIG_BLOCK, nullptr, static_cast<sigset_t*>(argument));
    };
    ASSERT_TRUE(thread.start(look, &inside, "mask"));
    thread.join();
    pthread_sigmask(SIG_BLOCK, nullptr, &after);
    for (const int blocked : {SIGINT, SIGTERM, SIGHUP, SIGCHLD, SIGPIPE, SIGALRM, SIGUSR1}) {
        EXPECT_EQ(sigismember(&inside, blocked), 1) << blocked;
    }
    for (const int each : {SIGINT, SIGTERM, SIGUSR1})
        EXPECT_EQ(sigismember(&after, each), 0) << each;
    EXPECT_EQ(sigismember(&after, SIGUSR2), 1);
    pthread_sigmask(SIG_UNBLOCK, &blocked_here, nullptr);
    for (const int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT}) {
        EXPECT_EQ(sigismember(&inside, fault), 0) << fault;
    }
}

#if defined(__linux__)
struct named_thread {
    parker may_look;
    char name[32] = {};
};

std::string name_given_for(const char* wanted) {
    named_thread shared;
    shared.may_look.init();
    thread_handle thread;
    const auto look = [](void* argument) {
        auto* mine = static_cast<named_thread*>(argument);
        mine->may_look.park();
        pthread_getname_np(pthread_self(), mine->name, sizeof mine->name);
    };
    EXPECT_TRUE(thread.start(look, &shared, wanted));
    shared.may_look.unpark();
    thread.join();
    shared.may_look.deinit();
    return shared.name;
}

TEST(Thread, CarriesItsNameShortenedToWhatTheSystemTakes) {
    EXPECT_EQ(name_given_for("worker 3"), "worker 3");
    EXPECT_EQ(name_given_for("a name longer than fifteen"), "a name longer t");
}
#endif

TEST(Thread, StartFailsAfterTheGivenNumberOfSuccesses) {
    const auto nothing = [](void*) {};
    set_thread_start_failures(1);
    thread_handle first, second, third;
    EXPECT_TRUE(first.start(nothing, nullptr, "first"));
    EXPECT_FALSE(second.start(nothing, nullptr, "second"));
    EXPECT_FALSE(second.start(nothing, nullptr, "second"));
    set_thread_start_failures(-1);
    EXPECT_TRUE(third.start(nothing, nullptr, "third"));
    first.join();
    third.join();
}

TEST(Thread, DetachedOneRunsOn) {
    parker finished;
    finished.init();
    {
        thread_handle thread;
        const auto finish = [](void* argument) { static_cast<parker*>(argument)->unpark(); };
        ASSERT_TRUE(thread.start(finish, &finished, "detached"));
        thread.detach();
    }
    finished.park();
    finished.deinit();
}

TEST(Thread, IdsDifferBetweenLiveThreads) {
    std::uint64_t inside = 0;
    thread_handle thread;
    const auto look = [](void* argument) {
        *static_cast<std::uint64_t*>(argument) = current_thread_id();
    };
    ASSERT_TRUE(thread.start(look, &inside, "id"));
    thread.join();
    EXPECT_NE(inside, 0u);
    EXPECT_NE(inside, current_thread_id());
    EXPECT_EQ(current_thread_id(), current_thread_id());
}

TEST(Cpu, ThereIsAtLeastOne) {
    EXPECT_GE(cpu_count(), 1u);
    cpu_pause();
    thread_yield();
}

TEST(Clock, NeverGoesBack) {
    std::uint64_t last = monotonic_now();
    EXPECT_GT(last, 0u);
    for (int round = 0; round < 1000; ++round) {
        const std::uint64_t now = monotonic_now();
        ASSERT_GE(now, last);
        last = now;
    }
}

struct gate {
    mutex lock;
    condition changed;
    bool open = false;
    bool seen = false;
};

TEST(Condition, WaiterSeesWhatWasSignalledUnderTheMutex) {
    gate shared;
    ASSERT_TRUE(shared.lock.init());
    ASSERT_TRUE(shared.changed.init());
    thread_handle thread;
    const auto wait = [](void* argument) {
        auto* mine = static_cast<gate*>(argument);
        lock_guard guard(mine->lock);
        while (!mine->open) mine->changed.wait_until(mine->lock, UINT64_MAX);
        mine->seen = true;
    };
    ASSERT_TRUE(thread.start(wait, &shared, "waiter"));
    {
        lock_guard guard(shared.lock);
        shared.open = true;
        shared.changed.broadcast();
    }
    thread.join();
    EXPECT_TRUE(shared.seen);
    shared.changed.deinit();
    shared.lock.deinit();
}

TEST(Condition, WaitEndsAtItsDeadline) {
    mutex lock;
    condition never;
    ASSERT_TRUE(lock.init());
    ASSERT_TRUE(never.init());
    lock.lock();
    EXPECT_FALSE(never.wait_until(lock, 0));
    const std::uint64_t deadline = monotonic_now() + 1'000'000;
    while (never.wait_until(lock, deadline)) {
    }
    EXPECT_GE(monotonic_now(), deadline);
    lock.unlock();
    never.deinit();
    lock.deinit();
}

TEST(Mutex, TryLockFailsWhileItIsHeld) {
    mutex lock;
    ASSERT_TRUE(lock.init());
    lock.lock();
    EXPECT_FALSE(lock.try_lock());
    lock.unlock();
    EXPECT_TRUE(lock.try_lock());
    lock.unlock();
    lock.deinit();
}

}  // namespace
}  // namespace spawned::engine
