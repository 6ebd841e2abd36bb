// Context<A>: what a running handler of A may do. It is good in handlers, hooks, and the tasks they return,
// for as long as these run; elsewhere its calls answer Status::wrong_context. What outlives a handler takes
// context.self() along.
#pragma once

#include <spawned/link.h>
#include <spawned/actor_ref.hpp>
#include <spawned/monitor.hpp>
#include <spawned/promise.hpp>
#include <spawned/reply.hpp>

namespace spawned::inline v0 {

class RuntimeRef;

template <class A>
class Context {
public:
    Context() = default;
    Context(const Context&) = delete;
    Context& operator=(const Context&) = delete;

    ActorRef<A> self() const { return ActorRef<A>(Pid(spawned_context_self(context_))); }
    RuntimeRef runtime() const;

    // Ends the actor once the running handler is over; a reply it returns is still given.
    Status stop() { return Status{spawned_context_stop(context_)}; }

    // To this actor itself, behind what waits already.
    template <class M>
    Status send(M&& message) const {
        return self().send(std::forward<M>(message));
    }
    template <class M>
    Result<Timer> send_after(Duration delay, M&& message) const {
        return self().send_after(delay, std::forward<M>(message));
    }
    template <class M>
    Result<Timer> send_interval(Duration period, M&& message) const {
        return self().send_interval(period, std::forward<M>(message));
    }
    template <class M>
    Recipient<M> recipient() const {
        return self().template recipient<M>();
    }

    // A response to be completed by hand, from any thread.
    template <class T>
    Promise<T> promise(Duration timeout = Duration::forever()) const {
        return Promise<T>(spawned_context_runtime(context_), timeout);
    }

    // Takes the duty to answer the message being handled, an M, out of the handler, which then returns
    // Later. Empty when nobody asked.
    template <class M>
    ReplyTo<M> detach() {
        spawned_reply_to to = 0;
        const spawned_status status = spawned_reply_detach(context_, &to);
        if (status != SPAWNED_ENOENT) detail::throw_unless_ok(status);
        return ReplyTo<M>(to);
    }
    // Hands the message being handled on, with the duty to answer it; the handler then returns Later.
    Status forward(Pid to) { return Status{spawned_context_forward(context_, to.c_handle())}; }

    // Cancels a monitor of this actor's, and takes its message out of the mailbox. ok: it will not be handled.
    // already: it was.
    Status forget_monitor(Event monitor) {
        return Status{spawned_context_forget_monitor(context_, monitor.c_handle())};
    }

    // From now on exit signals (link.hpp) are messages of type N, which the actor handles; until they are to act
    // on it again.
    template <Notice N = ExitSignal>
    Status trap_exits() {
        if constexpr (detail::check_handler<A, N>())
            return Status{spawned_context_trap_exits(context_, &message_type<N>)};
        else
            return Status::no_handler;
    }
    Status untrap_exits() { return Status{spawned_context_trap_exits(context_, nullptr)}; }

    // Of the message being handled: whether somebody waits for the answer, and how many ticks of an
    // interval were skipped before this one.
    bool is_request() const { return info().is_request != 0; }
    std::uint64_t missed() const { return info().missed; }

    spawned_context* c_handle() const noexcept { return context_; }
    // For what runs handlers.
    Context& enter(spawned_context* context) noexcept { return context_ = context, *this; }

private:
    spawned_message_info info() const {
        spawned_message_info info = SPAWNED_MESSAGE_INFO_INIT;
        (void)spawned_context_message(context_, &info);
        return info;
    }

    spawned_context* context_ = nullptr;
};

}  // namespace spawned::inline v0
