/* A counter: counts the words of one file, chunk by chunk, and hands them to the totals at its end.
 * Files that fail on the way leave no trace: their words never got that far. */
#include <string.h>

#include "text.h"
#include "word_count.h"

typedef struct counter_state {
    spawned_pid totals;
    words words;
    word_scan scan;
    size_t handed_on; /* words of the file that the totals have */
    spawned_response *room;
} counter_state;

static size_t packed_size(const word *w) { return sizeof w->count + 1 + w->length; }

/* How many words fit into the next message, and their packed size. */
static size_t choose(const counter_state *c, size_t *out_bytes) {
    size_t end = c->handed_on, bytes = 0;
    while (end < c->words.count && bytes + packed_size(&c->words.list[end]) <= TALLY)
        bytes += packed_size(&c->words.list[end++]);
    *out_bytes = bytes;
    return end;
}

static void pack(const counter_state *c, size_t end, tally *message, size_t bytes) {
    *message = (tally){.last = end == c->words.count, .length = (uint32_t)bytes};
    char *to = message->entries;
    for (size_t i = c->handed_on; i < end; i++) {
        const word *w = &c->words.list[i];
        memcpy(to, &w->count, sizeof w->count);
        to[sizeof w->count] = (char)(unsigned char)w->length;
        memcpy(to + sizeof w->count + 1, c->words.text + w->text, w->length);
        to += packed_size(w);
    }
}

static void release_room(void *user_data) {
    counter_state *c = user_data;
    spawned_response_release(c->room);
    c->room = NULL;
}

static spawned_status on_room(spawned_context *context, void *state, size_t ready, void *user_data);

/* Sends the next message as soon as the totals have room, and goes on in on_room. */
static spawned_status hand_on(spawned_context *context, counter_state *c) {
    spawned_message *message = NULL;
    void *storage = NULL;
    size_t bytes = 0;
    const size_t end = choose(c, &bytes);
    spawned_status status =
        spawned_message_reserve(c->totals, &tally_type, sizeof(tally) + bytes, &message, &storage);
    if (status != SPAWNED_OK) return status;
    pack(c, end, storage, bytes);
    c->handed_on = end;
    /* A refusal is in the response too. */
    (void)spawned_message_send_waiting(message, SPAWNED_FOREVER, &c->room);
    status = spawned_await(context, &c->room, 1, on_room, c, release_room);
    if (status != SPAWNED_OK) release_room(c);
    return status;
}

static spawned_status on_room(spawned_context *context, void *state, size_t ready,
                              void *user_data) {
    counter_state *c = state;
    (void)ready;
    const spawned_status status = spawned_response_poll(c->room);
    release_room(user_data);
    if (status != SPAWNED_OK)
        return spawned_fail(status, "the totals take no more", SPAWNED_ZERO_TERMINATED);
    return c->handed_on < c->words.count ? hand_on(context, c) : SPAWNED_OK;
}

static spawned_status on_chunk(spawned_context *context, void *state, void *value) {
    counter_state *c = state;
    const chunk *piece = value;
    if (piece->first) {
        words_clear(&c->words);
        c->handed_on = 0;
    }
    if (word_scan_piece(&c->scan, &c->words, piece->text, piece->length) != 0 ||
        (piece->last && word_scan_end(&c->scan, &c->words) != 0))
        return spawned_fail(SPAWNED_ENOMEM, "no memory for its words", SPAWNED_ZERO_TERMINATED);
    return piece->last ? hand_on(context, c) : SPAWNED_OK;
}

static spawned_status on_started(spawned_context *context, void *state) {
    counter_state *c = state;
    return spawned_registry_whereis(spawned_context_runtime(context), TOTALS_NAME,
                                    SPAWNED_ZERO_TERMINATED, &c->totals);
}

static void destroy(void *state, void *user_data) {
    (void)user_data;
    words_free(&((counter_state *)state)->words);
}

static const spawned_handler handlers[] = {{&chunk_type, on_chunk}};
const spawned_behavior counter = {SPAWNED_BEHAVIOR_INIT("counter"),
                                  .state_size = sizeof(counter_state), SPAWNED_HANDLERS(handlers),
                                  .started = on_started, .destroy = destroy};
