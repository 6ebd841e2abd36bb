// Sources that push: refused values come back, and either side ends the listener.
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "cpp/world.hpp"

namespace {

using namespace test;
using spawned::Error;
using spawned::Overflow;
using spawned::Recipient;
using spawned::Source;
using spawned::Token;

struct Word {
    std::string text;
};
struct Number {
    int value;
};
struct Parcel {
    std::unique_ptr<int> value;
};
struct Take {
    using Reply = std::string;
};

class Collector : public spawned::Actor<Collector, Word, Number, Parcel, Take> {
public:
    void handle(const Word &message, Context &) { all_ += message.text; }
    void handle(Number message, Context &) { all_ += std::to_string(message.value); }
    void handle(Parcel &&message, Context &) { all_ += std::to_string(*message.value); }
    std::string handle(Take, Context &) { return all_; }

private:
    std::string all_;
};

const std::string long_text = "a word that is longer than the space within a string, ";

class Sources : public World {
protected:
    spawned::ActorRef<Collector> collector = runtime.start<Collector>();
    spawned::ActorRef<Collector> bounded =
        runtime.start<Collector>({.overflow = Overflow::block, .capacity = 1});

    std::string collected() { return collector.request(Take{}).unwrap(); }
};

TEST_F(Sources, PushMessagesOfAnyTypeThatTheReceiverHandles) {
    Source source(collector);
    const Word kept{long_text};
    EXPECT_EQ(source.push(kept), Status::ok);
    EXPECT_EQ(source.push(Number{2}), Status::ok);
    EXPECT_EQ(source.push(Parcel{std::make_unique<int>(3)}), Status::ok);
    EXPECT_FALSE(source.outcome().is_ready());
    source.end();
    EXPECT_TRUE(source.outcome().get().is_ok());
    EXPECT_EQ(source.push(Number{4}), Status::stopped);
    Source<Recipient<Number>> by_type{collector};
    EXPECT_EQ(by_type.push(Number{5}), Status::ok);
    EXPECT_EQ(collected(), long_text + "235");
}

TEST_F(Sources, KeepWhatIsRefusedUntilTheyAreCalled) {
    int calls = 0;
    Source source(bounded, [&] { ++calls; });
    EXPECT_EQ(source.push(Number{1}), Status::ok);
    Word word{long_text};
    Parcel parcel{std::make_unique<int>(3)};
    EXPECT_EQ(source.push(std::move(word)), Status::full);
    EXPECT_EQ(source.push(std::move(parcel)), Status::full);
    EXPECT_EQ(word.text, long_text);  // NOLINT(bugprone-use-after-move): it was refused
    ASSERT_TRUE(parcel.value);        // NOLINT(bugprone-use-after-move)
    EXPECT_EQ(calls, 0);
    time.run();
    EXPECT_EQ(calls, 1);
    EXPECT_EQ(source.push(std::move(parcel)), Status::ok);
    time.run();
    EXPECT_EQ(bounded.request(Take{}).unwrap(), "13");
    EXPECT_EQ(calls, 1);
}

TEST_F(Sources, EndWithTheReceiverAndDestroyWhatIsCalledWithThem) {
    int alive = 0, calls = 0;
    std::optional<Source<spawned::ActorRef<Collector>>> source;
    source.emplace(collector, [&calls, counted = Counted(&alive)] { ++calls; });
    auto outcome = std::move(source->outcome());
    EXPECT_EQ(collector.stop(), Status::ok);
    time.run();
    EXPECT_GE(calls, 1);
    EXPECT_EQ(source->push(Number{1}), Status::stopped);
    EXPECT_EQ(alive, 1);
    source.reset();
    EXPECT_EQ(alive, 0);
    EXPECT_EQ(outcome.get().error(), Status::stopped);
}

TEST_F(Sources, EndWithTheirTokenAndLeaveTheReceiverAlone) {
    const Token enough = runtime.token();
    Source source(collector, enough);
    EXPECT_EQ(source.push(Number{1}), Status::ok);
    EXPECT_EQ(enough.cancel(), Status::ok);
    EXPECT_EQ(source.push(Number{2}), Status::stopped);
    EXPECT_EQ(source.outcome().get().error(), Status::stopped);
    EXPECT_EQ(collected(), "1");
}

TEST_F(Sources, TellWhyTheyEnd) {
    Source source(collector);
    source.end(Error(Status{17}, "the line is dead"));
    EXPECT_EQ(source.outcome().get().error(), Error(Status{17}, "the line is dead"));
}

TEST_F(Sources, AreMovedAndEndOnce) {
    int alive = 0;
    Source first(collector, [counted = Counted(&alive)] {});
    auto outcome = std::move(first.outcome());
    Source second = std::move(first);
    EXPECT_EQ(second.push(Number{1}), Status::ok);
    EXPECT_EQ(first.push(Number{2}), Status::stopped);  // NOLINT(bugprone-use-after-move)
    first = std::move(second);
    EXPECT_EQ(first.push(Number{3}), Status::ok);
    first = Source(bounded);
    EXPECT_EQ(alive, 0);
    EXPECT_TRUE(outcome.get().is_ok());
    EXPECT_EQ(collected(), "13");
}

TEST_F(Sources, CannotBeMadeForWhoHasEnded) {
    int alive = 0;
    EXPECT_EQ(collector.stop(), Status::ok);
    time.run();
    EXPECT_THROW(Source(collector, [counted = Counted(&alive)] {}), Error);
    EXPECT_EQ(alive, 0);
}

}  // namespace
