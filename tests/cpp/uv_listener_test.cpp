// Descriptors and streams of libuv that feed typed mailboxes on the runtime's loop.
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#include <array>
#include <cerrno>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include <spawned/uv.hpp>

#include "cpp/world.hpp"

namespace {

using namespace test;
namespace uv = spawned::uv;
using spawned::Error;
using spawned::Overflow;
using spawned::Response;
using spawned::Result;
using spawned::Token;

struct Line {
    std::string text;
};
struct Take {
    using Reply = std::string;
};

class Collector : public spawned::Actor<Collector, Line, Take> {
public:
    void handle(const Line &message, Context &) { all_ += message.text + "/"; }
    std::string handle(Take, Context &) { return all_; }

private:
    std::string all_;
};

class Descriptor {
public:
    explicit Descriptor(int number) : number_(number) {}
    Descriptor(Descriptor &&other) noexcept : number_(std::exchange(other.number_, -1)) {}
    Descriptor &operator=(Descriptor &&) = delete;
    ~Descriptor() { close(); }

    int number() const { return number_; }
    void close() {
        if (number_ >= 0) (void)::close(std::exchange(number_, -1));
    }

private:
    int number_;
};

// Two ends of a line, one of which is listened to. The test's end is the second.
class Lines : public testing::Test {
protected:
    spawned::Runtime runtime{{.workers = 1}};
    spawned::ActorRef<Collector> collector =
        runtime.start<Collector>({.overflow = Overflow::block, .capacity = 2});
    std::array<int, 2> ends = pair();
    Descriptor here{ends[1]};

    static std::array<int, 2> pair() {
        std::array<int, 2> ends{-1, -1};
        EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
        return ends;
    }
    void write(std::string_view text) const {
        EXPECT_EQ(::write(here.number(), text.data(), text.size()), ssize_t(text.size()));
    }
    std::string collected() { return collector.request(Take{}).unwrap(); }
    static bool is_open(int descriptor) { return fcntl(descriptor, F_GETFD) >= 0; }
};

using Descriptors = Lines;

// A letter is an item; '!' and '?' break the source in two ways.
Result<Line> next_letter(int descriptor) {
    char letter = 0;
    const ssize_t size = read(descriptor, &letter, 1);
    if (size == 0) return Error(Status::not_found);
    if (size < 0) return Error(errno == EAGAIN ? Status::not_ready : Status::system);
    if (letter == '!') throw std::runtime_error("the line is dead");
    if (letter == '?') return Error(Status{17}, "what?");
    return Line{"a line longer than the space within a string: " + std::string(1, letter)};
}

TEST_F(Descriptors, FeedAMailboxUntilTheOtherEndIsClosedAndAreClosedThemselves) {
    write("ab");
    auto done = listen_descriptor(collector, ends[0], [end = Descriptor(ends[0])] {
        return next_letter(end.number());
    });
    write("cdefg");
    here.close();
    EXPECT_TRUE(done.get().is_ok());
    EXPECT_FALSE(is_open(ends[0]));
    std::string expected;
    for (char letter = 'a'; letter <= 'g'; ++letter)
        expected += "a line longer than the space within a string: " + std::string(1, letter) + "/";
    EXPECT_EQ(collected(), expected);
    EXPECT_TRUE(collector.is_alive());
}

TEST_F(Descriptors, TellWhatTheirSourceThrowsOrReturns) {
    const auto next = [this] { return next_letter(ends[0]); };
    write("!");
    EXPECT_EQ(listen_descriptor(collector, ends[0], next).get().error(),
              Error(Status::failed, "std::runtime_error: the line is dead"));
    write("?");
    EXPECT_EQ(listen_descriptor(collector, ends[0], next).get().error(),
              Error(Status{17}, "what?"));
    Descriptor{ends[0]}.close();
    EXPECT_EQ(listen_descriptor(collector, ends[0], next).get().error(), Status::invalid);
}

TEST_F(Descriptors, EndWithTheirTokenAndWithTheReceiver) {
    int alive = 0;
    const Token enough = runtime.token();
    const auto next = [this, counted = Counted(&alive)] { return next_letter(ends[0]); };
    auto one = listen_descriptor(collector, ends[0], next, enough);
    EXPECT_EQ(enough.cancel(), Status::ok);
    EXPECT_EQ(one.get().error(), Status::stopped);
    auto other = listen_descriptor(spawned::Recipient<Line>(collector), ends[0], next);
    EXPECT_EQ(collector.stop(), Status::ok);
    EXPECT_EQ(other.get().error(), Status::stopped);
    EXPECT_EQ(listen_descriptor(collector, ends[0], next).get().error(), Status::stopped);
    EXPECT_EQ(alive, 1);
    Descriptor{ends[0]}.close();
}

// The other end as a pipe of libuv, which closes itself on the loop.
struct Closing {
    void operator()(uv_pipe_t *pipe) const {
        uv_close(reinterpret_cast<uv_handle_t *>(pipe),
                 [](uv_handle_t *handle) { delete reinterpret_cast<uv_pipe_t *>(handle); });
    }
};
using Pipe = std::unique_ptr<uv_pipe_t, Closing>;

Pipe open_pipe(uv_loop_t *loop, int descriptor) {
    auto *pipe = new uv_pipe_t;
    EXPECT_EQ(uv_pipe_init(loop, pipe, 0), 0);
    EXPECT_EQ(uv_pipe_open(pipe, descriptor), 0);
    return Pipe(pipe);
}

Result<Line> cut_line(std::string_view &bytes) {
    const std::size_t end = bytes.find('\n');
    if (end == std::string_view::npos) return Error(Status::not_ready);
    Line line{std::string(bytes.substr(0, end))};
    bytes.remove_prefix(end + 1);
    if (line.text == "quit") return Error(Status::not_found);
    if (line.text == "fail") throw Error(Status{17}, "as told");
    return line;
}

class Streams : public Lines {
protected:
    // The outcome of a listener that was begun where handles may be touched.
    Response<void> begin(Token until = {}) {
        auto begun = uv::submit(runtime, [this, until](uv_loop_t *loop) {
            Pipe pipe = open_pipe(loop, ends[0]);
            auto *stream = reinterpret_cast<uv_stream_t *>(pipe.get());
            return std::make_shared<Response<void>>(uv::listen(
                collector, stream,
                [kept = std::move(pipe)](std::string_view &bytes) { return cut_line(bytes); },
                until));
        });
        return std::move(*begun.unwrap());
    }
};

TEST_F(Streams, FeedTypedMailboxesWithTheItemsThatAreCutOffThem) {
    write("one\ntw");
    auto done = begin();
    write("o\n\nthree\nfour\nquit\nfive\n");
    EXPECT_TRUE(done.get().is_ok());
    EXPECT_EQ(collected(), "one/two//three/four/");
}

TEST_F(Streams, EndWithTheirOtherEndWhereWhatIsLeftIsNoItem) {
    auto done = begin();
    write("one\ntwo");
    here.close();
    EXPECT_EQ(done.get().error(), Status::failed);
    EXPECT_EQ(collected(), "one/");
}

TEST_F(Streams, EndWithTheirToken) {
    const Token enough = runtime.token();
    auto done = begin(enough);
    EXPECT_EQ(enough.cancel(), Status::ok);
    EXPECT_EQ(done.get().error(), Status::stopped);
    EXPECT_TRUE(collector.is_alive());
}

TEST_F(Streams, TellWhatTheirCutThrows) {
    write("one\nfail\n");
    EXPECT_EQ(begin().get().error(), Error(Status{17}, "as told"));
    EXPECT_EQ(collected(), "one/");
}

}  // namespace
