#include "supervise/supervisor.hpp"

#include <string.h>

#include <new>

#include <spawned/event.h>

#include "actor/block.hpp"
#include "actor/lifecycle.hpp"
#include "actor/reply.hpp"

namespace spawned::engine {

namespace {

constexpr spawned_message_type own_type(const char* name, size_t size,
                                        void (*destroy)(void*, void*) = nullptr,
                                        const spawned_message_type* reply = nullptr,
                                        uint32_t flags = 0) {
    spawned_message_type type{};
    type.size = sizeof type;
    type.name = name;
    type.value_size = size;
    type.value_alignment = size == 0 ? 1 : 8;
    type.flags = flags;
    type.destroy = destroy;
    type.reply = reply;
    return type;
}

void drop_start_call(void* value, void*) {
    auto& call = *static_cast<start_call*>(value);
    if (call.spec.behavior != nullptr) end_child_spec(*call.home, call.spec);
}

void drop_listing(void* value, void*) {
    auto& all = *static_cast<listing*>(value);
    if (all.children != nullptr)
        all.home->memory.put(all.children, sizeof(spawned_child_info) * all.count,
                             alignof(spawned_child_info));
}

constexpr spawned_message_type go_on_type = own_type("spawned.supervisor.begin", 0);
constexpr spawned_message_type remains_ended_type = own_type("spawned.supervisor.remains_ended", 0);
constexpr spawned_message_type pid_type = own_type("spawned.pid", sizeof(spawned_pid));
// Nobody takes these out into a struct of another release's size.
constexpr spawned_message_type info_type =
    own_type("spawned.child_info", sizeof(spawned_child_info), nullptr, nullptr,
             SPAWNED_TYPE_PINNED);
constexpr spawned_message_type listing_type =
    own_type("spawned.children", sizeof(listing), drop_listing, nullptr, SPAWNED_TYPE_PINNED);

spawned_status on_begin(spawned_context*, void* state, void*) {
    auto& self = *static_cast<supervisor*>(state);
    if (--self.left_behind != 0) return SPAWNED_OK;
    free_remains(*self.home, self.spec->remains);
    self.spec->remains = nullptr;
    return begin(self);
}

spawned_status on_ended(spawned_context*, void* state, void* value) {
    const auto& news = *static_cast<const child_ended*>(value);
    return has_ended(*static_cast<supervisor*>(state), *news.who, news);
}

spawned_status on_ready(spawned_context*, void* state, void* value) {
    const auto& news = *static_cast<const child_news*>(value);
    if (news.serial != news.who->serial || news.who->state != child_state::starting)
        return SPAWNED_OK;  // it was asked to end meanwhile
    return has_started(*static_cast<supervisor*>(state), *news.who);
}

spawned_status on_due(spawned_context*, void* state, void* value) {
    auto& self = *static_cast<supervisor*>(state);
    const auto& news = *static_cast<const child_news*>(value);
    child& one = *news.who;
    --one.due;
    if (one.forgotten) {
        if (one.due == 0) free_ghost(self, one);
        return SPAWNED_OK;
    }
    return news.serial == one.serial ? is_due(self, one) : spawned_status{SPAWNED_OK};
}

spawned_status on_patience(spawned_context*, void* state, void*) {
    auto& self = *static_cast<supervisor*>(state);
    const uint64_t moment = now(*self.home);
    if (moment >= self.look_at) run_out_of_patience(self, moment);
    return end_on(self);
}

spawned_status init_supervisor(void* state, void* argument, void*) {
    const auto& given = *static_cast<supervisor_start*>(argument);
    auto& self = *::new (state) supervisor{};
    self.home = given.home;
    self.spec = given.spec;
    self.beginning = true;
    retain_supervisor(*given.spec);
    bool complete = self.window.init(given.home->memory, given.spec->intensity, given.spec->period);
    for (uint64_t i = 0; complete && i < given.spec->child_count; ++i)
        complete = add_child(self, &given.spec->children[i]) != nullptr;
    if (complete) {
        // Last: until then they are the starter's.
        self.ready = given.ready;
        self.ready_promise = given.ready_promise;
        return SPAWNED_OK;
    }
    free_children(self);
    self.window.deinit(given.home->memory);
    release_supervisor(*given.home, given.spec);
    return SPAWNED_ENOMEM;
}

// Waits for what the last incarnations left behind. Until that has ended it stays there for the next one, if this one
// ends first.
spawned_status supervisor_started(spawned_context* context, void* state) {
    auto& self = *static_cast<supervisor*>(state);
    self.self = spawned_context_self(context);
    for (const child* one = self.spec->remains; one != nullptr; one = one->after) {
        spawned_message* told = nullptr;
        spawned_status status =
            spawned_message_create(self.self, &remains_ended_type, nullptr, &told);
        if (status == SPAWNED_OK) status = spawned_send_on_end(one->pid, told, nullptr);
        if (status != SPAWNED_OK) return status;
        ++self.left_behind;
    }
    if (self.left_behind != 0) return SPAWNED_OK;
    self.left_behind = 1;
    return spawned_send(self.self, &go_on_type, nullptr);
}

// What still lives is killed: nobody else would end it. The next incarnation waits for it.
void keep_remains(supervisor& self) {
    for (child* one = self.first; one != nullptr;) {
        child* const after = one->after;
        if (one->pid != 0 && actor_of(*self.home, one->pid) != nullptr) {
            kill_child(self, *one);
            if (one->before != nullptr)
                one->before->after = after;
            else
                self.first = after;
            if (after != nullptr) after->before = one->before;
            one->after = self.spec->remains;
            self.spec->remains = one;
        }
        one = after;
    }
}

void end_state(void* state, void*) {
    auto& self = *static_cast<supervisor*>(state);
    core& home = *self.home;
    keep_remains(self);
    free_children(self);
    self.window.deinit(home.memory);
    spawned_message_destroy(self.ready);
    if (self.ready_promise != nullptr)
        resolve_with(home, *self.ready_promise, SPAWNED_ENOREPLY, nullptr, holds::a_handle);
    release_supervisor(home, self.spec);
}

constexpr spawned_handler supervisor_handlers[] = {
    {&child_ended_type, on_ended},     {&child_ready_type, on_ready},
    {&child_due_type, on_due},         {&patience_type, on_patience},
    {&go_on_type, on_begin},           {&remains_ended_type, on_begin},
    {&start_call_type, on_start_call}, {&child_call_type, on_child_call},
    {&child_info_type, on_child_info}, {&list_type, on_list}};

}  // namespace

message* reserve_message(const supervisor& self, const spawned_message_type& type,
                         const void* value) {
    message* made =
        new_message(*current_thread(*self.home), *self.home, self.self, &type, type.value_size);
    if (made == nullptr) return nullptr;
    if (type.value_size != 0) memcpy(value_of(*made), value, type.value_size);
    made->set(message_constructed);
    return made;
}

spawned_status send_self_later(const supervisor& self, const spawned_message_type& type,
                               const void* value, uint64_t delay, spawned_timer* out_timer) {
    message* sent = reserve_message(self, type, value);
    if (sent == nullptr) return SPAWNED_ENOMEM;
    return send_own_later(*self.home, *sent, delay, out_timer);
}

constexpr spawned_message_type child_ended_type =
    own_type("spawned.supervisor.child_ended", sizeof(child_ended));
constexpr spawned_message_type child_ready_type =
    own_type("spawned.supervisor.child_started", sizeof(child_news));
constexpr spawned_message_type child_due_type =
    own_type("spawned.supervisor.child_due", sizeof(child_news));
constexpr spawned_message_type patience_type = own_type("spawned.supervisor.patience", 0);
constexpr spawned_message_type start_call_type =
    own_type("spawned.supervisor.start_child", sizeof(start_call), drop_start_call, &pid_type);
constexpr spawned_message_type child_call_type =
    own_type("spawned.supervisor.child_call", sizeof(child_name), nullptr, &pid_type);
constexpr spawned_message_type child_info_type =
    own_type("spawned.supervisor.child_info", sizeof(child_name), nullptr, &info_type);
constexpr spawned_message_type list_type =
    own_type("spawned.supervisor.children", 0, nullptr, &listing_type);

// Requests never run it on their own turn: it starts children. It ends when it says so.
constexpr spawned_behavior supervisor_behavior = {sizeof(spawned_behavior),
                                                  "supervisor",
                                                  sizeof(supervisor),
                                                  alignof(supervisor),
                                                  SPAWNED_BEHAVIOR_SLOW | behavior_ends_itself,
                                                  sizeof supervisor_handlers /
                                                      sizeof *supervisor_handlers,
                                                  supervisor_handlers,
                                                  nullptr,
                                                  init_supervisor,
                                                  supervisor_started,
                                                  supervisor_stopped,
                                                  end_state,
                                                  nullptr};

}  // namespace spawned::engine
