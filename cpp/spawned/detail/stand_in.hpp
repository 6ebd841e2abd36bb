// Whom a type-erased reference means: an actor by its pid, or an object that stands in for one in a test.
#pragma once

#include <spawned/detail/send.hpp>
#include <spawned/pid.hpp>
#include <spawned/protocol_list.hpp>

#include <cstring>
#include <optional>

namespace spawned::inline v0::detail {

class Target {
public:
    constexpr Target() = default;
    constexpr explicit Target(Pid pid) : to_(pid.c_handle()) {}

    template <class List, class Object>
    static Target stand_in(Object& object) {
        Target target;
        target.to_ = reinterpret_cast<std::uintptr_t>(std::addressof(object));
        target.receive_ = receiver<Object>(List());
        return target;
    }

    constexpr Pid pid() const noexcept { return receive_ == nullptr ? Pid(to_) : Pid(); }
    constexpr explicit operator bool() const noexcept { return to_ != 0; }
    friend constexpr bool operator==(const Target&, const Target&) = default;

    template <class M, class... Args>
    Status send(Args&&... args) const {
        if (receive_ == nullptr) [[likely]]
            return send_to<M>(to_, std::forward<Args>(args)...);
        M message{std::forward<Args>(args)...};
        receive_(object(), message_type<M>, &message, nullptr);
        return Status::ok;
    }
    template <class M, class... Args>
    Response<ReplyOf<M>> request(spawned_duration timeout, Args&&... args) const {
        if (receive_ == nullptr) [[likely]]
            return request_to<M>(to_, timeout, std::forward<Args>(args)...);
        M message{std::forward<Args>(args)...};
        std::optional<Response<ReplyOf<M>>> response;
        receive_(object(), message_type<M>, &message, &response);
        if (!response) return Response<ReplyOf<M>>::ready(Error(Status::no_handler));
        return std::move(*response);
    }

private:
    // response: a std::optional<Response<the message's Reply>>, or null for a send.
    using Receive = void (*)(void* object, const spawned_message_type& type, void* message,
                             void* response);

    void* object() const noexcept {
        return reinterpret_cast<void*>(static_cast<std::uintptr_t>(to_));
    }

    static bool same(const spawned_message_type& a, const spawned_message_type& b) {
        return &a == &b || (a.value_size == b.value_size && std::strcmp(a.name, b.name) == 0);
    }

    template <class Object, class M>
    static void deliver(void* object, void* message, void* response) {
        using Reply = ReplyOf<M>;
        auto& to = *static_cast<Object*>(object);
        auto& value = *static_cast<M*>(message);
        auto* out = static_cast<std::optional<Response<Reply>>*>(response);
        if constexpr (std::is_void_v<decltype(to.handle(std::move(value)))>) {
            to.handle(std::move(value));
            if (out != nullptr) out->emplace(Response<Reply>::ready({}));
        } else {
            Result<Reply> result(to.handle(std::move(value)));
            if (out != nullptr) out->emplace(Response<Reply>::ready(std::move(result)));
        }
    }

    template <class Object, class... Ms>
    static Receive receiver(Messages<Ms...>) {
        return [](void* object, const spawned_message_type& type, void* message, void* response) {
            (void)((same(type, message_type<Ms>) &&
                    (deliver<Object, Ms>(object, message, response), true)) ||
                   ...);
        };
    }

    std::uint64_t to_ = 0;
    Receive receive_ = nullptr;
};

}  // namespace spawned::inline v0::detail
