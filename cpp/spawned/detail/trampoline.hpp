// From the C callbacks to the members of an actor's class. The state is a Cell; each callback enters its
// context, calls the member, and turns what it returns or throws into a status.
#pragma once

#include <spawned/context.hpp>
#include <spawned/detail/exception.hpp>
#include <spawned/task.hpp>

#include <new>
#include <utility>

namespace spawned::inline v0::detail {

template <class A>
struct Cell {
    A actor;
    Context<A> context;

    template <class... Args>
    explicit Cell(Args&&... args) requires std::is_constructible_v<A, Args...>
        : actor(std::forward<Args>(args)...) {}
    template <class... Args>
    explicit Cell(Args&&... args) : actor{std::forward<Args>(args)...} {}

    static Cell& enter(spawned_context* context, void* state) {
        Cell& cell = *static_cast<Cell*>(state);
        cell.context.enter(context);
        return cell;
    }
};

// Answers with what a handler, or its task, returned.
template <class Reply, class V>
spawned_status answer(spawned_context* context, V&& value) {
    using Returned = std::remove_cvref_t<V>;
    if constexpr (std::is_same_v<Returned, Later>)
        return SPAWNED_OK;
    else if constexpr (std::is_same_v<Returned, Result<void>>)
        return value.is_ok() ? SPAWNED_OK : reply_error(context, value.error());
    else if constexpr (std::is_same_v<Returned, Result<typename Checked<Returned>::type>>)
        return value.is_ok() ? reply_value<Reply>(context, *std::forward<V>(value))
                             : reply_error(context, value.error());
    else
        return reply_value<Reply>(context, std::forward<V>(value));
}

template <class Reply, class T>
spawned_status answer_task(TaskPromise<T>& task, spawned_context* context) {
    if constexpr (std::is_void_v<T>)
        return task.take(), SPAWNED_OK;
    else
        return answer<Reply>(context, task.take());
}

// Calls something of the actor and completes with what it gives, at once or when its task ends.
template <class Reply, class F>
spawned_status complete(spawned_context* context, F&& call) {
    using Returned = decltype(call());
    if constexpr (std::is_void_v<Returned>)
        return call(), SPAWNED_OK;
    else if constexpr (is_task<Returned>)
        return run_task<answer_task<Reply, typename Returned::value_type>>(call(), context);
    else
        return answer<Reply>(context, call());
}

template <class A, class M>
spawned_status on_message(spawned_context* context, void* state, void* value) {
    Cell<A>& cell = Cell<A>::enter(context, state);
    try {
        return complete<ReplyOf<M>>(context, [&]() -> decltype(auto) {
            if constexpr (Empty<M>)
                return cell.actor.handle(M{}, cell.context);
            else
                return cell.actor.handle(std::move(*static_cast<M*>(value)), cell.context);
        });
    } catch (...) {
        return report_exception();
    }
}

template <class A>
spawned_status on_started(spawned_context* context, void* state) {
    Cell<A>& cell = Cell<A>::enter(context, state);
    try {
        return complete<void>(context,
                              [&]() -> decltype(auto) { return cell.actor.started(cell.context); });
    } catch (...) {
        return report_exception();
    }
}

template <class A>
spawned_status on_stopped(spawned_context* context, void* state, const spawned_exit* exit) {
    Cell<A>& cell = Cell<A>::enter(context, state);
    try {
        return complete<void>(context, [&]() -> decltype(auto) {
            if constexpr (requires { cell.actor.stopped(cell.context); })
                return cell.actor.stopped(cell.context);
            else
                return cell.actor.stopped(cell.context, ExitReason(*exit));
        });
    } catch (...) {
        return report_exception();
    }
}

// What start hands to init: how to build the state, and the exception when that failed.
struct Construction {
    spawned_status (*build)(Construction& self, void* state);
    std::exception_ptr failure;
};

inline spawned_status on_init(void* state, void* argument, void*) {
    Construction& construction = *static_cast<Construction*>(argument);
    try {
        return construction.build(construction, state);
    } catch (...) {
        construction.failure = std::current_exception();
        return report_exception();
    }
}

template <class A>
void on_destroy(void* state, void*) {
    static_cast<Cell<A>*>(state)->~Cell<A>();
}

}  // namespace spawned::inline v0::detail
