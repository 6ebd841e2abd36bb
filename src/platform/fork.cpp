// The fork hook, installed at most once.
#include "platform/fork.hpp"

#include <pthread.h>

#include "base/spin_lock.hpp"

namespace spawned::engine {

namespace {

spin_lock installing;
void (*installed)() = nullptr;  // guarded by installing

// A thread that is not there may have been installing it.
void in_child() {
    installing.unlock();
    if (installed != nullptr) installed();
}

}  // namespace

bool install_fork_handler(void (*child)()) {
    lock_guard guard(installing);
    if (installed != nullptr) return installed == child;
    if (pthread_atfork(nullptr, nullptr, in_child) != 0) return false;
    installed = child;
    return true;
}

}  // namespace spawned::engine
