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
class NamedRef : public detail::Addressed<T>::template Calls<NamedRef<T>> {
public:
    NamedRef(spawned_runtime* runtime, std::string name) : name_(runtime, std::move(name)) {}

    // Who has the name now; no actor when nobody has.
    Pid pid() const noexcept {
        spawned_pid holder = 0;
        (void)name_.find(&holder);
        return Pid(holder);
    }
    bool is_alive() const noexcept { return static_cast<bool>(pid()); }
    // The same name as one of its protocols: where two have a method of the same name.
    template <class P>
    NamedRef<P> as() const {
        (void)std::bool_constant<implements<T, P>()>();
        return NamedRef<P>(name_);
    }

    template <class M>
    Status send(M&& message) const {
        return emplace<std::remove_cvref_t<M>>(std::forward<M>(message));
    }
    template <class M>
    detail::ResponseTo<ReplyOf<std::remove_cvref_t<M>>, M> request(
        M&& message, Duration timeout = default_timeout) const {
        using Value = std::remove_cvref_t<M>;
        if constexpr (detail::Addressed<T>::template takes<Value>())
            return name_.template request<Value>(timeout.count(), std::forward<M>(message));
        else
            return Response<ReplyOf<Value>>(nullptr);
    }
    template <class M, class... Args>
    Status emplace(Args&&... args) const {
        if constexpr (detail::Addressed<T>::template takes<M>())
            return name_.template send<M>(std::forward<Args>(args)...);
        else
            return Status::no_handler;
    }
    template <class M, class... Args>
    Response<ReplyOf<M>> emplace_request(Args&&... args) const {
        if constexpr (detail::Addressed<T>::template takes<M>())
            return name_.template request<M>(SPAWNED_DEFAULT, std::forward<Args>(args)...);
        else
            return Response<ReplyOf<M>>(nullptr);
    }

private:
    template <class>
    friend class NamedRef;
    explicit NamedRef(detail::RegistryName name) : name_(std::move(name)) {}

    detail::RegistryName name_;
};

}  // namespace spawned::inline v0
