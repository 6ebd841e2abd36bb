#include "actor/room.hpp"

#include <new>

#include "actor/activation.hpp"
#include "actor/block.hpp"
#include "actor/reply.hpp"

namespace spawned::engine {

namespace {

bool was_called(void* argument) {
    return static_cast<room_waiter*>(argument)->called.load_acquire() != 0;
}

// It lives, and takes messages.
bool takes_messages(const actor& a, spawned_pid pid) {
    return a.pid.load_seq_cst() == pid &&
           (a.gate.load_seq_cst() & (gate_closed | gate_draining)) == 0;
}

void append(core& home, room_waiter& one) {
    room_waiter** link = &home.room_waiters;
    while (*link != nullptr) link = &(*link)->next;
    one.next = nullptr;
    *link = &one;
}

bool unlink(core& home, room_waiter& one) {
    for (room_waiter** link = &home.room_waiters; *link != nullptr; link = &(*link)->next) {
        if (*link != &one) continue;
        *link = one.next;
        return true;
    }
    return false;
}

room_waiter* first_for(core& home, spawned_pid pid) {
    for (room_waiter* one = home.room_waiters; one != nullptr; one = one->next)
        if (one->pid == pid) return one;
    return nullptr;
}

void finish_parked(core& home, message* promise, spawned_status status) {
    if (promise != nullptr) resolve_with(home, *promise, status, nullptr, holds::a_handle);
}

void refuse_parked(thread& self, core& home, room_waiter& one, spawned_status status) {
    message& m = *one.parked;
    destroy_value(m);
    self.counts.refused.add(1);
    if (one.promise != nullptr || !m.has(message_asked))
        free_message(home, m);
    else
        resolve_with(home, m, status, nullptr, holds::nothing_more);
    finish_parked(home, one.promise, status);
    home.memory.put(&one, sizeof one, alignof(room_waiter));
}

// A waiter whose time is over is told so when its turn comes. To give up is the asking side's; one that
// has let go of its response has not given up, and its message goes on alone.
bool has_expired(core& home, const room_waiter& one) {
    if (one.deadline != 0 && one.deadline <= now(home)) return true;
    if (one.promise == nullptr && !one.parked->has(message_asked)) return false;
    message& asked = one.promise != nullptr ? *one.promise : *one.parked;
    return outcome_of(asked) == outcome::given_up &&
           given_up_status(request_of(asked)) != SPAWNED_ESTOPPED;
}

}  // namespace

namespace {

constexpr uint32_t count_bits = 64 - generation_bits;

constexpr uint64_t count_in(uint64_t word) { return word & ((uint64_t{1} << count_bits) - 1); }
constexpr uint32_t tenant_in(uint64_t word) { return static_cast<uint32_t>(word >> count_bits); }

bool is_below_capacity(const auxiliary& aux) {
    return count_in(aux.waiting.load_seq_cst()) < aux.capacity.load_relaxed();
}

}  // namespace

void begin_count(auxiliary& aux, uint32_t generation) {
    aux.waiting.store_seq_cst(static_cast<uint64_t>(generation) << count_bits);
}

// Capacity and policy may be the next tenant's already; the swap fails then.
admission admit(actor& a, message& m) {
    auxiliary& aux = *a.aux.load_acquire();
    uint64_t seen = aux.waiting.load_acquire();
    for (;;) {
        if (tenant_in(seen) != generation_of(m.target)) return admission::gone;
        const uint32_t overflow = aux.overflow.load_relaxed();
        const bool room = count_in(seen) < aux.capacity.load_relaxed();
        if (!room && overflow != SPAWNED_OVERFLOW_DROP_OLDEST)
            return overflow == SPAWNED_OVERFLOW_DROP_NEWEST ? admission::dropped : admission::full;
        if (!aux.waiting.cas_seq_cst(seen, seen + 1)) continue;
        m.set(message_counted);
        return room ? admission::taken : admission::replaces;
    }
}

bool give_back_place(actor& a, message& m) {
    m.unset(message_counted);
    auxiliary& aux = *a.aux.load_acquire();
    uint64_t seen = aux.waiting.load_relaxed();
    while (tenant_in(seen) == generation_of(m.target))
        if (aux.waiting.cas_seq_cst(seen, seen - 1)) return true;
    return false;
}

namespace {

// Takes the oldest message to `pid` that waits out of the queue; null when there is none but the last one,
// which holds the queue. The caller has the lock.
message* unlink_oldest(actor& a, auxiliary& aux, spawned_pid pid) {
    using box = mailbox<hardware, message>;
    message* before = aux.position;
    message* m = before != nullptr ? box::next(before) : a.queue.peek();
    while (m != nullptr &&
           (!m->has(message_counted) || m->has(message_finished) || m->target != pid)) {
        before = m;
        m = box::next(m);
    }
    message* behind = m != nullptr ? box::next(m) : nullptr;
    if (behind == nullptr) return nullptr;
    if (before != nullptr)
        before->next.store_release(behind);
    else
        a.queue.put_back(behind);
    return m;
}

}  // namespace

void drop_oldest(thread& self, core& home, actor& a, spawned_pid pid) {
    auxiliary& aux = *a.aux.load_acquire();
    message* oldest = nullptr;
    {
        lock_guard guard(aux.oldest_lock);
        // The pid may be a former tenant's, and what waits here not for it.
        if (aux.may_drop && a.pid.load_relaxed() == pid) oldest = unlink_oldest(a, aux, pid);
    }
    if (oldest == nullptr) return;
    let_inspection_end(home);
    uncount(self, home, a, *oldest);
    dead_letter(self, home, *oldest, death::overflow);
    let_inspection_end(home);
    dispose(self, home, *oldest);
}

void stop_dropping(actor& a) {
    auxiliary* aux = a.aux.load_acquire();
    if (aux == nullptr || !aux->may_drop) return;
    lock_guard guard(aux->oldest_lock);
    aux->may_drop = false;
    aux->position = nullptr;
}

void give_room(thread& self, core& home, actor& a) {
    const spawned_pid pid = a.pid.load_relaxed();
    for (;;) {
        room_waiter* one;
        bool expired = false;
        {
            lock_guard guard(home.room_lock);
            one = first_for(home, pid);
            if (one == nullptr) {
                a.control.clear(generation_of(pid), control_room);
                return;
            }
            if (one->waiting != nullptr) {  // a thread: it asks for admission again by itself
                one->called.store_release(1);
                (void)unlink(home, *one);
                wake_thread(home, *one->waiting);
                return;
            }
            if (one->call != nullptr) {
                if (!is_below_capacity(*a.aux.load_acquire())) return;
            } else {
                expired = has_expired(home, *one);
                if (!expired && admit(a, *one->parked) != admission::taken) return;
            }
            (void)unlink(home, *one);
        }
        if (one->call != nullptr) {  // it may have no use for the room: the next one is let in
            one->call(*one);
            continue;
        }
        if (expired) {
            refuse_parked(self, home, *one, SPAWNED_ETIMEDOUT);
            continue;
        }
        message* promise = one->promise;
        message& m = *one->parked;
        home.memory.put(one, sizeof *one, alignof(room_waiter));
        deliver(self, home, a, m);
        finish_parked(home, promise, SPAWNED_OK);
    }
}

void refuse_room(thread& self, core& home, spawned_pid pid) {
    for (;;) {
        room_waiter* one;
        {
            lock_guard guard(home.room_lock);
            one = first_for(home, pid);
            if (one == nullptr) return;
            (void)unlink(home, *one);
            if (one->waiting != nullptr) {
                one->called.store_release(1);
                wake_thread(home, *one->waiting);
                continue;
            }
        }
        if (one->call != nullptr)
            one->call(*one);
        else
            refuse_parked(self, home, *one, SPAWNED_ESTOPPED);
    }
}

spawned_status wait_for_room(thread& self, core& home, actor& a, message& m, uint64_t timeout) {
    const uint64_t from = now(home);
    const uint64_t deadline =
        timeout == SPAWNED_FOREVER || from + timeout < from ? UINT64_MAX : from + timeout;
    const spawned_pid pid = m.target;
    for (;;) {
        room_waiter mine = {};
        mine.pid = pid;
        mine.waiting = &self;
        {
            lock_guard guard(home.room_lock);
            append(home, mine);
        }
        const bool alive =
            a.control.raise(generation_of(pid), control_room) && takes_messages(a, pid);
        // Room may have come between the refusal and the registration.
        const admission got = alive ? admit(a, m) : admission::full;
        waited result = waited::ready;
        if (alive && got == admission::full) result = wait_until(self, was_called, &mine, deadline);
        bool called;
        {
            lock_guard guard(home.room_lock);
            called = !unlink(home, mine);
        }
        if (got == admission::taken) {
            if (called) give_room(self, home, a);  // the call was meant for somebody who needs it
            return SPAWNED_OK;
        }
        if (!alive) return SPAWNED_ESTOPPED;
        if (!called && result != waited::ready) return SPAWNED_ETIMEDOUT;
        if (!takes_messages(a, pid)) return SPAWNED_ESTOPPED;
        if (admit(a, m) == admission::taken) return SPAWNED_OK;
    }
}

spawned_status park_for_room(thread& self, core& home, actor& a, message& m, message* promise) {
    void* place = home.memory.get(sizeof(room_waiter), alignof(room_waiter));
    if (place == nullptr) return SPAWNED_ENOMEM;
    auto* one = ::new (place) room_waiter{};
    one->pid = m.target;
    one->parked = &m;
    one->promise = promise;
    if (promise != nullptr || m.has(message_asked))
        one->deadline = request_of(promise != nullptr ? *promise : m).deadline.load_relaxed();
    const spawned_pid pid = m.target;
    {
        lock_guard guard(home.room_lock);
        append(home, *one);
    }
    const bool alive = a.control.raise(generation_of(pid), control_room) &&
                       a.pid.load_seq_cst() == pid && (a.gate.load_seq_cst() & gate_closed) == 0;
    if (!alive)
        refuse_room(self, home, pid);
    else if (is_below_capacity(*a.aux.load_acquire()))
        give_room(self, home, a);  // room came in between
    return SPAWNED_OK;
}

bool call_for_room(core& home, actor& a, room_waiter& one) {
    {
        lock_guard guard(home.room_lock);
        append(home, one);
    }
    const bool alive =
        a.control.raise(generation_of(one.pid), control_room) && takes_messages(a, one.pid);
    return (alive && !is_below_capacity(*a.aux.load_acquire())) || !forget_room(home, one);
}

bool forget_room(core& home, room_waiter& one) {
    lock_guard guard(home.room_lock);
    return unlink(home, one);
}

}  // namespace spawned::engine
