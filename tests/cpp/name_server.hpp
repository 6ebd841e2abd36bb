// The README's protocol twice: by the macro, and by hand as the comment of SPAWNED_PROTOCOL shows. The same
// tests run over both.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>

#include <spawned.hpp>

// clang-format off
SPAWNED_PROTOCOL(NameServer,
    (spawned::Response<void>,                       add,  (key, std::string), (value, std::string)),
    (spawned::Response<std::optional<std::string>>, find, (key, std::string)),
    (spawned::Status,                               forget, (key, std::string)),
    (void,                                          clear))
// clang-format on

struct HandWritten {
    struct add {
        using Reply = void;
        std::string key;
        std::string value;
    };
    struct find {
        using Reply = std::optional<std::string>;
        std::string key;
    };
    struct forget {
        std::string key;
    };
    struct clear {};

    using Messages = spawned::Messages<add, find, forget, clear>;
    using Ref = spawned::Ref<HandWritten>;

    template <class Self>
    struct Calls {
        spawned::Response<void> add(std::string key, std::string value) const {
            return static_cast<const Self &>(*this).template emplace_request<HandWritten::add>(
                std::move(key), std::move(value));
        }
        spawned::Response<std::optional<std::string>> find(std::string key) const {
            return static_cast<const Self &>(*this).template emplace_request<HandWritten::find>(
                std::move(key));
        }
        spawned::Status forget(std::string key) const {
            return static_cast<const Self &>(*this).template emplace<HandWritten::forget>(
                std::move(key));
        }
        void clear() const {
            (void)static_cast<const Self &>(*this).template emplace<HandWritten::clear>();
        }
    };
};

template <class P>
class NameServerActor : public spawned::Actor<NameServerActor<P>, P> {
public:
    using Context = spawned::Context<NameServerActor>;

    void handle(typename P::add message, Context &) {
        entries_[message.key] = std::move(message.value);
    }
    std::optional<std::string> handle(const typename P::find &message, Context &) {
        auto it = entries_.find(message.key);
        return it == entries_.end() ? std::nullopt : std::optional(it->second);
    }
    void handle(typename P::forget &&message, Context &) { entries_.erase(message.key); }
    void handle(typename P::clear, Context &) { entries_.clear(); }

private:
    std::map<std::string, std::string> entries_;
};
