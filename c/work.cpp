#include <spawned/work.h>

#include "actor/block.hpp"
#include "check.hpp"
#include "event/work.hpp"
#include "work_check.hpp"

using namespace spawned::boundary;

extern "C" {

spawned_status spawned_work_start(spawned_runtime* runtime, const spawned_message_type* type,
                                  spawned_work_fn run, void* user_data,
                                  void (*destroy)(void* user_data), uint32_t flags,
                                  spawned_duration timeout, spawned_response** out_response) {
    spawned_status status =
        out_response == nullptr ? spawned_status{SPAWNED_EINVAL} : check_runtime(runtime);
    if (status == SPAWNED_OK) status = check_work(type, run, flags);
    core* home = core_of(runtime);
    message* promise = nullptr;
    if (status == SPAWNED_OK && (promise = new_promise(*home, type)) == nullptr)
        status = SPAWNED_ENOMEM;
    if (status != SPAWNED_OK) {
        end_user_data(user_data, destroy);
        if (out_response != nullptr) *out_response = spawned::engine::response_of_error(status);
        return status;
    }
    SPAWNED_ASSERT(promise != nullptr);
    if ((flags & SPAWNED_WORK_BORROWS) != 0) promise->set(message_lent);
    request_of(*promise).deadline.store_relaxed(
        deadline_after(*home, duration_or(timeout, SPAWNED_FOREVER)));
    status = start_work(*home, {run, user_data, destroy}, *promise, running_actor(*home));
    *out_response = response_of(*promise);
    if (status != SPAWNED_OK) {
        release(*home, *promise);
        *out_response = spawned::engine::response_of_error(status);
    }
    return status;
}

spawned_status spawned_send_on_work(spawned_work_fn run, void* user_data,
                                    void (*destroy)(void* user_data), spawned_message* given,
                                    spawned_event* out_event) {
    if (out_event != nullptr) *out_event = 0;
    core* home;
    message* sent;
    const spawned_status status =
        take_message(given, run == nullptr ? spawned_status{SPAWNED_EINVAL} : SPAWNED_OK, &home,
                     &sent);
    if (status == SPAWNED_OK)
        return send_on_work(*home, {run, user_data, destroy}, *sent, out_event);
    end_user_data(user_data, destroy);
    return status;
}
}
