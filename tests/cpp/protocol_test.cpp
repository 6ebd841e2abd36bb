// Protocols: calls through concrete and erased references, descriptions, mocks, and protocols that mention
// each other.
#include <array>
#include <memory>
#include <string>
#include <vector>

#include "cpp/name_server.hpp"
#include "cpp/world.hpp"

// clang-format off
struct User;
// A macro argument must not hold an #if: what is conditional is a macro of its own.
#define TEST_WITH_SOMETIMES 1
#if TEST_WITH_SOMETIMES
#define TEST_SOMETIMES , (spawned::Response<int>, sometimes, (value, int))
#else
#define TEST_SOMETIMES
#endif
SPAWNED_PROTOCOL(Conditional, (spawned::Response<int>, always) TEST_SOMETIMES)

SPAWNED_PROTOCOL(Room,
    (void, say, (from, std::string), (text, std::string)),
    (spawned::Status, enter, (name, std::string), (user, spawned::Ref<User>)),
    (spawned::Response<std::vector<std::string>>, members),
    ((spawned::Response<std::map<std::string, spawned::Ref<User>>>), directory))
SPAWNED_PROTOCOL(User,
    (void, deliver, (from, std::string), (text, std::string)),
    (void, say, (text, std::string)),
    (spawned::Response<void>, join_room, (room, Room::Ref)),
    (spawned::Response<std::vector<std::string>>, heard))
SPAWNED_PROTOCOL(Nameable,
    (void, say, (text, std::string), (twice, bool)),
    (spawned::Response<std::string>, display_name))

SPAWNED_PROTOCOL(Wide,
    ((spawned::Response<std::map<std::string, int>>), commas, (m, std::map<std::string, int>)),
    (spawned::Response<std::unique_ptr<int>>, pass, (p, std::unique_ptr<int>)),
    (spawned::Response<int>, none),
    (spawned::Response<int>, eight, (a, int), (b, long), (c, char), (d, bool), (e, double),
                                    (f, std::string), (g, std::vector<int>), (h, std::unique_ptr<int>)),
    (spawned::Response<int>, bytes, (numbers, std::array<int, 3>)),
    (spawned::Response<long>, widened, (number, int)))
// clang-format on

namespace {

using namespace test;

template <class P>
class EveryProtocol : public World {};
using Written = testing::Types<NameServer, HandWritten>;
TYPED_TEST_SUITE(EveryProtocol, Written);

TYPED_TEST(EveryProtocol, IsCalledThroughAnActorsReference) {
    auto ns = this->runtime.template start<NameServerActor<TypeParam>>();
    ns.add("Joe", "At Home").unwrap();
    EXPECT_EQ(ns.find("Joe").unwrap(), "At Home");
    EXPECT_EQ(ns.find("Bob").unwrap(), std::nullopt);
    EXPECT_EQ(ns.forget("Joe"), Status::ok);
    EXPECT_EQ(ns.find("Joe").unwrap(), std::nullopt);
    ns.add("Ann", "Out").unwrap();
    ns.clear();
    EXPECT_EQ(ns.find("Ann").unwrap(), std::nullopt);
}

TYPED_TEST(EveryProtocol, IsCalledThroughAReferenceThatHidesTheActor) {
    using Ref = typename TypeParam::Ref;
    static_assert(sizeof(Ref) == 16 && std::is_trivially_copyable_v<Ref>);
    auto actor = this->runtime.template start<NameServerActor<TypeParam>>();
    Ref ns = actor;
    const std::map<std::string, Ref> known{{"ns", ns}};
    known.at("ns").add("Joe", "At Home").unwrap();
    EXPECT_EQ(ns.find("Joe").unwrap(), "At Home");
    EXPECT_EQ(ns, Ref(actor));
    EXPECT_EQ(ns.pid(), actor.pid());
    EXPECT_EQ(std::hash<Ref>()(ns), std::hash<spawned::Pid>()(actor.pid()));
    EXPECT_EQ(ns.pid().stop(), Status::ok);
    EXPECT_EQ(ns.pid().join(), Status::ok);
    EXPECT_EQ(ns.forget("Joe"), Status::stopped);
    EXPECT_EQ(ns.find("Joe").get().error(), Status::stopped);
    EXPECT_TRUE(ns.find("Joe").is_err());
}

TYPED_TEST(EveryProtocol, TakesItsMessagesAsTheyAre) {
    auto ns = this->runtime.template start<NameServerActor<TypeParam>>();
    typename TypeParam::Ref erased = ns;
    ns.request(typename TypeParam::add{"Joe", "At Home"}).unwrap();
    EXPECT_EQ(erased.request(typename TypeParam::find{"Joe"}, milliseconds(50)).unwrap(),
              "At Home");
    spawned::Recipient<typename TypeParam::forget> forgetting = ns;
    EXPECT_EQ(forgetting.send({"Joe"}), Status::ok);
    spawned::Recipient<typename TypeParam::find> finding = erased;
    EXPECT_EQ(finding.request({"Joe"}).unwrap(), std::nullopt);
}

template <class P>
struct FakeNameServer {
    int calls = 0;
    void handle(typename P::add) { ++calls; }
    spawned::Result<std::optional<std::string>> handle(typename P::find &&message) {
        ++calls;
        if (message.key == "error") return spawned::Error(Status::timed_out);
        return std::optional<std::string>("fake " + message.key);
    }
    void handle(const typename P::forget &) { ++calls; }
    void handle(typename P::clear) { ++calls; }
};

TYPED_TEST(EveryProtocol, IsSpokenByAStandInWithoutAnActor) {
    FakeNameServer<TypeParam> fake;
    auto ns = TypeParam::Ref::stand_in(fake);
    EXPECT_TRUE(ns.add("Joe", "At Home").is_ok());
    EXPECT_EQ(ns.find("Joe").unwrap(), "fake Joe");
    EXPECT_EQ(ns.find("error").get().error(), Status::timed_out);
    EXPECT_EQ(ns.forget("Joe"), Status::ok);
    ns.clear();
    EXPECT_EQ(fake.calls, 5);
    spawned::Recipient<typename TypeParam::find> finding = ns;
    EXPECT_EQ(finding.request({"Ann"}).unwrap(), "fake Ann");
    EXPECT_FALSE(static_cast<bool>(ns.pid()));
}

class Hall : public spawned::Actor<Hall, Room> {
public:
    void handle(const Room::say &message, Context &) {
        for (const auto &[name, user] : users_)
            if (name != message.from) user.deliver(message.from, message.text);
    }
    void handle(Room::enter &&message, Context &) {
        users_.emplace(std::move(message.name), message.user);
    }
    std::vector<std::string> handle(Room::members, Context &) {
        std::vector<std::string> names;
        for (const auto &one : users_) names.push_back(one.first);
        return names;
    }
    std::map<std::string, User::Ref> handle(Room::directory, Context &) { return users_; }

private:
    std::map<std::string, User::Ref> users_;
};

class Person : public spawned::Actor<Person, User, Nameable> {
public:
    explicit Person(std::string name) : name_(std::move(name)) {}

    void handle(User::deliver &&message, Context &) {
        heard_.push_back(message.from + ": " + message.text);
    }
    void handle(User::say &&message, Context &) { room_.say(name_, std::move(message.text)); }
    void handle(User::join_room message, Context &context) {
        room_ = message.room;
        EXPECT_EQ(room_.enter(name_, context.self()), Status::ok);
    }
    std::vector<std::string> handle(User::heard, Context &) { return heard_; }
    void handle(Nameable::say &&message, Context &) {
        room_.say(name_, message.text + (message.twice ? message.text : ""));
    }
    std::string handle(Nameable::display_name, Context &) { return "<" + name_ + ">"; }

private:
    std::string name_;
    Room::Ref room_;
    std::vector<std::string> heard_;
};

class Configured : public spawned::Actor<Configured, Conditional> {
public:
    int handle(Conditional::always, Context &) { return 1; }
#if TEST_WITH_SOMETIMES
    int handle(Conditional::sometimes message, Context &) { return message.value; }
#endif
};

class Protocols : public World {};

TEST_F(Protocols, MentionEachOther) {
    auto room = runtime.start<Hall>();
    auto alice = runtime.start<Person>("Alice");
    auto bob = runtime.start<Person>("Bob");
    alice.join_room(room).unwrap();
    bob.join_room(room).unwrap();
    EXPECT_EQ(room.members().unwrap(), (std::vector<std::string>{"Alice", "Bob"}));
    alice.as<User>().say("hello");
    bob.as<User>().say("hi");
    time.run();
    EXPECT_EQ(alice.heard().unwrap(), std::vector<std::string>{"Bob: hi"});
    EXPECT_EQ(bob.heard().unwrap(), std::vector<std::string>{"Alice: hello"});
    EXPECT_EQ(room.directory().unwrap().at("Bob"), User::Ref(bob));
}

TEST_F(Protocols, MayBeSeveralOfOneActorWithMethodsOfTheSameName) {
    auto room = runtime.start<Hall>();
    auto alice = runtime.start<Person>("Alice");
    auto bob = runtime.start<Person>("Bob");
    alice.join_room(room).unwrap();
    bob.join_room(room).unwrap();
    bob.as<Nameable>().say("ho", true);
    EXPECT_EQ(bob.display_name().unwrap(), "<Bob>");
    time.run();
    EXPECT_EQ(alice.heard().unwrap(), std::vector<std::string>{"Bob: hoho"});
}

class Everything : public spawned::Actor<Everything, Wide> {
public:
    std::map<std::string, int> handle(Wide::commas &&message, Context &) {
        return std::move(message.m);
    }
    std::unique_ptr<int> handle(Wide::pass message, Context &) { return std::move(message.p); }
    int handle(const Wide::none &, Context &) { return 0; }
    int handle(Wide::eight &&m, Context &) {
        return m.a + static_cast<int>(m.b) + m.c + m.d + static_cast<int>(m.e) +
               static_cast<int>(m.f.size() + m.g.size()) + *m.h;
    }
    int handle(Wide::bytes message, Context &) { return message.numbers[0] + message.numbers[2]; }
    int handle(Wide::widened message, Context &) { return message.number; }
};

TEST_F(Protocols, TakeAnyNumberAndAnyTypesOfParameters) {
    auto actor = runtime.start<Everything>();
    EXPECT_EQ(actor.commas({{"a", 1}}).unwrap().at("a"), 1);
    EXPECT_EQ(*actor.pass(std::make_unique<int>(4)).unwrap(), 4);
    EXPECT_EQ(actor.none().unwrap(), 0);
    EXPECT_EQ(actor.eight(1, 2, '\3', true, 4.0, "five", {6, 7}, std::make_unique<int>(8)).unwrap(),
              1 + 2 + 3 + 1 + 4 + 4 + 2 + 8);
    EXPECT_EQ(actor.bytes({1, 2, 3}).unwrap(), 4);
    EXPECT_EQ(actor.widened(3).unwrap(), 3L);
}

TEST_F(Protocols, MayHaveMethodsThatAreThereUnderAConditionOnly) {
    auto actor = runtime.start<Configured>();
    EXPECT_EQ(actor.always().unwrap(), 1);
    EXPECT_EQ(actor.sometimes(4).unwrap(), 4);
    Conditional::Ref erased = actor;
    EXPECT_EQ(erased.sometimes(5).unwrap(), 5);
}

TEST(ProtocolDescriptions, TellMethodsKindsAndParametersAsWritten) {
    const auto &methods = spawned::methods_of<NameServer>;
    ASSERT_EQ(std::size(methods), 4U);
    EXPECT_EQ(methods[0].name, "add");
    EXPECT_EQ(methods[0].kind, spawned::CallKind::request);
    EXPECT_EQ(methods[0].result, "spawned::Response<void>");
    ASSERT_EQ(methods[0].parameter_count, 2U);
    EXPECT_EQ(methods[0].parameters[1].name, "value");
    EXPECT_EQ(methods[0].parameters[1].type, "std::string");
    EXPECT_EQ(methods[2].kind, spawned::CallKind::send);
    EXPECT_EQ(methods[3].kind, spawned::CallKind::quiet_send);
    EXPECT_EQ(methods[3].parameter_count, 0U);
    EXPECT_EQ(spawned::methods_of<Wide>[0].parameters[0].type, "std::map<std::string, int>");
}

TEST(ProtocolDescriptions, NameMessagesByProtocolAndMethod) {
    const spawned_message_type &find = spawned::message_type<NameServer::find>;
    EXPECT_STREQ(find.name, "NameServer.find");
    EXPECT_STREQ(find.reply->name, "NameServer.find.reply");
    EXPECT_EQ(find.value_size, sizeof(std::string));
    EXPECT_NE(find.fingerprint, 0U);
    EXPECT_STREQ(spawned::message_type<HandWritten::find>.name, "HandWritten::find");
}

template <class T>
std::string name_of() {
    return spawned::detail::type_name<T>.text;
}
template <class...>
struct List {};

// What one compiler has named is found by the other's name; see also tests/package/shared_objects.
TEST(TypeNames, AreSpelledAlikeByEveryCompiler) {
    EXPECT_EQ(name_of<spawned::Ref<NameServer>>(), "spawned::Ref<NameServer>");
    EXPECT_EQ((name_of<std::map<std::string, std::vector<unsigned long>>>()),
              "std::map<std::basic_string<char>, std::vector<unsigned long>>");
    EXPECT_EQ(
        (name_of<List<short, unsigned short, unsigned, long long, unsigned char, long double>>()),
        "(anonymous namespace)::List<short, unsigned short, unsigned int, long long, unsigned "
        "char, long double>");
    EXPECT_EQ((name_of<List<const char *, int &, int[3], unsigned long long>>()),
              "(anonymous namespace)::List<const char*, int&, int[3], unsigned long long>");
}

}  // namespace
