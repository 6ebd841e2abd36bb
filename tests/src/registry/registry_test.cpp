#include "registry/registry.hpp"

#include <atomic>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "support/counting_allocator.hpp"

namespace spawned::engine {
namespace {

using testing::counting_allocator;

// A value with a life: every copy and every end is counted.
struct tracked {
    std::int64_t number;
    std::int64_t check;
};
std::atomic<int> tracked_alive{0};
std::atomic<int> copies_to_fail{0};
void (*during_copy)() = nullptr;
void (*during_destroy)() = nullptr;

void destroy_tracked(void* value, void*) {
    if (during_destroy != nullptr) std::exchange(during_destroy, nullptr)();
    EXPECT_EQ(static_cast<tracked*>(value)->check, ~static_cast<tracked*>(value)->number);
    *static_cast<tracked*>(value) = {};
    --tracked_alive;
}
spawned_status copy_tracked(void* storage, const void* value, void*) {
    if (copies_to_fail > 0) {
        --copies_to_fail;
        return SPAWNED_ENOMEM;
    }
    if (during_copy != nullptr) std::exchange(during_copy, nullptr)();
    *static_cast<tracked*>(storage) = *static_cast<const tracked*>(value);
    ++tracked_alive;
    return SPAWNED_OK;
}
const spawned_message_type tracked_type = {sizeof(spawned_message_type),
                                           "test.tracked",
                                           sizeof(tracked),
                                           alignof(tracked),
                                           0,
                                           0,
                                           42,
                                           destroy_tracked,
                                           copy_tracked,
                                           nullptr,
                                           nullptr,
                                           nullptr};
const spawned_message_type plain_type = SPAWNED_MESSAGE_TYPE("test.plain", std::int64_t);

tracked make_tracked(std::int64_t number) {
    ++tracked_alive;
    return {number, ~number};
}

class Registry : public ::testing::Test {
protected:
    Registry() {
        EXPECT_TRUE(names_.init(&memory_));
        shared = &names_;
    }
    ~Registry() override {
        names_.deinit();
        EXPECT_EQ(tracked_alive, 0);
        shared = nullptr;
    }

    spawned_status add(const std::string& name, spawned_pid pid) {
        return names_.add_pid(name.data(), name.size(), pid);
    }
    spawned_status put(const std::string& name, std::int64_t number, spawned_pid owner) {
        const tracked value = make_tracked(number);
        const spawned_status status =
            names_.add_value(name.data(), name.size(), &tracked_type, &value, owner);
        if (status != SPAWNED_OK) --tracked_alive;
        return status;
    }
    spawned_pid find(const std::string& name) {
        spawned_pid pid = 0;
        const spawned_status status = names_.find_pid(name.data(), name.size(), &pid);
        EXPECT_EQ(status, pid == 0 ? SPAWNED_ENOENT : SPAWNED_OK);
        return pid;
    }
    // The stored number, or the status.
    std::int64_t get(const std::string& name) {
        tracked value{};
        const spawned_status status =
            names_.get_value(name.data(), name.size(), &tracked_type, &value);
        if (status != SPAWNED_OK) return status;
        --tracked_alive;
        return value.number;
    }

    counting_allocator counted_;
    allocator memory_ = counted_.get();
    registry names_;
    static registry* shared;  // for callbacks, which must find the registry unlocked
};
registry* Registry::shared = nullptr;

TEST_F(Registry, NameFindsItsPidUntilItIsRemoved) {
    EXPECT_EQ(find("a"), 0u);
    EXPECT_EQ(add("a", 11), SPAWNED_OK);
    EXPECT_EQ(add("b", 11), SPAWNED_OK);
    EXPECT_EQ(find("a"), 11u);
    EXPECT_TRUE(names_.remove("a", SPAWNED_ZERO_TERMINATED));
    EXPECT_FALSE(names_.remove("a", SPAWNED_ZERO_TERMINATED));
    EXPECT_EQ(find("a"), 0u);
    EXPECT_EQ(find("b"), 11u);
}

TEST_F(Registry, EmptyRegistryHoldsNoMemory) {
    EXPECT_FALSE(names_.remove("a", 1));
    names_.remove_owned_by(5);
    EXPECT_EQ(counted_.allocations(), 0u);
}

TEST_F(Registry, NameHasOneHolder) {
    EXPECT_EQ(add("a", 1), SPAWNED_OK);
    EXPECT_EQ(add("a", 1), SPAWNED_EEXIST);
    EXPECT_EQ(add("a", 2), SPAWNED_EEXIST);
    EXPECT_EQ(put("a", 3, 0), SPAWNED_EEXIST);
    EXPECT_EQ(find("a"), 1u);
    EXPECT_EQ(names_.size(), 1u);
}

TEST_F(Registry, WrongNamesAndArgumentsAreRefused) {
    spawned_pid pid;
    std::int64_t number = 0;
    EXPECT_EQ(add("", 1), SPAWNED_EINVAL);
    EXPECT_EQ(add("a\n", 1), SPAWNED_EINVAL);
    EXPECT_EQ(add("a", 0), SPAWNED_EINVAL);
    EXPECT_EQ(names_.add_pid(nullptr, 1, 1), SPAWNED_EINVAL);
    EXPECT_EQ(add("spawned.x", 1), SPAWNED_EPERM);
    EXPECT_EQ(put("spawned.x", 1, 1), SPAWNED_EPERM);
    EXPECT_EQ(names_.add_value("v", 1, nullptr, &number, 0), SPAWNED_EINVAL);
    EXPECT_EQ(names_.add_value("v", 1, &plain_type, nullptr, 0), SPAWNED_EINVAL);
    EXPECT_EQ(names_.find_pid("\xff", 1, &pid), SPAWNED_EINVAL);
    EXPECT_EQ(names_.get_value("\xff", 1, &plain_type, &number), SPAWNED_EINVAL);
    EXPECT_EQ(names_.get_value("v", 1, nullptr, &number), SPAWNED_EINVAL);
    EXPECT_EQ(names_.get_value("v", 1, &plain_type, nullptr), SPAWNED_EINVAL);
    EXPECT_FALSE(names_.remove("", 0));
    EXPECT_EQ(names_.size(), 0u);
}

TEST_F(Registry, TypeThatIsPinnedOrCannotBeCopiedIsRefused) {
    tracked value{};
    spawned_message_type type = tracked_type;
    type.copy = nullptr;
    EXPECT_EQ(names_.add_value("v", 1, &type, &value, 0), SPAWNED_EUNSUPPORTED);
    type = tracked_type;
    type.flags = SPAWNED_TYPE_PINNED;
    EXPECT_EQ(names_.add_value("v", 1, &type, &value, 0), SPAWNED_EUNSUPPORTED);
}

TEST_F(Registry, ValueIsCopiedOutAndEndsWithItsName) {
    EXPECT_EQ(put("v", 77, 0), SPAWNED_OK);
    EXPECT_EQ(get("v"), 77);
    EXPECT_EQ(get("v"), 77);
    EXPECT_EQ(tracked_alive, 1);
    EXPECT_TRUE(names_.remove("v", 1));
    EXPECT_EQ(tracked_alive, 0);
    EXPECT_EQ(get("v"), SPAWNED_ENOENT);
}

TEST_F(Registry, ValueKeepsItsAlignmentAndAnEmptyOneIsFine) {
    struct alignas(64) wide {
        unsigned char bytes[4096];
    };
    static const spawned_message_type wide_type = SPAWNED_MESSAGE_TYPE("test.wide", wide);
    static const spawned_message_type empty_type = SPAWNED_EMPTY_TYPE("test.empty");
    static const void* seen;
    static spawned_message_type looking = wide_type;
    looking.copy = [](void* storage, const void* value, void*) -> spawned_status {
        seen = value;
        *static_cast<wide*>(storage) = *static_cast<const wide*>(value);
        return SPAWNED_OK;
    };
    wide value{}, out{};
    value.bytes[4095] = 9;
    ASSERT_EQ(names_.add_value("wide", 4, &looking, &value, 0), SPAWNED_OK);
    ASSERT_EQ(names_.add_value("empty", 5, &empty_type, nullptr, 0), SPAWNED_OK);
    EXPECT_EQ(names_.get_value("wide", 4, &wide_type, &out), SPAWNED_OK);
    EXPECT_EQ(out.bytes[4095], 9);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(seen) % 64, 0u);
    EXPECT_EQ(names_.get_value("empty", 5, &empty_type, nullptr), SPAWNED_OK);
}

TEST_F(Registry, ValueIsFoundByTypeIdentityOnly) {
    const std::int64_t number = 5;
    std::int64_t out = 0;
    ASSERT_EQ(names_.add_value("n", 1, &plain_type, &number, 0), SPAWNED_OK);
    ASSERT_EQ(add("p", 8), SPAWNED_OK);
    spawned_message_type twin = plain_type;
    EXPECT_EQ(names_.get_value("n", 1, &twin, &out), SPAWNED_OK);
    EXPECT_EQ(out, 5);
    twin.fingerprint = 1;
    EXPECT_EQ(names_.get_value("n", 1, &twin, &out), SPAWNED_ETYPE);
    EXPECT_EQ(names_.get_value("n", 1, &tracked_type, &out), SPAWNED_ETYPE);
    EXPECT_EQ(names_.get_value("p", 1, &plain_type, &out), SPAWNED_ETYPE);
    EXPECT_EQ(names_.get_value("x", 1, &plain_type, &out), SPAWNED_ENOENT);
    EXPECT_EQ(find("n"), 0u) << "a value is not a pid";
}

TEST_F(Registry, FailedCopyIsReportedAndNothingIsLost) {
    ASSERT_EQ(put("v", 1, 0), SPAWNED_OK);
    copies_to_fail = 1;
    EXPECT_EQ(get("v"), SPAWNED_ENOMEM);
    EXPECT_EQ(get("v"), 1);
}

TEST_F(Registry, CopyRunsUnlockedAndThePinnedValueOutlivesItsName) {
    ASSERT_EQ(put("v", 5, 3), SPAWNED_OK);
    during_copy = [] {
        shared->remove_owned_by(3);
        EXPECT_EQ(shared->size(), 0u);
        EXPECT_EQ(tracked_alive, 1) << "the reader's pin holds it";
    };
    EXPECT_EQ(get("v"), 5);
    EXPECT_EQ(tracked_alive, 0);
}

TEST_F(Registry, DestroyRunsUnlocked) {
    static bool ran;
    for (const bool by_owner : {false, true}) {
        ASSERT_EQ(put("v", 5, 3), SPAWNED_OK);
        ran = false;
        during_destroy = [] { ran = shared->size() == 0; };
        if (by_owner) {
            names_.remove_owned_by(3);
        } else {
            names_.remove("v", 1);
        }
        EXPECT_TRUE(ran);
    }
}

TEST_F(Registry, OwnersDeathFreesAllThatIsTheirsAndNothingElse) {
    for (int index = 0; index < 100; ++index) {
        const auto owner = static_cast<spawned_pid>(index % 5 + 1);
        const std::string number = std::to_string(index);
        ASSERT_EQ(add("pid " + number, owner), SPAWNED_OK);
        ASSERT_EQ(put("value " + number, index, index % 2 == 0 ? owner : 0), SPAWNED_OK);
    }
    names_.remove_owned_by(0);
    names_.remove_owned_by(99);
    EXPECT_EQ(names_.size(), 200u);
    names_.remove_owned_by(3);
    EXPECT_EQ(names_.size(), 170u);
    for (int index = 0; index < 100; ++index) {
        const bool gone = index % 5 + 1 == 3;
        const std::string number = std::to_string(index);
        EXPECT_EQ(find("pid " + number) == 0, gone) << index;
        EXPECT_EQ(get("value " + number), gone && index % 2 == 0 ? SPAWNED_ENOENT : index);
    }
    names_.remove_owned_by(3);
    EXPECT_EQ(names_.size(), 170u);
}

// The first name of an owner stands for the others in the index; each may be removed before the
// rest.
TEST_F(Registry, OwnerIsStillFoundWhicheverOfItsNamesGoesFirst) {
    for (int first = 0; first < 3; ++first) {
        for (int index = 0; index < 3; ++index) {
            ASSERT_EQ(add("n" + std::to_string(index), 7), SPAWNED_OK);
        }
        ASSERT_EQ(add("other", 8), SPAWNED_OK);
        names_.remove(("n" + std::to_string(first)).c_str(), 2);
        EXPECT_EQ(names_.size(), 3u);
        names_.remove_owned_by(7);
        EXPECT_EQ(names_.size(), 1u);
        names_.remove_owned_by(8);
        EXPECT_EQ(names_.size(), 0u);
    }
}

// More owners than a bucket each: one that gives its place away must not take its neighbours along.
TEST_F(Registry, OwnersThatShareABucketDoNotLoseEachOther) {
    constexpr spawned_pid owners = 500;
    for (spawned_pid owner = 1; owner <= owners; ++owner) {
        for (const char* which : {"a", "b"}) {
            ASSERT_EQ(add(which + std::to_string(owner), owner), SPAWNED_OK);
        }
    }
    for (spawned_pid owner = 1; owner <= owners; ++owner) {
        const std::string first = "a" + std::to_string(owner);
        ASSERT_TRUE(names_.remove(first.data(), first.size()));
    }
    for (spawned_pid owner = 1; owner <= owners; ++owner) {
        names_.remove_owned_by(owner);
        ASSERT_EQ(names_.size(), owners - owner);
    }
}

TEST_F(Registry, ConditionIsAskedLastAndItsFalseMeansStopped) {
    int asked = 0;
    const auto dead = [&asked] {
        ++asked;
        return false;
    };
    const tracked value = make_tracked(1);
    EXPECT_EQ(names_.add_pid("a", 1, 5, dead), SPAWNED_ESTOPPED);
    EXPECT_EQ(names_.add_value("a", 1, &tracked_type, &value, 5, dead), SPAWNED_ESTOPPED);
    EXPECT_EQ(asked, 2);
    EXPECT_EQ(names_.size(), 0u);
    EXPECT_EQ(names_.add_value("a", 1, &tracked_type, &value, 5, [] { return true; }), SPAWNED_OK);
    EXPECT_EQ(names_.add_pid("a", 1, 5, dead), SPAWNED_EEXIST);
    EXPECT_EQ(asked, 2) << "a name that is taken is refused before";
}

TEST_F(Registry, NamesAreLimitedAndRoomComesBack) {
    for (std::size_t index = 0; index < registry::name_limit; ++index) {
        ASSERT_EQ(add("n" + std::to_string(index), index % 1000 + 1), SPAWNED_OK);
    }
    EXPECT_EQ(add("n0", 1), SPAWNED_EEXIST);
    EXPECT_EQ(add("one more", 1), SPAWNED_ELIMIT);
    EXPECT_EQ(find("n65535"), 536u);
    names_.remove_owned_by(1);
    EXPECT_EQ(names_.size(), registry::name_limit - 66);
    EXPECT_EQ(add("one more", 1), SPAWNED_OK);
}

TEST_F(Registry, AnyFailedAllocationLeavesTheTableAsItWas) {
    // 16 names fill the first buckets, so that the next one makes the table grow.
    for (const std::size_t present : {0u, 16u}) {
        for (std::size_t index = 0; index < present; ++index) {
            ASSERT_EQ(add("n" + std::to_string(index), index + 1), SPAWNED_OK);
        }
        std::uint64_t successes = 0;
        spawned_status status = SPAWNED_ENOMEM;
        for (; status != SPAWNED_OK; ++successes) {
            counted_.fail_after(successes);
            const std::size_t blocks = counted_.live_blocks();
            status = put("fresh", 9, 2);
            if (status != SPAWNED_OK) {
                EXPECT_EQ(status, SPAWNED_ENOMEM);
                EXPECT_EQ(names_.size(), present);
                EXPECT_EQ(counted_.live_blocks(), blocks);
                EXPECT_EQ(get("fresh"), SPAWNED_ENOENT);
            }
            ASSERT_LT(successes, 10u);
        }
        counted_.fail_never();
        EXPECT_GE(successes, 3u) << "both the entry and the table must have failed once";
        EXPECT_EQ(get("fresh"), 9);
        for (std::size_t index = 0; index < present; ++index) {
            EXPECT_EQ(find("n" + std::to_string(index)), index + 1);
        }
        names_.remove("fresh", 5);
    }
}

TEST_F(Registry, SnapshotShowsOneMomentWhateverHappensAfterwards) {
    registry_snapshot all;
    EXPECT_EQ(names_.snapshot(&all), SPAWNED_OK);
    EXPECT_EQ(all.count(), 0u);
    ASSERT_EQ(add("a", 1), SPAWNED_OK);
    ASSERT_EQ(add("bb", 2), SPAWNED_OK);
    ASSERT_EQ(put("value", 3, 2), SPAWNED_OK);
    EXPECT_EQ(names_.snapshot(&all), SPAWNED_OK);
    names_.remove_owned_by(2);
    ASSERT_EQ(add("later", 4), SPAWNED_OK);
    std::set<std::pair<std::string, spawned_pid>> seen;
    for (std::size_t index = 0; index < all.count(); ++index) {
        const registry_snapshot::item item = all.at(index);
        seen.emplace(std::string(item.name, item.length), item.pid);
    }
    EXPECT_EQ(seen,
              (std::set<std::pair<std::string, spawned_pid>>{{"a", 1}, {"bb", 2}, {"value", 0}}));
    EXPECT_EQ(tracked_alive, 1) << "pinned";
    all.release();
    EXPECT_EQ(tracked_alive, 0);
}

TEST_F(Registry, SnapshotWithoutMemoryFailsCleanly) {
    ASSERT_EQ(add("a", 1), SPAWNED_OK);
    registry_snapshot all;
    counted_.fail_after(0);
    EXPECT_EQ(names_.snapshot(&all), SPAWNED_ENOMEM);
    EXPECT_EQ(all.count(), 0u);
    counted_.fail_never();
}

// Readers copy and list while writers add and owners die; in the end nothing is left behind.
TEST_F(Registry, ThreadsMayDoEverythingAtOnce) {
    constexpr int rounds = 1500;
    std::vector<std::thread> crowd;
    for (spawned_pid me = 1; me <= 2; ++me) {
        crowd.emplace_back([&, me] {
            for (int round = 0; round < rounds; ++round) {
                const std::string mine = std::to_string(me) + "/" + std::to_string(round % 50);
                add(mine, me);
                put("shared", round, me);
                if (round % 70 == 0) names_.remove_owned_by(me);
                if (round % 9 == 0) names_.remove(mine.data(), mine.size());
            }
            names_.remove_owned_by(me);
        });
    }
    for (int reader = 0; reader < 2; ++reader) {
        crowd.emplace_back([&] {
            for (int round = 0; round < rounds; ++round) {
                const std::int64_t number = get("shared");
                EXPECT_TRUE(number == SPAWNED_ENOENT || (number >= 0 && number < rounds)) << number;
                spawned_pid pid = 0;
                names_.find_pid("1/7", 3, &pid);
                EXPECT_LE(pid, 1u);
                if (round % 30 != 0) continue;
                registry_snapshot all;
                EXPECT_EQ(names_.snapshot(&all), SPAWNED_OK);
                for (std::size_t index = 0; index < all.count(); ++index) {
                    EXPECT_LE(all.at(index).pid, 2u);
                }
            }
        });
    }
    for (std::thread& member : crowd) member.join();
    EXPECT_EQ(names_.size(), 0u);
}

}  // namespace
}  // namespace spawned::engine
