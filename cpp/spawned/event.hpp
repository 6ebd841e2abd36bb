// Messages that are sent when something happens: an actor has ended, a token is cancelled, a closure has
// returned. The message is fixed beforehand; it never fails to arrive, and goes with its receiver.
//
//     send_on_end(context.self(), worker, WorkerGone{});
//     send_on(context.self(), [path] { wait_for_change(path); }, Changed{});
#pragma once

#include <spawned/event.h>
#include <spawned/work.h>
#include <spawned/actor_ref.hpp>
#include <spawned/detail/exception.hpp>
#include <spawned/token.hpp>

#include <memory>
#include <type_traits>
#include <utility>

namespace spawned::inline v0 {

namespace detail {

template <class M, class Arm>
Result<Event> arm_event(spawned_pid to, M&& value, Arm arm) {
    spawned_message* message = nullptr;
    spawned_event event = 0;
    spawned_status status =
        build_message<std::remove_cvref_t<M>>(to, &message, std::forward<M>(value));
    if (status == SPAWNED_OK) status = arm(message, &event);
    if (status != SPAWNED_OK) return Error(Status{status});
    return Event(event);
}

}  // namespace detail

// To whom: any reference that may be sent an M. When watched has ended, its exit reason can be read.
template <class To, class M>
Result<Event> send_on_end(const To& to, Pid watched, M&& message) {
    return detail::arm_event(Recipient<std::remove_cvref_t<M>>(to).pid().c_handle(),
                             std::forward<M>(message),
                             [watched](spawned_message* built, spawned_event* event) {
                                 return spawned_send_on_end(watched.c_handle(), built, event);
                             });
}

template <class To, class M>
Result<Event> send_on_cancel(const To& to, Token token, M&& message) {
    return detail::arm_event(Recipient<std::remove_cvref_t<M>>(to).pid().c_handle(),
                             std::forward<M>(message),
                             [token](spawned_message* built, spawned_event* event) {
                                 return spawned_send_on_cancel(token.c_handle(), built, event);
                             });
}

// Runs the closure on the blocking pool; when it has returned, the message is sent. If it throws, or the
// receiver ends before it has begun, nothing is.
template <class To, class F, class M>
Result<Event> send_on(const To& to, F&& closure, M&& message) {
    using Closure = std::decay_t<F>;
    const auto work = [](void* user_data, void*) -> spawned_status {
        try {
            (*static_cast<Closure*>(user_data))();
            return SPAWNED_OK;
        } catch (...) {
            return detail::report_exception();
        }
    };
    const auto destroy = [](void* user_data) { delete static_cast<Closure*>(user_data); };
    auto owned = std::make_unique<Closure>(std::forward<F>(closure));
    return detail::arm_event(Recipient<std::remove_cvref_t<M>>(to).pid().c_handle(),
                             std::forward<M>(message),
                             [&](spawned_message* built, spawned_event* event) {
                                 return spawned_send_on_work(work, owned.release(), destroy, built,
                                                             event);
                             });
}

// Ready once the actor has ended: a join to be awaited.
inline Response<void> ended(Pid pid, Duration timeout = Duration::forever()) {
    spawned_response* response = nullptr;
    (void)spawned_actor_end_response(pid.c_handle(), timeout.count(), &response);
    return Response<void>(response);
}

// The actor's own token: cancelled when it is asked to stop, so that a long handler may ask it.
inline Token token_of(Pid pid) {
    spawned_token token = 0;
    detail::throw_unless_ok(spawned_token_of_actor(pid.c_handle(), &token));
    return Token(token);
}

}  // namespace spawned::inline v0
