/* The bytes choose who runs next, for how long, and whether a request runs inline; what the actors do is
 * always the same. In every schedule everything sent is handled once and in order, every question has its
 * answer, and the same bytes make the same run. */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

enum { actors = 5, keeper = actors - 2, doomed = actors - 1, first_hops = 2, most_kept = 64 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct note {
    fuzz_value value; /* its number: the place in its sender's row to this receiver */
    uint32_t from, hops;
} note;

typedef struct member {
    uint32_t index;
    uint64_t sent[actors], seen[actors];
    uint32_t started, asked, answered;
} member;

static struct play {
    spawned_runtime *runtime;
    spawned_pid pids[actors];
    member members[actors];
    spawned_reply_to kept[most_kept];
    uint32_t kept_count;
    bool kills;
} play;

static const spawned_message_type answer_type = SPAWNED_MESSAGE_TYPE("schedule.answer", uint64_t);
static const spawned_message_type note_type = {.size = sizeof(spawned_message_type),
                                               .name = "schedule.note",
                                               .value_size = sizeof(note),
                                               .value_alignment = 8,
                                               .destroy = fuzz_end_value};
static const spawned_message_type ask_type =
    SPAWNED_REQUEST_TYPE("schedule.ask", uint64_t, &answer_type);

/* One actor may be killed at any moment: what it does not get is lost, and only that. */
static bool is_doomed(uint32_t index) { return play.kills && index == doomed; }

static void send_note(member *me, uint32_t to, uint32_t hops) {
    const note one = {fuzz_new_value(++me->sent[to]), me->index, hops};
    const spawned_status status = spawned_send(play.pids[to], &note_type, &one);
    FUZZ_CHECK(status == SPAWNED_OK || (status == SPAWNED_ESTOPPED && is_doomed(to)));
}

static void expect_answer(member *me, spawned_status status, uint64_t answer, uint32_t asked) {
    FUZZ_CHECK((status == SPAWNED_OK && answer == asked) ||
               (status == SPAWNED_ESTOPPED && is_doomed(asked)));
    ++me->answered;
}

typedef struct awaited {
    spawned_response *response;
    uint32_t asked;
} awaited;

static void drop_awaited(void *user_data) {
    awaited *one = user_data;
    spawned_response_release(one->response);
    free(one);
}

static spawned_status on_answer(spawned_context *context, void *state, size_t ready,
                                void *user_data) {
    (void)context, (void)ready;
    const awaited *one = user_data;
    uint64_t answer = 0;
    const spawned_status status = spawned_response_poll(one->response);
    if (status == SPAWNED_OK) FUZZ_OK(spawned_response_take(one->response, &answer));
    expect_answer(*(member **)state, status, answer, one->asked);
    drop_awaited(user_data);
    return SPAWNED_OK;
}

/* Always somebody with a higher number, so that no circle closes. */
static void ask(spawned_context *context, member *me, uint32_t to, bool awaits) {
    const uint64_t question = to;
    ++me->asked;
    if (!awaits) {
        uint64_t answer = 0;
        const spawned_status status =
            spawned_request(play.pids[to], &ask_type, &question, SPAWNED_FOREVER, &answer);
        expect_answer(me, status, answer, to);
        return;
    }
    spawned_message *message = NULL;
    awaited *one = calloc(1, sizeof *one);
    FUZZ_CHECK(one != NULL);
    one->asked = to;
    if (spawned_message_create(play.pids[to], &ask_type, &question, &message) == SPAWNED_OK)
        (void)spawned_message_request(message, SPAWNED_FOREVER, &one->response);
    else
        one->response = spawned_response_of_error(SPAWNED_ESTOPPED);
    FUZZ_OK(spawned_await(context, &one->response, 1, on_answer, one, drop_awaited));
}

/* The keeper keeps its questions until its next note, or until nobody can go on otherwise. */
static void answer_kept(void) {
    const uint64_t answer = keeper;
    while (play.kept_count != 0)
        FUZZ_OK(spawned_reply_to_send(play.kept[--play.kept_count], &answer));
}

static spawned_status on_note(spawned_context *context, void *state, void *value) {
    member *me = *(member **)state;
    const note one = *(const note *)value;
    FUZZ_CHECK(one.value.number == me->seen[one.from] + 1);
    me->seen[one.from] = one.value.number;
    if (me->index == keeper) answer_kept();
    if (one.hops == 0) return SPAWNED_OK;
    send_note(me, (me->index + 1) % actors, one.hops - 1);
    send_note(me, (me->index * 2 + one.hops) % actors, one.hops - 1);
    if (me->index + 1 < actors)
        ask(context, me, me->index + 1 + (one.hops + one.from) % (actors - 1 - me->index),
            one.hops % 2 == 0);
    return SPAWNED_OK;
}

static spawned_status on_ask(spawned_context *context, void *state, void *value) {
    const member *me = *(member **)state;
    FUZZ_CHECK(*(uint64_t *)value == me->index);
    if (me->index == keeper && play.kept_count < most_kept) {
        FUZZ_OK(spawned_reply_detach(context, &play.kept[play.kept_count]));
        ++play.kept_count;
        return SPAWNED_OK;
    }
    const uint64_t answer = me->index;
    return spawned_reply(context, &answer);
}

static spawned_status begin(void *state, void *argument, void *user_data) {
    (void)user_data;
    *(member **)state = argument;
    return SPAWNED_OK;
}

static spawned_status on_started(spawned_context *context, void *state) {
    (void)context;
    member *me = *(member **)state;
    FUZZ_CHECK(me->started++ == 0);
    if (me->index % 2 == 0) send_note(me, (me->index + 1) % actors, first_hops);
    return SPAWNED_OK;
}

static const spawned_handler handlers[] = {{&note_type, on_note}, {&ask_type, on_ask}};
static const spawned_behavior behavior = {
    SPAWNED_BEHAVIOR_INIT("member"), .handlers = handlers, .handler_count = 2,
    .state_size = sizeof(member *),  .init = begin,        .started = on_started};

static void set_the_stage(const spawned_allocator *allocator, const uint8_t *data, size_t size) {
    spawned_runtime_options options = SPAWNED_RUNTIME_OPTIONS_INIT;
    options.flags = SPAWNED_RUNTIME_DETERMINISTIC;
    options.allocator = allocator;
    options.seed = 1;
    memset(&play, 0, sizeof play);
    FUZZ_OK(spawned_runtime_create(&options, &play.runtime));
    fuzz_follow(play.runtime, data, size);
    for (uint32_t i = 0; i < actors; ++i) {
        spawned_actor_options where = SPAWNED_ACTOR_OPTIONS_INIT;
        where.backend = i % 3;
        play.members[i].index = i;
        where.argument = &play.members[i];
        FUZZ_OK(spawned_actor_start(play.runtime, &behavior, &where, &play.pids[i]));
    }
}

static void expect_all_done(void) {
    for (uint32_t i = 0; i < actors; ++i) {
        const member *one = &play.members[i];
        FUZZ_CHECK(one->asked == one->answered);
        for (uint32_t to = 0; to < actors && !play.kills; ++to)
            FUZZ_CHECK(one->sent[to] == play.members[to].seen[i]);
    }
    spawned_runtime_stats stats = SPAWNED_RUNTIME_STATS_INIT;
    FUZZ_OK(spawned_runtime_stats_get(play.runtime, &stats));
    FUZZ_CHECK(stats.messages_sent == stats.messages_handled + stats.dead_stopped);
    FUZZ_CHECK(play.kills || stats.dead_stopped == 0);
}

/* The first two bytes say whether, and when, one is killed. Returns the digest of the run. */
static uint64_t perform(const uint8_t *data, size_t size) {
    fuzz_memory memory = {.left = SIZE_MAX};
    const spawned_allocator allocator = fuzz_allocator(&memory);
    uint64_t digest = 0;
    fuzz_begin(data, size);
    const bool kills = fuzz_byte() % 2 == 1;
    const uint32_t turns = 1 + fuzz_byte();
    set_the_stage(&allocator, data + (size < 2 ? size : 2), size < 2 ? 0 : size - 2);
    play.kills = kills;
    (void)spawned_deterministic_run(play.runtime, turns, NULL);
    if (kills) FUZZ_OK(spawned_actor_kill(play.pids[doomed]));
    do {
        answer_kept();
        FUZZ_OK(spawned_deterministic_run(play.runtime, 0, NULL));
    } while (play.kept_count != 0);
    expect_all_done();
    FUZZ_OK(spawned_deterministic_digest(play.runtime, &digest));
    FUZZ_OK(spawned_runtime_destroy(play.runtime));
    fuzz_expect_all_ended();
    fuzz_expect_all_returned(&memory);
    return digest;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const uint64_t digest = perform(data, size);
    if (size % 4 == 1) FUZZ_CHECK(perform(data, size) == digest);
    return 0;
}
