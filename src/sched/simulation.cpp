#include "sched/simulation.hpp"

#include <string.h>

#include "actor/activation.hpp"
#include "base/hash.hpp"
#include "sched/scheduler.hpp"
#include "sched/start_handshake.hpp"

namespace spawned::engine {

namespace {

void note(simulation& sim, uint64_t what) {
    sim.digest.store_relaxed(hash_word(sim.digest.load_relaxed() * 31 + what));
}

uint64_t choose(simulation& sim, random_generator& from, uint64_t bound) {
    uint64_t choice = 0;
    if (bound > 1 && sim.script_left != 0) {
        --sim.script_left;
        choice = *sim.script++ % bound;
    } else if (bound > 1) {
        choice = from.below(bound);
    }
    note(sim, choice);
    return choice;
}

// The caller holds the lock.
void add_runnable(core& home, actor& a) {
    simulation& sim = *home.sim;
    if (sim.runnable_count == sim.runnable_room) {
        const uint32_t room = sim.runnable_room == 0 ? 64 : sim.runnable_room * 2;
        auto** grown =
            static_cast<actor**>(home.memory.get(room * sizeof(actor*), alignof(actor*)));
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
    blocking_task* task = nullptr;
    bool nothing() const { return run == nullptr && resume == nullptr && task == nullptr; }
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

blocking_task* take_task(simulation& sim, uint32_t place) {
    blocking_task** link = &sim.tasks;
    while (place-- != 0) link = &(*link)->next;
    blocking_task* one = *link;
    *link = one->next;
    return one;
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
    uint32_t tasks = 0;
    for (const blocking_task* one = sim.tasks; one != nullptr; one = one->next) ++tasks;
    const uint32_t total = sim.runnable_count + due + tasks;
    if (total == 0) {
        next.run = sim.overflow;
        if (next.run != nullptr) sim.overflow = next.run->run_link;
        return next;
    }
    auto picked = static_cast<uint32_t>(choose(sim, sim.schedule_choices, total));
    if (picked < sim.runnable_count) {
        next.run = take_at(sim, picked);
        note(sim,
             slot_of(next.run->pid.load_relaxed()));  // generations go on from runtime to runtime
        return next;
    }
    picked -= sim.runnable_count;
    if (picked >= due) {
        next.task = take_task(sim, picked - due);
        return next;
    }
    for (baton_wait* one = sim.waits; one != nullptr; one = one->next) {
        if (one->resumed || !is_due(home, *one) || picked-- != 0) continue;
        one->resumed = true;
        unlink(sim, *one);
        next.resume = one;
        break;
    }
    return next;
}

void run_missions(core& home, runner& me);

void run_runner(void* argument) {
    auto& me = *static_cast<runner*>(argument);
    simulation& sim = *me.home->sim;
    for (;;) {
        while (me.has_baton.load_seq_cst() == 0) {
            {
                lock_guard guard(sim.lock);
                if (sim.stop) return;
            }
            me.self->park.park();
        }
        run_missions(*me.home, me);
    }
}

void give_baton(runner& to) {
    to.has_baton.store_seq_cst(1);
    to.self->park.unpark();
}

// A runner without the baton; null when none can be had, and why.
runner* get_runner(core& home, spawned_status* why) {
    simulation& sim = *home.sim;
    {
        lock_guard guard(sim.lock);
        runner* idle = sim.idle_runners;
        if (idle != nullptr) {
            sim.idle_runners = idle->next_idle;
            return idle;
        }
    }
    auto* made = create<runner>(home.memory);
    *why = SPAWNED_ENOMEM;
    if (made == nullptr) return nullptr;
    made->home = &home;
    start_handshake start;
    *why = start.run(home, thread_role::blocking, made->handle, run_runner, made, &made->self,
                     "spawned-runner");
    if (*why != SPAWNED_OK) {
        destroy(home.memory, made);
        return nullptr;
    }
    lock_guard guard(sim.lock);
    made->next = sim.runners;
    sim.runners = made;
    return made;
}

// The runner sleeps from here on; whoever it wakes afterwards has the baton.
void lay_down(simulation& sim, runner& me) {
    lock_guard guard(sim.lock);
    me.has_baton.store_seq_cst(0);
    me.next_idle = sim.idle_runners;
    sim.idle_runners = &me;
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

enum class turn : uint8_t { done, nothing, handed_over };

// One turn of an actor, or the resumption of a callback, which takes the baton along.
turn take_turn(core& home, runner& me) {
    (void)fire_due(*me.self, home);
    const choice next = choose_next(home);
    if (next.nothing()) return turn::nothing;
    if (next.run != nullptr) {
        activate(*me.self, *next.run, sim_budget(home));
        return turn::done;
    }
    if (next.task != nullptr) {
        next.task->run(*me.self, home, *next.task);
        return turn::done;
    }
    thread* resumed = next.resume->waiting;
    lay_down(*home.sim, me);
    resumed->signalled.store_seq_cst(1);
    resumed->park.unpark();
    return turn::handed_over;
}

// Whether the mission is over, and how. `idle`: nobody is runnable at this time.
bool is_over(core& home, mission& m, bool idle) {
    if (m.ready != nullptr) {
        if (m.ready(m.argument))
            m.result = waited::ready;
        else if (m.until <= now(home))
            m.result = waited::timed_out;
        else if (idle && !advance_to_next(home, m.until))
            m.result = waited::stalled;
        else
            return false;
        return true;
    }
    if (m.max_turns != 0 && m.turns >= m.max_turns && !idle) {
        m.result = waited::timed_out;
        return true;
    }
    if (!idle) return false;
    m.result = waited::ready;
    if (m.until <= now(home)) return true;
    (void)advance_to_next(home, m.until);
    return false;
}

// The baton's holder works on the driver's mission until it is over, or until a callback is resumed.
void run_missions(core& home, runner& me) {
    simulation& sim = *home.sim;
    bool idle = false;
    for (;;) {
        mission& m = *sim.wanted;
        if (is_over(home, m, idle)) {
            thread* driver = m.driver;
            lay_down(sim, me);
            m.over.store_seq_cst(1);
            driver->park.unpark();
            return;
        }
        const turn taken = take_turn(home, me);
        if (taken == turn::handed_over) return;
        idle = taken == turn::nothing;
        // A callback that blocked in this turn may have outlived the mission it began in.
        if (!idle) ++sim.wanted->turns;
    }
}

spawned_status drive(core& home, thread& self, mission& m) {
    simulation& sim = *home.sim;
    lock_guard guard(sim.driving);
    if (sim.stop) return SPAWNED_ESTOPPED;
    spawned_status why;
    runner* first = get_runner(home, &why);
    if (first == nullptr) return why;
    m.driver = &self;
    sim.wanted = &m;
    give_baton(*first);
    while (m.over.load_seq_cst() == 0) self.park.park();
    return SPAWNED_OK;
}

waited failed_wait(spawned_status why) {
    return why == SPAWNED_ENOMEM    ? waited::no_memory
           : why == SPAWNED_ESYSTEM ? waited::no_thread
                                    : waited::stalled;
}

// A callback waits: its stack stays, the baton goes on.
waited wait_in_callback(core& home, thread& self, bool (*ready)(void*), void* argument,
                        uint64_t deadline) {
    simulation& sim = *home.sim;
    if (ready(argument)) return waited::ready;
    spawned_status why;
    runner* next = get_runner(home, &why);
    if (next == nullptr) return failed_wait(why);
    baton_wait mine = {&self, ready, argument, deadline, waited::ready, false, nullptr};
    self.signalled.store_seq_cst(0);
    {
        lock_guard guard(sim.lock);
        baton_wait** link = &sim.waits;
        while (*link != nullptr) link = &(*link)->next;
        *link = &mine;
    }
    self.running.blocked.store_relaxed(1);
    give_baton(*next);
    while (self.signalled.load_seq_cst() == 0) self.park.park();
    self.running.blocked.store_relaxed(0);
    return mine.result;
}

spawned_status drive_checked(core& home, mission& m) {
    thread* self = current_thread(home);
    if (self == nullptr) return SPAWNED_ENOMEM;
    if (self->top != nullptr || self->in_work) return SPAWNED_EDEADLK;
    return drive(home, *self, m);
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

void sim_run_task(core& home, blocking_task& one) {
    simulation& sim = *home.sim;
    lock_guard guard(sim.lock);
    blocking_task** link = &sim.tasks;
    while (*link != nullptr) link = &(*link)->next;
    one.next = nullptr;
    *link = &one;
}

bool sim_inline(core& home) { return choose(*home.sim, home.sim->delivery_choices, 2) == 0; }

uint32_t sim_budget(core& home) {
    return 1 + static_cast<uint32_t>(choose(*home.sim, home.sim->budget_choices, 8));
}

void sim_follow(core& home, const uint8_t* script, size_t length) {
    home.sim->script = script;
    home.sim->script_left = length;
}

uint64_t sim_choose(core& home, uint64_t bound) {
    return choose(*home.sim, home.sim->user_choices, bound);
}

waited sim_wait(thread& self, bool (*ready)(void*), void* argument, uint64_t deadline) {
    core& home = *self.home.load_relaxed();
    if (self.top != nullptr || self.in_work)
        return wait_in_callback(home, self, ready, argument, deadline);
    if (ready(argument)) return waited::ready;
    mission m;
    m.ready = ready;
    m.argument = argument;
    m.until = deadline;
    const spawned_status status = drive(home, self, m);
    return status == SPAWNED_OK ? m.result : failed_wait(status);
}

spawned_status sim_step(core& home) {
    mission m;
    m.max_turns = 1;
    const spawned_status status = drive_checked(home, m);
    if (status != SPAWNED_OK) return status;
    return m.turns != 0 ? SPAWNED_OK : SPAWNED_EAGAIN;
}

spawned_status sim_run(core& home, uint64_t max_turns, uint64_t* out_turns) {
    mission m;
    m.max_turns = max_turns;
    const spawned_status status = drive_checked(home, m);
    if (status != SPAWNED_OK) return status;
    if (out_turns != nullptr) *out_turns = m.turns;
    return m.result == waited::ready ? SPAWNED_OK : SPAWNED_EAGAIN;
}

spawned_status sim_advance(core& home, uint64_t duration) {
    mission m;
    const uint64_t from = now(home);
    m.until = from + duration < from ? UINT64_MAX - 1 : from + duration;
    return drive_checked(home, m);
}

// The first runner is there from the start, so that later only a handler that blocks needs another.
spawned_status start_simulation(core& home) {
    spawned_status why;
    runner* first = get_runner(home, &why);
    if (first == nullptr) return why;
    lay_down(*home.sim, *first);
    return SPAWNED_OK;
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

void stop_simulation(core& home) {
    simulation* sim = home.sim;
    {
        lock_guard guard(sim->lock);
        sim->stop = true;
    }
    while (runner* one = sim->runners) {
        sim->runners = one->next;
        one->self->park.unpark();
        one->handle.join();
        destroy(home.memory, one);
    }
    sim->idle_runners = nullptr;
}

void deinit_simulation(core& home) {
    simulation* sim = home.sim;
    if (sim == nullptr) return;
    stop_simulation(home);
    if (sim->runnable != nullptr)
        home.memory.put(sim->runnable, sim->runnable_room * sizeof(actor*), alignof(actor*));
    sim->driving.deinit();
    destroy(home.memory, sim);
    home.sim = nullptr;
}

}  // namespace spawned::engine
