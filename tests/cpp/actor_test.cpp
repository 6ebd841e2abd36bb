// Lives of actors written as classes: construction, hooks, handlers, exceptions, ends.
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "cpp/world.hpp"

namespace {

using namespace test;
using spawned::ExitKind;
using spawned::ExitPlace;

struct Increment {};
struct Get {
    using Reply = int;
};
struct StopAfter {
    using Reply = int;
};

class Counter : public spawned::Actor<Counter, Increment, Get, StopAfter> {
public:
    explicit Counter(int from = 0) : count_(from) {}

    void handle(Increment, Context &) { ++count_; }
    int handle(Get, Context &) { return count_; }
    int handle(StopAfter, Context &context) {
        EXPECT_EQ(context.stop(), Status::ok);
        return count_;
    }

private:
    int count_;
};
SPAWNED_CHECK(Counter);

class Actors : public World {};

TEST_F(Actors, HandleSendsAndRequestsInTheOrderTheyCame) {
    auto counter = runtime.start<Counter>(5);
    EXPECT_EQ(counter.send(Increment{}), Status::ok);
    EXPECT_EQ(counter.request(Get{}).unwrap(), 6);
    EXPECT_EQ(counter.send(Increment{}), Status::ok);
    EXPECT_EQ(counter.request(StopAfter{}).unwrap(), 7);
    EXPECT_EQ(counter.join(), Status::ok);
    EXPECT_EQ(counter.send(Increment{}), Status::stopped);
    EXPECT_EQ(counter.request(Get{}).get().error(), Status::stopped);
}

TEST_F(Actors, AnswerThatAPlainMessageWasHandled) {
    auto counter = runtime.start<Counter>();
    EXPECT_TRUE(counter.request(Increment{}).get().is_ok());
    EXPECT_EQ(counter.request(Get{}).unwrap(), 1);
}

// An actor without the base class and with arguments of every kind.
struct Append {
    std::string word;
};
struct Words {
    using Reply = std::vector<std::string>;
};
class Plain {
public:
    using Protocols = spawned::Protocols<Append, Words>;

    Plain(std::unique_ptr<int> moved, const std::string &copied, int &referred)
        : words_{copied, std::to_string(*moved)} {
        ++referred;
    }
    void handle(Append &&message, spawned::Context<Plain> &) {
        words_.push_back(std::move(message.word));
    }
    std::vector<std::string> handle(const Words &, spawned::Context<Plain> &) { return words_; }

private:
    std::vector<std::string> words_;
};

TEST_F(Actors, NeedNoBaseClassAndTakeArgumentsAsTheirConstructorsDo) {
    int referred = 0;
    auto actor = runtime.start<Plain>(std::make_unique<int>(7), "first", referred);
    EXPECT_EQ(referred, 1);
    EXPECT_EQ(actor.send(Append{"third"}), Status::ok);
    EXPECT_EQ(actor.request(Words{}).unwrap(), (std::vector<std::string>{"first", "7", "third"}));
}

class Refusing : public spawned::Actor<Refusing> {
public:
    explicit Refusing(int *alive) : member_(alive) { throw std::runtime_error("not today"); }

private:
    Counted member_;
};

TEST_F(Actors, ThatFailToConstructThrowTheSameOutOfStartAndLeaveNothing) {
    int alive = 0;
    try {
        (void)runtime.start<Refusing>({.name = "refusing"}, &alive);
        FAIL();
    } catch (const std::runtime_error &error) {
        EXPECT_STREQ(error.what(), "not today");
    }
    EXPECT_EQ(alive, 0);
    EXPECT_EQ(runtime.registry().whereis_pid("refusing"), std::nullopt);
}

TEST_F(Actors, WithATakenNameAreRefusedWithAnError) {
    auto first = runtime.start<Counter>({.name = "counter"});
    EXPECT_EQ(runtime.registry().whereis_pid("counter"), first.pid());
    try {
        (void)runtime.start<Counter>({.name = "counter"});
        FAIL();
    } catch (const spawned::Error &error) {
        EXPECT_EQ(error.code(), Status::exists);
    }
}

using Story = std::vector<std::string>;

class Hooked : public spawned::Actor<Hooked, Increment> {
public:
    explicit Hooked(Story *story) : story_(story) { story_->push_back("constructed"); }
    Hooked(const Hooked &) = delete;
    Hooked &operator=(const Hooked &) = delete;
    ~Hooked() { story_->push_back("destroyed"); }

    void started(Context &context) {
        story_->push_back("started");
        EXPECT_EQ(context.send(Increment{}), Status::ok);
    }
    void handle(Increment, Context &context) {
        story_->push_back("handled");
        context.stop();
    }
    void stopped(Context &, const spawned::ExitReason &reason) {
        story_->push_back("stopped " + reason.to_string());
    }

private:
    Story *story_;
};

TEST_F(Actors, RunTheirHooksInOrderAndEndBeforeAJoinReturns) {
    Story story;
    auto actor = runtime.start<Hooked>(&story);
    EXPECT_EQ(story, Story{"constructed"});
    EXPECT_EQ(actor.join(), Status::ok);
    EXPECT_EQ(story, (Story{"constructed", "started", "handled", "stopped normal", "destroyed"}));
}

TEST_F(Actors, TellTheirExitReasonFromTheEndOn) {
    auto counter = runtime.start<Counter>();
    EXPECT_EQ(counter.exit_reason(), std::nullopt);
    EXPECT_TRUE(counter.is_alive());
    EXPECT_EQ(counter.stop(), Status::ok);
    EXPECT_EQ(counter.wait_exit().kind(), ExitKind::normal);
    EXPECT_FALSE(counter.is_alive());
    EXPECT_FALSE(counter.exit_reason()->is_abnormal());

    auto killed = runtime.start<Counter>();
    EXPECT_EQ(killed.kill(), Status::ok);
    EXPECT_EQ(killed.wait_exit().to_string(), "killed");
    EXPECT_TRUE(killed.exit_reason()->is_abnormal());
}

TEST_F(Actors, AreReachedUnderEveryCopyOfTheirReference) {
    static_assert(sizeof(spawned::ActorRef<Counter>) == 8);
    static_assert(std::is_trivially_copyable_v<spawned::ActorRef<Counter>>);
    auto counter = runtime.start<Counter>();
    std::map<std::string, spawned::ActorRef<Counter>> known;
    known["it"] = counter;
    EXPECT_FALSE(static_cast<bool>(known["nobody"]));
    EXPECT_EQ(known["nobody"].send(Increment{}), Status::invalid);
    EXPECT_EQ(known["it"].send(Increment{}), Status::ok);
    EXPECT_EQ(counter.request(Get{}).unwrap(), 1);
    EXPECT_EQ(known["it"], counter);
    EXPECT_EQ(std::hash<spawned::ActorRef<Counter>>()(counter),
              std::hash<spawned::Pid>()(counter.pid()));
}

class Answer : public spawned::Actor<Answer, Get> {
public:
    int handle(Get, Context &) { return 42; }
};

TEST_F(Actors, OfDifferentClassesAreKeptTogetherAsRecipientsOfOneMessage) {
    static_assert(std::is_trivially_copyable_v<spawned::Recipient<Get>>);
    const std::vector<spawned::Recipient<Get>> all = {runtime.start<Answer>(),
                                                      runtime.start<Counter>(42)};
    for (const auto &one : all) EXPECT_EQ(one.request(Get{}).unwrap(), 42);
    for (const auto &one : all) EXPECT_EQ(one.send(Get{}), Status::ok);
    EXPECT_EQ(all[0].pid().stop(), Status::ok);
    EXPECT_EQ(all[0].pid().join(), Status::ok);
    EXPECT_EQ(all[0].request(Get{}, seconds(1)).get().error(), Status::stopped);
}

TEST_F(Actors, KnowTheirNamesInReports) {
    auto counter = runtime.start<Counter>();
    spawned_actor_report report = SPAWNED_ACTOR_REPORT_INIT;
    std::size_t count = 0;
    EXPECT_EQ(spawned_runtime_busy(runtime.c_handle(), &report, sizeof report, 1, &count),
              SPAWNED_OK);
    EXPECT_EQ(count, 1U);
    EXPECT_EQ(report.pid, counter.c_handle());
    EXPECT_STREQ(report.name, "(anonymous namespace)::Counter");
}

}  // namespace
