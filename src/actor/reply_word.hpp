// The reply word: one request's answer, its waiter, and who still uses its block.
//
//   done      the answering side has resolved it; the outcome stands in the block
//   given_up  the asking side does not want the outcome any more (timed out or released)
//   released  the asking side has let go of the block
//   left      the message has left its mailbox and handler: nobody there uses the block
//   rung      the bell has rung (only where a bell was set)
//
// Above these bits stands at most one waiter: its kind and its address. The step that completes
// {done, released, left} (and rung, with a bell) frees the block. Each side takes each step once.
//
// An answer given inside a request that runs on its requester's own stack is made with `exclusive`
// steps: no other thread can know the block then, so plain stores do.
#pragma once

#include <cstdint>

namespace spawned::engine {

enum class waiter_kind : uint8_t { none = 0, actor = 1, thread = 2, bell = 3 };

template <class Policy>
class reply_word {
public:
    static constexpr uintptr_t done = 1;
    static constexpr uintptr_t given_up = 2;
    static constexpr uintptr_t released = 4;
    static constexpr uintptr_t left = 8;
    static constexpr uintptr_t rung = 16;

    void reset(uintptr_t bits) { word_.store_relaxed(bits); }
    uintptr_t load() const { return word_.load_acquire(); }

    // Sets bits; returns the word as it was before.
    uintptr_t step(uintptr_t bits) { return word_.fetch_or_acq_rel(bits); }
    uintptr_t step_exclusive(uintptr_t bits) {
        const uintptr_t before = word_.load_relaxed();
        word_.store_release(before | bits);
        return before;
    }

    // Asking side. False: it was done first, and the outcome counts.
    bool give_up() {
        uintptr_t seen = word_.load_acquire();
        for (;;) {
            if ((seen & done) != 0) return false;
            if (word_.cas_acq_rel(seen, seen | given_up)) return true;
        }
    }

    // Asking side. False: it is done already, or (with a second waiter) another one stands there.
    bool set_waiter(waiter_kind kind, const void* address) {
        uintptr_t seen = word_.load_acquire();
        for (;;) {
            if ((seen & done) != 0 || kind_of(seen) != waiter_kind::none) return false;
            if (word_.cas_acq_rel(seen, seen | pack(kind, address))) return true;
        }
    }

    // Asking side. False: it is done, so the waiter has been or is being woken.
    bool clear_waiter() {
        uintptr_t seen = word_.load_acquire();
        for (;;) {
            if ((seen & done) != 0) return false;
            if (word_.cas_acq_rel(seen, seen & flags)) return true;
        }
    }

    static waiter_kind kind_of(uintptr_t word) {
        return static_cast<waiter_kind>((word >> kind_low) & 3);
    }
    static void* waiter_of(uintptr_t word) {
        return reinterpret_cast<void*>(word & ~uintptr_t{127});
    }

    // Asking side: nobody else uses the block any more, so that `released` need not be set.
    static bool is_ours_alone(uintptr_t word) { return completes(word, released); }

    // Whether the step that set `added` on `before` was the last one.
    static bool completes(uintptr_t before, uintptr_t added) {
        const uintptr_t after = before | added;
        const uintptr_t needed =
            done | released | left | (kind_of(before) == waiter_kind::bell ? rung : uintptr_t{0});
        return (after & needed) == needed && (before & needed) != needed;
    }

private:
    static constexpr uintptr_t kind_low = 5;
    static constexpr uintptr_t flags = done | given_up | released | left | rung;

    // Addresses are 128-byte aligned: bits 0 to 4 are the flags, 5 and 6 the kind.
    static uintptr_t pack(waiter_kind kind, const void* address) {
        return reinterpret_cast<uintptr_t>(address) | (static_cast<uintptr_t>(kind) << kind_low);
    }

    typename Policy::template atomic<uintptr_t> word_;
};

}  // namespace spawned::engine
