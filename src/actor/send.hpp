// The sender's side: from a pid and a value to a message in a mailbox.
#pragma once

#include "actor/core.hpp"

namespace spawned::engine {

enum class room_wait : uint8_t { never, allowed };

// Moves a value in and sends it; consumes it in every case. The type has been checked.
spawned_status send_value(core& home, spawned_pid to, const spawned_message_type* type,
                          const void* value);

// Puts the message into its target's mailbox. On a refusal the message stays the caller's.
spawned_status submit(thread& self, core& home, message& m, room_wait wait, uint64_t timeout);

// Ends a message that was not taken: its value, its block, its waiting requester.
void refuse(thread& self, core& home, message& m, spawned_status status);

// A forwarded message has left its former queue.
void forward_on(thread& self, core& home, message& m);

// Makes the message a request; null without memory, and the message is consumed.
message* make_request(core& home, message& m, uint64_t timeout);

// Sends what make_request made; in a full mailbox that blocks, the request waits there. On a refusal the
// request is resolved with the status.
spawned_status submit_request(thread& self, core& home, message& m);

// Sends a request and waits for its answer, running the callee right here where that is allowed.
spawned_status ask(core& home, spawned_pid to, const spawned_message_type* type, const void* value,
                   uint64_t timeout, void* out_value);

// Records the text of a failure for the running callback.
spawned_status record_failure(thread& self, core& home, spawned_status code, const char* words,
                              size_t length);

}  // namespace spawned::engine
