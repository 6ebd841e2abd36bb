// The claim to a timer under relacy: its firing against a cancellation against the end of its actor. The
// timer's messages are freed once and not used afterwards, and what was cancelled is not handled.
#include "relacy_runner.hpp"

#include "timer/timer_claim.hpp"

namespace spawned::model {
namespace {

using engine::timer_claim;
using engine::withdrawal;

enum class kind { once, interval };

enum class fault {
    none,
    cleans_up_theirs,  // a withdrawn interval is freed under the one who copies it
    ticks_regardless,  // the one who ticked does not look whether it was withdrawn
    no_lock            // the claim is used without the shard's lock
};

struct letter {
    plain<int> content;
};

template <kind Kind, fault Fault = fault::none>
struct claiming : rl::test_suite<claiming<Kind, Fault>, 3> {
    struct guard {
        checked_lock& lock;
        explicit guard(checked_lock& one) : lock(one) {
            if (Fault != fault::no_lock) lock.lock();
        }
        ~guard() {
            if (Fault != fault::no_lock) lock.unlock();
        }
    };

    // All under the lock, but for the letters: those belong to who has the timer.
    checked_lock lock;
    timer_claim claim;
    plain<int> generation;
    plain<int> linked;
    plain<int> in_wheel;
    plain<int> tick_waits;
    letter* what = nullptr;
    letter* tick = nullptr;
    plain<int> cancelled;
    relacy<>::atomic<uint32_t> entries_freed;
    relacy<>::atomic<uint32_t> fired;

    void before() {
        what = make<letter>();
        what->content = 42;
        if (Kind == kind::interval) tick = make<letter>();
        claim.arm();
        linked = 1;
        in_wheel = 1;
    }

    void thread(unsigned index) {
        if (index == 0) {
            if (Kind == kind::once) return fire_once();
            for (int i = 0; i < 2; ++i) fire_interval();
        } else if (index == 1) {
            cancel();
        } else {
            end_actor();
        }
    }

    void fire_once() {
        {
            guard hold(lock);
            if (in_wheel == 0) return;
            in_wheel = 0;
            claim.fire();
            linked = 0;
            generation = generation + 1;
        }
        fired.fetch_add_relaxed(1);
        MODEL_ASSERT(what->content == 42);
        dispose(what);
        put_entry();
    }

    void fire_interval() {
        {
            guard hold(lock);
            if (in_wheel == 0) return;
            in_wheel = 0;
            claim.begin_tick();
        }
        tick->content = static_cast<int>(what->content);
        bool goes_on;
        {
            guard hold(lock);
            goes_on = claim.end_tick() || Fault == fault::ticks_regardless;
            if (goes_on) {
                in_wheel = 1;
                tick_waits = 1;
            }
        }
        if (!goes_on) return free_interval(false);
        handle_tick();
    }

    // In the mailbox's owner, later: the tick counts only if its interval is still the same.
    void handle_tick() {
        {
            guard hold(lock);
            MODEL_ASSERT(generation != 0 || cancelled == 0);
            if (generation == 0) fired.fetch_add_relaxed(1);
        }
        MODEL_ASSERT(tick->content == 42);
        {
            guard hold(lock);
            if (generation == 0) {
                tick_waits = 0;
                return;
            }
        }
        dispose(tick);
    }

    void cancel() {
        bool waits = false;
        {
            guard hold(lock);
            if (generation != 0) return;
            const withdrawal got = claim.withdraw();
            if (got == withdrawal::none) return;
            linked = 0;
            generation = generation + 1;
            cancelled = 1;
            if (got == withdrawal::theirs && Fault != fault::cleans_up_theirs) return;
            in_wheel = 0;
            waits = tick_waits == 1;
        }
        clean_up(waits);
    }

    void end_actor() {
        bool waits = false;
        {
            guard hold(lock);
            if (linked == 0) return;
            linked = 0;
            const bool mine = claim.withdraw() == withdrawal::mine;
            generation = generation + 1;
            if (!mine && Fault != fault::cleans_up_theirs) return;
            in_wheel = 0;
            waits = tick_waits == 1;
        }
        clean_up(waits);
    }

    void clean_up(bool tick_is_away) {
        if (Kind == kind::interval) return free_interval(tick_is_away);
        dispose(what);
        put_entry();
    }
    void free_interval(bool tick_is_away) {
        MODEL_ASSERT(what->content == 42);
        dispose(what);
        if (!tick_is_away) dispose(tick);
        put_entry();
    }
    void put_entry() { entries_freed.fetch_add_relaxed(1); }

    // The actor has ended, so the timer has gone, by one way only.
    void after() {
        MODEL_ASSERT(entries_freed.load_relaxed() == 1 && linked == 0 && in_wheel == 0);
        MODEL_ASSERT(!claim.is_live());
        if (Kind == kind::once) MODEL_ASSERT(fired.load_relaxed() + cancelled <= 1);
    }
};

}  // namespace
}  // namespace spawned::model

int main(int count, char** arguments) {
    using namespace spawned::model;
    runner run(count, arguments);
    constexpr unsigned many = 100000;
    run.passes<claiming<kind::once>>("a one-shot: fired, cancelled, or its actor ends", many, 5);
    run.passes<claiming<kind::interval>>("an interval: ticks, cancelled, or its actor ends", many,
                                         4);

    run.catches<claiming<kind::interval, fault::cleans_up_theirs>>(
        "mutant: freed while it is copied", many);
    run.catches<claiming<kind::interval, fault::ticks_regardless>>(
        "mutant: goes on although withdrawn", many);
    run.catches<claiming<kind::once, fault::no_lock>>("mutant: no lock", many);
    return run.result();
}
