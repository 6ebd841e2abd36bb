/* Answering: from the handler, or later through a reply handle, from any thread.
 *
 * A request is answered at most once. A handler that returns without an answer, and without having
 * detached, forwarded or awaited, leaves its requester with SPAWNED_ENOREPLY at once; for a request
 * whose type has no reply type it means "handled" and answers OK. */
#ifndef SPAWNED_REPLY_H
#define SPAWNED_REPLY_H

#include <spawned/types.h>

SPAWNED_BEGIN_C

/* Answers with a value of the message type's reply type, moved in bytewise and consumed whatever is
 * returned (NULL for a reply without a value). OK as well when nobody asked. Of a message type without a
 * reply type a value is refused with EINVAL; then, and with ECONTEXT and EFORKED, it stays the caller's.
 * Errors: EINVAL, ECONTEXT, EALREADY (replied, detached or forwarded), EUNSUPPORTED (pinned).
 * Thread: handler. Since 0.1. */
SPAWNED_API spawned_status spawned_reply(spawned_context *context, const void *value);

/* Storage for an answer built in place; then commit. A reply never committed was never constructed; answering
 * otherwise, detaching and forwarding give the storage back.
 * size: bytes of a VARIABLE type, else 0.
 * Errors: EINVAL, ECONTEXT, EALREADY, ENOENT (nobody asked), ENOMEM, ETOOBIG. Thread: handler. Since 0.1. */
SPAWNED_API spawned_status spawned_reply_reserve(spawned_context *context, size_t size,
                                                 void **out_storage);

/* Answers with what was built. Errors: ECONTEXT, EINVAL (nothing reserved), EALREADY.
 * Thread: handler. Since 0.1. */
SPAWNED_API spawned_status spawned_reply_commit(spawned_context *context);

/* Answers with a failure; the actor lives on. code must not be 0; EAGAIN, which is no outcome, is told as EFAILED. At
 * most 1,024 bytes of text are kept.
 * Errors: EINVAL, ECONTEXT, EALREADY. OK as well when nobody asked. Thread: handler. Since 0.1. */
SPAWNED_API spawned_status spawned_reply_fail(spawned_context *context, spawned_status code,
                                              const char *text, size_t length);

/* Takes the duty to answer out of the handler. The handle must be answered or released; if the actor
 * ends first, the handle lives on. Errors: EINVAL, ECONTEXT, EALREADY, ENOENT (nobody asked), ENOMEM.
 * Thread: handler. Since 0.1. */
SPAWNED_API spawned_status spawned_reply_detach(spawned_context *context, spawned_reply_to *out_reply);

/* The same acts through a handle. It is used up by send, commit, fail and release; afterwards each
 * returns EALREADY. After the runtime's shutdown they return ESTOPPED. A good handle consumes the value
 * whatever is returned; with EALREADY, ESTOPPED, EINVAL and EFORKED, where no handle tells its type any
 * more, the value stays the caller's.
 * Errors: EINVAL (0, impossible, or a value that does not fit the request), EALREADY, ESTOPPED,
 * EUNSUPPORTED, ENOMEM, ETOOBIG, EFORKED.
 * Thread: any (reserve to commit: owner). Since 0.1. */
SPAWNED_API spawned_status spawned_reply_to_send(spawned_reply_to reply, const void *value);
SPAWNED_API spawned_status spawned_reply_to_reserve(spawned_reply_to reply, size_t size,
                                                    void **out_storage);
SPAWNED_API spawned_status spawned_reply_to_commit(spawned_reply_to reply);
SPAWNED_API spawned_status spawned_reply_to_fail(spawned_reply_to reply, spawned_status code,
                                                 const char *text, size_t length);

/* Gives the duty up: the requester learns ENOREPLY. Errors: EINVAL, EALREADY, ESTOPPED, EFORKED.
 * Thread: any. Since 0.1. */
SPAWNED_API spawned_status spawned_reply_to_release(spawned_reply_to reply);

/* OK while somebody waits for the answer, ENOENT when the requester has given up or timed out.
 * Errors: EINVAL, EALREADY, ESTOPPED, ENOENT, EFORKED. Thread: any. Since 0.1. */
SPAWNED_API spawned_status spawned_reply_to_is_wanted(spawned_reply_to reply);

SPAWNED_END_C

#endif
