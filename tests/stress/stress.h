/* What the stress programs share: arguments, seeds, failing loudly, an allocator that counts, and a
 * watch over rounds that do not end. */
#ifndef TESTS_STRESS_STRESS_H
#define TESTS_STRESS_STRESS_H

#include <spawned.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* PROGRAM [SECONDS|MESSAGESm [SEED [ROUNDS [FIRST]]]]: rounds are run until the time is over (0: no
 * limit) or so many messages were counted, or ROUNDS of them if given, from the first one or from number
 * FIRST on. Every round has its own seed, derived from SEED and its number. Prints the seed, and the sum
 * so far every minute. */
void stress_begin(int argc, char **argv);

/* False when the run is over; prints the sum of what was done. */
bool stress_next_round(uint64_t *round_seed);

/* Adds to what the last line reports. */
void stress_count(uint64_t messages);

/* Prints the words, the seed, and the command that runs this very round again; then aborts. */
_Noreturn void stress_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

#define STRESS_CHECK(condition) \
    ((condition) ? (void)0 : stress_fail("%s:%d: not so: %s", __FILE__, __LINE__, #condition))
#define STRESS_OK(call) stress_expect_ok(call, #call)
void stress_expect_ok(spawned_status status, const char *call);

/* The runtime whose busy actors are named if the round does not end; NULL for none. */
void stress_watch(spawned_runtime *runtime);

uint64_t stress_random(uint64_t *state);
uint32_t stress_below(uint64_t *state, uint32_t bound);

/* Counts what is out; `destroyed` says that the library let go of it. */
typedef struct stress_memory {
    atomic_llong blocks;
    atomic_llong bytes;
    atomic_int destroyed;
} stress_memory;

spawned_allocator stress_allocator(stress_memory *memory);
void stress_expect_all_returned(const stress_memory *memory);

#endif
