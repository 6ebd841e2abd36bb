/* Values in messages: moved in or built in place, of fixed or variable size, aligned, large; and a
 * message that is not sent. */
#include "support/contract.h"
#include "support/script.h"

enum { MEBIBYTE = 1 << 20 };

/* What the receiver saw of the last message. */
struct seen {
    harness *h;
    void *value;
    size_t size;
    uint64_t sum;
    spawned_time deadline;
    _Atomic int count;
};

static void end_blob(void *value, void *user_data) {
    (void)user_data;
    *(unsigned char *)value = 0; /* must be writable */
}

static const spawned_message_type variable_reply = {.size = sizeof(spawned_message_type),
                                                    .name = "message_test.reply",
                                                    .value_size = 8,
                                                    .value_alignment = 64,
                                                    .flags = SPAWNED_TYPE_VARIABLE};
static const spawned_message_type variable_type = {.size = sizeof(spawned_message_type),
                                                   .name = "message_test.variable",
                                                   .value_size = 8,
                                                   .value_alignment = 64,
                                                   .flags = SPAWNED_TYPE_VARIABLE,
                                                   .destroy = end_blob,
                                                   .reply = &variable_reply};
static const spawned_message_type pinned_reply = {.size = sizeof(spawned_message_type),
                                                  .name = "message_test.pinned_reply",
                                                  .value_size = 16,
                                                  .flags = SPAWNED_TYPE_PINNED};
static const spawned_message_type pinned_type = {.size = sizeof(spawned_message_type),
                                                 .name = "message_test.pinned",
                                                 .value_size = 16,
                                                 .value_alignment = 16,
                                                 .flags = SPAWNED_TYPE_PINNED,
                                                 .reply = &pinned_reply};
static const spawned_message_type empty_type = SPAWNED_EMPTY_TYPE("message_test.empty");
static const spawned_message_type fleeting_type = {.size = sizeof(spawned_message_type),
                                                   .name = "message_test.fleeting",
                                                   .value_size = 8,
                                                   .flags = SPAWNED_TYPE_SKIP_EXPIRED};

struct sight {
    struct seen *seen;
    int count;
};

static bool has_seen(void *argument) {
    const struct sight *sight = argument;
    return atomic_load(&sight->seen->count) >= sight->count;
}

/* What it wrote down of this many messages may be read. */
static bool wait_for_sight(struct seen *seen, int count) {
    struct sight sight = {seen, count};
    return harness_wait_until(seen->h, has_seen, &sight);
}

static spawned_status look(spawned_context *context, void *state, void *value) {
    struct seen *seen = *(struct seen **)state;
    spawned_message_info info = SPAWNED_MESSAGE_INFO_INIT;
    const spawned_status status = spawned_context_message(context, &info);
    if (status != SPAWNED_OK) return status;
    seen->value = value;
    seen->size = info.value_size;
    seen->deadline = info.deadline;
    seen->sum = 0;
    for (size_t i = 0; i < info.value_size; i++) seen->sum += ((unsigned char *)value)[i];
    atomic_fetch_add(&seen->count, 1);
    return SPAWNED_OK;
}

/* Answers with as many bytes as it was sent, each one greater. */
static spawned_status look_and_echo(spawned_context *context, void *state, void *value) {
    struct seen *seen = *(struct seen **)state;
    spawned_status status = look(context, state, value);
    void *storage = NULL;
    spawned_message_info info = SPAWNED_MESSAGE_INFO_INIT;
    if (status != SPAWNED_OK || spawned_context_message(context, &info) != SPAWNED_OK)
        return status;
    if (!info.is_request) return SPAWNED_OK;
    if (spawned_reply_reserve(context, 17 * MEBIBYTE, &storage) != SPAWNED_ETOOBIG)
        return SPAWNED_EFAILED;
    status = spawned_reply_reserve(context, seen->size, &storage);
    if (status != SPAWNED_OK) return status;
    for (size_t i = 0; i < seen->size; i++)
        ((unsigned char *)storage)[i] = (unsigned char)(((unsigned char *)value)[i] + 1);
    return spawned_reply_commit(context);
}

static spawned_status look_and_answer_in_place(spawned_context *context, void *state, void *value) {
    const int64_t moved[2] = {1, 2};
    spawned_status status = look(context, state, value);
    if (status != SPAWNED_OK) return status;
    if (spawned_reply(context, moved) != SPAWNED_EUNSUPPORTED) return SPAWNED_EFAILED;
    void *storage = NULL;
    status = spawned_reply_reserve(context, 0, &storage);
    if (status != SPAWNED_OK) return status;
    *(void **)storage = storage; /* a value that knows where it lives */
    return spawned_reply_commit(context);
}

static spawned_status init(void *state, void *argument, void *user_data) {
    (void)user_data;
    *(void **)state = argument;
    return SPAWNED_OK;
}

static const spawned_handler handlers[] = {{&variable_type, look_and_echo},
                                           {&pinned_type, look_and_answer_in_place},
                                           {&empty_type, look},
                                           {&fleeting_type, look},
                                           {&harness_tracked_type, look}};
static const spawned_behavior looker = {SPAWNED_BEHAVIOR_INIT("looker"),
                                        .state_size = sizeof(void *), .handler_count = 5,
                                        .handlers = handlers, .init = init};

static void variable_value_has_the_bytes_it_was_reserved_with_and_so_has_its_reply(void **state) {
    harness *h = *state;
    struct seen seen = {.h = h};
    const spawned_pid actor = harness_start_with(h, &looker, &seen);
    static const size_t sizes[] = {8, 9, 64, 1000, 100000};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        spawned_message *message = NULL;
        spawned_response *response = NULL;
        void *storage = NULL, *value = NULL;
        size_t size = 0;
        assert_ok(spawned_message_reserve(actor, &variable_type, sizes[i], &message, &storage));
        assert_int_equal((uintptr_t)storage % 64, 0);
        memset(storage, 3, sizes[i]);
        assert_ok(spawned_message_request(message, HARNESS_LONG, &response));
        assert_ok(spawned_response_wait(response, SPAWNED_FOREVER));
        assert_ok(spawned_response_value(response, &value, &size));
        assert_int_equal(size, sizes[i]);
        assert_int_equal((uintptr_t)value % 64, 0);
        assert_int_equal(((unsigned char *)value)[0], 4);
        assert_int_equal(((unsigned char *)value)[size - 1], 4);
        assert_status(spawned_response_take(response, &size), SPAWNED_EUNSUPPORTED);
        assert_int_equal(seen.size, sizes[i]);
        assert_int_equal(seen.sum, 3 * sizes[i]);
        assert_int_equal((uintptr_t)seen.value % 64, 0); /* alignment 64 */
        spawned_response_release(response);
    }
}

static void reserved_size_must_fit_the_type(void **state) {
    harness *h = *state;
    struct seen seen = {.h = h};
    const spawned_pid actor = harness_start_with(h, &looker, &seen);
    spawned_message *message = NULL;
    void *storage = NULL;
    assert_status(spawned_message_reserve(actor, &variable_type, 7, &message, &storage),
                  SPAWNED_EINVAL);
    assert_status(spawned_message_reserve(actor, &harness_tracked_type, 100, &message, &storage),
                  SPAWNED_EINVAL);
    assert_ok(spawned_message_reserve(actor, &variable_type, 0, &message, &storage));
    memset(storage, 1, 8);
    assert_ok(spawned_message_send(message));
    assert_true(wait_for_sight(&seen, 1));
    assert_int_equal(seen.size, 8); /* 0 means value_size */
}

static void pinned_value_is_never_moved(void **state) {
    harness *h = *state;
    struct seen seen = {.h = h};
    const spawned_pid actor = harness_start_with(h, &looker, &seen);
    const char bytes[16] = {0};
    spawned_message *message = NULL;
    spawned_response *response = NULL;
    void *storage = NULL, *value = NULL;
    assert_status(spawned_send(actor, &pinned_type, bytes), SPAWNED_EUNSUPPORTED);
    assert_status(spawned_message_create(actor, &pinned_type, bytes, &message),
                  SPAWNED_EUNSUPPORTED);
    assert_ok(spawned_message_reserve(actor, &pinned_type, 0, &message, &storage));
    memset(storage, 2, 16);
    assert_ok(spawned_message_request(message, HARNESS_LONG, &response));
    assert_ok(spawned_response_wait(response, SPAWNED_FOREVER));
    assert_ptr_equal(seen.value, storage);
    assert_int_equal(seen.sum, 32);
    assert_ok(spawned_response_value(response, &value, NULL));
    assert_ptr_equal(*(void **)value, value);
    assert_status(spawned_response_take(response, (char[16]){0}), SPAWNED_EUNSUPPORTED);
    spawned_response_release(response);
    char room[16];
    assert_status(spawned_request(actor, &pinned_type, bytes, HARNESS_LONG, room),
                  SPAWNED_EUNSUPPORTED);
}

static void abandoned_message_runs_no_destructor_and_a_destroyed_one_does(void **state) {
    harness *h = *state;
    struct seen seen = {.h = h};
    const spawned_pid actor = harness_start_with(h, &looker, &seen);
    spawned_message *message = NULL;
    void *storage = NULL;
    assert_ok(spawned_message_reserve(actor, &harness_tracked_type, 0, &message, &storage));
    spawned_message_abandon(message); /* whose construction failed */
    assert_int_equal(harness_tracked_destroyed(h), 0);
    assert_ok(spawned_message_reserve(actor, &harness_tracked_type, 0, &message, &storage));
    *(harness_tracked *)storage = harness_tracked_make(h, 1);
    spawned_message_destroy(message);
    assert_int_equal(harness_tracked_destroyed(h), 1);
    spawned_message_abandon(NULL);
    spawned_message_destroy(NULL);
}

static void value_built_in_place_is_ended_after_its_handler(void **state) {
    harness *h = *state;
    struct seen seen = {.h = h};
    const spawned_pid actor = harness_start_with(h, &looker, &seen);
    spawned_message *message = NULL;
    void *storage = NULL;
    assert_ok(spawned_message_reserve(actor, &harness_tracked_type, 0, &message, &storage));
    *(harness_tracked *)storage = harness_tracked_make(h, 1);
    assert_ok(spawned_message_send(message));
    assert_true(harness_settle(h));
    assert_int_equal(seen.count, 1);
    assert_int_equal(harness_tracked_destroyed(h), 1);
}

static void payload_up_to_sixteen_mebibytes_is_taken_and_no_more(void **state) {
    harness *h = *state;
    struct seen seen = {.h = h};
    const spawned_pid actor = harness_start_with(h, &looker, &seen);
    spawned_message *message = NULL;
    void *storage = NULL;
    assert_status(spawned_message_reserve(actor, &variable_type, 16 * MEBIBYTE + 1, &message,
                                          &storage),
                  SPAWNED_ETOOBIG);
    assert_status(spawned_message_reserve(actor, &variable_type, SIZE_MAX, &message, &storage),
                  SPAWNED_ETOOBIG);
    assert_ok(spawned_message_reserve(actor, &variable_type, 16 * MEBIBYTE, &message, &storage));
    memset(storage, 1, 16 * MEBIBYTE);
    assert_ok(spawned_message_send(message));
    assert_true(wait_for_sight(&seen, 1));
    assert_int_equal(seen.sum, 16 * MEBIBYTE);
    static spawned_message_type huge = SPAWNED_EMPTY_TYPE("message_test.huge");
    huge.value_size = 16 * MEBIBYTE + 1;
    static const char byte = 0;
    assert_status(spawned_send(actor, &huge, &byte), SPAWNED_ETOOBIG);
}

static void at_most_a_thousand_bytes(spawned_runtime_options *options) {
    options->max_payload = 1000;
}

static const harness_config with_small_payloads = {at_most_a_thousand_bytes};

static void largest_payload_can_be_chosen(void **state) {
    harness *h = *state;
    struct seen seen = {.h = h};
    const spawned_pid actor = harness_start_with(h, &looker, &seen);
    spawned_message *message = NULL;
    void *storage = NULL;
    assert_status(spawned_message_reserve(actor, &variable_type, 1001, &message, &storage),
                  SPAWNED_ETOOBIG);
    assert_ok(spawned_message_reserve(actor, &variable_type, 1000, &message, &storage));
    spawned_message_abandon(message);
}

static void message_without_a_value_needs_none(void **state) {
    harness *h = *state;
    struct seen seen = {.h = h, .size = 9};
    const spawned_pid actor = harness_start_with(h, &looker, &seen);
    assert_ok(spawned_send(actor, &empty_type, NULL));
    assert_true(harness_settle(h));
    assert_int_equal(seen.count, 1);
    assert_int_equal(seen.size, 0);
}

static void deadline_travels_with_the_message_and_drops_a_type_that_skips(void **state) {
    harness *h = *state;
    struct seen seen = {.h = h};
    const spawned_pid actor = harness_start_with(h, &looker, &seen);
    spawned_message *message = NULL;
    const int64_t value = 1;
    const spawned_time later = harness_now(h) + HARNESS_LONG;
    assert_ok(spawned_message_create(actor, &fleeting_type, &value, &message));
    assert_ok(spawned_message_set_deadline(message, later));
    assert_ok(spawned_message_send(message));
    assert_true(harness_settle(h));
    assert_int_equal(seen.count, 1);
    assert_true(seen.deadline == later);

    assert_true(harness_advance(h, SPAWNED_MILLISECOND));
    assert_ok(spawned_message_create(actor, &fleeting_type, &value, &message));
    assert_ok(spawned_message_set_deadline(message, 1)); /* long past */
    assert_ok(spawned_message_send(message));
    assert_true(harness_settle(h));
    assert_int_equal(seen.count, 1);
    assert_int_equal(harness_stats(h).dead_expired, 1);
}

static void message_to_an_ended_actor_can_be_built_and_sending_it_tells(void **state) {
    harness *h = *state;
    struct seen seen = {.h = h};
    const spawned_pid actor = harness_start_with(h, &looker, &seen);
    assert_ok(spawned_actor_stop(actor));
    assert_ok(spawned_actor_join(actor, SPAWNED_FOREVER));
    const harness_tracked value = harness_tracked_make(h, 1);
    spawned_message *message = NULL;
    assert_ok(spawned_message_create(actor, &harness_tracked_type, &value, &message));
    assert_status(spawned_message_try_send(message), SPAWNED_ESTOPPED);
    assert_int_equal(harness_tracked_destroyed(h), 0); /* still the caller's */
    assert_status(spawned_message_send(message), SPAWNED_ESTOPPED);
    assert_int_equal(harness_tracked_destroyed(h), 1);
}

static void unsent_messages_outlive_their_runtime(void **state) {
    harness *h = *state;
    struct seen seen = {.h = h};
    const spawned_pid actor = harness_start_with(h, &looker, &seen);
    spawned_message *messages[3];
    void *storage = NULL;
    for (int i = 0; i < 2; i++) {
        const harness_tracked value = harness_tracked_make(h, 1);
        assert_ok(spawned_message_create(actor, &harness_tracked_type, &value, &messages[i]));
    }
    assert_ok(spawned_message_reserve(actor, &harness_tracked_type, 0, &messages[2], &storage));
    assert_int_equal(harness_end_runtime(h), 0);
    assert_status(spawned_message_send(messages[0]), SPAWNED_ESTOPPED);
    spawned_message_destroy(messages[1]);
    spawned_message_abandon(messages[2]);
    assert_int_equal(harness_tracked_destroyed(h), 2);
}

int main(int argc, char **argv) {
    static const struct CMUnitTest tests[] = {
        HARNESS_TEST(variable_value_has_the_bytes_it_was_reserved_with_and_so_has_its_reply),
        HARNESS_TEST(reserved_size_must_fit_the_type),
        HARNESS_TEST(pinned_value_is_never_moved),
        HARNESS_TEST(abandoned_message_runs_no_destructor_and_a_destroyed_one_does),
        HARNESS_TEST(value_built_in_place_is_ended_after_its_handler),
        HARNESS_TEST(payload_up_to_sixteen_mebibytes_is_taken_and_no_more),
        HARNESS_TEST_WITH(largest_payload_can_be_chosen, &with_small_payloads),
        HARNESS_TEST(message_without_a_value_needs_none),
        HARNESS_TEST(deadline_travels_with_the_message_and_drops_a_type_that_skips),
        HARNESS_TEST(message_to_an_ended_actor_can_be_built_and_sending_it_tells),
        HARNESS_TEST(unsent_messages_outlive_their_runtime),
    };
    return harness_main(argc, argv, tests, sizeof tests / sizeof *tests);
}
