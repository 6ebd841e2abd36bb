#include "platform/signal.hpp"

#include <cerrno>
#include <csignal>

#include "base/spin_lock.hpp"

namespace spawned::engine {

namespace {

struct disposition {
    std::uint32_t users = 0;
    struct sigaction before = {};
};

// Guards what follows but for the atomics.
constinit spin_lock hub_lock;
constinit disposition dispositions[most_signals] = {};
constinit atomic<signal_sink*> sinks{nullptr};
constinit atomic<std::uint32_t> inside{0};  // handlers that are running

constexpr std::uint64_t bit_of(int number) { return std::uint64_t{1} << (number - 1); }

void on_signal(int number) {
    const int error = errno;
    inside.fetch_add_seq_cst(1);
    for (signal_sink* one = sinks.load_seq_cst(); one != nullptr; one = one->next.load_seq_cst()) {
        if ((one->wanted.load_seq_cst() & bit_of(number)) == 0) continue;
        one->pending.fetch_or_seq_cst(bit_of(number));
        one->ring(*one);
    }
    inside.fetch_sub_seq_cst(1);
    errno = error;
}

bool is_ours(const struct sigaction& action) { return action.sa_handler == on_signal; }

bool is_hosts_own(const struct sigaction& action) {
    return !is_ours(action) && action.sa_handler != SIG_DFL && action.sa_handler != SIG_IGN;
}

// The caller holds the lock.
spawned_status install(int number, disposition& where, bool replace) {
    struct sigaction present = {};
    if (sigaction(number, nullptr, &present) != 0) return SPAWNED_ESYSTEM;
    if (is_hosts_own(present) && !replace) return SPAWNED_EEXIST;
    struct sigaction ours = {};
    ours.sa_handler = on_signal;
    ours.sa_flags = SA_RESTART | SA_ONSTACK;
    sigfillset(&ours.sa_mask);
    return sigaction(number, &ours, &where.before) == 0 ? SPAWNED_OK : SPAWNED_ESYSTEM;
}

// Async-signal-safe.
void restore(int number, const disposition& where) {
    struct sigaction present = {};
    if (sigaction(number, nullptr, &present) == 0 && is_ours(present))
        (void)sigaction(number, &where.before, nullptr);
}

}  // namespace

bool is_catchable(int number) {
    if (number < 1 || number > most_signals) return false;
    for (const int never :
         {SIGKILL, SIGSTOP, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGSYS})
        if (number == never) return false;
    struct sigaction present = {};
    return sigaction(number, nullptr, &present) == 0;
}

spawned_status want_signal(signal_sink& sink, int number, bool replace) {
    lock_guard guard(hub_lock);
    disposition& where = dispositions[number - 1];
    if (where.users == 0) {
        const spawned_status status = install(number, where, replace);
        if (status != SPAWNED_OK) return status;
    }
    ++where.users;
    if (!sink.is_listed) {
        sink.next.store_seq_cst(sinks.load_relaxed());
        sinks.store_seq_cst(&sink);
        sink.is_listed = true;
    }
    if (++sink.users[number - 1] == 1) sink.wanted.fetch_or_seq_cst(bit_of(number));
    return SPAWNED_OK;
}

void unwant_signal(signal_sink& sink, int number) {
    lock_guard guard(hub_lock);
    disposition& where = dispositions[number - 1];
    if (--sink.users[number - 1] == 0) sink.wanted.fetch_and_acq_rel(~bit_of(number));
    if (--where.users == 0) restore(number, where);
}

void forget_sink(signal_sink& sink) {
    {
        lock_guard guard(hub_lock);
        if (!sink.is_listed) return;
        signal_sink* before = nullptr;
        signal_sink* one = sinks.load_relaxed();
        while (one != &sink) {
            before = one;
            one = one->next.load_relaxed();
        }
        (before != nullptr ? before->next : sinks).store_seq_cst(sink.next.load_relaxed());
        sink.is_listed = false;
    }
    // A handler that began before may hold it yet. One on this thread would have ended.
    while (inside.load_seq_cst() != 0) thread_yield();
}

void forget_signals_in_child() {
    hub_lock.unlock();
    for (int number = 1; number <= most_signals; ++number) {
        disposition& where = dispositions[number - 1];
        if (where.users != 0) restore(number, where);
        where.users = 0;
    }
    sinks.store_seq_cst(nullptr);
    inside.store_seq_cst(0);
}

}  // namespace spawned::engine
