// The name of a type as the compiler spells it: what an actor is called in reports, and what a message is
// known by in other shared objects. g++ and clang differ in a few spellings; those are made equal here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace spawned::inline v0::detail {

template <class T>
constexpr std::string_view spelled() {
    const std::string_view whole = __PRETTY_FUNCTION__;
    // "… [with T = NameServer; …]" by g++, "… [T = NameServer]" by clang.
    const std::size_t from = whole.find("T = ") + 4;
    const std::size_t semicolon = whole.rfind("; std::string_view");
    const std::size_t to = semicolon != std::string_view::npos ? semicolon : whole.size() - 1;
    return whole.substr(from, to - from);
}

// A zero-terminated text of at most 255 bytes, built at compile time.
struct Name {
    static constexpr std::size_t most = 255;

    char text[most + 1] = {};
    std::size_t length = 0;

    constexpr void add(char c) {
        if (length < most) text[length++] = c;
    }
    constexpr void add(std::string_view more) {
        for (char c : more) add(c);
    }
    // Without what only one of the compilers writes: the inline namespace of libstdc++'s strings, the
    // space between closing brackets.
    constexpr void add_type(std::string_view spelling) {
        for (std::size_t i = 0; i < spelling.size(); ++i) {
            const std::string_view rest = spelling.substr(i);
            if (rest.starts_with("__cxx11::"))
                i += 8;
            else if (rest.starts_with("{anonymous}"))
                add("(anonymous namespace)"), i += 10;
            else if (!rest.starts_with(" >"))
                add(spelling[i]);
        }
    }
};

template <std::size_t Length>
struct ShortName {
    char text[Length + 1] = {};

    constexpr explicit ShortName(const Name& name) {
        for (std::size_t i = 0; i < Length; ++i) text[i] = name.text[i];
    }
};

template <class T>
consteval Name name_type() {
    Name name;
    name.add_type(spelled<T>());
    return name;
}

template <class T>
inline constexpr ShortName<name_type<T>().length> type_name{name_type<T>()};

// No other file can name these: unnamed namespaces, lambdas, classes within functions.
template <class T>
constexpr bool is_local_type() {
    const std::string_view spelling = spelled<T>();
    return spelling.find("anonymous") != std::string_view::npos ||
           spelling.find("lambda") != std::string_view::npos ||
           spelling.find(")::") != std::string_view::npos;
}

constexpr std::uint64_t fingerprint_of(std::string_view text,
                                       std::uint64_t hash = 0xcbf29ce484222325) {
    for (char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    return hash;
}

}  // namespace spawned::inline v0::detail
