#include "actor/exit_history.hpp"

#include <string.h>

#include "actor/actor.hpp"
#include "base/lock_guard.hpp"

namespace spawned::engine {

bool exit_history::init(const allocator* memory) {
    memory_ = memory;
    return lock_.init();
}

void exit_history::deinit(void (*drop)(void* user, text*), void* user) {
    if (heads_ != nullptr) memory_->put(heads_, heads_size, alignof(uint64_t));
    heads_ = nullptr;
    for (uint32_t i = 0; i < kept / chunk_entries; ++i) {
        if (chunks_[i] == nullptr) continue;
        for (uint32_t j = 0; j < chunk_entries; ++j)
            if (chunks_[i][j].failure != nullptr) drop(user, chunks_[i][j].failure);
        memory_->put(chunks_[i], sizeof(entry) * chunk_entries, alignof(entry));
        chunks_[i] = nullptr;
    }
    lock_.deinit();
}

exit_history::entry* exit_history::at(uint64_t number) {
    const uint32_t place = static_cast<uint32_t>(number % kept);
    entry* chunk = chunks_[place / chunk_entries];
    return chunk == nullptr ? nullptr : chunk + place % chunk_entries;
}

// By the golden ratio (Knuth, The Art of Computer Programming 3, 6.4): of a pid both halves count up.
uint64_t& exit_history::head_of(spawned_pid pid) {
    return heads_[pid * 0x9e3779b97f4a7c15u >> (64 - chains_log2)];
}

bool exit_history::make_room(uint32_t place) {
    if (heads_ == nullptr) {
        void* heads = memory_->get(heads_size, alignof(uint64_t));
        if (heads == nullptr) return false;
        heads_ = static_cast<uint64_t*>(memset(heads, 0, heads_size));
    }
    if (chunks_[place / chunk_entries] == nullptr) {
        void* chunk = memory_->get(sizeof(entry) * chunk_entries, alignof(entry));
        if (chunk == nullptr) return false;
        chunks_[place / chunk_entries] =
            static_cast<entry*>(memset(chunk, 0, sizeof(entry) * chunk_entries));
    }
    return true;
}

void exit_history::add(spawned_pid pid, const exit_record& ended, text** replaced) {
    *replaced = ended.failure;
    lock_guard guard(lock_);
    if (!make_room(static_cast<uint32_t>(count_ % kept))) return;
    entry& kept_entry = *at(count_++);
    uint64_t& head = head_of(pid);
    *replaced = kept_entry.failure;
    kept_entry = {pid,
                  ended.failure,
                  ended.code,
                  static_cast<uint16_t>(ended.kind),
                  static_cast<uint16_t>(ended.place),
                  head};
    head = count_;
}

bool exit_history::find(spawned_pid pid, spawned_exit* exit, char* words, size_t capacity) {
    lock_guard guard(lock_);
    const uint64_t oldest = count_ > kept ? count_ - kept : 0;
    if (heads_ == nullptr) return false;
    const entry* found;
    for (uint64_t next = head_of(pid); next > oldest; next = found->before) {
        found = at(next - 1);
        if (found->pid != pid) continue;
        exit->kind = found->kind;
        exit->place = found->place;
        exit->code = found->code;
        exit->text_length = found->failure != nullptr ? found->failure->length : 0;
        copy_text(found->failure != nullptr ? found->failure->bytes : "", exit->text_length, words,
                  capacity);
        return true;
    }
    return false;
}

size_t copy_text(const char* from, size_t length, char* to, size_t capacity) {
    if (capacity == 0) return 0;
    size_t take = length < capacity ? length : capacity - 1;
    // Never in the middle of a character: continuation bytes are 10xxxxxx.
    if (take < length)
        while (take > 0 && (static_cast<unsigned char>(from[take]) & 0xc0) == 0x80) --take;
    memcpy(to, from, take);
    to[take] = 0;
    return take;
}

}  // namespace spawned::engine
