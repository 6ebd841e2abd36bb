// Timers: what scheduling, cancelling and firing cost the processor.
#include <vector>

#include "bench.hpp"
#include "cases.hpp"

namespace bench {

namespace {

struct ticks {
    uint64_t left;
    finish* done;
};

const spawned_message_type tick_type = SPAWNED_EMPTY_TYPE("bench.tick");

spawned_status init_ticks(void* state, void* argument, void*) {
    *static_cast<ticks*>(state) = *static_cast<ticks*>(argument);
    return SPAWNED_OK;
}

spawned_status on_tick(spawned_context*, void* state, void*) {
    auto* count = static_cast<ticks*>(state);
    if (--count->left == 0) count->done->release();
    return SPAWNED_OK;
}

const spawned_handler tick_handlers[] = {{&tick_type, on_tick}};

spawned_behavior clock_behavior() {
    spawned_behavior behavior = behavior_of("clock", sizeof(ticks), tick_handlers);
    behavior.init = init_ticks;
    return behavior;
}
const spawned_behavior clock_actor = clock_behavior();

spawned_timer tick_after(spawned_pid target, spawned_duration delay) {
    spawned_message* message = nullptr;
    check(spawned_message_create(target, &tick_type, nullptr, &message), "message");
    spawned_timer timer = 0;
    check(spawned_send_after(delay, message, &timer), "send_after");
    return timer;
}

}  // namespace

// Between 5 and 6 s, as timeouts are: nearly all are cancelled before they fire.
void timer_schedule_and_cancel(uint64_t amount, double* values) {
    fresh_runtime runtime(default_workers);
    finish done(0);
    ticks all = {amount, &done};
    const spawned_pid target = runtime.start(clock_actor, &all);
    random_numbers random(1);
    std::vector<spawned_timer> timers(amount);
    uint64_t begin = cpu_ns();
    for (spawned_timer& timer : timers)
        timer = tick_after(target, 5 * SPAWNED_SECOND + random.below(SPAWNED_SECOND));
    values[0] = each(cpu_ns() - begin, amount);
    begin = cpu_ns();
    for (spawned_timer timer : timers) spawned_timer_cancel(timer);
    values[1] = each(cpu_ns() - begin, amount);
}

// The time of the whole process from the moment all are scheduled until all are handled.
void timer_fire(uint64_t amount, double* values) {
    fresh_runtime runtime(default_workers);
    finish done(0);
    ticks all = {amount, &done};
    const spawned_pid target = runtime.start(clock_actor, &all);
    random_numbers random(2);
    for (uint64_t i = 0; i < amount; ++i)
        tick_after(target, 300 * SPAWNED_MILLISECOND + random.below(200 * SPAWNED_MILLISECOND));
    const uint64_t begin = cpu_ns();
    done.acquire();
    values[0] = each(cpu_ns() - begin, amount);
}

}  // namespace bench
