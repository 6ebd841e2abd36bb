// Functions of the program that run outside every actor, and may fail with words all the same.
#pragma once

#include "actor/block.hpp"

namespace spawned::engine {

struct outside_outcome {
    spawned_status status;
    text* words;  // the caller's
};

template <class F>
outside_outcome run_outside(thread& self, F function) {
    const bool outer = self.in_work;
    self.in_work = true;
    const spawned_status status = function();
    self.in_work = outer;
    if (status != SPAWNED_OK) return {status, take_failure(self, status)};
    if (self.failure.words != nullptr) drop_failure(self);
    return {status, nullptr};
}

}  // namespace spawned::engine
