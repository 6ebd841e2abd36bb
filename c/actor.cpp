#include <spawned/actor.h>

#include "actor/activation.hpp"
#include "actor/lifecycle.hpp"
#include "actor/send.hpp"
#include "check.hpp"
#include "runtime/runtime.hpp"
#include "start.hpp"

using namespace spawned::boundary;

namespace {

constexpr uint32_t known_behavior_flags = SPAWNED_BEHAVIOR_SLOW | SPAWNED_BEHAVIOR_RUN_ON_CALLER;
constexpr uint64_t most_capacity = uint64_t{1} << 31;
constexpr size_t most_state = size_t{1} << 30;

bool has_duplicate_types(const spawned_behavior& behavior) {
    for (uint32_t i = 0; i < behavior.handler_count; ++i)
        for (uint32_t j = i + 1; j < behavior.handler_count; ++j)
            if (strcmp(behavior.handlers[i].type->name, behavior.handlers[j].type->name) == 0)
                return true;
    return false;
}

// A behavior seen before is found by address: it was checked then.
bool was_checked(const core& home, const spawned_behavior* behavior) {
    for (const behavior_class* one = home.classes.load_acquire(); one != nullptr; one = one->next)
        if (one->source == behavior) return true;
    return false;
}

}  // namespace

namespace spawned::boundary {

bool is_behavior(const spawned_behavior* given) {
    spawned_behavior behavior;
    if (given == nullptr || !read_sized(given, &behavior) || !is_short_name(behavior.name) ||
        behavior.state_size > most_state || !is_alignment(behavior.state_alignment) ||
        (behavior.flags & ~known_behavior_flags) != 0 ||
        (behavior.handlers == nullptr && behavior.handler_count != 0))
        return false;
    for (uint32_t i = 0; i < behavior.handler_count; ++i)
        if (!is_type(behavior.handlers[i].type) || behavior.handlers[i].handle == nullptr)
            return false;
    return !has_duplicate_types(behavior);
}

bool read_start_options(const spawned_actor_options* given, start_options* options) {
    if (given == nullptr) return true;
    spawned_actor_options read;
    if (!read_sized(given, &read) || read.backend > SPAWNED_BACKEND_HOST ||
        read.overflow > SPAWNED_OVERFLOW_BLOCK || read.capacity > most_capacity ||
        (read.name == nullptr && read.name_length != 0))
        return false;
    options->where = static_cast<backend>(read.backend);
    options->overflow = read.overflow;
    options->capacity = read.capacity;
    options->argument = read.argument;
    options->name = read.name;
    options->name_length = read.name_length != 0 ? read.name_length : SPAWNED_ZERO_TERMINATED;
    return true;
}

spawned_status check_start(spawned_runtime* runtime, const spawned_behavior* behavior,
                           const spawned_actor_options* options, spawned_pid* out_pid,
                           start_options* read) {
    const spawned_status status = check_runtime(runtime);
    if (status != SPAWNED_OK) return status;
    if (out_pid == nullptr) return SPAWNED_EINVAL;
    *out_pid = 0;
    const core& home = *core_of(runtime);
    if (behavior == nullptr || !read_start_options(options, read) ||
        (!was_checked(home, behavior) && !is_behavior(behavior)))
        return SPAWNED_EINVAL;
    if (home.only_threads && read->where == backend::pool) read->where = backend::thread;
    return SPAWNED_OK;
}

}  // namespace spawned::boundary

extern "C" {

spawned_status spawned_behavior_init(spawned_behavior* behavior, size_t size, const char* name) {
    if (behavior == nullptr || !is_short_name(name) || size < sizeof *behavior)
        return SPAWNED_EINVAL;
    spawned_behavior defaults = {};
    defaults.size = sizeof defaults;
    defaults.name = name;
    return init_sized(behavior, size, defaults);
}

spawned_status spawned_actor_options_init(spawned_actor_options* options, size_t size) {
    const spawned_actor_options defaults = SPAWNED_ACTOR_OPTIONS_INIT;
    return init_sized(options, size, defaults);
}

spawned_status spawned_message_info_init(spawned_message_info* info, size_t size) {
    const spawned_message_info defaults = SPAWNED_MESSAGE_INFO_INIT;
    return init_sized(info, size, defaults);
}

spawned_status spawned_behavior_create(spawned_runtime* runtime, const spawned_behavior* behavior,
                                       const spawned_behavior** out_behavior) {
    const spawned_status status = check_runtime(runtime);
    if (status != SPAWNED_OK) return status;
    if (out_behavior == nullptr) return SPAWNED_EINVAL;
    *out_behavior = nullptr;
    if (!is_behavior(behavior)) return SPAWNED_EINVAL;
    spawned_behavior read;
    (void)read_sized(behavior, &read);
    return copy_behavior(*core_of(runtime), read, out_behavior);
}

spawned_status spawned_actor_start(spawned_runtime* runtime, const spawned_behavior* behavior,
                                   const spawned_actor_options* options, spawned_pid* out_pid) {
    start_options read;
    spawned_status status = check_start(runtime, behavior, options, out_pid, &read);
    if (status != SPAWNED_OK) return status;
    spawned_pid pid = 0;
    status = start_actor(*core_of(runtime), *behavior, read, &pid);
    if (status == SPAWNED_OK) *out_pid = pid;
    return status;
}

spawned_status spawned_actor_stop(spawned_pid pid) {
    return with_home(pid, [pid](core& home) { return signal_actor(home, pid, control_stop); });
}

spawned_status spawned_actor_drain(spawned_pid pid, spawned_duration deadline) {
    return with_home(pid, [pid, deadline](core& home) {
        const uint64_t wait = duration_or(deadline, 5 * SPAWNED_SECOND);
        const uint64_t from = now(home);
        return drain_actor(home, pid,
                           wait == SPAWNED_FOREVER || from + wait < from ? UINT64_MAX
                                                                         : from + wait);
    });
}

spawned_status spawned_actor_kill(spawned_pid pid) {
    return with_home(pid, [pid](core& home) { return signal_actor(home, pid, control_kill); });
}

spawned_status spawned_actor_join(spawned_pid pid, spawned_duration timeout) {
    const spawned_status status = with_home(pid, [pid, timeout](core& home) {
        return join_actor(home, pid, duration_or(timeout, SPAWNED_FOREVER));
    });
    return status == SPAWNED_ESTOPPED ? SPAWNED_OK : status;
}

spawned_status spawned_actor_exit_reason(spawned_pid pid, spawned_exit* out_exit, char* text,
                                         size_t capacity) {
    if (out_exit == nullptr || out_exit->size < sizeof *out_exit ||
        out_exit->size > largest_struct || (text == nullptr && capacity != 0))
        return SPAWNED_EINVAL;
    return with_home(pid, [&](core& home) {
        if (actor_of(home, pid) == nullptr) {
            const spawned_status why = why_absent(pid);
            if (why != SPAWNED_ESTOPPED) return why;
        }
        spawned_exit read = SPAWNED_EXIT_INIT;
        read_exit_reason(home, pid, &read, text, capacity);
        (void)write_sized(read, out_exit);
        return spawned_status{SPAWNED_OK};
    });
}

spawned_status spawned_actor_handles(spawned_pid pid, const spawned_message_type* type) {
    if (!is_type(type)) return SPAWNED_EINVAL;
    return with_home(pid, [pid, type](core& home) {
        actor* a = actor_of(home, pid);
        if (a == nullptr) return why_absent(pid);
        const behavior_class& kind = *kind_seen(*a);
        if (actor_of(home, pid) == nullptr)
            return why_absent(pid);  // that was the slot's next tenant
        switch (find_handler(kind, type).outcome) {
            case lookup::found:
                return spawned_status{SPAWNED_OK};
            case lookup::mismatch:
                return spawned_status{SPAWNED_ETYPE};
            default:
                return spawned_status{SPAWNED_ENOHANDLER};
        }
    });
}

spawned_pid spawned_context_self(const spawned_context* context) {
    running now_is;
    return find_running(context, &now_is) == SPAWNED_OK ? now_is.self->pid.load_relaxed() : 0;
}

spawned_runtime* spawned_context_runtime(const spawned_context* context) {
    running now_is;
    return find_running(context, &now_is) == SPAWNED_OK ? public_of(now_is.home) : nullptr;
}

spawned_status spawned_context_message(const spawned_context* context,
                                       spawned_message_info* out_info) {
    running now_is;
    if (out_info == nullptr) return SPAWNED_EINVAL;
    const spawned_status found = find_running(context, &now_is);
    if (found != SPAWNED_OK) return found;
    spawned_message_info info = SPAWNED_MESSAGE_INFO_INIT;
    if (message* m = now_is.top->current) {
        info.type = m->type;
        info.value_size = m->value_size;
        info.is_request = m->has(message_asked) ? 1 : 0;
        if (m->kind == message_kind::tick) info.missed = reinterpret_cast<const tick*>(m)->missed;
        if (m->has(message_has_deadline)) {
            // Given up already: some moment that is long past.
            const bool over = m->has(message_asked) && outcome_of(*m) == outcome::given_up;
            info.deadline = over ? 1 : request_of(*m).deadline.load_relaxed();
        }
    }
    return write_sized(info, out_info) ? SPAWNED_OK : SPAWNED_EINVAL;
}

spawned_status spawned_context_stop(spawned_context* context) {
    running now_is;
    const spawned_status found = find_running(context, &now_is);
    if (found != SPAWNED_OK) return found;
    stop_from_inside(*now_is.here, *now_is.home, *now_is.self);
    return SPAWNED_OK;
}

spawned_status spawned_context_forward(spawned_context* context, spawned_pid to) {
    running now_is;
    const spawned_status found = find_running(context, &now_is);
    if (found != SPAWNED_OK) return found;
    message* m = now_is.top->current;
    if (m == nullptr || m->kind == message_kind::tick || !is_possible(to) ||
        runtime_at(to) != now_is.home)
        return SPAWNED_EINVAL;
    if (m->has(message_answered) || m->has(message_forwarded)) return SPAWNED_EALREADY;
    if (actor_of(*now_is.home, to) == nullptr) return why_absent(to);
    drop_reserved(*now_is.home, *m);
    m->unset(message_exclusive);
    m->set(message_forwarded);
    m->set(message_answered);
    forward_to(*m, to);
    if (m->has(message_asked)) move_holder(*now_is.home, *m, to);
    return SPAWNED_OK;
}

spawned_status spawned_fail(spawned_status code, const char* text, size_t length) {
    if (code == SPAWNED_OK || text == nullptr) return code;
    // The record of the runtime whose callback runs: a call to another runtime may have come since.
    thread* here = last_thread();
    while (here != nullptr && here->top == nullptr && !here->in_init && !here->in_work)
        here = here->next_here;
    core* home = here != nullptr ? here->home.load_relaxed() : nullptr;
    if (home == nullptr) return code;
    if (length == SPAWNED_ZERO_TERMINATED) length = strnlen(text, max_text + 4);
    return record_failure(*here, *home, code, text, length);
}
}
