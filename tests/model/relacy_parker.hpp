// Where a thread of a relacy test sleeps until it gets a token, as platform/parker.hpp does for the
// engine's threads. A thread that sleeps for ever is a deadlock to relacy.
#pragma once

#include "relacy_policy.hpp"

namespace spawned::model {

class parker {
public:
    parker() { tokens_.init(false, 0, 16, MODEL_HERE); }
    ~parker() { tokens_.deinit(MODEL_HERE); }

    void park() { tokens_.wait(false, false, MODEL_HERE); }
    // False: the time was up first.
    bool park_for_a_while() {
        return tokens_.wait(false, true, MODEL_HERE) == rl::sema_wakeup_reason_success;
    }
    void unpark() { tokens_.signal(MODEL_HERE); }

private:
    rl::semaphore<void> tokens_;
};

}  // namespace spawned::model
