// Runtime: a set of actors with their threads, timers and names. RuntimeRef is the same, borrowed: what a
// handler gets from its context.
#pragma once

#include <spawned/registry.h>
#include <spawned/runtime.h>
#include <spawned/actor.hpp>
#include <spawned/group.hpp>
#include <spawned/link.hpp>
#include <spawned/monitor.hpp>
#include <spawned/named_ref.hpp>
#include <spawned/registry.hpp>
#include <spawned/report.hpp>
#include <spawned/token.hpp>
#include <spawned/work.hpp>

#include <string_view>
#include <tuple>
#include <utility>

namespace spawned::inline v0 {

enum class Backend : std::uint32_t {
    pool = SPAWNED_BACKEND_POOL,          // the runtime's workers
    blocking = SPAWNED_BACKEND_BLOCKING,  // threads that may block
    thread = SPAWNED_BACKEND_THREAD,      // a thread of its own
    host = SPAWNED_BACKEND_HOST           // a thread of the program: host.hpp
};

constexpr const char* name(Backend backend) {
    constexpr const char* names[] = {"pool", "blocking", "thread", "host"};
    const auto index = static_cast<std::uint32_t>(backend);
    return index < sizeof names / sizeof *names ? names[index] : "unknown";
}

enum class Overflow : std::uint32_t {
    reject = SPAWNED_OVERFLOW_REJECT,
    drop_newest = SPAWNED_OVERFLOW_DROP_NEWEST,
    drop_oldest = SPAWNED_OVERFLOW_DROP_OLDEST,
    block = SPAWNED_OVERFLOW_BLOCK
};

// For runtime.start<A>({.backend = Backend::thread}, …).
struct StartOptions {
    Backend backend = Backend::pool;
    Overflow overflow = Overflow::reject;
    std::uint64_t capacity = 0;  // most messages waiting; 0: no bound
    std::string_view name = {};  // registered before the first message
};

namespace detail {

template <class A, class... Args>
concept Constructible = std::is_constructible_v<A, Args...> || requires {
    A{std::declval<Args>()...};
};

template <class A, class... Args>
struct ConstructionOf : Construction {
    std::tuple<Args&&...> args;

    explicit ConstructionOf(Args&&... given) : args(std::forward<Args>(given)...) { build = in; }
    static spawned_status in(Construction& self, void* state) {
        std::apply([&](Args&&... each) { ::new (state) Cell<A>(std::forward<Args>(each)...); },
                   std::move(static_cast<ConstructionOf&>(self).args));
        return SPAWNED_OK;
    }
};

template <class... Args>
inline constexpr bool begins_with_options = false;
template <class First, class... Rest>
inline constexpr bool begins_with_options<First, Rest...> =
    std::is_same_v<std::remove_cvref_t<First>, StartOptions>;

}  // namespace detail

class Supervisor;
class SupervisorRef;

class RuntimeRef {
public:
    explicit RuntimeRef(spawned_runtime* runtime) noexcept : runtime_(runtime) {}

    // Starts an actor, constructed from args on this very thread, and returns once it is. What its
    // constructor throws comes out here; an Error says what else is wrong.
    template <class A, class... Args>
    requires(!detail::begins_with_options<Args...>) ActorRef<A> start(Args&&... args)
    const { return start<A>(StartOptions(), std::forward<Args>(args)...); }
    template <class A, class... Args>
    ActorRef<A> start(const StartOptions& options, Args&&... args) const {
        return start_by<A>(spawned_actor_start, options, std::forward<Args>(args)...);
    }
    // The same, monitored from its birth on (monitor.hpp): auto [actor, monitor] = …
    template <class A, class... Args>
    requires(!detail::begins_with_options<Args...>) Monitored<A> start_monitored(
        const Watcher& watcher, Args&&... args)
    const { return start_monitored<A>(watcher, StartOptions(), std::forward<Args>(args)...); }
    template <class A, class... Args>
    Monitored<A> start_monitored(const Watcher& watcher, const StartOptions& options,
                                 Args&&... args) const {
        spawned_event event = 0;
        const auto start = [&](spawned_runtime* runtime, const spawned_behavior* described,
                               const spawned_actor_options* given, spawned_pid* out_pid) {
            return spawned_actor_start_monitored(runtime, described, given,
                                                 watcher.pid().c_handle(), &watcher.type(),
                                                 watcher.tag(), out_pid, &event);
        };
        const ActorRef<A> actor = start_by<A>(start, options, std::forward<Args>(args)...);
        return {actor, Event(event)};
    }
    // The same, linked to another one from its birth on (link.hpp).
    template <class A, class... Args>
    requires(!detail::begins_with_options<Args...>) ActorRef<A> start_linked(Pid other,
                                                                             Args&&... args)
    const { return start_linked<A>(other, StartOptions(), std::forward<Args>(args)...); }
    template <class A, class... Args>
    ActorRef<A> start_linked(Pid other, const StartOptions& options, Args&&... args) const {
        const auto start = [other](spawned_runtime* runtime, const spawned_behavior* described,
                                   const spawned_actor_options* given, spawned_pid* out_pid) {
            return spawned_actor_start_linked(runtime, described, given, other.c_handle(), out_pid);
        };
        return start_by<A>(start, options, std::forward<Args>(args)...);
    }

    // Starts a tree, and returns once all of it has started: supervisor.hpp. When a child fails to, nothing
    // is left, and the Error is that failure; for a fault in the description, what and where it is.
    SupervisorRef start(Supervisor tree) const;

    Registry registry() const { return Registry(runtime_); }
    // Whoever has the name when something is sent; T is a class of actors or a protocol.
    template <class T>
    NamedRef<T> named(std::string name) const {
        return NamedRef<T>(runtime_, std::move(name));
    }
    // Everybody who joins the group of that name.
    template <class T>
    Group<T> group(std::string name) const {
        return Group<T>(runtime_, std::move(name));
    }

    // A response that is ready after so long.
    Response<void> sleep(Duration duration) const {
        spawned_response* response = nullptr;
        const spawned_status status = spawned_sleep(runtime_, duration.count(), &response);
        return Response<void>(status == SPAWNED_OK ? response : spawned_response_of_error(status));
    }
    // A response to be completed by hand, from any thread.
    template <class T>
    Promise<T> promise(Duration timeout = Duration::forever()) const {
        return Promise<T>(runtime_, timeout);
    }

    // Runs a closure on the threads that may block, beside the actors; what it throws is an error of the
    // response. In a task, co_await blocking(closure) is the simpler one (work.hpp).
    template <class F>
    auto blocking(F&& closure) const {
        using Closure = std::decay_t<F>;
        return detail::ResponseOf<std::invoke_result_t<Closure&>, F>(
            detail::start_work<Closure>(runtime_, std::forward<F>(closure)));
    }
    // A token, cancelled with its parent if it has one.
    Token token(Token parent = {}) const {
        spawned_token made = 0;
        detail::throw_unless_ok(spawned_token_create(runtime_, parent.c_handle(), &made));
        return Token(made);
    }

    // Stops every actor and waits for their ends, so long at most: then it is timed_out, and may be
    // called again.
    Status shutdown(Duration timeout = seconds(10)) const {
        return Status{spawned_runtime_shutdown(runtime_, timeout.count())};
    }
    // Who has not ended, as seen at one moment while they go on; and what has been counted so far.
    std::vector<ActorReport> busy() const { return detail::report_busy(runtime_); }
    RuntimeStats stats() const {
        RuntimeStats stats = SPAWNED_RUNTIME_STATS_INIT;
        detail::throw_unless_ok(spawned_runtime_stats_get(runtime_, &stats));
        return stats;
    }

    spawned_runtime* c_handle() const noexcept { return runtime_; }

protected:
    spawned_runtime* runtime_;

private:
    template <class A, class Start, class... Args>
    ActorRef<A> start_by(const Start& start, const StartOptions& options, Args&&... args) const {
        constexpr bool constructible = detail::Constructible<A, Args...>;
        static_assert(constructible, SPAWNED_DETAIL_NOT_CONSTRUCTIBLE);
        if constexpr (constructible && implements<A>()) {
            detail::ConstructionOf<A, Args...> construction(std::forward<Args>(args)...);
            return ActorRef<A>(start_with(start, behavior<A>, options, construction));
        } else {
            return ActorRef<A>();
        }
    }
    template <class Start>
    Pid start_with(const Start& start, const spawned_behavior& behavior,
                   const StartOptions& options, detail::Construction& construction) const {
        spawned_actor_options given = SPAWNED_ACTOR_OPTIONS_INIT;
        given.backend = static_cast<spawned_backend>(options.backend);
        given.overflow = static_cast<spawned_overflow>(options.overflow);
        given.capacity = options.capacity;
        given.argument = &construction;
        given.name = options.name.empty() ? nullptr : options.name.data();
        given.name_length = options.name.size();
        spawned_pid pid = 0;
        const spawned_status status = start(runtime_, &behavior, &given, &pid);
        if (construction.failure) std::rethrow_exception(construction.failure);
        detail::throw_unless_ok(status);
        return Pid(pid);
    }
};

// In every field the default is the library's own.
struct RuntimeOptions {
    // Every actor gets a thread of its own, for code that blocks throughout.
    bool threads = false;
    // No thread at all: one of the program runs everything (host.hpp).
    bool hosted = false;
    // One thread at a time, a virtual clock, and every choice drawn from the seed: see Deterministic.
    bool deterministic = false;
    std::uint64_t seed = 0;
    std::uint32_t workers = 0;           // pool threads; 0: one per processor
    std::uint32_t blocking_threads = 0;  // most threads of the blocking pool; 0: 512
    std::uint32_t max_actors = 0;        // alive at once
    Duration slow_handler = {};          // warn of pool handlers that take longer
    Duration stuck_handler = {};         // warn of handlers while they run longer
    const spawned_allocator* allocator = nullptr;
    const spawned_log_sink* log = nullptr;  // copied; without one nothing is ever printed
};

class Runtime : public RuntimeRef {
public:
    Runtime() : Runtime(RuntimeOptions()) {}
    explicit Runtime(const RuntimeOptions& options) : RuntimeRef(create(options)) {}
    Runtime(Runtime&& other) noexcept : RuntimeRef(std::exchange(other.runtime_, nullptr)) {}
    Runtime& operator=(Runtime&&) = delete;
    // Shuts down, with the default limit of 10 s. If an actor is still busy then, its threads, and what
    // they use, stay until the process ends.
    ~Runtime() { (void)spawned_runtime_destroy(runtime_); }

private:
    static spawned_runtime* create(const RuntimeOptions& options) {
        spawned_runtime_options given = SPAWNED_RUNTIME_OPTIONS_INIT;
        if (options.deterministic) given.flags |= SPAWNED_RUNTIME_DETERMINISTIC;
        if (options.threads) given.flags |= SPAWNED_RUNTIME_THREADS;
        if (options.hosted) given.flags |= SPAWNED_RUNTIME_HOSTED;
        given.seed = options.seed;
        given.workers = options.workers;
        given.blocking_threads = options.blocking_threads;
        given.max_actors = options.max_actors;
        given.slow_handler = options.slow_handler.count();
        given.stuck_handler = options.stuck_handler.count();
        given.allocator = options.allocator;
        given.log = options.log;
        spawned_runtime* runtime = nullptr;
        detail::throw_unless_ok(spawned_runtime_create(&given, &runtime));
        return runtime;
    }
};

template <class A>
RuntimeRef Context<A>::runtime() const {
    return RuntimeRef(spawned_context_runtime(context_));
}

}  // namespace spawned::inline v0
