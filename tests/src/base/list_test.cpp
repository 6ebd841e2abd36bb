#include "base/list.hpp"

#include <vector>

#include <gtest/gtest.h>

namespace spawned::engine {
namespace {

struct other_tag {};

struct item : list_link<>, list_link<other_tag> {
    explicit item(int given) : value(given) {}
    int value;
};

using items = list<item>;

std::vector<int> values(const items& from) {
    std::vector<int> found;
    for (item* each = from.front(); each != nullptr; each = from.next(each)) {
        found.push_back(each->value);
    }
    return found;
}

TEST(List, KeepsTheOrderOfPushes) {
    item a(1), b(2), c(3);
    items all;
    EXPECT_TRUE(all.empty());
    EXPECT_EQ(all.front(), nullptr);
    all.push_back(&b);
    all.push_back(&c);
    all.push_front(&a);
    EXPECT_EQ(values(all), (std::vector{1, 2, 3}));
}

TEST(List, RemovesFromAnyPlaceWithoutKnowingTheList) {
    item a(1), b(2), c(3);
    items all;
    for (item* each : {&a, &b, &c}) all.push_back(each);
    items::remove(&b);
    EXPECT_FALSE(b.list_link<>::is_linked());
    EXPECT_EQ(values(all), (std::vector{1, 3}));
    items::remove(&a);
    items::remove(&c);
    EXPECT_TRUE(all.empty());
    all.push_back(&b);
    EXPECT_EQ(values(all), (std::vector{2}));
}

TEST(List, PopsFromTheFrontUntilEmpty) {
    item a(1), b(2);
    items all;
    all.push_back(&a);
    all.push_back(&b);
    EXPECT_EQ(all.pop_front(), &a);
    EXPECT_EQ(all.pop_front(), &b);
    EXPECT_EQ(all.pop_front(), nullptr);
}

TEST(List, SpliceMovesEverythingBehindWhatIsThere) {
    item a(1), b(2), c(3), d(4);
    items left, right;
    left.push_back(&a);
    left.push_back(&b);
    right.push_back(&c);
    right.push_back(&d);
    left.splice(right);
    EXPECT_EQ(values(left), (std::vector{1, 2, 3, 4}));
    EXPECT_TRUE(right.empty());
    left.splice(right);
    EXPECT_EQ(values(left), (std::vector{1, 2, 3, 4}));
    right.splice(left);
    EXPECT_EQ(values(right), (std::vector{1, 2, 3, 4}));
    EXPECT_TRUE(left.empty());
}

TEST(List, OneElementMayBeInListsOfDifferentTags) {
    item a(1), b(2);
    items first;
    list<item, other_tag> second;
    first.push_back(&a);
    first.push_back(&b);
    second.push_back(&b);
    items::remove(&b);
    EXPECT_EQ(second.front(), &b);
    EXPECT_EQ(values(first), (std::vector{1}));
}

}  // namespace
}  // namespace spawned::engine
