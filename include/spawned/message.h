/* Messages: plain values with a type, sent to a pid.
 *
 * A type's identity is its name, value size and fingerprint; the address of its description is only
 * the fast path. Descriptions are immutable and outlive every runtime that saw them, or are made by
 * spawned_message_type_create.
 *
 * Sending consumes the value in every case, refused ones included; its destroy runs exactly once:
 * after its handler, or where the message ends unhandled. Only spawned_message_try_send leaves the
 * message with the caller unless it returns OK. */
#ifndef SPAWNED_MESSAGE_H
#define SPAWNED_MESSAGE_H

#include <spawned/types.h>

/* message type: flags */
enum {
    SPAWNED_TYPE_VARIABLE = 1,    /* values may be longer than value_size: spawned_message_reserve says */
    SPAWNED_TYPE_PINNED = 2,      /* values must not be moved bytewise: built in place only */
    SPAWNED_TYPE_SKIP_EXPIRED = 4, /* a request past its deadline is dropped unhandled */
    SPAWNED_TYPE_LOCAL = 8 /* nobody else can mean this type: it is known by this description's address,
                              whatever others have its name */
};

/* A type of messages: its name, the shape of its values, and how they end. */
typedef struct spawned_message_type spawned_message_type;
struct spawned_message_type {
    size_t size; /* sizeof(spawned_message_type) */
    const char *name; /* 1 to 255 bytes of UTF-8, by custom "protocol.message" */
    size_t value_size;      /* bytes; may be 0 */
    size_t value_alignment; /* a power of two, at most 64; 0 is 1 */
    uint32_t flags;
    uint32_t reserved;    /* 0 */
    uint64_t fingerprint; /* of the value's layout; 0 when there is none */
    /* Ends a value; NULL when there is nothing to do. Any thread; must not call the library but to give
     * back what the value owns: responses, reply handles, messages. */
    void (*destroy)(void *value, void *user_data);
    /* Builds a copy in storage, for intervals. NULL: copied bytewise when destroy is NULL too, else the
     * type cannot be copied. Any thread; must not call the library but for spawned_fail. */
    spawned_status (*copy)(void *storage, const void *value, void *user_data);
    void *user_data;
    const spawned_message_type *reply; /* the type of the answer; NULL: an answer without a value */
    const void *codec;                 /* reserved: NULL */
};

/* a message whose value is a T */
#define SPAWNED_MESSAGE_TYPE(type_name, T)                                                        \
    {sizeof(spawned_message_type), type_name, sizeof(T), SPAWNED_ALIGNOF(T), 0, 0, 0, NULL, NULL, \
     NULL, NULL, NULL}
/* reply_type: a pointer to the answer's spawned_message_type */
#define SPAWNED_REQUEST_TYPE(type_name, T, reply_type)                                            \
    {sizeof(spawned_message_type), type_name, sizeof(T), SPAWNED_ALIGNOF(T), 0, 0, 0, NULL, NULL, \
     NULL, reply_type, NULL}
/* a message without a value: a signal such as "tick" */
#define SPAWNED_EMPTY_TYPE(type_name) SPAWNED_EMPTY_REQUEST_TYPE(type_name, NULL)
/* a question without a value, such as "how many?" */
#define SPAWNED_EMPTY_REQUEST_TYPE(type_name, reply_type) \
    {sizeof(spawned_message_type), type_name, 0, 1, 0, 0, 0, NULL, NULL, NULL, reply_type, NULL}

SPAWNED_BEGIN_C

/* Fills a type for a value of value_size bytes, for other languages. name is not copied.
 * Errors: EINVAL. Thread: any. Since 0.1. */
SPAWNED_API spawned_status spawned_message_type_init(spawned_message_type *type, size_t size,
                                                     const char *name, size_t value_size,
                                                     size_t value_alignment);

/* Copies a description, its name and its reply type deeply into the runtime, which owns the copy until
 * it is destroyed. For descriptions built at run time.
 * Errors: EINVAL, ENOMEM, EFORKED. Thread: any. Since 0.1. */
SPAWNED_API spawned_status spawned_message_type_create(spawned_runtime *runtime,
                                                       const spawned_message_type *type,
                                                       const spawned_message_type **out_type);

/* Sends a value, moved in bytewise from value (NULL for an empty type). Returns at once.
 * Inside a handler a full mailbox of policy block answers EFULL; elsewhere it waits, without limit.
 * Errors: EINVAL (bad type, impossible pid), ESTOPPED, ESTOPPING, EFULL, ENOMEM, ETOOBIG, EFORKED,
 * EUNSUPPORTED (a pinned type). The value is consumed whatever is returned.
 * Thread: any. Since 0.1. */
SPAWNED_API spawned_status spawned_send(spawned_pid to, const spawned_message_type *type,
                                        const void *value);

/* Builds a message for to by moving value in bytewise. The message belongs to the caller until sent.
 * An ended actor is no error here; sending tells. On an error the value is consumed.
 * Errors: EINVAL, ESTOPPED (the runtime), ENOMEM, ETOOBIG, EFORKED, EUNSUPPORTED.
 * Thread: any. Since 0.1. */
SPAWNED_API spawned_status spawned_message_create(spawned_pid to, const spawned_message_type *type,
                                                  const void *value, spawned_message **out_message);

/* Builds a message whose value the caller constructs in out_storage. size: bytes of a VARIABLE type,
 * at least its value_size; 0 means value_size and is a must for other types.
 * Then send it, or abandon it when the construction failed.
 * Errors: EINVAL, ESTOPPED (the runtime), ENOMEM, ETOOBIG, EFORKED. Thread: any. Since 0.1. */
SPAWNED_API spawned_status spawned_message_reserve(spawned_pid to, const spawned_message_type *type,
                                                   size_t size, spawned_message **out_message,
                                                   void **out_storage);

/* Gives back a message whose value was never constructed: destroy is not run. NULL does nothing.
 * Thread: owner. Since 0.1. */
SPAWNED_API void spawned_message_abandon(spawned_message *message);

/* Gives back a constructed message that was not sent. NULL does nothing. Thread: owner. Since 0.1. */
SPAWNED_API void spawned_message_destroy(spawned_message *message);

/* The deadline that travels with the message (runtime clock; 0: none): the receiver reads it in
 * spawned_message_info, and a SKIP_EXPIRED type is dropped after it. A request sets its own.
 * Errors: EINVAL, ENOMEM, ESTOPPED (the runtime). Thread: owner. Since 0.1. */
SPAWNED_API spawned_status spawned_message_set_deadline(spawned_message *message, spawned_time deadline);

/* How long a thread outside every handler waits for room in a full mailbox of policy block.
 * Default: SPAWNED_FOREVER. Errors: EINVAL, ENOMEM, ESTOPPED (the runtime). Thread: owner. Since 0.1. */
SPAWNED_API spawned_status spawned_message_set_wait(spawned_message *message, spawned_duration wait);

/* Sends the message; it is consumed whatever is returned. Errors: as spawned_send, and ETIMEDOUT when
 * spawned_message_set_wait ran out. Thread: owner (of the message). Since 0.1. */
SPAWNED_API spawned_status spawned_message_send(spawned_message *message);

/* The same, never waiting; the message stays the caller's unless it returns OK.
 * Thread: owner. Since 0.1. */
SPAWNED_API spawned_status spawned_message_try_send(spawned_message *message);

/* Sends count messages in order; all are consumed. out_accepted (may be NULL) receives how many were
 * taken. Errors: the first refusal's status; the rest is still sent. Thread: owner. Since 0.1. */
SPAWNED_API spawned_status spawned_message_send_many(spawned_message *const *messages, size_t count,
                                                     size_t *out_accepted);

/* Sends when there is room, for handlers: the response is ready, with OK, once the mailbox has taken
 * the message, and an error when it never will. Await it (request.h); it has no value. The message is
 * consumed; releasing the response does not retract it, its time being over does. Waiting in a circle (for
 * room in the own mailbox, or in that of an actor that waits for this one) ends with EDEADLK.
 * timeout: default SPAWNED_FOREVER.
 * Errors: as spawned_send; out_response then holds the same error and must still be released.
 * Thread: owner. Since 0.1. */
SPAWNED_API spawned_status spawned_message_send_waiting(spawned_message *message,
                                                        spawned_duration timeout,
                                                        spawned_response **out_response);

SPAWNED_END_C

#endif
