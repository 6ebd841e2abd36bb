// All timers of a runtime, in shards by the actor they belong to: one actor's timers fire in one order.
// Messages after a delay, intervals, and the engine's own: the deadlines of awaits, drains, bells and
// sleeps.
#pragma once

#include <spawned/timer.h>

#include "actor/core.hpp"
#include "timer/timer_claim.hpp"
#include "timer/wheel.hpp"

namespace spawned::engine {

enum class timer_use : uint8_t { once, interval, wake, drain, bell, sleep };

// Who may cancel it: a number that is another thing's, and by chance that of a timer of the engine's, must not take
// it away.
enum class timer_owner : uint8_t { program, engine };

// Guard: its shard's lock.
struct timer_entry : wheel_entry {
    uint64_t period = 0;
    uint64_t missed = 0;
    union {
        message* what = nullptr;  // once: the message; interval: what is copied; sleep: the promise
        actor* whom;              // wake
        bell* ring;               // bell
    };
    tick* own_tick = nullptr;  // interval
    spawned_pid target = 0;
    uint32_t index = 0;
    hardware::atomic<uint32_t> generation;  // read without the lock of a stale handle's shard
    uint32_t next_of_actor = 0;
    uint32_t previous_of_actor = 0;
    timer_claim claim;
    timer_use use = timer_use::once;
    timer_owner owner = timer_owner::engine;
    bool tick_waits = false;  // the tick is in its mailbox or its handler
    hardware::atomic<uint8_t> shard;
};

struct alignas(128) timer_shard {
    spin_lock lock;       // guards the rest
    bool closed = false;  // the shutdown has cleared it
    bool firing = false;  // one thread at a time fires, so that the order holds
    uint64_t sequence = 0;
    hardware::atomic<uint64_t> next;  // when somebody should look; UINT64_MAX: never
    wheel entries;
};

struct timers {
    static constexpr uint32_t most_shards = 16;
    uint32_t shard_count = 1;
    bool exact = false;
    slab<timer_entry, 6> slots;
    timer_shard shards[most_shards];
};

bool init_timers(core& home, uint32_t shard_count, bool exact);
// Drops everything that is armed: messages end, promises are told that the runtime has stopped.
void clear_timers(core& home);
void deinit_timers(core& home);

// Takes the message over in every case.
spawned_status send_later(core& home, message& m, uint64_t delay, uint64_t period,
                          timer_owner owner, spawned_timer* out_timer);
spawned_status cancel_timer(core& home, spawned_timer timer, timer_owner who);
// Resolves the promise after the delay; false without memory.
bool arm_sleep(core& home, message& promise, uint64_t delay);

// Shared by the two sources of this folder.
timer_shard& shard_of(timers& all, uint32_t slot);
uint64_t later(uint64_t from, uint64_t delay);
void next_generation(timer_entry& e);
timer_entry* get_entry(core& home, timer_use use);
void put_entry(core& home, timer_entry& e);
uint64_t handle_of(core& home, const timer_entry& e);
// The caller holds the shard's lock. Returns whether somebody may have to wake earlier.
bool insert_entry(timers& all, timer_shard& shard, timer_entry& e);

}  // namespace spawned::engine
