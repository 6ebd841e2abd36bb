// A runtime's handles on a loop that belongs to the program: it is served there by whoever runs that loop.
// None of them keeps the loop alive but for work that waits, and for whoever asks for it.
#pragma once

#include <spawned/status.h>

#include <cstdint>

#include <uv.h>

namespace spawned::engine {

class loop_guest {
public:
    // serve runs after each poll of the loop. On the loop's thread, like all but ring.
    // ENOMEM, ESYSTEM, EVERSION: nothing was opened.
    spawned_status open(uv_loop_t& loop, void (*serve)(void* argument), void* argument);

    // serve is called no more. Once the loop has closed the handles, closed(guest, argument) may free the
    // guest.
    void close(void (*closed)(loop_guest& guest, void* argument), void* argument);

    // Any thread, signal handlers included. The caller sees to it that what it published is seen: libuv's
    // own flag does not.
    void ring() { uv_async_send(&bell_); }

    // With work the loop does not wait, and does not end.
    void set_work(bool waits);
    bool has_work() const { return works_; }
    // Serves not later than a millisecond after monotonic_now() has reached it, and not before; UINT64_MAX:
    // no more.
    void set_deadline(std::uint64_t monotonic_deadline);
    // Whether the loop goes on without anything else to do.
    void keep(bool wanted);

    uv_loop_t* native() { return bell_.loop; }

private:
    static constexpr int handle_count = 4;
    uv_handle_t* handle(int index);
    static void on_closed(uv_handle_t* handle);

    uv_async_t bell_;
    uv_idle_t work_;
    uv_timer_t deadline_;
    uv_check_t after_poll_;
    void (*serve_)(void* argument) = nullptr;
    void (*closed_)(loop_guest& guest, void* argument) = nullptr;
    void* argument_ = nullptr;
    std::uint64_t deadline_set_ = UINT64_MAX;
    bool works_ = false;
    int open_ = 0;
};

}  // namespace spawned::engine
