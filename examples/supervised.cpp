// A shop whose clerks break down at random, again and again, and whose customers never notice: a supervisor
// starts each clerk anew, under its name, and who waited for an answer asks again.
//
//   c++ -std=c++20 supervised.cpp $(pkg-config --cflags --libs spawned) -o supervised && ./supervised
#include <cinttypes>
#include <cstdio>
#include <string>
#include <vector>

#include <spawned.hpp>

using spawned::Duration;
using spawned::Error;
using spawned::Status;

constexpr unsigned clerk_count = 3, order_count = 200;

SPAWNED_PROTOCOL(Clerk, (spawned::Response<std::uint64_t>, square, (number, std::uint64_t),
                         (attempt, unsigned)))
SPAWNED_PROTOCOL(Customer, (spawned::Response<unsigned>, visit, (clerk, std::string)))

// A number that only looks like chance, so that every run has the same accidents.
static std::uint64_t chance(std::uint64_t of) {
    of = (of ^ (of >> 30)) * 0xBF58476D1CE4E5B9;
    of = (of ^ (of >> 27)) * 0x94D049BB133111EB;
    return of ^ (of >> 31);
}

class ClerkActor : public spawned::Actor<ClerkActor, Clerk> {
public:
    explicit ClerkActor(std::uint64_t seed) : seed_(seed) {}

    std::uint64_t handle(const Clerk::square& msg, Context&) {
        if (chance(seed_ + msg.number * 64 + msg.attempt) % 8 == 0)
            throw Error(Status{1}, "a breakdown");
        return msg.number * msg.number;
    }

private:
    std::uint64_t seed_;
};

class CustomerActor : public spawned::Actor<CustomerActor, Customer> {
public:
    // How many answers were right.
    Task<unsigned> handle(Customer::visit msg, Context& context) {
        unsigned right = 0;
        for (std::uint64_t number = 1; number <= order_count; number++)
            right += co_await square(context.runtime(), msg.clerk, number) == number * number;
        co_return right;
    }

private:
    // Asks whoever has the name just now, until somebody answers.
    static Task<std::uint64_t> square(spawned::RuntimeRef runtime, std::string name,
                                      std::uint64_t number) {
        for (unsigned attempt = 0;;) {
            const auto clerk = runtime.registry().whereis<spawned::ActorRef<ClerkActor>>(name);
            if (!clerk) {  // between two lives
                (co_await spawned::sleep(spawned::milliseconds(1))).unwrap();
                continue;
            }
            const auto answer =
                co_await clerk->request(Clerk::square{number, attempt}, Duration::forever());
            if (answer) co_return *answer;
            (co_await spawned::ended(*clerk)).unwrap();  // and so its name is free
            attempt++;
        }
    }
};

static std::string name_of_clerk(unsigned i) { return "clerk " + std::to_string(i + 1); }

int main() {
    spawned::Runtime runtime;
    std::vector<spawned::Child> clerks;
    for (unsigned i = 0; i < clerk_count; i++) {
        const std::string name = name_of_clerk(i);
        clerks.push_back(spawned::child<ClerkActor>(name, {.name = name}, std::uint64_t{i} << 32));
    }
    const auto shop = runtime.start(
        spawned::supervisor("shop", {.intensity = 1000, .period = spawned::seconds(1)},
                            std::move(clerks)));

    std::vector<spawned::Response<unsigned>> visits;
    for (unsigned i = 0; i < clerk_count; i++)
        visits.push_back(runtime.start<CustomerActor>().request(Customer::visit{name_of_clerk(i)},
                                                                Duration::forever()));
    for (unsigned i = 0; i < clerk_count; i++)
        std::printf("customer %u: %u orders, %u right answers\n", i + 1, order_count,
                    visits[i].expect("a customer was left alone"));

    const std::vector<spawned::ChildInfo> all = shop.children().unwrap();
    for (const spawned::ChildInfo& clerk : all)
        std::printf("%s broke down and was started anew %u times\n", clerk.id.c_str(),
                    clerk.restarts);
    shop.stop();
    std::printf("the shop closed: %s\n", shop.wait_exit().to_string().c_str());
}
