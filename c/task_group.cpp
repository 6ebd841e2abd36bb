#include <spawned/task_group.h>

#include "actor/block.hpp"
#include "actor/process.hpp"
#include "check.hpp"
#include "event/task_group.hpp"
#include "event/token.hpp"
#include "work_check.hpp"

using namespace spawned::boundary;

namespace {

task_group& engine_of(spawned_task_group* given) { return *reinterpret_cast<task_group*>(given); }

// Whether the group's owner may do more than look and release.
spawned_status check_group(spawned_task_group* given) {
    if (given == nullptr) return SPAWNED_EINVAL;
    task_group& group = engine_of(given);
    if (is_forked(home_of(group))) return SPAWNED_EFORKED;
    core* home = runtime_at(token_of(group));
    if (home == nullptr) return SPAWNED_ESTOPPED;
    return current_thread(*home) != nullptr ? SPAWNED_OK : SPAWNED_ENOMEM;
}

}  // namespace

extern "C" {

spawned_status spawned_task_group_create(spawned_runtime* runtime, spawned_token parent,
                                         spawned_task_group** out_group) {
    if (out_group == nullptr) return SPAWNED_EINVAL;
    *out_group = nullptr;
    const spawned_status status = check_runtime(runtime);
    if (status != SPAWNED_OK) return status;
    core& home = *core_of(runtime);
    if (parent != 0 && (!is_possible(parent) || runtime_at(parent) != &home)) return SPAWNED_EINVAL;
    if (home.stopping.load_acquire() != 0) return SPAWNED_ESTOPPING;
    if (current_thread(home) == nullptr) return SPAWNED_ENOMEM;
    task_group* made = nullptr;
    const spawned_status made_status = make_task_group(home, parent, &made);
    if (made_status == SPAWNED_OK) *out_group = reinterpret_cast<spawned_task_group*>(made);
    return made_status;
}

spawned_token spawned_task_group_token(const spawned_task_group* group) {
    return group != nullptr ? token_of(*reinterpret_cast<const task_group*>(group)) : 0;
}

spawned_status spawned_task_group_start(spawned_task_group* given, const spawned_message_type* type,
                                        spawned_work_fn run, void* user_data,
                                        void (*destroy)(void* user_data)) {
    spawned_status status = check_group(given);
    if (status == SPAWNED_OK) status = check_work(type, run, 0);
    if (status == SPAWNED_OK) {
        task_group& group = engine_of(given);
        return start_task(group, type, {run, user_data, destroy}, running_actor(home_of(group)));
    }
    end_user_data(user_data, destroy);
    return status;
}

spawned_status spawned_task_group_add(spawned_task_group* given, spawned_response* response) {
    spawned_status status = response != nullptr ? check_group(given) : SPAWNED_EINVAL;
    if (status == SPAWNED_OK && !is_error(response) &&
        shell_at(target_seen_by_asker(asked_of(response))) != &home_of(engine_of(given)))
        status = SPAWNED_EINVAL;
    if (status == SPAWNED_OK) return add_task(engine_of(given), response);
    spawned_response_release(response);
    return status;
}

spawned_status spawned_task_group_join(spawned_task_group* given, uint32_t until,
                                       spawned_duration timeout, spawned_response** out_response) {
    if (out_response == nullptr) return SPAWNED_EINVAL;
    spawned_status status = check_group(given);
    if (status == SPAWNED_OK && until > SPAWNED_JOIN_FIRST_FAILURE) status = SPAWNED_EINVAL;
    message* promise = nullptr;
    if (status == SPAWNED_OK)
        status =
            join_tasks(engine_of(given), until, duration_or(timeout, SPAWNED_FOREVER), &promise);
    *out_response =
        status == SPAWNED_OK ? response_of(*promise) : spawned::engine::response_of_error(status);
    return status;
}

spawned_response* spawned_task_group_response(spawned_task_group* given, size_t index) {
    return given != nullptr ? task_response(engine_of(given), index) : nullptr;
}

void spawned_task_group_release(spawned_task_group* given) {
    if (given == nullptr || is_forked(home_of(engine_of(given)))) return;
    release_task_group(engine_of(given));
}
}
