// What the functions that begin blocking work have in common.
#pragma once

#include <spawned/work.h>

#include "check.hpp"

namespace spawned::boundary {

inline void end_user_data(void* user_data, void (*destroy)(void* user_data)) {
    if (destroy != nullptr) destroy(user_data);
}

// In whose handler this is, if in any.
inline spawned_pid running_actor(core& home) {
    const thread* self = current_thread(home);
    return self != nullptr && self->top != nullptr ? self->top->self->pid.load_relaxed() : 0;
}

inline spawned_status check_work(const spawned_message_type* type, spawned_work_fn run,
                                 uint32_t flags) {
    if (run == nullptr || (type != nullptr && !is_type(type)) ||
        (flags & ~uint32_t{SPAWNED_WORK_BORROWS}) != 0)
        return SPAWNED_EINVAL;
    if (type != nullptr && (type->flags & SPAWNED_TYPE_VARIABLE) != 0) return SPAWNED_EUNSUPPORTED;
    return SPAWNED_OK;
}

}  // namespace spawned::boundary
