// From names to groups, and how long a group is there: while a watch, or a call under way, refers to it.
#pragma once

#include "actor/core.hpp"
#include "actor/watch.hpp"

namespace spawned::engine {

// The list is its members', and the list's lock the guard of all that changes but the subscriptions' list,
// which has its own, taken behind this one.
//
//   open -> closed   its lists are empty; its name is free, or will be in a moment
struct group : source_list {
    source_list subscriptions;
    core* home = nullptr;
    hardware::atomic<uint32_t> references;
    bool closed = false;              // guard: both locks, to write it
    bool telling = false;             // a thread delivers what stands in line
    uint32_t member_count = 0;        // that are in with a join
    uint32_t subscription_count = 0;  // that are told
    message* first_in_line = nullptr;
    message* last_in_line = nullptr;
    uint32_t name_length = 0;

    char* name() { return reinterpret_cast<char*>(this + 1); }
};

inline group& group_of_members(const watch& one) { return *static_cast<group*>(one.source); }
// A source's id, as the group's watches have it.
inline uint64_t id_of(const group& g) { return reinterpret_cast<uintptr_t>(&g); }
// For watch_source, of the members' list or of the subscriptions'.
bool is_open(core& home, uint64_t id);

// What was found is referred to. Errors: EINVAL, ENOENT.
spawned_status find_group(core& home, const char* name, size_t length, group** out_group);
// Makes it at need. Errors: EINVAL, EPERM, ELIMIT, ENOMEM.
spawned_status find_or_make_group(core& home, const char* name, size_t length, group** out_group);
inline void refer_to(group& g) { g.references.fetch_add_relaxed(1); }
// Ends a reference; a group with empty lists is closed.
void let_go(group& g);

}  // namespace spawned::engine
