// A reference to an actor whose class is not complete yet.
// says: ActorRef<A> needs the complete class A
// says: \bShop\b
#include <spawned.hpp>

SPAWNED_PROTOCOL(Store, (void, buy))

#ifdef FIXED
struct Customer {
    Store::Ref shop;
};
#else
class Shop;
struct Customer {
    spawned::ActorRef<Shop> shop;
};
#endif
