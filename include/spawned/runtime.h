/* A runtime: the actors of one part of a program, their threads, timers and names. A process may have
 * up to 2,046 at a time; they share nothing, and a pid of one means nothing to another. */
#ifndef SPAWNED_RUNTIME_H
#define SPAWNED_RUNTIME_H

#include <spawned/allocator.h>
#include <spawned/log.h>
#include <spawned/types.h>

/* runtime options: flags */
enum {
    /* One thread at a time, a virtual clock, choices by seed: see deterministic.h. */
    SPAWNED_RUNTIME_DETERMINISTIC = 1,
    /* No pool: actors of that backend get a thread of their own. One worker is left, for timers. */
    SPAWNED_RUNTIME_THREADS = 2,
    /* No thread of the library: one of the program runs everything (host.h). Alone, and workers is 0. */
    SPAWNED_RUNTIME_HOSTED = 4
};

/* In every field 0 (or NULL) is the default. */
typedef struct spawned_runtime_options {
    size_t size; /* sizeof(spawned_runtime_options) */
    uint32_t flags;
    uint32_t workers;              /* pool threads; default: one per processor; at most 256 */
    uint32_t blocking_threads;     /* most threads of the blocking pool; default 512 */
    uint32_t max_actors;           /* alive at once; default and most 16,777,215 */
    uint64_t seed;                 /* deterministic mode's choices */
    size_t max_payload;            /* bytes of one message or reply; default 16 MiB */
    spawned_duration slow_handler; /* warn while a pool handler runs longer; default 10 ms in a build
                                      with assertions, never otherwise; SPAWNED_FOREVER: never */
    spawned_duration stuck_handler; /* warn while a handler of any backend runs longer; default 5 s */
    spawned_duration blocking_idle; /* life of an idle blocking thread; default 10 s */
    const spawned_allocator *allocator; /* copied; default: the C library's */
    const spawned_log_sink *log;        /* copied; default: silence */
} spawned_runtime_options;

#define SPAWNED_RUNTIME_OPTIONS_INIT \
    {sizeof(spawned_runtime_options), 0, 0, 0, 0, 0, 0, 0, 0, 0, NULL, NULL}

/* What an actor that keeps a shutdown waiting is doing. Stored as uint32_t. */
typedef uint32_t spawned_actor_state;
enum {
    SPAWNED_ACTOR_IDLE = 0,     /* nothing to do */
    SPAWNED_ACTOR_RUNNABLE = 1, /* has messages and waits for a thread */
    SPAWNED_ACTOR_RUNNING = 2,  /* a callback of it runs */
    SPAWNED_ACTOR_AWAITING = 3, /* suspended until a response is ready */
    SPAWNED_ACTOR_BLOCKED = 4   /* a callback of it waits inside the library */
};

/* One actor that has not ended, as seen at one moment while it goes on. */
typedef struct spawned_actor_report {
    size_t size; /* sizeof(spawned_actor_report), set by the caller */
    spawned_pid pid;
    const char *name;         /* its behavior's name; static as the behavior is */
    spawned_actor_state state;
    uint32_t reserved;
    const char *message_name; /* type of the message being handled, "started" or "stopped" in a hook;
                                 NULL when none */
    spawned_duration elapsed; /* how long the running callback has been seen running; a lower bound
                                 within 10 ms on the pool */
    uint64_t backlog;         /* messages waiting, an estimate */
    spawned_pid waits_for;    /* the actor it waits for; 0 when none or several */
} spawned_actor_report;

#define SPAWNED_ACTOR_REPORT_INIT \
    {sizeof(spawned_actor_report), 0, NULL, SPAWNED_ACTOR_IDLE, 0, NULL, 0, 0, 0}

/* Counters since creation. Each is exact once the runtime is quiet:
 *   sent == handled + dead letters of all causes + still queued. */
typedef struct spawned_runtime_stats {
    size_t size;               /* sizeof(spawned_runtime_stats), set by the caller */
    uint64_t actors_started;
    uint64_t actors_ended;
    uint64_t messages_sent;    /* accepted by a mailbox, timer ticks and requests included */
    uint64_t messages_handled; /* handlers that ran to their end, failing ones included */
    uint64_t dead_stopped;     /* dead letters: the actor had ended or was ending */
    uint64_t dead_overflow;    /* dropped by a mailbox's policy */
    uint64_t dead_no_handler;  /* no handler, or a type of the same name and another shape */
    uint64_t dead_expired;     /* a request past its deadline whose type skips expired ones */
    uint64_t dead_cancelled;   /* an interval's queued tick whose timer was cancelled */
    uint64_t late_replies;     /* replies nobody wanted any more */
    uint64_t refused;          /* sends refused: stopped, full, stopping */
    uint64_t timers_fired;
    uint64_t deadlocks_refused;
    uint64_t slow_handlers;
    uint64_t stuck_handlers;
    uint64_t threads;          /* threads of the library alive now */
} spawned_runtime_stats;

#define SPAWNED_RUNTIME_STATS_INIT \
    {sizeof(spawned_runtime_stats), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}

SPAWNED_BEGIN_C

/* What the INIT macros do, for other languages. Errors: EINVAL. Thread: any. Since 0.1. */
SPAWNED_API spawned_status spawned_runtime_options_init(spawned_runtime_options *options, size_t size);
SPAWNED_API spawned_status spawned_actor_report_init(spawned_actor_report *report, size_t size);
SPAWNED_API spawned_status spawned_runtime_stats_init(spawned_runtime_stats *stats, size_t size);

/* Creates a runtime and its worker threads. options may be NULL. The new runtime belongs to the caller.
 * Errors: EINVAL, ENOMEM, ESYSTEM (a thread), ELIMIT (too many runtimes); out_runtime is then NULL.
 * Thread: any. Since 0.1. */
SPAWNED_API spawned_status spawned_runtime_create(const spawned_runtime_options *options,
                                                  spawned_runtime **out_runtime);

/* Stops every actor as spawned_actor_stop does, waits for their ends, then for the threads. Children are
 * stopped by their supervisors, in order (supervisor.h).
 * timeout: default 10 s. From its start, new actors, names and timers are refused with ESTOPPING.
 * Concurrent and repeated calls share one shutdown. When the time is over it returns ETIMEDOUT, logs
 * who is still busy, and spawned_runtime_busy tells; it may be called again to wait on.
 * From a handler, hook or init of the same runtime, or a callback that its own threads run, it begins the
 * shutdown and returns EDEADLK. A hosted runtime's host runs everything meanwhile.
 * Errors: EINVAL, ETIMEDOUT, EDEADLK, ECONTEXT (hosted: not the host's thread), EFORKED.
 * Thread: any. Blocks. Since 0.1. */
SPAWNED_API spawned_status spawned_runtime_shutdown(spawned_runtime *runtime, spawned_duration timeout);

/* Writes a report of each actor that has not ended into reports, capacity at most, and the number of
 * such actors to out_count. stride is the caller's sizeof(spawned_actor_report); reports may be NULL
 * when capacity is 0. The actors go on meanwhile.
 * Errors: EINVAL, EFORKED. Thread: any. Since 0.1. */
SPAWNED_API spawned_status spawned_runtime_busy(spawned_runtime *runtime, spawned_actor_report *reports,
                                                size_t stride, size_t capacity, size_t *out_count);

/* Ends the runtime: shuts it down with the default deadline if that has not happened. Pids stay safe
 * to use and report ESTOPPED. When actors are still busy it returns ETIMEDOUT and destroys nothing:
 * their threads may yet run; call it again when they are done, or leave the runtime to the end of the
 * process. NULL does nothing. In a forked child it frees nothing and returns OK.
 * Errors: ETIMEDOUT, EDEADLK (from a handler, hook or init of this runtime), ECONTEXT (it has a host, and
 * this is not its thread).
 * Thread: owner. Blocks. Since 0.1. */
SPAWNED_API spawned_status spawned_runtime_destroy(spawned_runtime *runtime);

/* Fills the counters. Errors: EINVAL, EFORKED. Thread: any. Since 0.1. */
SPAWNED_API spawned_status spawned_runtime_stats_get(spawned_runtime *runtime,
                                                     spawned_runtime_stats *stats);

/* Now, on the runtime's clock. Errors: EINVAL, EFORKED. Thread: any. Since 0.1. */
SPAWNED_API spawned_status spawned_runtime_now(spawned_runtime *runtime, spawned_time *out_now);

/* The runtime of a pid, borrowed; NULL when it has been destroyed or never was.
 * Thread: any. Since 0.1. */
SPAWNED_API spawned_runtime *spawned_pid_runtime(spawned_pid pid);

SPAWNED_END_C

#endif
