/* A chat room: actors that know one another by pid, in both directions, and take part under names.
 *
 * What is printed is the same in every run although nobody waits for anybody's screen: a message sent
 * before another that caused a third arrives before that third. So Bob hears Alice before he is asked
 * to speak himself.
 *
 *   cc chat_room.c $(pkg-config --cflags --libs spawned) -o chat_room && ./chat_room */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <spawned.h>

typedef char text[128];
typedef struct member {
    spawned_pid pid;
    char name[32];
} member;
typedef struct line {
    member from;
    text text;
} line;
typedef struct list {
    size_t count;
    member members[16];
} list;

static const spawned_message_type list_type = SPAWNED_MESSAGE_TYPE("room.list", list);
static const spawned_message_type join_type = SPAWNED_MESSAGE_TYPE("room.join", member);
static const spawned_message_type post_type = SPAWNED_MESSAGE_TYPE("room.post", line);
static const spawned_message_type members_type =
    SPAWNED_EMPTY_REQUEST_TYPE("room.members", &list_type);
static const spawned_message_type enter_type = SPAWNED_EMPTY_TYPE("user.enter");
static const spawned_message_type say_type = SPAWNED_MESSAGE_TYPE("user.say", text);
static const spawned_message_type heard_type = SPAWNED_MESSAGE_TYPE("user.heard", line);

static spawned_status on_join(spawned_context *context, void *state, void *value) {
    list *room = state;
    const member *who = value;
    if (room->count == sizeof room->members / sizeof *room->members)
        return spawned_reply_fail(context, 1, "the room is full", SPAWNED_ZERO_TERMINATED);
    room->members[room->count++] = *who;
    printf("room: %s joins\n", who->name);
    return SPAWNED_OK;
}

static spawned_status on_post(spawned_context *context, void *state, void *value) {
    const list *room = state;
    const line *l = value;
    (void)context;
    printf("room: %s says: %s\n", l->from.name, l->text);
    for (size_t i = 0; i < room->count; i++)
        if (room->members[i].pid != l->from.pid) /* who has left hears nothing */
            (void)spawned_send(room->members[i].pid, &heard_type, l);
    return SPAWNED_OK;
}

static spawned_status on_members(spawned_context *context, void *state, void *value) {
    (void)value;
    return spawned_reply(context, state);
}

static const spawned_handler room_handlers[] = {{&join_type, on_join},
                                                {&post_type, on_post},
                                                {&members_type, on_members}};
static const spawned_behavior room_behavior = {SPAWNED_BEHAVIOR_INIT("room"), sizeof(list),
                                               SPAWNED_HANDLERS(room_handlers)};

typedef struct user {
    spawned_pid room;
    member self;
} user;

static spawned_status init_user(void *state, void *argument, void *user_data) {
    (void)user_data;
    *(user *)state = *(const user *)argument;
    return SPAWNED_OK;
}

/* Answered when the room has taken it in: a request whose type has no reply is, once handled. */
static spawned_status on_enter(spawned_context *context, void *state, void *value) {
    user *u = state;
    (void)value;
    u->self.pid = spawned_context_self(context);
    return spawned_request(u->room, &join_type, &u->self, SPAWNED_DEFAULT, NULL);
}

static spawned_status on_say(spawned_context *context, void *state, void *value) {
    const user *u = state;
    line l = {u->self, ""};
    (void)context;
    memcpy(l.text, value, sizeof l.text);
    return spawned_request(u->room, &post_type, &l, SPAWNED_DEFAULT, NULL);
}

static spawned_status on_heard(spawned_context *context, void *state, void *value) {
    const line *l = value;
    (void)context;
    printf("%s hears %s: %s\n", ((const user *)state)->self.name, l->from.name, l->text);
    return SPAWNED_OK;
}

static const spawned_handler user_handlers[] = {{&enter_type, on_enter},
                                                {&say_type, on_say},
                                                {&heard_type, on_heard}};
static const spawned_behavior user_behavior = {SPAWNED_BEHAVIOR_INIT("user"), sizeof(user),
                                               SPAWNED_HANDLERS(user_handlers), .init = init_user};

static void must(spawned_status status) {
    if (status == SPAWNED_OK) return;
    (void)fprintf(stderr, "chat_room: %s\n", spawned_status_text(status));
    exit(1);
}

static spawned_pid enter(spawned_runtime *runtime, user who) {
    spawned_actor_options options = SPAWNED_ACTOR_OPTIONS_INIT;
    spawned_pid pid = 0;
    options.argument = &who;
    must(spawned_actor_start(runtime, &user_behavior, &options, &pid));
    must(spawned_request(pid, &enter_type, NULL, SPAWNED_DEFAULT, NULL));
    return pid;
}

/* Lets an actor handle what waits for it before it stops. */
static void leave(spawned_pid pid) {
    must(spawned_actor_drain(pid, SPAWNED_DEFAULT));
    must(spawned_actor_join(pid, SPAWNED_DEFAULT));
}

int main(void) {
    spawned_runtime *runtime = NULL;
    spawned_pid room = 0;
    list present;
    must(spawned_runtime_create(NULL, &runtime));
    must(spawned_actor_start(runtime, &room_behavior, NULL, &room));
    const spawned_pid alice = enter(runtime, (user){room, {0, "Alice"}});
    const spawned_pid bob = enter(runtime, (user){room, {0, "Bob"}});
    must(spawned_request(room, &members_type, NULL, SPAWNED_DEFAULT, &present));
    printf("members:");
    for (size_t i = 0; i < present.count; i++) printf(" %s", present.members[i].name);
    printf("\n");
    must(spawned_request(alice, &say_type, &(text){"Hello, Bob!"}, SPAWNED_DEFAULT, NULL));
    must(spawned_request(bob, &say_type, &(text){"Hi, Alice!"}, SPAWNED_DEFAULT, NULL));
    leave(alice);
    leave(bob);
    must(spawned_runtime_destroy(runtime));
    return 0;
}
