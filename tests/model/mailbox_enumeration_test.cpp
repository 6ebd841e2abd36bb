// The mailbox protocol by enumeration: every sequentially consistent interleaving of senders, a
// signaller, a replier, a new tenant and two workers, step for step as src/actor/mailbox.hpp and
// the engine's owner loop take them. Each terminal state must have every message handled or bounced once,
// every node freed once, every signal seen, and nobody left to be scheduled. The same search over
// protocols with a fault in them must fail. (Weak memory is relacy's part.)
#include "mailbox_enumeration.hpp"

#include <cstdio>
#include <unordered_set>
#include <vector>

namespace spawned::model {
namespace {

struct outcome {
    const char* violation = nullptr;
    size_t states = 0;
    size_t terminals = 0;
};

struct state_hash {
    size_t operator()(const state& s) const {
        const auto* bytes = reinterpret_cast<const unsigned char*>(&s);
        uint64_t hash = 14695981039346656037u;
        for (size_t i = 0; i < sizeof s; ++i) hash = (hash ^ bytes[i]) * 1099511628211u;
        return static_cast<size_t>(hash ^ (hash >> 29));
    }
};

outcome enumerate(const configuration& config) {
    outcome result;
    std::unordered_set<state, state_hash> seen;
    std::vector<const state*> open;
    const protocol rules(config);
    open.push_back(&*seen.insert(rules.initial()).first);
    while (!open.empty()) {
        const state current = *open.back();
        open.pop_back();
        bool moved = false;
        for (int thread = 0; thread < rules.threads(); ++thread) {
            for (int choice = 0; choice < 2; ++choice) {
                state next = current;
                if (!rules.step(next, thread, choice, result.violation)) continue;
                moved = true;
                if (result.violation != nullptr) return result;
                const auto [place, fresh] = seen.insert(next);
                if (fresh) open.push_back(&*place);
            }
        }
        result.states = seen.size();
        if (moved) continue;
        ++result.terminals;
        result.violation = rules.wrong_end(current);
        if (result.violation != nullptr) return result;
    }
    return result;
}

void describe(const configuration& c) {
    std::printf("%d senders", c.senders);
    if (c.signals) std::printf(c.dies ? ", a kill" : ", a signal");
    if (c.awaits) std::printf(c.replies ? ", an await" : ", an await for ever");
    if (c.stops) std::printf(", a stop");
    if (c.leaves != 0) std::printf(", %d times left with work", c.leaves);
    if (c.revives) std::printf(", a next tenant");
    std::printf(": ");
}

bool holds(const configuration& config) {
    const outcome result = enumerate(config);
    describe(config);
    if (result.violation != nullptr)
        std::printf("FAIL, %s\n", result.violation);
    else
        std::printf("ok, %zu states, %zu terminal\n", result.states, result.terminals);
    std::fflush(stdout);
    return result.violation == nullptr;
}

bool caught(const char* name, configuration config, mutation fault) {
    config.fault = fault;
    const outcome result = enumerate(config);
    std::printf("  mutant, %s: %s\n", name,
                result.violation == nullptr ? "FAIL, not caught" : result.violation);
    std::fflush(stdout);
    return result.violation != nullptr;
}

}  // namespace
}  // namespace spawned::model

int main() {
    using namespace spawned::model;
    const configuration configurations[] = {
        {.senders = 2},
        {.senders = 3},
        {.senders = 2, .signals = true},
        {.senders = 2, .awaits = true, .replies = true},
        {.senders = 2, .signals = true, .awaits = true, .replies = true},
        {.senders = 2, .signals = true, .dies = true},
        {.senders = 2, .signals = true, .awaits = true, .replies = true, .dies = true},
        {.senders = 3, .signals = true, .dies = true},
        {.senders = 3, .signals = true, .awaits = true, .replies = true},
        {.senders = 3, .signals = true, .awaits = true, .replies = true, .dies = true},
        // an answer that never comes
        {.senders = 2, .signals = true, .awaits = true, .dies = true},
        // owners that leave with work left, at their budget's end or because a link is missing
        {.senders = 3, .leaves = 2},
        {.senders = 2, .signals = true, .dies = true, .leaves = 2},
        {.senders = 2, .signals = true, .awaits = true, .replies = true, .dies = true, .leaves = 1},
        // a second tenant, with the first one's senders and signal still under way
        {.senders = 2, .stops = true, .revives = true},
        {.senders = 3, .stops = true, .leaves = 1, .revives = true},
        {.senders = 2, .signals = true, .dies = true, .revives = true},
        {.senders = 2, .signals = true, .dies = true, .stops = true, .revives = true},
        {.senders = 2,
         .signals = true,
         .awaits = true,
         .replies = true,
         .dies = true,
         .revives = true},
    };
    bool good = true;
    for (const configuration& config : configurations) good &= holds(config);

    const configuration signalled{.senders = 2, .signals = true};
    const configuration awaited{.senders = 2, .signals = true, .awaits = true, .replies = true};
    const configuration killed{.senders = 2, .signals = true, .awaits = true, .dies = true};
    const configuration left{.senders = 2, .leaves = 2};
    const configuration revived{
        .senders = 2, .signals = true, .dies = true, .stops = true, .revives = true};
    good &=
        caught("no look at signals after the release", signalled, mutation::no_look_after_release);
    good &= caught("a signal does not wake", killed, mutation::no_wake);
    good &= caught("a wake leaves no trace on a running owner", awaited, mutation::no_notified);
    good &= caught("the last node freed before the release", {.senders = 2}, mutation::early_free);
    good &= caught("a handled node put back as new", left, mutation::unmarked_put_back);
    good &= caught("moving in over a stale sender", revived, mutation::careless_revival);
    good &= caught("signals that name no tenant", revived, mutation::no_generation);
    return good ? 0 : 1;
}
