// The end of an actor, in the one order that everybody may rely on:
//   1 the gate closes   2 stopped runs   3 its timers and watches go   4 what waits becomes dead letters
//   5 the state is destroyed   6 its names are released   7 the exit reason is kept
//   8 the pid goes stale, its watchers are told, and joins return
//   9 the queue dies and the slot is free again
#include <string.h>

#include "actor/activation.hpp"
#include "actor/block.hpp"
#include "actor/exit_signal.hpp"
#include "actor/reply.hpp"
#include "actor/room.hpp"
#include "actor/watch.hpp"
#include "platform/cpu.hpp"

namespace spawned::engine {

namespace {

using box = mailbox<hardware, message>;

const char* const places[] = {"", "in init", "in started()", "in handler", "in stopped()"};

void log_failure(core& home, const actor& a, const exit_record& ending, const char* message_name) {
    if (ending.by_signal) {  // whose cause was told where it was
        log_event(home, SPAWNED_LOG_DEBUG, &a, message_name, 0, "ends of an exit signal: %s",
                  ending.failure != nullptr ? ending.failure->bytes : status_words(ending.code));
        return;
    }
    log_event(home, SPAWNED_LOG_ERROR, &a, message_name, 0, "failed %s: %s", places[ending.place],
              ending.failure != nullptr ? ending.failure->bytes : status_words(ending.code));
}

spawned_exit public_exit(const exit_record& ending) {
    spawned_exit exit;
    exit.size = sizeof exit;
    exit.kind = ending.kind;
    exit.code = ending.code;
    exit.place = ending.place;
    exit.text_length = ending.failure != nullptr ? ending.failure->length : 0;
    return exit;
}

// What watchers are told after the exit reason, with its text, has gone into the history.
struct final_words {
    final_words(spawned_pid pid, const exit_record& ending)
        : told{pid, public_exit(ending), bytes} {
        bytes[0] = 0;
        if (ending.failure != nullptr)
            memcpy(bytes, ending.failure->bytes, ending.failure->length + 1);
    }
    ended_actor told;
    char bytes[max_text + 1];
};

// Empties the queue but for its last node, which goes on holding it; that one is returned (or null).
message* drop_waiting(thread& self, core& home, actor& a, message* front,
                      const exit_record& ending) {
    for (;;) {
        message* next = front != nullptr ? box::next(front) : a.queue.first();
        if (next == nullptr) return front;
        move_on(self, home, next);
        if (front != nullptr) dispose(self, home, *front);
        front = next;
        if (front->has(message_finished)) continue;
        uncount(self, home, a, *front);
        dead_letter(self, home, *front, death::stopped, ending.failure);
    }
}

void destroy_state(core& home, actor& a) {
    const behavior_class& kind = *a.kind;
    void* state = state_of(a);
    if (kind.table.destroy != nullptr) kind.table.destroy(state, kind.table.user_data);
    if (!kind.state_inline) free_state(home, a);
}

void release_joiners(core& home, spawned_pid pid) {
    lock_guard guard(home.join_lock);
    for (joiner* one = home.joiners; one != nullptr; one = one->next) {
        if (one->pid != pid) continue;
        one->ended.store_release(1);
        wake_thread(home, *one->waiting);
    }
}

// The message whose handler ended the actor: its requester need not wait for stopped.
void conclude_fatal(thread& self, core& home, message& m, const exit_record& ending) {
    m.set(message_finished);
    self.counts.handled.add(1);
    if (m.has(message_forwarded)) return;
    destroy_value(m);
    if (!m.has(message_asked) || m.has(message_answered)) return;
    m.set(message_answered);
    drop_reserved(home, m);
    const text* words = ending.failure;
    resolve_with(home, m, SPAWNED_ESTOPPED,
                 words != nullptr ? new_text(home, words->bytes, words->length) : nullptr,
                 holds::the_message);
}

// Nobody lives here any more, but senders that saw the pid may still push: what they push is dropped.
void let_queue_die(thread& self, core& home, actor& a, message* front) {
    const exit_record nothing;
    for (;;) {
        front = drop_waiting(self, home, a, front, nothing);
        const bool dead =
            front != nullptr ? a.queue.release(front, box::dead) : a.queue.release_empty(box::dead);
        if (dead) break;
        cpu_pause();
    }
    move_on(self, home, nullptr);
    if (front != nullptr) dispose(self, home, *front);
}

}  // namespace

void after_stopped(thread& self, core& home, actor& a, ended_as ended, spawned_status failure,
                   exit_record& ending) {
    if (ended != ended_as::failed) return;
    text* words = take_failure(self, failure);
    exit_record own;
    own.kind = SPAWNED_EXIT_FAILURE;
    own.place = SPAWNED_PLACE_STOPPED;
    own.code = failure;
    own.failure = words;
    log_failure(home, a, own, "stopped");
    // The first fault is the reason.
    if (ending.kind == SPAWNED_EXIT_FAILURE || ending.kind == SPAWNED_EXIT_KILLED)
        free_text(home, words);
    else
        ending = own;
}

bool end_actor(thread& self, core& home, actor& a, message* front, exit_record ending) {
    const bool had_started = a.at == phase::running;
    a.gate.fetch_or_seq_cst(gate_closed);
    uint32_t before = 0;
    (void)a.control.raise(a.control.generation(), control_closing, &before);
    if ((before & control_token) != 0) cancel_own_token(self, home, a, a.pid.load_relaxed());
    if (ending.kind == SPAWNED_EXIT_FAILURE)
        log_failure(home, a, ending, front != nullptr ? front->type->name : nullptr);
    a.at = phase::stopping;
    if (front != nullptr && !front->has(message_finished))
        conclude_fatal(self, home, *front, ending);
    const bool asked = ending.kind != SPAWNED_EXIT_KILLED || ending.by_signal;
    if (had_started && asked && a.kind->table.stopped != nullptr) {
        const spawned_exit exit = public_exit(ending);
        frame here = {nullptr, &a, nullptr};
        if (auxiliary* aux = a.aux.load_acquire()) aux->front.store_release(front);
        enter(self, here, "stopped");
        spawned_status failure = a.kind->table.stopped(context_of(a), state_of(a), &exit);
        if (auxiliary* aux = a.aux.load_acquire(); aux != nullptr && aux->awaiting) {
            aux->front.store_release(front);
            aux->ending = ending;
        }
        const ended_as ended = settle(self, home, a, here, failure, &failure);
        if (ended == ended_as::suspended) return false;
        after_stopped(self, home, a, ended, failure, ending);
    }
    finish_end(self, home, a, front, ending);
    return true;
}

void finish_end(thread& self, core& home, actor& a, message* front, const exit_record& ending) {
    const spawned_pid pid = a.pid.load_relaxed();
    remove_timers(self, a);
    stop_dropping(a);
    front = drop_waiting(self, home, a, front, ending);
    uint32_t control = a.control.bits();
    if ((control & control_room) != 0) refuse_room(self, home, pid);
    if ((control & control_watching) != 0) end_as_watcher(home, a, pid);
    destroy_state(home, a);
    if ((control & control_named) != 0) remove_names(home, pid);
    const final_words last(pid, ending);
    text* replaced;
    home.exits.add(pid, ending, &replaced);
    free_text(home, replaced);
    log_event(home, SPAWNED_LOG_DEBUG, &a, nullptr, 0, "ended");
    const bool dedicated = a.where == backend::thread;
    if (dedicated) end_dedicated(self, a);
    uncount_slot(home);
    a.pid.store_seq_cst(slot_of(pid));
    control = a.control.bits();
    if ((control & control_watched) != 0) end_as_source(self, home, last.told);
    self.counts.actors_ended.add(1);
    control = a.control.bits();
    if ((control & control_joined) != 0) release_joiners(home, pid);
    if ((control & control_room) != 0) refuse_room(self, home, pid);
    if (auxiliary* aux = a.aux.load_acquire()) {
        aux->awaiting = false;
        aux->waits_for.store_seq_cst(0);
        aux->ending = exit_record();
        forget_exits(home, *aux);
    }
    a.at = phase::vacant;
    let_queue_die(self, home, a, front);
    put_slot(self, home, a);
    release_shutdown(home);
}

void release_shutdown(core& home) {
    if (home.stopping.load_seq_cst() != 0 && is_deserted(home)) release_joiners(home, 0);
}

}  // namespace spawned::engine
