// A handler that forgot its second parameter.
// says: the actor does not handle the message
// says: Context&
// says: \bShop\b
// says: Store::find
#include <string>

#include <spawned.hpp>

SPAWNED_PROTOCOL(Store, (spawned::Response<int>, find, (name, std::string)))

class Shop : public spawned::Actor<Shop, Store> {
public:
#ifdef FIXED
    int handle(const Store::find &, Context &) { return 1; }
#else
    int handle(const Store::find &) { return 1; }
#endif
};

SPAWNED_CHECK(Shop);
