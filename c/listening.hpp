// What the functions that make listeners have in common: their checks, and the response of how it ended.
#pragma once

#include <spawned/token.h>

#include "actor/block.hpp"
#include "check.hpp"
#include "event/token.hpp"

namespace spawned::boundary {

struct listening {
    spawned_pid to;
    spawned_token until;
    void* user_data;
    void (*destroy)(void* user_data);
};

// Of a type whose values a source builds.
inline spawned_status check_item_type(const core& home, const spawned_message_type* type,
                                      bool may_vary) {
    if (!is_type(type)) return SPAWNED_EINVAL;
    if (!may_vary && (type->flags & SPAWNED_TYPE_VARIABLE) != 0) return SPAWNED_EUNSUPPORTED;
    return type->value_size <= home.max_payload ? SPAWNED_OK : SPAWNED_ETOOBIG;
}

// The home is left null unless OK.
inline spawned_status find_receiver(const listening& wanted, core** out_home) {
    if (!is_possible(wanted.to)) return SPAWNED_EINVAL;
    core* home = runtime_at(wanted.to);
    if (home == nullptr) return why_absent(wanted.to);
    if (wanted.until != 0 &&
        (runtime_of(wanted.until) != runtime_of(wanted.to) || !is_token(*home, wanted.until)))
        return SPAWNED_EINVAL;
    if (current_thread(*home) == nullptr) return SPAWNED_ENOMEM;
    *out_home = home;
    return SPAWNED_OK;
}

// check(home) may refuse; start(home, promise) takes user data and promise over, which have ended unless OK.
template <class Check, class Start>
spawned_status begin_listening(const listening& wanted, bool is_well_formed,
                               spawned_response** out_response, Check check, Start start) {
    core* home = nullptr;
    message* promise = nullptr;
    spawned_status status = is_well_formed && out_response != nullptr
                                ? find_receiver(wanted, &home)
                                : spawned_status{SPAWNED_EINVAL};
    if (home != nullptr) status = check(*home);
    if (home != nullptr && status == SPAWNED_OK) {
        promise = new_promise(*home, nullptr);
        status = promise != nullptr ? start(*home, *promise) : spawned_status{SPAWNED_ENOMEM};
    }
    if (promise == nullptr && wanted.destroy != nullptr) wanted.destroy(wanted.user_data);
    if (out_response == nullptr) return status;
    if (promise != nullptr && status == SPAWNED_OK) {
        *out_response = response_of(*promise);
        return status;
    }
    if (promise != nullptr) release(*home, *promise);
    *out_response = engine::response_of_error(status);
    return status;
}

}  // namespace spawned::boundary
