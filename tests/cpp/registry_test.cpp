// Names: of actors, of references by their exact type, of any value.
#include <algorithm>
#include <string>
#include <vector>

#include "cpp/name_server.hpp"
#include "cpp/world.hpp"

namespace {

using namespace test;
using Server = NameServerActor<NameServer>;

class Names : public World {
protected:
    spawned::Registry names = runtime.registry();
};

TEST_F(Names, GiveBackTheValueTheyWereGivenFor) {
    EXPECT_EQ(names.put("port", 8080), Status::ok);
    EXPECT_EQ(names.put("host", std::string("a name that is too long to be kept in place")),
              Status::ok);
    EXPECT_EQ(names.whereis<int>("port"), 8080);
    EXPECT_EQ(names.whereis<std::string>("host"), "a name that is too long to be kept in place");
    EXPECT_EQ(names.whereis<std::string>("host")->size(), 43U);
    EXPECT_EQ(names.whereis<int>("nobody"), std::nullopt);
}

TEST_F(Names, FindAValueByItsExactTypeOnly) {
    EXPECT_EQ(names.put("port", 8080), Status::ok);
    EXPECT_EQ(names.whereis<long>("port"), std::nullopt);
    EXPECT_EQ(names.whereis<unsigned>("port"), std::nullopt);
    EXPECT_EQ(names.whereis_pid("port"), std::nullopt);
}

TEST_F(Names, TakenAreRefusedAndKeepTheirValue) {
    EXPECT_EQ(names.put("port", 8080), Status::ok);
    EXPECT_EQ(names.put("port", 9090), Status::exists);
    EXPECT_EQ(names.put("port", std::string("a value that is not kept but is given back at once")),
              Status::exists);
    EXPECT_EQ(names.whereis<int>("port"), 8080);
    EXPECT_EQ(names.unregister("port"), Status::ok);
    EXPECT_EQ(names.unregister("port"), Status::ok);
    EXPECT_EQ(names.whereis<int>("port"), std::nullopt);
    EXPECT_EQ(names.put("port", 9090), Status::ok);
}

TEST_F(Names, AreListed) {
    EXPECT_EQ(names.put("a", 1), Status::ok);
    EXPECT_EQ(names.put("b", 2), Status::ok);
    std::vector<std::string> all = names.names();
    std::sort(all.begin(), all.end());
    EXPECT_EQ(all, (std::vector<std::string>{"a", "b"}));
}

TEST_F(Names, FindServicesByTheirProtocolUntilTheirActorsEnd) {
    auto server = runtime.start<Server>();
    EXPECT_EQ(names.put("ns", NameServer::Ref(server)), Status::ok);
    EXPECT_EQ(names.put("the actor", server), Status::ok);
    auto found = names.whereis<NameServer::Ref>("ns");
    ASSERT_TRUE(found);
    found->add("Joe", "At Home").unwrap();
    EXPECT_EQ(names.whereis<spawned::ActorRef<Server>>("the actor")->find("Joe").unwrap(),
              "At Home");
    EXPECT_EQ(names.whereis<HandWritten::Ref>("ns"), std::nullopt);
    server.stop();
    server.join();
    EXPECT_EQ(names.whereis<NameServer::Ref>("ns"), std::nullopt);
    EXPECT_TRUE(names.names().empty());
}

TEST_F(Names, OfActorsNeedNoType) {
    auto server = runtime.start<Server>({.name = "ns"});
    EXPECT_EQ(names.put_pid("other name", server), Status::ok);
    EXPECT_EQ(names.whereis_pid("ns"), server.pid());
    EXPECT_EQ(names.whereis_pid("other name"), server.pid());
    EXPECT_EQ(names.put_pid("ns", server), Status::exists);
    EXPECT_EQ(names.put("", 1), Status::invalid);
    EXPECT_EQ(names.put("spawned.mine", 1), Status::not_permitted);
}

class Bystander : public spawned::Actor<Bystander, NameServer::find> {
public:
    std::optional<std::string> handle(const NameServer::find &, Context &) { return "anywhere"; }
};

TEST_F(Names, OfActorsAreFoundAsEveryReferenceThatFits) {
    auto server = runtime.start<Server>({.name = "ns"});
    auto bystander = runtime.start<Bystander>({.name = "bystander"});
    EXPECT_EQ(names.put_pid("by pid", server), Status::ok);
    for (const char *name : {"ns", "by pid"}) {
        EXPECT_EQ(names.whereis<NameServer::Ref>(name), NameServer::Ref(server));
        EXPECT_EQ(names.whereis<spawned::ActorRef<Server>>(name), server);
        EXPECT_EQ(names.whereis<spawned::Recipient<NameServer::find>>(name),
                  spawned::Recipient<NameServer::find>(server));
        EXPECT_EQ(names.whereis<spawned::Pid>(name), server.pid());
        EXPECT_EQ(names.whereis<HandWritten::Ref>(name), std::nullopt);
        EXPECT_EQ(names.whereis<int>(name), std::nullopt);
    }
    names.whereis<NameServer::Ref>("ns")->add("Joe", "At Home").unwrap();
    EXPECT_EQ(names.whereis<NameServer::Ref>("bystander"), std::nullopt);
    EXPECT_EQ(
        names.whereis<spawned::Recipient<NameServer::find>>("bystander")->request({"Joe"}).unwrap(),
        "anywhere");
    server.stop();
    server.join();
    EXPECT_EQ(names.whereis<NameServer::Ref>("ns"), std::nullopt);
    EXPECT_EQ(bystander.stop(), Status::ok);
}

TEST_F(Names, DestroyWhatTheyHoldWithTheRuntime) {
    int alive = 0;
    {
        spawned::Runtime other({.deterministic = true});
        EXPECT_EQ(other.registry().put("counted", Counted(&alive)), Status::ok);
        EXPECT_EQ(alive, 1);
        EXPECT_TRUE(other.registry().whereis<Counted>("counted"));
        EXPECT_EQ(alive, 1);
        EXPECT_EQ(other.registry().put("counted", Counted(&alive)), Status::exists);
        EXPECT_EQ(alive, 1);
    }
    EXPECT_EQ(alive, 0);
}

}  // namespace
