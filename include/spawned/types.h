/* The vocabulary: handles that are numbers, handles that are pointers, time, exit reasons.
 *
 * A number is checked on every use and may go stale: it costs nothing to copy, is never freed, and a
 * stale one reports so. A pointer has one owner; the comment of its type names the call that ends it. */
#ifndef SPAWNED_TYPES_H
#define SPAWNED_TYPES_H

#include <spawned/export.h>
#include <spawned/status.h>

/* An actor's address: one incarnation, in one runtime of this process. 0 is no actor. Never reused
 * within a process's life in practice: a slot whose generations are used up is retired. */
typedef uint64_t spawned_pid;

/* The obligation to answer one request, detached from its handler (reply.h). 0 is none. */
typedef uint64_t spawned_reply_to;

/* A timer (timer.h). 0 is none. */
typedef uint64_t spawned_timer;

/* A cancellation token (token.h). 0 is one that is never cancelled. */
typedef uint64_t spawned_token;

/* What will be sent or called when something happens (event.h). 0 is none. */
typedef uint64_t spawned_event;

/* Nanoseconds: the only unit of time in this library. */
typedef uint64_t spawned_duration;

/* Nanoseconds on the runtime's monotonic clock, or on its virtual one (deterministic.h). */
typedef uint64_t spawned_time;

/* Durations with names. */
#define SPAWNED_NO_WAIT ((spawned_duration)0)
#define SPAWNED_FOREVER UINT64_MAX           /* no limit */
#define SPAWNED_DEFAULT (UINT64_MAX - 1)     /* the default that the function's comment names */
#define SPAWNED_MICROSECOND ((spawned_duration)1000)
#define SPAWNED_MILLISECOND ((spawned_duration)1000000)
#define SPAWNED_SECOND ((spawned_duration)1000000000)

/* As a text length: the text ends at its first zero byte. */
#define SPAWNED_ZERO_TERMINATED SIZE_MAX

typedef struct spawned_runtime spawned_runtime;   /* owned; ends with spawned_runtime_destroy */
typedef struct spawned_context spawned_context;   /* borrowed; the running handler's (actor.h) */
typedef struct spawned_message spawned_message;   /* owned until sent or destroyed (message.h) */
typedef struct spawned_response spawned_response; /* owned; ends with spawned_response_release */

/* How an actor ended. Stored as uint32_t; receivers accept unknown values. */
typedef uint32_t spawned_exit_kind;
enum {
    SPAWNED_EXIT_RUNNING = 0,  /* it has not ended */
    SPAWNED_EXIT_NORMAL = 1,   /* stopped, from inside or outside, or drained */
    SPAWNED_EXIT_SHUTDOWN = 2, /* stopped by the runtime's shutdown */
    SPAWNED_EXIT_FAILURE = 3,  /* a callback returned a failing status */
    SPAWNED_EXIT_KILLED = 4,   /* spawned_actor_kill */
    SPAWNED_EXIT_UNKNOWN = 5   /* it ended, so long ago that the reason is forgotten */
};

/* Where a failure happened. Stored as uint32_t; receivers accept unknown values. */
typedef uint32_t spawned_exit_place;
enum {
    SPAWNED_PLACE_NONE = 0,
    SPAWNED_PLACE_INIT = 1,    /* never seen through a pid: the start itself fails */
    SPAWNED_PLACE_STARTED = 2,
    SPAWNED_PLACE_HANDLER = 3, /* a handler, or a continuation of one */
    SPAWNED_PLACE_STOPPED = 4
};

/* An actor's exit reason. Set once, never changed. The struct stays as it is, also where others with a size would
 * grow: spawned_ended (monitor.h) has one inside, and is a message's value, known by its size. */
typedef struct spawned_exit {
    size_t size; /* sizeof(spawned_exit), set by the caller */
    spawned_exit_kind kind;
    spawned_status code; /* of a failure */
    spawned_exit_place place;
    uint32_t text_length; /* bytes of the failure's text, without its zero byte; at most 1024 */
} spawned_exit;

#define SPAWNED_EXIT_INIT {sizeof(spawned_exit), SPAWNED_EXIT_RUNNING, SPAWNED_OK, SPAWNED_PLACE_NONE, 0}

SPAWNED_BEGIN_C

/* What SPAWNED_EXIT_INIT does, for other languages. size is the caller's sizeof(spawned_exit).
 * Errors: EINVAL when exit is NULL or size impossible. Thread: any. Since 0.1. */
SPAWNED_API spawned_status spawned_exit_init(spawned_exit *exit, size_t size);

/* "running", "normal", "shutdown", "failure", "killed" or "unknown". Static; never NULL.
 * Thread: any. Since 0.1. */
SPAWNED_API const char *spawned_exit_kind_name(spawned_exit_kind kind);

/* "none", "init", "started", "handler", "stopped" or "unknown". Static; never NULL.
 * Thread: any. Since 0.1. */
SPAWNED_API const char *spawned_exit_place_name(spawned_exit_place place);

/* 1 for an end that is a fault (failure, killed, unknown to this version), else 0.
 * Thread: any. Since 0.1. */
SPAWNED_API int32_t spawned_exit_is_abnormal(spawned_exit_kind kind);

SPAWNED_END_C

#endif
