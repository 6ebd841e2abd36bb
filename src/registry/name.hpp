// What a name may be.
#pragma once

#include <cstddef>

#include <spawned/status.h>

namespace spawned::engine {

inline constexpr std::size_t longest_name = 255;

// SPAWNED_OK for 1 to 255 bytes of UTF-8 without control characters, else SPAWNED_EINVAL.
// *in_out_length may be SPAWNED_ZERO_TERMINATED before, and is the length in bytes after OK.
spawned_status check_name(const char* name, std::size_t* in_out_length);

// "spawned." at the start; the name is a valid one.
bool is_reserved_name(const char* name, std::size_t length);

}  // namespace spawned::engine
