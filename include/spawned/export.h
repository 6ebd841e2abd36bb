/* Linkage and small helpers shared by the public headers. Nothing here is an API of its own. */
#ifndef SPAWNED_EXPORT_H
#define SPAWNED_EXPORT_H

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define SPAWNED_API __attribute__((visibility("default")))
#else
#define SPAWNED_API
#endif

#ifdef __cplusplus
#define SPAWNED_BEGIN_C extern "C" {
#define SPAWNED_END_C }
#define SPAWNED_ALIGNOF(T) alignof(T)
#else
#define SPAWNED_BEGIN_C
#define SPAWNED_END_C
#if defined(__STDC_VERSION__) && __STDC_VERSION__ >= 201112L
#define SPAWNED_ALIGNOF(T) _Alignof(T)
#else
#define SPAWNED_ALIGNOF(T) __alignof__(T)
#endif
#endif

#endif
