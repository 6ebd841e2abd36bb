// The listener of a source on the runtime's event loop, which pauses while the mailbox is full. A call from
// outside comes to the loop as a task: all that is told here happens there.
//
//   beginning -> reading <-> paused   a message, refused, is in hand
//   -> ended                          its source is closed; handles that are closing refer to it yet
//
// A source is a descriptor (descriptor_listener.cpp) or a stream (stream_listener.cpp).
#pragma once

#include <spawned/listener.h>
#include <spawned/uv.h>

#include <new>

#include "actor/block.hpp"
#include "event/listener.hpp"
#include "platform/reader.hpp"

namespace spawned::engine {

struct loop_settings {
    spawned_pid to;
    const spawned_message_type* type;
    uint64_t until;  // 0: none
    void* user_data;
    void (*destroy)(void* user_data);
};

// The user data and the promise are taken over, and have ended unless OK.
// Any thread. EUNSUPPORTED in deterministic mode.
spawned_status start_descriptor_listener(core& home, const loop_settings& settings, int descriptor,
                                         spawned_listener_fn next, message& promise);
// On the loop, which is the stream's. cut may be null.
spawned_status start_stream_listener(core& home, const loop_settings& settings,
                                     native_stream& stream, spawned_uv_cut_fn cut,
                                     message& promise);

// For the sources.

struct loop_listener : listener, loop_task {
    loop_settings settings = {};
    message* promise = nullptr;
    message* in_hand = nullptr;
    hardware::atomic<uint32_t> queued;  // the task is, and has a reference
    uint8_t size_class = 0;
    bool ended = false;
    // Its source's: reads on, after begin_soon and after a pause, once nothing is in hand; reads no more.
    void (*go_on)(loop_listener& self, event_loop& loop) = nullptr;
    void (*close)(loop_listener& self) = nullptr;
};

void prepare(loop_listener& one);
void refuse_source(core& home, const loop_settings& settings, message& promise);

// Gives back the block, in gone.
template <class Kind>
void free_loop_listener(listener& self) {
    auto& one = static_cast<Kind&>(self);
    core& home = *one.home;
    const uint8_t size_class = one.size_class;
    one.~Kind();
    put_block(home, &one, size_class);
}

// A listener in a block of its own, which is not submitted before one of the next two. Null without memory:
// the user data and the promise have ended.
template <class Kind>
Kind* make_loop_listener(core& home, const loop_settings& settings, message& promise) {
    uint8_t size_class;
    void* block = get_block(home, sizeof(Kind), &size_class);
    if (block == nullptr) {
        refuse_source(home, settings, promise);
        return nullptr;
    }
    auto* one = ::new (block) Kind;
    one->home = &home;
    one->settings = settings;
    one->promise = &promise;
    one->size_class = size_class;
    one->gone = free_loop_listener<Kind>;
    prepare(*one);
    return one;
}
// Unless OK the listener is gone with its source.
spawned_status begin_soon(loop_listener& one);  // any thread: go_on follows on the loop
spawned_status begin_here(loop_listener& one);  // on the loop; it reads already

// OK: sent. EFULL: it is in hand, and the source pauses until it is told to go on. Else dropped: the
// listener is to end so.
spawned_status give(loop_listener& one, message& m);

// Its source is closed, its user data ends, and the promise is told. words is taken over.
void end_listener(loop_listener& one, spawned_status status, text* words);

}  // namespace spawned::engine
