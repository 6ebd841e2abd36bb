// Links and exit signals: who ends with whom, and who is told instead.
#include <stdexcept>
#include <string>
#include <vector>

#include "cpp/world.hpp"

namespace {

using namespace test;
using spawned::ActorRef;
using spawned::ExitKind;
using spawned::ExitReason;
using spawned::ExitSignal;
using spawned::Pid;

struct Fail {
    std::string words;
};
struct Quit {};
struct Trap {
    bool on;
};
struct StartHalf {
    using Reply = Pid;
};
struct Gone : spawned::Ended {};

class Half : public spawned::Actor<Half, Fail, Quit, Trap, StartHalf, ExitSignal> {
public:
    explicit Half(std::vector<std::string> &told) : told_(told) {}

    void handle(const Fail &message, Context &) { throw spawned::Error(Status{7}, message.words); }
    void handle(Quit, Context &context) { context.stop(); }
    void handle(Trap trap, Context &context) {
        EXPECT_EQ(trap.on ? context.trap_exits() : context.untrap_exits(), Status::ok);
    }
    Pid handle(StartHalf, Context &context) {
        return context.runtime().start_linked<Half>(context.self(), {.name = "born"},
                                                    std::ref(told_));
    }
    void handle(const ExitSignal &signal, Context &) {
        told_.push_back((signal.pid() ? "" : "from outside: ") + signal.reason().to_string());
    }

private:
    std::vector<std::string> &told_;
};

class Keeper : public spawned::Actor<Keeper, Gone> {
public:
    explicit Keeper(std::vector<std::string> &told) : told_(told) {}
    void started(Context &context) { EXPECT_EQ(context.trap_exits<Gone>(), Status::ok); }
    void handle(const Gone &gone, Context &) {
        told_.push_back("gone: " + gone.reason().to_string());
    }

private:
    std::vector<std::string> &told_;
};

class Links : public World {
protected:
    std::vector<std::string> told;
    ActorRef<Half> one = runtime.start<Half>(std::ref(told));
    ActorRef<Half> other = runtime.start<Half>(std::ref(told));
};

TEST_F(Links, EndBothForTheReasonOfTheOne) {
    EXPECT_EQ(spawned::link(one, other), Status::ok);
    EXPECT_EQ(one.send(Fail{"on fire"}), Status::ok);
    const ExitReason reason = other.wait_exit();
    EXPECT_EQ(reason.kind(), ExitKind::failure);
    EXPECT_EQ(reason.code(), Status{7});
    EXPECT_EQ(reason.text(), "on fire");
}

TEST_F(Links, LetTheOtherGoOnAfterANormalEndOrAnUnlink) {
    auto third = runtime.start<Half>(std::ref(told));
    EXPECT_EQ(spawned::link(one, other), Status::ok);
    EXPECT_EQ(spawned::link(third, other), Status::ok);
    EXPECT_EQ(spawned::unlink(other, third), Status::ok);
    EXPECT_EQ(one.send(Quit()), Status::ok);
    EXPECT_EQ(third.send(Fail{"unheard"}), Status::ok);
    time.run();
    EXPECT_FALSE(third.is_alive());
    EXPECT_TRUE(other.is_alive());
}

TEST_F(Links, TellWhoTrapsExits) {
    const std::string words(200, 'x');
    EXPECT_TRUE(other.request(Trap{true}).get().is_ok());
    EXPECT_EQ(spawned::link(one, other), Status::ok);
    EXPECT_EQ(one.send(Fail{words}), Status::ok);
    time.run();
    ASSERT_EQ(told.size(), 1U);
    EXPECT_TRUE(told[0].ends_with(": " + words)) << told[0];
    EXPECT_TRUE(other.request(Trap{false}).get().is_ok());
    EXPECT_EQ(spawned::send_exit(other, ExitReason::shutdown()), Status::ok);
    EXPECT_EQ(other.wait_exit().kind(), ExitKind::shutdown);
}

TEST_F(Links, AreTrappedAsAMessageOfTheActorsOwn) {
    auto keeper = runtime.start<Keeper>(std::ref(told));
    time.run();
    EXPECT_EQ(spawned::link(keeper, one), Status::ok);
    EXPECT_EQ(one.kill(), Status::ok);
    time.run();
    EXPECT_EQ(told, (std::vector<std::string>{"gone: killed"}));
}

TEST_F(Links, AreThereFromTheBirthOn) {
    const Pid born = one.request(StartHalf()).unwrap();
    EXPECT_EQ(runtime.registry().whereis_pid("born").value(), born);
    EXPECT_EQ(one.kill(), Status::ok);
    EXPECT_EQ(born.wait_exit().kind(), ExitKind::killed);
    EXPECT_EQ(runtime.start_linked<Half>(other, std::ref(told)).is_alive(), true);
    EXPECT_THROW((void)runtime.start_linked<Half>(Pid(), std::ref(told)), spawned::Error);
    EXPECT_THROW((void)runtime.start_linked<Half>(one, std::ref(told)), spawned::Error);
}

TEST_F(Links, SignalsFromOutsideEndAnActorForTheirReason) {
    EXPECT_EQ(spawned::send_exit(one, ExitReason::normal()), Status::ok);
    time.run();
    EXPECT_TRUE(one.is_alive());
    EXPECT_EQ(spawned::send_exit(one, ExitReason::failure(Status{9}, "enough")), Status::ok);
    const ExitReason reason = one.wait_exit();
    EXPECT_EQ(reason.code(), Status{9});
    EXPECT_EQ(reason.text(), "enough");
    EXPECT_TRUE(other.request(Trap{true}).get().is_ok());
    EXPECT_EQ(spawned::send_exit(other, ExitReason::failure(Status{9}, "enough")), Status::ok);
    time.run();
    ASSERT_EQ(told.size(), 1U);
    EXPECT_TRUE(told[0].starts_with("from outside: failure")) << told[0];
    EXPECT_TRUE(told[0].ends_with(": enough")) << told[0];
    EXPECT_EQ(spawned::send_exit(other, ExitReason::killed()), Status::ok);
    EXPECT_EQ(other.wait_exit().kind(), ExitKind::killed);
    EXPECT_EQ(spawned::send_exit(other, ExitReason::failure(Status::ok)), Status::invalid);
    EXPECT_EQ(spawned::send_exit(Pid(), ExitReason::shutdown()), Status::invalid);
    EXPECT_EQ(spawned::link(one, Pid()), Status::invalid);
    EXPECT_EQ(spawned::link(one, other), Status::stopped);
}

}  // namespace
