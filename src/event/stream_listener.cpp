// A stream of libuv as a source: what is read gathers in a buffer, of which the program's function cuts items.
#include <string.h>

#include "actor/block.hpp"
#include "base/copy.hpp"
#include "event/loop_listener.hpp"
#include "event/outside.hpp"

namespace spawned::engine {

namespace {

constexpr size_t first_buffer = 16'384;
constexpr size_t least_space = 4'096;

struct stream_listener : loop_listener {
    stream_reader reader;
    spawned_uv_cut_fn cut = nullptr;
    // The buffer is there while anything is in it.
    char* bytes = nullptr;
    size_t capacity = 0;
    size_t used = 0, filled = 0;
    uint8_t bytes_class = 0;
    // What there is to say once the buffer is empty.
    bool at_end = false;
    spawned_status end_status = SPAWNED_OK;
    text* end_words = nullptr;
};

void free_bytes(stream_listener& one) {
    if (one.bytes != nullptr) put_block(*one.home, one.bytes, one.bytes_class);
    one.bytes = nullptr;
    one.capacity = one.used = one.filled = 0;
}

// Room behind what is there. False without memory.
bool make_space(stream_listener& one) {
    const size_t left = one.filled - one.used;
    if (one.capacity >= left + least_space) {
        memmove(one.bytes, one.bytes + one.used, left);
    } else {
        const size_t wanted = one.capacity != 0 ? 2 * one.capacity : first_buffer;
        uint8_t size_class;
        auto* larger = static_cast<char*>(get_block(*one.home, wanted, &size_class));
        if (larger == nullptr) return false;
        if (left != 0) memcpy(larger, one.bytes + one.used, left);
        free_bytes(one);
        one.bytes = larger;
        one.capacity = wanted;
        one.bytes_class = size_class;
    }
    one.used = 0;
    one.filled = left;
    return true;
}

bool is_variable(const stream_listener& one) {
    return (one.settings.type->flags & SPAWNED_TYPE_VARIABLE) != 0;
}

struct cut_item {
    outside_outcome outcome;
    message* item;
    size_t used;
};

// The first `used` bytes are the item.
cut_item copy_bytes(thread& self, stream_listener& one, size_t used) {
    core& home = *one.home;
    if (used > home.max_payload) return {{SPAWNED_ETOOBIG, nullptr}, nullptr, 0};
    if (used < one.settings.type->value_size) return {{SPAWNED_EINVAL, nullptr}, nullptr, 0};
    message* item = new_message(self, home, one.to, one.settings.type, used);
    if (item == nullptr) return {{SPAWNED_ENOMEM, nullptr}, nullptr, 0};
    copy_value(value_of(*item), one.bytes + one.used, used);
    return {{SPAWNED_OK, nullptr}, item, used};
}

cut_item cut_by_program(thread& self, stream_listener& one, size_t left) {
    core& home = *one.home;
    const bool variable = is_variable(one);
    message* item = nullptr;
    if (!variable) {
        item = new_message(self, home, one.to, one.settings.type, one.settings.type->value_size);
        if (item == nullptr) return {{SPAWNED_ENOMEM, nullptr}, nullptr, 0};
    }
    size_t used = 0;
    outside_outcome got = run_outside(self, [&] {
        return one.cut(one.settings.user_data, one.bytes + one.used, left, &used,
                       item != nullptr ? value_of(*item) : nullptr);
    });
    const bool wrong = used > left || (got.status == SPAWNED_OK && used == 0);
    if (got.status == SPAWNED_OK && !wrong) {
        if (variable) return copy_bytes(self, one, used);
        return {got, item, used};
    }
    if (item != nullptr) {
        if (got.status == SPAWNED_OK) item->set(message_constructed);
        drop_message(home, *item);
    }
    if (!wrong) return {got, nullptr, used};
    free_text(home, got.words);
    return {{SPAWNED_EINVAL, nullptr}, nullptr, 0};
}

// What the buffer holds at the end of the stream is no item, or the last one.
cut_item cut_rest(thread& self, stream_listener& one, size_t left) {
    if (one.end_status != SPAWNED_OK) return {{one.end_status, one.end_words}, nullptr, 0};
    if (!is_variable(one)) return {{SPAWNED_EFAILED, nullptr}, nullptr, 0};
    return copy_bytes(self, one, left);
}

cut_item cut_one(thread& self, stream_listener& one) {
    const size_t left = one.filled - one.used;
    const size_t most = one.home->max_payload;
    if (one.cut == nullptr) return copy_bytes(self, one, left < most ? left : most);
    const cut_item got = cut_by_program(self, one, left);
    if (got.outcome.status != SPAWNED_EAGAIN || got.used != 0) return got;
    if (one.at_end) {
        free_text(*one.home, got.outcome.words);
        return cut_rest(self, one, left);
    }
    if (left <= most) return got;
    free_text(*one.home, got.outcome.words);
    return {{SPAWNED_ETOOBIG, nullptr}, nullptr, 0};
}

void end_stream(stream_listener& one, outside_outcome how) {
    if (how.words != one.end_words) free_text(*one.home, one.end_words);
    one.end_words = nullptr;
    end_listener(one, how.status == SPAWNED_ENOENT ? spawned_status{SPAWNED_OK} : how.status,
                 how.words);
}

// False: nothing more for now, or ever.
bool feed_from(thread& self, stream_listener& one) {
    const cut_item got = cut_one(self, one);
    one.used += got.used;
    if (got.outcome.status == SPAWNED_EAGAIN) {
        free_text(*one.home, got.outcome.words);
        return got.used != 0;
    }
    if (got.item == nullptr) {
        end_stream(one, got.outcome);
        return false;
    }
    got.item->set(message_constructed);
    const spawned_status status = give(one, *got.item);
    if (status == SPAWNED_EFULL)
        one.reader.stop();
    else if (status != SPAWNED_OK)
        end_stream(one, {status, nullptr});
    return status == SPAWNED_OK;
}

void feed_all(stream_listener& one) {
    thread* self = current_thread(*one.home);
    if (self == nullptr) {
        end_stream(one, {SPAWNED_ENOMEM, nullptr});
        return;
    }
    while (one.used != one.filled)
        if (!feed_from(*self, one)) break;
    if (one.ended) return;
    if (one.used == one.filled) free_bytes(one);
    if (one.in_hand != nullptr) return;
    if (one.at_end) {
        end_stream(one, {one.end_status, one.end_words});
        return;
    }
    const spawned_status status = one.reader.start();
    if (status != SPAWNED_OK) end_stream(one, {status, nullptr});
}

char* space(void* argument, size_t* out_size) {
    auto& one = *static_cast<stream_listener*>(argument);
    if (!make_space(one)) return nullptr;
    *out_size = one.capacity - one.filled;
    return one.bytes + one.filled;
}

void bytes_came(void* argument, size_t count) {
    auto& one = *static_cast<stream_listener*>(argument);
    hold(one);
    one.filled += count;
    feed_all(one);
    let_go(one);
}

void stream_ended(void* argument, spawned_status status, const char* words) {
    auto& one = *static_cast<stream_listener*>(argument);
    hold(one);
    one.at_end = true;
    one.end_status = status;
    if (words != nullptr) one.end_words = new_text(*one.home, words, strlen(words));
    feed_all(one);
    let_go(one);
}

const stream_reader::events stream_events = {space, bytes_came, stream_ended};

void feed_on(loop_listener& self, event_loop&) { feed_all(static_cast<stream_listener&>(self)); }

void detach(loop_listener& self) {
    auto& one = static_cast<stream_listener&>(self);
    one.reader.detach();
    free_bytes(one);
    free_text(*one.home, one.end_words);
}

}  // namespace

spawned_status start_stream_listener(core& home, const loop_settings& settings,
                                     native_stream& stream, spawned_uv_cut_fn cut,
                                     message& promise) {
    auto* one = make_loop_listener<stream_listener>(home, settings, promise);
    if (one == nullptr) return SPAWNED_ENOMEM;
    one->go_on = feed_on;
    one->close = detach;
    one->cut = cut;
    one->reader.attach(stream, stream_events, one);
    const spawned_status status = one->reader.start();
    if (status == SPAWNED_OK) return begin_here(*one);
    end_listener(*one, status, nullptr);
    return status;
}

}  // namespace spawned::engine
