#include "registry/group_table.hpp"

#include <cstring>
#include <new>

#include "registry/group.hpp"
#include "registry/registry.hpp"

namespace spawned::engine {

namespace {

void drop_reference(group& g) {
    if (g.references.fetch_sub_acq_rel(1) != 1) return;
    const allocator& memory = g.home->memory;
    const size_t bytes = sizeof(group) + g.name_length;
    g.~group();
    memory.put(&g, bytes, alignof(group));
}

group* group_in(const void* value) { return *static_cast<group* const*>(value); }

void end_reference(void* value, void*) { drop_reference(*group_in(value)); }

spawned_status copy_reference(void* storage, const void* value, void*) {
    group* g = group_in(value);
    refer_to(*g);
    *static_cast<group**>(storage) = g;
    return SPAWNED_OK;
}

// What the table's names hold: a counted pointer.
constexpr spawned_message_type describe_reference() {
    spawned_message_type type = SPAWNED_MESSAGE_TYPE("spawned.group", group*);
    type.destroy = end_reference;
    type.copy = copy_reference;
    return type;
}
constexpr spawned_message_type reference_type = describe_reference();

// With one reference. Null: no memory.
group* make_group(core& home, const char* name, size_t length) {
    void* place = home.memory.get(sizeof(group) + length, alignof(group));
    if (place == nullptr) return nullptr;
    auto* g = ::new (place) group;
    g->home = &home;
    g->references.store_relaxed(1);
    g->name_length = static_cast<uint32_t>(length);
    std::memcpy(g->name(), name, length);
    return g;
}

bool close_if_empty(group& g) {
    lock_guard members(g.lock);
    lock_guard subscriptions(g.subscriptions.lock);
    if (g.closed || !g.entries.empty() || !g.subscriptions.entries.empty()) return false;
    return g.closed = true;
}

}  // namespace

spawned_status init_groups(core& home) {
    home.groups = create<registry>(home.memory);
    if (home.groups == nullptr) return SPAWNED_ENOMEM;
    if (home.groups->init(&home.memory)) return SPAWNED_OK;
    destroy(home.memory, home.groups);
    home.groups = nullptr;
    return SPAWNED_ESYSTEM;
}

void deinit_groups(core& home) {
    if (home.groups == nullptr) return;
    home.groups->deinit();
    destroy(home.memory, home.groups);
    home.groups = nullptr;
}

bool is_open(core&, uint64_t id) { return !reinterpret_cast<const group*>(id)->closed; }

spawned_status find_group(core& home, const char* name, size_t length, group** out_group) {
    return home.groups->get_value(name, length, &reference_type, out_group);
}

spawned_status find_or_make_group(core& home, const char* name, size_t length, group** out_group) {
    if (check_name(name, &length) != SPAWNED_OK) return SPAWNED_EINVAL;
    for (;;) {
        const spawned_status found = find_group(home, name, length, out_group);
        if (found != SPAWNED_ENOENT) return found;
        group* g = make_group(home, name, length);
        if (g == nullptr) return SPAWNED_ENOMEM;
        refer_to(*g);  // the table's
        const spawned_status added = home.groups->add_value(name, length, &reference_type, &g, 0);
        if (added == SPAWNED_OK) {
            *out_group = g;
            return SPAWNED_OK;
        }
        drop_reference(*g);
        drop_reference(*g);
        if (added != SPAWNED_EEXIST) return added;
    }
}

// Nobody else closes it, and no other group takes the name before it is free.
void let_go(group& g) {
    if (close_if_empty(g)) (void)g.home->groups->remove(g.name(), g.name_length);
    drop_reference(g);
}

}  // namespace spawned::engine
