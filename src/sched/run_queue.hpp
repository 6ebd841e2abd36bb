// A worker's queue of runnable actors: a FIFO ring that only its owner fills, that its owner empties one
// by one, and from which other workers take half at a time. Indices run freely and wrap at 2^32.
#pragma once

#include <cstdint>

namespace spawned::engine {

template <class Policy, class Item, uint32_t Capacity = 256>
class run_queue {
    static_assert((Capacity & (Capacity - 1)) == 0);

public:
    // Owner. False: full.
    bool push(Item* item) {
        const uint32_t tail = tail_.load_relaxed();
        if (tail - head_.load_acquire() >= Capacity) return false;
        slots_[tail & (Capacity - 1)].store_relaxed(item);
        tail_.store_release(tail + 1);
        return true;
    }

    // Owner.
    Item* pop() {
        uint32_t head = head_.load_acquire();
        for (;;) {
            if (head == tail_.load_relaxed()) return nullptr;
            Item* item = slots_[head & (Capacity - 1)].load_relaxed();
            if (head_.cas_acq_rel(head, head + 1)) return item;
        }
    }

    // Another worker: takes half, one at least, of at most `most` items into `out`; returns how many.
    uint32_t steal(Item** out, uint32_t most) {
        uint32_t head = head_.load_acquire();
        for (;;) {
            const uint32_t waiting = tail_.load_acquire() - head;
            if (waiting == 0) return 0;
            if (waiting > Capacity) {  // head is old: it has been passed meanwhile
                head = head_.load_acquire();
                continue;
            }
            uint32_t count = waiting - waiting / 2;
            if (count > most) count = most;
            for (uint32_t i = 0; i < count; ++i)
                out[i] = slots_[(head + i) & (Capacity - 1)].load_relaxed();
            if (head_.cas_acq_rel(head, head + count)) return count;
        }
    }

    // Any thread: whether something waits, at some moment during the call.
    bool empty() const { return head_.load_seq_cst() == tail_.load_seq_cst(); }

private:
    // The owner writes tail, everybody writes head: lines of their own.
    alignas(128) typename Policy::template atomic<uint32_t> head_;
    alignas(128) typename Policy::template atomic<uint32_t> tail_;
    typename Policy::template atomic<Item*> slots_[Capacity];
};

}  // namespace spawned::engine
