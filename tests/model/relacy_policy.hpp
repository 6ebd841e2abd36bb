// The policy under which relacy (a model checker for C++11 atomics) stands in for the hardware: it
// runs the engine's algorithm headers thread by thread under many interleavings and lets loads return
// every value that the memory orders allow. A weakness drops some of the orders, so that each check can
// be seen to fail. relacy.hpp redefines new, delete, free and more: include this after everything else
// of the standard library, the engine's headers in any order.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>
#include <ostream>
#include <streambuf>

#if defined(__clang__)
#pragma clang diagnostic ignored "-Wdollar-in-identifier-extension"
#endif
#include <relacy/relacy.hpp>

namespace spawned::model {

enum class weakness {
    none,
    release_is_relaxed,  // nothing written before is published
    acquire_is_relaxed,  // nothing published is seen
    seq_cst_is_acq_rel,  // a store and a later load of another word may swap
    cas_in_two_steps     // others may write between the comparison and the swap
};

// The line in the checked header, for relacy's histories.
#define MODEL_HERE rl::debug_info(__builtin_FUNCTION(), __builtin_FILE(), __builtin_LINE())

template <weakness Weakness>
constexpr rl::memory_order weakened(rl::memory_order order) {
    if (Weakness == weakness::seq_cst_is_acq_rel && order == rl::mo_seq_cst) return rl::mo_acq_rel;
    if (Weakness == weakness::release_is_relaxed) {
        if (order == rl::mo_release) return rl::mo_relaxed;
        if (order == rl::mo_acq_rel || order == rl::mo_seq_cst) return rl::mo_acquire;
    }
    if (Weakness == weakness::acquire_is_relaxed) {
        if (order == rl::mo_acquire) return rl::mo_relaxed;
        if (order == rl::mo_acq_rel || order == rl::mo_seq_cst) return rl::mo_release;
    }
    return order;
}

template <class T, weakness Weakness>
class checked_atomic {
public:
    checked_atomic() : value_(T{}) {}
    explicit checked_atomic(T value) : value_(value) {}

    using at = rl::debug_info;

    T load_relaxed(at here = MODEL_HERE) const { return value_.load(rl::mo_relaxed, here); }
    T load_acquire(at here = MODEL_HERE) const { return load(rl::mo_acquire, here); }
    T load_seq_cst(at here = MODEL_HERE) const { return load(rl::mo_seq_cst, here); }

    void store_relaxed(T value, at here = MODEL_HERE) { value_.store(value, rl::mo_relaxed, here); }
    void store_release(T value, at here = MODEL_HERE) { store(value, rl::mo_release, here); }
    void store_seq_cst(T value, at here = MODEL_HERE) { store(value, rl::mo_seq_cst, here); }

    T exchange_relaxed(T value, at here = MODEL_HERE) {
        return value_.exchange(value, rl::mo_relaxed, here);
    }
    T exchange_acq_rel(T value, at here = MODEL_HERE) {
        return value_.exchange(value, acq_rel, here);
    }
    T exchange_seq_cst(T value, at here = MODEL_HERE) {
        return value_.exchange(value, seq_cst, here);
    }

    bool cas_relaxed(T& expected, T desired, at here = MODEL_HERE) {
        return cas(expected, desired, rl::mo_relaxed, rl::mo_relaxed, here);
    }
    bool cas_acq_rel(T& expected, T desired, at here = MODEL_HERE) {
        return cas(expected, desired, acq_rel, failed(acq_rel), here);
    }
    bool cas_seq_cst(T& expected, T desired, at here = MODEL_HERE) {
        return cas(expected, desired, seq_cst, failed(seq_cst), here);
    }

    T fetch_add_relaxed(T value, at here = MODEL_HERE) {
        return value_.fetch_add(value, rl::mo_relaxed, here);
    }
    T fetch_add_acq_rel(T value, at here = MODEL_HERE) {
        return value_.fetch_add(value, acq_rel, here);
    }
    T fetch_add_seq_cst(T value, at here = MODEL_HERE) {
        return value_.fetch_add(value, seq_cst, here);
    }
    T fetch_sub_relaxed(T value, at here = MODEL_HERE) {
        return value_.fetch_sub(value, rl::mo_relaxed, here);
    }
    T fetch_sub_acq_rel(T value, at here = MODEL_HERE) {
        return value_.fetch_sub(value, acq_rel, here);
    }
    T fetch_sub_seq_cst(T value, at here = MODEL_HERE) {
        return value_.fetch_sub(value, seq_cst, here);
    }
    T fetch_or_acq_rel(T value, at here = MODEL_HERE) {
        return value_.fetch_or(value, acq_rel, here);
    }
    T fetch_or_seq_cst(T value, at here = MODEL_HERE) {
        return value_.fetch_or(value, seq_cst, here);
    }
    T fetch_and_acq_rel(T value, at here = MODEL_HERE) {
        return value_.fetch_and(value, acq_rel, here);
    }

private:
    static constexpr rl::memory_order acq_rel = weakened<Weakness>(rl::mo_acq_rel);
    static constexpr rl::memory_order seq_cst = weakened<Weakness>(rl::mo_seq_cst);

    // The order of a failed compare-and-swap: a load's.
    static constexpr rl::memory_order failed(rl::memory_order order) {
        if (order == rl::mo_acq_rel) return rl::mo_acquire;
        return order == rl::mo_release ? rl::mo_relaxed : order;
    }
    T load(rl::memory_order order, at here) const {
        return value_.load(failed(weakened<Weakness>(order)), here);
    }
    void store(T value, rl::memory_order order, at here) {
        const rl::memory_order weak = weakened<Weakness>(order);
        if (weak == rl::mo_acq_rel) return value_.store(value, rl::mo_release, here);
        value_.store(value, weak == rl::mo_acquire ? rl::mo_relaxed : weak, here);
    }
    bool cas(T& expected, T desired, rl::memory_order succeeded, rl::memory_order otherwise,
             at here) {
        if constexpr (Weakness == weakness::cas_in_two_steps) {
            const T seen = value_.fetch_add(T{}, rl::mo_seq_cst, here);
            if (seen == expected) value_.store(desired, rl::mo_seq_cst, here);
            return seen == expected || (expected = seen, false);
        }
        return value_.compare_exchange(rl::bool_t<false>(), expected, desired, succeeded, otherwise,
                                       here);
    }

    rl::atomic<T> value_;
};

class checked_lock {
public:
    void lock() { mutex_.lock(MODEL_HERE); }
    void unlock() { mutex_.unlock(MODEL_HERE); }

private:
    rl::mutex mutex_;
};

template <weakness Weakness = weakness::none>
struct relacy {
    template <class T>
    using atomic = checked_atomic<T, Weakness>;
    using lock = checked_lock;
};

// A variable without synchronisation: two accesses that nothing orders, one of them a write, fail.
template <class T>
class plain {
public:
    plain() : value_(T{}) {}
    explicit plain(T value) : value_(value) {}
    plain& operator=(T value) {
        value_(MODEL_HERE) = value;
        return *this;
    }
    operator T() const { return value_(MODEL_HERE).load(); }

private:
    rl::var<T> value_;
};

// Blocks whose use after their end, double end and loss relacy reports. (Not by new and delete: the
// sized delete of the C++ library does not reach relacy.)
template <class T>
T* make(rl::debug_info here = MODEL_HERE) {
    return std::construct_at(static_cast<T*>(rl::ctx().alloc(sizeof(T), false, here)));
}
template <class T>
void dispose(T* object, rl::debug_info here = MODEL_HERE) {
    std::destroy_at(object);
    // What relacy's destructors write to be recognised is dropped as dead by the optimiser.
    auto* bytes = reinterpret_cast<volatile unsigned char*>(object);
    for (size_t i = 0; i < sizeof(T); ++i) bytes[i] = 0;
    (rl::ctx().free)(object, false, here);
}

// An object that asks for more alignment than relacy's memory has; one of its type at a time.
template <class T>
class aligned_place {
public:
    aligned_place() : object_(std::construct_at(reinterpret_cast<T*>(storage_))) {}
    ~aligned_place() { std::destroy_at(object_); }
    T* operator->() { return object_; }

private:
    alignas(T) static inline unsigned char storage_[sizeof(T)];
    T* object_;
};

#define MODEL_ASSERT(condition) RL_ASSERT(condition)

// A step of a spinning loop: lets the others run, and what they wrote become visible.
inline void spin() { rl::yield(1, MODEL_HERE); }

}  // namespace spawned::model
