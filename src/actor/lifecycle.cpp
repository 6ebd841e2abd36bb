#include "actor/lifecycle.hpp"

#include <string.h>

#include "actor/activation.hpp"
#include "actor/block.hpp"
#include "actor/reply.hpp"
#include "actor/room.hpp"

namespace spawned::engine {

namespace {

using box = mailbox<hardware, message>;

// A state too large for the slot: its block, and how to give it back.
struct outside_state {
    void* block;
    uint8_t size_class;
};

spawned_status make_state(core& home, actor& a) {
    const behavior_class& kind = *a.kind;
    void* state = a.state;
    if (!kind.state_inline) {
        auto* outside = reinterpret_cast<outside_state*>(a.state);
        outside->block = get_block(home, kind.state_bytes, &outside->size_class);
        if (outside->block == nullptr) return SPAWNED_ENOMEM;
        state = outside->block;
    }
    if (kind.table.init == nullptr) memset(state, 0, kind.state_bytes);
    return SPAWNED_OK;
}

void take_back_start(thread& self, core& home) {
    self.counts.actors_started.add_seq_cst(uint64_t{0} - 1);
    release_shutdown(home);
}

// An actor counts from before the look at `stopping`: a shutdown that this start does not see waits for it.
bool begin_start(thread& self, core& home) {
    self.counts.actors_started.add_seq_cst(1);
    if (home.stopping.load_seq_cst() == 0) return true;
    take_back_start(self, home);
    return false;
}

// A slot whose queue is dead: a stale sender may still be emptying it, then another one serves.
actor* get_vacant_slot(thread& self, core& home, spawned_status* why) {
    actor* a = get_slot(self, home, why);
    if (a == nullptr || a->queue.revive()) return a;
    actor* other = get_vacant_slot(self, home, why);
    uncount_slot(home);
    put_slot(self, home, *a);
    return other;
}

void abandon_slot(thread& self, core& home, actor& a) {
    a.at = phase::vacant;
    // No pid was ever given out for this generation: nobody but a stale sender can have pushed.
    while (!a.queue.release_empty(box::dead)) {
        message* node = a.queue.first();
        if (node != nullptr) {
            drain_dead(self, home, a, *node);
            break;
        }
    }
    uncount_slot(home);
    put_slot(self, home, a);
}

spawned_status prepare_bound(core& home, actor& a, const start_options& options) {
    if (options.capacity == 0) return SPAWNED_OK;
    auxiliary* aux = auxiliary_of(home, a);
    if (aux == nullptr) return SPAWNED_ENOMEM;
    aux->capacity.store_relaxed(options.capacity);
    aux->overflow.store_relaxed(options.overflow);
    begin_count(*aux, a.control.generation());
    lock_guard guard(aux->oldest_lock);
    aux->position = nullptr;
    aux->may_drop = options.overflow == SPAWNED_OVERFLOW_DROP_OLDEST;
    return SPAWNED_OK;
}

bool prepare_tie(core& home, actor& a, const birth_tie& tie) {
    return reserve_watched(home, slot_number(a)) &&
           (!tie.is_mutual || auxiliary_of(home, a) != nullptr);
}

// Everything that can fail, before init runs.
spawned_status prepare(thread& self, core& home, actor& a, const start_options& options) {
    spawned_status status = prepare_bound(home, a, options);
    if (status == SPAWNED_OK && options.tie != nullptr && !prepare_tie(home, a, *options.tie))
        status = SPAWNED_ENOMEM;
    if (status == SPAWNED_OK) status = make_state(home, a);
    if (status != SPAWNED_OK) return status;
    status = check_host(home, options.where);
    if (status == SPAWNED_OK && options.where == backend::thread) status = begin_dedicated(self, a);
    if (status == SPAWNED_OK && options.where == backend::blocking)
        status = ensure_blocking_thread(home);
    if (status != SPAWNED_OK && !a.kind->state_inline) free_state(home, a);
    return status;
}

spawned_status run_init(thread& self, core& home, actor& a, const start_options& options) {
    const spawned_behavior& table = a.kind->table;
    if (table.init == nullptr) return SPAWNED_OK;
    const bool outer = self.in_init;
    self.in_init = true;
    const spawned_status status = table.init(state_of(a), options.argument, table.user_data);
    self.in_init = outer;
    if (self.home.load_relaxed() == nullptr) return SPAWNED_EFORKED;
    if (status == SPAWNED_OK) {
        if (self.failure.words != nullptr) drop_failure(self);
        return status;
    }
    text* words = take_failure(self, status);
    log_event(home, SPAWNED_LOG_ERROR, nullptr, nullptr, 0, "%s failed in init: %s", table.name,
              words != nullptr ? words->bytes : status_words(status));
    if (options.out_failure != nullptr)
        *options.out_failure = words;
    else
        free_text(home, words);
    if (a.where == backend::thread) end_dedicated(self, a);
    if (!a.kind->state_inline) free_state(home, a);
    return status;
}

// Ties the actor to whom it is to be tied to, and then makes its name known.
spawned_status introduce(thread& self, core& home, const start_options& options, spawned_pid pid) {
    birth_tie* tie = options.tie;
    spawned_status status = SPAWNED_OK;
    if (tie != nullptr) status = tie->tie(self, home, *tie, pid);
    if (status != SPAWNED_OK || options.name == nullptr) return status;
    status = add_name(home, options.name, options.name_length, pid);
    if (status != SPAWNED_OK && tie != nullptr) tie->untie(home, *tie);
    return status;
}

spawned_status begin_life(thread& self, core& home, actor& a, const start_options& options,
                          spawned_pid pid) {
    a.pid.store_seq_cst(pid);
    log_event(home, SPAWNED_LOG_DEBUG, &a, nullptr, 0, "started");
    const spawned_status status = introduce(self, home, options, pid);
    if (status != SPAWNED_OK) {
        exit_record ending;
        ending.kind = SPAWNED_EXIT_KILLED;
        const running_scope running(self, a);
        (void)end_actor(self, home, a, nullptr, ending);
        return status;
    }
    // A shutdown that began meanwhile may have missed this actor.
    if (home.stopping.load_seq_cst() != 0 && (a.control.bits() & control_supervised) == 0)
        (void)a.control.raise(generation_of(pid), control_stop | control_shutdown);
    if (a.kind->table.started == nullptr) {
        a.at = phase::running;
        if (a.queue.release_empty(box::idle)) {
            if ((a.control.bits() & control_urgent) != 0) call(self, a);
            return SPAWNED_OK;
        }
    }
    schedule(self, a);
    return SPAWNED_OK;
}

// A slot with its state made and initialised, which nobody knows yet; null: see out_why.
actor* make_actor(thread& self, core& home, const spawned_behavior& behavior,
                  const start_options& options, spawned_status* out_why) {
    if (options.name != nullptr) {
        *out_why = check_free_name(home, options.name, options.name_length);
        if (*out_why != SPAWNED_OK) return nullptr;
    }
    const behavior_class* kind = self.last_class;
    if (kind == nullptr || kind->source != &behavior) {
        kind = class_of(home, behavior);
        *out_why = SPAWNED_ENOMEM;
        if (kind == nullptr) return nullptr;
        self.last_class = kind;
    }
    actor* a = get_vacant_slot(self, home, out_why);
    if (a == nullptr) return nullptr;
    take_shape(*a, kind, options.where);
    a->at = phase::starting;
    a->control.begin(a->control.generation() + 1);
    a->pause.reset();
    *out_why = prepare(self, home, *a, options);
    if (*out_why == SPAWNED_OK) *out_why = run_init(self, home, *a, options);
    if (*out_why == SPAWNED_OK) return a;
    if (!is_forked(home)) abandon_slot(self, home, *a);
    return nullptr;
}

bool has_ended(void* argument) { return static_cast<joiner*>(argument)->ended.load_acquire() != 0; }

// Whether this thread would wait for itself: for an actor that one of its frames belongs to.
bool runs_here(const thread& self, spawned_pid pid) {
    for (const frame* one = self.top; one != nullptr; one = one->below)
        if (one->self->pid.load_relaxed() == pid) return true;
    return false;
}

waited wait_for_end(thread& self, core& home, actor& a, spawned_pid pid, uint64_t deadline) {
    joiner mine = {};
    mine.pid = pid;
    mine.waiting = &self;
    {
        lock_guard guard(home.join_lock);
        mine.next = home.joiners;
        home.joiners = &mine;
    }
    waited result = waited::ready;
    if (a.control.raise(generation_of(pid), control_joined) && a.pid.load_seq_cst() == pid)
        result = wait_until(self, has_ended, &mine, deadline);
    lock_guard guard(home.join_lock);
    joiner** link = &home.joiners;
    while (*link != &mine) link = &(*link)->next;
    *link = mine.next;
    return mine.ended.load_acquire() != 0 ? waited::ready : result;
}

}  // namespace

void free_state(core& home, actor& a) {
    const auto* outside = reinterpret_cast<const outside_state*>(a.state);
    put_block(home, outside->block, outside->size_class);
}

spawned_status start_actor(core& home, const spawned_behavior& behavior,
                           const start_options& options, spawned_pid* out_pid) {
    if (home.stopping.load_acquire() != 0) return SPAWNED_ESTOPPING;
    thread* self = current_thread(home);
    if (self == nullptr) return SPAWNED_ENOMEM;
    if (!begin_start(*self, home)) return SPAWNED_ESTOPPING;
    spawned_status why;
    actor* a = make_actor(*self, home, behavior, options, &why);
    if (a == nullptr) {
        if (!is_forked(home)) take_back_start(*self, home);
        return why;
    }
    a->gate.store_seq_cst(static_cast<uint8_t>(options.capacity != 0 ? gate_bounded : 0));
    const spawned_pid pid = make_id(home.index, a->control.generation(), slot_number(*a));
    *out_pid = pid;
    return begin_life(*self, home, *a, options, pid);
}

spawned_status signal_actor(core& home, spawned_pid pid, uint32_t bits) {
    actor* a = actor_of(home, pid);
    thread* self = a != nullptr ? current_thread(home) : nullptr;
    uint32_t before;
    if (a == nullptr || !a->control.raise(generation_of(pid), bits, &before))
        return why_absent(pid);
    if (self == nullptr) return SPAWNED_ENOMEM;
    if ((before & control_token) != 0 && (bits & control_ending) != 0)
        cancel_own_token(*self, home, *a, pid);
    call(*self, *a);
    return SPAWNED_OK;
}

void stop_from_inside(thread& self, core& home, actor& a) {
    uint32_t before = 0;
    (void)a.control.raise(a.control.generation(), control_stop, &before);
    if ((before & control_token) != 0) cancel_own_token(self, home, a, a.pid.load_relaxed());
}

spawned_status drain_actor(core& home, spawned_pid pid, uint64_t deadline) {
    actor* a = actor_of(home, pid);
    if (a == nullptr) return why_absent(pid);
    if ((kind_seen(*a)->table.flags & behavior_ends_itself) != 0)
        return signal_actor(home, pid, control_stop);
    if (deadline != UINT64_MAX && !arm_drain(home, pid, deadline)) return SPAWNED_ENOMEM;
    if (!a->control.raise(generation_of(pid), control_drain)) return why_absent(pid);
    a->gate.fetch_or_seq_cst(gate_draining);
    // It may have seen the bit and ended meanwhile, which is what was asked for.
    const spawned_status called = signal_actor(home, pid, control_drain);
    return called == SPAWNED_ESTOPPED ? SPAWNED_OK : called;
}

spawned_status join_actor(core& home, spawned_pid pid, uint64_t timeout) {
    actor* a = actor_of(home, pid);
    if (a == nullptr) {
        const spawned_status why = why_absent(pid);
        if (why != SPAWNED_ESTOPPED) return why;
        await_told(home, pid);
        return SPAWNED_OK;
    }
    thread* self = current_thread(home);
    if (self == nullptr) return SPAWNED_ENOMEM;
    if (runs_here(*self, pid)) return SPAWNED_EDEADLK;
    actor* me = self->top != nullptr ? self->top->self : nullptr;
    auxiliary* aux = nullptr;
    if (me != nullptr) {
        aux = auxiliary_of(home, *me);
        if (aux == nullptr) return SPAWNED_ENOMEM;
        const uint64_t wait = aux->wait_serial.load_relaxed() + 1;
        aux->wait_serial.store_seq_cst(wait);
        aux->waits_for.store_seq_cst(edge_to(pid, wait));
        char names[512];
        if (must_not_wait(home, *me, *aux, pid, names, sizeof names)) {
            free_text(home, refuse_circle(home, *me, names));
            return SPAWNED_EDEADLK;
        }
    }
    const uint64_t deadline = timeout == SPAWNED_FOREVER || now(home) + timeout < timeout
                                  ? UINT64_MAX
                                  : now(home) + timeout;
    const waited result = wait_for_end(*self, home, *a, pid, deadline);
    if (aux != nullptr) clear_wait_edge(*aux);
    switch (result) {
        case waited::ready:
            await_told(home, pid);
            return SPAWNED_OK;
        case waited::timed_out:
            return SPAWNED_ETIMEDOUT;
        case waited::stalled:
            return SPAWNED_EDEADLK;
        case waited::no_memory:
            return SPAWNED_ENOMEM;
        case waited::no_thread:
            return SPAWNED_ESYSTEM;
    }
    SPAWNED_UNREACHABLE();
}

void read_exit_reason(core& home, spawned_pid pid, spawned_exit* exit, char* words,
                      size_t capacity) {
    exit->kind = SPAWNED_EXIT_RUNNING;
    exit->code = SPAWNED_OK;
    exit->place = SPAWNED_PLACE_NONE;
    exit->text_length = 0;
    copy_text("", 0, words, capacity);
    if (actor_of(home, pid) != nullptr) return;
    if (!home.exits.find(pid, exit, words, capacity)) exit->kind = SPAWNED_EXIT_UNKNOWN;
}

}  // namespace spawned::engine
