/* The descriptions of the messages, and two ways to speak that several actors need. */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <string.h>

#include "word_count.h"

static const spawned_message_type summary_type =
    SPAWNED_MESSAGE_TYPE("word_count.summary", summary);
static const spawned_message_type bytes_type = SPAWNED_MESSAGE_TYPE("word_count.bytes", uint64_t);
static const spawned_message_type ranking_type = {.size = sizeof(spawned_message_type),
                                                  .name = "word_count.ranking",
                                                  .value_size = sizeof(ranking),
                                                  .value_alignment = _Alignof(ranking),
                                                  .flags = SPAWNED_TYPE_VARIABLE};

const spawned_message_type walk_type = {.size = sizeof(spawned_message_type),
                                        .name = "word_count.walk",
                                        .flags = SPAWNED_TYPE_VARIABLE,
                                        .reply = &summary_type};
const spawned_message_type read_type = {.size = sizeof(spawned_message_type),
                                        .name = "word_count.read",
                                        .flags = SPAWNED_TYPE_VARIABLE,
                                        .reply = &bytes_type};
const spawned_message_type chunk_type = {.size = sizeof(spawned_message_type),
                                         .name = "word_count.chunk",
                                         .value_size = sizeof(chunk),
                                         .value_alignment = _Alignof(chunk),
                                         .flags = SPAWNED_TYPE_VARIABLE};
const spawned_message_type tally_type = {.size = sizeof(spawned_message_type),
                                         .name = "word_count.tally",
                                         .value_size = sizeof(tally),
                                         .value_alignment = _Alignof(tally),
                                         .flags = SPAWNED_TYPE_VARIABLE};
const spawned_message_type top_type =
    SPAWNED_REQUEST_TYPE("word_count.top", uint32_t, &ranking_type);

spawned_status request_path(spawned_pid to, const spawned_message_type *type, const char *path,
                            spawned_response **out_response) {
    const size_t size = strlen(path) + 1;
    spawned_message *message = NULL;
    void *storage = NULL;
    const spawned_status status = spawned_message_reserve(to, type, size, &message, &storage);
    if (status != SPAWNED_OK) {
        *out_response = spawned_response_of_error(status);
        return status;
    }
    memcpy(storage, path, size);
    return spawned_message_request(message, SPAWNED_FOREVER, out_response);
}

spawned_status fail_of_system(int error, const char *what) {
    char reason[128] = "", text[192];
    if (strerror_r(error, reason, sizeof reason) != 0) reason[0] = '\0';
    (void)snprintf(text, sizeof text, "%s: %s", what, reason);
    return spawned_fail(error, text, SPAWNED_ZERO_TERMINATED);
}
