/* A reader: reads one file per message, on a thread that may block, and has its counter count it.
 * Whatever is wrong with a file ends the reader; who asked learns why, and its supervisor starts it anew. */
#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "text.h"
#include "word_count.h"

typedef struct reader_state {
    spawned_pid counter;
    spawned_response *counting; /* of the chunk before, while the next one is read */
} reader_state;

/* A file on its way: what it is read from and what is known of its text. */
typedef struct source {
    int fd;
    size_t piece; /* bytes asked for at a time */
    uint64_t bytes;
    utf8 check;
} source;

/* The chunk before must be counted before the next is sent: two chunks per file are in memory. */
static spawned_status wait_for_counter(reader_state *r) {
    const char *text = "";
    size_t length = 0;
    if (r->counting == NULL) return SPAWNED_OK;
    spawned_status status = spawned_response_wait(r->counting, SPAWNED_FOREVER);
    if (status != SPAWNED_OK) {
        (void)spawned_response_error(r->counting, &text, &length);
        status = spawned_fail(status, text, length);
    }
    spawned_response_release(r->counting);
    r->counting = NULL;
    return status;
}

/* Reads until the piece is full or the file ends. */
static spawned_status fill(const source *s, chunk *piece) {
    while (piece->length < s->piece) {
        const ssize_t got = read(s->fd, piece->text + piece->length, s->piece - piece->length);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return fail_of_system(errno, "cannot read");
        if (got == 0) {
            piece->last = 1;
            break;
        }
        piece->length += (uint32_t)got;
    }
    return SPAWNED_OK;
}

static spawned_status check(source *s, const chunk *piece) {
    char text[64];
    const size_t right = utf8_check(&s->check, piece->text, piece->length);
    s->bytes += right;
    if (right == piece->length && !(piece->last && s->check.missing > 0)) return SPAWNED_OK;
    (void)snprintf(text, sizeof text, "not UTF-8 at byte %llu", (unsigned long long)s->bytes);
    return spawned_fail(EILSEQ, text, SPAWNED_ZERO_TERMINATED);
}

/* Reads the next piece straight into a message and sends it. */
static spawned_status pass_on(reader_state *r, source *s, int *is_last) {
    spawned_message *message = NULL;
    void *storage = NULL;
    spawned_status status = spawned_message_reserve(r->counter, &chunk_type,
                                                    sizeof(chunk) + s->piece, &message, &storage);
    if (status != SPAWNED_OK) return status;
    chunk *piece = storage;
    *piece = (chunk){.first = s->bytes == 0};
    status = fill(s, piece);
    if (status == SPAWNED_OK) status = check(s, piece);
    if (status == SPAWNED_OK) status = wait_for_counter(r);
    if (status != SPAWNED_OK) {
        spawned_message_destroy(message);
        return status;
    }
    *is_last = piece->last;
    return spawned_message_request(message, SPAWNED_FOREVER, &r->counting);
}

static spawned_status read_all(reader_state *r, source *s) {
    struct stat about;
    int is_last = 0;
    if (fstat(s->fd, &about) != 0) return fail_of_system(errno, "cannot look at it");
    if (!S_ISREG(about.st_mode))
        return spawned_fail(EINVAL, "no regular file any more", SPAWNED_ZERO_TERMINATED);
    /* One byte more than a small file has: its end is seen by the same read. */
    s->piece = about.st_size < CHUNK - 1 ? (size_t)about.st_size + 1 : CHUNK;
    spawned_status status = SPAWNED_OK;
    while (status == SPAWNED_OK && !is_last) status = pass_on(r, s, &is_last);
    return status == SPAWNED_OK ? wait_for_counter(r) : status;
}

static spawned_status on_read(spawned_context *context, void *state, void *value) {
    /* Not to hang on a pipe that took the file's place. */
    source s = {.fd = open(value, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)};
    if (s.fd < 0) return fail_of_system(errno, "cannot open");
    const spawned_status status = read_all(state, &s);
    close(s.fd);
    return status == SPAWNED_OK ? spawned_reply(context, &s.bytes) : status;
}

static spawned_status on_started(spawned_context *context, void *state) {
    reader_state *r = state;
    return spawned_actor_start(spawned_context_runtime(context), &counter, NULL, &r->counter);
}

static spawned_status on_stopped(spawned_context *context, void *state, const spawned_exit *exit) {
    reader_state *r = state;
    (void)context;
    (void)exit;
    spawned_response_release(r->counting);
    (void)spawned_actor_stop(r->counter);
    return SPAWNED_OK;
}

static const spawned_handler handlers[] = {{&read_type, on_read}};
const spawned_behavior reader = {SPAWNED_BEHAVIOR_INIT("reader"),
                                 .state_size = sizeof(reader_state), SPAWNED_HANDLERS(handlers),
                                 .started = on_started, .stopped = on_stopped};
