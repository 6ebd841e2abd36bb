// Two handlers that take the message equally well.
// says: the actor does not handle the message
// says: once for each message
// says: \bShop\b
// says: Store::find
#include <string>

#include <spawned.hpp>

SPAWNED_PROTOCOL(Store, (spawned::Response<int>, find, (name, std::string)))

class Shop : public spawned::Actor<Shop, Store> {
public:
    int handle(Store::find, Context &) { return 1; }
#ifndef FIXED
    int handle(const Store::find &, Context &) { return 2; }
#endif
};

SPAWNED_CHECK(Shop);
