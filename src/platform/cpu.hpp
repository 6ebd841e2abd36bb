// The processors this process may use.
#pragma once

#include <uv.h>

#include "base/pause.hpp"

namespace spawned::engine {

// At least 1.
inline unsigned cpu_count() { return uv_available_parallelism(); }

}  // namespace spawned::engine
