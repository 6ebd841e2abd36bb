// Promise<T>: a response to be completed by hand, from any thread. With it whatever calls back can be
// awaited:
//
//     Promise<int> promise = context.promise<int>();
//     Response<int> answer = promise.response();
//     library_call([p = std::move(promise)](int result) mutable { p.send(result); });
//     int result = (co_await std::move(answer)).unwrap();
#pragma once

#include <spawned/reply.hpp>
#include <spawned/response.hpp>

#include <type_traits>
#include <utility>

namespace spawned::inline v0 {

template <class T>
class Promise : public detail::Answer<T> {
public:
    explicit Promise(spawned_runtime* runtime, Duration timeout = Duration::forever())
        : Promise(make(runtime, timeout)) {}

    // The other end, once.
    Response<T> response() { return std::move(response_); }

private:
    struct Made {
        spawned_reply_to to = 0;
        spawned_response* response = nullptr;
    };

    explicit Promise(Made made) noexcept : detail::Answer<T>(made.to), response_(made.response) {}

    static Made make(spawned_runtime* runtime, Duration timeout) {
        const spawned_message_type* type = nullptr;
        if constexpr (!std::is_void_v<T>) type = &detail::value_type<T>;
        Made made;
        detail::throw_unless_ok(
            spawned_promise_create(runtime, type, timeout.count(), &made.to, &made.response));
        return made;
    }

    Response<T> response_;
};

}  // namespace spawned::inline v0
