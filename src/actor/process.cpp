#include "actor/process.hpp"

#include <stdlib.h>
#include <string.h>

#include <new>

#include "actor/block.hpp"
#include "platform/cpu.hpp"
#include "platform/fork.hpp"
#include "platform/signal.hpp"
#include "platform/thread_exit.hpp"

namespace spawned::engine {

namespace {

struct table_entry {
    hardware::atomic<core*> live;
    hardware::atomic<core*> shell;
    hardware::atomic<uint32_t> next_generation;  // 0: never used
    hardware::atomic<uint8_t> forked;
};

// Zero-initialised, so it is in place before any constructor of the host runs.
constinit table_entry table[max_runtime + 1];
constinit spin_lock
    process_lock;  // guards the lists of threads, the free records and the next index
constinit thread* free_records = nullptr;
constinit uint32_t last_index = 0;

// The caller holds the process lock.
void unlink_record(core& home, thread& record) {
    thread** link = &home.threads;
    while (*link != &record) link = &(*link)->next_in_home;
    *link = record.next_in_home;
    add_counters(home.gone, record.counts);
}

// Takes the record from its runtime. While its cache is emptied, without the lock, the runtime is kept
// from ending by `leaving`.
void leave_home(core& home, thread& record) {
    return_slots(home, record);
    drop_failure(record);
    record.cache.flush(home.depot);
    lock_guard guard(process_lock);
    record.home.store_release(nullptr);
    --home.leaving;
}

core* claim_record(thread& record) {
    lock_guard guard(process_lock);
    core* home = record.home.load_acquire();
    if (home == nullptr || record.leaving) return nullptr;
    record.leaving = true;
    unlink_record(*home, record);
    ++home->leaving;
    return home;
}

thread* new_record() {
    {
        lock_guard guard(process_lock);
        thread* found = free_records;
        if (found != nullptr) {
            free_records = found->next_free;
            found->~thread();
            return ::new (static_cast<void*>(found)) thread;
        }
    }
    void* place = aligned_alloc(alignof(thread), sizeof(thread));
    return place == nullptr ? nullptr : ::new (place) thread;
}

// The end of a foreign thread: its records go to whoever comes next.
void on_thread_exit(void* value) {
    for (thread* record = static_cast<thread*>(value); record != nullptr;) {
        thread* next = record->next_here;
        detach_thread(*record);
        while (record->home.load_acquire() != nullptr) thread_yield();  // a destroy empties it
        lock_guard guard(process_lock);
        record->next_free = free_records;
        free_records = record;
        record = next;
    }
    current_record = nullptr;
}

// Only this thread is left, and locks may be held by those that are not.
void on_fork_child() {
    process_lock.unlock();
    thread_exit_forked();
    forget_signals_in_child();
    for (table_entry& entry : table) {
        core* home = entry.shell.load_relaxed();
        if (home == nullptr) continue;
        home->ended.store_relaxed(forked);
        entry.live.store_relaxed(nullptr);
        entry.forked.store_relaxed(1);
    }
    for (thread* record = current_record; record != nullptr; record = record->next_here)
        record->home.store_relaxed(nullptr);
}

thread* find_record(core& home) {
    for (thread* record = current_record; record != nullptr; record = record->next_here) {
        if (record->home.load_relaxed() != &home) continue;
        // To the front: the next call is likely for the same runtime.
        if (record != current_record) {
            thread* before = current_record;
            while (before->next_here != record) before = before->next_here;
            before->next_here = record->next_here;
            record->next_here = current_record;
            current_record = record;
            (void)thread_exit_key_set(record);
        }
        return record;
    }
    return nullptr;
}

}  // namespace

__attribute__((tls_model("initial-exec"))) __thread thread* current_record;

thread* find_or_attach_thread(core& home) {
    thread* record = find_record(home);
    return record != nullptr ? record : attach_thread(home, thread_role::guest);
}

void add_counters(counters& sum, const counters& one) {
    auto* to = reinterpret_cast<single_writer<uint64_t>*>(&sum);
    const auto* from = reinterpret_cast<const single_writer<uint64_t>*>(&one);
    for (size_t i = 0; i < sizeof(counters) / sizeof *from; ++i) to[i].add(from[i].get());
}

uint64_t live_actors(core& home) {
    lock_guard guard(process_lock);
    uint64_t started = home.gone.actors_started.get();
    uint64_t ended = home.gone.actors_ended.get();
    for (const thread* one = home.threads; one != nullptr; one = one->next_in_home) {
        started += one->counts.actors_started.get_seq_cst();
        ended += one->counts.actors_ended.get_seq_cst();
    }
    return started - ended;
}

thread* attach_thread(core& home, thread_role role) {
    if (home.ended.load_acquire() != 0) return nullptr;
    thread* record = nullptr;
    for (thread* one = current_record; one != nullptr && record == nullptr; one = one->next_here)
        if (one->home.load_acquire() == nullptr && one->top == nullptr) record = one;
    const bool reused = record != nullptr;
    if (reused) {
        thread* next = record->next_here;
        record->~thread();
        ::new (static_cast<void*>(record)) thread;
        record->next_here = next;
    } else {
        record = new_record();
        if (record == nullptr) return nullptr;
        record->next_here = current_record;
        if (!thread_exit_key_set(record)) {
            lock_guard guard(process_lock);
            record->next_free = free_records;
            free_records = record;
            return nullptr;
        }
        current_record = record;
    }
    record->role = role;
    record->park.init();
    lock_guard guard(process_lock);
    if (home.closed_to_threads) return nullptr;  // the record stays, for another runtime
    record->next_in_home = home.threads;
    home.threads = record;
    record->home.store_release(&home);
    return record;
}

void detach_thread(thread& self) {
    core* home = claim_record(self);
    if (home != nullptr) leave_home(*home, self);
}

void detach_all_threads(core& home) {
    {
        lock_guard guard(process_lock);
        home.closed_to_threads = true;
    }
    for (;;) {
        thread* record;
        {
            lock_guard guard(process_lock);
            record = home.threads;
            if (record == nullptr && home.leaving == 0) return;
        }
        if (record == nullptr || claim_record(*record) == nullptr)
            thread_yield();
        else
            leave_home(home, *record);
    }
}

void for_each_thread(core& home, void (*visit)(thread& one, void* argument), void* argument) {
    lock_guard guard(process_lock);
    for (thread* one = home.threads; one != nullptr; one = one->next_in_home) visit(*one, argument);
}

spawned_status enter_table(core& home) {
    if (!thread_exit_key_create(on_thread_exit) || !install_fork_handler(on_fork_child))
        return SPAWNED_ESYSTEM;
    lock_guard guard(process_lock);
    for (uint32_t tried = 0; tried < max_runtime; ++tried) {
        last_index = last_index % max_runtime + 1;
        table_entry& entry = table[last_index];
        const uint32_t next = entry.next_generation.load_relaxed();
        if (entry.shell.load_relaxed() != nullptr || next > max_generation / 2) continue;
        home.index = last_index;
        home.first_generation = next == 0 ? 1 : next;
        entry.next_generation.store_relaxed(home.first_generation);
        entry.forked.store_relaxed(0);
        entry.shell.store_release(&home);
        entry.live.store_release(&home);
        return SPAWNED_OK;
    }
    return SPAWNED_ELIMIT;
}

void leave_table(core& home) { table[home.index].live.store_seq_cst(nullptr); }

void release_index(core& home, uint32_t last_generation) {
    table_entry& entry = table[home.index];
    entry.next_generation.store_relaxed(last_generation + 1);
    entry.shell.store_release(nullptr);
}

core* runtime_at(uint64_t id) { return table[runtime_of(id)].live.load_acquire(); }
core* shell_at(uint64_t id) { return table[runtime_of(id)].shell.load_acquire(); }

spawned_status why_absent(uint64_t id) {
    if (!is_possible(id)) return SPAWNED_EINVAL;
    const table_entry& entry = table[runtime_of(id)];
    if (entry.forked.load_acquire() != 0) return SPAWNED_EFORKED;
    if (entry.next_generation.load_relaxed() == 0) return SPAWNED_EINVAL;
    core* home = entry.live.load_acquire();
    if (home == nullptr) return SPAWNED_ESTOPPED;
    actor* slot = slot_at(*home, slot_of(id));
    if (slot == nullptr || generation_of(id) > slot->control.generation()) return SPAWNED_EINVAL;
    return SPAWNED_ESTOPPED;
}

}  // namespace spawned::engine
