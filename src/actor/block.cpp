#include "actor/block.hpp"

#include <string.h>

#include <new>

#include "actor/process.hpp"

namespace spawned::engine {

namespace {

// The number of its bytes stands in a line before it.
void* get_large_block(core& home, size_t bytes) {
    auto* block = static_cast<char*>(get_large(home.depot, bytes + block_alignment));
    if (block == nullptr) return nullptr;
    memcpy(block, &bytes, sizeof bytes);
    return block + block_alignment;
}

// The thread's record, without making one: memory comes back from threads and at moments where none
// should be made.
thread* record_here(core& home) {
    thread* record = last_thread();
    for (; record != nullptr; record = record->next_here)
        if (record->home.load_relaxed() == &home && !record->leaving) return record;
    return nullptr;
}

[[gnu::always_inline]] inline message* make(thread* self, core& home, size_t bytes,
                                            message_kind kind, spawned_pid to,
                                            const spawned_message_type* type, size_t value_size,
                                            size_t offset) {
    const unsigned size_class = block_cache::class_for(bytes);
    void* block;
    if (size_class != large_class) [[likely]]
        block = self != nullptr ? self->cache.get(home.depot, size_class) : nullptr;
    else
        block = get_large_block(home, bytes);
    if (block == nullptr) [[unlikely]]
        return nullptr;
    auto* m = ::new (block) message;
    m->type = type;
    m->target = to;
    m->value_size = static_cast<uint32_t>(value_size);
    m->size_class = size_class & 0xf;
    m->kind = kind;
    m->flags = 0;
    m->value_offset = static_cast<uint8_t>(offset);
    return m;
}

void init_request(message& m) {
    auto* asked = ::new (static_cast<void*>(&request_of(m))) request;
    asked->ring = nullptr;
    asked->failure = nullptr;
    asked->reply = nullptr;
    asked->status = SPAWNED_OK;
    asked->reply_size = 0;
}

}  // namespace

void* get_block(core& home, size_t bytes, uint8_t* size_class) {
    const unsigned wanted = block_cache::class_for(bytes);
    *size_class = static_cast<uint8_t>(wanted);
    if (wanted == large_class) return get_large_block(home, bytes);
    thread* self = current_thread(home);
    return self != nullptr ? self->cache.get(home.depot, wanted) : nullptr;
}

void put_block(core& home, void* block, uint8_t size_class) {
    thread* self = last_thread();
    if (self == nullptr || self->home.load_relaxed() != &home) [[unlikely]]
        self = record_here(home);
    if (size_class == large_class) {
        char* start = static_cast<char*>(block) - block_alignment;
        size_t bytes;
        memcpy(&bytes, start, sizeof bytes);
        put_large(home.depot, start, bytes + block_alignment);
    } else if (self != nullptr) [[likely]] {
        self->cache.put(home.depot, block, size_class);
        return;
    } else {
        put_shared(home.depot, block, size_class);
    }
    if (home.ended.load_acquire() == destroyed) shell_block_returned(home);
}

message* new_message(thread& self, core& home, spawned_pid to, const spawned_message_type* type,
                     size_t size) {
    if (type->reply == nullptr) {
        const size_t offset = offset_behind(sizeof(message), type);
        return make(&self, home, offset + size, message_kind::plain, to, type, size, offset);
    }
    const size_t offset = offset_behind(sizeof(asked_block), type);
    size_t bytes = offset + size;
    if ((type->reply->flags & SPAWNED_TYPE_VARIABLE) == 0)
        bytes = offset_behind(bytes, type->reply) + type->reply->value_size;
    message* m = make(&self, home, bytes, message_kind::askable, to, type, size, offset);
    if (m != nullptr) init_request(*m);
    return m;
}

message* wrap(core& home, message& carrier) {
    message* m = make(current_thread(home), home, sizeof(envelope), message_kind::envelope,
                      carrier.target, carrier.type, carrier.value_size, 0);
    if (m == nullptr) return nullptr;
    init_request(*m);
    auto* wrapped = reinterpret_cast<envelope*>(m);
    wrapped->carrier = &carrier;
    wrapped->wait = UINT64_MAX;
    m->flags = carrier.flags & message_constructed;
    return m;
}

message* new_promise(core& home, const spawned_message_type* type, uint32_t own_bytes) {
    size_t bytes = sizeof(asked_block) + own_bytes;
    if (type != nullptr && (type->flags & SPAWNED_TYPE_VARIABLE) == 0)
        bytes = offset_behind(bytes, type) + type->value_size;
    message* m = make(current_thread(home), home, bytes, message_kind::promise,
                      make_id(home.index, 0, 0), type, own_bytes, 0);
    if (m == nullptr) return nullptr;
    init_request(*m);
    m->flags = message_asked;
    request_of(*m).word.reset(reply_word<hardware>::left);
    return m;
}

message* new_tick(core& home, spawned_pid to, const spawned_message_type* type, size_t size) {
    const size_t offset = offset_behind(sizeof(tick), type);
    return make(current_thread(home), home, offset + size, message_kind::tick, to, type, size,
                offset);
}

void destroy_value(message& m) {
    if (!m.has(message_constructed)) return;
    m.unset(message_constructed);
    if (m.type->destroy != nullptr) m.type->destroy(value_of(m), m.type->user_data);
}

void free_message(core& home, message& m) {
    if (m.kind == message_kind::envelope) {
        message* carrier = reinterpret_cast<envelope*>(&m)->carrier;
        if (carrier != nullptr) put_block(home, carrier, carrier->size_class);
    }
    put_block(home, &m, m.size_class);
}

spawned_status build_copy(message& to, message& from) {
    const spawned_message_type& type = *from.type;
    if (type.copy != nullptr) {
        const spawned_status status = type.copy(value_of(to), value_of(from), type.user_data);
        if (status != SPAWNED_OK) return status;
    } else if (from.value_size != 0) {
        memcpy(value_of(to), value_of(from), from.value_size);
    }
    to.set(message_constructed);
    return SPAWNED_OK;
}

message* copy_message(core& home, message& from) {
    thread* self = current_thread(home);
    if (self == nullptr) return nullptr;
    message* made = new_message(*self, home, from.target, from.type, from.value_size);
    if (made == nullptr || build_copy(*made, from) == SPAWNED_OK) return made;
    drop_failure(*self);
    free_message(home, *made);
    return nullptr;
}

void drop_message(core& home, message& m) {
    destroy_value(m);
    free_message(home, m);
}

void* reply_storage(core& home, message& m, size_t size) {
    const spawned_message_type* type = reply_type(m);
    if (is_reply_inside(m, type)) return reply_inside(m, *type);
    // Of its own: the block's class stands in a line before it.
    uint8_t size_class;
    auto* block = static_cast<unsigned char*>(get_block(home, size + block_alignment, &size_class));
    if (block == nullptr) return nullptr;
    *block = size_class;
    return block + block_alignment;
}

void free_reply(core& home, message& m, bool destroy) {
    request& asked = request_of(m);
    if (asked.reply == nullptr) return;
    const spawned_message_type* type = reply_type(m);
    if (destroy && type != nullptr && type->destroy != nullptr)
        type->destroy(asked.reply, type->user_data);
    if (!is_reply_inside(m, type)) {
        unsigned char* block = static_cast<unsigned char*>(asked.reply) - block_alignment;
        put_block(home, block, *block);
    }
    asked.reply = nullptr;
}

text* new_text(core& home, const char* words, size_t length) {
    if (words == nullptr || length == 0) return nullptr;
    const size_t most = length < max_text ? length : max_text;
    uint8_t size_class;
    void* block = get_block(home, sizeof(text) + most, &size_class);
    if (block == nullptr) return nullptr;
    auto* made = static_cast<text*>(block);
    made->size_class = size_class;
    made->length = static_cast<uint32_t>(copy_text(words, length, made->bytes, most + 1));
    return made;
}

void free_text(core& home, text* words) {
    if (words != nullptr) put_block(home, words, words->size_class);
}

text* take_failure(thread& self, spawned_status code) {
    text* words = self.failure.words;
    self.failure.words = nullptr;
    if (words != nullptr && self.failure.code != code) {
        core* home = self.home.load_relaxed();
        free_text(*home, words);
        words = nullptr;
    }
    self.failure.code = SPAWNED_OK;
    return words;
}

void drop_failure(thread& self) {
    free_text(*self.home.load_relaxed(), take_failure(self, SPAWNED_OK));
}

auxiliary* make_auxiliary(core& home, actor& a) {
    auxiliary* present = nullptr;
    uint32_t index;
    auxiliary* made = home.auxiliaries.acquire(home.memory, &index);
    if (made == nullptr) return nullptr;
    if (a.aux.cas_acq_rel(present, made)) return made;
    home.auxiliaries.release(index);
    return present;
}

}  // namespace spawned::engine
