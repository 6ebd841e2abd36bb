// The mailbox: a queue word that is also the ownership of its actor. Whoever swaps the word away from
// `idle` owns the actor until it swaps `idle` back; everything else follows from that rule.
//
//   head:  dead      nobody owns it, nothing lives here
//          idle      nobody owns it, nothing waits
//          notified  owned, nothing waits (a start, or a signal)
//          node      owned; the last node pushed
//   tail:  the first node not yet handled, published by the sender that found idle or notified, or by the
//          owner when it leaves with work left
//
// The node being handled stays in the queue until the owner moves past it: while it is there head
// cannot become idle. A sender that is preempted between swapping head and linking its node hides
// the later ones; the owner waits a little, then leaves the actor runnable and goes on elsewhere.
//
// This very code is checked: by enumeration and by relacy (tests/model).
#pragma once

#include <cstdint>

namespace spawned::engine {

enum class pushed : uint8_t {
    linked,  // behind another node: somebody owns the actor
    owned,   // the actor was idle: the sender owns it now and schedules it
    dead     // nobody lives here: the sender owns the queue and must empty it (drain_dead)
};

// Node has a member `typename Policy::template atomic<Node*> next`.
template <class Policy, class Node>
class mailbox {
public:
    static constexpr uintptr_t dead = 0;
    static constexpr uintptr_t idle = 1;
    static constexpr uintptr_t notified = 2;

    // Any thread.
    pushed push(Node* node) {
        node->next.store_relaxed(nullptr);
        const uintptr_t before = head_.exchange_seq_cst(reinterpret_cast<uintptr_t>(node));
        if (before > notified) {
            reinterpret_cast<Node*>(before)->next.store_release(node);
            return pushed::linked;
        }
        if (before == dead) return pushed::dead;
        tail_.store_release(node);
        return before == idle ? pushed::owned : pushed::linked;
    }

    // Any thread. True: the caller owns the actor now, with nothing waiting.
    bool claim() {
        uintptr_t expected = idle;
        return head_.cas_seq_cst(expected, notified);
    }

    uintptr_t head() const { return head_.load_seq_cst(); }

    // A new tenant moves in. False: a stale sender is emptying the queue; use another slot.
    bool revive() {
        uintptr_t expected = dead;
        return head_.cas_seq_cst(expected, notified);
    }

    // What follows is the owner's alone.

    // For who looks from outside while the owner stands still.
    Node* peek() const { return tail_.load_acquire(); }

    // The first waiting node, or null when none is published: then release_empty.
    Node* first() {
        Node* node = tail_.load_acquire();
        if (node != nullptr) tail_.store_relaxed(nullptr);
        return node;
    }

    // The node behind `current`, or null when none is linked: then release.
    static Node* next(Node* current) { return current->next.load_acquire(); }

    // Whether nothing has been pushed behind `current` (null: nothing at all), linked or not yet.
    bool is_last(const Node* current) const {
        const uintptr_t end = current != nullptr ? reinterpret_cast<uintptr_t>(current) : notified;
        return head_.load_seq_cst() == end;
    }

    // Gives ownership up behind the last node. False: a sender has swapped head and its link will come.
    bool release(Node* current, uintptr_t to) {
        uintptr_t expected = reinterpret_cast<uintptr_t>(current);
        return head_.cas_seq_cst(expected, to);
    }

    // The same when nothing waits. False: a sender has swapped head and tail will come.
    bool release_empty(uintptr_t to) {
        uintptr_t expected = notified;
        return head_.cas_seq_cst(expected, to);
    }

    // Leaves `node` for the next activation; the caller schedules the actor again afterwards.
    void put_back(Node* node) { tail_.store_release(node); }

    void reset_dead() {
        head_.store_relaxed(dead);
        tail_.store_relaxed(nullptr);
    }

private:
    typename Policy::template atomic<uintptr_t> head_;
    typename Policy::template atomic<Node*> tail_;
};

// Suspension of an owned actor that awaits. The owner registers as a waiter first, then suspends, and
// touches nothing afterwards. A wake is a hint: whoever is woken looks again.
//
//   running --suspend--> suspended --wake--> running (the waker schedules)
//   running --wake--> notified --suspend--> running (suspend fails: look again)
template <class Policy>
class suspension {
public:
    // Owner. False: a wake came in between; look at what is awaited again.
    bool suspend() {
        uint8_t expected = running;
        if (state_.cas_seq_cst(expected, suspended)) return true;
        // An exchange: what every wake until here announced is seen by the look that follows.
        state_.exchange_seq_cst(running);
        return false;
    }

    // Any thread. True: the caller has to schedule the actor.
    bool wake() {
        uint8_t seen = state_.load_seq_cst();
        for (;;) {
            // Written even if it is notified already: a wake that only looked could be ordered before
            // the owner's next look without what it announces being seen there.
            const uint8_t wanted = seen == suspended ? running : notified;
            if (state_.cas_seq_cst(seen, wanted)) return wanted == running;
        }
    }

    bool is_suspended() const { return state_.load_seq_cst() == suspended; }

    // A new tenant.
    void reset() { state_.store_relaxed(running); }

private:
    static constexpr uint8_t running = 0;
    static constexpr uint8_t notified = 1;
    static constexpr uint8_t suspended = 2;
    typename Policy::template atomic<uint8_t> state_;
};

// The control word of an actor: its generation and the bits that ask something of its owner. Bits are
// raised for one generation only, so that a stale request never reaches the next tenant of a slot.
template <class Policy>
class control_word {
public:
    // False: another generation lives here. `before` receives the bits as they were.
    bool raise(uint32_t generation, uint32_t bits, uint32_t* before = nullptr) {
        uint64_t seen = word_.load_seq_cst();
        for (;;) {
            if (static_cast<uint32_t>(seen >> 32) != generation) return false;
            if (word_.cas_seq_cst(seen, seen | bits)) {
                if (before != nullptr) *before = static_cast<uint32_t>(seen);
                return true;
            }
        }
    }
    // The same for a bit that stays until the generation ends and that most callers find raised: then one look does,
    // which is ordered as the write would be.
    bool raise_lasting(uint32_t generation, uint32_t bit) {
        const uint64_t seen = word_.load_seq_cst();
        const bool stands = static_cast<uint32_t>(seen >> 32) == generation && (seen & bit) != 0;
        return stands || raise(generation, bit);
    }
    // Nothing happens when another generation lives here.
    void clear(uint32_t generation, uint32_t bits) {
        uint64_t seen = word_.load_seq_cst();
        while (static_cast<uint32_t>(seen >> 32) == generation)
            if (word_.cas_seq_cst(seen, seen & ~static_cast<uint64_t>(bits))) return;
    }

    uint32_t bits() const { return static_cast<uint32_t>(word_.load_seq_cst()); }
    // For the owner between messages: what a later look may still find is found at the latest after
    // it has made the mailbox idle.
    uint32_t bits_relaxed() const { return static_cast<uint32_t>(word_.load_relaxed()); }
    uint32_t generation() const { return static_cast<uint32_t>(word_.load_relaxed() >> 32); }

    // Owner, or a new tenant: the next generation begins, without any bits.
    void begin(uint32_t generation) {
        word_.store_seq_cst(static_cast<uint64_t>(generation) << 32);
    }

private:
    typename Policy::template atomic<uint64_t> word_;
};

// Sees to it that the owner looks at control bits that were raised before.
// True: the caller has to schedule the actor.
template <class Policy, class Node>
bool call_owner(mailbox<Policy, Node>& queue, suspension<Policy>& pause) {
    for (;;) {
        const uintptr_t head = queue.head();
        if (head == mailbox<Policy, Node>::dead) return false;
        if (head != mailbox<Policy, Node>::idle) return pause.wake();
        if (queue.claim()) return true;
    }
}

}  // namespace spawned::engine
