// A game's loop: a chat room whose actors run on the game's own thread, a little in every frame.
//
// The runtime is a hosted one: it has no thread at all. Whatever its actors do is done inside host.run, for as
// long as the frame can spare; what is left goes on in the next one. Between two frames nothing moves, so
// what actors and the game share needs no lock.
//
//   c++ -std=c++20 host_tick.cpp $(pkg-config --cflags --libs spawned) -o host_tick && ./host_tick
#include <cstdio>
#include <filesystem>
#include <iterator>
#include <string>
#include <vector>

#include <spawned.hpp>

struct Guest;
SPAWNED_PROTOCOL(Room, (void, enter, (guest, spawned::Ref<Guest>)),
                 (void, say, (from, spawned::Ref<Guest>), (words, std::string)))
SPAWNED_PROTOCOL(Guest, (void, hear, (words, std::string)))

class RoomActor : public spawned::Actor<RoomActor, Room> {
public:
    void handle(Room::enter msg, Context&) { guests_.push_back(msg.guest); }
    void handle(const Room::say& msg, Context&) {
        for (const Guest::Ref& guest : guests_)
            if (guest != msg.from) guest.hear(msg.words);
    }

private:
    std::vector<Guest::Ref> guests_;
};

class GuestActor : public spawned::Actor<GuestActor, Guest> {
public:
    explicit GuestActor(std::string name) : name_(std::move(name)) {}

    void handle(const Guest::hear& msg, Context&) {
        std::printf("%s hears: %s\n", name_.c_str(), msg.words.c_str());
    }

private:
    std::string name_;
};

static long threads_of_this_process() {
    return std::distance(std::filesystem::directory_iterator("/proc/self/task"), {});
}

int main() {
    spawned::Runtime runtime({.hosted = true});
    const spawned::Host host(runtime);
    auto room = runtime.start<RoomActor>();
    auto alice = runtime.start<GuestActor>("Alice");
    auto bob = runtime.start<GuestActor>("Bob");
    room.enter(alice);
    room.enter(bob);

    for (int frame = 0; frame < 60; frame++) {
        if (frame == 10) room.say(alice, "Hello, Bob!");
        if (frame == 20) room.say(bob, "Hi, Alice!");
        // ... input, physics, drawing; then 2 ms at most for the actors, without waiting for any.
        host.run({.budget = spawned::milliseconds(2)}).unwrap();
    }
    host.run().unwrap();
    std::printf("threads: %ld\n", threads_of_this_process());
}
