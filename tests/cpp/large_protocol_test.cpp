// A protocol as large as they come.
#include "cpp/world.hpp"

#define TEN(prefix)                                                                               \
    (spawned::Response<int>, prefix##0, (a, int)), (spawned::Response<int>, prefix##1, (a, int)), \
        (spawned::Response<int>, prefix##2), (void, prefix##3, (a, int)),                         \
        (spawned::Status, prefix##4, (a, int), (b, int)), (spawned::Response<void>, prefix##5),   \
        (void, prefix##6), (void, prefix##7), (void, prefix##8), (void, prefix##9)

SPAWNED_PROTOCOL(Large, TEN(a), TEN(b), TEN(c), TEN(d), TEN(e), TEN(f), TEN(g), TEN(h),
                 (spawned::Response<int>, last, (a, int), (b, int), (c, int), (d, int), (e, int),
                  (f, int), (g, int), (h, int), (i, int), (j, int), (k, int), (l, int), (m, int)))

namespace {

using namespace test;

// One template handles whatever has the right shape.
class Accepting : public spawned::Actor<Accepting, Large> {
public:
    template <class M>
    typename M::Reply handle(M message, Context &) {
        if constexpr (std::is_same_v<M, Large::last>) return message.a + message.m;
        if constexpr (!std::is_void_v<typename M::Reply>) return static_cast<int>(sizeof message);
    }
};

class LargeProtocol : public World {};

TEST_F(LargeProtocol, Has81MethodsAndEachIsHandled) {
    static_assert(std::size(spawned::methods_of<Large>) == 81);
    auto actor = runtime.start<Accepting>();
    EXPECT_EQ(actor.a0(1).unwrap(), static_cast<int>(sizeof(int)));
    EXPECT_EQ(actor.h4(1, 2), Status::ok);
    EXPECT_EQ(actor.last(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13).unwrap(), 14);
}

}  // namespace
