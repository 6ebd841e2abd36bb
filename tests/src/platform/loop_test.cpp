// The event loop by itself: tasks, waking, waiting, closing.
#include "platform/loop.hpp"

#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "platform/clock.hpp"

namespace spawned::engine {
namespace {

struct noting_task : loop_task {
    std::vector<int>* notes = nullptr;
    int number = 0;
    bool again = false;
};

void note(loop_task& self, event_loop& loop) {
    auto& mine = static_cast<noting_task&>(self);
    mine.notes->push_back(mine.number);
    if (!mine.again) return;
    mine.again = false;
    EXPECT_TRUE(loop.submit(self));
}

noting_task make_task(std::vector<int>& notes, int number) {
    noting_task made;
    made.run = note;
    made.notes = &notes;
    made.number = number;
    return made;
}

bool nothing_to_do(void*) { return false; }
bool something_to_do(void*) { return true; }

class Loop : public testing::Test {
protected:
    void SetUp() override { ASSERT_EQ(loop_.init(), SPAWNED_OK); }
    void close() {
        loop_.deinit([](const char* kind,
                        void* all) { static_cast<std::string*>(all)->append(kind); },
                     &left_open_);
    }

    event_loop loop_;
    std::vector<int> notes_;
    std::string left_open_;
};

TEST_F(Loop, TasksRunOnceInTheOrderOfTheirSubmission) {
    noting_task tasks[] = {make_task(notes_, 1), make_task(notes_, 2), make_task(notes_, 3)};
    for (noting_task& one : tasks) EXPECT_TRUE(loop_.submit(one));
    EXPECT_TRUE(loop_.has_tasks());
    EXPECT_TRUE(notes_.empty());
    loop_.poll();
    EXPECT_FALSE(loop_.has_tasks());
    loop_.poll();
    EXPECT_EQ(notes_, (std::vector{1, 2, 3}));
    close();
}

TEST_F(Loop, TaskMaySubmitItselfAgain) {
    noting_task task = make_task(notes_, 7);
    task.again = true;
    EXPECT_TRUE(loop_.submit(task));
    loop_.poll();
    loop_.poll();
    EXPECT_EQ(notes_, (std::vector{7, 7}));
    close();
}

TEST_F(Loop, WaitRunsWhatWasSubmittedBeforeItAndEndsWhenWoken) {
    noting_task task = make_task(notes_, 1);
    EXPECT_TRUE(loop_.submit(task));
    loop_.wake();
    loop_.wait(UINT64_MAX, nothing_to_do, nullptr);
    EXPECT_EQ(notes_, std::vector{1});
    close();
}

TEST_F(Loop, EveryWakeIsHeardHoweverManyThereWereBefore) {
    for (int i = 0; i < 1000; ++i) {
        loop_.wake();
        loop_.wake();
        loop_.wait(UINT64_MAX, nothing_to_do, nullptr);
    }
    close();
}

TEST_F(Loop, NoWakeOfAnotherThreadIsLost) {
    constexpr int rounds = 20000;
    std::atomic<int> asked{0}, heard{0};
    std::thread other([&] {
        for (int i = 1; i <= rounds; ++i) {
            asked.store(i);
            loop_.wake();
            heard.wait(i - 1);
        }
    });
    while (heard.load() != rounds) {
        if (asked.load() == heard.load()) loop_.wait(UINT64_MAX, nothing_to_do, nullptr);
        heard.store(asked.load());
        heard.notify_one();
    }
    other.join();
    close();
}

TEST_F(Loop, WaitEndsNotBeforeItsDeadline) {
    const uint64_t deadline = monotonic_now() + 3'000'000;
    while (monotonic_now() < deadline) loop_.wait(deadline, nothing_to_do, nullptr);
    loop_.wait(deadline, nothing_to_do, nullptr);  // in the past: at once
    close();
}

TEST_F(Loop, WaitIsNoneWhenThereIsWorkAfterAll) {
    loop_.wait(UINT64_MAX, something_to_do, nullptr);
    close();
}

TEST_F(Loop, LoopIsActiveWhileAForeignHandleIs) {
    EXPECT_FALSE(loop_.is_active());
    uv_idle_t idle;
    uv_idle_init(loop_.native(), &idle);
    EXPECT_FALSE(loop_.is_active());
    uv_idle_start(&idle, [](uv_idle_t*) {});
    EXPECT_TRUE(loop_.is_active());
    uv_close(reinterpret_cast<uv_handle_t*>(&idle), nullptr);
    close();
    EXPECT_EQ(left_open_, "");
}

TEST_F(Loop, DescriptorIsReadableAfterAWakeAndNotAfterThePoll) {
    pollfd one = {loop_.descriptor(), POLLIN, 0};
    EXPECT_EQ(::poll(&one, 1, 0), 0);
    EXPECT_EQ(loop_.time_left(), UINT64_MAX);
    loop_.wake();
    EXPECT_EQ(::poll(&one, 1, 0), 1);
    loop_.poll();
    EXPECT_EQ(::poll(&one, 1, 0), 0);
    close();
}

// libuv tells the kernel of a handle only when it polls next: whoever sleeps on the descriptor would not
// see its events.
TEST_F(Loop, DescriptorShowsHandlesThatWereStartedInACallback) {
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    struct starter : loop_task {
        uv_poll_t handle;
        int end;
    } start;
    start.end = ends[0];
    start.run = [](loop_task& self, event_loop& loop) {
        auto& mine = static_cast<starter&>(self);
        uv_poll_init(loop.native(), &mine.handle, mine.end);
        uv_poll_start(&mine.handle, UV_READABLE, [](uv_poll_t* seen, int, int) {
            uv_close(reinterpret_cast<uv_handle_t*>(seen), nullptr);
        });
    };
    // Submitted while the loop is polled, so it runs at the very end of that.
    struct chain : loop_task {
        loop_task* then;
    } first;
    first.then = &start;
    first.run = [](loop_task& self, event_loop& loop) {
        EXPECT_TRUE(loop.submit(*static_cast<chain&>(self).then));
    };
    EXPECT_TRUE(loop_.submit(first));
    loop_.poll();
    pollfd one = {loop_.descriptor(), POLLIN, 0};
    EXPECT_EQ(::poll(&one, 1, 0), 0);
    EXPECT_EQ(write(ends[1], "x", 1), 1);
    EXPECT_EQ(::poll(&one, 1, 0), 1);
    loop_.poll();
    EXPECT_FALSE(loop_.is_active());
    close();
    ::close(ends[0]);
    ::close(ends[1]);
}

TEST_F(Loop, ClosingRunsWhatWaitsAndRefusesWhatComes) {
    noting_task before = make_task(notes_, 1), after = make_task(notes_, 2);
    EXPECT_TRUE(loop_.submit(before));
    close();
    EXPECT_EQ(notes_, std::vector{1});
    EXPECT_FALSE(loop_.submit(after));
    loop_.wake();
}

TEST_F(Loop, HandlesLeftOpenAreClosedAndNamed) {
    uv_timer_t timer;
    uv_timer_init(loop_.native(), &timer);
    uv_timer_start(
        &timer, [](uv_timer_t*) { FAIL(); }, 1'000'000, 0);
    close();
    EXPECT_EQ(left_open_, "timer");
}

TEST(LibuvVersion, HeadersFitThatAreNotNewerAndOfTheSameMajorVersion) {
    const uint32_t found = libuv_version();
    EXPECT_TRUE(libuv_fits(UV_VERSION_HEX, sizeof(uv_loop_t)));
    EXPECT_TRUE(libuv_fits(found & 0xff0000, sizeof(uv_loop_t)));
    EXPECT_FALSE(libuv_fits(found + 0x000100, sizeof(uv_loop_t)));
    EXPECT_FALSE(libuv_fits(found + 0x010000, sizeof(uv_loop_t)));
    EXPECT_FALSE(libuv_fits(found - 0x010000, sizeof(uv_loop_t)));
    EXPECT_FALSE(libuv_fits(UV_VERSION_HEX, sizeof(uv_loop_t) - 8));
}

}  // namespace
}  // namespace spawned::engine
