// Programs as tasks: run() makes a runtime, runs a function or a task in it, and gives back its value.
//
//     int main() {
//         return spawned::run([](spawned::RuntimeRef runtime) -> spawned::Task<int> {
//             auto ns = runtime.start<NameServerActor>();
//             co_return (co_await ns.find("Joe")).unwrap() ? 0 : 1;
//         });
//     }
#pragma once

#include <spawned/runtime.hpp>
#include <spawned/task.hpp>

#include <exception>
#include <type_traits>
#include <utility>

namespace spawned::inline v0 {

namespace detail {

template <class T>
struct RunTask {
    using Reply = T;
    Task<T> task;
    std::exception_ptr* failure;  // where to keep what it throws; null for nobody
};

// Lives for one task.
template <class T>
class TaskRunner : public Actor<TaskRunner<T>, RunTask<T>> {
public:
    Task<T> handle(RunTask<T>&& message, Context<TaskRunner>& context) {
        context.stop();
        try {
            co_return co_await std::move(message.task);
        } catch (...) {
            if (message.failure != nullptr) *message.failure = std::current_exception();
            throw;
        }
    }
};

}  // namespace detail

// Begins the task, beside the caller. If it throws, the response is Status::stopped with its text.
template <class T>
Response<T> spawn(RuntimeRef runtime, Task<T> task) {
    return runtime.start<detail::TaskRunner<T>>().request(detail::RunTask<T>{std::move(task),
                                                                             nullptr},
                                                          Duration::forever());
}

// Runs the task and waits for it, on a thread outside the runtime; throws what it throws.
template <class T>
T block_on(RuntimeRef runtime, Task<T> task) {
    std::exception_ptr failure;
    Result<T> result =
        runtime.start<detail::TaskRunner<T>>()
            .request(detail::RunTask<T>{std::move(task), &failure}, Duration::forever())
            .get();
    if (failure) std::rethrow_exception(failure);
    return result.unwrap();
}

// Ends the runtime when f, or the task it returns, has: actors that still live are stopped.
template <class F>
auto run(const RuntimeOptions& options, F&& f) {
    Runtime runtime(options);
    using Returned = std::invoke_result_t<F, RuntimeRef>;
    if constexpr (detail::is_task<Returned>)
        return block_on(runtime, std::forward<F>(f)(RuntimeRef(runtime)));
    else
        return std::forward<F>(f)(RuntimeRef(runtime));
}
template <class F>
auto run(F&& f) {
    return run(RuntimeOptions(), std::forward<F>(f));
}

}  // namespace spawned::inline v0
