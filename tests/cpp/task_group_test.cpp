// Task groups: closures, coroutines and responses as tasks, joined in a task and on a thread.
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "cpp/world.hpp"

namespace {

using namespace test;
using spawned::Context;
using spawned::Error;
using spawned::Promise;
using spawned::Response;
using spawned::Task;
using spawned::TaskGroup;
using spawned::Token;

class TaskGroups : public World {};

Task<int> later(spawned::RuntimeRef runtime, int value, Counted counted) {
    (void)co_await runtime.sleep(milliseconds(static_cast<std::uint64_t>(value)));
    (void)counted;
    if (value == 13) throw std::runtime_error("unlucky");
    co_return value;
}

TEST_F(TaskGroups, GivesTheOutcomesOfClosuresInTheirOrder) {
    TaskGroup<std::unique_ptr<int>> group(runtime);
    for (int i = 0; i < 3; ++i)
        group.start([i]() -> std::unique_ptr<int> {
            if (i == 1) throw std::runtime_error("no one");
            return std::make_unique<int>(i);
        });
    EXPECT_EQ(group.take(0).error().code(), Status::not_ready);
    EXPECT_EQ(group.all().unwrap(), 3U);
    auto outcomes = group.take_all();
    ASSERT_EQ(outcomes.size(), 3U);
    EXPECT_EQ(*outcomes[0].unwrap(), 0);
    EXPECT_EQ(outcomes[1].error().text(), "std::runtime_error: no one");
    EXPECT_EQ(*outcomes[2].unwrap(), 2);
    EXPECT_EQ(group.take(0).error().code(), Status::already);
    EXPECT_EQ(group.take(3).error().code(), Status::not_found);
}

TEST_F(TaskGroups, FirstSuccessDestroysTheOtherCoroutinesWhereTheyAreSuspended) {
    int alive = 0;
    TaskGroup<int> group(runtime);
    for (int value : {13, 300, 20}) group.start(later(runtime, value, Counted(&alive)));
    EXPECT_EQ(group.first_success().unwrap(), 2U);
    EXPECT_EQ(group.take(2).unwrap(), 20);
    time.run();
    EXPECT_EQ(alive, 0);
    EXPECT_EQ(group.take(0).error().text(), "std::runtime_error: unlucky");
    EXPECT_EQ(group.take(1).error().code(), Status::stopped);
}

TEST_F(TaskGroups, FirstFailureGivesItsError) {
    int alive = 0;
    TaskGroup<int> group(runtime);
    for (int value : {13, 300}) group.start(later(runtime, value, Counted(&alive)));
    const auto joined = group.first_failure().get();
    EXPECT_EQ(joined.error().text(), "std::runtime_error: unlucky");
    EXPECT_TRUE(group.token().is_cancelled());
    time.run();
    EXPECT_EQ(alive, 0);
}

TEST_F(TaskGroups, ClosuresMayAskTheGroupsToken) {
    Token parent = runtime.token();
    TaskGroup<bool> group(runtime, parent);
    group.start([parent](Token stop) {
        (void)parent.cancel();
        return stop.is_cancelled();
    });
    EXPECT_EQ(group.all().unwrap(), 1U);
    EXPECT_TRUE(group.take(0).unwrap());
}

TEST_F(TaskGroups, NeverBeginsWhatIsCancelledBefore) {
    int alive = 0;
    bool ran = false;
    TaskGroup<void> group(runtime);
    group.start([&ran, counted = Counted(&alive)] { ran = true; });
    EXPECT_EQ(alive, 1);
    (void)group.token().cancel();
    EXPECT_EQ(group.first_failure().get().error().code(), Status::stopped);
    EXPECT_EQ(alive, 0);
    EXPECT_FALSE(ran);
}

TEST_F(TaskGroups, TakeAnyResponseAlsoOneThatWasReadyFromTheStart) {
    TaskGroup<std::string> group(runtime);
    Promise<std::string> promise = runtime.promise<std::string>();
    group.add(promise.response());
    group.add(Response<std::string>::ready(std::string("at once")));
    group.add(Response<std::string>::ready(Error(Status{7}, "never")));
    promise.send("later");
    EXPECT_EQ(group.all().unwrap(), 3U);
    EXPECT_EQ(group.take(0).unwrap(), "later");
    EXPECT_EQ(group.take(1).unwrap(), "at once");
    EXPECT_EQ(group.take(2).error().text(), "never");
}

struct Race {
    using Reply = int;
    std::vector<int> values;
    int *alive;
};

class Racer : public spawned::Actor<Racer, Race> {
public:
    Task<int> handle(Race race, Context &context) {
        TaskGroup<int> group(context.runtime());
        for (int value : race.values)
            group.start(later(context.runtime(), value, Counted(race.alive)));
        auto first = co_await group.first_success();
        co_return group.take(first.unwrap()).unwrap();
    }
};

TEST_F(TaskGroups, AreJoinedInAHandlerAndGoWithIt) {
    int alive = 0;
    auto racer = runtime.start<Racer>();
    EXPECT_EQ(racer.request(Race{{90, 30, 60}, &alive}).unwrap(), 30);
    time.run();
    EXPECT_EQ(alive, 0);
    auto killed = racer.request(Race{{90, 30, 60}, &alive});
    time.advance(milliseconds(10));
    EXPECT_GT(alive, 0);
    (void)racer.kill();
    time.run();
    EXPECT_EQ(alive, 0);
}

TEST_F(TaskGroups, RefuseTasksOnceJoined) {
    TaskGroup<int> group(runtime);
    group.start([] { return 1; });
    auto joined = group.all();
    try {
        group.start([] { return 2; });
        ADD_FAILURE() << "a task was begun";
    } catch (const Error &error) {
        EXPECT_EQ(error.code(), Status::already);
    }
    EXPECT_EQ(group.size(), 1U);
    EXPECT_EQ(group.all().get().error().code(), Status::already);
    EXPECT_EQ(joined.unwrap(), 1U);
}

TEST_F(TaskGroups, GiveTheErrorThatATaskThrowsAsItsOutcome) {
    const auto refuse = []() -> Task<void> {
        throw Error(Status{77}, "not today");
        co_return;
    };
    TaskGroup<void> group(runtime);
    group.start(refuse());
    EXPECT_EQ(group.all().unwrap(), 1U);
    EXPECT_EQ(group.take(0).error(), Error(Status{77}, "not today"));
}

// A task is begun when it is counted, or neither.
TEST_F(TaskGroups, WithoutMemoryForOneMoreBeginNone) {
    int runs = 0;
    TaskGroup<void> group(runtime);
    std::size_t begun = 0;
    for (int attempt = 2; attempt < 200; ++attempt) {
        fail_new(attempt % 3);  // the closure's; the count's when that grows
        try {
            group.start([&runs] { ++runs; });
            ++begun;
        } catch (const std::bad_alloc &) {
        }
        fail_new(0);
        ASSERT_EQ(group.size(), begun);
    }
    EXPECT_GT(begun, 64U);
    EXPECT_EQ(group.all().unwrap(), begun);
    EXPECT_EQ(static_cast<std::size_t>(runs), begun);
}

TEST(TaskGroupsOnThreads, RaceToTheFirstSuccess) {
    spawned::Runtime runtime;
    for (int round = 0; round < 50; ++round) {
        TaskGroup<int> group(runtime);
        for (int i = 0; i < 8; ++i)
            group.start([i](Token) -> int {
                if (i < 4) throw std::runtime_error("slow");
                return i;
            });
        const std::uint64_t first = group.first_success().unwrap();
        EXPECT_EQ(group.take(first).unwrap(), static_cast<int>(first));
    }
}

}  // namespace
