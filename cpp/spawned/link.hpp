// Links: two actors that do not outlive each other, and exit signals, which say so.
//
//     link(reader, writer);                              // when one ends, for any but a normal reason, so does the other
//     auto half = context.runtime().start_linked<Half>(context.self(), …);
//     context.trap_exits();                              // from now on: void handle(ExitSignal, Context&)
//     send_exit(worker, ExitReason::shutdown());
//
// A signal acts between two handlers, as stop does, and stopped runs, with the reason. link.h has the rules.
#pragma once

#include <spawned/link.h>
#include <spawned/monitor.hpp>

namespace spawned::inline v0 {

// Linked already, or one and the same: ok, nothing changes. When one has ended before, the other receives the
// signal of its end within the call.
inline Status link(Pid one, Pid other) {
    return Status{spawned_link(one.c_handle(), other.c_handle())};
}

// Once it has returned, neither receives a signal through that link. ok also when there was none.
inline Status unlink(Pid one, Pid other) {
    return Status{spawned_unlink(one.c_handle(), other.c_handle())};
}

// Sends an exit signal, from the running actor or from outside. Normal: only an actor that traps takes notice of
// it, or oneself. Killed is kill. A failure has a code, and as much of the text as a failure keeps.
inline Status send_exit(Pid pid, const ExitReason& reason) {
    const bool failed = reason.kind() == ExitKind::failure;
    const spawned_exit exit = reason.c_exit();
    return Status{spawned_actor_exit(pid.c_handle(), &exit, failed ? reason.text().data() : nullptr,
                                     failed ? reason.text().size() : 0)};
}

}  // namespace spawned::inline v0
