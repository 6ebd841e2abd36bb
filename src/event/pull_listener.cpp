#include "event/pull_listener.hpp"

#include "actor/block.hpp"
#include "actor/reply.hpp"
#include "event/work.hpp"

namespace spawned::engine {

namespace {

struct pull_listener : listener {
    pull_settings settings = {};
    bool receiver_rejects = false;
    hardware::atomic<thread*> waiting;  // the source's, before it pushes
    hardware::atomic<uint32_t> called;
};

void call_thread(listener& self) {
    auto& one = static_cast<pull_listener&>(self);
    one.called.store_release(1);
    if (thread* waiting = one.waiting.load_acquire()) wake_thread(*one.home, *waiting);
}

bool is_called(void* one) { return static_cast<pull_listener*>(one)->called.load_acquire() != 0; }

spawned_status status_of(waited result) {
    switch (result) {
        case waited::ready:
        case waited::timed_out:
            return SPAWNED_OK;
        case waited::stalled:
            return SPAWNED_EDEADLK;
        case waited::no_memory:
            return SPAWNED_ENOMEM;
        case waited::no_thread:
            return SPAWNED_ESYSTEM;
    }
    SPAWNED_UNREACHABLE();
}

// Asked before the listener begins, which then says whether it was the receiver's answer.
bool rejects(core& home, spawned_pid to) {
    const actor* a = actor_of(home, to);
    const auxiliary* aux = a != nullptr ? a->aux.load_acquire() : nullptr;
    return aux != nullptr && aux->overflow.load_relaxed() == SPAWNED_OVERFLOW_REJECT;
}

spawned_status give(thread& self, pull_listener& one, message& m) {
    for (;;) {
        one.called.store_relaxed(0);
        spawned_status status = push(one, m);
        if (status != SPAWNED_EFULL || one.receiver_rejects) return status;
        status = status_of(wait_until(self, is_called, &one, UINT64_MAX));
        if (status != SPAWNED_OK) return status;
    }
}

spawned_status feed_one(thread& self, pull_listener& one) {
    core& home = *one.home;
    const spawned_message_type* type = one.settings.type;
    message* item = new_message(self, home, one.to, type, type->value_size);
    if (item == nullptr) return SPAWNED_ENOMEM;
    spawned_status status = one.settings.next(one.settings.user_data, value_of(*item));
    if (status != SPAWNED_OK) {
        free_message(home, *item);
        return status;
    }
    item->set(message_constructed);
    status = give(self, one, *item);
    if (status != SPAWNED_OK) drop_message(home, *item);
    return status;
}

spawned_status feed(void* user_data, void*) {
    auto& one = *static_cast<pull_listener*>(user_data);
    thread* self = current_thread(*one.home);
    if (self == nullptr) return SPAWNED_ENOMEM;
    one.waiting.store_release(self);
    while (!is_over(one)) {
        const spawned_status status = feed_one(*self, one);
        if (status != SPAWNED_OK) return status == SPAWNED_ENOENT ? SPAWNED_OK : status;
    }
    return SPAWNED_ESTOPPED;
}

void end_source(void* user_data) {
    auto& one = *static_cast<pull_listener*>(user_data);
    if (one.settings.destroy != nullptr) one.settings.destroy(one.settings.user_data);
    leave_listener(one);
}

void free_pull_listener(listener& self) {
    core& home = *self.home;
    destroy(home.memory, &static_cast<pull_listener&>(self));
}

}  // namespace

spawned_status start_pull_listener(core& home, const pull_settings& settings, message& promise) {
    auto* one = create<pull_listener>(home.memory);
    if (one == nullptr) {
        if (settings.destroy != nullptr) settings.destroy(settings.user_data);
        resolve_with(home, promise, SPAWNED_ENOMEM, nullptr, holds::a_handle);
        return SPAWNED_ENOMEM;
    }
    one->settings = settings;
    one->receiver_rejects = rejects(home, settings.to);
    one->call = call_thread;
    one->gone = free_pull_listener;
    const spawned_status status = begin_listener(*one, home, settings.to, settings.until);
    if (status == SPAWNED_OK)
        return start_work(home, {feed, one, end_source}, promise, settings.to);
    end_source(one);
    resolve_with(home, promise, status, nullptr, holds::a_handle);
    return status;
}

}  // namespace spawned::engine
