// Groups: actors under one name, and who is told of their changes.
#pragma once

#include <spawned/group.h>

#include "actor/core.hpp"

namespace spawned::engine {

// The table of groups; with the registry's errors.
spawned_status init_groups(core& home);
void deinit_groups(core& home);

spawned_status join_group(core& home, const char* name, size_t length, spawned_pid pid);
spawned_status leave_group(core& home, const char* name, size_t length, spawned_pid pid);
// Writes up to capacity pids; how many there are comes back in any case.
spawned_status list_members(core& home, const char* name, size_t length, spawned_pid* pids,
                            size_t capacity, size_t* out_count);
// out_event may be null.
spawned_status subscribe_group(core& home, const char* name, size_t length, spawned_pid subscriber,
                               const spawned_message_type* type, uint64_t tag, uint64_t* out_event);

// Consumes the value. The type can be copied. The counts are added to.
spawned_status broadcast(core& home, const char* name, size_t length,
                         const spawned_message_type* type, const void* value, size_t* out_taken,
                         size_t* out_refused);

}  // namespace spawned::engine
