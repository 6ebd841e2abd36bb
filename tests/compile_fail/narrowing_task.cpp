// The same in a coroutine.
// says: what the actor's handler returns is not the message's Reply
// says: \bShop\b
// says: Store::price
#include <string>

#include <spawned.hpp>

SPAWNED_PROTOCOL(Store, (spawned::Response<int>, price, (name, std::string)))

class Shop : public spawned::Actor<Shop, Store> {
public:
#ifdef FIXED
    Task<int> handle(const Store::price &, Context &) { co_return 1; }
#else
    Task<double> handle(const Store::price &, Context &) { co_return 1.5; }
#endif
};

SPAWNED_CHECK(Shop);
