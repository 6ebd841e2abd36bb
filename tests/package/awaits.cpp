// A million awaits, one after the other, of tasks, of other actors' answers, and of a generator: in constant
// stack, however this is compiled.
#include <spawned.hpp>

#include <cstdio>

namespace {

using spawned::ActorRef;
using spawned::Task;

struct Get {
    using Reply = int;
};
class One : public spawned::Actor<One, Get> {
public:
    int handle(Get, Context &) { return 1; }
};

Task<int> one() { co_return 1; }
spawned::Generator<int> ones() {
    for (;;) co_yield 1;
}

Task<int> count(ActorRef<One> actor, int times) {
    spawned::Generator<int> source = ones();
    int sum = 0;
    for (int i = 0; i < times; ++i) {
        sum += co_await one();
        sum += (co_await actor.request(Get{})).unwrap();
        sum += *co_await source.next();
    }
    co_return sum;
}

}  // namespace

int main() {
    constexpr int times = 1'000'000;
    spawned::Runtime runtime({.workers = 1});
    const int sum = spawned::block_on(runtime, count(runtime.start<One>(), times));
    if (sum == 3 * times) return 0;
    return std::printf("%d instead of %d\n", sum, 3 * times), 1;
}
