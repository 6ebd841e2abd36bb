/* Structs with a size, filled with anything: what is too short, too long with something unknown set, or
 * carries unknown flags is refused; what is accepted works; nothing behind a struct's end is touched. */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

enum { longest = 256, most_slots = (1 << 24) - 1 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* `used` bytes of the heap with the sanitizer's guard right behind them, filled from the input. */
static void *filled(size_t used) {
    unsigned char *bytes = malloc(used);
    FUZZ_CHECK(bytes != NULL);
    fuzz_bytes(bytes, used);
    return bytes;
}

static bool is_zero(const void *from, size_t count) {
    const unsigned char *bytes = from;
    for (size_t i = 0; i < count; ++i)
        if (bytes[i] != 0) return false;
    return true;
}

/* A size near the right one most of the time. */
static size_t any_size(size_t right) {
    switch (fuzz_below(8)) {
        case 0:
            return fuzz_below(longest);
        case 1:
            return right + fuzz_below(64);
        case 2:
            return right - fuzz_below((uint32_t)right < 64 ? (uint32_t)right : 64);
        default:
            return right;
    }
}

/* The struct claims `claimed` bytes; so many there are, and its own size at least. */
static void *any_struct(size_t right, size_t *out_claimed, bool *out_acceptable) {
    const size_t claimed = any_size(right);
    const size_t there = claimed < right ? right : claimed;
    unsigned char *bytes = filled(there);
    if (claimed > right && fuzz_below(2) == 0) memset(bytes + right, 0, claimed - right);
    memcpy(bytes, &claimed, sizeof claimed);
    *out_claimed = claimed;
    *out_acceptable =
        claimed >= right && (claimed == right || is_zero(bytes + right, claimed - right));
    return bytes;
}

static void no_log(const spawned_log_record *record, void *user_data) {
    (void)record, (void)user_data;
}

/* Now and then a field is what it should be, so that other fields are looked at. */
#define TAME(field, value) ((fuzz_below(8) != 0) ? (void)((field) = (value)) : (void)0)

static void create_runtimes(void) {
    size_t claimed;
    bool good;
    spawned_runtime_options *options = any_struct(sizeof *options, &claimed, &good);
    fuzz_memory memory = {.left = SIZE_MAX};
    spawned_allocator allocator = fuzz_allocator(&memory);
    spawned_log_sink sink = SPAWNED_LOG_SINK_INIT;
    sink.write = no_log;
    sink.level = fuzz_byte();
    options->allocator = &allocator;
    options->log = fuzz_below(2) == 0 ? &sink : NULL;
    TAME(options->flags, SPAWNED_RUNTIME_DETERMINISTIC);
    TAME(options->workers, 1u);
    TAME(options->blocking_threads, 1u);
    TAME(options->max_actors, 10u);
    TAME(options->max_payload, (size_t)1000);
    if (fuzz_below(8) == 0) allocator.size = any_size(sizeof allocator) % sizeof allocator;
    if (fuzz_below(8) == 0) allocator.allocate = NULL;
    options->flags |= SPAWNED_RUNTIME_DETERMINISTIC; /* no threads by chance */
    const uint32_t known = SPAWNED_RUNTIME_DETERMINISTIC | SPAWNED_RUNTIME_THREADS;
    const bool allowed = good && (options->flags & ~known) == 0 &&
                         allocator.size == sizeof allocator && allocator.allocate != NULL;
    spawned_runtime *runtime = (spawned_runtime *)&memory;
    const spawned_status status = spawned_runtime_create(options, &runtime);
    FUZZ_CHECK(status == SPAWNED_OK || status == SPAWNED_EINVAL);
    FUZZ_CHECK(allowed || status == SPAWNED_EINVAL);
    FUZZ_CHECK((status == SPAWNED_OK) == (runtime != NULL));
    if (runtime != NULL) {
        FUZZ_OK(spawned_runtime_destroy(runtime));
        fuzz_expect_all_returned(&memory);
    }
    FUZZ_CHECK(memory.blocks == 0);
    free(options);
}

static spawned_status fail_init(void *state, void *argument, void *user_data) {
    (void)state, (void)argument, (void)user_data;
    return 1;
}

static char names[longest]; /* a few bytes of any kind, and a zero */

static spawned_actor_options *any_options(bool *out_good) {
    size_t claimed;
    spawned_actor_options *options = any_struct(sizeof *options, &claimed, out_good);
    options->name = fuzz_below(2) == 0 ? names : NULL;
    if (options->name_length > sizeof names && options->name_length != SPAWNED_ZERO_TERMINATED)
        options->name_length %= sizeof names;
    TAME(options->backend, fuzz_below(4));
    TAME(options->overflow, fuzz_below(5));
    return options;
}

/* Its actors fail in init. */
static spawned_behavior *any_behavior(bool *out_good) {
    size_t claimed;
    spawned_behavior *behavior = any_struct(sizeof *behavior, &claimed, out_good);
    behavior->name = fuzz_below(8) == 0 ? NULL : names;
    behavior->handlers = NULL;
    behavior->handler_count = 0;
    behavior->otherwise = NULL;
    behavior->init = fail_init;
    behavior->started = NULL;
    behavior->stopped = NULL;
    behavior->destroy = NULL;
    TAME(behavior->flags, fuzz_below(4));
    TAME(behavior->state_size, (size_t)fuzz_below(2000));
    TAME(behavior->state_alignment, (size_t)fuzz_below(129));
    return behavior;
}

static void start_actors(spawned_runtime *runtime) {
    bool options_good, behavior_good;
    fuzz_bytes(names, fuzz_below(8));
    spawned_actor_options *options = any_options(&options_good);
    spawned_behavior *behavior = any_behavior(&behavior_good);
    const spawned_behavior *copied = NULL;
    const spawned_status copy_status = spawned_behavior_create(runtime, behavior, &copied);
    FUZZ_CHECK((copy_status == SPAWNED_OK) == (copied != NULL));
    if (!behavior_good) FUZZ_CHECK(copy_status == SPAWNED_EINVAL);
    /* A table that was started once has to outlive its runtime, which this one does not: what is
       well formed starts from its copy. Nothing comes of it, for it fails in init. */
    spawned_pid pid = 0;
    const spawned_status status =
        spawned_actor_start(runtime, copied != NULL ? copied : behavior, options, &pid);
    FUZZ_CHECK(status == 1 || status == SPAWNED_EINVAL || status == SPAWNED_EPERM ||
               status == SPAWNED_ENOMEM || status == SPAWNED_ELIMIT || status == SPAWNED_ETOOBIG);
    if (!options_good || !behavior_good) FUZZ_CHECK(status == SPAWNED_EINVAL);
    free(options);
    free(behavior);
}

/* A child in a supervisor, or none; nothing is started. */
static void describe_trees(void) {
    size_t claimed;
    bool self_good, child_good, options_good, behavior_good;
    fuzz_bytes(names, fuzz_below(8));
    spawned_supervisor *self = any_struct(sizeof *self, &claimed, &self_good);
    spawned_child *child = any_struct(sizeof *child, &claimed, &child_good);
    spawned_actor_options *options = any_options(&options_good);
    spawned_behavior *behavior = any_behavior(&behavior_good);
    spawned_supervisor below = {0};
    FUZZ_OK(spawned_supervisor_init(&below, sizeof below, "below"));
    const spawned_child *const list[] = {fuzz_below(8) == 0 ? NULL : child};
    self->name = fuzz_below(8) == 0 ? NULL : names;
    self->children = fuzz_below(8) == 0 ? NULL : list;
    self->child_count = fuzz_below(4) != 0;
    TAME(self->strategy, fuzz_below(5));
    TAME(self->auto_shutdown, fuzz_below(4));
    TAME(self->flags, fuzz_below(8) == 0);
    TAME(self->children_max, 0u);
    child->id = fuzz_below(8) == 0 ? NULL : names;
    child->behavior = fuzz_below(8) == 0 ? NULL : behavior;
    child->supervisor = fuzz_below(8) == 0 ? &below : NULL;
    child->options = fuzz_below(2) == 0 ? NULL : options;
    TAME(child->restart, fuzz_below(4));
    TAME(child->flags, fuzz_below(5));
    TAME(child->shutdown, 0u);
    TAME(options->argument, NULL);
    char why[80];
    const spawned_status status = spawned_supervisor_check(self, why, sizeof why);
    FUZZ_CHECK(status == SPAWNED_OK || status == SPAWNED_EINVAL);
    FUZZ_CHECK((status == SPAWNED_OK) == (why[0] == 0));
    const bool has_child = self->child_count == 1 && self->children != NULL && list[0] != NULL;
    if (!self_good || (has_child && !child_good)) FUZZ_CHECK(status == SPAWNED_EINVAL);
    if (has_child && child->behavior != NULL && child->supervisor != NULL)
        FUZZ_CHECK(status == SPAWNED_EINVAL);
    free(self);
    free(child);
    free(options);
    free(behavior);
}

static void describe_hosts(spawned_runtime *runtime) {
    size_t claimed;
    bool good;
    spawned_host_options *options = any_struct(sizeof *options, &claimed, &good);
    spawned_host *host = NULL;
    const spawned_status status = spawned_host_create(runtime, options, &host);
    FUZZ_CHECK(host == NULL);
    FUZZ_CHECK(status == SPAWNED_EINVAL || (good && status == SPAWNED_EUNSUPPORTED));
    free(options);
}

static void describe_types(spawned_runtime *runtime) {
    size_t claimed;
    bool good, reply_good;
    static const char name[] = "fuzz.type";
    spawned_message_type *type = any_struct(sizeof *type, &claimed, &good);
    spawned_message_type *reply = any_struct(sizeof *reply, &claimed, &reply_good);
    spawned_message_type *const both[] = {type, reply};
    for (int i = 0; i < 2; ++i) {
        both[i]->name = fuzz_below(8) == 0 ? NULL : name;
        both[i]->destroy = NULL;
        both[i]->copy = NULL;
        both[i]->reply = i == 0 && fuzz_below(2) == 0 ? reply : NULL;
        TAME(both[i]->codec, NULL);
        TAME(both[i]->reserved, 0u);
        TAME(both[i]->flags, fuzz_below(8));
        TAME(both[i]->value_alignment, (size_t)1 << fuzz_below(7));
        TAME(both[i]->value_size, (size_t)fuzz_below(300));
    }
    if (type->reply == NULL) reply_good = true;
    const spawned_message_type *copied = NULL;
    const spawned_status status = spawned_message_type_create(runtime, type, &copied);
    FUZZ_CHECK((status == SPAWNED_OK) == (copied != NULL));
    if (!good || !reply_good) FUZZ_CHECK(status == SPAWNED_EINVAL);
    spawned_message *message = NULL;
    void *storage = NULL;
    /* No such actor: whatever the type says, nothing is built. */
    FUZZ_CHECK(spawned_message_reserve(0, type, fuzz_below(100), &message, &storage) ==
               SPAWNED_EINVAL);
    FUZZ_CHECK(message == NULL && storage == NULL);
    free(type);
    free(reply);
}

/* Results are written as far as the caller's struct goes, and not a byte further. */
static void read_results(spawned_runtime *runtime) {
    size_t claimed;
    bool good;
    spawned_runtime_stats *stats = any_struct(sizeof *stats, &claimed, &good);
    spawned_status status = spawned_runtime_stats_get(runtime, stats);
    FUZZ_CHECK((status == SPAWNED_OK) == (claimed >= sizeof *stats));
    free(stats);
    spawned_exit *exit = any_struct(sizeof *exit, &claimed, &good);
    char text[8];
    status = spawned_actor_exit_reason(fuzz_word(), exit, text, fuzz_below(sizeof text + 1));
    FUZZ_CHECK(claimed >= sizeof *exit || status == SPAWNED_EINVAL);
    free(exit);
    const size_t stride = any_size(sizeof(spawned_actor_report));
    const size_t capacity = fuzz_below(4);
    void *reports = filled(stride * capacity + 1);
    size_t count = 0;
    status = spawned_runtime_busy(runtime, reports, stride, capacity, &count);
    FUZZ_CHECK(status == SPAWNED_OK || status == SPAWNED_EINVAL);
    free(reports);
}

/* The functions that initialise fill exactly what they are told to. */
static void initialise(void) {
    const size_t size = fuzz_below(2 * longest);
    void *place = filled(size);
    spawned_status status = SPAWNED_OK;
    switch (fuzz_below(13)) {
        case 0:
            status = spawned_runtime_options_init(place, size);
            break;
        case 1:
            status = spawned_actor_report_init(place, size);
            break;
        case 2:
            status = spawned_runtime_stats_init(place, size);
            break;
        case 3:
            status = spawned_actor_options_init(place, size);
            break;
        case 4:
            status = spawned_behavior_init(place, size, "name");
            break;
        case 5:
            status = spawned_exit_init(place, size);
            break;
        case 6:
            status = spawned_message_type_init(place, size, "name", fuzz_byte(), fuzz_byte());
            break;
        case 7:
            status = spawned_allocator_init(place, size);
            break;
        case 8:
            status = spawned_child_init(place, size, "id");
            break;
        case 9:
            status = spawned_supervisor_init(place, size, "name");
            break;
        case 10:
            status = spawned_child_info_init(place, size);
            break;
        case 11:
            status = spawned_message_info_init(place, size);
            break;
        default:
            status = spawned_log_sink_init(place, size);
            break;
    }
    FUZZ_CHECK(status == SPAWNED_OK || status == SPAWNED_EINVAL);
    if (status == SPAWNED_OK) {
        size_t written;
        memcpy(&written, place, sizeof written);
        FUZZ_CHECK(written == size);
    }
    free(place);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static spawned_runtime *runtime;
    static int uses;
    /* Descriptions are copied into the runtime: a new one now and then. */
    if (runtime != NULL && ++uses > 10000) {
        FUZZ_OK(spawned_runtime_destroy(runtime));
        runtime = NULL;
    }
    if (runtime == NULL) {
        spawned_runtime_options options = SPAWNED_RUNTIME_OPTIONS_INIT;
        options.flags = SPAWNED_RUNTIME_DETERMINISTIC;
        FUZZ_OK(spawned_runtime_create(&options, &runtime));
        uses = 0;
    }
    fuzz_begin(data, size);
    while (fuzz_more()) {
        switch (fuzz_below(20)) {
            case 0:
                create_runtimes();
                break;
            case 8:
            case 9:
            case 10:
                describe_trees();
                break;
            case 11:
                describe_hosts(runtime);
                break;
            case 1:
            case 2:
            case 3:
                describe_types(runtime);
                break;
            case 4:
            case 5:
                read_results(runtime);
                break;
            case 6:
            case 7:
                initialise();
                break;
            default:
                start_actors(runtime);
                break;
        }
    }
    return 0;
}
