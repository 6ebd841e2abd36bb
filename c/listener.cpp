#include <spawned/listener.h>

#include "actor/process.hpp"
#include "event/loop_listener.hpp"
#include "event/pull_listener.hpp"
#include "event/push_listener.hpp"
#include "listening.hpp"

using namespace spawned::boundary;

namespace {

listener& engine_of(spawned_listener* one) { return *reinterpret_cast<listener*>(one); }

}  // namespace

extern "C" {

spawned_status spawned_listen(spawned_pid to, const spawned_message_type* type,
                              spawned_listener_fn next, void* user_data,
                              void (*destroy)(void* user_data), spawned_token until,
                              spawned_response** out_response) {
    return begin_listening(
        {to, until, user_data, destroy}, next != nullptr && is_type(type), out_response,
        [=](core& home) { return check_item_type(home, type, false); },
        [=](core& home, message& promise) {
            return start_pull_listener(home, {to, type, until, next, user_data, destroy}, promise);
        });
}

spawned_status spawned_listen_descriptor(spawned_pid to, const spawned_message_type* type,
                                         int32_t descriptor, spawned_listener_fn next,
                                         void* user_data, void (*destroy)(void* user_data),
                                         spawned_token until, spawned_response** out_response) {
    return begin_listening(
        {to, until, user_data, destroy}, next != nullptr && is_type(type), out_response,
        [=](core& home) {
            const spawned_status status = check_descriptor(descriptor);
            return status == SPAWNED_OK ? check_item_type(home, type, false) : status;
        },
        [=](core& home, message& promise) {
            return start_descriptor_listener(home, {to, type, until, user_data, destroy},
                                             descriptor, next, promise);
        });
}

spawned_status spawned_listener_create(spawned_pid to, spawned_token until,
                                       void (*call)(void* user_data), void* user_data,
                                       void (*destroy)(void* user_data),
                                       spawned_listener** out_listener,
                                       spawned_response** out_response) {
    if (out_listener != nullptr) *out_listener = nullptr;
    return begin_listening(
        {to, until, user_data, destroy}, out_listener != nullptr, out_response,
        [](core&) { return spawned_status{SPAWNED_OK}; },
        [=](core& home, message& promise) {
            listener* made = nullptr;
            const spawned_status status =
                make_push_listener(home, {to, until, call, user_data, destroy}, promise, &made);
            *out_listener = reinterpret_cast<spawned_listener*>(made);
            return status;
        });
}

spawned_status spawned_listener_push(spawned_listener* given, spawned_message* m) {
    if (given == nullptr || m == nullptr) return SPAWNED_EINVAL;
    listener& one = engine_of(given);
    if (is_forked(*one.home)) return SPAWNED_EFORKED;
    if (reinterpret_cast<message*>(m)->target != one.to) return SPAWNED_EINVAL;
    spawned_status status;
    do {
        if (is_over(one)) return SPAWNED_ESTOPPED;
        status = spawned_message_try_send(m);
        if (status == SPAWNED_OK) return status;
        status = after_refusal(one, status);
    } while (status == SPAWNED_OK);
    return status;
}

void spawned_listener_end(spawned_listener* given, spawned_status status, const char* text,
                          size_t length) {
    if (given == nullptr) return;
    listener& one = engine_of(given);
    if (is_forked(*one.home)) return;
    if (text == nullptr)
        length = 0;
    else if (length == SPAWNED_ZERO_TERMINATED)
        length = strnlen(text, max_text + 4);
    end_push_listener(one, status, text, length);
}
}
