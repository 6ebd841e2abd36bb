#include "event/signal.hpp"

#include <spawned/signal.h>

#include "actor/block.hpp"
#include "actor/reply.hpp"
#include "event/events.hpp"

namespace spawned::engine {

namespace {

signal_desk& desk_of(core& home) { return home.happening->signals; }

int number_of(core& home, const watch& one) {
    return static_cast<int>(static_cast<signal_source*>(one.source) - desk_of(home).sources) + 1;
}

void stop_wanting(core& home, int number) {
    if (home.sim == nullptr) unwant_signal(desk_of(home), number);
}

// The watch of a subscriber that is served or gone.
void release_subscription(core& home, watch& one) {
    const int number = number_of(home, one);
    release_watch(home, one);
    stop_wanting(home, number);
}

void send_once(thread& self, core& home, watch& one, const ended_actor*) {
    message& m = *one.sent;
    release_subscription(home,
                         one);  // first: who has the message finds the signal as it was before
    deliver_reserved(self, home, m);
}

void end_subscription(core& home, watch& one) {
    drop_message(home, *one.sent);
    if (one.spare != nullptr) drop_message(home, *one.spare);
    release_subscription(home, one);
}

void promise_kept(thread&, core& home, watch& one, const ended_actor*) {
    message& promise = *one.sent;
    release_subscription(home, one);
    resolve_with(home, promise, SPAWNED_OK, nullptr, holds::a_handle);
}

void promise_dropped(core& home, watch& one) {
    message& promise = *one.sent;
    release_subscription(home, one);
    resolve_with(home, promise, SPAWNED_ESTOPPED, nullptr, holds::a_handle);
}

void each_time(thread& self, core& home, watch& one, const ended_actor*) {
    // The copy was made beforehand, so that the first signal at least needs no memory.
    if (one.spare == nullptr) one.spare = copy_message(home, *one.sent);
    message* const copy = one.spare;
    if (copy == nullptr) {
        log_about(home, SPAWNED_LOG_WARNING, one.watcher_pid, nullptr, one.sent->type->name, 0,
                  "signal %d missed: its message could not be copied", number_of(home, one));
        return;
    }
    one.spare = copy_message(home, *one.sent);
    deliver_reserved(self, home, *copy);
}

const watch_kind once_watch = {.fire = send_once, .drop = end_subscription, .is_event = true};
const watch_kind repeating_watch = {.fire = each_time, .drop = end_subscription, .is_event = true};
const watch_kind signalled_promise = {promise_kept, promise_dropped};

// The caller holds the source's lock.
bool is_next_round(core& home, uint64_t id) {
    const signal_source& source = desk_of(home).sources[id % most_signals];
    return id / most_signals == source.round;
}

uint64_t round_id(int number, uint64_t round) {
    return round * most_signals + static_cast<uint64_t>(number - 1);
}

void ring(signal_sink& sink) {
    auto& desk = static_cast<signal_desk&>(sink);
    event_loop* loop = desk.loop.load_seq_cst();
    if (loop == nullptr || desk.queued.exchange_seq_cst(1) != 0) return;
    if (loop->submit(desk)) loop->wake();
}

// On the loop.
void serve(loop_task& task, event_loop& loop) {
    auto& desk = static_cast<signal_desk&>(task);
    thread* self = current_thread(*desk.home);
    desk.queued.exchange_seq_cst(0);
    desk.loop.store_seq_cst(&loop);
    uint64_t arrived = desk.pending.exchange_seq_cst(0);
    for (int number = 1; self != nullptr && arrived != 0; ++number, arrived >>= 1)
        if ((arrived & 1) != 0) (void)signal_arrived(*self, *desk.home, number);
}

// The handler needs the loop's address, which a first task brings.
spawned_status introduce(core& home, signal_desk& desk) {
    uint32_t expected = 0;
    if (!desk.introduced.cas_seq_cst(expected, 1)) return SPAWNED_OK;
    desk.queued.store_seq_cst(1);
    const spawned_status status = run_on_loop(home, desk);
    if (status != SPAWNED_OK) desk.introduced.store_seq_cst(0);
    return status;
}

spawned_status begin_wanting(core& home, int number, uint32_t flags) {
    if (home.sim != nullptr) return SPAWNED_OK;
    signal_desk& desk = desk_of(home);
    const spawned_status status = want_signal(desk, number, (flags & SPAWNED_SIGNAL_REPLACE) != 0);
    if (status != SPAWNED_OK) return status;
    const spawned_status known = introduce(home, desk);
    if (known != SPAWNED_OK) unwant_signal(desk, number);
    return known;
}

// The watch is armed, or gone with what it holds.
spawned_status subscribe(core& home, int number, watch& one, spawned_pid for_whom, uint32_t flags) {
    signal_source& source = desk_of(home).sources[number - 1];
    spawned_status status = begin_wanting(home, number, flags);
    if (status == SPAWNED_OK) {
        arming got;
        do {
            uint64_t round;
            {
                lock_guard guard(source.lock);
                round = source.round;
            }
            got = watch_source(home, one, source, round_id(number, round), is_next_round, for_whom);
        } while (got == arming::source_over);
        if (got == arming::armed) return SPAWNED_OK;
        status = got == arming::watcher_over ? SPAWNED_ESTOPPED : SPAWNED_ENOMEM;
        stop_wanting(home, number);
    }
    return status;
}

// Of a subscription that met the shutdown, which may not have seen it.
spawned_status check_shutdown(core& home, uint64_t id) {
    if (home.stopping.load_seq_cst() == 0) return SPAWNED_OK;
    return cancel_watch(home, id) == SPAWNED_OK ? SPAWNED_ESTOPPING : SPAWNED_OK;
}

}  // namespace

void init_signals(core& home, signal_desk& desk) {
    desk.home = &home;
    desk.ring = ring;
    desk.run = serve;
}

spawned_status send_on_signal(core& home, int number, message& m, uint32_t flags,
                              uint64_t* out_event) {
    const bool repeats = (flags & SPAWNED_SIGNAL_REPEAT) != 0;
    spawned_status status = SPAWNED_OK;
    watch* one = nullptr;
    if (home.stopping.load_acquire() != 0)
        status = SPAWNED_ESTOPPING;
    else if (actor_of(home, m.target) == nullptr)
        status = why_absent(m.target);
    else if ((one = new_watch(home, repeats ? repeating_watch : once_watch)) == nullptr)
        status = SPAWNED_ENOMEM;
    if (one == nullptr) {
        drop_message(home, m);
        return status;
    }
    one->sent = &m;
    one->spare = nullptr;
    const uint64_t id = watch_id(home, *one);
    if (repeats && (one->spare = copy_message(home, m)) == nullptr) status = SPAWNED_ENOMEM;
    message* const spare = one->spare;
    if (status == SPAWNED_OK) status = subscribe(home, number, *one, m.target, flags);
    if (status != SPAWNED_OK) {
        release_watch(home, *one);
        drop_message(home, m);
        if (spare != nullptr) drop_message(home, *spare);
        return status;
    }
    if (out_event != nullptr) *out_event = id;
    return check_shutdown(home, id);
}

spawned_status signal_response(core& home, int number, uint32_t flags, uint64_t timeout,
                               message** out_promise) {
    if (home.stopping.load_acquire() != 0) return SPAWNED_ESTOPPING;
    watch* one = current_thread(home) != nullptr ? new_watch(home, signalled_promise) : nullptr;
    message* promise = one != nullptr ? new_watched_promise(home, *one) : nullptr;
    if (promise == nullptr) {
        if (one != nullptr) release_watch(home, *one);
        return SPAWNED_ENOMEM;
    }
    request_of(*promise).deadline.store_relaxed(deadline_after(home, timeout));
    one->sent = promise;
    const uint64_t id = watch_id(home, *one);
    spawned_status status = subscribe(home, number, *one, 0, flags);
    if (status != SPAWNED_OK) {
        resolve_with(home, *promise, status, nullptr, holds::a_handle);
        release_watch(home, *one);
    } else {
        status = check_shutdown(home, id);
    }
    if (status == SPAWNED_OK)
        *out_promise = promise;
    else
        release(home, *promise);
    return status;
}

bool signal_arrived(thread& self, core& home, int number) {
    signal_source& source = desk_of(home).sources[number - 1];
    uint64_t round;
    {
        lock_guard guard(source.lock);
        round = source.round++;
    }
    const uint64_t id = round_id(number, round);
    bool served = false;
    for (;;) {
        watch* one;
        {
            lock_guard guard(source.lock);
            one = source.entries.front();
            while (one != nullptr && (one->source_id != id || !hold_listed(*one)))
                one = source.entries.next(one);
            if (one != nullptr) one->source_id = round_id(number, source.round);
        }
        if (one == nullptr) return served;
        served = true;
        if (one->kind == &repeating_watch) {
            each_time(self, home, *one, nullptr);
            give_back(*one);
        } else {
            claim_held(*one);
            one->kind->fire(self, home, *one, nullptr);
        }
    }
}

void close_signals(core& home) {
    signal_desk& desk = desk_of(home);
    for (int number = 1; number <= most_signals; ++number) {
        signal_source& source = desk.sources[number - 1];
        uint64_t round;
        {
            lock_guard guard(source.lock);
            round = source.round;
        }
        while (watch* one = claim_first(source, round_id(number, round)))
            one->kind->drop(home, *one);
    }
    forget_sink(desk);
}

}  // namespace spawned::engine
