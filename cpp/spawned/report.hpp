// What a runtime tells of itself: who is at work, and its counters.
#pragma once

#include <spawned/runtime.h>
#include <spawned/pid.hpp>

#include <cstdint>
#include <vector>

namespace spawned::inline v0 {

// One actor that has not ended.
struct ActorReport {
    Pid pid;
    const char* name;  // its class; static
    const char*
        message;       // what it handles, "started" or "stopped" in a hook; null when idle. Static
    Duration elapsed;  // how long the running handler has been seen running
    std::uint64_t backlog;  // messages that wait, an estimate
    Pid waits_for;          // the actor it waits for; none when it waits for nobody, or for several
};

// The counters of the C header, spawned_runtime_stats.
using RuntimeStats = spawned_runtime_stats;

namespace detail {

inline std::vector<ActorReport> report_busy(spawned_runtime* runtime) {
    std::vector<spawned_actor_report> raw(16, spawned_actor_report SPAWNED_ACTOR_REPORT_INIT);
    std::size_t count = 0;
    // Others may start meanwhile.
    for (;;) {
        throw_unless_ok(
            spawned_runtime_busy(runtime, raw.data(), sizeof raw[0], raw.size(), &count));
        if (count <= raw.size()) break;
        raw.resize(count + count / 8, spawned_actor_report SPAWNED_ACTOR_REPORT_INIT);
    }
    std::vector<ActorReport> reports;
    reports.reserve(count);
    for (std::size_t i = 0; i < count; i++)
        reports.push_back({Pid(raw[i].pid), raw[i].name, raw[i].message_name,
                           nanoseconds(raw[i].elapsed), raw[i].backlog, Pid(raw[i].waits_for)});
    return reports;
}

}  // namespace detail
}  // namespace spawned::inline v0
