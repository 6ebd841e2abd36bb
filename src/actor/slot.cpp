// Slots of actors: each thread keeps a few free ones, the most recently used first, so that a short-lived
// actor lives where its predecessor is still in the cache.
#include <string.h>

#include <new>

#include "actor/block.hpp"

namespace spawned::engine {

namespace {

constexpr uint32_t batch = 32;

actor* pop_free(thread& self) {
    actor* a = self.free_slots;
    if (a == nullptr) return nullptr;
    self.free_slots = a->run_link;
    --self.free_slot_count;
    return a;
}

void push_free(thread& self, actor* a) {
    a->run_link = self.free_slots;
    self.free_slots = a;
    ++self.free_slot_count;
}

bool take_batch(thread& self, core& home) {
    lock_guard guard(home.slot_lock);
    for (uint32_t i = 0; i < batch && home.free_slots != nullptr; ++i) {
        actor* a = home.free_slots;
        home.free_slots = a->run_link;
        push_free(self, a);
    }
    return self.free_slots != nullptr;
}

// The chunk that the next fresh slot lies in exists afterwards.
spawned_status ensure_chunk(core& home) {
    const uint32_t number = home.carved.load_acquire() / slots_per_chunk;
    if (number >= slot_chunks) return SPAWNED_ELIMIT;
    if (home.chunks[number].load_acquire() != nullptr) return SPAWNED_OK;
    void* made = home.memory.get(sizeof(actor) * slots_per_chunk, alignof(actor));
    if (made == nullptr) return SPAWNED_ENOMEM;
    actor* expected = nullptr;
    if (!home.chunks[number].cas_acq_rel(expected, static_cast<actor*>(made)))
        home.memory.put(made, sizeof(actor) * slots_per_chunk, alignof(actor));
    return SPAWNED_OK;
}

// Only memory that is used is touched: slots are constructed as they are carved.
void carve_batch(thread& self, core& home) {
    lock_guard guard(home.slot_lock);
    const uint32_t from = home.carved.load_relaxed();
    actor* chunk = home.chunks[from / slots_per_chunk].load_relaxed();
    if (chunk == nullptr) return;  // others used the last one up meanwhile
    uint32_t to = from + batch;
    const uint32_t chunk_end = (from / slots_per_chunk + 1) * slots_per_chunk;
    if (to > chunk_end) to = chunk_end;
    for (uint32_t i = from; i < to; ++i) {
        actor* a = ::new (static_cast<void*>(chunk + i % slots_per_chunk)) actor;
        a->pid.store_relaxed(i);
        a->control.begin(home.first_generation - 1);
        if (i != 0) push_free(self, a);  // slot 0 is no slot
    }
    home.carved.store_release(to);
}

}  // namespace

actor* get_slot(thread& self, core& home, spawned_status* why) {
    const bool limited = home.max_actors < max_slot;
    if (limited && home.slots_in_use.fetch_add_relaxed(1) >= home.max_actors) {
        home.slots_in_use.fetch_sub_relaxed(1);
        *why = SPAWNED_ELIMIT;
        return nullptr;
    }
    for (;;) {
        actor* a = pop_free(self);
        if (a != nullptr) [[likely]]
            return a;
        if (take_batch(self, home)) continue;
        *why = ensure_chunk(home);
        if (*why != SPAWNED_OK) break;
        carve_batch(self, home);
    }
    if (limited) home.slots_in_use.fetch_sub_relaxed(1);
    return nullptr;
}

void uncount_slot(core& home) {
    if (home.max_actors < max_slot) home.slots_in_use.fetch_sub_relaxed(1);
}

void put_slot(thread& self, core& home, actor& a) {
    if (a.control.generation() >= max_generation) return;  // used up: retired
    push_free(self, &a);
    if (self.free_slot_count < 4 * batch) return;
    lock_guard guard(home.slot_lock);
    for (uint32_t i = 0; i < 2 * batch; ++i) {
        actor* moved = pop_free(self);
        moved->run_link = home.free_slots;
        home.free_slots = moved;
    }
}

void return_slots(core& home, thread& self) {
    lock_guard guard(home.slot_lock);
    while (actor* moved = pop_free(self)) {
        moved->run_link = home.free_slots;
        home.free_slots = moved;
    }
}

}  // namespace spawned::engine
