// What is not meant to be done, and what comes of it: the documented outcome, nothing lost, nobody hung.
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "cpp/world.hpp"

namespace {

using namespace test;
using spawned::ActorRef;
using spawned::Error;
using spawned::Pid;
using spawned::Recipient;
using spawned::Response;
using spawned::Result;
using spawned::RuntimeRef;
using spawned::Task;

struct Get {
    using Reply = int;
};
struct Never {
    using Reply = int;
};
// Asks the partner, who asks back.
struct AskPartner {
    using Reply = int;
    bool blocks;
};
struct SetPartner {
    Pid partner;
};
// Awaits a response that somebody else asked for; twice, if so told.
struct AwaitThis {
    using Reply = std::string;
    std::shared_ptr<Response<int>> response;
    bool twice;
};
struct AwaitFirstOfNone {
    using Reply = int;
};

class Partner : public spawned::Actor<Partner, Get, Never, AskPartner, SetPartner, AwaitThis,
                                      AwaitFirstOfNone> {
public:
    int handle(Get, Context &) { return 1; }
    spawned::Later handle(Never, Context &context) {
        kept_.push_back(context.detach<Never>());
        return {};
    }
    Task<Result<int>> handle(AskPartner message, Context &) {
        auto answer = ActorRef<Partner>(partner_).request(AskPartner{message.blocks});
        if (message.blocks) co_return answer.get();
        co_return co_await answer;
    }
    void handle(SetPartner message, Context &) { partner_ = message.partner; }
    Task<std::string> handle(AwaitThis message, Context &) {
        Result<int> result = co_await *message.response;
        if (message.twice) result = co_await *message.response;
        co_return result ? std::to_string(*result)
                         : std::string(spawned::name(result.error().code()));
    }
    Task<int> handle(AwaitFirstOfNone, Context &) {
        std::vector<Response<int>> none;
        co_return static_cast<int>(co_await spawned::any(none));
    }

private:
    Pid partner_;
    std::vector<spawned::ReplyTo<Never>> kept_;
};

class Misuse : public World {
protected:
    ActorRef<Partner> a = runtime.start<Partner>(), b = runtime.start<Partner>();

    std::string await_in(ActorRef<Partner> actor, Response<int> response, bool twice = false) {
        AwaitThis message{std::make_shared<Response<int>>(std::move(response)), twice};
        return actor.request(std::move(message)).unwrap();
    }
};

TEST_F(Misuse, AReferenceOfAnEndedActorAnswersStoppedEverywhere) {
    a.stop();
    a.join();
    EXPECT_EQ(a.send(SetPartner{}), Status::stopped);
    EXPECT_EQ(a.send_waiting(SetPartner{}).get().error(), Status::stopped);
    EXPECT_EQ(a.request(Get{}).get().error(), Status::stopped);
    EXPECT_EQ(a.send_after(milliseconds(1), SetPartner{}).error(), Status::stopped);
    EXPECT_EQ(a.send_interval(milliseconds(1), SetPartner{}).error(), Status::stopped);
    EXPECT_EQ(a.stop(), Status::stopped);
    EXPECT_EQ(a.kill(), Status::stopped);
    EXPECT_EQ(a.join(), Status::ok);
    EXPECT_FALSE(a.is_alive());
    EXPECT_THROW((void)spawned::token_of(a), Error);
    EXPECT_TRUE(spawned::ended(a).get().is_ok());
    const Recipient<Get> recipient = a;
    EXPECT_EQ(recipient.request({}).get().error(), Status::stopped);
    EXPECT_EQ(await_in(b, a.request(Get{})), "SPAWNED_ESTOPPED");
}

TEST_F(Misuse, AReferenceOfNobodyAnswersInvalid) {
    const ActorRef<Partner> nobody;
    EXPECT_EQ(nobody.send(SetPartner{}), Status::invalid);
    EXPECT_EQ(nobody.request(Get{}).get().error(), Status::invalid);
    EXPECT_EQ(nobody.stop(), Status::invalid);
    EXPECT_EQ(nobody.join(), Status::invalid);
    EXPECT_EQ(nobody.exit_reason(), std::nullopt);
    EXPECT_EQ(Recipient<SetPartner>().send({}), Status::invalid);
    EXPECT_EQ(spawned::listen(nobody, std::vector<SetPartner>(1)).get().error(), Status::stopped);
}

TEST(MisuseOfRuntimes, AReferenceOutlivesItsRuntimeAndAnswersStopped) {
    ActorRef<Partner> actor;
    std::optional<Response<int>> pending, answered;
    {
        spawned::Runtime runtime({.deterministic = true});
        actor = runtime.start<Partner>();
        answered = actor.request(Get{});
        spawned::Deterministic(runtime).run();
        pending = actor.request(Never{});
    }
    EXPECT_EQ(actor.send(SetPartner{}), Status::stopped);
    EXPECT_EQ(actor.request(Get{}).get().error(), Status::stopped);
    EXPECT_EQ(actor.join(), Status::ok);
    spawned::Runtime another({.deterministic = true});
    auto awaiting = another.start<Partner>();
    const auto await_in = [&](Response<int> response) {
        AwaitThis message{std::make_shared<Response<int>>(std::move(response)), false};
        return awaiting.request(std::move(message)).unwrap();
    };
    EXPECT_EQ(await_in(std::move(*answered)), "1");
    EXPECT_EQ(await_in(std::move(*pending)), "SPAWNED_ESTOPPED");
}

TEST(MisuseOfRuntimes, AResponseOfAnotherRuntimeIsNotAwaitedButRefused) {
    spawned::Runtime here({.deterministic = true}), there({.deterministic = true});
    AwaitThis message{std::make_shared<Response<int>>(there.start<Partner>().request(Never{})),
                      false};
    EXPECT_EQ(here.start<Partner>().request(std::move(message)).unwrap(), "SPAWNED_EINVAL");
}

TEST_F(Misuse, AnOutcomeIsGivenOnceInTasksToo) {
    EXPECT_EQ(await_in(a, b.request(Get{}), true), "SPAWNED_EALREADY");
    Response<int> moved_from = b.request(Get{});
    Response<int> response = std::move(moved_from);
    EXPECT_EQ(moved_from.get().error(), Status::already);  // NOLINT(bugprone-use-after-move)
    EXPECT_FALSE(moved_from.is_ok());
    EXPECT_EQ(response.unwrap(), 1);
    EXPECT_EQ(await_in(a, std::move(response)), "SPAWNED_EALREADY");
}

TEST_F(Misuse, ActorsThatAskInACircleLearnItAtOnceWithTheirNames) {
    EXPECT_EQ(a.send(SetPartner{b}), Status::ok);
    EXPECT_EQ(b.send(SetPartner{a}), Status::ok);
    for (const bool blocks : {false, true}) {
        const auto result = a.request(AskPartner{blocks}).get();
        EXPECT_EQ(result.error().code(), Status::deadlock);
        EXPECT_NE(result.error().text().find("Partner"), std::string_view::npos);
        EXPECT_EQ(a.request(Get{}).unwrap() + b.request(Get{}).unwrap(), 2);
    }
}

TEST_F(Misuse, TheFirstOfNoResponsesEndsWhoAsksForIt) {
    EXPECT_EQ(a.request(AwaitFirstOfNone{}).get().error(), Status::stopped);
    EXPECT_EQ(a.wait_exit().code(), Status::invalid);
}

TEST_F(Misuse, UnwrappingAnErrorThrowsItWithItsCodeAndText) {
    a.stop();
    a.join();
    try {
        (void)a.request(Get{}).expect("the first number");
        FAIL();
    } catch (const Error &error) {
        EXPECT_EQ(error.code(), Status::stopped);
        EXPECT_EQ(std::string(error.what()).find("actor stopped: the first number"), 0U);
    }
}

// Fails to be built where it would be handled.
struct Fragile {
    Counted counted;
    explicit Fragile(int *alive) : counted(alive) { throw std::length_error("too long"); }
};
class Breaker : public spawned::Actor<Breaker, Fragile> {
public:
    void handle(const Fragile &, Context &) { ADD_FAILURE(); }
};

TEST_F(Misuse, AMessageThatThrowsWhileItIsBuiltIsNotSentAndLeavesNothing) {
    int alive = 0;
    auto breaker = runtime.start<Breaker>();
    EXPECT_THROW((void)breaker.emplace<Fragile>(&alive), std::length_error);
    EXPECT_THROW((void)breaker.emplace_request<Fragile>(&alive), std::length_error);
    EXPECT_EQ(alive, 0);
    time.run();
    EXPECT_TRUE(breaker.is_alive());
}

TEST_F(Misuse, AStartThatCannotBeSaysWhy) {
    EXPECT_EQ(runtime.shutdown(), Status::ok);
    try {
        (void)runtime.start<Partner>();
        FAIL();
    } catch (const Error &error) {
        EXPECT_EQ(error.code(), Status::stopping);
    }
}

}  // namespace
