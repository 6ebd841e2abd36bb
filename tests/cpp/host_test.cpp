// Hosts: a thread of the program that runs actors when it likes to.
#include <poll.h>

#include <atomic>
#include <optional>
#include <thread>

#include "cpp/world.hpp"

namespace {

using namespace test;
using spawned::ActorRef;
using spawned::Backend;
using spawned::Duration;
using spawned::Error;
using spawned::Host;

struct Add {
    int number;
};
struct Sum {
    using Reply = int;
};
struct WhichThread {
    using Reply = std::thread::id;
};
struct SumOf {
    using Reply = int;
    spawned::Pid whom;
    bool blocks;
};
struct Never {
    using Reply = int;
};

class Adder : public spawned::Actor<Adder, Add, Sum, WhichThread, SumOf, Never> {
public:
    void handle(Add message, Context &) { sum_ += message.number; }
    int handle(Sum, Context &) { return sum_; }
    std::thread::id handle(WhichThread, Context &) { return std::this_thread::get_id(); }
    Task<spawned::Result<int>> handle(SumOf message, Context &) {
        const ActorRef<Adder> other(message.whom);
        if (message.blocks) co_return other.request(Never{}).get();
        co_return co_await other.request(Sum{});
    }
    spawned::Later handle(Never, Context &context) {
        kept_ = context.detach<Never>();
        return {};
    }

private:
    int sum_ = 0;
    spawned::ReplyTo<Never> kept_;
};

// Runs f on another thread, and waits for it.
template <class F>
void elsewhere(F f) {
    std::thread(f).join();
}

TEST(Hosts, RunTheirActorsWhenTheyLikeTo) {
    spawned::Runtime runtime({.hosted = true});
    const Host host(runtime);
    auto adder = runtime.start<Adder>();
    for (int i = 1; i <= 3; ++i) EXPECT_EQ(adder.send(Add{i}), Status::ok);
    auto sum = adder.request(Sum{});
    EXPECT_FALSE(sum.is_ready());
    EXPECT_EQ(host.next().unwrap(), Duration());
    EXPECT_EQ(host.run({.messages = 2}).unwrap(), Duration());
    EXPECT_FALSE(sum.is_ready());
    EXPECT_EQ(host.run({.budget = {}, .wait = Duration::forever()}).unwrap(), Duration::forever());
    EXPECT_EQ(sum.unwrap(), 6);
    EXPECT_EQ(host.next().unwrap(), Duration::forever());
}

TEST(Hosts, LearnWhenATimerIsDue) {
    spawned::Runtime runtime({.hosted = true});
    const Host host(runtime);
    auto adder = runtime.start<Adder>();
    EXPECT_TRUE(adder.send_after(seconds(3600), Add{1}));
    const Duration next = host.run().unwrap();
    EXPECT_GT(next, seconds(1));
    EXPECT_LT(next, seconds(4000));
}

TEST(Hosts, RunTheirActorsInsideCallsThatWait) {
    spawned::Runtime runtime({.hosted = true});
    const Host host(runtime);
    auto one = runtime.start<Adder>(), other = runtime.start<Adder>();
    EXPECT_EQ(other.send(Add{5}), Status::ok);
    EXPECT_EQ(one.request(SumOf{other, false}).unwrap(), 5);
    EXPECT_EQ(one.request(WhichThread{}).unwrap(), std::this_thread::get_id());
    EXPECT_EQ(spawned::block_on(runtime,
                                [](ActorRef<Adder> whom) -> spawned::Task<int> {
                                    co_return (co_await whom.request(Sum{})).unwrap();
                                }(other)),
              5);
    EXPECT_EQ(one.stop(), Status::ok);
    EXPECT_EQ(one.join(), Status::ok);
}

TEST(Hosts, HaveHandlersThatAwaitAndAreRefusedToBlock) {
    spawned::Runtime runtime({.hosted = true});
    const Host host(runtime);
    auto one = runtime.start<Adder>(), other = runtime.start<Adder>();
    EXPECT_EQ(one.request(SumOf{other, true}).get().error(), Status::deadlock);
    EXPECT_EQ(one.request(Sum{}).unwrap(), 0);
}

TEST(Hosts, ServeTheirOwnActorsInARuntimeWithThreads) {
    std::atomic<int> rung = 0;
    const auto wake = [&rung] {
        ++rung;
        rung.notify_all();
    };
    spawned::Runtime runtime({.workers = 1});
    const Host host(runtime, wake);
    auto here = runtime.start<Adder>({.backend = Backend::host});
    auto there = runtime.start<Adder>();
    EXPECT_EQ(host.run().unwrap(), Duration::forever());
    rung = 0;
    elsewhere([&] { EXPECT_EQ(here.send(Add{1}), Status::ok); });
    rung.wait(0);
    EXPECT_EQ(rung, 1);
    auto sum = here.request(Sum{});
    EXPECT_FALSE(sum.is_ready());
    EXPECT_EQ(host.run().unwrap(), Duration::forever());
    EXPECT_EQ(sum.unwrap(), 1);
    EXPECT_EQ(here.request(WhichThread{}).unwrap(), std::this_thread::get_id());
    EXPECT_NE(there.request(WhichThread{}).unwrap(), std::this_thread::get_id());
}

TEST(Hosts, WatchADescriptorOrAreWoken) {
    spawned::Runtime runtime({.hosted = true});
    const Host host(runtime);
    auto adder = runtime.start<Adder>();
    pollfd watched{host.descriptor().unwrap(), POLLIN, 0};
    host.run().unwrap();
    EXPECT_EQ(poll(&watched, 1, 0), 0);
    elsewhere([&] { EXPECT_EQ(adder.send(Add{1}), Status::ok); });
    EXPECT_EQ(poll(&watched, 1, -1), 1);
    host.run().unwrap();
    elsewhere([&] { EXPECT_EQ(host.wake(), Status::ok); });
    EXPECT_TRUE(host.run({.wait = Duration::forever()}));
}

TEST(Hosts, MayBeAnotherThread) {
    spawned::Runtime runtime({.hosted = true});
    const Host host(runtime);
    elsewhere([&] {
        EXPECT_EQ(host.run().error(), Status::wrong_context);
        EXPECT_EQ(host.next().error(), Status::wrong_context);
        EXPECT_EQ(host.descriptor().error(), Status::wrong_context);
        EXPECT_EQ(host.adopt(), Status::ok);
        EXPECT_TRUE(host.run());
    });
    EXPECT_EQ(host.run().error(), Status::wrong_context);
    EXPECT_EQ(host.adopt(), Status::ok);
    EXPECT_TRUE(host.run());
    EXPECT_EQ(runtime.shutdown(), Status::ok);
    EXPECT_EQ(host.run().error(), Status::stopped);
}

spawned::Status status_of(const auto &call) {
    try {
        call();
        return Status::ok;
    } catch (const Error &error) {
        return error.code();
    }
}

TEST(Hosts, AreThereOnceAndBeforeTheirActors) {
    spawned::Runtime runtime({.hosted = true}), deterministic({.deterministic = true});
    EXPECT_EQ(status_of([&] { (void)runtime.start<Adder>(); }), Status::unsupported);
    const Host host(runtime);
    EXPECT_EQ(status_of([&] { (void)Host(runtime); }), Status::already);
    EXPECT_EQ(status_of([&] { (void)Host(deterministic); }), Status::unsupported);
    auto adder = deterministic.start<Adder>({.backend = Backend::host});
    EXPECT_EQ(adder.request(Sum{}).unwrap(), 0);
}

}  // namespace
