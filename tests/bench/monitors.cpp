// What a monitor and the message of its end cost: actors that start and end with one, less the same without.
#include "bench.hpp"
#include "cases.hpp"

namespace bench {

namespace {

const spawned_message_type round_type = SPAWNED_EMPTY_TYPE("bench.round");
const spawned_message_type ended_type = SPAWNED_MESSAGE_TYPE("bench.ended", spawned_ended);

spawned_status ignore(spawned_context*, void*, void*) { return SPAWNED_OK; }

const spawned_handler mortal_handlers[] = {{&round_type, ignore}};
const spawned_behavior mortal = behavior_of("mortal", 8, mortal_handlers);

// Starts and stops a batch per message; the next begins when the ends of this one are known.
struct watching {
    static constexpr uint64_t batch = 100;
    uint64_t left;
    bool is_monitored;
    finish* done;
    uint64_t ends = 0;
};

spawned_status init_watching(void* state, void* argument, void*) {
    *static_cast<watching*>(state) = *static_cast<watching*>(argument);
    return SPAWNED_OK;
}

spawned_status next_round(spawned_context* context, watching& own) {
    if (--own.left != 0) return spawned_send(spawned_context_self(context), &round_type, nullptr);
    own.done->release();
    return SPAWNED_OK;
}

spawned_status on_round(spawned_context* context, void* state, void*) {
    auto& own = *static_cast<watching*>(state);
    spawned_runtime* runtime = spawned_context_runtime(context);
    const spawned_pid self = spawned_context_self(context);
    for (uint64_t i = 0; i < watching::batch; ++i) {
        spawned_pid pid = 0;
        spawned_status status = spawned_actor_start(runtime, &mortal, nullptr, &pid);
        if (status == SPAWNED_OK && own.is_monitored)
            status = spawned_monitor(pid, self, &ended_type, i, nullptr);
        if (status == SPAWNED_OK) status = spawned_actor_stop(pid);
        if (status != SPAWNED_OK) return status;
    }
    own.ends = 0;
    return own.is_monitored ? SPAWNED_OK : next_round(context, own);
}

spawned_status on_ended(spawned_context* context, void* state, void*) {
    auto& own = *static_cast<watching*>(state);
    return ++own.ends == watching::batch ? next_round(context, own) : SPAWNED_OK;
}

const spawned_handler watcher_handlers[] = {{&round_type, on_round}, {&ended_type, on_ended}};

spawned_behavior watcher_behavior() {
    spawned_behavior behavior = behavior_of("watcher", sizeof(watching), watcher_handlers);
    behavior.init = init_watching;
    return behavior;
}
const spawned_behavior watcher = watcher_behavior();

// Processor time per actor, on one worker: the difference of two is small, and other processes come in between.
double lives(uint64_t amount, bool is_monitored) {
    fresh_runtime runtime(1);
    finish done(0);
    watching all = {amount / watching::batch, is_monitored, &done};
    const spawned_pid pid = runtime.start(watcher, &all);
    const uint64_t begin = cpu_ns();
    check(spawned_send(pid, &round_type, nullptr), "send");
    done.acquire();
    return each(cpu_ns() - begin, amount);
}

}  // namespace

// The second value is the first, divided by a message between two actors on one worker.
void monitor_and_end(uint64_t amount, double* values) {
    double message = 0;
    ping_pong_one_worker(amount, &message);
    const double plain = lives(amount, false);
    values[0] = lives(amount, true) - plain;
    values[1] = values[0] / message;
}

}  // namespace bench
