#include <spawned/allocator.h>

#include "check.hpp"

extern "C" spawned_status spawned_allocator_init(spawned_allocator* allocator, size_t size) {
    const spawned_allocator defaults = SPAWNED_ALLOCATOR_INIT;
    return spawned::boundary::init_sized(allocator, size, defaults);
}
