#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { lines_most = 1 << 14, live_magic = 0x76616c75, dead_magic = 0x64656164 };

static struct { const uint8_t *next, *end; } input;

static struct {
    uint32_t count;
    uint8_t ended[lines_most];
} ledger;

void fuzz_fail(const char *file, int line, const char *what) {
    fprintf(stderr, "%s:%d: not so: %s\n", file, line, what);
    abort();
}

void fuzz_begin(const uint8_t *data, size_t size) {
    input.next = data;
    input.end = data + size;
    memset(ledger.ended, 0, ledger.count);
    ledger.count = 0;
}

bool fuzz_more(void) { return input.next != input.end; }

uint8_t fuzz_byte(void) { return fuzz_more() ? *input.next++ : 0; }

uint32_t fuzz_below(uint32_t bound) {
    const uint32_t choice = bound <= 256 ? fuzz_byte() : fuzz_byte() | (uint32_t)fuzz_byte() << 8;
    return choice % bound;
}

void fuzz_bytes(void *to, size_t size) {
    unsigned char *bytes = to;
    for (size_t i = 0; i < size; ++i) bytes[i] = fuzz_byte();
}

uint64_t fuzz_word(void) {
    uint64_t word;
    fuzz_bytes(&word, sizeof word);
    return word;
}

fuzz_value fuzz_new_value(uint64_t number) {
    FUZZ_CHECK(ledger.count < lines_most);
    return (fuzz_value){live_magic, ledger.count++, number};
}

void fuzz_end_value(void *value, void *user_data) {
    (void)user_data;
    fuzz_value *one = value;
    FUZZ_CHECK(one->magic == live_magic);
    FUZZ_CHECK(one->line < ledger.count && ledger.ended[one->line] == 0);
    one->magic = dead_magic;
    ledger.ended[one->line] = 1;
}

/* Now and then there is no copy to be had. */
spawned_status fuzz_copy_value(void *storage, const void *value, void *user_data) {
    (void)user_data;
    const fuzz_value *from = value;
    FUZZ_CHECK(from->magic == live_magic);
    if (ledger.count % 7 == 6 || ledger.count > lines_most / 2) return SPAWNED_ENOMEM;
    *(fuzz_value *)storage = fuzz_new_value(from->number);
    return SPAWNED_OK;
}

bool fuzz_is_ended(const fuzz_value *value) { return ledger.ended[value->line] != 0; }

void fuzz_expect_all_ended(void) {
    for (uint32_t line = 0; line < ledger.count; ++line) FUZZ_CHECK(ledger.ended[line] == 1);
}

static void *take(size_t bytes, size_t alignment, void *user_data) {
    fuzz_memory *memory = user_data;
    if (memory->left == 0) return NULL;
    if (memory->left != SIZE_MAX) --memory->left;
    void *block = NULL;
    if (posix_memalign(&block, alignment < sizeof(void *) ? sizeof(void *) : alignment, bytes) != 0)
        return NULL;
    ++memory->blocks;
    memory->bytes += bytes;
    return block;
}

static void give_back(void *block, size_t bytes, size_t alignment, void *user_data) {
    (void)alignment;
    fuzz_memory *memory = user_data;
    --memory->blocks;
    memory->bytes -= bytes;
    free(block);
}

static void end(void *user_data) { ++((fuzz_memory *)user_data)->ended; }

spawned_allocator fuzz_allocator(fuzz_memory *memory) {
    spawned_allocator allocator = SPAWNED_ALLOCATOR_INIT;
    allocator.allocate = take;
    allocator.deallocate = give_back;
    allocator.user_data = memory;
    allocator.destroy = end;
    return allocator;
}

void fuzz_expect_all_returned(const fuzz_memory *memory) {
    FUZZ_CHECK(memory->blocks == 0);
    FUZZ_CHECK(memory->bytes == 0);
    FUZZ_CHECK(memory->ended == 1);
}
