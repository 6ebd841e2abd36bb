/* The words that the actors of this example share: who they are and what they say to each other.
 *
 *   main -> walker (blocking): walk DIR          walker -> reader (blocking): read one file
 *   reader -> counter (pool): a chunk of text    counter -> totals (pool): the words of a file
 *
 * A supervisor starts the totals, the readers' supervisor with its readers, and the walker, in this order.
 *
 * A word is a maximal run of ASCII letters, digits, '_' and bytes above ASCII, with ASCII letters in
 * lower case. Of a word longer than 255 bytes the first 255 count, cut at a character's border. */
#ifndef WORD_COUNT_H
#define WORD_COUNT_H

#include <stddef.h>
#include <stdint.h>

#include <spawned.h>

/* Files read at a time: with their two chunks each and a bounded mailbox of the totals, all the text
 * that is ever in memory. */
enum { LANES = 8, CHUNK = 64 * 1024, TALLY = 16 * 1024, TALLIES_WAITING = 32 };

/* Refused files that are named; the rest is counted. */
enum { REFUSALS_TOLD = 10 };

#define TOTALS_NAME "totals"
#define READERS_NAME "readers" /* their supervisor */

/* The bytes of a reader's id. */
enum { READER_ID = 16 };

typedef struct settings {
    const char *directory;
    uint32_t top;
    int quiet;
} settings;

/* walk: a path, answered with a summary. */
typedef struct summary {
    uint64_t files, refused, bytes;
} summary;

/* A piece of a file. */
typedef struct chunk {
    int32_t first, last;
    uint32_t length;
    char text[];
} chunk;

/* Words of a file, packed one after another: count, length, bytes. */
typedef struct tally {
    int32_t last; /* 1: the file's last one */
    uint32_t length;
    char entries[];
} tally;

typedef struct ranked_word {
    uint64_t count;
    uint32_t length;
    char text[256];
} ranked_word;

/* top: how many, answered with a ranking. */
typedef struct ranking {
    uint64_t words, distinct;
    uint32_t length;
    ranked_word best[];
} ranking;

extern const spawned_message_type walk_type;  /* char[]: where; reply: summary */
extern const spawned_message_type read_type;  /* char[]: which file; reply: uint64_t, its bytes */
extern const spawned_message_type chunk_type; /* chunk; the reply has no value: counted */
extern const spawned_message_type tally_type; /* tally */
extern const spawned_message_type top_type;   /* uint32_t: how many; reply: ranking */

extern const spawned_behavior walker; /* argument: const settings * */
extern const spawned_behavior reader;
extern const spawned_behavior counter;
extern const spawned_behavior totals; /* argument: const settings * */

/* Starts everybody. */
spawned_status household_start(spawned_runtime *runtime, settings *s, spawned_pid *out_tree);
/* A supervisor's child that is there just now; else an error. */
spawned_status household_find(spawned_pid supervisor, const char *id, spawned_pid *out_pid);
/* How often readers have been started anew so far. */
spawned_status household_restarts(spawned_pid tree, uint64_t *out_restarts);
/* What the reader of a lane is called there. */
void name_reader(size_t lane, char *id);

/* Sends text as a request of walk_type or read_type. */
spawned_status request_path(spawned_pid to, const spawned_message_type *type, const char *path,
                            spawned_response **out_response);

/* Fails the running handler because of a system call: its errno, its name, the system's words. */
spawned_status fail_of_system(int error, const char *what);

#endif
