// A hierarchical timer wheel: entries by deadline, insert and remove in a few nanoseconds. A plain
// data structure: no lock, no clock, no memory of its own beyond itself.
//
// Time is cut into ticks of 2^20 ns. An entry lies on the level of the highest base-64 digit in
// which its tick differs from the current one, in the slot of that digit: the position follows from
// the deadline and the current tick at any moment, and no slot ever holds two rounds. Ticks that
// differ above the sixth digit (2.3 years) wait in one list, those already past in another.
#pragma once

#include <cstddef>
#include <cstdint>

namespace spawned::engine {

struct wheel_entry {
    wheel_entry* next;
    wheel_entry* previous;
    std::uint64_t deadline;  // ns
    std::uint64_t sequence;  // orders equal deadlines
};

class wheel {
public:
    wheel() = default;
    wheel(const wheel&) = delete;
    wheel& operator=(const wheel&) = delete;

    void init(std::uint64_t now);

    // deadline and sequence are set and stay as they are until the entry is taken out.
    void insert(wheel_entry* entry);

    // The entry must be in the wheel.
    void remove(wheel_entry* entry);

    bool empty() const { return count_ == 0; }
    std::size_t size() const { return count_; }

    // UINT64_MAX when empty. exact: the earliest deadline, which may take a walk over one slot.
    // Otherwise when to call expire next: the end of the earliest tick in use, so that one call
    // fires a whole tick. Never more than a tick after the earliest deadline; earlier than it when
    // entries were removed.
    std::uint64_t next_deadline(bool exact) const;

    // Takes out all entries with deadline <= now: a list through next, ordered by (deadline,
    // sequence).
    wheel_entry* expire(std::uint64_t now);

    // Takes out everything, in the same form and order; returns how many.
    std::size_t take_all(wheel_entry** out_first);

    static constexpr unsigned tick_log2 = 20;

private:
    static constexpr unsigned digit_log2 = 6;
    static constexpr unsigned slots_per_level = 1u << digit_log2;
    static constexpr unsigned level_count = 6;
    static constexpr unsigned overflow_slot = level_count * slots_per_level;
    static constexpr unsigned overdue_slot = overflow_slot + 1;
    static constexpr unsigned slot_count = overdue_slot + 1;

    struct slot {
        wheel_entry* first;
        // Not later than any deadline in the slot, and equal to the earliest unless stale;
        // meaningless when the slot is empty.
        std::uint64_t earliest;
    };

    unsigned slot_for(std::uint64_t tick) const;
    unsigned earliest_slot() const;
    wheel_entry* detach(unsigned index);
    void take(wheel_entry* entry, wheel_entry** due);
    void collect(unsigned word, std::uint64_t mask, wheel_entry** due);
    void sift(unsigned index, std::uint64_t now, wheel_entry** due);

    std::uint64_t tick_ = 0;  // the current one
    std::size_t count_ = 0;
    // A bit per slot; the last word is for overflow and overdue. A stale slot's earliest is only a
    // bound.
    std::uint64_t occupied_[level_count + 1] = {};
    mutable std::uint64_t stale_[level_count + 1] = {};
    mutable slot slots_[slot_count] = {};
};

}  // namespace spawned::engine
