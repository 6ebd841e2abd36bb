#include "event/token.hpp"

#include "actor/block.hpp"
#include "event/events.hpp"

namespace spawned::engine {

namespace {

constexpr uint32_t live_state(uint32_t generation) { return generation << 1 | 1; }

token_slot* slot_of_token(core& home, uint64_t token) {
    return home.happening->tokens.lookup(slot_of(token));
}

bool is_live(core& home, uint64_t token) {
    const token_slot* slot = slot_of_token(home, token);
    return slot != nullptr && slot->state.load_seq_cst() == live_state(generation_of(token));
}

bool take(token_slot& slot, uint32_t generation) {
    uint32_t expected = live_state(generation);
    return slot.state.cas_seq_cst(expected, generation << 1);
}

void release_slot(core& home, token_slot& slot) {
    if (slot.state.load_relaxed() >> 1 < max_generation) home.happening->tokens.release(slot.index);
}

// A child in the list of its parent's watches. Its parent's cancellation looks for this kind itself, so
// that no depth of descendants needs a stack.
void child_never_fired(thread&, core&, watch&, const ended_actor*) { SPAWNED_UNREACHABLE(); }
const watch_kind child_watch = {child_never_fired, release_watch};

void call_back(thread&, core& home, watch& one, const ended_actor*) {
    void (*const call)(void*) = one.call;
    void* const user_data = one.user_data;
    call(user_data);
    release_watch(home, one);
}

// The slot was taken from live by the caller.
void carry_out(thread& self, core& home, token_slot& first) {
    first.next_cancelled = nullptr;
    token_slot* last = &first;
    for (token_slot* slot = &first; slot != nullptr;) {
        const uint32_t generation = slot->state.load_relaxed() >> 1;
        const uint64_t token = make_id(home.index, generation, slot->index);
        if (slot->in_parent != 0) (void)cancel_watch(home, slot->in_parent);
        while (watch* one = claim_first(slot->watches, token)) {
            if (one->kind != &child_watch) {
                one->kind->fire(self, home, *one, nullptr);
                continue;
            }
            token_slot* child = slot_of_token(home, one->number);
            const bool mine = take(*child, generation_of(one->number));
            release_watch(home, *one);
            if (!mine) continue;
            child->next_cancelled = nullptr;
            last->next_cancelled = child;
            last = child;
        }
        token_slot* const next = slot->next_cancelled;
        release_slot(home, *slot);
        slot = next;
    }
}

spawned_status adopt(core& home, token_slot& slot, uint64_t token, uint64_t parent) {
    watch* one = new_watch(home, child_watch);
    if (one == nullptr) return SPAWNED_ENOMEM;
    one->number = token;
    slot.in_parent = watch_id(home, *one);
    slot.state.store_seq_cst(live_state(generation_of(token)));
    if (watch_source(home, *one, slot_of_token(home, parent)->watches, parent, is_live, 0) ==
        arming::armed)
        return SPAWNED_OK;
    release_watch(home, *one);
    (void)cancel_token(home, token);
    return SPAWNED_OK;
}

}  // namespace

bool is_token(core& home, uint64_t token) {
    const token_slot* slot = slot_of_token(home, token);
    return slot != nullptr && generation_of(token) <= slot->state.load_acquire() >> 1;
}

spawned_status create_token(core& home, uint64_t parent, uint64_t* out_token) {
    if (home.stopping.load_acquire() != 0) return SPAWNED_ESTOPPING;
    if (parent != 0 && !is_token(home, parent)) return SPAWNED_EINVAL;
    thread* self = current_thread(home);
    if (self == nullptr) return SPAWNED_ENOMEM;
    uint32_t index;
    token_slot* slot = home.happening->tokens.acquire(home.memory, &index);
    if (slot == nullptr) return SPAWNED_ENOMEM;
    slot->index = index;
    slot->in_parent = 0;
    const uint32_t generation = (slot->state.load_relaxed() >> 1) + 1;
    const uint64_t token = make_id(home.index, generation, index);
    spawned_status status = SPAWNED_OK;
    if (parent != 0)
        status = adopt(home, *slot, token, parent);
    else
        slot->state.store_seq_cst(live_state(generation));
    if (status != SPAWNED_OK) {
        home.happening->tokens.release(index);
        return status;
    }
    // A shutdown that began meanwhile may have missed it.
    if (home.stopping.load_seq_cst() != 0) (void)cancel_token(home, token);
    *out_token = token;
    return SPAWNED_OK;
}

spawned_status cancel_token(core& home, uint64_t token) {
    if (!is_token(home, token)) return SPAWNED_EINVAL;
    thread* self = current_thread(home);
    if (self == nullptr) return SPAWNED_ENOMEM;
    token_slot& slot = *slot_of_token(home, token);
    if (!take(slot, generation_of(token))) return SPAWNED_EALREADY;
    carry_out(*self, home, slot);
    return SPAWNED_OK;
}

bool is_cancelled(core& home, uint64_t token) {
    const token_slot* slot = slot_of_token(home, token);
    return slot == nullptr || slot->state.load_acquire() != live_state(generation_of(token));
}

void cancel_all_tokens(core& home) {
    slab<token_slot, 6>& all = home.happening->tokens;
    for (uint32_t index = 1; index <= all.high_water(); ++index) {
        const token_slot* slot = all.lookup(index);
        const uint32_t state = slot != nullptr ? slot->state.load_seq_cst() : 0;
        if ((state & 1) != 0) (void)cancel_token(home, make_id(home.index, state >> 1, index));
    }
}

spawned_status watch_token(thread& self, core& home, watch& one, uint64_t token,
                           spawned_pid for_whom) {
    switch (
        watch_source(home, one, slot_of_token(home, token)->watches, token, is_live, for_whom)) {
        case arming::armed:
            return SPAWNED_OK;
        case arming::source_over:
            one.kind->fire(self, home, one, nullptr);
            return SPAWNED_OK;
        case arming::watcher_over:
            one.kind->drop(home, one);
            return SPAWNED_ESTOPPED;
        case arming::no_memory:
            one.kind->drop(home, one);
            return SPAWNED_ENOMEM;
    }
    SPAWNED_UNREACHABLE();
}

const watch_kind calling_event = {.fire = call_back, .drop = release_watch, .is_event = true};
const watch_kind calling_watch = {.fire = call_back, .drop = release_watch};

spawned_status call_on_cancel(core& home, const watch_kind& kind, uint64_t token,
                              void (*call)(void*), void* user_data, uint64_t* out_number) {
    if (!is_token(home, token)) return SPAWNED_EINVAL;
    thread* self = current_thread(home);
    watch* one = self != nullptr ? new_watch(home, kind) : nullptr;
    if (one == nullptr) return SPAWNED_ENOMEM;
    one->call = call;
    one->user_data = user_data;
    if (out_number != nullptr) *out_number = watch_id(home, *one);
    return watch_token(*self, home, *one, token, 0);
}

spawned_status own_token_of(core& home, spawned_pid pid, uint64_t* out_token) {
    actor* a = actor_of(home, pid);
    if (a == nullptr) return why_absent(pid);
    auxiliary* aux = auxiliary_of(home, *a);
    if (aux == nullptr) return SPAWNED_ENOMEM;
    uint64_t made = 0;
    spawned_status status = SPAWNED_OK;
    for (;;) {
        {
            lock_guard guard(aux->watching.lock);
            if (a->pid.load_seq_cst() != pid || (a->gate.load_seq_cst() & gate_closed) != 0)
                status = SPAWNED_ESTOPPED;
            else if (aux->own_token == 0)
                aux->own_token = made;
            *out_token = aux->own_token;
        }
        if (status != SPAWNED_OK || *out_token != 0) break;
        status = create_token(home, 0, &made);
        if (status != SPAWNED_OK) return status;
    }
    if (made == 0) return status;
    if (status != SPAWNED_OK || *out_token != made) {
        (void)cancel_token(home, made);
        return status;
    }
    // Raised after it stands there: who asks the actor to stop from here on finds it, and who has
    // asked before is found here.
    uint32_t before = 0;
    const bool same = a->control.raise(generation_of(pid), control_token, &before);
    if (!same || (before & (control_ending | control_closing)) != 0) (void)cancel_token(home, made);
    return SPAWNED_OK;
}

void cancel_own_token(thread&, core& home, actor& a, spawned_pid pid) {
    auxiliary& aux = *a.aux.load_acquire();
    uint64_t token = 0;
    {
        lock_guard guard(aux.watching.lock);
        if (a.pid.load_seq_cst() == pid) token = aux.own_token;
    }
    if (token != 0) (void)cancel_token(home, token);
}

}  // namespace spawned::engine
