// Messages: two actors in turn, a ring, and many producers of one consumer.
#include <atomic>
#include <thread>
#include <vector>

#include "bench.hpp"
#include "cases.hpp"

namespace bench {

namespace {

// A ball is passed on until it has no hops left; its last holder tells.
struct ball {
    uint64_t hops;
    finish* done;
};
struct peer {
    spawned_pid next;
};

const spawned_message_type ball_type = type_of<ball>("bench.ball");
const spawned_message_type peer_type = type_of<peer>("bench.peer");

spawned_status on_peer(spawned_context*, void* state, void* value) {
    static_cast<peer*>(state)->next = static_cast<peer*>(value)->next;
    return SPAWNED_OK;
}

spawned_status on_ball(spawned_context*, void* state, void* value) {
    auto* passed = static_cast<ball*>(value);
    if (passed->hops == 0) {
        passed->done->release();
        return SPAWNED_OK;
    }
    const ball next = {passed->hops - 1, passed->done};
    return spawned_send(static_cast<peer*>(state)->next, &ball_type, &next);
}

const spawned_handler player_handlers[] = {{&ball_type, on_ball}, {&peer_type, on_peer}};
const spawned_behavior player = behavior_of("player", sizeof(peer), player_handlers);

// Wall time per hop of `tokens` balls through a ring of `members`, `hops` together.
double pass_around(uint32_t workers, uint64_t members, uint64_t tokens, uint64_t hops) {
    fresh_runtime runtime(workers);
    std::vector<spawned_pid> ring;
    for (uint64_t i = 0; i < members; ++i) ring.push_back(runtime.start(player));
    for (uint64_t i = 0; i < members; ++i) {
        const peer next = {ring[(i + 1) % members]};
        check(spawned_request(ring[i], &peer_type, &next, SPAWNED_DEFAULT, nullptr), "peer");
    }
    finish done(0);
    const uint64_t begin = wall_ns();
    for (uint64_t i = 0; i < tokens; ++i) {
        const ball first = {hops / tokens, &done};
        check(spawned_send(ring[i * members / tokens], &ball_type, &first), "send");
    }
    for (uint64_t i = 0; i < tokens; ++i) done.acquire();
    return each(wall_ns() - begin, hops);
}

struct countdown {
    uint64_t left;
    finish* done;
};

const spawned_message_type item_type = type_of<uint64_t>("bench.item");

spawned_status init_countdown(void* state, void* argument, void*) {
    *static_cast<countdown*>(state) = *static_cast<countdown*>(argument);
    return SPAWNED_OK;
}

spawned_status on_item(spawned_context*, void* state, void*) {
    auto* count = static_cast<countdown*>(state);
    if (--count->left == 0) count->done->release();
    return SPAWNED_OK;
}

const spawned_handler consumer_handlers[] = {{&item_type, on_item}};

spawned_behavior consumer_behavior() {
    spawned_behavior behavior = behavior_of("consumer", sizeof(countdown), consumer_handlers);
    behavior.init = init_countdown;
    return behavior;
}
const spawned_behavior consumer = consumer_behavior();

}  // namespace

void ping_pong_one_worker(uint64_t amount, double* values) {
    values[0] = pass_around(1, 2, 1, amount);
}

void ping_pong_default_workers(uint64_t amount, double* values) {
    values[0] = pass_around(default_workers, 2, 1, amount);
}

void ring_one_token(uint64_t amount, double* values) {
    values[0] = pass_around(default_workers, 1000, 1, amount);
}

void ring_hundred_tokens(uint64_t amount, double* values) {
    values[0] = pass_around(default_workers, 1000, 100, amount);
}

void fan_in(uint64_t amount, double* values) {
    constexpr uint64_t producer_count = 4;
    fresh_runtime runtime(default_workers);
    finish done(0);
    countdown all = {amount / producer_count * producer_count, &done};
    const spawned_pid target = runtime.start(consumer, &all);
    std::atomic<uint32_t> ready{0};
    std::atomic<bool> go{false};
    std::vector<std::thread> producers;
    for (uint64_t p = 0; p < producer_count; ++p) {
        producers.emplace_back([&] {
            ready.fetch_add(1);
            go.wait(false);
            for (uint64_t i = 0; i < amount / producer_count; ++i)
                check(spawned_send(target, &item_type, &i), "send");
        });
    }
    while (ready.load() != producer_count) std::this_thread::yield();
    const uint64_t begin = wall_ns();
    go.store(true);
    go.notify_all();
    done.acquire();
    values[0] = each(wall_ns() - begin, all.left);
    for (std::thread& producer : producers) producer.join();
}

}  // namespace bench
