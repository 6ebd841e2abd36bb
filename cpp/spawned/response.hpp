// Response<T>: the answer to come of one request, and the bridge between the two ways to use actors. On a
// thread, and in a handler that may block: unwrap, expect, get wait for it. In a coroutine: co_await it.
//
// The request is on its way before the response is there; dropping a response does not retract it. A
// response has one owner and gives its outcome once.
//
// With g++ 12 co_await ref.request(M{…}) does not compile where M owns something, since that compiler breaks
// such a temporary: write ref.emplace_request<M>(…), or give the response a name and co_await that.
#pragma once

#include <spawned/request.h>
#include <spawned/detail/diagnostics.hpp>
#include <spawned/duration.hpp>
#include <spawned/result.hpp>

#include <new>
#include <optional>
#include <type_traits>
#include <utility>

namespace spawned::inline v0 {

namespace detail {

inline Error error_of(spawned_response* response, spawned_status status) {
    const char* text = nullptr;
    std::size_t length = 0;
    if (spawned_response_error(response, &text, &length) == SPAWNED_EAGAIN || text == nullptr)
        length = 0;
    return Error(Status{status}, {text, length});
}

// Makes a T of a C answer that is none.
template <class T>
using ReadAnswer = Result<T> (*)(const void* answer);

// The outcome of a response that is ready, or of one that does not become so.
template <class T>
Result<T> outcome_of(spawned_response* response, spawned_status status,
                     ReadAnswer<T> read = nullptr) {
    if (status != SPAWNED_OK) return error_of(response, status);
    if constexpr (std::is_void_v<T>) {
        return {};
    } else {
        void* value = nullptr;
        status = spawned_response_value(response, &value, nullptr);
        if (status != SPAWNED_OK) return error_of(response, status);
        if (read != nullptr) return read(value);
        if constexpr (std::is_empty_v<T> && std::is_trivially_copyable_v<T>)
            return T();
        else
            return std::move(*static_cast<T*>(value));
    }
}

}  // namespace detail

template <class T>
class [[nodiscard]] Response {
public:
    using value_type = T;

    // One that is ready from the start: what a stand-in for an actor answers.
    static Response ready(Result<T> result) { return Response(std::move(result)); }

    // Adopts the C handle, which must answer with a T; or with what read makes a T of.
    explicit Response(spawned_response* response, detail::ReadAnswer<T> read = nullptr) noexcept
        : response_(response), read_(read) {}

    Response(Response&& other) noexcept(std::is_nothrow_move_constructible_v<Result<T>>)
        : read_(nullptr) {
        take_over(other);
    }
    Response& operator=(Response&& other) noexcept(
        std::is_nothrow_move_constructible_v<Result<T>>) {
        if (this == &other) return *this;
        reset();
        take_over(other);
        return *this;
    }
    ~Response() { reset(); }

    // Waits for the outcome and gives it: the value, or why there is none. A second time there is only
    // Status::already.
    Result<T> get() {
        if (response_ == nullptr) return take_ready();
        return take(spawned_response_wait(response_, SPAWNED_FOREVER));
    }
    // The same, for so long; nothing when there is no outcome by then.
    std::optional<Result<T>> get_for(Duration limit) {
        if (response_ == nullptr) return take_ready();
        const spawned_status status = spawned_response_wait(response_, limit.count());
        if (status == SPAWNED_EAGAIN) return std::nullopt;
        return take(status);
    }

    // Waits for the value; an error is thrown. expect puts its words in front of the error's.
    T unwrap() { return get().unwrap(); }
    T expect(std::string_view words) { return get().expect(words); }

    // Waits, and gives a response that is ready: with f of the value, or with the same error.
    template <class F>
    auto map(F&& f) {
        auto mapped = get().transform(std::forward<F>(f));
        return Response<typename decltype(mapped)::value_type>::ready(std::move(mapped));
    }

    // Whether there is an outcome yet, and which. Neither is_ok nor is_err while there is none, or once
    // it has been given.
    bool is_ready() const { return poll() != SPAWNED_EAGAIN; }
    bool is_ok() const { return poll() == SPAWNED_OK; }
    bool is_err() const {
        return response_ != nullptr ? poll() != SPAWNED_OK && poll() != SPAWNED_EAGAIN
                                    : is_ready_ && ready_.is_err();
    }

    // The C handle, for as long as this owns it; null when it was ready from the start. release gives
    // it away. answers_itself: what that answers with is a T, and not to be read first.
    spawned_response* c_handle() const noexcept { return response_; }
    bool answers_itself() const noexcept { return is_ready_ || read_ == nullptr; }
    spawned_response* release() noexcept { return std::exchange(response_, nullptr); }

private:
    explicit Response(Result<T> result) : ready_(std::move(result)), is_ready_(true) {}

    spawned_status poll() const {
        if (response_ != nullptr) return spawned_response_poll(response_);
        if (!is_ready_) return SPAWNED_EALREADY;
        return ready_.is_ok() ? SPAWNED_OK : c_status(ready_.error().code());
    }

    Result<T> take(spawned_status status) {
        Result<T> result = detail::outcome_of<T>(response_, status, read_);
        reset();
        return result;
    }
    Result<T> take_ready() {
        if (!is_ready_) return Error(Status::already, "the response was consumed before");
        Result<T> result = std::move(ready_);
        reset();
        return result;
    }
    // Of one that holds nothing.
    void take_over(Response& other) {
        response_ = std::exchange(other.response_, nullptr);
        if (!other.is_ready_) {
            read_ = other.read_;
            return;
        }
        ::new (static_cast<void*>(std::addressof(ready_))) Result<T>(std::move(other.ready_));
        is_ready_ = true;
        other.reset();
    }
    void reset() noexcept {
        if (response_ != nullptr) spawned_response_release(std::exchange(response_, nullptr));
        if (!is_ready_) return;
        is_ready_ = false;
        ready_.~Result<T>();
        read_ = nullptr;
    }

    spawned_response* response_ = nullptr;
    union {
        detail::ReadAnswer<T> read_;  // null: a T is the answer
        Result<T> ready_;             // if is_ready_, and then there is no response_
    };
    bool is_ready_ = false;
};

namespace detail {

// What g++ 12 makes of a temporary in an expression with co_await: one that braces have built, or a lambda,
// is moved to another address byte by byte, which a std::string in it does not survive.
#if defined(__GNUC__) && !defined(__clang__) && __GNUC__ < 13
template <class T>
inline constexpr bool survives_await = std::is_trivially_copyable_v<T>;
#else
template <class T>
inline constexpr bool survives_await = true;
#endif

// A response to a message that may have been such a temporary: co_await refuses to take it in the same
// expression. Everywhere else it is a Response.
template <class T>
class [[nodiscard]] FromTemporary : public Response<T> {
public:
    using Response<T>::Response;
    using Response<T>::operator=;
    FromTemporary(Response<T>&& response)  // NOLINT(google-explicit-constructor)
        : Response<T>(std::move(response)) {}
};

// The same of a closure.
template <class T>
class [[nodiscard]] FromClosure : public Response<T> {
public:
    using Response<T>::Response;
    using Response<T>::operator=;
    FromClosure(Response<T>&& response)  // NOLINT(google-explicit-constructor)
        : Response<T>(std::move(response)) {}
};

template <class T, class F>
using ResponseOf = std::conditional_t<std::is_lvalue_reference_v<F> || survives_await<F>,
                                      Response<T>, FromClosure<T>>;
template <class T, class M>
using ResponseTo = std::conditional_t<std::is_lvalue_reference_v<M> || survives_await<M> ||
                                          !std::is_aggregate_v<M>,
                                      Response<T>, FromTemporary<T>>;

template <class R>
inline constexpr bool is_response = false;
template <class T>
inline constexpr bool is_response<Response<T>> = true;
template <class T>
inline constexpr bool is_response<FromTemporary<T>> = true;
template <class T>
inline constexpr bool is_response<FromClosure<T>> = true;
template <class R>
inline constexpr bool is_from_temporary = false;
template <class T>
inline constexpr bool is_from_temporary<FromTemporary<T>> = true;
template <class R>
inline constexpr bool is_from_closure = false;
template <class T>
inline constexpr bool is_from_closure<FromClosure<T>> = true;

}  // namespace detail
}  // namespace spawned::inline v0
