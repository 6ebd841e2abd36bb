// An interval of a message that cannot be copied.
// says: an interval sends copies and this message cannot be copied
// says: send_after
// says: \bTick\b
#include <memory>

#include <spawned.hpp>

struct Tick {
    std::unique_ptr<int> data;
};

class Clock : public spawned::Actor<Clock, Tick> {
public:
    void started(Context &context) {
#ifdef FIXED
        context.send_after(spawned::seconds(1), Tick{}).unwrap();
#else
        context.send_interval(spawned::seconds(1), Tick{}).unwrap();
#endif
    }
    void handle(Tick, Context &) {}
};

inline void use(spawned::Runtime &runtime) { runtime.start<Clock>(); }
