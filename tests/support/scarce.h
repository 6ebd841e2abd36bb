/* Memory that runs out on purpose: a scenario is run again and again, with the first allocation refused,
 * the second, … until one run needs no refused one; each once, and once with all later ones refused too. */
#ifndef SPAWNED_TESTS_SUPPORT_SCARCE_H
#define SPAWNED_TESTS_SUPPORT_SCARCE_H

#include "script.h"

typedef struct scarce {
    harness *h; /* for tracked values; its own runtime is not touched */
    spawned_runtime *runtime;
    spawned_backend backend;

    uint64_t refuse_at; /* counted from 1 */
    bool refuse_later_too;
    _Atomic uint64_t allocations, refusals, ends;
    _Atomic int64_t blocks;
    char fault[256]; /* the first thing that went wrong; empty: none */
} scarce;

/* Uses world->runtime, which exists; whatever it starts may be left to the runtime's end. */
typedef void (*scarce_scenario)(scarce *world);

/* Runs the sweep on every backend of the mode. Returns false after printing what went wrong and where. */
bool scarce_sweep(harness *h, const char *name, scarce_scenario scenario);

/* True when OK. Anything but OK, and ENOMEM after a refusal, is a fault. */
bool scarce_ok(scarce *world, const char *what, spawned_status status);
/* The outcome of a request: OK; or, after a refusal, what a requester may then learn. */
bool scarce_outcome(scarce *world, const char *what, spawned_status status);

#define OK(call) scarce_ok(world, #call, call)
#define OUTCOME(call) scarce_outcome(world, #call, call)

/* 0 when there was no memory. */
spawned_pid scarce_start(scarce *world);

#endif
