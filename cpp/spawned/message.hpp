// Messages: movable structs. One that says `using Reply = T;` is a request answered with a T (void: with
// "handled"). Nothing else is needed; SPAWNED_PROTOCOL writes these structs from signatures.
//
//     struct Tick {};
//     struct Find { using Reply = std::optional<std::string>; std::string key; };
//
// A message may also say what it is called, to be known to code in other languages:
//     static constexpr const char* spawned_name = "name_server.find";
// and that it is not handled once its request's time is over:
//     static constexpr bool spawned_skip_expired = true;
#pragma once

#include <spawned/message.h>
#include <spawned/detail/type_name.hpp>

#include <concepts>
#include <exception>
#include <new>
#include <type_traits>
#include <utility>

namespace spawned::inline v0 {

template <class M>
concept Message = std::is_class_v<M> && std::same_as<M, std::remove_cvref_t<M>> &&
    std::move_constructible<M> && std::destructible<M>;

namespace detail {

template <class M>
struct ReplyTrait {
    using type = void;
};
template <class M>
requires requires { typename M::Reply; }
struct ReplyTrait<M> {
    using type = typename M::Reply;
};

// Sent as no bytes at all.
template <class T>
concept Empty = std::is_empty_v<T> && std::is_trivially_copyable_v<T> &&
    std::is_trivially_default_constructible_v<T>;

// May be moved bytewise, so that one call into the library sends it.
template <class T>
concept Bytes = std::is_trivially_copyable_v<T>;

template <class T>
void destroy_value(void* value, void*) {
    static_cast<T*>(value)->~T();
}

template <class T>
spawned_status copy_value(void* storage, const void* value, void*) {
    try {
        ::new (storage) T(*static_cast<const T*>(value));
        return SPAWNED_OK;
    } catch (const std::bad_alloc&) {
        return SPAWNED_ENOMEM;
    } catch (...) {
        return SPAWNED_EFAILED;
    }
}

template <class T>
consteval spawned_message_type describe(const char* name) {
    static_assert(alignof(T) <= 64, "spawned: values of messages are aligned to 64 bytes at most");
    spawned_message_type type{};
    type.size = sizeof type;
    type.name = name;
    type.value_size = Empty<T> ? 0 : sizeof(T);
    type.value_alignment = alignof(T);
    if constexpr (!Bytes<T>) {
        type.flags = SPAWNED_TYPE_PINNED;
        type.destroy = destroy_value<T>;
        if constexpr (std::is_copy_constructible_v<T>) type.copy = copy_value<T>;
    }
    if constexpr (is_local_type<T>()) type.flags |= SPAWNED_TYPE_LOCAL;
    return type;
}

template <class M>
consteval Name name_message() {
    Name name;
    if constexpr (requires { M::spawned_name; })
        name.add(M::spawned_name);
    else if constexpr (requires { typename M::spawned_protocol; })
        name.add_type(spelled<typename M::spawned_protocol>()), name.add('.'),
            name.add(M::spawned_method);
    else
        name.add_type(spelled<M>());
    return name;
}

template <class M>
inline constexpr Name whole_message_name = name_message<M>();
template <class M>
inline constexpr ShortName<whole_message_name<M>.length> message_name{whole_message_name<M>};

// Of what answers M.
template <class M>
consteval Name name_reply() {
    Name name;
    name.add(std::string_view(message_name<M>.text, whole_message_name<M>.length));
    name.add(".reply");
    return name;
}
template <class M>
inline constexpr Name whole_reply_name = name_reply<M>();
template <class M>
inline constexpr ShortName<whole_reply_name<M>.length> reply_name{whole_reply_name<M>};

template <class M>
consteval spawned_message_type describe_reply() {
    spawned_message_type type = describe<typename ReplyTrait<M>::type>(reply_name<M>.text);
    if constexpr (is_local_type<M>()) type.flags |= SPAWNED_TYPE_LOCAL;
    return type;
}

template <class M>
inline constexpr spawned_message_type reply_type = describe_reply<M>();

template <class M>
consteval spawned_message_type describe_message() {
    spawned_message_type type = describe<M>(message_name<M>.text);
    if constexpr (requires { M::spawned_fingerprint; }) type.fingerprint = M::spawned_fingerprint;
    if constexpr (requires { requires M::spawned_skip_expired; })
        type.flags |= SPAWNED_TYPE_SKIP_EXPIRED;
    if constexpr (!std::is_void_v<typename ReplyTrait<M>::type>) type.reply = &reply_type<M>;
    return type;
}

// A type for values that are no messages: what a promise is completed with, what the registry holds.
template <class T>
inline constexpr spawned_message_type value_type = describe<T>(type_name<T>.text);

}  // namespace detail

// What a message is answered with; void when there is no value.
template <class M>
using ReplyOf = typename detail::ReplyTrait<M>::type;

// How the library knows a message type.
template <Message M>
inline constexpr spawned_message_type message_type = detail::describe_message<M>();

// Can be sent again and again by an interval.
template <class M>
concept Copyable = Message<M> && std::copy_constructible<M>;

}  // namespace spawned::inline v0
