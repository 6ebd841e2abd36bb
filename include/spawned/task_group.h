/* Task groups: short-lived work beside the actors. Several tasks are begun, and one response tells when
 * all of them have ended, when the first has succeeded, or when the first has failed; the rest is told to
 * stop then.
 *
 * A task is work on the blocking pool, or any response: a request to an actor, an actor's end, a sleep. It
 * has succeeded when its outcome is OK. A group has a token (token.h): it is cancelled when the join is
 * decided before all have ended, with the group's parent, and when the group is released. Work of the
 * group that has not begun by then is not begun, and its outcome is ESTOPPED; what has begun asks the
 * token; an actor that was asked goes on, and its answer is dropped with the group.
 *
 *     spawned_task_group_create(runtime, 0, &group);
 *     for (i = 0; i < mirrors; ++i)
 *         spawned_task_group_start(group, &page_type, download, &job[i], NULL);
 *     spawned_task_group_join(group, SPAWNED_JOIN_FIRST_SUCCESS, 10 * SPAWNED_SECOND, &joined);
 *     if (spawned_response_wait(joined, SPAWNED_FOREVER) == SPAWNED_OK &&
 *         spawned_response_take(joined, &first) == SPAWNED_OK)
 *         spawned_response_take(spawned_task_group_response(group, first), &page);
 *     spawned_response_release(joined);
 *     spawned_task_group_release(group);
 *
 * The owner of a group uses it on one thread at a time; tasks end on any. A group must be released, also
 * one that outlives its runtime. */
#ifndef SPAWNED_TASK_GROUP_H
#define SPAWNED_TASK_GROUP_H

#include <spawned/types.h>
#include <spawned/work.h>

/* Several tasks, and one join of them. */
typedef struct spawned_task_group spawned_task_group;

/* spawned_task_group_join: until when. A group without tasks has succeeded with the first and the last, and
 * fails with ENOENT with the second. */
enum {
    /* All have ended, well or not. OK; the value is the number of tasks. */
    SPAWNED_JOIN_ALL = 0,
    /* One has succeeded: OK, and the value is its index. Or all have failed: what the first of them failed
     * with, and its text. */
    SPAWNED_JOIN_FIRST_SUCCESS = 1,
    /* One has failed: what it failed with, and its text. Or all have succeeded: OK, and the value is the
     * number of tasks. */
    SPAWNED_JOIN_FIRST_FAILURE = 2
};

SPAWNED_BEGIN_C

/* An empty group. parent: a token with which the group's is cancelled; 0 for none.
 * Errors: EINVAL (also a token of another runtime), ENOMEM, ESTOPPING, EFORKED. Thread: any. Since 0.1. */
SPAWNED_API spawned_status spawned_task_group_create(spawned_runtime *runtime, spawned_token parent,
                                                     spawned_task_group **out_group);

/* The group's token, for its tasks to ask; 0 for NULL. Thread: any. Since 0.1. */
SPAWNED_API spawned_token spawned_task_group_token(const spawned_task_group *group);

/* Begins work as a task: the arguments, and destroy, as of spawned_work_start (work.h). Tasks are
 * numbered from 0, in the order in which they are started and added.
 * Errors: as spawned_work_start, EALREADY (joined already), ESTOPPED (the runtime is gone). With an error
 * the group is as it was. Thread: owner. Since 0.1. */
SPAWNED_API spawned_status spawned_task_group_start(spawned_task_group *group,
                                                    const spawned_message_type *type,
                                                    spawned_work_fn work, void *user_data,
                                                    void (*destroy)(void *user_data));

/* Makes a response a task; it is the group's whatever is returned. One that holds an error is a task that
 * has failed.
 * Errors: EINVAL (NULL, or of another runtime), ENOMEM, EALREADY (joined already; or the response has a
 * bell or an await), ESTOPPED, EFORKED; then it is no task, and was released.
 * Thread: owner (also of the response). Since 0.1. */
SPAWNED_API spawned_status spawned_task_group_add(spawned_task_group *group,
                                                  spawned_response *response);

/* A response of type uint64_t that is ready as until (SPAWNED_JOIN_...) says, to be waited for or awaited.
 * The token, where it has to be, is cancelled before. A group is joined once, and takes no more tasks.
 * timeout: default SPAWNED_FOREVER; ETIMEDOUT cancels nothing, the group's release does.
 * Errors: EINVAL, ENOMEM, EALREADY, ESTOPPED, EFORKED; out_response holds the same error.
 * Thread: owner. Since 0.1. */
SPAWNED_API spawned_status spawned_task_group_join(spawned_task_group *group, uint32_t until,
                                                   spawned_duration timeout,
                                                   spawned_response **out_response);

/* A task's response, to look at its outcome and to take its value; the group's, until it is released. The
 * group waits for it, so nobody else may (EALREADY). NULL: there is no task of this number.
 * Thread: owner. Since 0.1. */
SPAWNED_API spawned_response *spawned_task_group_response(spawned_task_group *group, size_t index);

/* Cancels the token and releases the tasks' responses; values not taken are destroyed. It waits for no
 * task: who must know that they have ended joins until all have. A join that is not ready yet ends with
 * ENOREPLY. NULL does nothing. Thread: owner. Since 0.1. */
SPAWNED_API void spawned_task_group_release(spawned_task_group *group);

SPAWNED_END_C

#endif
