// Actor<A, …>: the base that gives a class its Context and its list of protocols and messages. A class
// without the base says the same by itself:
//
//     class Counter {                                    class Counter : public Actor<Counter, Add, Get> {
//     public:                                            public:
//         using Protocols = spawned::Protocols<Add, Get>;
//         void handle(Add, spawned::Context<Counter>&);      void handle(Add, Context&);
//
// Optional members: void started(Context&), void stopped(Context&) or stopped(Context&, ExitReason), either
// as a Task<void> too; and
//     static constexpr bool slow = true;            handlers take long: never on a requester's thread
//     static constexpr bool run_on_caller = true;   an idle one may run on the thread that asks it
#pragma once

#include <spawned/actor.h>
#include <spawned/context.hpp>
#include <spawned/detail/trampoline.hpp>
#include <spawned/detail/type_name.hpp>
#include <spawned/protocol_list.hpp>

namespace spawned::inline v0 {

template <class A, class... Ps>
class Actor {
public:
    using Protocols = spawned::Protocols<Ps...>;
    using Context = spawned::Context<A>;
    template <class T = void>
    using Task = spawned::Task<T>;
};

namespace detail {

template <class A>
concept HasStarted = requires(A& actor, Context<A>& context) {
    actor.started(context);
};
template <class A>
concept HasStopped = requires(A& actor, Context<A>& context) {
    actor.stopped(context);
}
|| requires(A& actor, Context<A>& context, const ExitReason& reason) {
    actor.stopped(context, reason);
};

template <class A, class List>
inline constexpr spawned_handler handlers[1] = {};
template <class A, class M, class... Ms>
inline constexpr spawned_handler handlers<A, Messages<M, Ms...>>[1 + sizeof...(Ms)] = {
    {&message_type<M>, on_message<A, M>}, {&message_type<Ms>, on_message<A, Ms>}...};

template <class List>
inline constexpr std::uint32_t count_of = 0;
template <class... Ms>
inline constexpr std::uint32_t count_of<Messages<Ms...>> = sizeof...(Ms);

template <class A>
consteval spawned_behavior describe_actor() {
    static_assert(alignof(A) <= 64, "spawned: actors are aligned to 64 bytes at most");
    using List = MessagesOfActor<A>;
    spawned_behavior behavior{};
    behavior.size = sizeof behavior;
    behavior.name = type_name<A>.text;
    behavior.state_size = sizeof(Cell<A>);
    behavior.state_alignment = alignof(Cell<A>);
    if constexpr (requires { requires A::slow; }) behavior.flags |= SPAWNED_BEHAVIOR_SLOW;
    if constexpr (requires { requires A::run_on_caller; })
        behavior.flags |= SPAWNED_BEHAVIOR_RUN_ON_CALLER;
    behavior.handler_count = count_of<List>;
    if constexpr (count_of<List> != 0) behavior.handlers = handlers<A, List>;
    behavior.init = on_init;
    if constexpr (HasStarted<A>) behavior.started = on_started<A>;
    if constexpr (HasStopped<A>) behavior.stopped = on_stopped<A>;
    behavior.destroy = on_destroy<A>;
    return behavior;
}

}  // namespace detail

// How the library knows actors of class A.
template <class A>
inline constexpr spawned_behavior behavior = detail::describe_actor<A>();

// Checks an actor where it is written rather than where it is started.
#define SPAWNED_CHECK(A) static_assert(::spawned::implements<A>() || true)

}  // namespace spawned::inline v0
