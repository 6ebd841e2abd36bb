// The two sides of a request. The answering side resolves it once and leaves it once; the asking side
// polls, gives up, waits and releases. Whoever takes the last step frees the block.
#pragma once

#include "actor/core.hpp"

namespace spawned::engine {

// A response: an asked block, or an error in a word.
inline spawned_response* response_of(message& m) { return reinterpret_cast<spawned_response*>(&m); }
inline spawned_response* response_of_error(spawned_status status) {
    return reinterpret_cast<spawned_response*>(
        (static_cast<uintptr_t>(static_cast<uint32_t>(status)) << 1) | 1);
}
// A failure as an outcome. EAGAIN says that there is none yet: who has nothing else to say has failed.
constexpr spawned_status as_outcome(spawned_status status) {
    return status == SPAWNED_EAGAIN ? spawned_status{SPAWNED_EFAILED} : status;
}

inline bool is_error(const spawned_response* response) {
    return (reinterpret_cast<uintptr_t>(response) & 1) != 0;
}
inline spawned_status error_of(const spawned_response* response) {
    return static_cast<spawned_status>(
        static_cast<uint32_t>(reinterpret_cast<uintptr_t>(response) >> 1));
}
inline message& asked_of(spawned_response* response) {
    return *reinterpret_cast<message*>(response);
}

// Answering side. status, reply and failure stand in the request; resolves it and wakes who waits.
// `and_leave`: the message is done with as well, in the same step. The block may be gone afterwards.
//
// holds: what the answering side still holds besides the duty to answer.
enum class holds : uint8_t {
    the_message,   // it is in its handler or its queue: leave follows
    nothing_more,  // this is the last step of that side as well
    a_handle       // detached, or a promise: the handler may be at work on another thread
};
void resolve(core& home, message& m, holds rest);
void resolve_with(core& home, message& m, spawned_status status, text* failure, holds rest);
// The message has left its mailbox and handler.
void leave(core& home, message& m);

// The duty to answer moves from the handler's actor to another, or to nobody known (0).
void move_holder(core& home, message& m, spawned_pid to);

// Asking side.
enum class outcome : uint8_t { pending, ready, given_up };
outcome outcome_of(message& m);
// Gives up with an error of the asking side's own; false when the answer was first. why is taken over,
// and freed when it is not needed.
bool give_up(core& home, message& m, spawned_status status, text* why);
// Of a request given up.
spawned_status given_up_status(const request& asked);
text* given_up_text(const request& asked);
// The status of a response that is ready or given up; checks the deadline. EAGAIN: pending.
spawned_status poll(core& home, message& m);
// The deadline of a request that begins now; 0 for no limit.
uint64_t deadline_after(core& home, uint64_t timeout);
// After an inline run: an answer that came after the deadline is discarded. The watchdog's clock tells
// where there is time enough.
void discard_overrun(core& home, message& m);
inline void expire_overrun(core& home, message& m) {
    const uint64_t deadline = request_of(m).deadline.load_relaxed();
    const uint64_t coarse = home.coarse_now.load_relaxed();
    const bool ample = coarse != 0 && coarse + SPAWNED_SECOND / 2 < deadline;
    if (!ample && deadline != 0) discard_overrun(home, m);
}
spawned_status wait(thread& self, core& home, message& m, uint64_t deadline);
void release(core& home, message& m);
// Moves the value of an answered request to where out_value says, unless that is nowhere.
void take_reply(core& home, message& m, void* out_value);
// Nobody but the asking side uses the block any more: its last release.
void free_asked(core& home, message& m);

// Sets a bell, or with null takes it away.
spawned_status set_bell(core& home, message& m, void (*ring)(void*), void* user_data);
// The response is let go: no bell of it is left with the asking side.
void drop_bell(core& home, message& m);
void ring_bell(core& home, bell& one);
void release_bell(core& home, bell& one);

// Whether waiting for `target` would close a circle of waiting actors. The names, from `self` on, are
// written to `names`.
bool closes_circle(core& home, const actor& self, spawned_pid target, char* names, size_t capacity);
// The same for an actor whose edge is set. Of several that close one circle together, one is told; its
// edge is gone then.
bool must_not_wait(core& home, const actor& self, auxiliary& aux, spawned_pid target, char* names,
                   size_t capacity);
void set_wait_edge(auxiliary& aux, message& m, const actor& self);
// The same before the message is sent, when nobody else knows it, for callees that run on this stack; who
// comes to wait for another thread sets the edge once more.
inline void begin_wait_edge(auxiliary& aux, message& m, const actor& self) {
    request& asked = request_of(m);
    const uint64_t wait = aux.wait_serial.load_relaxed() + 1;
    aux.wait_serial.store_release(wait);
    asked.asker.store_relaxed(edge_to(self.pid.load_relaxed(), wait));
    aux.waits_for.store_release(edge_to(asked.holder.load_relaxed(), wait));
}
inline void clear_wait_edge(auxiliary& aux) {
    if (aux.waits_for.load_relaxed() != 0) aux.waits_for.store_seq_cst(0);
}
// The handler of a request that ran on its requester's stack has ended: from here on other threads may run
// its actor, and ask the requester, before the requester goes on. Who runs that actor then is ordered
// behind its mailbox's release, and so behind this store.
inline void forget_asker(thread& self) {
    auxiliary* aux = self.top != nullptr ? self.top->self->aux.load_acquire() : nullptr;
    if (aux != nullptr) aux->waits_for.store_release(0);
}
// Whether closes_circle has to be asked: the target waits for somebody, or is the actor itself.
inline bool may_close_circle(const actor& self, const actor& target) {
    if (&self == &target) return true;
    const auxiliary* aux = target.aux.load_acquire();
    return aux != nullptr && aux->waits_for.load_seq_cst() != 0;
}
// Logs and counts a refusal; returns the circle's names as a text.
text* refuse_circle(core& home, const actor& self, const char* names);

}  // namespace spawned::engine
