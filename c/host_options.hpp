// Hosts are created by two headers.
#pragma once

#include <spawned/host.h>

#include "check.hpp"
#include "sched/host.hpp"

namespace spawned::boundary {

// loop: of the program; null: it calls spawned_host_run.
inline spawned_status create_host(spawned_runtime* runtime, const spawned_host_options* options,
                                  native_loop* loop, spawned_host** out_host) {
    const spawned_status status = check_runtime(runtime);
    if (status != SPAWNED_OK) return status;
    if (out_host == nullptr) return SPAWNED_EINVAL;
    *out_host = nullptr;
    spawned_host_options given = SPAWNED_HOST_OPTIONS_INIT;
    if (options != nullptr && !read_sized(options, &given)) return SPAWNED_EINVAL;
    const uint64_t slice = given.slice == 0 ? 200 * SPAWNED_MICROSECOND : given.slice;
    host* made = nullptr;
    const spawned_status made_status =
        make_host(*core_of(runtime), {given.wake, given.user_data, slice}, loop, &made);
    if (made_status == SPAWNED_OK) *out_host = reinterpret_cast<spawned_host*>(made);
    return made_status;
}

}  // namespace spawned::boundary
