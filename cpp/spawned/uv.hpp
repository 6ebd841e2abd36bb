// libuv: its handles on the runtime's event loop, and the whole runtime on a loop of the program. To be
// included by itself, beside <uv.h>, which it does not need; the C header uv.h tells the rules.
//
//     uv::submit(runtime, [&](uv_loop_t* loop) { return uv_tcp_init(loop, &server); })  // where handles may be
//                                                                                       // touched
//     uv::listen(actor, stream, cut_line)         // there: what is read goes to the actor
//     Runtime runtime({.hosted = true});
//     uv::Host host(runtime, &loop);              // actors run between the polls of this loop
//     uv_run(&loop, UV_RUN_DEFAULT);
//
// A program that uses both asks SPAWNED_UV_CHECK() first: whether the libuv that is there fits its <uv.h>.
// A runtime on the program's loop ends before the loop, which runs once more in between.
#pragma once

#include <spawned/uv.h>
#include <spawned/actor_ref.hpp>
#include <spawned/detail/item.hpp>
#include <spawned/host.hpp>
#include <spawned/token.hpp>

#include <string_view>
#include <type_traits>
#include <utility>

namespace spawned::inline v0 {

namespace detail {

// A function on its way to the loop, with where its result goes.
template <class F, class T>
struct Submitted {
    F function;
    Answer<T> answer;

    static void run(struct uv_loop_s* loop, void* user_data) {
        auto* self = static_cast<Submitted*>(user_data);
        try {
            if constexpr (std::is_void_v<T>)
                self->function(loop), (void)self->answer.send();
            else
                (void)self->answer.send(self->function(loop));
        } catch (...) {
            (void)report_exception_to([self](spawned_status code, const char* text,
                                             std::size_t length) -> spawned_status {
                return c_status(self->answer.fail(Status{code}, {text, length}));
            });
        }
        delete self;
    }
};

}  // namespace detail

namespace uv {

// Calls function(loop) once, soon, where the loop's handles may be touched. The response holds what it
// returns or throws; dropping it changes nothing.
template <class F>
auto submit(RuntimeRef runtime, F&& function) {
    using Function = std::decay_t<F>;
    using T = std::invoke_result_t<Function&, struct uv_loop_s*>;
    using Submitted = detail::Submitted<Function, T>;
    spawned_reply_to to = 0;
    spawned_response* response = nullptr;
    spawned_status status = spawned_promise_create(runtime.c_handle(), detail::result_type<T>(),
                                                   SPAWNED_FOREVER, &to, &response);
    if (status != SPAWNED_OK) response = spawned_response_of_error(status);
    detail::ResponseOf<T, F> result{Response<T>(response)};
    if (status != SPAWNED_OK) return result;
    detail::Answer<T> answer(to);  // ends the promise if the function cannot be kept
    auto* call = new Submitted{std::forward<F>(function), std::move(answer)};
    status = spawned_uv_submit(runtime.c_handle(), Submitted::run, call);
    if (status == SPAWNED_OK) return result;
    (void)call->answer.fail(Status{status});
    delete call;
    return result;
}

// The runtime's loop, to be touched in submitted functions and in callbacks of its handles only.
inline Result<struct uv_loop_s*> loop(RuntimeRef runtime) {
    struct uv_loop_s* loop = nullptr;
    const spawned_status status = spawned_uv_loop(runtime.c_handle(), &loop);
    if (status != SPAWNED_OK) return Error(Status{status});
    return loop;
}

// Feeds what is read from a stream of the runtime's loop; where the mailbox is full it is not read. To be called
// where handles may be touched. cut takes an item's bytes off the front of those that were read and are not used
// yet, and returns the item:
//
//     Result<Line> cut_line(std::string_view& bytes) {
//         const std::size_t end = bytes.find('\n');
//         if (end == bytes.npos) return Error(Status::not_ready);     // asked again when more has been read
//         Line line{std::string(bytes.substr(0, end))};
//         bytes.remove_prefix(end + 1);
//         return line;
//     }
//
// Error(Status::not_found) says that there is no further item; another error, or an exception, ends the listener.
// It runs on the loop and must not wait. From this call on nobody else reads or closes the stream or uses its data,
// until the closure is destroyed, on the loop, when it is read no more: that may close it. The response says how it
// ended, as the C header uv.h tells.
template <class To, class F>
detail::ResponseOf<void, F> listen(const To& to, struct uv_stream_s* stream, F&& cut,
                                   Token until = {}) {
    using Cut = std::decay_t<F>;
    static_assert(detail::Yields<Cut, std::string_view&>, SPAWNED_DETAIL_NOT_A_SOURCE);
    spawned_response* response = nullptr;
    if constexpr (detail::Yields<Cut, std::string_view&>) {
        using M = detail::ItemOf<Cut, std::string_view&>;
        const auto run = [](void* closure, const char* bytes, std::size_t size,
                            std::size_t* out_used, void* value) {
            std::string_view left(bytes, size);
            const spawned_status status = detail::yield_item<Cut>(closure, value, left);
            *out_used = size - left.size();
            return status;
        };
        const spawned_pid pid = Recipient<M>(to).pid().c_handle();
        (void)spawned_uv_listen(pid, &message_type<M>, stream, run, new Cut(std::forward<F>(cut)),
                                detail::delete_closure<Cut>, until.c_handle(), &response);
    }
    return Response<void>(response);
}

// The calling thread as the runtime's host, on a loop of the program, which that thread runs in place of
// calling run. Waiting work keeps the loop going; timers and messages to come do not.
class Host : public spawned::Host {
public:
    explicit Host(RuntimeRef runtime, struct uv_loop_s* loop, const HostOptions& options = {})
        : spawned::Host(make(runtime, options,
                             [loop](spawned_runtime* of, const spawned_host_options* given,
                                    spawned_host** out_host) {
                                 return spawned_uv_host_create(of, loop, given, out_host);
                             })) {}

    // Whether the loop goes on until the runtime has shut down, even if nothing else is active.
    Status keep(bool going) const {
        return Status{spawned_uv_host_keep(c_handle(), going ? 1 : 0)};
    }
};

}  // namespace uv
}  // namespace spawned::inline v0
