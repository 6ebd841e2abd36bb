// Group<T>: actors under one name, reached all at once; T is a class of actors or a protocol.
//
//     auto lobby = runtime.group<Room>("lobby");     // there while somebody is in it: nothing creates it
//     lobby.join(context.self());                    // left by itself at the actor's end
//     lobby.broadcast(Room::say{"hello"});           // a copy to everybody, once
//     lobby.subscribe(context.self());               // void handle(GroupChange, Context&): who comes and goes
//
// Joins are counted; a member is in it once. The object is a name, copied at will; it must not be used after its
// runtime.
#pragma once

#include <spawned/group.h>
#include <spawned/detail/addressed.hpp>
#include <spawned/token.hpp>

#include <concepts>
#include <string>
#include <utility>
#include <vector>

namespace spawned::inline v0 {

// Somebody has joined or left. To tell groups from one another by the handler, give each a type:
// struct LobbyChange : GroupChange {};
class GroupChange {
public:
    GroupChange() = default;
    // For tests of handlers.
    explicit GroupChange(const spawned_group_change& told) : told_(told) {}

    Pid pid() const noexcept { return Pid(told_.pid); }
    bool joined() const noexcept { return told_.kind == SPAWNED_GROUP_JOINED; }
    bool left() const noexcept { return told_.kind == SPAWNED_GROUP_LEFT; }
    // How many are in the group after this change.
    std::uint32_t member_count() const noexcept { return told_.member_count; }
    // Which subscription tells, and its tag.
    Event subscription() const noexcept { return Event(told_.subscription); }
    std::uint64_t tag() const noexcept { return told_.tag; }

private:
    spawned_group_change told_{};
};

// What a subscription can send.
template <class N>
concept GroupNotice = Message<N> && std::derived_from<N, GroupChange> &&
                      sizeof(N) == sizeof(GroupChange);

// What came of a broadcast: how many took it, how many did not, and the first refusal's status.
struct Broadcast {
    Status status = Status::ok;
    std::size_t taken = 0;
    std::size_t refused = 0;
};

template <class T>
class Group {
    using Addressed = detail::Addressed<T>;

public:
    using Member = typename Addressed::Reference;

    Group(spawned_runtime* runtime, std::string name) : runtime_(runtime), name_(std::move(name)) {}

    Status join(const Member& member) const {
        return Status{spawned_group_join(name_.data(), name_.size(), member.pid().c_handle())};
    }
    // Takes one join back. Status::not_found: it is not in the group.
    Status leave(const Member& member) const {
        return Status{spawned_group_leave(name_.data(), name_.size(), member.pid().c_handle())};
    }
    // Who is in it at one moment, in no particular order.
    std::vector<Member> members() const {
        std::vector<spawned_pid> pids;
        std::size_t count = 0;
        do {
            pids.resize(count);
            detail::throw_unless_ok(spawned_group_members(runtime_, name_.data(), name_.size(),
                                                          pids.data(), pids.size(), &count));
        } while (count > pids.size());
        std::vector<Member> members;
        members.reserve(count);
        for (std::size_t i = 0; i < count; ++i) members.push_back(Member(Pid(pids[i])));
        return members;
    }

    // A copy to everybody who is in it at one moment, the sender included if it is. Never waits for room.
    template <class M>
    Broadcast broadcast(M&& message) const {
        using Value = std::remove_cvref_t<M>;
        Broadcast result;
        static_assert(Copyable<Value>, SPAWNED_DETAIL_NOT_COPYABLE_BROADCAST);
        if constexpr (Copyable<Value> && Addressed::template takes<Value>()) {
            alignas(Value) unsigned char storage[sizeof(Value)];
            ::new (storage) Value(std::forward<M>(message));  // consumed whatever is returned
            result.status = Status{spawned_group_broadcast(runtime_, name_.data(), name_.size(),
                                                           &message_type<Value>, storage,
                                                           &result.taken, &result.refused)};
        }
        return result;
    }

    // Tells `to` of everybody who is in it, and then of each who joins and leaves, by a message of type N, until `to`
    // ends or the event is cancelled.
    template <GroupNotice N = GroupChange, class To>
    Result<Event> subscribe(const To& to, std::uint64_t tag = 0) const {
        spawned_event event = 0;
        const spawned_status status =
            spawned_group_subscribe(name_.data(), name_.size(), Recipient<N>(to).pid().c_handle(),
                                    &message_type<N>, tag, &event);
        if (status != SPAWNED_OK) return Error(Status{status});
        return Event(event);
    }

private:
    spawned_runtime* runtime_;
    std::string name_;
};

}  // namespace spawned::inline v0
