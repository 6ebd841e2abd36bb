#include <spawned/uv.h>

#include "event/loop_listener.hpp"
#include "host_options.hpp"
#include "listening.hpp"
#include "sched/loop_holder.hpp"

using namespace spawned::boundary;

namespace {

// A function on its way to the loop.
struct submitted : loop_task {
    core* home;
    void (*function)(native_loop* loop, void* user_data);
    void* user_data;
};

void call(loop_task& self, event_loop& loop) {
    auto& mine = static_cast<submitted&>(self);
    const auto function = mine.function;
    void* const user_data = mine.user_data;
    destroy(mine.home->memory, &mine);
    function(loop.native(), user_data);
}

}  // namespace

extern "C" {

spawned_status spawned_uv_check(uint32_t headers_version, size_t loop_size) {
    return libuv_fits(headers_version, loop_size) ? SPAWNED_OK : SPAWNED_EVERSION;
}

spawned_status spawned_uv_submit(spawned_runtime* runtime,
                                 void (*run)(native_loop* loop, void* user_data), void* user_data) {
    const spawned_status status = check_runtime(runtime);
    if (status != SPAWNED_OK) return status;
    if (run == nullptr) return SPAWNED_EINVAL;
    core& home = *core_of(runtime);
    auto* made = create<submitted>(home.memory);
    if (made == nullptr) return SPAWNED_ENOMEM;
    made->run = call;
    made->home = &home;
    made->function = run;
    made->user_data = user_data;
    const spawned_status taken = run_on_loop(home, *made);
    if (taken != SPAWNED_OK) destroy(home.memory, made);
    return taken;
}

spawned_status spawned_uv_loop(spawned_runtime* runtime, native_loop** out_loop) {
    spawned_status status = check_runtime(runtime);
    if (status != SPAWNED_OK) return status;
    if (out_loop == nullptr) return SPAWNED_EINVAL;
    event_loop* loop = loop_of(*core_of(runtime), &status);
    *out_loop = loop != nullptr ? loop->native() : nullptr;
    return status;
}

spawned_status spawned_uv_listen(spawned_pid to, const spawned_message_type* type,
                                 native_stream* stream, spawned_uv_cut_fn cut, void* user_data,
                                 void (*destroy)(void* user_data), spawned_token until,
                                 spawned_response** out_response) {
    return begin_listening(
        {to, until, user_data, destroy}, stream != nullptr && is_type(type), out_response,
        [=](core& home) {
            if (cut == nullptr && (type->flags & SPAWNED_TYPE_VARIABLE) == 0)
                return spawned_status{SPAWNED_EUNSUPPORTED};
            spawned_status status;
            const event_loop* loop = loop_of(home, &status);
            if (loop == nullptr) return status;
            if (!stream_reader::belongs_to(*stream, loop->native()))
                return spawned_status{SPAWNED_EINVAL};
            return check_item_type(home, type, true);
        },
        [=](core& home, message& promise) {
            return start_stream_listener(home, {to, type, until, user_data, destroy}, *stream, cut,
                                         promise);
        });
}

spawned_status spawned_uv_host_create(spawned_runtime* runtime, native_loop* loop,
                                      const spawned_host_options* options,
                                      spawned_host** out_host) {
    if (loop == nullptr) return SPAWNED_EINVAL;
    return create_host(runtime, options, loop, out_host);
}

spawned_status spawned_uv_host_keep(spawned_host* given, int32_t keep) {
    if (given == nullptr || (keep != 0 && keep != 1)) return SPAWNED_EINVAL;
    return keep_loop(*reinterpret_cast<host*>(given), keep != 0);
}
}
