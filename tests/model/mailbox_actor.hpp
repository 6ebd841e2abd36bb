// An actor around the mailbox, suspension and control word under test: just enough of an owner loop to
// use every operation the way the engine does. Whoever gets to own the actor leaves it in `runnable`,
// from which any thread of the test may take it.
#pragma once

#include "relacy_runner.hpp"

#include "actor/mailbox.hpp"
#include "actor/reply_word.hpp"

namespace spawned::model {

enum class fault {
    none,
    no_look_after_release,  // control bits raised while the mailbox became idle
    no_wake,                // a signal finds the actor owned and leaves it at that
    no_last_look,           // a drain is seen, and the mailbox not looked at once more
    early_free,             // the last node is freed before the mailbox is released
    unmarked_put_back,      // a handled node goes back as if it were not handled
    careless_revival        // a new tenant moves in over a sender that still empties the queue
};

enum control : uint32_t { nudge = 1, kill = 2, drain = 4 };
constexpr int before_drain = 50;  // the message that the draining thread has sent before

// What the threads of a test do: `senders` send `each` messages to tenant 1, and so on.
struct plan {
    int senders = 2;
    int each = 1;
    uint32_t signal = 0;   // the control bit that one thread raises
    bool awaits = false;   // message 0 awaits a reply
    bool replies = false;  // one thread gives it
    bool stops = false;    // message 0 stops the tenant
    bool revives = false;  // one thread lets tenant 2 move in
    int budget = 100;      // messages of one activation
    fault defect = fault::none;

    constexpr int threads() const { return senders + (signal != 0) + replies + revives; }
};

template <weakness Weakness, plan Plan>
class actor {
public:
    using policy = relacy<Weakness>;

    struct node {
        typename policy::template atomic<node*> next;
        plain<int> number;
        plain<uint32_t> tenant;
        plain<int> finished;
    };
    using queue_type = engine::mailbox<policy, node>;
    using word_type = engine::reply_word<policy>;

    void start() {
        control_.begin(1);
        word_.reset(0);
        MODEL_ASSERT(queue_.revive());
        runnable_.store_relaxed(1);
    }

    void send(int number, uint32_t tenant) {
        node* message = make<node>();
        message->number = number;
        message->tenant = tenant;
        message->finished = 0;
        switch (queue_.push(message)) {
            case engine::pushed::owned:
                schedule();
                break;
            case engine::pushed::dead:
                drain_dead(message);
                break;
            case engine::pushed::linked:
                break;
        }
    }

    void signal() {
        if (Plan.signal == drain) send(before_drain, 1);
        if (!control_.raise(1, Plan.signal)) return;
        if (Plan.defect == fault::no_wake ? queue_.claim() : engine::call_owner(queue_, pause_))
            schedule();
    }

    void reply() {
        outcome_ = 42;
        const uintptr_t before = word_.step(word_type::done);
        if (word_type::kind_of(before) == engine::waiter_kind::actor && pause_.wake()) schedule();
    }

    // True: tenant 2 lives here now.
    bool revive() {
        while (vacated_.load_acquire() == 0) spin();
        if (Plan.defect == fault::careless_revival) queue_.reset_dead();
        if (!queue_.revive()) return false;
        control_.begin(2);
        pause_.reset();
        stopped_ = 0;
        tenant_ = 2;
        schedule();
        return true;
    }

    // Takes the actor if it is runnable, as a worker does.
    void work() {
        uint32_t one = 1;
        while (runnable_.cas_acq_rel(one, 0)) {
            activate();
            one = 1;
        }
    }

    // When all threads have ended.
    void check(int sent, int sent_to_second) const {
        MODEL_ASSERT(handled_ + bounced_ == sent && handled_by_second_ == sent_to_second);
        const uintptr_t head = queue_.head();
        MODEL_ASSERT(head == queue_type::idle || head == queue_type::dead);
        if (head == queue_type::idle && tenant_ == 1 && Plan.signal != 0)
            MODEL_ASSERT(nudged_ == 1);
        if (Plan.stops || Plan.signal == kill || Plan.signal == drain)
            MODEL_ASSERT(tenant_ == 2 || head == queue_type::dead);
        else
            MODEL_ASSERT(bounced_ == 0 && resumed_ == (Plan.awaits ? 1 : 0));
    }

private:
    void schedule() { MODEL_ASSERT(runnable_.exchange_acq_rel(1) == 0); }

    void look_at_control() {
        const uint32_t bits = control_.bits() & ~uint32_t{drain};
        if (bits == 0) return;
        control_.clear(control_.generation(), bits);
        nudged_ = 1;
        if ((bits & kill) != 0) stopped_ = 1;
    }

    // Nothing is linked behind `current`: is that the end of what was sent before a drain?
    void look_at_drain(const node* current) {
        if ((control_.bits() & drain) == 0) return;
        if (Plan.defect == fault::no_last_look || queue_.is_last(current)) stopped_ = 1;
    }

    void activate() {
        look_at_control();
        node* current = front_;
        if (current != nullptr) {
            if (!await()) return;
            front_ = nullptr;
        } else {
            current = queue_.first();
            if (current == nullptr) {
                look_at_drain(nullptr);
                const bool stopped = stopped_ != 0;
                return queue_.release_empty(destination()) ? released(stopped) : leave();
            }
            if (current->finished == 0 && !handle(current)) return;
        }
        advance(current);
    }

    // From a handled node to the end of the queue or of the budget.
    void advance(node* current) {
        for (int count = 1;; ++count) {
            if (Plan.defect == fault::early_free) dispose(current);
            node* following = queue_type::next(current);
            if (following == nullptr) {
                look_at_drain(current);
                const bool stopped = stopped_ != 0;
                if (queue_.release(current, destination())) {
                    dispose(current);
                    return released(stopped);
                }
                spin();
                following = queue_type::next(current);
            }
            if (following == nullptr) {
                if (Plan.defect != fault::unmarked_put_back) current->finished = 1;
                queue_.put_back(current);
                return leave();
            }
            dispose(current);
            current = following;
            if (count == Plan.budget) {
                queue_.put_back(current);
                return leave();
            }
            look_at_control();
            if (!handle(current)) return;
        }
    }

    uintptr_t destination() const { return stopped_ != 0 ? queue_type::dead : queue_type::idle; }
    void leave() {
        schedule();
        spin();
    }

    // False: suspended, and owned no more.
    bool handle(node* message) {
        if (stopped_ != 0 || message->tenant != tenant_) {
            MODEL_ASSERT(message->number != before_drain);
            bounced_ = bounced_ + 1;
            return true;
        }
        if (tenant_ == 2) {
            handled_by_second_ = handled_by_second_ + 1;
            return true;
        }
        handled_ = handled_ + 1;
        if (message->number != 0) return true;
        if (Plan.stops) stopped_ = 1;
        if (!Plan.awaits) return true;
        front_ = message;
        if (!await()) return false;
        front_ = nullptr;
        return true;
    }

    bool await() {
        for (;;) {
            if (stopped_ != 0) return true;
            word_.set_waiter(engine::waiter_kind::actor, nullptr);
            if ((word_.load() & word_type::done) != 0) {
                MODEL_ASSERT(outcome_ == 42);
                resumed_ = resumed_ + 1;
                return true;
            }
            if (pause_.suspend()) return false;
            look_at_control();
        }
    }

    // The actor may be another's by now.
    void released(bool dead) {
        if (dead)
            vacated_.store_release(1);
        else if (Plan.defect != fault::no_look_after_release && control_.bits() != 0 &&
                 queue_.claim())
            schedule();
    }

    void drain_dead(node* current) {
        for (;;) {
            bounced_ = bounced_ + 1;
            node* following = queue_type::next(current);
            while (following == nullptr) {
                if (queue_.release(current, queue_type::dead)) {
                    dispose(current);
                    return;
                }
                spin();
                following = queue_type::next(current);
            }
            dispose(current);
            current = following;
        }
    }

    queue_type queue_;
    engine::suspension<policy> pause_;
    engine::control_word<policy> control_;
    word_type word_;
    // The test's own words keep their orders when the policy is weakened.
    relacy<>::atomic<uint32_t> runnable_;
    relacy<>::atomic<uint32_t> vacated_;
    plain<node*> front_;  // holds the queue across a suspension
    plain<int> outcome_;
    plain<int> stopped_;
    plain<uint32_t> tenant_{1};
    plain<int> nudged_;
    plain<int> resumed_;
    plain<int> handled_;
    plain<int> handled_by_second_;
    plain<int> bounced_;
};

}  // namespace spawned::model
