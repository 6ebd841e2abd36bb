// Files, without actors: one that is read in pieces, and all of a tree. What goes wrong is thrown, or handed on.
#pragma once

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <spawned.hpp>

namespace fs = std::filesystem;

constexpr std::size_t largest_piece = 65536;

[[noreturn]] inline void fail(int error, const std::string& what) {
    throw spawned::Error(spawned::Status{error},
                         what + ": " + std::generic_category().message(error));
}

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
            throw spawned::Error(spawned::Status{EINVAL}, "no regular file any more");
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
