// A monitor for an actor that has no handler for what it tells.
// says: the actor does not handle the message
// says: \bNurse\b
// says: \bEnded\b
#include <spawned.hpp>

struct Ring {};

class Nurse : public spawned::Actor<Nurse, Ring
#ifdef FIXED
                                    ,
                                    spawned::Ended
#endif
                                    > {
public:
    void handle(Ring, Context &context) { (void)spawned::monitor(context.self(), whom_); }
#ifdef FIXED
    void handle(const spawned::Ended &, Context &) {}
#endif

private:
    spawned::Pid whom_;
};
