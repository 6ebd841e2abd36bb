// Awaiting: a handler's registration of its own rest, and the answers it waits for.
#pragma once

#include "actor/core.hpp"

namespace spawned::engine {

inline constexpr size_t max_awaited = 65536;

// Registers the rest of the running callback of `a`; it takes effect when the callback returns.
spawned_status register_await(core& home, actor& a, spawned_response* const* responses,
                              size_t count, spawned_resume_fn resume, void* user_data,
                              void (*drop)(void*));

// The killed actor's handler will not resume: takes back blocking work that has not begun, and sees to it
// that the actor is woken when what has begun has returned what it borrowed. False: nothing is lent.
bool await_loans(core& home, actor& a, auxiliary& aux);
// The same of a handler that has failed, which waits here. False: there was no memory to wait with
// (deterministic mode), and it must not be dropped.
bool return_loans(thread& self, core& home, actor& a, auxiliary& aux);

// The actor whose answer `a` waits for was going to run next on this very thread: it runs here and now
// instead, and the answer is there without a switch. `a` has nothing else to do meanwhile.
void run_inline(thread& self, core& home, actor& a, auxiliary& aux, message& m);

}  // namespace spawned::engine
