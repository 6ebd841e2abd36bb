// A broadcast of a message that cannot be copied.
// says: a broadcast sends copies and this message cannot be copied
// says: members\(\)
// says: \bNews\b
#include <memory>

#include <spawned.hpp>

struct News {
    std::unique_ptr<int> data;
};

class Reader : public spawned::Actor<Reader, News> {
public:
    void handle(News, Context &) {}
};

inline void use(const spawned::Runtime &runtime) {
    const auto readers = runtime.group<Reader>("readers");
#ifdef FIXED
    for (const auto &reader : readers.members()) (void)reader.send(News{});
#else
    (void)readers.broadcast(News{});
#endif
}
