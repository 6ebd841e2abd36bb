#include <spawned/request.h>

#include "actor/await.hpp"
#include "actor/block.hpp"
#include "actor/process.hpp"
#include "actor/send.hpp"
#include "check.hpp"
#include "runtime/runtime.hpp"
#include "timer/timers.hpp"

using namespace spawned::boundary;

namespace {

core& home_of(message& m) { return *shell_at(target_seen_by_asker(m)); }

// A response that asks for something: NULL is EINVAL, an error in a word is itself.
template <class Act>
spawned_status with_response(spawned_response* response, Act act) {
    if (response == nullptr) return SPAWNED_EINVAL;
    if (is_error(response)) return error_of(response);
    message& m = asked_of(response);
    core& home = home_of(m);
    return is_forked(home) ? SPAWNED_EFORKED : act(home, m);
}

bool is_movable(const spawned_message_type* type) {
    return type == nullptr || (type->flags & (SPAWNED_TYPE_PINNED | SPAWNED_TYPE_VARIABLE)) == 0;
}

// The outcome of a promise that nobody will complete: made and dropped in one go.
void undo_promise(core& home, message& promise) {
    resolve_with(home, promise, SPAWNED_ENOMEM, nullptr, holds::a_handle);
    release(home, promise);
}

spawned_status new_one_shot(spawned_runtime* runtime, const spawned_message_type* type,
                            spawned_duration timeout, core** out_home, message** out_promise) {
    const spawned_status status = check_runtime(runtime);
    if (status != SPAWNED_OK) return status;
    core& home = *core_of(runtime);
    if (home.stopping.load_acquire() != 0) return SPAWNED_ESTOPPING;
    if (type != nullptr && !is_type(type)) return SPAWNED_EINVAL;
    message* promise = new_promise(home, type);
    if (promise == nullptr) return SPAWNED_ENOMEM;
    request_of(*promise).deadline.store_relaxed(
        deadline_after(home, duration_or(timeout, SPAWNED_FOREVER)));
    *out_home = &home;
    *out_promise = promise;
    return SPAWNED_OK;
}

}  // namespace

extern "C" {

spawned_status spawned_request(spawned_pid to, const spawned_message_type* type, const void* value,
                               spawned_duration timeout, void* out_value) {
    if (!is_type(type) || (value == nullptr && type->value_size != 0)) return SPAWNED_EINVAL;
    core* home = is_possible(to) ? runtime_at(to) : nullptr;
    spawned_status status = SPAWNED_OK;
    if (out_value == nullptr && type->reply != nullptr && type->reply->value_size != 0)
        status = SPAWNED_EINVAL;
    else if (home == nullptr)
        status = why_absent(to);
    else if ((type->flags & SPAWNED_TYPE_PINNED) != 0 || !is_movable(type->reply))
        status = SPAWNED_EUNSUPPORTED;
    else if (type->value_size > home->max_payload)
        status = SPAWNED_ETOOBIG;
    if (status != SPAWNED_OK) {
        consume(type, value);
        return status;
    }
    SPAWNED_ASSERT(home != nullptr);
    return ask(*home, to, type, value, duration_or(timeout, usual_request), out_value);
}

spawned_status spawned_message_request(spawned_message* m, spawned_duration timeout,
                                       spawned_response** out_response) {
    if (m == nullptr || out_response == nullptr) {
        spawned_message_destroy(m);
        return SPAWNED_EINVAL;
    }
    auto& plain = *reinterpret_cast<message*>(m);
    core* alive = runtime_at(plain.target);
    thread* self = alive != nullptr ? current_thread(*alive) : nullptr;
    if (self == nullptr) {
        const spawned_status why = alive != nullptr ? SPAWNED_ENOMEM : why_absent(plain.target);
        spawned_message_destroy(m);
        *out_response = spawned::engine::response_of_error(why);
        return why;
    }
    message* wrapped = plain.next.load_relaxed();
    message& sent = wrapped != nullptr ? *wrapped : plain;
    plain.next.store_relaxed(nullptr);
    sent.set(message_constructed);
    message* asked = make_request(*alive, sent, duration_or(timeout, usual_request));
    if (asked == nullptr) {
        *out_response = spawned::engine::response_of_error(SPAWNED_ENOMEM);
        return SPAWNED_ENOMEM;
    }
    *out_response = response_of(*asked);
    return submit_request(*self, *alive, *asked);
}

spawned_status spawned_promise_create(spawned_runtime* runtime, const spawned_message_type* type,
                                      spawned_duration timeout, spawned_reply_to* out_reply,
                                      spawned_response** out_response) {
    if (out_reply == nullptr || out_response == nullptr) return SPAWNED_EINVAL;
    core* home;
    message* promise;
    spawned_status status = new_one_shot(runtime, type, timeout, &home, &promise);
    if (status == SPAWNED_OK &&
        (status = make_reply_handle(*home, *promise, out_reply)) != SPAWNED_OK)
        undo_promise(*home, *promise);
    // A shutdown that began meanwhile may have dropped all handles but this one.
    if (status == SPAWNED_OK && home->stopping.load_seq_cst() != 0)
        (void)spawned_reply_to_fail(*out_reply, SPAWNED_ESTOPPED, nullptr, 0);
    *out_response =
        status == SPAWNED_OK ? response_of(*promise) : spawned::engine::response_of_error(status);
    return status;
}

spawned_status spawned_sleep(spawned_runtime* runtime, spawned_duration delay,
                             spawned_response** out_response) {
    if (out_response == nullptr) return SPAWNED_EINVAL;
    core* home;
    message* promise;
    spawned_status status = new_one_shot(runtime, nullptr, SPAWNED_FOREVER, &home, &promise);
    if (status == SPAWNED_OK && !arm_sleep(*home, *promise, delay)) {
        undo_promise(*home, *promise);
        status = home->stopping.load_acquire() != 0 ? SPAWNED_ESTOPPING : SPAWNED_ENOMEM;
    }
    *out_response =
        status == SPAWNED_OK ? response_of(*promise) : spawned::engine::response_of_error(status);
    return status;
}

spawned_response* spawned_response_of_error(spawned_status status) {
    return spawned::engine::response_of_error(status == SPAWNED_OK ? SPAWNED_EINVAL
                                                                   : as_outcome(status));
}

spawned_status spawned_response_poll(spawned_response* response) {
    return with_response(response, [](core& home, message& m) { return poll(home, m); });
}

spawned_status spawned_response_wait(spawned_response* response, spawned_duration timeout) {
    return with_response(response, [timeout](core& home, message& m) {
        spawned_status status = poll(home, m);
        if (status != SPAWNED_EAGAIN) return status;
        thread* self = current_thread(home);
        if (self == nullptr) return spawned_status{SPAWNED_ENOMEM};
        const uint64_t wait_for = duration_or(timeout, SPAWNED_FOREVER);
        if (wait_for == SPAWNED_FOREVER) return wait(*self, home, m, UINT64_MAX);
        const uint64_t from = now(home);
        return wait(*self, home, m, from + wait_for < from ? UINT64_MAX : from + wait_for);
    });
}

spawned_status spawned_response_value(spawned_response* response, void** out_value,
                                      size_t* out_size) {
    if (out_value == nullptr) return SPAWNED_EINVAL;
    *out_value = nullptr;
    if (out_size != nullptr) *out_size = 0;
    return with_response(response, [=](core& home, message& m) {
        const spawned_status status = poll(home, m);
        if (status != SPAWNED_OK) return status;
        const request& asked = request_of(m);
        if (asked.reply == nullptr && reply_type(m) != nullptr)
            return spawned_status{SPAWNED_EALREADY};
        *out_value = asked.reply;
        if (out_size != nullptr) *out_size = asked.reply_size;
        return status;
    });
}

spawned_status spawned_response_take(spawned_response* response, void* out_value) {
    return with_response(response, [out_value](core& home, message& m) {
        const spawned_status status = poll(home, m);
        if (status != SPAWNED_OK) return status;
        const spawned_message_type* type = reply_type(m);
        if (type == nullptr) return status;
        if (!is_movable(type)) return spawned_status{SPAWNED_EUNSUPPORTED};
        const request& asked = request_of(m);
        if (asked.reply == nullptr) return spawned_status{SPAWNED_EALREADY};
        if (out_value == nullptr && asked.reply_size != 0) return spawned_status{SPAWNED_EINVAL};
        if (asked.reply_size != 0) memcpy(out_value, asked.reply, asked.reply_size);
        free_reply(home, m, false);
        return status;
    });
}

spawned_status spawned_response_error(spawned_response* response, const char** out_text,
                                      size_t* out_length) {
    if (out_text == nullptr || out_length == nullptr) return SPAWNED_EINVAL;
    *out_text = "";
    *out_length = 0;
    return with_response(response, [=](core& home, message& m) {
        const spawned_status status = poll(home, m);
        if (status == SPAWNED_EAGAIN || status == SPAWNED_OK) return status;
        const request& asked = request_of(m);
        const text* words =
            outcome_of(m) == outcome::given_up ? given_up_text(asked) : asked.failure;
        if (words != nullptr) {
            *out_text = words->bytes;
            *out_length = words->length;
        }
        return status;
    });
}

spawned_status spawned_response_bell(spawned_response* response, void (*bell)(void* user_data),
                                     void* user_data) {
    if (response == nullptr) return SPAWNED_EINVAL;
    if (is_error(response)) {
        if (bell == nullptr) return SPAWNED_EALREADY;
        bell(user_data);
        return SPAWNED_OK;
    }
    return with_response(response, [bell, user_data](core& home, message& m) {
        return set_bell(home, m, bell, user_data);
    });
}

void spawned_response_release(spawned_response* response) {
    (void)with_response(response, [](core& home, message& m) {
        release(home, m);
        return spawned_status{SPAWNED_OK};
    });
}

spawned_status spawned_await(spawned_context* context, spawned_response* const* responses,
                             size_t count, spawned_resume_fn resume, void* user_data,
                             void (*drop)(void* user_data)) {
    running now_is;
    const spawned_status found = find_running(context, &now_is);
    if (found != SPAWNED_OK) return found;
    if (responses == nullptr || count == 0 || count > max_awaited || resume == nullptr)
        return SPAWNED_EINVAL;
    for (size_t i = 0; i < count; ++i)
        if (responses[i] == nullptr) return SPAWNED_EINVAL;
    return register_await(*now_is.home, *now_is.self, responses, count, resume, user_data, drop);
}
}
