// A child whose start argument cannot be kept for its next incarnation.
// says: one of them cannot be copied
// says: shared_ptr or std::ref
// says: \bCache\b
#include <memory>

#include <spawned.hpp>

struct Clear {};

class Cache : public spawned::Actor<Cache, Clear> {
public:
    explicit Cache(std::shared_ptr<int> store) : store_(std::move(store)) {}
    void handle(Clear, Context &) { store_.reset(); }

private:
    std::shared_ptr<int> store_;
};

#ifdef FIXED
inline auto tree() {
    return spawned::supervisor("app", spawned::child<Cache>("cache", std::make_shared<int>(3)));
}
#else
inline auto tree() {
    return spawned::supervisor("app", spawned::child<Cache>("cache", std::make_unique<int>(3)));
}
#endif
