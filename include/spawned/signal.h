/* Signals of the process (Ctrl-C is SIGINT) as messages and responses.
 *
 * Nothing of the process is touched until somebody subscribes. From a signal's first subscriber on, in
 * whatever runtime, until its last one is served or gone, the library's handler stands in; then what was there
 * before does again, so that a second Ctrl-C ends a program that hangs in its shutdown. Every subscriber in
 * every runtime is told, once or each time; signals that come faster than they are served count as one.
 * Threads of the library take no signals, and in a forked child the former handlers stand at once.
 *
 * In deterministic mode only spawned_signal_raise delivers. */
#ifndef SPAWNED_SIGNAL_H
#define SPAWNED_SIGNAL_H

#include <spawned/message.h>
#include <spawned/types.h>

/* signal: flags */
enum {
    SPAWNED_SIGNAL_REPEAT = 1, /* each time, not only once: the message is copied */
    SPAWNED_SIGNAL_REPLACE = 2 /* even if the program has a handler of its own, until the end */
};

SPAWNED_BEGIN_C

/* Sends message when the signal arrives; with REPEAT a copy of it each time, until the receiver ends or
 * spawned_event_cancel (event.h) takes the subscription away. The message is consumed whatever is returned,
 * finds room in every mailbox, and is gone with its receiver. out_event may be NULL.
 * Errors: EINVAL (the number, one that cannot be caught or is a fault, the flags), ENOMEM, ESTOPPED (the
 * receiver), ESTOPPING, EEXIST (the program handles this signal itself: see REPLACE, or let it call
 * spawned_signal_raise outside of its handler), EUNSUPPORTED (REPEAT of a type that cannot be copied), ESYSTEM,
 * EVERSION, EFORKED. Thread: owner (of the message). Since 0.1. */
SPAWNED_API spawned_status spawned_send_on_signal(int32_t signal, spawned_message *message, uint32_t flags,
                                                  spawned_event *out_event);

/* A response that is ready, with OK and no value, when the signal arrives; from this call on, so that none is
 * missed before somebody waits. flags: REPLACE. timeout: default SPAWNED_FOREVER. Releasing it
 * ends the subscription; the runtime's end is its outcome ESTOPPED.
 * Errors: as above; out_response holds the same error. Thread: any. Since 0.1. */
SPAWNED_API spawned_status spawned_signal_response(spawned_runtime *runtime, int32_t signal, uint32_t flags,
                                                   spawned_duration timeout,
                                                   spawned_response **out_response);

/* Serves the runtime's subscribers as if the signal had arrived, before it returns. Not to be called in a
 * signal handler. Errors: EINVAL, ENOENT (nobody has subscribed), ENOMEM, EFORKED. Thread: any. Since 0.1. */
SPAWNED_API spawned_status spawned_signal_raise(spawned_runtime *runtime, int32_t signal);

SPAWNED_END_C

#endif
