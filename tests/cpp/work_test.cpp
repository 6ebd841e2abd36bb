// Closures on threads that may block, awaited or not; programs that are tasks.
#include <atomic>
#include <memory>
#include <stdexcept>
#include <string>

#include "cpp/world.hpp"

namespace {

using namespace test;
using spawned::Error;
using spawned::RuntimeRef;
using spawned::Task;

struct Load {
    using Reply = std::string;
    std::string path;
};
struct LoadBadly {
    using Reply = std::string;
};
struct Hold {
    Counted *counted;
    std::atomic<bool> *begun;
    std::atomic<bool> *go_on;
    int *alive_at_return;
};

class Loader : public spawned::Actor<Loader, Load, LoadBadly, Hold> {
public:
    Task<std::string> handle(Load message, Context &) {
        std::string loaded;
        co_await spawned::blocking([&] { loaded = "contents of " + message.path; });
        co_return loaded + co_await spawned::blocking([&] { return std::string("!"); });
    }
    Task<std::string> handle(LoadBadly, Context &) {
        try {
            co_await spawned::blocking([] { throw std::out_of_range("no such page"); });
        } catch (const std::out_of_range &error) {
            co_return error.what();
        }
        co_return "nothing was thrown";
    }
    Task<void> handle(Hold message, Context &) {
        const Counted held(*message.counted);
        co_await spawned::blocking([&] {
            message.begun->store(true);
            message.begun->notify_all();
            message.go_on->wait(false);
            *message.alive_at_return = held.alive();
        });
        ADD_FAILURE() << "the actor was killed";
    }
};

class Work : public World {};

TEST_F(Work, IsAwaitedWithItsResultAndMayReferToTheHandlersVariables) {
    EXPECT_EQ(runtime.start<Loader>().request(Load{"a.txt"}).unwrap(), "contents of a.txt!");
}

TEST_F(Work, ThrowsIntoTheHandlerThatAwaitsIt) {
    EXPECT_EQ(runtime.start<Loader>().request(LoadBadly{}).unwrap(), "no such page");
}

TEST_F(Work, OfItsOwnIsAResponse) {
    EXPECT_EQ(runtime.blocking([] { return 4; }).unwrap(), 4);
    EXPECT_EQ(*runtime.blocking([p = std::make_unique<int>(5)]() mutable { return std::move(p); })
                   .unwrap(),
              5);
    runtime.blocking([] {}).unwrap();
    const auto failed = runtime.blocking([]() -> int { throw std::runtime_error("broken"); }).get();
    EXPECT_EQ(failed.error().code(), Status::failed);
    EXPECT_EQ(failed.error().text(), "std::runtime_error: broken");
    int alive = 0;
    {
        auto dropped = runtime.blocking([counted = Counted(&alive)] { (void)counted; });
    }
    time.run();
    EXPECT_EQ(alive, 0);
}

TEST(WorkOnThreads, ThatHasBegunIsOutwaitedByAKillOfWhoAwaitsIt) {
    spawned::Runtime runtime({.workers = 1});
    int alive = 0, alive_at_return = 0;
    std::atomic<bool> begun = false, go_on = false;
    {
        Counted counted(&alive);
        auto loader = runtime.start<Loader>();
        loader.send(Hold{&counted, &begun, &go_on, &alive_at_return});
        begun.wait(false);
        loader.kill();
        EXPECT_EQ(loader.join(milliseconds(20)), Status::timed_out);
        go_on.store(true);
        go_on.notify_all();
        EXPECT_EQ(loader.join(), Status::ok);
    }
    EXPECT_EQ(alive_at_return, 2);
    EXPECT_EQ(alive, 0);
}

Task<int> program(RuntimeRef runtime, std::string path) {
    auto loader = runtime.start<Loader>();
    const std::string loaded = (co_await loader.emplace_request<Load>(path)).unwrap();
    co_return static_cast<int>(loaded.size());
}
Task<int> failing_program(RuntimeRef runtime) {
    (void)co_await runtime.sleep(milliseconds(1));
    throw std::out_of_range("the program's own");
}

TEST_F(Work, ProgramsAreTasksThatAThreadWaitsFor) {
    EXPECT_EQ(spawned::block_on(runtime, program(runtime, "x")), 14);
    EXPECT_THROW(spawned::block_on(runtime, failing_program(runtime)), std::out_of_range);
    EXPECT_EQ(spawned::spawn(runtime, program(runtime, "xy")).unwrap(), 15);
    EXPECT_EQ(spawned::spawn(runtime, failing_program(runtime)).get().error().text(),
              "std::out_of_range: the program's own");
}

TEST(Programs, AreRunWithARuntimeAndGiveTheirValue) {
    EXPECT_EQ(spawned::run([](RuntimeRef runtime) { return program(runtime, "x"); }), 14);
    EXPECT_EQ(spawned::run({.threads = true},
                           [](RuntimeRef runtime) {
                               return runtime.start<Loader>().request(Load{"x"}).unwrap().size();
                           }),
              14U);
    EXPECT_THROW(spawned::run([](RuntimeRef runtime) { return failing_program(runtime); }),
                 std::out_of_range);
    bool ran = false;
    spawned::run([&](RuntimeRef) { ran = true; });
    EXPECT_TRUE(ran);
}

}  // namespace
