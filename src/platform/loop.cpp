#include "platform/loop.hpp"

#include "base/assert.hpp"
#include "base/pause.hpp"
#include "platform/clock.hpp"

namespace spawned::engine {

namespace {

// Stands in the list's head once it is closed.
loop_task closed_mark;

spawned_status status_of(int error) {
    return error == UV_ENOMEM ? SPAWNED_ENOMEM : SPAWNED_ESYSTEM;
}

template <class Handle>
uv_handle_t* as_handle(Handle& one) {
    return reinterpret_cast<uv_handle_t*>(&one);
}

// Whole milliseconds, never too few.
std::uint64_t milliseconds_until(std::uint64_t monotonic_deadline) {
    constexpr std::uint64_t millisecond = 1'000'000;
    const std::uint64_t now = monotonic_now();
    if (monotonic_deadline <= now) return 0;
    return (monotonic_deadline - now + millisecond - 1) / millisecond;
}

// libuv has no public word for it: a handle that was started in a callback reaches the kernel only when
// the loop polls next, so a descriptor that somebody else waits on would not show its events. The head of
// that queue has been two pointers, to itself when empty, in every version 1.
bool has_unregistered(uv_loop_t& loop) {
    static_assert(sizeof loop.watcher_queue == 2 * sizeof(void*));
    const void* head = &loop.watcher_queue;
    return *static_cast<void* const*>(head) != head;
}

}  // namespace

bool loop_tasks::push(loop_task& task) {
    loop_task* before = newest_.load_acquire();
    do {
        if (before == &closed_mark) return false;
        task.next = before;
    } while (!newest_.cas_seq_cst(before, &task));
    return true;
}

bool loop_tasks::waiting() const {
    const loop_task* newest = newest_.load_seq_cst();
    return newest != nullptr && newest != &closed_mark;
}

loop_task* loop_tasks::take_all() {
    if (!waiting()) return nullptr;
    loop_task* newest = newest_.exchange_seq_cst(nullptr);
    loop_task* oldest = nullptr;
    while (newest != nullptr) {
        loop_task* next = newest->next;
        newest->next = oldest;
        oldest = newest;
        newest = next;
    }
    return oldest;
}

bool loop_tasks::close() {
    loop_task* nothing = nullptr;
    return newest_.cas_seq_cst(nothing, &closed_mark) || nothing == &closed_mark;
}

std::uint32_t libuv_version() { return uv_version(); }

bool libuv_fits(std::uint32_t headers_version, std::size_t loop_size) {
    const std::uint32_t found = uv_version();
    return found >> 16 == headers_version >> 16 && found >> 8 >= headers_version >> 8 &&
           uv_loop_size() == loop_size;
}

namespace {

// What a loop opens: libuv aborts the process when the first of all finds no pipe, and forgets to close what
// a later failure leaves. So there has to be room for everything before it begins. (Another thread may
// still be faster.)
bool has_room() {
    constexpr int pipes = 3;
    int ends[pipes][2];
    int opened = 0;
    while (opened < pipes && pipe2(ends[opened], O_CLOEXEC) == 0) ++opened;
    for (int i = 0; i < opened; ++i) {
        ::close(ends[i][0]);
        ::close(ends[i][1]);
    }
    return opened == pipes;
}

}  // namespace

spawned_status event_loop::init() {
    if (!libuv_fits(UV_VERSION_HEX, sizeof own_)) return SPAWNED_EVERSION;
    if (!has_room()) return SPAWNED_ESYSTEM;
    int error = uv_loop_init(loop_);
    if (error != 0) return status_of(error);
    bell_.data = this;
    error = uv_async_init(loop_, &bell_, on_wake);
    if (error != 0) {
        uv_loop_close(loop_);
        return status_of(error);
    }
    uv_timer_init(loop_, &deadline_);
    uv_prepare_init(loop_, &before_wait_);
    before_wait_.data = this;
    uv_prepare_start(&before_wait_, before_wait);
    uv_unref(as_handle(before_wait_));
    uv_unref(as_handle(deadline_));
    return SPAWNED_OK;
}

namespace {

struct leftovers {
    uv_handle_t* ours[3];
    void (*left_open)(const char* kind, void* argument);
    void* argument;
};

}  // namespace

void event_loop::close_left(uv_handle_t* handle, void* seen) {
    auto& all = *static_cast<leftovers*>(seen);
    if (uv_is_closing(handle) != 0) return;
    bool ours = false;
    for (const uv_handle_t* one : all.ours) ours = ours || one == handle;
    if (!ours && all.left_open != nullptr)
        all.left_open(uv_handle_type_name(uv_handle_get_type(handle)), all.argument);
    uv_close(handle, nullptr);
}

void event_loop::deinit(void (*left_open)(const char* kind, void* argument), void* argument) {
    do {
        poll();
    } while (!tasks_.close());
    if (!is_ours()) return;
    closing_ = true;
    rung_.exchange_seq_cst(1);
    while (ringing_.load_seq_cst() != 0) thread_yield();
    leftovers all = {{as_handle(bell_), as_handle(deadline_), as_handle(before_wait_)},
                     left_open,
                     argument};
    do {
        uv_walk(loop_, close_left, &all);
        uv_run(loop_, UV_RUN_DEFAULT);
    } while (uv_loop_close(loop_) != 0);  // a callback of a closing handle may have opened another
}

void event_loop::wake() {
    ringing_.fetch_add_seq_cst(1);
    if (rung_.exchange_seq_cst(1) == 0) uv_async_send(&bell_);
    ringing_.fetch_sub_seq_cst(1);
}

void event_loop::on_wake(uv_async_t* handle) {
    auto& self = *static_cast<event_loop*>(handle->data);
    if (!self.closing_) self.rung_.exchange_seq_cst(0);
}

// A timer that fires before the poll does not end it: stopping the loop keeps it from waiting.
void event_loop::on_deadline(uv_timer_t* handle) { uv_stop(handle->loop); }

void event_loop::before_wait(uv_prepare_t* handle) {
    const auto& self = *static_cast<event_loop*>(handle->data);
    if (self.has_work_ != nullptr && self.has_work_(self.argument_)) uv_stop(handle->loop);
}

void event_loop::run_tasks() {
    for (loop_task* next = tasks_.take_all(); next != nullptr;) {
        loop_task& task = *next;
        next = next->next;
        task.run(task, *this);
    }
}

void event_loop::poll() {
    run_tasks();
    if (!is_ours()) return;
    uv_run(loop_, UV_RUN_NOWAIT);
    run_tasks();
}

void event_loop::wait(std::uint64_t monotonic_deadline, bool (*has_work)(void* argument),
                      void* argument) {
    run_tasks();
    has_work_ = has_work;
    argument_ = argument;
    if (monotonic_deadline != UINT64_MAX) {
        uv_update_time(loop_);
        uv_timer_start(&deadline_, on_deadline, milliseconds_until(monotonic_deadline), 0);
    }
    uv_run(loop_, UV_RUN_ONCE);
    if (monotonic_deadline != UINT64_MAX) uv_timer_stop(&deadline_);
    has_work_ = nullptr;
    run_tasks();
}

bool event_loop::is_active() {
    if (!is_ours()) return false;
    uv_unref(as_handle(bell_));
    const bool active = uv_loop_alive(loop_) != 0;
    uv_ref(as_handle(bell_));
    return active;
}

int event_loop::descriptor() {
    while (has_unregistered(own_)) poll();
    return uv_backend_fd(loop_);
}

std::uint64_t event_loop::time_left() {
    constexpr std::uint64_t millisecond = 1'000'000;
    const int left = uv_backend_timeout(loop_);
    return left < 0 ? UINT64_MAX : static_cast<std::uint64_t>(left) * millisecond;
}

}  // namespace spawned::engine
