// Running an actor: the owner's side of its life.
#pragma once

#include "actor/core.hpp"

namespace spawned::engine {

// How a callback ended, its continuations included. Interrupted: it awaits, and the actor ends of a kill or of
// an exit signal.
enum class ended_as : uint8_t { done, failed, suspended, interrupted };

// Runs an actor that the caller owns, for at most budget messages. Afterwards the caller owns it no
// more: it is idle, suspended, scheduled again, or gone.
void activate(thread& self, actor& a, uint32_t budget);

// A message that will not be handled: counted, logged in moderation, its requester told. It has been
// taken out of its queue.
enum class death : uint8_t { stopped, overflow, no_handler, mismatch, expired, cancelled };
void dead_letter(thread& self, core& home, message& m, death why, const text* failure = nullptr);

// Gives back reply storage that was handed out and never committed: there is no value in it.
void drop_reserved(core& home, message& m);

// A message has left the queue for good and its value is no longer needed.
void dispose(thread& self, core& home, message& m);

// A sender has pushed onto a queue where nobody lives: it empties it again.
void drain_dead(thread& self, core& home, actor& a, message& pushed_node);

// Pushes a message for `a` and schedules the actor at need.
void deliver(thread& self, core& home, actor& a, message& m);

// Ends an actor that the caller owns. `front` holds the queue (null: notified). Returns false when
// stopped awaits: the actor is suspended then.
bool end_actor(thread& self, core& home, actor& a, message* front, exit_record ending);
// After stopped.
void finish_end(thread& self, core& home, actor& a, message* front, const exit_record& ending);
// An actor, or what was to become one, is no more: a shutdown that waits for the last one goes on.
void release_shutdown(core& home);

// Calls the owner to look at its control bits.
void call(thread& self, actor& a);

// The message leaves the count of its mailbox.
void uncount_counted(thread& self, core& home, actor& a, message& m);
inline void uncount(thread& self, core& home, actor& a, message& m) {
    if (m.has(message_counted)) [[unlikely]]
        uncount_counted(self, home, a, m);
}

// What stopped returned goes into the exit reason, unless a fault stands there already.
void after_stopped(thread& self, core& home, actor& a, ended_as ended, spawned_status failure,
                   exit_record& ending);

inline void* state_of(actor& a) {
    return a.kind->state_inline ? static_cast<void*>(a.state) : *reinterpret_cast<void**>(a.state);
}

// Drops what is registered to be awaited: the actor will not resume.
void drop_await(core& home, auxiliary& aux);

void free_state(core& home, actor& a);

// For who looks from outside: the message that the innermost running actor has come to (null: none).
inline void show_front(thread& self, message* front) {
    self.running.innermost->front.store_release(front);
}
// Waits until nobody looks at mailboxes from outside.
void wait_for_inspection(core& home);
// What has been taken out of a queue may be freed afterwards.
inline void let_inspection_end(core& home) {
    std::atomic_signal_fence(std::memory_order_seq_cst);
    if (home.inspecting.load_acquire() != 0) [[unlikely]]
        wait_for_inspection(home);
}
// As show_front; afterwards what the actor has moved past may be freed.
inline void move_on(thread& self, core& home, message* front) {
    show_front(self, front);
    let_inspection_end(home);
}

// This thread runs the actor, or ends one that never ran: for who looks from outside.
class running_scope {
public:
    running_scope(thread& self, const actor& a)
        : seen_(self.running), outer_(seen_.innermost), depth_(seen_.depth.load_relaxed()) {
        activity::running_actor& mine =
            seen_.actors[depth_ < activity::most_depth ? depth_ : activity::most_depth];
        mine.pid.store_relaxed(a.pid.load_relaxed());
        mine.kind.store_release(a.kind);
        mine.message_name.store_relaxed(nullptr);
        mine.front.store_relaxed(nullptr);
        seen_.innermost = &mine;
        seen_.depth.store_relaxed(depth_ + 1);
    }
    running_scope(const running_scope&) = delete;
    running_scope& operator=(const running_scope&) = delete;
    ~running_scope() {
        seen_.depth.store_relaxed(depth_);
        seen_.innermost = outer_;
        seen_.turn.store_relaxed(seen_.turn.load_relaxed() + 1);
    }

private:
    activity& seen_;
    activity::running_actor* const outer_;
    const uint32_t depth_;
};

// Pushes and pops a frame, for the callbacks' context and for who looks from outside.
inline void enter(thread& self, frame& here, const char* what) {
    activity& seen = self.running;
    seen.innermost->message_name.store_relaxed(what);
    seen.turn.store_relaxed(seen.turn.load_relaxed() + 1);
    here.below = self.top;
    self.top = &here;
}
inline void leave_frame(thread& self, frame& here) {
    SPAWNED_ASSERT(self.home.load_relaxed() !=
                   nullptr);  // a forked child does not return from here
    self.top = here.below;
    self.running.innermost->message_name.store_relaxed(nullptr);
}

// The rest of a callback: awaits, continuations. `status` is what the callback returned.
ended_as settle_rest(thread& self, core& home, actor& a, frame& here, spawned_status status,
                     spawned_status* failure);
inline ended_as settle(thread& self, core& home, actor& a, frame& here, spawned_status status,
                       spawned_status* failure) {
    const auxiliary* aux = a.aux.load_acquire();
    const bool awaiting = aux != nullptr && aux->awaiting;
    if (status != SPAWNED_OK || awaiting || self.failure.words != nullptr) [[unlikely]]
        return settle_rest(self, home, a, here, status, failure);
    leave_frame(self, here);
    return ended_as::done;
}

}  // namespace spawned::engine
