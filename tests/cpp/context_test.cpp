// What handlers may do with their context, and what nobody may after them; what destructors may do.
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "cpp/world.hpp"

namespace {

using namespace test;
using spawned::Response;

struct WhoAmI {
    using Reply = std::uint64_t;
};
struct StartChild {
    using Reply = spawned::Pid;
};
struct IsRequest {
    using Reply = bool;
};
struct KeepContext {};
struct Echo {
    using Reply = int;
    int value;
};
struct AskBlocking {
    using Reply = int;
};

class Self
    : public spawned::Actor<Self, WhoAmI, StartChild, IsRequest, KeepContext, Echo, AskBlocking> {
public:
    explicit Self(Context **kept = nullptr, bool *was_request = nullptr)
        : kept_(kept), was_request_(was_request) {}

    std::uint64_t handle(WhoAmI, Context &context) { return context.self().c_handle(); }
    spawned::Pid handle(StartChild, Context &context) { return context.runtime().start<Self>(); }
    bool handle(IsRequest, Context &context) {
        if (was_request_ != nullptr) *was_request_ = context.is_request();
        return context.is_request();
    }
    void handle(KeepContext, Context &context) { *kept_ = &context; }
    int handle(Echo message, Context &) { return message.value; }
    int handle(AskBlocking, Context &context) {
        auto child = context.runtime().start<Self>();
        return child.request(Echo{4}).unwrap() + child.request(Echo{5}).expect("the child");
    }

private:
    Context **kept_;
    bool *was_request_;
};

class Contexts : public World {};

TEST_F(Contexts, TellWhoseTheyAreAndStartOthers) {
    auto actor = runtime.start<Self>();
    EXPECT_EQ(actor.request(WhoAmI{}).unwrap(), actor.c_handle());
    const spawned::Pid child = actor.request(StartChild{}).unwrap();
    EXPECT_NE(child, actor.pid());
    EXPECT_TRUE(child.is_alive());
}

TEST_F(Contexts, TellWhetherSomebodyWaitsForTheAnswer) {
    bool was_request = true;
    auto actor = runtime.start<Self>(nullptr, &was_request);
    EXPECT_EQ(actor.send(IsRequest{}), Status::ok);
    time.run();
    EXPECT_FALSE(was_request);
    EXPECT_TRUE(actor.request(IsRequest{}).unwrap());
}

TEST_F(Contexts, AreRefusedOutsideTheirHandlers) {
    spawned::Context<Self> *kept = nullptr;
    auto actor = runtime.start<Self>(&kept);
    EXPECT_EQ(actor.send(KeepContext{}), Status::ok);
    time.run();
    ASSERT_NE(kept, nullptr);
    EXPECT_EQ(kept->stop(), Status::wrong_context);
    EXPECT_EQ(kept->forward(actor), Status::wrong_context);
    EXPECT_EQ(kept->send(Echo{1}), Status::invalid);
    EXPECT_TRUE(actor.is_alive());
}

TEST_F(Contexts, LetAHandlerBlockOnAnotherActor) {
    EXPECT_EQ(runtime.start<Self>().request(AskBlocking{}).unwrap(), 9);
}

TEST(ContextsOnThreads, LetAHandlerBlockOnAnotherActorOnEveryBackend) {
    spawned::Runtime runtime({.workers = 1});
    for (const auto backend :
         {spawned::Backend::pool, spawned::Backend::blocking, spawned::Backend::thread})
        EXPECT_EQ(runtime.start<Self>({.backend = backend}).request(AskBlocking{}).unwrap(), 9);
}

// Values whose destructors give handles back to the library, wherever they end.
struct Carry {
    Response<int> response;
    spawned::ReplyTo<Echo> reply;
};
struct TakeReply {
    using Reply = int;
};
class Carrier : public spawned::Actor<Carrier, Carry, Echo, TakeReply> {
public:
    void handle(Carry &&message, Context &) { kept_.emplace(std::move(message)); }
    spawned::Later handle(Echo, Context &context) {
        reply_ = context.detach<Echo>();
        return {};
    }
    int handle(TakeReply, Context &context) {
        EXPECT_EQ(context.send(Carry{Response<int>::ready(1), std::move(reply_)}), Status::ok);
        return 0;
    }

private:
    std::optional<Carry> kept_;
    spawned::ReplyTo<Echo> reply_;
};

TEST_F(Contexts, ValuesWithHandlesMayEndInMailboxesInStatesAndWithTheRuntime) {
    std::optional<Response<int>> last;
    auto other = runtime.start<Self>();
    for (const bool handled : {false, true}) {
        auto carrier = runtime.start<Carrier>();
        auto response = carrier.request(Echo{1});
        EXPECT_EQ(carrier.request(TakeReply{}).unwrap(), 0);
        EXPECT_EQ(carrier.send(Carry{other.request(Echo{2}), {}}), Status::ok);
        if (handled) time.run();
        carrier.kill();
        carrier.join();
        EXPECT_EQ(response.get().error(), Status::no_reply);
        EXPECT_EQ(carrier.send(Carry{other.request(Echo{3}), {}}), Status::stopped);
    }
    auto carrier = runtime.start<Carrier>();
    last.emplace(carrier.request(Echo{1}));
    EXPECT_EQ(carrier.request(TakeReply{}).unwrap(), 0);
    EXPECT_EQ(runtime.shutdown(), Status::ok);
    EXPECT_TRUE(last->is_err());
}

}  // namespace
