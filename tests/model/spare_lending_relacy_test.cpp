// The lending of spares under relacy: workers that wait now and then, and a spare that goes back between
// two actors. While all workers wait, somebody must be there to run what they wait for.
#include "relacy_runner.hpp"

#include "sched/spare_lending.hpp"

namespace spawned::model {
namespace {

enum class fault {
    none,
    two_words,   // as many counts as words: what was compared may have changed
    never_lent,  // who waits relies on a spare that is not there
    never_ended  // a wait that is over keeps its spare
};

// The counts in two words, as a spare would compare them.
template <class Policy>
class two_counts {
public:
    bool begin_wait() {
        waiting_.fetch_add_seq_cst(1);
        if (lent_.load_seq_cst() >= waiting_.load_seq_cst()) return false;
        lent_.fetch_add_seq_cst(1);
        return true;
    }
    void end_wait() { waiting_.fetch_sub_seq_cst(1); }
    bool go_back() {
        uint32_t lent = lent_.load_seq_cst();
        while (lent > waiting_.load_seq_cst())
            if (lent_.cas_seq_cst(lent, lent - 1)) return true;
        return false;
    }

private:
    typename Policy::template atomic<uint32_t> waiting_, lent_;
};

// Thread 0 is the one worker, which waits twice; thread 1 is its spare, which looks twice whether it may
// go back. `running` counts whoever would run an actor.
template <weakness Weakness = weakness::none, fault Fault = fault::none,
          template <class> class Lending = engine::spare_lending>
struct lending : rl::test_suite<lending<Weakness, Fault, Lending>, 2> {
    using policy = relacy<Weakness>;
    enum { waits = 2, looks = 3 };

    Lending<policy> counts;
    relacy<>::atomic<uint32_t> running;
    relacy<>::atomic<uint32_t> spares;

    void before() {
        running.store_relaxed(1);
        spares.store_relaxed(0);
    }

    void thread(unsigned index) {
        if (index == 0)
            for (int i = 0; i < waits; ++i) wait();
        else
            for (int i = 0; i < looks; ++i) look();
    }

    void wait() {
        if (counts.begin_wait() && Fault != fault::never_lent) {
            running.fetch_add_seq_cst(1);
            spares.fetch_add_seq_cst(1);
        }
        // The worker itself runs nothing until its wait is over.
        MODEL_ASSERT(running.fetch_sub_seq_cst(1) > 1);
        running.fetch_add_seq_cst(1);
        if (Fault != fault::never_ended) counts.end_wait();
    }

    void look() {
        if (spares.fetch_add_seq_cst(0) == 0 || !counts.go_back()) return;
        MODEL_ASSERT(running.fetch_sub_seq_cst(1) > 1);
        MODEL_ASSERT(spares.fetch_sub_seq_cst(1) > 0);
    }

    void after() {
        while (spares.load_relaxed() > 0) {
            MODEL_ASSERT(counts.go_back());
            spares.fetch_sub_seq_cst(1);
        }
        MODEL_ASSERT(!counts.go_back());
    }
};

}  // namespace
}  // namespace spawned::model

int main(int count, char** arguments) {
    using namespace spawned::model;
    runner run(count, arguments);
    constexpr unsigned many = 100000;
    run.passes<lending<>>("a worker that waits and its spare", many, 4);

    run.catches<lending<weakness::cas_in_two_steps>>("mutant: a swap in two steps", many);
    run.catches<lending<weakness::none, fault::two_words, two_counts>>("mutant: two words", many);
    run.catches<lending<weakness::none, fault::never_lent>>("mutant: not lent", many);
    run.catches<lending<weakness::none, fault::never_ended>>("mutant: a wait does not end", many);
    return run.result();
}
