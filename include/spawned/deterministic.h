/* Deterministic mode: the same engine, one thread at a time, a virtual clock, and every choice (who runs
 * next, whether a request runs inline or queues, how long a turn lasts) drawn from the runtime's seed.
 * The same program with the same seed does the same things in the same order.
 *
 * Create the runtime with SPAWNED_RUNTIME_DETERMINISTIC. Nothing runs by itself: these functions run it,
 * and so do the blocking calls (request, join, response_wait, shutdown) of a thread outside every handler.
 * All backends run here; a handler that blocks is lent a thread of its own (its call answers ENOMEM or
 * ESYSTEM when there is none), with only one running at a time. Time stands still unless advanced, or
 * unless a blocked call can only end by the passing of time.
 * All return EUNSUPPORTED for a runtime of another kind, EDEADLK inside a handler, EFORKED in a child. */
#ifndef SPAWNED_DETERMINISTIC_H
#define SPAWNED_DETERMINISTIC_H

#include <spawned/types.h>

SPAWNED_BEGIN_C

/* Gives one actor one turn. OK: somebody ran; EAGAIN: nobody is runnable.
 * Thread: owner (of the driving). Since 0.1. */
SPAWNED_API spawned_status spawned_deterministic_step(spawned_runtime *runtime);

/* Runs until nobody is runnable at this time, max_turns at most (0: no limit), without advancing the
 * clock. out_turns may be NULL. OK: quiet; EAGAIN: max_turns was reached. Thread: owner. Since 0.1. */
SPAWNED_API spawned_status spawned_deterministic_run(spawned_runtime *runtime, uint64_t max_turns,
                                                     uint64_t *out_turns);

/* Moves the clock on by duration, timer by timer, running everything that becomes runnable before going
 * on. Thread: owner. Since 0.1. */
SPAWNED_API spawned_status spawned_deterministic_advance(spawned_runtime *runtime,
                                                         spawned_duration duration);

/* A number below bound (at least 1) from the runtime's seed, for the program's own choices.
 * Inside handlers too. Errors: EINVAL, EUNSUPPORTED, EFORKED. Thread: owner. Since 0.1. */
SPAWNED_API spawned_status spawned_deterministic_choose(spawned_runtime *runtime, uint64_t bound,
                                                        uint64_t *out_choice);

/* A digest of every choice made so far: equal runs have equal digests.
 * Errors: EINVAL, EUNSUPPORTED, EFORKED. Thread: owner. Since 0.1. */
SPAWNED_API spawned_status spawned_deterministic_digest(spawned_runtime *runtime, uint64_t *out_digest);

SPAWNED_END_C

#endif
