// The timers that the engine arms for itself: deadlines of awaits, drains and bells, sleeps, and its own messages.
#include "actor/reply.hpp"
#include "timer/timers.hpp"

namespace spawned::engine {

bool prepare_wake(core& home, auxiliary& aux) {
    if (aux.wake_timer != 0) return true;
    timer_entry* e = get_entry(home, timer_use::wake);
    if (e == nullptr) return false;
    aux.wake_timer = e->index;
    return true;
}

void arm_wake(core& home, actor& a, uint64_t deadline) {
    timers& all = *home.clockwork;
    auxiliary& aux = *a.aux.load_acquire();
    timer_entry& e = *all.slots.lookup(aux.wake_timer);
    timer_shard& shard = shard_of(all, slot_number(a));
    bool earlier;
    {
        lock_guard guard(shard.lock);
        if (aux.wake_at != 0 && aux.wake_at <= deadline) return;
        if (aux.wake_at != 0) shard.entries.remove(&e);
        aux.wake_at = deadline;
        e.whom = &a;
        e.deadline = deadline;
        earlier = insert_entry(all, shard, e);
    }
    if (earlier) timer_armed(home, shard.next.load_seq_cst());
}

namespace {

// A timer of the engine's own that belongs to no actor. False: the shutdown has cleared all timers.
bool arm_own(core& home, timer_entry& e, uint32_t spread, uint64_t deadline) {
    timers& all = *home.clockwork;
    timer_shard& shard = shard_of(all, spread);
    bool earlier = false, armed = false;
    {
        lock_guard guard(shard.lock);
        e.deadline = deadline;
        e.claim.arm();
        if (!shard.closed) {
            earlier = insert_entry(all, shard, e);
            armed = true;
        }
    }
    if (!armed) put_entry(home, e);
    if (earlier) timer_armed(home, shard.next.load_seq_cst());
    return armed;
}

}  // namespace

bool arm_drain(core& home, spawned_pid pid, uint64_t deadline) {
    timer_entry* e = get_entry(home, timer_use::drain);
    if (e == nullptr) return false;
    e->target = pid;
    (void)arm_own(home, *e, slot_of(pid), deadline);  // else there is nobody to be overdue
    return true;
}

bool arm_bell(core& home, bell& one, uint64_t deadline) {
    timer_entry* e = get_entry(home, timer_use::bell);
    if (e == nullptr) return false;
    e->ring = &one;
    one.timer = handle_of(home, *e);
    if (!arm_own(home, *e, e->index, deadline)) {
        one.timer = 0;  // the shutdown ends what it was for
        release_bell(home, one);
    }
    return true;
}

bool arm_sleep(core& home, message& promise, uint64_t delay) {
    timer_entry* e = get_entry(home, timer_use::sleep);
    if (e == nullptr) return false;
    e->what = &promise;
    return arm_own(home, *e, e->index, later(now(home), delay));
}

spawned_status send_own_later(core& home, message& m, uint64_t delay, uint64_t* out_timer) {
    return send_later(home, m, delay, 0, timer_owner::engine, out_timer);
}

spawned_status cancel_own_timer(core& home, uint64_t timer) {
    return cancel_timer(home, timer, timer_owner::engine);
}

bool cancel_bell_timer(core& home, uint64_t timer) {
    if (home.clockwork == nullptr) return false;  // the response has outlived its runtime
    timers& all = *home.clockwork;
    timer_entry* e = all.slots.lookup(slot_of(timer));
    timer_shard& shard = all.shards[e->shard.load_relaxed() % all.shard_count];
    {
        lock_guard guard(shard.lock);
        if (e->generation.load_relaxed() != generation_of(timer) ||
            e->claim.withdraw() != withdrawal::mine)
            return false;
        next_generation(*e);
        shard.entries.remove(e);
    }
    put_entry(home, *e);
    return true;
}

}  // namespace spawned::engine
