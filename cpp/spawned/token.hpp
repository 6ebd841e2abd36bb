// Token: a number that many hold, and that tells all of them to stop. It is cancelled once, for ever: by
// anybody, with its parent, with its actor, or with the runtime.
#pragma once

#include <spawned/event.h>
#include <spawned/token.h>
#include <spawned/response.hpp>

#include <atomic>
#include <utility>

namespace spawned::inline v0 {

// An event to come: its message, or callback, can still be taken away.
class Event {
public:
    constexpr Event() = default;
    constexpr explicit Event(spawned_event event) : event_(event) {}

    // ok: it will not happen. already: it has, or is happening.
    Status cancel() const { return Status{spawned_event_cancel(event_)}; }
    constexpr spawned_event c_handle() const noexcept { return event_; }

private:
    spawned_event event_ = 0;
};

class Token {
public:
    // Never cancelled.
    constexpr Token() = default;
    constexpr explicit Token(spawned_token token) : token_(token) {}

    bool is_cancelled() const { return spawned_token_is_cancelled(token_) != 0; }
    // Runs what hangs on it before it returns. already: somebody was first.
    Status cancel() const { return Status{spawned_token_cancel(token_)}; }
    // Ready once it is cancelled: to be awaited, or waited for.
    Response<void> cancelled(Duration timeout = Duration::forever()) const {
        spawned_response* response = nullptr;
        (void)spawned_token_response(token_, timeout.count(), &response);
        return Response<void>(response);
    }

    // Calls f once, on the thread that cancels, or at once if that has happened; not once the guard is
    // gone. f must not wait, and one that is running when the guard goes is not waited for. An exception
    // that leaves it ends the program: whoever cancels would be the wrong one to get it.
    template <class F>
    class [[nodiscard]] Guard {
    public:
        Guard(Token token, F f) : shared_(new Shared{std::move(f)}) {
            const spawned_status status =
                spawned_token_on_cancel(token.token_, call, shared_, &event_);
            if (status == SPAWNED_OK) return;
            delete shared_;
            throw Error(Status{status});
        }
        Guard(Guard&& other) noexcept
            : shared_(std::exchange(other.shared_, nullptr)), event_(other.event_) {}
        Guard& operator=(Guard&&) = delete;
        ~Guard() {
            if (shared_ == nullptr) return;
            if (spawned_event_cancel(event_) == SPAWNED_OK)
                delete shared_;
            else
                leave(shared_);
        }

    private:
        struct Shared {
            F f;
            std::atomic<int> users{2};
        };
        static void leave(Shared* shared) {
            if (shared->users.fetch_sub(1, std::memory_order_acq_rel) == 1) delete shared;
        }
        static void call(void* user_data) noexcept {
            auto* shared = static_cast<Shared*>(user_data);
            shared->f();
            leave(shared);
        }

        Shared* shared_;
        spawned_event event_ = 0;
    };
    template <class F>
    Guard<F> on_cancel(F f) const {
        return Guard<F>(*this, std::move(f));
    }

    constexpr spawned_token c_handle() const noexcept { return token_; }
    friend constexpr bool operator==(Token, Token) = default;

private:
    spawned_token token_ = 0;
};

}  // namespace spawned::inline v0
