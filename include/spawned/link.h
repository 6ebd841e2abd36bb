/* Links: two actors that do not outlive each other, and exit signals, which say so.
 *
 * A link is symmetric, there is at most one between two actors, and it ends with either. When one of the
 * two ends, the other receives an exit signal with its reason:
 *
 *   the reason          an actor as it is         one that traps exits
 *   normal              goes on                   is sent a message
 *   anything else       ends for the same reason  is sent a message
 *
 * An exit signal acts between two callbacks, as stop does, and an await ends for it, as for kill (request.h); but
 * `stopped` runs, with the reason, if `started` had returned. The first signal or stop decides; a kill overrides
 * it. Messages that wait are not handled any more. The reason has the kind, code and text of the other's; its
 * place is NONE. What a link needs is there from its beginning; only a text may be missing for lack of memory.
 *
 * A supervisor (supervisor.h) that receives a signal ends its children first, in order, as for a stop, and then for
 * the signal's reason. It is linked to none of its children: their ends are its business without that. */
#ifndef SPAWNED_LINK_H
#define SPAWNED_LINK_H

#include <spawned/actor.h>
#include <spawned/monitor.h>
#include <spawned/types.h>

SPAWNED_BEGIN_C

/* Links two actors of one runtime; linked already, or one and the same: OK, nothing changes. When one of them has
 * ended before, the other receives the signal of its end (its reason, or if that is forgotten the failure
 * ESTOPPED) within the call.
 * Errors: EINVAL (a pid, two runtimes), ENOMEM, ESTOPPED (both have ended), ESTOPPING, EFORKED.
 * Thread: any. Since 0.1. */
SPAWNED_API spawned_status spawned_link(spawned_pid one, spawned_pid other);

/* Takes the link away. It is a fence: once it has returned, neither receives a signal through that link, and a
 * running actor that calls it for itself does not end for one that it had received and not acted on (its token
 * stays cancelled then). A message about it that is in a mailbox already stays there. OK also when there was
 * no link.
 * Errors: EINVAL, EFORKED. Thread: any. Since 0.1. */
SPAWNED_API spawned_status spawned_unlink(spawned_pid one, spawned_pid other);

/* spawned_actor_start and spawned_link in one: there is no moment in which either could end unlinked. One whose
 * init fails was never there.
 * Errors: those of both; ESTOPPED when the other has ended. When it fails nothing was started.
 * Thread: any. Since 0.1. */
SPAWNED_API spawned_status spawned_actor_start_linked(spawned_runtime *runtime,
                                                      const spawned_behavior *behavior,
                                                      const spawned_actor_options *options,
                                                      spawned_pid other, spawned_pid *out_pid);

/* From now on the running actor is sent exit signals as messages of type, whose value is a spawned_ended
 * (monitor.h) with neither monitor nor tag, behind whatever the one who ended had sent it; pid is who ended, or
 * who called spawned_actor_exit (0: nobody of this runtime). With NULL signals act on it again. One that it has
 * received before still ends it. The type must stay valid for as long as the behavior.
 * Errors: EINVAL (the type, as of spawned_monitor), ECONTEXT, ENOMEM. Thread: handler. Since 0.1. */
SPAWNED_API spawned_status spawned_context_trap_exits(spawned_context *context,
                                                      const spawned_message_type *type);

/* Sends an exit signal from the running actor, or from outside, to pid: exit's kind is NORMAL, SHUTDOWN, FAILURE
 * (with its code) or KILLED; text of text_length bytes (or SPAWNED_ZERO_TERMINATED) goes with a failure, NULL for
 * none. NORMAL is ignored by an actor that does not trap, unless it is its own. KILLED is spawned_actor_kill,
 * trapped by nobody. What is sent to an actor that ends of it is refused with ESTOPPED from then on.
 * An actor that has ended, or to whom another signal came first: OK, nothing changes.
 * Errors: EINVAL (the pid, the kind, a failure without a code, the text), ENOMEM, EFORKED.
 * Thread: any. Since 0.1. */
SPAWNED_API spawned_status spawned_actor_exit(spawned_pid pid, const spawned_exit *exit,
                                              const char *text, size_t text_length);

SPAWNED_END_C

#endif
