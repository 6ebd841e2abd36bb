// Tells AddressSanitizer what a pool considers free. Nothing in other builds.
#pragma once

#include <cstddef>

#if defined(__SANITIZE_ADDRESS__)
#define SPAWNED_ADDRESS_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SPAWNED_ADDRESS_SANITIZER 1
#endif
#endif

#ifdef SPAWNED_ADDRESS_SANITIZER
#include <sanitizer/asan_interface.h>
#endif

namespace spawned::engine {

inline void poison_memory([[maybe_unused]] const void* memory, [[maybe_unused]] std::size_t bytes) {
#ifdef SPAWNED_ADDRESS_SANITIZER
    __asan_poison_memory_region(memory, bytes);
#endif
}

inline void unpoison_memory([[maybe_unused]] const void* memory,
                            [[maybe_unused]] std::size_t bytes) {
#ifdef SPAWNED_ADDRESS_SANITIZER
    __asan_unpoison_memory_region(memory, bytes);
#endif
}

}  // namespace spawned::engine
