#include "actor/exit_signal.hpp"

#include "actor/activation.hpp"
#include "actor/block.hpp"

namespace spawned::engine {

namespace {

// Whatever comes first decides.
constexpr uint32_t control_decided = control_ending | control_closing | control_asked;

bool has_received(const auxiliary& aux) {
    return aux.told_to_end.reason.kind != SPAWNED_EXIT_RUNNING;
}

message* pop_spare(exit_trap& trap) {
    message* m = trap.spares;
    SPAWNED_ASSERT(m != nullptr);
    trap.spares = m->next.load_relaxed();
    --trap.spare_count;
    return m;
}

void push_spare(exit_trap& trap, message* m) {
    m->next.store_relaxed(trap.spares);
    trap.spares = m;
    ++trap.spare_count;
}

}  // namespace

received receive_exit(actor& a, auxiliary& aux, spawned_pid pid, const exit_record& reason,
                      bool by_itself, spawned_pid linked_to) {
    lock_guard guard(aux.watching.lock);
    if (a.pid.load_seq_cst() != pid) return {reception::ignored};
    if (aux.trap.type != nullptr)
        return {reception::trapped, aux.trap.type, linked_to != 0 ? pop_spare(aux.trap) : nullptr};
    if (reason.kind == SPAWNED_EXIT_NORMAL && !by_itself) return {reception::ignored};
    uint32_t before = 0;
    (void)a.control.raise(generation_of(pid), control_exit, &before);
    if ((before & control_decided) != 0) {
        if ((before & control_exit) == 0) a.control.clear(generation_of(pid), control_exit);
        return {reception::ignored};
    }
    aux.told_to_end = {reason, linked_to, false};
    aux.told_to_end.reason.by_signal = true;
    const bool ends_itself = (kind_seen(a)->table.flags & behavior_ends_itself) != 0;
    if (linked_to == 0 && !ends_itself) a.gate.fetch_or_seq_cst(gate_exiting);
    return {reception::ends};
}

void call_for_exit(thread& self, core& home, actor& a, spawned_pid pid) {
    if ((a.control.bits() & control_token) != 0) cancel_own_token(self, home, a, pid);
    call(self, a);
}

bool act_on_exit(actor& a) {
    auxiliary& aux = *a.aux.load_acquire();
    lock_guard guard(aux.watching.lock);
    if (!has_received(aux)) return false;
    aux.told_to_end.acted_on = true;
    return true;
}

bool take_exit(actor& a, exit_record& ending) {
    auxiliary* aux = a.aux.load_acquire();
    if (aux == nullptr) return false;
    lock_guard guard(aux->watching.lock);
    if (!has_received(*aux)) return false;
    ending = aux->told_to_end.reason;
    aux->told_to_end = received_exit();
    return true;
}

void withdraw_exit(core& home, spawned_pid pid, spawned_pid linked_to) {
    actor* a = actor_of(home, pid);
    auxiliary* aux = a != nullptr ? a->aux.load_acquire() : nullptr;
    if (aux == nullptr) return;
    text* words = nullptr;
    {
        lock_guard guard(aux->watching.lock);
        received_exit& told = aux->told_to_end;
        if (a->pid.load_seq_cst() != pid || !has_received(*aux) || told.acted_on ||
            told.linked_to != linked_to)
            return;
        words = told.reason.failure;
        told = received_exit();
        a->control.clear(generation_of(pid), control_exit);
    }
    free_text(home, words);
}

bool begin_link(actor& a, auxiliary& aux, spawned_pid pid, message*& spare) {
    lock_guard guard(aux.watching.lock);
    if (a.pid.load_seq_cst() != pid) return true;
    exit_trap& trap = aux.trap;
    if (spare == nullptr && trap.type != nullptr && trap.spare_count <= trap.links) return false;
    if (spare != nullptr) push_spare(trap, spare);
    spare = nullptr;
    ++trap.links;
    return true;
}

message* end_link(actor& a, auxiliary& aux, spawned_pid pid) {
    lock_guard guard(aux.watching.lock);
    if (a.pid.load_seq_cst() != pid) return nullptr;
    exit_trap& trap = aux.trap;
    --trap.links;
    return trap.spare_count > trap.links ? pop_spare(trap) : nullptr;
}

uint32_t set_trap(auxiliary& aux, const spawned_message_type* type, message* spares) {
    lock_guard guard(aux.watching.lock);
    exit_trap& trap = aux.trap;
    while (spares != nullptr) {
        message* m = spares;
        spares = m->next.load_relaxed();
        push_spare(trap, m);
    }
    if (type != nullptr && trap.spare_count < trap.links) return trap.links - trap.spare_count;
    trap.type = type;
    return 0;
}

void forget_exits(core& home, auxiliary& aux) {
    received_exit told;
    exit_trap trap;
    {
        lock_guard guard(aux.watching.lock);
        aux.own_token = 0;
        told = aux.told_to_end;
        trap = aux.trap;
        aux.told_to_end = received_exit();
        aux.trap = exit_trap();
    }
    free_text(home, told.reason.failure);
    while (trap.spares != nullptr) free_message(home, *pop_spare(trap));
}

}  // namespace spawned::engine
