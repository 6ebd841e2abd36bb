// Host: a thread of the program that runs actors itself, when and for as long as it likes. For a game's tick,
// an event loop, an interpreter; the C header host.h tells the whole story.
//
//     Runtime runtime({.hosted = true});          // no thread but this one
//     Host host(runtime);
//     auto room = runtime.start<RoomActor>();
//     while (frame()) host.run({.budget = milliseconds(2)}).unwrap();
//
// In a runtime with threads of its own, actors started with {.backend = Backend::host} run there and nowhere
// else. Waiting calls of the host (unwrap, join, shutdown) run its actors too. Its handlers await: one that
// blocks gets Status::deadlock unless it can be answered then and there. A loop of libuv: uv.hpp.
#pragma once

#include <spawned/host.h>
#include <spawned/runtime.hpp>

#include <cstdint>
#include <type_traits>

namespace spawned::inline v0 {

// What one run may do; by default all there is to do, without waiting for more.
struct HostLimits {
    std::uint64_t messages = 0;             // at most; 0: no limit
    Duration budget = Duration::forever();  // for about so long; 0: one turn
    Duration wait = {};  // when there is nothing to do: sleep so long for something
};

struct HostOptions {
    // Rung, on any thread, when run should be called; at most once between two runs. It must neither call
    // the library nor throw.
    void (*wake)(void* user_data) = nullptr;
    void* user_data = nullptr;
    Duration slice = {};  // on a loop of libuv: time for actors between two polls; 0: 200 us
};

// Belongs to its runtime and ends with it: copies are the same host. But for wake, its calls are the host
// thread's, elsewhere they answer Status::wrong_context.
class Host {
public:
    // Makes the calling thread the runtime's host; throws if it has one. Until then its actors are refused.
    explicit Host(RuntimeRef runtime, const HostOptions& options = {})
        : Host(make(runtime, options, spawned_host_create)) {}
    // The same with wake() as the bell, which outlives the runtime.
    template <class F>
    requires std::is_invocable_v<F&> Host(RuntimeRef runtime, F& wake)
        : Host(runtime, HostOptions{[](void* bell) { (*static_cast<F*>(bell))(); },
                                    const_cast<void*>(static_cast<const void*>(&wake))}) {}

    // Runs what there is to run. Tells how long the host may stay away unless it is rung: 0 when it should
    // come back at once, for ever when nothing is due.
    Result<Duration> run(const HostLimits& limits = {}) const {
        spawned_duration next = 0;
        const spawned_status status =
            spawned_host_run(host_, limits.messages, limits.budget.count(), limits.wait.count(),
                             &next);
        return after(status, next);
    }
    // What run would tell, without running anything: to be asked right before the host sleeps.
    Result<Duration> next() const {
        spawned_duration next = 0;
        const spawned_status status = spawned_host_next(host_, &next);
        return after(status, next);
    }
    // Ends the wait that run is in, or the next one. Any thread.
    Status wake() const { return Status{spawned_host_wake(host_)}; }

    // Readable when run should be called: for poll, select, epoll. Never read or closed by the program.
    Result<int> descriptor() const {
        std::int32_t descriptor = -1;
        const spawned_status status = spawned_host_descriptor(host_, &descriptor);
        if (status != SPAWNED_OK) return Error(Status{status});
        return static_cast<int>(descriptor);
    }
    // Makes the calling thread the host's, in place of the one before, which calls it no more.
    Status adopt() const { return Status{spawned_host_adopt(host_)}; }

    spawned_host* c_handle() const noexcept { return host_; }

protected:
    explicit Host(spawned_host* host) noexcept : host_(host) {}

    template <class Create>
    static spawned_host* make(RuntimeRef runtime, const HostOptions& options, Create create) {
        spawned_host_options given = SPAWNED_HOST_OPTIONS_INIT;
        given.wake = options.wake;
        given.user_data = options.user_data;
        given.slice = options.slice.count();
        spawned_host* host = nullptr;
        detail::throw_unless_ok(create(runtime.c_handle(), &given, &host));
        return host;
    }

private:
    static Result<Duration> after(spawned_status status, spawned_duration next) {
        if (status != SPAWNED_OK) return Error(Status{status});
        return nanoseconds(next);
    }

    spawned_host* host_;
};

}  // namespace spawned::inline v0
