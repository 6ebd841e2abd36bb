/* Mailboxes: what order messages are handled in, that none is lost, whatever races with whom. */
#include "support/contract.h"

static void send_numbers(harness *h, spawned_pid pid, uint64_t first, uint64_t last) {
    for (uint64_t i = first; i <= last; i++) assert_ok(harness_send_tracked(h, pid, i));
}

/* M1 */
static void a_send_returns_before_the_message_is_handled(void **state) {
    harness *h = *state;
    harness_gate *gate = harness_gate_new(h);
    harness_probe *probe = harness_probe_new(h);
    const spawned_pid pid = harness_probe_start(h, probe, NULL);
    assert_true(harness_probe_hold(probe, pid, gate));
    send_numbers(h, pid, 1, 1);
    assert_int_equal(harness_probe_count(probe, HARNESS_MESSAGE), 0);
    assert_int_equal(harness_tracked_destroyed(h), 0);
    harness_gate_open(gate);
    assert_true(harness_probe_wait(probe, HARNESS_MESSAGE, 1));
}

/* M2 */
static void sends_and_requests_of_one_sender_share_one_order(void **state) {
    harness *h = *state;
    harness_gate *gate = harness_gate_new(h);
    harness_probe *probe = harness_probe_new(h);
    const spawned_pid pid = harness_probe_start(h, probe, NULL);
    assert_true(harness_probe_hold(probe, pid, gate));
    spawned_response *responses[10] = {0};
    for (uint64_t i = 0; i < 10; i++) {
        spawned_message *message = NULL;
        assert_ok(harness_send_number(pid, 2 * i));
        const uint64_t question = 2 * i + 1;
        assert_ok(spawned_message_create(pid, &harness_ask_type, &question, &message));
        assert_ok(spawned_message_request(message, SPAWNED_FOREVER, &responses[i]));
    }
    harness_gate_open(gate);
    for (uint64_t i = 0; i < 10; i++) {
        uint64_t answer = 0;
        assert_ok(spawned_response_wait(responses[i], HARNESS_LONG));
        assert_ok(spawned_response_take(responses[i], &answer));
        assert_int_equal(answer, 2 * i + 2);
        spawned_response_release(responses[i]);
    }
    assert_story(probe, "i s 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19");
}

/* M3 */
static void without_a_capacity_no_send_is_refused(void **state) {
    harness *h = *state;
    harness_gate *gate = harness_gate_new(h);
    harness_probe *probe = harness_probe_new(h);
    const spawned_pid pid = harness_probe_start(h, probe, NULL);
    assert_true(harness_probe_hold(probe, pid, gate));
    send_numbers(h, pid, 1, 50000);
    harness_gate_open(gate);
    assert_true(harness_probe_wait(probe, HARNESS_MESSAGE, 50000));
}

/* M4 */
static void a_send_to_an_ended_actor_reports_stopped_and_consumes_the_value(void **state) {
    harness *h = *state;
    harness_probe *probe = harness_probe_new(h);
    const spawned_pid pid = harness_probe_start(h, probe, NULL);
    assert_ok(spawned_actor_stop(pid));
    assert_ok(spawned_actor_join(pid, HARNESS_LONG));
    const uint64_t refused = harness_stats(h).refused;
    assert_status(harness_send_tracked(h, pid, 1), SPAWNED_ESTOPPED);
    assert_int_equal(harness_tracked_destroyed(h), 1);
    assert_int_equal(harness_stats(h).refused, refused + 1);
}

static spawned_status send_to_self(spawned_context *context, harness_probe *probe) {
    probe->result = harness_send_tracked(probe->owner, spawned_context_self(context), 9);
    return SPAWNED_OK;
}

/* M5 M7 */
static void a_message_to_oneself_from_stopped_is_refused_at_once(void **state) {
    harness *h = *state;
    harness_probe *probe = harness_probe_new(h);
    probe->on_stopped = send_to_self;
    const spawned_pid pid = harness_probe_start(h, probe, NULL);
    assert_true(harness_settle(h));
    assert_ok(spawned_actor_stop(pid));
    assert_ok(spawned_actor_join(pid, HARNESS_LONG));
    assert_story(probe, "i s x d");
    assert_int_equal(probe->result, SPAWNED_ESTOPPED);
    assert_int_equal(harness_tracked_destroyed(h), 1);
    assert_int_equal(harness_stats(h).refused, 1);
}

static spawned_status pass_gate(spawned_context *context, harness_probe *probe) {
    (void)context;
    harness_gate_pass(probe->gate);
    return SPAWNED_OK;
}

/* M5 */
static void a_send_while_stopped_runs_is_refused_at_once(void **state) {
    harness *h = *state;
    REQUIRE_THREADS(h);
    harness_probe *probe = harness_probe_new(h);
    probe->gate = harness_gate_new(h);
    probe->on_stopped = pass_gate;
    const spawned_pid pid = harness_probe_start(h, probe, NULL);
    assert_ok(spawned_actor_stop(pid));
    assert_true(harness_gate_wait_for(probe->gate, 1));
    assert_status(harness_send_tracked(h, pid, 1), SPAWNED_ESTOPPED);
    assert_int_equal(harness_tracked_destroyed(h), 1);
    const uint64_t question = 1;
    uint64_t answer = 0;
    assert_status(spawned_request(pid, &harness_ask_type, &question, HARNESS_LONG, &answer),
                  SPAWNED_ESTOPPED);
    assert_exit(pid, SPAWNED_EXIT_RUNNING, SPAWNED_OK, SPAWNED_PLACE_NONE);
    harness_gate_open(probe->gate);
    assert_ok(spawned_actor_join(pid, HARNESS_LONG));
}

/* M7 */
static void a_message_to_oneself_queues_behind_what_waits(void **state) {
    harness *h = *state;
    harness_gate *gate = harness_gate_new(h);
    harness_probe *probe = harness_probe_new(h);
    probe->on_started = send_to_self;
    const spawned_pid pid = harness_probe_start(h, probe, NULL);
    assert_true(harness_probe_hold(probe, pid, gate));
    if (harness_is_alone(h))
        assert_true(harness_settle(h)); /* started has run, as it has where a hold was handled */
    send_numbers(h, pid, 10, 11);
    harness_gate_open(gate);
    assert_true(harness_probe_wait(probe, HARNESS_MESSAGE, 3));
    assert_int_equal(probe->result, SPAWNED_OK);
    assert_story(probe, "i s 9 10 11");
}

static spawned_status relay(spawned_context *context, harness_probe *probe, uint64_t number) {
    (void)context;
    return harness_send_number(probe->peer, number + 1);
}

/* peer and data (a spawned_pid): first peer, then data is told. */
static spawned_status tell_both(spawned_context *context, harness_probe *probe, uint64_t number) {
    (void)context;
    const spawned_status status = harness_send_number(probe->peer, number);
    return status != SPAWNED_OK ? status
                                : harness_send_number(*(const spawned_pid *)probe->data, number);
}

/* M2 */
static void a_message_is_seen_before_another_that_followed_from_a_later_one(void **state) {
    harness *h = *state;
    harness_probe *a = harness_probe_new(h), *b = harness_probe_new(h), *c = harness_probe_new(h);
    const spawned_pid c_pid = harness_probe_start(h, c, NULL);
    b->on_number = relay;
    b->peer = c_pid;
    spawned_pid b_pid = harness_probe_start(h, b, NULL);
    a->on_number = tell_both;
    a->peer = c_pid;
    a->data = &b_pid;
    const spawned_pid a_pid = harness_probe_start(h, a, NULL);
    for (uint64_t i = 0; i < 500; i++) assert_ok(harness_send_number(a_pid, 2 * i));
    assert_true(harness_probe_wait(c, HARNESS_MESSAGE, 1000));
    static uint8_t seen[1000];
    memset(seen, 0, sizeof seen);
    for (size_t i = 0; i < 1002; i++) {
        harness_event event = {0};
        assert_true(harness_probe_event(c, i, &event));
        if (event.kind != HARNESS_MESSAGE) continue;
        assert_int_equal(seen[event.number], 0);
        seen[event.number] = 1;
        if (event.number % 2 == 1) assert_int_equal(seen[event.number - 1], 1);
    }
}

enum { SENDERS = 8, EACH = 4000 };

typedef struct sender {
    pthread_t thread;
    harness *h;
    spawned_pid to;
    uint64_t base, count;
    uint64_t accepted;
} sender;

static void *send_sequence(void *argument) {
    sender *own = argument;
    for (uint64_t i = 0; i < own->count; i++)
        own->accepted += harness_send_tracked(own->h, own->to, own->base + i) == SPAWNED_OK;
    return NULL;
}

static void start_senders(harness *h, sender *senders, size_t count, spawned_pid to,
                          uint64_t each) {
    for (size_t i = 0; i < count; i++) {
        senders[i] = (sender){.h = h, .to = to, .base = i * each, .count = each};
        assert_int_equal(pthread_create(&senders[i].thread, NULL, send_sequence, &senders[i]), 0);
    }
}

/* M2 M9 MB01 */
static void each_senders_messages_arrive_complete_and_in_order(void **state) {
    harness *h = *state;
    harness_probe *probe = harness_probe_new(h);
    const spawned_pid pid = harness_probe_start(h, probe, NULL);
    static sender senders[SENDERS];
    start_senders(h, senders, SENDERS, pid, EACH);
    for (size_t i = 0; i < SENDERS; i++) {
        assert_int_equal(pthread_join(senders[i].thread, NULL), 0);
        assert_int_equal(senders[i].accepted, EACH);
    }
    assert_true(harness_probe_wait(probe, HARNESS_MESSAGE, SENDERS * EACH));
    uint64_t next[SENDERS] = {0};
    for (size_t i = 2; i < 2 + SENDERS * EACH; i++) {
        harness_event event = {0};
        assert_true(harness_probe_event(probe, i, &event));
        const uint64_t from = event.number / EACH;
        assert_int_equal(event.number % EACH, next[from]);
        next[from]++;
    }
    assert_int_equal(harness_tracked_created(h), SENDERS * EACH); /* M10: moved, never copied */
}

/* MB08 */
static void senders_that_race_with_the_end_lose_no_message(void **state) {
    harness *h = *state;
    enum { ROUNDS = 40, RACERS = 4, SHOTS = 100 };
    for (size_t round = 0; round < ROUNDS; round++) {
        const spawned_runtime_stats before = harness_stats(h);
        const uint64_t created = harness_tracked_created(h);
        harness_probe *probe = harness_probe_new(h);
        const spawned_pid pid = harness_probe_start(h, probe, NULL);
        sender senders[RACERS];
        start_senders(h, senders, RACERS, pid, SHOTS);
        if (round % 2 == 0)
            spawned_actor_stop(pid);
        else
            spawned_actor_kill(pid);
        assert_ok(spawned_actor_join(pid, HARNESS_LONG));
        uint64_t accepted = 0;
        for (size_t i = 0; i < RACERS; i++) {
            assert_int_equal(pthread_join(senders[i].thread, NULL), 0);
            accepted += senders[i].accepted;
        }
        /* what came during the end may outlast the join by a moment */
        assert_true(harness_settle(h));
        assert_true(harness_tracked_end(h));
        const spawned_runtime_stats after = harness_stats(h);
        const uint64_t handled = harness_probe_count(probe, HARNESS_MESSAGE);
        assert_int_equal(after.messages_sent - before.messages_sent, accepted);
        assert_int_equal(after.messages_handled - before.messages_handled, handled);
        assert_int_equal(after.dead_stopped - before.dead_stopped, accepted - handled);
        assert_int_equal(harness_tracked_created(h) - created, RACERS * SHOTS);
        assert_int_equal(harness_tracked_destroyed(h), harness_tracked_created(h));
    }
}

static spawned_status feed_self(spawned_context *context, harness_probe *probe, uint64_t number) {
    if (probe->result != 0) return SPAWNED_OK;
    return harness_send_number(spawned_context_self(context), number + 1);
}

/* data: the flooding probe, told to end. */
static spawned_status end_flood(spawned_context *context, harness_probe *probe, uint64_t number) {
    (void)context;
    (void)number;
    ((harness_probe *)probe->data)->result = 1;
    return SPAWNED_OK;
}

static void one_worker(spawned_runtime_options *options) { options->workers = 1; }

static const harness_config one_worker_config = {one_worker};

/* MB11 */
static void an_actor_that_feeds_itself_lets_others_run(void **state) {
    harness *h = *state;
    harness_probe *flooding = harness_probe_new(h), *other = harness_probe_new(h);
    flooding->on_number = feed_self;
    other->on_number = end_flood;
    other->data = flooding;
    const spawned_pid flood = harness_probe_start(h, flooding, NULL);
    const spawned_pid pid = harness_probe_start(h, other, NULL);
    assert_ok(harness_send_number(flood, 1));
    if (!harness_is_deterministic(h))
        assert_true(harness_probe_wait(flooding, HARNESS_MESSAGE, 100));
    assert_ok(harness_send_number(pid, 1));
    assert_true(harness_probe_wait(other, HARNESS_MESSAGE, 1)); /* else the flood never ends */
    assert_true(harness_settle(h));
}

static void *ask_many_times(void *argument) {
    sender *own = argument;
    for (uint64_t i = 0; i < own->count; i++) {
        uint64_t answer = 0;
        own->accepted +=
            spawned_request(own->to, &harness_ask_type, &i, HARNESS_LONG, &answer) == SPAWNED_OK &&
            answer == i + 1;
    }
    return NULL;
}

/* MB13 */
static void two_threads_that_keep_waking_an_idle_actor_never_lose_a_wake(void **state) {
    harness *h = *state;
    REQUIRE_THREADS(h);
    harness_probe *probe = harness_probe_new(h);
    const spawned_pid pid = harness_probe_start(h, probe, NULL);
    sender askers[2];
    for (size_t i = 0; i < 2; i++) {
        askers[i] = (sender){.h = h, .to = pid, .count = 1000};
        assert_int_equal(pthread_create(&askers[i].thread, NULL, ask_many_times, &askers[i]), 0);
    }
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(pthread_join(askers[i].thread, NULL), 0);
        assert_int_equal(askers[i].accepted, 1000);
    }
}

/* M1 */
static void many_messages_sent_at_once_keep_their_order_and_report_the_first_refusal(void **state) {
    harness *h = *state;
    harness_probe *probe = harness_probe_new(h), *ended = harness_probe_new(h);
    const spawned_pid pid = harness_probe_start(h, probe, NULL);
    const spawned_pid gone = harness_probe_start(h, ended, NULL);
    assert_ok(spawned_actor_stop(gone));
    assert_ok(spawned_actor_join(gone, HARNESS_LONG));
    spawned_message *messages[9] = {0};
    for (uint64_t i = 0; i < 9; i++) {
        const harness_tracked value = harness_tracked_make(h, i);
        assert_ok(spawned_message_create(i == 4 ? gone : pid, &harness_tracked_type, &value,
                                         &messages[i]));
    }
    size_t accepted = 0;
    assert_status(spawned_message_send_many(messages, 9, &accepted), SPAWNED_ESTOPPED);
    assert_int_equal(accepted, 8);
    assert_true(harness_probe_wait(probe, HARNESS_MESSAGE, 8));
    assert_story(probe, "i s 0 1 2 3 5 6 7 8");
    assert_true(harness_settle(h));
    assert_int_equal(harness_tracked_destroyed(h), 9);
    assert_ok(spawned_message_send_many(messages, 0, NULL));
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        HARNESS_TEST(a_send_returns_before_the_message_is_handled),
        HARNESS_TEST(sends_and_requests_of_one_sender_share_one_order),
        HARNESS_TEST(without_a_capacity_no_send_is_refused),
        HARNESS_TEST(a_send_to_an_ended_actor_reports_stopped_and_consumes_the_value),
        HARNESS_TEST(a_message_to_oneself_from_stopped_is_refused_at_once),
        HARNESS_TEST(a_send_while_stopped_runs_is_refused_at_once),
        HARNESS_TEST(a_message_to_oneself_queues_behind_what_waits),
        HARNESS_TEST(a_message_is_seen_before_another_that_followed_from_a_later_one),
        HARNESS_TEST(each_senders_messages_arrive_complete_and_in_order),
        HARNESS_TEST(senders_that_race_with_the_end_lose_no_message),
        HARNESS_TEST_WITH(an_actor_that_feeds_itself_lets_others_run, &one_worker_config),
        HARNESS_TEST(two_threads_that_keep_waking_an_idle_actor_never_lose_a_wake),
        HARNESS_TEST(many_messages_sent_at_once_keep_their_order_and_report_the_first_refusal),
    };
    return harness_main(argc, argv, tests, sizeof tests / sizeof *tests);
}
