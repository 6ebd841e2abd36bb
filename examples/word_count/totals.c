/* The totals: one actor, known by its name, that adds up what the counters found, says now and then
 * how far it is, and tells the most frequent words. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"
#include "word_count.h"

typedef struct totals_state {
    const settings *settings;
    words words;
    uint64_t files, count;
} totals_state;

static const spawned_message_type tick_type = SPAWNED_EMPTY_TYPE("word_count.tick");

static spawned_status on_tally(spawned_context *context, void *state, void *value) {
    totals_state *t = state;
    const tally *message = value;
    (void)context;
    const char *from = message->entries;
    while (from < message->entries + message->length) {
        uint64_t count = 0;
        memcpy(&count, from, sizeof count);
        const size_t length = (unsigned char)from[sizeof count];
        from += sizeof count + 1;
        if (words_add(&t->words, from, length, count) != 0)
            return spawned_fail(SPAWNED_ENOMEM, "no memory for the totals",
                                SPAWNED_ZERO_TERMINATED);
        from += length;
        t->count += count;
    }
    if (message->last) t->files++;
    return SPAWNED_OK;
}

static spawned_status on_tick(spawned_context *context, void *state, void *value) {
    const totals_state *t = state;
    (void)context;
    (void)value;
    (void)fprintf(stderr, "word_count: %" PRIu64 " files, %" PRIu64 " words, %zu distinct\n",
                  t->files, t->count, t->words.count);
    return SPAWNED_OK;
}

/* A word with its text, so that it can be compared. */
typedef struct candidate {
    const word *word;
    const char *text;
} candidate;

static int by_rank(const void *left, const void *right) {
    const candidate *a = left, *b = right;
    if (a->word->count != b->word->count) return a->word->count > b->word->count ? -1 : 1;
    const uint32_t shorter = a->word->length < b->word->length ? a->word->length : b->word->length;
    const int order = memcmp(a->text, b->text, shorter);
    return order != 0 ? order
                      : (a->word->length > b->word->length) - (a->word->length < b->word->length);
}

static void rank(const totals_state *t, candidate *all, ranking *answer) {
    for (size_t i = 0; i < t->words.count; i++)
        all[i] = (candidate){&t->words.list[i], t->words.text + t->words.list[i].text};
    if (t->words.count > 0) qsort(all, t->words.count, sizeof *all, by_rank);
    for (uint32_t i = 0; i < answer->length; i++) {
        answer->best[i] = (ranked_word){all[i].word->count, all[i].word->length, ""};
        memcpy(answer->best[i].text, all[i].text, all[i].word->length);
    }
}

static spawned_status on_top(spawned_context *context, void *state, void *value) {
    const totals_state *t = state;
    uint32_t length = *(const uint32_t *)value;
    void *storage = NULL;
    if (length > t->words.count) length = (uint32_t)t->words.count;
    candidate *all = malloc((t->words.count + 1) * sizeof *all);
    if (all == NULL) return spawned_reply_fail(context, SPAWNED_ENOMEM, "", 0);
    const spawned_status status =
        spawned_reply_reserve(context, sizeof(ranking) + length * sizeof(ranked_word), &storage);
    if (status == SPAWNED_OK) {
        ranking *answer = storage;
        *answer = (ranking){t->count, t->words.count, length};
        rank(t, all, answer);
    }
    free(all);
    return status == SPAWNED_OK ? spawned_reply_commit(context) : status;
}

static spawned_status on_started(spawned_context *context, void *state) {
    const totals_state *t = state;
    spawned_message *tick = NULL;
    if (t->settings->quiet) return SPAWNED_OK;
    const spawned_status status =
        spawned_message_create(spawned_context_self(context), &tick_type, NULL, &tick);
    return status == SPAWNED_OK ? spawned_send_interval(SPAWNED_SECOND, tick, NULL) : status;
}

static spawned_status init(void *state, void *argument, void *user_data) {
    (void)user_data;
    *(totals_state *)state = (totals_state){.settings = argument};
    return SPAWNED_OK;
}

static void destroy(void *state, void *user_data) {
    (void)user_data;
    words_free(&((totals_state *)state)->words);
}

static const spawned_handler handlers[] = {{&tally_type, on_tally},
                                           {&tick_type, on_tick},
                                           {&top_type, on_top}};
const spawned_behavior totals = {SPAWNED_BEHAVIOR_INIT("totals"),
                                 .state_size = sizeof(totals_state),
                                 SPAWNED_HANDLERS(handlers),
                                 .init = init,
                                 .started = on_started,
                                 .destroy = destroy};
