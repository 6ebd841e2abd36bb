// Status: what every call answers, as a C++ type; and Error: a failed status with its text, which is what a
// Result holds and what unwrap throws.
#pragma once

#include <spawned/status.h>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace spawned::inline v0 {

// Values below 0 are the library's, those above 0 the application's: Status{17} is one of yours.
enum class Status : std::int32_t {
    ok = SPAWNED_OK,
    invalid = SPAWNED_EINVAL,
    no_memory = SPAWNED_ENOMEM,
    stopped = SPAWNED_ESTOPPED,
    stopping = SPAWNED_ESTOPPING,
    timed_out = SPAWNED_ETIMEDOUT,
    full = SPAWNED_EFULL,
    exists = SPAWNED_EEXIST,
    not_found = SPAWNED_ENOENT,
    no_reply = SPAWNED_ENOREPLY,
    no_handler = SPAWNED_ENOHANDLER,
    wrong_type = SPAWNED_ETYPE,
    wrong_context = SPAWNED_ECONTEXT,
    deadlock = SPAWNED_EDEADLK,
    already = SPAWNED_EALREADY,
    not_ready = SPAWNED_EAGAIN,
    too_big = SPAWNED_ETOOBIG,
    limit = SPAWNED_ELIMIT,
    not_permitted = SPAWNED_EPERM,
    forked = SPAWNED_EFORKED,
    system = SPAWNED_ESYSTEM,
    unsupported = SPAWNED_EUNSUPPORTED,
    failed = SPAWNED_EFAILED,
    wrong_version = SPAWNED_EVERSION,
    busy = SPAWNED_EBUSY
};

constexpr bool is_ok(Status status) { return status == Status::ok; }
constexpr spawned_status c_status(Status status) { return static_cast<spawned_status>(status); }

// The constant's name in C, and one line for people. Static.
inline const char* name(Status status) { return spawned_status_name(c_status(status)); }
inline const char* text(Status status) { return spawned_status_text(c_status(status)); }

// A failure: a status that is not ok, and the text its cause left, if any. what() is both.
class __attribute__((visibility("default"))) Error : public std::runtime_error {
public:
    explicit Error(Status code, std::string_view text = {})
        : std::runtime_error(compose(code, text)), code_(code), text_length_(text.size()) {}

    Status code() const noexcept { return code_; }

    // What the failing side said; empty when it said nothing. Lives as long as this error.
    std::string_view text() const noexcept {
        const std::string_view whole = what();
        return whole.substr(whole.size() - text_length_);
    }

    friend bool operator==(const Error& a, const Error& b) noexcept {
        return a.code_ == b.code_ && a.text() == b.text();
    }
    friend bool operator==(const Error& error, Status code) noexcept { return error.code_ == code; }

private:
    static std::string compose(Status code, std::string_view text) {
        std::string whole = spawned_status_text(c_status(code));
        if (!text.empty()) whole.append(": ").append(text);
        return whole;
    }

    Status code_;
    std::size_t text_length_;
};

namespace detail {

// For calls that only fail with a fault of their caller or for want of memory.
inline void throw_unless_ok(spawned_status status) {
    if (status != SPAWNED_OK) throw Error(Status{status});
}

}  // namespace detail
}  // namespace spawned::inline v0
