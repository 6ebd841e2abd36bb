#include "supervise/monitor.hpp"

#include "actor/activation.hpp"
#include "actor/block.hpp"
#include "base/pause.hpp"
#include "supervise/ended_message.hpp"

namespace spawned::engine {

namespace {

void tell_of_end(thread& self, core& home, watch& one, const ended_actor* ended) {
    write_end(home, ended_in(*one.sent), ended);
    deliver_reserved(self, home, *one.sent);
    release_watch(home, one);
}

void drop_monitor(core& home, watch& one) {
    drop_message(home, *one.sent);
    release_watch(home, one);
}

const watch_kind monitoring_watch = {.fire = tell_of_end, .drop = drop_monitor, .is_event = true};

// A monitor that is not armed yet, for a watcher that lives.
spawned_status prepare_monitor(thread& self, core& home, spawned_pid watched, spawned_pid watcher,
                               const spawned_message_type* type, uint64_t tag, watch** out_watch) {
    actor* a = actor_of(home, watcher);
    if (a == nullptr) return why_absent(watcher);
    if (auxiliary_of(home, *a) == nullptr) return SPAWNED_ENOMEM;
    watch* one = new_watch(home, monitoring_watch);
    if (one == nullptr) return SPAWNED_ENOMEM;
    spawned_ended told = {};
    told.pid = watched;
    told.monitor = watch_id(home, *one);
    told.tag = tag;
    one->sent = new_ended_message(self, home, watcher, type, told);
    if (one->sent == nullptr) {
        release_watch(home, *one);
        return SPAWNED_ENOMEM;
    }
    *out_watch = one;
    return SPAWNED_OK;
}

struct born_monitored : birth_tie {
    watch* one;  // null: armed, or gone
    uint64_t event;
    spawned_pid watcher;
};

spawned_status tie_monitor(thread& self, core& home, birth_tie& own, spawned_pid born) {
    auto& mine = static_cast<born_monitored&>(own);
    watch& one = *mine.one;
    mine.one = nullptr;
    ended_in(*one.sent).pid = born;
    return watch_end(self, home, one, born, mine.watcher);
}

void untie_monitor(core& home, birth_tie& own) {
    (void)cancel_watch(home, static_cast<born_monitored&>(own).event);
}

// The next message behind `front` (null: the first that waits) when there is one; null at the end of the queue,
// which is `last`. One that a sender is about to link is waited for.
message* next_waiting(actor& a, message* front, uintptr_t last) {
    using box = mailbox<hardware, message>;
    if (last <= box::notified || reinterpret_cast<uintptr_t>(front) == last) return nullptr;
    for (;;) {
        message* next = front != nullptr ? box::next(front) : a.queue.peek();
        if (next != nullptr) return next;
        thread_yield();
    }
}

message* find_told(actor& a, message* front, uint64_t event) {
    const uintptr_t last = a.queue.head();
    while ((front = next_waiting(a, front, last)) != nullptr)
        if (front->has(message_of_end) && !front->has(message_finished) &&
            front->target == a.pid.load_relaxed() && ended_in(*front).monitor == event)
            return front;
    return nullptr;
}

// The running actor's own mailbox. What is taken out stays in its place, finished, until the actor has come to it.
bool take_told_out(thread& self, core& home, actor& a, uint64_t event) {
    auxiliary* aux = a.aux.load_acquire();
    if (aux == nullptr) return false;
    message* front = a.at == phase::stopping ? aux->front.load_relaxed() : self.top->current;
    message* found;
    if (aux->may_drop) {  // senders take messages out as well
        lock_guard guard(aux->oldest_lock);
        found = find_told(a, front, event);
    } else {
        found = find_told(a, front, event);
    }
    if (found == nullptr) return false;
    dead_letter(self, home, *found, death::cancelled);
    return true;
}

}  // namespace

spawned_status monitor_actor(core& home, spawned_pid watched, spawned_pid watcher,
                             const spawned_message_type* type, uint64_t tag, uint64_t* out_event) {
    thread* self = current_thread(home);
    if (self == nullptr) return SPAWNED_ENOMEM;
    if (home.stopping.load_acquire() != 0) return SPAWNED_ESTOPPING;
    const spawned_status absent =
        actor_of(home, watched) == nullptr ? why_absent(watched) : SPAWNED_ESTOPPED;
    if (absent != SPAWNED_ESTOPPED) return absent;
    watch* one = nullptr;
    spawned_status status = prepare_monitor(*self, home, watched, watcher, type, tag, &one);
    if (status != SPAWNED_OK) return status;
    SPAWNED_ASSERT(one != nullptr);
    const uint64_t event = watch_id(home, *one);
    status = watch_end(*self, home, *one, watched, watcher);
    if (status == SPAWNED_OK && out_event != nullptr) *out_event = event;
    return status;
}

spawned_status start_monitored(core& home, const spawned_behavior& behavior, start_options options,
                               spawned_pid watcher, const spawned_message_type* type, uint64_t tag,
                               spawned_pid* out_pid, uint64_t* out_event) {
    thread* self = current_thread(home);
    if (self == nullptr) return SPAWNED_ENOMEM;
    born_monitored mine = {{tie_monitor, untie_monitor}, nullptr, 0, watcher};
    spawned_status status = prepare_monitor(*self, home, 0, watcher, type, tag, &mine.one);
    if (status != SPAWNED_OK) return status;
    SPAWNED_ASSERT(mine.one != nullptr);
    mine.event = watch_id(home, *mine.one);
    options.tie = &mine;
    status = start_actor(home, behavior, options, out_pid);
    if (mine.one != nullptr && !is_forked(home)) drop_monitor(home, *mine.one);
    if (status == SPAWNED_OK && out_event != nullptr) *out_event = mine.event;
    return status;
}

spawned_status forget_monitor(thread& self, core& home, uint64_t event) {
    actor& a = *self.top->self;
    if (!was_watch(home, event)) return SPAWNED_EINVAL;
    watch* one = hold_watch(home, event, monitoring_watch);
    if (one == nullptr) return take_told_out(self, home, a, event) ? SPAWNED_OK : SPAWNED_EALREADY;
    const bool mine = one->watcher_pid == a.pid.load_relaxed();
    if (one->kind != &monitoring_watch || !mine) {
        const spawned_status wrong =
            one->kind != &monitoring_watch ? SPAWNED_EINVAL : SPAWNED_EPERM;
        give_back(*one);
        return wrong;
    }
    claim_held(*one);
    drop_monitor(home, *one);
    return SPAWNED_OK;
}

}  // namespace spawned::engine
