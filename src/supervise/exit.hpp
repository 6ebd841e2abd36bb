// Exit signals on their way: from an actor that ends or from whoever sends one, to an actor that ends of it or is
// sent a message.
#pragma once

#include "actor/watch.hpp"

namespace spawned::engine {

// To the actor `to`, who lives there or has lived; it has an auxiliary record. said.pid: whose end it is, or who
// sends it. ENOMEM only when not through a link.
spawned_status signal_exit(thread& self, core& home, actor& a, spawned_pid to,
                           const ended_actor& said, spawned_pid linked_to);

// From the actor that runs here, or from outside. OK also when the actor has ended.
spawned_status send_exit(core& home, spawned_pid pid, const spawned_exit& exit, const char* words,
                         size_t length);

// Of the running actor of the innermost frame; type: null for signals that act.
spawned_status trap_exits(thread& self, core& home, const spawned_message_type* type);

}  // namespace spawned::engine
