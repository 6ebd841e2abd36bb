#include "sched/loop_holder.hpp"

#include "platform/clock.hpp"
#include "sched/host.hpp"

namespace spawned::engine {

namespace {

constexpr uint64_t poll_interval = 100 * SPAWNED_MICROSECOND;

void tell_left_open(const char* kind, void* home) {
    log_event(*static_cast<core*>(home), SPAWNED_LOG_WARNING, nullptr, nullptr, 0,
              "a handle of libuv (%s) was left open on the runtime's loop", kind);
}

}  // namespace

event_loop* loop_of(core& home, spawned_status* why) {
    scheduler& all = *home.sched;
    *why = SPAWNED_OK;
    if (event_loop* there = all.loop.load_acquire()) return there;
    *why = SPAWNED_EUNSUPPORTED;
    if (home.sim != nullptr) return nullptr;
    auto* made = create<event_loop>(home.memory);
    *why = SPAWNED_ENOMEM;
    if (made == nullptr) return nullptr;
    *why = made->init();
    if (*why == SPAWNED_EVERSION)
        log_event(home, SPAWNED_LOG_ERROR, nullptr, nullptr, 0,
                  "libuv 0x%06x at run time does not fit the one this library was built with",
                  libuv_version());
    if (*why != SPAWNED_OK) {
        destroy(home.memory, made);
        return nullptr;
    }
    {
        lock_guard guard(all.loop_lock);
        *why = all.loop_is_closed ? SPAWNED_ESTOPPED : SPAWNED_OK;
        if (*why == SPAWNED_OK && all.loop.load_relaxed() == nullptr) {
            all.loop.store_seq_cst(made);
            return made;
        }
    }
    made->deinit(nullptr, nullptr);  // another thread was faster
    destroy(home.memory, made);
    return *why == SPAWNED_OK ? all.loop.load_acquire() : nullptr;
}

spawned_status run_on_loop(core& home, loop_task& task) {
    scheduler& all = *home.sched;
    spawned_status why;
    event_loop* loop = loop_of(home, &why);
    if (loop == nullptr) return why;
    if (!loop->submit(task)) return SPAWNED_ESTOPPED;
    if (all.hosted) {
        if (host* h = all.lent.load_acquire()) wake_host(*h);
        return SPAWNED_OK;
    }
    // Whoever holds the loop now sees the task at the latest when it lets go.
    if (all.loop_held.load_seq_cst() != 0)
        loop->wake();
    else if (all.idle.should_wake())
        wake_a_worker(home);
    return SPAWNED_OK;
}

event_loop* hold_loop(scheduler& all) {
    event_loop* loop = all.loop.load_acquire();
    if (loop == nullptr) return nullptr;
    uint32_t free = 0;
    return all.loop_held.cas_seq_cst(free, 1) ? loop : nullptr;
}

void let_go_of_loop(core& home, event_loop& loop) {
    scheduler& all = *home.sched;
    for (;;) {
        all.loop_active.store_relaxed(loop.is_active() ? 1 : 0);
        all.loop_polled.store_relaxed(monotonic_now());
        all.loop_held.store_seq_cst(0);
        if (!loop.has_tasks()) return;
        uint32_t free = 0;
        if (!all.loop_held.cas_seq_cst(free, 1)) return;
        loop.poll();
    }
}

void poll_loop(core& home) {
    scheduler& all = *home.sched;
    event_loop* loop = all.loop.load_acquire();
    if (loop == nullptr || all.loop_held.load_relaxed() != 0) return;
    if (!loop->has_tasks() && (all.loop_active.load_relaxed() == 0 ||
                               monotonic_now() < all.loop_polled.load_relaxed() + poll_interval))
        return;
    if (hold_loop(all) == nullptr) return;
    loop->poll();
    let_go_of_loop(home, *loop);
}

bool loop_has_free_tasks(scheduler& all) {
    const event_loop* loop = all.loop.load_acquire();
    return loop != nullptr && loop->has_tasks() && all.loop_held.load_seq_cst() == 0;
}

bool loop_is_neglected(scheduler& all) {
    return loop_has_free_tasks(all) ||
           (all.loop_active.load_relaxed() != 0 && all.loop_held.load_seq_cst() == 0);
}

void close_loop(core& home) {
    scheduler& all = *home.sched;
    {
        lock_guard guard(all.loop_lock);
        all.loop_is_closed = true;
    }
    if (event_loop* loop = all.loop.load_acquire()) loop->deinit(tell_left_open, &home);
}

void free_loop(core& home) { destroy(home.memory, home.sched->loop.load_acquire()); }

}  // namespace spawned::engine
