// A closure that g++ 12 would break, beside a co_await of what it yields.
// says: g\+\+ 12 breaks a closure that owns what it captures
// says: then pass closure
// only: gcc
#include <string>

#include <spawned.hpp>

inline spawned::Task<std::string> use(spawned::RuntimeRef runtime, std::string words) {
#ifdef FIXED
    auto closure = [words] { return words + "!"; };
    co_return (co_await runtime.blocking(closure)).unwrap();
#else
    co_return (co_await runtime.blocking([words] { return words + "!"; })).unwrap();
#endif
}
