/* Random actors and threads over all backends and overflow policies, with ends, requests, awaits, bells,
 * timers, joins and names. At the end of each round nothing is missing: counters, values, requests,
 * awaits, states and memory. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mesh.h"

enum { threads_most = 3, hops_most = 6 };

typedef struct outsider {
    mesh_doer doer;
    uint32_t acts;
} outsider;

static void *act_outside(void *argument) {
    outsider *self = argument;
    for (uint32_t i = 0; i < self->acts; ++i)
        mesh_act(&self->doer, stress_below(&self->doer.random, hops_most));
    return NULL;
}

static void begin_mesh(uint64_t *random, const spawned_allocator *memory) {
    _Atomic uint8_t *tokens = the_mesh.tokens;
    memset(&the_mesh, 0, sizeof the_mesh);
    the_mesh.tokens = tokens;
    mesh_stash_init(&the_mesh.replies);
    mesh_stash_init(&the_mesh.timers);
    mesh_stash_init(&the_mesh.responses);
    mesh_stash_init(&the_mesh.messages);
    the_mesh.deterministic = stress_below(random, 4) == 0;
    the_mesh.slot_count = 2 + stress_below(random, mesh_slots_most - 2);
    spawned_runtime_options options = SPAWNED_RUNTIME_OPTIONS_INIT;
    options.allocator = memory;
    options.workers = 1 + stress_below(random, 4);
    options.flags = the_mesh.deterministic ? SPAWNED_RUNTIME_DETERMINISTIC : 0;
    options.seed = stress_random(random);
    STRESS_OK(spawned_runtime_create(&options, &the_mesh.runtime));
    stress_watch(the_mesh.runtime);
    mesh_doer doer = mesh_new_doer(stress_random(random), false);
    for (uint32_t slot = 0; slot < the_mesh.slot_count; ++slot)
        while (atomic_load(&the_mesh.slots[slot]) == 0) mesh_start_in(slot, &doer);
    atomic_store(&the_mesh.open, true);
}

static void expect_conserved(const spawned_runtime_stats *stats) {
    const uint64_t accounted = stats->messages_handled + stats->dead_stopped +
                               stats->dead_overflow + stats->dead_no_handler + stats->dead_expired +
                               stats->dead_cancelled;
    if (stats->messages_sent != accounted)
        stress_fail(
            "%llu messages were sent; handled %llu, dead: stopped %llu, overflow %llu, "
            "no handler %llu, expired %llu, cancelled %llu",
            (unsigned long long)stats->messages_sent, (unsigned long long)stats->messages_handled,
            (unsigned long long)stats->dead_stopped, (unsigned long long)stats->dead_overflow,
            (unsigned long long)stats->dead_no_handler, (unsigned long long)stats->dead_expired,
            (unsigned long long)stats->dead_cancelled);
    STRESS_CHECK(stats->actors_started == stats->actors_ended);
    STRESS_CHECK(stats->messages_handled <= atomic_load(&the_mesh.handled));
    STRESS_CHECK(atomic_load(&the_mesh.states_made) == atomic_load(&the_mesh.states_ended));
    STRESS_CHECK(atomic_load(&the_mesh.awaits) ==
                 atomic_load(&the_mesh.resumed) + atomic_load(&the_mesh.dropped));
}

/* Whoever holds something may let go of it before the runtime is gone, or after. */
static void empty_stashes(uint64_t *random) {
    mesh_doer doer = mesh_new_doer(stress_random(random), false);
    uint64_t entry;
    while ((entry = mesh_stash_take(&the_mesh.replies, random)) != 0)
        mesh_answer_late(entry, &doer);
    while ((entry = mesh_stash_take(&the_mesh.responses, random)) != 0)
        mesh_finish_response((spawned_response *)(uintptr_t)entry);
    while ((entry = mesh_stash_take(&the_mesh.messages, random)) != 0)
        spawned_message_destroy((spawned_message *)(uintptr_t)entry);
}

static void end_mesh(uint64_t *random) {
    if (stress_below(random, 2) == 0) empty_stashes(random);
    const spawned_status status = spawned_runtime_shutdown(the_mesh.runtime, 40 * SPAWNED_SECOND);
    STRESS_OK(status);
    spawned_runtime_stats stats = SPAWNED_RUNTIME_STATS_INIT;
    STRESS_OK(spawned_runtime_stats_get(the_mesh.runtime, &stats));
    stress_count(stats.messages_sent);
    stress_watch(NULL);
    STRESS_OK(spawned_runtime_destroy(the_mesh.runtime));
    empty_stashes(random);
    expect_conserved(&stats);
    STRESS_CHECK(atomic_load(&the_mesh.asked) == atomic_load(&the_mesh.answered));
    mesh_expect_each_token_once();
}

static void run_round(uint64_t random) {
    stress_memory memory = {0};
    const spawned_allocator allocator = stress_allocator(&memory);
    begin_mesh(&random, &allocator);
    const uint32_t count = the_mesh.deterministic ? 1 : 1 + stress_below(&random, threads_most);
    const bool early = !the_mesh.deterministic && stress_below(&random, 4) == 0;
    pthread_t threads[threads_most];
    outsider outsiders[threads_most];
    for (uint32_t i = 0; i < count; ++i) {
        outsiders[i] = (outsider){mesh_new_doer(stress_random(&random), false),
                                  500 + stress_below(&random, 3000)};
        if (the_mesh.deterministic)
            act_outside(&outsiders[i]);
        else if (pthread_create(&threads[i], NULL, act_outside, &outsiders[i]) != 0)
            stress_fail("no thread");
    }
    if (early) STRESS_OK(spawned_runtime_shutdown(the_mesh.runtime, 40 * SPAWNED_SECOND));
    for (uint32_t i = 0; i < count && !the_mesh.deterministic; ++i) pthread_join(threads[i], NULL);
    end_mesh(&random);
    stress_expect_all_returned(&memory);
    memset((void *)the_mesh.tokens, 0, atomic_load(&the_mesh.token_count));
}

int main(int argc, char **argv) {
    stress_begin(argc, argv);
    the_mesh.tokens = calloc(mesh_tokens_most, 1);
    if (the_mesh.tokens == NULL) stress_fail("no memory");
    uint64_t seed;
    while (stress_next_round(&seed)) run_round(seed);
    free((void *)the_mesh.tokens);
    return 0;
}
