/* The library's words. Without a sink it writes nothing anywhere. */
#ifndef SPAWNED_LOG_H
#define SPAWNED_LOG_H

#include <spawned/types.h>

/* How much a record matters. Stored as uint32_t. */
typedef uint32_t spawned_log_level;
enum {
    SPAWNED_LOG_OFF = 0,
    SPAWNED_LOG_ERROR = 1,   /* an actor failed, a shutdown ran out of time */
    SPAWNED_LOG_WARNING = 2, /* slow or stuck handlers, deadlocks refused, pools starved */
    SPAWNED_LOG_INFO = 3,    /* dead letters, in summary after the first ten */
    SPAWNED_LOG_DEBUG = 4    /* starts and ends of actors and threads */
};

/* One record. Everything in it is borrowed for the call; texts are UTF-8 as far as their sources are. */
typedef struct spawned_log_record {
    size_t size;
    spawned_log_level level;
    uint32_t text_length;
    const char *text; /* ends with a zero byte as well */
    spawned_time time;
    spawned_pid pid;             /* whom it concerns; 0 for the runtime */
    const char *actor_name;      /* its behavior's name; NULL for the runtime */
    const char *message_name;    /* the message concerned; NULL for none */
    spawned_duration elapsed;    /* of a slow or stuck handler, else 0 */
} spawned_log_record;

/* A sink. write may run on any thread, concurrently, and must not call the library, but for what only
 * names things (spawned_log_level_name). */
typedef struct spawned_log_sink {
    size_t size; /* sizeof(spawned_log_sink) */
    spawned_log_level level; /* records above it are not produced */
    uint32_t reserved;       /* 0 */
    void (*write)(const spawned_log_record *record, void *user_data);
    void *user_data;
} spawned_log_sink;

#define SPAWNED_LOG_SINK_INIT {sizeof(spawned_log_sink), SPAWNED_LOG_INFO, 0, NULL, NULL}

SPAWNED_BEGIN_C

/* What SPAWNED_LOG_SINK_INIT does, for other languages. Errors: EINVAL. Thread: any. Since 0.1. */
SPAWNED_API spawned_status spawned_log_sink_init(spawned_log_sink *sink, size_t size);

/* "off", "error", "warning", "info", "debug" or "unknown". Static; never NULL. Thread: any. Since 0.1. */
SPAWNED_API const char *spawned_log_level_name(spawned_log_level level);

SPAWNED_END_C

#endif
