// Finding by name: a directory of services that its clients reach through the runtime's registry, so
// that neither has to be handed the other's reference; and values that are found by their exact type.
//
//   c++ -std=c++20 service_discovery.cpp $(pkg-config --cflags --libs spawned) -o service_discovery &&
//       ./service_discovery
#include <cstdio>
#include <string>
#include <vector>

#include <spawned.hpp>

struct Service {
    std::string name, address;
};

SPAWNED_PROTOCOL(Directory, (spawned::Response<void>, add, (service, Service)),
                 (spawned::Response<std::string>, lookup, (name, std::string)),
                 (spawned::Response<std::vector<Service>>, list))

class DirectoryActor : public spawned::Actor<DirectoryActor, Directory> {
public:
    void handle(Directory::add msg, Context&) { services_.push_back(std::move(msg.service)); }
    spawned::Result<std::string> handle(const Directory::lookup& msg, Context&) {
        for (const Service& service : services_)
            if (service.name == msg.name) return service.address;
        return spawned::Error(spawned::Status::not_found);
    }
    std::vector<Service> handle(Directory::list, Context&) { return services_; }

private:
    std::vector<Service> services_;
};

// What a service does that knows nothing but the directory's name and protocol.
static void announce(spawned::Registry registry, Service self) {
    registry.whereis<Directory::Ref>("directory").value().add(std::move(self)).unwrap();
}

static void look_up(spawned::Registry registry, const char* name) {
    auto address = registry.whereis<Directory::Ref>("directory").value().lookup(name).get();
    std::printf("%s: %s\n", name, address ? address->c_str() : address.error().what());
}

struct Version {
    int major, minor;
};

static void values(spawned::Registry registry) {
    registry.put("version", Version{1, 4});
    auto version = registry.whereis<Version>("version");
    std::printf("version: %d.%d\n", version->major, version->minor);
    std::printf("version as another type: %s\n",
                registry.whereis<Service>("version") ? "found" : "type mismatch");
    registry.unregister("version");
}

int main() {
    spawned::Runtime runtime;
    auto registry = runtime.registry();
    Directory::Ref directory = runtime.start<DirectoryActor>();
    registry.put("directory", directory);  // until it ends, or is unregistered
    announce(registry, {"web", "http://localhost:8080"});
    announce(registry, {"database", "postgres://localhost:5432"});
    look_up(registry, "web");
    look_up(registry, "mail");
    for (const Service& service : directory.list().unwrap())
        std::printf("service: %s at %s\n", service.name.c_str(), service.address.c_str());
    for (const std::string& name : registry.names())
        std::printf("registered: %s, an actor\n", name.c_str());
    values(registry);
    registry.unregister("directory");
    std::printf("unregistered: %s\n",
                registry.whereis<Directory::Ref>("directory") ? "found" : "not found");
}
