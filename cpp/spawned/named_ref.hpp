// NamedRef<T>: whoever has a name, at each call anew; T is a class of actors or a protocol. It follows restarts,
// where ActorRef<A> means one life and answers Status::stopped after it.
//
//     auto clerk = runtime.named<Clerk>("clerk");    // there need not be one yet
//     clerk.file("a form").unwrap();                 // the methods of ActorRef<Clerk>
//     spawned::ActorRef<Clerk> life(clerk.pid());    // who has it now
//
// Status::not_found says that nobody took the message, so that it may be sent again: the name is free, as
// between an end and the next start, or its actor is ending. Status::stopped as the outcome of a request says
// that who took it has ended before it answered. The caller knows that the name is a T's. It owns a copy of the
// name, and must not be used after its runtime.
#pragma once

#include <spawned/registry.h>
#include <spawned/detail/addressed.hpp>
#include <spawned/detail/asks.hpp>

#include <string>
#include <utility>

namespace spawned::inline v0 {

namespace detail {

// Not in NamedRef, where it would hide a protocol's method of the same name.
class RegistryName {
public:
    RegistryName(spawned_runtime* runtime, std::string text)
        : runtime_(runtime), text_(std::move(text)) {}

    spawned_status find(spawned_pid* holder) const noexcept {
        return spawned_registry_whereis(runtime_, text_.data(), text_.size(), holder);
    }
    template <class M, class... Args>
    Status send(Args&&... args) const {
        spawned_pid to = 0;
        if (const spawned_status status = find(&to); status != SPAWNED_OK) return Status{status};
        const Status sent = send_to<M>(to, std::forward<Args>(args)...);
        return sent == Status::stopped ? Status::not_found : sent;
    }
    template <class M, class... Args>
    Response<ReplyOf<M>> request(spawned_duration timeout, Args&&... args) const {
        spawned_pid to = 0;
        spawned_message* message = nullptr;
        spawned_response* response = nullptr;
        spawned_status status = find(&to);
        if (status == SPAWNED_OK)
            status = build_message<M>(to, &message, std::forward<Args>(args)...);
        if (status == SPAWNED_OK) status = spawned_message_request(message, timeout, &response);
        if (status == SPAWNED_ESTOPPED) {
            spawned_response_release(std::exchange(response, nullptr));
            status = SPAWNED_ENOENT;
        }
        if (response == nullptr) response = spawned_response_of_error(status);
        return Response<ReplyOf<M>>(response);
    }

private:
    spawned_runtime* runtime_;
    std::string text_;
};

}  // namespace detail

template <class T>
class NamedRef : public detail::Asks<NamedRef<T>>,
                 public detail::Addressed<T>::template Calls<NamedRef<T>> {
public:
    NamedRef(spawned_runtime* runtime, std::string name) : to_(runtime, std::move(name)) {}

    // Who has the name now; no actor when nobody has.
    Pid pid() const noexcept {
        spawned_pid holder = 0;
        (void)to_.find(&holder);
        return Pid(holder);
    }
    bool is_alive() const noexcept { return static_cast<bool>(pid()); }
    // The same name as one of its protocols: where two have a method of the same name.
    template <class P>
    NamedRef<P> as() const {
        (void)std::bool_constant<implements<T, P>()>();
        return NamedRef<P>(to_);
    }

private:
    template <class>
    friend class NamedRef;
    friend class detail::Asks<NamedRef>;
    explicit NamedRef(detail::RegistryName name) : to_(std::move(name)) {}
    template <class M>
    static consteval bool takes() {
        return detail::Addressed<T>::template takes<M>();
    }

    detail::RegistryName to_;
};

}  // namespace spawned::inline v0
