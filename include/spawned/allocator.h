/* Where memory comes from. Each runtime has its own allocator and gives all of it back: when destroy
 * returned OK and the last response, unsent message and reply handle is released. One record of a
 * few hundred bytes per thread that calls the library is the C library's and ends with its thread. */
#ifndef SPAWNED_ALLOCATOR_H
#define SPAWNED_ALLOCATOR_H

#include <spawned/types.h>

/* An allocator. Both functions may be called from any thread, never under a lock of the library that
 * a callback of yours could want, and must not call the library. */
typedef struct spawned_allocator {
    size_t size; /* sizeof(spawned_allocator) */
    /* Returns bytes of memory at the alignment (a power of two), or NULL. bytes is never 0. */
    void *(*allocate)(size_t bytes, size_t alignment, void *user_data);
    /* Takes back what allocate returned, with the same bytes and alignment. */
    void (*deallocate)(void *memory, size_t bytes, size_t alignment, void *user_data);
    void *user_data;
    /* Called once, after the last deallocate of the runtime; may be NULL. */
    void (*destroy)(void *user_data);
} spawned_allocator;

#define SPAWNED_ALLOCATOR_INIT {sizeof(spawned_allocator), NULL, NULL, NULL, NULL}

SPAWNED_BEGIN_C

/* What SPAWNED_ALLOCATOR_INIT does, for other languages. Errors: EINVAL. Thread: any. Since 0.1. */
SPAWNED_API spawned_status spawned_allocator_init(spawned_allocator *allocator, size_t size);

SPAWNED_END_C

#endif
