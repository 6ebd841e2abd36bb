// What happens outside actors and reaches them as messages. The end of an actor is a watch of its own
// (actor/watch.hpp).
#pragma once

#include "actor/core.hpp"
#include "actor/watch.hpp"
#include "event/signal.hpp"
#include "event/token.hpp"

namespace spawned::engine {

struct events {
    slab<token_slot, 6> tokens;
    signal_desk signals;
};

bool init_events(core& home);
void deinit_events(core& home);

// Messages when something happens. The message is taken over in every case; out_event may be null.
spawned_status send_on_end(core& home, spawned_pid watched, message& m, uint64_t* out_event);
spawned_status send_on_cancel(core& home, uint64_t token, message& m, uint64_t* out_event);

// Responses that are ready then; timeout as of requests.
spawned_status end_response(core& home, spawned_pid watched, uint64_t timeout,
                            message** out_promise);
spawned_status cancel_response(core& home, uint64_t token, uint64_t timeout, message** out_promise);

}  // namespace spawned::engine
