// Result<T>: a value or an Error, with the members of std::expected and, beside them, those of the
// framework's own vocabulary: unwrap, expect, is_ok, is_err, map.
#pragma once

#include <spawned/status.hpp>

#include <new>
#include <optional>
#include <type_traits>
#include <utility>

namespace spawned::inline v0 {

template <class T>
class [[nodiscard]] Result {
public:
    using value_type = T;
    using error_type = Error;

    template <class U = T>
    requires(std::is_constructible_v<T, U&&> && !std::is_same_v<std::remove_cvref_t<U>, Result> &&
             !std::is_same_v<std::remove_cvref_t<U>, Error>) Result(U&& value)
        : has_value_(true) {  // NOLINT(google-explicit-constructor): as std::expected
        ::new (place()) T(std::forward<U>(value));
    }
    Result(Error error) : has_value_(false) {  // NOLINT(google-explicit-constructor)
        ::new (place()) Error(std::move(error));
    }

    Result(const Result& other) requires std::is_copy_constructible_v<T>
        : has_value_(other.has_value_) {
        if (has_value_)
            ::new (place()) T(other.value_);
        else
            ::new (place()) Error(other.error_);
    }
    Result(Result&& other) noexcept(std::is_nothrow_move_constructible_v<T>)
        : has_value_(other.has_value_) {
        if (has_value_)
            ::new (place()) T(std::move(other.value_));
        else
            ::new (place()) Error(std::move(other.error_));
    }
    // One alternative ends before the other begins, so taking over must not fail half-way: a move that
    // throws would leave nothing.
    Result& operator=(Result other) noexcept requires std::is_nothrow_move_constructible_v<T> {
        this->~Result();
        return *::new (static_cast<void*>(this)) Result(std::move(other));
    }
    ~Result() {
        if (has_value_)
            value_.~T();
        else
            error_.~Error();
    }

    bool has_value() const noexcept { return has_value_; }
    explicit operator bool() const noexcept { return has_value_; }
    bool is_ok() const noexcept { return has_value_; }
    bool is_err() const noexcept { return !has_value_; }

    // The value, or its Error thrown. That of a temporary is moved out, where std::expected refers into it: so
    // for (auto& x : f().value()) goes over something that is still there.
    T& value() & { return throw_unless_ok(), value_; }
    const T& value() const& { return throw_unless_ok(), value_; }
    T value() && { return throw_unless_ok(), std::move(value_); }

    // Only with a value, and only without one.
    T& operator*() & noexcept { return value_; }
    const T& operator*() const& noexcept { return value_; }
    T operator*() && noexcept(std::is_nothrow_move_constructible_v<T>) { return std::move(value_); }
    T* operator->() noexcept { return std::addressof(value_); }
    const T* operator->() const noexcept { return std::addressof(value_); }
    const Error& error() const noexcept { return error_; }

    template <class U>
    T value_or(U&& other) const& {
        return has_value_ ? value_ : static_cast<T>(std::forward<U>(other));
    }
    template <class U>
    T value_or(U&& other) && {
        return has_value_ ? std::move(value_) : static_cast<T>(std::forward<U>(other));
    }

    // The value moved out, or its Error thrown; expect puts its words in front of the error's.
    T unwrap() { return throw_unless_ok(), std::move(value_); }
    T expect(std::string_view words) {
        if (!has_value_) throw Error(error_.code(), std::string(words) + ": " + error_.what());
        return std::move(value_);
    }

    // f of the value in a Result; an error passes through. and_then: f gives the Result itself.
    template <class F>
    auto transform(F&& f) && -> Result<std::remove_cvref_t<std::invoke_result_t<F, T&&>>> {
        using U = std::remove_cvref_t<std::invoke_result_t<F, T&&>>;
        if (!has_value_) return std::move(error_);
        if constexpr (std::is_void_v<U>)
            return std::forward<F>(f)(std::move(value_)), Result<U>();
        else
            return Result<U>(std::forward<F>(f)(std::move(value_)));
    }
    template <class F>
    auto map(F&& f) && {
        return std::move(*this).transform(std::forward<F>(f));
    }
    template <class F>
    auto and_then(F&& f) && -> std::invoke_result_t<F, T&&> {
        if (!has_value_) return std::move(error_);
        return std::forward<F>(f)(std::move(value_));
    }
    // f of the error where there is one; its result takes this one's place.
    template <class F>
    Result or_else(F&& f) && {
        if (has_value_) return std::move(*this);
        return std::forward<F>(f)(std::move(error_));
    }

    friend bool operator==(const Result& a, const Result& b) requires requires(const T& t) {
        t == t;
    }
    {
        if (a.has_value_ != b.has_value_) return false;
        return a.has_value_ ? a.value_ == b.value_ : a.error_ == b.error_;
    }

private:
    void throw_unless_ok() const {
        if (!has_value_) throw Error(error_);
    }

    void* place() { return const_cast<void*>(static_cast<const volatile void*>(&storage_)); }

    union {
        char storage_;
        T value_;
        Error error_;
    };
    bool has_value_;
};

// The same without a value: done, or an Error.
template <>
class [[nodiscard]] Result<void> {
public:
    using value_type = void;
    using error_type = Error;

    Result() = default;
    Result(Error error) : error_(std::move(error)) {}  // NOLINT(google-explicit-constructor)

    bool has_value() const noexcept { return !error_; }
    explicit operator bool() const noexcept { return !error_; }
    bool is_ok() const noexcept { return !error_; }
    bool is_err() const noexcept { return error_.has_value(); }

    void value() const {
        if (error_) throw Error(*error_);
    }
    void operator*() const noexcept {}
    const Error& error() const noexcept { return *error_; }

    void unwrap() const { value(); }
    void expect(std::string_view words) const {
        if (error_) throw Error(error_->code(), std::string(words) + ": " + error_->what());
    }

    template <class F>
    auto transform(F&& f) && -> Result<std::remove_cvref_t<std::invoke_result_t<F>>> {
        using U = std::remove_cvref_t<std::invoke_result_t<F>>;
        if (error_) return std::move(*error_);
        if constexpr (std::is_void_v<U>)
            return std::forward<F>(f)(), Result<U>();
        else
            return Result<U>(std::forward<F>(f)());
    }
    template <class F>
    auto map(F&& f) && {
        return std::move(*this).transform(std::forward<F>(f));
    }
    template <class F>
    auto and_then(F&& f) && -> std::invoke_result_t<F> {
        if (error_) return std::move(*error_);
        return std::forward<F>(f)();
    }
    template <class F>
    Result or_else(F&& f) && {
        if (!error_) return std::move(*this);
        return std::forward<F>(f)(std::move(*error_));
    }

    friend bool operator==(const Result&, const Result&) = default;

private:
    std::optional<Error> error_;
};

}  // namespace spawned::inline v0
