// What a class of actors says it handles: protocols, plain messages, or both.
#pragma once

#include <spawned/handler.hpp>

namespace spawned::inline v0 {

// The messages of a protocol, in the order of its declaration.
template <class... Ms>
struct Messages {};

// A protocol is a class with a list of messages and, to be called, a base for its references:
//     using Messages = spawned::Messages<…>;
//     template <class Self> struct Calls { … };
template <class P>
concept Protocol = requires {
    typename P::Messages;
};

// What an actor handles: the list behind its name in spawned::Actor<A, …>.
template <class... Ps>
struct Protocols {};

namespace detail {

template <class... Lists>
struct Join;
template <>
struct Join<> {
    using type = Messages<>;
};
template <class... Ms>
struct Join<Messages<Ms...>> {
    using type = Messages<Ms...>;
};
template <class... As, class... Bs, class... Rest>
struct Join<Messages<As...>, Messages<Bs...>, Rest...> : Join<Messages<As..., Bs...>, Rest...> {};

template <class P>
struct MessagesOf {
    using type = Messages<P>;
};
template <Protocol P>
struct MessagesOf<P> {
    using type = typename P::Messages;
};

template <class List>
struct AllMessages;
template <class... Ps>
struct AllMessages<Protocols<Ps...>> : Join<typename MessagesOf<Ps>::type...> {};

// The bases of a reference that bring the protocols' methods.
template <class Self, class P>
struct CallsOf {};
template <class Self, Protocol P>
requires requires { typename P::template Calls<Self>; }
struct CallsOf<Self, P> : P::template Calls<Self> {};

template <class Self, class List>
struct AllCalls;
template <class Self, class... Ps>
struct AllCalls<Self, Protocols<Ps...>> : CallsOf<Self, Ps>... {};

template <class A>
concept Complete = requires {
    sizeof(A);
};

template <class A>
struct ProtocolsOf {
    static_assert(Complete<A>, SPAWNED_DETAIL_INCOMPLETE_ACTOR);
    using type = Protocols<>;
};
template <class A>
requires requires { typename A::Protocols; }
struct ProtocolsOf<A> {
    using type = typename A::Protocols;
};

template <class M, class List>
inline constexpr bool is_one_of = false;
template <class M, class... Ms>
inline constexpr bool is_one_of<M, Messages<Ms...>> = (std::same_as<M, Ms> || ...);

template <class A, class List>
inline constexpr bool checks_all = false;
template <class A, class... Ms>
inline constexpr bool checks_all<A, Messages<Ms...>> = (check_handler<A, Ms>() && ...);

template <class A>
using MessagesOfActor = typename AllMessages<typename ProtocolsOf<A>::type>::type;

}  // namespace detail

// True if A handles every message of P (or of its own list); else an error that says which is missing.
template <class A, class P>
consteval bool implements() {
    return detail::checks_all<A, typename detail::MessagesOf<P>::type>;
}
template <class A>
consteval bool implements() {
    return detail::checks_all<A, detail::MessagesOfActor<A>>;
}

}  // namespace spawned::inline v0
