// The C library as an allocator.
#include "base/allocator.hpp"

#include <cstdlib>

#if defined(_WIN32)
#include <malloc.h>
#endif

namespace spawned::engine {

namespace {

void* libc_allocate(std::size_t bytes, std::size_t alignment, void*) {
#if defined(_WIN32)
    return _aligned_malloc(bytes, alignment);
#else
    if (alignment <= alignof(std::max_align_t)) return std::malloc(bytes);
    // aligned_alloc wants a multiple of the alignment.
    const std::size_t rounded = (bytes + alignment - 1) & ~(alignment - 1);
    return rounded < bytes ? nullptr : std::aligned_alloc(alignment, rounded);
#endif
}

void libc_deallocate(void* memory, std::size_t, std::size_t, void*) {
#if defined(_WIN32)
    _aligned_free(memory);
#else
    std::free(memory);
#endif
}

}  // namespace

allocator default_allocator() { return {libc_allocate, libc_deallocate, nullptr, nullptr}; }

}  // namespace spawned::engine
