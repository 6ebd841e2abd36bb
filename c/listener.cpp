#include <spawned/listener.h>

#include <spawned/token.h>

#include "actor/block.hpp"
#include "check.hpp"
#include "event/token.hpp"
#include "event/work.hpp"

using namespace spawned::boundary;

namespace {

// The user data of its work.
struct listener {
    core* home;
    spawned_pid to;
    const spawned_message_type* type;
    spawned_listener_fn next;
    void* user_data;
    void (*destroy)(void* user_data);
    spawned_token receiver, until;  // each of them ends it

    bool is_over() const {
        return spawned_token_is_cancelled(receiver) != 0 ||
               (until != 0 && spawned_token_is_cancelled(until) != 0);
    }
};

spawned_status feed_one(const listener& one) {
    spawned_message* item;
    void* storage;
    spawned_status status = spawned_message_reserve(one.to, one.type, 0, &item, &storage);
    if (status != SPAWNED_OK) return status;
    status = one.next(one.user_data, storage);
    if (status != SPAWNED_OK) {
        spawned_message_abandon(item);
        return status;
    }
    if (!one.is_over()) return spawned_message_send(item);
    spawned_message_destroy(item);
    return SPAWNED_ESTOPPED;
}

spawned_status feed(void* user_data, void*) {
    const listener& one = *static_cast<listener*>(user_data);
    while (!one.is_over()) {
        const spawned_status status = feed_one(one);
        if (status != SPAWNED_OK) return status == SPAWNED_ENOENT ? SPAWNED_OK : status;
    }
    return SPAWNED_ESTOPPED;
}

void end_listener(void* user_data) {
    auto* one = static_cast<listener*>(user_data);
    if (one->destroy != nullptr) one->destroy(one->user_data);
    spawned::engine::destroy(one->home->memory, one);
}

spawned_status check_listener(const listener& wanted) {
    if (wanted.next == nullptr || !is_type(wanted.type) || !is_possible(wanted.to))
        return SPAWNED_EINVAL;
    if (wanted.home == nullptr) return why_absent(wanted.to);
    if ((wanted.type->flags & SPAWNED_TYPE_VARIABLE) != 0) return SPAWNED_EUNSUPPORTED;
    if (wanted.until != 0 && !is_token(*wanted.home, wanted.until)) return SPAWNED_EINVAL;
    return current_thread(*wanted.home) != nullptr ? SPAWNED_OK : SPAWNED_ENOMEM;
}

// The user data has been taken over unless *out_promise is left null.
spawned_status begin_listener(const listener& wanted, message** out_promise) {
    core& home = *wanted.home;
    auto* one = create<listener>(home.memory, wanted);
    if (one == nullptr) return SPAWNED_ENOMEM;
    spawned_status status = own_token_of(home, one->to, &one->receiver);
    message* promise = nullptr;
    if (status == SPAWNED_OK && (promise = new_promise(home, nullptr)) == nullptr)
        status = SPAWNED_ENOMEM;
    if (status != SPAWNED_OK) {
        spawned::engine::destroy(home.memory, one);
        return status;
    }
    request_of(*promise).deadline.store_relaxed(UINT64_MAX);
    *out_promise = promise;
    return start_work(home, {feed, one, end_listener}, *promise, one->to);
}

}  // namespace

extern "C" {

spawned_status spawned_listen(spawned_pid to, const spawned_message_type* type,
                              spawned_listener_fn next, void* user_data,
                              void (*destroy)(void* user_data), spawned_token until,
                              spawned_response** out_response) {
    const listener wanted = {
        is_possible(to) ? runtime_at(to) : nullptr, to, type, next, user_data, destroy, 0, until};
    message* promise = nullptr;
    spawned_status status =
        out_response != nullptr ? check_listener(wanted) : spawned_status{SPAWNED_EINVAL};
    if (status == SPAWNED_OK) status = begin_listener(wanted, &promise);
    if (promise == nullptr && destroy != nullptr) destroy(user_data);
    if (out_response == nullptr) return status;
    if (status == SPAWNED_OK) {
        *out_response = response_of(*promise);
        return status;
    }
    if (promise != nullptr) release(*wanted.home, *promise);
    *out_response = spawned::engine::response_of_error(status);
    return status;
}
}
