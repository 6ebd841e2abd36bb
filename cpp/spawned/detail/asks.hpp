// What references have in common that stand for a protocol or for a name: to send and to ask, with their message
// checked first.
#pragma once

#include <spawned/protocol_list.hpp>
#include <spawned/response.hpp>

#include <type_traits>
#include <utility>

namespace spawned::inline v0::detail {

// Self is the reference: it has takes<M>(), which says what is wrong with an M, and to_, which delivers one. The
// names are none that a protocol's method may have (protocol.hpp).
template <class Self>
class Asks {
public:
    template <class M>
    Status send(M&& message) const {
        return emplace<std::remove_cvref_t<M>>(std::forward<M>(message));
    }
    template <class M>
    ResponseTo<ReplyOf<std::remove_cvref_t<M>>, M> request(
        M&& message, Duration timeout = default_timeout) const {
        using Value = std::remove_cvref_t<M>;
        if constexpr (Self::template takes<Value>())
            return self().to_.template request<Value>(timeout.count(), std::forward<M>(message));
        else
            return Response<ReplyOf<Value>>(nullptr);
    }
    template <class M, class... Args>
    Status emplace(Args&&... args) const {
        if constexpr (Self::template takes<M>())
            return self().to_.template send<M>(std::forward<Args>(args)...);
        else
            return Status::no_handler;
    }
    template <class M, class... Args>
    Response<ReplyOf<M>> emplace_request(Args&&... args) const {
        if constexpr (Self::template takes<M>())
            return self().to_.template request<M>(SPAWNED_DEFAULT, std::forward<Args>(args)...);
        else
            return Response<ReplyOf<M>>(nullptr);
    }

private:
    const Self& self() const noexcept { return static_cast<const Self&>(*this); }
};

}  // namespace spawned::inline v0::detail
