// The thread key, made at most once. It is never deleted: threads may end after the last runtime.
#include "platform/thread_exit.hpp"

#include <pthread.h>

#include "base/spin_lock.hpp"

namespace spawned::engine {

namespace {

spin_lock creating;
void (*created_with)(void*) = nullptr;  // guarded by creating
pthread_key_t key;                      // constant once created_with is set

}  // namespace

bool thread_exit_key_create(void (*on_exit)(void*)) {
    lock_guard guard(creating);
    if (created_with != nullptr) return created_with == on_exit;
    if (pthread_key_create(&key, on_exit) != 0) return false;
    created_with = on_exit;
    return true;
}

bool thread_exit_key_set(void* value) { return pthread_setspecific(key, value) == 0; }

void thread_exit_forked() { creating.unlock(); }

}  // namespace spawned::engine
