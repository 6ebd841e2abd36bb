/* Version of the headers and of the library that was loaded. The soname follows the major number:
 * within a major, functions and trailing struct fields are added, nothing is changed or removed. */
#ifndef SPAWNED_VERSION_H
#define SPAWNED_VERSION_H

#include <spawned/export.h>

/* The headers' version; within SPAWNED_VERSION as spawned_version tells it. */
#define SPAWNED_VERSION_MAJOR 0
#define SPAWNED_VERSION_MINOR 1
#define SPAWNED_VERSION_PATCH 0
#define SPAWNED_VERSION (SPAWNED_VERSION_MAJOR * 10000 + SPAWNED_VERSION_MINOR * 100 + SPAWNED_VERSION_PATCH)

SPAWNED_BEGIN_C

/* The loaded library's version as major * 10000 + minor * 100 + patch; compare with SPAWNED_VERSION.
 * Thread: any. Since 0.1. */
SPAWNED_API uint32_t spawned_version(void);

/* The same as text, for example "0.1.0". Static; never NULL.
 * Thread: any. Since 0.1. */
SPAWNED_API const char *spawned_version_text(void);

SPAWNED_END_C

#endif
