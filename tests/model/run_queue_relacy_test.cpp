// The run queue under relacy: an owner that pushes and pops, and thieves, around a ring so small that its
// indices wrap within a few steps. Every item comes out once, with what was written into it.
#include "relacy_runner.hpp"

#include "sched/run_queue.hpp"

namespace spawned::model {
namespace {

struct item {
    plain<int> content;
    plain<int> taken;
};

template <uint32_t Capacity, int Items, int Thieves, weakness Weakness = weakness::none>
struct stealing : rl::test_suite<stealing<Capacity, Items, Thieves, Weakness>, 1 + Thieves> {
    using queue_type = engine::run_queue<relacy<Weakness>, item, Capacity>;

    aligned_place<queue_type> queue;
    item items[Items];

    void take(item* one) {
        MODEL_ASSERT(one != nullptr && one->content == 42);
        one->taken = one->taken + 1;
    }

    void thread(unsigned index) {
        if (index == 0) return own();
        for (int i = 0; i < 2; ++i) {
            item* out[Capacity];
            const uint32_t count = queue->steal(out, Capacity);
            MODEL_ASSERT(count <= Capacity);
            for (uint32_t k = 0; k < count; ++k) take(out[k]);
        }
    }

    void own() {
        for (item& one : items) {
            one.content = 42;
            while (!queue->push(&one)) {
                item* oldest = queue->pop();
                if (oldest != nullptr) take(oldest);
            }
        }
        if (item* last = queue->pop()) take(last);
    }

    void after() {
        while (item* one = queue->pop()) take(one);
        MODEL_ASSERT(queue->empty());
        for (item& one : items) MODEL_ASSERT(one.taken == 1);
    }
};

}  // namespace
}  // namespace spawned::model

int main(int count, char** arguments) {
    using namespace spawned::model;
    runner run(count, arguments);
    constexpr unsigned many = 150000;
    run.passes<stealing<2, 4, 1>>("one thief, capacity 2", many, 4);
    run.passes<stealing<2, 4, 2>>("two thieves, capacity 2", many, 2);
    run.passes<stealing<4, 6, 1>>("one thief, capacity 4", many, 4);
    run.passes<stealing<4, 6, 2>>("two thieves, capacity 4", many, 2);

    run.catches<stealing<2, 4, 1, weakness::release_is_relaxed>>("mutant: no release", many);
    run.catches<stealing<2, 4, 1, weakness::acquire_is_relaxed>>("mutant: no acquire", many);
    run.catches<stealing<2, 4, 1, weakness::cas_in_two_steps>>("mutant: taken in two steps", many);
    return run.result();
}
