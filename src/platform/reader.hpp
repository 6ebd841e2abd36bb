// What is read on an event loop: a descriptor that is polled, a stream of libuv. Everything here is for the
// loop's holder.
#pragma once

#include <spawned/status.h>

#include <cstddef>

#include "platform/loop.hpp"

namespace spawned::engine {

using native_stream = uv_stream_t;

// Whether a descriptor can be polled at all: EINVAL: there is none; EUNSUPPORTED: a file or a folder. Any thread.
spawned_status check_descriptor(int descriptor);

class descriptor_reader {
public:
    // ready: the descriptor is readable, or (broken) polls no more. EEXIST: it is polled on this loop already;
    // ENOMEM, ESYSTEM.
    spawned_status open(event_loop& loop, int descriptor,
                        void (*ready)(void* argument, bool broken), void* argument);

    void pause();
    spawned_status poll();  // EEXIST, as above
    // Ready once more after the next poll, whatever the descriptor says.
    void go_on_soon();

    // Ready is called no more, and the descriptor may be closed. Once the loop has let go of this object:
    // closed(argument).
    void close(void (*closed)(void* argument));

private:
    void stop_going_on();
    static void on_closed(uv_handle_t* handle);

    uv_poll_t poll_;
    uv_idle_t again_;
    void (*ready_)(void* argument, bool broken) = nullptr;
    void (*closed_)(void* argument) = nullptr;
    void* argument_ = nullptr;
    bool polls_ = false;
    bool goes_on_ = false;
    int open_ = 0;
};

// The bytes of a stream that is the program's, which sees to it that it stays open. Its data field is ours.
class stream_reader {
public:
    struct events {
        // Room for bytes to come, null without memory.
        char* (*space)(void* argument, std::size_t* out_size);
        void (*bytes)(void* argument, std::size_t count);
        // There is no further byte. OK: the end; of ESYSTEM words tell what the system says. Reading has stopped.
        void (*end)(void* argument, spawned_status status, const char* words);
    };

    // Whether it is a stream of this loop.
    static bool belongs_to(const native_stream& stream, const native_loop* loop);

    void attach(native_stream& stream, const events& wanted, void* argument);
    // The data field is what it was.
    void detach();

    // EINVAL: not open for reading; EALREADY: somebody reads it; ESYSTEM.
    spawned_status start();
    void stop();

private:
    static void on_space(uv_handle_t* handle, std::size_t suggested, uv_buf_t* out_buffer);
    static void on_read(uv_stream_t* stream, ssize_t count, const uv_buf_t* buffer);

    native_stream* stream_ = nullptr;
    void* data_before_ = nullptr;
    const events* events_ = nullptr;
    void* argument_ = nullptr;
    bool reads_ = false;
};

}  // namespace spawned::engine
