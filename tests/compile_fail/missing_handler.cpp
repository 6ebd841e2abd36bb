// An actor without a handler for one message of its protocol.
// says: the actor does not handle the message
// says: Reply handle\(Message, Context&\)
// says: \bShop\b
// says: Store::(buy|find)
// says: Store::find
#include <string>

#include <spawned.hpp>

SPAWNED_PROTOCOL(Store, (spawned::Response<int>, find, (name, std::string)),
                 (void, buy, (name, std::string)))

class Shop : public spawned::Actor<Shop, Store> {
public:
    void handle(Store::buy, Context &) {}
#ifdef FIXED
    int handle(const Store::find &, Context &) { return 1; }
#endif
};

inline int use(spawned::Runtime &runtime) { return runtime.start<Shop>().find("tea").unwrap(); }
