// Two actors that send to each other for as long as both live: one ping, and the rally goes on by
// itself until a timer ends it. Each handler does one thing and returns, so neither waits for the
// other, and the lines alternate strictly.
//
//   c++ -std=c++20 ping_pong.cpp $(pkg-config --cflags --libs spawned) -o ping_pong && ./ping_pong
#include <cstdio>

#include <spawned.hpp>

// Each protocol mentions the other: a ping says whom to answer.
struct Producer;
SPAWNED_PROTOCOL(Consumer, (void, ping, (from, spawned::Ref<Producer>)))
SPAWNED_PROTOCOL(Producer, (void, meet, (consumer, Consumer::Ref)), (spawned::Status, pong),
                 (void, end))

class ProducerActor : public spawned::Actor<ProducerActor, Producer> {
public:
    void handle(Producer::meet msg, Context& context) {
        consumer_ = msg.consumer;
        context.send_after(spawned::milliseconds(1), Producer::end{}).unwrap();
        ping(context);
    }
    void handle(Producer::pong, Context& context) { ping(context); }
    void handle(Producer::end, Context& context) { context.stop(); }

private:
    void ping(Context& context) {
        std::puts("ping");
        consumer_.ping(context.self());
    }

    Consumer::Ref consumer_;
};

class ConsumerActor : public spawned::Actor<ConsumerActor, Consumer> {
public:
    // That the producer has left is no failure of the consumer.
    void handle(Consumer::ping msg, Context& context) {
        std::puts("pong");
        if (msg.from.pong() == spawned::Status::stopped) context.stop();
    }
};

int main() {
    spawned::Runtime runtime;
    auto producer = runtime.start<ProducerActor>();
    producer.meet(runtime.start<ConsumerActor>());
    producer.join();
}
