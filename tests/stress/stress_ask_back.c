/* An actor that has answered and then asks its requester closes no circle: the requester has its answer,
 * however long it takes to notice. Neither side may be told of a deadlock. */
#include <sched.h>

#include "stress.h"

enum { turns = 200 };

typedef struct pair {
    spawned_pid first;
    spawned_pid second;
    atomic_int *finished;
} pair;

static const spawned_message_type number_type = SPAWNED_MESSAGE_TYPE("ask_back.number", uint64_t);
static const spawned_message_type begin_type =
    SPAWNED_REQUEST_TYPE("ask_back.begin", pair, &number_type);
static const spawned_message_type there_type =
    SPAWNED_REQUEST_TYPE("ask_back.there", pair, &number_type);
static const spawned_message_type back_type =
    SPAWNED_REQUEST_TYPE("ask_back.back", pair, &number_type);

static spawned_status answer(spawned_context *context) {
    const uint64_t number = 1;
    return spawned_reply(context, &number);
}

static spawned_status on_begin(spawned_context *context, void *state, void *value) {
    (void)state;
    const pair *both = value;
    uint64_t number;
    STRESS_OK(spawned_request(both->second, &there_type, both, SPAWNED_FOREVER, &number));
    return answer(context);
}

static spawned_status on_there(spawned_context *context, void *state, void *value) {
    (void)state;
    const pair *both = value;
    uint64_t number;
    STRESS_OK(answer(context));
    STRESS_OK(spawned_request(both->first, &back_type, both, SPAWNED_FOREVER, &number));
    atomic_fetch_add(both->finished, 1);
    return SPAWNED_OK;
}

static spawned_status on_back(spawned_context *context, void *state, void *value) {
    (void)state;
    (void)value;
    return answer(context);
}

static const spawned_handler first_handlers[] = {{&begin_type, on_begin}, {&back_type, on_back}};
static const spawned_handler second_handlers[] = {{&there_type, on_there}};
static const spawned_behavior first = {SPAWNED_BEHAVIOR_INIT("first"), .handlers = first_handlers,
                                       .handler_count = 2};
/* Slow: on its requester's own stack, asking back would be a circle. */
static const spawned_behavior second = {SPAWNED_BEHAVIOR_INIT("second"),
                                        .flags = SPAWNED_BEHAVIOR_SLOW, .handlers = second_handlers,
                                        .handler_count = 1};

static void run_round(uint64_t random) {
    spawned_runtime_options options = SPAWNED_RUNTIME_OPTIONS_INIT;
    options.workers = 1 + stress_below(&random, 3);
    spawned_runtime *runtime = NULL;
    STRESS_OK(spawned_runtime_create(&options, &runtime));
    stress_watch(runtime);
    spawned_actor_options where = SPAWNED_ACTOR_OPTIONS_INIT;
    atomic_int finished = 0;
    pair both = {0, 0, &finished};
    where.backend = stress_below(&random, 3);
    STRESS_OK(spawned_actor_start(runtime, &first, &where, &both.first));
    where.backend = stress_below(&random, 3);
    STRESS_OK(spawned_actor_start(runtime, &second, &where, &both.second));
    for (int turn = 0; turn < turns; ++turn) {
        uint64_t number;
        STRESS_OK(spawned_request(both.first, &begin_type, &both, SPAWNED_FOREVER, &number));
        while (atomic_load(&finished) <= turn) sched_yield();
    }
    stress_watch(NULL);
    STRESS_OK(spawned_runtime_shutdown(runtime, SPAWNED_DEFAULT));
    STRESS_OK(spawned_runtime_destroy(runtime));
    stress_count(3 * turns);
}

int main(int argc, char **argv) {
    stress_begin(argc, argv);
    uint64_t seed;
    while (stress_next_round(&seed)) run_round(seed);
    return 0;
}
