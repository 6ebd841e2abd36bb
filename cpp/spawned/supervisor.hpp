// SupervisorRef: a running supervisor, asked to start, end and tell of its children. How a tree is declared
// stands in child.hpp, what supervisors do in supervisor.h.
#pragma once

#include <spawned/child.hpp>
#include <spawned/response.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace spawned::inline v0 {

// What a child is doing. More values may come.
enum class ChildState : std::uint32_t {
    ended = SPAWNED_CHILD_ENDED,            // it was stopped, or ended and stays so
    starting = SPAWNED_CHILD_STARTING,      // its started has not returned
    running = SPAWNED_CHILD_RUNNING,        //
    stopping = SPAWNED_CHILD_STOPPING,      // asked to end
    restarting = SPAWNED_CHILD_RESTARTING,  // ended, and will be started anew
};

struct ChildInfo {
    std::string id;  // empty for one without
    Pid pid;         // no actor when ended or restarting
    ChildState state = ChildState::ended;
    Restart restart = Restart::permanent;
    bool is_supervisor = false;
    std::uint32_t restarts = 0;  // so far

    static ChildInfo from_c(const spawned_child_info& info) {
        return {info.id,
                Pid(info.pid),
                ChildState{info.state},
                Restart{info.restart},
                info.is_supervisor != 0,
                info.restarts};
    }
};

// Every answer is a Response: unwrapped on a thread, awaited in a handler. The supervisor answers also while its
// children start or end. A pid that is no supervisor's has Status::no_handler for all of it.
class SupervisorRef : public Pid {
public:
    constexpr SupervisorRef() = default;
    // Adopts a pid: the caller knows that it is a supervisor's.
    constexpr explicit SupervisorRef(Pid pid) : Pid(pid) {}

    // Adds a child behind the others; it is there once its started has returned. One whose first start
    // fails is forgotten, and its failure is the answer. No actor: it stopped itself in started.
    template <class A>
    Response<ActorRef<A>> start_child(ChildOf<A> child,
                                      Duration timeout = Duration::forever()) const {
        static_assert(sizeof(ActorRef<A>) == sizeof(spawned_pid));
        return Response<ActorRef<A>>(start(child, timeout));
    }
    Response<SupervisorRef> start_child(Supervisor child,
                                        Duration timeout = Duration::forever()) const {
        return Response<SupervisorRef>(start(child, timeout));
    }

    // Ends a child, and answers when it has; it is not started anew until restart_child. By its id, or by
    // a reference to its present incarnation.
    Response<void> stop_child(std::string_view id, Duration timeout = Duration::forever()) const {
        spawned_response* response = nullptr;
        (void)spawned_supervisor_stop_child_response(c_handle(), id.data(), id.size(),
                                                     timeout.count(), &response);
        return Response<void>(response);
    }
    Response<void> stop_child(Pid child, Duration timeout = Duration::forever()) const {
        spawned_response* response = nullptr;
        (void)spawned_supervisor_stop_pid_response(c_handle(), child.c_handle(), timeout.count(),
                                                   &response);
        return Response<void>(response);
    }

    // Starts a child that has ended and stays so. A is what it was declared to be.
    template <class A>
    Response<ActorRef<A>> restart_child(std::string_view id,
                                        Duration timeout = Duration::forever()) const {
        return Response<ActorRef<A>>(restart(id, timeout));
    }
    Response<Pid> restart_child(std::string_view id, Duration timeout = Duration::forever()) const {
        return Response<Pid>(restart(id, timeout));
    }

    // Forgets a child that has ended and stays so.
    Response<void> delete_child(std::string_view id, Duration timeout = Duration::forever()) const {
        spawned_response* response = nullptr;
        (void)spawned_supervisor_delete_child_response(c_handle(), id.data(), id.size(),
                                                       timeout.count(), &response);
        return Response<void>(response);
    }

    // What a child is doing.
    Response<ChildInfo> child(std::string_view id, Duration timeout = Duration::forever()) const {
        return Response<ChildInfo>(ask(id, timeout), [](const void* answer) -> Result<ChildInfo> {
            return told(answer);
        });
    }
    // Its present incarnation, which a restart replaces: keep a name instead, or ask again. Status::stopped
    // when there is none just now, Status::wrong_type when it is something else.
    template <class A>
    Response<ActorRef<A>> child(std::string_view id, Duration timeout = Duration::forever()) const {
        const auto read = [](const void* answer) -> Result<ActorRef<A>> {
            const Pid pid = told(answer).pid;
            if (!pid) return Error(Status::stopped);
            if (!detail::Reference<ActorRef<A>>::fits(pid.c_handle()))
                return Error(Status::wrong_type);
            return ActorRef<A>(pid);
        };
        return Response<ActorRef<A>>(ask(id, timeout), read);
    }
    Response<SupervisorRef> supervisor(std::string_view id,
                                       Duration timeout = Duration::forever()) const {
        const auto read = [](const void* answer) -> Result<SupervisorRef> {
            const ChildInfo info = told(answer);
            if (!info.pid) return Error(Status::stopped);
            if (!info.is_supervisor) return Error(Status::wrong_type);
            return SupervisorRef(info.pid);
        };
        return Response<SupervisorRef>(ask(id, timeout), read);
    }

    // All children, in the order of their starts.
    Response<std::vector<ChildInfo>> children(Duration timeout = Duration::forever()) const {
        spawned_response* response = nullptr;
        (void)spawned_supervisor_children_response(c_handle(), timeout.count(), &response);
        const auto read = [](const void* answer) -> Result<std::vector<ChildInfo>> {
            const auto* list = static_cast<const spawned_child_list*>(answer);
            std::vector<ChildInfo> all;
            all.reserve(list->count);
            for (std::size_t i = 0; i < list->count; ++i)
                all.push_back(told(spawned_child_list_at(list, i)));
            return all;
        };
        return Response<std::vector<ChildInfo>>(response, read);
    }

private:
    static ChildInfo told(const void* answer) {
        return ChildInfo::from_c(*static_cast<const spawned_child_info*>(answer));
    }
    spawned_response* ask(std::string_view id, Duration timeout) const {
        spawned_response* response = nullptr;
        (void)spawned_supervisor_child_response(c_handle(), id.data(), id.size(), timeout.count(),
                                                &response);
        return response;
    }
    spawned_response* start(Child& child, Duration timeout) const {
        spawned_response* response = nullptr;
        if (spawned_supervisor_start_child_response(c_handle(), &child.c_child(), timeout.count(),
                                                    &response) != SPAWNED_EINVAL)
            child.taken();
        return response;
    }
    spawned_response* restart(std::string_view id, Duration timeout) const {
        spawned_response* response = nullptr;
        (void)spawned_supervisor_restart_child_response(c_handle(), id.data(), id.size(),
                                                        timeout.count(), &response);
        return response;
    }
};

inline SupervisorRef RuntimeRef::start(Supervisor tree) const {
    const spawned_supervisor& described = tree.c_supervisor();
    char fault[512];
    if (spawned_supervisor_check(&described, fault, sizeof fault) != SPAWNED_OK)
        throw Error(Status::invalid, fault);
    spawned_actor_options options{};
    options.size = sizeof options;
    options.name = tree.name().empty() ? nullptr : tree.name().data();
    options.name_length = tree.name().size();
    spawned_pid pid = 0;
    const spawned_status status = spawned_supervisor_start(runtime_, &described, &options, &pid);
    if (status != SPAWNED_EINVAL || pid != 0) tree.taken();
    if (status == SPAWNED_OK) return SupervisorRef(Pid(pid));
    const auto exit = pid != 0 ? Pid(pid).exit_reason() : std::nullopt;
    throw Error(Status{status}, exit ? std::string_view(exit->text()) : std::string_view());
}

}  // namespace spawned::inline v0

template <>
struct std::hash<spawned::SupervisorRef> : std::hash<spawned::Pid> {};
