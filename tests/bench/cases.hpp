// The measurements, by subject. Each takes how often, and writes a value per line of its entry.
#pragma once

#include <cstdint>

namespace bench {

// yardsticks.cpp
void malloc_and_free(uint64_t amount, double* values);
void atomic_add(uint64_t amount, double* values);
void futex_round_trip(uint64_t amount, double* values);

// messages.cpp
void ping_pong_one_worker(uint64_t amount, double* values);
void ping_pong_default_workers(uint64_t amount, double* values);
void fan_in(uint64_t amount, double* values);
void ring_one_token(uint64_t amount, double* values);
void ring_hundred_tokens(uint64_t amount, double* values);

// requests.cpp
void actor_request_blocking(uint64_t amount, double* values);
void actor_request_await(uint64_t amount, double* values);
void outside_request(uint64_t amount, double* values);
void outside_request_on_caller(uint64_t amount, double* values);

// actors.cpp
void start_and_stop(uint64_t amount, double* values);
void start_idle(uint64_t amount, double* values);
void start_until_ran(uint64_t amount, double* values);
void skynet(uint64_t amount, double* values);
void idle_bytes(uint64_t amount, double* values);
int print_idle_bytes(uint64_t amount);  // in the process that idle_bytes starts

// monitors.cpp
void monitor_and_end(uint64_t amount, double* values);

// supervisors.cpp
void restart_alone(uint64_t amount, double* values);
void restart_together(uint64_t amount, double* values);
void family_end(uint64_t amount, double* values);

// timers.cpp
void timer_schedule_and_cancel(uint64_t amount, double* values);
void timer_fire(uint64_t amount, double* values);

}  // namespace bench
