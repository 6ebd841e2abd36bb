/* The registry: names for pids, and for any copyable value, per runtime.
 *
 * Names are 1 to 255 bytes of UTF-8 without control characters, compared bytewise; "spawned." at the
 * start is reserved. A name has one holder; an actor may have many names. An actor's names, and the
 * values it owns, are released at its death, before its death can be observed. At most 65,536 names.
 *
 * A pid means one actor, and answers ESTOPPED once that one has ended, whoever takes its place. A name means
 * whoever has it at the moment of the call: who sends to a name follows restarts. */
#ifndef SPAWNED_REGISTRY_H
#define SPAWNED_REGISTRY_H

#include <spawned/message.h>
#include <spawned/types.h>

SPAWNED_BEGIN_C

/* Gives pid a name. length: bytes, or SPAWNED_ZERO_TERMINATED.
 * Errors: EINVAL (the name, the pid), EEXIST, ESTOPPED (it has ended or is ending), EPERM (reserved name),
 * ELIMIT, ENOMEM, ESTOPPING, EFORKED. Thread: any. Since 0.1. */
SPAWNED_API spawned_status spawned_registry_register(const char *name, size_t length, spawned_pid pid);

/* Finds the pid of a name. Never an actor whose end is complete; spawned_actor_handles (actor.h) tells whether
 * it is of the kind that was meant.
 * Errors: EINVAL, ENOENT (no such name, or it holds a value), EFORKED. Thread: any. Since 0.1. */
SPAWNED_API spawned_status spawned_registry_whereis(spawned_runtime *runtime, const char *name,
                                                    size_t length, spawned_pid *out_pid);

/* Sends a value to whoever has the name now, as spawned_send does.
 * Errors: as spawned_send, but ENOENT when nobody took it: the name is free, as between an end and the next
 * start, or holds a value, or its actor is ending. The value is consumed whatever is returned.
 * Thread: any. Since 0.1. */
SPAWNED_API spawned_status spawned_registry_send(spawned_runtime *runtime, const char *name, size_t length,
                                                 const spawned_message_type *type, const void *value);

/* Asks whoever has the name now, as spawned_request (request.h) does; the request stays with who took it. Blocks.
 * Errors: as spawned_request, and ENOENT as above: nobody took it, so it may be asked again. ESTOPPED: who
 * had the name ended before it answered, and may have begun to handle it.
 * Thread: any. Since 0.1. */
SPAWNED_API spawned_status spawned_registry_request(spawned_runtime *runtime, const char *name,
                                                    size_t length, const spawned_message_type *type,
                                                    const void *value, spawned_duration timeout,
                                                    void *out_value);

/* Gives a name to a value, moved in bytewise and consumed whatever is returned. owner: the actor whose
 * death releases it, or 0 for none. Errors: as spawned_registry_register, and EUNSUPPORTED for a type that
 * is pinned or cannot be copied. Thread: any. Since 0.1. */
SPAWNED_API spawned_status spawned_registry_put(spawned_runtime *runtime, const char *name, size_t length,
                                                const spawned_message_type *type, const void *value,
                                                spawned_pid owner);

/* Builds a copy of a named value in storage, of type's value_size bytes and alignment. The type's copy
 * runs without a lock of the library held.
 * Errors: EINVAL, ENOENT (no such name), ETYPE (another type, or a pid), ENOMEM or what copy returned,
 * EFORKED. Thread: any. Since 0.1. */
SPAWNED_API spawned_status spawned_registry_get(spawned_runtime *runtime, const char *name, size_t length,
                                                const spawned_message_type *type, void *storage);

/* Frees a name, whoever holds it. An unknown name is not an error: OK.
 * Errors: EINVAL, EFORKED. Thread: any. Since 0.1. */
SPAWNED_API spawned_status spawned_registry_unregister(spawned_runtime *runtime, const char *name,
                                                       size_t length);

/* Calls visit with every name, in no particular order, as it was at the moment of the call; visit may
 * call the library. pid is 0 for a value. Errors: EINVAL, ENOMEM, EFORKED. Thread: any. Since 0.1. */
SPAWNED_API spawned_status spawned_registry_list(spawned_runtime *runtime,
                                                 void (*visit)(const char *name, size_t length,
                                                               spawned_pid pid, void *user_data),
                                                 void *user_data);

SPAWNED_END_C

#endif
