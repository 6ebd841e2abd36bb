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
message* new_message(thread& self, core& home, spawned_pid to, const spawned_message_type* type,
                     size_t size);

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
// Builds the value of `from` in `to`, which has none, by its type's copy or bytewise.
spawned_status build_copy(message& to, message& from);
// A copy of a message that is neither asked nor sent; null without memory or when its copy fails.
message* copy_message(core& home, message& from);
// Both, of a message that nobody will get and nobody asked about.
void drop_message(core& home, message& m);

// The type of its answer; null for none.
inline const spawned_message_type* reply_type(const message& m) {
    return m.kind == message_kind::promise ? m.type : m.type->reply;
}
// Values begin at their type's alignment, and at a multiple of 16 at least.
inline size_t offset_behind(size_t bytes, const spawned_message_type* type) {
    const size_t alignment = type != nullptr ? type->value_alignment : 1;
    return round_up(bytes, alignment < 16 ? 16 : alignment);
}
inline bool is_reply_inside(const message& m, const spawned_message_type* type) {
    return type != nullptr && (type->flags & SPAWNED_TYPE_VARIABLE) == 0 &&
           (m.kind == message_kind::askable || m.kind == message_kind::promise);
}
// Where a reply lies that is in its request's block.
inline void* reply_inside(message& m, const spawned_message_type& type) {
    const size_t before =
        m.kind == message_kind::promise ? sizeof(asked_block) : size_t{m.value_offset};
    return reinterpret_cast<char*>(&m) + offset_behind(before + m.value_size, &type);
}
// A reply's storage: in the block when it fits, else of its own. Null without memory.
void* reply_storage(core& home, message& m, size_t size);
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

auxiliary* make_auxiliary(core& home, actor& a);
// Made at need; null without memory.
inline auxiliary* auxiliary_of(core& home, actor& a) {
    auxiliary* present = a.aux.load_acquire();
    return present != nullptr ? present : make_auxiliary(home, a);
}

// runtime: a block has come back after the runtime was destroyed.
void shell_block_returned(core& home);

}  // namespace spawned::engine
