// Looking at a runtime from outside while it goes on: who is busy with what, and the counters.
#include "actor/process.hpp"
#include "platform/clock.hpp"
#include "platform/parker.hpp"
#include "runtime/runtime.hpp"
#include "sched/scheduler.hpp"

namespace spawned::engine {

namespace {

constexpr uint64_t most_counted = 1u << 20;

// From here on owners wait for the inspection's end before they free a message that they have moved past.
// Those that looked too early had shown before where they have moved to; that is seen after a while that
// is long against the time a store takes to be seen.
class inspection {
public:
    explicit inspection(core& home) : home_(home) {
        (void)home_.inspecting.fetch_add_seq_cst(1);
        if (home_.sim == nullptr) let_stores_be_seen();
        home_.inspect_lock.lock();  // not before: owners go on meanwhile
    }
    ~inspection() {
        home_.inspect_lock.unlock();
        (void)home_.inspecting.fetch_sub_seq_cst(1);
    }
    inspection(const inspection&) = delete;
    inspection& operator=(const inspection&) = delete;

private:
    static void let_stores_be_seen() {
        parker pause;
        pause.init();
        (void)pause.park_until(monotonic_now() + 100 * SPAWNED_MICROSECOND);
        pause.deinit();
    }

    core& home_;
};

struct seen_running {
    spawned_pid pid;
    bool found = false;
    bool blocked = false;
    const char* message_name = nullptr;
    message* front = nullptr;
    uint64_t since = 0;
};

void look_for(thread& one, void* argument) {
    auto& seen = *static_cast<seen_running*>(argument);
    const activity& running = one.running;
    uint32_t depth = running.depth.load_acquire();
    if (depth > activity::most_depth) depth = activity::most_depth;
    for (uint32_t i = 0; i < depth; ++i) {
        const activity::running_actor& one_actor = running.actors[i];
        if (one_actor.pid.load_relaxed() != seen.pid) continue;
        seen.found = true;
        seen.message_name = one_actor.message_name.load_relaxed();
        seen.front = one_actor.front.load_acquire();
        seen.since = running.seen_since.load_relaxed();
        seen.blocked = running.blocked.load_relaxed() != 0 || i + 1 < depth;
        return;
    }
}

uint64_t count_behind(message* front, bool front_counts) {
    uint64_t count = 0;
    for (message* m = front; m != nullptr && count < most_counted;
         m = mailbox<hardware, message>::next(m))
        if (m != front || front_counts) ++count;
    return count;
}

void report_one(core& home, actor& a, spawned_pid pid, spawned_actor_report* report) {
    report->size = sizeof *report;
    report->pid = pid;
    report->name = kind_seen(a)->table.name;
    seen_running seen;
    seen.pid = pid;
    for_each_thread(home, look_for, &seen);
    const bool suspended = a.pause.is_suspended();
    const auxiliary* aux = a.aux.load_acquire();  // there before the actor was ever suspended
    message* front = nullptr;
    if (seen.found) {
        report->state = seen.blocked ? SPAWNED_ACTOR_BLOCKED : SPAWNED_ACTOR_RUNNING;
        report->message_name = seen.message_name;
        report->elapsed = seen.since != 0 ? monotonic_now() - seen.since : 0;
        front = seen.front;
    } else if (suspended) {
        report->state = SPAWNED_ACTOR_AWAITING;
        front = aux->front.load_acquire();
        report->message_name = front != nullptr ? front->type->name : nullptr;
    } else {
        const bool idle = a.queue.head() == mailbox<hardware, message>::idle;
        report->state = idle ? SPAWNED_ACTOR_IDLE : SPAWNED_ACTOR_RUNNABLE;
    }
    report->backlog =
        front != nullptr ? count_behind(front, false) : count_behind(a.queue.peek(), true);
    report->waits_for = aux != nullptr ? id_of_edge(aux->waits_for.load_seq_cst(), home.index) : 0;
}

}  // namespace

void report_busy(core& home, void (*visit)(const spawned_actor_report& report, void* argument),
                 void* argument) {
    const inspection scope(home);
    for (uint32_t slot = 1; slot < home.carved.load_acquire(); ++slot) {
        actor& a = *slot_at(home, slot);
        const spawned_pid pid = a.pid.load_acquire();
        if (!is_possible(pid)) continue;
        spawned_actor_report report = {};
        report_one(home, a, pid, &report);
        visit(report, argument);
    }
}

namespace {

struct totals {
    counters sum;
};

void add_thread(thread& one, void* argument) {
    add_counters(static_cast<totals*>(argument)->sum, one.counts);
}

}  // namespace

void collect_stats(core& home, spawned_runtime_stats* stats) {
    totals all;
    for_each_thread(home, add_thread, &all);
    add_counters(all.sum, home.gone);
    const counters& sum = all.sum;
    stats->actors_started = sum.actors_started.get();
    stats->actors_ended = sum.actors_ended.get();
    stats->messages_sent = sum.sent.get();
    stats->messages_handled = sum.handled.get();
    stats->dead_stopped = sum.dead_stopped.get();
    stats->dead_overflow = sum.dead_overflow.get();
    stats->dead_no_handler = sum.dead_no_handler.get();
    stats->dead_expired = sum.dead_expired.get();
    stats->dead_cancelled = sum.dead_cancelled.get();
    stats->late_replies = sum.late_replies.get();
    stats->refused = sum.refused.get();
    stats->timers_fired = sum.timers_fired.get();
    stats->deadlocks_refused = sum.deadlocks_refused.get();
    stats->slow_handlers = sum.slow_handlers.get();
    stats->stuck_handlers = sum.stuck_handlers.get();
    stats->threads = home.sched != nullptr ? home.sched->threads.load_seq_cst() : 0;
}

}  // namespace spawned::engine
