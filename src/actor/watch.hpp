// Watches: something is done once, when an actor ends or a token is cancelled, for the sake of an actor
// that may end first. Messages on events, awaited ends and cancellations, monitors and links are kinds of
// watches.
//
// A watch stands in two lists: that of its source (the actor or the token watched) and, if it is for an
// actor, that of its watcher. Its storage, and that of whatever it delivers, is there before it is armed:
// making one may fail, what it does may not. Each side's end, and a cancellation, find it in constant time,
// so a source collects no remains of watchers that are gone.
//
//   vacant -> armed -> claimed -> vacant (the next generation)
//             armed -> held -> armed, or claimed   it is served and stays; whoever wants it waits a moment
//
// Whoever claims an armed watch (one compare-and-swap on its generation and stage) is the only one to act
// on it, and releases it afterwards: the source's end fires it, the watcher's end or a cancellation drops
// it. A claimed watch stays in its lists until it is released; others pass over it. The lists live in
// slots that are never returned while the runtime lives, so one that is released late meets a lock and
// a list, if not the tenant it was made for.
//
// Locks: a list's guards its links. Arming, and groups, hold more than one: the watcher's, then the source's.
#pragma once

#include <cstdint>

#include "actor/message.hpp"
#include "base/list.hpp"
#include "base/spin_lock.hpp"

namespace spawned::engine {

struct actor;
struct blocking_task;
struct core;
struct thread;
struct watch;

struct of_source;
struct of_watcher;

// An end as its watchers are told of it. The text is there during the call.
struct ended_actor {
    spawned_pid pid;
    spawned_exit exit;
    const char* text;
};

// What happens to a watch that was claimed; called without a lock, and releases the watch.
struct watch_kind {
    // The source is over. ended: null when it is no actor.
    void (*fire)(thread& self, core& home, watch& one, const ended_actor* ended);
    // The watcher is over, or the watch was cancelled.
    void (*drop)(core& home, watch& one);
    // Fires, with null, when the source, an actor, has started already; at its end if it never does.
    bool on_start = false;
    // Its number is a program's event. Others are the engine's own: a number that is another thing's, and by chance
    // theirs as well, must not take them away.
    bool is_event = false;
};

// One side's watches, the oldest first.
template <class Side>
struct watch_list {
    spin_lock lock;
    list<watch, Side> entries;
};
using source_list = watch_list<of_source>;
struct watcher_list : watch_list<of_watcher> {
    uint64_t over = 0;  // of this tenant they go, or are gone; guard: the lock
};

// The watches of actors' ends, by slot: apart from the auxiliary record, which is much larger, since whatever is
// supervised is watched.
inline constexpr unsigned watched_log2 = 6;
struct watched_chunk {
    source_list of_slot[1 << watched_log2];
};
// Room for those of this slot, so that arming one needs no memory; false without memory.
bool reserve_watched(core& home, uint32_t slot);

struct watch : list_link<of_source>, list_link<of_watcher> {
    const watch_kind* kind = nullptr;
    source_list* source = nullptr;    // null: not armed
    watcher_list* watcher = nullptr;  // null: for no actor
    uint64_t source_id = 0;           // the pid or the token; tells tenants of one slot apart
    spawned_pid watcher_pid = 0;
    hardware::atomic<uint64_t> claim;  // generation and stage
    uint32_t index = 0;
    // The kind's own.
    union {
        void (*call)(void* user_data) = nullptr;
        message* spare;  // the next copy of what is delivered
        uint64_t twin;   // the number of the other direction's
    };
    union {
        message* sent = nullptr;  // what is delivered, or the promise
        void* user_data;
        uint64_t number;
        blocking_task* task;
    };
};

// A vacant watch; null without memory. To be armed, or released.
watch* new_watch(core& home, const watch_kind& kind);
void release_watch(core& home, watch& one);

// The number by which cancel_watch finds it.
uint64_t watch_id(core& home, const watch& one);

enum class arming : uint8_t {
    armed,
    source_over,   // it has ended
    watcher_over,  // it has ended, or is ending
    no_memory      // for the watcher's auxiliary record, or the list of the watched
};

// Arms a watch on an actor's end, for another actor or (0) for none. Unless armed it is still the caller's.
arming watch_actor(core& home, watch& one, spawned_pid watched, spawned_pid for_whom);

// The same for a watch that is taken over: one on an actor that has ended already fires within the call, which
// is OK. ESTOPPED: the watcher has ended, or is ending. ENOMEM.
spawned_status watch_end(thread& self, core& home, watch& one, spawned_pid watched,
                         spawned_pid for_whom);

// The same on another source. alive is asked under the source's lock.
arming watch_source(core& home, watch& one, source_list& source, uint64_t source_id,
                    bool (*alive)(core& home, uint64_t source_id), spawned_pid for_whom);

bool is_armed(const watch& one);

// Claims the watch of a number for the caller; null: it is not armed.
watch* claim_watch(core& home, uint64_t id);

// OK: claimed by this call, and dropped. EALREADY: it fired, or went with an end. EINVAL: impossible.
spawned_status cancel_watch(core& home, uint64_t id);
// The same for a number that a program gives: EINVAL also when it is no event's.
spawned_status cancel_event(core& home, uint64_t id);

// Whether there is or was one of this number.
bool was_watch(core& home, uint64_t id);

// If another thread is acting on the watch of a number, of this kind, waits until it has done so.
void await_watch(core& home, uint64_t id, const watch_kind& kind);

// Holds the watch of a number while it is armed. Null: it is not, and is no more what kind says either: if another
// thread was acting on it, that has done so.
watch* hold_watch(core& home, uint64_t id, const watch_kind& kind);

// Of a list whose lock the caller holds. False: it is claimed. A held watch is the caller's for a moment:
// it is given back, or claimed.
bool hold_listed(watch& one);
void give_back(watch& one);
void claim_held(watch& one);

// The oldest armed watch of a source that is over, claimed for the caller; null when there is none.
watch* claim_first(source_list& source, uint64_t source_id);

// The end of an actor, in two steps: as a watcher before its state goes, as a source once its pid is stale.
void end_as_watcher(core& home, actor& a, spawned_pid pid);
void end_as_source(thread& self, core& home, const ended_actor& ended);

// The actor's started has returned, and it goes on.
void tell_started(thread& self, core& home, actor& a);

// Waits until the watchers of an actor whose pid is stale have been told: it ends on another thread this
// moment. They have been when its joins return.
void await_told(core& home, spawned_pid pid);

// A message that was reserved for an actor: into its mailbox, whatever its capacity, or dropped with it.
void deliver_reserved(thread& self, core& home, message& m);

// The kinds for a message to the watcher, and for a promise without a value (new_watched_promise), which
// is told OK. Both stand in watch::sent.
extern const watch_kind sending_watch;
extern const watch_kind promising_watch;

// A promise that takes its watch away when its response is released; null without memory.
message* new_watched_promise(core& home, const watch& one);
void forget_watch(core& home, message& promise);

}  // namespace spawned::engine
