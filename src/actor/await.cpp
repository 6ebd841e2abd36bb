#include "actor/await.hpp"

#include <string.h>

#include "actor/activation.hpp"
#include "actor/block.hpp"
#include "actor/exit_signal.hpp"
#include "actor/reply.hpp"

namespace spawned::engine {

namespace {

constexpr size_t none = SIZE_MAX;
constexpr uint32_t deepest_inline = 8;

using word = reply_word<hardware>;

// The index of a response that has its outcome. With `by_clock`, a passed deadline is one.
size_t find_ready(core& home, const auxiliary& aux, bool by_clock) {
    for (size_t i = 0; i < aux.count; ++i) {
        if (is_error(aux.responses[i])) return i;
        message& m = asked_of(aux.responses[i]);
        if (by_clock ? poll(home, m) != SPAWNED_EAGAIN : outcome_of(m) != outcome::pending)
            return i;
    }
    return none;
}

}  // namespace

void run_inline(thread& self, core& home, actor& a, auxiliary& aux, message& m) {
    const spawned_pid holder = request_of(m).holder.load_relaxed();
    actor* callee = holder != 0 ? actor_of(home, holder) : nullptr;
    if (callee == nullptr || self.inline_depth >= deepest_inline) return;
    if (!inline_allowed(self, *callee)) return;
    callee = take_run_next(self, *callee);
    if (callee == nullptr) return;
    set_wait_edge(aux, m, a);
    message* const outer = self.inline_asked;
    self.inline_asked = &m;
    ++self.inline_depth;
    activate(self, *callee, 1);
    --self.inline_depth;
    self.inline_asked = outer;
    clear_wait_edge(aux);
    expire_overrun(home, m);
}

namespace {

// Sees to it that the actor looks again when the first deadline passes.
void wake_at_deadline(core& home, actor& a, const auxiliary& aux) {
    uint64_t earliest = UINT64_MAX;
    for (size_t i = 0; i < aux.count; ++i) {
        const uint64_t deadline = request_of(asked_of(aux.responses[i])).deadline.load_relaxed();
        if (deadline != 0 && deadline < earliest) earliest = deadline;
    }
    if (earliest != UINT64_MAX) arm_wake(home, a, earliest);
}

// Registers with every response. Returns one that was ready first, or none.
size_t set_waiters(core& home, actor& a, auxiliary& aux) {
    aux.waiters_set = true;
    for (size_t i = 0; i < aux.count; ++i) {
        request& asked = request_of(asked_of(aux.responses[i]));
        if (!asked.word.set_waiter(waiter_kind::actor, &a) && (asked.word.load() & word::done) != 0)
            return i;
    }
    if (aux.count == 1) {
        message& m = asked_of(aux.responses[0]);
        set_wait_edge(aux, m, a);
        const spawned_pid holder = request_of(m).holder.load_seq_cst();
        char names[512];
        if (must_not_wait(home, a, aux, holder, names, sizeof names)) {
            (void)give_up(home, m, SPAWNED_EDEADLK, refuse_circle(home, a, names));
            return 0;
        }
    }
    wake_at_deadline(home, a, aux);
    return none;
}

void clear_waiters(auxiliary& aux) {
    clear_wait_edge(aux);
    if (!aux.waiters_set) return;
    aux.waiters_set = false;
    for (size_t i = 0; i < aux.count; ++i)
        if (!is_error(aux.responses[i]))
            (void)request_of(asked_of(aux.responses[i])).word.clear_waiter();
}

void forget(core& home, auxiliary& aux) {
    clear_waiters(aux);
    aux.awaiting = false;
    if (aux.responses != aux.few) put_block(home, aux.responses, aux.responses_class);
    aux.responses = nullptr;
}

// A response that is ready, or none: then everything is registered for a suspension.
size_t look(thread& self, core& home, actor& a, auxiliary& aux) {
    if (aux.waiters_set) {
        const size_t ready = find_ready(home, aux, true);
        // The timer may have been an earlier await's, and is spent now.
        if (ready == none) wake_at_deadline(home, a, aux);
        return ready;
    }
    size_t ready = find_ready(home, aux, false);
    if (ready != none) return ready;
    if (aux.count == 1) {
        run_inline(self, home, a, aux, asked_of(aux.responses[0]));
        ready = find_ready(home, aux, false);
        if (ready != none) return ready;
    }
    ready = find_ready(home, aux, true);
    return ready != none ? ready : set_waiters(home, a, aux);
}

}  // namespace

spawned_status register_await(core& home, actor& a, spawned_response* const* responses,
                              size_t count, spawned_resume_fn resume, void* user_data,
                              void (*drop)(void*)) {
    auxiliary* aux = auxiliary_of(home, a);
    if (aux == nullptr) return SPAWNED_ENOMEM;
    if (aux->awaiting) return SPAWNED_EALREADY;
    for (size_t i = 0; i < count; ++i) {
        if (is_error(responses[i])) continue;
        message& m = asked_of(responses[i]);
        if (runtime_of(target_seen_by_asker(m)) != home.index) return SPAWNED_EINVAL;
        request& asked = request_of(m);
        if (word::kind_of(asked.word.load()) == waiter_kind::bell) return SPAWNED_EALREADY;
        if (asked.deadline.load_relaxed() != 0 && !prepare_wake(home, *aux)) return SPAWNED_ENOMEM;
    }
    aux->responses = aux->few;
    if (count > sizeof aux->few / sizeof *aux->few) {
        void* block = get_block(home, count * sizeof *responses, &aux->responses_class);
        if (block == nullptr) return SPAWNED_ENOMEM;
        aux->responses = static_cast<spawned_response**>(block);
    }
    memcpy(aux->responses, responses, count * sizeof *responses);
    aux->count = static_cast<uint32_t>(count);
    aux->resume = resume;
    aux->user_data = user_data;
    aux->drop = drop;
    aux->waiters_set = false;
    aux->awaiting = true;
    return SPAWNED_OK;
}

void drop_await(core& home, auxiliary& aux) {
    forget(home, aux);
    if (aux.drop != nullptr) aux.drop(aux.user_data);
}

// An await ends for a kill, and for an exit signal until the actor ends.
static bool is_interrupted(actor& a) {
    const uint32_t control = a.control.bits();
    if ((control & control_kill) != 0) return true;
    return (control & control_exit) != 0 && a.at != phase::stopping && act_on_exit(a);
}

ended_as settle_rest(thread& self, core& home, actor& a, frame& here, spawned_status status,
                     spawned_status* failure) {
    for (;;) {
        auxiliary* aux = a.aux.load_acquire();
        const bool awaiting = aux != nullptr && aux->awaiting;
        if (status == SPAWNED_OK && self.failure.words != nullptr)
            drop_failure(self);  // of a failure that did not happen
        if (status == SPAWNED_OK && !awaiting) {
            leave_frame(self, here);
            return ended_as::done;
        }
        const bool ends = status == SPAWNED_OK && is_interrupted(a);
        const bool lends = ends && await_loans(home, a, *aux);
        if (status != SPAWNED_OK || (ends && !lends)) {
            if (awaiting && return_loans(self, home, a, *aux)) drop_await(home, *aux);
            leave_frame(self, here);
            *failure = status;
            return status != SPAWNED_OK ? ended_as::failed : ended_as::interrupted;
        }
        const size_t ready = lends ? none : look(self, home, a, *aux);
        if (ready == none) {
            // From here on another thread may run the actor: what it needs is in place.
            if (a.at != phase::stopping) aux->front.store_release(here.current);
            if (message* held = aux->front.load_relaxed()) held->unset(message_exclusive);
            leave_frame(self, here);
            show_front(self, nullptr);
            if (a.pause.suspend()) return ended_as::suspended;
            show_front(self, aux->front.load_relaxed());
            enter(self, here, here.current != nullptr ? here.current->type->name : nullptr);
            continue;
        }
        const spawned_resume_fn resume = aux->resume;
        void* const user_data = aux->user_data;
        forget(home, *aux);
        status = resume(context_of(a), state_of(a), ready, user_data);
    }
}

}  // namespace spawned::engine
