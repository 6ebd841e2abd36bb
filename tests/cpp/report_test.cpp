// What a runtime tells of itself: who is at work, who waits for whom, and its counters.
#include "cpp/world.hpp"

#include <string_view>
#include <vector>

namespace {

using spawned::Actor;
using spawned::ActorReport;
using spawned::Response;
using spawned::Result;

SPAWNED_PROTOCOL(Callee, (Response<int>, number))
SPAWNED_PROTOCOL(Caller, (Response<int>, ask, (callee, Callee::Ref)))

class CalleeActor : public Actor<CalleeActor, Callee> {
public:
    Task<int> handle(Callee::number, Context &) {
        (co_await spawned::sleep(spawned::seconds(1))).unwrap();
        co_return 7;
    }
};

class CallerActor : public Actor<CallerActor, Caller> {
public:
    Task<Result<int>> handle(Caller::ask message, Context &) {
        co_return co_await message.callee.number();
    }
};

using Reports = test::World;

const ActorReport *find(const std::vector<ActorReport> &reports, spawned::Pid pid) {
    for (const ActorReport &one : reports)
        if (one.pid == pid) return &one;
    return nullptr;
}

TEST_F(Reports, NameWhatAnActorHandlesAndForWhomItWaits) {
    auto callee = runtime.start<CalleeActor>();
    auto caller = runtime.start<CallerActor>();
    auto answer = caller.ask(callee);
    (void)caller.send(Caller::ask{callee});
    time.advance(test::milliseconds(1));

    const auto reports = runtime.busy();
    const ActorReport *waiting = find(reports, caller);
    ASSERT_NE(waiting, nullptr);
    EXPECT_NE(std::string_view(waiting->name).find("CallerActor"), std::string_view::npos);
    EXPECT_NE(std::string_view(waiting->message).find("Caller.ask"), std::string_view::npos);
    EXPECT_EQ(waiting->waits_for, callee);
    EXPECT_EQ(waiting->backlog, 1u);
    ASSERT_NE(find(reports, callee), nullptr);
    EXPECT_FALSE(find(reports, callee)->waits_for);

    EXPECT_EQ(answer.unwrap(), 7);
}

TEST_F(Reports, ListEveryActorThatHasNotEnded) {
    EXPECT_TRUE(runtime.busy().empty());
    std::vector<spawned::ActorRef<CalleeActor>> actors;
    for (int i = 0; i < 100; i++) actors.push_back(runtime.start<CalleeActor>());
    const auto reports = runtime.busy();
    EXPECT_EQ(reports.size(), 100u);
    for (const auto &actor : actors) {
        const ActorReport *idle = find(reports, actor);
        ASSERT_NE(idle, nullptr);
        EXPECT_EQ(idle->backlog, 0u);
        actor.stop();
    }
    for (const auto &actor : actors) actor.join();
    EXPECT_TRUE(runtime.busy().empty());
}

TEST_F(Reports, CountWhatHasHappened) {
    const auto before = runtime.stats();
    auto callee = runtime.start<CalleeActor>();
    EXPECT_EQ(callee.number().unwrap(), 7);
    const auto after = runtime.stats();
    EXPECT_EQ(after.actors_started - before.actors_started, 1u);
    EXPECT_EQ(after.messages_handled - before.messages_handled, 1u);
}

}  // namespace
