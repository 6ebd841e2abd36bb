#include "event/listener.hpp"

#include "actor/block.hpp"
#include "actor/room.hpp"
#include "actor/send.hpp"
#include "event/token.hpp"

namespace spawned::engine {

namespace {

void look_again(listener& one) {
    if ((one.state.load_acquire() & listener_left) == 0) one.call(one);
}

void fired(listener& one, uint32_t which) {
    (void)one.state.fetch_or_acq_rel(listener_over | which);
    look_again(one);
    let_go(one);
}

void receiver_fired(void* one) { fired(*static_cast<listener*>(one), listener_receiver_fired); }
void until_fired(void* one) { fired(*static_cast<listener*>(one), listener_until_fired); }

void room_came(room_waiter& room) {
    auto& one =
        *reinterpret_cast<listener*>(reinterpret_cast<char*>(&room) - offsetof(listener, room));
    one.state.fetch_and_acq_rel(~uint32_t{listener_waits});
    look_again(one);
    let_go(one);
}

spawned_status end_with(listener& one, uint64_t token, void (*fire)(void*), uint64_t* out_event) {
    hold(one);
    const spawned_status status =
        call_on_cancel(*one.home, calling_watch, token, fire, &one, out_event);
    if (status != SPAWNED_OK) {
        *out_event = 0;
        let_go(one);
    }
    return status;
}

// A watch that has fired, or is firing, lets go by itself. All have when the runtime is gone.
void forget_end(listener& one, uint64_t event, uint32_t state, uint32_t which) {
    if (event == 0 || (state & which) != 0) return;
    if (cancel_watch(*one.home, event) == SPAWNED_OK) let_go(one);
}

}  // namespace

spawned_status begin_listener(listener& one, core& home, spawned_pid to, uint64_t until) {
    one.home = &home;
    one.to = to;
    one.room.pid = to;
    one.room.call = room_came;
    uint64_t receiver = 0;
    spawned_status status = own_token_of(home, to, &receiver);
    if (status == SPAWNED_OK) status = end_with(one, receiver, receiver_fired, &one.on_receiver);
    if (status == SPAWNED_OK && until != 0)
        status = end_with(one, until, until_fired, &one.on_until);
    return status;
}

spawned_status after_refusal(listener& one, spawned_status status) {
    if (status == SPAWNED_ESTOPPED) (void)one.state.fetch_or_acq_rel(listener_over);
    if (status != SPAWNED_EFULL) return status;
    // Written, though unchanged: who calls from here on does so after all that the source did before its push.
    const uint32_t state = one.state.fetch_or_acq_rel(0);
    actor* a = actor_of(*one.home, one.to);
    if ((state & listener_over) != 0 || a == nullptr) return SPAWNED_OK;
    if ((state & listener_waits) != 0) return status;
    hold(one);
    (void)one.state.fetch_or_acq_rel(listener_waits);
    if (call_for_room(*one.home, *a, one.room)) return status;
    (void)one.state.fetch_and_acq_rel(~uint32_t{listener_waits});
    let_go(one);
    return SPAWNED_OK;
}

spawned_status push(listener& one, message& m) {
    thread* self = current_thread(*one.home);
    if (self == nullptr) return SPAWNED_ENOMEM;
    spawned_status status;
    do {
        if (is_over(one)) return SPAWNED_ESTOPPED;
        status = submit(*self, *one.home, m, room_wait::never, 0);
        if (status == SPAWNED_OK) return status;
        status = after_refusal(one, status);
    } while (status == SPAWNED_OK);
    return status;
}

void leave_listener(listener& one) {
    core& home = *one.home;
    const uint32_t state = one.state.fetch_or_acq_rel(listener_left | listener_over);
    forget_end(one, one.on_receiver, state, listener_receiver_fired);
    forget_end(one, one.on_until, state, listener_until_fired);
    if ((state & listener_waits) != 0 && home.ended.load_acquire() == not_ended &&
        forget_room(home, one.room))
        let_go(one);
    let_go(one);
}

void let_go(listener& one) {
    if (one.references.fetch_sub_acq_rel(1) == 1) one.gone(one);
}

}  // namespace spawned::engine
