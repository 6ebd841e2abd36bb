// Supervisors are asked by requests: what the program hands over is checked and copied here.
#include <spawned/request.h>
#include <spawned/supervisor.h>

#include "actor/block.hpp"
#include "actor/reply.hpp"
#include "check.hpp"
#include "registry/name.hpp"
#include "start.hpp"
#include "supervise/supervisor.hpp"
#include "supervisor_check.hpp"

using namespace spawned::boundary;

namespace {

// EINVAL, and the fault in the log.
spawned_status refuse_description(core& home, const description_fault& fault) {
    log_about(home, SPAWNED_LOG_ERROR, 0, nullptr, nullptr, 0, "%s", fault.text);
    return SPAWNED_EINVAL;
}

// Waits for a supervisor's first round; who it failed for is its exit reason.
spawned_status await_beginning(spawned_pid pid, spawned_response* begun) {
    const spawned_status status = spawned_response_wait(begun, SPAWNED_FOREVER);
    if (status == SPAWNED_OK || status == SPAWNED_EDEADLK) return status;
    const spawned_status joined = spawned_actor_join(pid, SPAWNED_FOREVER);
    if (joined != SPAWNED_OK) return joined;
    spawned_exit exit = SPAWNED_EXIT_INIT;
    if (spawned_actor_exit_reason(pid, &exit, nullptr, 0) != SPAWNED_OK) return status;
    return exit.kind == SPAWNED_EXIT_FAILURE ? exit.code : spawned_status{SPAWNED_ESTOPPED};
}

spawned_status start_described(core& home, supervisor_spec& spec, start_options& options,
                               spawned_pid* out_pid) {
    message* begun = new_promise(home, nullptr);
    if (begun == nullptr) return SPAWNED_ENOMEM;
    supervisor_start argument = {&home, &spec, nullptr, begun};
    options.argument = &argument;
    spawned_status status = start_actor(home, *spec.behavior, options, out_pid);
    if (status == SPAWNED_OK)
        status = await_beginning(*out_pid, response_of(*begun));
    else
        resolve_with(home, *begun, status, nullptr, holds::a_handle);
    release(home, *begun);
    return status;
}

spawned_status wait_and_take(spawned_response* response, void* out_value) {
    spawned_status status = spawned_response_wait(response, SPAWNED_FOREVER);
    if (status == SPAWNED_OK) status = spawned_response_take(response, out_value);
    spawned_response_release(response);
    return status;
}

// Waits for a value that is read in place, until the response is released.
template <class T>
spawned_status wait_and_read(spawned_response* response, const T** out_value) {
    void* value = nullptr;
    spawned_status status = spawned_response_wait(response, SPAWNED_FOREVER);
    if (status == SPAWNED_OK) status = spawned_response_value(response, &value, nullptr);
    *out_value = static_cast<const T*>(value);
    return status;
}

spawned_status answer_at_once(spawned_status status, spawned_response** out_response) {
    *out_response = spawned_response_of_error(status);
    return status;
}

// A request about one child, or, without a name, about all.
spawned_status ask(spawned_pid supervisor, const spawned_message_type& type, const child_name* name,
                   spawned_duration timeout, spawned_response** out_response) {
    spawned_message* asked = nullptr;
    const spawned_status status = spawned_message_create(supervisor, &type, name, &asked);
    if (status != SPAWNED_OK) return answer_at_once(status, out_response);
    return spawned_message_request(asked, duration_or(timeout, SPAWNED_FOREVER), out_response);
}

bool read_name(child_call what, const char* id, size_t length, child_name* out_name) {
    if (id == nullptr || check_name(id, &length) != SPAWNED_OK) return false;
    *out_name = {};
    out_name->what = what;
    out_name->length = static_cast<uint32_t>(length);
    memcpy(out_name->id, id, length);
    return true;
}

spawned_status ask_by_id(spawned_pid supervisor, child_call what, const char* id, size_t length,
                         spawned_duration timeout, spawned_response** out_response) {
    if (out_response == nullptr) return SPAWNED_EINVAL;
    child_name name;
    if (!read_name(what, id, length, &name)) return answer_at_once(SPAWNED_EINVAL, out_response);
    return ask(supervisor, child_call_type, &name, timeout, out_response);
}

// The same, waited for.
spawned_status call_by_id(spawned_pid supervisor, child_call what, const char* id, size_t length,
                          spawned_duration timeout, spawned_pid* out_pid) {
    spawned_response* response = nullptr;
    spawned_pid pid = 0;
    (void)ask_by_id(supervisor, what, id, length, timeout, &response);
    const spawned_status status = wait_and_take(response, &pid);
    if (out_pid != nullptr) *out_pid = pid;
    return status;
}

}  // namespace

extern "C" {

spawned_status spawned_child_init(spawned_child* child, size_t size, const char* id) {
    if (child == nullptr || size < sizeof *child || (id != nullptr && !is_short_name(id)))
        return SPAWNED_EINVAL;
    spawned_child defaults = {};
    defaults.size = sizeof defaults;
    defaults.id = id;
    return init_sized(child, size, defaults);
}

spawned_status spawned_supervisor_init(spawned_supervisor* supervisor, size_t size,
                                       const char* name) {
    if (supervisor == nullptr || size < sizeof *supervisor || !is_short_name(name))
        return SPAWNED_EINVAL;
    spawned_supervisor defaults = {};
    defaults.size = sizeof defaults;
    defaults.name = name;
    return init_sized(supervisor, size, defaults);
}

spawned_status spawned_child_info_init(spawned_child_info* info, size_t size) {
    const spawned_child_info defaults = SPAWNED_CHILD_INFO_INIT;
    return init_sized(info, size, defaults);
}

spawned_status spawned_supervisor_check(const spawned_supervisor* supervisor, char* text,
                                        size_t capacity) {
    if (text == nullptr && capacity != 0) return SPAWNED_EINVAL;
    description_fault fault;
    check_supervisor(supervisor, fault);
    copy_text(fault.text, strlen(fault.text), text, capacity);
    return fault.found() ? SPAWNED_EINVAL : SPAWNED_OK;
}

spawned_status spawned_supervisor_start(spawned_runtime* runtime,
                                        const spawned_supervisor* supervisor,
                                        const spawned_actor_options* options,
                                        spawned_pid* out_pid) {
    if (out_pid != nullptr) *out_pid = 0;
    description_fault fault;
    check_supervisor(supervisor, fault);
    spawned_status status = check_runtime(runtime);
    if (status == SPAWNED_OK && fault.found()) return refuse_description(*core_of(runtime), fault);
    if (fault.found()) return status;
    start_options read;
    if (status == SPAWNED_OK &&
        (out_pid == nullptr || !read_start_options(options, &read) || read.argument != nullptr ||
         read.capacity != 0 || read.where != backend::pool))
        status = SPAWNED_EINVAL;
    if (status == SPAWNED_EINVAL) return status;
    if (status != SPAWNED_OK) {
        refuse_supervisor(*supervisor);
        return status;
    }
    core& home = *core_of(runtime);
    if (home.only_threads) read.where = backend::thread;
    supervisor_spec* spec = copy_supervisor(home, *supervisor);
    if (spec == nullptr) return SPAWNED_ENOMEM;
    status = start_described(home, *spec, read, out_pid);
    release_supervisor(home, spec);
    return status;
}

spawned_status spawned_supervisor_start_child_response(spawned_pid supervisor,
                                                       const spawned_child* child,
                                                       spawned_duration timeout,
                                                       spawned_response** out_response) {
    description_fault fault;
    check_child(child, fault);
    core* home = is_possible(supervisor) ? runtime_at(supervisor) : nullptr;
    if (fault.found()) {
        const spawned_status status =
            home != nullptr ? refuse_description(*home, fault) : spawned_status{SPAWNED_EINVAL};
        return out_response != nullptr ? answer_at_once(status, out_response) : status;
    }
    if (out_response == nullptr) return SPAWNED_EINVAL;
    if (home == nullptr || actor_of(*home, supervisor) == nullptr) {
        const spawned_status why = why_absent(supervisor);
        if (why != SPAWNED_EINVAL) refuse_child(*child);
        return answer_at_once(why, out_response);
    }
    start_call call = {home, {}};
    if (!copy_child(*home, *child, call.spec)) return answer_at_once(SPAWNED_ENOMEM, out_response);
    spawned_message* asked = nullptr;  // the copy is consumed in every case
    const spawned_status status =
        spawned_message_create(supervisor, &start_call_type, &call, &asked);
    if (status != SPAWNED_OK) return answer_at_once(status, out_response);
    return spawned_message_request(asked, duration_or(timeout, SPAWNED_FOREVER), out_response);
}

spawned_status spawned_supervisor_start_child(spawned_pid supervisor, const spawned_child* child,
                                              spawned_duration timeout, spawned_pid* out_pid) {
    spawned_response* response = nullptr;
    spawned_pid pid = 0;
    (void)spawned_supervisor_start_child_response(supervisor, child, timeout, &response);
    const spawned_status status = wait_and_take(response, &pid);
    if (out_pid != nullptr) *out_pid = pid;
    return status;
}

spawned_status spawned_supervisor_stop_child(spawned_pid supervisor, const char* id, size_t length,
                                             spawned_duration timeout) {
    return call_by_id(supervisor, child_call::stop, id, length, timeout, nullptr);
}

spawned_status spawned_supervisor_stop_child_response(spawned_pid supervisor, const char* id,
                                                      size_t length, spawned_duration timeout,
                                                      spawned_response** out_response) {
    return ask_by_id(supervisor, child_call::stop, id, length, timeout, out_response);
}

spawned_status spawned_supervisor_stop_pid_response(spawned_pid supervisor, spawned_pid child,
                                                    spawned_duration timeout,
                                                    spawned_response** out_response) {
    if (out_response == nullptr) return SPAWNED_EINVAL;
    if (!is_possible(child)) return answer_at_once(SPAWNED_EINVAL, out_response);
    child_name name = {};
    name.what = child_call::stop;
    name.pid = child;
    return ask(supervisor, child_call_type, &name, timeout, out_response);
}

spawned_status spawned_supervisor_stop_pid(spawned_pid supervisor, spawned_pid child,
                                           spawned_duration timeout) {
    spawned_response* response = nullptr;
    spawned_pid pid;
    (void)spawned_supervisor_stop_pid_response(supervisor, child, timeout, &response);
    return wait_and_take(response, &pid);
}

spawned_status spawned_supervisor_restart_child(spawned_pid supervisor, const char* id,
                                                size_t length, spawned_duration timeout,
                                                spawned_pid* out_pid) {
    return call_by_id(supervisor, child_call::restart, id, length, timeout, out_pid);
}

spawned_status spawned_supervisor_restart_child_response(spawned_pid supervisor, const char* id,
                                                         size_t length, spawned_duration timeout,
                                                         spawned_response** out_response) {
    return ask_by_id(supervisor, child_call::restart, id, length, timeout, out_response);
}

spawned_status spawned_supervisor_delete_child(spawned_pid supervisor, const char* id,
                                               size_t length, spawned_duration timeout) {
    return call_by_id(supervisor, child_call::forget, id, length, timeout, nullptr);
}

spawned_status spawned_supervisor_delete_child_response(spawned_pid supervisor, const char* id,
                                                        size_t length, spawned_duration timeout,
                                                        spawned_response** out_response) {
    return ask_by_id(supervisor, child_call::forget, id, length, timeout, out_response);
}

spawned_status spawned_supervisor_child_response(spawned_pid supervisor, const char* id,
                                                 size_t length, spawned_duration timeout,
                                                 spawned_response** out_response) {
    if (out_response == nullptr) return SPAWNED_EINVAL;
    child_name name;
    if (!read_name(child_call::stop, id, length, &name))
        return answer_at_once(SPAWNED_EINVAL, out_response);
    return ask(supervisor, child_info_type, &name, timeout, out_response);
}

spawned_status spawned_supervisor_child(spawned_pid supervisor, const char* id, size_t length,
                                        spawned_duration timeout, spawned_child_info* out_info) {
    if (out_info == nullptr || out_info->size < sizeof *out_info || out_info->size > largest_struct)
        return SPAWNED_EINVAL;
    spawned_response* response = nullptr;
    const spawned_child_info* info = nullptr;
    (void)spawned_supervisor_child_response(supervisor, id, length, timeout, &response);
    const spawned_status status = wait_and_read(response, &info);
    if (status == SPAWNED_OK) (void)write_sized(*info, out_info);
    spawned_response_release(response);
    return status;
}

spawned_status spawned_supervisor_children_response(spawned_pid supervisor,
                                                    spawned_duration timeout,
                                                    spawned_response** out_response) {
    if (out_response == nullptr) return SPAWNED_EINVAL;
    return ask(supervisor, list_type, nullptr, timeout, out_response);
}

spawned_status spawned_supervisor_children(spawned_pid supervisor, spawned_duration timeout,
                                           spawned_child_info* out_children, size_t stride,
                                           size_t capacity, size_t* out_count) {
    if (out_count == nullptr) return SPAWNED_EINVAL;
    *out_count = 0;
    if (capacity != 0 &&
        (out_children == nullptr || stride < sizeof *out_children || stride > largest_struct))
        return SPAWNED_EINVAL;
    spawned_response* response = nullptr;
    const spawned_child_list* all = nullptr;
    (void)spawned_supervisor_children_response(supervisor, timeout, &response);
    const spawned_status status = wait_and_read(response, &all);
    if (status == SPAWNED_OK) {
        *out_count = all->count;
        for (size_t i = 0; i < all->count && i < capacity; ++i) {
            auto* to = reinterpret_cast<spawned_child_info*>(reinterpret_cast<char*>(out_children) +
                                                             i * stride);
            to->size = stride;
            (void)write_sized(all->children[i], to);
        }
    }
    spawned_response_release(response);
    return status;
}

const spawned_child_info* spawned_child_list_at(const spawned_child_list* list, size_t index) {
    if (list == nullptr || index >= list->count) return nullptr;
    return reinterpret_cast<const spawned_child_info*>(
        reinterpret_cast<const char*>(list->children) + index * list->stride);
}

}  // extern "C"
