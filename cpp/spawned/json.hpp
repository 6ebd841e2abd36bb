// Protocols in JSON and MessagePack, by nlohmann_json (3.10 or newer), for what comes from outside: a socket,
// another language, a test. Not part of spawned.hpp: include it where it is needed.
//
//     auto arguments = json::parse(R"({"key": "Joe"})").unwrap();
//     json::call<NameServer>(pid, "find", arguments).get()               // Result<Json>: "At Home"
//     co_await json::call<NameServer>(pid, "find", arguments)            // the same, in a task
//
// A message is an object of its parameters by name. Numbers, strings, optionals (null, or left out), vectors,
// maps, references (as their pids) and everything that nlohmann_json has functions for may be parameters and
// results. Whatever does not match exactly is Status::invalid with a text that says where.
//
// A message that was not written by SPAWNED_PROTOCOL joins in with spawned_method (its name), and
//     template <class Self, class Visit>
//     static void spawned_visit(Self& self, Visit&& visit) { visit("key", self.key); … }
#pragma once

#include <spawned/detail/json_value.hpp>
#include <spawned/protocol.hpp>
#include <spawned/task.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace spawned::inline v0::json {

using Json = nlohmann::json;

// What is refused before it is read: input comes from strangers.
struct Limits {
    std::size_t bytes = std::size_t{1} << 20;
    std::size_t depth = 64;  // of arrays and objects within each other
};

namespace detail {

using namespace spawned::detail;

// Follows a text or a MessagePack and builds nothing: whether it is whole and how deep it goes.
class Check : public nlohmann::json_sax<Json> {
public:
    explicit Check(std::size_t depth) : most_(depth) {}

    bool null() override { return true; }
    bool boolean(bool) override { return true; }
    bool number_integer(number_integer_t) override { return true; }
    bool number_unsigned(number_unsigned_t) override { return true; }
    bool number_float(number_float_t, const string_t&) override { return true; }
    bool string(string_t&) override { return true; }
    bool binary(binary_t&) override { return true; }
    bool key(string_t&) override { return true; }
    bool start_object(std::size_t) override { return enter(); }
    bool start_array(std::size_t) override { return enter(); }
    bool end_object() override { return leave(); }
    bool end_array() override { return leave(); }
    bool parse_error(std::size_t, const std::string&, const Json::exception& error) override {
        problem = error.what();
        return false;
    }

    std::string problem;

private:
    bool enter() {
        if (depth_ == most_) return problem = "nested deeper than the limit", false;
        return ++depth_, true;
    }
    bool leave() { return --depth_, true; }

    std::size_t depth_ = 0, most_;
};

template <class Bytes, class Read>
Result<Json> read_bytes(const Bytes& bytes, const Limits& limits, Json::input_format_t format,
                        Read read) {
    if (bytes.size() > limits.bytes)
        return Error(Status::too_big, std::to_string(bytes.size()) + " bytes of JSON");
    Check check(limits.depth);
    if (!Json::sax_parse(bytes.begin(), bytes.end(), &check, format))
        return Error(Status::invalid, check.problem);
    return read(bytes.begin(), bytes.end());
}

template <class M>
concept Described = requires(M& message) {
    M::spawned_method;
    M::spawned_visit(message, [](const char*, auto&) {});
};

template <class F>
auto catching(std::string_view what, F&& read) -> Result<decltype(read())> {
    try {
        return std::forward<F>(read)();
    } catch (const JsonMismatch& wrong) {
        return Error(Status::invalid, std::string(what) + wrong.place + ": " + wrong.problem);
    }
}

}  // namespace detail

// Text, or MessagePack, as a value. Status::too_big and Status::invalid say what is wrong with it.
inline Result<Json> parse(std::string_view text, const Limits& limits = {}) {
    return detail::read_bytes(text, limits, Json::input_format_t::json,
                              [](auto from, auto to) { return Json::parse(from, to); });
}
inline Result<Json> parse_message_pack(const std::vector<std::uint8_t>& bytes,
                                       const Limits& limits = {}) {
    return detail::read_bytes(bytes, limits, Json::input_format_t::msgpack,
                              [](auto from, auto to) { return Json::from_msgpack(from, to); });
}
// A value as text; Status::invalid if a string in it is not UTF-8.
inline Result<std::string> dump(const Json& value) {
    try {
        return value.dump();
    } catch (const Json::exception& error) {
        return Error(Status::invalid, error.what());
    }
}
inline std::vector<std::uint8_t> dump_message_pack(const Json& value) {
    return Json::to_msgpack(value);
}

// A message as a value, and back.
template <class M>
Json from_message(const M& message) {
    static_assert(detail::Described<M>, SPAWNED_DETAIL_NOT_DESCRIBED);
    return detail::write_message(message);
}
template <class M>
Result<M> to_message(const Json& value) {
    static_assert(detail::Described<M>, SPAWNED_DETAIL_NOT_DESCRIBED);
    return detail::catching(M::spawned_method, [&] { return detail::read_message<M>(value); });
}

// The answer to come of a call by name: null for what has no value. To be waited for by get, or awaited.
class [[nodiscard]] Answer {
public:
    explicit Answer(Result<Json> ready) : ready_(Response<Json>::ready(std::move(ready))) {}
    template <class T>
    explicit Answer(Response<T>&& response)
        : ready_(nullptr),
          response_(response.release()),
          convert_([](spawned_response* answered) -> Result<Json> {
              if constexpr (std::is_void_v<T>)
                  return Response<T>(answered).get().transform([] { return Json(); });
              else
                  return Response<T>(answered).get().transform(
                      [](const T& value) { return detail::write_json<T>(value); });
          }) {}
    Answer(Answer&& other) noexcept
        : ready_(std::move(other.ready_)),
          response_(std::exchange(other.response_, nullptr)),
          convert_(other.convert_) {}
    Answer& operator=(Answer&&) = delete;
    ~Answer() { spawned_response_release(response_); }

    Result<Json> get() {
        return response_ != nullptr ? convert_(std::exchange(response_, nullptr)) : ready_.get();
    }

    class Awaiter;  // for tasks

private:
    Response<Json> ready_;
    spawned_response* response_ = nullptr;
    Result<Json> (*convert_)(spawned_response*) = nullptr;
};

class Answer::Awaiter {
public:
    explicit Awaiter(Answer&& answer)
        : answer_(std::move(answer)), handle_(answer_.response_), wait_{&handle_, 1} {}
    Awaiter(const Awaiter&) = delete;
    Awaiter& operator=(const Awaiter&) = delete;

    bool await_ready() const {
        return handle_ == nullptr || spawned_response_poll(handle_) != SPAWNED_EAGAIN;
    }
    template <class Promise>
    void await_suspend(std::coroutine_handle<Promise> who) {
        who.promise().execution->suspend(who, wait_);
    }
    Result<Json> await_resume() {
        if (wait_.status != SPAWNED_OK) return Error(Status{wait_.status});
        return answer_.get();
    }

private:
    Answer answer_;
    spawned_response* handle_;
    spawned::detail::Wait wait_;
};

namespace detail {

template <class M>
inline constexpr bool is_request = requires {
    typename M::Reply;
};
template <class M>
requires requires { typename M::spawned_result; }
inline constexpr bool is_request<M> = Call<typename M::spawned_result>::kind == CallKind::request;

template <class M>
Answer call_with(Pid to, const Json& arguments, Duration timeout) {
    Result<M> message = to_message<M>(arguments);
    if (!message) return Answer(message.error());
    if constexpr (is_request<M>)
        return Answer(Response<ReplyOf<M>>(Recipient<M>(to).request(std::move(*message), timeout)));
    else if (const Status status = Recipient<M>(to).send(std::move(*message)); status != Status::ok)
        return Answer(Error(status));
    else
        return Answer(Json());
}

template <class... Ms>
Answer call_one_of(Messages<Ms...>, Pid to, std::string_view method, const Json& arguments,
                   Duration timeout) {
    static_assert((Described<Ms> && ...), SPAWNED_DETAIL_NOT_DESCRIBED);
    std::optional<Answer> answer;
    (void)((method == Ms::spawned_method &&
            (answer.emplace(call_with<Ms>(to, arguments, timeout)), true)) ||
           ...);
    if (answer) return std::move(*answer);
    std::string known;
    ((known += (known.empty() ? "" : ", ") + std::string(Ms::spawned_method)), ...);
    return Answer(Error(Status::no_handler, "no method \"" + std::string(method) +
                                                "\" in the protocol, which has " + known));
}

}  // namespace detail

// Calls a method of protocol P by its name. An actor that does not handle it answers so: no value of a wrong
// type can reach one. Status::no_handler: there is no such method; Status::invalid: not with these arguments.
template <class P>
Answer call(Pid to, std::string_view method, const Json& arguments = nullptr,
            Duration timeout = default_timeout) {
    return detail::call_one_of(typename P::Messages(), to, method, arguments, timeout);
}

}  // namespace spawned::inline v0::json
