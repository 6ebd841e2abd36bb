// Listeners: they feed a sequence into a mailbox, one message for each item, in order.
//
//     listen(actor, std::vector<Line>{…});       // a range: iterated on a thread that may block
//     listen(actor, lines_of(reader));           // a generator, which awaits on the pool
//     listen_descriptor(actor, socket, [&]() -> Result<Line> {…});  // asked while it is readable
//
// A listener meets the receiver's bound: with Overflow::block it waits for room. It ends with its source; when
// the receiver is asked to stop, or the token is cancelled, or a send fails, it ends before: a generator at
// once, a range with its next item. The response says how many were sent, or why it ended early (when it was
// told to: Status::stopped); dropping the response changes nothing. A mailbox without a bound takes whatever comes:
// a generator that never awaits gives way to others after every 1,024 items and then goes on, so its receiver runs, but
// what it has not handled yet is in memory. Who is slower than a source has a capacity and Overflow::block. What pushes instead of being asked is a
// Source (source.hpp); streams of libuv are in uv.hpp; time is send_interval.
#pragma once

#include <spawned/listener.h>
#include <spawned/detail/item.hpp>
#include <spawned/generator.hpp>
#include <spawned/runtime.hpp>
#include <spawned/token.hpp>

#include <cstdint>
#include <optional>
#include <type_traits>
#include <utility>

namespace spawned::inline v0 {

namespace detail {

template <Message M>
struct Feed {
    using Reply = std::uint64_t;
    Generator<M> source;
    Pid to;
    Token receiver, until;  // each of them ends it
};

// After so many items in a row that were neither waited for nor had to wait for room, others have their turn.
inline constexpr int feed_turn = 1024;

// Lives for one generator. What ends it early kills it: that destroys the generator where it is suspended.
template <Message M>
class Feeder : public Actor<Feeder<M>, Feed<M>> {
public:
    Task<Result<std::uint64_t>> handle(Feed<M>&& feed, Context<Feeder>& context) {
        context.stop();
        const auto end = [self = context.self().pid()] { (void)self.kill(); };
        auto with_receiver = feed.receiver.on_cancel(end);
        auto with_token = (feed.until == Token() ? feed.receiver : feed.until).on_cancel(end);
        std::uint64_t sent = 0;
        int in_this_turn = 0;
        while (std::optional<M> item = co_await feed.source.next()) {
            if (feed.receiver.is_cancelled() || feed.until.is_cancelled())
                co_return Error(Status::stopped);
            Response<void> sending =
                send_waiting_to<M>(feed.to.c_handle(), SPAWNED_FOREVER, std::move(*item));
            in_this_turn = sending.is_ready() ? in_this_turn + 1 : 0;
            const Result<void> accepted = co_await std::move(sending);
            if (!accepted) co_return accepted.error();
            ++sent;
            if (in_this_turn < feed_turn) continue;
            in_this_turn = 0;
            (void)co_await sleep(Duration());
        }
        co_return sent;
    }
};

// The runtime and the token of who is to receive; Status::stopped if there is no such actor any more.
struct Receiver {
    Pid pid;
    spawned_runtime* runtime;
    spawned_token token = 0;
    spawned_status status;

    explicit Receiver(Pid of)
        : pid(of),
          runtime(spawned_pid_runtime(of.c_handle())),
          status(runtime != nullptr ? spawned_token_of_actor(of.c_handle(), &token)
                                    : SPAWNED_ESTOPPED) {}
};

}  // namespace detail

template <class To, class M>
Response<std::uint64_t> listen(const To& to, Generator<M> source, Token until = {}) {
    const detail::Receiver receiver(Recipient<M>(to).pid());
    if (receiver.status != SPAWNED_OK)
        return Response<std::uint64_t>::ready(Error(Status{receiver.status}));
    return RuntimeRef(receiver.runtime)
        .start<detail::Feeder<M>>()
        .template emplace_request<detail::Feed<M>>(std::move(source), receiver.pid,
                                                   Token(receiver.token), until);
}

template <class To, class Range>
requires requires(Range& range) {
    range.begin();
    range.end();
}
Response<std::uint64_t> listen(const To& to, Range range, Token until = {}) {
    using M = std::remove_cvref_t<decltype(*range.begin())>;
    const detail::Receiver receiver(Recipient<M>(to).pid());
    if (receiver.status != SPAWNED_OK)
        return Response<std::uint64_t>::ready(Error(Status{receiver.status}));
    return RuntimeRef(receiver.runtime)
        .blocking([pid = receiver.pid.c_handle(), token = Token(receiver.token), until,
                   source = std::move(range)]() mutable {
            std::uint64_t sent = 0;
            for (auto&& item : source) {
                if (token.is_cancelled() || until.is_cancelled()) throw Error(Status::stopped);
                Status status;
                if constexpr (std::is_copy_constructible_v<M>)
                    status = detail::send_to<M>(pid, std::forward<decltype(item)>(item));
                else
                    status = detail::send_to<M>(pid, std::move(item));
                detail::throw_unless_ok(c_status(status));
                ++sent;
            }
            return sent;
        });
}

// Feeds what next() yields while the descriptor is readable and the mailbox has room; where that is full, whether it
// blocks or rejects, the descriptor is not polled. next runs on the runtime's loop, must not wait, and returns an
// item; Error(Status::not_ready), nothing now; Error(Status::not_found), there is no further one; or another
// error, which ends the listener as an exception does. The descriptor becomes non-blocking. It is the closure's,
// which is destroyed once nobody polls it any more and then closes it. The C header listener.h tells the rest.
template <class To, class F>
detail::ResponseOf<void, F> listen_descriptor(const To& to, int descriptor, F&& next,
                                              Token until = {}) {
    using Next = std::decay_t<F>;
    static_assert(detail::Yields<Next>, SPAWNED_DETAIL_NOT_A_SOURCE);
    spawned_response* response = nullptr;
    if constexpr (detail::Yields<Next>) {
        using M = detail::ItemOf<Next>;
        const auto ask = [](void* closure, void* value) {
            return detail::yield_item<Next>(closure, value);
        };
        const spawned_pid pid = Recipient<M>(to).pid().c_handle();
        (void)spawned_listen_descriptor(pid, &message_type<M>, descriptor, ask,
                                        new Next(std::forward<F>(next)),
                                        detail::delete_closure<Next>, until.c_handle(), &response);
    }
    return Response<void>(response);
}

}  // namespace spawned::inline v0
