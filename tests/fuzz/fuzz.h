/* What the fuzzers share: bytes as a source of choices, a ledger of values, memory that is counted, and
 * failing loudly. One run at a time. */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <spawned.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

SPAWNED_BEGIN_C

#ifdef __cplusplus
[[noreturn]]
#else
_Noreturn
#endif
void fuzz_fail(const char *file, int line, const char *what);
#define FUZZ_CHECK(condition) ((condition) ? (void)0 : fuzz_fail(__FILE__, __LINE__, #condition))
#define FUZZ_OK(call) FUZZ_CHECK((call) == SPAWNED_OK)

/* The run's bytes; zeros after their end. */
void fuzz_begin(const uint8_t *data, size_t size);
bool fuzz_more(void);
uint8_t fuzz_byte(void);
uint32_t fuzz_below(uint32_t bound); /* at most 65,536 */
uint64_t fuzz_word(void);
void fuzz_bytes(void *to, size_t size);

/* Every value is ended once, by the library or by whoever still holds it. */
typedef struct fuzz_value {
    uint32_t magic;
    uint32_t line; /* in the ledger */
    uint64_t number;
} fuzz_value;

fuzz_value fuzz_new_value(uint64_t number);
void fuzz_end_value(void *value, void *user_data);
spawned_status fuzz_copy_value(void *storage, const void *value, void *user_data);
bool fuzz_is_ended(const fuzz_value *value);
void fuzz_expect_all_ended(void);

/* An allocator that counts, and refuses when `left` comes to 0 (SIZE_MAX: never). */
typedef struct fuzz_memory {
    size_t blocks, bytes, ended, left;
} fuzz_memory;
spawned_allocator fuzz_allocator(fuzz_memory *memory);
void fuzz_expect_all_returned(const fuzz_memory *memory);

/* The choices of a deterministic runtime come from these bytes first, which must stay. */
void fuzz_follow(spawned_runtime *runtime, const uint8_t *choices, size_t count);

SPAWNED_END_C

#endif
