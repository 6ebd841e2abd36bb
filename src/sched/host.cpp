#include "sched/host.hpp"

#include "actor/activation.hpp"
#include "actor/block.hpp"
#include "platform/clock.hpp"
#include "sched/loop_holder.hpp"

namespace spawned::engine {

namespace {

constexpr uint32_t messages_within_budget = 8;  // a turn, when time is short
constexpr uint32_t turns_between_looks = 61;    // at timers, the loop, and what others sent

// The loop that this thread may sleep in, held; null: it sleeps on its parker.
event_loop* hold_own_loop(host& h) {
    if (!h.runs_all) return h.doorbell;
    event_loop* loop = hold_loop(*h.home->sched);
    if (loop == nullptr || loop->is_ours()) return loop;
    let_go_of_loop(*h.home, *loop);
    return nullptr;
}

void let_go_of_own_loop(host& h, event_loop* loop) {
    if (loop != nullptr && loop != h.doorbell) let_go_of_loop(*h.home, *loop);
}

void poll_loops(host& h) {
    if (h.doorbell != nullptr) h.doorbell->poll();
    if (!h.runs_all) return;
    event_loop* loop = hold_loop(*h.home->sched);
    if (loop == nullptr) return;
    loop->poll();
    let_go_of_loop(*h.home, *loop);
}

void take_injected(host& h) {
    if (h.injected_count.load_seq_cst() == 0) return;
    lock_guard guard(h.lock);
    while (actor* a = h.injected.pop()) h.local.push(a);
    h.injected_count.store_seq_cst(0);
}

bool has_actors(host& h) {
    return h.local.first != nullptr || h.injected_count.load_seq_cst() != 0;
}

bool has_work(host& h) {
    return has_actors(h) || (h.runs_all && loop_has_free_tasks(*h.home->sched));
}

bool has_work_after_callbacks(void* argument) { return has_work(*static_cast<host*>(argument)); }

void look_around(thread& self, host& h) {
    if (h.runs_all) (void)fire_due(self, *h.home);
    poll_loops(h);
    take_injected(h);
}

actor* next_actor(thread& self, host& h, uint32_t turn) {
    if (turn % turns_between_looks == 0) look_around(self, h);
    if (actor* a = h.local.pop()) return a;
    look_around(self, h);
    return h.local.pop();
}

struct allowance {
    uint64_t messages;
    uint64_t until;  // UINT64_MAX: no matter
    uint32_t turns;
};

// false: there was nothing to run.
bool run_turns(thread& self, host& h, allowance left) {
    const uint32_t most = left.until == UINT64_MAX ? messages_per_turn : messages_within_budget;
    for (uint32_t turn = 0; turn < left.turns && left.messages > 0; ++turn) {
        if (turn > 0 && left.until != UINT64_MAX && monotonic_now() >= left.until) break;
        actor* a = next_actor(self, h, turn);
        if (a == nullptr) return turn > 0;
        const uint64_t before = self.counts.handled.get();
        activate(self, *a, left.messages < most ? static_cast<uint32_t>(left.messages) : most);
        const uint64_t handled = self.counts.handled.get() - before;
        left.messages -= handled < left.messages ? handled : left.messages;
    }
    return true;
}

// From now on timers that are armed for an earlier time ring.
uint64_t keep_time(host& h) {
    if (!h.runs_all) return UINT64_MAX;
    for (;;) {
        const uint64_t until = next_due(*h.home);
        h.until.store_seq_cst(until);
        if (next_due(*h.home) >= until) return until;
    }
}

// Whoever makes ready true afterwards, or gives the host something to do, wakes it.
void sleep(thread& self, host& h, uint64_t deadline, bool (*ready)(void*), void* argument) {
    const uint64_t due = keep_time(h);
    h.state.store_seq_cst(host_state::waiting);
    if (!has_work(h) && !ready(argument)) {
        event_loop* loop = hold_own_loop(h);
        const uint64_t until = due < deadline ? due : deadline;
        if (loop != nullptr)
            loop->wait(until, has_work_after_callbacks, &h);
        else
            (void)self.park.park_until(until);
        let_go_of_own_loop(h, loop);
    }
    h.state.store_seq_cst(host_state::awake);
}

void enter(host& h) {
    if (h.depth++ != 0) return;
    h.rung_since.store_relaxed(0);
    h.state.store_seq_cst(host_state::awake);
}

uint64_t time_of_loops(host& h) {
    event_loop* loop = hold_own_loop(h);
    if (loop == nullptr) return UINT64_MAX;
    if (h.descriptor_is_out) (void)loop->descriptor();  // shows all that happens from here on
    const uint64_t left = loop->time_left();
    let_go_of_own_loop(h, loop);
    if (left == UINT64_MAX) return UINT64_MAX;
    return monotonic_now() + left;
}

// When it wants to run next: 0 for now.
uint64_t leave(host& h) {
    if (--h.depth != 0) return 0;
    uint64_t next = keep_time(h);
    if (h.guest != nullptr) {
        h.guest->set_work(false);
        h.guest->set_deadline(next);
        if (h.home->shut.load_acquire() != 0) h.guest->keep(false);
    } else if (const uint64_t loops = time_of_loops(h); loops < next) {
        next = loops;
    }
    h.state.store_seq_cst(host_state::outside);
    if (!has_work(h)) return next;
    wake_host(h);
    return 0;
}

bool was_poked(void* argument) {
    return static_cast<host*>(argument)->poked.load_seq_cst() != 0 ||
           static_cast<host*>(argument)->home->shut.load_acquire() != 0;
}

spawned_status check_owner(host& h, thread** out_self) {
    if (is_forked(*h.home)) return SPAWNED_EFORKED;
    thread* self = current_thread(*h.home);
    if (self == nullptr) return SPAWNED_ENOMEM;
    if (host_of(*self) != &h) return SPAWNED_ECONTEXT;
    *out_self = self;
    return SPAWNED_OK;
}

uint64_t time_after(uint64_t from, uint64_t duration) {
    return from + duration < from ? UINT64_MAX : from + duration;
}

uint64_t duration_until(uint64_t moment) {
    if (moment == UINT64_MAX || moment == 0) return moment;
    const uint64_t now_is = monotonic_now();
    return moment > now_is ? moment - now_is : 0;
}

}  // namespace

void schedule_on_host(thread& self, host& h, actor& a) {
    if (host_of(self) == &h) {
        h.local.push(&a);
        if (h.depth == 0) wake_host(h);
        return;
    }
    {
        lock_guard guard(h.lock);
        h.injected.push(&a);
        h.injected_count.store_seq_cst(h.injected.count);
    }
    wake_host(h);
}

actor* take_next_on_host(host& h, const actor& wanted) {
    return h.local.first == &wanted ? h.local.pop() : nullptr;
}

void serve_host(host& h) {
    if (is_forked(*h.home)) return;
    thread* self = last_thread();
    if (self == nullptr || host_of(*self) != &h) self = current_thread(*h.home);
    if (self == nullptr || host_of(*self) != &h || h.depth != 0) return;
    if (!h.guest->has_work() && h.state.load_relaxed() == host_state::outside && !has_work(h))
        return;
    enter(h);
    (void)run_turns(*self, h,
                    {UINT64_MAX, time_after(monotonic_now(), h.settings.slice), UINT32_MAX});
    (void)leave(h);
}

namespace {

bool is_owner_here(const host& h) {
    for (const thread* one = last_thread(); one != nullptr; one = one->next_here)
        if (one->lends_to.load_relaxed() == &h) return true;
    return false;
}

// The program is to let the host run.
void ring(host& h, bool may_touch_loop) {
    h.rung_since.store_relaxed(monotonic_now());
    if (h.home->sched->watchdog_started) wake_watchdog(*h.home->sched);
    if (h.guest == nullptr) {
        if (h.settings.wake != nullptr) h.settings.wake(h.settings.user_data);
    } else if (may_touch_loop && is_owner_here(h)) {
        h.guest->set_work(true);  // the loop must not wait in its next poll, nor end
    } else {
        h.guest->ring();
    }
}

void wake(host& h, bool may_touch_loop) {
    const host_state before = h.state.exchange_seq_cst(host_state::awake);
    if (before == host_state::awake) return;
    if (h.guest == nullptr) {
        event_loop* loop = h.runs_all ? h.home->sched->loop.load_acquire() : h.doorbell;
        if (loop != nullptr) loop->wake();
    }
    if (before == host_state::waiting)
        h.owner.load_acquire()->park.unpark();
    else
        ring(h, may_touch_loop);
}

}  // namespace

void wake_host(host& h) { wake(h, true); }

void poke_host(host& h) {
    h.poked.store_seq_cst(1);
    wake(h, false);  // perhaps in a signal handler
}

waited wait_on_host(thread& self, host& h, bool (*ready)(void*), void* argument,
                    uint64_t deadline) {
    if (self.top != nullptr) return waited::stalled;
    enter(h);
    waited result = waited::ready;
    while (!ready(argument)) {
        if (deadline != UINT64_MAX && deadline <= monotonic_now()) {
            result = waited::timed_out;
            break;
        }
        if (!run_turns(self, h, {UINT64_MAX, UINT64_MAX, 1}))
            sleep(self, h, deadline, ready, argument);
    }
    (void)leave(h);
    return result;
}

spawned_status host_run(host& h, const host_limits& limits, uint64_t* out_next) {
    thread* self;
    const spawned_status status = check_owner(h, &self);
    if (status != SPAWNED_OK) return status;
    if (h.guest != nullptr) return SPAWNED_EUNSUPPORTED;
    if (h.home->shut.load_acquire() != 0) return SPAWNED_ESTOPPED;
    if (h.depth != 0 || self->top != nullptr) return SPAWNED_EDEADLK;
    const uint64_t messages = limits.messages == 0 ? UINT64_MAX : limits.messages;
    const uint64_t start =
        limits.budget == UINT64_MAX && limits.wait == UINT64_MAX ? 0 : monotonic_now();
    const uint64_t give_up = time_after(start, limits.wait);
    enter(h);
    uint64_t until = time_after(start, limits.budget);
    while (!run_turns(*self, h, {messages, until, UINT32_MAX})) {
        if (limits.wait == 0 || was_poked(&h) ||
            (give_up != UINT64_MAX && monotonic_now() >= give_up))
            break;
        sleep(*self, h, give_up, was_poked, &h);
        if (limits.budget != UINT64_MAX) until = time_after(monotonic_now(), limits.budget);
    }
    h.poked.store_seq_cst(0);
    *out_next = duration_until(leave(h));
    return h.home->shut.load_acquire() != 0 ? SPAWNED_ESTOPPED : SPAWNED_OK;
}

spawned_status host_next(host& h, uint64_t* out_next) {
    thread* self;
    const spawned_status status = check_owner(h, &self);
    if (status != SPAWNED_OK) return status;
    if (h.depth != 0) return SPAWNED_EDEADLK;
    uint64_t next = has_work(h) ? 0 : keep_time(h);
    if (next != 0 && h.guest == nullptr)
        if (const uint64_t loops = time_of_loops(h); loops < next) next = loops;
    *out_next = duration_until(next);
    return SPAWNED_OK;
}

spawned_status host_descriptor(host& h, int* out_descriptor) {
    thread* self;
    spawned_status status = check_owner(h, &self);
    if (status != SPAWNED_OK) return status;
    if (h.guest != nullptr) return SPAWNED_EUNSUPPORTED;
    if (h.depth != 0) return SPAWNED_EDEADLK;
    event_loop* loop = h.doorbell;
    if (h.runs_all) {
        loop = loop_of(*h.home, &status);
    } else if (loop == nullptr) {
        loop = create<event_loop>(h.home->memory);
        status = loop != nullptr ? loop->init() : SPAWNED_ENOMEM;
        if (loop != nullptr && status != SPAWNED_OK) {
            destroy(h.home->memory, loop);
            loop = nullptr;
        }
        h.doorbell = loop;
    }
    if (loop == nullptr) return status;
    h.descriptor_is_out = true;
    *out_descriptor = loop->descriptor();
    // What came before there was a bell.
    if (h.state.load_seq_cst() != host_state::outside || has_work(h)) loop->wake();
    return SPAWNED_OK;
}

spawned_status keep_loop(host& h, bool wanted) {
    thread* self;
    const spawned_status status = check_owner(h, &self);
    if (status != SPAWNED_OK) return status;
    if (h.guest == nullptr) return SPAWNED_EUNSUPPORTED;
    h.guest->keep(wanted);
    return SPAWNED_OK;
}

spawned_status adopt_host(host& h) {
    if (is_forked(*h.home)) return SPAWNED_EFORKED;
    thread* self = current_thread(*h.home);
    if (self == nullptr) return SPAWNED_ENOMEM;
    if (h.depth != 0 || self->top != nullptr) return SPAWNED_EDEADLK;
    host* mine = &h;
    (void)h.owner.load_acquire()->lends_to.cas_acq_rel(mine, nullptr);
    h.owner.store_seq_cst(self);
    self->lends_to.store_release(&h);
    return SPAWNED_OK;
}

}  // namespace spawned::engine
