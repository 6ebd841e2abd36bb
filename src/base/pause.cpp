#include "base/pause.hpp"

#if defined(_WIN32)
#include <windows.h>
#else
#include <sched.h>
#endif

namespace spawned::engine {

void thread_yield() {
#if defined(_WIN32)
    SwitchToThread();
#else
    sched_yield();
#endif
}

}  // namespace spawned::engine
