#include "event/loop_listener.hpp"

#include "actor/reply.hpp"

namespace spawned::engine {

namespace {

void call_loop(listener& self) {
    auto& one = static_cast<loop_listener&>(self);
    if (one.queued.exchange_seq_cst(1) != 0) return;
    hold(one);
    if (run_on_loop(*one.home, one) != SPAWNED_OK) let_go(one);  // closed: another task was in time
}

// What has been waiting for a call: an end, room for what is in hand.
void look(loop_listener& one, event_loop& loop) {
    one.queued.exchange_seq_cst(0);
    if (one.ended) return;
    spawned_status status = is_over(one) ? SPAWNED_ESTOPPED : SPAWNED_OK;
    if (message* item = one.in_hand; item != nullptr && status == SPAWNED_OK) {
        one.in_hand = nullptr;
        status = give(one, *item);
    }
    if (status == SPAWNED_OK)
        one.go_on(one, loop);
    else if (status != SPAWNED_EFULL)
        end_listener(one, status, nullptr);
}

void run_on_the_loop(loop_task& task, event_loop& loop) {
    auto& one = static_cast<loop_listener&>(task);
    look(one, loop);
    let_go(one);
}

}  // namespace

void prepare(loop_listener& one) {
    one.listener::call = call_loop;
    one.loop_task::run = run_on_the_loop;
    one.queued.store_relaxed(1);
}

void refuse_source(core& home, const loop_settings& settings, message& promise) {
    if (settings.destroy != nullptr) settings.destroy(settings.user_data);
    resolve_with(home, promise, SPAWNED_ENOMEM, nullptr, holds::a_handle);
}

spawned_status begin_soon(loop_listener& one) {
    spawned_status status = begin_listener(one, *one.home, one.settings.to, one.settings.until);
    if (status == SPAWNED_OK) {
        hold(one);
        status = run_on_loop(*one.home, one);
        if (status == SPAWNED_OK) return status;
        let_go(one);
    }
    end_listener(one, status, nullptr);
    return status;
}

spawned_status begin_here(loop_listener& one) {
    spawned_status status = begin_listener(one, *one.home, one.settings.to, one.settings.until);
    one.queued.exchange_seq_cst(0);
    if (status != SPAWNED_OK)
        end_listener(one, status, nullptr);
    else if (is_over(one))
        end_listener(one, SPAWNED_ESTOPPED, nullptr);
    return status;
}

spawned_status give(loop_listener& one, message& m) {
    SPAWNED_ASSERT(one.in_hand == nullptr);
    const spawned_status status = push(one, m);
    if (status == SPAWNED_EFULL)
        one.in_hand = &m;
    else if (status != SPAWNED_OK)
        drop_message(*one.home, m);
    return status;
}

void end_listener(loop_listener& one, spawned_status status, text* words) {
    core& home = *one.home;
    one.ended = true;
    one.close(one);
    if (one.in_hand != nullptr) drop_message(home, *one.in_hand);
    one.in_hand = nullptr;
    if (one.settings.destroy != nullptr) one.settings.destroy(one.settings.user_data);
    resolve_with(home, *one.promise, status, words, holds::a_handle);
    leave_listener(one);
}

}  // namespace spawned::engine
