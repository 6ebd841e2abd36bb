// The name of a type as the compiler spells it: what an actor is called in reports, and what a message is
// known by in other shared objects. g++ and clang differ in a few spellings; those are made equal here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace spawned::inline v0::detail {

template <class T>
constexpr std::string_view spelled_function() {
    return __PRETTY_FUNCTION__;
}
// "… [with T = NameServer; …]" by g++, "… [T = NameServer]" by clang: what is around it is the same for all.
inline constexpr std::size_t spelled_from = spelled_function<int>().find("T = int") + 4;
inline constexpr std::size_t spelled_rest = spelled_function<int>().size() - spelled_from - 3;

template <class T>
constexpr std::string_view spelled() {
    const std::string_view whole = spelled_function<T>();
    return {whole.data() + spelled_from, whole.size() - spelled_from - spelled_rest};
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
    // Without what only one of the compilers writes: inline namespaces of libstdc++ and of this layer, the
    // space between brackets or before a star. Integers are called as clang calls them.
    constexpr void add_type(std::string_view spelling) {
        bool within = false;  // a word that has begun
        for (std::size_t i = 0; i < spelling.size(); ++i) {
            const char c = spelling[i];
            const bool word = is_word(c);
            if (word && within)
                add(c);
            else if (const std::size_t rewritten =
                         word || c == '{' ? rewrite(spelling.substr(i)) : 0)
                i += rewritten - 1;
            else if (c != ' ' || spelling[i - 1] == ',' ||
                     (is_word(spelling[i - 1]) && is_word(spelling[i + 1])))
                add(c);
            within = word && is_word(spelling[i]);
        }
    }

private:
    static constexpr bool is_word(char c) {
        return c == '_' || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
               (c >= 'a' && c <= 'z');
    }
    static constexpr bool take_word(std::string_view& rest, std::string_view word) {
        if (!rest.starts_with(word) || (rest.size() > word.size() && is_word(rest[word.size()])))
            return false;
        rest.remove_prefix(word.size());
        if (rest.size() > 1 && rest[0] == ' ' && is_word(rest[1])) rest.remove_prefix(1);
        return true;
    }
    // Writes what rest begins with in another way; how many characters that was, 0 for none.
    constexpr std::size_t rewrite(std::string_view rest) {
        switch (rest[0]) {
            case '_':
                return rest.starts_with("__cxx11::") ? 9 : 0;
            case '{':
                if (!rest.starts_with("{anonymous}")) return 0;
                return add("(anonymous namespace)"), 11;
            case 's':
                if (rest.starts_with("spawned::v0::")) return add("spawned::"), 13;
                return add_integer(rest);
            case 'i':
            case 'l':
            case 'u':
                return add_integer(rest);
            default:
                return 0;
        }
    }
    // The words of an integer type at the beginning of rest, in one order for "long unsigned int" and
    // "unsigned long". How many characters they are; 0 if there is none.
    constexpr std::size_t add_integer(std::string_view rest) {
        const std::size_t before = rest.size();
        int longs = 0;
        bool is_unsigned = false, is_short = false, is_int = false;
        for (;;) {
            if (take_word(rest, "long"))
                ++longs;
            else if (take_word(rest, "unsigned"))
                is_unsigned = true;
            else if (take_word(rest, "short"))
                is_short = true;
            else if (take_word(rest, "int"))
                is_int = true;
            else
                break;
        }
        if (rest.size() == before) return 0;
        const bool goes_on = !rest.empty() && is_word(rest[0]);  // "unsigned char", "long double"
        if (is_unsigned) add(longs != 0 || is_short || is_int ? "unsigned " : "unsigned");
        add(is_short     ? "short"
            : longs == 2 ? "long long"
            : longs == 1 ? "long"
            : is_int     ? "int"
                         : "");
        if (goes_on) add(' ');
        return before - rest.size();
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
inline constexpr Name whole_type_name = name_type<T>();
template <class T>
inline constexpr ShortName<whole_type_name<T>.length> type_name{whole_type_name<T>};

// No other file can name these: unnamed namespaces, lambdas, classes within functions.
template <class T>
constexpr bool is_local_type() {
    const std::string_view spelling = spelled<T>();
    for (const char c : spelling)
        if (c == '(' || c == '{')
            return spelling.find("anonymous") != std::string_view::npos ||
                   spelling.find("lambda") != std::string_view::npos ||
                   spelling.find(")::") != std::string_view::npos;
    return false;
}

constexpr std::uint64_t fingerprint_of(std::string_view text,
                                       std::uint64_t hash = 0xcbf29ce484222325) {
    for (char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    return hash;
}

}  // namespace spawned::inline v0::detail
