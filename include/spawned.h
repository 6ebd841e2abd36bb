/*
 * spawned: Erlang-style actors behind a stable C ABI.
 *
 * The story, header by header:
 *
 *   status.h         what every call answers: 0 is success, below 0 ours, above 0 the application's
 *   types.h          pids, durations, exit reasons: the numbers everything else speaks in
 *   allocator.h      where memory comes from
 *   log.h            where the library's words go; without a sink it never prints
 *   runtime.h        create, shut down within a deadline, destroy; who is still busy; counters
 *   message.h        message types, messages, sending
 *   actor.h          behaviors, starting, stopping, joining, the context of a running handler
 *   request.h        asking: requests, responses, promises, awaiting
 *   reply.h          answering: now, later from any thread, forwarded, failed
 *   timer.h          messages after a delay or at an interval
 *   token.h          cancellation tokens: many told to stop at once
 *   event.h          messages when something happens: an end, a cancellation
 *   monitor.h        an actor is told of another one's end, and how it came to it
 *   link.h           actors that do not outlive each other; exit signals, and how to trap them
 *   supervisor.h     an actor that starts others again when they fail
 *   work.h           functions that may block, beside the actors
 *   task_group.h     several pieces of work: all of them, the first success, the first failure
 *   listener.h       sequences, descriptors and callbacks that feed mailboxes
 *   signal.h         Ctrl-C and its like, with everything restored afterwards
 *   registry.h       names for pids and for values, and messages to whoever has a name
 *   group.h          actors under one name, all told at once, and who joins and leaves
 *   host.h           a thread of the program runs actors itself, or the whole runtime
 *   deterministic.h  the same engine, one thread at a time, on a virtual clock, by seed
 *
 * Three promises hold everywhere:
 *   1. An actor never runs on two threads at once, and handles one message at a time.
 *   2. Messages from one sender to one actor are handled in the order they were sent, and a message
 *      sent before another that caused a third is seen before that third.
 *   3. No callback of yours runs while the library holds a lock.
 *
 * A handler is never interrupted: kill and stop act between handlers. A crash in C code (a bad
 * pointer, abort, longjmp across the library) is not contained; a failing status is.
 *
 * Thread rules. Every function carries one of these lines:
 *   Thread: any      every thread, concurrently
 *   Thread: handler  only inside a callback of the actor, with its own context
 *   Thread: host     only on the thread that the program lends to the runtime
 *   Thread: owner    one thread at a time, the caller sees to it
 * and "Blocks." where the call may wait.
 *
 * Calls after a runtime was destroyed are safe and report SPAWNED_ESTOPPED; calls concurrent with
 * its destruction are the caller's error.
 *
 * A forked child has none of the threads. There every call on a runtime of the parent returns
 * SPAWNED_EFORKED at once: what the runtime holds is left as it is, nothing of it is freed, no
 * destructor of a value it holds runs. Values given to a call are consumed as ever. A new runtime works.
 * A child forked in a callback must exec or exit there; it is aborted when the callback returns.
 */
#ifndef SPAWNED_H
#define SPAWNED_H

#include <spawned/actor.h>
#include <spawned/allocator.h>
#include <spawned/deterministic.h>
#include <spawned/event.h>
#include <spawned/export.h>
#include <spawned/group.h>
#include <spawned/host.h>
#include <spawned/link.h>
#include <spawned/listener.h>
#include <spawned/log.h>
#include <spawned/message.h>
#include <spawned/monitor.h>
#include <spawned/registry.h>
#include <spawned/reply.h>
#include <spawned/request.h>
#include <spawned/runtime.h>
#include <spawned/signal.h>
#include <spawned/status.h>
#include <spawned/supervisor.h>
#include <spawned/task_group.h>
#include <spawned/timer.h>
#include <spawned/token.h>
#include <spawned/types.h>
#include <spawned/version.h>
#include <spawned/work.h>

#endif
