// A descriptor as a source: while it is readable, the program's function is asked for items.
#include "actor/block.hpp"
#include "event/loop_listener.hpp"
#include "event/outside.hpp"

namespace spawned::engine {

namespace {

constexpr uint32_t items_at_once = 64;

struct descriptor_listener : loop_listener {
    descriptor_reader reader;
    spawned_listener_fn next = nullptr;
    int descriptor = -1;
    bool is_open = false;
};

// True: there may be more.
bool feed_from(descriptor_listener& one, bool broken) {
    core& home = *one.home;
    thread* self = current_thread(home);
    const spawned_message_type* type = one.settings.type;
    message* item =
        self != nullptr ? new_message(*self, home, one.to, type, type->value_size) : nullptr;
    if (item == nullptr) {
        end_listener(one, SPAWNED_ENOMEM, nullptr);
        return false;
    }
    outside_outcome got =
        run_outside(*self, [&] { return one.next(one.settings.user_data, value_of(*item)); });
    if (got.status == SPAWNED_OK) {
        item->set(message_constructed);
        got.status = give(one, *item);
        if (got.status == SPAWNED_EFULL) one.reader.pause();
        if (got.status == SPAWNED_OK || got.status == SPAWNED_EFULL)
            return got.status == SPAWNED_OK;
        end_listener(one, got.status, nullptr);
        return false;
    }
    free_message(home, *item);
    if (got.status == SPAWNED_EAGAIN) {
        free_text(home, got.words);
        got = {broken ? spawned_status{SPAWNED_ESYSTEM} : one.reader.poll(), nullptr};
        if (got.status == SPAWNED_OK) return false;
    }
    end_listener(one, got.status == SPAWNED_ENOENT ? SPAWNED_OK : got.status, got.words);
    return false;
}

void ready(void* argument, bool broken) {
    auto& one = *static_cast<descriptor_listener*>(argument);
    hold(one);
    uint32_t left = items_at_once;
    while (left > 0 && feed_from(one, broken)) --left;
    if (left == 0) one.reader.go_on_soon();
    let_go(one);
}

void read_on(loop_listener& self, event_loop& loop) {
    auto& one = static_cast<descriptor_listener&>(self);
    if (!one.is_open) {
        const spawned_status status = one.reader.open(loop, one.descriptor, ready, &one);
        if (status != SPAWNED_OK) {
            end_listener(one, status, nullptr);
            return;
        }
        one.is_open = true;
        hold(one);  // by libuv's handles
    }
    ready(&one, false);
}

void close_reader(loop_listener& self) {
    auto& one = static_cast<descriptor_listener&>(self);
    if (one.is_open)
        one.reader.close([](void* closed) { let_go(*static_cast<descriptor_listener*>(closed)); });
}

}  // namespace

spawned_status start_descriptor_listener(core& home, const loop_settings& settings, int descriptor,
                                         spawned_listener_fn next, message& promise) {
    auto* one = make_loop_listener<descriptor_listener>(home, settings, promise);
    if (one == nullptr) return SPAWNED_ENOMEM;
    one->go_on = read_on;
    one->close = close_reader;
    one->descriptor = descriptor;
    one->next = next;
    return begin_soon(*one);
}

}  // namespace spawned::engine
