// Programs: their value, their failure, and how signals end them.
#include <atomic>
#include <csignal>
#include <string>

#include "cpp/world.hpp"

namespace {

using namespace test;
using spawned::Context;
using spawned::Error;
using spawned::RuntimeRef;
using spawned::Task;
using spawned::Token;

struct Nothing {};

// Notes its end.
class Noting : public spawned::Actor<Noting, Nothing> {
public:
    explicit Noting(std::atomic<int> *stopped) : stopped_(stopped) {}
    void handle(Nothing, Context &) {}
    void stopped(Context &) { ++*stopped_; }

private:
    std::atomic<int> *stopped_;
};

// As Ctrl-C does, on the thread that takes signals: the library's take none.
void interrupt(int signal = SIGINT) { EXPECT_EQ(std::raise(signal), 0); }

Task<int> sleep_for_ever(RuntimeRef runtime, Counted counted, std::atomic<int> *stopped) {
    (void)runtime.start<Noting>(stopped);
    EXPECT_EQ(spawned::raise_signal(runtime, SIGINT), Status::ok);
    (void)co_await runtime.sleep(seconds(3600));
    (void)counted;
    co_return 1;
}

TEST(Programs, EndInOrderAtASignal) {
    int alive = 0;
    std::atomic<int> stopped = 0;
    const int status = spawned::run(
        [&](RuntimeRef runtime) { return sleep_for_ever(runtime, Counted(&alive), &stopped); });
    EXPECT_EQ(status, 128 + SIGINT);
    EXPECT_EQ(stopped, 1);
    EXPECT_EQ(alive, 0);
}

Task<int> sleep_on(RuntimeRef runtime, Counted counted) {
    (void)co_await runtime.sleep(seconds(3600));
    (void)counted;
    co_return 1;
}

TEST(Programs, ThatASignalReachesBeforeTheirFirstStepEndLikewise) {
    int alive = 0;
    for (int round = 0; round < 20; ++round)
        EXPECT_EQ(spawned::run([&](RuntimeRef runtime) {
                      interrupt();
                      return sleep_on(runtime, Counted(&alive));
                  }),
                  128 + SIGINT);
    EXPECT_EQ(alive, 0);
}

Task<void> wait_until_told(RuntimeRef runtime, Token stop, std::string *events,
                           std::atomic<int> *stopped) {
    auto noting = runtime.start<Noting>(stopped);
    EXPECT_EQ(spawned::raise_signal(runtime, SIGTERM), Status::ok);
    (void)co_await stop.cancelled();
    *events += noting.is_alive() ? "told, " : "ended, ";
    (void)co_await runtime.sleep(milliseconds(1));
    *events += "done";
}

TEST(Programs, ThatTakeATokenEndByThemselves) {
    std::string events;
    std::atomic<int> stopped = 0;
    spawned::run([&](RuntimeRef runtime, Token stop) {
        return wait_until_told(runtime, stop, &events, &stopped);
    });
    EXPECT_EQ(events, "told, done");
    EXPECT_EQ(stopped, 1);
}

TEST(Programs, ThatAreFunctionsLearnOfASignalByTheEndOfWhatTheyWaitFor) {
    std::atomic<int> stopped = 0;
    EXPECT_EQ(spawned::run([&](RuntimeRef runtime) {
                  auto noting = runtime.start<Noting>(&stopped);
                  interrupt();
                  EXPECT_EQ(noting.join(), Status::ok);
                  noting.request(Nothing{}).unwrap();
                  return 3;
              }),
              128 + SIGINT);
    EXPECT_EQ(stopped, 1);
    EXPECT_THROW(spawned::run([&](RuntimeRef runtime) -> std::string {
                     auto noting = runtime.start<Noting>(&stopped);
                     interrupt();
                     EXPECT_EQ(noting.join(), Status::ok);
                     noting.request(Nothing{}).unwrap();
                     return "not reached";
                 }),
                 Error);
}

TEST(Programs, KeepAValueThatTheyGiveInSpiteOfASignal) {
    EXPECT_EQ(spawned::run([](RuntimeRef runtime) {
                  std::atomic<int> stopped = 0;
                  auto noting = runtime.start<Noting>(&stopped);
                  interrupt();
                  EXPECT_EQ(noting.join(), Status::ok);
                  return 3;
              }),
              3);
}

std::atomic<int> handled = 0;
void note_signal(int) { ++handled; }

TEST(Programs, LeaveTheProgramsOwnHandlerInPlace) {
    handled = 0;
    (void)std::signal(SIGINT, note_signal);
    EXPECT_EQ(spawned::run([](RuntimeRef) {
                  interrupt();
                  return 4;
              }),
              4);
    EXPECT_EQ(handled, 1);
    (void)std::signal(SIGINT, SIG_DFL);
    (void)std::signal(SIGTERM, note_signal);
    spawned::run([](RuntimeRef) { interrupt(SIGTERM); }, {.stop_on_signals = false});
    EXPECT_EQ(handled, 2);
    (void)std::signal(SIGTERM, SIG_DFL);
}

struct Hold {
    std::atomic<int> *held, *let_go;
};

class Holder : public spawned::Actor<Holder, Hold> {
public:
    void handle(Hold hold, Context &) {
        hold.held->store(1);
        hold.held->notify_all();
        hold.let_go->wait(0);
        hold.let_go->store(2);
        hold.let_go->notify_all();
    }
};

TEST(Programs, NameWhoIsBusyAfterTheDeadline) {
    static std::atomic<int> held, let_go;
    held = 0;
    let_go = 0;
    try {
        spawned::run(
            [](RuntimeRef runtime) {
                (void)runtime.start<Holder>({.name = "the holder"}).send(Hold{&held, &let_go});
                held.wait(0);
            },
            {.deadline = milliseconds(1)});
        ADD_FAILURE() << "it ended";
    } catch (const Error &error) {
        EXPECT_EQ(error.code(), Status::timed_out);
        EXPECT_NE(error.text().find("Holder"), std::string::npos) << error.what();
    }
    let_go.store(1);
    let_go.notify_all();
    let_go.wait(1);
}

}  // namespace
