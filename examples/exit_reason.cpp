// How actors end, and what is known of it afterwards: nothing fails but the one actor, and its reason
// can be asked for at any time.
//
//   c++ -std=c++20 exit_reason.cpp $(pkg-config --cflags --libs spawned) -o exit_reason && ./exit_reason
#include <cstdio>

#include <spawned.hpp>

using spawned::Error;
using spawned::Status;

// The application's own codes are above 0.
constexpr Status worn_out{7}, no_power{8};

SPAWNED_PROTOCOL(Worker, (spawned::Response<void>, work), (spawned::Status, wear_out))

class WorkerActor : public spawned::Actor<WorkerActor, Worker> {
public:
    explicit WorkerActor(bool powered = true) : powered_(powered) {}

    void started(Context&) {
        if (!powered_) throw Error(no_power, "no power");
    }
    void handle(Worker::work, Context&) {}
    // Whatever is thrown ends the actor; of another exception the text would begin with its type.
    void handle(Worker::wear_out, Context&) { throw Error(worn_out, "the gear is worn out"); }

private:
    bool powered_;
};

static void report(const char* who, spawned::Pid pid) {
    const auto reason = pid.exit_reason();
    std::printf("%s: %s", who, reason ? reason->to_string().c_str() : "running");
    if (reason && reason->code() != Status::ok)
        std::printf(", code %d", static_cast<int>(reason->code()));
    std::printf(" (%s)\n", reason && reason->is_abnormal() ? "abnormal" : "not abnormal");
}

int main() {
    spawned::Runtime runtime;

    auto stopped = runtime.start<WorkerActor>();
    stopped.work().unwrap();
    report("asked while it runs", stopped);
    stopped.stop();
    stopped.join();
    report("stopped", stopped);

    auto broken = runtime.start<WorkerActor>();
    broken.wear_out();
    broken.join();
    report("broken", broken);
    std::printf("sending to it: %s\n", text(broken.wear_out()));

    auto unpowered = runtime.start<WorkerActor>(false);
    unpowered.join();
    report("unpowered", unpowered);

    auto killed = runtime.start<WorkerActor>();
    killed.kill();
    killed.join();
    report("killed", killed);

    auto last = runtime.start<WorkerActor>();
    runtime.shutdown();
    report("there until the end", last);
}
