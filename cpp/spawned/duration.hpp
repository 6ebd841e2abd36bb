// Spans of time. Anything shaped like std::chrono::duration converts (this header does not include
// <chrono>, which costs more to compile than the rest of the layer): pass 50ms, or milliseconds(50).
#pragma once

#include <spawned/types.h>

#include <compare>
#include <concepts>
#include <cstdint>
#include <type_traits>

namespace spawned::inline v0 {

class Duration {
public:
    // The longest span that is not "for ever".
    static constexpr std::uint64_t longest = std::uint64_t{1} << 62;

    constexpr Duration() = default;

    template <class D>
    requires requires(const D& d) {
        d.count();
        D::period::num;
        D::period::den;
    }
    constexpr Duration(const D& d)  // NOLINT(google-explicit-constructor): as between durations
        : nanoseconds_(scale<D>(d.count())) {}

    static constexpr Duration nanoseconds(std::uint64_t count) { return Duration(count, 0); }
    static constexpr Duration forever() { return Duration(SPAWNED_FOREVER, 0); }

    // In nanoseconds; SPAWNED_FOREVER for no limit.
    constexpr spawned_duration count() const { return nanoseconds_; }

    friend constexpr auto operator<=>(Duration, Duration) = default;

private:
    constexpr Duration(std::uint64_t count, int) : nanoseconds_(count) {}

    template <class D, class Count>
    static constexpr std::uint64_t scale(Count count) {
        if (!(count > Count{0})) return 0;
        constexpr long double factor = 1e9L * static_cast<long double>(D::period::num) /
                                       static_cast<long double>(D::period::den);
        if (static_cast<long double>(count) * factor >= static_cast<long double>(longest))
            return longest;
        if constexpr (std::is_integral_v<Count> && D::period::num == 1 &&
                      1'000'000'000 % D::period::den == 0)
            return static_cast<std::uint64_t>(count) *
                   static_cast<std::uint64_t>(1'000'000'000 / D::period::den);
        else
            return static_cast<std::uint64_t>(static_cast<long double>(count) * factor);
    }

    std::uint64_t nanoseconds_ = 0;
};

constexpr Duration nanoseconds(std::uint64_t count) { return Duration::nanoseconds(count); }
constexpr Duration microseconds(std::uint64_t count) { return nanoseconds(count * 1'000); }
constexpr Duration milliseconds(std::uint64_t count) { return nanoseconds(count * 1'000'000); }
constexpr Duration seconds(std::uint64_t count) { return nanoseconds(count * 1'000'000'000); }
constexpr Duration minutes(std::uint64_t count) { return seconds(count * 60); }

// A request's own default: 5 s.
inline constexpr Duration default_timeout = seconds(5);

}  // namespace spawned::inline v0
