// How a message leaves: the value is built in the library's block (two calls), or is plain bytes and moved
// there (one). Nothing is allocated on this side.
#pragma once

#include <spawned/message.hpp>
#include <spawned/response.hpp>

namespace spawned::inline v0::detail {

// A block whose value is not built yet: it goes back if the building throws.
class Reserved {
public:
    explicit Reserved(spawned_message* message) noexcept : message_(message) {}
    Reserved(const Reserved&) = delete;
    Reserved& operator=(const Reserved&) = delete;
    ~Reserved() {
        if (message_ != nullptr) spawned_message_abandon(message_);
    }
    spawned_message* built() noexcept { return std::exchange(message_, nullptr); }

private:
    spawned_message* message_;
};

// Builds an M from args, addressed to a pid.
template <class M, class... Args>
spawned_status build_message(spawned_pid to, spawned_message** out, Args&&... args) {
    void* storage = nullptr;
    const spawned_status status = spawned_message_reserve(to, &message_type<M>, 0, out, &storage);
    if (status != SPAWNED_OK) return status;
    if constexpr (!Empty<M>) {
        Reserved reserved(*out);
        ::new (storage) M{std::forward<Args>(args)...};
        (void)reserved.built();
    }
    return SPAWNED_OK;
}

template <class M, class... Args>
Status send_to(spawned_pid to, Args&&... args) {
    if constexpr (Empty<M>) {
        return Status{spawned_send(to, &message_type<M>, nullptr)};
    } else if constexpr (Bytes<M>) {
        const M message{std::forward<Args>(args)...};
        return Status{spawned_send(to, &message_type<M>, &message)};
    } else {
        spawned_message* message = nullptr;
        const spawned_status status = build_message<M>(to, &message, std::forward<Args>(args)...);
        return Status{status == SPAWNED_OK ? spawned_message_send(message) : status};
    }
}

template <class M, class... Args>
Response<void> send_waiting_to(spawned_pid to, spawned_duration timeout, Args&&... args) {
    spawned_message* message = nullptr;
    spawned_response* response = nullptr;
    const spawned_status status = build_message<M>(to, &message, std::forward<Args>(args)...);
    if (status == SPAWNED_OK)
        (void)spawned_message_send_waiting(message, timeout, &response);
    else
        response = spawned_response_of_error(status);
    return Response<void>(response);
}

template <class M, class... Args>
Response<ReplyOf<M>> request_to(spawned_pid to, spawned_duration timeout, Args&&... args) {
    spawned_message* message = nullptr;
    spawned_response* response = nullptr;
    const spawned_status status = build_message<M>(to, &message, std::forward<Args>(args)...);
    if (status == SPAWNED_OK)
        (void)spawned_message_request(message, timeout, &response);
    else
        response = spawned_response_of_error(status);
    return Response<ReplyOf<M>>(response);
}

}  // namespace spawned::inline v0::detail
