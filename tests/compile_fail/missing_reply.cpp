// A handler that returns nothing where something was asked for.
// says: what the actor's handler returns is not the message's Reply
// says: \bShop\b
// says: Store::price
#include <string>

#include <spawned.hpp>

SPAWNED_PROTOCOL(Store, (spawned::Response<int>, price, (name, std::string)))

class Shop : public spawned::Actor<Shop, Store> {
public:
#ifdef FIXED
    int handle(const Store::price &, Context &) { return 1; }
#else
    void handle(const Store::price &, Context &) {}
#endif
};

SPAWNED_CHECK(Shop);
