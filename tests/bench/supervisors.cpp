// What supervision costs as a family grows: restarts among siblings, and the end of many children together.
#include <atomic>
#include <string>
#include <vector>

#include "bench.hpp"
#include "cases.hpp"

namespace bench {

namespace {

const spawned_message_type fail_type = SPAWNED_EMPTY_TYPE("bench.fail");

// Lets the measuring thread go on when so many children have started.
struct births {
    std::atomic<uint64_t> left{0};
    finish done{0};

    void expect(uint64_t count) { left.store(count, std::memory_order_relaxed); }
};

struct child {
    births* all;
    spawned_pid pid;
};

spawned_status init_child(void* state, void* argument, void*) {
    *static_cast<child**>(state) = static_cast<child*>(argument);
    return SPAWNED_OK;
}

spawned_status start_child(spawned_context* context, void* state) {
    child* own = *static_cast<child**>(state);
    own->pid = spawned_context_self(context);
    if (own->all->left.fetch_sub(1, std::memory_order_acq_rel) == 1) own->all->done.release();
    return SPAWNED_OK;
}

spawned_status fail(spawned_context*, void*, void*) { return 1; }

const spawned_handler child_handlers[] = {{&fail_type, fail}};

spawned_behavior child_behavior() {
    spawned_behavior behavior = behavior_of("child", sizeof(child*), child_handlers);
    behavior.init = init_child;
    behavior.started = start_child;
    return behavior;
}
const spawned_behavior failing = child_behavior();

// Tells the first ones of a family to fail, from inside: a send from outside would wake the worker each time.
struct failures {
    const std::vector<child>* children;
    uint64_t count;
};

spawned_status on_failures(spawned_context*, void*, void* value) {
    const auto& wanted = *static_cast<failures*>(value);
    for (uint64_t i = 0; i < wanted.count; ++i)
        check(spawned_send((*wanted.children)[i].pid, &fail_type, nullptr), "send");
    return SPAWNED_OK;
}

const spawned_message_type failures_type = type_of<failures>("bench.failures");
const spawned_handler teller_handlers[] = {{&failures_type, on_failures}};
const spawned_behavior teller = behavior_of("teller", 0, teller_handlers);

spawned_child description_of(const char* id, child* argument) {
    spawned_child one = {};
    one.size = sizeof one;
    one.id = id;
    one.behavior = &failing;
    one.argument = argument;
    return one;
}

spawned_supervisor supervisor_of(spawned_strategy strategy) {
    spawned_supervisor one = {};
    one.size = sizeof one;
    one.name = "family";
    one.strategy = strategy;
    one.intensity = 65536;  // the most there is, within no time to speak of: never too many
    one.period = 1;
    return one;
}

// Processor time of a restart in a family of so many: one after the other fails, or one and all with it.
double restart_ns(uint64_t restarts, uint64_t siblings, spawned_strategy strategy) {
    births all;
    std::vector<child> children(siblings, child{&all, 0});
    std::vector<std::string> ids(siblings);
    std::vector<spawned_child> table(siblings);
    std::vector<const spawned_child*> list(siblings);
    for (uint64_t i = 0; i < siblings; ++i) {
        ids[i] = std::to_string(i);
        table[i] = description_of(ids[i].c_str(), &children[i]);
        list[i] = &table[i];
    }
    spawned_supervisor family = supervisor_of(strategy);
    family.children = list.data();
    family.child_count = siblings;
    fresh_runtime runtime(1);
    spawned_pid pid = 0;
    all.expect(siblings);
    check(spawned_supervisor_start(runtime.get(), &family, nullptr, &pid), "start of a family");
    all.done.acquire();
    const uint64_t rounds = restarts < siblings ? 1 : restarts / siblings;
    const failures wanted = {&children, strategy == SPAWNED_ONE_FOR_ALL ? 1 : siblings};
    const spawned_pid tells = runtime.start(teller);
    const uint64_t begin = cpu_ns();
    for (uint64_t round = 0; round < rounds; ++round) {
        all.expect(siblings);
        check(spawned_send(tells, &failures_type, &wanted), "send");
        all.done.acquire();
    }
    return each(cpu_ns() - begin, rounds * siblings);
}

// Processor time of the end of a child of a dynamic supervisor that ends, with so many.
double end_ns(uint64_t count) {
    births all;
    child argument = {&all, 0};
    const spawned_child one = description_of(nullptr, &argument);
    spawned_supervisor family = supervisor_of(SPAWNED_DYNAMIC);
    family.children_max = count;
    fresh_runtime runtime(1);
    spawned_pid supervisor = 0;
    check(spawned_supervisor_start(runtime.get(), &family, nullptr, &supervisor), "start");
    all.expect(count);
    for (uint64_t i = 0; i < count; ++i) {
        spawned_pid pid = 0;
        check(spawned_supervisor_start_child(supervisor, &one, SPAWNED_FOREVER, &pid), "child");
    }
    const uint64_t begin = cpu_ns();
    check(spawned_actor_stop(supervisor), "stop");
    check(spawned_actor_join(supervisor, SPAWNED_FOREVER), "join");
    return each(cpu_ns() - begin, count);
}

void restart_in_families(uint64_t amount, spawned_strategy strategy, double* values) {
    const double few = restart_ns(amount, 100, strategy);
    values[0] = restart_ns(amount, 1000, strategy);
    values[1] = values[0] / few;
}

}  // namespace

// Each pair: a restart, or an end, in a large family; and that divided by the same in one a tenth as large.
void restart_alone(uint64_t amount, double* values) {
    restart_in_families(amount, SPAWNED_ONE_FOR_ONE, values);
}

void restart_together(uint64_t amount, double* values) {
    restart_in_families(amount, SPAWNED_ONE_FOR_ALL, values);
}

void family_end(uint64_t amount, double* values) {
    const double few = end_ns(amount / 10);
    values[0] = end_ns(amount);
    values[1] = values[0] / few;
}

}  // namespace bench
