// What the actor layer asks of scheduling, answered by the backend of the actor or by the simulation.
#include "sched/scheduler.hpp"

#include "actor/activation.hpp"
#include "actor/process.hpp"
#include "platform/clock.hpp"
#include "platform/cpu.hpp"
#include "sched/host.hpp"
#include "sched/loop_holder.hpp"
#include "sched/simulation.hpp"
#include "sched/start_handshake.hpp"

namespace spawned::engine {

namespace {

constexpr uint32_t wait_spins = 400;

bool spin_until(bool (*ready)(void*), void* argument) {
    for (uint32_t i = 0; i < wait_spins; ++i) {
        if (ready(argument)) return true;
        cpu_pause();
        cpu_pause();
    }
    return false;
}

waited sleep_until(thread& self, bool (*ready)(void*), void* argument, uint64_t deadline) {
    while (!ready(argument))
        if (!self.park.park_until(deadline) && !ready(argument)) return waited::timed_out;
    return waited::ready;
}

spawned_status start_watchdog(core& home) {
    scheduler& all = *home.sched;
    start_handshake start;
    const spawned_status status = start.run(home, thread_role::guest, all.watchdog, run_watchdog,
                                            &home, &all.watchdog_self, "spawned-watch");
    all.watchdog_started = status == SPAWNED_OK;
    return status;
}

}  // namespace

void schedule(thread& self, actor& a) {
    core& home = *self.home.load_relaxed();
    if (home.sim != nullptr) [[unlikely]] {
        sim_schedule(self, a);
        return;
    }
    switch (a.where) {
        case backend::pool:
            schedule_on_pool(self, a);
            return;
        case backend::blocking:
            schedule_on_blocking(self, a);
            return;
        case backend::thread:
            schedule_on_own(a);
            return;
        case backend::host:
            schedule_on_host(self, *home.sched->lent.load_acquire(), a);
            return;
    }
}

void yield_actor(thread& self, actor& a) {
    core& home = *self.home.load_relaxed();
    if (home.sim == nullptr && a.where == backend::pool)
        yield_on_pool(self, a);
    else
        schedule(self, a);
}

bool inline_allowed(thread& self, const actor& callee) {
    core& home = *self.home.load_relaxed();
    const behavior_class* kind = kind_seen(callee);
    const backend where = backend_seen(callee);
    if (where != backend::pool && where != backend::host) return false;
    const bool slow = kind->slow.load_relaxed() != 0;
    if (home.sim != nullptr)
        return where == backend::pool && !slow && self.top != nullptr && sim_inline(home);
    if (where == backend::pool && self.pool_worker != nullptr) return !slow;
    // It would not run elsewhere in any case.
    if (const host* h = host_for(*home.sched, where)) return h == host_of(self);
    return where == backend::pool && !slow && self.role == thread_role::guest &&
           self.top == nullptr && (kind->table.flags & SPAWNED_BEHAVIOR_RUN_ON_CALLER) != 0 &&
           home.stopping.load_acquire() == 0;
}

actor* take_run_next(thread& self, const actor& wanted) {
    if (self.home.load_relaxed()->sim != nullptr) return sim_take(self, wanted);
    worker* w = self.pool_worker;
    if (w == nullptr) {
        host* h = host_of(self);
        return h != nullptr ? take_next_on_host(*h, wanted) : nullptr;
    }
    if (w->run_next.load_relaxed() != &wanted) return nullptr;
    auto* expected = const_cast<actor*>(&wanted);
    return w->run_next.cas_acq_rel(expected, nullptr) ? expected : nullptr;
}

uint32_t turn_budget(thread& self) {
    core& home = *self.home.load_relaxed();
    return home.sim != nullptr ? sim_budget(home) : messages_per_turn;
}

waited wait_until(thread& self, bool (*ready)(void*), void* argument, uint64_t deadline) {
    core& home = *self.home.load_relaxed();
    if (home.sim != nullptr) return sim_wait(self, ready, argument, deadline);
    if (ready(argument)) return waited::ready;
    if (deadline != UINT64_MAX && deadline <= now(home)) return waited::timed_out;
    if (host* h = host_of(self)) return wait_on_host(self, *h, ready, argument, deadline);
    if (self.top == nullptr && home.sched->may_spin && spin_until(ready, argument))
        return waited::ready;
    worker* w = self.pool_worker;  // null outside of handlers and of the loop's callbacks
    self.running.blocked.store_relaxed(1);
    if (w != nullptr) begin_blocking(self);
    const waited result = sleep_until(self, ready, argument, deadline);
    if (w != nullptr) end_blocking(self, *w);
    self.running.blocked.store_relaxed(0);
    return result;
}

void wake_thread(core& home, thread& waiting) {
    if (home.sim != nullptr) return;
    if (host* h = host_of(waiting))
        wake_host(*h);
    else
        waiting.park.unpark();
}

void timer_armed(core& home, uint64_t deadline) {
    if (home.sim != nullptr) return;
    scheduler& all = *home.sched;
    if (all.hosted) {
        host* h = all.lent.load_acquire();
        if (h != nullptr && deadline < h->until.load_seq_cst()) wake_host(*h);
        return;
    }
    worker* keeper = all.keeper.load_seq_cst();
    if (keeper != nullptr && deadline < all.keeper_until.load_seq_cst()) wake_worker(all, *keeper);
}

spawned_status start_scheduler(core& home, uint32_t workers, uint32_t blocking_threads,
                               uint64_t blocking_idle) {
    auto* all = create<scheduler>(home.memory);
    if (all == nullptr) return SPAWNED_ENOMEM;
    home.sched = all;
    if (!all->blocking.lock.init()) return SPAWNED_ESYSTEM;
    if (!all->finished_lock.init()) {
        all->blocking.lock.deinit();
        return SPAWNED_ESYSTEM;
    }
    all->locks_made = true;
    all->blocking.most = blocking_threads;
    all->blocking.idle_life = blocking_idle;
    all->keeper_until.store_relaxed(UINT64_MAX);
    all->may_spin = cpu_count() > 1;
    all->worker_count = workers;
    if (home.sim != nullptr) return start_simulation(home);
    all->hosted = workers == 0;
    if (all->hosted) return SPAWNED_OK;
    spawned_status status = start_watchdog(home);
    for (uint32_t i = 0; i < workers && status == SPAWNED_OK; ++i) {
        all->worker_total.store_seq_cst(i + 1);
        status = start_worker(home, i);
    }
    return status;
}

void stop_scheduler(core& home) {
    scheduler* all = home.sched;
    if (all == nullptr || !all->locks_made) return;
    all->stop.store_seq_cst(1);
    if (all->watchdog_started) {
        all->watchdog_self->park.unpark();
        all->watchdog.join();
        all->watchdog_started = false;
    }
    for (uint32_t i = 0; i < all->worker_total.load_acquire(); ++i) {
        worker* w = all->workers[i].load_acquire();
        if (w == nullptr) continue;
        wake_worker(*all, *w);
        w->handle.join();
    }
    if (home.sim != nullptr)
        stop_simulation(home);
    else
        stop_helpers(home);
    close_loop(home);
}

void free_scheduler(core& home) {
    scheduler* all = home.sched;
    if (all == nullptr) return;
    for (uint32_t i = 0; i < all->worker_total.load_acquire(); ++i)
        destroy(home.memory, all->workers[i].load_acquire());
    free_host(home);
    free_loop(home);
    if (all->locks_made) {
        all->finished_lock.deinit();
        all->blocking.lock.deinit();
    }
    destroy(home.memory, all);
    home.sched = nullptr;
}

}  // namespace spawned::engine
