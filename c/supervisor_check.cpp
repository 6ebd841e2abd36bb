#include "supervisor_check.hpp"

#include <stdarg.h>
#include <stdio.h>

#include "check.hpp"
#include "registry/name.hpp"
#include "start.hpp"
#include "supervise/policy.hpp"

namespace spawned::boundary {

namespace {

constexpr uint32_t most_depth = 64;
constexpr uint32_t most_supervisors = 100000;
constexpr size_t most_children = 10000;
constexpr uint32_t known_child_flags = SPAWNED_CHILD_SIGNIFICANT | SPAWNED_CHILD_KILL;

// Where in the tree a description stands, for the sentence.
struct place {
    const place* above;
    const char* supervisor;
    const char* child;
    uint32_t depth;
};

void write_path(const place* at, char* text, size_t capacity, size_t* used) {
    if (at == nullptr) return;
    write_path(at->above, text, capacity, used);
    if (*used >= capacity) return;
    const int length = snprintf(text + *used, capacity - *used, "%s%s", *used != 0 ? "/" : "",
                                at->child != nullptr ? at->child : at->supervisor);
    *used += length > 0 ? static_cast<size_t>(length) : 0;
}

__attribute__((format(printf, 3, 4))) void say(description_fault& fault, const place* at,
                                               const char* format, ...) {
    size_t used = 0;
    write_path(at, fault.text, sizeof fault.text / 2, &used);
    if (used >= sizeof fault.text / 2) used = sizeof fault.text / 2 - 1;
    used += static_cast<size_t>(
        snprintf(fault.text + used, sizeof fault.text - used, "%s", used != 0 ? ": " : ""));
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(fault.text + used, sizeof fault.text - used, format, arguments);
    va_end(arguments);
}

bool is_label(const char* name) {
    size_t length = SPAWNED_ZERO_TERMINATED;
    return name != nullptr && check_name(name, &length) == SPAWNED_OK;
}

void check_tree(const spawned_supervisor* given, const place* above, description_fault& fault);

void check_significance(const spawned_child& one, spawned_auto_shutdown auto_shutdown,
                        const place& here, description_fault& fault) {
    if ((one.flags & SPAWNED_CHILD_SIGNIFICANT) == 0) return;
    if (one.restart == SPAWNED_PERMANENT)
        say(fault, &here, "flags: a permanent child cannot be significant");
    else if (auto_shutdown == SPAWNED_AUTO_SHUTDOWN_NEVER)
        say(fault, &here, "flags: significant, but the supervisor's auto_shutdown is never");
}

// What a child is made from.
void check_substance(const spawned_child& one, const place& here, description_fault& fault) {
    start_options read;
    if ((one.behavior == nullptr) == (one.supervisor == nullptr))
        return say(fault, &here, "behavior, supervisor: exactly one of them is needed");
    if (one.options != nullptr && !read_start_options(one.options, &read))
        return say(fault, &here, "options: malformed");
    if (one.options != nullptr && one.options->argument != nullptr)
        return say(fault, &here, "options.argument: must be NULL; the child has its own");
    if (read.name != nullptr && (check_name(read.name, &read.name_length) != SPAWNED_OK ||
                                 is_reserved_name(read.name, read.name_length)))
        return say(fault, &here, "options.name: not 1 to 255 bytes of UTF-8, or reserved");
    if (one.behavior != nullptr && !is_behavior(one.behavior))
        return say(fault, &here, "behavior: malformed");
    if (one.supervisor == nullptr) return;
    if (one.argument != nullptr)
        return say(fault, &here, "argument: must be NULL for a supervisor");
    if (read.where != backend::pool || read.capacity != 0)
        return say(fault, &here, "options: a supervisor has a name and nothing else");
    check_tree(one.supervisor, &here, fault);
}

void check_one(const spawned_child* given, const place& at, description_fault& fault) {
    if (given == nullptr) return say(fault, &at, "children: one is NULL");
    spawned_child one;
    if (!read_sized(given, &one)) return say(fault, &at, "size: %zu", given->size);
    place here = at;
    if (one.id != nullptr && !is_label(one.id))
        return say(fault, &at, "id: not 1 to 255 bytes of UTF-8");
    here.child = one.id;
    if (one.restart > SPAWNED_TEMPORARY) return say(fault, &here, "restart: %u", one.restart);
    if ((one.flags & ~known_child_flags) != 0) return say(fault, &here, "flags: 0x%x", one.flags);
    if ((one.flags & SPAWNED_CHILD_KILL) != 0 && one.shutdown != 0)
        return say(fault, &here, "shutdown: must be 0 for a child that is killed");
    check_substance(one, here, fault);
}

void check_siblings(const spawned_supervisor& given, size_t i, const place& here,
                    description_fault& fault) {
    const char* id = given.children[i]->id;
    if (id == nullptr) return say(fault, &here, "children[%zu]: id: NULL", i);
    for (size_t other = 0; other < i; ++other)
        if (strcmp(given.children[other]->id, id) == 0)
            return say(fault, &here, "children[%zu]: id: '%s' is there twice", i, id);
}

void check_numbers(const spawned_supervisor& one, const place& here, description_fault& fault) {
    if (one.strategy > SPAWNED_DYNAMIC) return say(fault, &here, "strategy: %u", one.strategy);
    if (one.auto_shutdown > SPAWNED_AUTO_SHUTDOWN_ALL)
        return say(fault, &here, "auto_shutdown: %u", one.auto_shutdown);
    if (one.flags != 0) return say(fault, &here, "flags: 0x%x", one.flags);
    if (one.intensity > most_intensity && one.intensity != SPAWNED_NO_RESTARTS)
        return say(fault, &here, "intensity: %u, more than %u", one.intensity, most_intensity);
    if (one.backoff_max != 0 && one.backoff_max < one.backoff)
        return say(fault, &here, "backoff_max: less than backoff");
    if (one.strategy != SPAWNED_DYNAMIC && one.children_max != 0)
        return say(fault, &here, "children_max: only for a dynamic supervisor");
    if (one.strategy == SPAWNED_DYNAMIC && one.child_count != 0)
        return say(fault, &here, "children: a dynamic supervisor begins without any");
    if (one.child_count > most_children)
        return say(fault, &here, "child_count: %zu, more than %zu", one.child_count, most_children);
    if (one.children == nullptr && one.child_count != 0) return say(fault, &here, "children: NULL");
}

void check_tree(const spawned_supervisor* given, const place* above, description_fault& fault) {
    place here = {above, "supervisor", nullptr, above != nullptr ? above->depth + 1 : 0};
    if (given == nullptr) return say(fault, &here, "NULL");
    if (fault.looked_at++ > most_supervisors)
        return say(fault, nullptr, "more than %u supervisors, or one in itself", most_supervisors);
    spawned_supervisor one;
    if (!read_sized(given, &one)) return say(fault, &here, "size: %zu", given->size);
    if (!is_label(one.name)) return say(fault, &here, "name: not 1 to 255 bytes of UTF-8");
    here.supervisor = one.name;
    if (here.depth > most_depth)
        return say(fault, nullptr, "supervisor '%s': more than %u deep, or in itself", one.name,
                   most_depth);
    check_numbers(one, here, fault);
    for (size_t i = 0; i < one.child_count && !fault.found(); ++i) {
        const place child = {&here, nullptr, "?", here.depth};
        check_one(one.children[i], child, fault);
        if (!fault.found()) check_siblings(one, i, here, fault);
        if (fault.found()) return;
        const place named = {&here, nullptr, one.children[i]->id, here.depth};
        check_significance(*one.children[i], one.auto_shutdown, named, fault);
    }
}

}  // namespace

void check_supervisor(const spawned_supervisor* given, description_fault& fault) {
    check_tree(given, nullptr, fault);
}

void check_child(const spawned_child* given, description_fault& fault) {
    const place here = {nullptr, nullptr, "child", 0};
    check_one(given, here, fault);
    if (fault.found()) return;
    const place named = {nullptr, nullptr, given->id != nullptr ? given->id : "child", 0};
    // Whether its supervisor takes notice is not known here.
    check_significance(*given, SPAWNED_AUTO_SHUTDOWN_ANY, named, fault);
}

}  // namespace spawned::boundary
