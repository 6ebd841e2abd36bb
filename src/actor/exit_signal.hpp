// Exit signals: an actor is told to end, and of what. They act between two callbacks, and end an await; or they
// become messages, whose storage is there before a link can bring a signal.
//
//   none -> received -> acted on -> none   taken by the end, as its reason
//           received -> none               withdrawn with the link it came through
//
// Guard of all: the actor's auxiliary::watching.lock. The control bit says that it may be worth looking. Whatever
// takes an auxiliary record takes that of a slot where `pid` lives or has lived.
#pragma once

#include "actor/core.hpp"

namespace spawned::engine {

enum class reception : uint8_t {
    ends,     // recorded, and its text taken over; call_for_exit follows
    trapped,  // it becomes a message
    ignored   // the actor ends already, or has ended, or does not mind
};
struct received {
    reception how;
    const spawned_message_type* type = nullptr;  // trapped: the message's
    message* spare = nullptr;                    // trapped, through a link: the message
};

// by_itself: a normal one ends it too. linked_to: see received_exit.
received receive_exit(actor& a, auxiliary& aux, spawned_pid pid, const exit_record& reason,
                      bool by_itself, spawned_pid linked_to);
// Without the lock: its owner looks, and who holds its token learns.
void call_for_exit(thread& self, core& home, actor& a, spawned_pid pid);

// The owner's. False: it was withdrawn.
bool act_on_exit(actor& a);
bool take_exit(actor& a, exit_record& ending);

// What `pid` has received through its link with linked_to and has not acted on.
void withdraw_exit(core& home, spawned_pid pid, spawned_pid linked_to);

// A link of the actor begins: a spare message is taken over at need. False: there is need.
bool begin_link(actor& a, auxiliary& aux, spawned_pid pid, message*& spare);
// It is over. A spare message that is not needed any more is returned.
message* end_link(actor& a, auxiliary& aux, spawned_pid pid);

// Takes the chain of spare messages over. 0: the trap is set; or so many are missing.
uint32_t set_trap(auxiliary& aux, const spawned_message_type* type, message* spares);

// The tenant is over.
void forget_exits(core& home, auxiliary& aux);

}  // namespace spawned::engine
