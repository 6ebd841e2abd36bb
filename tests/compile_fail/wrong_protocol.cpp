// A reference kept as a protocol that its actor does not implement.
// says: the actor does not handle the message
// says: \bShop\b
// says: Bank::pay
#include <spawned.hpp>

SPAWNED_PROTOCOL(Store, (void, buy))
SPAWNED_PROTOCOL(Bank, (void, pay, (sum, int)))

#ifdef FIXED
class Shop : public spawned::Actor<Shop, Store, Bank> {
#else
class Shop : public spawned::Actor<Shop, Store> {
#endif
public:
    void handle(Store::buy, Context &) {}
#ifdef FIXED
    void handle(Bank::pay, Context &) {}
#endif
};

inline Bank::Ref use(spawned::Runtime &runtime) { return runtime.start<Shop>(); }
