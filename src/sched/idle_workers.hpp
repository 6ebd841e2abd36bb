// Which workers are parked, and how many are searching for work: the protocol by which no work is left
// behind and no more workers are woken than are useful.
//
// The one who publishes work (into a ring or the shared queue) asks should_wake afterwards: somebody is
// parked and nobody searches. A worker about to park enters the set first, then looks through
// all queues once more. Both sides order "publish, then look" by sequentially consistent steps on
// one word, so at least one of them sees the other.
//
// A searcher that finds work and was the last one wakes another: there may be more than it took.
#pragma once

#include <cstdint>

namespace spawned::engine {

// Worker has a member `Worker* next_parked` and `bool parked`, both guarded by the lock in here.
// Policy::lock is a mutual exclusion with lock() and unlock().
template <class Policy, class Worker>
class idle_workers {
public:
    bool should_wake() {
        const uint32_t seen = state_.fetch_add_seq_cst(0);
        return parked_in(seen) > 0 && searching_in(seen) == 0;
    }

    // A parked worker for the caller to unpark, already counted as searching; null when none is parked.
    Worker* take_one() {
        lock_.lock();
        Worker* worker = stack_;
        if (worker != nullptr) {
            stack_ = worker->next_parked;
            worker->parked = false;
            state_.fetch_add_seq_cst(searching_one - parked_one);
        }
        lock_.unlock();
        return worker;
    }

    // The worker enters the set; it must look through all queues before it sleeps. As the last one it is
    // woken after all those that are in the set by then and all that come later.
    void enter(Worker* worker, bool was_searching, bool as_the_last = false) {
        lock_.lock();
        Worker** link = &stack_;
        while (as_the_last && *link != nullptr) link = &(*link)->next_parked;
        worker->next_parked = *link;
        worker->parked = true;
        *link = worker;
        state_.fetch_add_seq_cst(parked_one - (was_searching ? searching_one : 0));
        lock_.unlock();
    }

    // The worker leaves by itself, as a searcher. False: somebody took it out, so its wake-up token has
    // come or will come; it is counted as searching either way.
    bool leave(Worker* worker) {
        lock_.lock();
        const bool mine = worker->parked;
        if (mine) {
            Worker** link = &stack_;
            while (*link != worker) link = &(*link)->next_parked;
            *link = worker->next_parked;
            worker->parked = false;
            state_.fetch_add_seq_cst(searching_one - parked_one);
        }
        lock_.unlock();
        return mine;
    }

    // A worker that ran out of work may search unless enough others do.
    bool begin_search(uint32_t most) {
        uint32_t seen = state_.load_seq_cst();
        while (searching_in(seen) < most)
            if (state_.cas_seq_cst(seen, seen + searching_one)) return true;
        return false;
    }

    // The searcher found work. True: it was the last one, and somebody else should be woken.
    bool end_search() { return searching_in(state_.fetch_sub_seq_cst(searching_one)) == 1; }

    uint32_t parked_count() const { return parked_in(state_.load_seq_cst()); }

private:
    static constexpr uint32_t searching_one = 1;
    static constexpr uint32_t parked_one = 1u << 16;
    static uint32_t searching_in(uint32_t state) { return state & 0xffff; }
    static uint32_t parked_in(uint32_t state) { return state >> 16; }

    typename Policy::template atomic<uint32_t> state_;
    typename Policy::lock lock_;
    Worker* stack_ = nullptr;
};

}  // namespace spawned::engine
