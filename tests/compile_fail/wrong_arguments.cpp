// An actor started with what its constructor does not take.
// says: the actor has no public constructor for these arguments
// says: \bShop\b
#include <spawned.hpp>

struct Open {};

class Shop : public spawned::Actor<Shop, Open> {
public:
    explicit Shop(int size) : size_(size) {}
    void handle(Open, Context &) { size_ = 0; }

private:
    int size_;
};

#ifdef FIXED
inline void use(spawned::Runtime &runtime) { runtime.start<Shop>(3); }
#else
inline void use(spawned::Runtime &runtime) { runtime.start<Shop>("large"); }
#endif
