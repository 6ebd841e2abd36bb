// A name server: the methods of an actor, called as if it were an object. Adding is answered once it is
// done; finding is answered with what was found, or with nothing.
//
//   c++ -std=c++20 name_server.cpp $(pkg-config --cflags --libs spawned) -o name_server && ./name_server
#include <cstdio>
#include <map>
#include <optional>
#include <string>

#include <spawned.hpp>

SPAWNED_PROTOCOL(NameServer,
                 (spawned::Response<void>, add, (key, std::string), (value, std::string)),
                 (spawned::Response<std::optional<std::string>>, find, (key, std::string)))

class NameServerActor : public spawned::Actor<NameServerActor, NameServer> {
public:
    void handle(NameServer::add msg, Context&) { entries_[msg.key] = std::move(msg.value); }

    std::optional<std::string> handle(const NameServer::find& msg, Context&) {
        auto it = entries_.find(msg.key);
        return it == entries_.end() ? std::nullopt : std::optional(it->second);
    }

private:
    std::map<std::string, std::string> entries_;
};

int main() {
    spawned::Runtime runtime;
    auto ns = runtime.start<NameServerActor>();
    ns.add("Joe", "At Home").unwrap();
    for (const char* name : {"Joe", "Mike"})
        std::printf("%s: %s\n", name, ns.find(name).unwrap().value_or("nobody knows").c_str());
}
