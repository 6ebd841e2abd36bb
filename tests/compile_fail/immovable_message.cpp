// A message that cannot be moved into a mailbox.
// says: this message cannot be moved into a mailbox
// says: public move constructor
// says: \bParcel\b
#include <spawned.hpp>

struct Parcel {
    Parcel() = default;
#ifdef FIXED
    Parcel(Parcel &&) = default;
#else
    Parcel(const Parcel &) = delete;
#endif
};

class Shop : public spawned::Actor<Shop, Parcel> {
public:
    template <class M>
    void handle(const M &, Context &) {}
};

SPAWNED_CHECK(Shop);
