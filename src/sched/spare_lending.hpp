// How many workers wait inside the library, and how many spares stand in for them: one word, so that a
// spare which is about to go back and a worker which is about to wait cannot both rely on each other.
//
// A spare outlasts the wait it was lent for, until it finds time to look. Whoever waits next may count on
// it only as long as it has not gone back.
#pragma once

#include <cstdint>

namespace spawned::engine {

template <class Policy>
class spare_lending {
public:
    // A worker begins to wait. True: the caller must lend a spare, which counts as lent from here on.
    // False: one that is lent already has nobody to stand in for.
    bool begin_wait() {
        uint64_t seen = word_.load_seq_cst();
        for (;;) {
            const bool lend = lent_in(seen) <= waiting_in(seen);
            if (word_.cas_seq_cst(seen, seen + waiting_one + (lend ? 1 : 0))) return lend;
        }
    }

    void end_wait() { word_.fetch_sub_seq_cst(waiting_one); }

    // The spare could not be had.
    void not_lent() { word_.fetch_sub_seq_cst(1); }

    // A spare between two actors. True: it stands in for nobody, and is not lent any more.
    bool go_back() {
        uint64_t seen = word_.load_seq_cst();
        while (lent_in(seen) > waiting_in(seen))
            if (word_.cas_seq_cst(seen, seen - 1)) return true;
        return false;
    }

private:
    static constexpr uint64_t waiting_one = uint64_t{1} << 32;
    static uint32_t waiting_in(uint64_t word) { return static_cast<uint32_t>(word >> 32); }
    static uint32_t lent_in(uint64_t word) { return static_cast<uint32_t>(word); }

    typename Policy::template atomic<uint64_t> word_;
};

}  // namespace spawned::engine
