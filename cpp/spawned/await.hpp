// Awaiting several responses at once, in a task.
//
//     auto [a, b] = co_await all(left.value(), right.value());      // a Result of each
//     std::vector<Result<int>> every = co_await all(std::move(responses));
//     std::size_t first = co_await any(a, b);                       // which one is ready; all stay yours
#pragma once

#include <spawned/task.hpp>

#include <cstddef>
#include <tuple>
#include <utility>
#include <vector>

namespace spawned::inline v0 {

namespace detail {

template <class... Ts>
Task<std::tuple<Result<Ts>...>> all_of(Response<Ts>... responses) {
    co_return std::tuple<Result<Ts>...>{co_await std::move(responses)...};
}

}  // namespace detail

// Ready when every one of them is. They are on their way at once; awaiting one after the other takes no
// longer than the slowest, and lets a circle of waiting actors be found.
template <class... Rs>
requires(detail::is_response<Rs>&&...) auto all(Rs... responses) {
    static_assert(!(detail::is_from_temporary<Rs> || ...), SPAWNED_DETAIL_BROKEN_TEMPORARY);
    static_assert(!(detail::is_from_closure<Rs> || ...), SPAWNED_DETAIL_BROKEN_CLOSURE);
    return detail::all_of<typename Rs::value_type...>(std::move(responses)...);
}

template <class T>
Task<std::vector<Result<T>>> all(std::vector<Response<T>> responses) {
    std::vector<Result<T>> results;
    results.reserve(responses.size());
    for (Response<T>& one : responses) results.push_back(co_await std::move(one));
    co_return results;
}

namespace detail {

// The first of several responses, which stay their owners'.
class Any {
public:
    static constexpr std::size_t none = static_cast<std::size_t>(-1);

    explicit Any(std::vector<spawned_response*> handles, std::size_t ready)
        : handles_(std::move(handles)), ready_(ready) {}

    class Awaiter {
    public:
        explicit Awaiter(Any&& any)
            : handles_(std::move(any.handles_)),
              wait_{handles_.data(), handles_.size()},
              ready_(any.ready_) {}
        Awaiter(const Awaiter&) = delete;
        Awaiter& operator=(const Awaiter&) = delete;

        bool await_ready() const noexcept { return ready_ != none; }
        template <class Promise>
        void await_suspend(std::coroutine_handle<Promise> who) {
            who.promise().execution->suspend(who, wait_);
        }
        std::size_t await_resume() const {
            throw_unless_ok(wait_.status);
            return ready_ != none ? ready_ : wait_.ready;
        }

    private:
        std::vector<spawned_response*> handles_;
        Wait wait_;
        std::size_t ready_;
    };

private:
    std::vector<spawned_response*> handles_;
    std::size_t ready_;
};

}  // namespace detail

// The index of one that is ready, the first if several are. At least one has to be given.
template <class... Ts>
requires(sizeof...(Ts) > 0) detail::Any any(Response<Ts>&... responses) {
    std::size_t ready = detail::Any::none, at = 0;
    ((ready == detail::Any::none && responses.is_ready() ? void(ready = at) : void(), ++at), ...);
    return detail::Any({responses.c_handle()...}, ready);
}
template <class T>
detail::Any any(std::vector<Response<T>>& responses) {
    std::size_t ready = detail::Any::none;
    std::vector<spawned_response*> handles;
    handles.reserve(responses.size());
    for (Response<T>& one : responses) {
        if (ready == detail::Any::none && one.is_ready()) ready = handles.size();
        handles.push_back(one.c_handle());
    }
    return detail::Any(std::move(handles), ready);
}

}  // namespace spawned::inline v0
