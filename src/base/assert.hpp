// Internal invariants. A failed one is our fault, never the caller's, and leaves nothing to save:
// it traps, and a debugger or core dump finds the place in the arguments of assertion_failed.
#pragma once

namespace spawned::engine {

[[noreturn, gnu::cold, gnu::noinline]] inline void assertion_failed(const char* file, int line,
                                                                    const char* text) noexcept {
    // Keeps the arguments alive in registers for the debugger, in optimised builds too.
    __asm__ volatile("" : : "r"(file), "r"(line), "r"(text));
    __builtin_trap();
}

}  // namespace spawned::engine

// Active in every build: only for checks that cost next to nothing.
#define SPAWNED_ASSERT(condition)       \
    (__builtin_expect(!!(condition), 1) \
         ? (void)0                      \
         : ::spawned::engine::assertion_failed(__FILE__, __LINE__, #condition))

#ifdef NDEBUG
#define SPAWNED_DEBUG_ASSERT(condition) ((void)sizeof(!!(condition)))
#else
#define SPAWNED_DEBUG_ASSERT(condition) SPAWNED_ASSERT(condition)
#endif

#define SPAWNED_UNREACHABLE() ::spawned::engine::assertion_failed(__FILE__, __LINE__, "unreachable")
