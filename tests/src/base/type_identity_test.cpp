#include "base/type_identity.hpp"

#include <gtest/gtest.h>

namespace spawned::engine {
namespace {

struct point {
    int x, y;
};

TEST(TypeIdentity, IsNameSizeAndFingerprintAndNotTheAddress) {
    const spawned_message_type original = SPAWNED_MESSAGE_TYPE("test.point", point);
    char copied_name[] = "test.point";
    spawned_message_type other = original;
    other.name = copied_name;
    EXPECT_TRUE(same_type(&original, &original));
    EXPECT_TRUE(same_type(&original, &other));
    other.destroy = [](void*, void*) {};
    other.flags = SPAWNED_TYPE_SKIP_EXPIRED;
    EXPECT_TRUE(same_type(&original, &other)) << "what a type does is not what it is";
}

TEST(TypeIdentity, AnyDifferenceOfTheThreeIsAnotherType) {
    const spawned_message_type original = SPAWNED_MESSAGE_TYPE("test.point", point);
    spawned_message_type other = original;
    other.name = "test.pointer";
    EXPECT_FALSE(same_type(&original, &other));
    other = original;
    other.value_size = 12;
    EXPECT_FALSE(same_type(&original, &other));
    other = original;
    other.fingerprint = 1;
    EXPECT_FALSE(same_type(&original, &other));
}

}  // namespace
}  // namespace spawned::engine
