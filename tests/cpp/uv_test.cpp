// libuv: functions on the runtime's loop, and a runtime on a loop of the program.
#include <uv.h>

#include <atomic>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>

#include <spawned/uv.hpp>

#include "cpp/world.hpp"

namespace {

using namespace test;
namespace uv = spawned::uv;

struct Note {
    int number;
};
struct Notes {
    using Reply = std::string;
};
struct AwaitLoop {
    using Reply = bool;
};

class Notebook : public spawned::Actor<Notebook, Note, Notes, AwaitLoop> {
public:
    void handle(Note message, Context &) { notes_ += std::to_string(message.number); }
    std::string handle(Notes, Context &) { return notes_; }
    Task<bool> handle(AwaitLoop, Context &context) {
        uv_loop_t *const here =
            (co_await uv::submit(context.runtime(), [](uv_loop_t *loop) { return loop; })).unwrap();
        co_return here == uv::loop(context.runtime()).unwrap();
    }

private:
    std::string notes_;
};

TEST(Loops, AreWhereSubmittedFunctionsRun) {
    ASSERT_EQ(SPAWNED_UV_CHECK(), SPAWNED_OK);
    spawned::Runtime runtime({.workers = 1});
    auto loop = uv::submit(runtime, [](uv_loop_t *here) { return here; });
    EXPECT_EQ(loop.unwrap(), uv::loop(runtime).unwrap());
    EXPECT_TRUE(runtime.start<Notebook>().request(AwaitLoop{}).unwrap());
    auto words =
        std::make_unique<std::string>("a result that is longer than the space in a string");
    EXPECT_EQ(
        uv::submit(runtime, [kept = std::move(words)](uv_loop_t *) { return *kept; }).unwrap(),
        "a result that is longer than the space in a string");
    bool ran = false;
    uv::submit(runtime, [&](uv_loop_t *) { ran = true; }).unwrap();
    EXPECT_TRUE(ran);
}

TEST(Loops, GiveBackWhatIsThrownThere) {
    spawned::Runtime runtime({.workers = 1});
    const auto broken =
        uv::submit(runtime, [](uv_loop_t *) -> int { throw std::runtime_error("broken"); }).get();
    EXPECT_EQ(broken.error(), spawned::Error(Status::failed, "std::runtime_error: broken"));
    const auto coded =
        uv::submit(runtime, [](uv_loop_t *) { throw spawned::Error(Status{17}, "no"); }).get();
    EXPECT_EQ(coded.error(), spawned::Error(Status{17}, "no"));
}

// Counts what a runtime takes.
void *take(size_t bytes, size_t alignment, void *taken) {
    ++*static_cast<std::atomic<int> *>(taken);
    return std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
}
void give_back(void *memory, size_t, size_t, void *) { std::free(memory); }

struct ThrowsWhenCopied {
    ThrowsWhenCopied() = default;
    ThrowsWhenCopied(const ThrowsWhenCopied &) { throw std::runtime_error("no copy"); }
    void operator()(uv_loop_t *) const {}
};

TEST(Loops, KeepNothingOfAFunctionWhoseCopyThrows) {
    std::atomic<int> taken = 0;
    const spawned_allocator counting = {sizeof counting, take, give_back, &taken, nullptr};
    spawned::Runtime runtime({.workers = 1, .allocator = &counting});
    const ThrowsWhenCopied function;
    int before = 0;
    for (int i = 0; i < 20000; ++i) {
        if (i == 1000) before = taken;
        EXPECT_THROW((void)uv::submit(runtime, function), std::runtime_error);
    }
    EXPECT_EQ(taken, before);
    EXPECT_EQ(uv::submit(runtime, [](uv_loop_t *) { return 1; }).unwrap(), 1);
}

TEST(Loops, DestroyFunctionsThatCannotRun) {
    spawned::Runtime runtime({.workers = 1}), deterministic({.deterministic = true});
    int alive = 0;
    const auto function = [counted = Counted(&alive)](uv_loop_t *) { (void)counted; };
    EXPECT_EQ(uv::submit(deterministic, function).get().error(), Status::unsupported);
    EXPECT_EQ(uv::loop(deterministic).error(), Status::unsupported);
    uv::submit(runtime, function).unwrap();
    EXPECT_EQ(runtime.shutdown(), Status::ok);
    EXPECT_TRUE(uv::submit(runtime, function).get().is_err());
    EXPECT_EQ(alive, 1);
}

// A loop of the program, and a runtime on it that ends first.
class LoopsOfPrograms : public testing::Test {
protected:
    uv_loop_t loop;
    std::unique_ptr<spawned::Runtime> runtime;

    void SetUp() override {
        ASSERT_EQ(uv_loop_init(&loop), 0);
        runtime = std::make_unique<spawned::Runtime>(spawned::RuntimeOptions{.hosted = true});
    }
    void TearDown() override {
        runtime.reset();
        EXPECT_EQ(uv_run(&loop, UV_RUN_DEFAULT), 0);
        EXPECT_EQ(uv_loop_close(&loop), 0);
    }
};

// Says something each millisecond, three times.
struct Speaker {
    uv_timer_t timer;
    spawned::ActorRef<Notebook> to;
    int said = 0;

    static void speak(uv_timer_t *timer) {
        auto *self = static_cast<Speaker *>(timer->data);
        EXPECT_EQ(self->to.send(Note{++self->said}), Status::ok);
        if (self->said == 3) uv_close(reinterpret_cast<uv_handle_t *>(timer), nullptr);
    }
};

TEST_F(LoopsOfPrograms, RunActorsBetweenTheirPolls) {
    const uv::Host host(*runtime, &loop);
    EXPECT_EQ(uv::loop(*runtime).unwrap(), &loop);
    Speaker speaker{{}, runtime->start<Notebook>()};
    ASSERT_EQ(uv_timer_init(&loop, &speaker.timer), 0);
    speaker.timer.data = &speaker;
    ASSERT_EQ(uv_timer_start(&speaker.timer, Speaker::speak, 1, 1), 0);
    auto early = speaker.to.request(Notes{});
    EXPECT_FALSE(early.is_ready());
    EXPECT_EQ(uv_run(&loop, UV_RUN_DEFAULT), 0);
    EXPECT_EQ(early.unwrap(), "");
    EXPECT_EQ(speaker.to.request(Notes{}).unwrap(), "123");
    EXPECT_EQ(host.run().error(), Status::unsupported);
    auto same = speaker.to.request(AwaitLoop{});
    EXPECT_EQ(uv_run(&loop, UV_RUN_DEFAULT), 0);
    EXPECT_TRUE(same.unwrap());
}

struct Quit {};
class Keeper : public spawned::Actor<Keeper, Quit> {
public:
    explicit Keeper(uv::Host host) : host_(host) {}
    void started(Context &context) { context.send_after(milliseconds(1), Quit{}).unwrap(); }
    void handle(Quit, Context &) {
        EXPECT_EQ(host_.keep(false), Status::ok);
        quit = true;
    }
    static inline bool quit = false;

private:
    uv::Host host_;
};

TEST_F(LoopsOfPrograms, AreKeptGoingForTimersIfTheHostSaysSo) {
    const uv::Host host(*runtime, &loop);
    Keeper::quit = false;
    (void)runtime->start<Keeper>(host);
    EXPECT_EQ(uv_run(&loop, UV_RUN_DEFAULT), 0);
    EXPECT_FALSE(Keeper::quit);
    EXPECT_EQ(host.keep(true), Status::ok);
    EXPECT_EQ(uv_run(&loop, UV_RUN_DEFAULT), 0);
    EXPECT_TRUE(Keeper::quit);
    EXPECT_THROW((void)uv::Host(*runtime, &loop), spawned::Error);
}

}  // namespace
