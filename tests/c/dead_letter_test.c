/* Messages that end unhandled: each counted under its cause, told in the log within limits, and its
 * value destroyed once. */
#include "support/contract.h"

/* Every test here sends this type to actors that have no handler for it. */
typedef struct parcel {
    uint64_t number;
} parcel;

static const spawned_message_type parcel_type = SPAWNED_MESSAGE_TYPE("post.parcel", parcel);

static spawned_status ignore_value(spawned_context *context, void *state, void *value) {
    (void)context;
    (void)state;
    (void)value;
    return SPAWNED_OK;
}

/* MB15 */
static void the_counter_is_exact_and_the_log_says_little(void **state) {
    harness *h = *state;
    harness_probe *probe = harness_probe_new(h);
    const spawned_pid pid = harness_probe_start(h, probe, NULL);
    enum { LETTERS = 100000 };
    const spawned_time begin = harness_now(h);
    for (uint64_t i = 0; i < LETTERS; i++) assert_ok(spawned_send(pid, &parcel_type, &(parcel){i}));
    assert_true(harness_settle(h));
    assert_int_equal(harness_stats(h).dead_no_handler, LETTERS);
    /* The first ten, then summaries, by the second or by the doubling, but never by the letter. */
    const size_t summaries = 32 + (size_t)((harness_now(h) - begin) / SPAWNED_SECOND);
    const size_t records = harness_log_count(h, SPAWNED_LOG_INFO, NULL);
    assert_in_range(records, 1, 10 + summaries);
    harness_log_entry entry;
    assert_true(harness_log_find(h, SPAWNED_LOG_INFO, "post.parcel", &entry));
    assert_true(entry.pid == pid);
    assert_string_equal(entry.actor_name, "probe");
}

/* M4 MB09 */
static void a_message_without_a_handler_is_a_dead_letter_and_the_actor_lives_on(void **state) {
    harness *h = *state;
    static const spawned_behavior bare = {SPAWNED_BEHAVIOR_INIT("bare"), .state_size = 0};
    const spawned_pid pid = harness_start(h, &bare, NULL);
    assert_ok(harness_send_tracked(h, pid, 1));
    assert_true(harness_settle(h));
    const spawned_runtime_stats stats = harness_stats(h);
    assert_int_equal(stats.dead_no_handler, 1);
    assert_int_equal(stats.messages_sent, 1);
    assert_int_equal(stats.messages_handled, 0);
    assert_int_equal(harness_tracked_destroyed(h), 1);
    assert_exit(pid, SPAWNED_EXIT_RUNNING, SPAWNED_OK, SPAWNED_PLACE_NONE);
}

/* M4 */
static void a_request_without_a_handler_says_so(void **state) {
    harness *h = *state;
    static const spawned_behavior bare = {SPAWNED_BEHAVIOR_INIT("bare"), .state_size = 0};
    const spawned_pid pid = harness_start(h, &bare, NULL);
    const uint64_t question = 1;
    uint64_t answer = 0;
    assert_status(spawned_request(pid, &harness_ask_type, &question, HARNESS_LONG, &answer),
                  SPAWNED_ENOHANDLER);
    assert_int_equal(harness_stats(h).dead_no_handler, 1);
}

/* M8 */
static void a_type_of_the_same_name_and_another_shape_never_reaches_the_handler(void **state) {
    harness *h = *state;
    static const spawned_message_type answer = SPAWNED_MESSAGE_TYPE("harness.answer", uint64_t);
    static const spawned_message_type narrow =
        SPAWNED_REQUEST_TYPE("harness.ask", uint32_t, &answer);
    static spawned_message_type marked;
    marked = harness_ask_type;
    marked.fingerprint = 4711;
    harness_probe *probe = harness_probe_new(h);
    const spawned_pid pid = harness_probe_start(h, probe, NULL);
    const uint64_t question = 1;
    uint64_t reply = 0;
    assert_status(spawned_request(pid, &narrow, &question, HARNESS_LONG, &reply), SPAWNED_ETYPE);
    assert_status(spawned_request(pid, &marked, &question, HARNESS_LONG, &reply), SPAWNED_ETYPE);
    assert_int_equal(harness_probe_count(probe, HARNESS_MESSAGE), 0);
    assert_int_equal(harness_stats(h).dead_no_handler, 2);
    /* Another description of the same type is the same type. */
    static spawned_message_type twin;
    twin = harness_ask_type;
    assert_ok(spawned_request(pid, &twin, &question, HARNESS_LONG, &reply));
    assert_int_equal(reply, 2);
}

/* M6 LC05 */
static void a_backlog_at_the_end_is_counted_as_stopped(void **state) {
    harness *h = *state;
    harness_gate *gate = harness_gate_new(h);
    harness_probe *probe = harness_probe_new(h);
    const spawned_pid pid = harness_probe_start(h, probe, NULL);
    assert_true(harness_probe_hold(probe, pid, gate));
    for (uint64_t i = 0; i < 25; i++) assert_ok(harness_send_tracked(h, pid, i));
    assert_ok(spawned_actor_kill(pid));
    harness_gate_open(gate);
    assert_ok(spawned_actor_join(pid, HARNESS_LONG));
    assert_int_equal(harness_stats(h).dead_stopped, 25);
    assert_int_equal(harness_tracked_destroyed(h), 25);
}

/* MB09 */
static void a_message_past_its_deadline_is_dropped_when_its_type_says_so(void **state) {
    harness *h = *state;
    static spawned_message_type perishable;
    perishable = harness_tracked_type;
    perishable.name = "harness.perishable";
    perishable.flags = SPAWNED_TYPE_SKIP_EXPIRED;
    static spawned_handler handlers[1];
    handlers[0] = (spawned_handler){&perishable, ignore_value};
    static spawned_behavior behavior;
    behavior = (spawned_behavior){SPAWNED_BEHAVIOR_INIT("fridge"), .handler_count = 1,
                                  .handlers = handlers};
    const spawned_pid pid = harness_start(h, &behavior, NULL);
    assert_true(harness_advance(h, SPAWNED_MILLISECOND));
    const spawned_time deadlines[] = {1, harness_now(h) + 1000 * SPAWNED_SECOND, 0};
    for (size_t i = 0; i < 3; i++) {
        const harness_tracked value = harness_tracked_make(h, i);
        spawned_message *message = NULL;
        assert_ok(spawned_message_create(pid, &perishable, &value, &message));
        assert_ok(spawned_message_set_deadline(message, deadlines[i]));
        assert_ok(spawned_message_send(message));
    }
    assert_true(harness_settle(h));
    const spawned_runtime_stats stats = harness_stats(h);
    assert_int_equal(stats.dead_expired, 1);
    assert_int_equal(stats.messages_handled, 2);
    assert_int_equal(harness_tracked_destroyed(h), 3);
}

/* MB09 */
static void a_message_never_sent_is_no_dead_letter(void **state) {
    harness *h = *state;
    harness_probe *probe = harness_probe_new(h);
    const spawned_pid pid = harness_probe_start(h, probe, NULL);
    spawned_message *destroyed = NULL, *abandoned = NULL;
    const harness_tracked value = harness_tracked_make(h, 1);
    void *storage = NULL;
    assert_ok(spawned_message_create(pid, &harness_tracked_type, &value, &destroyed));
    assert_ok(spawned_message_reserve(pid, &harness_tracked_type, 0, &abandoned, &storage));
    assert_non_null(storage);
    spawned_message_destroy(destroyed);
    spawned_message_abandon(abandoned);
    assert_int_equal(harness_tracked_destroyed(h), 1); /* the abandoned one was never made */
    const spawned_runtime_stats stats = harness_stats(h);
    assert_int_equal(stats.messages_sent + stats.refused + harness_dead_letters(&stats), 0);
}

/* MB09 */
static void a_message_may_outlive_its_runtime_unsent(void **state) {
    harness *h = *state;
    harness_probe *probe = harness_probe_new(h);
    const spawned_pid pid = harness_probe_start(h, probe, NULL);
    const harness_tracked first = harness_tracked_make(h, 1), next = harness_tracked_make(h, 2);
    spawned_message *destroyed = NULL, *sent = NULL;
    assert_ok(spawned_message_create(pid, &harness_tracked_type, &first, &destroyed));
    assert_ok(spawned_message_create(pid, &harness_tracked_type, &next, &sent));
    assert_int_equal(harness_end_runtime(h), 0);
    spawned_message_destroy(destroyed);
    assert_status(spawned_message_send(sent), SPAWNED_ESTOPPED);
    assert_int_equal(harness_tracked_destroyed(h), 2);
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        HARNESS_TEST(the_counter_is_exact_and_the_log_says_little),
        HARNESS_TEST(a_message_without_a_handler_is_a_dead_letter_and_the_actor_lives_on),
        HARNESS_TEST(a_request_without_a_handler_says_so),
        HARNESS_TEST(a_type_of_the_same_name_and_another_shape_never_reaches_the_handler),
        HARNESS_TEST(a_backlog_at_the_end_is_counted_as_stopped),
        HARNESS_TEST(a_message_past_its_deadline_is_dropped_when_its_type_says_so),
        HARNESS_TEST(a_message_never_sent_is_no_dead_letter),
        HARNESS_TEST(a_message_may_outlive_its_runtime_unsent),
    };
    return harness_main(argc, argv, tests, sizeof tests / sizeof *tests);
}
