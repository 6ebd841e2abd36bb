// The atomic operations of the engine, named by what they mean. The algorithm headers (mailbox, reply
// word, run queue, idle workers) take them through a policy, so that a model checker can stand in for
// the hardware: `Policy::template atomic<T>` is this class in the product.
#pragma once

#include <atomic>

namespace spawned::engine {

template <class T>
class atomic {
public:
    constexpr atomic() noexcept : value_{} {}
    constexpr explicit atomic(T value) noexcept : value_(value) {}
    atomic(const atomic&) = delete;
    atomic& operator=(const atomic&) = delete;

    T load_relaxed() const noexcept { return value_.load(std::memory_order_relaxed); }
    T load_acquire() const noexcept { return value_.load(std::memory_order_acquire); }
    T load_seq_cst() const noexcept { return value_.load(std::memory_order_seq_cst); }

    void store_relaxed(T value) noexcept { value_.store(value, std::memory_order_relaxed); }
    void store_release(T value) noexcept { value_.store(value, std::memory_order_release); }
    void store_seq_cst(T value) noexcept { value_.store(value, std::memory_order_seq_cst); }

    T exchange_relaxed(T value) noexcept {
        return value_.exchange(value, std::memory_order_relaxed);
    }
    T exchange_acq_rel(T value) noexcept {
        return value_.exchange(value, std::memory_order_acq_rel);
    }
    T exchange_seq_cst(T value) noexcept {
        return value_.exchange(value, std::memory_order_seq_cst);
    }

    bool cas_acq_rel(T& expected, T desired) noexcept {
        return value_.compare_exchange_strong(expected, desired, std::memory_order_acq_rel,
                                              std::memory_order_acquire);
    }
    bool cas_seq_cst(T& expected, T desired) noexcept {
        return value_.compare_exchange_strong(expected, desired, std::memory_order_seq_cst,
                                              std::memory_order_seq_cst);
    }
    bool cas_relaxed(T& expected, T desired) noexcept {
        return value_.compare_exchange_strong(expected, desired, std::memory_order_relaxed,
                                              std::memory_order_relaxed);
    }

    T fetch_add_relaxed(T value) noexcept {
        return value_.fetch_add(value, std::memory_order_relaxed);
    }
    T fetch_add_acq_rel(T value) noexcept {
        return value_.fetch_add(value, std::memory_order_acq_rel);
    }
    T fetch_add_seq_cst(T value) noexcept {
        return value_.fetch_add(value, std::memory_order_seq_cst);
    }
    T fetch_sub_relaxed(T value) noexcept {
        return value_.fetch_sub(value, std::memory_order_relaxed);
    }
    T fetch_sub_acq_rel(T value) noexcept {
        return value_.fetch_sub(value, std::memory_order_acq_rel);
    }
    T fetch_sub_seq_cst(T value) noexcept {
        return value_.fetch_sub(value, std::memory_order_seq_cst);
    }
    T fetch_or_acq_rel(T value) noexcept {
        return value_.fetch_or(value, std::memory_order_acq_rel);
    }
    T fetch_or_seq_cst(T value) noexcept {
        return value_.fetch_or(value, std::memory_order_seq_cst);
    }
    T fetch_and_acq_rel(T value) noexcept {
        return value_.fetch_and(value, std::memory_order_acq_rel);
    }

private:
    std::atomic<T> value_;
};

// The policy of the product.
struct hardware {
    template <class T>
    using atomic = engine::atomic<T>;
};

// A counter written by one thread and read by any: no locked instruction.
template <class T>
class single_writer {
public:
    void add(T amount) noexcept {
        value_.store_relaxed(static_cast<T>(value_.load_relaxed() + amount));
    }
    // The same, ordered before the writer's later looks at what others have written.
    void add_seq_cst(T amount) noexcept {
        value_.store_seq_cst(static_cast<T>(value_.load_relaxed() + amount));
    }
    void set(T value) noexcept { value_.store_relaxed(value); }
    T get() const noexcept { return value_.load_relaxed(); }
    T get_seq_cst() const noexcept { return value_.load_seq_cst(); }

private:
    atomic<T> value_;
};

}  // namespace spawned::engine
