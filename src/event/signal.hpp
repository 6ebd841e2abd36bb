// Signals of the process as events of a runtime. The handler only notes the signal and rings the event loop;
// the loop's holder serves the subscribers, in the order of their subscriptions.
//
// Subscribers are watches on the signal's source. A round serves those that were there when the signal was
// taken note of: each source counts its rounds, and a watch carries the number of the next one it waits for.
#pragma once

#include "actor/core.hpp"
#include "actor/watch.hpp"
#include "platform/loop.hpp"
#include "platform/signal.hpp"

namespace spawned::engine {

struct signal_source : source_list {
    uint64_t round = 1;  // the next; guard: the list's lock
};

struct signal_desk : signal_sink, loop_task {
    core* home = nullptr;
    hardware::atomic<event_loop*> loop;  // once it has been there
    hardware::atomic<uint32_t>
        introduced;  // the task has been handed to the loop for the first time
    hardware::atomic<uint32_t> queued;
    signal_source sources[most_signals];
};

void init_signals(core& home, signal_desk& desk);

// The message is taken over in every case.
spawned_status send_on_signal(core& home, int number, message& m, uint32_t flags,
                              uint64_t* out_event);
spawned_status signal_response(core& home, int number, uint32_t flags, uint64_t timeout,
                               message** out_promise);
// False: nobody waits for it.
bool signal_arrived(thread& self, core& home, int number);

// No actor is left: promises learn that the runtime has stopped, and no handler rings any more.
void close_signals(core& home);

}  // namespace spawned::engine
