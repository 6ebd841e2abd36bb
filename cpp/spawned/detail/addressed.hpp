// What a name can stand for: a class of actors, or a protocol; and so how one of them is referred to.
#pragma once

#include <spawned/actor_ref.hpp>

namespace spawned::inline v0::detail {

template <class T>
struct Addressed {
    using Reference = ActorRef<T>;
    template <class Self>
    using Calls = AllCalls<Self, typename ProtocolsOf<T>::type>;
    template <class M>
    static consteval bool takes() {
        return check_handler<T, M>();
    }
};
template <Protocol P>
struct Addressed<P> {
    using Reference = Ref<P>;
    template <class Self>
    using Calls = typename P::template Calls<Self>;
    template <class M>
    static consteval bool takes() {
        static_assert(is_one_of<M, typename P::Messages>, SPAWNED_DETAIL_NOT_IN_PROTOCOL);
        return is_one_of<M, typename P::Messages>;
    }
};

}  // namespace spawned::inline v0::detail
