// Two actors that tick until Ctrl-C. One signal reaches both: each asked for it by itself, in its started
// hook. The argument chooses the backend; the actors do not notice.
//
//   c++ -std=c++20 timers_and_signals.cpp $(pkg-config --cflags --libs spawned) -o timers_and_signals
//   ./timers_and_signals async|blocking|thread [MILLISECONDS]      (a tick each second unless said)
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>

#include <spawned.hpp>

SPAWNED_PROTOCOL(Ticks, (void, tick), (void, shut_down))

class Ticker : public spawned::Actor<Ticker, Ticks> {
public:
    Ticker(std::string name, spawned::Duration period) : name_(std::move(name)), period_(period) {}

    void started(Context& context) {
        context.send_interval(period_, Ticks::tick{}).unwrap();
        spawned::send_on_signal(context.self(), SIGINT, Ticks::shut_down{}).unwrap();
        std::printf("%s: ticking, until Ctrl-C\n", name_.c_str());
    }
    void stopped(Context&) { std::printf("%s: stopped after %u ticks\n", name_.c_str(), ticks_); }

    void handle(Ticks::tick, Context&) { std::printf("%s: tick %u\n", name_.c_str(), ++ticks_); }
    void handle(Ticks::shut_down, Context& context) {
        std::printf("%s: shutting down\n", name_.c_str());
        context.stop();
    }

private:
    std::string name_;
    spawned::Duration period_;
    unsigned ticks_ = 0;
};

int main(int argc, char** argv) {
    const std::map<std::string_view, spawned::Backend> backends{{"async", spawned::Backend::pool},
                                                                {"blocking",
                                                                 spawned::Backend::blocking},
                                                                {"thread",
                                                                 spawned::Backend::thread}};
    const long milliseconds = argc > 2 ? std::strtol(argv[2], nullptr, 10) : 1000;
    const auto backend = backends.find(argc > 1 ? argv[1] : "");
    if (argc > 3 || milliseconds <= 0 || backend == backends.end()) {
        std::fprintf(stderr, "usage: %s async|blocking|thread [MILLISECONDS]\n", argv[0]);
        return 2;
    }
    const auto period = spawned::milliseconds(static_cast<std::uint64_t>(milliseconds));
    std::setvbuf(stdout, nullptr, _IOLBF, 0);
    spawned::Runtime runtime;
    auto first = runtime.start<Ticker>({.backend = backend->second}, "first", period);
    auto second = runtime.start<Ticker>({.backend = backend->second}, "second", period);
    first.join();
    second.join();
    std::puts("both have ended");
}
