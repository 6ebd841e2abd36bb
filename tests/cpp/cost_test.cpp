// What the layer costs: no allocation of its own on a send, and two calls into the library at most. The linker
// hands every call that could be part of a send to the counters here (CMakeLists.txt); operator new is the
// program's own, and the runtime's memory comes from a counting allocator.
#include <cstdlib>
#include <new>
#include <string>
#include <type_traits>

#include "cpp/name_server.hpp"
#include "cpp/world.hpp"

namespace {

struct Counters {
    int news = 0;    // operator new
    int blocks = 0;  // the runtime's allocator
    int calls = 0;   // into the library
};
// Of this thread: in deterministic mode an actor's turns are another one's.
thread_local Counters counters;
thread_local int failing_new = 0;

void *counted_new(std::size_t size) {
    ++counters.news;
    if (failing_new != 0 && --failing_new == 0) throw std::bad_alloc();
    void *memory = std::malloc(size == 0 ? 1 : size);
    if (memory == nullptr) throw std::bad_alloc();
    return memory;
}

}  // namespace

void test::fail_new(int n) { failing_new = n; }

// Inlined, they would make g++ warn of a delete that does not fit its new.
[[gnu::noinline]] void *operator new(std::size_t size) { return counted_new(size); }
[[gnu::noinline]] void *operator new[](std::size_t size) { return counted_new(size); }
[[gnu::noinline]] void operator delete(void *memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete[](void *memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void *memory, std::size_t) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete[](void *memory, std::size_t) noexcept { std::free(memory); }

#define COUNTED(Return, name, parameters, arguments) \
    extern "C" Return __real_##name parameters;      \
    extern "C" Return __wrap_##name parameters {     \
        ++counters.calls;                            \
        return __real_##name arguments;              \
    }
COUNTED(spawned_status, spawned_send, (spawned_pid a, const spawned_message_type *b, const void *c),
        (a, b, c))
COUNTED(spawned_status, spawned_message_create,
        (spawned_pid a, const spawned_message_type *b, const void *c, spawned_message **d),
        (a, b, c, d))
COUNTED(spawned_status, spawned_message_reserve,
        (spawned_pid a, const spawned_message_type *b, std::size_t c, spawned_message **d,
         void **e),
        (a, b, c, d, e))
COUNTED(void, spawned_message_abandon, (spawned_message * a), (a))
COUNTED(void, spawned_message_destroy, (spawned_message * a), (a))
COUNTED(spawned_status, spawned_message_set_deadline, (spawned_message * a, spawned_time b), (a, b))
COUNTED(spawned_status, spawned_message_set_wait, (spawned_message * a, spawned_duration b), (a, b))
COUNTED(spawned_status, spawned_message_send, (spawned_message * a), (a))
COUNTED(spawned_status, spawned_message_try_send, (spawned_message * a), (a))
COUNTED(spawned_status, spawned_message_request,
        (spawned_message * a, spawned_duration b, spawned_response **c), (a, b, c))
COUNTED(spawned_status, spawned_request,
        (spawned_pid a, const spawned_message_type *b, const void *c, spawned_duration d, void *e),
        (a, b, c, d, e))
COUNTED(spawned_response *, spawned_response_of_error, (spawned_status a), (a))
COUNTED(spawned_status, spawned_response_poll, (spawned_response * a), (a))
COUNTED(spawned_status, spawned_response_wait, (spawned_response * a, spawned_duration b), (a, b))
COUNTED(void, spawned_response_release, (spawned_response * a), (a))
COUNTED(spawned_runtime *, spawned_pid_runtime, (spawned_pid a), (a))
COUNTED(spawned_pid, spawned_context_self, (const spawned_context *a), (a))
#undef COUNTED

namespace {

using namespace test;

struct Tick {};
struct Number {
    long value;
};
struct Text {
    std::string text;
};
struct Ask {
    using Reply = long;
    long value;
};

class Sink : public spawned::Actor<Sink, Tick, Number, Text, Ask> {
public:
    void handle(Tick, Context &) { ++handled_; }
    void handle(Number message, Context &) { handled_ += message.value; }
    void handle(const Text &, Context &) { ++handled_; }
    long handle(Ask message, Context &) { return message.value; }

private:
    long handled_ = 0;
};

spawned_allocator counting() {
    spawned_allocator allocator = SPAWNED_ALLOCATOR_INIT;
    allocator.allocate = [](std::size_t size, std::size_t alignment, void *) {
        ++counters.blocks;
        return std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
    };
    allocator.deallocate = [](void *memory, std::size_t, std::size_t, void *) {
        std::free(memory);
    };
    return allocator;
}

class Costs : public testing::Test {
protected:
    spawned_allocator allocator = counting();
    spawned::Runtime runtime{{.deterministic = true, .allocator = &allocator}};
    spawned::Deterministic time{runtime};
    spawned::ActorRef<Sink> sink = runtime.start<Sink>();

    // What the call costs its thread, once the runtime has the memory for such a message.
    template <class F>
    Counters cost_of(F call) {
        for (int i = 0; i < 100; ++i) call();
        time.run();
        counters = {};
        call();
        const Counters cost = counters;
        time.run();
        return cost;
    }
    template <class F>
    void expect_cost(F call, int calls) {
        const Counters cost = cost_of(call);
        EXPECT_EQ(cost.news, 0);
        EXPECT_LE(cost.blocks, 1);
        EXPECT_EQ(cost.calls, calls);
    }
};

TEST_F(Costs, OfASendAreOneCallForBytesAndTwoForWhatIsBuiltInPlace) {
    expect_cost([&] { (void)sink.send(Tick{}); }, 1);
    expect_cost([&] { (void)sink.send(Number{4}); }, 1);
    expect_cost([&] { (void)sink.emplace<Number>(4); }, 1);
    expect_cost([&] { (void)sink.send(Text{"short"}); }, 2);
    expect_cost([&] { (void)sink.emplace<Text>("short"); }, 2);
    const spawned::Recipient<Text> recipient = sink;
    expect_cost([&] { (void)recipient.send(Text{"short"}); }, 2);
}

TEST_F(Costs, OfARequestAreTwoCallsUntilItIsOnItsWay) {
    static spawned_response *last = nullptr;
    const auto ask = [&] { last = sink.request(Ask{4}).release(); };
    for (int i = 0; i < 100; ++i) ask(), time.run(), spawned_response_release(last);
    counters = {};
    ask();
    const Counters cost = counters;
    EXPECT_EQ(cost.news, 0);
    EXPECT_LE(cost.blocks, 1);
    EXPECT_LE(cost.calls,
              3);  // the third gives back the response that is empty then: it does nothing
    EXPECT_EQ(spawned::Response<long>(last).unwrap(), 4);
}

TEST_F(Costs, OfAProtocolsMethodAreThoseOfItsMessage) {
    const auto ns = runtime.start<NameServerActor<NameServer>>();
    const NameServer::Ref erased = ns;
    expect_cost([&] { (void)ns.forget("Joe"); }, 2);
    expect_cost([&] { (void)erased.forget("Joe"); }, 2);
    expect_cost([&] { erased.clear(); }, 1);
}

TEST(Sizes, OfReferencesAreThoseOfTheirNumbers) {
    static_assert(std::is_trivially_copyable_v<spawned::Pid> && sizeof(spawned::Pid) == 8);
    static_assert(std::is_trivially_copyable_v<spawned::ActorRef<Sink>>);
    static_assert(sizeof(spawned::ActorRef<Sink>) == 8);
    static_assert(std::is_trivially_copyable_v<spawned::ActorRef<NameServerActor<NameServer>>>);
    static_assert(sizeof(spawned::ActorRef<NameServerActor<NameServer>>) == 8);
    static_assert(std::is_trivially_copyable_v<NameServer::Ref> && sizeof(NameServer::Ref) == 16);
    static_assert(std::is_trivially_copyable_v<spawned::Recipient<Text>>);
    static_assert(sizeof(spawned::Recipient<Text>) == 16);
    static_assert(std::is_trivially_copyable_v<spawned::Timer>);
    static_assert(std::is_trivially_copyable_v<spawned::Token>);
    static_assert(sizeof(spawned::Promise<int>) <= 64);
}

}  // namespace
