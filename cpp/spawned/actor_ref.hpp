// References to actors that know what may be said to them. All are trivially copied, compare by whom they
// mean, and may be kept, sent and used on any thread; the actor's end makes them answer Status::stopped.
//
//     ActorRef<A>    an actor of class A, with the methods of A's protocols
//     Ref<P>         whoever implements protocol P: an actor of any class, or a stand-in
//     Recipient<M>   whoever takes an M
#pragma once

#include <spawned/detail/asks.hpp>
#include <spawned/detail/stand_in.hpp>
#include <spawned/pid.hpp>
#include <spawned/protocol_list.hpp>
#include <spawned/timer.hpp>

namespace spawned::inline v0 {

template <class P>
class Ref;
template <Message M>
class Recipient;

template <class A>
class ActorRef : public Pid,
                 public detail::AllCalls<ActorRef<A>, typename detail::ProtocolsOf<A>::type> {
public:
    constexpr ActorRef() = default;
    // Adopts a pid: the caller knows that it is of an A.
    constexpr explicit ActorRef(Pid pid) : Pid(pid) {}

    // The reference as one of its protocols: where two have a method of the same name, and to keep it
    // without naming A.
    template <class P>
    Ref<P> as() const {
        return Ref<P>(*this);
    }

    // Moves the message into the mailbox and returns at once.
    template <class M>
    Status send(M&& message) const {
        return emplace<std::remove_cvref_t<M>>(std::forward<M>(message));
    }
    // Sends it once there is room: to be awaited in handlers, where send does not wait for a full mailbox
    // of Overflow::block. Ready when the mailbox has the message.
    template <class M>
    detail::ResponseTo<void, M> send_waiting(M&& message,
                                             Duration timeout = Duration::forever()) const {
        using Value = std::remove_cvref_t<M>;
        if constexpr (detail::check_handler<A, Value>())
            return detail::send_waiting_to<Value>(c_handle(), timeout.count(),
                                                  std::forward<M>(message));
        else
            return Response<void>(nullptr);
    }
    // Sends it and returns what the answer will be in. A message without a Reply can be asked too: the
    // answer is that it was handled.
    template <class M>
    detail::ResponseTo<ReplyOf<std::remove_cvref_t<M>>, M> request(
        M&& message, Duration timeout = default_timeout) const {
        using Value = std::remove_cvref_t<M>;
        if constexpr (detail::check_handler<A, Value>())
            return detail::request_to<Value>(c_handle(), timeout.count(), std::forward<M>(message));
        else
            return Response<ReplyOf<Value>>(nullptr);
    }

    // The message built from args where it will be handled.
    template <class M, class... Args>
    Status emplace(Args&&... args) const {
        if constexpr (detail::check_handler<A, M>())
            return detail::send_to<M>(c_handle(), std::forward<Args>(args)...);
        else
            return Status::no_handler;
    }
    template <class M, class... Args>
    Response<ReplyOf<M>> emplace_request(Args&&... args) const {
        if constexpr (detail::check_handler<A, M>())
            return detail::request_to<M>(c_handle(), SPAWNED_DEFAULT, std::forward<Args>(args)...);
        else
            return Response<ReplyOf<M>>(nullptr);
    }

    // One message after the delay; a copy after every period, the first after one period.
    template <class M>
    Result<Timer> send_after(Duration delay, M&& message) const {
        if constexpr (detail::check_handler<A, std::remove_cvref_t<M>>())
            return detail::send_after_to(c_handle(), delay, std::forward<M>(message));
        else
            return Error(Status::no_handler);
    }
    template <class M>
    Result<Timer> send_interval(Duration period, M&& message) const {
        if constexpr (detail::check_handler<A, std::remove_cvref_t<M>>())
            return detail::send_interval_to(c_handle(), period, std::forward<M>(message));
        else
            return Error(Status::no_handler);
    }

    template <class M>
    Recipient<M> recipient() const {
        return Recipient<M>(*this);
    }
};

template <class P>
class Ref : public detail::Asks<Ref<P>>, public P::template Calls<Ref<P>> {
public:
    using Messages = typename P::Messages;

    constexpr Ref() = default;
    // Adopts a pid: the caller knows that it handles all of P.
    constexpr explicit Ref(Pid pid) : to_(pid) {}
    template <class A>
    constexpr Ref(const ActorRef<A>& actor)  // NOLINT(google-explicit-constructor): is a P
        : to_(actor.pid()) {
        (void)std::bool_constant<implements<A, P>()>();
    }
    // For tests: an object with handle(M) for each message of P, which must outlive every copy of the
    // reference. It is called on the sender's thread.
    template <class Object>
    static Ref stand_in(Object& object) {
        return Ref(detail::Target::stand_in<Messages>(object));
    }

    constexpr Pid pid() const noexcept { return to_.pid(); }
    constexpr explicit operator bool() const noexcept { return static_cast<bool>(to_); }
    friend constexpr bool operator==(const Ref& a, const Ref& b) { return a.to_ == b.to_; }

    template <class M>
    Recipient<M> recipient() const {
        return Recipient<M>(*this);
    }

private:
    template <Message M>
    friend class Recipient;
    friend class detail::Asks<Ref>;
    constexpr explicit Ref(detail::Target to) : to_(to) {}
    template <class M>
    static consteval bool takes() {
        static_assert(detail::is_one_of<M, Messages>, SPAWNED_DETAIL_NOT_IN_PROTOCOL);
        return detail::is_one_of<M, Messages>;
    }

    detail::Target to_;
};

template <Message M>
class Recipient {
public:
    constexpr Recipient() = default;
    constexpr explicit Recipient(Pid pid) : to_(pid) {}
    template <class A>
    constexpr Recipient(
        const ActorRef<A>& actor)  // NOLINT(google-explicit-constructor): takes an M
        : to_(actor.pid()) {
        (void)std::bool_constant<detail::check_handler<A, M>()>();
    }
    template <class P>
    constexpr Recipient(const Ref<P>& ref)  // NOLINT(google-explicit-constructor): takes an M
        : to_(ref.to_) {
        static_assert(detail::is_one_of<M, typename P::Messages>, SPAWNED_DETAIL_NOT_IN_PROTOCOL);
    }
    template <class Object>
    static Recipient stand_in(Object& object) {
        return Recipient(detail::Target::stand_in<Messages<M>>(object));
    }

    constexpr Pid pid() const noexcept { return to_.pid(); }
    constexpr explicit operator bool() const noexcept { return static_cast<bool>(to_); }
    friend constexpr bool operator==(const Recipient&, const Recipient&) = default;

    Status send(M message) const { return to_.template send<M>(std::move(message)); }
    detail::ResponseTo<ReplyOf<M>, M> request(M&& message,
                                              Duration timeout = default_timeout) const {
        return to_.template request<M>(timeout.count(), std::move(message));
    }
    Response<ReplyOf<M>> request(const M& message, Duration timeout = default_timeout) const {
        return to_.template request<M>(timeout.count(), message);
    }

private:
    constexpr explicit Recipient(detail::Target to) : to_(to) {}

    detail::Target to_;
};

}  // namespace spawned::inline v0

template <class A>
struct std::hash<spawned::ActorRef<A>> : std::hash<spawned::Pid> {};
template <class P>
struct std::hash<spawned::Ref<P>> {
    std::size_t operator()(const spawned::Ref<P>& ref) const noexcept {
        return std::hash<spawned::Pid>()(ref.pid());
    }
};
