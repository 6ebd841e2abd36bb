#include "actor/send.hpp"

#include "actor/activation.hpp"
#include "actor/block.hpp"
#include "actor/reply.hpp"
#include "actor/room.hpp"
#include "base/copy.hpp"

namespace spawned::engine {

namespace {

spawned_status refused(thread& self, spawned_status status) {
    self.counts.refused.add(1);
    return status;
}

// The gate of the target is not open for everybody. OK: counted if it must be, push it.
spawned_status pass_gate(thread& self, core& home, actor& a, message& m, room_wait wait,
                         uint64_t timeout, admission* got) {
    const uint8_t gate = a.gate.load_acquire();
    if ((gate & (gate_closed | gate_exiting)) != 0) return SPAWNED_ESTOPPED;
    if ((gate & gate_draining) != 0) {
        if ((a.control.bits() & control_drain) != 0) return SPAWNED_ESTOPPING;
        a.gate.fetch_and_acq_rel(
            static_cast<uint8_t>(~gate_draining));  // meant for a former tenant
    }
    if ((gate & gate_bounded) == 0) return SPAWNED_OK;
    *got = admit(a, m);
    if (*got == admission::gone) return SPAWNED_ESTOPPED;
    if (*got != admission::full) return SPAWNED_OK;
    *got = admission::taken;
    if (a.aux.load_acquire()->overflow.load_relaxed() != SPAWNED_OVERFLOW_BLOCK ||
        wait == room_wait::never || timeout == 0 || self.top != nullptr)
        return SPAWNED_EFULL;
    return wait_for_room(self, home, a, m, timeout);
}

// Pushes, and runs the callee here if it is idle and may run here.
void deliver_inline(thread& self, core& home, actor& callee, message& m) {
    self.counts.sent.add(1);
    switch (callee.queue.push(&m)) {
        case pushed::linked:
            return;
        case pushed::dead:
            drain_dead(self, home, callee, m);
            return;
        case pushed::owned:
            break;
    }
    if (self.inline_depth >= 8 || !inline_allowed(self, callee)) {
        schedule(self, callee);
        return;
    }
    message* const outer = self.inline_asked;
    self.inline_asked = &m;
    ++self.inline_depth;
    activate(self, callee, 1);
    --self.inline_depth;
    self.inline_asked = outer;
    expire_overrun(home, m);
}

// The answer is there and the answering side has left, as after a handler that ran inline: nobody else uses
// the block any more.
bool is_over(message& m) {
    using word = reply_word<hardware>;
    const uintptr_t seen = request_of(m).word.load();
    return word::is_ours_alone(seen) && (seen & word::given_up) == 0;
}

// What wait, take_reply and release do, of a request that is over.
spawned_status take_all(thread& self, core& home, message& m, void* out_value) {
    request& asked = request_of(m);
    const spawned_status status = asked.status;
    if (status != SPAWNED_OK || asked.reply == nullptr || out_value == nullptr ||
        m.size_class == large_class || !is_reply_inside(m, m.type->reply)) [[unlikely]] {
        take_reply(home, m, out_value);
        free_asked(home, m);
        return status;
    }
    copy_value(out_value, asked.reply, asked.reply_size);
    self.cache.put(home.depot, &m, m.size_class);
    return status;
}

// Whether the request would close a circle of waiting actors: then it has failed with the names.
bool refuse_deadlock(thread& self, core& home, const actor& me, spawned_pid to) {
    char names[512];
    if (!closes_circle(home, me, to, names, sizeof names)) return false;
    text* words = refuse_circle(home, me, names);
    if (words != nullptr) {
        (void)record_failure(self, home, SPAWNED_EDEADLK, words->bytes, words->length);
        free_text(home, words);
    }
    return true;
}

}  // namespace

spawned_status send_value(core& home, spawned_pid to, const spawned_message_type* type,
                          const void* value) {
    thread* self = current_thread(home);
    actor* a = self != nullptr ? actor_of(home, to) : nullptr;
    if (a == nullptr) [[unlikely]] {
        consume(type, value);
        if (self == nullptr) return SPAWNED_ENOMEM;
        return refused(*self, why_absent(to));
    }
    message* m = new_message(*self, home, to, type, type->value_size);
    if (m == nullptr) [[unlikely]] {
        consume(type, value);
        return SPAWNED_ENOMEM;
    }
    copy_value(value_of(*m), value, type->value_size);
    m->set(message_constructed);
    if (a->gate.load_acquire() == 0) [[likely]] {
        deliver(*self, home, *a, *m);
        return SPAWNED_OK;
    }
    const spawned_status status = submit(*self, home, *m, room_wait::allowed, SPAWNED_FOREVER);
    if (status != SPAWNED_OK) refuse(*self, home, *m, status);
    return status;
}

spawned_status submit(thread& self, core& home, message& m, room_wait wait, uint64_t timeout) {
    actor* a = actor_of(home, m.target);
    if (a == nullptr) [[unlikely]]
        return refused(self, why_absent(m.target));
    admission got = admission::taken;
    if (a->gate.load_acquire() != 0) [[unlikely]] {
        const spawned_status status = pass_gate(self, home, *a, m, wait, timeout, &got);
        if (status != SPAWNED_OK) return refused(self, status);
        if (got == admission::dropped) {
            self.counts.sent.add(1);
            dead_letter(self, home, m, death::overflow);
            dispose(self, home, m);
            return SPAWNED_OK;
        }
    }
    const spawned_pid target = m.target;  // once delivered it may be gone
    deliver(self, home, *a, m);
    if (got == admission::replaces) [[unlikely]]
        drop_oldest(self, home, *a, target);
    return SPAWNED_OK;
}

void refuse(thread& self, core& home, message& m, spawned_status status) {
    (void)self;
    destroy_value(m);
    if (m.has(message_asked))
        resolve_with(home, m, status, nullptr, holds::nothing_more);
    else
        free_message(home, m);
}

void forward_on(thread& self, core& home, message& m) {
    m.flags =
        static_cast<uint16_t>(m.flags & ~(message_finished | message_counted | message_answered |
                                          message_exclusive | message_of_end));
    const spawned_status status = submit(self, home, m, room_wait::never, 0);
    if (status == SPAWNED_OK) return;
    self.counts.sent.add(1);
    if (m.has(message_asked)) {
        m.set(message_answered);
        resolve_with(home, m, status, nullptr, holds::the_message);
    }
    dead_letter(self, home, m, death::stopped);
    dispose(self, home, m);
}

message* make_request(core& home, message& m, uint64_t timeout) {
    message* asked_message = &m;
    if (!has_request(m)) {
        asked_message = wrap(home, m);
        if (asked_message == nullptr) {
            destroy_value(m);
            free_message(home, m);
            return nullptr;
        }
    }
    request& asked = request_of(*asked_message);
    asked.word.reset(0);
    const uint64_t deadline = deadline_after(home, timeout);
    asked.deadline.store_relaxed(deadline);
    if (deadline != 0) asked_message->set(message_has_deadline);
    asked.holder.store_relaxed(m.target);
    asked_message->set(message_asked);
    return asked_message;
}

spawned_status submit_request(thread& self, core& home, message& m) {
    spawned_status status = submit(self, home, m, room_wait::never, 0);
    if (status == SPAWNED_OK) return status;
    actor* a = actor_of(home, m.target);
    auxiliary* aux = a != nullptr ? a->aux.load_acquire() : nullptr;
    if (status == SPAWNED_EFULL && aux != nullptr &&
        aux->overflow.load_relaxed() == SPAWNED_OVERFLOW_BLOCK) {
        status = park_for_room(self, home, *a, m, nullptr);
        if (status == SPAWNED_OK) return status;
    }
    refuse(self, home, m, status);
    return status;
}

spawned_status ask(core& home, spawned_pid to, const spawned_message_type* type, const void* value,
                   uint64_t timeout, void* out_value) {
    thread* self = current_thread(home);
    actor* callee = self != nullptr ? actor_of(home, to) : nullptr;
    if (callee == nullptr) {
        consume(type, value);
        if (self == nullptr) return SPAWNED_ENOMEM;
        return refused(*self, why_absent(to));
    }
    actor* me = self->top != nullptr ? self->top->self : nullptr;
    auxiliary* aux = nullptr;
    if (me != nullptr) {
        if (may_close_circle(*me, *callee) && refuse_deadlock(*self, home, *me, to)) {
            consume(type, value);
            return SPAWNED_EDEADLK;
        }
        aux = auxiliary_of(home, *me);
    }
    message* m = me != nullptr && aux == nullptr
                     ? nullptr
                     : new_message(*self, home, to, type, type->value_size);
    if (m == nullptr) [[unlikely]] {
        consume(type, value);
        return SPAWNED_ENOMEM;
    }
    copy_value(value_of(*m), value, type->value_size);
    m->set(message_constructed);
    m = make_request(home, *m, timeout);
    if (m == nullptr) return SPAWNED_ENOMEM;
    if (callee->gate.load_acquire() == 0) [[likely]] {
        if (aux != nullptr) begin_wait_edge(*aux, *m, *me);
        deliver_inline(*self, home, *callee, *m);
        if (is_over(*m)) [[likely]] {
            if (aux != nullptr) clear_wait_edge(*aux);
            return take_all(*self, home, *m, out_value);
        }
    } else {
        (void)submit_request(*self, home, *m);
    }
    spawned_status status = wait(*self, home, *m, UINT64_MAX);
    if (aux != nullptr) clear_wait_edge(*aux);
    if (status == SPAWNED_EDEADLK && me != nullptr) {
        if (const text* why = given_up_text(request_of(*m)); why != nullptr)
            (void)record_failure(*self, home, status, why->bytes, why->length);
    }
    if (status == SPAWNED_OK) take_reply(home, *m, out_value);
    release(home, *m);
    return status;
}

spawned_status record_failure(thread& self, core& home, spawned_status code, const char* words,
                              size_t length) {
    drop_failure(self);
    if (self.top == nullptr && !self.in_init && !self.in_work)
        return code;  // no callback that could fail with it
    self.failure.code = code;
    self.failure.words = new_text(home, words, length);
    return code;
}

}  // namespace spawned::engine
