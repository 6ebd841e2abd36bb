/* Supervisors: actors that start other actors, their children, start them anew when they end, and end
 * them in order. A tree of supervisors is a program that heals: whatever fails is replaced by a fresh one,
 * and what fails again and again is handed to the supervisor above.
 *
 * A supervisor is described by tables, as an actor is by its behavior, and started once; children may come and
 * go while it runs. It starts them in the order of its table, each after the `started` of the one before has
 * returned, and ends them in the reverse order, each after the one before has ended. A child that ends by itself
 * is started anew, or not:
 *
 *   its restart       ended normally, by shutdown   failed, was killed
 *   PERMANENT         again                         again
 *   TRANSIENT         stays ended                   again
 *   TEMPORARY         is forgotten                  is forgotten
 *
 * A restart is a new actor with a new pid, made from the same behavior and argument. The mailbox, the state, the
 * timers and the monitors of the old one are gone; its requesters have learned so. Who wants to address
 * whoever lives there now gives the child a name, and asks the registry or uses a name reference.
 *
 * Restarts are counted: when there would be more than `intensity` within `period`, one end and one failed attempt to
 * start each counting as one and a group as one, the supervisor ends its children and then itself, with "shutdown".
 * Between two attempts it serves its mailbox; it may also pause (backoff).
 *
 * To end a child it is stopped like by the runtime's shutdown: a running or suspended handler ends, `stopped` runs,
 * the reason is "shutdown". When its time is over it is killed. A handler that does not return cannot be ended: its
 * supervisor waits for it and starts no second one meanwhile, but at its own end, where it goes on after kill_grace.
 * A supervisor's end is its children's, however it comes: what a killed one leaves behind is killed, and the
 * next incarnation begins once that has ended. */
#ifndef SPAWNED_SUPERVISOR_H
#define SPAWNED_SUPERVISOR_H

#include <spawned/actor.h>
#include <spawned/types.h>

/* Whom the end of one child concerns. Stored as uint32_t. */
typedef uint32_t spawned_strategy;
enum {
    SPAWNED_ONE_FOR_ONE = 0,  /* itself */
    SPAWNED_ONE_FOR_ALL = 1,  /* all: they are ended, in reverse order, and started anew, in order */
    SPAWNED_REST_FOR_ONE = 2, /* itself and those after it in the table, likewise */
    SPAWNED_DYNAMIC = 3       /* itself; children come at run time only, any number, and end in parallel */
};

/* Whether a child that ended by itself is started anew. Stored as uint32_t. */
typedef uint32_t spawned_restart;
enum { SPAWNED_PERMANENT = 0, SPAWNED_TRANSIENT = 1, SPAWNED_TEMPORARY = 2 };

/* Whether a supervisor ends, with "shutdown", because significant children have ended by themselves and are not
 * started anew. Stored as uint32_t. */
typedef uint32_t spawned_auto_shutdown;
enum {
    SPAWNED_AUTO_SHUTDOWN_NEVER = 0,
    SPAWNED_AUTO_SHUTDOWN_ANY = 1, /* after the first */
    SPAWNED_AUTO_SHUTDOWN_ALL = 2  /* after the last */
};

/* As an intensity: no restart at all. */
#define SPAWNED_NO_RESTARTS UINT32_MAX

/* spawned_child.flags */
enum {
    SPAWNED_CHILD_SIGNIFICANT = 1, /* see auto_shutdown; not for permanent children */
    SPAWNED_CHILD_KILL = 2         /* is not stopped but killed at once; shutdown must be 0 */
};

struct spawned_supervisor;

/* A child: how it is made, when again, and how it ends. It is either an actor (behavior) or a supervisor.
 * In every field 0 or NULL is the default. Copied, with everything it points to but the argument and a behavior's
 * own table, which outlives the runtime as always. */
typedef struct spawned_child {
    size_t size;                              /* sizeof(spawned_child) */
    const char *id;                           /* 1 to 255 bytes of UTF-8, its siblings have others;
                                                 NULL in a dynamic supervisor, which has no use for it */
    const spawned_behavior *behavior;         /* an actor, or NULL */
    const struct spawned_supervisor *supervisor; /* a supervisor with a tree of its own, or NULL */
    const spawned_actor_options *options;     /* of the actor; its argument is NULL; of a supervisor the name counts */
    void *argument;                           /* handed to init, of every incarnation */
    void (*destroy)(void *argument);          /* once, on any thread, when there will be no further one */
    spawned_restart restart;
    uint32_t flags;
    spawned_duration shutdown;                /* from stop to kill; default 5 s, a supervisor's SPAWNED_FOREVER */
} spawned_child;

/* A supervisor. In every field 0 or NULL is the default. */
typedef struct spawned_supervisor {
    size_t size;                           /* sizeof(spawned_supervisor) */
    const char *name;                      /* 1 to 255 bytes of UTF-8, for people */
    spawned_strategy strategy;
    spawned_auto_shutdown auto_shutdown;
    uint32_t intensity;                    /* most restarts within period; default 3, or SPAWNED_NO_RESTARTS */
    uint32_t flags;                        /* 0 */
    spawned_duration period;               /* default 5 s; both its ends count */
    spawned_duration backoff;              /* the pause before a child's first restart in a row; default none. It doubles
                                              with each, give or take a fifth, until the child has run for period */
    spawned_duration backoff_max;          /* the longest pause; default 30 s */
    uint64_t children_max;                 /* of a dynamic one, those between two lives included; default 100,000 */
    spawned_duration kill_grace;           /* at its own end, per killed child; default 5 s */
    const spawned_child *const *children;  /* in the order of their starts; none for a dynamic one */
    size_t child_count;
} spawned_supervisor;

/* For C: {SPAWNED_CHILD_INIT("id"), .behavior = &worker} and {SPAWNED_SUPERVISOR_INIT("name"),
 * SPAWNED_CHILDREN(array)}; other designated fields may follow. */
#define SPAWNED_CHILD_INIT(child_id) sizeof(spawned_child), child_id
#define SPAWNED_SUPERVISOR_INIT(supervisor_name) sizeof(spawned_supervisor), supervisor_name
#define SPAWNED_CHILDREN(array) .children = (array), .child_count = sizeof(array) / sizeof((array)[0])

/* What a child is doing. Stored as uint32_t; receivers accept unknown values. */
typedef uint32_t spawned_child_state;
enum {
    SPAWNED_CHILD_ENDED = 0,      /* there is none: it was stopped, or ended and stays so */
    SPAWNED_CHILD_STARTING = 1,   /* its started has not returned */
    SPAWNED_CHILD_RUNNING = 2,
    SPAWNED_CHILD_STOPPING = 3,   /* asked to end */
    SPAWNED_CHILD_RESTARTING = 4  /* ended, and will be started anew */
};

/* What is told of a child. */
typedef struct spawned_child_info {
    size_t size; /* sizeof(spawned_child_info), set by the caller */
    spawned_pid pid; /* 0 when ENDED or RESTARTING */
    spawned_child_state state;
    spawned_restart restart;
    uint32_t is_supervisor; /* 1 when it is one */
    uint32_t restarts;      /* so far */
    char id[256];           /* empty for one without */
} spawned_child_info;

#define SPAWNED_CHILD_INFO_INIT {sizeof(spawned_child_info), 0, 0, 0, 0, 0, {0}}

/* What spawned_supervisor_children_response is answered with: the library's, read in place while the response is
 * there. Both structs may grow; so the next element is stride bytes on, and spawned_child_list_at finds it. */
typedef struct spawned_child_list {
    size_t size;   /* sizeof(spawned_child_list) as the library knows it */
    size_t count;  /* of all children */
    size_t stride; /* sizeof(spawned_child_info) as the library knows it */
    const spawned_child_info *children; /* the first of them, in the order of their starts; NULL when there is none */
} spawned_child_list;

SPAWNED_BEGIN_C

/* What the INIT macros do, for other languages. Errors: EINVAL. Thread: any. Since 0.1. */
SPAWNED_API spawned_status spawned_child_init(spawned_child *child, size_t size, const char *id);
SPAWNED_API spawned_status spawned_supervisor_init(spawned_supervisor *supervisor, size_t size,
                                                   const char *name);
SPAWNED_API spawned_status spawned_child_info_init(spawned_child_info *info, size_t size);

/* Whether a supervisor's whole tree may be started. If not, text is told which field of which child is wrong and why,
 * in capacity bytes at most, closed by a zero byte; NULL when capacity is 0. Every function that takes a
 * description looks first, and logs that sentence. Errors: EINVAL. Thread: any. Since 0.1. */
SPAWNED_API spawned_status spawned_supervisor_check(const spawned_supervisor *supervisor, char *text,
                                                    size_t capacity);

/* Starts a supervisor and returns once all its children have started. When one fails to, those before it have been
 * ended again, in reverse order, and nothing is left; the exit reason of out_pid tells whose failure it was.
 * options may be NULL; of them, the name counts. out_pid is 0 only if nothing was begun.
 * Arguments are destroyed in every case but EINVAL, which takes nothing: here, or when their child is forgotten.
 * Errors: EINVAL, ENOMEM, ESTOPPING, ELIMIT, EEXIST (the name), EFORKED, EDEADLK (the wait, inside a handler), or what
 * the child failed with. Thread: any. Blocks. Since 0.1. */
SPAWNED_API spawned_status spawned_supervisor_start(spawned_runtime *runtime,
                                                    const spawned_supervisor *supervisor,
                                                    const spawned_actor_options *options,
                                                    spawned_pid *out_pid);

/* The calls below are requests to a supervisor: they wait for its answer, which may take as long as a child's start or
 * end, at most timeout (default: SPAWNED_FOREVER); a timeout takes nothing back. In a handler they block as every
 * request does; `_response` is the same to be awaited. It answers while children start, end or wait for their
 * restart. All have the errors of spawned_request (request.h); ENOHANDLER: pid is no supervisor. */

/* Adds a child, behind the others, and starts it; the answer, a spawned_pid, comes once its started has returned. A
 * child whose first start fails is forgotten again, and its failure is the answer; of one that stops itself in started
 * the answer is OK and 0. out_pid may be NULL. The argument is destroyed as above.
 * Errors: EINVAL, EUNSUPPORTED (no id, where the supervisor is not dynamic; significant, where it takes no notice), EEXIST (the id is taken by one that is there), EALREADY (by one that has ended: restart or delete
 * it), ELIMIT (children_max), ENOMEM, or what it failed with. Thread: any. Blocks. Since 0.1. */
SPAWNED_API spawned_status spawned_supervisor_start_child(spawned_pid supervisor, const spawned_child *child,
                                                          spawned_duration timeout, spawned_pid *out_pid);
SPAWNED_API spawned_status spawned_supervisor_start_child_response(spawned_pid supervisor,
                                                                   const spawned_child *child,
                                                                   spawned_duration timeout,
                                                                   spawned_response **out_response);

/* Ends a child and answers when it has ended; OK also when there is none just now. It is not started anew, nor with
 * a group, until spawned_supervisor_restart_child; a temporary one, and one of a dynamic supervisor, is forgotten. Never counts as a restart.
 * By its id, of length bytes or SPAWNED_ZERO_TERMINATED, or by the pid of its present incarnation.
 * Errors: EINVAL, ENOENT (no such child). Thread: any. Blocks. Since 0.1. */
SPAWNED_API spawned_status spawned_supervisor_stop_child(spawned_pid supervisor, const char *id, size_t length,
                                                         spawned_duration timeout);
SPAWNED_API spawned_status spawned_supervisor_stop_child_response(spawned_pid supervisor, const char *id,
                                                                  size_t length, spawned_duration timeout,
                                                                  spawned_response **out_response);
SPAWNED_API spawned_status spawned_supervisor_stop_pid(spawned_pid supervisor, spawned_pid child,
                                                       spawned_duration timeout);
SPAWNED_API spawned_status spawned_supervisor_stop_pid_response(spawned_pid supervisor, spawned_pid child,
                                                                spawned_duration timeout,
                                                                spawned_response **out_response);

/* Starts a child that has ended and stays so; the answer is as of start_child. One that fails stays ended.
 * Errors: EINVAL, ENOENT, EALREADY (it is there), EBUSY (it is being started anew), or what it failed with.
 * Thread: any. Blocks. Since 0.1. */
SPAWNED_API spawned_status spawned_supervisor_restart_child(spawned_pid supervisor, const char *id,
                                                            size_t length, spawned_duration timeout,
                                                            spawned_pid *out_pid);
SPAWNED_API spawned_status spawned_supervisor_restart_child_response(spawned_pid supervisor, const char *id,
                                                                     size_t length,
                                                                     spawned_duration timeout,
                                                                     spawned_response **out_response);

/* Forgets a child that has ended and stays so. Errors: EINVAL, ENOENT, EALREADY (it is there), EBUSY (it is being
 * started anew). Thread: any. Blocks. Since 0.1. */
SPAWNED_API spawned_status spawned_supervisor_delete_child(spawned_pid supervisor, const char *id,
                                                           size_t length, spawned_duration timeout);
SPAWNED_API spawned_status spawned_supervisor_delete_child_response(spawned_pid supervisor, const char *id,
                                                                    size_t length, spawned_duration timeout,
                                                                    spawned_response **out_response);

/* What a child is doing, and its present pid: the way to nested supervisors. out_info is set but for its size.
 * The response's value is a spawned_child_info of the size that it tells, read in place (spawned_response_value):
 * the library's may be larger than the caller's, so that spawned_response_take has EUNSUPPORTED for it.
 * Errors: EINVAL, ENOENT. Thread: any. Blocks. Since 0.1. */
SPAWNED_API spawned_status spawned_supervisor_child(spawned_pid supervisor, const char *id, size_t length,
                                                    spawned_duration timeout, spawned_child_info *out_info);
SPAWNED_API spawned_status spawned_supervisor_child_response(spawned_pid supervisor, const char *id,
                                                             size_t length, spawned_duration timeout,
                                                             spawned_response **out_response);

/* All children, in the order of their starts: the first `capacity` of them into an array whose elements are stride
 * bytes apart (sizeof(spawned_child_info) as the caller knows it), and the number of all into out_count.
 * The response's value is a spawned_child_list, read in place like the above.
 * Errors: EINVAL, ENOMEM. Thread: any. Blocks. Since 0.1. */
SPAWNED_API spawned_status spawned_supervisor_children(spawned_pid supervisor, spawned_duration timeout,
                                                       spawned_child_info *out_children, size_t stride,
                                                       size_t capacity, size_t *out_count);
SPAWNED_API spawned_status spawned_supervisor_children_response(spawned_pid supervisor,
                                                                spawned_duration timeout,
                                                                spawned_response **out_response);

/* One of a list's children, as long as the list; NULL past the last, and for NULL. Thread: any. Since 0.1. */
SPAWNED_API const spawned_child_info *spawned_child_list_at(const spawned_child_list *list, size_t index);

SPAWNED_END_C

#endif
