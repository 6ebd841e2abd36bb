// Pool workers: where an actor goes that became runnable, where a worker finds the next one, and how it
// sleeps without leaving work behind.
#include "actor/activation.hpp"
#include "platform/clock.hpp"
#include "platform/cpu.hpp"
#include "sched/host.hpp"
#include "sched/loop_holder.hpp"
#include "sched/scheduler.hpp"
#include "sched/start_handshake.hpp"

namespace spawned::engine {

namespace {

constexpr uint32_t longest_chain = 32;        // from run_next, while others wait
constexpr uint32_t ticks_between_looks = 61;  // at the shared queue and the clock
constexpr uint32_t injected_batch = 32;
constexpr uint32_t spin_rounds = 300;
constexpr uint32_t most_credit = 16;

void inject(scheduler& all, actor* a) {
    lock_guard guard(all.injected_lock);
    all.injected.push(a);
    all.injected_count.store_seq_cst(all.injected.count);
}

void wake_if_useful(core& home) {
    if (home.sched->idle.should_wake()) wake_a_worker(home);
}

void push_ring(worker& w, actor* a) {
    if (!w.ring.push(a)) inject(*w.home->sched, a);
    wake_if_useful(*w.home);
}

actor* take_injected(worker& w) {
    scheduler& all = *w.home->sched;
    if (all.injected_count.load_acquire() == 0) return nullptr;
    lock_guard guard(all.injected_lock);
    actor* first = all.injected.pop();
    uint32_t share = all.injected.count / all.worker_count;
    if (share > injected_batch) share = injected_batch;
    for (; share > 0; --share) {
        actor* next =
            all.injected.pop();  // once in the ring a thief may run it, and its link is its own
        if (w.ring.push(next)) continue;
        all.injected.push(next);
        break;
    }
    all.injected_count.store_seq_cst(all.injected.count);
    return first;
}

actor* steal_ring(worker& w, worker& victim) {
    actor* got[128];
    const uint32_t count = victim.ring.steal(got, 128);
    if (count == 0) return nullptr;
    for (uint32_t i = 1; i < count; ++i)
        if (!w.ring.push(got[i])) inject(*w.home->sched, got[i]);
    return got[0];
}

actor* steal(worker& w, bool run_next_too) {
    scheduler& all = *w.home->sched;
    const uint32_t total = all.worker_total.load_acquire();
    for (uint32_t i = 0; i < total; ++i) {
        worker* victim = all.workers[(w.steal_from + i) % total].load_acquire();
        if (victim == nullptr || victim == &w) continue;
        actor* a = steal_ring(w, *victim);
        // Its owner will soon run what is next there; only one that seems stuck loses it.
        if (a == nullptr && run_next_too && victim->run_next.load_relaxed() != nullptr &&
            victim->self->running.is_long.load_relaxed() != 0)
            a = victim->run_next.exchange_acq_rel(nullptr);
        if (a == nullptr) continue;
        w.steal_from = victim->number;
        return a;
    }
    return nullptr;
}

void look_at_clock(worker& w) {
    if (next_due(*w.home) != UINT64_MAX) (void)fire_due(*w.self, *w.home);
}

actor* local_next(worker& w) {
    actor* next = w.run_next.load_relaxed();
    if (next != nullptr) {
        next = w.run_next.exchange_acq_rel(nullptr);
        if (next != nullptr && (++w.chain < longest_chain || w.ring.empty())) return next;
        w.chain = 0;
        if (next != nullptr) push_ring(w, next);
    }
    w.chain = 0;
    return w.ring.pop();
}

bool work_in_sight(worker& w) {
    scheduler& all = *w.home->sched;
    if (all.injected_count.load_seq_cst() != 0 || all.stop.load_seq_cst() != 0) return true;
    if (loop_has_free_tasks(all)) return true;
    const uint32_t total = all.worker_total.load_acquire();
    for (uint32_t i = 0; i < total; ++i) {
        worker* other = all.workers[i].load_acquire();
        if (other != nullptr && !other->ring.empty()) return true;
    }
    return false;
}

// The worker stops searching; somebody else is woken if it was the last one and there is more.
actor* found(worker& w, actor* a) {
    if (!w.searching) return a;
    w.searching = false;
    if (w.home->sched->idle.end_search() && work_in_sight(w)) wake_if_useful(*w.home);
    return a;
}

actor* next_actor(worker& w) {
    if (++w.ticks % ticks_between_looks == 0 || w.look_soon.load_relaxed() != 0) {
        w.look_soon.store_relaxed(0);
        look_at_clock(w);
        poll_loop(*w.home);
        if (actor* a = take_injected(w)) return a;
    }
    if (actor* a = local_next(w)) return a;
    if (actor* a = take_injected(w)) return a;
    return nullptr;
}

// A short while of looking around before sleeping, as long as it has been worth it lately.
actor* search(worker& w) {
    scheduler& all = *w.home->sched;
    if (!w.searching) {
        const uint32_t most = all.worker_count > 1 ? (all.worker_count + 1) / 2 : 1;
        if (!all.idle.begin_search(most)) return nullptr;
        w.searching = true;
    }
    const bool spin = all.may_spin && (w.spin_credit > 0 || w.ticks % 8 == 0);
    const uint32_t rounds = spin ? spin_rounds : 1;
    for (uint32_t round = 0; round < rounds; ++round) {
        actor* a = take_injected(w);
        if (a == nullptr) a = steal(w, round + 1 == rounds);
        if (a != nullptr) {
            if (round > 0 && w.spin_credit < most_credit) w.spin_credit += 2;
            return a;
        }
        if (all.stop.load_relaxed() != 0) return nullptr;
        cpu_pause();
        cpu_pause();
    }
    if (spin && w.spin_credit > 0) --w.spin_credit;
    ++w.ticks;
    return nullptr;
}

// The worker is a parked one no more, but a searching one.
void leave_idle(worker& w) {
    if (!w.listed) return;
    w.listed = false;
    // Still in the set if it was the time, or a token for the keeper. A token on its way, or left over,
    // ends a later sleep early, nothing more.
    (void)w.home->sched->idle.leave(&w);
    w.searching = true;
}

// One parked worker looks after the timers, rather one whose sleep ends on time than one in the loop.
bool become_keeper(scheduler& all, worker& w, bool in_loop) {
    worker* keeper = nullptr;
    if (all.keeper.cas_seq_cst(keeper, &w)) return true;
    return !in_loop && keeper != nullptr && keeper->in_loop.load_relaxed() != 0 &&
           all.keeper.cas_seq_cst(keeper, &w);
}

uint64_t keep_time(core& home) {
    for (;;) {
        const uint64_t until = next_due(home);
        home.sched->keeper_until.store_seq_cst(until);
        if (next_due(home) >= until) return until;
    }
}

bool has_local_work(void* argument) {
    const worker& w = *static_cast<worker*>(argument);
    return w.run_next.load_relaxed() != nullptr || !w.ring.empty();
}

// Whoever wakes the worker leaves a token first and looks at in_loop then; here it is the other way round.
void sleep_in_loop(worker& w, event_loop& loop, uint64_t until) {
    (void)w.in_loop.exchange_acq_rel(1);
    if (w.self->park.try_take())
        loop.poll();
    else
        loop.wait(until, has_local_work, &w);
    (void)w.in_loop.exchange_acq_rel(0);
}

// Sleeps until woken, or until a timer is due if no other worker looks after the timers already.
void sleep(worker& w, event_loop* loop) {
    core& home = *w.home;
    scheduler& all = *home.sched;
    const bool keeper = become_keeper(all, w, loop != nullptr);
    const uint64_t until = keeper ? keep_time(home) : UINT64_MAX;
    if (loop != nullptr)
        sleep_in_loop(w, *loop, until);
    else
        (void)w.self->park.park_until(until);
    worker* me = &w;
    if (keeper) (void)all.keeper.cas_seq_cst(me, nullptr);
    leave_idle(w);
    (void)fire_due(*w.self, home);
}

void park(worker& w) {
    core& home = *w.home;
    scheduler& all = *home.sched;
    event_loop* loop = hold_loop(all);
    all.idle.enter(&w, w.searching, loop != nullptr);
    w.searching = false;
    w.listed = true;
    // Somebody takes it out even then: its token is spent by the next sleep.
    const bool stays_awake = work_in_sight(w);
    if (stays_awake)
        leave_idle(w);
    else
        sleep(w, loop);
    if (loop != nullptr) let_go_of_loop(home, *loop);
    if (!stays_awake) wake_watchdog(all);
}

void give_away(worker& w) {
    scheduler& all = *w.home->sched;
    if (actor* next = w.run_next.exchange_acq_rel(nullptr)) inject(all, next);
    while (actor* a = w.ring.pop()) inject(all, a);
}

// A spare that is not needed any more sleeps until it is lent again.
void retire(worker& w) {
    scheduler& all = *w.home->sched;
    give_away(w);
    if (w.searching) {
        w.searching = false;
        (void)all.idle.end_search();
    }
    {
        lock_guard guard(all.spare_lock);
        w.active.store_seq_cst(0);
        w.next_spare = all.spares;
        all.spares = &w;
    }
    wake_if_useful(*w.home);
    while (w.active.load_seq_cst() == 0 && all.stop.load_seq_cst() == 0) w.self->park.park();
}

bool is_superfluous(worker& w) {
    scheduler& all = *w.home->sched;
    return w.number >= all.worker_count && all.lending.go_back();
}

void run_worker(void* argument) {
    auto& w = *static_cast<worker*>(argument);
    core& home = *w.home;
    scheduler& all = *home.sched;
    w.self->pool_worker = &w;
    while (all.stop.load_relaxed() == 0) {
        if (is_superfluous(w)) {
            retire(w);
            continue;
        }
        actor* a = next_actor(w);
        if (a == nullptr) a = search(w);
        if (a != nullptr)
            activate(*w.self, *found(w, a), turn_budget(*w.self));
        else
            park(w);
    }
}

}  // namespace

void wake_worker(scheduler& all, worker& w) {
    w.self->park.unpark();
    if (w.in_loop.fetch_or_acq_rel(0) != 0) all.loop.load_acquire()->wake();
}

void wake_a_worker(core& home) {
    worker* w = home.sched->idle.take_one();
    if (w != nullptr) wake_worker(*home.sched, *w);
}

namespace {

// Made runnable by a thread that is no worker.
void run_on_pool(thread& self, core& home, actor& a) {
    if (home.sched->hosted) {
        schedule_on_host(self, *home.sched->lent.load_acquire(), a);
        return;
    }
    inject(*home.sched, &a);
    wake_if_useful(home);
}

}  // namespace

void schedule_on_pool(thread& self, actor& a) {
    core& home = *self.home.load_relaxed();
    worker* w = self.pool_worker;
    if (w == nullptr) {
        run_on_pool(self, home, a);
        return;
    }
    // Filling an empty run_next wakes nobody: this worker comes to it next.
    if (w->run_next.load_relaxed() == nullptr) {
        w->run_next.store_release(&a);
        return;
    }
    actor* displaced = w->run_next.exchange_acq_rel(&a);
    if (displaced != nullptr) push_ring(*w, displaced);
}

void yield_on_pool(thread& self, actor& a) {
    core& home = *self.home.load_relaxed();
    if (self.pool_worker != nullptr) {
        push_ring(*self.pool_worker, &a);
        return;
    }
    run_on_pool(self, home, a);
}

spawned_status start_worker(core& home, uint32_t number) {
    auto* w = create<worker>(home.memory);
    if (w == nullptr) return SPAWNED_ENOMEM;
    w->home = &home;
    w->number = number;
    w->active.store_relaxed(1);
    start_handshake start;
    const spawned_status status =
        start.run(home, thread_role::worker, w->handle, run_worker, w, &w->self, "spawned-worker");
    if (status != SPAWNED_OK) {
        destroy(home.memory, w);
        return status;
    }
    home.sched->workers[number].store_release(w);
    return SPAWNED_OK;
}

namespace {

// Whom to put in a blocked worker's place: a spare, or (null) the number of a new one; 0 when there are too
// many.
worker* choose_spare(scheduler& all, uint32_t* out_number) {
    lock_guard guard(all.spare_lock);
    worker* spare = all.spares;
    if (spare != nullptr) {
        all.spares = spare->next_spare;
        spare->active.store_seq_cst(1);
    } else if (all.worker_total.load_relaxed() < scheduler::most_workers) {
        *out_number = all.worker_total.fetch_add_seq_cst(1);
    }
    return spare;
}

}  // namespace

void begin_blocking(thread& self) {
    worker& w = *self.pool_worker;
    core& home = *w.home;
    scheduler& all = *home.sched;
    // In a callback of the loop it may still count as parked, and somebody rely on its waking.
    leave_idle(w);
    if (w.searching) {
        w.searching = false;
        (void)all.idle.end_search();
    }
    give_away(w);
    self.pool_worker = nullptr;  // what becomes runnable meanwhile is everybody's
    if (!all.lending.begin_wait()) {
        wake_if_useful(home);  // what was given away is nobody's yet
        return;
    }
    uint32_t number = 0;
    if (worker* spare = choose_spare(all, &number)) {
        spare->self->park.unpark();
        return;
    }
    if (number != 0 && start_worker(home, number) == SPAWNED_OK) return;
    all.lending.not_lent();
    log_event(home, SPAWNED_LOG_WARNING, self.top->self, nullptr, 0,
              "no spare worker can be started while this handler blocks");
    wake_if_useful(home);
}

void end_blocking(thread& self, worker& w) {
    w.home->sched->lending.end_wait();
    self.pool_worker = &w;
}

}  // namespace spawned::engine
