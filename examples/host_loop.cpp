// A program that owns a loop of libuv: a chat room whose actors run between the polls of that loop.
//
// The runtime is a hosted one: it has no thread at all. The program's own handles, here a timer that
// makes the guests talk, and the actors take turns on one thread, so what they share needs no lock; and
// while nothing happens the thread sleeps in the loop's poll.
//
//   c++ -std=c++20 host_loop.cpp $(pkg-config --cflags --libs spawned libuv) -o host_loop && ./host_loop
#include <uv.h>

#include <cstdio>
#include <filesystem>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

#include <spawned.hpp>
#include <spawned/uv.hpp>

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

static void check(int error) {
    if (error != 0) throw std::runtime_error(uv_strerror(error));
}

// The program's loop. What was on it has ended, and is closed in one more run.
class Loop {
public:
    Loop() { check(uv_loop_init(&loop_)); }
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;
    ~Loop() {
        run();
        uv_loop_close(&loop_);
    }
    void run() { uv_run(&loop_, UV_RUN_DEFAULT); }
    uv_loop_t* get() { return &loop_; }

private:
    uv_loop_t loop_;
};

// Has the guests say their lines, one every 10 ms.
class Script {
public:
    struct Line {
        Guest::Ref from;
        std::string words;
    };
    Script(Loop& loop, Room::Ref room, std::vector<Line> lines)
        : room_(room), lines_(std::move(lines)) {
        check(uv_timer_init(loop.get(), &timer_));
        timer_.data = this;
        check(uv_timer_start(
            &timer_, [](uv_timer_t* timer) { static_cast<Script*>(timer->data)->go_on(); }, 10,
            10));
    }

private:
    void go_on() noexcept {
        if (next_ == lines_.size()) {
            uv_close(reinterpret_cast<uv_handle_t*>(&timer_), nullptr);
        } else {
            room_.say(lines_[next_].from, lines_[next_].words);
            next_++;
        }
    }

    uv_timer_t timer_;
    Room::Ref room_;
    std::vector<Line> lines_;
    std::size_t next_ = 0;
};

static long threads_of_this_process() {
    return std::distance(std::filesystem::directory_iterator("/proc/self/task"), {});
}

int main() {
    if (SPAWNED_UV_CHECK() != SPAWNED_OK)
        return 1;  // whether libuv fits the <uv.h> of this program
    Loop loop;
    spawned::Runtime runtime({.hosted = true});
    const spawned::uv::Host host(runtime, loop.get());
    auto room = runtime.start<RoomActor>();
    auto alice = runtime.start<GuestActor>("Alice");
    auto bob = runtime.start<GuestActor>("Bob");
    room.enter(alice);
    room.enter(bob);

    const Script script(loop, room, {{alice, "Hello, Bob!"}, {bob, "Hi, Alice!"}});
    loop.run();  // until the timer is closed and no actor has work
    std::printf("threads: %ld\n", threads_of_this_process());
}
