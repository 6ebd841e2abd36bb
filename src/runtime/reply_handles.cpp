// Detached duties to answer: a number for each, checked at every use, used up by the first answer.
#include "actor/block.hpp"
#include "actor/reply.hpp"
#include "runtime/runtime.hpp"

namespace spawned::engine {

spawned_status make_reply_handle(core& home, message& m, spawned_reply_to* out_reply) {
    uint32_t index;
    reply_slot* slot = home.replies.acquire(home.memory, &index);
    if (slot == nullptr) return SPAWNED_ENOMEM;
    lock_guard guard(slot->lock);
    slot->generation = slot->generation % max_generation + 1;
    slot->asked = &m;
    slot->reserved = false;
    *out_reply = make_id(home.index, slot->generation, index);
    return SPAWNED_OK;
}

spawned_status with_reply(spawned_reply_to reply, reply_use use,
                          spawned_status (*act)(core& home, reply_slot& slot, message& m,
                                                void* argument),
                          void* argument) {
    core* home = runtime_at(reply);
    if (home == nullptr || !is_possible(reply)) {
        const spawned_status why = why_absent(reply);
        return home == nullptr ? why : SPAWNED_EINVAL;
    }
    reply_slot* slot = home->replies.lookup(slot_of(reply));
    if (slot == nullptr) return SPAWNED_EINVAL;
    message* m;
    {
        lock_guard guard(slot->lock);
        if (generation_of(reply) > slot->generation) return SPAWNED_EINVAL;
        if (generation_of(reply) != slot->generation || slot->asked == nullptr)
            return home->stopping.load_acquire() != 0 ? SPAWNED_ESTOPPED : SPAWNED_EALREADY;
        m = slot->asked;
        if (use == reply_use::look) return act(*home, *slot, *m, argument);
        slot->asked = nullptr;
    }
    const spawned_status status = act(*home, *slot, *m, argument);
    home->replies.release(slot_of(reply));
    return status;
}

void drop_replies(core& home) {
    for (uint32_t index = 1; index <= home.replies.high_water(); ++index) {
        reply_slot* slot = home.replies.lookup(index);
        if (slot == nullptr) continue;
        message* m;
        bool reserved;
        {
            lock_guard guard(slot->lock);
            m = slot->asked;
            reserved = slot->reserved;
            slot->asked = nullptr;
        }
        if (m != nullptr && reserved) free_reply(home, *m, false);
        if (m != nullptr) resolve_with(home, *m, SPAWNED_ESTOPPED, nullptr, holds::a_handle);
    }
}

}  // namespace spawned::engine
