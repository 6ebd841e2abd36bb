/* Monitors: an actor is told of another one's end, and how it came to it, by a message.
 *
 * A monitor is an event (event.h): it tells once, in the order of messages, and what it needs is there
 * before it begins, so that telling cannot fail. It goes with its watcher, and costs the watched actor
 * nothing once it has gone. The same watcher may monitor the same actor any number of times. */
#ifndef SPAWNED_MONITOR_H
#define SPAWNED_MONITOR_H

#include <spawned/actor.h>
#include <spawned/types.h>

/* The bytes of a text in spawned_ended, its zero byte included. */
#define SPAWNED_ENDED_TEXT 48

/* The value of a message that tells of an end: a monitor's, or a link's to an actor that traps exits
 * (link.h). Its message type is the receiver's own:
 * SPAWNED_MESSAGE_TYPE("bank.ended", spawned_ended). */
typedef struct spawned_ended {
    spawned_pid pid;       /* who ended */
    spawned_event monitor; /* which monitor tells; 0: a link, or an exit signal */
    uint64_t tag;          /* as given with the monitor; else 0 */
    spawned_exit exit;     /* how; UNKNOWN: it had ended before, and nobody knows any more */
    /* The beginning of a failure's text, cut between two characters, closed by a zero byte. The whole is at hand
     * from spawned_actor_exit_reason (actor.h). */
    char text[SPAWNED_ENDED_TEXT];
} spawned_ended;

SPAWNED_BEGIN_C

/* Monitors the actor `watched` for the actor `watcher`, of the same runtime, who will be sent a message of
 * type, whose value is a spawned_ended with this tag: when watched has ended, its state is destroyed and its
 * names are free, behind whatever it sent to the watcher; at once when it has ended before.
 * spawned_event_cancel takes the monitor away and tells the truth about it: OK, and the message will not come; or
 * EALREADY, and it is in the mailbox or was handled. out_monitor may be NULL.
 * Errors: EINVAL (a pid, another runtime, a type with another value, a reply or a destroy), ENOMEM, ESTOPPED
 * (the watcher), ESTOPPING, EFORKED. Thread: any. Since 0.1. */
SPAWNED_API spawned_status spawned_monitor(spawned_pid watched, spawned_pid watcher,
                                           const spawned_message_type *type, uint64_t tag,
                                           spawned_event *out_monitor);

/* spawned_actor_start and spawned_monitor in one: the actor cannot end unwatched. One whose init fails was never
 * there, and nobody is told.
 * Errors: those of both; when it fails nothing was started. Thread: any. Since 0.1. */
SPAWNED_API spawned_status spawned_actor_start_monitored(
    spawned_runtime *runtime, const spawned_behavior *behavior,
    const spawned_actor_options *options, spawned_pid watcher, const spawned_message_type *type,
    uint64_t tag, spawned_pid *out_pid, spawned_event *out_monitor);

/* Cancels a monitor of the running actor's, and takes its message out of the mailbox if it is there already: it
 * will not be handled. OK: it had not been. EALREADY: it had, or there was none.
 * The mailbox is walked. Errors: EINVAL, ECONTEXT, EPERM (another actor's monitor), EALREADY.
 * Thread: handler. Since 0.1. */
SPAWNED_API spawned_status spawned_context_forget_monitor(spawned_context *context,
                                                          spawned_event monitor);

SPAWNED_END_C

#endif
