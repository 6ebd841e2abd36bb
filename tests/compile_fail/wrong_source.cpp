// A listener's function that does not return a Result of a message.
// says: what a listener asks for items does not yield them
// says: Result<Message> next
#include <string>

#include <spawned.hpp>

struct Line {
    std::string text;
};

class Reader : public spawned::Actor<Reader, Line> {
public:
    void handle(const Line &, Context &) {}
};

inline void use(spawned::ActorRef<Reader> reader, int descriptor) {
#ifdef FIXED
    const auto next = []() -> spawned::Result<Line> { return Line{"a line"}; };
#else
    const auto next = [] { return std::string("a line"); };
#endif
    spawned::listen_descriptor(reader, descriptor, next).unwrap();
}
