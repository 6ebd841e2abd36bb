#include "timer/wheel.hpp"

#include <algorithm>
#include <deque>
#include <set>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "base/random.hpp"

namespace spawned::engine {
namespace {

constexpr std::uint64_t tick = std::uint64_t{1} << wheel::tick_log2;
constexpr std::uint64_t day = 86'400'000'000'000;
constexpr std::uint64_t century = 36'525 * day;

using key = std::pair<std::uint64_t, std::uint64_t>;  // deadline, sequence

std::vector<key> keys(const wheel_entry* first) {
    std::vector<key> found;
    for (; first != nullptr; first = first->next)
        found.emplace_back(first->deadline, first->sequence);
    return found;
}

class Wheel : public ::testing::Test {
protected:
    wheel_entry* add(std::uint64_t deadline) {
        entries_.push_back({nullptr, nullptr, deadline, entries_.size()});
        wheel_.insert(&entries_.back());
        return &entries_.back();
    }

    std::deque<wheel_entry> entries_;
    wheel wheel_;
};

TEST_F(Wheel, EmptyOneHasNoDeadlineAndExpiresNothing) {
    wheel_.init(5 * day);
    EXPECT_TRUE(wheel_.empty());
    EXPECT_EQ(wheel_.next_deadline(true), UINT64_MAX);
    EXPECT_EQ(wheel_.next_deadline(false), UINT64_MAX);
    EXPECT_EQ(wheel_.expire(6 * day), nullptr);
    EXPECT_EQ(wheel_.expire(UINT64_MAX), nullptr);
}

TEST_F(Wheel, FiresAtTheDeadlineAndNotBefore) {
    const std::uint64_t start = 12'345'678'901;
    for (const std::uint64_t delay : {std::uint64_t{1}, tick, 100 * tick, day, 30 * day, century}) {
        wheel_.init(start);
        const wheel_entry* entry = add(start + delay);
        EXPECT_EQ(wheel_.expire(start + delay - 1), nullptr) << delay;
        EXPECT_EQ(wheel_.next_deadline(true), start + delay);
        EXPECT_EQ(wheel_.expire(start + delay), entry) << delay;
        EXPECT_TRUE(wheel_.empty());
    }
}

TEST_F(Wheel, DueLaterInTheCurrentTickStays) {
    wheel_.init(10 * tick);
    add(10 * tick + 100);
    add(10 * tick + 300);
    EXPECT_EQ(keys(wheel_.expire(10 * tick + 200)), (std::vector<key>{{10 * tick + 100, 0}}));
    EXPECT_EQ(wheel_.next_deadline(true), 10 * tick + 300);
    EXPECT_EQ(keys(wheel_.expire(10 * tick + 300)), (std::vector<key>{{10 * tick + 300, 1}}));
}

TEST_F(Wheel, PastAndZeroDeadlinesFireAtOnce) {
    wheel_.init(day);
    add(day - 1);
    add(0);
    add(day);
    EXPECT_EQ(wheel_.next_deadline(true), 0u);
    EXPECT_LE(wheel_.next_deadline(false), tick);
    EXPECT_EQ(keys(wheel_.expire(day)), (std::vector<key>{{0, 1}, {day - 1, 0}, {day, 2}}));
}

TEST_F(Wheel, EqualDeadlinesFireInTheirSequence) {
    wheel_.init(0);
    std::vector<key> expected;
    for (std::uint64_t sequence = 0; sequence < 1000; ++sequence) {
        add(70 * tick);
        expected.emplace_back(70 * tick, sequence);
    }
    EXPECT_EQ(keys(wheel_.expire(70 * tick)), expected);
}

// A wheel whose top slot wraps drops or delays what is beside such entries.
TEST_F(Wheel, FarDeadlinesDoNotDisturbNearOnesInYearsOfUptime) {
    std::uint64_t now = 3 * tick;
    wheel_.init(now);
    const wheel_entry* far[] = {add(now + (std::uint64_t{1} << 63)), add(UINT64_MAX)};
    for (int round = 0; round < 4000; ++round) {
        const wheel_entry* near = add(now + 17 * tick);
        ASSERT_EQ(wheel_.next_deadline(true), now + 17 * tick);
        ASSERT_EQ(wheel_.expire(now + 17 * tick - 1), nullptr);
        const wheel_entry* fired = wheel_.expire(now + 17 * tick);
        ASSERT_EQ(fired, near);
        ASSERT_EQ(fired->next, nullptr);
        now += 9 * day + 12'345;
    }
    EXPECT_EQ(wheel_.size(), 2u);
    EXPECT_EQ(wheel_.next_deadline(true), far[0]->deadline);
    EXPECT_EQ(wheel_.expire(far[0]->deadline), far[0]);
    EXPECT_EQ(wheel_.expire(UINT64_MAX - 1), nullptr);
    EXPECT_EQ(wheel_.expire(UINT64_MAX), far[1]);
}

TEST_F(Wheel, RemovedEntriesDoNotFireAndLeaveTheOthers) {
    wheel_.init(0);
    std::vector<wheel_entry*> all;
    for (std::uint64_t index = 0; index < 9; ++index) all.push_back(add(500 * tick + index % 3));
    for (const std::size_t index : {0u, 4u, 8u}) wheel_.remove(all[index]);
    EXPECT_EQ(wheel_.size(), 6u);
    EXPECT_EQ(keys(wheel_.expire(501 * tick)), (std::vector<key>{{500 * tick, 3},
                                                                 {500 * tick, 6},
                                                                 {500 * tick + 1, 1},
                                                                 {500 * tick + 1, 7},
                                                                 {500 * tick + 2, 2},
                                                                 {500 * tick + 2, 5}}));
}

TEST_F(Wheel, ExactDeadlineFollowsRemovals) {
    wheel_.init(0);
    wheel_entry* first = add(5000 * tick + 1);
    add(5000 * tick + 7);
    wheel_entry* equal = add(5000 * tick + 1);
    wheel_.remove(first);
    EXPECT_EQ(wheel_.next_deadline(true), 5000 * tick + 1);
    wheel_.remove(equal);
    EXPECT_EQ(wheel_.next_deadline(true), 5000 * tick + 7);
}

// Polling whenever it is said to be worth while ends, however many timers were removed before.
TEST_F(Wheel, PollingForARemovedTimerEndsAfterFewRounds) {
    wheel_.init(0);
    wheel_entry* removed = add(20 * day);
    const wheel_entry* kept = add(20 * day + 3 * 3600 * (day / 86'400));
    wheel_.remove(removed);
    int polls = 0;
    const wheel_entry* fired = nullptr;
    for (; fired == nullptr && polls < 20; ++polls)
        fired = wheel_.expire(wheel_.next_deadline(false));
    EXPECT_EQ(fired, kept);
    EXPECT_LE(polls, 7);
}

TEST_F(Wheel, TakesEverythingOutInOrder) {
    wheel_.init(day);
    for (const std::uint64_t deadline :
         {century, std::uint64_t{0}, day + 1, UINT64_MAX, day + tick}) {
        add(deadline);
    }
    wheel_entry* all = nullptr;
    EXPECT_EQ(wheel_.take_all(&all), 5u);
    EXPECT_EQ(
        keys(all),
        (std::vector<key>{{0, 1}, {day + 1, 2}, {day + tick, 4}, {century, 0}, {UINT64_MAX, 3}}));
    EXPECT_TRUE(wheel_.empty());
    EXPECT_EQ(wheel_.take_all(&all), 0u);
    EXPECT_EQ(all, nullptr);
}

TEST_F(Wheel, ClockThatStandsOrGoesBackIsBorne) {
    wheel_.init(day);
    add(day - 5);
    add(day + 2 * tick);
    EXPECT_EQ(wheel_.expire(day - 10), nullptr);
    EXPECT_EQ(wheel_.size(), 2u);
    EXPECT_EQ(keys(wheel_.expire(day - 5)), (std::vector<key>{{day - 5, 0}}));
    EXPECT_EQ(wheel_.expire(day), nullptr);
    EXPECT_EQ(keys(wheel_.expire(day + 2 * tick)), (std::vector<key>{{day + 2 * tick, 1}}));
}

// Random operations beside a sorted set, which is right by its looks.
class WheelModel : public ::testing::TestWithParam<std::uint64_t> {
protected:
    WheelModel() : numbers_(GetParam(), random_stream::schedule) {
        now_ = numbers_.below(std::uint64_t{1} << (10 + numbers_.below(50)));
        wheel_.init(now_);
    }

    std::uint64_t random_deadline() {
        switch (numbers_.below(8)) {
            case 0:
                return now_;
            case 1:
                return numbers_.below(now_ + 1);
            case 2:
                return now_ + numbers_.below(2 * tick);
            case 3:
                return now_ + (std::uint64_t{1} << numbers_.below(63)) - 1;
            case 4:
                return numbers_.below(10) == 0 ? UINT64_MAX - numbers_.below(3) : now_ + day;
            default:
                return now_ + numbers_.below(tick << numbers_.below(36));
        }
    }

    void insert() {
        wheel_entry* entry;
        if (free_.empty()) {
            entry = &entries_.emplace_back();
        } else {
            entry = free_.back();
            free_.pop_back();
        }
        *entry = {nullptr, nullptr, random_deadline(), ++sequence_};
        wheel_.insert(entry);
        position_.emplace_back(entry);
        model_.emplace(entry->deadline, entry->sequence);
    }

    void remove() {
        if (position_.empty()) return;
        std::swap(position_[numbers_.below(position_.size())], position_.back());
        wheel_entry* entry = position_.back();
        position_.pop_back();
        wheel_.remove(entry);
        model_.erase({entry->deadline, entry->sequence});
        free_.push_back(entry);
    }

    void expire() {
        switch (numbers_.below(6)) {
            case 0:
                now_ += numbers_.below(100 * day);
                break;
            case 1:
                now_ = std::max(now_, std::min(wheel_.next_deadline(true), now_ + century / 20));
                break;
            case 2:
                now_ = std::max(now_, std::min(wheel_.next_deadline(false), now_ + century / 20));
                break;
            case 3:
                now_ += numbers_.below(tick << numbers_.below(30));
                break;
            default:
                now_ += numbers_.below(tick);
                break;
        }
        std::vector<key> expected;
        while (!model_.empty() && model_.begin()->first <= now_) {
            expected.push_back(*model_.begin());
            model_.erase(model_.begin());
        }
        wheel_entry* fired = wheel_.expire(now_);
        ASSERT_EQ(keys(fired), expected);
        if (fired == nullptr) return;
        std::erase_if(position_, [&](wheel_entry* entry) {
            if (model_.count({entry->deadline, entry->sequence}) != 0) return false;
            free_.push_back(entry);
            return true;
        });
    }

    // Empties the wheel and sets the clock to some other time.
    void restart() {
        wheel_entry* all = nullptr;
        ASSERT_EQ(wheel_.take_all(&all), model_.size());
        ASSERT_EQ(keys(all), std::vector<key>(model_.begin(), model_.end()));
        model_.clear();
        free_.insert(free_.end(), position_.begin(), position_.end());
        position_.clear();
        now_ = numbers_.below(std::uint64_t{1} << (10 + numbers_.below(50)));
        wheel_.init(now_);
    }

    void compare_deadlines() {
        ASSERT_EQ(wheel_.size(), model_.size());
        const std::uint64_t earliest = model_.empty() ? UINT64_MAX : model_.begin()->first;
        const std::uint64_t rough = wheel_.next_deadline(false);
        if (model_.empty()) {
            ASSERT_EQ(rough, UINT64_MAX);
        } else {
            ASSERT_LE(rough, earliest | (tick - 1));
        }
        if (numbers_.below(2) == 0) {
            ASSERT_EQ(wheel_.next_deadline(true), earliest);
        }
    }

    random_generator numbers_;
    std::uint64_t now_;
    std::uint64_t sequence_ = 0;
    std::deque<wheel_entry> entries_;
    std::vector<wheel_entry*> free_;
    std::vector<wheel_entry*> position_;  // those in the wheel
    std::set<key> model_;
    wheel wheel_;
};

TEST_P(WheelModel, AgreesWithASortedSet) {
    for (int operation = 0; operation < 100'000; ++operation) {
        const std::uint64_t choice = numbers_.below(100);
        if (choice < 55 && model_.size() < 300) {
            insert();
        } else if (choice < 85) {
            remove();
        } else {
            expire();
        }
        compare_deadlines();
        if (HasFatalFailure()) FAIL() << "operation " << operation << " at " << now_;
        if (now_ > century) restart();  // far from the end of the clock
    }
}

INSTANTIATE_TEST_SUITE_P(Seeds, WheelModel, ::testing::Range<std::uint64_t>(1, 9));

}  // namespace
}  // namespace spawned::engine
