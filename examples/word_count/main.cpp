// word_count [--top N] [--quiet] [DIR]: counts the words of every regular file under DIR (default: the
// working directory) with actors.
//
//   main -> Walker (may block): walk DIR          Walker -> Reader (may block): read one file
//   Reader -> Counter (pool): a piece of text     Counter -> Totals (pool): the words of a file
//
// A file that cannot be read, or is not UTF-8, ends the actor that reads it; that is contained and reported,
// its supervisor replaces it, the rest goes on. --quiet: no progress and no such reports.
//
//   c++ -std=c++20 -O2 main.cpp $(pkg-config --cflags --libs spawned) -o word_count
#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <spawned.hpp>

#include "files.hpp"
#include "text.hpp"

using spawned::Duration;
using spawned::Error;
using spawned::Response;
using spawned::Status;

// Files read at a time: with two pieces each, and the words of one file, all that is ever in memory
// beside the totals.
constexpr std::size_t most_lanes = 8;
// Refused files that are named; the rest is counted.
constexpr std::uint64_t refusals_told = 10;

// --- What the actors say to each other ---

struct Ranking {
    std::uint64_t words = 0, distinct = 0;
    std::vector<std::pair<std::string, std::uint64_t>> best;
};
struct Summary {
    std::uint64_t files = 0, refused = 0, bytes = 0;
};

SPAWNED_PROTOCOL(Totals, (Response<void>, add, (words, Words)),
                 (Response<Ranking>, top, (length, std::size_t)), (void, tick))
SPAWNED_PROTOCOL(Counter,
                 (Response<void>, count, (text, std::string), (is_first, bool), (is_last, bool)))
SPAWNED_PROTOCOL(Reader, (Response<std::uint64_t>, read, (path, std::string)))
SPAWNED_PROTOCOL(Walker, (Response<Summary>, walk, (directory, std::string)))

// --- The actors ---

// Adds up what the counters found, says now and then how far it is, and tells the most frequent words.
class TotalsActor : public spawned::Actor<TotalsActor, Totals> {
public:
    explicit TotalsActor(bool quiet) : quiet_(quiet) {}

    void started(Context& context) {
        if (!quiet_) context.send_interval(spawned::seconds(1), Totals::tick{}).unwrap();
    }
    void handle(Totals::add msg, Context&) {
        ++files_;
        while (!msg.words.empty()) {
            auto word = msg.words.extract(msg.words.begin());
            count_ += word.mapped();
            auto added = words_.insert(std::move(word));
            if (!added.inserted) added.position->second += added.node.mapped();
        }
    }
    Ranking handle(Totals::top msg, Context&) {
        std::vector<const Words::value_type*> all;
        all.reserve(words_.size());
        for (const auto& word : words_) all.push_back(&word);
        const std::size_t length = std::min(msg.length, all.size());
        std::partial_sort(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(length), all.end(),
                          [](auto a, auto b) {
                              return a->second != b->second ? a->second > b->second
                                                            : a->first < b->first;
                          });
        Ranking ranking{count_, all.size(), {}};
        for (std::size_t i = 0; i < length; i++)
            ranking.best.emplace_back(all[i]->first, all[i]->second);
        return ranking;
    }
    void handle(Totals::tick, Context&) {
        std::fprintf(stderr, "word_count: %" PRIu64 " files, %" PRIu64 " words, %zu distinct\n",
                     files_, count_, words_.size());
    }

private:
    bool quiet_;
    Words words_;
    std::uint64_t files_ = 0, count_ = 0;
};

// Counts the words of one file, piece by piece, and hands them to the totals at its end. Files that fail on
// the way leave no trace: their words never got that far.
class CounterActor : public spawned::Actor<CounterActor, Counter> {
public:
    void started(Context& context) {
        totals_ = context.runtime().registry().whereis<Totals::Ref>("totals").value();
    }
    // It awaits the totals, and its thread serves others; who sends it text waits with it.
    Task<> handle(Counter::count msg, Context&) {
        if (msg.is_first) words_ = Words();
        scanner_.scan(msg.text, words_);
        if (!msg.is_last) co_return;
        scanner_.end(words_);
        Response<void> added = totals_.request(Totals::add{std::move(words_)}, Duration::forever());
        (co_await added).unwrap();
    }

private:
    Totals::Ref totals_;
    Scanner scanner_;
    Words words_;
};

// Reads one file per message, on a thread that may block, and has its counter count it. Whatever is wrong
// with a file is thrown and ends the reader; who asked learns why, and its supervisor starts it anew.
class ReaderActor : public spawned::Actor<ReaderActor, Reader> {
public:
    void started(Context& context) { counter_ = context.runtime().start<CounterActor>(); }
    void stopped(Context&) { counter_.stop(); }

    std::uint64_t handle(const Reader::read& msg, Context&) {
        File file(msg.path);
        Utf8 utf8;
        std::uint64_t bytes = 0;
        // One piece is counted while the next is read.
        auto counting = Response<void>::ready({});
        while (!file.at_end()) {
            const bool is_first = bytes == 0;
            std::string text = file.read();
            const std::size_t right = utf8.check(text);
            bytes += right;
            if (right < text.size() || (file.at_end() && utf8.is_within_character()))
                throw Error(Status{EILSEQ}, "not UTF-8 at byte " + std::to_string(bytes));
            counting.unwrap();
            counting = counter_.request(Counter::count{std::move(text), is_first, file.at_end()},
                                        Duration::forever());
        }
        counting.unwrap();
        return bytes;
    }

private:
    spawned::ActorRef<CounterActor> counter_;
};

static std::string name_of_reader(std::size_t i) { return "reader " + std::to_string(i + 1); }

// Finds the files and keeps every reader busy with one of them. It takes the next path from the tree only when a
// reader is free: a tree of any size costs the same.
class WalkerActor : public spawned::Actor<WalkerActor, Walker> {
public:
    explicit WalkerActor(bool quiet) : quiet_(quiet) {}

    Task<Summary> handle(Walker::walk msg, Context& context) {
        Tree tree(msg.directory);
        readers_ =
            spawned::SupervisorRef(context.runtime().registry().whereis_pid("readers").value());
        std::vector<Lane> lanes;
        for (std::size_t i = 0; i < most_lanes; i++) lanes.push_back({name_of_reader(i), {}, {}});
        std::vector<Response<std::uint64_t>> reading;  // of the lane of the same index
        for (Lane& lane : lanes) {
            if (!give_work(lane, tree)) break;
            reading.push_back(start_reading(lane));
        }
        while (!reading.empty()) {
            const std::size_t ready = co_await spawned::any(reading);
            Lane& lane = lanes[ready];
            const auto bytes = reading[ready].get();
            if (bytes)
                ++summary_.files, summary_.bytes += *bytes;
            else
                bury(lane);
            if (give_work(lane, tree)) {
                reading[ready] = start_reading(lane);
            } else {
                std::swap(lane, lanes[reading.size() - 1]);
                reading[ready] = std::move(reading.back());
                reading.pop_back();
            }
        }
        co_return summary_;
    }

private:
    struct Lane {
        std::string id;
        spawned::ActorRef<ReaderActor> reader;  // none yet, or the last one failed
        std::string path;
    };

    // False when there is no file left.
    bool give_work(Lane& lane, Tree& tree) {
        lane.path = tree.next([this](const std::string& path, const std::string& reason) {
            tell_refusal(path, reason);
        });
        if (lane.path.empty()) return false;
        if (!lane.reader) lane.reader = readers_.child<ReaderActor>(lane.id).unwrap();
        return true;
    }
    static Response<std::uint64_t> start_reading(const Lane& lane) {
        return lane.reader.request(Reader::read{lane.path}, Duration::forever());
    }
    // The reader of this lane has failed: says why, as its exit reason tells. Its supervisor knows, too, once it
    // has ended, and starts it anew before it is asked for it.
    void bury(Lane& lane) {
        const spawned::ExitReason reason = lane.reader.wait_exit();
        tell_refusal(lane.path, reason.to_string() + " (" +
                                    std::to_string(static_cast<int>(reason.code())) + "); " +
                                    lane.id + " is started anew");
        lane.reader = {};
    }
    void tell_refusal(const std::string& path, const std::string& reason) {
        if (summary_.refused++ < refusals_told && !quiet_)
            std::fprintf(stderr, "word_count: refused %s: %s\n", path.c_str(), reason.c_str());
    }

    bool quiet_;
    spawned::SupervisorRef readers_;
    Summary summary_;
};

// The whole household. Readers are started anew as often as files are bad: more often than ten times in a
// microsecond it would not be the files' fault. Nothing else is: without the totals there is nothing to tell.
static spawned::Supervisor household(bool quiet) {
    using spawned::child, spawned::supervisor, spawned::Backend;
    std::vector<spawned::Child> readers;
    for (std::size_t i = 0; i < most_lanes; i++)
        readers.push_back(child<ReaderActor>(name_of_reader(i), {.backend = Backend::blocking}));
    return supervisor(
        "word_count", {.intensity = 0}, child<TotalsActor>("totals", {.name = "totals"}, quiet),
        supervisor("readers",
                   {.intensity = 10'000, .period = spawned::milliseconds(1), .name = "readers"},
                   std::move(readers)),
        child<WalkerActor>("walker",
                           {.backend = Backend::blocking, .restart = spawned::Restart::temporary},
                           quiet));
}

// --- The program ---

struct Settings {
    std::string directory = ".";
    std::size_t top = 10;
    bool quiet = false;
};

// False when the words of the command line make no sense.
static bool parse(int argc, char** argv, Settings& settings) {
    bool has_directory = false;
    for (int i = 1; i < argc; i++) {
        const std::string_view word = argv[i];
        if (word == "--quiet") {
            settings.quiet = true;
        } else if (word == "--top" && i + 1 < argc) {
            const char* number = argv[++i];
            char* end = nullptr;
            settings.top = std::strtoul(number, &end, 10);
            if (*number < '0' || *number > '9' || *end != '\0' || settings.top > 10000)
                return false;
        } else if (!word.starts_with('-') && !word.empty() && !has_directory) {
            settings.directory = word;
            has_directory = true;
        } else {
            return false;
        }
    }
    return true;
}

static std::uint64_t count_restarts(spawned::SupervisorRef readers) {
    std::uint64_t restarts = 0;
    const std::vector<spawned::ChildInfo> all = readers.children().unwrap();
    for (const spawned::ChildInfo& reader : all) restarts += reader.restarts;
    return restarts;
}

static void print(const Summary& sum, const Ranking& ranking, std::uint64_t restarts,
                  double seconds, const spawned::RuntimeStats& stats) {
    for (const auto& [word, count] : ranking.best)
        std::printf("%10" PRIu64 " %s\n", count, word.c_str());
    const auto files = static_cast<double>(sum.files + sum.refused);
    std::printf("%" PRIu64 " files read and %" PRIu64
                " refused in %.2f s: %.0f files/s, %.1f MB/s\n",
                sum.files, sum.refused, seconds, files / seconds,
                static_cast<double>(sum.bytes) / 1e6 / seconds);
    std::printf("%zu readers, started anew %" PRIu64 " times by their supervisor\n", most_lanes,
                restarts);
    std::printf("%" PRIu64 " messages handled by %" PRIu64 " actors: %.0f messages/s\n",
                stats.messages_handled, stats.actors_started,
                static_cast<double>(stats.messages_handled) / seconds);
    std::printf("result: files=%" PRIu64 " refused=%" PRIu64 " restarts=%" PRIu64 " words=%" PRIu64
                " distinct=%" PRIu64 " messages=%" PRIu64 "\n",
                sum.files, sum.refused, restarts, ranking.words, ranking.distinct,
                stats.messages_handled);
}

static void run(const Settings& settings) {
    const auto begin = std::chrono::steady_clock::now();
    spawned::Runtime runtime;
    const auto tree = runtime.start(household(settings.quiet));
    const auto totals = tree.child<TotalsActor>("totals").unwrap();
    const auto walker = tree.child<WalkerActor>("walker").unwrap();
    const Summary sum =
        walker.request(Walker::walk{settings.directory}, Duration::forever()).unwrap();
    if (sum.refused > refusals_told && !settings.quiet)
        std::fprintf(stderr, "word_count: refused %" PRIu64 " more\n", sum.refused - refusals_told);
    const Ranking ranking = totals.request(Totals::top{settings.top}, Duration::forever()).unwrap();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    const std::uint64_t restarts = count_restarts(tree.supervisor("readers").unwrap());
    if (const Status status = runtime.shutdown(); status != Status::ok) throw Error(status);
    print(sum, ranking, restarts, took.count(), runtime.stats());
}

int main(int argc, char** argv) {
    Settings settings;
    if (!parse(argc, argv, settings)) {
        std::fprintf(stderr, "usage: %s [--top N] [--quiet] [DIR]\n", argv[0]);
        return 2;
    }
    try {
        run(settings);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "word_count: %s\n", error.what());
        return 1;
    }
    return std::fflush(stdout) == 0 ? 0 : 1;
}
