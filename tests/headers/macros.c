/* Every macro of the public headers in use, in the way its comment promises; compiled, never run. */
#include <spawned.h>
#include <spawned/uv.h>

typedef struct question {
    double number;
} question;

static const spawned_message_type answer_type = SPAWNED_MESSAGE_TYPE("test.answer", question);
static const spawned_message_type question_type =
    SPAWNED_REQUEST_TYPE("test.question", question, &answer_type);
static const spawned_message_type tick_type = SPAWNED_EMPTY_TYPE("test.tick");
static const spawned_message_type count_type =
    SPAWNED_EMPTY_REQUEST_TYPE("test.count", &answer_type);

static spawned_status handle(spawned_context *context, void *state, void *value) {
    (void)state;
    (void)value;
    return spawned_reply(context, NULL);
}

static const spawned_handler handlers[] = {{&question_type, handle},
                                           {&tick_type, handle},
                                           {&count_type, handle}};

#ifdef __cplusplus
spawned_behavior answering();
spawned_behavior answering() {
    spawned_behavior behavior{};
    behavior.size = sizeof behavior;
    behavior.name = "answering";
    behavior.handlers = handlers;
    behavior.handler_count = 3;
    return behavior;
}
#else
/* Designated fields after positional ones are C; naming handlers leaves the rest zero. */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"
const spawned_behavior *answering(void);
const spawned_behavior *answering(void) {
    static const spawned_behavior behavior = {SPAWNED_BEHAVIOR_INIT("answering"),
                                              SPAWNED_HANDLERS(handlers)};
    return &behavior;
}
#endif

#ifdef __cplusplus
extern "C"
#endif
    int
    use(void);

int use(void) {
    spawned_actor_options actor_options = SPAWNED_ACTOR_OPTIONS_INIT;
    spawned_message_info message_info = SPAWNED_MESSAGE_INFO_INIT;
    spawned_allocator allocator = SPAWNED_ALLOCATOR_INIT;
    spawned_log_sink log_sink = SPAWNED_LOG_SINK_INIT;
    spawned_runtime_options runtime_options = SPAWNED_RUNTIME_OPTIONS_INIT;
    spawned_host_options host_options = SPAWNED_HOST_OPTIONS_INIT;
    spawned_actor_report report = SPAWNED_ACTOR_REPORT_INIT;
    spawned_runtime_stats stats = SPAWNED_RUNTIME_STATS_INIT;
    spawned_exit end = SPAWNED_EXIT_INIT;
    spawned_duration durations[] = {SPAWNED_NO_WAIT,     SPAWNED_FOREVER,     SPAWNED_DEFAULT,
                                    SPAWNED_MICROSECOND, SPAWNED_MILLISECOND, 5 * SPAWNED_SECOND};
    size_t length = SPAWNED_ZERO_TERMINATED;
    uint32_t version = SPAWNED_VERSION;
    typedef struct uv_loop_s *uv_loop_t; /* of any size here, without <uv.h> */
    enum { UV_VERSION_HEX = 0x012c00 };
    spawned_status fits = SPAWNED_UV_CHECK();
    return actor_options.size && message_info.size && allocator.size && log_sink.size &&
           runtime_options.size && host_options.size && report.size && stats.size && end.size &&
           durations[5] && length && version && fits;
}
