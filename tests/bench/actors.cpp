// Actors: starting, stopping, a tree of a million, and the memory of idle ones.
#include <unistd.h>

#include <atomic>
#include <string>

#include "bench.hpp"
#include "cases.hpp"

namespace bench {

namespace {

const spawned_message_type round_type = SPAWNED_EMPTY_TYPE("bench.round");
const spawned_message_type sum_type = type_of<uint64_t>("bench.sum");

spawned_status on_round_ignored(spawned_context*, void*, void*) { return SPAWNED_OK; }

const spawned_handler idle_handlers[] = {{&round_type, on_round_ignored}};
const spawned_behavior idle = behavior_of("idle", 8, idle_handlers);

// Starts and stops a batch per message, so that the ends of one batch come before the next.
struct batches {
    static constexpr uint64_t batch = 1000;
    uint64_t left;
    finish* done;
};

spawned_status init_batches(void* state, void* argument, void*) {
    *static_cast<batches*>(state) = *static_cast<batches*>(argument);
    return SPAWNED_OK;
}

spawned_status on_round(spawned_context* context, void* state, void*) {
    auto* work = static_cast<batches*>(state);
    spawned_runtime* runtime = spawned_context_runtime(context);
    for (uint64_t i = 0; i < batches::batch; ++i) {
        spawned_pid pid = 0;
        spawned_status status = spawned_actor_start(runtime, &idle, nullptr, &pid);
        if (status == SPAWNED_OK) status = spawned_actor_stop(pid);
        if (status != SPAWNED_OK) return status;
    }
    if (--work->left == 0) {
        work->done->release();
        return SPAWNED_OK;
    }
    return spawned_send(spawned_context_self(context), &round_type, nullptr);
}

const spawned_handler batch_handlers[] = {{&round_type, on_round}};

spawned_behavior starter_behavior() {
    spawned_behavior behavior = behavior_of("starter", sizeof(batches), batch_handlers);
    behavior.init = init_batches;
    return behavior;
}
const spawned_behavior starter = starter_behavior();

// Counts itself when it first runs.
struct arrivals {
    std::atomic<uint64_t> left;
    finish done{0};
};

spawned_status init_arrival(void* state, void* argument, void*) {
    *static_cast<arrivals**>(state) = static_cast<arrivals*>(argument);
    return SPAWNED_OK;
}

spawned_status arrive(spawned_context*, void* state) {
    arrivals* all = *static_cast<arrivals**>(state);
    if (all->left.fetch_sub(1, std::memory_order_acq_rel) == 1) all->done.release();
    return SPAWNED_OK;
}

spawned_behavior arriving_behavior() {
    spawned_behavior behavior = behavior_of("arriving", sizeof(arrivals*), idle_handlers);
    behavior.init = init_arrival;
    behavior.started = arrive;
    return behavior;
}
const spawned_behavior arriving = arriving_behavior();

// Skynet: a tree of ten children each; the leaves send their numbers up and all end.
struct node {
    spawned_pid parent;
    uint64_t number;
    uint64_t size;
    uint64_t sum;
    uint32_t answers;
    finish* done;
};

spawned_status init_node(void* state, void* argument, void*) {
    *static_cast<node*>(state) = *static_cast<node*>(argument);
    return SPAWNED_OK;
}

extern const spawned_behavior tree_node;

spawned_status answer_parent(spawned_context* context, node& self) {
    if (self.parent == 0)
        self.done->release();
    else
        check(spawned_send(self.parent, &sum_type, &self.sum), "send");
    return spawned_context_stop(context);
}

spawned_status begin_node(spawned_context* context, void* state) {
    auto* self = static_cast<node*>(state);
    if (self->size == 1) {
        self->sum = self->number;
        return answer_parent(context, *self);
    }
    spawned_actor_options options = SPAWNED_ACTOR_OPTIONS_INIT;
    for (uint64_t i = 0; i < 10; ++i) {
        const uint64_t size = self->size / 10;
        node child = {spawned_context_self(context), self->number + i * size, size, 0, 0, nullptr};
        options.argument = &child;
        spawned_pid pid = 0;
        check(spawned_actor_start(spawned_context_runtime(context), &tree_node, &options, &pid),
              "start");
    }
    return SPAWNED_OK;
}

spawned_status on_sum(spawned_context* context, void* state, void* value) {
    auto* self = static_cast<node*>(state);
    self->sum += *static_cast<uint64_t*>(value);
    return ++self->answers == 10 ? answer_parent(context, *self) : SPAWNED_OK;
}

const spawned_handler tree_handlers[] = {{&sum_type, on_sum}};

spawned_behavior tree_behavior() {
    spawned_behavior behavior = behavior_of("skynet", sizeof(node), tree_handlers);
    behavior.init = init_node;
    behavior.started = begin_node;
    return behavior;
}
const spawned_behavior tree_node = tree_behavior();

uint64_t resident_bytes() {
    unsigned long pages = 0;
    std::FILE* file = std::fopen("/proc/self/statm", "r");
    const bool read = file != nullptr && std::fscanf(file, "%*u %lu", &pages) == 1;
    if (file != nullptr) std::fclose(file);
    return read ? pages * static_cast<uint64_t>(sysconf(_SC_PAGESIZE)) : 0;
}

}  // namespace

void start_and_stop(uint64_t amount, double* values) {
    fresh_runtime runtime(1);
    finish done(0);
    batches work = {amount / batches::batch, &done};
    const spawned_pid by = runtime.start(starter, &work);
    const uint64_t begin = wall_ns();
    check(spawned_send(by, &round_type, nullptr), "send");
    done.acquire();
    values[0] = each(wall_ns() - begin, amount);
}

void start_idle(uint64_t amount, double* values) {
    fresh_runtime runtime(default_workers);
    const uint64_t begin = wall_ns();
    for (uint64_t i = 0; i < amount; ++i) runtime.start(idle);
    values[0] = each(wall_ns() - begin, amount);
}

void start_until_ran(uint64_t amount, double* values) {
    fresh_runtime runtime(default_workers);
    arrivals all{amount};
    const uint64_t begin = wall_ns();
    for (uint64_t i = 0; i < amount; ++i) runtime.start(arriving, &all);
    all.done.acquire();
    values[0] = each(wall_ns() - begin, amount);
}

void skynet(uint64_t amount, double* values) {
    fresh_runtime runtime(default_workers);
    finish done(0);
    node root = {0, 0, amount, 0, 0, &done};
    const uint64_t begin = wall_ns();
    runtime.start(tree_node, &root);
    done.acquire();
    values[0] = each(wall_ns() - begin, amount + (amount - 1) / 9);
}

int print_idle_bytes(uint64_t amount) {
    fresh_runtime runtime(1);
    runtime.start(idle);
    const uint64_t before = resident_bytes();
    for (uint64_t i = 0; i < amount; ++i) runtime.start(idle);
    std::printf("%.1f\n", each(resident_bytes() - before, amount));
    return 0;
}

// In a process of its own: memory that earlier measurements gave back would hide what is taken.
void idle_bytes(uint64_t amount, double* values) {
    char path[4096];
    const ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
    values[0] = 0;
    if (length <= 0) return;
    path[length] = '\0';
    const std::string command =
        "'" + std::string(path) + "' --idle-bytes " + std::to_string(amount);
    std::FILE* output = popen(command.c_str(), "r");
    if (output == nullptr) return;
    if (std::fscanf(output, "%lf", &values[0]) != 1) values[0] = 0;
    pclose(output);
}

}  // namespace bench
