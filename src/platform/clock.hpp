// The monotonic clock.
#pragma once

#include <cstdint>

#include <uv.h>

namespace spawned::engine {

// Nanoseconds since some moment before the process began.
inline std::uint64_t monotonic_now() { return uv_hrtime(); }

}  // namespace spawned::engine
