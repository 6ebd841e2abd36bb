/* Whole lives, over and over: a runtime, actors of one backend, a few messages and requests, their ends by
 * every means, the end of the runtime; with as little as possible between one step and the next. */
#include <pthread.h>
#include <stdlib.h>

#include "stress.h"

enum { actors_most = 8, workers_most = 3 };

typedef struct tally {
    atomic_int begun, started, handled, ended;
} tally;

static const spawned_message_type count_type = SPAWNED_MESSAGE_TYPE("rounds.count", uint64_t);
static const spawned_message_type ask_type =
    SPAWNED_REQUEST_TYPE("rounds.ask", uint64_t, &count_type);

static spawned_status on_count(spawned_context *context, void *state, void *value) {
    (void)context;
    (void)value;
    atomic_fetch_add(&(*(tally **)state)->handled, 1);
    return SPAWNED_OK;
}

static spawned_status on_ask(spawned_context *context, void *state, void *value) {
    atomic_fetch_add(&(*(tally **)state)->handled, 1);
    const uint64_t answer = *(uint64_t *)value + 1;
    return spawned_reply(context, &answer);
}

static spawned_status begin(void *state, void *argument, void *user_data) {
    (void)user_data;
    *(tally **)state = argument;
    atomic_fetch_add(&(*(tally **)state)->begun, 1);
    return SPAWNED_OK;
}

static spawned_status on_started(spawned_context *context, void *state) {
    (void)context;
    atomic_fetch_add(&(*(tally **)state)->started, 1);
    return SPAWNED_OK;
}

static void end(void *state, void *user_data) {
    (void)user_data;
    atomic_fetch_add(&(*(tally **)state)->ended, 1);
}

static const spawned_handler handlers[] = {{&count_type, on_count}, {&ask_type, on_ask}};

#define COUNTER(behavior_name)                                                                 \
    SPAWNED_BEHAVIOR_INIT(behavior_name), .state_size = sizeof(tally *), .handlers = handlers, \
                                          .handler_count = 2, .init = begin, .destroy = end
static const spawned_behavior plain = {COUNTER("plain")};
static const spawned_behavior hooked = {COUNTER("hooked"), .started = on_started};

typedef struct life {
    spawned_runtime *runtime;
    spawned_backend backend;
    uint32_t actors;
    uint64_t random;
    tally counted;
    spawned_pid pids[actors_most];
} life;

static void begin_all(life *one) {
    spawned_actor_options options = SPAWNED_ACTOR_OPTIONS_INIT;
    options.backend = one->backend;
    options.argument = &one->counted;
    for (uint32_t i = 0; i < one->actors; ++i)
        STRESS_OK(spawned_actor_start(one->runtime,
                                      stress_below(&one->random, 2) ? &plain : &hooked, &options,
                                      &one->pids[i]));
}

static void use_some(life *one) {
    for (uint32_t i = 0; i < one->actors; ++i) {
        const uint64_t number = stress_random(&one->random);
        uint64_t answer = 0;
        switch (stress_below(&one->random, 4)) {
            case 0:
                break;
            case 1:
                STRESS_OK(spawned_send(one->pids[i], &count_type, &number));
                break;
            default:
                STRESS_OK(
                    spawned_request(one->pids[i], &ask_type, &number, SPAWNED_DEFAULT, &answer));
                STRESS_CHECK(answer == number + 1);
                break;
        }
    }
}

/* Some are left to the shutdown. */
static void end_some(life *one) {
    for (uint32_t i = 0; i < one->actors; ++i) {
        switch (stress_below(&one->random, 5)) {
            case 0:
                STRESS_OK(spawned_actor_stop(one->pids[i]));
                break;
            case 1:
                STRESS_OK(spawned_actor_kill(one->pids[i]));
                break;
            case 2:
                STRESS_OK(spawned_actor_drain(one->pids[i], SPAWNED_DEFAULT));
                break;
            default:
                continue;
        }
        if (stress_below(&one->random, 2) == 0)
            STRESS_OK(spawned_actor_join(one->pids[i], SPAWNED_FOREVER));
    }
}

static void *join_all(void *argument) {
    life *one = argument;
    for (uint32_t i = 0; i < one->actors; ++i)
        STRESS_OK(spawned_actor_join(one->pids[i], SPAWNED_FOREVER));
    return NULL;
}

static void live(uint64_t random, spawned_backend backend) {
    stress_memory memory = {0};
    const spawned_allocator allocator = stress_allocator(&memory);
    life one = {.backend = backend,
                .actors = 1 + stress_below(&random, actors_most),
                .random = random};
    spawned_runtime_options options = SPAWNED_RUNTIME_OPTIONS_INIT;
    options.allocator = &allocator;
    options.workers = 1 + stress_below(&random, workers_most);
    options.seed = random;
    options.flags = stress_below(&random, 8) == 0 ? SPAWNED_RUNTIME_DETERMINISTIC : 0;
    STRESS_OK(spawned_runtime_create(&options, &one.runtime));
    stress_watch(one.runtime);
    begin_all(&one);
    use_some(&one);
    pthread_t joiner;
    const bool joins = options.flags == 0 && stress_below(&random, 2) == 0;
    if (joins && pthread_create(&joiner, NULL, join_all, &one) != 0) stress_fail("no thread");
    end_some(&one);
    if (joins || stress_below(&random, 2) == 0)
        STRESS_OK(spawned_runtime_shutdown(one.runtime, SPAWNED_DEFAULT));
    if (joins) pthread_join(joiner, NULL);
    stress_watch(NULL);
    STRESS_OK(spawned_runtime_destroy(one.runtime));
    STRESS_CHECK(atomic_load(&one.counted.begun) == (int)one.actors);
    STRESS_CHECK(atomic_load(&one.counted.ended) == (int)one.actors);
    STRESS_CHECK(atomic_load(&one.counted.started) <= (int)one.actors);
    stress_count((uint64_t)atomic_load(&one.counted.handled));
    stress_expect_all_returned(&memory);
}

int main(int argc, char **argv) {
    stress_begin(argc, argv);
    uint64_t seed;
    while (stress_next_round(&seed)) {
        live(stress_random(&seed), SPAWNED_BACKEND_POOL);
        live(stress_random(&seed), SPAWNED_BACKEND_BLOCKING);
        live(stress_random(&seed), SPAWNED_BACKEND_THREAD);
    }
    return 0;
}
