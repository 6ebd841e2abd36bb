// The message that tells of an end: its value is a spawned_ended, of a type of the receiver's own.
#pragma once

#include <spawned/monitor.h>

#include "actor/core.hpp"
#include "actor/watch.hpp"

namespace spawned::engine {

// Null without memory. type: null for one that is given it when it is sent.
message* new_ended_message(thread& self, core& home, spawned_pid to,
                           const spawned_message_type* type, const spawned_ended& told);

inline spawned_ended& ended_in(message& m) {
    return *reinterpret_cast<spawned_ended*>(reinterpret_cast<char*>(&m) + m.value_offset);
}

// Fills in who and how, of one whom the message tells of at once.
void write_told(spawned_ended& told, const ended_actor& ended);

// Fills in how. ended: null when it had ended before; what is remembered of it then.
void write_end(core& home, spawned_ended& told, const ended_actor* ended);

}  // namespace spawned::engine
