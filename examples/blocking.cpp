// Where code that blocks belongs: an actor on a thread of its own may wait for as long as it likes, and
// the actors of the pool go on. When a shutdown cannot end an actor it says which one, and the
// program is free to leave all the same.
//
//   c++ -std=c++20 blocking.cpp $(pkg-config --cflags --libs spawned) -o blocking && ./blocking
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include <spawned.hpp>

using spawned::milliseconds;

SPAWNED_PROTOCOL(Device, (void, read))
SPAWNED_PROTOCOL(Clock, (void, tick))

// Reads from a pipe into which nobody ever writes.
class Reader : public spawned::Actor<Reader, Device> {
public:
    explicit Reader(int descriptor) : descriptor_(descriptor) {}

    void handle(Device::read, Context&) {
        char byte;
        if (::read(descriptor_, &byte, 1) < 0) throw spawned::Error(spawned::Status::system);
    }

private:
    int descriptor_;
};

// Arms its own next tick, ten times in a second, and stops.
class Ticker : public spawned::Actor<Ticker, Clock> {
public:
    void handle(Clock::tick msg, Context& context) {
        if (ticks_++ < 10) {
            context.send_after(milliseconds(100), msg).unwrap();
        } else {
            std::puts("10 ticks");
            context.stop();
        }
    }

private:
    int ticks_ = 0;
};

int main() {
    int ends[2];
    if (pipe(ends) != 0) return 1;
    spawned::Runtime runtime;
    auto reader = runtime.start<Reader>({.backend = spawned::Backend::thread}, ends[0]);
    reader.read();
    auto clock = runtime.start<Ticker>();
    clock.tick();
    clock.join();
    if (runtime.shutdown(milliseconds(100)) != spawned::Status::timed_out) return 1;
    const auto busy = runtime.busy();
    std::printf("%zu still busy: %s, handling %s\n", busy.size(), busy[0].name, busy[0].message);
    std::exit(0);  // the reader's thread still runs: the runtime is left to the end of the process
}
