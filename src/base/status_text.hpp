// The names and sentences of the statuses, from one list.
#pragma once

#include <spawned/status.h>

namespace spawned::engine {

const char* status_name(spawned_status status);
const char* status_words(spawned_status status);

}  // namespace spawned::engine
