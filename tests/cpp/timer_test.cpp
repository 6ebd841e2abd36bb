// Timers from classes: once, at intervals, cancelled, gone with their actors.
#include <string>

#include "cpp/world.hpp"

namespace {

using namespace test;
using spawned::Timer;

struct Tick {};
struct Say {
    std::string word;
};
struct Ticks {
    using Reply = std::uint64_t;
};
struct Missed {
    using Reply = std::uint64_t;
};
struct Arm {
    unsigned milliseconds;
};
struct Words {
    using Reply = std::string;
};
struct Busy {
    unsigned milliseconds;
};

class Clock : public spawned::Actor<Clock, Tick, Say, Ticks, Missed, Arm, Words, Busy> {
public:
    void handle(Tick, Context &context) {
        ++ticks_;
        missed_ += context.missed();
    }
    void handle(Say &&message, Context &) { words_ += message.word; }
    std::uint64_t handle(Ticks, Context &) { return ticks_; }
    std::uint64_t handle(Missed, Context &) { return missed_; }
    void handle(Arm message, Context &context) {
        EXPECT_TRUE(context.send_after(milliseconds(message.milliseconds), Tick{}));
    }
    std::string handle(Words, Context &) { return words_; }
    spawned::Task<void> handle(Busy message, Context &) {
        (co_await spawned::sleep(milliseconds(message.milliseconds))).unwrap();
    }

private:
    std::uint64_t ticks_ = 0, missed_ = 0;
    std::string words_;
};

class Timers : public World {
protected:
    spawned::ActorRef<Clock> clock = runtime.start<Clock>();
};

TEST_F(Timers, SendOneMessageAfterTheDelay) {
    EXPECT_TRUE(clock.send_after(milliseconds(20), Say{"once"}));
    time.advance(milliseconds(19));
    EXPECT_EQ(clock.request(Words{}).unwrap(), "");
    time.advance(milliseconds(1));
    EXPECT_EQ(clock.request(Words{}).unwrap(), "once");
    time.advance(seconds(1));
    EXPECT_EQ(clock.request(Words{}).unwrap(), "once");
}

TEST_F(Timers, CancelledDoNotFire) {
    const Timer timer = clock.send_after(milliseconds(20), Say{"never"}).unwrap();
    EXPECT_EQ(timer.cancel(), Status::ok);
    EXPECT_EQ(timer.cancel(), Status::already);
    time.advance(seconds(1));
    EXPECT_EQ(clock.request(Words{}).unwrap(), "");
    EXPECT_EQ(Timer().cancel(), Status::invalid);
}

TEST_F(Timers, TickEachPeriodFromTheFirstOneOnUntilCancelled) {
    const Timer timer = clock.send_interval(milliseconds(100), Tick{}).unwrap();
    time.advance(milliseconds(99));
    EXPECT_EQ(clock.request(Ticks{}).unwrap(), 0U);
    time.advance(milliseconds(901));
    EXPECT_EQ(clock.request(Ticks{}).unwrap(), 10U);
    EXPECT_EQ(timer.cancel(), Status::ok);
    time.advance(seconds(1));
    EXPECT_EQ(clock.request(Ticks{}).unwrap(), 10U);
}

TEST_F(Timers, CopyTheirMessageForEachTick) {
    EXPECT_TRUE(clock.send_interval(milliseconds(10), Say{"a long word that is on the heap; "}));
    time.advance(milliseconds(30));
    EXPECT_EQ(clock.request(Words{}).unwrap().size(), 3 * 33U);
}

TEST_F(Timers, TellABusyActorHowManyTicksItMissed) {
    EXPECT_TRUE(clock.send_interval(milliseconds(10), Tick{}));
    EXPECT_EQ(clock.send(Busy{55}), Status::ok);
    time.advance(milliseconds(59));
    EXPECT_EQ(clock.request(Ticks{}).unwrap(), 1U);
    EXPECT_EQ(clock.request(Missed{}).unwrap(), 4U);
}

TEST_F(Timers, AreArmedByHandlersForTheirOwnNextTurn) {
    EXPECT_EQ(clock.send(Arm{7}), Status::ok);
    time.advance(milliseconds(7));
    EXPECT_EQ(clock.request(Ticks{}).unwrap(), 1U);
}

TEST_F(Timers, EndWithTheirActorAndAreRefusedAfterItsEnd) {
    int alive = 0;
    struct Carry {
        Counted counted;
    };
    class Carrier : public spawned::Actor<Carrier, Carry> {
    public:
        void handle(const Carry &, Context &) { ADD_FAILURE(); }
    };
    auto carrier = runtime.start<Carrier>();
    EXPECT_TRUE(carrier.send_after(milliseconds(20), Carry{Counted(&alive)}));
    EXPECT_EQ(alive, 1);
    carrier.stop();
    carrier.join();
    EXPECT_EQ(alive, 0);
    const auto refused = carrier.send_after(milliseconds(20), Carry{Counted(&alive)});
    EXPECT_EQ(refused.error(), Status::stopped);
    EXPECT_EQ(alive, 0);
    time.advance(seconds(1));
}

}  // namespace
