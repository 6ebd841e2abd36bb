#include "actor/reply.hpp"

#include "actor/await.hpp"
#include "actor/block.hpp"
#include "actor/watch.hpp"
#include "base/copy.hpp"

namespace spawned::engine {

namespace {

using word = reply_word<hardware>;

// Returns the word before.
uintptr_t answering_step(core& home, message& m, uintptr_t bits) {
    const uintptr_t before = request_of(m).word.step(bits);
    if (word::completes(before, bits)) free_asked(home, m);
    return before;
}

void call_waiter(core& home, message& m, uintptr_t before) {
    switch (word::kind_of(before)) {
        case waiter_kind::none:
            return;
        case waiter_kind::actor: {
            auto* a = static_cast<actor*>(word::waiter_of(before));
            if (!a->pause.wake()) return;
            thread* self = current_thread(home);
            SPAWNED_ASSERT(self != nullptr);
            schedule(*self, *a);
            return;
        }
        case waiter_kind::thread:
            wake_thread(home, *static_cast<thread*>(word::waiter_of(before)));
            return;
        case waiter_kind::bell:
            // The block stays until the bell has rung.
            ring_bell(home, *request_of(m).ring);
            (void)answering_step(home, m, word::rung);
            return;
    }
}

// Why a wait that was neither answered nor timed out has ended.
spawned_status failure_of(waited result) {
    switch (result) {
        case waited::stalled:
            return SPAWNED_EDEADLK;
        case waited::no_memory:
            return SPAWNED_ENOMEM;
        case waited::no_thread:
            return SPAWNED_ESYSTEM;
        case waited::ready:
        case waited::timed_out:
            break;
    }
    return SPAWNED_OK;
}

bool word_is_done(void* argument) {
    return (request_of(*static_cast<message*>(argument)).word.load() & word::done) != 0;
}

}  // namespace

void free_asked(core& home, message& m) {
    request& asked = request_of(m);
    if (asked.reply != nullptr) free_reply(home, m, true);
    if (asked.failure != nullptr) free_text(home, asked.failure);
    if ((asked.word.load() & word::given_up) != 0) free_text(home, given_up_text(asked));
    free_message(home, m);
}

void resolve(core& home, message& m, holds rest) {
    request& asked = request_of(m);
    const uintptr_t bits = rest == holds::nothing_more ? word::done | word::left : word::done;
    if (rest != holds::a_handle && m.has(message_exclusive)) {
        // Nobody waits for it but this very stack, which looks at it once the handler has ended.
        (void)asked.word.step_exclusive(bits);
        return;
    }
    if ((asked.word.load() & word::given_up) != 0) {
        free_reply(home, m, true);
        if (thread* self = current_thread(home)) self->counts.late_replies.add(1);
    } else {
        // The requester waits for nobody from here on, though it may take a while to notice: what the
        // answering actor asks of it next closes no circle. On the requester's own stack it would.
        move_holder(home, m, 0);
    }
    call_waiter(home, m, answering_step(home, m, bits));
}

void resolve_with(core& home, message& m, spawned_status status, text* failure, holds rest) {
    request& asked = request_of(m);
    asked.status = as_outcome(status);
    asked.failure = failure;
    resolve(home, m, rest);
}

void leave(core& home, message& m) {
    if (m.has(message_exclusive))
        (void)request_of(m).word.step_exclusive(word::left);
    else
        (void)answering_step(home, m, word::left);
}

void move_holder(core& home, message& m, spawned_pid to) {
    request& asked = request_of(m);
    const uint64_t from = asked.holder.load_relaxed();
    asked.holder.store_seq_cst(to);
    const uint64_t asker = asked.asker.load_seq_cst();
    actor* waiting = asker != 0 ? actor_of(home, id_of_edge(asker, home.index)) : nullptr;
    auxiliary* aux = waiting != nullptr ? waiting->aux.load_acquire() : nullptr;
    if (aux == nullptr) return;
    const uint64_t before = edge_to(from, wait_of_edge(asker));
    const uint64_t after = edge_to(to, wait_of_edge(asker));
    // The unsure one first: it may be made sure in between.
    for (uint64_t expected : {before | edge_is_unsure, before})
        if (aux->waits_for.cas_seq_cst(expected, after)) return;
}

outcome outcome_of(message& m) {
    const uintptr_t seen = request_of(m).word.load();
    if ((seen & word::given_up) != 0) return outcome::given_up;
    return (seen & word::done) != 0 ? outcome::ready : outcome::pending;
}

namespace {

// After given_up the deadline's place holds the error: a status in an odd number, or the address of a
// text that has one.
uint64_t pack_error(spawned_status status, text* why) {
    if (why == nullptr) return (static_cast<uint64_t>(static_cast<uint32_t>(status)) << 1) | 1;
    why->status = status;
    return reinterpret_cast<uintptr_t>(why);
}

}  // namespace

bool give_up(core& home, message& m, spawned_status status, text* why) {
    request& asked = request_of(m);
    const uint64_t deadline = asked.deadline.load_relaxed();
    asked.deadline.store_relaxed(pack_error(status, why));
    if (asked.word.give_up()) return true;
    asked.deadline.store_relaxed(deadline);
    free_text(home, why);
    return false;
}

text* given_up_text(const request& asked) {
    const uint64_t what = asked.deadline.load_relaxed();
    return (what & 1) == 0 ? reinterpret_cast<text*>(what) : nullptr;
}

spawned_status given_up_status(const request& asked) {
    const text* why = given_up_text(asked);
    if (why != nullptr) return why->status;
    return static_cast<spawned_status>(static_cast<uint32_t>(asked.deadline.load_relaxed() >> 1));
}

spawned_status poll(core& home, message& m) {
    request& asked = request_of(m);
    outcome seen = outcome_of(m);
    if (seen == outcome::pending) {
        const uint64_t deadline = asked.deadline.load_relaxed();
        if (deadline == 0 || now(home) < deadline) return SPAWNED_EAGAIN;
        seen = give_up(home, m, SPAWNED_ETIMEDOUT, nullptr) ? outcome::given_up : outcome::ready;
    }
    if (seen == outcome::ready) return asked.status;
    return given_up_status(asked);
}

// Long limits are counted from the watchdog's clock, which costs a load; its lag is added, so that they
// are never early.
uint64_t deadline_after(core& home, uint64_t timeout) {
    constexpr uint64_t lag = 20 * SPAWNED_MILLISECOND;
    if (timeout == SPAWNED_FOREVER) return 0;
    const uint64_t coarse = home.coarse_now.load_relaxed();
    const uint64_t from = timeout >= SPAWNED_SECOND && coarse != 0 ? coarse + lag : now(home);
    return from + timeout < from ? 0 : from + timeout;
}

void discard_overrun(core& home, message& m) {
    request& asked = request_of(m);
    if (outcome_of(m) != outcome::ready || now(home) <= asked.deadline.load_relaxed()) return;
    // The answer is ours alone by now: it is taken back.
    free_reply(home, m, true);
    free_text(home, asked.failure);
    asked.failure = nullptr;
    asked.status = SPAWNED_ETIMEDOUT;
    if (thread* self = current_thread(home)) self->counts.late_replies.add(1);
}

spawned_status wait(thread& self, core& home, message& m, uint64_t deadline) {
    request& asked = request_of(m);
    spawned_status status = poll(home, m);
    if (status != SPAWNED_EAGAIN) return status;
    if (word::kind_of(asked.word.load()) != waiter_kind::none) return SPAWNED_EALREADY;
    actor* const me = self.top != nullptr ? self.top->self : nullptr;
    auxiliary* aux = nullptr;
    if (me != nullptr) {
        aux = auxiliary_of(home, *me);
        if (aux == nullptr) return SPAWNED_ENOMEM;
        if (deadline == UINT64_MAX) {
            run_inline(self, home, *me, *aux, m);
            status = poll(home, m);
            if (status != SPAWNED_EAGAIN) return status;
        }
        set_wait_edge(*aux, m, *me);
        char names[512];
        const spawned_pid holder = asked.holder.load_seq_cst();
        if (must_not_wait(home, *me, *aux, holder, names, sizeof names)) {
            (void)give_up(home, m, SPAWNED_EDEADLK, refuse_circle(home, *me, names));
            return poll(home, m);
        }
    }
    uint64_t until = deadline;
    const uint64_t own_deadline = asked.deadline.load_relaxed();
    if (own_deadline != 0 && own_deadline < until) until = own_deadline;
    waited result = waited::ready;
    if (asked.word.set_waiter(waiter_kind::thread, &self)) {
        result = wait_until(self, word_is_done, &m, until);
        (void)asked.word.clear_waiter();
    }
    if (aux != nullptr) clear_wait_edge(*aux);
    const spawned_status failure = failure_of(result);
    if (failure != SPAWNED_OK && outcome_of(m) == outcome::pending)
        (void)give_up(home, m, failure, nullptr);
    return poll(home, m);
}

void release(core& home, message& m) {
    request& asked = request_of(m);
    if (word::kind_of(asked.word.load()) == waiter_kind::bell) drop_bell(home, m);
    if (m.kind == message_kind::promise && m.value_size != 0) forget_watch(home, m);
    if (word::is_ours_alone(asked.word.load())) {
        free_asked(home, m);
        return;
    }
    // An answer that is there is ours, and nobody else looks at it.
    if (outcome_of(m) != outcome::given_up && !give_up(home, m, SPAWNED_ESTOPPED, nullptr))
        free_reply(home, m, true);
    if (word::completes(asked.word.step(word::released), word::released)) free_asked(home, m);
}

void take_reply(core& home, message& m, void* out_value) {
    request& asked = request_of(m);
    if (asked.status != SPAWNED_OK || asked.reply == nullptr || out_value == nullptr) return;
    copy_value(out_value, asked.reply, asked.reply_size);
    if (is_reply_inside(m, reply_type(m)))
        asked.reply = nullptr;
    else
        free_reply(home, m, false);
}

}  // namespace spawned::engine
