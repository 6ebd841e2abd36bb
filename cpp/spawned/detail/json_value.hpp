// Values of messages as JSON and back. Stricter than nlohmann_json itself: a number that does not fit its type,
// or text where a number belongs, is an error that says where, and never another value.
#pragma once

#include <spawned/actor_ref.hpp>

#include <nlohmann/json.hpp>

#include <concepts>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace spawned::inline v0::detail {

using Json = nlohmann::json;

// Thrown while reading, and caught where reading begins: the place grows on the way out.
struct JsonMismatch {
    std::string place, problem;

    JsonMismatch within(const std::string& outer) && {
        return {outer + std::move(place), std::move(problem)};
    }
};

[[noreturn]] inline void mismatch(const char* expected, const Json& found) {
    throw JsonMismatch{{}, std::string("expected ") + expected + ", found " + found.type_name()};
}

template <class T>
struct JsonValue {  // whatever nlohmann_json has functions for
    static Json write(const T& value) { return value; }
    static T read(const Json& json) {
        try {
            return json.get<T>();
        } catch (const Json::exception& error) {
            throw JsonMismatch{{}, error.what()};
        }
    }
};

template <class T>
T read_json(const Json& json) {
    return JsonValue<T>::read(json);
}
template <class T>
Json write_json(const T& value) {
    return JsonValue<T>::write(value);
}

template <>
struct JsonValue<bool> {
    static Json write(bool value) { return value; }
    static bool read(const Json& json) {
        return json.is_boolean() ? json.get<bool>() : (mismatch("true or false", json), false);
    }
};

template <std::integral T>
struct JsonValue<T> {
    static Json write(T value) { return value; }
    static T read(const Json& json) {
        if (!json.is_number_integer()) mismatch("a whole number", json);
        const bool fits = json.is_number_unsigned() ? std::in_range<T>(json.get<std::uint64_t>())
                                                    : std::in_range<T>(json.get<std::int64_t>());
        if (!fits)
            throw JsonMismatch{{},
                               json.dump() + " is not within " +
                                   std::to_string(std::numeric_limits<T>::min()) + " to " +
                                   std::to_string(std::numeric_limits<T>::max())};
        return json.get<T>();
    }
};

template <std::floating_point T>
struct JsonValue<T> {
    static Json write(T value) { return value; }
    static T read(const Json& json) {
        return json.is_number() ? json.get<T>() : (mismatch("a number", json), T());
    }
};

template <>
struct JsonValue<std::string> {
    static Json write(const std::string& value) { return value; }
    static std::string read(const Json& json) {
        return json.is_string() ? json.get<std::string>() : (mismatch("a string", json), "");
    }
};

// Nothing is null; as a field it may also be left out.
template <class T>
struct JsonValue<std::optional<T>> {
    static Json write(const std::optional<T>& value) {
        return value ? write_json(*value) : Json(nullptr);
    }
    static std::optional<T> read(const Json& json) {
        return json.is_null() ? std::nullopt : std::optional<T>(read_json<T>(json));
    }
};

template <class T>
struct JsonValue<std::vector<T>> {
    static Json write(const std::vector<T>& values) {
        Json json = Json::array();
        for (const auto& one : values) json.push_back(write_json<T>(one));
        return json;
    }
    static std::vector<T> read(const Json& json) {
        if (!json.is_array()) mismatch("an array", json);
        std::vector<T> values;
        values.reserve(json.size());
        for (const Json& one : json) try {
                values.push_back(read_json<T>(one));
            } catch (JsonMismatch& wrong) {
                throw std::move(wrong).within("[" + std::to_string(values.size()) + "]");
            }
        return values;
    }
};

template <class T>
struct JsonValue<std::map<std::string, T>> {
    static Json write(const std::map<std::string, T>& values) {
        Json json = Json::object();
        for (const auto& [name, value] : values) json[name] = write_json(value);
        return json;
    }
    static std::map<std::string, T> read(const Json& json) {
        if (!json.is_object()) mismatch("an object", json);
        std::map<std::string, T> values;
        for (const auto& [name, value] : json.items()) try {
                values.emplace(name, read_json<T>(value));
            } catch (JsonMismatch& wrong) {
                throw std::move(wrong).within("." + name);
            }
        return values;
    }
};

// References are their pids: numbers of 64 bits, none is 0.
template <class T>
concept AddressesByPid = std::is_same_v<T, Pid> || requires(const T& ref) {
    T(Pid());
    { ref.pid() } -> std::same_as<Pid>;
    static_cast<bool>(ref);
};
template <AddressesByPid T>
struct JsonValue<T> {
    static Json write(const T& ref) { return ref.pid().c_handle(); }
    static T read(const Json& json) { return T(Pid(read_json<spawned_pid>(json))); }
};

template <class T>
inline constexpr bool may_be_left_out = false;
template <class T>
inline constexpr bool may_be_left_out<std::optional<T>> = true;

// The fields of a message, which an object holds by their names.
template <class M>
Json write_message(const M& message) {
    Json json = Json::object();
    M::spawned_visit(message, [&json]<class T>(const char* name, const T& value) {
        json[name] = write_json<T>(value);
    });
    return json;
}

template <class M>
M read_message(const Json& json) {
    if (!json.is_object() && !json.is_null()) mismatch("an object", json);
    M message{};
    std::size_t used = 0;
    std::string known;
    M::spawned_visit(message, [&]<class T>(const char* name, T& value) {
        known += (known.empty() ? "" : ", ") + std::string(name);
        const auto field = json.find(name);
        if (field == json.end()) {
            if (!may_be_left_out<T>) throw JsonMismatch{"." + std::string(name), "missing"};
            return;
        }
        ++used;
        try {
            value = read_json<T>(*field);
        } catch (JsonMismatch& wrong) {
            throw std::move(wrong).within("." + std::string(name));
        }
    });
    if (used == json.size()) return message;
    for (auto field = json.begin(); field != json.end(); ++field) {
        bool is_known = false;
        M::spawned_visit(message,
                         [&](const char* one, const auto&) { is_known |= field.key() == one; });
        if (!is_known)
            throw JsonMismatch{"." + field.key(),
                               "unknown; there is " + (known.empty() ? "none" : known)};
    }
    return message;
}

}  // namespace spawned::inline v0::detail
