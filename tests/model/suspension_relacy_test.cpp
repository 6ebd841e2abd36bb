// Suspension, under relacy: an owner awaits a reply while a replier answers and a signaller calls, in
// any order. The owner must come out of it, and see what was written before each wake.
#include "relacy_runner.hpp"

#include "actor/mailbox.hpp"
#include "actor/reply_word.hpp"

namespace spawned::model {
namespace {

using engine::waiter_kind;

// As the engine's, except that a wake which finds one pending only looks. The owner's next look may
// then miss what that wake announced.
template <class Policy>
class looking_suspension {
public:
    bool suspend() {
        uint8_t expected = running;
        if (state_.cas_seq_cst(expected, suspended)) return true;
        state_.store_seq_cst(running);
        return false;
    }
    bool wake() {
        uint8_t seen = state_.load_seq_cst();
        for (;;) {
            if (seen == notified) return false;
            const uint8_t wanted = seen == suspended ? running : notified;
            if (state_.cas_seq_cst(seen, wanted)) return wanted == running;
        }
    }

private:
    static constexpr uint8_t running = 0;
    static constexpr uint8_t notified = 1;
    static constexpr uint8_t suspended = 2;
    typename Policy::template atomic<uint8_t> state_;
};

// Threads: owner, replier, two that call without having anything to say (a signal, a stale waker).
template <weakness Weakness, template <class> class Suspension = engine::suspension>
struct awaiting : rl::test_suite<awaiting<Weakness, Suspension>, 4> {
    using policy = relacy<Weakness>;

    Suspension<policy> pause;
    engine::reply_word<policy> word;
    relacy<>::atomic<uint32_t> runnable;
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
    run.passes<awaiting<weakness::none>>("an awaiting owner is resumed once", 200000, 2);
    run.catches<awaiting<weakness::release_is_relaxed>>("mutant: no release", 100000);
    run.catches<awaiting<weakness::acquire_is_relaxed>>("mutant: no acquire", 100000);
    run.catches<awaiting<weakness::cas_in_two_steps>>("mutant: woken in two steps", 100000);
    run.catches<awaiting<weakness::none, looking_suspension>>("mutant: a wake that only looks",
                                                              100000);
    return run.result();
}
