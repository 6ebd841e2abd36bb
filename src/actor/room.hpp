// Bounded mailboxes: counting, the policies, and those who wait for room.
//
// The count belongs to one tenant of the slot: its generation stands beside it in the word. A sender that
// comes late to a former tenant is refused, and what such a sender had pushed is not counted.
#pragma once

#include "actor/core.hpp"

namespace spawned::engine {

enum class admission : uint8_t {
    taken,     // counted: push it
    replaces,  // counted: push it, then drop_oldest
    dropped,   // the policy drops it: a dead letter, and the sender gets OK
    full,
    gone  // its target has ended
};

// A new tenant with a bound moves in.
void begin_count(auxiliary& aux, uint32_t generation);

// Asks for a place for one message in a bounded mailbox.
admission admit(actor& a, message& m);

// Gives the message's place back. False: it had none in the present tenant's mailbox.
bool give_back_place(actor& a, message& m);

// After a message to `pid` that replaces the oldest was pushed.
void drop_oldest(thread& self, core& home, actor& a, spawned_pid pid);
// The actor ends: its queue is its own again.
void stop_dropping(actor& a);

// A place has become free: takes parked messages in and calls waiting threads.
void give_room(thread& self, core& home, actor& a);

// The actor has ended: all who wait for room in it are told.
void refuse_room(thread& self, core& home, spawned_pid pid);

// Waits on the calling thread until the message was taken or the time is over.
spawned_status wait_for_room(thread& self, core& home, actor& a, message& m, uint64_t timeout);

// Parks the message until there is room. promise may be null: then the message is a request, and its own
// response is told of a refusal. Takes both over on OK.
spawned_status park_for_room(thread& self, core& home, actor& a, message& m, message* promise);

// one.call is called once, when there is room in the mailbox of one.pid or its actor ends. False: there is
// some by now, or nobody is there, and it will not be called.
bool call_for_room(core& home, actor& a, room_waiter& one);
// True: it will not be called.
bool forget_room(core& home, room_waiter& one);

}  // namespace spawned::engine
