// TaskGroup<T>: short-lived work beside the actors. Several tasks that each give a T, and one response that
// tells when all have ended, the first has succeeded, or the first has failed; the rest is told to stop then.
//
//     TaskGroup<Page> pages(runtime);
//     for (const auto& mirror : mirrors)
//         pages.start([mirror](Token stop) { return download(mirror, stop); });   // may block
//     std::uint64_t first = co_await pages.first_success();   // or .unwrap() on a thread
//     Page page = pages.take(first).unwrap();
//
// A task is a closure on the threads that may block, a coroutine, or any response. The group's token is
// cancelled by such a decision, with its parent, and when the group goes: a closure that has not begun is not
// begun then (Status::stopped), one that has may ask the token; a coroutine is destroyed where it is suspended.
// Nothing waits for them: who must know that all have ended awaits all(), so what a task uses belongs to it.
#pragma once

#include <spawned/task_group.h>
#include <spawned/run.hpp>
#include <spawned/runtime.hpp>
#include <spawned/token.hpp>

#include <cstdint>
#include <type_traits>
#include <utility>
#include <vector>

namespace spawned::inline v0 {

namespace detail {

template <class T>
struct GroupedTask {
    using Reply = T;
    Task<T> task;
    Token until;
};

template <class T>
Task<T> awaited(Response<T> response) {
    Result<T> outcome = co_await std::move(response);
    co_return outcome.unwrap();
}

// Lives for one task, and until the token is cancelled.
template <class T>
class TaskMember : public Actor<TaskMember<T>, GroupedTask<T>> {
public:
    // An Error that is thrown is the outcome itself; another exception is the end of this actor.
    Task<Result<T>> handle(GroupedTask<T>&& message, Context<TaskMember>& context) {
        context.stop();
        const auto end = [self = context.self().pid()] { (void)self.kill(); };
        const auto guard = message.until.on_cancel(end);
        try {
            if constexpr (std::is_void_v<T>) {
                co_await std::move(message.task);
                co_return Result<void>();
            } else {
                co_return co_await std::move(message.task);
            }
        } catch (const Error& error) {
            co_return error;
        }
    }
};

}  // namespace detail

template <class T>
class TaskGroup {
public:
    explicit TaskGroup(RuntimeRef runtime, Token parent = {}) : runtime_(runtime) {
        detail::throw_unless_ok(
            spawned_task_group_create(runtime.c_handle(), parent.c_handle(), &group_));
    }
    TaskGroup(TaskGroup&& other) noexcept
        : runtime_(other.runtime_),
          group_(std::exchange(other.group_, nullptr)),
          taken_(std::exchange(other.taken_, {})) {}
    TaskGroup& operator=(TaskGroup&&) = delete;
    ~TaskGroup() { spawned_task_group_release(group_); }

    // Tasks are numbered from 0. An Error that comes out of these says that there is no such task:
    // already, the group is joined; or what the runtime lacks.

    // A closure that gives a T, and may take the group's token.
    template <class F>
    void start(F closure) {
        if constexpr (std::is_invocable_v<F&, Token>)
            start_work([closure = std::move(closure), token = token()]() mutable -> T {
                return closure(token);
            });
        else
            start_work(std::move(closure));
    }
    // A coroutine, in an actor of its own.
    void start(Task<T> task) {
        add(runtime_.start<detail::TaskMember<T>>().request(detail::GroupedTask<T>{std::move(task),
                                                                                   token()},
                                                            Duration::forever()));
    }
    void add(Response<T> response) {
        if (!response.answers_itself()) return start(detail::awaited(std::move(response)));
        if (response.c_handle() == nullptr) response = asked_for(std::move(response));
        begin([&] { return spawned_task_group_add(group_, response.release()); });
    }

    std::size_t size() const noexcept { return taken_.size(); }
    Token token() const { return Token(spawned_task_group_token(group_)); }

    // Ready when each has ended; gives their number.
    Response<std::uint64_t> all(Duration timeout = Duration::forever()) {
        return join(SPAWNED_JOIN_ALL, timeout);
    }
    // Gives the number of the first to succeed, or, when all have failed, the error of the first that did.
    // not_found: there is no task.
    Response<std::uint64_t> first_success(Duration timeout = Duration::forever()) {
        return join(SPAWNED_JOIN_FIRST_SUCCESS, timeout);
    }
    // The first failure's error; or, when all have succeeded, their number.
    Response<std::uint64_t> first_failure(Duration timeout = Duration::forever()) {
        return join(SPAWNED_JOIN_FIRST_FAILURE, timeout);
    }

    // A task's outcome, which it gives once. not_ready: it has not ended. not_found: there is none.
    Result<T> take(std::uint64_t task) {
        spawned_response* response = spawned_task_group_response(group_, task);
        if (response == nullptr) return Error(Status::not_found);
        const spawned_status status = spawned_response_poll(response);
        if (status == SPAWNED_EAGAIN) return Error(Status::not_ready);
        if (taken_[task]) return Error(Status::already);
        taken_[task] = true;
        return detail::outcome_of<T>(response, status);
    }
    // All outcomes, in the order of the tasks.
    std::vector<Result<T>> take_all() {
        std::vector<Result<T>> results;
        results.reserve(size());
        for (std::size_t task = 0; task < size(); ++task) results.push_back(take(task));
        return results;
    }

    spawned_task_group* c_handle() const noexcept { return group_; }

private:
    template <class F>
    void start_work(F closure) {
        static_assert(std::is_convertible_v<std::invoke_result_t<F&>, T>);
        begin([&] {
            return spawned_task_group_start(group_, detail::result_type<T>(),
                                            detail::ClosureWork<T, F>::run,
                                            new F(std::move(closure)),
                                            detail::ClosureWork<T, F>::destroy);
        });
    }
    // A response that was there from the start, as one of the library.
    Response<T> asked_for(Response<T> ready) {
        Result<T> result = ready.get();
        Promise<T> promise(runtime_.c_handle());
        Response<T> response = promise.response();
        if (!result)
            (void)promise.fail(result.error().code(), result.error().text());
        else if constexpr (std::is_void_v<T>)
            (void)promise.send();
        else
            (void)promise.send(std::move(result).unwrap());
        return response;
    }
    // What may throw comes before what cannot be taken back.
    template <class F>
    void begin(F start) {
        struct Counted {
            std::vector<bool>& taken;
            bool begun = false;
            ~Counted() {
                if (!begun) taken.pop_back();
            }
        };
        taken_.push_back(false);
        Counted one{taken_};
        detail::throw_unless_ok(start());
        one.begun = true;
    }
    Response<std::uint64_t> join(std::uint32_t until, Duration timeout) {
        spawned_response* joined = nullptr;
        (void)spawned_task_group_join(group_, until, timeout.count(), &joined);
        return Response<std::uint64_t>(joined);
    }

    RuntimeRef runtime_;
    spawned_task_group* group_ = nullptr;
    std::vector<bool> taken_;  // of each task, whether its outcome was given
};

}  // namespace spawned::inline v0
