// The mailbox under relacy: every message is handled or bounced once, the actor has one owner at a
// time, no signal is lost, a drain loses nothing that was sent before it, a dead actor's stale senders and
// its next tenant do not meet.
#include "mailbox_actor.hpp"

namespace spawned::model {
namespace {

template <plan Plan, weakness Weakness = weakness::none>
struct mailbox_test : rl::test_suite<mailbox_test<Plan, Weakness>, Plan.threads()> {
    static constexpr int signaller = Plan.signal != 0 ? Plan.senders : -1;
    static constexpr int replier = Plan.replies ? Plan.senders + (Plan.signal != 0) : -1;

    actor<Weakness, Plan> subject;
    plain<int> sent_to_second;

    void before() { subject.start(); }

    void thread(unsigned index) {
        const int part = static_cast<int>(index);
        if (part < Plan.senders) {
            for (int i = 0; i < Plan.each; ++i) {
                subject.send(part * Plan.each + i, 1);
                subject.work();
            }
        } else if (part == signaller) {
            subject.signal();
        } else if (part == replier) {
            subject.reply();
        } else if (subject.revive()) {
            subject.send(100, 2);
            sent_to_second = 1;
        }
        subject.work();
    }

    void after() {
        subject.check(Plan.senders * Plan.each + (Plan.signal == drain), sent_to_second);
    }
};

constexpr plan with(plan base, fault defect) {
    base.defect = defect;
    return base;
}

constexpr plan plain_sends{.each = 2};
constexpr plan small_budget{.each = 2, .budget = 1};
constexpr plan nudged{.each = 1, .signal = nudge, .budget = 1};
constexpr plan awaited{.signal = nudge, .awaits = true, .replies = true};
constexpr plan killed{.signal = kill};
constexpr plan killed_awaiting{.signal = kill, .awaits = true};
constexpr plan killed_or_answered{.signal = kill, .awaits = true, .replies = true};
constexpr plan drained{.each = 2, .signal = drain};
constexpr plan drained_slowly{.senders = 1, .each = 2, .signal = drain, .budget = 1};
constexpr plan revived{.each = 2, .stops = true, .revives = true};
constexpr plan killed_and_revived{.signal = kill, .stops = true, .revives = true};

}  // namespace
}  // namespace spawned::model

int main(int count, char** arguments) {
    using namespace spawned::model;
    runner run(count, arguments);
    constexpr unsigned many = 100000;
    run.passes<mailbox_test<plain_sends>>("two senders", many, 3);
    run.passes<mailbox_test<small_budget>>("two senders, one message per activation", many, 3);
    run.passes<mailbox_test<nudged>>("a signal among sends", many, 3);
    run.passes<mailbox_test<awaited>>("an await, its reply and a signal", many, 2);
    run.passes<mailbox_test<killed>>("a kill among sends", many, 3);
    run.passes<mailbox_test<killed_awaiting>>("a kill of one that awaits for ever", many, 3);
    run.passes<mailbox_test<killed_or_answered>>("a kill beside a reply", many, 2);
    run.passes<mailbox_test<drained>>("a drain among sends", many, 3);
    run.passes<mailbox_test<drained_slowly>>("a drain, one message per activation", many, 3);
    run.passes<mailbox_test<revived>>("death, stale senders, the next tenant", many, 3);
    run.passes<mailbox_test<killed_and_revived>>("a late kill and the next tenant", many, 2);

    run.catches<mailbox_test<plain_sends, weakness::release_is_relaxed>>("mutant: no release",
                                                                         many);
    run.catches<mailbox_test<plain_sends, weakness::acquire_is_relaxed>>("mutant: no acquire",
                                                                         many);
    run.catches<mailbox_test<nudged, weakness::seq_cst_is_acq_rel>>("mutant: no total order", many);
    run.catches<mailbox_test<with(nudged, fault::no_look_after_release)>>(
        "mutant: no look at signals after the release", many);
    run.catches<mailbox_test<with(killed_awaiting, fault::no_wake)>>(
        "mutant: a signal does not wake", many);
    run.catches<mailbox_test<with(drained, fault::no_last_look)>>(
        "mutant: no look at the mailbox after a drain is seen", many);
    run.catches<mailbox_test<with(plain_sends, fault::early_free)>>(
        "mutant: the last node freed early", many);
    run.catches<mailbox_test<with(small_budget, fault::unmarked_put_back)>>(
        "mutant: a handled node put back as new", many);
    run.catches<mailbox_test<with(revived, fault::careless_revival)>>(
        "mutant: moving in over a stale sender", many);
    return run.result();
}
