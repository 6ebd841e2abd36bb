#include <spawned/message.h>

#include "actor/block.hpp"
#include "actor/process.hpp"
#include "actor/room.hpp"
#include "actor/send.hpp"
#include "check.hpp"
#include "runtime/runtime.hpp"

using namespace spawned::boundary;

namespace {

message& engine_of(spawned_message* m) { return *reinterpret_cast<message*>(m); }
spawned_message* public_message(message* m) { return reinterpret_cast<spawned_message*>(m); }

// The runtime a message was built in, alive or only kept by its last blocks.
core& home_of(const message& m) { return *shell_at(m.target); }

// An unsent message's envelope hangs on its link.
message* envelope_of(message& m) { return m.next.load_relaxed(); }

// What is sent: the envelope where there is one.
message& outer(message& m) {
    message* wrapped = envelope_of(m);
    message& sent = wrapped != nullptr ? *wrapped : m;
    sent.set(message_constructed);
    return sent;
}

void discard(core& home, message& m, bool constructed) {
    if (is_forked(home)) return;
    message* wrapped = envelope_of(m);
    message& whole = wrapped != nullptr ? *wrapped : m;
    if (constructed) {
        whole.set(message_constructed);
        destroy_value(whole);
    }
    free_message(home, whole);
}

uint64_t wait_of(const message& m) {
    return m.kind == message_kind::envelope ? reinterpret_cast<const envelope&>(m).wait
                                            : SPAWNED_FOREVER;
}

spawned_status wrap_for(message& m, envelope** out_envelope) {
    core& home = home_of(m);
    if (is_forked(home)) return SPAWNED_EFORKED;
    message* wrapped = envelope_of(m);
    if (wrapped == nullptr) {
        if (home.ended.load_acquire() != 0) return SPAWNED_ESTOPPED;
        wrapped = wrap(home, m);
        if (wrapped == nullptr) return SPAWNED_ENOMEM;
        m.next.store_relaxed(wrapped);
    }
    *out_envelope = reinterpret_cast<envelope*>(wrapped);
    return SPAWNED_OK;
}

spawned_status find_home(spawned_pid to, core** out_home) {
    if (!is_possible(to)) return SPAWNED_EINVAL;
    *out_home = runtime_at(to);
    if (*out_home == nullptr || actor_of(**out_home, to) == nullptr) {
        const spawned_status why = why_absent(to);
        if (why != SPAWNED_ESTOPPED || *out_home == nullptr) return why;
    }
    return current_thread(**out_home) != nullptr ? SPAWNED_OK : SPAWNED_ENOMEM;
}

bool is_size(const spawned_message_type* type, size_t size) {
    if ((type->flags & SPAWNED_TYPE_VARIABLE) != 0) return size == 0 || size >= type->value_size;
    return size == 0 || size == type->value_size;
}

enum class keep : uint8_t { nothing, refused };

spawned_status send_message(message& m, room_wait wait, keep kept) {
    core& home = home_of(m);
    message& sent = outer(m);
    const spawned_pid target = m.target;
    core* alive = runtime_at(target);
    thread* self = alive != nullptr ? current_thread(*alive) : nullptr;
    if (self == nullptr) {
        if (kept == keep::nothing) discard(home, m, true);
        return alive != nullptr ? SPAWNED_ENOMEM : why_absent(target);
    }
    m.next.store_relaxed(nullptr);
    const spawned_status status = submit(*self, home, sent, wait, wait_of(sent));
    if (status == SPAWNED_OK) return status;
    if (&sent != &m) m.next.store_relaxed(&sent);
    if (kept == keep::nothing) discard(home, m, true);
    return status;
}

}  // namespace

extern "C" {

spawned_status spawned_message_type_init(spawned_message_type* type, size_t size, const char* name,
                                         size_t value_size, size_t value_alignment) {
    if (type == nullptr || !is_short_name(name) || !is_alignment(value_alignment))
        return SPAWNED_EINVAL;
    spawned_message_type defaults = SPAWNED_EMPTY_TYPE("");
    defaults.name = name;
    defaults.value_size = value_size;
    defaults.value_alignment = value_alignment;
    if (size < sizeof *type) return SPAWNED_EINVAL;
    return init_sized(type, size, defaults);
}

spawned_status spawned_message_type_create(spawned_runtime* runtime,
                                           const spawned_message_type* type,
                                           const spawned_message_type** out_type) {
    const spawned_status status = check_runtime(runtime);
    if (status != SPAWNED_OK) return status;
    if (out_type == nullptr) return SPAWNED_EINVAL;
    *out_type = nullptr;
    if (!is_type(type) || !is_short_name(type->name)) return SPAWNED_EINVAL;
    return copy_type(*core_of(runtime), *type, out_type);
}

spawned_status spawned_send(spawned_pid to, const spawned_message_type* type, const void* value) {
    if (!is_type(type) || (value == nullptr && type->value_size != 0)) [[unlikely]]
        return SPAWNED_EINVAL;
    core* home = runtime_at(to);
    if (home == nullptr) [[unlikely]] {
        consume(type, value);
        return why_absent(to);
    }
    if (type->value_size > home->max_payload || (type->flags & SPAWNED_TYPE_PINNED) != 0)
        [[unlikely]] {
        consume(type, value);
        return (type->flags & SPAWNED_TYPE_PINNED) != 0 ? SPAWNED_EUNSUPPORTED : SPAWNED_ETOOBIG;
    }
    return send_value(*home, to, type, value);
}

spawned_status spawned_message_create(spawned_pid to, const spawned_message_type* type,
                                      const void* value, spawned_message** out_message) {
    if (out_message != nullptr) *out_message = nullptr;
    if (!is_type(type) || (value == nullptr && type->value_size != 0)) return SPAWNED_EINVAL;
    void* storage = nullptr;
    spawned_status status = out_message == nullptr ? SPAWNED_EINVAL : SPAWNED_EUNSUPPORTED;
    if (out_message != nullptr && (type->flags & SPAWNED_TYPE_PINNED) == 0)
        status = spawned_message_reserve(to, type, 0, out_message, &storage);
    if (status != SPAWNED_OK)
        consume(type, value);
    else if (value != nullptr && type->value_size != 0)
        memcpy(storage, value, type->value_size);
    return status;
}

spawned_status spawned_message_reserve(spawned_pid to, const spawned_message_type* type,
                                       size_t size, spawned_message** out_message,
                                       void** out_storage) {
    if (out_message != nullptr) *out_message = nullptr;
    if (out_storage != nullptr) *out_storage = nullptr;
    if (out_message == nullptr || out_storage == nullptr || !is_type(type) || !is_size(type, size))
        return SPAWNED_EINVAL;
    core* home;
    const spawned_status status = find_home(to, &home);
    if (status != SPAWNED_OK) return status;
    if (size == 0) size = type->value_size;
    if (size > home->max_payload) return SPAWNED_ETOOBIG;
    message* m = new_message(*current_thread(*home), *home, to, type, size);
    if (m == nullptr) return SPAWNED_ENOMEM;
    *out_message = public_message(m);
    *out_storage = value_of(*m);
    return SPAWNED_OK;
}

void spawned_message_abandon(spawned_message* m) {
    if (m != nullptr) discard(home_of(engine_of(m)), engine_of(m), false);
}

void spawned_message_destroy(spawned_message* m) {
    if (m != nullptr) discard(home_of(engine_of(m)), engine_of(m), true);
}

spawned_status spawned_message_set_deadline(spawned_message* m, spawned_time deadline) {
    if (m == nullptr) return SPAWNED_EINVAL;
    envelope* wrapped;
    const spawned_status status = wrap_for(engine_of(m), &wrapped);
    if (status != SPAWNED_OK) return status;
    wrapped->asked.deadline.store_relaxed(deadline);
    if (deadline != 0)
        wrapped->header.set(message_has_deadline);
    else
        wrapped->header.unset(message_has_deadline);
    return SPAWNED_OK;
}

spawned_status spawned_message_set_wait(spawned_message* m, spawned_duration wait) {
    if (m == nullptr) return SPAWNED_EINVAL;
    envelope* wrapped;
    const spawned_status status = wrap_for(engine_of(m), &wrapped);
    if (status != SPAWNED_OK) return status;
    wrapped->wait = duration_or(wait, SPAWNED_FOREVER);
    return SPAWNED_OK;
}

spawned_status spawned_message_send(spawned_message* m) {
    if (m == nullptr) return SPAWNED_EINVAL;
    return send_message(engine_of(m), room_wait::allowed, keep::nothing);
}

spawned_status spawned_message_try_send(spawned_message* m) {
    if (m == nullptr) return SPAWNED_EINVAL;
    return send_message(engine_of(m), room_wait::never, keep::refused);
}

spawned_status spawned_message_send_many(spawned_message* const* messages, size_t count,
                                         size_t* out_accepted) {
    if (out_accepted != nullptr) *out_accepted = 0;
    if (messages == nullptr && count != 0) return SPAWNED_EINVAL;
    spawned_status first = SPAWNED_OK;
    size_t accepted = 0;
    for (size_t i = 0; i < count; ++i) {
        const spawned_status status = spawned_message_send(messages[i]);
        if (status == SPAWNED_OK)
            ++accepted;
        else if (first == SPAWNED_OK)
            first = status;
    }
    if (out_accepted != nullptr) *out_accepted = accepted;
    return first;
}

spawned_status spawned_message_send_waiting(spawned_message* m, spawned_duration timeout,
                                            spawned_response** out_response) {
    if (m == nullptr || out_response == nullptr) {
        spawned_message_destroy(m);
        return SPAWNED_EINVAL;
    }
    message& plain = engine_of(m);
    core& home = home_of(plain);
    message& sent = outer(plain);
    core* alive = runtime_at(plain.target);
    thread* self = alive != nullptr ? current_thread(*alive) : nullptr;
    spawned_status status = SPAWNED_OK;
    message* promise = nullptr;
    if (self == nullptr)
        status = alive != nullptr ? SPAWNED_ENOMEM : why_absent(plain.target);
    else if ((promise = new_promise(home, nullptr)) == nullptr)
        status = SPAWNED_ENOMEM;
    SPAWNED_ASSERT(status != SPAWNED_OK || promise != nullptr);
    if (status == SPAWNED_OK) {
        request_of(*promise).deadline.store_relaxed(
            deadline_after(home, duration_or(timeout, SPAWNED_FOREVER)));
        plain.next.store_relaxed(nullptr);
        const spawned_pid target = plain.target;  // a message that was taken may be gone already
        request_of(*promise).holder.store_relaxed(target);  // it alone makes room
        status = submit(*self, home, sent, room_wait::never, 0);
        actor* a = actor_of(home, target);
        const auxiliary* aux = a != nullptr ? a->aux.load_acquire() : nullptr;
        if (status == SPAWNED_OK) {
            resolve_with(home, *promise, SPAWNED_OK, nullptr, holds::a_handle);
        } else if (status == SPAWNED_EFULL && aux != nullptr &&
                   aux->overflow.load_relaxed() == SPAWNED_OVERFLOW_BLOCK &&
                   (status = park_for_room(*self, home, *a, sent, promise)) == SPAWNED_OK) {
        } else {
            if (&sent != &plain) plain.next.store_relaxed(&sent);
            resolve_with(home, *promise, status, nullptr, holds::a_handle);
            release(home, *promise);
        }
    }
    if (status == SPAWNED_OK) {
        *out_response = response_of(*promise);
    } else {
        *out_response = spawned::engine::response_of_error(status);
        discard(home, plain, true);
    }
    return status;
}
}
