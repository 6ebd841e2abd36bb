// One handler that awaits, from its first suspension to its end. A coroutine never resumes another: it
// names the next one and returns to the loop here. So a million awaits in a row take one stack frame with
// every compiler (g++ makes a call of a symmetric transfer unless it optimises).
#pragma once

#include <spawned/request.h>
#include <spawned/detail/exception.hpp>

#include <coroutine>
#include <utility>

namespace spawned::inline v0::detail {

// What a suspended coroutine waits for: it lies in its frame.
struct Wait {
    spawned_response* const* responses;
    std::size_t count;
    std::size_t ready = 0;               // which one was ready
    spawned_status status = SPAWNED_OK;  // why there was no waiting
};

// Lies in the frame of a handler's outermost coroutine, which it ends.
class Execution {
public:
    // finish answers with what the outermost coroutine returned; it may throw what that threw.
    using Finish = spawned_status (*)(Execution&, spawned_context*);

    Execution() = default;
    Execution(const Execution&) = delete;
    Execution& operator=(const Execution&) = delete;

    // Takes the frame over. Returns the handler's status, or OK while it is suspended.
    spawned_status begin(spawned_context* context, std::coroutine_handle<> outermost,
                         Finish finish) {
        outermost_ = outermost;
        next_ = outermost;
        finish_ = finish;
        return run(context);
    }

    spawned_context* context() const noexcept { return context_; }
    template <class Promise>
    Promise& promise() const noexcept {
        return std::coroutine_handle<Promise>::from_address(outermost_.address()).promise();
    }
    void go_on_with(std::coroutine_handle<> next) noexcept { next_ = next; }
    void suspend(std::coroutine_handle<> who, Wait& wait) noexcept {
        suspended_ = who;
        wait_ = &wait;
    }

private:
    spawned_status run(spawned_context* context) {
        context_ = context;
        for (;;) {
            while (next_) std::exchange(next_, nullptr).resume();
            if (!suspended_) return end();
            wait_->status =
                spawned_await(context, wait_->responses, wait_->count, resume, this, drop);
            if (wait_->status == SPAWNED_OK) return SPAWNED_OK;
            next_ = std::exchange(suspended_, nullptr);
        }
    }

    spawned_status end() {
        const Frame frame(outermost_);
        try {
            return finish_(*this, context_);
        } catch (...) {
            return report_exception();
        }
    }

    static spawned_status resume(spawned_context* context, void*, std::size_t ready,
                                 void* user_data) {
        auto& self = *static_cast<Execution*>(user_data);
        self.wait_->ready = ready;
        self.next_ = std::exchange(self.suspended_, nullptr);
        return self.run(context);
    }
    static void drop(void* user_data) { static_cast<Execution*>(user_data)->outermost_.destroy(); }

    // Destroys the coroutines, innermost first.
    class Frame {
    public:
        explicit Frame(std::coroutine_handle<> outermost) noexcept : outermost_(outermost) {}
        Frame(const Frame&) = delete;
        Frame& operator=(const Frame&) = delete;
        ~Frame() { outermost_.destroy(); }

    private:
        std::coroutine_handle<> outermost_;
    };

    spawned_context* context_ = nullptr;
    std::coroutine_handle<> outermost_;
    std::coroutine_handle<> next_;
    std::coroutine_handle<> suspended_;
    Wait* wait_ = nullptr;
    Finish finish_ = nullptr;
};

}  // namespace spawned::inline v0::detail
