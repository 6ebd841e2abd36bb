// A handler whose result would lose its fraction on the way.
// says: what the actor's handler returns is not the message's Reply
// says: without narrowing
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
    double handle(const Store::price &, Context &) { return 1.5; }
#endif
};

SPAWNED_CHECK(Shop);
