/* What the files of the harness share; tests include harness.h or contract.h. */
#ifndef SPAWNED_TESTS_SUPPORT_HARNESS_INTERNAL_H
#define SPAWNED_TESTS_SUPPORT_HARNESS_INTERNAL_H

#include "harness.h"

enum { HARNESS_TRACKED_SERIALS = 1 << 18 }; /* beyond them a second destroy shows in the sum only */

struct harness_gate {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool open;
    bool never_waits;
    uint64_t arrivals;
    harness_gate *next;
};

typedef struct harness_memory {
    _Atomic int64_t blocks;
    _Atomic int64_t bytes;
    _Atomic uint64_t faults; /* blocks given back with another size, alignment, or twice */
    _Atomic uint64_t ends;   /* allocators told that they are done with */
} harness_memory;

typedef struct harness_log {
    pthread_mutex_t lock;
    harness_log_entry *entries;
    size_t count, capacity;
} harness_log;

struct harness {
    harness_mode mode;
    uint64_t seed;
    spawned_runtime *runtime;
    spawned_host *host;
    size_t threads_before;
    uint64_t runtimes; /* created under this watch */
    _Atomic uint64_t starts;
    int faults;
    harness_memory memory;
    harness_log log;
    pthread_mutex_t lists;
    harness_gate *gates;
    harness_probe *probes;
    _Atomic uint64_t tracked_created;
    _Atomic uint64_t tracked_destroyed;
    _Atomic uint64_t tracked_twice;
    _Atomic unsigned char *tracked_seen;
};

/* Prints one line and makes the fixture fail. */
void harness_fault(harness *h, const char *format, ...) __attribute__((format(printf, 2, 3)));

void harness_watch_begin(harness *h);
void harness_watch_check(harness *h);
void harness_watch_end(harness *h);
spawned_allocator harness_watch_allocator(harness *h);
spawned_log_sink harness_watch_sink(harness *h);
void harness_probes_free(harness *h);

/* Polls for a bounded time: runs hosts of this thread, yields first, then naps. */
bool harness_poll(harness_predicate predicate, void *argument);

#endif
