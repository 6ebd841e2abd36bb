/* A name server: one actor keeps names and where to find them; others tell it and ask it.
 *
 *   cc name_server.c $(pkg-config --cflags --libs spawned) -o name_server && ./name_server */
#include <stdio.h>
#include <string.h>

#include <spawned.h>

typedef char key[64];
typedef struct entry {
    key key;
    char value[192];
} entry;
typedef struct table {
    size_t count;
    entry entries[128];
} table;

static const spawned_message_type entry_type = SPAWNED_MESSAGE_TYPE("name_server.entry", entry);
static const spawned_message_type add_type = SPAWNED_MESSAGE_TYPE("name_server.add", entry);
static const spawned_message_type find_type =
    SPAWNED_REQUEST_TYPE("name_server.find", key, &entry_type);

static spawned_status on_add(spawned_context *context, void *state, void *value) {
    table *t = state;
    (void)context;
    if (t->count == 128) return spawned_fail(1, "the table is full", SPAWNED_ZERO_TERMINATED);
    t->entries[t->count++] = *(const entry *)value;
    return SPAWNED_OK;
}

static spawned_status on_find(spawned_context *context, void *state, void *value) {
    const table *t = state;
    for (size_t i = 0; i < t->count; i++)
        if (strcmp(t->entries[i].key, value) == 0) return spawned_reply(context, &t->entries[i]);
    return spawned_reply_fail(context, 2, "nobody of that name", SPAWNED_ZERO_TERMINATED);
}

static const spawned_handler handlers[] = {{&add_type, on_add}, {&find_type, on_find}};
static const spawned_behavior name_server = {SPAWNED_BEHAVIOR_INIT("name_server"),
                                             .state_size = sizeof(table),
                                             SPAWNED_HANDLERS(handlers)};

int main(void) {
    spawned_runtime *runtime = NULL;
    spawned_pid server = 0;
    const entry joe = {"Joe", "At Home"};
    const key names[] = {"Joe", "Mike"};
    if (spawned_runtime_create(NULL, &runtime) != SPAWNED_OK) return 1;
    if (spawned_actor_start(runtime, &name_server, NULL, &server) != SPAWNED_OK) return 1;
    if (spawned_send(server, &add_type, &joe) != SPAWNED_OK) return 1;
    for (size_t i = 0; i < 2; i++) {
        entry found = {"", "nobody knows"};
        const spawned_status status =
            spawned_request(server, &find_type, names[i], SPAWNED_DEFAULT, &found);
        if (status < 0) return 1;
        printf("%s: %s\n", names[i], found.value);
    }
    return spawned_runtime_destroy(runtime) == SPAWNED_OK ? 0 : 1;
}
