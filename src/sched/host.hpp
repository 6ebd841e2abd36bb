// A thread that the program lends: actors of the host backend run on it and nowhere else, while it is inside
// host_run, waits inside the library, or runs a loop that the runtime is a guest of. In a hosted runtime,
// which has no threads, it runs everything else too: the pool's actors, timers, the event loop.
//
//   state: outside -> awake   whoever gives it something to do, and then rings; or it comes by itself
//          awake -> waiting -> awake   it sleeps inside the library
//          awake -> outside   it leaves, and looks for work once more
// Publishing work and the state are ordered like work and idle workers: one side sees the other.
#pragma once

#include "platform/loop.hpp"
#include "platform/loop_guest.hpp"
#include "sched/scheduler.hpp"

namespace spawned::engine {

struct host_settings {
    void (*wake)(void* user_data);  // the program's bell; may be null
    void* user_data;
    uint64_t slice;  // longest time at once on a loop of the program
};

enum class host_state : uint32_t { outside, awake, waiting };

struct host {
    core* home = nullptr;
    bool runs_all = false;  // the runtime is hosted
    host_settings settings = {};
    hardware::atomic<thread*> owner;
    hardware::atomic<host_state> state;
    hardware::atomic<uint32_t> poked;  // the program asked it to return
    hardware::atomic<uint64_t> until;  // when it looks at the timers by itself

    // the owner's
    actor_list local;
    uint32_t depth = 0;  // runs on its stack
    bool descriptor_is_out = false;
    event_loop* doorbell = nullptr;  // for the descriptor, where the runtime's loop is the workers'
    loop_guest* guest = nullptr;     // on the program's loop

    spin_lock lock;  // guards injected
    actor_list injected;
    hardware::atomic<uint32_t> injected_count;
    hardware::atomic<uint64_t> rung_since;  // outside, with something to do; 0: not
    uint64_t told_of = 0;                   // the watchdog's: the wait that it has told of
};

// The calling thread becomes the host's; with a loop of the program, which it runs, the host is served
// there. EALREADY: there is one.
spawned_status make_host(core& home, const host_settings& settings, native_loop* loop,
                         host** out_host);
void close_host(core& home);  // the owner, after the shutdown
void free_host(core& home);

// There is a host, and this is not its thread.
bool is_elsewhere(thread& self, core& home);
// In something that the host runs: its end would be waited for.
bool is_inside_host(thread& self);

// The calling thread takes the host over; nobody is inside.
spawned_status adopt_host(host& h);

// The owner's verbs: ECONTEXT elsewhere, EDEADLK inside of itself, ESTOPPED after the shutdown.
struct host_limits {
    uint64_t messages;  // most of them
    uint64_t budget;    // nanoseconds, looked at between turns
    uint64_t wait;      // nanoseconds for something to do to come
};
spawned_status host_run(host& h, const host_limits& limits, uint64_t* out_next);
spawned_status host_next(host& h, uint64_t* out_next);
spawned_status host_descriptor(host& h, int* out_descriptor);
spawned_status keep_loop(host& h, bool wanted);

// Any thread: a wait inside, or the next one, ends; otherwise the program is rung for.
void poke_host(host& h);

// For the rest of sched/.

// The host that runs the actors of this backend; null: threads of ours do.
inline host* host_for(const scheduler& all, backend where) {
    const bool lent = where == backend::host || (where == backend::pool && all.hosted);
    return lent ? all.lent.load_acquire() : nullptr;
}
inline host* host_of(thread& self) { return self.lends_to.load_acquire(); }

void schedule_on_host(thread& self, host& h, actor& a);
actor* take_next_on_host(host& h, const actor& wanted);  // null unless it is next
void serve_host(host& h);                                // after a poll of the program's loop
void wake_host(host& h);
// The owner waits: it runs what there is meanwhile. stalled: inside a handler there is no way to.
waited wait_on_host(thread& self, host& h, bool (*ready)(void*), void* argument, uint64_t deadline);

}  // namespace spawned::engine
