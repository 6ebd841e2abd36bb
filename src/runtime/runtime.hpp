// A runtime put together from its parts, and taken apart again.
#pragma once

#include <spawned/runtime.h>

#include "actor/core.hpp"

namespace spawned::engine {

// Checked and complete: no field is a default any more.
struct runtime_settings {
    bool deterministic;
    bool only_threads;
    uint32_t workers;
    uint32_t blocking_threads;
    uint32_t max_actors;
    uint64_t seed;
    size_t max_payload;
    spawned_duration slow_handler;
    spawned_duration stuck_handler;
    spawned_duration blocking_idle;
    allocator memory;
    spawned_log_sink log;
};

spawned_status create_runtime(const runtime_settings& settings, core** out_home);
spawned_status shut_down(core& home, uint64_t timeout);
spawned_status destroy_runtime(core* home);

// Calls visit, which must stay in the engine, for each actor that has not ended.
void report_busy(core& home, void (*visit)(const spawned_actor_report& report, void* argument),
                 void* argument);
// Under the registry's lock: whether the actor lives, and its end will look there. Registers nothing.
bool mark_named(actor& a, spawned_pid pid);
void collect_stats(core& home, spawned_runtime_stats* stats);

// Reply handles (reply_handles.cpp).
spawned_status make_reply_handle(core& home, message& m, spawned_reply_to* out_reply);
enum class reply_use : uint8_t { use_up, look };
// Calls use(message, argument) with the handle's slot locked, or, when it is used up by this, unlocked.
spawned_status with_reply(spawned_reply_to reply, reply_use use,
                          spawned_status (*act)(core& home, reply_slot& slot, message& m,
                                                void* argument),
                          void* argument);
void drop_replies(core& home);

// Descriptions copied into the runtime (descriptions.cpp); freed with it.
spawned_status copy_type(core& home, const spawned_message_type& type,
                         const spawned_message_type** out_type);
spawned_status copy_behavior(core& home, const spawned_behavior& behavior,
                             const spawned_behavior** out_behavior);
void free_descriptions(core& home);

}  // namespace spawned::engine
