#include <spawned/status.h>

#include "base/status_text.hpp"

extern "C" {

const char* spawned_status_name(spawned_status status) {
    return spawned::engine::status_name(status);
}

const char* spawned_status_text(spawned_status status) {
    return spawned::engine::status_words(status);
}
}
