#include "sched/simulation.hpp"

#include <string.h>

#include "actor/activation.hpp"
#include "base/hash.hpp"
#include "sched/scheduler.hpp"
#include "sched/start_handshake.hpp"
#include "timer/timers.hpp"

namespace spawned::engine {

namespace {

void note(simulation& sim, uint64_t what) {
    sim.digest.store_relaxed(hash_word(sim.digest.load_relaxed() * 31 + what));
}

uint64_t choose(simulation& sim, random_generator& from, uint64_t bound) {
    const uint64_t choice = bound <= 1 ? 0 : from.below(bound);
    note(sim, choice);
    return choice;
}

// The caller holds the lock.
void add_runnable(core& home, actor& a) {
    simulation& sim = *home.sim;
    if (sim.runnable_count == sim.runnable_room) {
        const uint32_t room = sim.runnable_room == 0 ? 64 : sim.runnable_room * 2;
        auto** grown = static_cast<actor**>(home.memory.get(room * sizeof(actor*), alignof(actor*)));
        if (grown == nullptr) {
            a.run_link = sim.overflow;
            sim.overflow = &a;
            return;
        }
        if (sim.runnable != nullptr) {
            memcpy(grown, sim.runnable, sim.runnable_count * sizeof(actor*));
            home.memory.put(sim.runnable, sim.runnable_room * sizeof(actor*), alignof(actor*));
        }
        sim.runnable = grown;
        sim.runnable_room = room;
    }
    sim.runnable[sim.runnable_count++] = &a;
}

actor* take_at(simulation& sim, uint32_t place) {
    actor* a = sim.runnable[place];
    // In order, so that the order of becoming runnable is what the choice is made from.
    memmove(sim.runnable + place, sim.runnable + place + 1,
            (sim.runnable_count - place - 1) * sizeof(actor*));
    --sim.runnable_count;
    return a;
}

// What the loop does next: run an actor, or resume a callback that waited.
struct choice {
    actor* run = nullptr;
    baton_wait* resume = nullptr;
    bool nothing() const { return run == nullptr && resume == nullptr; }
};

bool is_due(core& home, baton_wait& one) {
    if (one.ready(one.argument)) {
        one.result = waited::ready;
        return true;
    }
    if (one.deadline > now(home)) return false;
    one.result = waited::timed_out;
    return true;
}

void unlink(simulation& sim, baton_wait& one) {
    baton_wait** link = &sim.waits;
    while (*link != &one) link = &(*link)->next;
    *link = one.next;
}

choice choose_next(core& home) {
    simulation& sim = *home.sim;
    lock_guard guard(sim.lock);
    choice next;
    uint32_t due = 0;
    for (baton_wait* one = sim.waits; one != nullptr; one = one->next)
        if (!one->resumed && is_due(home, *one)) ++due;
    const uint32_t total = sim.runnable_count + due;
    if (total == 0) {
        next.run = sim.overflow;
        if (next.run != nullptr) sim.overflow = next.run->run_link;
        return next;
    }
    auto picked = static_cast<uint32_t>(choose(sim, sim.schedule_choices, total));
    if (picked < sim.runnable_count) {
        next.run = take_at(sim, picked);
        note(sim, next.run->pid.load_relaxed() & ((uint64_t{1} << 53) - 1));
        return next;
    }
    picked -= sim.runnable_count;
    for (baton_wait* one = sim.waits; one != nullptr; one = one->next) {
        if (one->resumed || !is_due(home, *one) || picked-- != 0) continue;
        one->resumed = true;
        unlink(sim, *one);
        next.resume = one;
        break;
    }
    return next;
}

bool is_driver(simulation& sim, const thread& self) {
    return sim.driver_mark.load_acquire() == reinterpret_cast<uintptr_t>(&self);
}

// Gives the baton to the thread that waits in `wait`. The driver's loop then stands until it comes back;
// a lent thread's goes to sleep.
void pass_to(core& home, thread& self, baton_wait& wait) {
    simulation& sim = *home.sim;
    thread* to = wait.waiting;
    if (!is_driver(sim, self)) {
        to->park.unpark();
        return;
    }
    {
        lock_guard guard(sim.lock);
        sim.driver_waits_for_baton = true;
        sim.driver_has_baton.store_seq_cst(0);
    }
    to->signalled.store_seq_cst(1);
    to->park.unpark();
    while (sim.driver_has_baton.load_seq_cst() == 0) self.park.park();
}

void lent_loop(core& home, baton_thread& me);

void run_baton_thread(void* argument) {
    auto& me = *static_cast<baton_thread*>(argument);
    core& home = *me.home;
    for (;;) {
        while (me.has_baton.load_seq_cst() == 0) {
            {
                lock_guard guard(home.sim->lock);
                if (home.sim->stop) return;
            }
            me.self->park.park();
        }
        lent_loop(home, me);
    }
}

// A thread to run the loop while the caller waits; null when none can be had.
baton_thread* get_baton_thread(core& home) {
    simulation& sim = *home.sim;
    {
        lock_guard guard(sim.lock);
        baton_thread* idle = sim.idle_threads;
        if (idle != nullptr) {
            sim.idle_threads = idle->next_idle;
            return idle;
        }
    }
    auto* made = create<baton_thread>(home.memory);
    if (made == nullptr) return nullptr;
    made->home = &home;
    start_handshake start;
    if (start.run(home, thread_role::blocking, made->handle, run_baton_thread, made, &made->self,
                  "spawned-baton") != SPAWNED_OK) {
        destroy(home.memory, made);
        return nullptr;
    }
    lock_guard guard(sim.lock);
    made->next = sim.all_threads;
    sim.all_threads = made;
    return made;
}

// Whether the baton goes back to a driver whose loop stands: the caller gives it up then.
bool return_to_driver(simulation& sim) {
    lock_guard guard(sim.lock);
    if (!sim.driver_waits_for_baton) return false;
    sim.driver_waits_for_baton = false;
    sim.driver_has_baton.store_seq_cst(1);
    sim.driver->park.unpark();
    return true;
}

// Time has to pass for anything to happen: to the next timer or the earliest deadline of a wait.
// False: nothing will ever happen.
bool advance_to_next(core& home, uint64_t limit) {
    simulation& sim = *home.sim;
    uint64_t next = next_due(home);
    {
        lock_guard guard(sim.lock);
        for (baton_wait* one = sim.waits; one != nullptr; one = one->next)
            if (one->deadline < next) next = one->deadline;
    }
    if (limit < next) next = limit;
    if (next == UINT64_MAX) return false;
    if (next > now(home)) home.virtual_now.store_release(next);
    return true;
}

// Everybody who waits, waits in vain: one of them is told.
baton_wait* stall(core& home) {
    simulation& sim = *home.sim;
    lock_guard guard(sim.lock);
    baton_wait* one = sim.waits;
    if (one == nullptr) return nullptr;
    one->result = waited::stalled;
    one->resumed = true;
    unlink(sim, *one);
    return one;
}

bool run_one(core& home, thread& self, bool* gave_baton) {
    (void)fire_due(self, home);
    const choice next = choose_next(home);
    if (next.nothing()) return false;
    if (next.run != nullptr) {
        activate(self, *next.run, sim_budget(home));
        return true;
    }
    *gave_baton = true;
    next.resume->waiting->signalled.store_seq_cst(1);
    pass_to(home, self, *next.resume);
    return true;
}

// The loop on a lent thread: until a waiting callback is resumed, which takes the baton along.
void lent_loop(core& home, baton_thread& me) {
    simulation& sim = *home.sim;
    for (;;) {
        // A callback that was resumed here has ended: the driver's loop goes on, if it stands.
        if (return_to_driver(sim)) break;
        (void)fire_due(*me.self, home);
        choice next = choose_next(home);
        if (next.nothing()) {
            if (advance_to_next(home, UINT64_MAX)) continue;
            next.resume = stall(home);
        }
        if (next.run != nullptr) {
            activate(*me.self, *next.run, sim_budget(home));
            continue;
        }
        lock_guard guard(sim.lock);
        me.has_baton.store_seq_cst(0);
        me.next_idle = sim.idle_threads;
        sim.idle_threads = &me;
        if (next.resume == nullptr) return;
        thread* to = next.resume->waiting;
        to->signalled.store_seq_cst(1);
        to->park.unpark();
        return;
    }
    lock_guard guard(sim.lock);
    me.has_baton.store_seq_cst(0);
    me.next_idle = sim.idle_threads;
    sim.idle_threads = &me;
}

// The calling thread becomes the driver for a scope.
class driving {
public:
    driving(core& home, thread& self) : sim_(*home.sim) {
        sim_.driving.lock();
        lock_guard guard(sim_.lock);
        sim_.driver = &self;
        sim_.driver_mark.store_release(reinterpret_cast<uintptr_t>(&self));
    }
    ~driving() {
        {
            lock_guard guard(sim_.lock);
            sim_.driver = nullptr;
            sim_.driver_mark.store_release(0);
        }
        sim_.driving.unlock();
    }
    driving(const driving&) = delete;
    driving& operator=(const driving&) = delete;

private:
    simulation& sim_;
};

// A thread outside every handler waits: it drives meanwhile.
waited drive_until(core& home, thread& self, bool (*ready)(void*), void* argument, uint64_t deadline) {
    driving scope(home, self);
    for (;;) {
        if (ready(argument)) return waited::ready;
        if (deadline <= now(home)) return waited::timed_out;
        bool gave = false;
        if (run_one(home, self, &gave)) continue;
        if (advance_to_next(home, deadline)) continue;
        baton_wait* one = stall(home);
        if (one == nullptr) return ready(argument) ? waited::ready : waited::stalled;
        one->waiting->signalled.store_seq_cst(1);
        pass_to(home, self, *one);
    }
}

// A callback waits: its stack stays, the baton goes on.
waited wait_in_callback(core& home, thread& self, bool (*ready)(void*), void* argument,
                        uint64_t deadline) {
    simulation& sim = *home.sim;
    if (ready(argument)) return waited::ready;
    baton_wait mine = {&self, ready, argument, deadline, waited::ready, false, nullptr};
    self.signalled.store_seq_cst(0);
    baton_thread* lent = nullptr;
    bool to_driver;
    {
        lock_guard guard(sim.lock);
        to_driver = sim.driver_waits_for_baton;
    }
    if (!to_driver) {
        lent = get_baton_thread(home);
        if (lent == nullptr) return waited::stalled;
    }
    {
        lock_guard guard(sim.lock);
        baton_wait** link = &sim.waits;
        while (*link != nullptr) link = &(*link)->next;
        *link = &mine;
    }
    const uint32_t depth = self.running.depth.load_relaxed();
    if (lent != nullptr) {
        lent->has_baton.store_seq_cst(1);
        lent->self->park.unpark();
    } else {
        (void)return_to_driver(sim);
    }
    while (self.signalled.load_seq_cst() == 0) self.park.park();
    self.running.depth.store_relaxed(depth);
    return mine.result;
}

spawned_status enter_driving(core& home, thread** out_self) {
    thread* self = current_thread(home);
    if (self == nullptr) return SPAWNED_ENOMEM;
    if (self->top != nullptr) return SPAWNED_EDEADLK;
    *out_self = self;
    return SPAWNED_OK;
}

}  // namespace

void sim_schedule(thread& self, actor& a) {
    core& home = *self.home.load_relaxed();
    lock_guard guard(home.sim->lock);
    add_runnable(home, a);
}

actor* sim_take(thread& self, const actor& wanted) {
    core& home = *self.home.load_relaxed();
    simulation& sim = *home.sim;
    lock_guard guard(sim.lock);
    for (uint32_t i = 0; i < sim.runnable_count; ++i)
        if (sim.runnable[i] == &wanted) return take_at(sim, i);
    return nullptr;
}

bool sim_inline(core& home) { return choose(*home.sim, home.sim->delivery_choices, 2) == 0; }

uint32_t sim_budget(core& home) {
    return 1 + static_cast<uint32_t>(choose(*home.sim, home.sim->budget_choices, 8));
}

uint64_t sim_choose(core& home, uint64_t bound) {
    return choose(*home.sim, home.sim->user_choices, bound);
}

waited sim_wait(thread& self, bool (*ready)(void*), void* argument, uint64_t deadline) {
    core& home = *self.home.load_relaxed();
    if (self.top != nullptr) return wait_in_callback(home, self, ready, argument, deadline);
    return drive_until(home, self, ready, argument, deadline);
}

spawned_status sim_step(core& home) {
    thread* self;
    const spawned_status status = enter_driving(home, &self);
    if (status != SPAWNED_OK) return status;
    driving scope(home, *self);
    bool gave = false;
    return run_one(home, *self, &gave) ? SPAWNED_OK : SPAWNED_EAGAIN;
}

spawned_status sim_run(core& home, uint64_t max_turns, uint64_t* out_turns) {
    thread* self;
    const spawned_status status = enter_driving(home, &self);
    if (status != SPAWNED_OK) return status;
    driving scope(home, *self);
    uint64_t turns = 0;
    bool gave = false;
    bool more = true;
    while ((max_turns == 0 || turns < max_turns) && (more = run_one(home, *self, &gave))) ++turns;
    if (out_turns != nullptr) *out_turns = turns;
    return more ? SPAWNED_EAGAIN : SPAWNED_OK;
}

spawned_status sim_advance(core& home, uint64_t duration) {
    thread* self;
    const spawned_status status = enter_driving(home, &self);
    if (status != SPAWNED_OK) return status;
    driving scope(home, *self);
    const uint64_t from = now(home);
    const uint64_t until = from + duration < from ? UINT64_MAX - 1 : from + duration;
    for (;;) {
        bool gave = false;
        while (run_one(home, *self, &gave)) {
        }
        if (now(home) >= until) return SPAWNED_OK;
        (void)advance_to_next(home, until);
    }
}

bool init_simulation(core& home, uint64_t seed) {
    simulation* made = create<simulation>(home.memory, seed);
    if (made == nullptr) return false;
    if (!made->driving.init()) {
        destroy(home.memory, made);
        return false;
    }
    made->digest.store_relaxed(hash_word(seed));
    home.sim = made;
    return true;
}

void deinit_simulation(core& home) {
    simulation* sim = home.sim;
    if (sim == nullptr) return;
    {
        lock_guard guard(sim->lock);
        sim->stop = true;
    }
    while (baton_thread* one = sim->all_threads) {
        sim->all_threads = one->next;
        one->self->park.unpark();
        one->handle.join();
        destroy(home.memory, one);
    }
    if (sim->runnable != nullptr)
        home.memory.put(sim->runnable, sim->runnable_room * sizeof(actor*), alignof(actor*));
    sim->driving.deinit();
    destroy(home.memory, sim);
    home.sim = nullptr;
}

}  // namespace spawned::engine
