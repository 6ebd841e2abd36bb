#include "actor/activation.hpp"

#include "actor/block.hpp"
#include "actor/exit_signal.hpp"
#include "actor/reply.hpp"
#include "platform/cpu.hpp"

namespace spawned::engine {

namespace {

constexpr uint32_t link_spins = 64;

enum class handled : uint8_t { done, suspended, failed, interrupted };

bool has_expired(core& home, message& m) {
    if (m.has(message_asked) && outcome_of(m) == outcome::given_up) return true;
    return request_of(m).deadline.load_relaxed() <= now(home);
}

exit_record failed_exit(thread& self, spawned_status code, spawned_exit_place place) {
    exit_record ending;
    ending.kind = SPAWNED_EXIT_FAILURE;
    ending.place = place;
    ending.code = code;
    ending.failure = take_failure(self, code);
    return ending;
}

exit_record ended_by(actor& a, uint32_t control) {
    exit_record ending;
    // Who was asked to end has no signal's bit any more, but its reason.
    const bool told = (control & (control_exit | control_asked)) != 0;
    if ((control & control_kill) == 0 && told && take_exit(a, ending)) return ending;
    ending.kind = (control & control_kill) != 0       ? SPAWNED_EXIT_KILLED
                  : (control & control_shutdown) != 0 ? SPAWNED_EXIT_SHUTDOWN
                                                      : SPAWNED_EXIT_NORMAL;
    return ending;
}

// Runs the message's handler. Afterwards m still stands in the queue; finished unless suspended.
handled handle(thread& self, core& home, actor& a, message& m, frame& here,
               spawned_status* failure) {
    if (m.has(message_finished)) return handled::done;
    uncount(self, home, a, m);
    if (m.target != a.pid.load_relaxed()) {  // for a former tenant
        dead_letter(self, home, m, death::stopped);
        return handled::done;
    }
    if (m.has(message_has_deadline) && (m.type->flags & SPAWNED_TYPE_SKIP_EXPIRED) != 0 &&
        has_expired(home, m)) {
        dead_letter(self, home, m, death::expired);
        return handled::done;
    }
    const found_handler found = find_handler(*a.kind, m.type);
    if (found.outcome != lookup::found) [[unlikely]] {
        dead_letter(self, home, m,
                    found.outcome == lookup::mismatch ? death::mismatch : death::no_handler);
        return handled::done;
    }
    if (m.kind == message_kind::tick && !begin_tick(self, reinterpret_cast<tick&>(m))) {
        dead_letter(self, home, m, death::cancelled);
        return handled::done;
    }
    here.current = &m;
    if (self.inline_asked == &m) {
        m.set(message_exclusive);
        self.inline_asked = nullptr;
    }
    enter(self, here, m.type->name);
    const spawned_status status = found.handle(context_of(a), state_of(a), value_of(m));
    switch (settle(self, home, a, here, status, failure)) {
        case ended_as::suspended:
            return handled::suspended;
        case ended_as::interrupted:
            return handled::interrupted;
        case ended_as::failed:
            return handled::failed;
        case ended_as::done:
            break;
    }
    if (m.has(message_exclusive)) forget_asker(self);
    self.counts.handled.add(1);
    return handled::done;
}

class activation {
public:
    activation(thread& self, actor& a, uint32_t budget)
        : self_(self), home_(*self.home.load_relaxed()), a_(a), budget_(budget) {}

    void run() {
        here_ = {nullptr, &a_, nullptr};
        auxiliary* aux = a_.aux.load_acquire();
        if (aux != nullptr && aux->awaiting) {
            if (!resume(*aux)) return;
        } else if (a_.at == phase::starting) {
            if (!start()) return;
        }
        loop();
    }

private:
    // Each step returns false when the actor is no longer ours.

    bool start() {
        if ((a_.control.bits_relaxed() & control_kill) == 0 && a_.kind->table.started != nullptr) {
            enter(self_, here_, "started");
            const spawned_status status = a_.kind->table.started(context_of(a_), state_of(a_));
            return after_callback(settle(self_, home_, a_, here_, status, &failure_));
        }
        a_.at = phase::running;
        return true;
    }

    bool resume(auxiliary& aux) {
        front_ = aux.front.load_relaxed();
        show_front(self_, front_);
        here_.current = a_.at == phase::running ? front_ : nullptr;
        enter(self_, here_,
              front_ != nullptr && a_.at == phase::running ? front_->type->name
              : a_.at == phase::starting                   ? "started"
                                                           : "stopped");
        return after_callback(settle(self_, home_, a_, here_, SPAWNED_OK, &failure_));
    }

    bool after_callback(ended_as ended) {
        if (ended == ended_as::suspended) return false;
        const spawned_exit_place place = a_.at == phase::starting  ? SPAWNED_PLACE_STARTED
                                         : a_.at == phase::running ? SPAWNED_PLACE_HANDLER
                                                                   : SPAWNED_PLACE_STOPPED;
        if (a_.at == phase::stopping) {
            exit_record ending = a_.aux.load_acquire()->ending;
            after_stopped(self_, home_, a_, ended, failure_, ending);
            finish_end(self_, home_, a_, front_, ending);
            return false;
        }
        if (ended == ended_as::failed) return end(failed_exit(self_, failure_, place));
        if (ended == ended_as::interrupted) return end(ended_by(a_, a_.control.bits()));
        if (a_.at == phase::running && front_ != nullptr) {
            self_.counts.handled.add(1);
            front_->set(message_finished);
        }
        if (a_.at == phase::starting) has_started();
        a_.at = phase::running;
        return true;
    }

    // Unless it has been asked to end meanwhile.
    void has_started() {
        const uint32_t control = a_.control.bits_relaxed();
        if ((control & control_watched) != 0 && (control & control_ending) == 0)
            tell_started(self_, home_, a_);
    }

    bool end(exit_record ending) {
        (void)end_actor(self_, home_, a_, front_, ending);
        return false;
    }

    bool asked_to_end() {
        uint32_t control = a_.control.bits_relaxed();
        if ((control & control_urgent) == 0) [[likely]]
            return false;
        if ((control & control_drain) != 0 && (control & control_overdue) != 0)
            control |= control_stop;
        // A signal that was withdrawn is none.
        if ((control & control_exit) != 0 && !act_on_exit(a_)) control &= ~control_exit;
        if ((control & (control_kill | control_stop | control_exit)) == 0) return false;
        if ((control & control_kill) == 0 && !may_end()) return false;
        end(ended_by(a_, control));
        return true;
    }

    // Of a behavior that ends itself; until it may, it has not been asked to.
    bool may_end() {
        const spawned_behavior& table = a_.kind->table;
        if ((table.flags & behavior_ends_itself) == 0) [[likely]]
            return true;
        enter(self_, here_, "stopped");
        const bool may = table.stopped(context_of(a_), state_of(a_), nullptr) == SPAWNED_OK;
        leave_frame(self_, here_);
        if (!may) {
            (void)a_.control.raise(a_.control.generation(), control_asked);
            a_.control.clear(a_.control.generation(), control_stop | control_exit);
        }
        return may;
    }

    bool drained() { return (a_.control.bits() & control_drain) != 0; }

    void loop() {
        for (;;) {
            if (asked_to_end()) return;
            message* next = advance();
            if (next == nullptr) return;
            front_ = next;
            if (budget_ == 0 || self_.preempt.load_relaxed() != 0) {
                self_.preempt.store_relaxed(0);
                put_back(next);
                yield_actor(self_, a_);
                return;
            }
            --budget_;
            switch (handle(self_, home_, a_, *next, here_, &failure_)) {
                case handled::done:
                    next->set(message_finished);
                    break;
                case handled::suspended:
                    return;
                case handled::interrupted:
                    end(ended_by(a_, a_.control.bits()));
                    return;
                case handled::failed:
                    end(failed_exit(self_, failure_, SPAWNED_PLACE_HANDLER));
                    return;
            }
        }
    }

    // Moves past the finished front to the next message, giving the front back; null when the actor is no
    // longer ours.
    // Where senders drop the oldest message, they and the owner take turns at the queue's front.
    message* advance() {
        auxiliary* aux = a_.aux.load_acquire();
        message* const before = front_;
        message* next;
        nothing why = nothing::idle;
        if (aux == nullptr || !aux->may_drop) [[likely]] {
            next = find_next(why);
        } else {
            lock_guard guard(aux->oldest_lock);
            next = find_next(why);
            aux->position = why == nothing::drained ? before : next;
        }
        if (next == nullptr && why != nothing::idle) [[unlikely]] {
            if (why == nothing::drained)
                end(ended_by(a_, a_.control.bits()));
            else
                yield_actor(self_, a_);
            return nullptr;
        }
        move_on(self_, home_, next);
        if (before != nullptr) dispose(self_, home_, *before);
        if (next == nullptr) become_idle();
        return next;
    }

    enum class nothing : uint8_t { idle, drained, hidden };

    // The message behind the finished front, or null and why there is none.
    message* find_next(nothing& why) {
        using box = mailbox<hardware, message>;
        for (uint32_t spins = 0;; ++spins) {
            message* next = front_ != nullptr ? box::next(front_) : a_.queue.first();
            if (next != nullptr) return next;
            // The mailbox is looked at after the bit: what was sent before the drain is there by then.
            if (drained() && a_.queue.is_last(front_)) {
                why = nothing::drained;
                return nullptr;
            }
            const bool idle = front_ != nullptr ? a_.queue.release(front_, box::idle)
                                                : a_.queue.release_empty(box::idle);
            if (idle) return nullptr;
            if (spins >= link_spins) {  // a sender was preempted before it linked its message
                show_front(self_, nullptr);
                if (front_ != nullptr) {
                    front_->unset(message_exclusive);  // another thread may be the one to leave it
                    a_.queue.put_back(front_);
                }
                why = nothing::hidden;
                return nullptr;
            }
            cpu_pause();
        }
    }

    // Leaves the rest to a later turn.
    void put_back(message* next) {
        show_front(self_, nullptr);
        auxiliary* aux = a_.aux.load_acquire();
        if (aux == nullptr || !aux->may_drop) [[likely]] {
            a_.queue.put_back(next);
            return;
        }
        lock_guard guard(aux->oldest_lock);
        aux->position = nullptr;
        a_.queue.put_back(next);
    }

    // The mailbox is idle and the actor may be anybody's; a signal raised before that is ours to see.
    void become_idle() {
        if ((a_.control.bits() & control_urgent) != 0 && a_.queue.claim()) schedule(self_, a_);
    }

    thread& self_;
    core& home_;
    actor& a_;
    uint32_t budget_;
    message* front_ = nullptr;
    spawned_status failure_ = SPAWNED_OK;
    frame here_ = {};
};

}  // namespace

void activate(thread& self, actor& a, uint32_t budget) {
    const running_scope running(self, a);
    activation(self, a, budget).run();
}

void wait_for_inspection(core& home) { lock_guard guard(home.inspect_lock); }

void call(thread& self, actor& a) {
    if (call_owner(a.queue, a.pause)) schedule(self, a);
}

}  // namespace spawned::engine
