// Pid: the address of an actor of any kind. A number: trivially copied, never dangling; that of an ended
// actor reports so. ActorRef<A> is a Pid that knows what its actor handles.
#pragma once

#include <spawned/actor.h>
#include <spawned/duration.hpp>
#include <spawned/exit_reason.hpp>

#include <compare>
#include <cstddef>
#include <optional>

namespace spawned::inline v0 {

class Pid {
public:
    // No actor: everything addressed to it answers Status::invalid.
    constexpr Pid() = default;
    constexpr explicit Pid(spawned_pid pid) : pid_(pid) {}

    constexpr spawned_pid c_handle() const noexcept { return pid_; }
    constexpr Pid pid() const noexcept { return Pid(pid_); }
    constexpr explicit operator bool() const noexcept { return pid_ != 0; }
    friend constexpr auto operator<=>(const Pid&, const Pid&) = default;

    // Between handlers: the running one ends first, then stopped runs; what waits becomes dead letters.
    Status stop() const { return Status{spawned_actor_stop(pid_)}; }
    // Handles what waits, takes nothing new, then stops; at the latest when the time is over.
    Status drain(Duration deadline = seconds(5)) const {
        return Status{spawned_actor_drain(pid_, deadline.count())};
    }
    // Like stop, but nothing of the actor runs any more, stopped included.
    Status kill() const { return Status{spawned_actor_kill(pid_)}; }

    // Waits until the actor has ended, its state destroyed and its names free. Inside a handler, a join
    // of oneself or of who waits for us is Status::deadlock.
    Status join(Duration timeout = Duration::forever()) const {
        return Status{spawned_actor_join(pid_, timeout.count())};
    }

    // How it ended; nothing while it has not. Answers for ever after, also for an actor long gone.
    std::optional<ExitReason> exit_reason() const {
        spawned_exit exit = SPAWNED_EXIT_INIT;
        char text[1025] = {};
        const spawned_status status = spawned_actor_exit_reason(pid_, &exit, text, sizeof text);
        if (status != SPAWNED_OK || exit.kind == SPAWNED_EXIT_RUNNING) return std::nullopt;
        return ExitReason(exit, std::string(text, exit.text_length));
    }
    // Joins and tells how it ended.
    ExitReason wait_exit() const {
        detail::throw_unless_ok(spawned_actor_join(pid_, SPAWNED_FOREVER));
        return exit_reason().value_or(ExitReason());
    }
    bool is_alive() const {
        spawned_exit exit = SPAWNED_EXIT_INIT;
        return spawned_actor_exit_reason(pid_, &exit, nullptr, 0) == SPAWNED_OK &&
               exit.kind == SPAWNED_EXIT_RUNNING;
    }

private:
    spawned_pid pid_ = 0;
};

}  // namespace spawned::inline v0

template <>
struct std::hash<spawned::Pid> {
    std::size_t operator()(const spawned::Pid& pid) const noexcept {
        return std::hash<spawned_pid>()(pid.c_handle());
    }
};
