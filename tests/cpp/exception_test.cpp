// What leaves a handler by exception: its actor's exit reason, with type and text, whatever it is.
#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <vector>

#include "cpp/world.hpp"

namespace {

using namespace test;
using spawned::ExitKind;
using spawned::ExitPlace;

struct Throw {
    int what;
};
struct Ask {
    using Reply = int;
    int what;
};

struct Odd {};
struct Custom : std::logic_error {
    using std::logic_error::logic_error;
};

[[noreturn]] void throw_one(int what) {
    switch (what) {
        case 0:
            throw std::runtime_error("on fire");
        case 1:
            throw Custom("my own");
        case 2:
            throw std::string("a string");
        case 3:
            throw "a literal";
        case 4:
            throw 42;
        case 5:
            throw Odd{};
        case 6:
            throw spawned::Error(Status{17}, "not enough");
        case 7:
            throw std::bad_alloc();
        default:
            throw static_cast<const char *>(nullptr);
    }
}

class Thrower : public spawned::Actor<Thrower, Throw, Ask> {
public:
    explicit Thrower(int in_started = -1, int in_stopped = -1)
        : in_started_(in_started), in_stopped_(in_stopped) {}

    void started(Context &) {
        if (in_started_ >= 0) throw_one(in_started_);
    }
    void stopped(Context &) {
        if (in_stopped_ >= 0) throw_one(in_stopped_);
    }
    void handle(Throw message, Context &) { throw_one(message.what); }
    int handle(Ask message, Context &) { throw_one(message.what); }

private:
    int in_started_;
    int in_stopped_;
};

class Exceptions : public World {};

TEST_F(Exceptions, OfEveryTypeBecomeTheExitReason) {
    const struct {
        int what;
        Status code;
        std::string text;
    } cases[] = {{0, Status::failed, "std::runtime_error: on fire"},
                 {1, Status::failed, "(anonymous namespace)::Custom: my own"},
                 {2, Status::failed, "a string"},
                 {3, Status::failed, "a literal"},
                 {4, Status::failed, "int"},
                 {5, Status::failed, "(anonymous namespace)::Odd"},
                 {6, Status{17}, "not enough"},
                 {7, Status::no_memory, "std::bad_alloc"},
                 {8, Status::failed, ""}};
    for (const auto &one : cases) {
        auto actor = runtime.start<Thrower>();
        EXPECT_EQ(actor.send(Throw{one.what}), Status::ok);
        const spawned::ExitReason reason = actor.wait_exit();
        EXPECT_EQ(reason.kind(), ExitKind::failure);
        EXPECT_EQ(reason.place(), ExitPlace::handler);
        EXPECT_EQ(reason.code(), one.code);
        EXPECT_EQ(reason.text(), one.text);
        EXPECT_TRUE(reason.is_abnormal());
    }
}

TEST_F(Exceptions, InStartedEndTheActorBeforeAnyMessage) {
    auto actor = runtime.start<Thrower>(0);
    EXPECT_EQ(actor.send(Throw{1}), Status::ok);
    const spawned::ExitReason reason = actor.wait_exit();
    EXPECT_EQ(reason.place(), ExitPlace::started);
    EXPECT_EQ(reason.to_string(), "failure in started: std::runtime_error: on fire");
    EXPECT_EQ(actor.send(Throw{1}), Status::stopped);
}

TEST_F(Exceptions, InStoppedStillCompleteTheEndAndBecomeTheReason) {
    auto actor = runtime.start<Thrower>(-1, 0);
    EXPECT_EQ(actor.stop(), Status::ok);
    EXPECT_EQ(actor.join(), Status::ok);
    EXPECT_EQ(actor.exit_reason()->place(), ExitPlace::stopped);
}

TEST_F(Exceptions, AreToldToTheRequesterAtOnce) {
    auto actor = runtime.start<Thrower>();
    const auto result = actor.request(Ask{0}).get();
    EXPECT_EQ(result.error().code(), Status::stopped);
    EXPECT_EQ(result.error().text(), "std::runtime_error: on fire");
    EXPECT_EQ(actor.wait_exit().text(), "std::runtime_error: on fire");
}

TEST_F(Exceptions, WithALongTextAreCutNotLost) {
    class Talker : public spawned::Actor<Talker, Throw> {
    public:
        void handle(Throw, Context &) { throw std::runtime_error(std::string(5000, 'x')); }
    };
    auto actor = runtime.start<Talker>();
    EXPECT_EQ(actor.send(Throw{0}), Status::ok);
    const std::string text = actor.wait_exit().text();
    EXPECT_EQ(text.size(), 1024U);
    EXPECT_TRUE(text.starts_with("std::runtime_error: xxx"));
}

// Whose copies fail: all of them, or the first ones.
struct Stubborn {
    Counted counted;
    int *refusals;
    explicit Stubborn(int *alive, int *left) : counted(alive), refusals(left) {}
    Stubborn(const Stubborn &other) : counted(other.counted), refusals(other.refusals) {
        if (*refusals > 0 && (*refusals)-- > 0) throw std::length_error("no further copy");
    }
    Stubborn(Stubborn &&other) noexcept = default;
};

class Collector : public spawned::Actor<Collector, Stubborn> {
public:
    explicit Collector(std::vector<std::uint64_t> *missed) : missed_(missed) {}
    void handle(const Stubborn &, Context &context) { missed_->push_back(context.missed()); }

private:
    std::vector<std::uint64_t> *missed_;
};

TEST_F(Exceptions, OfACopyAreATickThatIsMissed) {
    int alive = 0, refusals = 2;
    std::vector<std::uint64_t> missed;
    auto collector = runtime.start<Collector>(&missed);
    const auto timer = collector.send_interval(milliseconds(1), Stubborn(&alive, &refusals));
    time.advance(milliseconds(4));
    EXPECT_EQ(missed, (std::vector<std::uint64_t>{2, 0}));
    EXPECT_EQ(timer->cancel(), Status::ok);
    EXPECT_EQ(alive, 0);
}

TEST_F(Exceptions, OfACopyGiveNoValueAndLeaveTheName) {
    int alive = 0, refusals = 0;
    EXPECT_EQ(runtime.registry().put("stubborn", Stubborn(&alive, &refusals)), Status::ok);
    refusals = 1;
    EXPECT_FALSE(runtime.registry().whereis<Stubborn>("stubborn"));
    EXPECT_EQ(alive, 1);
    EXPECT_TRUE(runtime.registry().whereis<Stubborn>("stubborn"));
    EXPECT_EQ(runtime.registry().unregister("stubborn"), Status::ok);
    EXPECT_EQ(alive, 0);
}

TEST_F(Exceptions, OfAClosureThatIsHandedOverSendNothingAndLoseNothing) {
    struct Closure {
        Closure() = default;
        Closure(const Closure &) { throw std::length_error("no copy"); }
        void operator()() const { ADD_FAILURE(); }
    };
    int alive = 0, refusals = 0;
    std::vector<std::uint64_t> missed;
    auto collector = runtime.start<Collector>(&missed);
    const Closure closure;
    EXPECT_THROW((void)spawned::send_on(collector, closure, Stubborn(&alive, &refusals)),
                 std::length_error);
    time.run();
    EXPECT_EQ(alive, 0);
    EXPECT_TRUE(missed.empty());
}

// It is called by whoever cancels, and on whatever thread: there is nobody to catch it.
TEST(ExceptionsDeathTest, OfATokensCallbackEndTheProgram) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_DEATH(
        {
            const spawned::Runtime runtime({.deterministic = true});
            const spawned::Token token = runtime.token();
            const auto guard = token.on_cancel([] { throw std::runtime_error("not caught"); });
            try {
                (void)token.cancel();
            } catch (...) {
            }
            std::quick_exit(0);
        },
        "");
}

}  // namespace
