/* Actors: a behavior (a table of plain functions), a state, a mailbox, a backend.
 *
 * The life of an actor: init (inside start, on the starting thread) -> started -> handlers, one at a
 * time -> stopped -> destroy. A failing init fails the start. A failing started ends the actor without
 * stopped. A failing handler ends it with stopped. Kill ends it without. Messages left in the mailbox
 * become dead letters; their requesters learn at once. destroy runs exactly once if init succeeded.
 * Then the names are released, and only then do joins return. */
#ifndef SPAWNED_ACTOR_H
#define SPAWNED_ACTOR_H

#include <spawned/message.h>
#include <spawned/types.h>

/* Handles one message. value is borrowed until the handler and its continuations end; it may be
 * changed, and moved from if its destroy accepts that. state is the actor's.
 * Returns SPAWNED_OK, or a failure that ends the actor. */
typedef spawned_status (*spawned_handler_fn)(spawned_context *context, void *state, void *value);

/* Frozen: two words. */
typedef struct spawned_handler {
    const spawned_message_type *type;
    spawned_handler_fn handle;
} spawned_handler;

/* behavior: flags */
enum {
    /* Handlers may take long: requests never run them on the requester's turn. */
    SPAWNED_BEHAVIOR_SLOW = 1,
    /* A blocking request from a thread outside the runtime may run an idle pool actor's handler on that
     * very thread: much faster than two thread switches. Handlers must not mind which thread. */
    SPAWNED_BEHAVIOR_RUN_ON_CALLER = 2
};

/* What an actor is. Immutable; outlives every runtime that saw it, or is made by
 * spawned_behavior_create. Callbacks other than handlers may be NULL. */
typedef struct spawned_behavior {
    size_t size; /* sizeof(spawned_behavior) */
    const char *name; /* 1 to 255 bytes of UTF-8, for people */
    size_t state_size;
    size_t state_alignment; /* a power of two, at most 64; 0 is 16 */
    uint32_t flags;
    uint32_t handler_count;
    const spawned_handler *handlers; /* at most one per type */
    /* Any other message; spawned_context_message tells its type. */
    spawned_handler_fn otherwise;
    /* Constructs the state, which is uninitialized memory (zeroed when init is NULL).
     * argument is spawned_actor_options.argument. On the starting thread, inside start. */
    spawned_status (*init)(void *state, void *argument, void *user_data);
    /* Before the first message, on the backend. */
    spawned_status (*started)(spawned_context *context, void *state);
    /* After the last message. exit tells why. */
    spawned_status (*stopped)(spawned_context *context, void *state, const spawned_exit *exit);
    /* Ends the state. Any thread; must not call the library but to give back what the state owns:
     * responses, reply handles, messages. */
    void (*destroy)(void *state, void *user_data);
    void *user_data;
} spawned_behavior;

/* For C: {SPAWNED_BEHAVIOR_INIT("name"), SPAWNED_HANDLERS(array)} sets size and name, handlers and their
 * number; other designated fields may follow. */
#define SPAWNED_BEHAVIOR_INIT(behavior_name) sizeof(spawned_behavior), behavior_name
#define SPAWNED_HANDLERS(array) .handlers = (array), .handler_count = sizeof(array) / sizeof((array)[0])

/* Where an actor's callbacks run. All backends behave alike. Stored as uint32_t. */
typedef uint32_t spawned_backend;
enum {
    SPAWNED_BACKEND_POOL = 0,     /* the runtime's workers; the default. Blocking is helped by a spare */
    SPAWNED_BACKEND_BLOCKING = 1, /* an elastic pool of threads that may block */
    SPAWNED_BACKEND_THREAD = 2,   /* a thread of its own, from start to end */
    SPAWNED_BACKEND_HOST = 3      /* the thread that the program lends; refused before there is one (host.h) */
};

/* What happens to a message when the mailbox holds its capacity. Stored as uint32_t. Control (stop,
 * kill), replies and timer messages are never counted, refused or dropped. */
typedef uint32_t spawned_overflow;
enum {
    SPAWNED_OVERFLOW_REJECT = 0,      /* the send answers EFULL */
    SPAWNED_OVERFLOW_DROP_NEWEST = 1, /* the send answers OK, its message becomes a dead letter */
    SPAWNED_OVERFLOW_DROP_OLDEST = 2, /* the oldest waiting message becomes a dead letter */
    SPAWNED_OVERFLOW_BLOCK = 3        /* threads outside handlers wait; handlers get EFULL, or await
                                         spawned_message_send_waiting */
};

/* In every field 0 (or NULL) is the default. */
typedef struct spawned_actor_options {
    size_t size; /* sizeof(spawned_actor_options) */
    spawned_backend backend;
    spawned_overflow overflow;
    uint64_t capacity;      /* most messages waiting; default: no bound; at most 2^31 */
    void *argument;         /* handed to init */
    const char *name;       /* registered before the first message; default: none */
    size_t name_length;     /* 0 as SPAWNED_ZERO_TERMINATED: up to the zero byte */
} spawned_actor_options;

#define SPAWNED_ACTOR_OPTIONS_INIT \
    {sizeof(spawned_actor_options), SPAWNED_BACKEND_POOL, SPAWNED_OVERFLOW_REJECT, 0, NULL, NULL, 0}

/* The message being handled. */
typedef struct spawned_message_info {
    size_t size; /* sizeof(spawned_message_info), set by the caller */
    const spawned_message_type *type; /* as the sender gave it; NULL in a hook */
    size_t value_size;
    uint64_t missed;       /* interval ticks that this one stands for beside itself */
    spawned_time deadline; /* 0: none */
    int32_t is_request;    /* 1 when somebody waits for an answer */
    uint32_t reserved;
} spawned_message_info;

#define SPAWNED_MESSAGE_INFO_INIT {sizeof(spawned_message_info), NULL, 0, 0, 0, 0, 0}

SPAWNED_BEGIN_C

/* What the INIT macros do, for other languages. Errors: EINVAL. Thread: any. Since 0.1. */
SPAWNED_API spawned_status spawned_behavior_init(spawned_behavior *behavior, size_t size,
                                                 const char *name);
SPAWNED_API spawned_status spawned_actor_options_init(spawned_actor_options *options, size_t size);
SPAWNED_API spawned_status spawned_message_info_init(spawned_message_info *info, size_t size);

/* Copies a behavior, its name, its handler table and their types deeply into the runtime.
 * Errors: EINVAL, ENOMEM, EFORKED. Thread: any. Since 0.1. */
SPAWNED_API spawned_status spawned_behavior_create(spawned_runtime *runtime,
                                                   const spawned_behavior *behavior,
                                                   const spawned_behavior **out_behavior);

/* Starts an actor and returns once its init has. started runs later, on its backend; messages sent
 * meanwhile wait. options may be NULL.
 * Errors: EINVAL (the behavior, an option), ENOMEM, ESTOPPING, ELIMIT, EEXIST (the name), ESYSTEM (a
 * thread), EFORKED, or what init returned. Thread: any. Since 0.1. */
SPAWNED_API spawned_status spawned_actor_start(spawned_runtime *runtime,
                                               const spawned_behavior *behavior,
                                               const spawned_actor_options *options,
                                               spawned_pid *out_pid);

/* Asks the actor to stop: the running handler ends (a suspended one completes), at most one message
 * that a racing thread had begun is handled, the rest becomes dead letters, stopped runs. Repeating is
 * harmless. Errors: EINVAL, ESTOPPED, EFORKED. Thread: any. Since 0.1. */
SPAWNED_API spawned_status spawned_actor_stop(spawned_pid pid);

/* Refuses new messages with ESTOPPING from now on, handles those that wait, then stops as above. When
 * the deadline (default 5 s from now) passes first, it stops like spawned_actor_stop.
 * Errors: EINVAL, ENOMEM, ESTOPPED, EFORKED. Thread: any. Since 0.1. */
SPAWNED_API spawned_status spawned_actor_drain(spawned_pid pid, spawned_duration deadline);

/* Ends the actor at the next boundary: the running handler returns, nothing else of the actor runs,
 * stopped included; an answer that handler gives after the kill is discarded.
 * Errors: EINVAL, ESTOPPED, EFORKED. Thread: any. Since 0.1. */
SPAWNED_API spawned_status spawned_actor_kill(spawned_pid pid);

/* Waits until the actor has ended: its state is destroyed and its names are free. Any number of
 * threads may wait, also after the end. timeout: default SPAWNED_FOREVER. In deterministic mode a
 * thread outside every handler runs the runtime meanwhile.
 * Errors: EINVAL, ETIMEDOUT, EDEADLK (oneself, or an actor that waits for this one), EFORKED.
 * Thread: any. Blocks. Since 0.1. */
SPAWNED_API spawned_status spawned_actor_join(spawned_pid pid, spawned_duration timeout);

/* The exit reason: kind is RUNNING while the actor has not ended. A failure's text is written to text,
 * capacity bytes at most, cut at a character's border and closed by a zero byte; text may be NULL when
 * capacity is 0. The reasons of the last 65,536 ended actors are kept.
 * Errors: EINVAL, ESTOPPED (the runtime is gone), EFORKED. Thread: any. Since 0.1. */
SPAWNED_API spawned_status spawned_actor_exit_reason(spawned_pid pid, spawned_exit *out_exit, char *text,
                                                     size_t capacity);

/* Whether the actor has a handler for messages of type, or takes all: what a sender of one would learn, without
 * sending it. To be asked of a pid that comes from a name or from elsewhere.
 * Errors: EINVAL, ENOHANDLER, ETYPE (the name with another shape), ESTOPPED, EFORKED. Thread: any. Since 0.1. */
SPAWNED_API spawned_status spawned_actor_handles(spawned_pid pid, const spawned_message_type *type);

/* A context is valid while a callback of its actor runs on this thread; its address never changes
 * during the actor's life. Elsewhere these return ECONTEXT, 0 or NULL. */

/* The actor itself. Thread: handler. Since 0.1. */
SPAWNED_API spawned_pid spawned_context_self(const spawned_context *context);

/* Its runtime, borrowed. Thread: handler. Since 0.1. */
SPAWNED_API spawned_runtime *spawned_context_runtime(const spawned_context *context);

/* The message being handled, also in the continuations of its handler.
 * Errors: EINVAL, ECONTEXT. Thread: handler. Since 0.1. */
SPAWNED_API spawned_status spawned_context_message(const spawned_context *context,
                                                   spawned_message_info *out_info);

/* Stops the actor once the running callback has ended; no further message is handled.
 * Errors: ECONTEXT. Thread: handler. Since 0.1. */
SPAWNED_API spawned_status spawned_context_stop(spawned_context *context);

/* Hands the message being handled, and the duty to answer it, to another actor once this handler has
 * returned; the handler must use the value no more. A refusal answers the requester.
 * Errors: EINVAL (a foreign runtime, no message), EALREADY (replied, detached, forwarded), ECONTEXT,
 * ESTOPPED. Thread: handler. Since 0.1. */
SPAWNED_API spawned_status spawned_context_forward(spawned_context *context, spawned_pid to);

/* Records a text for the failure that the running callback is about to return, and returns code. In
 * any callback, without a context. At most 1,024 bytes are kept; if they cannot be, the code survives.
 * length: bytes, or SPAWNED_ZERO_TERMINATED. Thread: any. Since 0.1. */
SPAWNED_API spawned_status spawned_fail(spawned_status code, const char *text, size_t length);

SPAWNED_END_C

#endif
