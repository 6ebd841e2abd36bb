#include "sched/start_handshake.hpp"

#include "base/lock_guard.hpp"
#include "sched/scheduler.hpp"

namespace spawned::engine {

void start_handshake::entry(void* argument) {
    auto& start = *static_cast<start_handshake*>(argument);
    core& home = *start.home_;
    void (*const body)(void*) = start.body_;
    void* const body_argument = start.argument_;
    thread* self = attach_thread(home, start.role_);
    {
        lock_guard guard(start.lock_);
        // A thread that is over soon is joined by its handle.
        while (!start.handle_is_set_) start.changed_.wait(start.lock_);
        start.decided_ = true;
        start.ok_ = self != nullptr;
        *start.out_self_ = self;
        if (self != nullptr) home.sched->threads.fetch_add_seq_cst(1);
        start.changed_.signal();
    }
    if (self == nullptr) return;
    body(body_argument);
    home.sched->threads.fetch_sub_seq_cst(1);
    detach_thread(*self);
}

spawned_status start_handshake::run(core& home, thread_role role, thread_handle& handle,
                                    void (*body)(void*), void* argument, thread** out_self,
                                    const char* name) {
    home_ = &home;
    role_ = role;
    body_ = body;
    argument_ = argument;
    out_self_ = out_self;
    if (!lock_.init()) return SPAWNED_ESYSTEM;
    if (!changed_.init()) {
        lock_.deinit();
        return SPAWNED_ESYSTEM;
    }
    spawned_status status = SPAWNED_ESYSTEM;
    if (handle.start(entry, this, name)) {
        {
            lock_guard guard(lock_);
            handle_is_set_ = true;
            changed_.signal();
            while (!decided_) changed_.wait(lock_);
        }
        status = ok_ ? SPAWNED_OK : SPAWNED_ENOMEM;
        if (!ok_) handle.join();
    }
    changed_.deinit();
    lock_.deinit();
    return status;
}

}  // namespace spawned::engine
