// Bells: a callback of the host when a response has its outcome, be it by an answer or by its deadline.
//
// The asking side, the answering side and the timer of the deadline each hold a reference. The asking side
// keeps its own until it has taken the bell away in time, or lets go of the response.
#include <new>

#include "actor/block.hpp"
#include "actor/reply.hpp"

namespace spawned::engine {

namespace {

spawned_status remove_bell(core& home, message& m) {
    request& asked = request_of(m);
    if (reply_word<hardware>::kind_of(asked.word.load()) != waiter_kind::bell)
        return SPAWNED_EALREADY;
    bell* one = asked.ring;
    uint32_t expected = bell_waiting;
    // By now the answering side may only find it removed; it rings before it lets go of the block.
    const bool removed = one->state.cas_acq_rel(expected, bell_removed);
    if (asked.word.clear_waiter()) {
        if (one->timer != 0 && cancel_bell_timer(home, one->timer)) release_bell(home, *one);
        asked.ring = nullptr;
        release_bell(home, *one);  // the answering side's
        release_bell(home, *one);
    }
    return removed ? SPAWNED_OK : SPAWNED_EALREADY;
}

}  // namespace

spawned_status set_bell(core& home, message& m, void (*ring)(void*), void* user_data) {
    if (ring == nullptr) return remove_bell(home, m);
    request& asked = request_of(m);
    if (poll(home, m) != SPAWNED_EAGAIN) {
        ring(user_data);
        return SPAWNED_OK;
    }
    if (reply_word<hardware>::kind_of(asked.word.load()) != waiter_kind::none)
        return SPAWNED_EALREADY;
    uint8_t size_class;
    void* block = get_block(home, sizeof(bell), &size_class);
    if (block == nullptr) return SPAWNED_ENOMEM;
    auto* made = ::new (block) bell;
    made->ring = ring;
    made->user_data = user_data;
    made->size_class = size_class;
    made->timer = 0;
    made->references.store_relaxed(2);
    const uint64_t deadline = asked.deadline.load_relaxed();
    if (deadline != 0) {
        made->references.store_relaxed(3);
        if (!arm_bell(home, *made, deadline)) {
            put_block(home, made, size_class);
            return SPAWNED_ENOMEM;
        }
    }
    asked.ring = made;
    if (asked.word.set_waiter(waiter_kind::bell, nullptr)) return SPAWNED_OK;
    asked.ring = nullptr;  // answered meanwhile
    if (made->timer != 0 && cancel_bell_timer(home, made->timer)) release_bell(home, *made);
    ring_bell(home, *made);
    release_bell(home, *made);
    return SPAWNED_OK;
}

void drop_bell(core& home, message& m) {
    (void)remove_bell(home, m);
    request& asked = request_of(m);
    if (reply_word<hardware>::kind_of(asked.word.load()) != waiter_kind::bell) return;
    // The answer was first: the answering side rings it, or has.
    bell* one = asked.ring;
    if (one->timer != 0 && cancel_bell_timer(home, one->timer)) release_bell(home, *one);
    release_bell(home, *one);
}

void ring_bell(core& home, bell& one) {
    uint32_t expected = bell_waiting;
    if (one.state.cas_acq_rel(expected, bell_ringing)) {
        one.ring(one.user_data);
        one.state.store_release(bell_rung);
    }
    release_bell(home, one);
}

void release_bell(core& home, bell& one) {
    if (one.references.fetch_sub_acq_rel(1) == 1) put_block(home, &one, one.size_class);
}

}  // namespace spawned::engine
