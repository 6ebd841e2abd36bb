/* Status codes: what every fallible call answers, and what a handler returns.
 *
 * 0 is success. Codes below 0 are the library's and are listed here; receivers must accept unknown
 * ones. Codes above 0 belong to the application: a handler that fails with one ends its actor, and
 * spawned_reply_fail carries one to a requester. A success never has another value than 0. */
#ifndef SPAWNED_STATUS_H
#define SPAWNED_STATUS_H

#include <spawned/export.h>

/* A status; the constants are the library's. */
typedef int32_t spawned_status;

enum {
    SPAWNED_OK = 0,
    SPAWNED_EINVAL = -1,        /* an argument is wrong: NULL, zero, too long, unknown flag, bad struct */
    SPAWNED_ENOMEM = -2,        /* the allocator returned NULL; nothing was changed */
    SPAWNED_ESTOPPED = -3,      /* the actor, or its runtime, has ended */
    SPAWNED_ESTOPPING = -4,     /* the actor drains, or the runtime shuts down: nothing new is taken */
    SPAWNED_ETIMEDOUT = -5,     /* the time given has passed */
    SPAWNED_EFULL = -6,         /* the mailbox has reached its capacity */
    SPAWNED_EEXIST = -7,        /* the name is taken */
    SPAWNED_ENOENT = -8,        /* no such name, or nobody asked */
    SPAWNED_ENOREPLY = -9,      /* the request was handled and nobody will answer it */
    SPAWNED_ENOHANDLER = -10,   /* the actor handles no message of this type */
    SPAWNED_ETYPE = -11,        /* same type name, another size or fingerprint; or another reply type */
    SPAWNED_ECONTEXT = -12,     /* a context used late, on a foreign thread, or by another actor */
    SPAWNED_EDEADLK = -13,      /* waiting would never end: oneself, or a cycle of waiting actors */
    SPAWNED_EALREADY = -14,     /* it has happened already: replied, fired, cancelled, awaited */
    SPAWNED_EAGAIN = -15,       /* not ready yet; never an outcome: who fails with it, fails with EFAILED */
    SPAWNED_ETOOBIG = -16,      /* larger than the runtime's limit */
    SPAWNED_ELIMIT = -17,       /* a limit of the runtime is reached: actors, names */
    SPAWNED_EPERM = -18,        /* a reserved name */
    SPAWNED_EFORKED = -19,      /* a runtime of the parent, used in a forked child */
    SPAWNED_ESYSTEM = -20,      /* the operating system refused: a thread, a descriptor */
    SPAWNED_EUNSUPPORTED = -21, /* not possible with this type, backend or mode */
    SPAWNED_EFAILED = -22,      /* a callback failed without a code of its own */
    SPAWNED_EVERSION = -23,     /* the libuv found at run time is not one that fits the headers */
    SPAWNED_EBUSY = -24         /* something is being done to it that excludes this; later it may be possible */
};

SPAWNED_BEGIN_C

/* The constant's name, for example "SPAWNED_ESTOPPED"; "application" above 0, "unknown" otherwise.
 * Static; never NULL. Thread: any. Since 0.1. */
SPAWNED_API const char *spawned_status_name(spawned_status status);

/* One line for people, for example "actor stopped". Static; never NULL. Thread: any. Since 0.1. */
SPAWNED_API const char *spawned_status_text(spawned_status status);

SPAWNED_END_C

#endif
