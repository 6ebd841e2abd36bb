// Messages that tell of changes of a group, made before it is known what they will tell.
#pragma once

#include <spawned/group.h>

#include "actor/core.hpp"

namespace spawned::engine {

// A stack of them, without a receiver yet. What is left in the end is freed.
class blank_changes {
public:
    explicit blank_changes(core& home) : home_(home) {}
    ~blank_changes();
    blank_changes(const blank_changes&) = delete;
    blank_changes& operator=(const blank_changes&) = delete;

    uint64_t count() const { return count_; }
    // False: no memory.
    bool fill_up(thread& self, uint64_t wanted);
    message* take();

private:
    core& home_;
    message* first_ = nullptr;
    uint64_t count_ = 0;
};

// What the changes of one subscription begin as: receiver, type, subscription and tag. Null without memory.
message* new_change_model(thread& self, core& home, spawned_pid to,
                          const spawned_message_type* type, uint64_t subscription, uint64_t tag);
void write_change(message& blank, message& model, spawned_pid pid, int32_t kind, uint32_t members);

inline spawned_group_change& change_in(message& m) {
    return *reinterpret_cast<spawned_group_change*>(reinterpret_cast<char*>(&m) + m.value_offset);
}

}  // namespace spawned::engine
