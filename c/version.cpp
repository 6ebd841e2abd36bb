#include <spawned/version.h>

#define SPAWNED_TEXT_OF(x) #x
#define SPAWNED_TEXT(x) SPAWNED_TEXT_OF(x)

extern "C" {

uint32_t spawned_version(void) { return SPAWNED_VERSION; }

const char* spawned_version_text(void) {
    return SPAWNED_TEXT(SPAWNED_VERSION_MAJOR) "." SPAWNED_TEXT(
        SPAWNED_VERSION_MINOR) "." SPAWNED_TEXT(SPAWNED_VERSION_PATCH);
}
}
