/* Text without actors: UTF-8 checked and words found in pieces, and a table that counts words. */
#ifndef TEXT_H
#define TEXT_H

#include <stddef.h>
#include <stdint.h>

enum { LONGEST_WORD = 255 };

/* Bytes a character still needs, and the range of the next one. Starts as zeroes. */
typedef struct utf8 {
    unsigned missing, low, high;
} utf8;

/* Checks the next piece; the number of bytes that were right: length, if all were. */
size_t utf8_check(utf8 *state, const char *text, size_t length);

typedef struct word {
    uint64_t count, hash;
    size_t text; /* where in words.text */
    uint32_t length;
} word;

/* Words with their counts, in the order of their first appearance. Starts as zeroes. */
typedef struct words {
    word *list;
    uint32_t *slots; /* open addressing; an index into list plus one */
    char *text;
    size_t count, slot_count, list_room, text_size, text_room;
} words;

/* Adds count to a word; -1 when memory is short. */
int words_add(words *table, const char *text, size_t length, uint64_t count);
/* Empties the table and keeps what little memory the next file is likely to need. */
void words_clear(words *table);
void words_free(words *table);

/* The word at the end of a piece, which may go on in the next. Starts as zeroes. */
typedef struct word_scan {
    size_t length;
    char word[LONGEST_WORD + 1]; /* one more, to know where a cut word's last character begins */
} word_scan;

/* Counts the words that end in this piece; -1 when memory is short. */
int word_scan_piece(word_scan *scan, words *table, const char *text, size_t length);
/* Counts the word that the end of the file ends. */
int word_scan_end(word_scan *scan, words *table);

#endif
