/* Sizes, offsets and constants that programs have compiled in: within a major version none may change.
 * A new trailing field or constant adds a line here and may change a struct's size, nothing else. */
#include <spawned.h>

#include <stddef.h>
#include <stdio.h>

struct pin {
    const char *what;
    long long found, promised;
};

#define SIZE(type, bytes) \
    { "sizeof " #type, (long long)sizeof(type), bytes }
#define FIELD(type, field, offset) \
    { #type "." #field, (long long)offsetof(type, field), offset }
#define VALUE(name, value) \
    { #name, name, value }

/* For platforms with 64-bit pointers. */
static const struct pin structs[] = {
    SIZE(spawned_handler, 16),
    FIELD(spawned_handler, type, 0),
    FIELD(spawned_handler, handle, 8),
    SIZE(spawned_behavior, 96),
    FIELD(spawned_behavior, size, 0),
    FIELD(spawned_behavior, name, 8),
    FIELD(spawned_behavior, state_size, 16),
    FIELD(spawned_behavior, state_alignment, 24),
    FIELD(spawned_behavior, flags, 32),
    FIELD(spawned_behavior, handler_count, 36),
    FIELD(spawned_behavior, handlers, 40),
    FIELD(spawned_behavior, otherwise, 48),
    FIELD(spawned_behavior, init, 56),
    FIELD(spawned_behavior, started, 64),
    FIELD(spawned_behavior, stopped, 72),
    FIELD(spawned_behavior, destroy, 80),
    FIELD(spawned_behavior, user_data, 88),
    SIZE(spawned_actor_options, 48),
    FIELD(spawned_actor_options, size, 0),
    FIELD(spawned_actor_options, backend, 8),
    FIELD(spawned_actor_options, overflow, 12),
    FIELD(spawned_actor_options, capacity, 16),
    FIELD(spawned_actor_options, argument, 24),
    FIELD(spawned_actor_options, name, 32),
    FIELD(spawned_actor_options, name_length, 40),
    SIZE(spawned_message_info, 48),
    FIELD(spawned_message_info, size, 0),
    FIELD(spawned_message_info, type, 8),
    FIELD(spawned_message_info, value_size, 16),
    FIELD(spawned_message_info, missed, 24),
    FIELD(spawned_message_info, deadline, 32),
    FIELD(spawned_message_info, is_request, 40),
    FIELD(spawned_message_info, reserved, 44),
    SIZE(spawned_allocator, 40),
    FIELD(spawned_allocator, size, 0),
    FIELD(spawned_allocator, allocate, 8),
    FIELD(spawned_allocator, deallocate, 16),
    FIELD(spawned_allocator, user_data, 24),
    FIELD(spawned_allocator, destroy, 32),
    SIZE(spawned_log_record, 64),
    FIELD(spawned_log_record, size, 0),
    FIELD(spawned_log_record, level, 8),
    FIELD(spawned_log_record, text_length, 12),
    FIELD(spawned_log_record, text, 16),
    FIELD(spawned_log_record, time, 24),
    FIELD(spawned_log_record, pid, 32),
    FIELD(spawned_log_record, actor_name, 40),
    FIELD(spawned_log_record, message_name, 48),
    FIELD(spawned_log_record, elapsed, 56),
    SIZE(spawned_log_sink, 32),
    FIELD(spawned_log_sink, size, 0),
    FIELD(spawned_log_sink, level, 8),
    FIELD(spawned_log_sink, reserved, 12),
    FIELD(spawned_log_sink, write, 16),
    FIELD(spawned_log_sink, user_data, 24),
    SIZE(spawned_message_type, 88),
    FIELD(spawned_message_type, size, 0),
    FIELD(spawned_message_type, name, 8),
    FIELD(spawned_message_type, value_size, 16),
    FIELD(spawned_message_type, value_alignment, 24),
    FIELD(spawned_message_type, flags, 32),
    FIELD(spawned_message_type, reserved, 36),
    FIELD(spawned_message_type, fingerprint, 40),
    FIELD(spawned_message_type, destroy, 48),
    FIELD(spawned_message_type, copy, 56),
    FIELD(spawned_message_type, user_data, 64),
    FIELD(spawned_message_type, reply, 72),
    FIELD(spawned_message_type, codec, 80),
    SIZE(spawned_runtime_options, 80),
    FIELD(spawned_runtime_options, size, 0),
    FIELD(spawned_runtime_options, flags, 8),
    FIELD(spawned_runtime_options, workers, 12),
    FIELD(spawned_runtime_options, blocking_threads, 16),
    FIELD(spawned_runtime_options, max_actors, 20),
    FIELD(spawned_runtime_options, seed, 24),
    FIELD(spawned_runtime_options, max_payload, 32),
    FIELD(spawned_runtime_options, slow_handler, 40),
    FIELD(spawned_runtime_options, stuck_handler, 48),
    FIELD(spawned_runtime_options, blocking_idle, 56),
    FIELD(spawned_runtime_options, allocator, 64),
    FIELD(spawned_runtime_options, log, 72),
    SIZE(spawned_actor_report, 64),
    FIELD(spawned_actor_report, size, 0),
    FIELD(spawned_actor_report, pid, 8),
    FIELD(spawned_actor_report, name, 16),
    FIELD(spawned_actor_report, state, 24),
    FIELD(spawned_actor_report, reserved, 28),
    FIELD(spawned_actor_report, message_name, 32),
    FIELD(spawned_actor_report, elapsed, 40),
    FIELD(spawned_actor_report, backlog, 48),
    FIELD(spawned_actor_report, waits_for, 56),
    SIZE(spawned_runtime_stats, 136),
    FIELD(spawned_runtime_stats, size, 0),
    FIELD(spawned_runtime_stats, actors_started, 8),
    FIELD(spawned_runtime_stats, actors_ended, 16),
    FIELD(spawned_runtime_stats, messages_sent, 24),
    FIELD(spawned_runtime_stats, messages_handled, 32),
    FIELD(spawned_runtime_stats, dead_stopped, 40),
    FIELD(spawned_runtime_stats, dead_overflow, 48),
    FIELD(spawned_runtime_stats, dead_no_handler, 56),
    FIELD(spawned_runtime_stats, dead_expired, 64),
    FIELD(spawned_runtime_stats, dead_cancelled, 72),
    FIELD(spawned_runtime_stats, late_replies, 80),
    FIELD(spawned_runtime_stats, refused, 88),
    FIELD(spawned_runtime_stats, timers_fired, 96),
    FIELD(spawned_runtime_stats, deadlocks_refused, 104),
    FIELD(spawned_runtime_stats, slow_handlers, 112),
    FIELD(spawned_runtime_stats, stuck_handlers, 120),
    FIELD(spawned_runtime_stats, threads, 128),
    SIZE(spawned_exit, 24),
    FIELD(spawned_exit, size, 0),
    FIELD(spawned_exit, kind, 8),
    FIELD(spawned_exit, code, 12),
    FIELD(spawned_exit, place, 16),
    FIELD(spawned_exit, text_length, 20),
};

static const struct pin constants[] = {
    VALUE(SPAWNED_BEHAVIOR_SLOW, 1),
    VALUE(SPAWNED_BEHAVIOR_RUN_ON_CALLER, 2),
    VALUE(SPAWNED_BACKEND_POOL, 0),
    VALUE(SPAWNED_BACKEND_BLOCKING, 1),
    VALUE(SPAWNED_BACKEND_THREAD, 2),
    VALUE(SPAWNED_OVERFLOW_REJECT, 0),
    VALUE(SPAWNED_OVERFLOW_DROP_NEWEST, 1),
    VALUE(SPAWNED_OVERFLOW_DROP_OLDEST, 2),
    VALUE(SPAWNED_OVERFLOW_BLOCK, 3),
    VALUE(SPAWNED_LOG_OFF, 0),
    VALUE(SPAWNED_LOG_ERROR, 1),
    VALUE(SPAWNED_LOG_WARNING, 2),
    VALUE(SPAWNED_LOG_INFO, 3),
    VALUE(SPAWNED_LOG_DEBUG, 4),
    VALUE(SPAWNED_TYPE_VARIABLE, 1),
    VALUE(SPAWNED_TYPE_PINNED, 2),
    VALUE(SPAWNED_TYPE_SKIP_EXPIRED, 4),
    VALUE(SPAWNED_RUNTIME_DETERMINISTIC, 1),
    VALUE(SPAWNED_ACTOR_IDLE, 0),
    VALUE(SPAWNED_ACTOR_RUNNABLE, 1),
    VALUE(SPAWNED_ACTOR_RUNNING, 2),
    VALUE(SPAWNED_ACTOR_AWAITING, 3),
    VALUE(SPAWNED_ACTOR_BLOCKED, 4),
    VALUE(SPAWNED_OK, 0),
    VALUE(SPAWNED_EINVAL, -1),
    VALUE(SPAWNED_ENOMEM, -2),
    VALUE(SPAWNED_ESTOPPED, -3),
    VALUE(SPAWNED_ESTOPPING, -4),
    VALUE(SPAWNED_ETIMEDOUT, -5),
    VALUE(SPAWNED_EFULL, -6),
    VALUE(SPAWNED_EEXIST, -7),
    VALUE(SPAWNED_ENOENT, -8),
    VALUE(SPAWNED_ENOREPLY, -9),
    VALUE(SPAWNED_ENOHANDLER, -10),
    VALUE(SPAWNED_ETYPE, -11),
    VALUE(SPAWNED_ECONTEXT, -12),
    VALUE(SPAWNED_EDEADLK, -13),
    VALUE(SPAWNED_EALREADY, -14),
    VALUE(SPAWNED_EAGAIN, -15),
    VALUE(SPAWNED_ETOOBIG, -16),
    VALUE(SPAWNED_ELIMIT, -17),
    VALUE(SPAWNED_EPERM, -18),
    VALUE(SPAWNED_EFORKED, -19),
    VALUE(SPAWNED_ESYSTEM, -20),
    VALUE(SPAWNED_EUNSUPPORTED, -21),
    VALUE(SPAWNED_EFAILED, -22),
    VALUE(SPAWNED_EXIT_RUNNING, 0),
    VALUE(SPAWNED_EXIT_NORMAL, 1),
    VALUE(SPAWNED_EXIT_SHUTDOWN, 2),
    VALUE(SPAWNED_EXIT_FAILURE, 3),
    VALUE(SPAWNED_EXIT_KILLED, 4),
    VALUE(SPAWNED_EXIT_UNKNOWN, 5),
    VALUE(SPAWNED_PLACE_NONE, 0),
    VALUE(SPAWNED_PLACE_INIT, 1),
    VALUE(SPAWNED_PLACE_STARTED, 2),
    VALUE(SPAWNED_PLACE_HANDLER, 3),
    VALUE(SPAWNED_PLACE_STOPPED, 4),
};

static int check(const struct pin *pins, size_t count) {
    int wrong = 0;
    for (const struct pin *pin = pins; pin != pins + count; pin++) {
        if (pin->found != pin->promised) {
            printf("%s is %lld, promised %lld\n", pin->what, pin->found, pin->promised);
            wrong++;
        }
    }
    return wrong;
}

int main(void) {
    int wrong = check(constants, sizeof constants / sizeof *constants);
    if (sizeof(void *) == 8) wrong += check(structs, sizeof structs / sizeof *structs);
    return wrong != 0;
}
