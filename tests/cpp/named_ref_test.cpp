// References by name, beside those to one life: deterministic, and with threads.
#include <stdexcept>
#include <string>

#include "cpp/name_server.hpp"
#include "cpp/world.hpp"

namespace {

using namespace test;
using spawned::ActorRef;
using spawned::NamedRef;
using Server = NameServerActor<NameServer>;

struct Get {
    using Reply = int;
};
struct Add {
    int amount;
};
struct Crash {
    using Reply = int;
};

class Counter : public spawned::Actor<Counter, Get, Add, Crash> {
public:
    int handle(Get, Context &) { return count_; }
    void handle(Add add, Context &) { count_ += add.amount; }
    int handle(Crash, Context &) { throw std::runtime_error("on fire"); }

private:
    int count_ = 0;
};

class NamedRefs : public testing::TestWithParam<bool> {
protected:
    spawned::Runtime runtime{{.deterministic = GetParam(), .seed = 1}};
    NamedRef<Counter> named = runtime.named<Counter>("counter");

    void TearDown() override { EXPECT_EQ(runtime.shutdown(), Status::ok); }
};

TEST_P(NamedRefs, ReachWhoeverHasTheNameNow) {
    EXPECT_EQ(named.send(Add{1}), Status::not_found);
    EXPECT_EQ(named.request(Get{}).get().error(), Status::not_found);
    EXPECT_FALSE(named.is_alive());
    auto counter = runtime.start<Counter>({.name = "counter"});
    EXPECT_EQ(named.send(Add{2}), Status::ok);
    EXPECT_EQ(named.emplace<Add>(3), Status::ok);
    EXPECT_EQ(named.request(Get{}).unwrap(), 5);
    EXPECT_EQ(named.emplace_request<Get>().unwrap(), 5);
    EXPECT_EQ(named.pid(), counter.pid());
    EXPECT_EQ(counter.stop(), Status::ok);
    EXPECT_EQ(counter.join(), Status::ok);
    EXPECT_EQ(named.send(Add{1}), Status::not_found);
}

// A supervisor's child that is restarted under its name: the name goes on, the reference to its life does not.
TEST_P(NamedRefs, FollowARestartWhereTheReferenceToOneLifeHasStopped) {
    auto tree = runtime.start(
        spawned::supervisor("tree", spawned::child<Counter>("counter", {.name = "counter"})));
    const ActorRef<Counter> life(named.pid());
    EXPECT_EQ(named.send(Add{7}), Status::ok);
    EXPECT_EQ(named.request(Get{}).unwrap(), 7);
    EXPECT_EQ(named.request(Crash{}).get().error(), Status::stopped);
    EXPECT_EQ(life.join(), Status::ok);
    auto answer = named.request(Get{}).get();
    while (answer.is_err()) {  // until the next life has the name
        ASSERT_EQ(answer.error(), Status::not_found);
        (void)tree.child("counter").get();  // which the supervisor, who answers, comes to meanwhile
        answer = named.request(Get{}).get();
    }
    EXPECT_EQ(*answer, 0);
    EXPECT_NE(named.pid(), life.pid());
    EXPECT_EQ(life.send(Add{1}), Status::stopped);
    EXPECT_EQ(life.request(Get{}).get().error(), Status::stopped);
    EXPECT_EQ(tree.stop(), Status::ok);
    EXPECT_EQ(tree.join(), Status::ok);
    EXPECT_FALSE(named.is_alive());
}

TEST_P(NamedRefs, HaveTheMethodsOfProtocols) {
    auto by_class = runtime.named<Server>("names");
    auto by_protocol = runtime.named<NameServer>("names");
    EXPECT_EQ(by_class.forget("Joe"), Status::not_found);
    EXPECT_EQ(by_protocol.add("Joe", "At Home").get().error(), Status::not_found);
    runtime.start<Server>({.name = "names"});
    by_class.add("Joe", "At Home").unwrap();
    EXPECT_EQ(by_protocol.find("Joe").unwrap(), "At Home");
    EXPECT_EQ(by_class.as<NameServer>().find("Joe").unwrap(), "At Home");
    by_protocol.clear();
    EXPECT_EQ(by_class.find("Joe").unwrap(), std::nullopt);
}

TEST_P(NamedRefs, SayWhatIsWrongWithAName) {
    EXPECT_EQ(runtime.named<Counter>("").send(Add{1}), Status::invalid);
    EXPECT_EQ(runtime.named<Counter>(std::string(256, 'n')).request(Get{}).get().error(),
              Status::invalid);
}

INSTANTIATE_TEST_SUITE_P(Modes, NamedRefs, testing::Bool(),
                         [](const auto &mode) { return mode.param ? "deterministic" : "threads"; });

}  // namespace
