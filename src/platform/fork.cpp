// The fork hook, installed at most once.
#include "platform/fork.hpp"

#include <pthread.h>

#include "base/spin_lock.hpp"

namespace spawned::engine {

namespace {

spin_lock installing;
void (*installed)() = nullptr;  // guarded by installing

}  // namespace

bool install_fork_handler(void (*child)()) {
    lock_guard guard(installing);
    if (installed != nullptr) return installed == child;
    if (pthread_atfork(nullptr, nullptr, child) != 0) return false;
    installed = child;
    return true;
}

}  // namespace spawned::engine
