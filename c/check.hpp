// What every boundary function checks: sized structs, types, texts, contexts. The engine behind it trusts.
#pragma once

#include <spawned.h>
#include <string.h>

#include "actor/core.hpp"
#include "actor/reply.hpp"

namespace spawned::boundary {

using namespace spawned::engine;

constexpr size_t largest_struct = 4096;

inline bool is_zero(const void* bytes, size_t count) {
    const auto* one = static_cast<const unsigned char*>(bytes);
    for (size_t i = 0; i < count; ++i)
        if (one[i] != 0) return false;
    return true;
}

// Reads a sized struct into this version's form: shorter than `first` (the size of its first release) or
// absurdly long is refused, an unknown tail must be zero.
template <class T>
bool read_sized(const T* from, T* to, size_t first = sizeof(T)) {
    const size_t size = from->size;
    if (size < first || size > largest_struct) return false;
    memset(static_cast<void*>(to), 0, sizeof(T));
    memcpy(static_cast<void*>(to), from, size < sizeof(T) ? size : sizeof(T));
    to->size = sizeof(T);
    return size <= sizeof(T) ||
           is_zero(reinterpret_cast<const char*>(from) + sizeof(T), size - sizeof(T));
}

// Writes a result into the caller's form: the smaller of both sizes.
template <class T>
bool write_sized(const T& from, T* to, size_t first = sizeof(T)) {
    const size_t size = to->size;
    if (size < first || size > largest_struct) return false;
    memcpy(static_cast<void*>(to), &from, size < sizeof(T) ? size : sizeof(T));
    if (size > sizeof(T)) memset(reinterpret_cast<char*>(to) + sizeof(T), 0, size - sizeof(T));
    to->size = size;
    return true;
}

// What an _init function does: this version's defaults, zeros in what it does not know.
template <class T>
spawned_status init_sized(T* target, size_t size, const T& defaults) {
    if (target == nullptr || size < sizeof(size_t) || size > largest_struct) return SPAWNED_EINVAL;
    memset(static_cast<void*>(target), 0, size);
    memcpy(static_cast<void*>(target), &defaults, size < sizeof(T) ? size : sizeof(T));
    target->size = size;
    return SPAWNED_OK;
}

inline bool is_alignment(size_t alignment) {
    return alignment <= 64 && (alignment & (alignment - 1)) == 0;
}

constexpr uint32_t known_type_flags =
    SPAWNED_TYPE_VARIABLE | SPAWNED_TYPE_PINNED | SPAWNED_TYPE_SKIP_EXPIRED | SPAWNED_TYPE_LOCAL;

// A larger description, of a later version, in which nothing unknown is set.
inline bool is_later_type(const spawned_message_type* type) {
    return type->size > sizeof *type && type->size <= largest_struct &&
           is_zero(type + 1, type->size - sizeof *type);
}

// What must be zero is added up: one branch for all of it. An alignment is a power of two below 128.
inline bool is_plain_type(const spawned_message_type* type) {
    const size_t alignment = type->value_alignment;
    const uint64_t faults = (type->flags & ~known_type_flags) | type->reserved |
                            reinterpret_cast<uintptr_t>(type->codec) |
                            (alignment & (alignment - 1)) | (alignment >> 7);
    return faults == 0 && type->name != nullptr && *type->name != 0 &&
           (type->size == sizeof *type || is_later_type(type));
}

// A message type that may be used; cheap enough for every send.
inline bool is_type(const spawned_message_type* type) {
    return type != nullptr && is_plain_type(type) &&
           (type->reply == nullptr || is_plain_type(type->reply));
}

// A message type whose values, of this size, the library makes itself.
inline bool is_made_type(const spawned_message_type* type, size_t value_size) {
    return is_type(type) && type->value_size == value_size && type->value_alignment <= 16 &&
           type->reply == nullptr && type->destroy == nullptr &&
           (type->flags & SPAWNED_TYPE_VARIABLE) == 0;
}

inline bool is_short_name(const char* name) {
    return name != nullptr && *name != 0 && strnlen(name, 256) <= 255;
}

// The running actor of a context, if this thread runs it now, and the thread's record.
struct running {
    actor* self;
    thread* here;
    core* home;
    frame* top;
};

// ECONTEXT when it does not; EFORKED in a child that was forked in a callback.
inline spawned_status find_running(const spawned_context* context, running* out) {
    for (thread* one = last_thread(); one != nullptr; one = one->next_here) {
        if (one->top == nullptr) continue;
        const auto* wanted = reinterpret_cast<const actor*>(context);
        if (one->top->self != wanted) continue;
        *out = {one->top->self, one, one->home.load_relaxed(), one->top};
        return out->home != nullptr ? SPAWNED_OK : SPAWNED_EFORKED;
    }
    return SPAWNED_ECONTEXT;
}

inline core* core_of(spawned_runtime* runtime) { return reinterpret_cast<core*>(runtime); }
inline spawned_runtime* public_of(core* home) { return reinterpret_cast<spawned_runtime*>(home); }

// A runtime that may be used: EINVAL for NULL, EFORKED in a child.
inline spawned_status check_runtime(spawned_runtime* runtime) {
    if (runtime == nullptr) return SPAWNED_EINVAL;
    return core_of(runtime)->ended.load_acquire() != 0 ? SPAWNED_EFORKED : SPAWNED_OK;
}

// Runs act with the runtime of a pid, or tells why there is none.
template <class Act>
spawned_status with_home(spawned_pid pid, Act act) {
    if (!is_possible(pid)) return SPAWNED_EINVAL;
    core* home = runtime_at(pid);
    return home == nullptr ? why_absent(pid) : act(*home);
}

// A value for whoever is found under a name: the runtime, the value and its size.
inline spawned_status check_value(spawned_runtime* runtime, const spawned_message_type* type,
                                  const void* value) {
    const spawned_status status = check_runtime(runtime);
    if (status != SPAWNED_OK) return status;
    if (value == nullptr && type->value_size != 0) return SPAWNED_EINVAL;
    return type->value_size > core_of(runtime)->max_payload ? SPAWNED_ETOOBIG : SPAWNED_OK;
}

inline uint64_t duration_or(spawned_duration given, spawned_duration usual) {
    return given == SPAWNED_DEFAULT ? usual : given;
}

inline bool can_be_copied(const spawned_message_type& type) {
    return type.copy != nullptr ||
           (type.destroy == nullptr && (type.flags & SPAWNED_TYPE_PINNED) == 0);
}

// Takes a message that is to be sent later, in its runtime. Unless OK it has been consumed.
inline spawned_status take_message(spawned_message* given, spawned_status refused, core** out_home,
                                   message** out_message) {
    if (given == nullptr) return SPAWNED_EINVAL;
    auto& m = *reinterpret_cast<message*>(given);
    core* home = runtime_at(m.target);
    if (refused == SPAWNED_OK) {
        if (home == nullptr)
            refused = why_absent(m.target);
        else if (current_thread(*home) == nullptr)
            refused = SPAWNED_ENOMEM;
    }
    if (refused != SPAWNED_OK) {
        spawned_message_destroy(given);
        return refused;
    }
    // An unsent message's envelope hangs on its link.
    message* wrapped = m.next.load_relaxed();
    message& sent = wrapped != nullptr ? *wrapped : m;
    m.next.store_relaxed(nullptr);
    sent.set(message_constructed);
    *out_home = home;
    *out_message = &sent;
    return SPAWNED_OK;
}

constexpr spawned_duration usual_request = 5 * SPAWNED_SECOND;

}  // namespace spawned::boundary
