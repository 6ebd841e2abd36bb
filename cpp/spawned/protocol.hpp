// SPAWNED_PROTOCOL(Name, (return type, method, (parameter, type)…)…): an interface as a list of signatures.
//
//     SPAWNED_PROTOCOL(NameServer,
//         (spawned::Response<void>,                       add,  (key, std::string), (value, std::string)),
//         (spawned::Response<std::optional<std::string>>, find, (key, std::string)))
//
// The return type says what a call is: Response<T> a request answered with a T, Status a send that reports,
// void a send that does not. One with commas goes in parentheses; a parameter's type may have commas.
// Up to 81 methods, 27 parameters each. It only saves typing; by hand the same is
//
//     struct NameServer {
//         struct add  { using Reply = void; std::string key; std::string value; };
//         struct find { using Reply = std::optional<std::string>; std::string key; };
//         using Messages = spawned::Messages<add, find>;
//         using Ref = spawned::Ref<NameServer>;
//
//         template <class Self>
//         struct Calls {
//             spawned::Response<void> add(std::string key, std::string value) const {
//                 return static_cast<const Self&>(*this).template emplace_request<NameServer::add>(
//                     std::move(key), std::move(value));
//             }
//             …
//         };
//     };
//
// Beside that the macro's messages are templates behind their names, made when they are first used: so two
// protocols may mention each other's references (declare `struct User;` first, and say spawned::Ref<User>).
// And each tells its method and parameters, which is what a protocol's description is made of.
#pragma once

#include <spawned/actor_ref.hpp>
#include <spawned/detail/preprocessor.hpp>

#include <cstdint>
#include <string_view>
#include <utility>

namespace spawned::inline v0 {

enum class CallKind : std::uint8_t { request, send, quiet_send };

// One parameter of a method, and one method, as they were written.
struct Parameter {
    std::string_view name;
    std::string_view type;
};
struct Method {
    std::string_view name;
    CallKind kind;
    std::string_view result;
    const Parameter* parameters;
    std::size_t parameter_count;

    constexpr const Parameter* begin() const { return parameters; }
    constexpr const Parameter* end() const { return parameters + parameter_count; }
};

namespace detail {

// What a method's return type makes of its message.
template <class R>
struct Call;
template <class T>
struct Call<Response<T>> {
    using Reply = T;
    static constexpr CallKind kind = CallKind::request;
};
template <>
struct Call<Status> {
    using Reply = void;
    static constexpr CallKind kind = CallKind::send;
};
template <>
struct Call<void> {
    using Reply = void;
    static constexpr CallKind kind = CallKind::quiet_send;
};

template <class M, class Self, class... Args>
typename M::spawned_result call(const Self& self, Args&&... args) {
    using R = typename M::spawned_result;
    if constexpr (Call<R>::kind == CallKind::request)
        return self.template emplace_request<M>(std::forward<Args>(args)...);
    else
        return static_cast<R>(self.template emplace<M>(std::forward<Args>(args)...));
}

// T, but not before X is known: what lets a message mention a class that is not complete yet.
template <class X, class T>
struct Deferred {
    using type = T;
};

// The names of ActorRef's and Ref's own members.
constexpr bool is_reserved(std::string_view method) {
    for (const std::string_view one :
         {"as",           "c_handle", "drain", "emplace",    "emplace_request",
          "exit_reason",  "is_alive", "join",  "kill",       "pid",
          "recipient",    "request",  "send",  "send_after", "send_interval",
          "send_waiting", "stand_in", "stop",  "wait_exit",  "Messages",
          "Ref",          "Calls"})
        if (method == one) return true;
    return false;
}

template <class First, class... Rest>
struct Tail {
    using type = Messages<Rest...>;
};

template <class List>
struct Methods;
template <class... Ms>
struct Methods<Messages<Ms...>> {
    static constexpr Method all[sizeof...(Ms)] = {
        {Ms::spawned_method, Call<typename Ms::spawned_result>::kind, Ms::spawned_result_text,
         Ms::spawned_parameters + 1, Ms::spawned_parameter_count}...};
};

}  // namespace detail

// The description of a protocol written with the macro: its methods, to be looked at or called by name.
template <class P>
inline constexpr auto& methods_of = detail::Methods<typename P::Messages>::all;

}  // namespace spawned::inline v0

#define SPAWNED_PROTOCOL(Name, ...)                                                                \
    struct Name {                                                                                  \
        using SpawnedProtocol = Name;                                                              \
        SPAWNED_DETAIL_EACH(SPAWNED_DETAIL_MESSAGE, , __VA_ARGS__)                                 \
        using Messages = ::spawned::detail::Tail<void SPAWNED_DETAIL_EACH(SPAWNED_DETAIL_LISTED, , \
                                                                          __VA_ARGS__)>::type;     \
        using Ref = ::spawned::Ref<Name>;                                                          \
        template <class SpawnedSelf>                                                               \
        class Calls {                                                                              \
        public:                                                                                    \
            SPAWNED_DETAIL_EACH(SPAWNED_DETAIL_METHOD, , __VA_ARGS__)                              \
        };                                                                                         \
    };

#define SPAWNED_DETAIL_LISTED(data, signature) , SPAWNED_DETAIL_LISTED_ signature
#define SPAWNED_DETAIL_LISTED_(result, method, ...) method

// The message of a method, behind the method's name.
#define SPAWNED_DETAIL_MESSAGE(data, signature) SPAWNED_DETAIL_MESSAGE_ signature
#define SPAWNED_DETAIL_MESSAGE_(result, method, ...)                                              \
    static_assert(!::spawned::detail::is_reserved(#method), SPAWNED_DETAIL_RESERVED_METHOD);      \
    template <class SpawnedX>                                                                     \
    struct method##_message {                                                                     \
        using Reply = typename ::spawned::detail::Call<SPAWNED_DETAIL_BARE(result)>::Reply;       \
        using spawned_result = SPAWNED_DETAIL_BARE(result);                                       \
        using spawned_protocol = SpawnedProtocol;                                                 \
        static constexpr char spawned_method[] = #method;                                         \
        static constexpr char spawned_result_text[] =                                             \
            SPAWNED_DETAIL_TEXT(SPAWNED_DETAIL_BARE(result));                                     \
        static constexpr std::size_t spawned_parameter_count =                                    \
            0 SPAWNED_DETAIL_FIELDS(SPAWNED_DETAIL_COUNTED, __VA_ARGS__);                         \
        static constexpr ::spawned::Parameter spawned_parameters[1 + spawned_parameter_count] = { \
            {} SPAWNED_DETAIL_FIELDS(SPAWNED_DETAIL_DESCRIBED, __VA_ARGS__)};                     \
        static constexpr std::uint64_t spawned_fingerprint =                                      \
            ::spawned::detail::fingerprint_of(#__VA_ARGS__, ::spawned::detail::fingerprint_of(    \
                                                                spawned_result_text));            \
        SPAWNED_DETAIL_FIELDS(SPAWNED_DETAIL_FIELD, __VA_ARGS__)                                  \
        template <class SpawnedMessage, class SpawnedVisit>                                       \
        static constexpr void spawned_visit([[maybe_unused]] SpawnedMessage& message,             \
                                            [[maybe_unused]] SpawnedVisit&& visit) {              \
            SPAWNED_DETAIL_FIELDS(SPAWNED_DETAIL_VISITED, __VA_ARGS__)                            \
        }                                                                                         \
    };                                                                                            \
    using method = method##_message<void>;

#define SPAWNED_DETAIL_FIELD(parameter) SPAWNED_DETAIL_FIELD_ parameter
#define SPAWNED_DETAIL_FIELD_(name, ...) \
    typename ::spawned::detail::Deferred<SpawnedX, __VA_ARGS__>::type name;
#define SPAWNED_DETAIL_COUNTED(parameter) +1
#define SPAWNED_DETAIL_DESCRIBED(parameter) SPAWNED_DETAIL_DESCRIBED_ parameter
#define SPAWNED_DETAIL_DESCRIBED_(name, ...) \
    , ::spawned::Parameter { #name, #__VA_ARGS__ }
#define SPAWNED_DETAIL_VISITED(parameter) SPAWNED_DETAIL_VISITED_ parameter
#define SPAWNED_DETAIL_VISITED_(name, ...) visit(#name, message.name);

// The method of references that sends it.
#define SPAWNED_DETAIL_METHOD(data, signature) SPAWNED_DETAIL_METHOD_ signature
#define SPAWNED_DETAIL_METHOD_(result, method, ...)                                              \
    typename ::spawned::detail::Deferred<SpawnedSelf, SPAWNED_DETAIL_BARE(result)>::type method( \
        SPAWNED_DETAIL_COMMAS(SPAWNED_DETAIL_PARAMETER, __VA_ARGS__)) const {                    \
        return ::spawned::detail::call<SpawnedProtocol::method##_message<void>>(                 \
            static_cast<const SpawnedSelf&>(*this) __VA_OPT__(, )                                \
                SPAWNED_DETAIL_COMMAS(SPAWNED_DETAIL_MOVED, __VA_ARGS__));                       \
    }

#define SPAWNED_DETAIL_PARAMETER(parameter) SPAWNED_DETAIL_PARAMETER_ parameter
#define SPAWNED_DETAIL_PARAMETER_(name, ...) \
    typename ::spawned::detail::Deferred<SpawnedSelf, __VA_ARGS__>::type name##_
#define SPAWNED_DETAIL_MOVED(parameter) SPAWNED_DETAIL_MOVED_ parameter
#define SPAWNED_DETAIL_MOVED_(name, ...) std::move(name##_)
