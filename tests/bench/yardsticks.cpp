// What the machine itself takes, so that figures of different machines and loads can be compared.
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "bench.hpp"
#include "cases.hpp"

namespace bench {

namespace {

// Keeps the compiler from dropping what is measured.
void use(void* memory) { asm volatile("" : : "g"(memory) : "memory"); }

void futex_wait_while(std::atomic<uint32_t>& word, uint32_t value) {
    while (word.load(std::memory_order_acquire) == value)
        syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, value, nullptr, nullptr, 0);
}

void futex_set(std::atomic<uint32_t>& word, uint32_t value) {
    word.store(value, std::memory_order_release);
    syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0);
}

}  // namespace

void malloc_and_free(uint64_t amount, double* values) {
    const uint64_t begin = wall_ns();
    for (uint64_t i = 0; i < amount; ++i) {
        void* memory = std::malloc(64);
        use(memory);
        std::free(memory);
    }
    values[0] = each(wall_ns() - begin, amount);
}

void atomic_add(uint64_t amount, double* values) {
    std::atomic<uint64_t> counter{0};
    const uint64_t begin = wall_ns();
    for (uint64_t i = 0; i < amount; ++i) counter.fetch_add(1, std::memory_order_seq_cst);
    values[0] = each(wall_ns() - begin, amount);
}

void futex_round_trip(uint64_t amount, double* values) {
    std::atomic<uint32_t> ping{0};
    std::atomic<uint32_t> pong{0};
    std::thread other([&] {
        for (uint32_t i = 0; i < amount; ++i) {
            futex_wait_while(ping, i);
            futex_set(pong, i + 1);
        }
    });
    const uint64_t begin = wall_ns();
    for (uint32_t i = 0; i < amount; ++i) {
        futex_set(ping, i + 1);
        futex_wait_while(pong, i);
    }
    values[0] = each(wall_ns() - begin, amount);
    other.join();
}

}  // namespace bench
