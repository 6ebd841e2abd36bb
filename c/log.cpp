#include <spawned/log.h>

#include "check.hpp"

extern "C" {

spawned_status spawned_log_sink_init(spawned_log_sink* sink, size_t size) {
    const spawned_log_sink defaults = SPAWNED_LOG_SINK_INIT;
    return spawned::boundary::init_sized(sink, size, defaults);
}

const char* spawned_log_level_name(spawned_log_level level) {
    switch (level) {
        case SPAWNED_LOG_OFF:
            return "off";
        case SPAWNED_LOG_ERROR:
            return "error";
        case SPAWNED_LOG_WARNING:
            return "warning";
        case SPAWNED_LOG_INFO:
            return "info";
        case SPAWNED_LOG_DEBUG:
            return "debug";
        default:
            return "unknown";
    }
}
}
