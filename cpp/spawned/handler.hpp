// Handler<A, M>: what makes a member function of A the handler of M. It is a public, unambiguous overload
//
//     R handle(M message, Context& context);        // or const M&, or M&&
//
// and R is the message's Reply, or what converts to it without narrowing, or in its place
//     Result<R>   an error answers the requester and leaves the actor alive
//     Task<R>     a coroutine that awaits (task.hpp); Task<Result<R>> is both
//     Later       the answer comes from what Context::detach gave out, or from another actor
#pragma once

#include <spawned/detail/diagnostics.hpp>
#include <spawned/message.hpp>
#include <spawned/result.hpp>

#include <concepts>
#include <type_traits>
#include <utility>

namespace spawned::inline v0 {

template <class A>
class Context;
template <class T>
class Task;

// A handler's return value when the answer is given by other means.
struct Later {};

namespace detail {

template <class T>
struct Awaited {
    using type = T;
};
template <class T>
struct Awaited<Task<T>> {
    using type = T;
};

template <class T>
struct Checked {
    using type = T;
};
template <class T>
struct Checked<Result<T>> {
    using type = T;
};

template <class A, class M>
using HandlerReturn =
    decltype(std::declval<A&>().handle(std::declval<M>(), std::declval<Context<A>&>()));

// Numbers must not lose value on their way; everything else converts as in a return statement.
template <class From, class To>
concept ConvertsWithoutNarrowing = (std::is_void_v<From> && std::is_void_v<To>) ||
                                   (!std::is_void_v<To> && std::convertible_to<From, To> &&
                                    (!std::is_arithmetic_v<std::remove_cvref_t<From>> ||
                                     !std::is_arithmetic_v<To> ||
                                     requires { To{std::declval<From>()}; }));

template <class Returned, class Reply>
concept Answers = std::same_as<typename Awaited<Returned>::type, Later> ||
    ConvertsWithoutNarrowing<typename Checked<typename Awaited<Returned>::type>::type, Reply>;

}  // namespace detail

// A can be handed an M.
template <class A, class M>
concept Handles = requires(A& actor, M&& message, Context<A>& context) {
    actor.handle(std::move(message), context);
};

// What A's handler of M returns answers M.
template <class A, class M>
concept AnswersWithReply = detail::Answers<detail::HandlerReturn<A, M>, ReplyOf<M>>;

template <class A, class M>
concept Handler = Message<M> && Handles<A, M> && AnswersWithReply<A, M>;

namespace detail {

// The same as Handler, but a no is a sentence. True if there was nothing to say.
template <class A, class M>
consteval bool check_handler() {
    if constexpr (!Message<M>)
        static_assert(Message<M>, SPAWNED_DETAIL_NOT_A_MESSAGE);
    else if constexpr (!Handles<A, M>)
        static_assert(Handles<A, M>, SPAWNED_DETAIL_NO_HANDLER);
    else if constexpr (!AnswersWithReply<A, M>)
        static_assert(AnswersWithReply<A, M>, SPAWNED_DETAIL_WRONG_REPLY);
    return Handler<A, M>;
}

}  // namespace detail
}  // namespace spawned::inline v0
