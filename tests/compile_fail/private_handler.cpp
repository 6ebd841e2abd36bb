// A handler that is there, but private.
// says: the actor does not handle the message
// says: publicly
// says: \bShop\b
// says: Store::find
#include <string>

#include <spawned.hpp>

SPAWNED_PROTOCOL(Store, (spawned::Response<int>, find, (name, std::string)))

class Shop : public spawned::Actor<Shop, Store> {
#ifdef FIXED
public:
#endif
    int handle(const Store::find &, Context &) { return 1; }
};

inline int use(spawned::Runtime &runtime) { return runtime.start<Shop>().find("tea").unwrap(); }
