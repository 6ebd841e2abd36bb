// ReplyTo<M>: the duty to answer one request, taken out of its handler. It may be kept, sent to another
// thread, and used once; one that is dropped tells the requester Status::no_reply.
#pragma once

#include <spawned/reply.h>
#include <spawned/message.hpp>
#include <spawned/result.hpp>

#include <string_view>
#include <utility>

namespace spawned::inline v0 {

namespace detail {

// Answers the request that the running callback is about.
template <class T, class V>
spawned_status reply_value(spawned_context* context, V&& value) {
    if constexpr (Empty<T>) {
        return spawned_reply(context, nullptr);
    } else if constexpr (Bytes<T>) {
        const T reply(std::forward<V>(value));
        return spawned_reply(context, &reply);
    } else {
        void* storage = nullptr;
        const spawned_status status = spawned_reply_reserve(context, 0, &storage);
        if (status == SPAWNED_ENOENT) return SPAWNED_OK;  // nobody asked
        if (status != SPAWNED_OK) return status;
        ::new (storage) T(std::forward<V>(value));
        return spawned_reply_commit(context);
    }
}

inline spawned_status reply_error(spawned_context* context, const Error& error) {
    return spawned_reply_fail(context, c_status(error.code()), error.text().data(),
                              error.text().size());
}

template <class T, class V>
spawned_status reply_to_value(spawned_reply_to to, V&& value) {
    if constexpr (Empty<T>) {
        return spawned_reply_to_send(to, nullptr);
    } else if constexpr (Bytes<T>) {
        const T reply(std::forward<V>(value));
        return spawned_reply_to_send(to, &reply);
    } else {
        void* storage = nullptr;
        const spawned_status status = spawned_reply_to_reserve(to, 0, &storage);
        if (status != SPAWNED_OK) return status;
        ::new (storage) T(std::forward<V>(value));
        return spawned_reply_to_commit(to);
    }
}

// The owner of a C reply handle, for values of type T.
template <class T>
class Answer {
public:
    Answer() = default;
    explicit Answer(spawned_reply_to to) noexcept : to_(to) {}
    Answer(Answer&& other) noexcept : to_(std::exchange(other.to_, 0)) {}
    Answer& operator=(Answer&& other) noexcept {
        std::swap(to_, other.to_);
        return *this;
    }
    ~Answer() {
        if (to_ != 0) (void)spawned_reply_to_release(to_);
    }

    // Answers, from any thread. Status::already once that has happened.
    template <class V>
    requires std::is_constructible_v<T, V&&> Status send(V&& value) {
        return used(reply_to_value<T>(to_, std::forward<V>(value)));
    }
    Status send() requires std::is_void_v<T> { return used(spawned_reply_to_send(to_, nullptr)); }
    Status fail(Status code, std::string_view text = {}) {
        return used(spawned_reply_to_fail(to_, c_status(code), text.data(), text.size()));
    }
    // False once the requester has given up, or its time is over.
    bool is_wanted() const { return spawned_reply_to_is_wanted(to_) == SPAWNED_OK; }
    explicit operator bool() const noexcept { return to_ != 0; }

    spawned_reply_to c_handle() const noexcept { return to_; }
    spawned_reply_to release() noexcept { return std::exchange(to_, 0); }

private:
    Status used(spawned_status status) {
        if (to_ == 0) return Status::already;
        to_ = 0;
        return Status{status};
    }

    spawned_reply_to to_ = 0;
};

}  // namespace detail

template <class M>
using ReplyTo = detail::Answer<ReplyOf<M>>;

}  // namespace spawned::inline v0
