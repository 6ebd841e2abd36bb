// Copying values whose size is known only at run time: those of one or two words, which most messages
// are, without a call.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace spawned::engine {

// Of no bytes `from` may be null.
inline void copy_value(void* to, const void* from, std::size_t size) {
    constexpr std::size_t word = sizeof(std::uint64_t);
    if (size - word <= word) {  // 8 to 16: the first word and the last, which may overlap
        std::uint64_t first;
        std::uint64_t last;
        std::memcpy(&first, from, word);
        std::memcpy(&last, static_cast<const char*>(from) + size - word, word);
        std::memcpy(to, &first, word);
        std::memcpy(static_cast<char*>(to) + size - word, &last, word);
    } else if (size != 0) {
        std::memcpy(to, from, size);
    }
}

}  // namespace spawned::engine
