/* libuv: its handles on the runtime's event loop, and the whole runtime on a loop of the program.
 *
 * Not part of spawned.h. It needs no <uv.h> itself; programs that include both call SPAWNED_UV_CHECK first.
 *
 * The runtime has one loop, made when it is first wanted. Its workers take turns at it: handles may be
 * touched in functions handed to spawned_uv_submit and in callbacks of the loop, and nowhere else. Those
 * never run two at a time, on any thread of the runtime, and belong to no actor. They should be short;
 * a blocking call in one is possible, but the loop stands still meanwhile. With a host of
 * spawned_uv_host_create in a hosted runtime, the loop is the program's and its thread the host's.
 * libuv's default loop, its pool of threads and the process's signals are never touched by the library. */
#ifndef SPAWNED_UV_H
#define SPAWNED_UV_H

#include <spawned/host.h>
#include <spawned/message.h>
#include <spawned/types.h>

struct uv_loop_s;   /* uv_loop_t */
struct uv_stream_s; /* uv_stream_t */

/* Whether the program's <uv.h> fits the libuv that is there at run time: SPAWNED_OK, or SPAWNED_EVERSION. */
#define SPAWNED_UV_CHECK() spawned_uv_check(UV_VERSION_HEX, sizeof(uv_loop_t))

SPAWNED_BEGIN_C

/* OK when a program compiled with a <uv.h> of this UV_VERSION_HEX and sizeof(uv_loop_t) may use the libuv
 * found at run time: the same major version, not older, a loop of the same size.
 * Errors: EVERSION. Thread: any. Since 0.1. */
SPAWNED_API spawned_status spawned_uv_check(uint32_t headers_version, size_t loop_size);

/* Calls run(loop, user_data) once, soon, where the loop's handles may be touched; not inside this call.
 * One thread's functions run in the order they were submitted in. What was taken runs before the shutdown
 * ends; handles still open then are closed without a callback of theirs, and named in the log: their
 * memory must last until then.
 * Errors: EINVAL, ENOMEM, ESYSTEM, EVERSION (libuv at run time does not fit the library),
 * EUNSUPPORTED (deterministic mode), ESTOPPED, EFORKED. Thread: any. Since 0.1. */
SPAWNED_API spawned_status spawned_uv_submit(spawned_runtime *runtime,
                                             void (*run)(struct uv_loop_s *loop, void *user_data),
                                             void *user_data);

/* The runtime's loop, to be touched as told above. Errors: as spawned_uv_submit.
 * Thread: any. Since 0.1. */
SPAWNED_API spawned_status spawned_uv_loop(spawned_runtime *runtime, struct uv_loop_s **out_loop);

/* Cuts an item off the bytes that were read and are not used yet; out_used (0 at first): how many to take.
 * Of a VARIABLE type they are the item, and value is NULL; of another it is built in value. OK: an item, of
 * at least one byte. EAGAIN: none; what it takes is skipped, and unless it takes something it is asked again
 * when more has been read. ENOENT: there is no further item. Any other status ends the listener with it, and
 * with a text by spawned_fail (actor.h). Called on the loop; must not block. */
typedef spawned_status (*spawned_uv_cut_fn)(void *user_data, const char *bytes, size_t size,
                                            size_t *out_used, void *value);

/* A listener (listener.h) on a stream of the runtime's loop: feeds what is read from it to the actor `to`,
 * one message of type for each item that cut cuts off; cut NULL: for each piece that was read, as bytes of a
 * VARIABLE type. Where the mailbox is full, whether it blocks or rejects, the stream is not read, and one
 * item stays in hand.
 * The response tells, without a value, how it ended: OK at the end of the stream; ESTOPPED with the receiver,
 * the token until (0: none) or the runtime; what cut said; EFAILED, bytes were left at the end of the stream
 * that are no item (of a VARIABLE type they are the last one); ETOOBIG, no item within the largest payload;
 * ESYSTEM, with libuv's words as its text; or why the mailbox refused an item.
 * The stream is the caller's. From this call on nobody else reads or closes it and its data field is the
 * library's, until destroy(user_data), which runs once, on the loop, when it is read no more and before the
 * outcome is told, or within this call when that fails: it may be closed there.
 * Errors: EINVAL (also a stream of another loop, or one not open for reading), EALREADY (it is being read),
 * EUNSUPPORTED (cut NULL and the type not VARIABLE; deterministic mode), ENOMEM, ETOOBIG, ESTOPPED,
 * ESTOPPING, ESYSTEM, EVERSION, EFORKED; out_response holds the same error.
 * Thread: owner (where the loop's handles may be touched). Since 0.1. */
SPAWNED_API spawned_status spawned_uv_listen(spawned_pid to, const spawned_message_type *type,
                                             struct uv_stream_s *stream, spawned_uv_cut_fn cut,
                                             void *user_data, void (*destroy)(void *user_data),
                                             spawned_token until, spawned_response **out_response);

/* Makes the calling thread the runtime's host like spawned_host_create; its actors run between the polls of
 * this loop, which the thread runs. Waiting work keeps uv_run going; timers and messages to come do
 * not, unless spawned_uv_host_keep says so. The runtime's destruction closes its handles on the loop,
 * which must run once more before uv_loop_close. Blocking calls in callbacks of the loop are possible:
 * actors run meanwhile, the loop does not.
 * Errors: those of spawned_host_create, ESYSTEM, EVERSION; EALREADY also when something was submitted
 * to a hosted runtime's loop before. Thread: any. Since 0.1. */
SPAWNED_API spawned_status spawned_uv_host_create(spawned_runtime *runtime, struct uv_loop_s *loop,
                                                  const spawned_host_options *options,
                                                  spawned_host **out_host);

/* 1: uv_run goes on until the runtime has shut down, even if nothing else is active. 0 (as in the
 * beginning): it ends then. Errors: EINVAL, ENOMEM, EUNSUPPORTED (no loop runs this host), ECONTEXT,
 * EFORKED. Thread: host. Since 0.1. */
SPAWNED_API spawned_status spawned_uv_host_keep(spawned_host *host, int32_t keep);

SPAWNED_END_C

#endif
