#include "runtime/runtime.hpp"

#include <string.h>

#include "actor/activation.hpp"
#include "actor/block.hpp"
#include "actor/lifecycle.hpp"
#include "actor/process.hpp"
#include "event/events.hpp"
#include "registry/group.hpp"
#include "registry/name.hpp"
#include "registry/registry.hpp"
#include "sched/host.hpp"
#include "sched/scheduler.hpp"
#include "sched/simulation.hpp"
#include "supervise/spec.hpp"
#include "timer/timers.hpp"

namespace spawned::engine {

namespace {

constexpr uint64_t default_deadline = 10 * SPAWNED_SECOND;

void drop_text(void* home, text* words) { free_text(*static_cast<core*>(home), words); }

void free_slots(core& home) {
    for (uint32_t i = 0; i < slot_chunks; ++i)
        if (actor* chunk = home.chunks[i].load_relaxed())
            home.memory.put(chunk, sizeof(actor) * slots_per_chunk, alignof(actor));
}

uint32_t last_generation(core& home) {
    uint32_t last = home.first_generation;
    for (uint32_t slot = 1; slot < home.carved.load_relaxed(); ++slot) {
        const uint32_t one = slot_at(home, slot)->control.generation();
        if (one > last) last = one;
    }
    return last;
}

// All or none.
bool make_locks(core& home) {
    mutex* const locks[] = {&home.join_lock, &home.room_lock, &home.inspect_lock,
                            &home.shutdown_lock, &home.link_lock};
    constexpr size_t all = sizeof locks / sizeof *locks;
    size_t made = 0;
    while (made < all && locks[made]->init()) ++made;
    if (made == all && home.exits.init(&home.memory)) return true;
    while (made > 0) locks[--made]->deinit();
    return false;
}

// Everything but the blocks: what may still be out there is messages and responses.
void take_apart(core& home) {
    const uint32_t last = last_generation(home);
    home.last_generation = last;
    if (home.names != nullptr) {
        home.names->deinit();
        destroy(home.memory, home.names);
        home.names = nullptr;
    }
    deinit_groups(home);
    home.exits.deinit(drop_text, &home);
    detach_all_threads(home);
    free_scheduler(home);
    deinit_simulation(home);
    deinit_timers(home);
    deinit_events(home);
    free_classes(home);
    deinit_supervision(home);
    free_descriptions(home);
    home.auxiliaries.deinit(home.memory);
    home.replies.deinit(home.memory);
    home.watches.deinit(home.memory);
    home.watched.deinit(home.memory);
    free_slots(home);
}

void finalize(core& home) {
    home.depot.deinit();
    home.link_lock.deinit();
    home.shutdown_lock.deinit();
    home.inspect_lock.deinit();
    home.room_lock.deinit();
    home.join_lock.deinit();
    const allocator memory = home.memory;
    release_index(home, home.last_generation);
    destroy(memory, &home);
    if (memory.destroy != nullptr) memory.destroy(memory.user_data);
}

bool nobody_is_left(void* home) { return is_deserted(*static_cast<core*>(home)); }

void stop_everybody(core& home) {
    for (uint32_t slot = 1; slot < home.carved.load_acquire(); ++slot) {
        actor& one = *slot_at(home, slot);
        const spawned_pid pid = one.pid.load_acquire();
        if (is_possible(pid) && (one.control.bits() & control_supervised) == 0)
            (void)signal_actor(home, pid, control_stop | control_shutdown);
    }
}

// Once nobody lives: what can still be armed, asked or run ends.
void finish_shutdown(thread& self, core& home) {
    lock_guard guard(home.shutdown_lock);
    if (home.shut.load_relaxed() != 0) return;
    clear_timers(home);
    drop_replies(home);
    close_signals(home);
    home.closer.store_relaxed(&self);
    stop_scheduler(home);
    home.shut.store_release(1);
    if (host* lent = home.sched->lent.load_acquire()) poke_host(*lent);
}

struct busy_list {
    static constexpr uint32_t most = 32;
    uint32_t count = 0;
    uint32_t left_out = 0;
    spawned_actor_report reports[most];
};

void collect_busy(const spawned_actor_report& report, void* argument) {
    auto& list = *static_cast<busy_list*>(argument);
    if (list.count < busy_list::most)
        list.reports[list.count++] = report;
    else
        ++list.left_out;
}

void log_busy(core& home) {
    static const char* const states[] = {"idle", "runnable", "running", "awaiting", "blocked"};
    busy_list list;
    report_busy(home, collect_busy, &list);
    for (uint32_t i = 0; i < list.count; ++i) {
        const spawned_actor_report& one = list.reports[i];
        log_about(home, SPAWNED_LOG_ERROR, one.pid, one.name, one.message_name, one.elapsed,
                  "still busy at shutdown: %s is %s, %llu waiting", one.name, states[one.state],
                  static_cast<unsigned long long>(one.backlog));
    }
    if (const uint64_t works = home.works.load_seq_cst(); works != 0)
        log_about(home, SPAWNED_LOG_ERROR, 0, nullptr, nullptr, 0,
                  "still busy at shutdown: blocking work, %llu of it",
                  static_cast<unsigned long long>(works));
    if (list.left_out != 0)
        log_about(home, SPAWNED_LOG_ERROR, 0, nullptr, nullptr, 0,
                  "still busy at shutdown: %u more", list.left_out);
}

waited wait_for_all(thread& self, core& home, uint64_t deadline) {
    joiner mine = {};
    mine.waiting = &self;
    {
        lock_guard guard(home.join_lock);
        mine.next = home.joiners;
        home.joiners = &mine;
    }
    const waited result = wait_until(self, nobody_is_left, &home, deadline);
    lock_guard guard(home.join_lock);
    joiner** link = &home.joiners;
    while (*link != &mine) link = &(*link)->next;
    *link = mine.next;
    return result;
}

}  // namespace

spawned_status create_runtime(const runtime_settings& settings, core** out_home) {
    core* home = create<core>(settings.memory);
    if (home == nullptr) return SPAWNED_ENOMEM;
    home->memory = settings.memory;
    home->max_actors = settings.max_actors;
    home->max_payload = settings.max_payload;
    home->only_threads = settings.only_threads;
    home->log = settings.log;
    home->slow_handler = settings.slow_handler;
    home->stuck_handler = settings.stuck_handler;
    home->depot.init(&home->memory);
    spawned_status status = make_locks(*home) ? enter_table(*home) : SPAWNED_ESYSTEM;
    if (status != SPAWNED_OK) {
        const allocator memory = home->memory;
        destroy(memory, home);
        return status;
    }
    home->names = create<registry>(home->memory);
    if (home->names == nullptr) {
        status = SPAWNED_ENOMEM;
    } else if (!home->names->init(&home->memory)) {
        destroy(home->memory, home->names);
        home->names = nullptr;
        status = SPAWNED_ESYSTEM;
    }
    if (status == SPAWNED_OK) status = init_groups(*home);
    if (status == SPAWNED_OK && settings.deterministic && !init_simulation(*home, settings.seed))
        status = SPAWNED_ENOMEM;
    if (status == SPAWNED_OK &&
        !init_timers(*home, settings.deterministic ? 1 : timers::most_shards,
                     settings.deterministic))
        status = SPAWNED_ENOMEM;
    if (status == SPAWNED_OK && !init_events(*home)) status = SPAWNED_ENOMEM;
    if (status == SPAWNED_OK)
        status = start_scheduler(*home, settings.workers, settings.blocking_threads,
                                 settings.blocking_idle);
    if (status == SPAWNED_OK) {
        *out_home = home;
        return SPAWNED_OK;
    }
    leave_table(*home);
    stop_scheduler(*home);
    home->memory.destroy = nullptr;  // the allocator was not taken
    take_apart(*home);
    home->ended.store_seq_cst(destroyed);
    finalize(*home);
    return status;
}

spawned_status shut_down(core& home, uint64_t timeout) {
    thread* self = current_thread(home);
    if (self == nullptr) return home.ended.load_acquire() != 0 ? SPAWNED_EFORKED : SPAWNED_ENOMEM;
    if (home.shut.load_acquire() != 0) return SPAWNED_OK;
    // Without threads of ours the host's one does all of it.
    if (home.sched->hosted && is_elsewhere(*self, home)) return SPAWNED_ECONTEXT;
    home.stopping.store_seq_cst(1);
    stop_everybody(home);
    cancel_all_tokens(home);
    // In a handler, an init, a work or a callback of the loop, this very thread's end would be waited for.
    if (self->top != nullptr || self->in_init || self->in_work || self->pool_worker != nullptr ||
        is_inside_host(*self) || home.closer.load_relaxed() == self)
        return SPAWNED_EDEADLK;
    const uint64_t from = now(home);
    const uint64_t deadline =
        timeout == SPAWNED_FOREVER || from + timeout < from ? UINT64_MAX : from + timeout;
    if (wait_for_all(*self, home, deadline) != waited::ready) {
        if (home.log.level >= SPAWNED_LOG_ERROR) log_busy(home);
        return SPAWNED_ETIMEDOUT;
    }
    finish_shutdown(*self, home);
    return SPAWNED_OK;
}

spawned_status destroy_runtime(core* home) {
    if (home == nullptr || home->ended.load_acquire() != 0) return SPAWNED_OK;
    thread* self = current_thread(*home);
    if (self != nullptr && is_elsewhere(*self, *home)) return SPAWNED_ECONTEXT;
    const spawned_status status = shut_down(*home, default_deadline);
    if (status != SPAWNED_OK) return status;
    close_host(*home);
    leave_table(*home);
    take_apart(*home);
    const uint64_t out = outstanding(home->depot);
    home->shell_parts.store_seq_cst(static_cast<uint32_t>(out) + 1);
    home->ended.store_seq_cst(destroyed);
    shell_block_returned(*home);
    return SPAWNED_OK;
}

void shell_block_returned(core& home) {
    if (home.shell_parts.fetch_sub_seq_cst(1) == 1) finalize(home);
}

void remove_names(core& home, spawned_pid pid) { home.names->remove_owned_by(pid); }

spawned_status add_name(core& home, const char* name, size_t length, spawned_pid pid) {
    actor* a = actor_of(home, pid);
    if (a == nullptr) return why_absent(pid);
    return home.names->add_pid(name, length, pid, [a, pid] { return mark_named(*a, pid); });
}

spawned_status check_free_name(core& home, const char* name, size_t length) {
    if (check_name(name, &length) != SPAWNED_OK) return SPAWNED_EINVAL;
    if (is_reserved_name(name, length)) return SPAWNED_EPERM;
    spawned_pid holder;
    return home.names->find_pid(name, length, &holder) == SPAWNED_OK ? SPAWNED_EEXIST : SPAWNED_OK;
}

bool mark_named(actor& a, spawned_pid pid) {
    uint32_t before;
    return a.control.raise(generation_of(pid), control_named, &before) &&
           (before & control_closing) == 0 && a.pid.load_seq_cst() == pid;
}

}  // namespace spawned::engine
