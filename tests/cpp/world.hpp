// What the tests of the C++ layer share: a runtime on the virtual clock, and values that count their lives.
#pragma once

#include <gtest/gtest.h>

#include <spawned.hpp>

#include <cstdint>
#include <cstdlib>
#include <ostream>

namespace spawned::inline v0 {

inline void PrintTo(Status status, std::ostream *out) { *out << name(status); }

}  // namespace spawned::inline v0

namespace test {

using spawned::milliseconds;
using spawned::seconds;
using spawned::Status;

// SPAWNED_TEST_SEED of the environment, or 1.
inline uint64_t seed() {
    const char *text = std::getenv("SPAWNED_TEST_SEED");
    return text == nullptr || *text == '\0' ? 1 : std::strtoull(text, nullptr, 0);
}

// A test's own runtime: one thread at a time, nothing runs before something waits or run() is called.
class World : public testing::Test {
protected:
    spawned::Runtime runtime{{.deterministic = true, .seed = seed()}};
    spawned::Deterministic time{runtime};

    void TearDown() override { EXPECT_EQ(runtime.shutdown(), Status::ok); }
};

// The n-th operator new on this thread from now on throws; 0: none does (cost_test.cpp).
void fail_new(int n);

// Counts the objects alive that carry the same tally.
class Counted {
public:
    explicit Counted(int *alive) noexcept : alive_(alive) { ++*alive_; }
    Counted(const Counted &other) noexcept : Counted(other.alive_) {}
    Counted(Counted &&other) noexcept : Counted(other.alive_) {}
    Counted &operator=(const Counted &) = default;
    ~Counted() { --*alive_; }
    int alive() const { return *alive_; }

private:
    int *alive_;
};

}  // namespace test
