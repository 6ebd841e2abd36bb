// Whole programs: run() makes a runtime, runs a function or a task in it, stops what still lives, in order, and
// gives back the value.
//
//     int main() {
//         return spawned::run([](spawned::RuntimeRef runtime) -> spawned::Task<int> {
//             auto ns = runtime.start<NameServerActor>();
//             co_return (co_await ns.find("Joe")).unwrap() ? 0 : 1;
//         });
//     }
//
// Ctrl-C, and SIGTERM, end such a program in order: its task is destroyed where it is suspended, and the
// runtime shuts down, so supervisors stop their trees, each child after those that were started behind it. A
// program that wants to end by itself takes a token, which is cancelled instead:
//
//     spawned::run([](spawned::RuntimeRef runtime, spawned::Token stop) -> spawned::Task<void> {
//         auto tree = runtime.start<Server>();
//         (void)co_await stop.cancelled();  // Ctrl-C
//         std::puts("stopping");          // what follows is the same as at any return
//     });
//
// A second Ctrl-C ends the process at once, as it would without spawned.
#pragma once

#include <spawned/runtime.hpp>
#include <spawned/signal.hpp>
#include <spawned/task.hpp>
#include <spawned/token.hpp>

#include <csignal>

#include <atomic>
#include <exception>
#include <string>
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

struct RunOptions {
    // Whether SIGINT and SIGTERM end the program in order. A handler that the program has of its own
    // stays in any case.
    bool stop_on_signals = true;
    // How long the end may take.
    Duration deadline = seconds(10);
};

namespace detail {

// A program under run: what a signal does to it. On the heap, since actors may outlast a deadline.
struct Program {
    std::atomic<int> signal{0};        // that ended it; 0: none
    Token stop;                        // given to the program; 0: it takes none
    std::atomic<spawned_pid> task{0};  // the program's, if it is one
};

struct Interrupted {
    int signal;
};

// On a thread of its own, so that a program whose handlers have all threads is interrupted nevertheless.
class Interrupter : public Actor<Interrupter, Interrupted> {
public:
    explicit Interrupter(Program* program) : program_(program) {}

    void handle(Interrupted message, Context& context) {
        int none = 0;
        if (!program_->signal.compare_exchange_strong(none, message.signal)) return;
        if (program_->stop != Token()) {
            (void)program_->stop.cancel();
        } else {
            (void)Pid(program_->task.load()).kill();
            (void)context.runtime().shutdown(Duration());  // begins it
        }
    }

private:
    Program* program_;
};

// What a program gives that a signal has ended: as a status of the process, what shells give.
template <class T>
T value_of_interrupted(int signal) {
    if constexpr (std::is_same_v<T, int>)
        return 128 + signal;
    else if constexpr (!std::is_void_v<T>)
        throw Error(Status::stopped, "signal " + std::to_string(signal));
}

template <class Returned>
struct ProgramValue {
    using Type = std::decay_t<Returned>;
};
template <class T>
struct ProgramValue<Task<T>> {
    using Type = T;
};

// A runtime and its program, from the beginning to the end.
class Running {
public:
    Running(const RuntimeOptions& options, const RunOptions& how, bool takes_token)
        : Running(options, how) {
        if (takes_token) program_->stop = runtime_.token();
        if (!how.stop_on_signals) return;
        const auto interrupter =
            runtime_.start<Interrupter>({.backend = Backend::blocking}, program_);
        for (int signal : {SIGINT, SIGTERM})  // or the program has a handler of its own
            (void)send_on_signal(interrupter, signal, Interrupted{signal});
    }
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;
    ~Running() {
        if (!is_over_) (void)shut_down();
    }

    // What ended it, if it cannot have ended by itself; 0: it did.
    int ended_by() const { return program_->stop == Token() ? program_->signal.load() : 0; }

    template <class T, class F>
    T call(F&& f) {
        const auto make = [&] {
            if constexpr (std::is_invocable_v<F, RuntimeRef, Token>)
                return std::forward<F>(f)(RuntimeRef(runtime_), program_->stop);
            else
                return std::forward<F>(f)(RuntimeRef(runtime_));
        };
        if constexpr (is_task<decltype(make())>) {
            std::exception_ptr failure;
            auto runner = runtime_.start<TaskRunner<T>>();
            program_->task.store(runner.pid().c_handle());
            if (ended_by() != 0) (void)runner.kill();  // by a signal that did not see it yet
            Result<T> result =
                runner.request(RunTask<T>{make(), &failure}, Duration::forever()).get();
            if (failure) std::rethrow_exception(failure);
            return result.unwrap();
        } else {
            return make();
        }
    }

    void finish() {
        const std::string busy = shut_down();
        if (!busy.empty()) throw Error(Status::timed_out, busy);
    }

private:
    // Who is busy still, after the deadline; empty: nobody.
    std::string shut_down() {
        is_over_ = true;
        if (runtime_.shutdown(how_.deadline) == Status::timed_out) {
            std::string busy = "still busy:";
            for (const ActorReport& report : runtime_.busy()) busy.append(" ").append(report.name);
            return busy;  // they keep the runtime, and what they may look at
        }
        runtime_.~Runtime();
        delete program_;
        return {};
    }

    Running(const RuntimeOptions& options, const RunOptions& how)
        : how_(how), runtime_(options), program_(new Program) {}

    RunOptions how_;
    union {
        Runtime runtime_;  // not destroyed while actors outlast the deadline
    };
    Program* program_;
    bool is_over_ = false;
};

}  // namespace detail

// Runs f(runtime), or f(runtime, stop), as told above; f may return a value or a task. What it throws comes
// out here. A program that a signal has ended gives 128 + the signal's number where it gives an int, nothing
// where it gives nothing, and else throws Status::stopped. If the end takes longer than its deadline,
// Status::timed_out is thrown, with the names of the actors that are busy; their threads go on until the
// process ends.
template <class F>
auto run(const RuntimeOptions& options, F&& f, const RunOptions& how = {}) {
    constexpr bool takes_token = std::is_invocable_v<F, RuntimeRef, Token>;
    using Invoked = std::conditional_t<takes_token, std::invoke_result<F, RuntimeRef, Token>,
                                       std::invoke_result<F, RuntimeRef>>;
    using T = typename detail::ProgramValue<typename Invoked::type>::Type;
    detail::Running running(options, how, takes_token);
    const auto value = [&]() -> T {
        try {
            return running.call<T>(std::forward<F>(f));
        } catch (const Error&) {  // what a program learns from its runtime's end
            if (running.ended_by() == 0) throw;
        }
        return detail::value_of_interrupted<T>(running.ended_by());
    };
    if constexpr (std::is_void_v<T>) {
        value();
        running.finish();
    } else {
        T given = value();
        running.finish();
        return given;
    }
}
template <class F>
requires(!std::is_convertible_v<F, RuntimeOptions>) auto run(F&& f, const RunOptions& how = {}) {
    return run(RuntimeOptions(), std::forward<F>(f), how);
}

}  // namespace spawned::inline v0
