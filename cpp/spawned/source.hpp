// Source: what pushes to an actor from a callback that must not wait, of a driver, of another library or
// of an event loop.
//
//     Source source(actor, [&] { wake(); });           // called when there is room again
//     if (source.push(line) == Status::full) pause();  // the line is still the caller's
//
// A source that pushes meets the receiver's bound without waiting, and ends with either side: with itself, or with
// the receiver, the token or the runtime. Whoever wants to know how keeps its outcome.
#pragma once

#include <spawned/listener.h>
#include <spawned/actor_ref.hpp>
#include <spawned/detail/send.hpp>
#include <spawned/token.hpp>

#include <concepts>
#include <new>
#include <type_traits>
#include <utility>

namespace spawned::inline v0 {

// To whom: any reference; what may be sent to it may be pushed. One thread at a time.
template <class To>
class Source {
public:
    // Throws the Error of a receiver that has ended.
    explicit Source(const To& to, Token until = {}) : to_(to) {
        begin(until, nullptr, nullptr, nullptr);
    }

    // call() tells the source to look again: when there is room after a push that was full, and when the listener is
    // over from the other side, perhaps more than once. On any thread, perhaps before the constructor has returned;
    // it only wakes, and an exception that leaves it ends the program. It is destroyed when nobody calls it any more.
    template <std::invocable F>
    Source(const To& to, F call, Token until = {}) : to_(to) {
        const auto run = [](void* closure) noexcept { (*static_cast<F*>(closure))(); };
        const auto destroy = [](void* closure) { delete static_cast<F*>(closure); };
        begin(until, run, new F(std::move(call)), destroy);
    }

    Source(Source&& other) noexcept
        : to_(other.to_),
          listener_(std::exchange(other.listener_, nullptr)),
          outcome_(std::move(other.outcome_)) {}
    Source& operator=(Source other) noexcept {
        to_ = other.to_;
        std::swap(listener_, other.listener_);
        std::swap(outcome_, other.outcome_);
        return *this;
    }
    ~Source() { end(); }

    // Never waits. Unless ok the message is what it was. full: to be pushed again when call comes; stopped: either
    // side has ended the listener; stopping: the receiver drains.
    template <class M>
    requires std::movable<std::remove_cvref_t<M>> Status push(M&& message)
    const {
        using Value = std::remove_cvref_t<M>;
        constexpr bool moves = !std::is_lvalue_reference_v<M> && !detail::Bytes<Value>;
        const spawned_pid to = Recipient<Value>(to_).pid().c_handle();
        if (listener_ == nullptr) return Status::stopped;
        spawned_message* built = nullptr;
        void* value = nullptr;
        spawned_status status =
            spawned_message_reserve(to, &message_type<Value>, 0, &built, &value);
        if (status != SPAWNED_OK) return Status{status};
        detail::Reserved reserved(built);
        if constexpr (!detail::Empty<Value>) ::new (value) Value(std::forward<M>(message));
        (void)reserved.built();
        status = spawned_listener_push(listener_, built);
        if (status == SPAWNED_OK) return Status::ok;
        const Refused refused{built};
        if constexpr (moves) message = std::move(*static_cast<Value*>(value));
        return Status{status};
    }

    // No further item; or, with an error, why there will be none. The outcome unless the other side was first.
    void end() { spawned_listener_end(std::exchange(listener_, nullptr), SPAWNED_OK, nullptr, 0); }
    void end(const Error& error) {
        spawned_listener_end(std::exchange(listener_, nullptr), c_status(error.code()),
                             error.text().data(), error.text().size());
    }

    // Ready when the listener has ended: without an error by its source, Status::stopped by the other side. May be
    // moved from, and outlive the source.
    Response<void>& outcome() noexcept { return outcome_; }

private:
    struct Refused {
        spawned_message* message;
        ~Refused() { spawned_message_destroy(message); }
    };

    void begin(Token until, void (*call)(void*), void* closure, void (*destroy)(void*)) {
        spawned_response* response = nullptr;
        const spawned_status status =
            spawned_listener_create(to_.pid().c_handle(), until.c_handle(), call, closure, destroy,
                                    &listener_, &response);
        outcome_ = Response<void>(response);
        detail::throw_unless_ok(status);
    }

    To to_;
    spawned_listener* listener_ = nullptr;
    Response<void> outcome_{nullptr};
};

}  // namespace spawned::inline v0
