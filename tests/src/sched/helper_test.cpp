// Threads that may block, when the system has none left.
#include <gtest/gtest.h>

#include <spawned.h>

#include "platform/thread.hpp"

namespace {

const spawned_message_type number = SPAWNED_MESSAGE_TYPE("helper_test.number", uint64_t);
const spawned_message_type twice = SPAWNED_REQUEST_TYPE("helper_test.twice", uint64_t, &number);

spawned_status on_twice(spawned_context* context, void*, void* value) {
    const uint64_t answer = *static_cast<uint64_t*>(value) * 2;
    return spawned_reply(context, &answer);
}

const spawned_handler handlers[] = {{&twice, on_twice}};

class Helpers : public testing::Test {
protected:
    void SetUp() override {
        spawned_behavior_init(&behavior_, sizeof behavior_, "doubler");
        behavior_.handlers = handlers;
        behavior_.handler_count = 1;
        options_.backend = SPAWNED_BACKEND_BLOCKING;
        ASSERT_EQ(spawned_runtime_create(nullptr, &runtime_), SPAWNED_OK);
    }
    void TearDown() override {
        spawned::engine::set_thread_start_failures(-1);
        EXPECT_EQ(spawned_runtime_destroy(runtime_), SPAWNED_OK);
    }

    spawned_status start(spawned_pid* out_pid) {
        return spawned_actor_start(runtime_, &behavior_, &options_, out_pid);
    }
    static uint64_t ask(spawned_pid pid) {
        const uint64_t question = 21;
        uint64_t answer = 0;
        EXPECT_EQ(spawned_request(pid, &twice, &question, SPAWNED_DEFAULT, &answer), SPAWNED_OK);
        return answer;
    }

    spawned_runtime* runtime_ = nullptr;
    spawned_behavior behavior_{};
    spawned_actor_options options_ = SPAWNED_ACTOR_OPTIONS_INIT;
};

TEST_F(Helpers, ActorThatNoThreadCouldEverRunIsRefused) {
    spawned_pid pid = 0;
    spawned::engine::set_thread_start_failures(0);
    EXPECT_EQ(start(&pid), SPAWNED_ESYSTEM);
    spawned::engine::set_thread_start_failures(-1);
    EXPECT_EQ(start(&pid), SPAWNED_OK);
    EXPECT_EQ(ask(pid), 42u);
}

TEST_F(Helpers, ActorsShareTheLastThreadThatCouldBeStarted) {
    spawned_pid first = 0, second = 0;
    spawned::engine::set_thread_start_failures(1);
    ASSERT_EQ(start(&first), SPAWNED_OK);
    ASSERT_EQ(start(&second), SPAWNED_OK);
    EXPECT_EQ(ask(first), 42u);
    EXPECT_EQ(ask(second), 42u);
}

}  // namespace
