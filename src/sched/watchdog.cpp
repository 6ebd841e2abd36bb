// The watchdog: a thread that looks at all others every few milliseconds while any of them runs, and
// sleeps when none does. It ends turns that take long, has timers fired that nobody comes to, wakes a
// worker for what a busy one cannot reach, and names handlers that are slow or stuck while they are.
#include "actor/process.hpp"
#include "platform/clock.hpp"
#include "sched/host.hpp"
#include "sched/loop_holder.hpp"
#include "sched/scheduler.hpp"

namespace spawned::engine {

namespace {

constexpr uint64_t period = 2 * SPAWNED_MILLISECOND;
constexpr uint64_t slow_enough = 10 * SPAWNED_MILLISECOND;  // not to be run on a requester's turn
constexpr uint64_t shortest_slow = SPAWNED_SECOND;  // how long it counts as slow, doubled each time
constexpr uint64_t longest_slow = 64 * SPAWNED_SECOND;
constexpr uint32_t quiet_rounds = 400;  // until it sleeps
constexpr uint32_t most_findings = 16;
constexpr uint64_t late_host_after = SPAWNED_SECOND;
constexpr uint64_t starved_after = SPAWNED_SECOND;

struct finding {
    spawned_pid pid;
    const behavior_class* kind;
    const char* message_name;
    uint64_t elapsed;
    bool stuck;
    char chain[256];
};

struct round {
    core* home;
    uint64_t now;
    uint32_t running = 0;
    bool long_worker = false;
    uint32_t count = 0;
    finding findings[most_findings];
};

void describe_chain(const activity& seen, uint32_t depth, finding& found) {
    size_t length = 0;
    found.chain[0] = 0;
    for (uint32_t i = 0; i + 1 < depth; ++i) {
        const behavior_class* kind = seen.actors[i].kind.load_acquire();
        if (kind == nullptr) continue;
        const char* words[] = {length == 0 ? ", called by " : " <- ", kind->table.name};
        for (const char* word : words)
            for (; *word != 0 && length + 1 < sizeof found.chain; ++word)
                found.chain[length++] = *word;
        found.chain[length] = 0;
    }
}

// A handler whose thread lost the processor for a while looks slow too: what was found is forgotten in time.
void find_slow(round& r, const behavior_class& kind) {
    if (kind.slow.load_relaxed() == 0) {
        const uint64_t span = kind.slow_span * 2;
        kind.slow_span = span == 0 ? shortest_slow : span < longest_slow ? span : longest_slow;
        kind.slow.store_relaxed(1);
        ++r.home->sched->slow_classes;
    } else if (kind.slow_until == 0) {
        return;  // by its own flag
    }
    kind.slow_until = r.now + kind.slow_span;
}

void forget_slow(core& home, uint64_t now_is) {
    uint32_t& slow_classes = home.sched->slow_classes;
    if (slow_classes == 0) return;
    for (behavior_class* kind = home.classes.load_acquire(); kind != nullptr; kind = kind->next) {
        if (kind->slow_until == 0 || kind->slow_until > now_is) continue;
        kind->slow_until = 0;
        kind->slow.store_relaxed(0);
        --slow_classes;
    }
}

void report(round& r, thread& one, uint32_t depth, uint64_t elapsed, bool stuck) {
    const activity& seen = one.running;
    const uint32_t innermost = (depth < activity::most_depth ? depth : activity::most_depth) - 1;
    const behavior_class* kind = seen.actors[innermost].kind.load_acquire();
    if (kind == nullptr || r.count == most_findings) return;
    finding& found = r.findings[r.count++];
    found.pid = seen.actors[innermost].pid.load_relaxed();
    found.kind = kind;
    found.message_name = seen.actors[innermost].message_name.load_relaxed();
    found.elapsed = elapsed;
    found.stuck = stuck;
    describe_chain(seen, innermost + 1, found);
}

void look_at(thread& one, void* argument) {
    round& r = *static_cast<round*>(argument);
    activity& seen = one.running;
    const uint32_t depth = seen.depth.load_relaxed();
    if (depth == 0) {
        seen.seen_since.store_relaxed(0);
        seen.is_long.store_relaxed(0);
        return;
    }
    ++r.running;
    const uint32_t turn = seen.turn.load_relaxed();
    const uint64_t since = seen.seen_since.load_relaxed();
    if (since == 0 || turn != seen.seen_turn) {
        seen.seen_turn = turn;
        seen.seen_since.store_relaxed(r.now);
        seen.is_long.store_relaxed(0);
        seen.warned_slow = seen.warned_stuck = false;
        // A turn of many short handlers ends as well.
        if (one.role == thread_role::worker) one.preempt.store_relaxed(1);
        return;
    }
    const uint64_t elapsed = r.now - since;
    const bool blocked = seen.blocked.load_relaxed() != 0;
    if (one.role == thread_role::worker && !blocked) {
        seen.is_long.store_relaxed(1);
        one.preempt.store_relaxed(1);
        r.long_worker = true;
        if (elapsed >= slow_enough) {
            const uint32_t innermost =
                depth < activity::most_depth ? depth - 1 : activity::most_depth - 1;
            if (const behavior_class* kind = seen.actors[innermost].kind.load_acquire())
                find_slow(r, *kind);
        }
        if (elapsed >= r.home->slow_handler && !seen.warned_slow) {
            seen.warned_slow = true;
            report(r, one, depth, elapsed, false);
        }
    }
    if (elapsed >= r.home->stuck_handler && !seen.warned_stuck) {
        seen.warned_stuck = true;
        report(r, one, depth, elapsed, true);
    }
}

void tell(core& home, const round& r) {
    for (uint32_t i = 0; i < r.count; ++i) {
        const finding& found = r.findings[i];
        counters& mine = home.sched->watchdog_self->counts;
        (found.stuck ? mine.stuck_handlers : mine.slow_handlers).add(1);
        log_about(home, SPAWNED_LOG_WARNING, found.pid, found.kind->table.name, found.message_name,
                  found.elapsed, "handler of %s for %s is %s: running for %llu ms%s",
                  found.kind->table.name, found.message_name != nullptr ? found.message_name : "?",
                  found.stuck ? "stuck" : "slow",
                  static_cast<unsigned long long>(found.elapsed / SPAWNED_MILLISECOND),
                  found.chain);
    }
}

// A worker with a long turn comes to the loop soon, and a parked one at once.
void look_at_loop(core& home) {
    scheduler& all = *home.sched;
    if (!loop_is_neglected(all)) return;
    for (uint32_t i = 0; i < all.worker_total.load_acquire(); ++i)
        if (worker* w = all.workers[i].load_acquire()) w->look_soon.store_relaxed(1);
    if (all.idle.parked_count() > 0) wake_a_worker(home);
}

// The program has let its actors wait for long. True: it is not yet certain that it does.
bool look_at_host(core& home, uint64_t now_is) {
    host* h = home.sched->lent.load_acquire();
    if (h == nullptr) return false;
    const uint64_t since = h->rung_since.load_relaxed();
    if (since == 0 || since == h->told_of) return false;
    if (now_is <= since + late_host_after) return true;
    h->told_of = since;
    log_about(home, SPAWNED_LOG_WARNING, 0, nullptr, nullptr, now_is - since,
              "the host does not run: its actors have waited for a second");
    return false;
}

void look_at_blocking(core& home, uint64_t now_is) {
    blocking_pool& pool = home.sched->blocking;
    uint32_t waiting = 0;
    bool grow = false;
    {
        lock_guard guard(pool.lock);
        waiting = things_waiting(pool);
        // A thread could not be started when it was wanted: perhaps now.
        grow = waiting > pool.coming && pool.idle == nullptr && pool.threads < pool.most;
        if (!grow) {
            if (pool.waiting_since == 0 || pool.starved ||
                now_is < pool.waiting_since + starved_after)
                return;
            pool.starved = true;
        }
    }
    if (grow) {
        grow_blocking(home);
        return;
    }
    log_about(home, SPAWNED_LOG_WARNING, 0, nullptr, nullptr, 0,
              "blocking pool starved: all its threads are busy and %u actors or works wait",
              waiting);
}

}  // namespace

void look_after(core& home) {
    scheduler& all = *home.sched;
    round r = {};
    r.home = &home;
    r.now = monotonic_now();
    home.coarse_now.store_relaxed(r.now);
    for_each_thread(home, look_at, &r);
    forget_slow(home, r.now);
    tell(home, r);
    look_at_blocking(home, r.now);
    look_at_loop(home);
    if (next_due(home) + period < r.now) (void)fire_due(*all.watchdog_self, home);
    if (r.long_worker && all.idle.parked_count() > 0) wake_a_worker(home);
    const bool waits_for_host = look_at_host(home, r.now);
    all.quiet = r.running == 0 && !waits_for_host ? all.quiet + 1 : 0;
}

void run_watchdog(void* argument) {
    core& home = *static_cast<core*>(argument);
    scheduler& all = *home.sched;
    thread& self = *all.watchdog_self;
    while (all.stop.load_acquire() == 0) {
        look_after(home);
        if (all.quiet < quiet_rounds) {
            (void)self.park.park_until(monotonic_now() + period);
            continue;
        }
        home.coarse_now.store_seq_cst(0);
        all.watchdog_asleep.store_seq_cst(1);
        while (all.watchdog_asleep.load_seq_cst() != 0 && all.stop.load_seq_cst() == 0)
            self.park.park();
        all.quiet = 0;
    }
}

}  // namespace spawned::engine
