// Both directions of a link are armed and taken away under the runtime's link lock, so that there is never half of
// one between two that live. An end needs no lock: it drops the watch of the one that ends, and fires the other's.
#include "supervise/link.hpp"

#include "actor/block.hpp"
#include "actor/exit_signal.hpp"
#include "supervise/ended_message.hpp"
#include "supervise/exit.hpp"

namespace spawned::engine {

namespace {

// The link of watch::watcher_pid to watch::source_id is over.
void leave_link(core& home, watch& one) {
    actor* a = slot_at(home, slot_of(one.watcher_pid));
    auxiliary* aux = a != nullptr ? a->aux.load_acquire() : nullptr;
    message* spare = aux != nullptr ? end_link(*a, *aux, one.watcher_pid) : nullptr;
    if (spare != nullptr) free_message(home, *spare);
    release_watch(home, one);
}

void signal_through_link(thread& self, core& home, watch& one, const ended_actor* ended) {
    char words[max_text + 1];
    ended_actor said = {one.source_id, SPAWNED_EXIT_INIT, words};
    if (ended != nullptr)
        said = *ended;
    else
        read_exit_reason(home, said.pid, &said.exit, words, sizeof words);
    if (said.exit.kind == SPAWNED_EXIT_UNKNOWN) {
        said.exit.kind = SPAWNED_EXIT_FAILURE;
        said.exit.code = SPAWNED_ESTOPPED;
    }
    actor* a = slot_at(home, slot_of(one.watcher_pid));
    if (a->aux.load_acquire() != nullptr)
        (void)signal_exit(self, home, *a, one.watcher_pid, said, one.source_id);
    leave_link(home, one);
}

const watch_kind linking_watch = {signal_through_link, leave_link};

// A watch of one direction, and what its watcher needs for the signal; null without memory.
watch* new_direction(thread& self, core& home, spawned_pid source, spawned_pid watcher) {
    watch* one = new_watch(home, linking_watch);
    if (one == nullptr) return nullptr;
    one->source_id = source;
    one->watcher_pid = watcher;
    if (source != 0 && !reserve_watched(home, slot_of(source))) {
        release_watch(home, *one);
        return nullptr;
    }
    actor* a = actor_of(home, watcher);
    if (a == nullptr) return one;
    auxiliary* aux = auxiliary_of(home, *a);
    message* spare = nullptr;
    while (aux != nullptr && !begin_link(*a, *aux, watcher, spare)) {
        spare = new_ended_message(self, home, watcher, nullptr, {});
        if (spare == nullptr) aux = nullptr;
    }
    if (spare != nullptr) free_message(home, *spare);  // it has ended
    if (aux != nullptr) return one;
    release_watch(home, *one);
    return nullptr;
}

// What is being made: of[0] tells `one` of the other's end, of[1] the other of its.
struct link_pair {
    watch* of[2];
};

bool make_pair(thread& self, core& home, spawned_pid one, spawned_pid other, link_pair& made) {
    made.of[0] = new_direction(self, home, other, one);
    if (made.of[0] == nullptr) return false;
    made.of[1] = new_direction(self, home, one, other);
    if (made.of[1] == nullptr) {
        leave_link(home, *made.of[0]);
        return false;
    }
    for (int i = 0; i < 2; ++i) made.of[i]->twin = watch_id(home, *made.of[1 - i]);
    return true;
}

arming arm_direction(core& home, watch& one) {
    return watch_actor(home, one, one.source_id, one.watcher_pid);
}

auxiliary* aux_of(core& home, spawned_pid pid) {
    actor* a = slot_at(home, slot_of(pid));
    return a != nullptr ? a->aux.load_acquire() : nullptr;
}

// One actor's side in the search for its link to another one. The caller has the lock of its watches.
struct link_search {
    watcher_list& list;
    spawned_pid self, peer;
    bool only_armed;
    bool decides;  // it lives, so that its list has the link if there is one
    watch* at;

    link_search(core& home, auxiliary& aux, spawned_pid one, spawned_pid other, bool armed)
        : list(aux.watching),
          self(one),
          peer(other),
          only_armed(armed),
          decides(actor_of(home, one) != nullptr && aux.watching.over != one),
          at(aux.watching.entries.front()) {}

    bool found() const {
        return at != nullptr && at->kind == &linking_watch && at->watcher_pid == self &&
               at->source_id == peer && (!only_armed || is_armed(*at));
    }
    // False: there is none in this list.
    bool step() {
        if (at != nullptr) at = list.entries.next(at);
        return at != nullptr;
    }
};

struct link_numbers {
    uint64_t of[2];
};

// The numbers of the two watches of a link; false: there is none. Both lists are walked in turns, since either may be
// long. The caller has the link lock.
bool find_link(core& home, spawned_pid one, spawned_pid other, bool only_armed,
               link_numbers& found) {
    auxiliary* first = aux_of(home, one);
    auxiliary* second = aux_of(home, other);
    if (first == nullptr || second == nullptr || first == second) return false;
    lock_guard guard(first->watching.lock);
    lock_guard other_guard(second->watching.lock);
    link_search sides[2] = {{home, *first, one, other, only_armed},
                            {home, *second, other, one, only_armed}};
    for (bool more = true; more;) {
        more = false;
        for (link_search& side : sides) {
            if (side.found()) {
                found = {{watch_id(home, *side.at), side.at->twin}};
                return true;
            }
            const bool goes_on = side.step();
            if (!goes_on && side.decides) return false;
            more = more || goes_on;
        }
    }
    return false;
}

bool is_linked(core& home, spawned_pid one, spawned_pid other) {
    link_numbers found;
    return find_link(home, one, other, true, found);
}

// EINVAL for a pid that is nobody's; ESTOPPED when both have ended.
spawned_status check_pair(core& home, spawned_pid one, spawned_pid other) {
    bool alive = false;
    for (const spawned_pid pid : {one, other}) {
        const bool lives = actor_of(home, pid) != nullptr;
        const spawned_status why = lives ? SPAWNED_ESTOPPED : why_absent(pid);
        if (why != SPAWNED_ESTOPPED) return why;
        alive = alive || lives;
    }
    return alive ? SPAWNED_OK : SPAWNED_ESTOPPED;
}

// A direction whose source has ended already tells of that.
void settle_direction(thread& self, core& home, watch& one, arming result) {
    if (result == arming::armed) return;
    if (result == arming::source_over) {
        await_told(home, one.source_id);
        signal_through_link(self, home, one, nullptr);
        return;
    }
    leave_link(home, one);
}

struct born_linked : birth_tie {
    link_pair pair;  // of[0]: the parent's
    bool used;
    uint64_t numbers[2];
};

spawned_status tie_link(thread&, core& home, birth_tie& own, spawned_pid born) {
    auto& mine = static_cast<born_linked&>(own);
    watch& parents = *mine.pair.of[0];
    watch& childs = *mine.pair.of[1];
    mine.used = true;
    parents.source_id = childs.watcher_pid = born;
    actor& a = *actor_of(home, born);
    message* none = nullptr;  // it traps nothing yet
    (void)begin_link(a, *a.aux.load_acquire(), born, none);
    arming results[2];
    {
        lock_guard guard(home.link_lock);
        results[0] = arm_direction(home, parents);
        results[1] = arm_direction(home, childs);
    }
    if (results[0] == arming::armed && results[1] == arming::armed) return SPAWNED_OK;
    for (int i = 0; i < 2; ++i) {
        if (results[i] == arming::armed)
            (void)cancel_watch(home, mine.numbers[i]);
        else
            leave_link(home, *mine.pair.of[i]);
    }
    return SPAWNED_ESTOPPED;
}

void untie_link(core& home, birth_tie& own) {
    for (const uint64_t number : static_cast<born_linked&>(own).numbers)
        (void)cancel_watch(home, number);
}

}  // namespace

spawned_status link_actors(core& home, spawned_pid one, spawned_pid other) {
    thread* self = current_thread(home);
    if (self == nullptr) return SPAWNED_ENOMEM;
    if (home.stopping.load_acquire() != 0) return SPAWNED_ESTOPPING;
    const spawned_status status = check_pair(home, one, other);
    if (status != SPAWNED_OK || one == other) return status;
    link_pair made;
    if (!make_pair(*self, home, one, other, made)) return SPAWNED_ENOMEM;
    bool linked;
    arming results[2];
    {
        lock_guard guard(home.link_lock);
        linked = is_linked(home, one, other);
        for (int i = 0; i < 2 && !linked; ++i) results[i] = arm_direction(home, *made.of[i]);
    }
    if (linked) {
        for (watch* direction : made.of) leave_link(home, *direction);
        return SPAWNED_OK;
    }
    for (int i = 0; i < 2; ++i) settle_direction(*self, home, *made.of[i], results[i]);
    return results[0] != arming::armed && results[0] == results[1] ? SPAWNED_ESTOPPED : SPAWNED_OK;
}

spawned_status unlink_actors(core& home, spawned_pid one, spawned_pid other) {
    const spawned_status status = check_pair(home, one, other);
    if (status != SPAWNED_OK && status != SPAWNED_ESTOPPED) return status;
    for (link_numbers found = {};;) {
        watch* claimed[2] = {};
        {
            lock_guard guard(home.link_lock);
            if (one == other || !find_link(home, one, other, false, found)) break;
            for (int i = 0; i < 2; ++i) claimed[i] = claim_watch(home, found.of[i]);
        }
        for (int i = 0; i < 2; ++i) {
            if (claimed[i] != nullptr)
                leave_link(home, *claimed[i]);
            else
                await_watch(home, found.of[i], linking_watch);
        }
    }
    withdraw_exit(home, one, other);
    withdraw_exit(home, other, one);
    return SPAWNED_OK;
}

spawned_status start_linked(core& home, const spawned_behavior& behavior, start_options options,
                            spawned_pid other, spawned_pid* out_pid) {
    thread* self = current_thread(home);
    if (self == nullptr) return SPAWNED_ENOMEM;
    if (actor_of(home, other) == nullptr) return why_absent(other);
    born_linked mine = {{tie_link, untie_link, true}, {}, false, {}};
    if (!make_pair(*self, home, other, 0, mine.pair)) return SPAWNED_ENOMEM;
    for (int i = 0; i < 2; ++i) mine.numbers[i] = watch_id(home, *mine.pair.of[i]);
    options.tie = &mine;
    const spawned_status status = start_actor(home, behavior, options, out_pid);
    if (!mine.used && !is_forked(home))
        for (watch* direction : mine.pair.of) leave_link(home, *direction);
    return status;
}

}  // namespace spawned::engine
