// Finding slots, and advancing the wheel.
#include "timer/wheel.hpp"

#include <bit>

#include "base/assert.hpp"

namespace spawned::engine {

namespace {

constexpr std::uint64_t bit(unsigned index) { return std::uint64_t{1} << index; }

// The slots before this one.
constexpr std::uint64_t bits_below(unsigned index) { return bit(index) - 1; }

bool is_before(const wheel_entry* a, const wheel_entry* b) {
    return a->deadline != b->deadline ? a->deadline < b->deadline : a->sequence < b->sequence;
}

wheel_entry* merge(wheel_entry* a, wheel_entry* b) {
    wheel_entry* first = nullptr;
    wheel_entry** end = &first;
    while (a != nullptr && b != nullptr) {
        wheel_entry*& lesser = is_before(b, a) ? b : a;
        *end = lesser;
        end = &lesser->next;
        lesser = lesser->next;
    }
    *end = a != nullptr ? a : b;
    return first;
}

// A merge sort that carries sorted runs of doubling lengths: no recursion, no memory.
wheel_entry* sorted(wheel_entry* list) {
    wheel_entry* runs[64] = {};
    unsigned used = 0;
    while (list != nullptr) {
        wheel_entry* run = list;
        list = list->next;
        run->next = nullptr;
        unsigned size = 0;
        for (; runs[size] != nullptr; ++size) {
            run = merge(runs[size], run);
            runs[size] = nullptr;
        }
        runs[size] = run;
        if (size >= used) used = size + 1;
    }
    wheel_entry* result = nullptr;
    for (unsigned size = 0; size < used; ++size) {
        if (runs[size] != nullptr) result = merge(runs[size], result);
    }
    return result;
}

std::uint64_t earliest_in(const wheel_entry* first) {
    std::uint64_t earliest = UINT64_MAX;
    for (const wheel_entry* entry = first; entry != nullptr; entry = entry->next) {
        if (entry->deadline < earliest) earliest = entry->deadline;
    }
    return earliest;
}

}  // namespace

void wheel::init(std::uint64_t now) {
    tick_ = now >> tick_log2;
    count_ = 0;
    for (unsigned word = 0; word <= level_count; ++word) occupied_[word] = stale_[word] = 0;
}

unsigned wheel::slot_for(std::uint64_t tick) const {
    if (tick < tick_) return overdue_slot;
    const auto highest = static_cast<unsigned>(std::bit_width((tick ^ tick_) | 1) - 1);
    const unsigned level = highest / digit_log2;
    if (level >= level_count) return overflow_slot;
    const auto digit = static_cast<unsigned>(tick >> (level * digit_log2)) % slots_per_level;
    return level * slots_per_level + digit;
}

void wheel::insert(wheel_entry* entry) {
    const unsigned index = slot_for(entry->deadline >> tick_log2);
    const unsigned word = index / slots_per_level;
    const std::uint64_t mask = bit(index % slots_per_level);
    slot& place = slots_[index];
    ++count_;
    entry->previous = nullptr;
    if ((occupied_[word] & mask) == 0) {
        occupied_[word] |= mask;
        stale_[word] &= ~mask;
        entry->next = nullptr;
        place = {entry, entry->deadline};
        return;
    }
    entry->next = place.first;
    place.first->previous = entry;
    place.first = entry;
    if (entry->deadline <= place.earliest) {
        place.earliest = entry->deadline;
        stale_[word] &= ~mask;
    }
}

void wheel::remove(wheel_entry* entry) {
    SPAWNED_DEBUG_ASSERT(count_ != 0);
    const unsigned index = slot_for(entry->deadline >> tick_log2);
    const unsigned word = index / slots_per_level;
    const std::uint64_t mask = bit(index % slots_per_level);
    slot& place = slots_[index];
    --count_;
    if (entry->next != nullptr) entry->next->previous = entry->previous;
    if (entry->previous != nullptr) {
        entry->previous->next = entry->next;
    } else {
        SPAWNED_DEBUG_ASSERT(place.first == entry);
        place.first = entry->next;
        if (place.first == nullptr) occupied_[word] &= ~mask;
    }
    if (entry->deadline == place.earliest) stale_[word] |= mask;
}

// Every entry of a lower level is due before those of a higher one, and within a level the slots
// are in order, since all lie at or after the current digit.
unsigned wheel::earliest_slot() const {
    const unsigned last = level_count * slots_per_level;
    if ((occupied_[level_count] & bit(overdue_slot - last)) != 0) return overdue_slot;
    for (unsigned level = 0; level < level_count; ++level) {
        if (occupied_[level] != 0) {
            return level * slots_per_level +
                   static_cast<unsigned>(std::countr_zero(occupied_[level]));
        }
    }
    return overflow_slot;
}

std::uint64_t wheel::next_deadline(bool exact) const {
    if (count_ == 0) return UINT64_MAX;
    const unsigned index = earliest_slot();
    slot& place = slots_[index];
    if (!exact) return place.earliest | bits_below(tick_log2);
    const unsigned word = index / slots_per_level;
    const std::uint64_t mask = bit(index % slots_per_level);
    if ((stale_[word] & mask) != 0) {
        place.earliest = earliest_in(place.first);
        stale_[word] &= ~mask;
    }
    return place.earliest;
}

// Empties a slot.
wheel_entry* wheel::detach(unsigned index) {
    occupied_[index / slots_per_level] &= ~bit(index % slots_per_level);
    return slots_[index].first;
}

void wheel::take(wheel_entry* entry, wheel_entry** due) {
    --count_;
    entry->previous = nullptr;
    entry->next = *due;
    *due = entry;
}

// Takes out all entries of the slots in mask.
void wheel::collect(unsigned word, std::uint64_t mask, wheel_entry** due) {
    for (std::uint64_t left = occupied_[word] & mask; left != 0; left &= left - 1) {
        const auto place = static_cast<unsigned>(std::countr_zero(left));
        for (wheel_entry* entry = detach(word * slots_per_level + place); entry != nullptr;) {
            wheel_entry* after = entry->next;
            take(entry, due);
            entry = after;
        }
    }
}

// Takes out what is due of one slot and puts the rest where it belongs at the current tick.
void wheel::sift(unsigned index, std::uint64_t now, wheel_entry** due) {
    if ((occupied_[index / slots_per_level] & bit(index % slots_per_level)) == 0) return;
    for (wheel_entry* entry = detach(index); entry != nullptr;) {
        wheel_entry* after = entry->next;
        if (entry->deadline <= now) {
            take(entry, due);
        } else {
            --count_;
            insert(entry);
        }
        entry = after;
    }
}

// With the highest digit that changes, all lower levels have passed, and of its own level the slots
// before the new digit. Only the slot at the new digit holds both sides of now; higher levels keep
// their places.
wheel_entry* wheel::expire(std::uint64_t now) {
    wheel_entry* due = nullptr;
    const std::uint64_t target = now >> tick_log2;
    sift(overdue_slot, now, &due);
    if (target <= tick_) {
        sift(slot_for(tick_), now, &due);
        return sorted(due);
    }
    const unsigned mixed = slot_for(target);
    const unsigned level = mixed / slots_per_level;
    for (unsigned passed = 0; passed < level; ++passed) collect(passed, UINT64_MAX, &due);
    if (mixed != overflow_slot) collect(level, bits_below(mixed % slots_per_level), &due);
    tick_ = target;
    sift(mixed, now, &due);
    return sorted(due);
}

std::size_t wheel::take_all(wheel_entry** out_first) {
    const std::size_t taken = count_;
    wheel_entry* all = nullptr;
    for (unsigned word = 0; word <= level_count; ++word) collect(word, UINT64_MAX, &all);
    *out_first = sorted(all);
    return taken;
}

}  // namespace spawned::engine
