// Loads two shared objects and has each use an actor of the other. usage: main OBJECT OBJECT
#include "counter.hpp"

#include <dlfcn.h>

#include <cstdio>

int main(int, char **objects) {
    decltype(start_counter) *start[2];
    decltype(use_counter) *use[2];
    for (int i = 0; i < 2; ++i) {
        void *object = dlopen(objects[1 + i], RTLD_NOW | RTLD_LOCAL);
        if (object == nullptr) return std::fputs(dlerror(), stderr), 1;
        start[i] = reinterpret_cast<decltype(start_counter) *>(dlsym(object, "start_counter"));
        use[i] = reinterpret_cast<decltype(use_counter) *>(dlsym(object, "use_counter"));
    }
    for (int i = 0; i < 2; ++i) {
        spawned::Runtime runtime({.workers = 1});
        const spawned_pid counter = start[i](runtime.c_handle());
        const int line = use[1 - i](runtime.c_handle(), counter);
        if (line != 0) return std::fprintf(stderr, "%s: line %d\n", objects[2 - i], line), 1;
    }
    return 0;
}
