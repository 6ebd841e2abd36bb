// Code that blocks, on the threads that may: a closure run on the blocking pool while the actor awaits it.
//
//     auto page = co_await blocking([&] { return download(url); });       // in a task
//     Response<Page> page = runtime.blocking([url] { return download(url); });
//
// Awaited in place, the closure may refer to whatever lives in the handler: a kill waits for it to return.
// What it throws comes out of the await. A closure that has begun is not interrupted.
#pragma once

#include <spawned/work.h>
#include <spawned/task.hpp>

#include <exception>
#include <type_traits>
#include <utility>

namespace spawned::inline v0 {

namespace detail {

template <class T>
const spawned_message_type* result_type() {
    if constexpr (std::is_void_v<T>)
        return nullptr;
    else
        return &value_type<T>;
}

// Runs a closure and builds what it returns in place.
template <class T, class F>
void build_result(F& closure, [[maybe_unused]] void* value) {
    if constexpr (std::is_void_v<T>)
        closure();
    else if constexpr (Empty<T>)
        (void)closure();
    else
        ::new (value) T(closure());
}

// co_await of a closure: it stays in the coroutine's frame, and so does its exception.
template <class F>
class Blocking {
public:
    using Result = std::invoke_result_t<F&>;

    explicit Blocking(F closure) : closure_(std::move(closure)) {}

    class Awaiter {
    public:
        explicit Awaiter(Blocking&& blocking) : closure_(std::move(blocking.closure_)) {}
        Awaiter(const Awaiter&) = delete;
        Awaiter& operator=(const Awaiter&) = delete;
        ~Awaiter() { spawned_response_release(response_); }

        bool await_ready() const noexcept { return false; }
        template <class Promise>
        void await_suspend(std::coroutine_handle<Promise> who) {
            Execution& execution = *who.promise().execution;
            (void)spawned_work_start(spawned_context_runtime(execution.context()),
                                     result_type<Result>(), work, this, nullptr,
                                     SPAWNED_WORK_BORROWS, SPAWNED_FOREVER, &response_);
            execution.suspend(who, wait_);
        }
        Result await_resume() {
            if (failure_) std::rethrow_exception(failure_);
            throw_unless_ok(wait_.status);
            return outcome_of<Result>(response_, spawned_response_poll(response_)).unwrap();
        }

    private:
        static spawned_status work(void* user_data, void* value) {
            auto& self = *static_cast<Awaiter*>(user_data);
            try {
                build_result<Result>(self.closure_, value);
                return SPAWNED_OK;
            } catch (...) {
                self.failure_ = std::current_exception();
                return report_exception();
            }
        }

        F closure_;
        spawned_response* response_ = nullptr;
        Wait wait_{&response_, 1};
        std::exception_ptr failure_;
    };

private:
    F closure_;
};

// A closure on its own: it lives on the heap until it has run, or will not.
template <class T, class F>
struct ClosureWork {
    static spawned_status run(void* user_data, void* value) {
        try {
            build_result<T>(*static_cast<F*>(user_data), value);
            return SPAWNED_OK;
        } catch (...) {
            return report_exception();
        }
    }
    static void destroy(void* user_data) { delete static_cast<F*>(user_data); }
};

template <class F>
Response<std::invoke_result_t<F&>> start_work(spawned_runtime* runtime, F closure) {
    using T = std::invoke_result_t<F&>;
    using Work = ClosureWork<T, F>;
    spawned_response* response = nullptr;
    (void)spawned_work_start(runtime, result_type<T>(), Work::run, new F(std::move(closure)),
                             Work::destroy, 0, SPAWNED_FOREVER, &response);
    return Response<T>(response);
}

}  // namespace detail

// To be awaited at once, in a task: gives what the closure returns, or throws what it throws.
template <class F>
detail::Blocking<std::decay_t<F>> blocking(F&& closure) {
    static_assert(std::is_lvalue_reference_v<F> || detail::survives_await<F>,
                  SPAWNED_DETAIL_BROKEN_CLOSURE);
    return detail::Blocking<std::decay_t<F>>(std::forward<F>(closure));
}

}  // namespace spawned::inline v0
