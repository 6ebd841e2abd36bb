#include <spawned/signal.h>

#include "check.hpp"
#include "event/events.hpp"

using namespace spawned::boundary;

extern "C" {

spawned_status spawned_send_on_signal(int32_t signal, spawned_message* given, uint32_t flags,
                                      spawned_event* out_event) {
    if (out_event != nullptr) *out_event = 0;
    spawned_status refused = SPAWNED_OK;
    if (!is_catchable(signal) ||
        (flags & ~uint32_t{SPAWNED_SIGNAL_REPEAT | SPAWNED_SIGNAL_REPLACE}) != 0)
        refused = SPAWNED_EINVAL;
    else if ((flags & SPAWNED_SIGNAL_REPEAT) != 0 && given != nullptr &&
             !can_be_copied(*reinterpret_cast<const message*>(given)->type))
        refused = SPAWNED_EUNSUPPORTED;
    core* home;
    message* sent;
    const spawned_status status = take_message(given, refused, &home, &sent);
    return status != SPAWNED_OK ? status : send_on_signal(*home, signal, *sent, flags, out_event);
}

spawned_status spawned_signal_response(spawned_runtime* runtime, int32_t signal, uint32_t flags,
                                       spawned_duration timeout, spawned_response** out_response) {
    if (out_response == nullptr) return SPAWNED_EINVAL;
    spawned_status status = check_runtime(runtime);
    if (status == SPAWNED_OK &&
        (!is_catchable(signal) || (flags & ~uint32_t{SPAWNED_SIGNAL_REPLACE}) != 0))
        status = SPAWNED_EINVAL;
    message* promise = nullptr;
    if (status == SPAWNED_OK)
        status = signal_response(*core_of(runtime), signal, flags,
                                 duration_or(timeout, SPAWNED_FOREVER), &promise);
    *out_response =
        promise != nullptr ? response_of(*promise) : spawned::engine::response_of_error(status);
    return status;
}

spawned_status spawned_signal_raise(spawned_runtime* runtime, int32_t signal) {
    const spawned_status status = check_runtime(runtime);
    if (status != SPAWNED_OK) return status;
    if (!is_catchable(signal)) return SPAWNED_EINVAL;
    core& home = *core_of(runtime);
    thread* self = current_thread(home);
    if (self == nullptr) return SPAWNED_ENOMEM;
    return signal_arrived(*self, home, signal) ? SPAWNED_OK : SPAWNED_ENOENT;
}
}
