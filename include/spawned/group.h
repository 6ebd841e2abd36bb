/* Process groups: actors under one name, reached all at once.
 *
 * A group is there while somebody is in it or has subscribed to it: nothing creates or deletes one. Its name
 * is as those of the registry (registry.h), in a space of its own; at most 65,536 groups. An actor may be in
 * many groups, and is in a group once, however often it joined: joins are counted, so that two parts of one
 * actor that join and leave do not disturb each other. Its end takes it out of all its groups, before that
 * end can be observed. */
#ifndef SPAWNED_GROUP_H
#define SPAWNED_GROUP_H

#include <spawned/message.h>
#include <spawned/types.h>

/* A change of who is in a group. */
enum {
    SPAWNED_GROUP_JOINED = 1, /* by its first join; or it was in when the subscription began */
    SPAWNED_GROUP_LEFT = 2    /* by as many leaves as joins, or by its end */
};

/* The value of a message that tells of a change. Its message type is the receiver's own:
 * SPAWNED_MESSAGE_TYPE("lobby.changed", spawned_group_change). */
typedef struct spawned_group_change {
    spawned_event subscription; /* which one tells */
    uint64_t tag;               /* as given with it */
    spawned_pid pid;            /* who */
    int32_t kind;               /* SPAWNED_GROUP_JOINED or SPAWNED_GROUP_LEFT */
    uint32_t member_count;      /* how many are in the group after this change */
} spawned_group_change;

SPAWNED_BEGIN_C

/* Puts an actor into a group, or counts one more join of one that is in it. length: bytes, or
 * SPAWNED_ZERO_TERMINATED. For each subscriber it reserves what its leaving will tell.
 * Errors: EINVAL (the name, the pid), EPERM (reserved name), ESTOPPED (it has ended or is ending), ELIMIT,
 * ENOMEM, ESTOPPING, EFORKED; nothing has changed then. Thread: any. Since 0.1. */
SPAWNED_API spawned_status spawned_group_join(const char *name, size_t length, spawned_pid pid);

/* Takes back one join of an actor; the last one takes it out. Needs no memory.
 * Errors: EINVAL, ENOENT (it is not in it), ESTOPPED (it has ended, and so left), EFORKED.
 * Thread: any. Since 0.1. */
SPAWNED_API spawned_status spawned_group_leave(const char *name, size_t length, spawned_pid pid);

/* Writes who is in a group at one moment, in no particular order: up to capacity of them to pids, and to
 * out_count how many there are, which may be more. A group that is not there has none, which is OK.
 * pids may be NULL if capacity is 0. Errors: EINVAL, EFORKED. Thread: any. Since 0.1. */
SPAWNED_API spawned_status spawned_group_members(spawned_runtime *runtime, const char *name, size_t length,
                                                 spawned_pid *pids, size_t capacity, size_t *out_count);

/* Sends a value to everybody who is in a group at one moment, the caller included if it is; once to each,
 * never waiting for room. All but one get a copy by the type's copy, which runs without a lock of the
 * library held; value itself is moved in for the last one, unless its type is pinned, and consumed whatever
 * is returned. Each message is as one that was sent alone. out_taken and out_refused (may be NULL) receive how many took it, and how
 * many did not: a full mailbox, an end meanwhile, no memory, a copy that failed. A group without members is
 * OK, with 0 of both.
 * Errors: the first refusal's status, the rest is still sent; and to nobody: EINVAL, EUNSUPPORTED (a type that
 * cannot be copied), ETOOBIG, ENOMEM, EFORKED. Thread: any. Since 0.1. */
SPAWNED_API spawned_status spawned_group_broadcast(spawned_runtime *runtime, const char *name,
                                                   size_t length, const spawned_message_type *type,
                                                   const void *value, size_t *out_taken,
                                                   size_t *out_refused);

/* Tells subscriber of everybody who is in a group, and from then on of each who joins and leaves: by messages
 * of type, whose value is a spawned_group_change with this tag. Every member's JOINED is told exactly once, and
 * its LEFT after it exactly once; changes come in the order in which they happened, find room in every
 * mailbox, and never fail for lack of memory: a LEFT is reserved for each member beforehand. When
 * several threads change a group at one moment, one of them tells for the others: a change may then be told
 * a moment after the call that made it.
 * The subscription ends with its subscriber, or with spawned_event_cancel (event.h), after which no change is
 * told that comes later. The same actor may subscribe any number of times.
 * out_subscription may be NULL.
 * Errors: EINVAL (the name, the pid, a type with another value, a reply or a destroy), EPERM (reserved name),
 * ESTOPPED (the subscriber), ELIMIT, ENOMEM, ESTOPPING, EFORKED. Thread: any. Since 0.1. */
SPAWNED_API spawned_status spawned_group_subscribe(const char *name, size_t length,
                                                   spawned_pid subscriber,
                                                   const spawned_message_type *type, uint64_t tag,
                                                   spawned_event *out_subscription);

SPAWNED_END_C

#endif
