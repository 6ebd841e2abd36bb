// The exit reasons of the last 65,536 ended actors of a runtime.
#pragma once

#include <spawned/types.h>

#include <cstdint>

#include "actor/message.hpp"
#include "base/allocator.hpp"
#include "platform/mutex.hpp"

namespace spawned::engine {

struct exit_record;

class exit_history {
public:
    bool init(const allocator* memory);

    // Frees the entries; each text goes to drop(user, text).
    void deinit(void (*drop)(void* user, text*), void* user);

    // Takes the text over. What is pushed out, or could not be kept, is left in *replaced.
    void add(spawned_pid pid, const exit_record& ended, text** replaced);

    // Copies the reason and at most capacity bytes of the text; false when it is not kept.
    bool find(spawned_pid pid, spawned_exit* exit, char* words, size_t capacity);

private:
    struct entry {
        spawned_pid pid;
        text* failure;
        spawned_status code;
        uint16_t kind;
        uint16_t place;
        uint64_t before;  // the next older one of its chain, as a head; it may be pushed out
    };
    static constexpr uint32_t kept = 65536;
    static constexpr uint32_t chunk_entries = 1024;
    static constexpr unsigned chains_log2 = 12;
    static constexpr size_t heads_size = sizeof(uint64_t) << chains_log2;

    entry* at(uint64_t number);
    uint64_t& head_of(spawned_pid pid);
    bool make_room(uint32_t place);

    mutex lock_;  // guards all
    const allocator* memory_ = nullptr;
    entry* chunks_[kept / chunk_entries] = {};
    // By the pid's hash, the newest entry's number and 1; 0: none. Since every actor's end takes the lock, a
    // question must not look through all.
    uint64_t* heads_ = nullptr;
    uint64_t count_ = 0;  // entries ever added
};

// Copies UTF-8 text into a buffer, cut at a character's border, closed by a zero byte; returns the bytes
// copied.
size_t copy_text(const char* from, size_t length, char* to, size_t capacity);

}  // namespace spawned::engine
