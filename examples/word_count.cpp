// word_count [--top N] [--quiet] [DIR]: counts the words of every regular file under DIR (default: the
// working directory) with actors.
//
//   main -> Walker (may block): walk DIR          Walker -> Reader (may block): read one file
//   Reader -> Counter (pool): a piece of text     Counter -> Totals (pool): the words of a file
//
// A file that cannot be read, or is not UTF-8, ends the actor that reads it; that is contained and reported,
// the actor is replaced, the rest goes on. --quiet: no progress and no such reports.
//
// A word is a maximal run of ASCII letters, digits, '_' and bytes above ASCII, with ASCII letters in lower
// case. Of a word longer than 255 bytes the first 255 count, cut at a character's border.
//
//   c++ -std=c++20 -O2 word_count.cpp $(pkg-config --cflags --libs spawned) -o word_count
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <unordered_map>
#include <utility>
#include <vector>

#include <spawned.hpp>

namespace fs = std::filesystem;
using spawned::Duration;
using spawned::Error;
using spawned::Response;
using spawned::Status;

// Files read at a time: with two pieces each, and the words of one file, all that is ever in memory
// beside the totals.
constexpr std::size_t most_lanes = 8, largest_piece = 65536, longest_word = 255;
// Refused files that are named; the rest is counted.
constexpr std::uint64_t refusals_told = 10;

[[noreturn]] static void fail(int error, const std::string& what) {
    throw Error(Status{error}, what + ": " + std::generic_category().message(error));
}

// --- Text, without actors ---

// Words with their counts; a look-up needs no copy of the word.
struct HashOfText : std::hash<std::string_view> {
    using is_transparent = void;
};
using Words = std::unordered_map<std::string, std::uint64_t, HashOfText, std::equal_to<>>;

// Checks UTF-8 piece by piece.
class Utf8 {
public:
    // The number of bytes that were right: all of them, or those before the first wrong one.
    std::size_t check(std::string_view piece) {
        for (std::size_t i = 0; i < piece.size(); i++)
            if (!accept(static_cast<unsigned char>(piece[i]))) return i;
        return piece.size();
    }
    bool is_within_character() const { return missing_ > 0; }

private:
    bool accept(unsigned byte) {
        if (missing_ > 0) {
            if (byte < low_ || byte > high_) return false;
            --missing_, low_ = 0x80, high_ = 0xBF;
        } else if (byte >= 0x80) {
            if (byte < 0xC2 || byte > 0xF4) return false;
            // Overlong forms, surrogates and what lies beyond Unicode show in the second byte.
            missing_ = byte < 0xE0 ? 1 : byte < 0xF0 ? 2 : 3;
            low_ = byte == 0xE0 ? 0xA0 : byte == 0xF0 ? 0x90 : 0x80;
            high_ = byte == 0xED ? 0x9F : byte == 0xF4 ? 0x8F : 0xBF;
        }
        return true;
    }

    unsigned missing_ = 0, low_ = 0, high_ = 0;
};

// Finds words piece by piece: one at the end of a piece may go on in the next.
class Scanner {
public:
    void scan(std::string_view piece, Words& words) {
        for (const char c : piece) {
            const char kept = spelling[static_cast<unsigned char>(c)];
            if (kept == '\0')
                end(words);
            else if (word_.size() <=
                     longest_word)  // one more, to see where its last character begins
                word_.push_back(kept);
        }
    }
    void end(Words& words) {
        if (word_.empty()) return;
        if (word_.size() > longest_word) {
            std::size_t length = longest_word;
            while ((static_cast<unsigned char>(word_[length]) & 0xC0) == 0x80) --length;
            word_.resize(length);
        }
        const auto known = words.find(std::string_view(word_));
        if (known != words.end())
            ++known->second;
        else
            words.emplace(word_, 1);
        word_.clear();
    }

private:
    // As a byte is kept in a word; 0: it is of no word.
    static constexpr std::array<char, 256> spelling = [] {
        std::array<char, 256> kept{};
        for (std::size_t i = 0; i < kept.size(); i++) {
            const bool upper = i >= 'A' && i <= 'Z';
            const bool is_of_a_word =
                upper || i >= 0x80 || i == '_' || (i >= '0' && i <= '9') || (i >= 'a' && i <= 'z');
            if (is_of_a_word) kept[i] = static_cast<char>(upper ? i - 'A' + 'a' : i);
        }
        return kept;
    }();

    std::string word_;
};

// A regular file, read in pieces.
class File {
public:
    explicit File(const std::string& path)
        // Not to hang on a pipe that took the file's place.
        : fd_(open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)) {
        if (fd_ < 0) fail(errno, "cannot open");
        struct stat about;
        if (fstat(fd_, &about) != 0) {
            const int error = errno;
            close(fd_);
            fail(error, "cannot look at it");
        }
        if (!S_ISREG(about.st_mode)) {
            close(fd_);
            throw Error(Status{EINVAL}, "no regular file any more");
        }
        // One byte more than a small file has: its end is seen by the same read.
        piece_ = std::min(static_cast<std::size_t>(about.st_size) + 1, largest_piece);
    }
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    ~File() { close(fd_); }

    // The next piece; the last one is shorter than all others, and may be empty.
    std::string read() {
        std::string text(piece_, '\0');
        std::size_t length = 0;
        while (length < piece_ && !at_end_) {
            const ssize_t got = ::read(fd_, text.data() + length, piece_ - length);
            if (got < 0 && errno != EINTR) fail(errno, "cannot read");
            if (got == 0) at_end_ = true;
            if (got > 0) length += static_cast<std::size_t>(got);
        }
        text.resize(length);
        return text;
    }
    bool at_end() const { return at_end_; }

private:
    int fd_;
    std::size_t piece_ = 0;
    bool at_end_ = false;
};

// A directory tree, one regular file at a time, without following links: one directory is open at a time.
class Tree {
public:
    explicit Tree(const fs::path& root) : pending_{root} {
        std::error_code error;
        if (!fs::is_directory(root, error)) fail(error ? error.value() : ENOTDIR, root.native());
    }

    // The next file; empty at the end. What cannot be listed is handed to refuse, and the walk goes on.
    template <class Refuse>
    std::string next(Refuse refuse) {
        for (;;) {
            std::error_code error;
            if (at_ == fs::directory_iterator()) {
                if (pending_.empty()) return {};
                folder_ = std::move(pending_.back());
                pending_.pop_back();
                at_ = fs::directory_iterator(folder_, error);
                if (error) refuse(folder_.native(), error.message());
                continue;
            }
            const fs::directory_entry entry = *at_;
            at_.increment(error);
            if (error) refuse(folder_.native(), error.message()), at_ = {};
            const fs::file_type type = entry.symlink_status(error).type();
            if (error) refuse(entry.path().native(), error.message());
            if (type == fs::file_type::directory) pending_.push_back(entry.path());
            if (type == fs::file_type::regular) return entry.path().native();
        }
    }

private:
    std::vector<fs::path> pending_;
    fs::path folder_;
    fs::directory_iterator at_;
};

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
// with a file is thrown and ends the reader; who asked learns why and starts another.
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

// Finds the files, keeps every lane busy with one of them, and replaces the reader of a file that could not be
// read. It takes the next path from the tree only when a lane is free: a tree of any size costs the same.
class WalkerActor : public spawned::Actor<WalkerActor, Walker> {
public:
    explicit WalkerActor(bool quiet) : quiet_(quiet) {}

    Task<Summary> handle(Walker::walk msg, Context& context) {
        Tree tree(msg.directory);
        std::vector<Lane> lanes(most_lanes);
        std::vector<Response<std::uint64_t>> reading;  // of the lane of the same index
        for (Lane& lane : lanes) {
            if (!give_work(lane, tree, context)) break;
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
            if (give_work(lane, tree, context)) {
                reading[ready] = start_reading(lane);
            } else {
                lane.reader.stop();
                std::swap(lane, lanes[reading.size() - 1]);
                reading[ready] = std::move(reading.back());
                reading.pop_back();
            }
        }
        co_return summary_;
    }

private:
    struct Lane {
        spawned::ActorRef<ReaderActor> reader;  // none yet, or the last one failed
        std::string path;
    };

    // False when there is no file left.
    bool give_work(Lane& lane, Tree& tree, Context& context) {
        lane.path = tree.next([this](const std::string& path, const std::string& reason) {
            tell_refusal(path, reason);
        });
        if (lane.path.empty()) return false;
        if (!lane.reader)
            lane.reader =
                context.runtime().start<ReaderActor>({.backend = spawned::Backend::blocking});
        return true;
    }
    static Response<std::uint64_t> start_reading(const Lane& lane) {
        return lane.reader.request(Reader::read{lane.path}, Duration::forever());
    }
    // The reader of this lane has failed: says why, as its exit reason tells.
    void bury(Lane& lane) {
        const spawned::ExitReason reason = lane.reader.wait_exit();
        tell_refusal(lane.path, reason.to_string() + " (" +
                                    std::to_string(static_cast<int>(reason.code())) + ")");
        lane.reader = {};
    }
    void tell_refusal(const std::string& path, const std::string& reason) {
        if (summary_.refused++ < refusals_told && !quiet_)
            std::fprintf(stderr, "word_count: refused %s: %s\n", path.c_str(), reason.c_str());
    }

    bool quiet_;
    Summary summary_;
};

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

static void print(const Summary& sum, const Ranking& ranking, double seconds,
                  const spawned::RuntimeStats& stats) {
    for (const auto& [word, count] : ranking.best)
        std::printf("%10" PRIu64 " %s\n", count, word.c_str());
    const auto files = static_cast<double>(sum.files + sum.refused);
    std::printf("%" PRIu64 " files read and %" PRIu64
                " refused in %.2f s: %.0f files/s, %.1f MB/s\n",
                sum.files, sum.refused, seconds, files / seconds,
                static_cast<double>(sum.bytes) / 1e6 / seconds);
    std::printf("%" PRIu64 " messages handled by %" PRIu64 " actors: %.0f messages/s\n",
                stats.messages_handled, stats.actors_started,
                static_cast<double>(stats.messages_handled) / seconds);
    std::printf("result: files=%" PRIu64 " refused=%" PRIu64 " words=%" PRIu64 " distinct=%" PRIu64
                " messages=%" PRIu64 "\n",
                sum.files, sum.refused, ranking.words, ranking.distinct, stats.messages_handled);
}

static void run(const Settings& settings) {
    const auto begin = std::chrono::steady_clock::now();
    spawned::Runtime runtime;
    Totals::Ref totals = runtime.start<TotalsActor>(settings.quiet);
    runtime.registry().put("totals", totals);
    auto walker =
        runtime.start<WalkerActor>({.backend = spawned::Backend::blocking}, settings.quiet);
    const Summary sum =
        walker.request(Walker::walk{settings.directory}, Duration::forever()).unwrap();
    if (sum.refused > refusals_told && !settings.quiet)
        std::fprintf(stderr, "word_count: refused %" PRIu64 " more\n", sum.refused - refusals_told);
    const Ranking ranking = totals.request(Totals::top{settings.top}, Duration::forever()).unwrap();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    if (const Status status = runtime.shutdown(); status != Status::ok) throw Error(status);
    print(sum, ranking, took.count(), runtime.stats());
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
