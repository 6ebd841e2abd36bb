// Responses: waited for, polled, dropped, consumed twice, answered later, by others, or never.
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "cpp/world.hpp"

namespace {

using namespace test;
using spawned::Error;
using spawned::Response;
using spawned::Result;

struct Ask {
    using Reply = std::string;
    std::string word;
};
struct AskLater {
    using Reply = std::string;
};
struct AnswerNow {
    std::string word;
};
struct Count {
    using Reply = int;
};
struct Refuse {
    using Reply = int;
    bool really;
};
struct Own {
    using Reply = std::unique_ptr<int>;
    std::unique_ptr<int> value;
};
struct Unanswered {
    using Reply = int;
};
struct HandOn {
    using Reply = int;
};
struct AskMyself {
    using Reply = std::string;
};

class Answering : public spawned::Actor<Answering, Ask, AskLater, AnswerNow, Count, Refuse, Own,
                                        Unanswered, HandOn, AskMyself> {
public:
    explicit Answering(spawned::Pid other = {}) : other_(other) {}

    std::string handle(Ask &&message, Context &) {
        ++handled_;
        return message.word + "!";
    }
    spawned::Later handle(AskLater, Context &context) {
        later_ = context.detach<AskLater>();
        return {};
    }
    void handle(AnswerNow &&message, Context &) {
        EXPECT_EQ(later_.send(message.word), Status::ok);
    }
    int handle(Count, Context &) { return handled_; }
    Result<int> handle(Refuse message, Context &) {
        if (message.really) return Error(Status{7}, "not for you");
        return 7;
    }
    std::unique_ptr<int> handle(Own message, Context &) { return std::move(message.value); }
    spawned::Later handle(Unanswered, Context &) { return {}; }
    spawned::Later handle(HandOn, Context &context) {
        EXPECT_EQ(context.forward(other_), Status::ok);
        return {};
    }
    std::string handle(AskMyself, Context &context) {
        return context.self().request(Ask{"me"}).unwrap();
    }

private:
    int handled_ = 0;
    spawned::Pid other_;
    spawned::ReplyTo<AskLater> later_;
};

class HandedOn : public spawned::Actor<HandedOn, HandOn> {
public:
    int handle(HandOn, Context &) { return 99; }
};

class Responses : public World {
protected:
    spawned::ActorRef<Answering> actor = runtime.start<Answering>();
};

TEST_F(Responses, GiveTheirValueOnce) {
    Response<std::string> response = actor.request(Ask{"hi"});
    EXPECT_EQ(response.unwrap(), "hi!");
    EXPECT_FALSE(response.is_ok());
    const auto again = response.get();
    EXPECT_EQ(again.error(), Status::already);
    EXPECT_THROW((void)response.unwrap(), Error);
}

TEST_F(Responses, ArePendingUntilThereIsAnOutcome) {
    Response<std::string> response = actor.request(Ask{"hi"});
    EXPECT_FALSE(response.is_ready());
    EXPECT_FALSE(response.is_ok());
    EXPECT_FALSE(response.is_err());
    EXPECT_FALSE(response.get_for(milliseconds(0)).has_value());
    time.run();
    EXPECT_TRUE(response.is_ready());
    EXPECT_TRUE(response.is_ok());
    EXPECT_EQ(response.get_for(milliseconds(0)).value().unwrap(), "hi!");
}

TEST_F(Responses, OfAnEndedActorAreErrorsFromTheStart) {
    actor.stop();
    actor.join();
    Response<std::string> response = actor.request(Ask{"hi"});
    EXPECT_TRUE(response.is_err());
    EXPECT_FALSE(response.is_ok());
    EXPECT_EQ(response.get().error(), Status::stopped);
}

TEST_F(Responses, AreTransformedWithMapWhichLeavesErrorsAlone) {
    auto length = [](const std::string &word) { return word.size(); };
    Response<std::size_t> mapped = actor.request(Ask{"hi"}).map(length);
    EXPECT_TRUE(mapped.is_ok());
    EXPECT_EQ(mapped.unwrap(), 3U);
    bool called = false;
    auto note = [&](const std::string &) { called = true; };
    Response<void> failed = actor.request(AskLater{}, milliseconds(5)).map(note);
    EXPECT_TRUE(failed.is_err());
    EXPECT_EQ(failed.get().error(), Status::timed_out);
    EXPECT_FALSE(called);
}

TEST_F(Responses, SayWhatWasExpectedOfThem) {
    EXPECT_EQ(actor.request(Ask{"hi"}).expect("asking"), "hi!");
    try {
        (void)actor.request(AskLater{}, milliseconds(5)).expect("waiting for the late one");
        FAIL();
    } catch (const Error &error) {
        EXPECT_TRUE(error.text().starts_with("waiting for the late one: "));
        EXPECT_EQ(error.code(), Status::timed_out);
    }
}

TEST_F(Responses, DroppedDoNotRetractTheirMessages) {
    { auto dropped = actor.request(Ask{"hi"}); }
    EXPECT_EQ(actor.request(Count{}).unwrap(), 1);
}

TEST_F(Responses, AreGivenLaterByAReplyTaken) {
    auto response = actor.request(AskLater{});
    time.run();
    EXPECT_FALSE(response.is_ready());
    EXPECT_EQ(actor.send(AnswerNow{"late"}), Status::ok);
    EXPECT_EQ(response.unwrap(), "late");
}

TEST_F(Responses, EndWithoutReplyWhenTheDutyIsDropped) {
    auto response = actor.request(AskLater{});
    time.run();
    actor.stop();
    EXPECT_EQ(response.get().error(), Status::no_reply);
    auto other = runtime.start<Answering>();
    EXPECT_EQ(other.request(Unanswered{}).get().error(), Status::no_reply);
}

TEST_F(Responses, ComeFromAnotherActorWhenForwarded) {
    auto behind = runtime.start<HandedOn>();
    auto front = runtime.start<Answering>(behind.pid());
    EXPECT_EQ(front.request(HandOn{}).unwrap(), 99);
}

TEST_F(Responses, CarryAnErrorThatLeavesTheActorAlive) {
    const auto refused = actor.request(Refuse{true}).get();
    EXPECT_EQ(refused.error().code(), Status{7});
    EXPECT_EQ(refused.error().text(), "not for you");
    EXPECT_EQ(actor.request(Refuse{false}).unwrap(), 7);
    EXPECT_EQ(actor.send(Refuse{true}), Status::ok);
    EXPECT_EQ(actor.request(Refuse{false}).unwrap(), 7);
}

TEST_F(Responses, CarryWhatOnlyMoves) {
    EXPECT_EQ(*actor.request(Own{std::make_unique<int>(5)}).unwrap(), 5);
    { auto dropped = actor.request(Own{std::make_unique<int>(6)}); }
    time.run();
}

TEST_F(Responses, TimeOutAfterFiveSecondsUnlessToldOtherwise) {
    auto usual = actor.request(AskLater{});
    time.advance(milliseconds(4999));
    EXPECT_FALSE(usual.is_ready());
    time.advance(seconds(1));
    EXPECT_EQ(usual.get().error(), Status::timed_out);
}

TEST_F(Responses, ToOneselfAreADeadlockAndNameIt) {
    const auto result = actor.request(AskMyself{}).get();
    EXPECT_EQ(result.error(), Status::stopped);
    EXPECT_EQ(actor.wait_exit().code(), Status::deadlock);
}

TEST_F(Responses, MayBeReadyFromTheStart) {
    auto ready = Response<int>::ready(4);
    EXPECT_TRUE(ready.is_ok());
    EXPECT_EQ(ready.c_handle(), nullptr);
    Response<int> moved = std::move(ready);
    EXPECT_EQ(moved.unwrap(), 4);
    auto failed = Response<int>::ready(Error(Status::full));
    EXPECT_TRUE(failed.is_err());
    failed = Response<int>::ready(5);
    EXPECT_EQ(failed.unwrap(), 5);
}

TEST(ResponsesAndRuntimes, OutliveTheRuntimeTheyCameFrom) {
    std::optional<Response<std::string>> pending, answered;
    {
        spawned::Runtime runtime({.deterministic = true});
        auto actor = runtime.start<Answering>();
        answered = actor.request(Ask{"hi"});
        spawned::Deterministic(runtime).run();
        pending = actor.request(AskLater{});
    }
    EXPECT_EQ(answered->unwrap(), "hi!");
    EXPECT_TRUE(pending->is_err());
    EXPECT_EQ(pending->get().error(), Status::stopped);
}

TEST(ResponsesOnThreads, AreWaitedForByManyThreadsAtOnce) {
    spawned::Runtime runtime({.workers = 2});
    auto actor = runtime.start<Answering>();
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&actor, t] {
            for (int i = 0; i < 200; ++i) {
                const std::string word = std::to_string(t * 1000 + i);
                EXPECT_EQ(actor.request(Ask{word}).unwrap(), word + "!");
            }
        });
    for (auto &thread : threads) thread.join();
    EXPECT_EQ(actor.request(Count{}).unwrap(), 800);
}

struct Slow {
    using Reply = int;
};
// The thread ends before the actor, and so before the runtime, under which its calls must not be.
class Holder : public spawned::Actor<Holder, Slow> {
public:
    ~Holder() { thread_.join(); }
    spawned::Later handle(Slow, Context &context) {
        thread_ = std::thread([reply = context.detach<Slow>()]() mutable {
            EXPECT_TRUE(reply.is_wanted());
            EXPECT_EQ(reply.send(12), Status::ok);
            EXPECT_EQ(reply.send(13), Status::already);
        });
        return {};
    }

private:
    std::thread thread_;
};

TEST(ResponsesOnThreads, AreAnsweredFromAThreadThatIsNobodys) {
    spawned::Runtime runtime({.workers = 1});
    EXPECT_EQ(runtime.start<Holder>().request(Slow{}).unwrap(), 12);
}

}  // namespace
