#include "registry/name.hpp"

#include <string>

#include <spawned/types.h>

#include <gtest/gtest.h>

namespace spawned::engine {
namespace {

bool is_valid(const std::string& name) {
    std::size_t length = name.size();
    const spawned_status status = check_name(name.data(), &length);
    EXPECT_EQ(length, name.size());
    return status == SPAWNED_OK;
}

TEST(Name, MayBeOneTo255Bytes) {
    EXPECT_FALSE(is_valid(""));
    EXPECT_TRUE(is_valid("a"));
    EXPECT_TRUE(is_valid(std::string(255, 'a')));
    EXPECT_FALSE(is_valid(std::string(256, 'a')));
}

TEST(Name, LengthIsFoundWhenTheNameIsZeroTerminated) {
    std::size_t length = SPAWNED_ZERO_TERMINATED;
    EXPECT_EQ(check_name("worker", &length), SPAWNED_OK);
    EXPECT_EQ(length, 6u);
    length = SPAWNED_ZERO_TERMINATED;
    EXPECT_EQ(check_name(std::string(300, 'x').c_str(), &length), SPAWNED_EINVAL);
    length = SPAWNED_ZERO_TERMINATED;
    EXPECT_EQ(check_name("", &length), SPAWNED_EINVAL);
    length = 3;
    EXPECT_EQ(check_name(nullptr, &length), SPAWNED_EINVAL);
}

TEST(Name, MayHoldAnyUtf8ButControlCharacters) {
    EXPECT_TRUE(is_valid("caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80"));
    EXPECT_TRUE(is_valid("\xc2\xa0"));          // the first behind the controls
    EXPECT_TRUE(is_valid("\xed\x9f\xbf"));      // the last before the surrogates
    EXPECT_TRUE(is_valid("\xee\x80\x80"));      // the first behind them
    EXPECT_TRUE(is_valid("\xf4\x8f\xbf\xbf"));  // the last of all
    for (char control = 0; control < 0x20; ++control) {
        EXPECT_FALSE(is_valid(std::string("a") + control)) << int{control};
    }
    EXPECT_FALSE(is_valid("\x7f"));
    EXPECT_FALSE(is_valid("\xc2\x80"));
    EXPECT_FALSE(is_valid("\xc2\x9f"));
}

TEST(Name, MayNotHoldWhatIsNotUtf8) {
    const char* const wrong[] = {
        "\x80",              // no lead
        "\xc3",              // cut off
        "\xe2\x82",          //
        "\xf0\x9f\x98",      //
        "\xc3(",             // no continuation
        "\xe2(\xac",         //
        "\xc0\x80",          // overlong
        "\xc1\xbf",          //
        "\xe0\x9f\xbf",      //
        "\xf0\x8f\xbf\xbf",  //
        "\xed\xa0\x80",      // surrogates
        "\xed\xbf\xbf",      //
        "\xf4\x90\x80\x80",  // above the last
        "\xf5\x80\x80\x80",  //
        "\xff",              //
    };
    for (const char* name : wrong) EXPECT_FALSE(is_valid(name)) << ::testing::PrintToString(name);
}

TEST(Name, CharacterThatTheLengthCutsIsInvalid) {
    std::size_t length = 1;
    EXPECT_EQ(check_name("\xc3\xa9", &length), SPAWNED_EINVAL);
}

TEST(Name, OnlyThePrefixWithItsDotIsReserved) {
    EXPECT_TRUE(is_reserved_name("spawned.", 8));
    EXPECT_TRUE(is_reserved_name("spawned.anything", 16));
    EXPECT_FALSE(is_reserved_name("spawned", 7));
    EXPECT_FALSE(is_reserved_name("spawned_x", 9));
    EXPECT_FALSE(is_reserved_name("Spawned.", 8));
    EXPECT_FALSE(is_reserved_name("my spawned.x", 12));
}

}  // namespace
}  // namespace spawned::engine
