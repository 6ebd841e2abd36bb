// One value for everybody in a group.
#include <cstring>

#include "actor/block.hpp"
#include "actor/send.hpp"
#include "registry/group.hpp"

namespace spawned::engine {

namespace {

// Who is in a group at one moment.
class roll {
public:
    explicit roll(core& home) : home_(home) {}
    ~roll() { free(); }
    roll(const roll&) = delete;
    roll& operator=(const roll&) = delete;

    // Again with more room when they have become more meanwhile.
    spawned_status call(const char* name, size_t length) {
        for (;;) {
            const spawned_status status =
                list_members(home_, name, length, pids_, capacity_, &count_);
            if (status != SPAWNED_OK || count_ <= capacity_) return status;
            free();
            void* place = home_.memory.get(count_ * sizeof(spawned_pid), alignof(spawned_pid));
            if (place == nullptr) return SPAWNED_ENOMEM;
            pids_ = static_cast<spawned_pid*>(place);
            capacity_ = count_;
        }
    }
    size_t count() const { return count_; }
    spawned_pid at(size_t index) const { return pids_[index]; }

private:
    void free() {
        if (pids_ != few_)
            home_.memory.put(pids_, capacity_ * sizeof(spawned_pid), alignof(spawned_pid));
        pids_ = few_;
        capacity_ = sizeof few_ / sizeof *few_;
    }

    core& home_;
    spawned_pid few_[32];
    spawned_pid* pids_ = few_;
    size_t capacity_ = sizeof few_ / sizeof *few_;
    size_t count_ = 0;
};

spawned_status copy_value_into(thread& self, message& m, const spawned_message_type& type,
                               const void* value) {
    if (type.copy != nullptr) {
        const spawned_status status = type.copy(value_of(m), value, type.user_data);
        if (status != SPAWNED_OK) {
            drop_failure(self);
            return status;
        }
    } else if (type.value_size != 0) {
        memcpy(value_of(m), value, type.value_size);
    }
    m.set(message_constructed);
    return SPAWNED_OK;
}

// A copy for one of them; or the value itself, which has been taken when *moved is true afterwards.
spawned_status send_to_one(thread& self, core& home, spawned_pid to,
                           const spawned_message_type* type, const void* value, bool* moved) {
    if (actor_of(home, to) == nullptr) return SPAWNED_ESTOPPED;
    message* m = new_message(self, home, to, type, type->value_size);
    if (m == nullptr) return SPAWNED_ENOMEM;
    spawned_status status = SPAWNED_OK;
    if (moved == nullptr) {
        status = copy_value_into(self, *m, *type, value);
    } else {
        if (type->value_size != 0) memcpy(value_of(*m), value, type->value_size);
        m->set(message_constructed);
        *moved = true;
    }
    if (status != SPAWNED_OK) {
        free_message(home, *m);
        return status;
    }
    status = submit(self, home, *m, room_wait::never, 0);
    if (status != SPAWNED_OK) refuse(self, home, *m, status);
    return status;
}

}  // namespace

spawned_status broadcast(core& home, const char* name, size_t length,
                         const spawned_message_type* type, const void* value, size_t* out_taken,
                         size_t* out_refused) {
    thread* self = current_thread(home);
    roll members(home);
    spawned_status status = self != nullptr ? members.call(name, length) : SPAWNED_ENOMEM;
    const bool moves = (type->flags & SPAWNED_TYPE_PINNED) == 0;
    bool moved = false;
    const size_t count = status == SPAWNED_OK ? members.count() : 0;
    for (size_t i = 0; i < count; ++i) {
        const spawned_status one = send_to_one(*self, home, members.at(i), type, value,
                                               moves && i + 1 == count ? &moved : nullptr);
        ++*(one == SPAWNED_OK ? out_taken : out_refused);
        if (status == SPAWNED_OK) status = one;
    }
    if (!moved) consume(type, value);
    return status;
}

}  // namespace spawned::engine
