// What a program asks a supervisor at run time. Nothing here waits: who asks for a start or an end is answered
// when it has come.
#include <stdio.h>
#include <string.h>

#include <new>

#include "supervise/supervisor.hpp"

namespace spawned::engine {

namespace {

spawned_status refuse_call(spawned_context* context, spawned_status code) {
    return spawned_reply_fail(context, code, nullptr, 0);
}

spawned_status answer_call(spawned_context* context, spawned_pid pid) {
    return spawned_reply(context, &pid);
}

// The answer is given later, when the child has started or ended. Unless OK it has been refused.
bool answer_later(spawned_context* context, supervisor& self, child& one, bool for_start) {
    if (add_waiter(self, one, for_start)) return true;
    (void)refuse_call(context, SPAWNED_ENOMEM);
    return false;
}

child* find_named(const supervisor& self, const child_name& name) {
    return name.length != 0 ? find_child(self, name.id, name.length) : find_child(self, name.pid);
}

spawned_status stop_by_call(spawned_context* context, supervisor& self, child& one) {
    one.wanted = false;
    switch (one.state) {
        case child_state::ended:
            return answer_call(context, 0);
        case child_state::restarting: {
            const spawned_status answered = answer_call(context, 0);
            const spawned_status status = give_up_restart(self, one);
            return status != SPAWNED_OK ? status : answered;
        }
        case child_state::starting:
        case child_state::running:
            if (!answer_later(context, self, one, false)) return SPAWNED_OK;
            stop_child(self, one);
            return SPAWNED_OK;
        case child_state::stopping:
            (void)answer_later(context, self, one, false);
            return SPAWNED_OK;
    }
    SPAWNED_UNREACHABLE();
}

// What stands in the way of a child that is to be started again, or forgotten.
spawned_status check_ended(const child& one) {
    if (one.state == child_state::restarting) return SPAWNED_EBUSY;
    return one.state == child_state::ended && !one.early ? SPAWNED_OK : SPAWNED_EALREADY;
}

spawned_child_info info_of(const child& one) {
    spawned_child_info info = SPAWNED_CHILD_INFO_INIT;
    info.pid = one.pid;
    info.state = static_cast<spawned_child_state>(one.state);
    info.restart = one.spec->restart;
    info.is_supervisor = one.spec->nested != nullptr ? 1 : 0;
    info.restarts = one.restarts;
    if (one.spec->id != nullptr) (void)snprintf(info.id, sizeof info.id, "%s", one.spec->id);
    return info;
}

// Whether there is room for another child.
spawned_status check_new(const supervisor& self, const child_spec& spec) {
    if (spec.significant && self.spec->auto_shutdown == SPAWNED_AUTO_SHUTDOWN_NEVER)
        return SPAWNED_EUNSUPPORTED;
    if (self.spec->dynamic())
        return self.count < self.spec->children_max ? SPAWNED_OK : SPAWNED_ELIMIT;
    if (spec.id == nullptr) return SPAWNED_EUNSUPPORTED;
    const child* present = find_child(self, spec.id, strlen(spec.id));
    if (present == nullptr) return SPAWNED_OK;
    return check_ended(*present) == SPAWNED_OK ? SPAWNED_EALREADY : SPAWNED_EEXIST;
}

}  // namespace

spawned_status on_start_call(spawned_context* context, void* state, void* value) {
    auto& self = *static_cast<supervisor*>(state);
    auto& call = *static_cast<start_call*>(value);
    const spawned_status status =
        self.over ? spawned_status{SPAWNED_ESTOPPING} : check_new(self, call.spec);
    if (status != SPAWNED_OK) return refuse_call(context, status);
    child* one = add_child(self, nullptr);
    if (one == nullptr) return refuse_call(context, SPAWNED_ENOMEM);
    *own_spec_of(*one) = call.spec;
    call.spec.behavior = nullptr;
    one->fresh = true;
    if (!answer_later(context, self, *one, true)) {
        forget_child(self, *one);
        return SPAWNED_OK;
    }
    return start_for_call(self, *one);
}

spawned_status on_child_call(spawned_context* context, void* state, void* value) {
    auto& self = *static_cast<supervisor*>(state);
    const auto& call = *static_cast<const child_name*>(value);
    if (self.over) return refuse_call(context, SPAWNED_ESTOPPING);
    child* one = find_named(self, call);
    if (one == nullptr) return refuse_call(context, SPAWNED_ENOENT);
    if (call.what == child_call::stop) return stop_by_call(context, self, *one);
    const spawned_status status = check_ended(*one);
    if (status != SPAWNED_OK) return refuse_call(context, status);
    if (call.what == child_call::forget) {
        forget_child(self, *one);
        return answer_call(context, 0);
    }
    if (!answer_later(context, self, *one, true)) return SPAWNED_OK;
    return start_for_call(self, *one);
}

spawned_status on_child_info(spawned_context* context, void* state, void* value) {
    const child* one =
        find_named(*static_cast<supervisor*>(state), *static_cast<const child_name*>(value));
    if (one == nullptr) return refuse_call(context, SPAWNED_ENOENT);
    void* place = nullptr;
    const spawned_status status = spawned_reply_reserve(context, 0, &place);
    if (status != SPAWNED_OK) return refuse_call(context, status);
    ::new (place) spawned_child_info(info_of(*one));
    return spawned_reply_commit(context);
}

spawned_status on_list(spawned_context* context, void* state, void*) {
    auto& self = *static_cast<supervisor*>(state);
    const size_t bytes = sizeof(spawned_child_info) * self.count;
    spawned_child_info* all = nullptr;
    if (self.count != 0) {
        all = static_cast<spawned_child_info*>(
            self.home->memory.get(bytes, alignof(spawned_child_info)));
        if (all == nullptr) return refuse_call(context, SPAWNED_ENOMEM);
    }
    void* place = nullptr;
    const spawned_status status = spawned_reply_reserve(context, 0, &place);
    if (status != SPAWNED_OK) {
        if (all != nullptr) self.home->memory.put(all, bytes, alignof(spawned_child_info));
        return refuse_call(context, status);
    }
    spawned_child_info* next = all;
    for (const child* one = self.first; one != nullptr; one = one->after) {
        SPAWNED_ASSERT(next != nullptr);  // as many as were counted
        *next++ = info_of(*one);
    }
    ::new (place) listing{{sizeof(spawned_child_list), self.count, sizeof(spawned_child_info), all},
                          self.home,
                          all,
                          self.count};
    return spawned_reply_commit(context);
}

}  // namespace spawned::engine
