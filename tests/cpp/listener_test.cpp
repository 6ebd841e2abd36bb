// Generators, and sequences that are fed into mailboxes.
#include <list>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "cpp/world.hpp"

namespace {

using namespace test;
using spawned::Generator;
using spawned::listen;
using spawned::Overflow;
using spawned::RuntimeRef;
using spawned::Task;
using spawned::Token;

struct Add {
    int number;
};
struct Word {
    std::string text;
};
struct Parcel {
    std::unique_ptr<int> number;
};
struct Take {
    using Reply = std::string;
};

// Writes down what arrives; a negative number ends it.
class Collector : public spawned::Actor<Collector, Add, Word, Parcel, Take> {
public:
    void handle(Add message, Context &context) {
        if (message.number < 0) (void)context.stop();
        all_ += std::to_string(message.number);
    }
    void handle(const Word &message, Context &) { all_ += message.text; }
    void handle(Parcel &&message, Context &) { all_ += std::to_string(*message.number); }
    std::string handle(Take, Context &) { return all_; }

private:
    std::string all_;
};

class Listeners : public World {
protected:
    spawned::ActorRef<Collector> collector = runtime.start<Collector>();

    std::string collected() { return collector.request(Take{}).unwrap(); }
};

Generator<Add> numbers(int from, int to, [[maybe_unused]] Counted held) {
    for (int i = from; i <= to; ++i) {
        (co_await spawned::sleep(milliseconds(10))).unwrap();
        co_yield Add{i};
    }
}
Generator<Word> words(int count) {
    for (int i = 0; i < count; ++i) {
        Word word{"a word that is longer than the space within a string "};
        word.text += std::to_string(i) + ".";
        co_yield word;
    }
}

TEST_F(Listeners, FeedARangeInItsOrder) {
    auto done = listen(collector, std::vector<Add>{{1}, {2}, {3}, {4}, {5}});
    EXPECT_EQ(done.unwrap(), 5U);
    EXPECT_EQ(collected(), "12345");
    spawned::Recipient<Word> by_type = collector;
    EXPECT_EQ(listen(by_type, std::list<Word>{{"a"}, {"b"}}).unwrap(), 2U);
    EXPECT_EQ(collected(), "12345ab");
    EXPECT_EQ(listen(collector, std::vector<Add>()).unwrap(), 0U);
}

TEST_F(Listeners, MoveItemsThatCannotBeCopied) {
    std::vector<Parcel> parcels;
    for (int i = 1; i <= 3; ++i) parcels.push_back(Parcel{std::make_unique<int>(i)});
    EXPECT_EQ(listen(collector, std::move(parcels)).unwrap(), 3U);
    EXPECT_EQ(collected(), "123");
}

TEST_F(Listeners, FeedWhatAGeneratorYieldsWhenItYieldsIt) {
    int alive = 0;
    auto done = listen(collector, numbers(1, 5, Counted(&alive)));
    time.advance(milliseconds(25));
    EXPECT_EQ(collected(), "12");
    EXPECT_FALSE(done.is_ready());
    EXPECT_EQ(done.unwrap(), 5U);
    EXPECT_EQ(collected(), "12345");
    time.run();
    EXPECT_EQ(alive, 0);
    EXPECT_TRUE(collector.is_alive());
    EXPECT_EQ(listen(collector, words(3)).unwrap(), 3U);
    EXPECT_EQ(collected().size(), 5 + 3 * 55U);
}

TEST_F(Listeners, EndAtOnceWhenTheReceiverIsStopped) {
    int alive = 0;
    auto done = listen(collector, numbers(1, 1000, Counted(&alive)));
    time.advance(milliseconds(25));
    EXPECT_EQ(alive, 1);
    EXPECT_EQ(collector.stop(), Status::ok);
    time.run();
    EXPECT_EQ(alive, 0);
    EXPECT_EQ(done.get().error(), Status::stopped);
    EXPECT_EQ(listen(collector, numbers(1, 2, Counted(&alive))).get().error(), Status::stopped);
    EXPECT_EQ(listen(collector, std::vector<Add>{{1}}).get().error(), Status::stopped);
    EXPECT_EQ(alive, 0);
}

TEST_F(Listeners, EndWhenTheirTokenIsCancelledAndLeaveTheReceiverAlone) {
    int alive = 0;
    const Token enough = runtime.token();
    auto done = listen(collector, numbers(1, 1000, Counted(&alive)), enough);
    time.advance(milliseconds(25));
    EXPECT_EQ(enough.cancel(), Status::ok);
    time.run();
    EXPECT_EQ(alive, 0);
    EXPECT_EQ(done.get().error(), Status::stopped);
    EXPECT_EQ(listen(collector, std::vector<Add>{{7}}, enough).get().error(), Status::stopped);
    EXPECT_EQ(collected(), "12");
}

TEST_F(Listeners, HaveItemsThatEndTheReceiverAndNoneIsHandledAfterwards) {
    int alive = 0;
    auto done = listen(collector, numbers(-1, 1000, Counted(&alive)));
    EXPECT_EQ(done.get().error(), Status::stopped);
    EXPECT_EQ(collector.wait_exit().kind(), spawned::ExitKind::normal);
    time.run();
    EXPECT_EQ(alive, 0);
}

Generator<Add> failing() {
    co_yield Add{1};
    throw std::runtime_error("the source is broken");
}
Generator<Add> only_even(Generator<Add> source) {
    while (auto item = co_await source.next())
        if (item->number % 2 == 0) co_yield *item;
}

TEST_F(Listeners, TellThatTheirSourceFailed) {
    const auto result = listen(collector, failing()).get();
    EXPECT_EQ(result.error().text(), "std::runtime_error: the source is broken");
    EXPECT_EQ(collected(), "1");
}

TEST_F(Listeners, HaveSourcesThatFilterOtherSources) {
    int alive = 0;
    EXPECT_EQ(listen(collector, only_even(numbers(1, 6, Counted(&alive)))).unwrap(), 3U);
    EXPECT_EQ(collected(), "246");
    EXPECT_EQ(alive, 0);
}

TEST_F(Listeners, WaitForRoomInABoundedMailbox) {
    auto bounded = runtime.start<Collector>({.overflow = Overflow::block, .capacity = 1});
    EXPECT_EQ(listen(bounded, words(100)).unwrap(), 100U);
    EXPECT_EQ(listen(bounded, std::vector<Add>(100, Add{0})).unwrap(), 100U);
    EXPECT_EQ(bounded.request(Take{}).unwrap().substr(5000).size(), 590 + 100U);
}

Generator<Add> many(int &made) {
    for (; made < 1'000'000; ++made) {
        Add zero{0};
        co_yield zero;
    }
}

// Has enough of what arrives with the first one.
class Satisfied : public spawned::Actor<Satisfied, Add> {
public:
    void handle(Add, Context &context) { (void)context.stop(); }
};

// It never awaits, and the mailbox has always room: without giving way it would make them all in one turn.
TEST_F(Listeners, GiveOthersTheirTurnWhenTheirSourceNeverAwaits) {
    int made = 0;
    auto done = listen(runtime.start<Satisfied>(), many(made));
    EXPECT_EQ(done.get().error(), Status::stopped);
    EXPECT_LT(made, 1'000'000);
}

struct Put {
    int number;
};
struct Pull {
    using Reply = int;
};
// A channel between actors: hands out what was put in, one by one.
class Channel : public spawned::Actor<Channel, Put, Pull> {
public:
    void handle(Put message, Context &) {
        items_.push_back(message.number);
        serve();
    }
    spawned::Later handle(Pull, Context &context) {
        waiting_.push_back(context.detach<Pull>());
        serve();
        return {};
    }

private:
    void serve() {
        while (!items_.empty() && !waiting_.empty()) {
            waiting_.front().send(items_.front());
            items_.pop_front();
            waiting_.pop_front();
        }
    }
    std::list<int> items_;
    std::list<spawned::ReplyTo<Pull>> waiting_;
};
Generator<Add> items_of(spawned::ActorRef<Channel> channel) {
    while (auto item = co_await channel.request(Pull{}, spawned::Duration::forever()))
        co_yield Add{*item};
}

TEST_F(Listeners, FeedWhatOthersPutIntoAChannelUntilItIsClosed) {
    auto channel = runtime.start<Channel>();
    auto done = listen(collector, items_of(channel));
    for (int i = 1; i <= 3; ++i) EXPECT_EQ(channel.send(Put{i}), Status::ok);
    time.run();
    EXPECT_EQ(collected(), "123");
    for (int i = 4; i <= 5; ++i) EXPECT_EQ(channel.send(Put{i}), Status::ok);
    time.run();
    EXPECT_EQ(channel.stop(), Status::ok);
    EXPECT_EQ(done.unwrap(), 5U);
    EXPECT_EQ(collected(), "12345");
}

TEST_F(Listeners, FeedTheSameRangeToSeveral) {
    auto second = runtime.start<Collector>();
    const std::vector<Add> numbers{{1}, {2}, {3}, {4}, {5}};
    auto one = listen(collector, numbers), two = listen(second, numbers);
    EXPECT_EQ(one.unwrap() + two.unwrap(), 10U);
    EXPECT_EQ(collected(), "12345");
    EXPECT_EQ(second.request(Take{}).unwrap(), "12345");
}

Generator<int> endless() {
    for (int i = 0;; ++i) co_yield i;
}
Task<int> sum_of(Generator<int> source, int count) {
    int sum = 0;
    for (int i = 0; i < count; ++i) sum += (co_await source.next()).value();
    co_return sum;
}
Task<int> sum_of_failing() {
    Generator<Add> source = failing();
    int caught = 0;
    (void)co_await source.next();
    try {
        (void)co_await source.next();
    } catch (const std::runtime_error &) {
        ++caught;
    }
    co_return caught;
}

TEST_F(Listeners, GeneratorsAreReadInTasksOnOneStackFrame) {
    EXPECT_EQ(spawned::block_on(runtime, sum_of(endless(), 5)), 10);
    EXPECT_GT(spawned::block_on(runtime, sum_of(endless(), 60'000)), 0);
    EXPECT_EQ(spawned::block_on(runtime, sum_of_failing()), 1);
}

}  // namespace
