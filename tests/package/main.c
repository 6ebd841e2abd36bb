/* A user of the installed library. */
#include <spawned.h>

int main(void) {
    spawned_runtime_options options = SPAWNED_RUNTIME_OPTIONS_INIT;
    spawned_runtime *runtime = NULL;
    options.flags = SPAWNED_RUNTIME_DETERMINISTIC;
    if (spawned_version() != SPAWNED_VERSION) return 1;
    if (spawned_runtime_create(&options, &runtime) != SPAWNED_OK) return 2;
    return spawned_runtime_destroy(runtime) == SPAWNED_OK ? 0 : 3;
}
