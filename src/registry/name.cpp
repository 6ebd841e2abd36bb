// UTF-8, strictly: no surrogates, no overlong forms, nothing above U+10FFFF.
#include "registry/name.hpp"

#include <cstdint>
#include <cstring>

#include <spawned/types.h>

namespace spawned::engine {

namespace {

// Reads one character and returns its bytes; 0 when they are not UTF-8.
std::size_t read_character(const unsigned char* bytes, std::size_t left, std::uint32_t* out_code) {
    const unsigned lead = bytes[0];
    if (lead < 0x80) {
        *out_code = lead;
        return 1;
    }
    if (lead < 0xc2 || lead > 0xf4) return 0;
    const std::size_t length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (left < length) return 0;
    std::uint32_t code = lead & (0x7fu >> length);
    for (std::size_t index = 1; index < length; ++index) {
        if ((bytes[index] & 0xc0) != 0x80) return 0;
        code = code << 6 | (bytes[index] & 0x3fu);
    }
    constexpr std::uint32_t least[] = {0x80, 0x800, 0x10000};
    if (code < least[length - 2] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return 0;
    *out_code = code;
    return length;
}

bool is_control(std::uint32_t code) { return code < 0x20 || (code >= 0x7f && code <= 0x9f); }

}  // namespace

spawned_status check_name(const char* name, std::size_t* in_out_length) {
    if (name == nullptr) return SPAWNED_EINVAL;
    std::size_t length = *in_out_length;
    if (length == SPAWNED_ZERO_TERMINATED) length = strnlen(name, longest_name + 1);
    if (length == 0 || length > longest_name) return SPAWNED_EINVAL;
    const auto* bytes = reinterpret_cast<const unsigned char*>(name);
    for (std::size_t at = 0; at < length;) {
        std::uint32_t code = 0;
        const std::size_t read = read_character(bytes + at, length - at, &code);
        if (read == 0 || is_control(code)) return SPAWNED_EINVAL;
        at += read;
    }
    *in_out_length = length;
    return SPAWNED_OK;
}

bool is_reserved_name(const char* name, std::size_t length) {
    constexpr char prefix[] = "spawned.";
    constexpr std::size_t prefix_length = sizeof prefix - 1;
    return length >= prefix_length && std::memcmp(name, prefix, prefix_length) == 0;
}

}  // namespace spawned::engine
