/* A user of the installed headers from C++. */
#include <spawned.h>

int main() {
    static_assert(__cplusplus >= 202002L, "spawned::cpp asks for C++20");
    spawned_runtime_options options{};
    options.size = sizeof options;
    options.flags = SPAWNED_RUNTIME_DETERMINISTIC;
    spawned_runtime* runtime = nullptr;
    if (spawned_runtime_create(&options, &runtime) != SPAWNED_OK) return 1;
    return spawned_runtime_destroy(runtime) == SPAWNED_OK ? 0 : 2;
}
