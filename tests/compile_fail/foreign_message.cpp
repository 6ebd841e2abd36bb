// A message sent to a reference of a protocol that has no such message.
// says: the reference's protocol has no such message
// says: \bOpen\b
// says: Store::buy
#include <spawned.hpp>

SPAWNED_PROTOCOL(Store, (void, buy))
struct Open {};

#ifdef FIXED
inline void use(Store::Ref store) { store.send(Store::buy{}); }
#else
inline void use(Store::Ref store) { store.send(Open{}); }
#endif
