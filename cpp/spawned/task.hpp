// Task<T>: what a handler returns that wants to co_await. It awaits responses, sleeps, and other tasks; its
// actor handles no other message meanwhile, and its thread serves other actors.
//
//     Task<int> handle(Sum, Context&) {
//         auto a = left_.value(), b = right_.value();          // both on their way
//         co_return (co_await std::move(a)).unwrap() + (co_await std::move(b)).unwrap();
//     }
//
// co_await of a Response<T> gives a Result<T>. The message and the actor live as long as the task; a kill
// destroys the suspended coroutine, and with it everything it holds, exactly once.
#pragma once

#include <spawned/detail/execution.hpp>
#include <spawned/response.hpp>

#include <coroutine>
#include <exception>
#include <optional>
#include <utility>

namespace spawned::inline v0 {

template <class T>
class Task;

// What co_await takes for "go on after this long"; made by sleep().
struct Sleep {
    Duration duration;
};
constexpr Sleep sleep(Duration duration) { return {duration}; }

namespace detail {

// Waits for responses that somebody owns: the awaiting expression.
template <class T>
class ResponseAwaiter {
public:
    explicit ResponseAwaiter(Response<T>&& response)
        : response_(std::move(response)), handle_(response_.c_handle()), wait_{&handle_, 1} {}
    ResponseAwaiter(const ResponseAwaiter&) = delete;
    ResponseAwaiter& operator=(const ResponseAwaiter&) = delete;

    bool await_ready() const { return response_.is_ready(); }
    template <class Promise>
    void await_suspend(std::coroutine_handle<Promise> who) {
        who.promise().execution->suspend(who, wait_);
    }
    Result<T> await_resume() {
        if (wait_.status != SPAWNED_OK) return Error(Status{wait_.status});
        return response_.get();
    }

private:
    Response<T> response_;
    spawned_response* handle_;
    Wait wait_;
};

class PromiseBase {
public:
    std::suspend_always initial_suspend() noexcept { return {}; }

    struct Final {
        bool await_ready() const noexcept { return false; }
        template <class Promise>
        void await_suspend(std::coroutine_handle<Promise> who) const noexcept {
            PromiseBase& self = who.promise();
            self.execution->go_on_with(self.awaiting);
        }
        void await_resume() const noexcept {}
    };
    Final final_suspend() noexcept { return {}; }

    void unhandled_exception() {
#ifdef __GLIBCXX__
        try {
            throw;
        } catch (const abi::__forced_unwind&) {
            throw;
        } catch (...) {
            failure = std::current_exception();
        }
#else
        failure = std::current_exception();
#endif
    }
    void rethrow() const {
        if (failure) std::rethrow_exception(failure);
    }

    template <class T>
    ResponseAwaiter<T> await_transform(Response<T>&& response) {
        return ResponseAwaiter<T>(std::move(response));
    }
    template <class T>
    ResponseAwaiter<T> await_transform(FromTemporary<T>&& response) {
        static_assert(!is_from_temporary<FromTemporary<T>>, SPAWNED_DETAIL_BROKEN_TEMPORARY);
        return ResponseAwaiter<T>(std::move(response));
    }
    template <class T>
    ResponseAwaiter<T> await_transform(FromClosure<T>&& response) {
        static_assert(!is_from_closure<FromClosure<T>>, SPAWNED_DETAIL_BROKEN_CLOSURE);
        return ResponseAwaiter<T>(std::move(response));
    }
    // One that the coroutine goes on to own: consumed all the same.
    template <class T>
    ResponseAwaiter<T> await_transform(Response<T>& response) {
        return ResponseAwaiter<T>(std::move(response));
    }
    ResponseAwaiter<void> await_transform(Sleep sleep) {
        spawned_response* response = nullptr;
        const spawned_status status = spawned_sleep(spawned_context_runtime(execution->context()),
                                                    sleep.duration.count(), &response);
        if (status != SPAWNED_OK) response = spawned_response_of_error(status);
        return ResponseAwaiter<void>(Response<void>(response));
    }
    // Tasks, any() of responses, and whatever else says with what it is waited for.
    template <class Awaitable>
    requires requires { typename Awaitable::Awaiter; }
    typename Awaitable::Awaiter await_transform(Awaitable&& awaitable) {
        return typename Awaitable::Awaiter(std::move(awaitable));
    }

    Execution* execution = nullptr;
    std::coroutine_handle<> awaiting;  // who co_awaits this one; none of the outermost
    std::exception_ptr failure;
    Execution own;  // of the outermost
};

template <class T>
class TaskPromise final : public PromiseBase {
public:
    Task<T> get_return_object();
    template <class U>
    requires std::is_constructible_v<T, U&&>
    void return_value(U&& value) { value_.emplace(std::forward<U>(value)); }
    T take() {
        rethrow();
        return std::move(*value_);
    }

private:
    std::optional<T> value_;
};

template <>
class TaskPromise<void> final : public PromiseBase {
public:
    Task<void> get_return_object();
    void return_void() noexcept {}
    void take() const { rethrow(); }
};

}  // namespace detail

// Lazy: nothing runs before it is awaited, or returned by a handler.
template <class T = void>
class [[nodiscard]] Task {
public:
    using value_type = T;
    using promise_type = detail::TaskPromise<T>;
    using Handle = std::coroutine_handle<promise_type>;

    explicit Task(Handle handle) noexcept : handle_(handle) {}
    Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
    Task& operator=(Task&& other) noexcept {
        std::swap(handle_, other.handle_);
        return *this;
    }
    ~Task() {
        if (handle_) handle_.destroy();
    }

    class Awaiter {
    public:
        explicit Awaiter(Task&& task) noexcept : task_(std::move(task)) {}
        Awaiter(const Awaiter&) = delete;
        Awaiter& operator=(const Awaiter&) = delete;

        bool await_ready() const noexcept { return false; }
        template <class Outer>
        void await_suspend(std::coroutine_handle<Outer> outer) {
            detail::PromiseBase& inner = task_.handle_.promise();
            inner.execution = outer.promise().execution;
            inner.awaiting = outer;
            inner.execution->go_on_with(task_.handle_);
        }
        T await_resume() { return task_.handle_.promise().take(); }

    private:
        Task task_;
    };

    // For what runs tasks: the frame, and the duty to destroy it.
    Handle release() noexcept { return std::exchange(handle_, nullptr); }

private:
    Handle handle_;
};

template <class T>
Task<T> detail::TaskPromise<T>::get_return_object() {
    return Task<T>(std::coroutine_handle<TaskPromise>::from_promise(*this));
}
inline Task<void> detail::TaskPromise<void>::get_return_object() {
    return Task<void>(std::coroutine_handle<TaskPromise>::from_promise(*this));
}

namespace detail {

template <class T>
inline constexpr bool is_task = false;
template <class T>
inline constexpr bool is_task<Task<T>> = true;

// Runs a handler's task until it ends or suspends. FinishWith(promise, context) answers with its result.
template <auto FinishWith, class T>
spawned_status run_task(Task<T>&& task, spawned_context* context) {
    const auto frame = task.release();
    PromiseBase& base = frame.promise();
    base.execution = &base.own;
    return base.own.begin(context, frame, [](Execution& own, spawned_context* running) {
        return FinishWith(own.promise<TaskPromise<T>>(), running);
    });
}

}  // namespace detail
}  // namespace spawned::inline v0
