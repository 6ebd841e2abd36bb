#include <spawned/event.h>

#include "check.hpp"
#include "event/events.hpp"
#include "promised.hpp"

using namespace spawned::boundary;

namespace {

// The number of a source, which must be of the receiver's runtime.
spawned_status check_source(uint64_t source, const spawned_message* m) {
    if (!is_possible(source)) return SPAWNED_EINVAL;
    if (m == nullptr) return SPAWNED_OK;
    const spawned_pid target = reinterpret_cast<const message*>(m)->target;
    return runtime_of(source) == runtime_of(target) ? SPAWNED_OK : SPAWNED_EINVAL;
}

spawned_status send_on(uint64_t source, spawned_message* given, spawned_event* out_event,
                       spawned_status (*arm)(core& home, uint64_t source, message& m,
                                             uint64_t* out_event)) {
    if (out_event != nullptr) *out_event = 0;
    core* home;
    message* sent;
    const spawned_status status = take_message(given, check_source(source, given), &home, &sent);
    return status != SPAWNED_OK ? status : arm(*home, source, *sent, out_event);
}

}  // namespace

extern "C" {

spawned_status spawned_send_on_end(spawned_pid pid, spawned_message* m, spawned_event* out_event) {
    return send_on(pid, m, out_event, send_on_end);
}

spawned_status spawned_send_on_cancel(spawned_token token, spawned_message* m,
                                      spawned_event* out_event) {
    return send_on(token, m, out_event, send_on_cancel);
}

spawned_status spawned_actor_end_response(spawned_pid pid, spawned_duration timeout,
                                          spawned_response** out_response) {
    return promise_of(pid, timeout, out_response, end_response);
}

spawned_status spawned_event_cancel(spawned_event event) {
    core* home = is_possible(event) ? runtime_at(event) : nullptr;
    if (home != nullptr) return cancel_event(*home, event);
    const spawned_status why = why_absent(event);
    return why == SPAWNED_ESTOPPED ? SPAWNED_EALREADY : why;
}
}
