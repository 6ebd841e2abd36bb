// Generator<T>: a coroutine that yields one value after the other and awaits in between, as a task may. It
// runs only while somebody asks for its next value.
//
//     Generator<Line> lines_of(ActorRef<Reader> reader) {
//         while (auto text = (co_await reader.next()).unwrap()) {
//             Line line{*text};
//             co_yield line;
//         }
//     }
//     Generator<Line> lines = lines_of(reader);                       // in a task:
//     while (std::optional<Line> line = co_await lines.next()) { … }
//
// A variable that is yielded is copied, or moved from when it cannot be. To feed an actor: listener.hpp.
#pragma once

#include <spawned/task.hpp>

#include <coroutine>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

namespace spawned::inline v0 {

template <class T>
class Generator;

namespace detail {

template <class T>
class GeneratorPromise final : public PromiseBase {
public:
    Generator<T> get_return_object();
    void return_void() noexcept {}

    // Hands the value to who asked for it, and stays suspended until asked again.
    Final yield_value(T&& value) {
        static_assert(survives_await<T> || !std::is_aggregate_v<T>, SPAWNED_DETAIL_BROKEN_ITEM);
        item.emplace(std::move(value));
        return {};
    }
    Final yield_value(T& value) {
        if constexpr (std::is_copy_constructible_v<T>)
            item.emplace(std::as_const(value));
        else
            item.emplace(std::move(value));
        return {};
    }
    Final yield_value(const T& value) requires std::is_copy_constructible_v<T> {
        item.emplace(value);
        return {};
    }

    std::optional<T> item;
};

}  // namespace detail

template <class T>
class [[nodiscard]] Generator {
public:
    using value_type = T;
    using promise_type = detail::GeneratorPromise<T>;
    using Handle = std::coroutine_handle<promise_type>;

    explicit Generator(Handle handle) noexcept : handle_(handle) {}
    Generator(Generator&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
    Generator& operator=(Generator&& other) noexcept {
        std::swap(handle_, other.handle_);
        return *this;
    }
    ~Generator() {
        if (handle_) handle_.destroy();
    }

    // What co_await of next() waits for.
    struct Next {
        class Awaiter {
        public:
            explicit Awaiter(Next&& next) noexcept : handle_(next.handle) {}

            bool await_ready() const noexcept { return handle_.done(); }
            template <class Outer>
            void await_suspend(std::coroutine_handle<Outer> outer) {
                detail::PromiseBase& inner = handle_.promise();
                inner.execution = outer.promise().execution;
                inner.awaiting = outer;
                inner.execution->go_on_with(handle_);
            }
            std::optional<T> await_resume() {
                promise_type& promise = handle_.promise();
                promise.rethrow();
                std::optional<T> item = std::move(promise.item);
                promise.item.reset();
                return item;
            }

        private:
            Handle handle_;
        };
        Handle handle;
    };

    // The next value; nothing once the coroutine has returned. What it throws comes out here.
    Next next() noexcept { return {handle_}; }

private:
    Handle handle_;
};

template <class T>
Generator<T> detail::GeneratorPromise<T>::get_return_object() {
    return Generator<T>(std::coroutine_handle<GeneratorPromise>::from_promise(*this));
}

}  // namespace spawned::inline v0
