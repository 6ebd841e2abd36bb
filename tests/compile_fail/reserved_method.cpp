// A method that would be hidden by a member of the reference.
// says: must not be named like a member of references
// says: name it otherwise
// says: \bstop\b
#include <spawned.hpp>

#ifdef FIXED
SPAWNED_PROTOCOL(Store, (void, close))
#else
SPAWNED_PROTOCOL(Store, (void, stop))
#endif
