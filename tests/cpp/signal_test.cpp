// Signals as messages and responses: once, each time, and gone with who asked for them.
#include <csignal>
#include <string>

#include "cpp/world.hpp"

namespace {

using namespace test;
using spawned::raise_signal;
using spawned::send_on_each_signal;
using spawned::send_on_signal;
using spawned::signalled;

struct Note {
    std::string word;
};
struct Notes {
    using Reply = std::string;
};
struct Hold {
    Counted counted;
};
struct AwaitSignal {
    using Reply = int;
    int signal;
};

class Notebook : public spawned::Actor<Notebook, Note, Notes, Hold, AwaitSignal> {
public:
    void handle(const Note &message, Context &) { notes_ += message.word; }
    std::string handle(Notes, Context &) { return notes_; }
    void handle(const Hold &, Context &) {}
    Task<int> handle(AwaitSignal message, Context &context) {
        (co_await signalled(context.runtime(), message.signal)).unwrap();
        co_return message.signal;
    }

private:
    std::string notes_;
};

class Signals : public World {
protected:
    spawned::ActorRef<Notebook> notebook = runtime.start<Notebook>(),
                                other = runtime.start<Notebook>();

    std::string notes() { return notebook.request(Notes{}).unwrap(); }
};

TEST_F(Signals, SendOneMessageToEachWhoAskedForThem) {
    const spawned::Recipient<Note> recipient = other;
    EXPECT_TRUE(send_on_signal(notebook, SIGUSR1, Note{"a"}));
    EXPECT_TRUE(send_on_signal(notebook, SIGUSR1, Note{"b"}));
    EXPECT_TRUE(send_on_signal(recipient, SIGUSR1, Note{"c"}));
    EXPECT_EQ(raise_signal(runtime, SIGUSR2), Status::not_found);
    EXPECT_EQ(notes(), "");
    EXPECT_EQ(raise_signal(runtime, SIGUSR1), Status::ok);
    EXPECT_EQ(raise_signal(runtime, SIGUSR1), Status::not_found);
    EXPECT_EQ(notes(), "ab");
    EXPECT_EQ(other.request(Notes{}).unwrap(), "c");
}

TEST_F(Signals, SendACopyEachTimeUntilTakenAway) {
    const spawned::Event event = send_on_each_signal(notebook, SIGHUP, Note{"again "}).unwrap();
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(raise_signal(runtime, SIGHUP), Status::ok);
        time.run();
    }
    EXPECT_EQ(notes(), "again again again ");
    EXPECT_EQ(event.cancel(), Status::ok);
    EXPECT_EQ(raise_signal(runtime, SIGHUP), Status::not_found);
}

TEST_F(Signals, AreForgottenWithTheirReceiver) {
    int alive = 0;
    const auto once = send_on_signal(notebook, SIGUSR1, Hold{Counted(&alive)});
    const auto often = send_on_each_signal(notebook, SIGUSR1, Hold{Counted(&alive)});
    EXPECT_GE(alive, 2);
    notebook.stop();
    notebook.join();
    EXPECT_EQ(alive, 0);
    EXPECT_EQ(once->cancel(), Status::already);
    EXPECT_EQ(often->cancel(), Status::already);
    EXPECT_EQ(raise_signal(runtime, SIGUSR1), Status::not_found);
    EXPECT_EQ(send_on_signal(notebook, SIGUSR1, Hold{Counted(&alive)}).error(), Status::stopped);
    EXPECT_EQ(alive, 0);
}

TEST_F(Signals, AreAwaitedByAnyNumberAndNotMissedBeforeSomebodyWaits) {
    auto first = notebook.request(AwaitSignal{SIGINT}, spawned::Duration::forever()),
         second = other.request(AwaitSignal{SIGINT}, spawned::Duration::forever());
    auto outside = signalled(runtime, SIGINT);
    time.run();
    EXPECT_FALSE(first.is_ready() || second.is_ready() || outside.is_ready());
    EXPECT_EQ(raise_signal(runtime, SIGINT), Status::ok);
    EXPECT_TRUE(outside.is_ok());
    EXPECT_EQ(first.unwrap() + second.unwrap(), 2 * SIGINT);
    EXPECT_EQ(signalled(runtime, SIGINT, seconds(1)).get().error(), Status::timed_out);
    { auto dropped = signalled(runtime, SIGINT); }
    EXPECT_EQ(raise_signal(runtime, SIGINT), Status::not_found);
}

TEST_F(Signals, ThatCannotBeCaughtAreRefused) {
    EXPECT_EQ(send_on_signal(notebook, SIGKILL, Note{"never"}).error(), Status::invalid);
    EXPECT_EQ(signalled(runtime, 0).get().error(), Status::invalid);
    EXPECT_EQ(signalled(runtime, SIGSEGV).get().error(), Status::invalid);
}

// The process's disposition of SIGUSR1, set for a while.
class Disposition {
public:
    explicit Disposition(void (*handler)(int)) {
        struct sigaction action = {};
        action.sa_handler = handler;
        EXPECT_EQ(sigaction(SIGUSR1, &action, &before_), 0);
    }
    Disposition(const Disposition &) = delete;
    Disposition &operator=(const Disposition &) = delete;
    ~Disposition() { EXPECT_EQ(sigaction(SIGUSR1, &before_, nullptr), 0); }

    static auto now() {
        struct sigaction present = {};
        EXPECT_EQ(sigaction(SIGUSR1, nullptr, &present), 0);
        return present.sa_handler;
    }

private:
    struct sigaction before_ = {};
};

TEST(SignalsOfTheProcess, ReachEverybodyAndActAsBeforeAfterwards) {
    spawned::Runtime runtime({.workers = 1}), another({.workers = 1});
    auto here = signalled(runtime, SIGUSR1), there = signalled(another, SIGUSR1);
    EXPECT_NE(Disposition::now(), SIG_DFL);
    ASSERT_EQ(raise(SIGUSR1), 0);
    here.unwrap();
    there.unwrap();
    EXPECT_EQ(Disposition::now(), SIG_DFL);
}

TEST(SignalsOfTheProcess, LeaveAHandlerOfTheProgramAloneUnlessAskedToReplaceIt) {
    static int handled;
    handled = 0;
    const auto handler = [](int) { ++handled; };
    const Disposition own(handler);
    spawned::Runtime runtime({.workers = 1});
    EXPECT_EQ(signalled(runtime, SIGUSR1).get().error(), Status::exists);
    auto replaced = signalled(runtime, SIGUSR1, spawned::Duration::forever(), {.replace = true});
    ASSERT_EQ(raise(SIGUSR1), 0);
    replaced.unwrap();
    EXPECT_EQ(handled, 0);
    EXPECT_EQ(Disposition::now(), static_cast<void (*)(int)>(handler));
    ASSERT_EQ(raise(SIGUSR1), 0);
    EXPECT_EQ(handled, 1);
}

}  // namespace
