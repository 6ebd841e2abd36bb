// A chat room: actors that know one another by reference, in both directions, and take part under names.
//
// What is printed is the same in every run although nobody waits for anybody's screen: a message sent
// before another that caused a third arrives before that third. So Bob hears Alice before he is asked
// to speak himself.
//
//   c++ -std=c++20 chat_room.cpp $(pkg-config --cflags --libs spawned) -o chat_room && ./chat_room
#include <cstdio>
#include <map>
#include <string>
#include <vector>

#include <spawned.hpp>

struct User;
SPAWNED_PROTOCOL(Room,
                 (spawned::Response<void>, admit, (name, std::string), (user, spawned::Ref<User>)),
                 (spawned::Response<void>, post, (from, std::string), (text, std::string)),
                 (spawned::Response<std::vector<std::string>>, members))
SPAWNED_PROTOCOL(User, (spawned::Response<void>, enter, (room, Room::Ref)),
                 (spawned::Response<void>, say, (text, std::string)),
                 (void, hear, (from, std::string), (text, std::string)))

class RoomActor : public spawned::Actor<RoomActor, Room> {
public:
    void handle(const Room::admit& msg, Context&) {
        std::printf("room: %s joins\n", msg.name.c_str());
        users_.emplace(msg.name, msg.user);
    }
    void handle(const Room::post& msg, Context&) {
        std::printf("room: %s says: %s\n", msg.from.c_str(), msg.text.c_str());
        for (const auto& [name, user] : users_)
            if (name != msg.from) user.hear(msg.from, msg.text);  // who has left hears nothing
    }
    std::vector<std::string> handle(Room::members, Context&) {
        std::vector<std::string> names;
        for (const auto& [name, user] : users_) names.push_back(name);
        return names;
    }

private:
    std::map<std::string, User::Ref> users_;
};

class UserActor : public spawned::Actor<UserActor, User> {
public:
    explicit UserActor(std::string name) : name_(std::move(name)) {}

    // While the room answers, this actor awaits and its thread serves others.
    Task<> handle(User::enter msg, Context& context) {
        room_ = msg.room;
        (co_await room_.admit(name_, context.self())).unwrap();
    }
    Task<> handle(User::say msg, Context&) { (co_await room_.post(name_, msg.text)).unwrap(); }
    void handle(const User::hear& msg, Context&) {
        std::printf("%s hears %s: %s\n", name_.c_str(), msg.from.c_str(), msg.text.c_str());
    }

private:
    std::string name_;
    Room::Ref room_;
};

int main() {
    spawned::Runtime runtime;
    auto room = runtime.start<RoomActor>();
    auto alice = runtime.start<UserActor>("Alice");
    auto bob = runtime.start<UserActor>("Bob");
    alice.enter(room).unwrap();
    bob.enter(room).unwrap();
    std::printf("members:");
    for (const std::string& name : room.members().unwrap()) std::printf(" %s", name.c_str());
    std::printf("\n");
    alice.say("Hello, Bob!").unwrap();
    bob.say("Hi, Alice!").unwrap();
    for (auto user : {alice, bob}) {  // each handles what waits for it before it stops
        user.drain();
        user.join();
    }
}
