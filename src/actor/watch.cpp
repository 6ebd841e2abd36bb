#include "actor/watch.hpp"

#include "actor/activation.hpp"
#include "actor/block.hpp"
#include "actor/reply.hpp"
#include "base/pause.hpp"

namespace spawned::engine {

namespace {

constexpr uint64_t stage_armed = 1;
constexpr uint64_t stage_claimed = 2;
constexpr uint64_t stage_held = 3;

constexpr uint64_t armed_claim(uint32_t generation) {
    return (static_cast<uint64_t>(generation) << 2) | stage_armed;
}
uint32_t generation_in(uint64_t claim) { return static_cast<uint32_t>(claim >> 2); }

// From armed to another stage; waits for who holds it.
bool take(watch& one, uint32_t generation, uint64_t stage) {
    const uint64_t armed = armed_claim(generation);
    for (;;) {
        uint64_t expected = armed;
        if (one.claim.cas_acq_rel(expected, armed - stage_armed + stage)) return true;
        if (expected != armed - stage_armed + stage_held) return false;
        thread_yield();
    }
}

bool claim(watch& one, uint32_t generation) { return take(one, generation, stage_claimed); }

// A member of a list whose lock the caller holds is not released meanwhile.
bool claim_listed(watch& one) { return claim(one, generation_in(one.claim.load_relaxed())); }

bool runs_here(core& home, const actor& a) {
    const thread* self = current_thread(home);
    return self != nullptr && self->top != nullptr && self->top->self == &a;
}

// Its end will look for watches yet. The actor itself may make some until it has ended.
bool takes_watches(core& home, const actor& a, const watcher_list& mine, spawned_pid pid) {
    if (a.pid.load_seq_cst() != pid || mine.over == pid) return false;
    return (a.gate.load_seq_cst() & gate_closed) == 0 || runs_here(home, a);
}

bool is_alive(core& home, uint64_t pid) {
    const actor* a = slot_at(home, slot_of(pid));
    return a != nullptr && a->pid.load_seq_cst() == pid;
}

// Null: nobody has ever watched in that slot.
source_list* watches_of(core& home, uint32_t slot) {
    watched_chunk* chunk = home.watched.lookup(slot >> watched_log2);
    return chunk != nullptr ? &chunk->of_slot[slot & ((1 << watched_log2) - 1)] : nullptr;
}

// The caller holds the watcher's lock, if there is one.
arming insert(core& home, watch& one, source_list& source, uint64_t source_id,
              bool (*alive)(core& home, uint64_t source_id), watcher_list* watcher,
              spawned_pid watcher_pid) {
    lock_guard guard(source.lock);
    if (!alive(home, source_id)) return arming::source_over;
    one.source = &source;
    one.source_id = source_id;
    one.watcher = watcher;
    one.watcher_pid = watcher_pid;
    source.entries.push_back(&one);
    if (watcher != nullptr) watcher->entries.push_back(&one);
    one.claim.store_release(armed_claim(generation_in(one.claim.load_relaxed())));
    return arming::armed;
}

}  // namespace

bool reserve_watched(core& home, uint32_t slot) {
    return home.watched.make(home.memory, slot >> watched_log2);
}

watch* new_watch(core& home, const watch_kind& kind) {
    uint32_t index;
    watch* one = home.watches.acquire(home.memory, &index);
    if (one == nullptr) return nullptr;
    const uint32_t generation = generation_in(one->claim.load_relaxed()) % max_generation + 1;
    one->claim.store_relaxed(static_cast<uint64_t>(generation) << 2);
    one->index = index;
    std::atomic_ref(one->kind).store(&kind, std::memory_order_relaxed);
    one->source = nullptr;
    one->watcher = nullptr;
    return one;
}

void release_watch(core& home, watch& one) {
    if (one.source != nullptr) {
        lock_guard guard(one.source->lock);
        list<watch, of_source>::remove(&one);
    }
    if (one.watcher != nullptr) {
        lock_guard guard(one.watcher->lock);
        list<watch, of_watcher>::remove(&one);
    }
    one.claim.store_release(static_cast<uint64_t>(generation_in(one.claim.load_relaxed())) << 2);
    home.watches.release(one.index);
}

uint64_t watch_id(core& home, const watch& one) {
    return make_id(home.index, generation_in(one.claim.load_relaxed()), one.index);
}

arming watch_source(core& home, watch& one, source_list& source, uint64_t source_id,
                    bool (*alive)(core& home, uint64_t source_id), spawned_pid for_whom) {
    if (for_whom == 0) return insert(home, one, source, source_id, alive, nullptr, 0);
    actor* a = actor_of(home, for_whom);
    if (a == nullptr) return arming::watcher_over;
    auxiliary* aux = auxiliary_of(home, *a);
    if (aux == nullptr) return arming::no_memory;
    // Raised first: an end that does not see it yet has closed the gate already.
    if (!a->control.raise_lasting(generation_of(for_whom), control_watching))
        return arming::watcher_over;
    lock_guard guard(aux->watching.lock);
    if (!takes_watches(home, *a, aux->watching, for_whom)) return arming::watcher_over;
    return insert(home, one, source, source_id, alive, &aux->watching, for_whom);
}

arming watch_actor(core& home, watch& one, spawned_pid watched, spawned_pid for_whom) {
    actor* a = actor_of(home, watched);
    if (a == nullptr) return arming::source_over;
    if (!reserve_watched(home, slot_of(watched))) return arming::no_memory;
    // Raised first: an end that does not see it yet has made the pid stale already.
    if (!a->control.raise_lasting(generation_of(watched), control_watched))
        return arming::source_over;
    return watch_source(home, one, *watches_of(home, slot_of(watched)), watched, is_alive,
                        for_whom);
}

spawned_status watch_end(thread& self, core& home, watch& one, spawned_pid watched,
                         spawned_pid for_whom) {
    switch (watch_actor(home, one, watched, for_whom)) {
        case arming::armed:
            return SPAWNED_OK;
        case arming::source_over:
            await_told(home, watched);
            one.kind->fire(self, home, one, nullptr);
            return SPAWNED_OK;
        case arming::watcher_over:
            one.kind->drop(home, one);
            return SPAWNED_ESTOPPED;
        case arming::no_memory:
            one.kind->drop(home, one);
            return SPAWNED_ENOMEM;
    }
    SPAWNED_UNREACHABLE();
}

bool was_watch(core& home, uint64_t id) {
    const watch* one = home.watches.lookup(slot_of(id));
    return one != nullptr && generation_of(id) <= generation_in(one->claim.load_acquire());
}

bool is_armed(const watch& one) { return (one.claim.load_acquire() & 3) == stage_armed; }

watch* claim_watch(core& home, uint64_t id) {
    watch* one = home.watches.lookup(slot_of(id));
    return one != nullptr && claim(*one, generation_of(id)) ? one : nullptr;
}

spawned_status cancel_watch(core& home, uint64_t id) {
    watch* one = claim_watch(home, id);
    if (one == nullptr) return was_watch(home, id) ? SPAWNED_EALREADY : SPAWNED_EINVAL;
    one->kind->drop(home, *one);
    return SPAWNED_OK;
}

spawned_status cancel_event(core& home, uint64_t id) {
    watch* one = home.watches.lookup(slot_of(id));
    if (one == nullptr || !take(*one, generation_of(id), stage_held))
        return was_watch(home, id) ? SPAWNED_EALREADY : SPAWNED_EINVAL;
    if (!one->kind->is_event) {
        give_back(*one);
        return SPAWNED_EINVAL;
    }
    claim_held(*one);
    one->kind->drop(home, *one);
    return SPAWNED_OK;
}

void await_watch(core& home, uint64_t id, const watch_kind& kind) {
    watch* one = home.watches.lookup(slot_of(id));
    const uint64_t claimed = armed_claim(generation_of(id)) - stage_armed + stage_claimed;
    // Only this kind: others call back, and the call may be from there.
    while (one != nullptr && one->claim.load_acquire() == claimed &&
           std::atomic_ref(one->kind).load(std::memory_order_relaxed) == &kind)
        thread_yield();
}

watch* hold_watch(core& home, uint64_t id, const watch_kind& kind) {
    watch* one = home.watches.lookup(slot_of(id));
    if (one != nullptr && take(*one, generation_of(id), stage_held)) return one;
    await_watch(home, id, kind);
    return nullptr;
}

bool hold_listed(watch& one) {
    return take(one, generation_in(one.claim.load_relaxed()), stage_held);
}

void give_back(watch& one) {
    one.claim.store_release(armed_claim(generation_in(one.claim.load_relaxed())));
}

void claim_held(watch& one) {
    const uint64_t held = one.claim.load_relaxed();
    one.claim.store_release(held - stage_held + stage_claimed);
}

watch* claim_first(source_list& source, uint64_t source_id) {
    lock_guard guard(source.lock);
    watch* one = source.entries.front();
    while (one != nullptr && (one->source_id != source_id || !claim_listed(*one)))
        one = source.entries.next(one);
    return one;
}

void end_as_watcher(core& home, actor& a, spawned_pid pid) {
    watcher_list& mine = a.aux.load_acquire()->watching;
    for (;;) {
        watch* one;
        {
            lock_guard guard(mine.lock);
            mine.over = pid;
            one = mine.entries.front();
            while (one != nullptr && (one->watcher_pid != pid || !claim_listed(*one)))
                one = mine.entries.next(one);
        }
        if (one == nullptr) return;
        one->kind->drop(home, *one);
    }
}

void end_as_source(thread& self, core& home, const ended_actor& ended) {
    source_list& mine = *watches_of(home, slot_of(ended.pid));
    while (watch* one = claim_first(mine, ended.pid)) one->kind->fire(self, home, *one, &ended);
}

void tell_started(thread& self, core& home, actor& a) {
    const spawned_pid pid = a.pid.load_relaxed();
    source_list& mine = *watches_of(home, slot_of(pid));
    for (;;) {
        watch* one;
        {
            lock_guard guard(mine.lock);
            one = mine.entries.front();
            while (one != nullptr &&
                   (one->source_id != pid || !one->kind->on_start || !claim_listed(*one)))
                one = mine.entries.next(one);
        }
        if (one == nullptr) return;
        one->kind->fire(self, home, *one, nullptr);
    }
}

void await_told(core& home, spawned_pid pid) {
    source_list* told = watches_of(home, slot_of(pid));
    if (told == nullptr) return;
    for (;;) {
        {
            lock_guard guard(told->lock);
            const watch* one = told->entries.front();
            while (one != nullptr && one->source_id != pid) one = told->entries.next(one);
            if (one == nullptr) return;
        }
        thread_yield();
    }
}

void deliver_reserved(thread& self, core& home, message& m) {
    actor* a = actor_of(home, m.target);
    if (a != nullptr && (a->gate.load_acquire() & gate_closed) == 0) {
        deliver(self, home, *a, m);
        return;
    }
    drop_message(home, m);
}

namespace {

void send(thread& self, core& home, watch& one, const ended_actor*) {
    deliver_reserved(self, home, *one.sent);
    release_watch(home, one);
}

void drop_sending(core& home, watch& one) {
    drop_message(home, *one.sent);
    release_watch(home, one);
}

void keep_promise(thread&, core& home, watch& one, const ended_actor*) {
    resolve_with(home, *one.sent, SPAWNED_OK, nullptr, holds::a_handle);
    release_watch(home, one);
}

void drop_promise(core& home, watch& one) {
    resolve_with(home, *one.sent, SPAWNED_ESTOPPED, nullptr, holds::a_handle);
    release_watch(home, one);
}

// Where such a promise keeps the number of its watch.
uint64_t& watch_behind(message& promise) {
    return *reinterpret_cast<uint64_t*>(reinterpret_cast<char*>(&promise) + sizeof(asked_block));
}

}  // namespace

const watch_kind sending_watch = {.fire = send, .drop = drop_sending, .is_event = true};
const watch_kind promising_watch = {keep_promise, drop_promise};

message* new_watched_promise(core& home, const watch& one) {
    message* promise = new_promise(home, nullptr, sizeof(uint64_t));
    if (promise != nullptr) watch_behind(*promise) = watch_id(home, one);
    return promise;
}

void forget_watch(core& home, message& promise) { (void)cancel_watch(home, watch_behind(promise)); }

}  // namespace spawned::engine
