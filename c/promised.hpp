// Responses of what will happen rather than of what was asked: of a number's end.
#pragma once

#include "check.hpp"

namespace spawned::boundary {

// A response of a source that is a number. Gone with its runtime means that it has happened.
inline spawned_status promise_of(uint64_t source, spawned_duration timeout,
                                 spawned_response** out_response,
                                 spawned_status (*make)(core& home, uint64_t source,
                                                        uint64_t timeout, message** out_promise)) {
    if (out_response == nullptr) return SPAWNED_EINVAL;
    core* home = is_possible(source) ? runtime_at(source) : nullptr;
    message* promise = nullptr;
    spawned_status status;
    if (home != nullptr)
        status = make(*home, source, duration_or(timeout, SPAWNED_FOREVER), &promise);
    else if ((status = why_absent(source)) == SPAWNED_ESTOPPED)
        status = SPAWNED_OK;
    *out_response = promise != nullptr ? response_of(*promise) : engine::response_of_error(status);
    return status;
}

}  // namespace spawned::boundary
