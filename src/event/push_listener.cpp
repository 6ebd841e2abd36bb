#include "event/push_listener.hpp"

#include <new>

#include "actor/block.hpp"
#include "actor/reply.hpp"

namespace spawned::engine {

namespace {

struct push_listener : listener {
    push_settings settings = {};
    message* promise = nullptr;
    hardware::atomic<uint32_t> told;     // the promise was
    spawned_status status = SPAWNED_OK;  // how the source ended
    text* words = nullptr;
    uint8_t size_class = 0;
};

void tell(push_listener& one, spawned_status status, text* words) {
    if (one.told.exchange_acq_rel(1) == 0)
        resolve_with(*one.home, *one.promise, status, words, holds::a_handle);
    else
        free_text(*one.home, words);
}

void call_source(listener& self) {
    auto& one = static_cast<push_listener&>(self);
    if (is_over(one)) tell(one, SPAWNED_ESTOPPED, nullptr);
    if (one.settings.call != nullptr) one.settings.call(one.settings.user_data);
}

void free_push_listener(listener& self) {
    auto& one = static_cast<push_listener&>(self);
    core& home = *one.home;
    const uint8_t size_class = one.size_class;
    if (one.settings.destroy != nullptr) one.settings.destroy(one.settings.user_data);
    tell(one, one.status, one.words);
    put_block(home, &one, size_class);
}

}  // namespace

spawned_status make_push_listener(core& home, const push_settings& settings, message& promise,
                                  listener** out_listener) {
    uint8_t size_class;
    void* block = get_block(home, sizeof(push_listener), &size_class);
    if (block == nullptr) {
        if (settings.destroy != nullptr) settings.destroy(settings.user_data);
        resolve_with(home, promise, SPAWNED_ENOMEM, nullptr, holds::a_handle);
        return SPAWNED_ENOMEM;
    }
    auto* one = ::new (block) push_listener;
    one->settings = settings;
    one->promise = &promise;
    one->size_class = size_class;
    one->call = call_source;
    one->gone = free_push_listener;
    const spawned_status status = begin_listener(*one, home, settings.to, settings.until);
    if (status == SPAWNED_OK)
        *out_listener = one;
    else
        end_push_listener(*one, status, nullptr, 0);
    return status;
}

void end_push_listener(listener& self, spawned_status status, const char* words, size_t length) {
    auto& one = static_cast<push_listener&>(self);
    one.status = SPAWNED_ESTOPPED;
    if (!is_over(one)) {
        one.status = status;
        if (status != SPAWNED_OK) one.words = new_text(*one.home, words, length);
    }
    leave_listener(one);
}

}  // namespace spawned::engine
