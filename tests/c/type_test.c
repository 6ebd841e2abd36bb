/* What makes two message types the same, and descriptions that are built at run time. */
#include "support/contract.h"
#include "support/script.h"

struct point {
    int32_t x, y;
};

static const spawned_message_type answer_type = SPAWNED_MESSAGE_TYPE("type_test.answer", int64_t);
static const spawned_message_type point_type =
    SPAWNED_REQUEST_TYPE("type_test.point", struct point, &answer_type);

static spawned_status on_point(spawned_context *context, void *state, void *value) {
    (void)state;
    const struct point *point = value;
    const int64_t sum = (int64_t)point->x + point->y;
    return spawned_reply(context, &sum);
}

static const spawned_handler handlers[] = {{&point_type, on_point}};
static const spawned_behavior adder = {SPAWNED_BEHAVIOR_INIT("adder"), .handler_count = 1,
                                       .handlers = handlers};

static spawned_status ask(spawned_pid actor, const spawned_message_type *type, int64_t *out_sum) {
    const struct point point[3] = {{3, 4}, {0, 0}, {0, 0}}; /* room for a larger type */
    return spawned_request(actor, type, point, HARNESS_LONG, out_sum);
}

static void equal_descriptions_at_other_addresses_are_one_type(void **state) {
    harness *h = *state;
    const spawned_pid actor = harness_start(h, &adder, NULL);
    static char name[32] = "type_test.point", reply_name[32] = "type_test.answer";
    static spawned_message_type reply; /* it outlives the runtime */
    reply = answer_type;
    static spawned_message_type type; /* it outlives the runtime */
    type = point_type;
    reply.name = reply_name;
    type.name = name;
    type.reply = &reply;
    int64_t sum = 0;
    assert_ok(ask(actor, &type, &sum));
    assert_int_equal(sum, 7);
    assert_ok(ask(actor, &point_type, &sum));
}

static void same_name_with_another_size_is_a_type_error_and_never_a_cast(void **state) {
    harness *h = *state;
    const spawned_pid actor = harness_start(h, &adder, NULL);
    int64_t sum = -1;
    static spawned_message_type larger, smaller;
    larger = smaller = point_type;
    larger.value_size = 2 * sizeof(struct point);
    smaller.value_size = sizeof(int32_t);
    assert_status(ask(actor, &larger, &sum), SPAWNED_ETYPE);
    assert_status(ask(actor, &smaller, &sum), SPAWNED_ETYPE);
    const struct point point[2] = {{1, 2}, {3, 4}};
    assert_ok(spawned_send(actor, &larger, point));
    assert_true(harness_settle(h));
    assert_int_equal(harness_stats(h).dead_no_handler, 3);
    assert_int_equal(sum, -1);
    assert_ok(ask(actor, &point_type, &sum)); /* it was no failure of the actor */
}

static void same_name_with_another_fingerprint_is_a_type_error(void **state) {
    harness *h = *state;
    static spawned_message_type printed;
    static spawned_handler printed_handlers[1];
    static spawned_behavior behavior;
    printed = point_type;
    printed.fingerprint = 5;
    printed_handlers[0] = (spawned_handler){&printed, on_point};
    behavior = adder;
    behavior.handlers = printed_handlers;
    const spawned_pid actor = harness_start(h, &behavior, NULL);
    static spawned_message_type equal, other;
    equal = other = printed;
    other.fingerprint = 6;
    int64_t sum = 0;
    assert_ok(ask(actor, &equal, &sum));
    assert_status(ask(actor, &other, &sum), SPAWNED_ETYPE);
}

static void request_that_expects_another_reply_type_is_a_type_error(void **state) {
    harness *h = *state;
    static const spawned_message_type other_reply =
        SPAWNED_MESSAGE_TYPE("type_test.other", struct point);
    const spawned_pid actor = harness_start(h, &adder, NULL);
    static spawned_message_type type; /* it outlives the runtime */
    type = point_type;
    type.reply = &other_reply;
    struct point room = {0, 0};
    const struct point point = {1, 2};
    assert_status(spawned_request(actor, &type, &point, HARNESS_LONG, &room), SPAWNED_ETYPE);
    int64_t sum = 0;
    assert_ok(ask(actor, &point_type, &sum));
}

static void other_name_of_the_same_shape_is_another_type(void **state) {
    harness *h = *state;
    const spawned_pid actor = harness_start(h, &adder, NULL);
    static spawned_message_type type; /* it outlives the runtime */
    type = point_type;
    type.name = "type_test.points";
    int64_t sum = 0;
    assert_status(ask(actor, &type, &sum), SPAWNED_ENOHANDLER);
}

static void local_type_is_known_by_its_address_only(void **state) {
    harness *h = *state;
    static spawned_message_type local, twin; /* they outlive the runtime */
    static spawned_handler local_handlers[1];
    static spawned_behavior behavior;
    local = point_type;
    local.flags = SPAWNED_TYPE_LOCAL;
    twin = local;
    local_handlers[0] = (spawned_handler){&local, on_point};
    behavior = adder;
    behavior.handlers = local_handlers;
    const spawned_pid actor = harness_start(h, &behavior, NULL);
    int64_t sum = 0;
    assert_ok(ask(actor, &local, &sum));
    assert_int_equal(sum, 7);
    assert_status(ask(actor, &twin, &sum), SPAWNED_ETYPE);
    assert_status(ask(actor, &point_type, &sum), SPAWNED_ETYPE);
}

struct witness {
    spawned_status status[2];
    char name[64];
    size_t size;
    int32_t is_request;
    int64_t first;
};

static spawned_status on_anything(spawned_context *context, void *state, void *value) {
    struct witness *witness = *(struct witness **)state;
    spawned_message_info info = SPAWNED_MESSAGE_INFO_INIT;
    witness->status[0] = spawned_context_message(context, &info);
    snprintf(witness->name, sizeof witness->name, "%s", info.type->name);
    witness->size = info.value_size;
    witness->is_request = info.is_request;
    if (info.value_size >= sizeof witness->first)
        memcpy(&witness->first, value, sizeof witness->first);
    if (info.type->reply != NULL) {
        const int64_t answer = 55;
        witness->status[1] = spawned_reply(context, &answer);
    }
    return SPAWNED_OK;
}

static spawned_status init_witness(void *state, void *argument, void *user_data) {
    (void)user_data;
    *(void **)state = argument;
    return SPAWNED_OK;
}

static const spawned_behavior catcher = {SPAWNED_BEHAVIOR_INIT("catcher"),
                                         .state_size = sizeof(void *),
                                         .handler_count = 1,
                                         .handlers = handlers,
                                         .otherwise = on_anything,
                                         .init = init_witness};

static void otherwise_handles_what_no_handler_is_for(void **state) {
    harness *h = *state;
    struct witness witness = {.first = 0};
    const spawned_pid actor = harness_start_with(h, &catcher, &witness);
    const int64_t number = 99;
    int64_t answer = 0;
    assert_ok(spawned_request(actor, &script_number_type, &number, HARNESS_LONG, NULL));
    assert_ok(witness.status[0]);
    assert_string_equal(witness.name, "script.number");
    assert_int_equal(witness.size, sizeof number);
    assert_int_equal(witness.is_request, 1);
    assert_int_equal(witness.first, 99);

    static const spawned_message_type asked =
        SPAWNED_REQUEST_TYPE("type_test.asked", int64_t, &script_number_type);
    assert_ok(spawned_request(actor, &asked, &number, HARNESS_LONG, &answer));
    assert_int_equal(answer, 55);
    assert_ok(ask(actor, &point_type, &answer)); /* its own handler is preferred */
    assert_int_equal(answer, 7);
    assert_ok(witness.status[1]);
}

static void actor_tells_what_it_handles_without_being_sent_it(void **state) {
    harness *h = *state;
    const spawned_pid actor = harness_start(h, &adder, NULL);
    static spawned_message_type equal, larger, other; /* they outlive the runtime */
    equal = larger = other = point_type;
    larger.value_size++;
    other.name = "type_test.points";
    assert_ok(spawned_actor_handles(actor, &point_type));
    assert_ok(spawned_actor_handles(actor, &equal));
    assert_status(spawned_actor_handles(actor, &larger), SPAWNED_ETYPE);
    assert_status(spawned_actor_handles(actor, &other), SPAWNED_ENOHANDLER);
    struct witness *nobody = NULL;
    assert_ok(spawned_actor_handles(harness_start_with(h, &catcher, nobody), &other));
    other.name = NULL;
    assert_status(spawned_actor_handles(actor, &other), SPAWNED_EINVAL);
    assert_ok(spawned_actor_stop(actor));
    assert_ok(spawned_actor_join(actor, HARNESS_LONG));
    assert_status(spawned_actor_handles(actor, &point_type), SPAWNED_ESTOPPED);
    const spawned_pid next = harness_start(h, &catcher, NULL); /* perhaps in the same place */
    assert_status(spawned_actor_handles(actor, &point_type), SPAWNED_ESTOPPED);
    assert_ok(spawned_actor_handles(next, &point_type));
}

/* Everything the description leads to is copied */
static void created_message_type_needs_its_model_no_more(void **state) {
    harness *h = *state;
    const spawned_pid actor = harness_start(h, &adder, NULL);
    char *name = strdup("type_test.point"), *reply_name = strdup("type_test.answer");
    spawned_message_type *reply = malloc(sizeof *reply), *model = malloc(sizeof *model);
    *reply = answer_type;
    reply->name = reply_name;
    *model = point_type;
    model->name = name;
    model->reply = reply;
    const spawned_message_type *type = NULL;
    assert_ok(spawned_message_type_create(harness_runtime(h), model, &type));
    memset(name, 'x', strlen(name));
    memset(reply_name, 'x', strlen(reply_name));
    memset(reply, 0xff, sizeof *reply);
    memset(model, 0xff, sizeof *model);
    free(name), free(reply_name), free(reply), free(model);
    assert_string_equal(type->name, "type_test.point");
    assert_string_equal(type->reply->name, "type_test.answer");
    int64_t sum = 0;
    assert_ok(ask(actor, type, &sum));
    assert_int_equal(sum, 7);
    assert_ok(spawned_message_type_create(harness_runtime(h), &point_type, &type)); /* again */
    assert_ok(ask(actor, type, &sum));
}

static void created_behavior_needs_its_model_no_more(void **state) {
    harness *h = *state;
    char *name = strdup("short lived");
    spawned_message_type *type = malloc(sizeof *type);
    spawned_handler *table = malloc(sizeof *table);
    spawned_behavior *model = malloc(sizeof *model);
    *type = point_type;
    table[0] = (spawned_handler){type, on_point};
    *model = adder;
    model->name = name;
    model->handlers = table;
    const spawned_behavior *behavior = NULL;
    assert_ok(spawned_behavior_create(harness_runtime(h), model, &behavior));
    memset(name, 'x', strlen(name));
    memset(type, 0xff, sizeof *type);
    memset(table, 0xff, sizeof *table);
    memset(model, 0xff, sizeof *model);
    free(name), free(type), free(table), free(model);
    assert_string_equal(behavior->name, "short lived");
    const spawned_pid actor = harness_start(h, behavior, NULL);
    int64_t sum = 0;
    assert_ok(ask(actor, &point_type, &sum));
    assert_int_equal(sum, 7);
}

static void two_handlers_for_one_type_are_refused(void **state) {
    harness *h = *state;
    spawned_message_type same = point_type; /* by identity, not by address */
    const spawned_handler twice[] = {{&point_type, on_point}, {&same, on_point}};
    spawned_behavior behavior = adder;
    behavior.handlers = twice;
    behavior.handler_count = 2;
    spawned_pid pid = 0;
    const spawned_behavior *created = NULL;
    assert_status(spawned_actor_start(harness_runtime(h), &behavior, NULL, &pid), SPAWNED_EINVAL);
    assert_status(spawned_behavior_create(harness_runtime(h), &behavior, &created), SPAWNED_EINVAL);
}

static void impossible_descriptions_are_refused(void **state) {
    harness *h = *state;
    const spawned_pid actor = harness_start(h, &adder, NULL);
    static char long_name[257];
    memset(long_name, 'n', 256);
    spawned_message_type types[9];
    for (int i = 0; i < 9; i++) {
        types[i] = point_type;
        types[i].destroy = NULL;
    }
    types[0].size = 3;
    types[1].name = NULL;
    types[2].name = "";
    types[3].name = long_name;
    types[4].value_alignment = 3;
    types[5].value_alignment = 128;
    types[6].flags = 1U << 20;
    types[7].reserved = 1;
    types[8].codec = &types[8];
    const struct point point[2] = {{1, 2}, {3, 4}};
    for (int i = 0; i < 9; i++) {
        const spawned_message_type *created = NULL;
        spawned_message *message = NULL;
        void *storage = NULL;
        int64_t sum = 0;
        assert_status(spawned_message_type_create(harness_runtime(h), &types[i], &created),
                      SPAWNED_EINVAL);
        if (i == 3)
            continue; /* lengths are measured where descriptions are made, not by each send */
        assert_status(spawned_send(actor, &types[i], point), SPAWNED_EINVAL);
        assert_status(spawned_request(actor, &types[i], point, 0, &sum), SPAWNED_EINVAL);
        assert_status(spawned_message_create(actor, &types[i], point, &message), SPAWNED_EINVAL);
        assert_status(spawned_message_reserve(actor, &types[i], 0, &message, &storage),
                      SPAWNED_EINVAL);
    }
}

static void initialized_type_is_one_for_a_plain_value(void **state) {
    harness *h = *state;
    const spawned_pid actor = harness_start(h, &adder, NULL);
    static spawned_message_type type; /* it outlives the runtime */
    memset(&type, 0xff, sizeof type);
    assert_ok(spawned_message_type_init(&type, sizeof type, "type_test.point", sizeof(struct point),
                                        SPAWNED_ALIGNOF(struct point)));
    type.reply = &answer_type;
    int64_t sum = 0;
    assert_ok(ask(actor, &type, &sum));
    assert_status(spawned_message_type_init(NULL, sizeof type, "x", 1, 1), SPAWNED_EINVAL);
    assert_status(spawned_message_type_init(&type, 1, "x", 1, 1), SPAWNED_EINVAL);
}

int main(int argc, char **argv) {
    static const struct CMUnitTest tests[] = {
        HARNESS_TEST(equal_descriptions_at_other_addresses_are_one_type),
        HARNESS_TEST(same_name_with_another_size_is_a_type_error_and_never_a_cast),
        HARNESS_TEST(same_name_with_another_fingerprint_is_a_type_error),
        HARNESS_TEST(request_that_expects_another_reply_type_is_a_type_error),
        HARNESS_TEST(other_name_of_the_same_shape_is_another_type),
        HARNESS_TEST(local_type_is_known_by_its_address_only),
        HARNESS_TEST(otherwise_handles_what_no_handler_is_for),
        HARNESS_TEST(actor_tells_what_it_handles_without_being_sent_it),
        HARNESS_TEST(created_message_type_needs_its_model_no_more),
        HARNESS_TEST(created_behavior_needs_its_model_no_more),
        HARNESS_TEST(two_handlers_for_one_type_are_refused),
        HARNESS_TEST(impossible_descriptions_are_refused),
        HARNESS_TEST(initialized_type_is_one_for_a_plain_value),
    };
    return harness_main(argc, argv, tests, sizeof tests / sizeof *tests);
}
