// spawned for C++: actors whose code reads like plain methods, on the C ABI of spawned.h and nothing else.
//
// The story, header by header:
//
//   status.hpp      Status and Error; result.hpp: Result<T>, a value or an Error
//   duration.hpp    spans of time: 50ms of <chrono>, or milliseconds(50)
//   message.hpp     what a message is: a movable struct that may name its Reply
//   handler.hpp     what a handler is: a public overload of handle(M, Context&)
//   actor.hpp       Actor<A, …>: an actor's class; context.hpp: what its handlers may do
//   protocol.hpp    SPAWNED_PROTOCOL: signatures in, messages and callable references out
//   actor_ref.hpp   ActorRef<A>, Ref<P>, Recipient<M>; pid.hpp: what they have in common
//   response.hpp    Response<T>: unwrap() it on a thread, co_await it in a task
//   task.hpp        Task<T>: handlers that await; await.hpp: all and any of several
//   promise.hpp     Promise<T>: responses completed by hand, from any thread
//   work.hpp        blocking(closure), awaited; run.hpp: programs and threads that run tasks
//   task_group.hpp  TaskGroup<T>: all of several tasks, the first success, the first failure
//   event.hpp       messages on an actor's end, a cancellation, or when a closure has returned
//   monitor.hpp     Ended: an actor is told of another one's end, and how it came to it
//   link.hpp        actors that do not outlive each other, and exit signals
//   signal.hpp      Ctrl-C and the other signals, as messages and responses
//   generator.hpp   Generator<T>: coroutines that yield
//   listener.hpp    sequences and descriptors that feed mailboxes; source.hpp: Source, which pushes
//   token.hpp       Token: tells many to stop
//   timer.hpp       messages after a delay or at an interval; registry.hpp: names
//   named_ref.hpp   NamedRef: whoever has a name; group.hpp: Group: all who joined under one
//   runtime.hpp     Runtime: where actors live; deterministic.hpp: on a virtual clock, by seed
//   child.hpp       trees of supervisors and children, declared; supervisor.hpp: and asked at run time
//   report.hpp      ActorReport: who is at work, on what, for how long
//   host.hpp        Host: a thread of the program that runs actors itself, in a game's tick or an event loop
// and, to be included by themselves,
//   uv.hpp          libuv: functions and streams on the runtime's loop, a runtime on the program's loop
//   json.hpp        messages as JSON and MessagePack, calls by name; it needs nlohmann_json
//
// Errors are values (Status, Result); what throws is unwrap, expect, value, and what creates. An exception
// that leaves a handler ends its actor and becomes its exit reason; none crosses into C.
#pragma once

#include <spawned/actor.hpp>
#include <spawned/actor_ref.hpp>
#include <spawned/await.hpp>
#include <spawned/child.hpp>
#include <spawned/context.hpp>
#include <spawned/deterministic.hpp>
#include <spawned/duration.hpp>
#include <spawned/event.hpp>
#include <spawned/exit_reason.hpp>
#include <spawned/generator.hpp>
#include <spawned/group.hpp>
#include <spawned/handler.hpp>
#include <spawned/host.hpp>
#include <spawned/link.hpp>
#include <spawned/listener.hpp>
#include <spawned/message.hpp>
#include <spawned/monitor.hpp>
#include <spawned/named_ref.hpp>
#include <spawned/pid.hpp>
#include <spawned/promise.hpp>
#include <spawned/protocol.hpp>
#include <spawned/registry.hpp>
#include <spawned/reply.hpp>
#include <spawned/report.hpp>
#include <spawned/response.hpp>
#include <spawned/result.hpp>
#include <spawned/run.hpp>
#include <spawned/runtime.hpp>
#include <spawned/signal.hpp>
#include <spawned/source.hpp>
#include <spawned/status.hpp>
#include <spawned/supervisor.hpp>
#include <spawned/task.hpp>
#include <spawned/task_group.hpp>
#include <spawned/timer.hpp>
#include <spawned/token.hpp>
#include <spawned/work.hpp>
