/* A user of the installed headers from C++. */
#include <spawned.hpp>

struct Ask {
    using Reply = int;
};
struct Answering : spawned::Actor<Answering, Ask> {
    int handle(Ask, Context &) { return 42; }
};

int main() {
    static_assert(__cplusplus >= 202002L, "spawned::cpp asks for C++20");
    spawned::Runtime runtime({.deterministic = true});
    return runtime.start<Answering>().request(Ask{}).unwrap() == 42 ? 0 : 1;
}
