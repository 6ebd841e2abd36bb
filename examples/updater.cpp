// Fetches an address every second for ten seconds and says what came of each attempt. A transfer blocks
// its thread, so the actor lives on the blocking backend; the clock is an interval, which keeps its
// schedule however long a transfer takes and never lets ticks pile up.
//
//   c++ -std=c++20 updater.cpp $(pkg-config --cflags --libs spawned libcurl) -o updater
//   ./updater http://localhost/ [MILLISECONDS_BETWEEN_ATTEMPTS]
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <new>

#include <curl/curl.h>
#include <spawned.hpp>

using spawned::Duration;

struct Tick {};
struct End {};

class Updater : public spawned::Actor<Updater, Tick, End> {
public:
    Updater(const char* address, std::uint64_t milliseconds) : milliseconds_(milliseconds) {
        if (!curl_) throw std::bad_alloc();
        curl_easy_setopt(curl(), CURLOPT_URL, address);
        curl_easy_setopt(curl(), CURLOPT_WRITEFUNCTION, discard);
        curl_easy_setopt(curl(), CURLOPT_ERRORBUFFER, error_);
        curl_easy_setopt(curl(), CURLOPT_TIMEOUT_MS, 5000L);
        curl_easy_setopt(curl(), CURLOPT_NOSIGNAL, 1L);
    }

    // The end is set first: of two timers of one actor the earlier deadline comes first, so that the
    // tenth tick never does.
    void started(Context& context) {
        context.send_after(spawned::milliseconds(10 * milliseconds_), End{}).unwrap();
        context.send_interval(spawned::milliseconds(milliseconds_), Tick{}).unwrap();
    }

    // A transfer that fails is an outcome, not a failure of the actor.
    void handle(Tick, Context& context) {
        if (context.missed() > 0) std::printf("%" PRIu64 " ticks missed\n", context.missed());
        long code = 0;
        curl_off_t bytes = 0;
        const CURLcode result = curl_easy_perform(curl());
        curl_easy_getinfo(curl(), CURLINFO_RESPONSE_CODE, &code);
        curl_easy_getinfo(curl(), CURLINFO_SIZE_DOWNLOAD_T, &bytes);
        std::printf("attempt %d: ", ++attempts_);
        if (result == CURLE_OK)
            std::printf("status %ld, %ld bytes\n", code, static_cast<long>(bytes));
        else
            std::printf("%s\n", error_[0] != '\0' ? error_ : curl_easy_strerror(result));
    }

    void handle(End, Context& context) { context.stop(); }

private:
    struct Cleanup {
        void operator()(CURL* curl) const { curl_easy_cleanup(curl); }
    };

    static std::size_t discard(char*, std::size_t size, std::size_t count, void*) {
        return size * count;
    }
    CURL* curl() const { return curl_.get(); }

    // Kept from one transfer to the next, and with it the connection.
    std::unique_ptr<CURL, Cleanup> curl_{curl_easy_init()};
    char error_[CURL_ERROR_SIZE] = "";
    std::uint64_t milliseconds_;
    int attempts_ = 0;
};

int main(int argc, char** argv) {
    const long milliseconds = argc > 2 ? std::strtol(argv[2], nullptr, 10) : 1000;
    if (argc < 2 || argc > 3 || milliseconds <= 0) {
        std::fprintf(stderr, "usage: %s ADDRESS [MILLISECONDS_BETWEEN_ATTEMPTS]\n", argv[0]);
        return 2;
    }
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) return 1;
    {
        spawned::Runtime runtime;
        runtime
            .start<Updater>({.backend = spawned::Backend::blocking}, argv[1],
                            static_cast<std::uint64_t>(milliseconds))
            .join();
    }
    curl_global_cleanup();
}
