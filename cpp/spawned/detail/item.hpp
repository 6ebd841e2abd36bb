// What a listener's function yields, at the C boundary: an item built in place, or why there is none.
#pragma once

#include <spawned/actor.h>
#include <spawned/detail/diagnostics.hpp>
#include <spawned/detail/exception.hpp>
#include <spawned/message.hpp>
#include <spawned/result.hpp>

#include <new>
#include <type_traits>
#include <utility>

namespace spawned::inline v0::detail {

template <class R>
struct ItemTrait {
    static constexpr bool is_item = false;
};
template <Message M>
struct ItemTrait<Result<M>> {
    static constexpr bool is_item = true;
    using type = M;
};

template <class F, class... Args>
concept Yields = ItemTrait<std::invoke_result_t<F&, Args...>>::is_item;
template <class F, class... Args>
using ItemOf = typename ItemTrait<std::invoke_result_t<F&, Args...>>::type;

// Whoever fails without words only answers: nothing now, no further item.
template <class M>
spawned_status build_item(void* value, Result<M> got) {
    if (!got) {
        const Error& error = got.error();
        if (error.text().empty() && error.code() != Status::ok) return c_status(error.code());
        return fail_with(spawned_fail, c_status(error.code()), nullptr, error.text());
    }
    if constexpr (!Empty<M>) ::new (value) M(std::move(*got));
    return SPAWNED_OK;
}

// Asks a closure that lives until its listener ends.
template <class F, class... Args>
spawned_status yield_item(void* closure, void* value, Args&&... args) {
    try {
        return build_item<ItemOf<F, Args...>>(value, (*static_cast<F*>(closure))(args...));
    } catch (...) {
        return report_exception();
    }
}

template <class F>
void delete_closure(void* closure) {
    delete static_cast<F*>(closure);
}

}  // namespace spawned::inline v0::detail
