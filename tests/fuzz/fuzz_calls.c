/* Sequences of calls, misuse included, on a deterministic runtime: the bytes choose who does what, the
 * handlers' own calls included. Whatever happens nothing is lost, doubled, leaked, or stuck. */
#include <stdlib.h>
#include <string.h>

#include "world.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

fuzz_world world;

static void begin_world(void) {
    memset(&world, 0, sizeof world);
    world.memory.left = SIZE_MAX;
    world_begin_runtime();
}

/* Lets go of everything, before the runtime's end or after it. */
static void let_go(void) {
    for (int i = 0; i < objects; ++i) {
        if (world.messages[i] != NULL) spawned_message_destroy(world.messages[i]);
        spawned_response_release(world.responses[i]);
        spawned_listener_end(world.listeners[i], SPAWNED_OK, NULL, 0);
        world.listeners[i] = NULL;
        spawned_task_group_release(world.tasks[i]);
        world.tasks[i] = NULL;
        world.messages[i] = NULL;
        world.responses[i] = NULL;
    }
}

void world_begin_runtime(void) {
    const spawned_allocator allocator = fuzz_allocator(&world.memory);
    spawned_runtime_options options = SPAWNED_RUNTIME_OPTIONS_INIT;
    options.flags = SPAWNED_RUNTIME_DETERMINISTIC;
    options.allocator = &allocator;
    options.seed = fuzz_byte();
    options.max_actors = fuzz_below(2) == 0 ? 0 : 1 + fuzz_below(8);
    world.memory.ended = 0;
    FUZZ_OK(spawned_runtime_create(&options, &world.runtime));
}

/* Handlers that wait do so for a limited time only, so every shutdown ends. */
void world_end_runtime(void) {
    if (fuzz_below(2) == 0) let_go();
    FUZZ_OK(spawned_runtime_shutdown(world.runtime, 1000 * SPAWNED_SECOND));
    spawned_runtime_stats stats = SPAWNED_RUNTIME_STATS_INIT;
    FUZZ_OK(spawned_runtime_stats_get(world.runtime, &stats));
    FUZZ_OK(spawned_runtime_destroy(world.runtime));
    world.runtime = NULL;
    let_go();
    FUZZ_CHECK(stats.actors_started == stats.actors_ended);
    FUZZ_CHECK(stats.messages_sent == stats.messages_handled + stats.dead_stopped +
                                          stats.dead_overflow + stats.dead_no_handler +
                                          stats.dead_expired + stats.dead_cancelled);
    FUZZ_CHECK(world.states == 0);
    FUZZ_CHECK(world.sources == 0);
    FUZZ_CHECK(world.awaits == world.resumed + world.dropped);
    fuzz_expect_all_ended();
    fuzz_expect_all_returned(&world.memory);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz_begin(data, size);
    begin_world();
    while (fuzz_more()) world_act(NULL);
    world_end_runtime();
    return 0;
}
