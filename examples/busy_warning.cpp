// A handler that keeps a pool thread busy keeps others waiting, so the library warns of it, by name and
// while it still runs. On the blocking backend the same handler is where it belongs.
//
//   c++ -std=c++20 busy_warning.cpp $(pkg-config --cflags --libs spawned) -o busy_warning &&
//       ./busy_warning
#include <chrono>
#include <cstdio>
#include <thread>

#include <spawned.hpp>

using namespace std::chrono_literals;

SPAWNED_PROTOCOL(Busy, (spawned::Response<void>, work))

class BusyActor : public spawned::Actor<BusyActor, Busy> {
public:
    // Stands for a long computation, or a call that should have been asynchronous.
    void handle(Busy::work, Context&) { std::this_thread::sleep_for(300ms); }
};

static void work_on(spawned::Backend backend, const char* name, spawned::Runtime& runtime) {
    auto busy = runtime.start<BusyActor>({.backend = backend});
    for (int i = 0; i < 3; i++) {
        std::printf("%s: working\n", name);
        busy.work().unwrap();
    }
}

int main() {
    // The library prints nothing itself. A sink runs on any thread and calls nothing of the library.
    spawned_log_sink sink = SPAWNED_LOG_SINK_INIT;
    sink.level = SPAWNED_LOG_WARNING;
    sink.write = [](const spawned_log_record* record, void*) {
        std::printf("warning: %s\n", record->text);
    };
    // A build of the library with assertions warns by default, a release only when asked to.
    spawned::Runtime runtime({.slow_handler = 10ms, .log = &sink});
    work_on(spawned::Backend::pool, "pool", runtime);
    work_on(spawned::Backend::blocking, "blocking", runtime);
}
