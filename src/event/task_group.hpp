// Task groups: several responses, and one that is ready once enough of them are.
//
// The owner starts, adds, joins and releases, on one thread at a time. Outcomes come on any thread, each by its
// response's bell, and are counted in the tally; who counts the outcome that decides resolves the join.
//
// References: the owner's, and one for each bell that may still ring.
#pragma once

#include <spawned/task_group.h>

#include "actor/core.hpp"
#include "event/work.hpp"

namespace spawned::engine {

// What is known of the tasks' outcomes, and what follows from it.
struct task_tally {
    uint64_t tasks = 0;
    uint64_t ended = 0;
    uint64_t succeeded = 0;
    uint64_t first_success = 0;                 // its index, once one has succeeded
    spawned_status first_failure = SPAWNED_OK;  // OK: none has failed
    text* words = nullptr;                      // of the first failure; null for none

    void note_success(uint64_t index) {
        if (succeeded++ == 0) first_success = index;
        ++ended;
    }
    // False: it was not the first, and its words are still the caller's.
    bool note_failure(spawned_status status, text* failure) {
        ++ended;
        if (first_failure != SPAWNED_OK) return false;
        first_failure = status;
        words = failure;
        return true;
    }
};

// Whether a join until then is decided; its status and value.
struct task_decision {
    bool is_made;
    spawned_status status;
    uint64_t value;
};
task_decision decide(const task_tally& tally, uint32_t until);

struct task_group;

spawned_status make_task_group(core& home, uint64_t parent, task_group** out_group);
core& home_of(const task_group& group);
uint64_t token_of(const task_group& group);

// The user data is taken over. owner: the actor whose handler asks; 0: none.
spawned_status start_task(task_group& group, const spawned_message_type* type,
                          const work_settings& settings, spawned_pid owner);
// The response is taken over.
spawned_status add_task(task_group& group, spawned_response* response);
// On an error there is no promise.
spawned_status join_tasks(task_group& group, uint32_t until, uint64_t timeout,
                          message** out_promise);
spawned_response* task_response(task_group& group, size_t index);  // null: none
void release_task_group(task_group& group);

}  // namespace spawned::engine
