#include "timer/timers.hpp"

#include <string.h>

#include "actor/activation.hpp"
#include "actor/behavior.hpp"
#include "actor/block.hpp"
#include "actor/lifecycle.hpp"
#include "actor/reply.hpp"
#include "actor/send.hpp"
#include "platform/clock.hpp"

namespace spawned::engine {

timer_shard& shard_of(timers& all, uint32_t slot) {
    return all.shards[(slot * 0x9e3779b1u >> 16) % all.shard_count];
}

uint64_t later(uint64_t from, uint64_t delay) {
    return from + delay < from ? UINT64_MAX - 1 : from + delay;
}

void next_generation(timer_entry& e) {
    e.generation.store_relaxed(e.generation.load_relaxed() % max_generation + 1);
}

timer_entry* get_entry(core& home, timer_use use) {
    uint32_t index;
    timer_entry* e = home.clockwork->slots.acquire(home.memory, &index);
    if (e == nullptr) return nullptr;
    e->index = index;
    next_generation(*e);
    e->use = use;
    e->owner = timer_owner::engine;
    e->period = 0;
    e->missed = 0;
    e->own_tick = nullptr;
    e->tick_waits = false;
    e->target = 0;
    e->next_of_actor = e->previous_of_actor = 0;
    return e;
}

void put_entry(core& home, timer_entry& e) { home.clockwork->slots.release(e.index); }

uint64_t handle_of(core& home, const timer_entry& e) {
    return make_id(home.index, e.generation.load_relaxed(), e.index);
}

bool insert_entry(timers& all, timer_shard& shard, timer_entry& e) {
    e.shard.store_relaxed(static_cast<uint8_t>(&shard - all.shards));
    e.sequence = shard.sequence++;
    shard.entries.insert(&e);
    const uint64_t next = shard.entries.next_deadline(all.exact);
    const bool earlier = next < shard.next.load_relaxed();
    if (earlier) shard.next.store_seq_cst(next);
    return earlier;
}

namespace {

// The caller holds the shard's lock.
void link_to_actor(timers& all, actor& a, timer_entry& e) {
    e.next_of_actor = a.timers;
    e.previous_of_actor = 0;
    if (a.timers != 0) all.slots.lookup(a.timers)->previous_of_actor = e.index;
    a.timers = e.index;
}

void unlink_from_actor(timers& all, actor& a, timer_entry& e) {
    if (e.next_of_actor != 0)
        all.slots.lookup(e.next_of_actor)->previous_of_actor = e.previous_of_actor;
    if (e.previous_of_actor != 0)
        all.slots.lookup(e.previous_of_actor)->next_of_actor = e.next_of_actor;
    else
        a.timers = e.next_of_actor;
}

// An interval's remains: what is copied, and the tick unless it is on its way.
void free_interval(core& home, timer_entry& e, bool tick_waits) {
    destroy_value(*e.what);
    free_message(home, *e.what);
    if (!tick_waits) free_message(home, e.own_tick->header);
    put_entry(home, e);
}

bool takes_timers(const actor& a, spawned_pid pid) {
    return a.pid.load_acquire() == pid && (a.gate.load_acquire() & gate_closed) == 0;
}

// The copy of an interval's message goes out, without a lock while it is made.
void send_tick(thread& self, core& home, timer_shard& shard, timer_entry& e) {
    message& tick_message = e.own_tick->header;
    const spawned_status copied = build_copy(tick_message, *e.what);
    if (copied != SPAWNED_OK) drop_failure(self);
    const spawned_pid target = e.target;
    bool goes_on;
    {
        lock_guard guard(shard.lock);
        goes_on = e.claim.end_tick();
        if (goes_on) {
            (void)insert_entry(*home.clockwork, shard, e);
            if (copied == SPAWNED_OK)
                e.tick_waits = true;
            else
                ++e.missed;
        }
    }
    if (!goes_on) {
        destroy_value(tick_message);
        free_interval(home, e, false);
        return;
    }
    if (copied != SPAWNED_OK) return;
    self.counts.timers_fired.add(1);
    tick_message.flags = message_constructed;
    actor* a = slot_at(home, slot_of(target));
    // Its owner drops it if the actor has ended: the interval has gone with it.
    deliver(self, home, *a, tick_message);
}

void fire_once(thread& self, core& home, timer_entry& e) {
    message& m = *e.what;
    put_entry(home, e);
    self.counts.timers_fired.add(1);
    actor* a = actor_of(home, m.target);
    if (a == nullptr || !takes_timers(*a, m.target)) {
        drop_message(home, m);
        return;
    }
    deliver(self, home, *a, m);
}

void fire(thread& self, core& home, timer_shard& shard, timer_entry& e) {
    switch (e.use) {
        case timer_use::once:
            fire_once(self, home, e);
            return;
        case timer_use::interval:
            send_tick(self, home, shard, e);
            return;
        case timer_use::wake:
            return;
        case timer_use::drain: {
            const spawned_pid pid = e.target;
            put_entry(home, e);
            (void)signal_actor(home, pid, control_overdue);
            return;
        }
        case timer_use::bell: {
            bell& ring = *e.ring;
            put_entry(home, e);
            ring_bell(home, ring);
            return;
        }
        case timer_use::sleep: {
            message& promise = *e.what;
            put_entry(home, e);
            resolve_with(home, promise, SPAWNED_OK, nullptr, holds::a_handle);
            return;
        }
    }
}

// The caller holds the shard's lock: from here on a cancellation comes too late. Returns whether there is
// something to fire; an interval whose last tick still waits only counts.
bool take_due(timers& all, core& home, timer_shard& shard, timer_entry& e, uint64_t now_is) {
    if (e.use != timer_use::interval) {
        e.claim.fire();
        if (e.use == timer_use::once) unlink_from_actor(all, *slot_at(home, slot_of(e.target)), e);
        next_generation(e);
        return true;
    }
    const uint64_t passed = (now_is - e.deadline) / e.period;
    e.missed += passed;
    e.deadline = later(e.deadline, (passed + 1) * e.period);
    if (!e.tick_waits) {
        e.claim.begin_tick();
        return true;
    }
    ++e.missed;
    (void)insert_entry(all, shard, e);
    return false;
}

// What is due: timers in their order, and actors to be scheduled.
struct due_list {
    timer_entry* first = nullptr;
    actor* woken = nullptr;
};

due_list take_all_due(core& home, timer_shard& shard, uint64_t now_is) {
    due_list found;
    wheel_entry** last = nullptr;
    wheel_entry* due = shard.entries.expire(now_is);
    while (due != nullptr) {
        auto& e = *static_cast<timer_entry*>(due);
        due = due->next;
        if (e.use == timer_use::wake) {
            if (auxiliary* aux = e.whom->aux.load_acquire()) aux->wake_at = 0;
            if (!e.whom->pause.wake()) continue;
            e.whom->run_link = found.woken;
            found.woken = e.whom;
        } else if (take_due(*home.clockwork, home, shard, e, now_is)) {
            e.next = nullptr;
            if (last == nullptr)
                found.first = &e;
            else
                *last = &e;
            last = &e.next;
        }
    }
    return found;
}

void fire_shard(thread& self, core& home, timer_shard& shard, uint64_t now_is) {
    due_list due;
    {
        lock_guard guard(shard.lock);
        if (shard.firing) return;
        shard.firing = true;
        due = take_all_due(home, shard, now_is);
    }
    for (wheel_entry* next = due.first; next != nullptr;) {
        auto& e = *static_cast<timer_entry*>(next);
        next = next->next;
        fire(self, home, shard, e);
    }
    while (due.woken != nullptr) {
        actor& a = *due.woken;
        due.woken = a.run_link;
        schedule(self, a);
    }
    lock_guard guard(shard.lock);
    shard.firing = false;
    shard.next.store_seq_cst(shard.entries.next_deadline(home.clockwork->exact));
}

}  // namespace

uint64_t now(core& home) {
    const uint64_t virtual_now = home.virtual_now.load_acquire();
    return virtual_now == 0 ? monotonic_now() : virtual_now;
}

uint64_t next_due(core& home) {
    uint64_t earliest = UINT64_MAX;
    for (uint32_t i = 0; i < home.clockwork->shard_count; ++i) {
        const uint64_t next = home.clockwork->shards[i].next.load_seq_cst();
        if (next < earliest) earliest = next;
    }
    return earliest;
}

uint64_t fire_due(thread& self, core& home) {
    if (next_due(home) == UINT64_MAX) return UINT64_MAX;
    const uint64_t now_is = now(home);
    for (uint32_t i = 0; i < home.clockwork->shard_count; ++i) {
        timer_shard& shard = home.clockwork->shards[i];
        if (shard.next.load_seq_cst() <= now_is) fire_shard(self, home, shard, now_is);
    }
    return next_due(home);
}

spawned_status send_later(core& home, message& m, uint64_t delay, uint64_t period,
                          timer_owner owner, spawned_timer* out_timer) {
    timers& all = *home.clockwork;
    const spawned_pid target = m.target;
    spawned_status status = SPAWNED_OK;
    timer_entry* e = nullptr;
    actor* a = actor_of(home, target);
    // Who ends others first has to wait for them.
    if (home.stopping.load_acquire() != 0 &&
        (a == nullptr || (kind_seen(*a)->table.flags & behavior_ends_itself) == 0))
        status = SPAWNED_ESTOPPING;
    else if (a == nullptr)
        status = why_absent(target);
    else if ((e = get_entry(home, period != 0 ? timer_use::interval : timer_use::once)) ==
                 nullptr ||
             (period != 0 && (e->own_tick = reinterpret_cast<tick*>(
                                  new_tick(home, target, m.type, m.value_size))) == nullptr))
        status = SPAWNED_ENOMEM;
    SPAWNED_ASSERT(status != SPAWNED_OK || e != nullptr);
    if (status == SPAWNED_OK) {
        e->what = &m;
        e->owner = owner;
        e->target = target;
        e->period = period;
        e->deadline = later(now(home), delay);
        const uint64_t handle = handle_of(home, *e);
        if (e->own_tick != nullptr) e->own_tick->timer = handle;
        timer_shard& shard = shard_of(all, slot_of(target));
        bool earlier = false;
        {
            lock_guard guard(shard.lock);
            if (takes_timers(*a, target)) {
                e->claim.arm();
                link_to_actor(all, *a, *e);
                earlier = insert_entry(all, shard, *e);
            } else {
                status = SPAWNED_ESTOPPED;
            }
        }
        if (status == SPAWNED_OK) {
            if (earlier) timer_armed(home, shard.next.load_seq_cst());
            if (out_timer != nullptr) *out_timer = handle;
            return SPAWNED_OK;
        }
    }
    if (e != nullptr) {
        if (e->own_tick != nullptr) free_message(home, e->own_tick->header);
        put_entry(home, *e);
    }
    drop_message(home, m);
    return status;
}

spawned_status cancel_timer(core& home, spawned_timer timer, timer_owner who) {
    timers& all = *home.clockwork;
    timer_entry* e = all.slots.lookup(slot_of(timer));
    if (e == nullptr) return SPAWNED_EINVAL;
    timer_shard& shard = all.shards[e->shard.load_relaxed() % all.shard_count];
    bool tick_waits = false;
    {
        lock_guard guard(shard.lock);
        if (generation_of(timer) > e->generation.load_relaxed()) return SPAWNED_EINVAL;
        if (generation_of(timer) != e->generation.load_relaxed()) return SPAWNED_EALREADY;
        if (e->owner != who) return SPAWNED_EINVAL;
        const withdrawal got = e->claim.withdraw();
        if (got == withdrawal::none) return SPAWNED_EALREADY;
        unlink_from_actor(all, *slot_at(home, slot_of(e->target)), *e);
        next_generation(*e);
        if (got == withdrawal::theirs) return SPAWNED_OK;
        shard.entries.remove(e);
        tick_waits = e->tick_waits;
    }
    if (e->use == timer_use::interval) {
        free_interval(home, *e, tick_waits);
    } else {
        drop_message(home, *e->what);
        put_entry(home, *e);
    }
    return SPAWNED_OK;
}

void remove_timers(thread& self, actor& a) {
    core& home = *self.home.load_relaxed();
    timers& all = *home.clockwork;
    timer_shard& shard = shard_of(all, slot_of(a.pid.load_relaxed()));
    for (;;) {
        timer_entry* e;
        bool mine;
        {
            lock_guard guard(shard.lock);
            if (a.timers == 0) return;
            e = all.slots.lookup(a.timers);
            unlink_from_actor(all, a, *e);
            mine = e->claim.withdraw() == withdrawal::mine;
            next_generation(*e);
            if (mine) shard.entries.remove(e);
        }
        if (!mine) continue;
        if (e->use == timer_use::interval) {
            free_interval(home, *e, e->tick_waits);
        } else {
            drop_message(home, *e->what);
            put_entry(home, *e);
        }
    }
}

bool begin_tick(thread& self, tick& one) {
    core& home = *self.home.load_relaxed();
    timer_entry* e = home.clockwork->slots.lookup(slot_of(one.timer));
    timer_shard& shard =
        home.clockwork->shards[e->shard.load_relaxed() % home.clockwork->shard_count];
    lock_guard guard(shard.lock);
    if (e->generation.load_relaxed() != generation_of(one.timer)) return false;
    one.missed = e->missed;
    e->missed = 0;
    return true;
}

void end_tick(thread& self, tick& one) {
    core& home = *self.home.load_relaxed();
    timer_entry* e = home.clockwork->slots.lookup(slot_of(one.timer));
    timer_shard& shard =
        home.clockwork->shards[e->shard.load_relaxed() % home.clockwork->shard_count];
    {
        lock_guard guard(shard.lock);
        if (e->generation.load_relaxed() == generation_of(one.timer)) {
            e->tick_waits = false;
            return;
        }
    }
    free_message(home, one.header);  // the interval has gone and left it behind
}

bool init_timers(core& home, uint32_t shard_count, bool exact) {
    auto* all = create<timers>(home.memory);
    if (all == nullptr) return false;
    home.clockwork = all;
    all->shard_count = shard_count < timers::most_shards ? shard_count : timers::most_shards;
    all->exact = exact;
    if (exact) home.virtual_now.store_relaxed(SPAWNED_SECOND);
    for (uint32_t i = 0; i < all->shard_count; ++i) {
        all->shards[i].next.store_relaxed(UINT64_MAX);
        all->shards[i].entries.init(now(home));
    }
    return true;
}

void clear_timers(core& home) {
    timers& all = *home.clockwork;
    for (uint32_t i = 0; i < all.shard_count; ++i) {
        timer_shard& shard = all.shards[i];
        wheel_entry* first;
        {
            lock_guard guard(shard.lock);
            shard.closed = true;
            (void)shard.entries.take_all(&first);
            // A response that is released meanwhile takes its bell's timer away no more.
            for (wheel_entry* one = first; one != nullptr; one = one->next)
                if (static_cast<timer_entry*>(one)->use == timer_use::bell)
                    static_cast<timer_entry*>(one)->claim.fire();
        }
        while (first != nullptr) {
            auto& e = *static_cast<timer_entry*>(first);
            first = first->next;
            if (e.use == timer_use::sleep)
                resolve_with(home, *e.what, SPAWNED_ESTOPPED, nullptr, holds::a_handle);
            if (e.use == timer_use::bell) ring_bell(home, *e.ring);
        }
    }
}

void deinit_timers(core& home) {
    if (home.clockwork == nullptr) return;
    home.clockwork->slots.deinit(home.memory);
    destroy(home.memory, home.clockwork);
    home.clockwork = nullptr;
}

}  // namespace spawned::engine
