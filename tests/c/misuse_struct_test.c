/* Structs that lie: too short, too long with something unknown behind, unknown flags, impossible
 * numbers, bad descriptions and names. Every one is refused before anything happens. */
#include "support/contract.h"

#define refuse(call) assert_status(call, SPAWNED_EINVAL)

enum { TAIL = 32 };

/* ---- sizes ---- */

/* Calls with a struct whose size field says size, followed by a tail of this byte. */
typedef spawned_status (*sized_call)(harness *h, size_t size, unsigned char tail);

static spawned_status create_sized(harness *h, size_t size, unsigned char tail) {
    struct {
        spawned_runtime_options options;
        unsigned char tail[TAIL];
    } grown;
    memset(&grown, tail, sizeof grown);
    harness_runtime_options(h, &grown.options);
    grown.options.size = size;
    spawned_runtime *runtime = NULL;
    const spawned_status status = spawned_runtime_create(&grown.options, &runtime);
    if (status == SPAWNED_OK)
        spawned_runtime_destroy(runtime);
    else if (runtime != NULL)
        return SPAWNED_EFAILED;
    return status;
}

static spawned_status start_sized(harness *h, size_t size, unsigned char tail) {
    struct {
        spawned_actor_options options;
        unsigned char tail[TAIL];
    } grown;
    memset(&grown, tail, sizeof grown);
    spawned_actor_options_init(&grown.options, sizeof grown.options);
    grown.options.argument = harness_probe_new(h);
    grown.options.size = size;
    spawned_pid pid = 0;
    return spawned_actor_start(harness_runtime(h), &harness_probe_behavior, &grown.options, &pid);
}

static spawned_status allocate_sized(harness *h, size_t size, unsigned char tail) {
    struct {
        spawned_allocator allocator;
        unsigned char tail[TAIL];
    } grown;
    memset(&grown, tail, sizeof grown);
    spawned_allocator_init(&grown.allocator, sizeof grown.allocator);
    grown.allocator.size = size;
    spawned_runtime_options options;
    harness_runtime_options(h, &options);
    options.allocator = &grown.allocator;
    spawned_runtime *runtime = NULL;
    return spawned_runtime_create(&options, &runtime);
}

static void ignore_record(const spawned_log_record *record, void *user_data) {
    (void)record;
    (void)user_data;
}

static spawned_status log_sized(harness *h, size_t size, unsigned char tail) {
    struct {
        spawned_log_sink sink;
        unsigned char tail[TAIL];
    } grown;
    memset(&grown, tail, sizeof grown);
    spawned_log_sink_init(&grown.sink, sizeof grown.sink);
    grown.sink.write = ignore_record;
    grown.sink.size = size;
    spawned_runtime_options options;
    harness_runtime_options(h, &options);
    options.log = &grown.sink;
    spawned_runtime *runtime = NULL;
    const spawned_status status = spawned_runtime_create(&options, &runtime);
    if (status == SPAWNED_OK) spawned_runtime_destroy(runtime);
    return status;
}

static spawned_status exit_sized(harness *h, size_t size, unsigned char tail) {
    struct {
        spawned_exit exit;
        unsigned char tail[TAIL];
    } grown;
    memset(&grown, tail, sizeof grown);
    grown.exit.size = size;
    return spawned_actor_exit_reason(harness_probe_start(h, harness_probe_new(h), NULL),
                                     &grown.exit, NULL, 0);
}

static spawned_status stats_sized(harness *h, size_t size, unsigned char tail) {
    struct {
        spawned_runtime_stats stats;
        unsigned char tail[TAIL];
    } grown;
    memset(&grown, tail, sizeof grown);
    grown.stats.size = size;
    return spawned_runtime_stats_get(harness_runtime(h), &grown.stats);
}

static spawned_status behave_sized(harness *h, size_t size, unsigned char tail) {
    struct {
        spawned_behavior behavior;
        unsigned char tail[TAIL];
    } grown;
    memset(&grown, tail, sizeof grown);
    spawned_behavior_init(&grown.behavior, sizeof grown.behavior, "sized");
    grown.behavior.size = size;
    const spawned_behavior *made = NULL;
    return spawned_behavior_create(harness_runtime(h), &grown.behavior, &made);
}

static spawned_status type_sized(harness *h, size_t size, unsigned char tail) {
    struct {
        spawned_message_type type;
        unsigned char tail[TAIL];
    } grown;
    memset(&grown, tail, sizeof grown);
    spawned_message_type_init(&grown.type, sizeof grown.type, "sized", 8, 8);
    grown.type.size = size;
    const spawned_message_type *made = NULL;
    return spawned_message_type_create(harness_runtime(h), &grown.type, &made);
}

static spawned_status report_sized(harness *h, size_t size, unsigned char tail) {
    struct {
        spawned_actor_report report;
        unsigned char tail[TAIL];
    } grown;
    size_t count = 0;
    memset(&grown, tail, sizeof grown);
    grown.report.size = size;
    harness_probe_start(h, harness_probe_new(h), NULL); /* there must be something to report */
    return spawned_runtime_busy(harness_runtime(h), &grown.report, size, 1, &count);
}

/* data: the size; result: what was answered. */
static spawned_status look_sized(spawned_context *context, harness_probe *probe, uint64_t number) {
    struct {
        spawned_message_info info;
        unsigned char tail[TAIL];
    } grown;
    memset(&grown, (int)number, sizeof grown);
    grown.info.size = *(const size_t *)probe->data;
    probe->result = spawned_context_message(context, &grown.info);
    return SPAWNED_OK;
}

static spawned_status info_sized(harness *h, size_t size, unsigned char tail) {
    harness_probe *probe = harness_probe_new(h);
    const uint64_t number = tail;
    uint64_t answer = 0;
    probe->on_number = look_sized;
    probe->data = &size;
    const spawned_pid pid = harness_probe_start(h, probe, NULL);
    const spawned_status status =
        spawned_request(pid, &harness_ask_type, &number, HARNESS_LONG, &answer);
    return status == SPAWNED_OK ? (spawned_status)probe->result : status;
}

/* AB03 */
static void structs_that_are_too_short_are_refused(void **state) {
    harness *h = *state;
    static const sized_call calls[] = {create_sized, start_sized, allocate_sized, log_sized,
                                       exit_sized,   stats_sized, behave_sized,   type_sized,
                                       info_sized,   report_sized};
    static const size_t sizes[] = {0, 1, 7, 8, SIZE_MAX, SIZE_MAX / 2 + 1};
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) refuse(calls[i](h, sizes[k], 0));
    }
}

/* AB03 */
static void longer_structs_are_accepted_when_nothing_unknown_is_set(void **state) {
    harness *h = *state;
    static const sized_call calls[] = {create_sized, start_sized, log_sized, behave_sized,
                                       type_sized};
    static const size_t sizes[] = {sizeof(spawned_runtime_options), sizeof(spawned_actor_options),
                                   sizeof(spawned_log_sink), sizeof(spawned_behavior),
                                   sizeof(spawned_message_type)};
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        assert_ok(calls[i](h, sizes[i], 0xff)); /* what is not part of it is not read */
        assert_ok(calls[i](h, sizes[i] + TAIL, 0));
        refuse(calls[i](h, sizes[i] + TAIL, 1));
        refuse(calls[i](h, sizes[i] + 1, 1));
    }
    /* What the library fills in may be longer whatever stands there before. */
    assert_ok(exit_sized(h, sizeof(spawned_exit) + TAIL, 0));
    assert_ok(exit_sized(h, sizeof(spawned_exit) + TAIL, 1));
    assert_ok(stats_sized(h, sizeof(spawned_runtime_stats) + TAIL, 1));
    assert_ok(report_sized(h, sizeof(spawned_actor_report) + TAIL, 1));
    assert_ok(info_sized(h, sizeof(spawned_message_info) + TAIL, 1));
}

/* AB03 */
static void functions_that_initialize_refuse_impossible_sizes(void **state) {
    (void)state;
    union {
        spawned_exit exit;
        spawned_allocator allocator;
        spawned_log_sink sink;
        spawned_runtime_options options;
        spawned_actor_report report;
        spawned_runtime_stats stats;
        spawned_behavior behavior;
        spawned_actor_options actor;
        spawned_message_info info;
        spawned_message_type type;
    } any;
    refuse(spawned_exit_init(&any.exit, 4));
    refuse(spawned_allocator_init(&any.allocator, 4));
    refuse(spawned_log_sink_init(&any.sink, 4));
    refuse(spawned_runtime_options_init(&any.options, 4));
    refuse(spawned_actor_report_init(&any.report, 4));
    refuse(spawned_runtime_stats_init(&any.stats, 4));
    refuse(spawned_behavior_init(&any.behavior, 4, "name"));
    refuse(spawned_actor_options_init(&any.actor, 4));
    refuse(spawned_message_info_init(&any.info, 4));
    refuse(spawned_message_type_init(&any.type, 4, "name", 8, 8));
    refuse(spawned_message_type_init(&any.type, sizeof any.type, "name", 8, 3));
    assert_ok(spawned_message_info_init(&any.info, sizeof any.info));
    assert_int_equal(any.info.size, sizeof any.info);
}

/* ---- options ---- */

static spawned_status create_with(harness *h, void (*change)(spawned_runtime_options *)) {
    spawned_runtime_options options;
    harness_runtime_options(h, &options);
    change(&options);
    spawned_runtime *runtime = (spawned_runtime *)(uintptr_t)8;
    const spawned_status status = spawned_runtime_create(&options, &runtime);
    if (status == SPAWNED_OK)
        spawned_runtime_destroy(runtime);
    else
        assert_null(runtime);
    return status;
}

static void unknown_flag(spawned_runtime_options *options) { options->flags |= UINT32_C(1) << 31; }

static void too_many_workers(spawned_runtime_options *options) { options->workers = 257; }

static void too_many_actors(spawned_runtime_options *options) { options->max_actors = 16777216; }

static void empty_allocator(spawned_runtime_options *options) {
    static const spawned_allocator allocator = SPAWNED_ALLOCATOR_INIT;
    options->allocator = &allocator;
}

static void empty_sink(spawned_runtime_options *options) {
    static const spawned_log_sink sink = SPAWNED_LOG_SINK_INIT;
    options->log = &sink;
}

static void reserved_in_sink(spawned_runtime_options *options) {
    static const spawned_log_sink sink = {sizeof sink, SPAWNED_LOG_INFO, 1, ignore_record, NULL};
    options->log = &sink;
}

/* AB03 AB04 */
static void impossible_runtime_options_are_refused(void **state) {
    harness *h = *state;
    refuse(create_with(h, unknown_flag));
    refuse(create_with(h, too_many_workers));
    refuse(create_with(h, too_many_actors));
    refuse(create_with(h, empty_allocator));
    refuse(create_with(h, empty_sink));
    refuse(create_with(h, reserved_in_sink));
}

static spawned_status start_with(harness *h, const spawned_actor_options *options) {
    spawned_actor_options chosen = *options;
    harness_probe *probe = harness_probe_new(h);
    chosen.argument = probe;
    spawned_pid pid = 0;
    const spawned_status status =
        spawned_actor_start(harness_runtime(h), &harness_probe_behavior, &chosen, &pid);
    assert_int_equal(harness_probe_count(probe, HARNESS_INIT), 0); /* refused before it began */
    return status;
}

/* AB03 AB04 */
static void impossible_actor_options_are_refused(void **state) {
    harness *h = *state;
    spawned_actor_options options = SPAWNED_ACTOR_OPTIONS_INIT;
    options.backend = 4;
    refuse(start_with(h, &options));
    options = (spawned_actor_options)SPAWNED_ACTOR_OPTIONS_INIT;
    options.overflow = 4;
    refuse(start_with(h, &options));
    options = (spawned_actor_options)SPAWNED_ACTOR_OPTIONS_INIT;
    options.capacity = (UINT64_C(1) << 31) + 1;
    refuse(start_with(h, &options));
    options = (spawned_actor_options)SPAWNED_ACTOR_OPTIONS_INIT;
    options.name = "a\nb";
    options.name_length = 3;
    refuse(start_with(h, &options));
    options.name = "";
    options.name_length = 0;
    refuse(start_with(h, &options));
    options.name = NULL;
    options.name_length = 3;
    refuse(start_with(h, &options));
    options.name = "spawned.mine";
    options.name_length = SPAWNED_ZERO_TERMINATED;
    assert_status(start_with(h, &options), SPAWNED_EPERM);
}

/* ---- descriptions ---- */

static char long_name[257]; /* of 256 bytes: one too long */

static spawned_status answer(spawned_context *context, void *state, void *value) {
    (void)context;
    (void)state;
    (void)value;
    return SPAWNED_OK;
}

/* AB04 */
static void bad_behaviors_are_refused(void **state) {
    harness *h = *state;
    static const spawned_handler fine[] = {{&harness_number_type, answer}};
    static const spawned_handler no_type[] = {{NULL, answer}};
    static const spawned_handler no_function[] = {{&harness_number_type, NULL}};
    static const spawned_handler twice[] = {{&harness_number_type, answer},
                                            {&harness_number_type, answer}};
    static spawned_behavior bad[11];
    memset(long_name, 'n', 256);
    for (size_t i = 0; i < 11; i++)
        bad[i] =
            (spawned_behavior){SPAWNED_BEHAVIOR_INIT("bad"), .handler_count = 1, .handlers = fine};
    bad[0].name = NULL;
    bad[1].name = "";
    bad[2].name = long_name;
    bad[3].state_alignment = 3;
    bad[4].state_alignment = 128;
    bad[5].flags = UINT32_C(1) << 31;
    bad[6].handlers = NULL;
    bad[7].handlers = no_type;
    bad[8].handlers = no_function;
    bad[9].handlers = twice;
    bad[9].handler_count = 2;
    bad[10].size = sizeof(spawned_behavior) - 8;
    for (size_t i = 0; i < 11; i++) {
        spawned_pid pid = 0;
        const spawned_behavior *made = NULL;
        refuse(spawned_actor_start(harness_runtime(h), &bad[i], NULL, &pid));
        refuse(spawned_behavior_create(harness_runtime(h), &bad[i], &made));
    }
}

/* AB04 */
static void bad_message_types_are_refused_wherever_one_is_given(void **state) {
    harness *h = *state;
    static spawned_message_type bad[9];
    memset(long_name, 'n', 256);
    for (size_t i = 0; i < 9; i++)
        bad[i] = (spawned_message_type)SPAWNED_MESSAGE_TYPE("bad", uint64_t);
    bad[0].name = NULL;
    bad[1].name = "";
    bad[2].name = long_name;
    bad[3].value_alignment = 3;
    bad[4].value_alignment = 128;
    bad[5].flags = UINT32_C(1) << 31;
    bad[6].reserved = 1;
    bad[7].codec = &bad;
    bad[8].size = sizeof(spawned_message_type) - 8;
    const spawned_pid pid = harness_probe_start(h, harness_probe_new(h), NULL);
    for (size_t i = 0; i < 9; i++) {
        const uint64_t number = 1;
        uint64_t out = 0;
        const spawned_message_type *made = NULL;
        spawned_message *message = NULL;
        void *storage = NULL;
        refuse(spawned_message_type_create(harness_runtime(h), &bad[i], &made));
        if (bad[i].name == long_name) continue; /* a send does not measure names */
        refuse(spawned_send(pid, &bad[i], &number));
        refuse(spawned_message_create(pid, &bad[i], &number, &message));
        refuse(spawned_message_reserve(pid, &bad[i], 0, &message, &storage));
        refuse(spawned_request(pid, &bad[i], &number, SPAWNED_DEFAULT, &out));
        refuse(spawned_registry_put(harness_runtime(h), "value", 5, &bad[i], &number, 0));
    }
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        HARNESS_TEST(structs_that_are_too_short_are_refused),
        HARNESS_TEST(longer_structs_are_accepted_when_nothing_unknown_is_set),
        HARNESS_TEST(functions_that_initialize_refuse_impossible_sizes),
        HARNESS_TEST(impossible_runtime_options_are_refused),
        HARNESS_TEST(impossible_actor_options_are_refused),
        HARNESS_TEST(bad_behaviors_are_refused),
        HARNESS_TEST(bad_message_types_are_refused_wherever_one_is_given),
    };
    return harness_main(argc, argv, tests, sizeof tests / sizeof *tests);
}
