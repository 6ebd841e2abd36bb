// Runs relacy tests as the cases of one program: a case that must pass, and mutants that must be
// caught. One line per case; with `--full` a case is searched systematically instead of by chance.
#pragma once

#include "relacy_policy.hpp"

namespace spawned::model {

// Keeps what relacy prints, so that only a surprise is shown. Without allocation: relacy replaces new.
class transcript : public std::streambuf {
public:
    transcript() { setp(text_, text_ + sizeof text_); }
    void print() const { std::fwrite(text_, 1, static_cast<size_t>(pptr() - pbase()), stdout); }
    void clear() { setp(text_, text_ + sizeof text_); }

protected:
    int overflow(int character) override { return character == EOF ? 0 : character; }

private:
    char text_[1 << 17];
};

class runner {
public:
    runner(int count, char** arguments) {
        for (int i = 1; i < count; ++i) {
            if (std::strcmp(arguments[i], "--full") == 0)
                full_ = true;
            else
                usable_ = false;
        }
    }

    // `iterations` random interleavings; with --full every one with at most `switches` preemptions.
    template <class Test>
    void passes(const char* name, unsigned iterations, unsigned switches) {
        rl::test_params params = prepare(iterations);
        if (full_) {
            params.search_type = rl::fair_context_bound_scheduler_type;
            params.context_bound = switches;
        }
        rl::simulate<Test>(params);
        const bool passed = params.test_result == rl::test_result_success;
        report(passed, name, passed ? "passed" : rl::test_result_str(params.test_result), params);
        if (!passed) transcript_.print();
    }

    // The same test with a fault in it, which must be found.
    template <class Test>
    void catches(const char* name, unsigned iterations) {
        rl::test_params params = prepare(iterations);
        rl::simulate<Test>(params);
        const bool caught = params.test_result != rl::test_result_success;
        report(caught, name, caught ? rl::test_result_str(params.test_result) : "NOT CAUGHT",
               params);
    }

    int result() const {
        if (!usable_) std::puts("usage: [--full]");
        return usable_ && !failed_ ? 0 : 1;
    }

private:
    rl::test_params prepare(unsigned iterations) {
        transcript_.clear();
        rl::test_params params;
        params.iteration_count = iterations;
        params.output_stream = &stream_;
        params.progress_stream = &stream_;
        params.execution_depth_limit = 4000;
        return params;
    }

    void report(bool good, const char* name, const char* outcome, const rl::test_params& params) {
        if (!good) failed_ = true;
        std::printf("%-4s %-58s %s after %llu interleavings\n", good ? "ok" : "FAIL", name, outcome,
                    static_cast<unsigned long long>(params.stop_iteration));
        std::fflush(stdout);
    }

    transcript transcript_;
    std::ostream stream_{&transcript_};
    bool full_ = false;
    bool usable_ = true;
    bool failed_ = false;
};

}  // namespace spawned::model
