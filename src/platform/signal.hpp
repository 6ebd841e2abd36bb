// The process's signal handlers while somebody wants to know of signals, and nothing of them otherwise.
//
// libuv's own handlers are not used: when the last of them goes it sets the default disposition instead of
// what the host had there, and it does so for its whole process.
#pragma once

#include <spawned/status.h>

#include <cstdint>

#include "base/atomic.hpp"

namespace spawned::engine {

inline constexpr int most_signals = 64;

// Who is told, a runtime. The hub's lock guards what is not atomic.
struct signal_sink {
    // In a signal handler, on any thread of the process: after a bit of `pending` was set.
    void (*ring)(signal_sink& self) = nullptr;
    atomic<std::uint64_t> pending{0};  // bit n - 1: signal n has arrived
    atomic<std::uint64_t> wanted{0};
    atomic<signal_sink*> next{nullptr};
    std::uint32_t users[most_signals] = {};
    bool is_listed = false;
};

// Whether a signal of this number can be subscribed to.
bool is_catchable(int number);

// One more user of the signal. EEXIST: the host has a handler of its own, which stays unless replace.
// ESYSTEM: the system refuses.
spawned_status want_signal(signal_sink& sink, int number, bool replace);
// One less. With the last one of the process what the host had is restored, unless it has put something else
// there meanwhile.
void unwant_signal(signal_sink& sink, int number);

// The sink has no users; no handler touches it afterwards.
void forget_sink(signal_sink& sink);

// In a forked child: what the host had is restored, and nobody is told.
void forget_signals_in_child();

}  // namespace spawned::engine
