// What two shared objects know of each other: messages, a protocol, and how to start an actor.
#pragma once

#include <spawned.hpp>

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace counting {

struct Add {
    std::vector<int> numbers;
};
struct Sum {
    using Reply = std::map<std::string, long>;
};
struct Take {
    using Reply = std::unique_ptr<std::string>;
    std::unique_ptr<std::string> text;
};
struct Refuse {
    using Reply = int;
};

SPAWNED_PROTOCOL(Counting, (spawned::Response<std::string>, say, (text, std::string)),
                 (spawned::Status, forget))

}  // namespace counting

// Each object is compiled with hidden visibility and shows these alone.
#define OBJECT_API extern "C" __attribute__((visibility("default")))

OBJECT_API spawned_pid start_counter(spawned_runtime *runtime);
OBJECT_API int use_counter(spawned_runtime *runtime, spawned_pid counter);
