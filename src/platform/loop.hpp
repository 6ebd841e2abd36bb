// An event loop that threads take turns at: whoever holds it runs it, and any thread may hand it something
// to do. Mutual exclusion of the holders is the caller's business; libuv's handles are touched by the
// holder alone.
#pragma once

#include <spawned/status.h>

#include <cstddef>
#include <cstdint>

#include <uv.h>

#include "base/atomic.hpp"

namespace spawned::engine {

class event_loop;
using native_loop = uv_loop_t;

// Something to do on the loop. It is its owner's memory, and is its owner's again when run is called:
// once, by the holder, outside of every lock.
struct loop_task {
    void (*run)(loop_task& self, event_loop& loop) = nullptr;
    loop_task* next = nullptr;  // while it waits
};

// Tasks on their way to the holder: pushed by any thread, taken all at once, in the order of their pushes.
//   open -> closed   when nothing more will be taken
class loop_tasks {
public:
    // false: closed, the task was not taken. What follows in the pushing thread is ordered behind it.
    bool push(loop_task& task);
    bool waiting() const;
    // The oldest first.
    loop_task* take_all();
    // false: something waits, so it stays open.
    bool close();

private:
    atomic<loop_task*> newest_{nullptr};
};

// Whether a program built with these headers (UV_VERSION_HEX, sizeof(uv_loop_t)) can work with the libuv
// that is there at run time: of the same major version and not older, with a loop of the same size.
bool libuv_fits(std::uint32_t headers_version, std::size_t loop_size);
std::uint32_t libuv_version();

class event_loop {
public:
    event_loop() = default;
    event_loop(const event_loop&) = delete;
    event_loop& operator=(const event_loop&) = delete;

    // EVERSION, ENOMEM, ESYSTEM: there is no loop then.
    spawned_status init();
    // In place of init: tasks alone, for a loop that somebody else runs. It is never waited in, nor woken
    // from here, and stays open.
    void init_for(uv_loop_t& other) { loop_ = &other; }

    // Holder, the last: runs what waits, closes every handle that is still open (for those that are not ours
    // `left_open` is called with the kind of handle, if it is not null) and the loop. Other threads may
    // still submit, which is refused, and wake, which does nothing.
    void deinit(void (*left_open)(const char* kind, void* argument), void* argument);

    // Any thread, for the holder to run it. false: the loop has been closed.
    bool submit(loop_task& task) { return tasks_.push(task); }
    bool has_tasks() const { return tasks_.waiting(); }

    // Any thread, signal handlers included: a wait that goes on, or the next one, returns at once.
    void wake();

    // Holder: does what there is to do, without waiting.
    void poll();

    // Holder: the same, but first waits until there is something to do, until it is woken, or until
    // monotonic_now() has reached the deadline: it may return a millisecond late, and any time early.
    // UINT64_MAX is no deadline. Callbacks may run before the wait, too: it is none if has_work(argument)
    // after them.
    void wait(std::uint64_t monotonic_deadline, bool (*has_work)(void* argument), void* argument);

    // Holder: whether any handle or request is active that is not ours. If none is, the loop has nothing to
    // do until it is given a task.
    bool is_active();

    // Holder. Readable when the loop should be polled; only up to date until it is polled.
    int descriptor();
    // Holder: how long until it should be polled in any case; UINT64_MAX: not before it is readable.
    std::uint64_t time_left();

    uv_loop_t* native() const { return loop_; }
    bool is_ours() const { return loop_ == &own_; }

private:
    static void on_wake(uv_async_t* handle);
    static void on_deadline(uv_timer_t* handle);
    static void before_wait(uv_prepare_t* handle);
    static void close_left(uv_handle_t* handle, void* seen);
    void run_tasks();

    uv_loop_t own_;
    uv_loop_t* loop_ = &own_;
    uv_async_t bell_;      // the only one: libuv looks at all of them at each wake-up
    uv_timer_t deadline_;  // of a wait
    uv_prepare_t before_wait_;
    bool (*has_work_)(void* argument) = nullptr;
    void* argument_ = nullptr;
    loop_tasks tasks_;
    // The bell has been rung and not yet heard. libuv's own flag is read too loosely to publish by: a
    // thread that finds it set may be missed.
    atomic<std::uint32_t> rung_{0};
    atomic<std::uint32_t> ringing_{0};  // threads at it: the bell is closed when there is none
    bool closing_ = false;              // holder
};

}  // namespace spawned::engine
