// An allocator for tests: knows every block, checks that it comes back with the bytes and alignment
// it was asked with, and fails on demand. Any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <mutex>

#include <gtest/gtest.h>

#include "base/allocator.hpp"

namespace spawned::testing {

class counting_allocator {
public:
    counting_allocator() = default;
    ~counting_allocator() { EXPECT_EQ(live_blocks(), 0u) << "memory was not given back"; }
    counting_allocator(const counting_allocator &) = delete;
    counting_allocator &operator=(const counting_allocator &) = delete;

    engine::allocator get() { return {allocate, deallocate, this, nullptr}; }

    // The given number of allocations succeed, then all fail until this is called again.
    void fail_after(std::uint64_t successes) {
        std::lock_guard guard(lock_);
        successes_left_ = successes;
    }
    void fail_never() { fail_after(UINT64_MAX); }

    std::size_t live_blocks() const {
        std::lock_guard guard(lock_);
        return blocks_.size();
    }
    std::size_t live_bytes() const {
        std::lock_guard guard(lock_);
        std::size_t bytes = 0;
        for (const auto &each : blocks_) bytes += each.second.bytes;
        return bytes;
    }
    std::uint64_t allocations() const {
        std::lock_guard guard(lock_);
        return allocations_;
    }

private:
    struct shape {
        std::size_t bytes;
        std::size_t alignment;
    };

    static void *allocate(std::size_t bytes, std::size_t alignment, void *user_data) {
        auto *self = static_cast<counting_allocator *>(user_data);
        EXPECT_NE(bytes, 0u);
        EXPECT_TRUE(alignment != 0 && (alignment & (alignment - 1)) == 0) << alignment;
        std::lock_guard guard(self->lock_);
        ++self->allocations_;
        if (self->successes_left_ == 0) return nullptr;
        if (self->successes_left_ != UINT64_MAX) --self->successes_left_;
        void *memory = engine::default_allocator().get(bytes, alignment);
        self->blocks_[memory] = {bytes, alignment};
        return memory;
    }

    static void deallocate(void *memory, std::size_t bytes, std::size_t alignment,
                           void *user_data) {
        auto *self = static_cast<counting_allocator *>(user_data);
        std::lock_guard guard(self->lock_);
        const auto found = self->blocks_.find(memory);
        if (found == self->blocks_.end()) {
            ADD_FAILURE() << "a block that is not alive was given back";
            return;
        }
        EXPECT_EQ(found->second.bytes, bytes);
        EXPECT_EQ(found->second.alignment, alignment);
        self->blocks_.erase(found);
        engine::default_allocator().put(memory, bytes, alignment);
    }

    mutable std::mutex lock_;
    std::map<void *, shape> blocks_;
    std::uint64_t successes_left_ = UINT64_MAX;
    std::uint64_t allocations_ = 0;
};

}  // namespace spawned::testing
