// Benchmarks of the engine through its C ABI. Every case runs once per round, so that a change of the
// machine's load meets all of them; a figure is the median of its rounds, a ratio the median of the
// figure divided by its yardstick of the same round.
//   bench_core [--quick] [--json] [--rounds N] [--only TEXT]
#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "bench.hpp"
#include "cases.hpp"

namespace {

using bench::line;
using bench::measurement;
using bench::yardstick;

constexpr const char* yardstick_names[] = {"malloc+free", "atomic add", "futex round trip", ""};

#define LINES(name, ...) constexpr line name[] = {__VA_ARGS__}
constexpr auto per_malloc = yardstick::malloc_free;
constexpr auto per_futex = yardstick::futex_round_trip;
LINES(malloc_line, {"malloc+free of 64 bytes", "ns", per_malloc});
LINES(atomic_line, {"atomic add, uncontended", "ns", yardstick::atomic_add});
LINES(futex_line, {"futex round trip of two threads", "ns", per_futex});
LINES(ping_pong_one, {"ping-pong, one worker, per message", "ns", per_malloc});
LINES(ping_pong_all, {"ping-pong, default workers, per message", "ns", per_malloc});
LINES(request_blocking, {"actor request, blocking", "ns", per_malloc});
LINES(request_await, {"actor request, awaited", "ns", per_malloc});
LINES(outside, {"outside request", "ns", per_futex});
LINES(on_caller, {"outside request, run on caller", "ns", per_malloc});
LINES(fan_in_line, {"fan-in of 4 threads, per message", "ns", per_malloc});
LINES(recycled, {"start and stop, recycled", "ns", per_malloc});
LINES(start_line, {"start, fresh", "ns", per_malloc});
LINES(ran_line, {"start, fresh, until it has run", "ns", per_malloc});
LINES(monitor_lines, {"monitor and its end's message", "ns", per_malloc},
      {"monitor and its end's message, in messages", "x", yardstick::none});
LINES(alone_lines, {"restart, one of 1000 children", "ns", per_malloc},
      {"restart, one of 1000, in one of 100", "x", yardstick::none});
LINES(together_lines, {"restart, 1000 children together, each", "ns", per_malloc},
      {"restart, 1000 together, in 100 together", "x", yardstick::none});
LINES(end_lines, {"end of 100000 dynamic children, each", "ns", per_malloc},
      {"end of 100000, in the end of 10000, each", "x", yardstick::none});
LINES(timer_lines, {"timer schedule, processor time", "ns", per_malloc},
      {"timer cancel, processor time", "ns", per_malloc});
LINES(fire_line, {"timer fire and deliver, processor time", "ns", per_malloc});
LINES(ring_one, {"ring of 1000, 1 token, per hop", "ns", per_malloc});
LINES(ring_hundred, {"ring of 1000, 100 tokens, per hop", "ns", per_malloc});
LINES(skynet_line, {"skynet, per actor", "ns", per_malloc});
LINES(bytes_line, {"resident memory per idle actor", "B", yardstick::none});
#undef LINES

template <size_t Count>
constexpr measurement entry(const line (&lines)[Count], void (*run)(uint64_t, double*),
                            uint64_t amount, uint64_t quick) {
    return {lines, Count, run, amount, quick};
}

constexpr measurement measurements[] = {
    entry(malloc_line, bench::malloc_and_free, 2000000, 200000),
    entry(atomic_line, bench::atomic_add, 2000000, 200000),
    entry(futex_line, bench::futex_round_trip, 5000, 500),
    entry(ping_pong_one, bench::ping_pong_one_worker, 1000000, 50000),
    entry(ping_pong_all, bench::ping_pong_default_workers, 1000000, 50000),
    entry(request_blocking, bench::actor_request_blocking, 500000, 20000),
    entry(request_await, bench::actor_request_await, 500000, 20000),
    entry(outside, bench::outside_request, 10000, 500),
    entry(on_caller, bench::outside_request_on_caller, 500000, 20000),
    entry(fan_in_line, bench::fan_in, 1000000, 40000),
    entry(recycled, bench::start_and_stop, 200000, 10000),
    entry(start_line, bench::start_idle, 100000, 10000),
    entry(ran_line, bench::start_until_ran, 100000, 10000),
    entry(monitor_lines, bench::monitor_and_end, 200000, 10000),
    entry(alone_lines, bench::restart_alone, 20000, 1000),
    entry(together_lines, bench::restart_together, 20000, 1000),
    entry(end_lines, bench::family_end, 100000, 1000),
    entry(timer_lines, bench::timer_schedule_and_cancel, 1000000, 50000),
    entry(fire_line, bench::timer_fire, 100000, 5000),
    entry(ring_one, bench::ring_one_token, 1000000, 50000),
    entry(ring_hundred, bench::ring_hundred_tokens, 1000000, 50000),
    entry(skynet_line, bench::skynet, 1000000, 10000),
    entry(bytes_line, bench::idle_bytes, 1000000, 50000),
};
constexpr size_t yardstick_count = 3;

struct floor_line {
    const line* of;
    bool ratio;  // or the value itself
    double most;
};
constexpr floor_line floors[] = {
    {ping_pong_one, true, 6},      {request_blocking, true, 10},     {start_line, true, 60},
    {outside, true, 0.5},          {bytes_line, false, 256},         {&monitor_lines[1], false, 3},
    {&alone_lines[1], false, 1.5}, {&together_lines[1], false, 1.5}, {&end_lines[1], false, 1.5},
};

struct figures {
    const line* of;
    std::vector<double> values;
    std::vector<double> ratios;
};

double median(std::vector<double> values) {
    if (values.empty()) return NAN;
    std::sort(values.begin(), values.end());
    const size_t half = values.size() / 2;
    return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

struct arguments {
    bool quick = false;
    bool json = false;
    uint64_t rounds = 0;
    const char* only = "";
};

bool wanted(const arguments& given, size_t index) {
    if (index < yardstick_count) return true;
    for (size_t i = 0; i < measurements[index].line_count; ++i)
        if (std::strstr(measurements[index].lines[i].name, given.only) != nullptr) return true;
    return false;
}

std::vector<figures> measure(const arguments& given) {
    std::vector<figures> all;
    for (size_t i = 0; i < std::size(measurements); ++i)
        for (size_t j = 0; wanted(given, i) && j < measurements[i].line_count; ++j)
            all.push_back({&measurements[i].lines[j], {}, {}});
    for (uint64_t round = 0; round < given.rounds; ++round) {
        double divisors[yardstick_count + 1] = {};
        auto next = all.begin();
        for (size_t i = 0; i < std::size(measurements); ++i) {
            if (!wanted(given, i)) continue;
            const measurement& one = measurements[i];
            double values[4] = {};
            one.run(given.quick ? one.quick_amount : one.amount, values);
            if (i < yardstick_count) divisors[i] = values[0];
            for (size_t j = 0; j < one.line_count; ++j, ++next) {
                next->values.push_back(values[j]);
                const double divisor = divisors[static_cast<size_t>(next->of->divisor)];
                if (divisor > 0) next->ratios.push_back(values[j] / divisor);
            }
        }
    }
    return all;
}

void print_line(const figures& one, bool json, bool last) {
    const auto [least, most] = std::minmax_element(one.values.begin(), one.values.end());
    const char* divisor = yardstick_names[static_cast<size_t>(one.of->divisor)];
    if (json) {
        std::printf(
            "  {\"name\": \"%s\", \"unit\": \"%s\", \"median\": %.2f, \"min\": %.2f, "
            "\"max\": %.2f",
            one.of->name, one.of->unit, median(one.values), *least, *most);
        if (!one.ratios.empty())
            std::printf(", \"yardstick\": \"%s\", \"ratio\": %.3f", divisor, median(one.ratios));
        std::printf("}%s\n", last ? "" : ",");
        return;
    }
    std::printf("%-42s %10.1f %-2s", one.of->name, median(one.values), one.of->unit);
    if (one.ratios.empty())
        std::printf(" %27s", "");
    else
        std::printf(" %8.2f x %-16s", median(one.ratios), divisor);
    std::printf("  (%.1f..%.1f)\n", *least, *most);
}

void print_floors(const std::vector<figures>& all) {
    for (const floor_line& floor : floors) {
        for (const figures& one : all) {
            if (one.of != floor.of) continue;
            const double reached = median(floor.ratio ? one.ratios : one.values);
            std::printf("floor: %-42s %8.2f of at most %6.2f %-18s %s\n", one.of->name, reached,
                        floor.most,
                        floor.ratio ? yardstick_names[static_cast<size_t>(one.of->divisor)]
                                    : one.of->unit,
                        reached <= floor.most ? "met" : "NOT MET");
        }
    }
}

bool read_arguments(int count, char** words, arguments* given) {
    for (int i = 1; i < count; ++i) {
        if (std::strcmp(words[i], "--quick") == 0)
            given->quick = true;
        else if (std::strcmp(words[i], "--json") == 0)
            given->json = true;
        else if (std::strcmp(words[i], "--rounds") == 0 && i + 1 < count)
            given->rounds = std::strtoull(words[++i], nullptr, 10);
        else if (std::strcmp(words[i], "--only") == 0 && i + 1 < count)
            given->only = words[++i];
        else
            return false;
    }
    if (given->rounds == 0) given->rounds = given->quick ? 1 : 5;
    return true;
}

}  // namespace

int main(int count, char** words) {
    if (count == 3 && std::strcmp(words[1], "--idle-bytes") == 0)
        return bench::print_idle_bytes(std::strtoull(words[2], nullptr, 10));
    arguments given;
    if (!read_arguments(count, words, &given)) {
        std::fprintf(stderr, "usage: %s [--quick] [--json] [--rounds N] [--only TEXT]\n", words[0]);
        return 2;
    }
    const std::vector<figures> all = measure(given);
    if (given.json) std::printf("[\n");
    for (const figures& one : all) print_line(one, given.json, &one == &all.back());
    if (given.json)
        std::printf("]\n");
    else
        print_floors(all);
    return 0;
}
