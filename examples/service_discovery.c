/* Finding by name: a directory of services that its clients reach through the runtime's registry, so
 * that neither has to be handed the other's pid; and a value that is found by its exact type only.
 *
 *   cc service_discovery.c $(pkg-config --cflags --libs spawned) -o service_discovery &&
 *       ./service_discovery */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <spawned.h>

typedef struct service {
    char name[32];
    char address[64];
} service;
typedef struct directory {
    size_t count;
    service services[32];
} directory;
typedef struct version {
    uint32_t major, minor;
} version;

static const spawned_message_type service_type = SPAWNED_MESSAGE_TYPE("directory.service", service);
static const spawned_message_type all_type = SPAWNED_MESSAGE_TYPE("directory.all", directory);
static const spawned_message_type add_type = SPAWNED_MESSAGE_TYPE("directory.add", service);
static const spawned_message_type lookup_type =
    SPAWNED_REQUEST_TYPE("directory.lookup", char[32], &service_type);
static const spawned_message_type list_type =
    SPAWNED_EMPTY_REQUEST_TYPE("directory.list", &all_type);
static const spawned_message_type version_type = SPAWNED_MESSAGE_TYPE("directory.version", version);

static spawned_status on_add(spawned_context *context, void *state, void *value) {
    directory *d = state;
    if (d->count == sizeof d->services / sizeof *d->services)
        return spawned_reply_fail(context, 1, "the directory is full", SPAWNED_ZERO_TERMINATED);
    d->services[d->count++] = *(const service *)value;
    return SPAWNED_OK;
}

static spawned_status on_lookup(spawned_context *context, void *state, void *value) {
    const directory *d = state;
    for (size_t i = 0; i < d->count; i++)
        if (strcmp(d->services[i].name, value) == 0) return spawned_reply(context, &d->services[i]);
    return spawned_reply_fail(context, SPAWNED_ENOENT, "", 0);
}

static spawned_status on_list(spawned_context *context, void *state, void *value) {
    (void)value;
    return spawned_reply(context, state);
}

static const spawned_handler handlers[] = {{&add_type, on_add},
                                           {&lookup_type, on_lookup},
                                           {&list_type, on_list}};
static const spawned_behavior directory_behavior = {SPAWNED_BEHAVIOR_INIT("directory"),
                                                    sizeof(directory), SPAWNED_HANDLERS(handlers)};

static void must(spawned_status status) {
    if (status == SPAWNED_OK) return;
    (void)fprintf(stderr, "service_discovery: %s\n", spawned_status_text(status));
    exit(1);
}

/* What a service does that knows nothing but the directory's name. */
static void announce(spawned_runtime *runtime, service self) {
    spawned_pid pid = 0;
    must(spawned_registry_whereis(runtime, "directory", SPAWNED_ZERO_TERMINATED, &pid));
    must(spawned_request(pid, &add_type, &self, SPAWNED_DEFAULT, NULL));
}

static void look_up(spawned_runtime *runtime, const char *name) {
    char wanted[32] = "";
    spawned_pid pid = 0;
    service found;
    (void)snprintf(wanted, sizeof wanted, "%s", name);
    must(spawned_registry_whereis(runtime, "directory", SPAWNED_ZERO_TERMINATED, &pid));
    const spawned_status status =
        spawned_request(pid, &lookup_type, wanted, SPAWNED_DEFAULT, &found);
    printf("%s: %s\n", name, status == SPAWNED_OK ? found.address : spawned_status_text(status));
}

static void print_name(const char *name, size_t length, spawned_pid pid, void *user_data) {
    (void)user_data;
    printf("registered: %.*s, %s\n", (int)length, name, pid != 0 ? "an actor" : "a value");
}

static void values(spawned_runtime *runtime) {
    version v = {1, 4};
    service s;
    must(spawned_registry_put(runtime, "version", SPAWNED_ZERO_TERMINATED, &version_type, &v, 0));
    must(spawned_registry_get(runtime, "version", SPAWNED_ZERO_TERMINATED, &version_type, &v));
    printf("version: %u.%u\n", v.major, v.minor);
    printf("version as another type: %s\n",
           spawned_status_text(spawned_registry_get(runtime, "version", SPAWNED_ZERO_TERMINATED,
                                                    &service_type, &s)));
    must(spawned_registry_unregister(runtime, "version", SPAWNED_ZERO_TERMINATED));
}

int main(void) {
    spawned_runtime *runtime = NULL;
    spawned_actor_options options = SPAWNED_ACTOR_OPTIONS_INIT;
    spawned_pid pid = 0;
    directory all;
    options.name = "directory"; /* registered from its first message to its end */
    must(spawned_runtime_create(NULL, &runtime));
    must(spawned_actor_start(runtime, &directory_behavior, &options, &pid));
    announce(runtime, (service){"web", "http://localhost:8080"});
    announce(runtime, (service){"database", "postgres://localhost:5432"});
    look_up(runtime, "web");
    look_up(runtime, "mail");
    must(spawned_request(pid, &list_type, NULL, SPAWNED_DEFAULT, &all));
    for (size_t i = 0; i < all.count; i++)
        printf("service: %s at %s\n", all.services[i].name, all.services[i].address);
    must(spawned_registry_list(runtime, print_name, NULL));
    values(runtime);
    must(spawned_registry_unregister(runtime, "directory", SPAWNED_ZERO_TERMINATED));
    printf("unregistered: %s\n",
           spawned_status_text(
               spawned_registry_whereis(runtime, "directory", SPAWNED_ZERO_TERMINATED, &pid)));
    must(spawned_runtime_destroy(runtime));
    return 0;
}
