// Getting and giving back the blocks of messages, texts, states and slots, with the thread's cache where
// there is a thread and without it where there is none.
#pragma once

#include "actor/core.hpp"

namespace spawned::engine {

// Pool class, or large with the bytes; nullptr without memory. size_class is written.
void* get_block(core& home, size_t bytes, uint8_t* size_class);
void put_block(core& home, void* block, uint8_t size_class);

// A message of `type` for `to`, its value not yet constructed. An askable one has room for the reply.
// Null without memory.
message* new_message(core& home, spawned_pid to, const spawned_message_type* type, size_t size);

// A plain message's envelope, to ask it or to give it a deadline; null without memory.
message* wrap(core& home, message& carrier);

// A request without a message: room for a value of `type`, which may be null, or with null for so many
// bytes of the engine's own behind the request.
message* new_promise(core& home, const spawned_message_type* type, uint32_t own_bytes = 0);

// An interval's tick with room for a value of `type`.
message* new_tick(core& home, spawned_pid to, const spawned_message_type* type, size_t size);

// Ends the value if there is one.
void destroy_value(message& m);

// The block itself, and its carrier; the value has ended.
void free_message(core& home, message& m);

// A reply's storage: in the block when it fits, else of its own. Null without memory.
void* reply_storage(core& home, message& m, size_t size);
// The type of its answer; null for none.
const spawned_message_type* reply_type(const message& m);
void free_reply(core& home, message& m, bool destroy);

text* new_text(core& home, const char* words, size_t length);
void free_text(core& home, text* words);

// The failure recorded by spawned_fail on this thread, if it is about this code; the caller owns it.
text* take_failure(thread& self, spawned_status code);
void drop_failure(thread& self);

actor* get_slot(thread& self, core& home, spawned_status* why);
// The actor counts no longer among those that may be alive at once.
void uncount_slot(core& home);
void put_slot(thread& self, core& home, actor& a);
void return_slots(core& home, thread& self);

auxiliary* auxiliary_of(core& home, actor& a);  // made at need; null without memory

// runtime: a block has come back after the runtime was destroyed.
void shell_block_returned(core& home);

}  // namespace spawned::engine
