#include "platform/loop_guest.hpp"

#include "platform/loop.hpp"

namespace spawned::engine {

namespace {

// libuv's timers count in the loop's time, which is this clock in whole milliseconds.
std::uint64_t milliseconds_from(const uv_loop_t* loop, std::uint64_t monotonic_deadline) {
    constexpr std::uint64_t millisecond = 1'000'000;
    const std::uint64_t due = (monotonic_deadline + millisecond - 1) / millisecond;
    const std::uint64_t now = uv_now(loop);
    return due > now ? due - now : 0;
}

}  // namespace

uv_handle_t* loop_guest::handle(int index) {
    uv_handle_t* const all[handle_count] = {reinterpret_cast<uv_handle_t*>(&bell_),
                                            reinterpret_cast<uv_handle_t*>(&work_),
                                            reinterpret_cast<uv_handle_t*>(&deadline_),
                                            reinterpret_cast<uv_handle_t*>(&after_poll_)};
    return all[index];
}

spawned_status loop_guest::open(uv_loop_t& loop, void (*serve)(void* argument), void* argument) {
    if (!libuv_fits(UV_VERSION_HEX, sizeof loop)) return SPAWNED_EVERSION;
    // What it announces is looked for after every poll.
    const int error = uv_async_init(&loop, &bell_, [](uv_async_t*) {});
    if (error != 0) return error == UV_ENOMEM ? SPAWNED_ENOMEM : SPAWNED_ESYSTEM;
    uv_idle_init(&loop, &work_);
    uv_timer_init(&loop, &deadline_);
    uv_check_init(&loop, &after_poll_);
    serve_ = serve;
    argument_ = argument;
    open_ = handle_count;
    for (int i = 0; i < handle_count; ++i) handle(i)->data = this;
    uv_unref(handle(0));
    uv_unref(handle(2));
    uv_check_start(&after_poll_, [](uv_check_t* seen) {
        auto& self = *static_cast<loop_guest*>(seen->data);
        self.serve_(self.argument_);
    });
    uv_unref(handle(3));
    return SPAWNED_OK;
}

void loop_guest::close(void (*closed)(loop_guest& guest, void* argument), void* argument) {
    closed_ = closed;
    argument_ = argument;
    for (int i = 0; i < handle_count; ++i) uv_close(handle(i), on_closed);
}

void loop_guest::on_closed(uv_handle_t* handle) {
    auto& self = *static_cast<loop_guest*>(handle->data);
    if (--self.open_ == 0) self.closed_(self, self.argument_);
}

void loop_guest::set_work(bool waits) {
    if (waits == works_) return;
    works_ = waits;
    if (waits)
        uv_idle_start(&work_, [](uv_idle_t*) {});
    else
        uv_idle_stop(&work_);
}

void loop_guest::set_deadline(std::uint64_t monotonic_deadline) {
    if (monotonic_deadline == deadline_set_) return;
    deadline_set_ = monotonic_deadline;
    if (monotonic_deadline == UINT64_MAX) {
        uv_timer_stop(&deadline_);
        return;
    }
    // It may fire before the poll: with work the loop does not wait there.
    uv_timer_start(
        &deadline_,
        [](uv_timer_t* seen) {
            auto& self = *static_cast<loop_guest*>(seen->data);
            self.deadline_set_ = UINT64_MAX;
            self.set_work(true);
        },
        milliseconds_from(bell_.loop, monotonic_deadline), 0);
}

void loop_guest::keep(bool wanted) {
    if (wanted)
        uv_ref(handle(0));
    else
        uv_unref(handle(0));
}

}  // namespace spawned::engine
