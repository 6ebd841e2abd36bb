// When the system has no thread left: what needs one is refused and leaves nothing, what could do with
// one goes on without.
#include <gtest/gtest.h>

#include <atomic>
#include <string>

#include <spawned.h>

#include "platform/thread.hpp"
#include "support/counting_allocator.hpp"

namespace {

using spawned::engine::set_thread_start_failures;

const spawned_message_type number = SPAWNED_MESSAGE_TYPE("shortage.number", uint64_t);
const spawned_message_type twice = SPAWNED_REQUEST_TYPE("shortage.twice", uint64_t, &number);
const spawned_message_type wait = SPAWNED_REQUEST_TYPE("shortage.wait", spawned_response*, &number);

spawned_status on_twice(spawned_context* context, void*, void* value) {
    const uint64_t answer = *static_cast<uint64_t*>(value) * 2;
    return spawned_reply(context, &answer);
}

std::atomic<int> waiting{0};

// Answers with what the wait came to, as a positive number.
spawned_status on_wait(spawned_context* context, void*, void* value) {
    ++waiting;
    const spawned_status status =
        spawned_response_wait(*static_cast<spawned_response**>(value), SPAWNED_DEFAULT);
    const auto answer = static_cast<uint64_t>(-status);
    return spawned_reply(context, &answer);
}

const spawned_handler handlers[] = {{&twice, on_twice}, {&wait, on_wait}};

std::atomic<int> states{0};

spawned_status init(void*, void*, void*) {
    ++states;
    return SPAWNED_OK;
}
void destroy(void*, void*) { --states; }

class ThreadShortage : public testing::TestWithParam<uint32_t> {
protected:
    void SetUp() override {
        spawned_behavior_init(&behavior_, sizeof behavior_, "doubler");
        behavior_.handlers = handlers;
        behavior_.handler_count = 2;
        behavior_.state_size = 8;
        behavior_.init = init;
        behavior_.destroy = destroy;
        spawned_allocator_init(&memory_, sizeof memory_);
        const spawned::engine::allocator counting = counting_.get();
        memory_.allocate = counting.allocate;
        memory_.deallocate = counting.deallocate;
        memory_.user_data = counting.user_data;
        waiting = 0;
    }
    void TearDown() override {
        set_thread_start_failures(-1);
        EXPECT_EQ(spawned_runtime_destroy(runtime_), SPAWNED_OK);
        EXPECT_EQ(states, 0);
    }

    spawned_status create(uint32_t workers, uint32_t flags = 0) {
        spawned_runtime_options options = SPAWNED_RUNTIME_OPTIONS_INIT;
        options.workers = workers;
        options.flags = flags;
        options.allocator = &memory_;
        return spawned_runtime_create(&options, &runtime_);
    }
    spawned_status start(uint32_t where, spawned_pid* out_pid, const char* name = nullptr) {
        spawned_actor_options options = SPAWNED_ACTOR_OPTIONS_INIT;
        options.backend = where;
        options.name = name;
        return spawned_actor_start(runtime_, &behavior_, &options, out_pid);
    }
    static uint64_t ask(spawned_pid pid) {
        const uint64_t question = 21;
        uint64_t answer = 0;
        EXPECT_EQ(spawned_request(pid, &twice, &question, SPAWNED_DEFAULT, &answer), SPAWNED_OK);
        return answer;
    }

    spawned::testing::counting_allocator counting_;
    spawned_allocator memory_;
    spawned_runtime* runtime_ = nullptr;
    spawned_behavior behavior_{};
};

TEST_F(ThreadShortage, RuntimeThatLacksAnyOfItsThreadsIsRefusedAndLeavesNothing) {
    int threads = 0;
    for (spawned_status status = SPAWNED_ESYSTEM; status != SPAWNED_OK; ++threads) {
        set_thread_start_failures(threads);
        status = create(3);
        ASSERT_TRUE(status == SPAWNED_OK || status == SPAWNED_ESYSTEM) << status;
        ASSERT_EQ(runtime_ == nullptr, status != SPAWNED_OK);
        if (runtime_ == nullptr) {
            ASSERT_EQ(counting_.live_blocks(), 0u);
        }
    }
    EXPECT_GE(threads - 1, 3);
}

TEST_F(ThreadShortage, DeterministicRuntimeWithoutAThreadIsRefusedAndLeavesNothing) {
    set_thread_start_failures(0);
    EXPECT_EQ(create(0, SPAWNED_RUNTIME_DETERMINISTIC), SPAWNED_ESYSTEM);
    EXPECT_EQ(runtime_, nullptr);
    EXPECT_EQ(counting_.live_blocks(), 0u);
}

TEST_P(ThreadShortage, ActorThatNoThreadCouldEverRunIsRefusedAndLeavesNothing) {
    spawned_pid pid = 0;
    ASSERT_EQ(create(1), SPAWNED_OK);
    set_thread_start_failures(0);
    EXPECT_EQ(start(GetParam(), &pid, "doubler"), SPAWNED_ESYSTEM);
    EXPECT_EQ(spawned_registry_whereis(runtime_, "doubler", 7, &pid), SPAWNED_ENOENT);
    EXPECT_EQ(states, 0);
    set_thread_start_failures(-1);
    EXPECT_EQ(start(GetParam(), &pid, "doubler"), SPAWNED_OK);
    EXPECT_EQ(ask(pid), 42u);
}

INSTANTIATE_TEST_SUITE_P(Backends, ThreadShortage,
                         testing::Values(SPAWNED_BACKEND_BLOCKING, SPAWNED_BACKEND_THREAD));

TEST_F(ThreadShortage, ActorsShareTheLastThreadThatCouldBeStarted) {
    spawned_pid first = 0, second = 0;
    ASSERT_EQ(create(1), SPAWNED_OK);
    set_thread_start_failures(1);
    ASSERT_EQ(start(SPAWNED_BACKEND_BLOCKING, &first), SPAWNED_OK);
    ASSERT_EQ(start(SPAWNED_BACKEND_BLOCKING, &second), SPAWNED_OK);
    EXPECT_EQ(ask(first), 42u);
    EXPECT_EQ(ask(second), 42u);
}

TEST_F(ThreadShortage, HandlerThatBlocksWithoutASpareKeepsOthersWaitingAndLosesNothing) {
    spawned_pid blocking = 0, other = 0;
    spawned_reply_to key = 0;
    spawned_response *promise = nullptr, *first = nullptr, *second = nullptr;
    spawned_message* message = nullptr;
    const uint64_t question = 21;
    uint64_t answer = 99;
    ASSERT_EQ(create(1), SPAWNED_OK);
    ASSERT_EQ(start(SPAWNED_BACKEND_POOL, &blocking), SPAWNED_OK);
    ASSERT_EQ(start(SPAWNED_BACKEND_POOL, &other), SPAWNED_OK);
    ASSERT_EQ(spawned_promise_create(runtime_, nullptr, SPAWNED_FOREVER, &key, &promise),
              SPAWNED_OK);
    set_thread_start_failures(0);
    ASSERT_EQ(spawned_message_create(blocking, &wait, &promise, &message), SPAWNED_OK);
    ASSERT_EQ(spawned_message_request(message, SPAWNED_FOREVER, &first), SPAWNED_OK);
    while (waiting == 0) continue;
    ASSERT_EQ(spawned_message_create(other, &twice, &question, &message), SPAWNED_OK);
    ASSERT_EQ(spawned_message_request(message, SPAWNED_FOREVER, &second), SPAWNED_OK);
    ASSERT_EQ(spawned_reply_to_send(key, nullptr), SPAWNED_OK);
    EXPECT_EQ(spawned_response_wait(first, SPAWNED_FOREVER), SPAWNED_OK);
    EXPECT_EQ(spawned_response_take(first, &answer), SPAWNED_OK);
    EXPECT_EQ(answer, 0u);
    EXPECT_EQ(spawned_response_wait(second, SPAWNED_FOREVER), SPAWNED_OK);
    EXPECT_EQ(spawned_response_take(second, &answer), SPAWNED_OK);
    EXPECT_EQ(answer, 42u);
    for (spawned_response* each : {promise, first, second}) spawned_response_release(each);
}

TEST_F(ThreadShortage, HandlerThatBlocksInDeterministicModeIsToldAndGoesOn) {
    spawned_pid pid = 0;
    spawned_reply_to key = 0;
    spawned_response* promise = nullptr;
    uint64_t answer = 0;
    ASSERT_EQ(create(0, SPAWNED_RUNTIME_DETERMINISTIC), SPAWNED_OK);
    ASSERT_EQ(start(SPAWNED_BACKEND_POOL, &pid), SPAWNED_OK);
    ASSERT_EQ(spawned_promise_create(runtime_, nullptr, SPAWNED_FOREVER, &key, &promise),
              SPAWNED_OK);
    set_thread_start_failures(0);
    ASSERT_EQ(spawned_request(pid, &wait, &promise, SPAWNED_DEFAULT, &answer), SPAWNED_OK);
    EXPECT_EQ(answer, static_cast<uint64_t>(-SPAWNED_ESYSTEM));
    EXPECT_EQ(ask(pid), 42u);
    EXPECT_EQ(spawned_reply_to_release(key), SPAWNED_OK);
    spawned_response_release(promise);
}

}  // namespace
