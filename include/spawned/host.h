/* Hosts: a thread of the program runs actors itself, when and for as long as it likes.
 *
 * For a game's tick, an editor's event loop, an interpreter: places with a thread that everything has to
 * happen on. Two ways, which differ in who runs the rest:
 *
 *   An actor of SPAWNED_BACKEND_HOST runs on the host's thread and nowhere else, in a runtime that has
 *   threads of its own for all other actors.
 *
 *   A runtime created with SPAWNED_RUNTIME_HOSTED has no thread at all. Actors of the pool and of the host
 *   backend, timers and the event loop (uv.h) run on the host's thread. Only an actor of the blocking or
 *   thread backend gets a thread: it asks for one. Nobody looks for slow handlers.
 *
 * The host runs them inside spawned_host_run, and inside any blocking call (spawned_request, a join, a
 * response's wait, the shutdown) that it makes outside of handlers. A handler on the host must not block:
 * what is not answered then and there, on this very thread, ends with EDEADLK, though the message was
 * sent; it awaits instead. Programs whose loop is libuv's create their host with
 * spawned_uv_host_create (uv.h) and run that loop, in place of spawned_host_run. In a runtime with threads,
 * a host that has let its actors wait for a second is told of in the log (WARNING), once until it runs.
 *
 * Calls marked "Thread: host" return ECONTEXT on another thread and change nothing. A runtime with a host
 * is destroyed on that thread, a hosted one is also shut down there. In a forked child: EFORKED. */
#ifndef SPAWNED_HOST_H
#define SPAWNED_HOST_H

#include <spawned/types.h>

typedef struct spawned_host spawned_host; /* borrowed; ends with its runtime */

/* In every field 0 (or NULL) is the default. */
typedef struct spawned_host_options {
    size_t size; /* sizeof(spawned_host_options) */
    /* Rung when spawned_host_run should be called: something came while the host was outside of it. At
     * most once between two runs. On any thread, under no lock; must not call the library. For a
     * program that sleeps in something else than a descriptor: PostMessage, a condition variable. */
    void (*wake)(void *user_data);
    void *user_data;
    spawned_duration slice; /* on a loop of libuv: time for actors between two polls; default 200 us */
} spawned_host_options;

#define SPAWNED_HOST_OPTIONS_INIT {sizeof(spawned_host_options), NULL, NULL, 0}

SPAWNED_BEGIN_C

/* What the INIT macro does, for other languages. Errors: EINVAL. Thread: any. Since 0.1. */
SPAWNED_API spawned_status spawned_host_options_init(spawned_host_options *options, size_t size);

/* Makes the calling thread the runtime's host; options may be NULL. Until there is one, actors of the host
 * backend, and all in a hosted runtime, are refused with EUNSUPPORTED. A runtime has one at most.
 * Errors: EINVAL, ENOMEM, EALREADY, ESTOPPING, EUNSUPPORTED (deterministic mode, where actors of the host
 * backend run like others), EFORKED; out_host is then NULL. Thread: any. Since 0.1. */
SPAWNED_API spawned_status spawned_host_create(spawned_runtime *runtime,
                                               const spawned_host_options *options,
                                               spawned_host **out_host);

/* Runs what there is to run: max_messages messages at most (0: no limit), and for about budget, looked at
 * between turns of 8 messages (0: one turn; default and SPAWNED_FOREVER: until nothing is left). When
 * there is nothing, it first sleeps until there is, for wait at most (default 0). It returns early when
 * spawned_host_wake was called.
 * out_next (or NULL): how long the host may stay away, unless it is rung; 0 when it should come back at
 * once, SPAWNED_FOREVER when nothing is due.
 * Errors: EINVAL, ENOMEM, EDEADLK (from something it runs), ESTOPPED (the runtime has shut down),
 * EUNSUPPORTED (a loop runs this host), ECONTEXT, EFORKED. Thread: host. Blocks. Since 0.1. */
SPAWNED_API spawned_status spawned_host_run(spawned_host *host, uint64_t max_messages,
                                            spawned_duration budget, spawned_duration wait,
                                            spawned_duration *out_next);

/* What out_next would be, without running anything: to be asked right before the host sleeps.
 * Errors: EINVAL, ENOMEM, EDEADLK, ECONTEXT, EFORKED. Thread: host. Since 0.1. */
SPAWNED_API spawned_status spawned_host_next(spawned_host *host, spawned_duration *out_next);

/* Ends the wait that spawned_host_run is in, or the next one; a host outside of it is rung for.
 * May be called in signal handlers, if the host's wake may. Errors: EINVAL, EFORKED. Thread: any. Since 0.1. */
SPAWNED_API spawned_status spawned_host_wake(spawned_host *host);

/* A descriptor for the host's poll, select, epoll or kqueue: readable when spawned_host_run should be
 * called, besides when spawned_host_next is over. Never read, written or closed by the host; it lives
 * as long as the runtime is not shut down.
 * Errors: EINVAL, ENOMEM, ESYSTEM, EVERSION, EDEADLK, EUNSUPPORTED (a loop runs this host), ECONTEXT,
 * ESTOPPED, EFORKED. Thread: host. Since 0.1. */
SPAWNED_API spawned_status spawned_host_descriptor(spawned_host *host, int32_t *out_descriptor);

/* Makes the calling thread the host's in place of the one before, which is outside of it and calls it no
 * more. Errors: EINVAL, ENOMEM, EDEADLK, EFORKED. Thread: owner. Since 0.1. */
SPAWNED_API spawned_status spawned_host_adopt(spawned_host *host);

SPAWNED_END_C

#endif
