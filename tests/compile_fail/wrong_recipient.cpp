// A recipient of a message that the actor does not handle.
// says: the actor does not handle the message
// says: \bShop\b
// says: \bOpen\b
#include <spawned.hpp>

struct Open {};
struct Close {};

class Shop : public spawned::Actor<Shop, Close> {
public:
#ifdef FIXED
    void handle(Open, Context &) {}
#endif
    void handle(Close, Context &) {}
};

inline spawned::Recipient<Open> use(spawned::ActorRef<Shop> shop) { return shop; }
