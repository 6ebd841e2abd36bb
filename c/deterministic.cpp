#include <spawned/deterministic.h>

#include "check.hpp"
#include "sched/simulation.hpp"

using namespace spawned::boundary;

namespace {

spawned_status check_deterministic(spawned_runtime* runtime) {
    const spawned_status status = check_runtime(runtime);
    if (status != SPAWNED_OK) return status;
    return core_of(runtime)->sim != nullptr ? SPAWNED_OK : SPAWNED_EUNSUPPORTED;
}

}  // namespace

extern "C" {

spawned_status spawned_deterministic_step(spawned_runtime* runtime) {
    const spawned_status status = check_deterministic(runtime);
    return status != SPAWNED_OK ? status : sim_step(*core_of(runtime));
}

spawned_status spawned_deterministic_run(spawned_runtime* runtime, uint64_t max_turns,
                                         uint64_t* out_turns) {
    if (out_turns != nullptr) *out_turns = 0;
    const spawned_status status = check_deterministic(runtime);
    return status != SPAWNED_OK ? status : sim_run(*core_of(runtime), max_turns, out_turns);
}

spawned_status spawned_deterministic_advance(spawned_runtime* runtime, spawned_duration duration) {
    const spawned_status status = check_deterministic(runtime);
    return status != SPAWNED_OK ? status : sim_advance(*core_of(runtime), duration);
}

spawned_status spawned_deterministic_choose(spawned_runtime* runtime, uint64_t bound,
                                            uint64_t* out_choice) {
    const spawned_status status = check_deterministic(runtime);
    if (status != SPAWNED_OK) return status;
    if (bound == 0 || out_choice == nullptr) return SPAWNED_EINVAL;
    *out_choice = sim_choose(*core_of(runtime), bound);
    return SPAWNED_OK;
}

spawned_status spawned_deterministic_digest(spawned_runtime* runtime, uint64_t* out_digest) {
    const spawned_status status = check_deterministic(runtime);
    if (status != SPAWNED_OK) return status;
    if (out_digest == nullptr) return SPAWNED_EINVAL;
    *out_digest = core_of(runtime)->sim->digest.load_relaxed();
    return SPAWNED_OK;
}
}
