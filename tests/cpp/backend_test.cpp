// One class of actors, unchanged, wherever it may run: on each backend of a deterministic runtime, of one with
// threads, and of one in threads mode. Nothing here waits for a time to pass that is not the runtime's own.
#include <atomic>
#include <stdexcept>
#include <string>
#include <thread>
#include <type_traits>
#include <vector>

#include "cpp/world.hpp"

namespace {

using namespace test;
using spawned::ActorRef;
using spawned::Backend;
using spawned::Error;
using spawned::ExitKind;
using spawned::ExitPlace;
using spawned::StartOptions;
using spawned::Task;

struct Increment {};
struct Get {
    using Reply = int;
};
struct StopAfter {
    using Reply = int;
};
struct Fail {
    using Reply = int;
};
// Adds what another one has: by awaiting it, or by blocking on it.
struct AddOf {
    using Reply = int;
    spawned::Pid whom;
    bool blocks;
};
struct AddByClosure {
    using Reply = int;
};
struct SleepFor {
    using Reply = int;
    spawned::Duration duration;
};
// Waits for ever, holding something.
struct Hold {
    Counted *counted;
};
struct Tick {};

class Counter : public spawned::Actor<Counter, Increment, Get, StopAfter, Fail, AddOf, AddByClosure,
                                      SleepFor, Hold, Tick> {
public:
    explicit Counter(int from = 0, ExitPlace fails = ExitPlace::none)
        : count_(from), fails_(fails) {}

    void started(Context &) { fail_if(ExitPlace::started); }
    void stopped(Context &) { fail_if(ExitPlace::stopped); }

    void handle(Increment, Context &) { ++count_; }
    int handle(Get, Context &) { return count_; }
    int handle(StopAfter, Context &context) {
        EXPECT_EQ(context.stop(), Status::ok);
        return count_;
    }
    int handle(Fail, Context &) { throw std::runtime_error("no more"); }
    Task<int> handle(AddOf message, Context &) {
        const ActorRef<Counter> other(message.whom);
        if (message.blocks)
            count_ += other.request(Get{}).unwrap();
        else
            count_ += (co_await other.request(Get{})).unwrap();
        co_return count_;
    }
    Task<int> handle(AddByClosure, Context &) {
        co_await spawned::blocking([this] { ++count_; });
        co_return count_ + co_await spawned::blocking([] { return 1000; });
    }
    Task<int> handle(SleepFor message, Context &) {
        (co_await spawned::sleep(message.duration)).unwrap();
        co_return count_;
    }
    Task<void> handle(Hold message, Context &context) {
        const Counted held(*message.counted);
        spawned::Promise<void> never = context.promise<void>();
        (void)co_await never.response();
    }
    void handle(Tick, Context &context) {
        if (++count_ < 3)
            EXPECT_TRUE(context.send_after(milliseconds(1), Tick{}));
        else
            EXPECT_EQ(context.stop(), Status::ok);
    }

private:
    void fail_if(ExitPlace here) {
        if (fails_ == here) throw std::runtime_error("no more");
    }

    int count_;
    ExitPlace fails_;
};

enum class Mode { deterministic, pool_of_threads, threads_mode };
struct Where {
    Mode mode;
    Backend backend;
};

class Everywhere : public testing::TestWithParam<Where> {
protected:
    spawned::Runtime runtime{{.threads = GetParam().mode == Mode::threads_mode,
                              .deterministic = GetParam().mode == Mode::deterministic,
                              .seed = 1,
                              .workers = 2}};
    StartOptions here{.backend = GetParam().backend};

    template <class... Args>
    ActorRef<Counter> start(Args... args) {
        return runtime.start<Counter>(here, args...);
    }
    void TearDown() override { EXPECT_EQ(runtime.shutdown(), Status::ok); }
};

std::string name_of(const testing::TestParamInfo<Where> &info) {
    const char *const modes[] = {"Deterministic", "Threaded", "ThreadsMode"};
    std::string words = modes[static_cast<int>(info.param.mode)];
    return words + "_" + spawned::name(info.param.backend);
}
INSTANTIATE_TEST_SUITE_P(Backends, Everywhere,
                         testing::Values(Where{Mode::deterministic, Backend::pool},
                                         Where{Mode::deterministic, Backend::blocking},
                                         Where{Mode::deterministic, Backend::thread},
                                         Where{Mode::pool_of_threads, Backend::pool},
                                         Where{Mode::pool_of_threads, Backend::blocking},
                                         Where{Mode::pool_of_threads, Backend::thread},
                                         Where{Mode::threads_mode, Backend::pool},
                                         Where{Mode::threads_mode, Backend::blocking}),
                         name_of);

TEST_P(Everywhere, HandlesSendsAndRequestsAndAnswersTheOneThatStopsIt) {
    auto counter = start();
    EXPECT_EQ(counter.request(Get{}).unwrap(), 0);
    EXPECT_EQ(counter.request(Increment{}).get().is_ok(), true);
    EXPECT_EQ(counter.send(Increment{}), Status::ok);
    EXPECT_EQ(counter.request(StopAfter{}).unwrap(), 2);
    EXPECT_EQ(counter.join(), Status::ok);
    EXPECT_EQ(counter.exit_reason()->kind(), ExitKind::normal);
    EXPECT_EQ(counter.send(Increment{}), Status::stopped);
    EXPECT_EQ(counter.request(Get{}).get().error(), Status::stopped);
}

TEST_P(Everywhere, IsReplacedByItsSupervisor) {
    auto tree = runtime.start(spawned::supervisor(
        "tree",
        spawned::child<Counter>("counter", {.backend = here.backend, .name = "counter"}, 7)));
    auto first = tree.child<Counter>("counter").unwrap();
    EXPECT_TRUE(first.request(Increment{}).get().is_ok());
    EXPECT_TRUE(first.request(Fail{}).get().is_err());
    EXPECT_EQ(first.join(), Status::ok);
    // Its supervisor was told of the end before whoever joined, and so before it is asked.
    auto second = tree.child<Counter>("counter").unwrap();
    EXPECT_NE(second, first);
    EXPECT_EQ(second.request(Get{}).unwrap(), 7);
    EXPECT_EQ(runtime.registry().whereis<ActorRef<Counter>>("counter"), second);
    EXPECT_EQ(tree.stop(), Status::ok);
    EXPECT_EQ(tree.join(), Status::ok);
    EXPECT_EQ(second.exit_reason()->kind(), ExitKind::shutdown);
}

TEST_P(Everywhere, AwaitsAndBlocksOnActorsOfEveryBackend) {
    auto counter = start(1);
    for (const Backend backend : {Backend::pool, Backend::blocking, Backend::thread}) {
        auto other = runtime.start<Counter>({.backend = backend}, 100);
        const int before = counter.request(Get{}).unwrap();
        EXPECT_EQ(counter.request(AddOf{other, false}).unwrap(), before + 100);
        EXPECT_EQ(counter.request(AddOf{other, true}).unwrap(), before + 200);
        EXPECT_EQ(other.request(AddOf{counter, false}).unwrap(), before + 300);
        other.stop();
        EXPECT_EQ(other.join(), Status::ok);
    }
}

TEST_P(Everywhere, AwaitsClosuresAndTheClock) {
    auto counter = start();
    EXPECT_EQ(counter.request(AddByClosure{}).unwrap(), 1001);
    EXPECT_EQ(counter.request(SleepFor{milliseconds(3)}).unwrap(), 1);
}

TEST_P(Everywhere, ReportsARequestThatTakesTooLongAndLivesOn) {
    auto counter = start();
    auto late = counter.request(SleepFor{milliseconds(200)}, milliseconds(50));
    EXPECT_EQ(late.get().error(), Status::timed_out);
    EXPECT_EQ(counter.request(Get{}).unwrap(), 0);
}

TEST_P(Everywhere, EndsWithTheExceptionOfAHandlerOrAHookAsItsReason) {
    auto in_handler = start(0);
    EXPECT_EQ(in_handler.request(Fail{}).get().error(), Status::stopped);
    auto in_started = start(0, ExitPlace::started), in_stopped = start(0, ExitPlace::stopped);
    EXPECT_EQ(in_started.join(), Status::ok);
    EXPECT_EQ(in_started.request(Get{}).get().error(), Status::stopped);
    EXPECT_EQ(in_stopped.request(StopAfter{}).unwrap(), 0);
    EXPECT_EQ(in_stopped.join(), Status::ok);
    const std::pair<ActorRef<Counter>, ExitPlace> ended[] = {{in_handler, ExitPlace::handler},
                                                             {in_started, ExitPlace::started},
                                                             {in_stopped, ExitPlace::stopped}};
    for (const auto &[actor, place] : ended) {
        EXPECT_EQ(actor.wait_exit().place(), place);
        EXPECT_EQ(actor.exit_reason()->text(), "std::runtime_error: no more");
        EXPECT_EQ(actor.send(Increment{}), Status::stopped);
    }
}

TEST_P(Everywhere, IsKilledWhileItAwaitsAndDestroysWhatItHeldOnce) {
    int alive = 0;
    {
        Counted counted(&alive);
        auto counter = start();
        EXPECT_EQ(counter.send(Hold{&counted}), Status::ok);
        EXPECT_EQ(counter.kill(), Status::ok);
        EXPECT_EQ(counter.wait_exit().kind(), ExitKind::killed);
        EXPECT_EQ(alive, 1);
    }
    EXPECT_EQ(alive, 0);
}

TEST_P(Everywhere, IsJoinedByManyAndAfterItsEnd) {
    auto counter = start();
    EXPECT_EQ(counter.exit_reason(), std::nullopt);
    auto watcher = runtime.start<Counter>();
    auto first = spawned::ended(counter), second = spawned::ended(counter);
    EXPECT_EQ(counter.stop(), Status::ok);
    EXPECT_TRUE(first.get().is_ok());
    EXPECT_TRUE(second.get().is_ok());
    EXPECT_EQ(counter.join(), Status::ok);
    EXPECT_EQ(counter.wait_exit().kind(), ExitKind::normal);
    EXPECT_TRUE(watcher.is_alive());
}

TEST_P(Everywhere, SendsItselfItsNextTurnUntilItStops) {
    auto counter = start();
    EXPECT_EQ(counter.send(Tick{}), Status::ok);
    EXPECT_EQ(counter.wait_exit().kind(), ExitKind::normal);
}

TEST_P(Everywhere, IsToldWhatHappensAndFedByListeners) {
    auto counter = start();
    auto other = start();
    EXPECT_EQ(spawned::listen(counter, std::vector<Increment>(10)).unwrap(), 10U);
    EXPECT_EQ(counter.request(Get{}).unwrap(), 10);
    EXPECT_TRUE(spawned::send_on_end(counter, other, Increment{}));
    EXPECT_EQ(other.stop(), Status::ok);
    EXPECT_EQ(other.join(), Status::ok);
    EXPECT_EQ(counter.request(Get{}).unwrap(), 11);
}

TEST(Backends, AreThreeWithNamesAndThePoolIsTheDefault) {
    static_assert(std::is_trivially_copyable_v<Backend>);
    EXPECT_EQ(StartOptions().backend, Backend::pool);
    EXPECT_STREQ(spawned::name(Backend::pool), "pool");
    EXPECT_STREQ(spawned::name(Backend::blocking), "blocking");
    EXPECT_STREQ(spawned::name(Backend::thread), "thread");
    EXPECT_STREQ(spawned::name(Backend::host), "host");
    EXPECT_STREQ(spawned::name(Backend{4}), "unknown");
}

TEST(Backends, KeepTheirStatesApart) {
    spawned::Runtime runtime({.workers = 1});
    auto a = runtime.start<Counter>({.backend = Backend::pool}, 0);
    auto b = runtime.start<Counter>({.backend = Backend::blocking}, 100);
    auto c = runtime.start<Counter>({.backend = Backend::thread}, 200);
    for (const auto &one : {a, b, c}) EXPECT_EQ(one.send(Increment{}), Status::ok);
    EXPECT_EQ(a.request(Get{}).unwrap(), 1);
    EXPECT_EQ(b.request(Get{}).unwrap(), 101);
    EXPECT_EQ(c.request(Get{}).unwrap(), 201);
}

struct WhichThread {
    using Reply = std::thread::id;
};
// Keeps its thread until it is let go; its actor ends then.
struct Occupy {
    std::atomic<bool> *let_go;
};
class Located : public spawned::Actor<Located, WhichThread, Occupy> {
public:
    std::thread::id handle(WhichThread, Context &) { return std::this_thread::get_id(); }
    void handle(Occupy message, Context &context) {
        EXPECT_EQ(context.stop(), Status::ok);
        message.let_go->wait(false);
    }
};

TEST(Backends, HaveAThreadForEachActorInThreadsMode) {
    spawned::Runtime runtime({.threads = true});
    auto a = runtime.start<Located>(), b = runtime.start<Located>();
    const auto of_a = a.request(WhichThread{}).unwrap(), of_b = b.request(WhichThread{}).unwrap();
    EXPECT_NE(of_a, of_b);
    EXPECT_EQ(a.request(WhichThread{}).unwrap(), of_a);
}

TEST(Backends, OccupiedElsewhereLeaveThePoolAlone) {
    std::atomic<bool> let_go = false;  // handlers look at it until the runtime has ended
    spawned::Runtime runtime({.workers = 1});
    auto ticking = runtime.start<Counter>();
    for (const Backend backend : {Backend::blocking, Backend::thread})
        EXPECT_EQ(runtime.start<Located>({.backend = backend}).send(Occupy{&let_go}), Status::ok);
    EXPECT_EQ(ticking.send(Tick{}), Status::ok);
    EXPECT_EQ(ticking.wait_exit().kind(), ExitKind::normal);
    let_go = true;
    let_go.notify_all();
}

struct JoinIt {
    spawned::Pid whom;
    std::atomic<int> *joined;
};
class Joiner : public spawned::Actor<Joiner, JoinIt> {
public:
    Task<void> handle(JoinIt message, Context &) {
        (co_await spawned::ended(message.whom)).unwrap();
        ++*message.joined;
    }
};

TEST(Backends, AreJoinedWithoutKeepingAWorkerFromOthers) {
    spawned::Runtime runtime({.workers = 1});
    std::atomic<bool> let_go = false;
    std::atomic<int> joined = 0;
    auto busy = runtime.start<Located>({.backend = Backend::thread});
    EXPECT_EQ(busy.send(Occupy{&let_go}), Status::ok);
    auto joiner = runtime.start<Joiner>();
    EXPECT_EQ(joiner.send(JoinIt{busy, &joined}), Status::ok);
    auto ticking = runtime.start<Counter>();
    EXPECT_EQ(ticking.send(Tick{}), Status::ok);
    EXPECT_EQ(ticking.wait_exit().kind(), ExitKind::normal);
    EXPECT_EQ(joined, 0);
    let_go = true;
    let_go.notify_all();
    EXPECT_EQ(busy.join(), Status::ok);
    EXPECT_EQ(joiner.drain(), Status::ok);
    EXPECT_EQ(joiner.join(), Status::ok);
    EXPECT_EQ(joined, 1);
}

}  // namespace
