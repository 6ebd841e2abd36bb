// Monitors: who watches is told of an end, once, with its reason.
#include <stdexcept>
#include <string>
#include <vector>

#include "cpp/world.hpp"

namespace {

using namespace test;
using spawned::Ended;
using spawned::Event;
using spawned::ExitKind;
using spawned::Pid;
using spawned::Watcher;

struct Fail {
    std::string words;
};
struct Quit {};

class Worker : public spawned::Actor<Worker, Fail, Quit> {
public:
    explicit Worker(bool fit = true) {
        if (!fit) throw std::runtime_error("not fit");
    }
    void handle(const Fail &message, Context &) { throw spawned::Error(Status{7}, message.words); }
    void handle(Quit, Context &context) { context.stop(); }
};

struct WorkerGone : Ended {};
struct Told {
    Pid pid;
    Event monitor;
    std::uint64_t tag;
    std::string reason;
};
// Lets a worker fail, and then takes back that it wanted to know.
struct FailAndForget {
    spawned::ActorRef<Worker> worker;
    Event monitor;
};

class Nurse : public spawned::Actor<Nurse, Ended, WorkerGone, FailAndForget> {
public:
    Nurse(std::vector<Told> &told, std::vector<std::string> &gone) : told_(told), gone_(gone) {}

    void handle(const Ended &ended, Context &) {
        told_.push_back({ended.pid(), ended.monitor(), ended.tag(), ended.reason().to_string()});
    }
    void handle(const WorkerGone &gone, Context &) {
        gone_.push_back(gone.is_abnormal() ? "abnormal" : "as it should");
    }
    void handle(const FailAndForget &message, Context &context) {
        EXPECT_EQ(message.worker.send(Fail{"unheard"}), Status::ok);
        EXPECT_EQ(message.worker.join(), Status::ok);
        EXPECT_EQ(message.monitor.cancel(), Status::already);
        EXPECT_EQ(context.forget_monitor(message.monitor), Status::ok);
        EXPECT_EQ(context.forget_monitor(message.monitor), Status::already);
    }

private:
    std::vector<Told> &told_;
    std::vector<std::string> &gone_;
};

class Monitors : public World {
protected:
    std::vector<Told> told;
    std::vector<std::string> gone;
    spawned::ActorRef<Nurse> nurse = runtime.start<Nurse>(told, gone);
    spawned::ActorRef<Worker> worker = runtime.start<Worker>();
};

TEST_F(Monitors, TellWhoEndedAndHow) {
    const Event monitor = spawned::monitor({nurse, 7}, worker).value();
    EXPECT_EQ(worker.send(Fail{"on fire"}), Status::ok);
    time.run();
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told[0].pid, worker);
    EXPECT_EQ(told[0].monitor.c_handle(), monitor.c_handle());
    EXPECT_EQ(told[0].tag, 7U);
    EXPECT_EQ(told[0].reason, "failure in handler: on fire");
}

TEST_F(Monitors, TellTheWholeTextOfAFailure) {
    const std::string words(1000, 'x');
    EXPECT_TRUE(spawned::monitor(nurse, worker));
    EXPECT_EQ(worker.send(Fail{words}), Status::ok);
    time.run();
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told[0].reason, "failure in handler: " + words);
}

TEST_F(Monitors, TellAtOnceOfWhoHasEndedBefore) {
    EXPECT_EQ(worker.stop(), Status::ok);
    EXPECT_EQ(worker.join(), Status::ok);
    EXPECT_TRUE(spawned::monitor(nurse, worker));
    time.run();
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told[0].reason, "normal");
}

TEST_F(Monitors, TellByAMessageOfTheWatchersOwn) {
    auto other = runtime.start<Worker>();
    EXPECT_TRUE(spawned::monitor(Watcher::by<WorkerGone>(nurse), worker));
    EXPECT_TRUE(spawned::monitor(Watcher::by<WorkerGone>(nurse.recipient<WorkerGone>()), other));
    EXPECT_EQ(worker.kill(), Status::ok);
    time.run();
    EXPECT_EQ(other.send(Quit()), Status::ok);
    time.run();
    EXPECT_EQ(gone, (std::vector<std::string>{"abnormal", "as it should"}));
    EXPECT_TRUE(told.empty());
}

TEST_F(Monitors, TellNothingOnceTheyAreCancelledOrForgotten) {
    const Event cancelled = spawned::monitor(nurse, worker).value();
    EXPECT_EQ(cancelled.cancel(), Status::ok);
    const Event forgotten = spawned::monitor(nurse, worker).value();
    EXPECT_TRUE(nurse.request(FailAndForget{worker, forgotten}).get().is_ok());
    time.run();
    EXPECT_TRUE(told.empty());
}

TEST_F(Monitors, WatchFromTheStartOn) {
    auto [born, monitor] = runtime.start_monitored<Worker>(nurse);
    auto [named, other] = runtime.start_monitored<Worker>({nurse, 2}, {.name = "named"}, true);
    EXPECT_EQ(runtime.registry().whereis_pid("named").value(), named);
    EXPECT_EQ(born.kill(), Status::ok);
    EXPECT_EQ(named.send(Quit()), Status::ok);
    time.run();
    ASSERT_EQ(told.size(), 2U);
    const Told &first = told[0].pid == born ? told[0] : told[1];
    EXPECT_EQ(first.monitor.c_handle(), monitor.c_handle());
    EXPECT_EQ(first.reason, "killed");
    EXPECT_EQ((&first == &told[0] ? told[1] : told[0]).tag, 2U);
    EXPECT_EQ(other.cancel(), Status::already);
}

TEST_F(Monitors, SayNothingOfWhoWasNeverThere) {
    EXPECT_THROW((void)runtime.start_monitored<Worker>(nurse, false), std::runtime_error);
    EXPECT_THROW((void)runtime.start_monitored<Worker>(Pid()), spawned::Error);
    EXPECT_EQ(spawned::monitor(nurse, Pid()).error(), Status::invalid);
    EXPECT_EQ(spawned::monitor(Pid(), worker).error(), Status::invalid);
    time.run();
    EXPECT_TRUE(told.empty());
}

TEST_F(Monitors, AreHandledInTestsWithoutAnyEnd) {
    spawned_ended ended{};
    ended.pid = worker.c_handle();
    ended.exit.kind = SPAWNED_EXIT_KILLED;
    EXPECT_EQ(nurse.send(Ended(ended)), Status::ok);
    time.run();
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told[0].reason, "killed");
}

}  // namespace
