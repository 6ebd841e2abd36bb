// A listener: a source that feeds a mailbox, meets its bound, and ends with either side. What the kinds of
// sources have in common; pull_listener.hpp, push_listener.hpp and loop_listener.hpp are the kinds.
//
// The source's side is one thread at a time. From any other one comes `call`: the source should look again,
// since there is room or the listener is over. A call that is there for nothing does no harm.
//
//   state bits: over    the receiver is asked to stop or has ended, or the token is cancelled
//               left    the source has left: no call begins any more
//               waits   call_for_room has it in its list
//
// References: the source's, one for each armed watch, one while it is in the list of those who wait for
// room, and whatever a kind counts. The last one that is let go calls `gone`.
#pragma once

#include "actor/core.hpp"

namespace spawned::engine {

enum listener_bit : uint32_t {
    listener_over = 1,
    listener_left = 2,
    listener_waits = 4,
    listener_receiver_fired = 8,  // the watch of its token
    listener_until_fired = 16
};

struct listener {
    core* home = nullptr;
    spawned_pid to = 0;
    void (*call)(listener& self) = nullptr;  // under no lock
    void (*gone)(listener& self) = nullptr;
    hardware::atomic<uint32_t> state;
    hardware::atomic<uint32_t> references{1};
    uint64_t on_receiver = 0, on_until = 0;  // events; 0: none
    room_waiter room = {};
};

// The source's reference is the caller's, who leaves in any case. Calls may come from now on.
spawned_status begin_listener(listener& one, core& home, spawned_pid to, uint64_t until);

inline bool is_over(const listener& one) { return (one.state.load_acquire() & listener_over) != 0; }

// What a refusal means to the source, which is called when there is room after EFULL; or OK: it pushes again
// now. A receiver that says ESTOPPED has ended the listener, though the watch may not have fired yet.
spawned_status after_refusal(listener& one, spawned_status status);

// Sends a message to the receiver. EFULL: the source is called when there is room. Unless OK the message is
// still the caller's.
spawned_status push(listener& one, message& m);

// The source has ended, and lets go of its reference.
void leave_listener(listener& one);

inline void hold(listener& one) { one.references.fetch_add_relaxed(1); }
void let_go(listener& one);

}  // namespace spawned::engine
