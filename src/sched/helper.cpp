// Threads that may block: the elastic pool, and the threads of single actors.
#include "actor/activation.hpp"
#include "actor/block.hpp"
#include "platform/clock.hpp"
#include "platform/cpu.hpp"
#include "sched/scheduler.hpp"
#include "sched/simulation.hpp"
#include "sched/start_handshake.hpp"

namespace spawned::engine {

namespace {

// The handle of the thread that ended last is joined by the next one to end, or by the shutdown.
void hand_in(core& home, helper_thread& ended) {
    scheduler& all = *home.sched;
    helper_thread* before;
    {
        lock_guard guard(all.finished_lock);
        before = all.finished;
        all.finished = &ended;
    }
    if (before == nullptr) return;
    before->handle.join();
    destroy(home.memory, before);
}

// One of the two, or nothing.
struct next_thing {
    actor* a = nullptr;
    blocking_task* task = nullptr;
};

next_thing take_waiting(core& home, helper_thread& me) {
    blocking_pool& pool = home.sched->blocking;
    lock_guard guard(pool.lock);
    if (me.called) {
        me.called = false;
        --pool.coming;
    }
    next_thing next;
    if (pool.task_is_next || pool.waiting.first == nullptr) next.task = pool.tasks.pop();
    if (next.task == nullptr) next.a = pool.waiting.pop();
    pool.task_is_next = next.task == nullptr;
    pool.starved = false;
    pool.waiting_since = 0;
    if (next.a == nullptr && next.task == nullptr && me.quit.load_relaxed() == 0) {
        me.idle = true;
        me.next_idle = pool.idle;
        pool.idle = &me;
    }
    return next;
}

void leave_idle(blocking_pool& pool, helper_thread& me) {
    helper_thread** link = &pool.idle;
    while (*link != &me) link = &(*link)->next_idle;
    *link = me.next_idle;
    me.idle = false;
}

// False: this thread is over. The last thread stays, so that an actor never waits for one in vain.
bool wait_for_work(core& home, helper_thread& me) {
    blocking_pool& pool = home.sched->blocking;
    const uint64_t until = monotonic_now() + pool.idle_life;
    for (;;) {
        bool last;
        {
            lock_guard guard(pool.lock);
            last = pool.threads == 1;
        }
        const bool woken = me.self->park.park_until(last ? UINT64_MAX : until);
        lock_guard guard(pool.lock);
        if (!me.idle) return true;
        if (me.quit.load_acquire() != 0 || (!woken && pool.threads > 1)) {
            leave_idle(pool, me);
            --pool.threads;
            return false;
        }
    }
}

void run_blocking(void* argument) {
    auto& me = *static_cast<helper_thread*>(argument);
    core& home = *me.home;
    for (;;) {
        const next_thing next = take_waiting(home, me);
        if (next.a != nullptr) activate(*me.self, *next.a, turn_budget(*me.self));
        if (next.task != nullptr) next.task->run(*me.self, home, *next.task);
        if (next.a != nullptr || next.task != nullptr) continue;
        if (me.quit.load_acquire() != 0 || home.sched->stop.load_acquire() != 0) break;
        if (!wait_for_work(home, me)) {
            hand_in(home, me);
            return;
        }
        wake_watchdog(*home.sched);
    }
    {
        blocking_pool& pool = home.sched->blocking;
        lock_guard guard(pool.lock);
        if (me.idle) leave_idle(pool, me);
        --pool.threads;
    }
    hand_in(home, me);
}

void run_own(void* argument) {
    auto& me = *static_cast<helper_thread*>(argument);
    core& home = *me.home;
    for (;;) {
        if (me.runnable.exchange_acq_rel(0) != 0) {
            wake_watchdog(*home.sched);
            activate(*me.self, *me.only, turn_budget(*me.self));
        } else if (me.quit.load_acquire() != 0) {
            break;
        } else {
            me.self->park.park();
        }
    }
    hand_in(home, me);
}

spawned_status start_helper(core& home, actor* only, helper_thread** out_helper) {
    auto* made = create<helper_thread>(home.memory);
    if (made == nullptr) return SPAWNED_ENOMEM;
    made->home = &home;
    made->only = only;
    made->called = only == nullptr;
    *out_helper = made;
    start_handshake start;
    const spawned_status status =
        start.run(home, only != nullptr ? thread_role::dedicated : thread_role::blocking,
                  made->handle, only != nullptr ? run_own : run_blocking, made, &made->self,
                  only != nullptr ? "spawned-actor" : "spawned-block");
    if (status != SPAWNED_OK) destroy(home.memory, made);
    return status;
}

// The caller counted the thread already.
spawned_status start_blocking_thread(core& home) {
    helper_thread* unused;
    const spawned_status status = start_helper(home, nullptr, &unused);
    if (status == SPAWNED_OK) return status;
    blocking_pool& pool = home.sched->blocking;
    lock_guard guard(pool.lock);
    --pool.threads;
    --pool.coming;
    return status;
}

// The caller holds the lock, and starts the thread when it has let go.
void count_new_thread(blocking_pool& pool) {
    ++pool.threads;
    ++pool.coming;
}

}  // namespace

spawned_status ensure_blocking_thread(core& home) {
    if (home.sim != nullptr) return SPAWNED_OK;
    blocking_pool& pool = home.sched->blocking;
    {
        lock_guard guard(pool.lock);
        if (pool.threads > 0) return SPAWNED_OK;
        count_new_thread(pool);
    }
    return start_blocking_thread(home);
}

void grow_blocking(core& home) {
    blocking_pool& pool = home.sched->blocking;
    {
        lock_guard guard(pool.lock);
        if (pool.threads >= pool.most) return;
        count_new_thread(pool);
    }
    (void)start_blocking_thread(home);
}

namespace {

// Something has been put into a list. True: a thread has been counted, which the caller starts.
// The caller holds the lock. Threads that have been called come in any case, so each thing that waits
// needs one of its own only: two actors that answer each other occupy no thread after another.
bool call_a_thread(core& home, blocking_pool& pool) {
    if (things_waiting(pool) <= pool.coming) return false;
    helper_thread* idle = pool.idle;
    if (idle != nullptr) {
        pool.idle = idle->next_idle;
        idle->idle = false;
        idle->called = true;
        ++pool.coming;
        idle->self->park.unpark();
        return false;
    }
    if (pool.threads < pool.most) {
        count_new_thread(pool);
        return true;
    }
    if (pool.waiting_since == 0) pool.waiting_since = home.coarse_now.load_relaxed();
    return false;
}

}  // namespace

// Without a new thread it waits for one of the others, or until the watchdog gets one.
void schedule_on_blocking(thread& self, actor& a) {
    core& home = *self.home.load_relaxed();
    blocking_pool& pool = home.sched->blocking;
    bool grow;
    {
        lock_guard guard(pool.lock);
        pool.waiting.push(&a);
        grow = call_a_thread(home, pool);
    }
    if (grow) (void)start_blocking_thread(home);
}

void run_blocking_task(core& home, blocking_task& one) {
    if (home.sim != nullptr) {
        sim_run_task(home, one);
        return;
    }
    blocking_pool& pool = home.sched->blocking;
    bool grow;
    {
        lock_guard guard(pool.lock);
        pool.tasks.push(&one);
        grow = call_a_thread(home, pool);
    }
    if (grow) (void)start_blocking_thread(home);
}

spawned_status begin_dedicated(thread& self, actor& a) {
    core& home = *self.home.load_relaxed();
    auxiliary* aux = auxiliary_of(home, a);
    if (aux == nullptr) return SPAWNED_ENOMEM;
    if (home.sim != nullptr) return SPAWNED_OK;
    return start_helper(home, &a, &aux->own_thread);
}

void end_dedicated(thread& self, actor& a) {
    if (self.home.load_relaxed()->sim != nullptr) return;
    auxiliary& aux = *a.aux.load_acquire();
    helper_thread* own = aux.own_thread;
    aux.own_thread = nullptr;
    thread* own_self = own->self;
    own->quit.store_release(1);
    if (own_self != &self) own_self->park.unpark();
}

void schedule_on_own(actor& a) {
    helper_thread* own = a.aux.load_acquire()->own_thread;
    thread* own_self = own->self;  // once runnable the helper may run, end and be gone
    own->runnable.store_seq_cst(1);
    own_self->park.unpark();
}

void stop_helpers(core& home) {
    scheduler& all = *home.sched;
    for (;;) {
        {
            lock_guard guard(all.blocking.lock);
            for (helper_thread* one = all.blocking.idle; one != nullptr; one = one->next_idle) {
                one->quit.store_release(1);
                one->self->park.unpark();
            }
            if (all.blocking.threads == 0) break;
        }
        thread_yield();
    }
    // Left its pool, or its actor has ended, but not yet handed in: it still needs the scheduler.
    while (all.threads.load_seq_cst() != 0) thread_yield();
    for (;;) {
        helper_thread* last;
        {
            lock_guard guard(all.finished_lock);
            last = all.finished;
            all.finished = nullptr;
        }
        if (last == nullptr) break;
        last->handle.join();
        destroy(home.memory, last);
    }
}

}  // namespace spawned::engine
