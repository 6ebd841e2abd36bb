// One incarnation of a child: how it is started and watched, and how it is asked to end.
#include "actor/activation.hpp"
#include "actor/block.hpp"
#include "actor/lifecycle.hpp"
#include "actor/watch.hpp"
#include "supervise/supervisor.hpp"

namespace spawned::engine {

namespace {

// The watch of a child's end tells its supervisor how it ended; what it tells is reserved before the child
// is there.
void tell_end(thread& self, core& home, watch& one, const ended_actor* ended) {
    auto* told = static_cast<child_ended*>(value_of(*one.sent));
    told->code = ended->exit.code;
    told->kind = ended->exit.kind;
    deliver_reserved(self, home, *one.sent);
    release_watch(home, one);
}

void drop_message_of(core& home, watch& one) {
    drop_message(home, *one.sent);
    release_watch(home, one);
}

// That it has started is told by the message alone; of one that ends before, nothing.
void tell_start(thread& self, core& home, watch& one, const ended_actor* ended) {
    if (ended == nullptr)
        deliver_reserved(self, home, *one.sent);
    else
        drop_message(home, *one.sent);
    release_watch(home, one);
}

constexpr watch_kind ending_watch = {tell_end, drop_message_of};
constexpr watch_kind starting_watch = {tell_start, drop_message_of, true};

spawned_message* make_message(const supervisor& self, const spawned_message_type& type,
                              const child_news& news) {
    spawned_message* made = nullptr;
    (void)spawned_message_create(self.self, &type, &news, &made);
    return made;
}

watch* make_watch(const supervisor& self, const watch_kind& kind, message* sent) {
    watch* made = sent != nullptr ? new_watch(*self.home, kind) : nullptr;
    if (made != nullptr) made->sent = sent;
    return made;
}

// What has to be there before a child is: how its supervisor will learn of its start and of its end.
struct birth : birth_tie {
    spawned_pid supervisor = 0;
    message* end = nullptr;
    watch* on_end = nullptr;
    message* start = nullptr;
    watch* on_start = nullptr;
    spawned_message* ready = nullptr;  // a supervisor tells by itself
};

// Unless armed, the watch and its message are the caller's.
spawned_status arm_at_birth(core& home, watch& one, spawned_pid born, spawned_pid supervisor) {
    switch (watch_actor(home, one, born, supervisor)) {
        case arming::armed:
            return SPAWNED_OK;
        case arming::no_memory:
            return SPAWNED_ENOMEM;
        case arming::source_over:
        case arming::watcher_over:
            return SPAWNED_ESTOPPED;
    }
    SPAWNED_UNREACHABLE();
}

void disarm_at_birth(core& home, watch*& one, message*& sent) {
    if (one != nullptr) (void)cancel_watch(home, watch_id(home, *one));
    one = nullptr;
    sent = nullptr;
}

void untie_child(core& home, birth_tie& own) {
    auto& all = static_cast<birth&>(own);
    disarm_at_birth(home, all.on_end, all.end);
    disarm_at_birth(home, all.on_start, all.start);
}

spawned_status tie_child(thread&, core& home, birth_tie& own, spawned_pid born) {
    auto& all = static_cast<birth&>(own);
    (void)actor_of(home, born)->control.raise(generation_of(born), control_supervised);
    spawned_status status = arm_at_birth(home, *all.on_end, born, all.supervisor);
    if (status != SPAWNED_OK || all.on_start == nullptr) return status;
    status = arm_at_birth(home, *all.on_start, born, all.supervisor);
    if (status != SPAWNED_OK) disarm_at_birth(home, all.on_end, all.end);
    return status;
}

bool reserve_birth(supervisor& self, child& one, birth& all) {
    const child_news news = {&one, ++one.serial};
    all.tie = tie_child;
    all.untie = untie_child;
    all.supervisor = self.self;
    const child_ended how = {&one, SPAWNED_OK, SPAWNED_EXIT_UNKNOWN};
    all.end = reserve_message(self, child_ended_type, &how);
    all.on_end = make_watch(self, ending_watch, all.end);
    if (all.on_end == nullptr) return false;
    if (one.spec->nested != nullptr) {
        all.ready = make_message(self, child_ready_type, news);
        return all.ready != nullptr;
    }
    if (one.spec->behavior->started == nullptr) return true;
    all.start = reserve_message(self, child_ready_type, &news);
    all.on_start = make_watch(self, starting_watch, all.start);
    return all.on_start != nullptr;
}

void give_up_birth(supervisor& self, const birth& all) {
    core& home = *self.home;
    for (watch* one : {all.on_end, all.on_start})
        if (one != nullptr) release_watch(home, *one);
    for (message* one : {all.end, all.start})
        if (one != nullptr) drop_message(home, *one);
    spawned_message_destroy(all.ready);
}

}  // namespace

spawned_status start_child(supervisor& self, child& one, text** out_failure) {
    core& home = *self.home;
    const child_spec& spec = *one.spec;
    birth all;
    spawned_status status = SPAWNED_ENOMEM;
    if (reserve_birth(self, one, all)) {
        supervisor_start below = {&home, spec.nested, all.ready, nullptr};
        start_options options;
        options.where = static_cast<backend>(spec.where);
        options.overflow = spec.overflow;
        options.capacity = spec.capacity;
        options.argument = spec.nested != nullptr ? &below : spec.argument;
        options.name = spec.name;
        options.name_length = SPAWNED_ZERO_TERMINATED;
        if (home.only_threads && options.where == backend::pool) options.where = backend::thread;
        options.tie = &all;
        options.out_failure = out_failure;
        status = start_actor(home, *spec.behavior, options, &one.pid);
    }
    if (status != SPAWNED_OK) {
        one.pid = 0;
        give_up_birth(self, all);
        return status;
    }
    enter_pid(self, one);
    one.moment = now(home);
    one.early = false;
    one.state =
        all.start != nullptr || all.ready != nullptr ? child_state::starting : child_state::running;
    return SPAWNED_OK;
}

void send_stop(supervisor& self, child& one) {
    (void)signal_actor(*self.home, one.pid,
                       one.spec->shutdown == 0 ? control_kill : control_stop | control_shutdown);
}

void kill_child(supervisor& self, child& one) {
    (void)signal_actor(*self.home, one.pid, control_kill);
}

void stop_child(supervisor& self, child& one) {
    one.state = child_state::stopping;
    one.moment = now(*self.home);
    send_stop(self, one);
    if (one.spec->shutdown == 0 || one.spec->shutdown == SPAWNED_FOREVER) return;
    // The runtime's shutdown has its own deadline, and this supervisor will see it next.
    if (!arm(self, one, one.spec->shutdown) && self.home->stopping.load_acquire() == 0)
        kill_child(self, one);
}

bool arm(supervisor& self, child& one, uint64_t delay) {
    disarm(self, one);
    const child_news news = {&one, ++one.serial};
    const spawned_status status =
        delay == 0 ? spawned_send(self.self, &child_due_type, &news)
                   : send_self_later(self, child_due_type, &news, delay, &one.timer);
    if (status == SPAWNED_OK) ++one.due;
    return status == SPAWNED_OK;
}

void disarm(const supervisor& self, child& one) {
    ++one.serial;
    if (one.timer != 0 && cancel_own_timer(*self.home, one.timer) == SPAWNED_OK) --one.due;
    one.timer = 0;
}

}  // namespace spawned::engine
