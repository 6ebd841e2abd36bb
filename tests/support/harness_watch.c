/* What the harness watches: memory, log records, threads, tracked values. */
#include "harness_internal.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- memory ---- */

/* Stands before each block, so that giving back can be compared with taking. */
typedef struct block_header {
    size_t bytes;
    size_t alignment;
    uint64_t mark;
} block_header;

static const uint64_t block_alive = UINT64_C(0x616c6c6f63617465);
static const uint64_t block_freed = UINT64_C(0x6672656564626c6b);

static size_t block_offset(size_t alignment) {
    const size_t least = 64;
    return alignment > least ? alignment : least;
}

static void *watched_allocate(size_t bytes, size_t alignment, void *user_data) {
    harness *h = user_data;
    const size_t offset = block_offset(alignment);
    if (bytes == 0 || alignment == 0 || (alignment & (alignment - 1)) != 0) {
        atomic_fetch_add(&h->memory.faults, 1);
        return NULL;
    }
    void *base = NULL;
    if (posix_memalign(&base, offset, offset + bytes) != 0) return NULL;
    char *memory = (char *)base + offset;
    block_header header = {bytes, alignment, block_alive};
    memcpy(memory - sizeof header, &header, sizeof header);
    atomic_fetch_add(&h->memory.blocks, 1);
    atomic_fetch_add(&h->memory.bytes, (int64_t)bytes);
    return memory;
}

static void watched_deallocate(void *memory, size_t bytes, size_t alignment, void *user_data) {
    harness *h = user_data;
    block_header header;
    memcpy(&header, (char *)memory - sizeof header, sizeof header);
    if (header.mark != block_alive || header.bytes != bytes || header.alignment != alignment) {
        atomic_fetch_add(&h->memory.faults, 1);
        return;
    }
    header.mark = block_freed;
    memcpy((char *)memory - sizeof header, &header, sizeof header);
    atomic_fetch_sub(&h->memory.blocks, 1);
    atomic_fetch_sub(&h->memory.bytes, (int64_t)bytes);
    free((char *)memory - block_offset(alignment));
}

static void watched_end(void *user_data) {
    harness *h = user_data;
    atomic_fetch_add(&h->memory.ends, 1);
}

spawned_allocator harness_watch_allocator(harness *h) {
    return (spawned_allocator){sizeof(spawned_allocator), watched_allocate, watched_deallocate, h,
                               watched_end};
}

/* ---- log records ---- */

static void copy_text(char *target, size_t capacity, const char *source) {
    snprintf(target, capacity, "%s", source == NULL ? "" : source);
}

static void watched_write(const spawned_log_record *record, void *user_data) {
    harness *h = user_data;
    pthread_mutex_lock(&h->log.lock);
    if (h->log.count == h->log.capacity) {
        h->log.capacity = h->log.capacity == 0 ? 64 : h->log.capacity * 2;
        h->log.entries = realloc(h->log.entries, h->log.capacity * sizeof *h->log.entries);
        if (h->log.entries == NULL) abort();
    }
    harness_log_entry *entry = &h->log.entries[h->log.count++];
    entry->level = record->level;
    entry->pid = record->pid;
    entry->elapsed = record->elapsed;
    copy_text(entry->text, sizeof entry->text, record->text);
    copy_text(entry->actor_name, sizeof entry->actor_name, record->actor_name);
    copy_text(entry->message_name, sizeof entry->message_name, record->message_name);
    pthread_mutex_unlock(&h->log.lock);
}

spawned_log_sink harness_watch_sink(harness *h) {
    return (spawned_log_sink){sizeof(spawned_log_sink), SPAWNED_LOG_DEBUG, 0, watched_write, h};
}

static bool entry_matches(const harness_log_entry *entry, spawned_log_level level,
                          const char *part) {
    return entry->level == level &&
           (part == NULL || strstr(entry->text, part) != NULL ||
            strstr(entry->actor_name, part) != NULL || strstr(entry->message_name, part) != NULL);
}

size_t harness_log_count(harness *h, spawned_log_level level, const char *part) {
    size_t count = 0;
    pthread_mutex_lock(&h->log.lock);
    for (size_t i = 0; i < h->log.count; i++)
        count += entry_matches(&h->log.entries[i], level, part);
    pthread_mutex_unlock(&h->log.lock);
    return count;
}

bool harness_log_find(harness *h, spawned_log_level level, const char *part,
                      harness_log_entry *entry) {
    bool found = false;
    pthread_mutex_lock(&h->log.lock);
    for (size_t i = 0; i < h->log.count && !found; i++) {
        found = entry_matches(&h->log.entries[i], level, part);
        if (found) *entry = h->log.entries[i];
    }
    pthread_mutex_unlock(&h->log.lock);
    return found;
}

/* ---- threads ---- */

size_t harness_thread_count(void) {
    size_t count = 0;
    DIR *tasks = opendir("/proc/self/task");
    if (tasks == NULL) return 0;
    for (struct dirent *task = readdir(tasks); task != NULL; task = readdir(tasks))
        count += task->d_name[0] != '.';
    closedir(tasks);
    return count;
}

static bool threads_are_at_most(void *argument) {
    return harness_thread_count() <= *(const size_t *)argument;
}

bool harness_threads_return_to(size_t count) { return harness_poll(threads_are_at_most, &count); }

/* ---- tracked values ---- */

static harness_tracked next_tracked(harness *h, uint64_t number) {
    return (harness_tracked){h, atomic_fetch_add(&h->tracked_created, 1), number};
}

static void tracked_destroy(void *value, void *user_data) {
    (void)user_data;
    const harness_tracked *tracked = value;
    harness *h = tracked->owner;
    atomic_fetch_add(&h->tracked_destroyed, 1);
    if (tracked->serial < HARNESS_TRACKED_SERIALS &&
        atomic_fetch_add(&h->tracked_seen[tracked->serial], 1) != 0)
        atomic_fetch_add(&h->tracked_twice, 1);
}

static spawned_status tracked_copy(void *storage, const void *value, void *user_data) {
    (void)user_data;
    const harness_tracked *tracked = value;
    const harness_tracked copy = next_tracked(tracked->owner, tracked->number);
    memcpy(storage, &copy, sizeof copy);
    return SPAWNED_OK;
}

const spawned_message_type harness_tracked_type = {
    .size = sizeof(spawned_message_type),
    .name = "harness.tracked",
    .value_size = sizeof(harness_tracked),
    .value_alignment = SPAWNED_ALIGNOF(harness_tracked),
    .destroy = tracked_destroy,
    .copy = tracked_copy,
};

harness_tracked harness_tracked_make(harness *h, uint64_t number) {
    return next_tracked(h, number);
}

uint64_t harness_tracked_created(const harness *h) { return atomic_load(&h->tracked_created); }

uint64_t harness_tracked_destroyed(const harness *h) { return atomic_load(&h->tracked_destroyed); }

static bool all_are_destroyed(void *argument) {
    const harness *h = argument;
    return harness_tracked_destroyed(h) == harness_tracked_created(h);
}

bool harness_tracked_end(harness *h) { return harness_wait_until(h, all_are_destroyed, h); }

uint64_t harness_random(uint64_t *state) {
    uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

spawned_message *harness_tracked_message(harness *h, spawned_pid to, uint64_t number) {
    const harness_tracked value = next_tracked(h, number);
    spawned_message *message = NULL;
    (void)spawned_message_create(to, &harness_tracked_type, &value, &message);
    return message;
}

spawned_status harness_send_tracked(harness *h, spawned_pid to, uint64_t number) {
    const harness_tracked value = next_tracked(h, number);
    return spawned_send(to, &harness_tracked_type, &value);
}

/* ---- begin, check, end ---- */

void harness_watch_begin(harness *h) {
    pthread_mutex_init(&h->log.lock, NULL);
    h->tracked_seen = calloc(HARNESS_TRACKED_SERIALS, sizeof *h->tracked_seen);
    if (h->tracked_seen == NULL) abort();
}

void harness_watch_check(harness *h) {
    const int64_t blocks = atomic_load(&h->memory.blocks), bytes = atomic_load(&h->memory.bytes);
    const uint64_t faults = atomic_load(&h->memory.faults), ends = atomic_load(&h->memory.ends);
    if (blocks != 0 || bytes != 0)
        harness_fault(h, "%" PRId64 " blocks of %" PRId64 " bytes not given back", blocks, bytes);
    if (faults != 0) harness_fault(h, "%" PRIu64 " calls of the allocator were wrong", faults);
    if (ends != h->runtimes) {
        harness_fault(h, "%" PRIu64 " runtimes, the allocator was ended %" PRIu64 " times",
                      h->runtimes, ends);
    }
    const uint64_t created = harness_tracked_created(h), destroyed = harness_tracked_destroyed(h);
    if (created != destroyed || atomic_load(&h->tracked_twice) != 0) {
        harness_fault(h,
                      "%" PRIu64 " tracked values made, %" PRIu64 " destroyed, %" PRIu64 " twice",
                      created, destroyed, atomic_load(&h->tracked_twice));
    }
}

void harness_watch_end(harness *h) {
    free(h->log.entries);
    pthread_mutex_destroy(&h->log.lock);
    free((void *)h->tracked_seen);
}

int64_t harness_memory_held(const harness *h) { return atomic_load(&h->memory.bytes); }
