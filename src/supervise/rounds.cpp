// What follows from the start or the end of a child: for itself, for its group, for its supervisor.
#include <stdio.h>

#include "actor/block.hpp"
#include "actor/lifecycle.hpp"
#include "actor/reply.hpp"
#include "base/random.hpp"
#include "supervise/supervisor.hpp"

namespace spawned::engine {

namespace {

const char* name_of(const child& one) {
    return one.spec->id != nullptr     ? one.spec->id
           : one.spec->name != nullptr ? one.spec->name
                                       : one.spec->behavior->name;
}

bool is_there(const child& one) { return one.pid != 0; }

bool is_group(const supervisor& self) {
    return self.spec->strategy == SPAWNED_ONE_FOR_ALL ||
           self.spec->strategy == SPAWNED_REST_FOR_ONE;
}

// The round will end it or start it yet.
bool awaits_round(const supervisor& self, const child& one) {
    if (self.round == round_step::none || self.round_from == nullptr ||
        one.place < self.round_from->place)
        return false;
    return self.round == round_step::stopping || self.round_at == nullptr ||
           one.place >= self.round_at->place;
}

// How it ended, in words: its own, if it failed and left any. Those are searched for.
struct ending_words {
    ending_words(const supervisor& self, spawned_pid pid, const child_ended& how) {
        if (how.kind == SPAWNED_EXIT_FAILURE) {
            spawned_exit exit = SPAWNED_EXIT_INIT;
            read_exit_reason(*self.home, pid, &exit, text, sizeof text);
            if (text[0] == 0)
                (void)snprintf(text, sizeof text, "%s", spawned_status_text(how.code));
        } else {
            (void)snprintf(text, sizeof text, "%s", spawned_exit_kind_name(how.kind));
        }
    }
    char text[256] = {};
};

// A start whose failure is told in the words of the child's init, if it left any.
struct attempt {
    attempt(supervisor& self, child& one)
        : home(*self.home), status(start_child(self, one, &failure)) {}
    attempt(const attempt&) = delete;
    attempt& operator=(const attempt&) = delete;
    ~attempt() { free_text(home, failure); }
    const char* words() const {
        return failure != nullptr ? failure->bytes : spawned_status_text(status);
    }

    core& home;
    text* failure = nullptr;
    const spawned_status status;
};

// A supervisor's start fails for a child's sake, once the others have ended.
void fail_to_begin(supervisor& self, const child& one, spawned_status code, const char* why) {
    self.failure = code == SPAWNED_OK ? spawned_status{SPAWNED_EFAILED} : code;
    (void)snprintf(self.failure_text, sizeof self.failure_text, "child '%s' did not start: %s",
                   name_of(one), why);
    begin_ending(self);
}

// Its life is over and there will be no other: it stays in the table, or is forgotten.
void retire(supervisor& self, child& one) {
    one.state = child_state::ended;
    if (one.spec->restart == SPAWNED_TEMPORARY || self.spec->dynamic()) forget_child(self, one);
}

// For a reason of its own.
void end_supervisor(supervisor& self) {
    actor& a = *actor_of(*self.home, self.self);
    (void)a.control.raise(generation_of(self.self), control_shutdown);
    begin_ending(self);
}

// It ended by itself, for good. Ends the supervisor when it was (or was the last that is) significant.
void retire_by_itself(supervisor& self, child& one) {
    const bool significant = one.spec->significant;
    retire(self, one);
    if (!significant || self.spec->auto_shutdown == SPAWNED_AUTO_SHUTDOWN_NEVER) return;
    if (self.spec->auto_shutdown == SPAWNED_AUTO_SHUTDOWN_ALL)
        for (const child* other = self.first; other != nullptr; other = other->after)
            if (other->spec->significant &&
                (is_there(*other) || other->state == child_state::restarting))
                return;
    log_about(*self.home, SPAWNED_LOG_INFO, self.self, self.spec->name, nullptr, 0,
              "ends with its significant children");
    end_supervisor(self);
}

// Charges for one restart, and sets the child's timer if there is something to wait for; false: it was one too
// many. failed: it was an attempt that failed, so that the next one comes by a message at the earliest.
bool charge(supervisor& self, child& one, bool failed, bool* out_waits) {
    const supervisor_spec& spec = *self.spec;
    const uint64_t moment = now(*self.home);
    one.state = child_state::restarting;
    if (!self.window.allow(moment)) {
        one.state = child_state::ended;
        log_about(*self.home, SPAWNED_LOG_ERROR, self.self, spec.name, nullptr, 0,
                  "gives up: child '%s' needs more than %u restarts in %llu ms", name_of(one),
                  spec.intensity,
                  static_cast<unsigned long long>(spec.period / SPAWNED_MILLISECOND));
        end_supervisor(self);
        return false;
    }
    ++one.restarts;
    if (!failed && moment - one.moment >= spec.period) one.in_a_row = 0;
    random_generator jitter(one.pid ^ moment ^ self.self, random_stream::schedule, one.serial);
    const uint64_t pause =
        restart_pause(spec.backoff, spec.backoff_max, one.in_a_row, jitter.next());
    if (one.in_a_row < UINT16_MAX) ++one.in_a_row;
    *out_waits = (failed || pause != 0) && arm(self, one, pause);
    return true;
}

// One restart of one child that concerns nobody else.
void start_anew(supervisor& self, child& one, bool failed) {
    bool waits = false;
    while (charge(self, one, failed, &waits) && !waits) {
        if (start_child(self, one) == SPAWNED_OK) return;
        if (self.home->stopping.load_acquire() != 0) return;
        failed = true;
    }
}

// The round that restarts a group; it is gone on with by the caller.
void plan_group(supervisor& self, child& one, bool failed) {
    bool waits = false;
    if (!charge(self, one, failed, &waits)) return;
    if (waits) {
        if (self.round_pause != nullptr && self.round_pause != &one)
            disarm(self, *self.round_pause);
        self.round_pause = &one;
    }
    self.round_from = self.spec->strategy == SPAWNED_ONE_FOR_ALL ? self.first : &one;
    self.round_at = self.last;
    self.round = round_step::stopping;
}

spawned_status restart(supervisor& self, child& one, bool failed) {
    if (is_group(self))
        plan_group(self, one, failed);
    else
        start_anew(self, one, failed);
    return go_on(self);
}

spawned_status ended_by_itself(supervisor& self, child& one, spawned_exit_kind kind) {
    if (!starts_anew(one.spec->restart, kind)) {
        retire_by_itself(self, one);
        return go_on(self);
    }
    if (awaits_round(self, one)) {
        one.state = child_state::restarting;
        return go_on(self);
    }
    return restart(self, one, false);
}

// Everybody has started: whoever waits for that is told, and what has ended meanwhile is looked at.
void finish_beginning(supervisor& self) {
    self.beginning = false;
    if (self.ready != nullptr) (void)spawned_message_send(self.ready);
    self.ready = nullptr;
    if (self.ready_promise != nullptr)
        resolve_with(*self.home, *self.ready_promise, SPAWNED_OK, nullptr, holds::a_handle);
    self.ready_promise = nullptr;
    for (;;) {
        child* one = self.first;
        while (one != nullptr && !one->early) one = one->after;
        if (one == nullptr || self.over) return;
        one->early = false;
        const auto kind = static_cast<spawned_exit_kind>(one->moment);
        one->moment = now(*self.home);
        (void)ended_by_itself(self, *one, kind);
    }
}

// A start that did not come to its end.
void failed_to_start(supervisor& self, child& one, spawned_status code, const char* why) {
    if (one.fresh || one.waiting != nullptr) {
        one.wanted = false;
        one.state = child_state::ended;
        answer_waiters(self, one, true, code == SPAWNED_OK ? spawned_status{SPAWNED_EFAILED} : code,
                       why);
        if (one.fresh) forget_child(self, one);
        return;
    }
    if (self.beginning) return fail_to_begin(self, one, code, why);
    log_about(*self.home, SPAWNED_LOG_ERROR, self.self, self.spec->name, nullptr, 0,
              "child '%s' did not start: %s", name_of(one), why);
    if (is_group(self))
        plan_group(self, one, true);
    else
        start_anew(self, one, true);
}

// The next step of a round's first half; false: it waits.
bool stop_next(supervisor& self) {
    child* at = self.round_at;
    if (at == nullptr || self.round_from == nullptr || at->place < self.round_from->place) {
        self.round = round_step::starting;
        self.round_at = self.round_from;
        return true;
    }
    if (is_there(*at)) {
        if (at->state != child_state::stopping) stop_child(self, *at);
        return false;
    }
    self.round_at = at->before;
    return true;
}

// The next step of its second half; false: it waits.
bool start_next(supervisor& self) {
    child& at = *self.round_at;
    if (is_there(at)) {
        if (at.state == child_state::starting || at.state == child_state::stopping) return false;
    } else if (at.wanted && !at.early) {
        const attempt start(self, at);
        if (start.status != SPAWNED_OK) {
            if (self.home->stopping.load_acquire() != 0) return false;
            failed_to_start(self, at, start.status, start.words());
            return true;
        }
        if (at.state == child_state::starting) return false;
        at.fresh = false;
        answer_waiters(self, at, true, SPAWNED_OK, nullptr);
    }
    self.round_at = at.after;
    return true;
}

}  // namespace

spawned_status go_on(supervisor& self) {
    while (self.round != round_step::none && !self.over) {
        if (self.round == round_step::stopping) {
            if (!stop_next(self)) return SPAWNED_OK;
        } else if (self.round_at == nullptr) {
            self.round = round_step::none;
            self.round_from = nullptr;
        } else if (self.round_pause != nullptr || !start_next(self)) {
            return SPAWNED_OK;
        }
    }
    if (self.over) return end_on(self);
    if (self.beginning && self.left_behind == 0) finish_beginning(self);
    return self.over ? end_on(self) : spawned_status{SPAWNED_OK};
}

spawned_status begin(supervisor& self) {
    if (self.over) return end_on(self);
    self.round = round_step::starting;
    self.round_from = self.round_at = self.first;
    return go_on(self);
}

spawned_status has_started(supervisor& self, child& one) {
    one.state = child_state::running;
    one.fresh = false;
    answer_waiters(self, one, true, SPAWNED_OK, nullptr);
    return go_on(self);
}

// Because it was asked to.
void was_stopped(supervisor& self, child& one) {
    answer_waiters(self, one, false, SPAWNED_OK, nullptr);
    if (one.wanted && one.spec->restart != SPAWNED_TEMPORARY && !self.over) {
        one.state = child_state::restarting;
        return;
    }
    answer_waiters(self, one, true, SPAWNED_ESTOPPED, nullptr);
    retire(self, one);
}

spawned_status has_ended(supervisor& self, child& one, const child_ended& how) {
    const child_state before = one.state;
    const ending_words words(self, one.pid, how);
    leave_pid(self, one);
    if (one.left) --self.left_alone;
    disarm(self, one);
    one.state = child_state::ended;
    if (before == child_state::stopping || self.over) {
        was_stopped(self, one);
        return go_on(self);
    }
    if (before == child_state::starting) {
        // An actor that found itself not needed; a supervisor is stopped by somebody else.
        if (how.kind == SPAWNED_EXIT_NORMAL && one.spec->nested == nullptr) {
            answer_waiters(self, one, true, SPAWNED_OK, nullptr);
            one.fresh = false;
            if (self.round_at == &one) self.round_at = one.after;
            retire(self, one);
        } else {
            failed_to_start(self, one, how.code, words.text);
        }
        return go_on(self);
    }
    if (spawned_exit_is_abnormal(how.kind) != 0)
        log_about(*self.home, SPAWNED_LOG_WARNING, self.self, self.spec->name, nullptr, 0,
                  "child '%s' ended: %s", name_of(one), words.text);
    if (self.beginning) {
        one.early = true;
        one.moment = how.kind;
        return SPAWNED_OK;
    }
    return ended_by_itself(self, one, how.kind);
}

spawned_status is_due(supervisor& self, child& one) {
    one.timer = 0;
    if (one.state == child_state::stopping) {
        kill_child(self, one);
        return SPAWNED_OK;
    }
    if (one.state != child_state::restarting) return SPAWNED_OK;
    if (self.round_pause == &one) {
        self.round_pause = nullptr;
        return go_on(self);
    }
    if (start_child(self, one) != SPAWNED_OK && self.home->stopping.load_acquire() == 0)
        start_anew(self, one, true);
    return go_on(self);
}

spawned_status start_for_call(supervisor& self, child& one) {
    one.wanted = true;
    const bool round_to_come = self.beginning && self.round == round_step::none;
    if (round_to_come || awaits_round(self, one)) return SPAWNED_OK;
    const attempt start(self, one);
    if (start.status != SPAWNED_OK)
        failed_to_start(self, one, start.status, start.words());
    else if (one.state == child_state::running)
        return has_started(self, one);
    return go_on(self);
}

spawned_status give_up_restart(supervisor& self, child& one) {
    disarm(self, one);
    if (self.round_pause == &one) self.round_pause = nullptr;
    one.wanted = false;
    retire(self, one);
    return go_on(self);
}

}  // namespace spawned::engine
