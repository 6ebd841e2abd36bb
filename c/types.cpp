#include <spawned/types.h>

#include "check.hpp"

using namespace spawned::boundary;

extern "C" {

spawned_status spawned_exit_init(spawned_exit* exit, size_t size) {
    const spawned_exit defaults = SPAWNED_EXIT_INIT;
    return init_sized(exit, size, defaults);
}

const char* spawned_exit_kind_name(spawned_exit_kind kind) {
    switch (kind) {
        case SPAWNED_EXIT_RUNNING:
            return "running";
        case SPAWNED_EXIT_NORMAL:
            return "normal";
        case SPAWNED_EXIT_SHUTDOWN:
            return "shutdown";
        case SPAWNED_EXIT_FAILURE:
            return "failure";
        case SPAWNED_EXIT_KILLED:
            return "killed";
        default:
            return "unknown";
    }
}

const char* spawned_exit_place_name(spawned_exit_place place) {
    switch (place) {
        case SPAWNED_PLACE_NONE:
            return "none";
        case SPAWNED_PLACE_INIT:
            return "init";
        case SPAWNED_PLACE_STARTED:
            return "started";
        case SPAWNED_PLACE_HANDLER:
            return "handler";
        case SPAWNED_PLACE_STOPPED:
            return "stopped";
        default:
            return "unknown";
    }
}

int32_t spawned_exit_is_abnormal(spawned_exit_kind kind) {
    return kind != SPAWNED_EXIT_RUNNING && kind != SPAWNED_EXIT_NORMAL &&
           kind != SPAWNED_EXIT_SHUTDOWN;
}
}
