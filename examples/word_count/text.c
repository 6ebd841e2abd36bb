#include "text.h"

#include <stdlib.h>
#include <string.h>

size_t utf8_check(utf8 *state, const char *text, size_t length) {
    const unsigned char *bytes = (const unsigned char *)text;
    utf8 s = *state;
    size_t i = 0;
    for (; i < length; i++) {
        const unsigned byte = bytes[i];
        if (s.missing > 0) {
            if (byte < s.low || byte > s.high) break;
            s = (utf8){s.missing - 1, 0x80, 0xBF};
        } else if (byte >= 0x80) {
            if (byte < 0xC2 || byte > 0xF4) break;
            /* Overlong forms, surrogates and what lies beyond Unicode show in the second byte. */
            s.missing = byte < 0xE0 ? 1 : byte < 0xF0 ? 2 : 3;
            s.low = byte == 0xE0 ? 0xA0 : byte == 0xF0 ? 0x90 : 0x80;
            s.high = byte == 0xED ? 0x9F : byte == 0xF4 ? 0x8F : 0xBF;
        }
    }
    *state = s;
    return i;
}

static uint64_t hash_of(const char *text, size_t length) {
    uint64_t hash = 14695981039346656037u;
    for (size_t i = 0; i < length; i++) hash = (hash ^ (unsigned char)text[i]) * 1099511628211u;
    return hash ^ hash >> 32;
}

/* Doubles *memory until it holds needed elements. */
static int make_room(void **memory, size_t *room, size_t needed, size_t element) {
    if (needed <= *room) return 0;
    size_t wanted = *room > 0 ? *room : 64;
    while (wanted < needed) wanted *= 2;
    void *grown = realloc(*memory, wanted * element);
    if (grown == NULL) return -1;
    *memory = grown;
    *room = wanted;
    return 0;
}

/* At most half of the slots are used, so that a search soon meets a free one. */
static int make_slots(words *table) {
    if (table->count * 2 < table->slot_count) return 0;
    const size_t wanted = table->slot_count > 0 ? table->slot_count * 2 : 256;
    uint32_t *slots = calloc(wanted, sizeof *slots);
    if (slots == NULL) return -1;
    for (size_t i = 0; i < table->count; i++) {
        size_t at = table->list[i].hash & (wanted - 1);
        while (slots[at] != 0) at = (at + 1) & (wanted - 1);
        slots[at] = (uint32_t)(i + 1);
    }
    free(table->slots);
    table->slots = slots;
    table->slot_count = wanted;
    return 0;
}

int words_add(words *table, const char *text, size_t length, uint64_t count) {
    if (make_slots(table) != 0) return -1;
    const uint64_t hash = hash_of(text, length);
    size_t at = hash & (table->slot_count - 1);
    for (; table->slots[at] != 0; at = (at + 1) & (table->slot_count - 1)) {
        word *known = &table->list[table->slots[at] - 1];
        if (known->hash != hash || known->length != length) continue;
        if (memcmp(table->text + known->text, text, length) != 0) continue;
        known->count += count;
        return 0;
    }
    if (make_room((void **)&table->list, &table->list_room, table->count + 1, sizeof(word)) != 0 ||
        make_room((void **)&table->text, &table->text_room, table->text_size + length, 1) != 0)
        return -1;
    memcpy(table->text + table->text_size, text, length);
    table->list[table->count++] = (word){count, hash, table->text_size, (uint32_t)length};
    table->slots[at] = (uint32_t)table->count;
    table->text_size += length;
    return 0;
}

void words_clear(words *table) {
    /* One large file must not make every small one after it pay for a large table. */
    if (table->slot_count > 8192) {
        words_free(table);
        return;
    }
    if (table->count > 0) memset(table->slots, 0, table->slot_count * sizeof *table->slots);
    table->count = table->text_size = 0;
}

void words_free(words *table) {
    free(table->list);
    free(table->slots);
    free(table->text);
    *table = (words){0};
}

static int is_of_a_word(unsigned char byte) {
    return byte >= 0x80 || byte == '_' || (byte >= '0' && byte <= '9') ||
           (byte >= 'a' && byte <= 'z');
}

int word_scan_end(word_scan *scan, words *table) {
    size_t length = scan->length;
    if (length == 0) return 0;
    scan->length = 0;
    if (length > LONGEST_WORD)
        for (length = LONGEST_WORD; ((unsigned char)scan->word[length] & 0xC0) == 0x80;) length--;
    return words_add(table, scan->word, length, 1);
}

int word_scan_piece(word_scan *scan, words *table, const char *text, size_t length) {
    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)text[i];
        if (byte >= 'A' && byte <= 'Z') byte = (unsigned char)(byte - 'A' + 'a');
        if (is_of_a_word(byte)) {
            if (scan->length < sizeof scan->word) scan->word[scan->length++] = (char)byte;
        } else if (word_scan_end(scan, table) != 0) {
            return -1;
        }
    }
    return 0;
}
