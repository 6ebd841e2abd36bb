// Groups: deterministic, and with threads.
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "cpp/world.hpp"

namespace {

using namespace test;
using spawned::Group;
using spawned::GroupChange;

// clang-format off
SPAWNED_PROTOCOL(Room,
    (spawned::Status,                say,  (text, std::string)),
    (spawned::Response<std::string>, heard))
// clang-format on

class Guest : public spawned::Actor<Guest, Room> {
public:
    void started(Context &context) {
        EXPECT_EQ(context.runtime().group<Room>("lobby").join(context.self()), Status::ok);
    }
    void handle(Room::say say, Context &) { heard_ += say.text; }
    std::string handle(Room::heard, Context &) { return heard_; }

private:
    std::string heard_;
};

struct BarChange : GroupChange {};
struct Story {
    using Reply = std::string;
};

// Writes down who comes and goes: "+1 -0", in the bar with "bar" before.
class Porter : public spawned::Actor<Porter, GroupChange, BarChange, Story> {
public:
    void handle(GroupChange change, Context &) { write("", change); }
    void handle(BarChange change, Context &) { write("bar", change); }
    std::string handle(Story, Context &) { return story_; }

private:
    void write(const char *where, const GroupChange &change) {
        story_ += std::string(story_.empty() ? "" : " ") + where + (change.joined() ? "+" : "-") +
                  std::to_string(change.member_count());
        EXPECT_NE(change.joined(), change.left());
        EXPECT_EQ(change.tag(), 7U);
    }
    std::string story_;
};

class Groups : public testing::TestWithParam<bool> {
protected:
    spawned::Runtime runtime{{.deterministic = GetParam(), .seed = 1}};
    Group<Room> lobby = runtime.group<Room>("lobby");

    void TearDown() override { EXPECT_EQ(runtime.shutdown(), Status::ok); }

    // Which has started.
    spawned::ActorRef<Guest> guest() {
        auto made = runtime.start<Guest>();
        EXPECT_EQ(made.heard().unwrap(), "");
        return made;
    }
};

TEST_P(Groups, HaveWhoJoinedUntilTheyLeaveOrEnd) {
    EXPECT_TRUE(lobby.members().empty());
    auto first = guest(), second = guest();
    auto members = lobby.members();
    EXPECT_EQ(members.size(), 2U);
    EXPECT_EQ(std::count(members.begin(), members.end(), spawned::Ref<Room>(first)), 1);
    EXPECT_EQ(lobby.leave(first), Status::ok);
    EXPECT_EQ(lobby.leave(first), Status::not_found);
    EXPECT_EQ(second.stop(), Status::ok);
    EXPECT_EQ(second.join(), Status::ok);
    EXPECT_TRUE(lobby.members().empty());
    EXPECT_EQ(lobby.join(second), Status::stopped);
}

TEST_P(Groups, OfAClassHaveItsReferences) {
    auto made = guest();
    auto guests = runtime.group<Guest>("guests");
    EXPECT_EQ(guests.join(made), Status::ok);
    EXPECT_EQ(guests.members().at(0).heard().unwrap(), "");
    EXPECT_EQ(guests.broadcast(Room::say{"hello"}).taken, 1U);
    EXPECT_EQ(made.heard().unwrap(), "hello");
}

TEST_P(Groups, GiveEverybodyACopy) {
    auto first = guest(), second = guest();
    const Room::say words{"a text that is too long to be kept in place, "};
    auto result = lobby.broadcast(words);
    EXPECT_EQ(result.status, Status::ok);
    EXPECT_EQ(result.taken, 2U);
    EXPECT_EQ(result.refused, 0U);
    EXPECT_EQ(lobby.broadcast(Room::say{"then this"}).taken, 2U);
    EXPECT_EQ(first.heard().unwrap(), words.text + "then this");
    EXPECT_EQ(second.heard().unwrap(), words.text + "then this");
    EXPECT_EQ(runtime.group<Room>("nowhere").broadcast(words).taken, 0U);
}

TEST_P(Groups, TellWhoComesAndGoes) {
    auto porter = runtime.start<Porter>();
    auto first = guest();
    auto event = lobby.subscribe(porter, 7);
    ASSERT_TRUE(event.is_ok());
    auto second = guest();
    EXPECT_EQ(lobby.leave(first), Status::ok);
    EXPECT_EQ(second.kill(), Status::ok);
    EXPECT_EQ(second.join(), Status::ok);
    EXPECT_EQ(porter.request(Story{}).unwrap(), "+1 +2 -1 -0");
    EXPECT_EQ(event->cancel(), Status::ok);
    EXPECT_EQ(lobby.join(first), Status::ok);
    EXPECT_EQ(porter.request(Story{}).unwrap(), "+1 +2 -1 -0");
}

TEST_P(Groups, AreToldFromOneAnotherByTheMessage) {
    auto porter = runtime.start<Porter>();
    auto bar = runtime.group<Room>("bar");
    ASSERT_TRUE(lobby.subscribe(porter, 7).is_ok());
    ASSERT_TRUE(bar.subscribe<BarChange>(porter, 7).is_ok());
    auto made = guest();
    EXPECT_EQ(bar.join(made), Status::ok);
    EXPECT_EQ(porter.request(Story{}).unwrap(), "+1 bar+1");
}

TEST_P(Groups, SayWhatIsWrongWithAName) {
    auto made = guest();
    EXPECT_EQ(runtime.group<Room>("").join(made), Status::invalid);
    EXPECT_EQ(runtime.group<Room>("spawned.x").join(made), Status::not_permitted);
    EXPECT_EQ(runtime.group<Room>("\xff").broadcast(Room::say{"x"}).status, Status::invalid);
}

INSTANTIATE_TEST_SUITE_P(Modes, Groups, testing::Bool(),
                         [](const auto &mode) { return mode.param ? "deterministic" : "threads"; });

}  // namespace
