// A supervisor's own end: it ends its children, in the reverse order of their starts, each once the one behind it
// has ended; those of a dynamic one all at the same time. Only then does it end itself: until then it is an actor
// that handles messages, the ends of its children among them (see behavior_ends_itself). Who does not end in time is
// killed, and waited for a little longer.
#include "actor/lifecycle.hpp"
#include "supervise/supervisor.hpp"

namespace spawned::engine {

namespace {

uint64_t moment_after(uint64_t moment, uint64_t span) {
    return span >= UINT64_MAX - moment ? UINT64_MAX : moment + span;
}

// When its patience with a child that was asked to end, or killed, is over.
uint64_t patience(const supervisor& self, const child& one) {
    return moment_after(one.moment, one.killed ? self.spec->kill_grace : one.spec->shutdown);
}

// One timer for all children. Without memory for it nobody is waited for in vain: see run_out_of_patience.
void look_again_at(supervisor& self, uint64_t moment) {
    if (moment >= self.look_at) return;
    const uint64_t here = now(*self.home);
    const uint64_t delay = moment > here ? moment - here : 0;
    if (send_self_later(self, patience_type, nullptr, delay, nullptr) == SPAWNED_OK)
        self.look_at = moment;
    else
        run_out_of_patience(self, UINT64_MAX);
}

void ask_to_end(supervisor& self, child& one) {
    disarm(self, one);
    if (one.state != child_state::stopping) send_stop(self, one);
    one.state = child_state::stopping;
    one.moment = now(*self.home);
    one.killed = one.spec->shutdown == 0;
    look_again_at(self, patience(self, one));
}

void leave_behind(supervisor& self, child& one) {
    log_about(*self.home, SPAWNED_LOG_ERROR, one.pid, one.spec->behavior->name, nullptr, 0,
              "does not end: its supervisor goes on without");
    one.left = true;
    ++self.left_alone;
}

// Its last message has been handled, or this one is: it ends now.
spawned_status finish_ending(supervisor& self) {
    self.done = true;
    if (self.failure != SPAWNED_OK)
        return spawned_fail(self.failure, self.failure_text, SPAWNED_ZERO_TERMINATED);
    (void)signal_actor(*self.home, self.self, control_stop);
    return SPAWNED_OK;
}

}  // namespace

void begin_ending(supervisor& self) {
    if (self.over) return;
    self.over = true;
    self.round = round_step::none;
    self.round_pause = nullptr;
    self.ending_at = self.last;
    self.look_at = UINT64_MAX;
    for (child* one = self.last; one != nullptr; one = one->before) {
        if (one->state == child_state::restarting) {
            disarm(self, *one);
            one->state = child_state::ended;
        }
        if (self.spec->dynamic() && one->pid != 0) ask_to_end(self, *one);
    }
}

spawned_status end_on(supervisor& self) {
    if (self.done) return SPAWNED_OK;
    if (self.spec->dynamic()) {
        if (self.there > self.left_alone) return SPAWNED_OK;
        return finish_ending(self);
    }
    for (; self.ending_at != nullptr; self.ending_at = self.ending_at->before) {
        child& one = *self.ending_at;
        if (one.pid == 0 || one.left) continue;
        if (!one.asked) {
            one.asked = true;
            ask_to_end(self, one);
        }
        return SPAWNED_OK;
    }
    return finish_ending(self);
}

void run_out_of_patience(supervisor& self, uint64_t moment) {
    uint64_t next = UINT64_MAX;
    self.look_at = UINT64_MAX;
    for (child* one = self.first; one != nullptr; one = one->after) {
        if (one->pid == 0 || one->left || one->state != child_state::stopping) continue;
        if (patience(self, *one) == UINT64_MAX) continue;
        if (patience(self, *one) <= moment) {
            if (one->killed && moment != UINT64_MAX) {
                leave_behind(self, *one);
                continue;
            }
            if (!one->killed) kill_child(self, *one);
            one->killed = true;
            one->moment = now(*self.home);
        }
        const uint64_t end = patience(self, *one);
        if (end < next) next = end;
    }
    if (moment != UINT64_MAX) look_again_at(self, next);
}

spawned_status supervisor_stopped(spawned_context*, void* state, const spawned_exit* exit) {
    auto& self = *static_cast<supervisor*>(state);
    if (exit != nullptr) return SPAWNED_OK;
    begin_ending(self);
    (void)end_on(self);
    return self.done ? SPAWNED_OK : SPAWNED_EAGAIN;
}

}  // namespace spawned::engine
