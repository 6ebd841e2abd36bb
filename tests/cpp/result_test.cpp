// Result, Error, Duration: the values the layer speaks in.
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "cpp/world.hpp"

namespace {

using namespace test;
using spawned::Duration;
using spawned::Error;
using spawned::Result;

TEST(Errors, NameTheirStatusAndTheirText) {
    EXPECT_STREQ(Error(Status::stopped).what(), "actor stopped");
    const Error error(Status::timed_out, "Joe did not answer");
    EXPECT_EQ(error.code(), Status::timed_out);
    EXPECT_EQ(error.text(), "Joe did not answer");
    EXPECT_EQ(std::string(error.what()),
              std::string(spawned::text(Status::timed_out)) + ": Joe did not answer");
    EXPECT_EQ(error, Status::timed_out);
    EXPECT_NE(error, Error(Status::timed_out));
    EXPECT_STREQ(spawned::name(Status::stopped), "SPAWNED_ESTOPPED");
    const std::exception &as_any = error;
    EXPECT_NE(std::string(as_any.what()), "");
}

spawned::ExitReason reason(spawned_exit_kind kind, spawned_exit_place place = SPAWNED_PLACE_NONE,
                           const char *text = "") {
    spawned_exit exit = SPAWNED_EXIT_INIT;
    exit.kind = kind;
    exit.place = place;
    exit.code = kind == SPAWNED_EXIT_FAILURE ? SPAWNED_EFAILED : SPAWNED_OK;
    return spawned::ExitReason(exit, text);
}

TEST(Results, OfATemporaryGiveAValueThatIsGoneOver) {
    const auto words = []() -> Result<std::vector<std::string>> {
        return std::vector<std::string>{"a word that is too long to be kept in place", "another"};
    };
    std::size_t letters = 0;
    for (const std::string &word : words().value()) letters += word.size();
    for (const std::string &word : *words()) letters += word.size();
    EXPECT_EQ(letters, 2 * (43U + 7U));
    static_assert(std::is_same_v<decltype(words().value()), std::vector<std::string>>);
    static_assert(std::is_same_v<decltype(*words()), std::vector<std::string>>);
}

TEST(ExitReasons, AreAbnormalWhenTheyAreAFailureOrAKill) {
    EXPECT_FALSE(reason(SPAWNED_EXIT_NORMAL).is_abnormal());
    EXPECT_FALSE(reason(SPAWNED_EXIT_SHUTDOWN).is_abnormal());
    EXPECT_TRUE(reason(SPAWNED_EXIT_FAILURE).is_abnormal());
    EXPECT_TRUE(reason(SPAWNED_EXIT_KILLED).is_abnormal());
}

TEST(ExitReasons, AreWrittenForPeople) {
    EXPECT_EQ(reason(SPAWNED_EXIT_NORMAL).to_string(), "normal");
    EXPECT_EQ(reason(SPAWNED_EXIT_SHUTDOWN).to_string(), "shutdown");
    EXPECT_EQ(reason(SPAWNED_EXIT_KILLED).to_string(), "killed");
    EXPECT_EQ(reason(SPAWNED_EXIT_FAILURE, SPAWNED_PLACE_HANDLER, "on fire").to_string(),
              "failure in handler: on fire");
}

TEST(ExitReasons, AreEqualWithTheirTextsAndPlaces) {
    const auto failure = reason(SPAWNED_EXIT_FAILURE, SPAWNED_PLACE_HANDLER, "on fire");
    EXPECT_EQ(failure, reason(SPAWNED_EXIT_FAILURE, SPAWNED_PLACE_HANDLER, "on fire"));
    EXPECT_NE(failure, reason(SPAWNED_EXIT_FAILURE, SPAWNED_PLACE_HANDLER, "wet"));
    EXPECT_NE(failure, reason(SPAWNED_EXIT_FAILURE, SPAWNED_PLACE_STARTED, "on fire"));
    EXPECT_NE(reason(SPAWNED_EXIT_NORMAL), reason(SPAWNED_EXIT_SHUTDOWN));
    EXPECT_EQ(reason(SPAWNED_EXIT_NORMAL), reason(SPAWNED_EXIT_NORMAL));
}

TEST(Results, HoldAValueOrAnError) {
    Result<std::string> good = std::string("yes");
    ASSERT_TRUE(good);
    EXPECT_TRUE(good.is_ok());
    EXPECT_EQ(*good, "yes");
    EXPECT_EQ(good->size(), 3U);
    EXPECT_EQ(good.value(), "yes");
    EXPECT_EQ(good.value_or("no"), "yes");
    Result<std::string> bad = Error(Status::full, "at the brim");
    EXPECT_FALSE(bad.has_value());
    EXPECT_TRUE(bad.is_err());
    EXPECT_EQ(bad.error(), Status::full);
    EXPECT_EQ(bad.value_or("no"), "no");
    EXPECT_THROW((void)bad.value(), Error);
    EXPECT_NE(good, bad);
    bad = good;
    EXPECT_EQ(bad, good);
    good = Error(Status::stopped);
    EXPECT_EQ(good.error(), Status::stopped);
}

TEST(Results, ThrowWhatTheyLackWhenUnwrapped) {
    Result<int> bad = Error(Status::stopped, "gone");
    try {
        (void)bad.unwrap();
        FAIL();
    } catch (const Error &error) {
        EXPECT_EQ(error.code(), Status::stopped);
        EXPECT_EQ(error.text(), "gone");
    }
    try {
        (void)bad.expect("asking Joe");
        FAIL();
    } catch (const Error &error) {
        EXPECT_EQ(error.text(), "asking Joe: actor stopped: gone");
    }
    EXPECT_EQ(Result<int>(4).unwrap(), 4);
    EXPECT_NO_THROW(Result<void>().unwrap());
    EXPECT_THROW(Result<void>(Error(Status::full)).unwrap(), Error);
}

TEST(Results, ChainLikeTheStandardOnes) {
    const auto twice = [](int n) { return 2 * n; };
    EXPECT_EQ(Result<int>(4).transform(twice).unwrap(), 8);
    EXPECT_EQ(Result<int>(4).map(twice).unwrap(), 8);
    bool called = false;
    const auto note = [&](int) { called = true; };
    EXPECT_EQ(Result<int>(Error(Status::full)).transform(note).error(), Status::full);
    EXPECT_FALSE(called);
    const auto half = [](int n) -> Result<int> {
        if (n % 2 != 0) return Error(Status{1}, "odd");
        return n / 2;
    };
    EXPECT_EQ(Result<int>(8).and_then(half).and_then(half).unwrap(), 2);
    EXPECT_EQ(Result<int>(6).and_then(half).and_then(half).error().text(), "odd");
    EXPECT_EQ(Result<int>(5).and_then(half).or_else([](Error) { return Result<int>(0); }).unwrap(),
              0);
}

TEST(Results, CarryWhatOnlyMovesAndEndItOnce) {
    int alive = 0;
    {
        Result<Counted> one = Counted(&alive);
        EXPECT_EQ(alive, 1);
        Result<Counted> other = std::move(one);
        one = Error(Status::full);
        EXPECT_EQ(alive, 1);
        one = std::move(other);
        EXPECT_EQ(alive, 2);  // the one moved from is still one
    }
    EXPECT_EQ(alive, 0);
    Result<std::unique_ptr<int>> pointer = std::make_unique<int>(3);
    EXPECT_EQ(*pointer.unwrap(), 3);
}

TEST(Durations, ComeFromAnyClocksAndSaturate) {
    using namespace std::chrono_literals;
    EXPECT_EQ(Duration(50ms), milliseconds(50));
    EXPECT_EQ(Duration(2min), spawned::minutes(2));
    EXPECT_EQ(Duration(7ns).count(), 7U);
    EXPECT_EQ(Duration(std::chrono::duration<double>(0.25)), milliseconds(250));
    EXPECT_EQ(Duration(-5s).count(), 0U);
    EXPECT_EQ(Duration(std::chrono::hours::max()).count(), Duration::longest);
    EXPECT_EQ(Duration::forever().count(), SPAWNED_FOREVER);
    EXPECT_LT(Duration(1s), Duration::forever());
}

}  // namespace
