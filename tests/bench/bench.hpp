// What the benchmarks share: clocks, a runtime for one measurement, and the shape of a measurement.
#pragma once

#include <spawned.h>
#include <time.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <semaphore>

namespace bench {

// What a figure is divided by; each is measured in the same round.
enum class yardstick { malloc_free, atomic_add, futex_round_trip, none };

// One printed line.
struct line {
    const char* name;
    const char* unit;
    yardstick divisor;
};

// Runs once per round and writes one value per line.
struct measurement {
    const line* lines;
    size_t line_count;
    void (*run)(uint64_t amount, double* values);
    uint64_t amount;
    uint64_t quick_amount;
};

inline uint64_t clock_ns(clockid_t which) {
    timespec now;
    clock_gettime(which, &now);
    return static_cast<uint64_t>(now.tv_sec) * 1000000000 + static_cast<uint64_t>(now.tv_nsec);
}
inline uint64_t wall_ns() { return clock_ns(CLOCK_MONOTONIC); }
inline uint64_t cpu_ns() { return clock_ns(CLOCK_PROCESS_CPUTIME_ID); }

inline double each(uint64_t ns, uint64_t amount) {
    return static_cast<double>(ns) / static_cast<double>(amount);
}

inline void check(spawned_status status, const char* what) {
    if (status == SPAWNED_OK) return;
    std::fprintf(stderr, "bench: %s: %s\n", what, spawned_status_name(status));
    std::abort();
}

// A runtime that lives as long as one measurement.
class fresh_runtime {
public:
    explicit fresh_runtime(uint32_t workers) {
        spawned_runtime_options options = SPAWNED_RUNTIME_OPTIONS_INIT;
        options.workers = workers;
        check(spawned_runtime_create(&options, &runtime_), "create");
    }
    ~fresh_runtime() {
        check(spawned_runtime_shutdown(runtime_, 60 * SPAWNED_SECOND), "shutdown");
        check(spawned_runtime_destroy(runtime_), "destroy");
    }
    fresh_runtime(const fresh_runtime&) = delete;
    fresh_runtime& operator=(const fresh_runtime&) = delete;

    spawned_pid start(const spawned_behavior& behavior, void* argument = nullptr) {
        spawned_actor_options options = SPAWNED_ACTOR_OPTIONS_INIT;
        options.argument = argument;
        spawned_pid pid = 0;
        check(spawned_actor_start(runtime_, &behavior, &options, &pid), "start");
        return pid;
    }
    spawned_runtime* get() const { return runtime_; }

private:
    spawned_runtime* runtime_ = nullptr;
};

inline constexpr uint32_t default_workers = 0;

using finish = std::binary_semaphore;

template <class T>
spawned_message_type type_of(const char* name, const spawned_message_type* reply = nullptr) {
    spawned_message_type type = SPAWNED_REQUEST_TYPE(name, T, reply);
    return type;
}

template <size_t Count>
spawned_behavior behavior_of(const char* name, size_t state_size,
                             const spawned_handler (&handlers)[Count]) {
    spawned_behavior behavior = {};
    behavior.size = sizeof behavior;
    behavior.name = name;
    behavior.state_size = state_size;
    behavior.handlers = handlers;
    behavior.handler_count = Count;
    return behavior;
}

// A small generator, the same on every machine.
class random_numbers {
public:
    explicit random_numbers(uint64_t seed) : state_(seed) {}
    uint64_t below(uint64_t bound) {
        state_ = state_ * 6364136223846793005u + 1442695040888963407u;
        return (state_ >> 33) % bound;
    }

private:
    uint64_t state_;
};

}  // namespace bench
