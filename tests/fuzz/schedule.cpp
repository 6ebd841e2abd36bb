// The way to a deterministic runtime's choices, which leads past the C ABI.
#include "sched/simulation.hpp"

#include "fuzz.h"

void fuzz_follow(spawned_runtime *runtime, const uint8_t *choices, size_t count) {
    spawned::engine::sim_follow(*reinterpret_cast<spawned::engine::core *>(runtime), choices,
                                count);
}
