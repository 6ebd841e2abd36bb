// The runtime's event loop: who runs what is handed to it, whoever else is busy.
#include "sched/loop_holder.hpp"

#include <gtest/gtest.h>
#include <spawned.h>

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <thread>

namespace spawned::engine {
namespace {

const spawned_message_type go = SPAWNED_MESSAGE_TYPE("loop_holder_test.go", uint64_t);
const spawned_message_type answer = SPAWNED_MESSAGE_TYPE("loop_holder_test.answer", uint64_t);
const spawned_message_type ask = SPAWNED_REQUEST_TYPE("loop_holder_test.ask", uint64_t, &answer);

spawned_status feed_itself(spawned_context* context, void*, void* value) {
    const spawned_status status = spawned_send(spawned_context_self(context), &go, value);
    return status == SPAWNED_ESTOPPED || status == SPAWNED_ESTOPPING ? SPAWNED_OK : status;
}

spawned_status add_one(spawned_context* context, void*, void* value) {
    const uint64_t sum = *static_cast<uint64_t*>(value) + 1;
    return spawned_reply(context, &sum);
}

const spawned_handler handlers[] = {{&go, feed_itself}, {&ask, add_one}};

// Waits for a number to come up, as long as it takes.
class counter {
public:
    void add() {
        std::lock_guard guard(lock_);
        ++count_;
        changed_.notify_all();
    }
    void wait_for(int wanted) {
        std::unique_lock guard(lock_);
        changed_.wait(guard, [&] { return count_ >= wanted; });
    }

private:
    std::mutex lock_;
    std::condition_variable changed_;
    int count_ = 0;
};

struct counting_task : loop_task {
    counting_task() {
        run = [](loop_task& self, event_loop&) {
            auto& mine = static_cast<counting_task&>(self);
            mine.ran_on = std::this_thread::get_id();
            mine.done.add();
        };
    }
    counter done;
    std::thread::id ran_on;
};

size_t descriptors() {
    size_t count = 0;
    for ([[maybe_unused]] const auto& one : std::filesystem::directory_iterator("/proc/self/fd"))
        ++count;
    return count;
}

class LoopHolder : public testing::Test {
protected:
    void begin(uint32_t workers, uint32_t flags = 0) {
        spawned_behavior_init(&behavior_, sizeof behavior_, "busy");
        behavior_.handlers = handlers;
        behavior_.handler_count = 2;
        spawned_runtime_options options = SPAWNED_RUNTIME_OPTIONS_INIT;
        options.workers = workers;
        options.flags = flags;
        ASSERT_EQ(spawned_runtime_create(&options, &runtime_), SPAWNED_OK);
    }
    void TearDown() override { EXPECT_EQ(spawned_runtime_destroy(runtime_), SPAWNED_OK); }

    core& home() { return *reinterpret_cast<core*>(runtime_); }
    void keep_busy(int actors) {
        for (int i = 0; i < actors; ++i) {
            spawned_pid pid;
            ASSERT_EQ(spawned_actor_start(runtime_, &behavior_, nullptr, &pid), SPAWNED_OK);
            const uint64_t any = 0;
            ASSERT_EQ(spawned_send(pid, &go, &any), SPAWNED_OK);
        }
    }

    spawned_runtime* runtime_ = nullptr;
    spawned_behavior behavior_{};
};

TEST_F(LoopHolder, RuntimeThatNeverWantsALoopOpensNoDescriptor) {
    event_loop first;  // libuv keeps two descriptors per process from the first loop on
    ASSERT_EQ(first.init(), SPAWNED_OK);
    first.deinit(nullptr, nullptr);
    const size_t before = descriptors();
    begin(2);
    spawned_pid pid;
    ASSERT_EQ(spawned_actor_start(runtime_, &behavior_, nullptr, &pid), SPAWNED_OK);
    uint64_t sum = 41;
    EXPECT_EQ(spawned_request(pid, &ask, &sum, SPAWNED_DEFAULT, &sum), SPAWNED_OK);
    EXPECT_EQ(descriptors(), before);
    counting_task task;
    EXPECT_EQ(run_on_loop(home(), task), SPAWNED_OK);
    task.done.wait_for(1);
    EXPECT_GT(descriptors(), before);
    EXPECT_EQ(spawned_runtime_shutdown(runtime_, SPAWNED_DEFAULT), SPAWNED_OK);
    EXPECT_EQ(descriptors(), before);
}

TEST_F(LoopHolder, TasksRunOnAThreadOfTheRuntimeAlsoWhenItWasIdle) {
    begin(1);
    for (int i = 0; i < 100; ++i) {
        counting_task task;
        ASSERT_EQ(run_on_loop(home(), task), SPAWNED_OK);
        task.done.wait_for(1);
        EXPECT_NE(task.ran_on, std::this_thread::get_id());
    }
}

TEST_F(LoopHolder, TasksAndHandlesAreServedWhileEveryWorkerIsBusy) {
    begin(2);
    keep_busy(4);
    counting_task task;
    ASSERT_EQ(run_on_loop(home(), task), SPAWNED_OK);
    task.done.wait_for(1);
    struct ticker : loop_task {
        uv_timer_t timer;
        counter ticks, closed;
    } tick;
    tick.run = [](loop_task& self, event_loop& loop) {
        auto& mine = static_cast<ticker&>(self);
        uv_timer_init(loop.native(), &mine.timer);
        mine.timer.data = &mine;
        uv_timer_start(
            &mine.timer, [](uv_timer_t* timer) { static_cast<ticker*>(timer->data)->ticks.add(); },
            1, 1);
    };
    ASSERT_EQ(run_on_loop(home(), tick), SPAWNED_OK);
    tick.ticks.wait_for(20);
    tick.run = [](loop_task& self, event_loop&) {
        auto& mine = static_cast<ticker&>(self);
        uv_close(reinterpret_cast<uv_handle_t*>(&mine.timer),
                 [](uv_handle_t* handle) { static_cast<ticker*>(handle->data)->closed.add(); });
    };
    ASSERT_EQ(run_on_loop(home(), tick), SPAWNED_OK);
    tick.closed.wait_for(1);
}

TEST_F(LoopHolder, TimersOfActorsFireWhileTheOnlyWorkerSleepsInTheLoop) {
    begin(1);
    counting_task task;
    ASSERT_EQ(run_on_loop(home(), task), SPAWNED_OK);
    task.done.wait_for(1);
    for (int i = 0; i < 20; ++i) {
        spawned_response* nap;
        ASSERT_EQ(spawned_sleep(runtime_, SPAWNED_MILLISECOND, &nap), SPAWNED_OK);
        EXPECT_EQ(spawned_response_wait(nap, SPAWNED_FOREVER), SPAWNED_OK);
        spawned_response_release(nap);
    }
}

// What a callback of the loop makes runnable must not wait for the loop's next event.
TEST_F(LoopHolder, ActorsThatACallbackWakesRunAtOnce) {
    begin(1);
    struct sender : loop_task {
        spawned_pid to;
        uv_timer_t timer;
        counter closed;
    } one;
    ASSERT_EQ(spawned_actor_start(runtime_, &behavior_, nullptr, &one.to), SPAWNED_OK);
    one.run = [](loop_task& self, event_loop& loop) {
        auto& mine = static_cast<sender&>(self);
        uv_timer_init(loop.native(), &mine.timer);
        mine.timer.data = &mine;
        uv_timer_start(
            &mine.timer,
            [](uv_timer_t* timer) {
                EXPECT_EQ(spawned_actor_stop(static_cast<sender*>(timer->data)->to), SPAWNED_OK);
            },
            1, 0);
    };
    ASSERT_EQ(run_on_loop(home(), one), SPAWNED_OK);
    EXPECT_EQ(spawned_actor_join(one.to, SPAWNED_FOREVER), SPAWNED_OK);
    one.run = [](loop_task& self, event_loop&) {
        auto& mine = static_cast<sender&>(self);
        uv_close(reinterpret_cast<uv_handle_t*>(&mine.timer),
                 [](uv_handle_t* handle) { static_cast<sender*>(handle->data)->closed.add(); });
    };
    ASSERT_EQ(run_on_loop(home(), one), SPAWNED_OK);
    one.closed.wait_for(1);
}

TEST_F(LoopHolder, CallbackMayAskAnActorAndWait) {
    begin(1);
    struct asker : counting_task {
        spawned_pid to;
        uint64_t sum = 41;
        spawned_status status = SPAWNED_EAGAIN;
    } one;
    spawned_actor_options options = SPAWNED_ACTOR_OPTIONS_INIT;
    options.backend = SPAWNED_BACKEND_BLOCKING;
    for (const spawned_actor_options* where :
         {(const spawned_actor_options*)nullptr, (const spawned_actor_options*)&options}) {
        ASSERT_EQ(spawned_actor_start(runtime_, &behavior_, where, &one.to), SPAWNED_OK);
        one.run = [](loop_task& self, event_loop&) {
            auto& mine = static_cast<asker&>(self);
            mine.status = spawned_request(mine.to, &ask, &mine.sum, SPAWNED_DEFAULT, &mine.sum);
            mine.done.add();
        };
        ASSERT_EQ(run_on_loop(home(), one), SPAWNED_OK);
        one.done.wait_for(where == nullptr ? 1 : 2);
        EXPECT_EQ(one.status, SPAWNED_OK);
    }
    EXPECT_EQ(one.sum, 43u);
}

TEST_F(LoopHolder, CallbackThatShutsTheRuntimeDownBeginsItAndIsToldSo) {
    begin(2);
    struct ender : counting_task {
        spawned_runtime* runtime;
        spawned_status status = SPAWNED_OK;
    } one;
    one.runtime = runtime_;
    one.run = [](loop_task& self, event_loop&) {
        auto& mine = static_cast<ender&>(self);
        mine.status = spawned_runtime_shutdown(mine.runtime, SPAWNED_DEFAULT);
        mine.done.add();
    };
    ASSERT_EQ(run_on_loop(home(), one), SPAWNED_OK);
    one.done.wait_for(1);
    EXPECT_EQ(one.status, SPAWNED_EDEADLK);
    ASSERT_EQ(spawned_runtime_shutdown(runtime_, SPAWNED_DEFAULT), SPAWNED_OK);
}

TEST_F(LoopHolder, TasksOfManyThreadsRunOnceEachInTheirOrder) {
    begin(2);
    constexpr int each = 2000, threads = 4;
    struct ordered : loop_task {
        int number;
        int* last;
        counter* done;
        std::atomic<int>* faults;
    };
    std::vector<std::vector<ordered>> tasks(threads, std::vector<ordered>(each));
    int last[threads] = {};
    std::atomic<int> faults{0};
    counter done;
    std::vector<std::thread> all;
    for (int t = 0; t < threads; ++t) {
        all.emplace_back([&, t] {
            for (int i = 0; i < each; ++i) {
                ordered& one = tasks[t][i];
                one.number = i + 1;
                one.last = &last[t];
                one.done = &done;
                one.faults = &faults;
                one.run = [](loop_task& self, event_loop&) {
                    auto& mine = static_cast<ordered&>(self);
                    if (*mine.last + 1 != mine.number) ++*mine.faults;
                    *mine.last = mine.number;
                    mine.done->add();
                };
                EXPECT_EQ(run_on_loop(home(), one), SPAWNED_OK);
            }
        });
    }
    for (std::thread& one : all) one.join();
    done.wait_for(each * threads);
    EXPECT_EQ(faults, 0);
}

TEST_F(LoopHolder, TaskThatWasTakenRunsBeforeTheShutdownEndsAndALaterOneIsRefused) {
    begin(2);
    for (int i = 0; i < 50; ++i) {
        counting_task tasks[3];
        for (counting_task& one : tasks) ASSERT_EQ(run_on_loop(home(), one), SPAWNED_OK);
        ASSERT_EQ(spawned_runtime_shutdown(runtime_, SPAWNED_DEFAULT), SPAWNED_OK);
        for (counting_task& one : tasks) one.done.wait_for(1);
        counting_task late;
        EXPECT_EQ(run_on_loop(home(), late), SPAWNED_ESTOPPED);
        ASSERT_EQ(spawned_runtime_destroy(runtime_), SPAWNED_OK);
        begin(2);
    }
    EXPECT_EQ(spawned_runtime_shutdown(runtime_, SPAWNED_DEFAULT), SPAWNED_OK);
    counting_task late;
    EXPECT_EQ(run_on_loop(home(), late), SPAWNED_ESTOPPED) << "also of a runtime without a loop";
}

TEST_F(LoopHolder, DeterministicRuntimeHasNoLoop) {
    begin(0, SPAWNED_RUNTIME_DETERMINISTIC);
    counting_task task;
    EXPECT_EQ(run_on_loop(home(), task), SPAWNED_EUNSUPPORTED);
}

}  // namespace
}  // namespace spawned::engine
