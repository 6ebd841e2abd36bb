// Handlers that await: what they wait for, what happens meanwhile, and how they end.
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "cpp/world.hpp"

namespace {

using namespace test;
using spawned::Error;
using spawned::Response;
using spawned::Result;
using spawned::Task;

struct Get {
    using Reply = int;
};
struct GetLater {
    using Reply = int;
};
struct Release {
    int value;
};

// Answers Get at once, GetLater when it is told to.
class Source : public spawned::Actor<Source, Get, GetLater, Release> {
public:
    explicit Source(int value) : value_(value) {}
    int handle(Get, Context &) { return value_; }
    spawned::Later handle(GetLater, Context &context) {
        waiting_.push_back(context.detach<GetLater>());
        return {};
    }
    void handle(Release message, Context &) {
        for (auto &one : waiting_) one.send(message.value);
        waiting_.clear();
    }

private:
    int value_;
    std::vector<spawned::ReplyTo<GetLater>> waiting_;
};

struct Sum {
    using Reply = int;
};
struct SumLater {
    using Reply = int;
    std::unique_ptr<int> extra;
};
struct SumOfAll {
    using Reply = int;
};
struct FirstOf {
    using Reply = int;
};
struct FailAfterwards {
    using Reply = int;
};
struct RefuseAfterwards {
    using Reply = int;
};
struct SleepFor {
    using Reply = int;
    int milliseconds;
};
struct Note {
    std::string word;
};
struct Notes {
    using Reply = std::string;
};
struct Hold {
    Counted *counted;
};

class Adder : public spawned::Actor<Adder, Sum, SumLater, SumOfAll, FirstOf, FailAfterwards,
                                    RefuseAfterwards, SleepFor, Note, Notes, Hold> {
public:
    Adder(spawned::ActorRef<Source> left, spawned::ActorRef<Source> right)
        : left_(left), right_(right) {}

    Task<int> handle(Sum, Context &) {
        const int a = (co_await left_.request(Get{})).unwrap();
        const int b = (co_await right_.request(Get{})).unwrap();
        co_return a + b;
    }
    Task<int> handle(SumLater &&message, Context &) {
        notes_ += "(";
        Response<int> a = left_.request(GetLater{}), b = right_.request(GetLater{});
        const int sum = (co_await a).unwrap() + (co_await std::move(b)).unwrap() + *message.extra;
        notes_ += ")";
        co_return sum;
    }
    Task<int> handle(SumOfAll, Context &) {
        auto [a, b] = co_await spawned::all(left_.request(GetLater{}), right_.request(Get{}));
        std::vector<Response<int>> more;
        for (int i = 0; i < 3; ++i) more.push_back(left_.request(GetLater{}));
        int sum = a.unwrap() + b.unwrap();
        for (auto &one : co_await spawned::all(std::move(more))) sum += one.unwrap();
        co_return sum;
    }
    Task<int> handle(FirstOf, Context &) {
        Response<int> a = left_.request(GetLater{}), b = right_.request(GetLater{});
        const std::size_t first = co_await spawned::any(a, b);
        co_return first == 0 ? a.unwrap() : 100 + b.unwrap();
    }
    Task<int> handle(FailAfterwards, Context &) {
        (void)co_await left_.request(GetLater{});
        throw std::runtime_error("after the await");
    }
    Task<Result<int>> handle(RefuseAfterwards, Context &) {
        (void)co_await left_.request(Get{});
        co_return Error(Status{9}, "no sum today");
    }
    Task<int> handle(SleepFor message, Context &) {
        (co_await spawned::sleep(milliseconds(static_cast<unsigned>(message.milliseconds))))
            .unwrap();
        co_return message.milliseconds;
    }
    void handle(const Note &message, Context &) { notes_ += message.word; }
    std::string handle(Notes, Context &) { return notes_; }
    Task<void> handle(Hold message, Context &) {
        const Counted held(*message.counted);
        (void)co_await inner(held);
    }

private:
    Task<int> inner(Counted copy) {
        const Counted another = copy;
        co_return (co_await left_.request(GetLater{})).unwrap();
    }

    spawned::ActorRef<Source> left_, right_;
    std::string notes_;
};

class Tasks : public World {
protected:
    spawned::ActorRef<Source> left = runtime.start<Source>(1), right = runtime.start<Source>(2);
    spawned::ActorRef<Adder> adder = runtime.start<Adder>(left, right);
};

TEST_F(Tasks, AwaitOtherActorsAndAnswer) { EXPECT_EQ(adder.request(Sum{}).unwrap(), 3); }

TEST_F(Tasks, KeepTheirMessageAndLetNoOtherBeHandledMeanwhile) {
    auto response = adder.request(SumLater{std::make_unique<int>(100)});
    EXPECT_EQ(adder.send(Note{"x"}), Status::ok);
    time.run();
    EXPECT_FALSE(response.is_ready());
    EXPECT_EQ(left.send(Release{10}), Status::ok);
    time.run();
    EXPECT_FALSE(response.is_ready());
    EXPECT_EQ(right.send(Release{20}), Status::ok);
    EXPECT_EQ(response.unwrap(), 130);
    EXPECT_EQ(adder.request(Notes{}).unwrap(), "()x");
}

TEST_F(Tasks, AwaitAllOfSeveralResponses) {
    auto response = adder.request(SumOfAll{});
    time.run();
    left.send(Release{5});
    time.run();
    EXPECT_FALSE(response.is_ready());
    left.send(Release{7});
    EXPECT_EQ(response.unwrap(), 5 + 2 + 3 * 7);
}

TEST_F(Tasks, AwaitTheFirstOfSeveralResponses) {
    auto response = adder.request(FirstOf{});
    time.run();
    EXPECT_FALSE(response.is_ready());
    right.send(Release{5});
    EXPECT_EQ(response.unwrap(), 105);
}

TEST_F(Tasks, SleepOnTheRuntimesClock) {
    auto response = adder.request(SleepFor{250});
    time.advance(milliseconds(249));
    EXPECT_FALSE(response.is_ready());
    time.advance(milliseconds(1));
    EXPECT_TRUE(response.is_ready());
    EXPECT_EQ(response.unwrap(), 250);
}

TEST_F(Tasks, EndTheirActorByAnExceptionAfterAnAwait) {
    auto response = adder.request(FailAfterwards{});
    time.run();
    left.send(Release{1});
    const auto result = response.get();
    EXPECT_EQ(result.error(), Status::stopped);
    const spawned::ExitReason reason = adder.wait_exit();
    EXPECT_EQ(reason.text(), "std::runtime_error: after the await");
    EXPECT_EQ(reason.place(), spawned::ExitPlace::handler);
}

TEST_F(Tasks, MayAnswerWithAnErrorAndLiveOn) {
    EXPECT_EQ(adder.request(RefuseAfterwards{}).get().error().text(), "no sum today");
    EXPECT_EQ(adder.request(Sum{}).unwrap(), 3);
}

TEST_F(Tasks, AreDestroyedOnceWithAllTheyHoldWhenTheirActorIsKilled) {
    int alive = 0;
    {
        Counted counted(&alive);
        EXPECT_EQ(adder.send(Hold{&counted}), Status::ok);
        time.run();
        EXPECT_EQ(
            alive,
            5);  // the test's, the handler's, the argument, its copy in the inner task, and a variable there
        EXPECT_EQ(adder.kill(), Status::ok);
        EXPECT_EQ(adder.join(), Status::ok);
        EXPECT_EQ(alive, 1);
    }
    EXPECT_EQ(left.send(Release{1}), Status::ok);
    time.run();
    EXPECT_EQ(alive, 0);
}

TEST_F(Tasks, CompleteBeforeAStopThatComesMeanwhile) {
    auto response = adder.request(SumLater{std::make_unique<int>(0)});
    time.run();
    EXPECT_EQ(adder.stop(), Status::ok);
    time.run();
    EXPECT_TRUE(adder.is_alive());
    left.send(Release{3});
    right.send(Release{4});
    EXPECT_EQ(response.unwrap(), 7);
    EXPECT_EQ(adder.wait_exit().kind(), spawned::ExitKind::normal);
}

TEST_F(Tasks, LearnThatWhomTheyAskedHasEnded) {
    auto response = adder.request(SumLater{std::make_unique<int>(0)});
    time.run();
    left.stop();
    EXPECT_EQ(response.get().error().code(), Status::stopped);
    EXPECT_EQ(adder.wait_exit().code(), Status::no_reply);
}

struct Repeat {
    using Reply = int;
    int times;
};
class Looping : public spawned::Actor<Looping, Get, Repeat> {
public:
    explicit Looping(spawned::ActorRef<Source> source = {}) : source_(source) {}
    int handle(Get, Context &) { return 1; }
    Task<int> handle(Repeat message, Context &) {
        int sum = 0;
        for (int i = 0; i < message.times; ++i) {
            sum += co_await plus(1);
            if (source_) sum += (co_await source_.request(Get{})).unwrap();
        }
        co_return sum;
    }

private:
    static Task<int> plus(int n) { co_return n; }
    spawned::ActorRef<Source> source_;
};

TEST_F(Tasks, AwaitAMillionTasksOnOneStackFrame) {
    auto looping = runtime.start<Looping>();
    EXPECT_EQ(looping.request(Repeat{1'000'000}).unwrap(), 1'000'000);
}

TEST(TasksOnThreads, AwaitTwoHundredThousandResponsesOnOneStackFrame) {
    spawned::Runtime runtime({.workers = 1});
    auto looping = runtime.start<Looping>(runtime.start<Source>(1));
    EXPECT_EQ(looping.request(Repeat{200'000}, seconds(300)).unwrap(), 400'000);
}

Task<int> deep(int levels) {
    if (levels == 0) co_return 0;
    co_return 1 + co_await deep(levels - 1);
}
struct Dive {
    using Reply = int;
    int levels;
};
class Diver : public spawned::Actor<Diver, Dive> {
public:
    Task<int> handle(Dive message, Context &) { co_return co_await deep(message.levels); }
};

TEST_F(Tasks, NestWithoutUsingTheStack) {
    EXPECT_EQ(runtime.start<Diver>().request(Dive{10'000}).unwrap(), 10'000);
}

class AwaitingHooks : public spawned::Actor<AwaitingHooks, Get> {
public:
    AwaitingHooks(spawned::ActorRef<Source> source, int *last) : source_(source), last_(last) {}
    Task<void> started(Context &) { value_ = (co_await source_.request(Get{})).unwrap(); }
    Task<void> stopped(Context &) { *last_ = 10 + (co_await source_.request(Get{})).unwrap(); }
    int handle(Get, Context &) { return value_; }

private:
    spawned::ActorRef<Source> source_;
    int *last_;
    int value_ = 0;
};

TEST_F(Tasks, AreHooksToo) {
    int last = 0;
    auto actor = runtime.start<AwaitingHooks>(right, &last);
    EXPECT_EQ(actor.request(Get{}).unwrap(), 2);
    actor.stop();
    actor.join();
    EXPECT_EQ(last, 12);
}

struct CallLibrary {
    using Reply = int;
};
// Awaits what a callback on a thread of its own delivers; that thread ends before the actor.
class Bridge : public spawned::Actor<Bridge, CallLibrary> {
public:
    ~Bridge() { library_.join(); }
    Task<int> handle(CallLibrary, Context &context) {
        spawned::Promise<std::string> promise = context.promise<std::string>();
        Response<std::string> answer = promise.response();
        library_ = std::thread([p = std::move(promise)]() mutable { p.send("from a thread"); });
        co_return static_cast<int>((co_await std::move(answer)).unwrap().size());
    }

private:
    std::thread library_;
};

TEST(TasksOnThreads, AwaitAPromiseCompletedByAnyThread) {
    spawned::Runtime runtime({.workers = 1});
    EXPECT_EQ(runtime.start<Bridge>().request(CallLibrary{}).unwrap(), 13);
}

TEST_F(Tasks, CountNoPromiseThatNobodyKeeps) {
    spawned::Promise<int> promise = runtime.promise<int>();
    Response<int> response = promise.response();
    EXPECT_TRUE(promise.is_wanted());
    EXPECT_EQ(promise.send(4), Status::ok);
    EXPECT_EQ(promise.send(5), Status::already);
    EXPECT_EQ(response.unwrap(), 4);
    Response<void> abandoned = [&] { return runtime.promise<void>().response(); }();
    EXPECT_EQ(abandoned.get().error(), Status::no_reply);
    spawned::Promise<std::string> failing = runtime.promise<std::string>();
    auto failed = failing.response();
    EXPECT_EQ(failing.fail(Status{3}, "broken"), Status::ok);
    EXPECT_EQ(failed.get().error(), Error(Status{3}, "broken"));
    auto limited = runtime.promise<int>(milliseconds(5));
    EXPECT_EQ(limited.response().get().error(), Status::timed_out);
    EXPECT_FALSE(limited.is_wanted());
}

}  // namespace
