// The runtime's event loop: there once somebody wanted it, held by one thread at a time.
//
// A worker that parks while nobody holds the loop waits in it instead of on its parker, and runs what comes.
// While all workers are busy, one of them polls it now and then: when a task waits, or every 100 us as
// long as handles are active. An idle loop makes no wake-up, and a runtime that never wants one has none.
//
//   held: free -> held -> free   by the holder; whoever lets go looks for tasks once more
#pragma once

#include "platform/loop.hpp"
#include "sched/scheduler.hpp"

namespace spawned::engine {

// The loop, made at need; null: EVERSION, ENOMEM, ESYSTEM, ESTOPPED, EUNSUPPORTED in deterministic mode.
event_loop* loop_of(core& home, spawned_status* why);

// null: there is no loop, or somebody holds it.
event_loop* hold_loop(scheduler& all);
void let_go_of_loop(core& home, event_loop& loop);

// A busy worker's look. May run callbacks.
void poll_loop(core& home);
// Whether tasks wait and nobody holds the loop.
bool loop_has_free_tasks(scheduler& all);
// Whether anything may have to be done on the loop, and nobody is there to do it.
bool loop_is_neglected(scheduler& all);

// No worker is left: runs what waits, closes handles and loop. Tasks are refused from then on.
void close_loop(core& home);
void free_loop(core& home);  // once no thread calls any more

}  // namespace spawned::engine
