#include <spawned/reply.h>

#include "actor/activation.hpp"
#include "actor/block.hpp"
#include "base/copy.hpp"
#include "check.hpp"
#include "runtime/runtime.hpp"

using namespace spawned::boundary;

namespace {

bool is_wanted(message& m) { return outcome_of(m) == outcome::pending; }

// Where the answer of `size` bytes goes.
spawned_status reserve(core& home, message& m, size_t size, void** out_storage) {
    const spawned_message_type* type = reply_type(m);
    if (type == nullptr) return SPAWNED_EINVAL;
    const bool variable = (type->flags & SPAWNED_TYPE_VARIABLE) != 0;
    if (size == 0) size = type->value_size;
    if (variable ? size < type->value_size : size != type->value_size) return SPAWNED_EINVAL;
    if (size > home.max_payload) return SPAWNED_ETOOBIG;
    void* storage = reply_storage(home, m, size);
    if (storage == nullptr) return SPAWNED_ENOMEM;
    request& asked = request_of(m);
    asked.reply = storage;
    asked.reply_size = static_cast<uint32_t>(size);
    *out_storage = storage;
    return SPAWNED_OK;
}

// Moves a value in as the answer; consumes it whatever happens.
spawned_status put_value(core& home, message& m, const void* value) {
    const spawned_message_type* type = reply_type(m);
    if (type == nullptr) return value == nullptr ? SPAWNED_OK : SPAWNED_EINVAL;
    if (value == nullptr && type->value_size != 0) return SPAWNED_EINVAL;
    void* storage = nullptr;
    spawned_status status = SPAWNED_EUNSUPPORTED;
    if (type->flags == 0 && type->value_size <= home.max_payload && is_reply_inside(m, type))
        [[likely]] {
        request& asked = request_of(m);
        asked.reply = reply_inside(m, *type);
        asked.reply_size = static_cast<uint32_t>(type->value_size);
        copy_value(asked.reply, value, type->value_size);
        return SPAWNED_OK;
    }
    if ((type->flags & SPAWNED_TYPE_PINNED) == 0)
        status = reserve(home, m, type->value_size, &storage);
    if (status != SPAWNED_OK) {
        consume(type, value);
        return status;
    }
    copy_value(storage, value, type->value_size);
    return SPAWNED_OK;
}

text* words_of(core& home, const char* words, size_t length) {
    if (words == nullptr) return nullptr;
    if (length == SPAWNED_ZERO_TERMINATED) length = strnlen(words, max_text + 4);
    return new_text(home, words, length);
}

// The message a handler may answer. ENOENT: nobody asked.
spawned_status answerable(const spawned_context* context, running* now_is, message** out_message) {
    const spawned_status found = find_running(context, now_is);
    if (found != SPAWNED_OK) return found;
    message* m = now_is->top->current;
    if (m == nullptr) return SPAWNED_EINVAL;
    if (m->has(message_answered)) return SPAWNED_EALREADY;
    *out_message = m;
    return m->has(message_asked) ? SPAWNED_OK : SPAWNED_ENOENT;
}

// An answer given after the kill was accepted is discarded.
bool is_killed(const running& now_is) { return (now_is.self->control.bits() & control_kill) != 0; }

void answer(const running& now_is, message& m) {
    m.set(message_answered);
    if (is_killed(now_is)) {
        free_reply(*now_is.home, m, true);
        now_is.here->counts.late_replies.add(1);
        request_of(m).status = SPAWNED_ESTOPPED;
    }
    resolve(*now_is.home, m, holds::the_message);
}

struct sent_value {
    const void* value;
};
struct sent_failure {
    spawned_status code;
    const char* words;
    size_t length;
};
struct reservation {
    size_t size;
    void** out_storage;
};

spawned_status act_send(core& home, reply_slot& slot, message& m, void* argument) {
    const void* value = static_cast<sent_value*>(argument)->value;
    if (slot.reserved) free_reply(home, m, false);
    const spawned_status status = put_value(home, m, value);
    resolve_with(home, m, status == SPAWNED_OK ? SPAWNED_OK : SPAWNED_ENOREPLY, nullptr,
                 holds::a_handle);
    return status;
}

spawned_status act_reserve(core& home, reply_slot& slot, message& m, void* argument) {
    auto& wanted = *static_cast<reservation*>(argument);
    if (slot.reserved) return SPAWNED_EALREADY;
    const spawned_status status = reserve(home, m, wanted.size, wanted.out_storage);
    slot.reserved = status == SPAWNED_OK;
    return status;
}

spawned_status act_is_reserved(core&, reply_slot& slot, message&, void*) {
    return slot.reserved ? SPAWNED_OK : SPAWNED_EINVAL;
}

spawned_status act_commit(core& home, reply_slot&, message& m, void*) {
    resolve_with(home, m, SPAWNED_OK, nullptr, holds::a_handle);
    return SPAWNED_OK;
}

spawned_status act_fail(core& home, reply_slot& slot, message& m, void* argument) {
    const auto& failure = *static_cast<sent_failure*>(argument);
    if (slot.reserved) free_reply(home, m, false);
    resolve_with(home, m, failure.code, words_of(home, failure.words, failure.length),
                 holds::a_handle);
    return SPAWNED_OK;
}

spawned_status act_is_wanted(core&, reply_slot&, message& m, void*) {
    return is_wanted(m) ? SPAWNED_OK : SPAWNED_ENOENT;
}

spawned_status find_type(core&, reply_slot&, message& m, void* argument) {
    *static_cast<const spawned_message_type**>(argument) = reply_type(m);
    return SPAWNED_OK;
}

}  // namespace

extern "C" {

spawned_status spawned_reply(spawned_context* context, const void* value) {
    running now_is;
    message* m = nullptr;
    spawned_status status = answerable(context, &now_is, &m);
    if (status == SPAWNED_ECONTEXT || status == SPAWNED_EFORKED || status == SPAWNED_EINVAL)
        return status;
    message& current = *now_is.top->current;
    if (status != SPAWNED_OK) {
        const spawned_message_type* type =
            current.kind == message_kind::promise ? current.type : current.type->reply;
        if (type != nullptr) consume(type, value);
        if (type == nullptr && value != nullptr && status == SPAWNED_ENOENT) return SPAWNED_EINVAL;
        return status == SPAWNED_ENOENT ? SPAWNED_OK : status;
    }
    drop_reserved(*now_is.home, *m);
    status = put_value(*now_is.home, *m, value);
    if (status == SPAWNED_OK) answer(now_is, *m);
    return status;
}

spawned_status spawned_reply_reserve(spawned_context* context, size_t size, void** out_storage) {
    if (out_storage == nullptr) return SPAWNED_EINVAL;
    *out_storage = nullptr;
    running now_is;
    message* m = nullptr;
    spawned_status status = answerable(context, &now_is, &m);
    if (status != SPAWNED_OK) return status;
    if (m->has(message_reserved)) return SPAWNED_EALREADY;
    status = reserve(*now_is.home, *m, size, out_storage);
    if (status == SPAWNED_OK) m->set(message_reserved);
    return status;
}

spawned_status spawned_reply_commit(spawned_context* context) {
    running now_is;
    message* m = nullptr;
    const spawned_status status = answerable(context, &now_is, &m);
    if (status != SPAWNED_OK) return status == SPAWNED_ENOENT ? SPAWNED_EINVAL : status;
    if (!m->has(message_reserved)) return SPAWNED_EINVAL;
    m->unset(message_reserved);
    answer(now_is, *m);
    return SPAWNED_OK;
}

spawned_status spawned_reply_fail(spawned_context* context, spawned_status code, const char* text,
                                  size_t length) {
    if (code == SPAWNED_OK) return SPAWNED_EINVAL;
    running now_is;
    message* m = nullptr;
    const spawned_status status = answerable(context, &now_is, &m);
    if (status != SPAWNED_OK) return status == SPAWNED_ENOENT ? SPAWNED_OK : status;
    drop_reserved(*now_is.home, *m);
    request& asked = request_of(*m);
    asked.status = as_outcome(code);
    asked.failure = words_of(*now_is.home, text, length);
    answer(now_is, *m);
    return SPAWNED_OK;
}

spawned_status spawned_reply_detach(spawned_context* context, spawned_reply_to* out_reply) {
    if (out_reply == nullptr) return SPAWNED_EINVAL;
    *out_reply = 0;
    running now_is;
    message* m = nullptr;
    spawned_status status = answerable(context, &now_is, &m);
    if (status != SPAWNED_OK) return status;
    drop_reserved(*now_is.home, *m);
    m->unset(message_exclusive);
    status = make_reply_handle(*now_is.home, *m, out_reply);
    if (status != SPAWNED_OK) return status;
    m->set(message_answered);
    move_holder(*now_is.home, *m, 0);
    return SPAWNED_OK;
}

spawned_status spawned_reply_to_send(spawned_reply_to reply, const void* value) {
    const spawned_message_type* type = nullptr;
    const spawned_status status = with_reply(reply, reply_use::look, find_type, &type);
    if (status != SPAWNED_OK) return status;
    if (value == nullptr && type != nullptr && type->value_size != 0) return SPAWNED_EINVAL;
    if (value != nullptr && type == nullptr) return SPAWNED_EINVAL;
    sent_value sent = {value};
    return with_reply(reply, reply_use::use_up, act_send, &sent);
}

spawned_status spawned_reply_to_reserve(spawned_reply_to reply, size_t size, void** out_storage) {
    if (out_storage == nullptr) return SPAWNED_EINVAL;
    *out_storage = nullptr;
    reservation wanted = {size, out_storage};
    return with_reply(reply, reply_use::look, act_reserve, &wanted);
}

spawned_status spawned_reply_to_commit(spawned_reply_to reply) {
    const spawned_status status = with_reply(reply, reply_use::look, act_is_reserved, nullptr);
    return status != SPAWNED_OK ? status
                                : with_reply(reply, reply_use::use_up, act_commit, nullptr);
}

spawned_status spawned_reply_to_fail(spawned_reply_to reply, spawned_status code, const char* text,
                                     size_t length) {
    if (code == SPAWNED_OK) return SPAWNED_EINVAL;
    sent_failure failure = {code, text, length};
    return with_reply(reply, reply_use::use_up, act_fail, &failure);
}

spawned_status spawned_reply_to_release(spawned_reply_to reply) {
    sent_failure failure = {SPAWNED_ENOREPLY, nullptr, 0};
    return with_reply(reply, reply_use::use_up, act_fail, &failure);
}

spawned_status spawned_reply_to_is_wanted(spawned_reply_to reply) {
    return with_reply(reply, reply_use::look, act_is_wanted, nullptr);
}
}
