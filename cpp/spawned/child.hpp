// What a supervisor starts, declared: a tree reads like the list of its children with their policies.
//
//     auto tree = supervisor("app", {.strategy = Strategy::rest_for_one, .period = 5s},
//         child<Database>("db", {.backend = Backend::blocking, .name = "db"}, url),
//         child<Cache>("cache", {.restart = Restart::transient}),
//         supervisor("sessions", {.strategy = Strategy::dynamic}));
//     SupervisorRef app = runtime.start(std::move(tree));
//
// A description is moved into what takes it, and owns what it needs until then: ids, names, and each child's
// start arguments, of which every incarnation is constructed from copies. It can be kept and returned.
#pragma once

#include <spawned/supervisor.h>
#include <spawned/runtime.hpp>

#include <concepts>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace spawned::inline v0 {

// Whom the end of one child concerns.
enum class Strategy : std::uint32_t {
    one_for_one = SPAWNED_ONE_FOR_ONE,
    one_for_all = SPAWNED_ONE_FOR_ALL,
    rest_for_one = SPAWNED_REST_FOR_ONE,  // itself and those after it
    dynamic = SPAWNED_DYNAMIC             // itself; children come at run time only
};

// Whether a child that ended by itself is started anew.
enum class Restart : std::uint32_t {
    permanent = SPAWNED_PERMANENT,  // always
    transient = SPAWNED_TRANSIENT,  // after a failure or a kill
    temporary = SPAWNED_TEMPORARY   // never
};

// Whether a supervisor ends because significant children have, and are not started anew.
enum class AutoShutdown : std::uint32_t {
    never = SPAWNED_AUTO_SHUTDOWN_NEVER,
    any = SPAWNED_AUTO_SHUTDOWN_ANY,
    all = SPAWNED_AUTO_SHUTDOWN_ALL
};

// Of an actor: how it is started, as StartOptions, and when again.
struct ChildOptions {
    Backend backend = Backend::pool;
    Overflow overflow = Overflow::reject;
    std::uint64_t capacity = 0;
    std::string_view name = {};  // of whichever incarnation lives
    Restart restart = Restart::permanent;
    Duration shutdown = seconds(5);  // from stop to kill; none at all: it is killed at once
    bool significant = false;        // see AutoShutdown; not for permanent children
};

struct SupervisorOptions {
    Strategy strategy = Strategy::one_for_one;
    std::uint32_t intensity = 3;  // most restarts within period; 0: none
    Duration period = seconds(5);
    Duration backoff = {};  // the pause before a child's first restart in a row, which then doubles
    Duration backoff_max = {};       // default: 30 s
    std::uint64_t children_max = 0;  // of a dynamic one; default: 100,000
    AutoShutdown auto_shutdown = AutoShutdown::never;
    Duration kill_grace = {};    // at its own end, per killed child; default: 5 s
    std::string_view name = {};  // registered
    // As the child of another one.
    Restart restart = Restart::permanent;
    Duration shutdown = Duration::forever();
    bool significant = false;
};

namespace detail {

// The arguments of a child, for all its incarnations.
template <class A, class... Args>
struct KeptConstruction : Construction {
    std::tuple<Args...> args;

    template <class... Given>
    explicit KeptConstruction(Given&&... given) : args(std::forward<Given>(given)...) {
        build = in;
    }
    static spawned_status in(Construction& self, void* state) {
        try {
            std::apply([&](const Args&... each) { ::new (state) Cell<A>(Args(each)...); },
                       static_cast<const KeptConstruction&>(self).args);
            return SPAWNED_OK;
        } catch (...) {
            return report_exception();  // told by the exit reason alone: nobody here to rethrow it to
        }
    }
    static void destroy(void* argument) {
        delete static_cast<KeptConstruction*>(static_cast<Construction*>(argument));
    }
};

}  // namespace detail

// A child of any kind: child<A> makes an actor's, supervisor one that has children of its own.
class Child {
public:
    Child(Child&& other) noexcept
        : id_(std::move(other.id_)),
          name_(std::move(other.name_)),
          child_(other.child_),
          options_(other.options_),
          tree_(other.tree_),
          children_(std::move(other.children_)) {
        other.child_.destroy = nullptr;
    }
    Child& operator=(Child&&) = delete;
    ~Child() {
        if (child_.destroy != nullptr) child_.destroy(child_.argument);
    }

    // The description in C, of which this remains the owner: valid until this is moved. What has taken
    // the arguments is to be told by `taken`, or they end with this.
    const spawned_child& c_child() {
        child_.id = id_.empty() ? nullptr : id_.c_str();
        options_.name = name_.empty() ? nullptr : name_.data();
        options_.name_length = name_.size();
        child_.options = &options_;
        if (child_.behavior == nullptr) child_.supervisor = &c_supervisor();
        return child_;
    }
    void taken() {
        child_.destroy = nullptr;
        for (Child& each : children_) each.taken();
    }

protected:
    Child(std::string_view id, const spawned_behavior& behavior, const ChildOptions& options)
        : Child(id, options.name, options.restart, options.shutdown, options.significant) {
        child_.behavior = &behavior;
        options_.backend = static_cast<spawned_backend>(options.backend);
        options_.overflow = static_cast<spawned_overflow>(options.overflow);
        options_.capacity = options.capacity;
    }
    Child(std::string_view id, const SupervisorOptions& options, std::vector<Child> children)
        : Child(id, options.name, options.restart, options.shutdown, options.significant) {
        children_ = std::move(children);
        tree_.size = sizeof tree_;
        tree_.strategy = static_cast<spawned_strategy>(options.strategy);
        tree_.auto_shutdown = static_cast<spawned_auto_shutdown>(options.auto_shutdown);
        tree_.intensity = options.intensity == 0 ? SPAWNED_NO_RESTARTS : options.intensity;
        tree_.period = options.period.count();
        tree_.backoff = options.backoff.count();
        tree_.backoff_max = options.backoff_max.count();
        tree_.children_max = options.children_max;
        tree_.kill_grace = options.kill_grace.count();
    }

    const spawned_supervisor& c_supervisor() {
        tree_.name = id_.c_str();
        table_.clear();
        for (Child& each : children_) table_.push_back(&each.c_child());
        tree_.children = table_.data();
        tree_.child_count = table_.size();
        return tree_;
    }
    void keep(void* argument, void (*destroy)(void* argument)) {
        child_.argument = argument;
        child_.destroy = destroy;
    }
    std::string_view name() const { return name_; }

private:
    Child(std::string_view id, std::string_view name, Restart restart, Duration shutdown,
          bool significant)
        : id_(id), name_(name) {
        child_.size = sizeof child_;
        options_.size = sizeof options_;
        child_.restart = static_cast<spawned_restart>(restart);
        child_.shutdown = shutdown.count();
        if (shutdown.count() == 0) child_.flags |= SPAWNED_CHILD_KILL;
        if (significant) child_.flags |= SPAWNED_CHILD_SIGNIFICANT;
    }

    std::string id_, name_;
    spawned_child child_{};
    spawned_actor_options options_{};
    spawned_supervisor tree_{};
    std::vector<Child> children_;
    std::vector<const spawned_child*> table_;
};

// A child that is an A.
template <class A>
class ChildOf : public Child {
public:
    template <class... Args>
    ChildOf(std::string_view id, const ChildOptions& options, std::tuple<Args...> args)
        : Child(id, behavior<A>, options) {
        using Kept = detail::KeptConstruction<A, std::decay_t<Args>...>;
        detail::Construction* kept = std::apply(
            [](auto&&... each) { return new Kept(std::forward<decltype(each)>(each)...); },
            std::move(args));
        keep(kept, Kept::destroy);
    }
};

// A supervisor with its tree: for runtime.start, start_child, or the list of another one.
class Supervisor : public Child {
public:
    Supervisor(std::string_view id, const SupervisorOptions& options, std::vector<Child> children)
        : Child(id, options, std::move(children)) {}

    // As a tree of its own; see Child::c_child.
    using Child::c_supervisor;
    using Child::name;
};

namespace detail {

template <class A, class... Args>
ChildOf<A> make_child(std::string_view id, const ChildOptions& options, Args&&... args) {
    constexpr bool copyable = (std::copy_constructible<std::decay_t<Args>> && ...);
    static_assert(copyable, SPAWNED_DETAIL_NOT_COPYABLE_START);
    if constexpr (copyable) {
        constexpr bool constructible = Constructible<A, std::decay_t<Args>...>;
        static_assert(constructible, SPAWNED_DETAIL_NOT_CONSTRUCTIBLE);
        if constexpr (constructible && implements<A>())
            return ChildOf<A>(id, options, std::forward_as_tuple(std::forward<Args>(args)...));
    }
    throw Error(Status::invalid);  // does not compile before it comes to this
}

template <class Id>
concept ChildId = std::convertible_to<const Id&, std::string_view>;
template <class C>
concept IsChild = std::derived_from<C, Child>;

template <class... Args>
inline constexpr bool begins_with_policy = false;
template <class First, class... Rest>
inline constexpr bool begins_with_policy<First, Rest...> =
    std::is_same_v<std::remove_cvref_t<First>, ChildOptions>;

}  // namespace detail

// An actor to be constructed from args: child<A>("id", {options}, args...). Without an id, which dynamic
// supervisors have no use for, the options come first: child<A>({}, args...).
template <class A, detail::ChildId Id, class... Args>
ChildOf<A> child(const Id& id, const ChildOptions& options, Args&&... args) {
    return detail::make_child<A>(id, options, std::forward<Args>(args)...);
}
template <class A, detail::ChildId Id, class... Args>
requires(!detail::begins_with_policy<Args...>) ChildOf<A> child(const Id& id, Args&&... args) {
    return detail::make_child<A>(id, ChildOptions(), std::forward<Args>(args)...);
}
template <class A, class... Args>
ChildOf<A> child(const ChildOptions& options, Args&&... args) {
    return detail::make_child<A>({}, options, std::forward<Args>(args)...);
}

// A supervisor of these children, which it starts in this order and ends in the reverse one. Where their
// number is known at run time only, they come in a vector.
template <detail::IsChild... Children>
Supervisor supervisor(std::string_view id, const SupervisorOptions& options, Children... children) {
    std::vector<Child> all;
    all.reserve(sizeof...(children));
    (all.push_back(std::move(children)), ...);
    return Supervisor(id, options, std::move(all));
}
inline Supervisor supervisor(std::string_view id, const SupervisorOptions& options,
                             std::vector<Child> children) {
    return Supervisor(id, options, std::move(children));
}
template <detail::IsChild... Children>
Supervisor supervisor(std::string_view id, Children... children) {
    return supervisor(id, SupervisorOptions(), std::move(children)...);
}

}  // namespace spawned::inline v0
