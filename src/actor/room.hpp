// Bounded mailboxes: counting, the policies, and those who wait for room.
#pragma once

#include "actor/core.hpp"

namespace spawned::engine {

enum class admission : uint8_t {
    taken,     // counted: push it
    replaces,  // counted: push it, then drop_oldest
    dropped,   // the policy drops it: a dead letter, and the sender gets OK
    full
};

// Asks for a place for one message in a bounded mailbox.
admission admit(actor& a, message& m);

// After a message that replaces the oldest was pushed.
void drop_oldest(thread& self, core& home, actor& a);
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

}  // namespace spawned::engine
