// Tokens, and messages that are sent when something happens.
#include <string>
#include <utility>

#include "cpp/world.hpp"

namespace {

using namespace test;
using spawned::Token;

struct Note {
    std::string word;
};
struct Notes {
    using Reply = std::string;
};
struct AwaitEnd {
    using Reply = std::string;
    spawned::Pid whom;
};
struct AwaitCancel {
    using Reply = int;
    Token token;
};

class Notebook : public spawned::Actor<Notebook, Note, Notes, AwaitEnd, AwaitCancel> {
public:
    void handle(const Note &message, Context &) { notes_ += message.word; }
    std::string handle(Notes, Context &) { return notes_; }
    Task<std::string> handle(AwaitEnd message, Context &) {
        (co_await spawned::ended(message.whom)).unwrap();
        co_return message.whom.exit_reason()->to_string();
    }
    Task<int> handle(AwaitCancel message, Context &) {
        (co_await message.token.cancelled()).unwrap();
        co_return 1;
    }

private:
    std::string notes_;
};

class Events : public World {
protected:
    spawned::ActorRef<Notebook> notebook = runtime.start<Notebook>(),
                                other = runtime.start<Notebook>();
};

TEST_F(Events, SendWhenAnActorHasEnded) {
    EXPECT_TRUE(spawned::send_on_end(notebook, other, Note{"gone"}));
    time.run();
    EXPECT_EQ(notebook.request(Notes{}).unwrap(), "");
    other.stop();
    EXPECT_EQ(other.join(), Status::ok);
    EXPECT_EQ(notebook.request(Notes{}).unwrap(), "gone");
    EXPECT_TRUE(spawned::send_on_end(notebook, other, Note{" long ago"}));
    EXPECT_EQ(notebook.request(Notes{}).unwrap(), "gone long ago");
}

TEST_F(Events, SendWhenATokenIsCancelled) {
    const Token token = runtime.token();
    EXPECT_TRUE(spawned::send_on_cancel(notebook, token, Note{"cancelled"}));
    const spawned::Event taken_away =
        spawned::send_on_cancel(notebook, token, Note{"never"}).unwrap();
    EXPECT_EQ(taken_away.cancel(), Status::ok);
    EXPECT_EQ(token.cancel(), Status::ok);
    EXPECT_EQ(notebook.request(Notes{}).unwrap(), "cancelled");
}

TEST_F(Events, SendWhenAClosureHasReturned) {
    bool ran = false;
    spawned::Recipient<Note> to = notebook;
    EXPECT_TRUE(spawned::send_on(
        to, [&] { ran = true; }, Note{"done"}));
    time.run();
    EXPECT_TRUE(ran);
    EXPECT_EQ(notebook.request(Notes{}).unwrap(), "done");
}

TEST_F(Events, SendNothingWhenTheReceiverEndsFirst) {
    int alive = 0;
    notebook.stop();
    notebook.join();
    const auto refused = spawned::send_on(
        notebook, [counted = Counted(&alive)] { (void)counted; }, Note{"late"});
    EXPECT_EQ(refused.error(), Status::stopped);
    EXPECT_EQ(alive, 0);
}

TEST_F(Events, AreAwaited) {
    auto end = notebook.request(AwaitEnd{other});
    time.run();
    EXPECT_FALSE(end.is_ready());
    other.kill();
    EXPECT_EQ(end.unwrap(), "killed");
    const Token token = runtime.token();
    auto cancelled = notebook.request(AwaitCancel{token});
    time.run();
    EXPECT_FALSE(cancelled.is_ready());
    token.cancel();
    EXPECT_EQ(cancelled.unwrap(), 1);
}

TEST_F(Events, TokensAreCancelledOnceWithTheirChildren) {
    const Token parent = runtime.token();
    const Token child = runtime.token(parent);
    int calls = 0, alive = 0;
    {
        auto guard = child.on_cancel([&calls, counted = Counted(&alive)] { ++calls; });
        auto moved = std::move(guard);
        {
            auto gone = child.on_cancel([&calls] { calls += 100; });
        }
        EXPECT_FALSE(child.is_cancelled());
        EXPECT_EQ(parent.cancel(), Status::ok);
        EXPECT_TRUE(child.is_cancelled());
        EXPECT_EQ(calls, 1);
        EXPECT_EQ(child.cancel(), Status::already);
    }
    EXPECT_EQ(alive, 0);
    {
        auto late = child.on_cancel([&calls] { ++calls; });
    }
    EXPECT_EQ(calls, 2);
    EXPECT_FALSE(Token().is_cancelled());
    EXPECT_EQ(Token().cancel(), Status::invalid);
    EXPECT_THROW((void)Token().on_cancel([] {}), spawned::Error);
}

TEST_F(Events, AnActorsOwnTokenIsCancelledByItsStop) {
    const Token token = spawned::token_of(notebook);
    EXPECT_FALSE(token.is_cancelled());
    notebook.stop();
    EXPECT_TRUE(token.is_cancelled());
}

}  // namespace
