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
#include <spawned/types.h>

struct uv_loop_s; /* uv_loop_t */

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
