#include "registry/group_change.hpp"

#include "actor/block.hpp"

namespace spawned::engine {

namespace {

const spawned_message_type blank_type =
    SPAWNED_MESSAGE_TYPE("spawned.group_change", spawned_group_change);

}  // namespace

blank_changes::~blank_changes() {
    while (message* m = take()) free_message(home_, *m);
}

bool blank_changes::fill_up(thread& self, uint64_t wanted) {
    while (count_ < wanted) {
        message* m = new_message(self, home_, 0, &blank_type, sizeof(spawned_group_change));
        if (m == nullptr) return false;
        m->next.store_relaxed(first_);
        first_ = m;
        ++count_;
    }
    return true;
}

message* blank_changes::take() {
    message* m = first_;
    if (m == nullptr) return nullptr;
    first_ = m->next.load_relaxed();
    m->next.store_relaxed(nullptr);
    --count_;
    return m;
}

message* new_change_model(thread& self, core& home, spawned_pid to,
                          const spawned_message_type* type, uint64_t subscription, uint64_t tag) {
    message* m = new_message(self, home, to, type, sizeof(spawned_group_change));
    if (m != nullptr) change_in(*m) = {subscription, tag, 0, 0, 0};
    return m;
}

void write_change(message& blank, message& model, spawned_pid pid, int32_t kind, uint32_t members) {
    blank.target = model.target;
    blank.type = model.type;
    spawned_group_change& told = change_in(blank);
    told = change_in(model);
    told.pid = pid;
    told.kind = kind;
    told.member_count = members;
    blank.set(message_constructed);
}

}  // namespace spawned::engine
