// How an actor ended.
#pragma once

#include <spawned/actor.h>
#include <spawned/status.hpp>

#include <string>
#include <string_view>
#include <utility>

namespace spawned::inline v0 {

enum class ExitKind : std::uint32_t {
    running = SPAWNED_EXIT_RUNNING,
    normal = SPAWNED_EXIT_NORMAL,
    shutdown = SPAWNED_EXIT_SHUTDOWN,
    failure = SPAWNED_EXIT_FAILURE,
    killed = SPAWNED_EXIT_KILLED,
    unknown = SPAWNED_EXIT_UNKNOWN
};

enum class ExitPlace : std::uint32_t {
    none = SPAWNED_PLACE_NONE,
    init = SPAWNED_PLACE_INIT,
    started = SPAWNED_PLACE_STARTED,
    handler = SPAWNED_PLACE_HANDLER,
    stopped = SPAWNED_PLACE_STOPPED
};

class ExitReason {
public:
    ExitReason() = default;
    explicit ExitReason(const spawned_exit& exit, std::string text = {})
        : kind_(ExitKind{exit.kind}),
          place_(ExitPlace{exit.place}),
          code_(Status{exit.code}),
          text_(std::move(text)) {}

    // To be sent as exit signals.
    static ExitReason normal() { return ExitReason(ExitKind::normal, Status::ok, {}); }
    static ExitReason shutdown() { return ExitReason(ExitKind::shutdown, Status::ok, {}); }
    static ExitReason killed() { return ExitReason(ExitKind::killed, Status::ok, {}); }
    static ExitReason failure(Status code, std::string text = {}) {
        return ExitReason(ExitKind::failure, code, std::move(text));
    }

    ExitKind kind() const noexcept { return kind_; }
    // Of a failure: where it happened, its code, and its text. An exception's is "type: what it says".
    ExitPlace place() const noexcept { return place_; }
    Status code() const noexcept { return code_; }
    const std::string& text() const noexcept { return text_; }

    bool is_normal() const noexcept { return kind_ == ExitKind::normal; }
    bool is_abnormal() const noexcept {
        return spawned_exit_is_abnormal(static_cast<spawned_exit_kind>(kind_)) != 0;
    }

    // The same with another text.
    ExitReason with_text(std::string text) const {
        ExitReason reason = *this;
        reason.text_ = std::move(text);
        return reason;
    }
    spawned_exit c_exit() const noexcept {
        spawned_exit exit = SPAWNED_EXIT_INIT;
        exit.kind = static_cast<spawned_exit_kind>(kind_);
        exit.code = c_status(code_);
        return exit;
    }

    // "normal", "shutdown", "killed", or "failure in handler: …".
    std::string to_string() const {
        std::string words = spawned_exit_kind_name(static_cast<spawned_exit_kind>(kind_));
        if (kind_ != ExitKind::failure) return words;
        words += " in ";
        words += spawned_exit_place_name(static_cast<spawned_exit_place>(place_));
        return words += ": " + (text_.empty() ? std::string(spawned::text(code_)) : text_);
    }

    friend bool operator==(const ExitReason&, const ExitReason&) = default;

private:
    ExitReason(ExitKind kind, Status code, std::string text)
        : kind_(kind), code_(code), text_(std::move(text)) {}

    ExitKind kind_ = ExitKind::running;
    ExitPlace place_ = ExitPlace::none;
    Status code_ = Status::ok;
    std::string text_;
};

}  // namespace spawned::inline v0
