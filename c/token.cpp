#include <spawned/token.h>

#include "check.hpp"
#include "event/events.hpp"
#include "promised.hpp"

using namespace spawned::boundary;

extern "C" {

spawned_status spawned_token_create(spawned_runtime* runtime, spawned_token parent,
                                    spawned_token* out_token) {
    if (out_token == nullptr) return SPAWNED_EINVAL;
    *out_token = 0;
    const spawned_status status = check_runtime(runtime);
    if (status != SPAWNED_OK) return status;
    core* home = core_of(runtime);
    if (parent != 0 && (!is_possible(parent) || runtime_at(parent) != home)) return SPAWNED_EINVAL;
    return create_token(*home, parent, out_token);
}

spawned_status spawned_token_of_actor(spawned_pid pid, spawned_token* out_token) {
    if (out_token == nullptr) return SPAWNED_EINVAL;
    *out_token = 0;
    core* home = is_possible(pid) ? runtime_at(pid) : nullptr;
    if (home == nullptr) return why_absent(pid);
    spawned_token token = 0;
    const spawned_status status = own_token_of(*home, pid, &token);
    if (status == SPAWNED_OK) *out_token = token;
    return status;
}

spawned_status spawned_token_cancel(spawned_token token) {
    core* home = is_possible(token) ? runtime_at(token) : nullptr;
    if (home != nullptr) return cancel_token(*home, token);
    const spawned_status why = why_absent(token);
    return why == SPAWNED_ESTOPPED ? SPAWNED_EALREADY : why;
}

int32_t spawned_token_is_cancelled(spawned_token token) {
    if (token == 0) return 0;
    core* home = is_possible(token) ? runtime_at(token) : nullptr;
    return home == nullptr || is_cancelled(*home, token) ? 1 : 0;
}

spawned_status spawned_token_on_cancel(spawned_token token, void (*callback)(void* user_data),
                                       void* user_data, spawned_event* out_event) {
    if (out_event != nullptr) *out_event = 0;
    if (callback == nullptr) return SPAWNED_EINVAL;
    core* home = is_possible(token) ? runtime_at(token) : nullptr;
    if (home != nullptr)
        return call_on_cancel(*home, calling_event, token, callback, user_data, out_event);
    const spawned_status why = why_absent(token);
    if (why != SPAWNED_ESTOPPED) return why;
    callback(user_data);  // gone with its runtime
    return SPAWNED_OK;
}

spawned_status spawned_token_response(spawned_token token, spawned_duration timeout,
                                      spawned_response** out_response) {
    return promise_of(token, timeout, out_response, cancel_response);
}
}
