// Suspension, under relacy: an owner awaits a reply while a replier answers and a signaller calls, in
// any order. The owner must come out of it, and see what was written before each wake.
#include "relacy_runner.hpp"

#include "actor/mailbox.hpp"
#include "actor/reply_word.hpp"

namespace spawned::model {
namespace {

using engine::waiter_kind;

enum class fault { none, wake_does_not_notify, look_before_registering };

struct waiting_node {};

// Threads: owner, replier, two that call without having anything to say (a signal, a stale waker).
template <weakness Weakness, fault Fault = fault::none>
struct awaiting : rl::test_suite<awaiting<Weakness, Fault>, 4> {
    using policy = relacy<Weakness>;

    engine::suspension<policy> pause;
    engine::reply_word<policy> word;
    typename policy::template atomic<uint32_t> runnable;
    plain<int> outcome;
    plain<int> owned;
    plain<int> resumed;

    void before() {
        word.reset(0);
        outcome = 0;
        owned = 0;
        resumed = 0;
    }

    void look() {
        owned = owned + 1;
        for (;;) {
            word.set_waiter(waiter_kind::actor, nullptr);
            if ((word.load() & engine::reply_word<policy>::done) != 0) {
                MODEL_ASSERT(outcome == 42);
                resumed = resumed + 1;
                return;
            }
            if (pause.suspend()) return;
        }
    }

    void wake() {
        if (!pause.wake()) return;
        MODEL_ASSERT(runnable.exchange_acq_rel(1) == 0);
        run();
    }
    void run() {
        uint32_t one = 1;
        while (runnable.cas_acq_rel(one, 0)) {
            look();
            one = 1;
        }
    }

    void thread(unsigned index) {
        if (index == 0) {
            look();
        } else if (index == 1) {
            outcome = 42;
            const uintptr_t before = word.step(engine::reply_word<policy>::done);
            if (word.kind_of(before) == waiter_kind::actor) wake();
        } else {
            wake();
        }
    }

    void after() { MODEL_ASSERT(resumed == 1); }
};

}  // namespace
}  // namespace spawned::model

int main(int count, char** arguments) {
    using namespace spawned::model;
    runner run(count, arguments);
    run.passes<awaiting<weakness::none>>("an awaiting owner is resumed once", 300000, 3);
    run.catches<awaiting<weakness::release_is_relaxed>>("  without release", 100000);
    return run.result();
}
