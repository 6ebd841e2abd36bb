/* Two actors that send to each other for as long as both live: one ping, and the rally goes on by
 * itself until a timer ends it. Each handler does one thing and returns, so neither waits for the
 * other, and the lines alternate strictly.
 *
 *   cc ping_pong.c $(pkg-config --cflags --libs spawned) -o ping_pong && ./ping_pong */
#include <stdio.h>
#include <stdlib.h>

#include <spawned.h>

/* A ping says whom to answer; a pong needs no words. */
static const spawned_message_type meet_type = SPAWNED_MESSAGE_TYPE("ping_pong.meet", spawned_pid);
static const spawned_message_type ping_type = SPAWNED_MESSAGE_TYPE("ping_pong.ping", spawned_pid);
static const spawned_message_type pong_type = SPAWNED_EMPTY_TYPE("ping_pong.pong");
static const spawned_message_type end_type = SPAWNED_EMPTY_TYPE("ping_pong.end");

static spawned_status send_ping(spawned_context *context, spawned_pid consumer) {
    const spawned_pid self = spawned_context_self(context);
    printf("ping\n");
    return spawned_send(consumer, &ping_type, &self);
}

/* The producer's state is its consumer's pid. */
static spawned_status on_meet(spawned_context *context, void *state, void *value) {
    spawned_message *end = NULL;
    *(spawned_pid *)state = *(const spawned_pid *)value;
    spawned_status status = send_ping(context, *(spawned_pid *)state);
    if (status == SPAWNED_OK)
        status = spawned_message_create(spawned_context_self(context), &end_type, NULL, &end);
    if (status == SPAWNED_OK) status = spawned_send_after(SPAWNED_MILLISECOND, end, NULL);
    return status;
}

static spawned_status on_pong(spawned_context *context, void *state, void *value) {
    (void)value;
    return send_ping(context, *(spawned_pid *)state);
}

static spawned_status on_end(spawned_context *context, void *state, void *value) {
    (void)state;
    (void)value;
    return spawned_context_stop(context);
}

static const spawned_handler producer_handlers[] = {{&meet_type, on_meet},
                                                    {&pong_type, on_pong},
                                                    {&end_type, on_end}};
static const spawned_behavior producer_behavior = {SPAWNED_BEHAVIOR_INIT("producer"),
                                                   sizeof(spawned_pid),
                                                   SPAWNED_HANDLERS(producer_handlers)};

static spawned_status on_ping(spawned_context *context, void *state, void *value) {
    (void)state;
    printf("pong\n");
    const spawned_status status = spawned_send(*(const spawned_pid *)value, &pong_type, NULL);
    /* That the producer has left is no failure of the consumer. */
    return status == SPAWNED_ESTOPPED ? spawned_context_stop(context) : status;
}

static const spawned_handler consumer_handlers[] = {{&ping_type, on_ping}};
static const spawned_behavior consumer_behavior = {SPAWNED_BEHAVIOR_INIT("consumer"),
                                                   SPAWNED_HANDLERS(consumer_handlers)};

static void must(spawned_status status) {
    if (status == SPAWNED_OK) return;
    (void)fprintf(stderr, "ping_pong: %s\n", spawned_status_text(status));
    exit(1);
}

int main(void) {
    spawned_runtime *runtime = NULL;
    spawned_pid producer = 0, consumer = 0;
    must(spawned_runtime_create(NULL, &runtime));
    must(spawned_actor_start(runtime, &consumer_behavior, NULL, &consumer));
    must(spawned_actor_start(runtime, &producer_behavior, NULL, &producer));
    must(spawned_send(producer, &meet_type, &consumer));
    must(spawned_actor_join(producer, SPAWNED_DEFAULT));
    must(spawned_runtime_destroy(runtime));
    return 0;
}
