// Signals of the process (Ctrl-C is SIGINT) as messages and responses.
//
//     send_on_signal(context.self(), SIGINT, ShutDown{});              // the next one
//     send_on_each_signal(context.self(), SIGHUP, Reload{});           // every one
//     signalled(runtime, SIGINT).unwrap();                             // waits; co_await it in a task
//
// Everyone who asked is told, in every runtime. While anybody waits for a signal the library's handler stands
// in; after the last one is served what was there before does again, so that a second Ctrl-C ends a program
// that hangs in its shutdown. A subscription ends with its actor, or with its event's cancel. In
// deterministic mode only raise_signal delivers.
#pragma once

#include <spawned/signal.h>
#include <spawned/event.hpp>
#include <spawned/runtime.hpp>

#include <utility>

namespace spawned::inline v0 {

struct SignalOptions {
    // Also where the program has a handler of its own, in whose place ours stands until the end. Without
    // it that is Status::exists: raise_signal, called outside of that handler, tells the subscribers.
    bool replace = false;
};

namespace detail {

template <class To, class M>
Result<Event> arm_signal(const To& to, int signal, M&& message, std::uint32_t flags) {
    return arm_event(Recipient<std::remove_cvref_t<M>>(to).pid().c_handle(),
                     std::forward<M>(message),
                     [signal, flags](spawned_message* built, spawned_event* event) {
                         return spawned_send_on_signal(signal, built, flags, event);
                     });
}

constexpr std::uint32_t flags_of(SignalOptions options) {
    return options.replace ? SPAWNED_SIGNAL_REPLACE : 0;
}

}  // namespace detail

// Sends the message when the signal arrives. To whom: any reference that may be sent an M.
template <class To, class M>
Result<Event> send_on_signal(const To& to, int signal, M&& message, SignalOptions options = {}) {
    return detail::arm_signal(to, signal, std::forward<M>(message), detail::flags_of(options));
}

// Sends a copy of it each time. Signals that come faster than they are served count as one.
template <class To, class M>
Result<Event> send_on_each_signal(const To& to, int signal, M&& message,
                                  SignalOptions options = {}) {
    constexpr bool copyable = Copyable<std::remove_cvref_t<M>>;
    static_assert(copyable, SPAWNED_DETAIL_NOT_COPYABLE);
    if constexpr (copyable)
        return detail::arm_signal(to, signal, std::forward<M>(message),
                                  detail::flags_of(options) | SPAWNED_SIGNAL_REPEAT);
    else
        return Error(Status::unsupported);
}

// Ready when the signal arrives; from this call on, so that none is missed before somebody waits.
inline Response<void> signalled(RuntimeRef runtime, int signal,
                                Duration timeout = Duration::forever(),
                                SignalOptions options = {}) {
    spawned_response* response = nullptr;
    (void)spawned_signal_response(runtime.c_handle(), signal, detail::flags_of(options),
                                  timeout.count(), &response);
    return Response<void>(response);
}

// Serves the runtime's subscribers as if the signal had arrived; not to be called in a signal handler.
// not_found: nobody has subscribed.
inline Status raise_signal(RuntimeRef runtime, int signal) {
    return Status{spawned_signal_raise(runtime.c_handle(), signal)};
}

}  // namespace spawned::inline v0
