// What a thread does while it waits a moment for another one.
#pragma once

namespace spawned::engine {

// A hint to the processor inside a spin loop.
inline void cpu_pause() {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__) || defined(__arm__)
    __asm__ volatile("yield");
#endif
}

// Gives the processor to another thread that is ready.
void thread_yield();

}  // namespace spawned::engine
