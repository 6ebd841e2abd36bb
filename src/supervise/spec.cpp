#include "supervise/spec.hpp"

#include <string.h>

#include <new>

#include "supervise/supervisor.hpp"

namespace spawned::engine {

// A supervisor's behavior under the name of some supervisors; the name follows.
struct named_behavior {
    named_behavior* next;
    spawned_behavior table;
};

namespace {

constexpr uint64_t usual_period = 5 * SPAWNED_SECOND;
constexpr uint64_t usual_shutdown = 5 * SPAWNED_SECOND;
constexpr uint64_t usual_grace = 5 * SPAWNED_SECOND;
constexpr uint64_t usual_backoff_max = 30 * SPAWNED_SECOND;
constexpr uint64_t usual_children_max = 100000;
constexpr uint32_t usual_intensity = 3;

uint64_t or_else(uint64_t given, uint64_t usual) { return given == 0 ? usual : given; }

// Null: there is none (given is null), or no memory; the caller tells by given.
const char* copy_word(core& home, const char* given, size_t length) {
    if (given == nullptr) return nullptr;
    char* copy = static_cast<char*>(home.memory.get(length + 1, 1));
    if (copy == nullptr) return nullptr;
    memcpy(copy, given, length);
    copy[length] = 0;
    return copy;
}

void free_word(core& home, const char* word) {
    if (word != nullptr) home.memory.put(const_cast<char*>(word), strlen(word) + 1, 1);
}

size_t name_length(const spawned_actor_options& options) {
    return options.name_length == 0 || options.name_length == SPAWNED_ZERO_TERMINATED
               ? strlen(options.name)
               : options.name_length;
}

void drop_argument(void* argument, void (*destroy)(void* argument)) {
    if (destroy != nullptr) destroy(argument);
}

named_behavior* find_named(core& home, const char* name) {
    named_behavior* one = home.supervisors;
    while (one != nullptr && strcmp(one->table.name, name) != 0) one = one->next;
    return one;
}

size_t behavior_bytes(const char* name) { return sizeof(named_behavior) + strlen(name) + 1; }

// A behavior is known by its address for as long as the runtime lives: one for each name, not for each copy.
const spawned_behavior* behavior_named(core& home, const char* name) {
    void* place = home.memory.get(behavior_bytes(name), alignof(named_behavior));
    lock_guard guard(home.class_lock);
    named_behavior* found = find_named(home, name);
    if (found == nullptr && place != nullptr) {
        found = ::new (place) named_behavior{home.supervisors, supervisor_behavior};
        found->table.name = static_cast<const char*>(memcpy(found + 1, name, strlen(name) + 1));
        home.supervisors = found;
    } else if (place != nullptr) {
        home.memory.put(place, behavior_bytes(name), alignof(named_behavior));
    }
    return found != nullptr ? &found->table : nullptr;
}

// What is not yet there is null.
void free_supervisor(core& home, supervisor_spec& spec) {
    for (uint64_t i = 0; i < spec.child_count; ++i) end_child_spec(home, spec.children[i]);
    if (spec.children != nullptr)
        home.memory.put(spec.children, sizeof(child_spec) * spec.child_count, alignof(child_spec));
    free_word(home, spec.name);
    free_remains(home, spec.remains);
    destroy(home.memory, &spec);
}

bool copy_children(core& home, const spawned_supervisor& given, supervisor_spec& spec) {
    if (given.child_count == 0) return true;
    spec.children = static_cast<child_spec*>(
        home.memory.get(sizeof(child_spec) * given.child_count, alignof(child_spec)));
    size_t i = 0;
    while (spec.children != nullptr && i < given.child_count &&
           copy_child(home, *given.children[i], spec.children[i]))
        ++i;
    if (i == given.child_count) {
        spec.child_count = i;
        return true;
    }
    // What copy_child took it has ended; the rest was not looked at.
    for (size_t rest = spec.children != nullptr ? i + 1 : 0; rest < given.child_count; ++rest)
        refuse_child(*given.children[rest]);
    if (spec.children == nullptr) return false;
    while (i > 0) end_child_spec(home, spec.children[--i]);
    home.memory.put(spec.children, sizeof(child_spec) * given.child_count, alignof(child_spec));
    spec.children = nullptr;
    return false;
}

}  // namespace

void refuse_child(const spawned_child& given) {
    drop_argument(given.argument, given.destroy);
    if (given.supervisor != nullptr) refuse_supervisor(*given.supervisor);
}

void refuse_supervisor(const spawned_supervisor& given) {
    for (size_t i = 0; i < given.child_count; ++i) refuse_child(*given.children[i]);
}

void end_child_spec(core& home, child_spec& spec) {
    drop_argument(spec.argument, spec.destroy);
    release_supervisor(home, spec.nested);
    free_word(home, spec.id);
    free_word(home, spec.name);
}

bool copy_child(core& home, const spawned_child& given, child_spec& to) {
    const spawned_actor_options usual = SPAWNED_ACTOR_OPTIONS_INIT;
    const spawned_actor_options& options = given.options != nullptr ? *given.options : usual;
    to = {};
    to.argument = given.argument;
    to.destroy = given.destroy;
    to.behavior = given.behavior;
    to.shutdown =
        or_else(given.shutdown, given.supervisor != nullptr ? SPAWNED_FOREVER : usual_shutdown);
    if (given.shutdown == SPAWNED_DEFAULT) to.shutdown = usual_shutdown;
    if ((given.flags & SPAWNED_CHILD_KILL) != 0) to.shutdown = 0;
    to.capacity = options.capacity;
    to.where = static_cast<uint8_t>(options.backend);
    to.overflow = static_cast<uint8_t>(options.overflow);
    to.restart = static_cast<uint8_t>(given.restart);
    to.significant = (given.flags & SPAWNED_CHILD_SIGNIFICANT) != 0;
    to.id = copy_word(home, given.id, given.id != nullptr ? strlen(given.id) : 0);
    to.name = copy_word(home, options.name, options.name != nullptr ? name_length(options) : 0);
    bool complete = (given.id == nullptr || to.id != nullptr) &&
                    (options.name == nullptr || to.name != nullptr);
    if (given.supervisor != nullptr) {
        if (complete) {
            to.nested = copy_supervisor(home, *given.supervisor);
            complete = to.nested != nullptr;
        } else {
            refuse_supervisor(*given.supervisor);
        }
        if (complete) to.behavior = to.nested->behavior;
    }
    if (!complete) end_child_spec(home, to);
    return complete;
}

supervisor_spec* copy_supervisor(core& home, const spawned_supervisor& given) {
    auto* spec = create<supervisor_spec>(home.memory);
    if (spec == nullptr) {
        refuse_supervisor(given);
        return nullptr;
    }
    spec->references.store_relaxed(1);
    spec->intensity = given.intensity == SPAWNED_NO_RESTARTS ? 0
                      : given.intensity == 0                 ? usual_intensity
                                                             : given.intensity;
    spec->period = or_else(given.period, usual_period);
    spec->backoff = given.backoff;
    spec->backoff_max = or_else(given.backoff_max, usual_backoff_max);
    spec->children_max = or_else(given.children_max, usual_children_max);
    spec->kill_grace = or_else(given.kill_grace, usual_grace);
    spec->strategy = given.strategy;
    spec->auto_shutdown = given.auto_shutdown;
    spec->name = copy_word(home, given.name, strlen(given.name));
    if (spec->name != nullptr) spec->behavior = behavior_named(home, spec->name);
    if (spec->behavior == nullptr) {
        refuse_supervisor(given);
    } else if (copy_children(home, given, *spec)) {
        return spec;
    }
    free_supervisor(home, *spec);
    return nullptr;
}

void deinit_supervision(core& home) {
    while (named_behavior* one = home.supervisors) {
        home.supervisors = one->next;
        home.memory.put(one, behavior_bytes(one->table.name), alignof(named_behavior));
    }
}

void retain_supervisor(supervisor_spec& spec) { (void)spec.references.fetch_add_relaxed(1); }

void release_supervisor(core& home, supervisor_spec* spec) {
    if (spec != nullptr && spec->references.fetch_sub_acq_rel(1) == 1) free_supervisor(home, *spec);
}

}  // namespace spawned::engine
