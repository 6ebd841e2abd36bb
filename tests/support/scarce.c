/* The sweep over refused allocations: see scarce.h. */
#include "scarce.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *allocate(size_t bytes, size_t alignment, void *user_data) {
    scarce *world = user_data;
    const uint64_t number = atomic_fetch_add(&world->allocations, 1) + 1;
    if (number == world->refuse_at || (world->refuse_later_too && number > world->refuse_at)) {
        atomic_fetch_add(&world->refusals, 1);
        return NULL;
    }
    void *memory = NULL;
    if (posix_memalign(&memory, alignment < sizeof(void *) ? sizeof(void *) : alignment, bytes) !=
        0)
        return NULL;
    atomic_fetch_add(&world->blocks, 1);
    return memory;
}

static void deallocate(void *memory, size_t bytes, size_t alignment, void *user_data) {
    (void)bytes, (void)alignment;
    scarce *world = user_data;
    atomic_fetch_sub(&world->blocks, 1);
    free(memory);
}

static void end(void *user_data) { atomic_fetch_add(&((scarce *)user_data)->ends, 1); }

static void fault(scarce *world, const char *what, spawned_status status) {
    if (world->fault[0] == '\0') {
        snprintf(world->fault, sizeof world->fault, "%.150s: %s", what,
                 spawned_status_name(status));
    }
}

bool scarce_ok(scarce *world, const char *what, spawned_status status) {
    if (status == SPAWNED_OK) return true;
    if (status != SPAWNED_ENOMEM || atomic_load(&world->refusals) == 0) fault(world, what, status);
    return false;
}

bool scarce_outcome(scarce *world, const char *what, spawned_status status) {
    if (status == SPAWNED_OK) return true;
    const bool learnt = status == SPAWNED_ENOMEM || status == SPAWNED_ESTOPPED ||
                        status == SPAWNED_ENOREPLY || status == SPAWNED_ESTOPPING;
    if (!learnt || atomic_load(&world->refusals) == 0) fault(world, what, status);
    return false;
}

spawned_pid scarce_start(scarce *world) {
    spawned_actor_options options = SPAWNED_ACTOR_OPTIONS_INIT;
    options.backend = world->backend;
    spawned_pid pid = 0;
    return OK(spawned_actor_start(world->runtime, &script_behavior, &options, &pid)) ? pid : 0;
}

/* One run; false when something was lost, leaked or wrong. */
static bool run(scarce *world, scarce_scenario scenario) {
    const spawned_allocator allocator = {sizeof allocator, allocate, deallocate, world, end};
    spawned_runtime_options options = SPAWNED_RUNTIME_OPTIONS_INIT;
    harness_runtime_options(world->h, &options);
    options.allocator = &allocator;
    options.log = NULL;
    if (harness_mode_of(world->h) != HARNESS_HOST) options.workers = 2;
    const uint64_t made = harness_tracked_created(world->h);
    const uint64_t ended = harness_tracked_destroyed(world->h);
    const spawned_status created = spawned_runtime_create(&options, &world->runtime);
    if (OK(created)) {
        spawned_host *host = NULL;
        if (harness_mode_of(world->h) != HARNESS_HOST ||
            OK(spawned_host_create(world->runtime, NULL, &host)))
            scenario(world);
        const spawned_status status = spawned_runtime_shutdown(world->runtime, HARNESS_LONG);
        if (status != SPAWNED_OK) fault(world, "shutdown", status);
        const spawned_status destroyed = spawned_runtime_destroy(world->runtime);
        if (destroyed != SPAWNED_OK) fault(world, "destroy", destroyed);
        if (atomic_load(&world->ends) != 1) fault(world, "end of the allocator", destroyed);
    } else if (world->runtime != NULL) {
        fault(world, "a runtime that was not created", created);
    }
    if (atomic_load(&world->blocks) != 0) fault(world, "blocks not given back", SPAWNED_OK);
    if (harness_tracked_created(world->h) - made != harness_tracked_destroyed(world->h) - ended)
        fault(world, "values lost", SPAWNED_OK);
    return world->fault[0] == '\0';
}

bool scarce_sweep(harness *h, const char *name, scarce_scenario scenario) {
    enum { MOST = 100000 };
    const unsigned backends = harness_is_deterministic(h) ? 3 : 1;
    for (unsigned pass = 0; pass < 2 * backends; pass++) {
        bool refused = true;
        for (uint64_t at = 1; refused && at < MOST; at++) {
            scarce *world = calloc(1, sizeof *world);
            if (world == NULL) abort();
            world->h = h;
            world->refuse_at = at;
            world->refuse_later_too = pass % 2 == 1;
            world->backend = harness_is_deterministic(h) ? pass / 2 : harness_backend(h);
            if (!run(world, scenario)) { /* its threads may still use it: it stays */
                fprintf(stderr, "%s, backend %u, allocation %" PRIu64 " %s refused: %s\n", name,
                        (unsigned)world->backend, at,
                        world->refuse_later_too ? "and all later ones" : "alone", world->fault);
                return false;
            }
            refused = atomic_load(&world->refusals) != 0;
            free(world);
        }
    }
    return true;
}
