// Monitors: an actor is told of another one's end, and how it came to it, by a message of the type Ended.
//
//     monitor(context.self(), worker);                   // the actor then has: void handle(Ended, Context&)
//     monitor({context.self(), 7}, worker);              // told with the tag 7
//     auto [worker, watch] = context.runtime().start_monitored<Worker>(context.self(), …);
//     context.forget_monitor(watch);                     // no word of it, even if it waits in the mailbox
//
// It tells once, behind whatever the ended actor has sent, when its state is destroyed and its names are free;
// at once when it had ended before. It goes with its watcher, or with its event's cancel.
#pragma once

#include <spawned/monitor.h>
#include <spawned/actor_ref.hpp>
#include <spawned/exit_reason.hpp>
#include <spawned/token.hpp>

#include <concepts>
#include <cstring>

namespace spawned::inline v0 {

// To tell one kind of ends from another by the handler, give each a type: struct WorkerGone : Ended {};
class Ended {
public:
    Ended() = default;
    // For tests of handlers.
    explicit Ended(const spawned_ended& told) : told_(told) {}

    Pid pid() const noexcept { return Pid(told_.pid); }
    // Which monitor tells, and its tag.
    Event monitor() const noexcept { return Event(told_.monitor); }
    std::uint64_t tag() const noexcept { return told_.tag; }

    ExitKind kind() const noexcept { return ExitKind{told_.exit.kind}; }
    bool is_abnormal() const noexcept { return spawned_exit_is_abnormal(told_.exit.kind) != 0; }
    // With the text of a failure; a longer one than the message carries is asked for.
    ExitReason reason() const {
        ExitReason told(told_.exit, told_.text);
        if (told_.exit.text_length <= told.text().size()) return told;
        auto whole = pid().exit_reason();
        return whole && whole->text().starts_with(told.text()) ? told.with_text(whole->text())
                                                               : told;
    }

private:
    spawned_ended told_{};
};

// What an actor that traps exits is sent in place of the signal: from whom, and why (link.hpp).
class ExitSignal : public Ended {
public:
    using Ended::Ended;
};

// What a monitor, or a trapped exit, can send.
template <class N>
concept Notice = Message<N> && std::derived_from<N, Ended> && sizeof(N) == sizeof(Ended);

// Who is told, and of which monitor it is to think then. Made of any reference that may be sent an Ended.
class Watcher {
public:
    template <class To>
    Watcher(const To& to, std::uint64_t tag = 0)  // NOLINT(google-explicit-constructor): is told
        : Watcher(Recipient<Ended>(to).pid(), message_type<Ended>, tag) {}
    // Told by a message of its own.
    template <Notice N, class To>
    static Watcher by(const To& to, std::uint64_t tag = 0) {
        return Watcher(Recipient<N>(to).pid(), message_type<N>, tag);
    }

    Pid pid() const noexcept { return pid_; }
    const spawned_message_type& type() const noexcept { return *type_; }
    std::uint64_t tag() const noexcept { return tag_; }

private:
    Watcher(Pid pid, const spawned_message_type& type, std::uint64_t tag)
        : pid_(pid), type_(&type), tag_(tag) {}

    Pid pid_;
    const spawned_message_type* type_;
    std::uint64_t tag_;
};

inline Result<Event> monitor(const Watcher& watcher, Pid watched) {
    spawned_event event = 0;
    const spawned_status status = spawned_monitor(watched.c_handle(), watcher.pid().c_handle(),
                                                  &watcher.type(), watcher.tag(), &event);
    if (status != SPAWNED_OK) return Error(Status{status});
    return Event(event);
}

// What start_monitored of a runtime returns.
template <class A>
struct Monitored {
    ActorRef<A> actor;
    Event monitor;
};

}  // namespace spawned::inline v0
