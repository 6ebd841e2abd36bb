// Registry: names for actors, and for any copyable value, in one runtime. A reference registered here goes
// when its actor ends, before that end can be seen; it is found by its exact type.
#pragma once

#include <spawned/registry.h>
#include <spawned/actor_ref.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace spawned::inline v0 {

namespace detail {

// A value that is not plain bytes is kept behind a pointer, which is.
template <class T>
class Boxed {
public:
    explicit Boxed(T&& value) : value_(new T(std::move(value))) {}
    Boxed(const Boxed& other) : value_(new T(*other.value_)) {}
    Boxed& operator=(const Boxed&) = delete;
    ~Boxed() { delete value_; }
    T&& take() { return std::move(*value_); }

private:
    T* value_;
};

template <class T>
struct RegistryType {
    static constexpr bool boxed = !Bytes<T>;
    using Stored = std::conditional_t<boxed, Boxed<T>, T>;

    static consteval spawned_message_type describe_stored() {
        spawned_message_type type = describe<Stored>(type_name<T>.text);
        type.flags &= ~static_cast<std::uint32_t>(SPAWNED_TYPE_PINNED);
        return type;
    }
};

template <class T>
inline constexpr spawned_message_type registry_type = RegistryType<T>::describe_stored();

// The messages of what a reference may be sent, if T is one that a pid converts to.
template <class T>
struct Reference {
    static constexpr bool is_one = false;
};
template <class... Ms>
struct ReferenceFor {
    static constexpr bool is_one = true;
    static bool fits([[maybe_unused]] spawned_pid pid) {
        return ((spawned_actor_handles(pid, &message_type<Ms>) == SPAWNED_OK) && ...);
    }
};
template <class... Ms>
struct ReferenceFor<Messages<Ms...>> : ReferenceFor<Ms...> {};
template <>
struct Reference<Pid> : ReferenceFor<> {};
template <class A>
struct Reference<ActorRef<A>> : ReferenceFor<MessagesOfActor<A>> {};
template <class P>
struct Reference<Ref<P>> : ReferenceFor<typename P::Messages> {};
template <class M>
struct Reference<Recipient<M>> : ReferenceFor<M> {};

// The actor a value is about: its name is free when that one ends.
template <class T>
spawned_pid owner_of(const T& value) {
    if constexpr (requires { value.pid().c_handle(); })
        return value.pid().c_handle();
    else
        return 0;
}

}  // namespace detail

class Registry {
public:
    explicit Registry(spawned_runtime* runtime) noexcept : runtime_(runtime) {}

    // Names a value: Status::exists, and the old one stays, if the name is taken.
    template <class T>
    requires std::copy_constructible<T> Status put(std::string_view name, T value)
    const {
        const spawned_pid owner = detail::owner_of(value);
        return store(name, std::move(value), owner);
    }
    // The value of that name and of exactly this type. An actor's own name (StartOptions, put_pid) is found
    // by every reference whose messages the actor handles.
    template <class T>
    std::optional<T> whereis(std::string_view name) const {
        using Type = detail::RegistryType<T>;
        alignas(typename Type::Stored) unsigned char storage[sizeof(typename Type::Stored)];
        if (spawned_registry_get(runtime_, name.data(), name.size(), &detail::registry_type<T>,
                                 storage) != SPAWNED_OK) {
            if constexpr (detail::Reference<T>::is_one)
                if (const auto pid = whereis_pid(name);
                    pid && detail::Reference<T>::fits(pid->c_handle()))
                    return T(*pid);
            return std::nullopt;
        }
        auto& stored = *std::launder(reinterpret_cast<typename Type::Stored*>(storage));
        if constexpr (Type::boxed) {
            std::optional<T> found(stored.take());
            stored.~Boxed();
            return found;
        } else {
            return stored;
        }
    }

    // Names an actor, whatever its class, and finds it.
    Status put_pid(std::string_view name, Pid pid) const {
        return Status{spawned_registry_register(name.data(), name.size(), pid.c_handle())};
    }
    std::optional<Pid> whereis_pid(std::string_view name) const {
        spawned_pid pid = 0;
        if (spawned_registry_whereis(runtime_, name.data(), name.size(), &pid) != SPAWNED_OK)
            return std::nullopt;
        return Pid(pid);
    }

    // Frees a name; an unknown one is no error.
    Status unregister(std::string_view name) const {
        return Status{spawned_registry_unregister(runtime_, name.data(), name.size())};
    }
    // All names, in no particular order.
    std::vector<std::string> names() const {
        struct Listing {
            std::vector<std::string> names;
            std::exception_ptr failure;
        } listing;
        const auto visit = [](const char* name, std::size_t length, spawned_pid, void* user_data) {
            auto& to = *static_cast<Listing*>(user_data);
            try {
                to.names.emplace_back(name, length);
            } catch (...) {
                to.failure = std::current_exception();
            }
        };
        detail::throw_unless_ok(spawned_registry_list(runtime_, visit, &listing));
        if (listing.failure) std::rethrow_exception(listing.failure);
        return std::move(listing.names);
    }

private:
    template <class T>
    Status store(std::string_view name, T&& value, spawned_pid owner) const {
        using Type = detail::RegistryType<T>;
        if constexpr (Type::boxed) {
            alignas(detail::Boxed<T>) unsigned char storage[sizeof(detail::Boxed<T>)];
            ::new (storage) detail::Boxed<T>(std::move(value));  // consumed whatever is returned
            return put_bytes(name, &detail::registry_type<T>, storage, owner);
        } else {
            return put_bytes(name, &detail::registry_type<T>, &value, owner);
        }
    }
    Status put_bytes(std::string_view name, const spawned_message_type* type, const void* value,
                     spawned_pid owner) const {
        return Status{spawned_registry_put(runtime_, name.data(), name.size(), type, value, owner)};
    }

    spawned_runtime* runtime_;
};

}  // namespace spawned::inline v0
