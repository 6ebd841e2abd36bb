// What leaves a handler by exception: its actor's exit reason, with type and text, whatever it is.
#include <stdexcept>
#include <string>

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

}  // namespace
