/* Values in messages: moved, built in place, of no size or the largest, aligned; many types for one
 * actor; descriptions copied into the runtime. */
#include "support/contract.h"

enum { LIMIT = 4096 };

static void small_limit(spawned_runtime_options *options) { options->max_payload = LIMIT; }

static const harness_config limited = {small_limit};

typedef struct blob {
    uint64_t words[4];
} blob;

static const spawned_message_type blob_type = {.size = sizeof(spawned_message_type),
                                               .name = "payload.blob",
                                               .value_size = sizeof(blob),
                                               .value_alignment = SPAWNED_ALIGNOF(blob),
                                               .flags = SPAWNED_TYPE_VARIABLE,
                                               .reply = &harness_answer_type};

/* Answers with the value's size, plus 1,000,000 when its bytes are not all 0x5a. */
static spawned_status answer_size(spawned_context *context, void *state, void *value) {
    (void)state;
    spawned_message_info info = SPAWNED_MESSAGE_INFO_INIT;
    const spawned_status status = spawned_context_message(context, &info);
    if (status != SPAWNED_OK) return status;
    uint64_t answer = info.value_size;
    for (size_t i = 0; i < info.value_size; i++) {
        if (((const unsigned char *)value)[i] != 0x5a) {
            answer += 1000000;
            break;
        }
    }
    return spawned_reply(context, &answer);
}

static const spawned_behavior sizer = {SPAWNED_BEHAVIOR_INIT("sizer"), .state_size = 0,
                                       .otherwise = answer_size};

static spawned_status ask_size(spawned_pid pid, size_t size, uint64_t *out_answer) {
    spawned_message *message = NULL;
    void *storage = NULL;
    spawned_status status = spawned_message_reserve(pid, &blob_type, size, &message, &storage);
    if (status != SPAWNED_OK) return status;
    memset(storage, 0x5a, size == 0 ? sizeof(blob) : size);
    spawned_response *response = NULL;
    status = spawned_message_request(message, HARNESS_LONG, &response);
    if (status == SPAWNED_OK) status = spawned_response_wait(response, HARNESS_LONG);
    if (status == SPAWNED_OK) status = spawned_response_take(response, out_answer);
    spawned_response_release(response);
    return status;
}

/* MB16 */
static void values_from_none_to_the_limit_arrive_whole(void **state) {
    harness *h = *state;
    const spawned_pid pid = harness_start(h, &sizer, NULL);
    static const size_t sizes[] = {sizeof(blob), 33, 64, 100, 1000, 1025, LIMIT - 1, LIMIT};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        uint64_t answer = 0;
        assert_ok(ask_size(pid, sizes[i], &answer));
        assert_int_equal(answer, sizes[i]);
    }
    uint64_t answer = 1;
    assert_ok(ask_size(pid, 0, &answer));
    assert_int_equal(answer, sizeof(blob));
    static const spawned_message_type empty = {.size = sizeof empty,
                                               .name = "payload.empty",
                                               .reply = &harness_answer_type};
    assert_ok(spawned_request(pid, &empty, NULL, HARNESS_LONG, &answer));
    assert_int_equal(answer, 0);
}

static _Atomic int large_destroyed;

static void count_large(void *value, void *user_data) {
    (void)value;
    (void)user_data;
    large_destroyed++;
}

/* MB16 MB09 */
static void a_value_beyond_the_limit_is_too_big_and_consumed(void **state) {
    harness *h = *state;
    const spawned_pid pid = harness_start(h, &sizer, NULL);
    uint64_t answer = 0;
    assert_status(ask_size(pid, LIMIT + 1, &answer), SPAWNED_ETOOBIG);
    assert_status(ask_size(pid, SIZE_MAX, &answer), SPAWNED_ETOOBIG);
    static const spawned_message_type large = {.size = sizeof large,
                                               .name = "payload.large",
                                               .value_size = LIMIT + 1,
                                               .value_alignment = 1,
                                               .destroy = count_large};
    static char value[LIMIT + 1];
    large_destroyed = 0;
    assert_status(spawned_send(pid, &large, value), SPAWNED_ETOOBIG);
    assert_int_equal(large_destroyed, 1);
    spawned_message *message = NULL;
    assert_status(spawned_message_create(pid, &large, value, &message), SPAWNED_ETOOBIG);
    assert_null(message);
    assert_int_equal(large_destroyed, 2);
}

static spawned_status answer_misalignment(spawned_context *context, void *state, void *value) {
    (void)state;
    spawned_message_info info = SPAWNED_MESSAGE_INFO_INIT;
    const spawned_status status = spawned_context_message(context, &info);
    if (status != SPAWNED_OK) return status;
    const uint64_t answer = (uintptr_t)value % info.type->value_alignment;
    return spawned_reply(context, &answer);
}

/* MB16 */
static void values_are_aligned_as_their_type_asks(void **state) {
    harness *h = *state;
    static const spawned_behavior ruler = {SPAWNED_BEHAVIOR_INIT("ruler"), .state_size = 0,
                                           .otherwise = answer_misalignment};
    const spawned_pid pid = harness_start(h, &ruler, NULL);
    static spawned_message_type types[7];
    static const char *const names[] = {"a.1", "a.2", "a.4", "a.8", "a.16", "a.32", "a.64"};
    static _Alignas(64) char value[192];
    for (size_t i = 0; i < 7; i++) {
        types[i] = (spawned_message_type){.size = sizeof types[i],
                                          .name = names[i],
                                          .value_size = 192,
                                          .value_alignment = (size_t)1 << i,
                                          .reply = &harness_answer_type};
        uint64_t answer = 1;
        assert_ok(spawned_request(pid, &types[i], value, HARNESS_LONG, &answer));
        assert_int_equal(answer, 0);
    }
}

/* M8 */
static void one_actor_handles_many_types_each_by_its_own_handler(void **state) {
    harness *h = *state;
    harness_probe *probe = harness_probe_new(h);
    const spawned_pid pid = harness_probe_start(h, probe, NULL);
    assert_ok(harness_send_number(pid, 1));
    assert_ok(harness_send_tracked(h, pid, 2));
    const uint64_t question = 3;
    uint64_t answer = 0;
    assert_ok(spawned_request(pid, &harness_ask_type, &question, HARNESS_LONG, &answer));
    assert_int_equal(answer, 4);
    assert_ok(spawned_send(pid, &harness_quit_type, NULL));
    assert_ok(spawned_actor_join(pid, HARNESS_LONG));
    assert_story(probe, "i s 1 2 3 x d");
}

enum { TYPES = 200 };

static spawned_status answer_index(spawned_context *context, void *state, void *value) {
    (void)state;
    return spawned_reply(context, value);
}

static spawned_status answer_none(spawned_context *context, void *state, void *value) {
    (void)state;
    (void)value;
    const uint64_t none = 4711;
    return spawned_reply(context, &none);
}

/* M8 */
static void hundreds_of_types_are_told_apart_and_the_rest_goes_to_otherwise(void **state) {
    harness *h = *state;
    static char names[TYPES + 1][16];
    static spawned_message_type types[TYPES + 1];
    static spawned_handler handlers[TYPES];
    for (size_t i = 0; i <= TYPES; i++) {
        snprintf(names[i], sizeof names[i], "many.%zu", i);
        types[i] =
            (spawned_message_type)SPAWNED_REQUEST_TYPE(names[i], uint64_t, &harness_answer_type);
        if (i < TYPES) handlers[i] = (spawned_handler){&types[i], answer_index};
    }
    static spawned_behavior behavior;
    behavior = (spawned_behavior){SPAWNED_BEHAVIOR_INIT("many"), .handler_count = TYPES,
                                  .handlers = handlers, .otherwise = answer_none};
    const spawned_pid pid = harness_start(h, &behavior, NULL);
    for (uint64_t i = 0; i <= TYPES; i++) {
        uint64_t answer = 0;
        assert_ok(spawned_request(pid, &types[i], &i, HARNESS_LONG, &answer));
        assert_int_equal(answer, i < TYPES ? i : 4711);
    }
}

/* M10 */
static void a_pinned_value_is_built_in_place_and_never_moved(void **state) {
    harness *h = *state;
    static spawned_message_type pinned;
    pinned = harness_tracked_type;
    pinned.flags = SPAWNED_TYPE_PINNED;
    harness_probe *probe = harness_probe_new(h);
    const spawned_pid pid = harness_probe_start(h, probe, NULL);
    harness_tracked value = harness_tracked_make(h, 1);
    assert_status(spawned_send(pid, &pinned, &value), SPAWNED_EUNSUPPORTED);
    assert_int_equal(harness_tracked_destroyed(h), 1);
    value = harness_tracked_make(h, 2);
    spawned_message *message = NULL;
    assert_status(spawned_message_create(pid, &pinned, &value, &message), SPAWNED_EUNSUPPORTED);
    assert_int_equal(harness_tracked_destroyed(h), 2);
    void *storage = NULL;
    assert_ok(spawned_message_reserve(pid, &pinned, 0, &message, &storage));
    *(harness_tracked *)storage = harness_tracked_make(h, 3);
    assert_ok(spawned_message_send(message));
    assert_true(harness_probe_wait(probe, HARNESS_MESSAGE, 1));
    assert_story(probe, "i s 3");
}

/* M8 */
static void a_description_copied_into_the_runtime_needs_no_original(void **state) {
    harness *h = *state;
    char name[] = "made.number", reply_name[] = "made.answer", actor_name[] = "made";
    spawned_message_type reply = SPAWNED_MESSAGE_TYPE(reply_name, uint64_t);
    spawned_message_type type = SPAWNED_REQUEST_TYPE(name, uint64_t, &reply);
    const spawned_message_type *own = NULL;
    assert_ok(spawned_message_type_create(harness_runtime(h), &type, &own));
    assert_true(own != &type && own->name != name && own->reply != &reply);
    spawned_handler handlers[] = {{&type, answer_index}};
    spawned_behavior behavior = {SPAWNED_BEHAVIOR_INIT(actor_name), .handler_count = 1,
                                 .handlers = handlers};
    const spawned_behavior *made = NULL;
    assert_ok(spawned_behavior_create(harness_runtime(h), &behavior, &made));
    memset(name, '#', sizeof name - 1);
    memset(reply_name, '#', sizeof reply_name - 1);
    memset(actor_name, '#', sizeof actor_name - 1);
    memset(handlers, 0, sizeof handlers);
    assert_string_equal(own->name, "made.number");
    assert_string_equal(own->reply->name, "made.answer");
    assert_string_equal(made->name, "made");
    const spawned_pid pid = harness_start(h, made, NULL);
    const uint64_t question = 5;
    uint64_t answer = 0;
    assert_ok(spawned_request(pid, own, &question, HARNESS_LONG, &answer));
    assert_int_equal(answer, 5);
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        HARNESS_TEST_WITH(values_from_none_to_the_limit_arrive_whole, &limited),
        HARNESS_TEST_WITH(a_value_beyond_the_limit_is_too_big_and_consumed, &limited),
        HARNESS_TEST(values_are_aligned_as_their_type_asks),
        HARNESS_TEST(one_actor_handles_many_types_each_by_its_own_handler),
        HARNESS_TEST(hundreds_of_types_are_told_apart_and_the_rest_goes_to_otherwise),
        HARNESS_TEST(a_pinned_value_is_built_in_place_and_never_moved),
        HARNESS_TEST(a_description_copied_into_the_runtime_needs_no_original),
    };
    return harness_main(argc, argv, tests, sizeof tests / sizeof *tests);
}
