// The parked workers under relacy: a publisher and two workers that park when they find nothing. If
// ever work is left with everybody asleep, relacy reports a deadlock.
#include "relacy_parker.hpp"
#include "relacy_runner.hpp"

#include "sched/idle_workers.hpp"
#include "sched/run_queue.hpp"

namespace spawned::model {
namespace {

enum class fault {
    none,
    no_last_look,         // a worker sleeps without looking once more after it has entered the set
    look_before_publish,  // the publisher asks whom to wake before its work can be seen
    token_dropped         // a worker that was taken out of the set is not unparked
};

struct item {
    plain<int> content;
    plain<int> taken;
};

struct worker {
    worker* next_parked = nullptr;
    plain<bool> parked;
    parker sleep;
};

template <int Items, weakness Weakness = weakness::none, fault Fault = fault::none,
          bool OneIsLast = false>
struct parking : rl::test_suite<parking<Items, Weakness, Fault, OneIsLast>, 3> {
    using policy = relacy<Weakness>;

    aligned_place<engine::run_queue<policy, item, 4>> queue;
    engine::idle_workers<policy, worker> idle;
    worker workers[2];
    item items[Items];
    relacy<>::atomic<uint32_t> left;

    void before() { left.store_relaxed(Items); }

    void thread(unsigned index) {
        if (index == 0)
            publish();
        else
            work(workers[index - 1]);
    }

    void wake_one() {
        worker* one = idle.take_one();
        if (one != nullptr && Fault != fault::token_dropped) one->sleep.unpark();
    }

    void publish() {
        for (item& one : items) {
            one.content = 42;
            const bool early = Fault == fault::look_before_publish && idle.should_wake();
            MODEL_ASSERT(queue->push(&one));
            if (Fault == fault::look_before_publish ? early : idle.should_wake()) wake_one();
        }
    }

    bool take_some() {
        item* out[4];
        const uint32_t count = queue->steal(out, 4);
        for (uint32_t i = 0; i < count; ++i) {
            MODEL_ASSERT(out[i]->content == 42 && out[i]->taken == 0);
            out[i]->taken = 1;
        }
        if (count != 0 && left.fetch_sub_acq_rel(count) == count)
            for (worker& one : workers) one.sleep.unpark();
        return count != 0;
    }

    void work(worker& self) {
        bool searching = false;
        while (left.load_acquire() != 0) {
            if (take_some()) {
                if (searching && idle.end_search() && !queue->empty() && idle.should_wake())
                    wake_one();
                searching = false;
            } else if (!searching && idle.begin_search(1)) {
                searching = true;
            } else {
                idle.enter(&self, searching, OneIsLast && &self == &workers[1]);
                searching = true;
                if (Fault == fault::no_last_look || queue->empty()) self.sleep.park();
                // A token that is left over only ends the next sleep early.
                (void)idle.leave(&self);
            }
        }
    }

    void after() {
        for (item& one : items) MODEL_ASSERT(one.taken == 1);
    }
};

}  // namespace
}  // namespace spawned::model

int main(int count, char** arguments) {
    using namespace spawned::model;
    runner run(count, arguments);
    constexpr unsigned many = 100000;
    run.passes<parking<1>>("one item", many, 3);
    run.passes<parking<2>>("two items", many, 2);
    run.passes<parking<3>>("three items", many, 2);
    run.passes<parking<2, weakness::none, fault::none, true>>("one is woken last", many, 2);

    run.catches<parking<2, weakness::release_is_relaxed>>("mutant: no release", many);
    run.catches<parking<1, weakness::none, fault::no_last_look>>("mutant: no last look", many);
    run.catches<parking<1, weakness::none, fault::look_before_publish>>(
        "mutant: the look comes before the work", many);
    run.catches<parking<1, weakness::none, fault::token_dropped>>("mutant: no token", many);
    return run.result();
}
