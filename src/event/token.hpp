// Cancellation tokens: a slot each until it is cancelled, and a number that reads as cancelled ever after.
//
//   vacant -> live -> cancelled = vacant (the next generation)
//
// Whoever takes a token from live to cancelled (one compare-and-swap) fires its watches, the oldest first,
// and then its children, one after the other.
#pragma once

#include "actor/core.hpp"
#include "actor/watch.hpp"

namespace spawned::engine {

struct token_slot {
    hardware::atomic<uint32_t> state;  // generation and, in the lowest bit, whether it is live
    uint32_t index = 0;
    uint64_t in_parent = 0;                // the watch by which it goes with its parent; 0: none
    token_slot* next_cancelled = nullptr;  // whoever cancels it
    source_list watches;
};

// Whether there is or was one of this number, which is possible and of this runtime.
bool is_token(core& home, uint64_t token);

// parent: 0 for none. Of a cancelled parent the child is cancelled from the start.
spawned_status create_token(core& home, uint64_t parent, uint64_t* out_token);
// The actor's own, cancelled when it is asked to stop or begins to end.
spawned_status own_token_of(core& home, spawned_pid pid, uint64_t* out_token);

// EALREADY when it was cancelled before; EINVAL when there can be none of this number.
spawned_status cancel_token(core& home, uint64_t token);
bool is_cancelled(core& home, uint64_t token);
void cancel_all_tokens(core& home);

// Runs call once, at the cancellation or now. Its number is left in *out_number.
extern const watch_kind calling_event;  // the program's, who may cancel it
extern const watch_kind calling_watch;  // the engine's
spawned_status call_on_cancel(core& home, const watch_kind& kind, uint64_t token,
                              void (*call)(void*), void* user_data, uint64_t* out_number);

// Arms a watch on a token; OK also when it is cancelled already, and the watch fired.
spawned_status watch_token(thread& self, core& home, watch& one, uint64_t token,
                           spawned_pid for_whom);

}  // namespace spawned::engine
