// A request whose message g++ 12 would break.
// says: g\+\+ 12 breaks a message built with braces
// says: emplace_request<Message>
// only: gcc
#include <string>

#include <spawned.hpp>

struct Find {
    using Reply = int;
    std::string name;
};

class Shop : public spawned::Actor<Shop, Find> {
public:
    int handle(const Find &, Context &) { return 1; }
};

inline spawned::Task<int> use(spawned::ActorRef<Shop> shop) {
#ifdef FIXED
    co_return (co_await shop.emplace_request<Find>("tea")).unwrap();
#else
    co_return (co_await shop.request(Find{"tea"})).unwrap();
#endif
}
