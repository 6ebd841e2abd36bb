// One shared object: an actor of its own, and a user of the other one's. Returns the line of what is wrong.
#include "counter.hpp"

#include <stdexcept>

namespace {

using namespace counting;

class Counter : public spawned::Actor<Counter, Counting, Add, Sum, Take, Refuse> {
public:
    void handle(Add &&message, Context &) {
        for (const int one : message.numbers) sum_ += one;
    }
    std::map<std::string, long> handle(Sum, Context &) { return {{"sum", sum_}}; }
    spawned::Task<std::unique_ptr<std::string>> handle(Take message, Context &) {
        (co_await spawned::sleep(spawned::milliseconds(1))).unwrap();
        *message.text += " taken";
        co_return std::move(message.text);
    }
    int handle(Refuse, Context &) { throw std::out_of_range("not me"); }
    std::string handle(Counting::say &&message, Context &) { return message.text + "!"; }
    void handle(Counting::forget, Context &) { sum_ = 0; }

private:
    long sum_ = 0;
};

#define EXPECT(condition) \
    if (!(condition)) return __LINE__

int use(spawned::RuntimeRef runtime, spawned::ActorRef<Counter> other) {
    EXPECT(other.send(Add{{1, 2, 3}}) == spawned::Status::ok);
    EXPECT(other.request(Sum{}).unwrap().at("sum") == 6);
    EXPECT(*other.request(Take{std::make_unique<std::string>("a text of some length")}).unwrap() ==
           "a text of some length taken");
    Counting::Ref erased = other;
    EXPECT(erased.say("hello").unwrap() == "hello!");
    EXPECT(erased.forget() == spawned::Status::ok);
    EXPECT(other.request(Sum{}).unwrap().at("sum") == 0);
    EXPECT(spawned::listen(other, std::vector<Add>(3, Add{{1, 1}})).unwrap() == 3);
    EXPECT(other.request(Sum{}).unwrap().at("sum") == 6);
    EXPECT(other.send_after(spawned::milliseconds(1), Add{{4}}));
    const auto found = runtime.registry().whereis<Counting::Ref>("counting");
    EXPECT(found && found->say("found").unwrap() == "found!");
    EXPECT(runtime.registry().whereis<std::string>("where") ==
           "a value that is not plain bytes, by name");
    const auto refused = other.request(Refuse{}).get();
    EXPECT(refused.error().code() == spawned::Status::stopped);
    EXPECT(other.wait_exit().text() == "std::out_of_range: not me");
    return 0;
}

}  // namespace

spawned_pid start_counter(spawned_runtime *runtime) {
    const spawned::RuntimeRef here(runtime);
    const auto counter = here.start<Counter>();
    (void)here.registry().put("counting", Counting::Ref(counter));
    (void)here.registry().put("where", std::string("a value that is not plain bytes, by name"));
    return counter.c_handle();
}

int use_counter(spawned_runtime *runtime, spawned_pid counter) {
    return use(spawned::RuntimeRef(runtime), spawned::ActorRef<Counter>(spawned::Pid(counter)));
}
