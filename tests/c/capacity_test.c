/* What a full mailbox does not stop: control, replies and timers; and that bounded mailboxes
 * account for every message under fire. The policies themselves are in overflow_test.c. */
#include "support/contract.h"

enum { CAPACITY = 4 };

static spawned_pid start_bounded(harness *h, harness_probe *probe, spawned_overflow overflow,
                                 uint64_t capacity) {
    spawned_actor_options options = SPAWNED_ACTOR_OPTIONS_INIT;
    options.capacity = capacity;
    options.overflow = overflow;
    return harness_probe_start(h, probe, &options);
}

/* Returns with the mailbox full and, where threads run, the actor at the gate. */
static spawned_pid start_full(harness *h, harness_probe *probe, harness_gate *gate) {
    const spawned_pid pid = start_bounded(h, probe, SPAWNED_OVERFLOW_REJECT, CAPACITY);
    assert_true(harness_probe_hold(probe, pid, gate));
    for (uint64_t i = 1; i <= CAPACITY; i++) assert_ok(harness_send_tracked(h, pid, i));
    assert_status(harness_send_tracked(h, pid, 5), SPAWNED_EFULL);
    return pid;
}

/* MB07 */
static void a_stop_reaches_an_actor_with_a_full_mailbox(void **state) {
    harness *h = *state;
    harness_gate *gate = harness_gate_new(h);
    harness_probe *probe = harness_probe_new(h);
    const spawned_pid pid = start_full(h, probe, gate);
    assert_ok(spawned_actor_stop(pid));
    harness_gate_open(gate);
    assert_ok(spawned_actor_join(pid, HARNESS_LONG));
    assert_int_equal(harness_probe_count(probe, HARNESS_STOPPED), 1);
    assert_true(harness_probe_count(probe, HARNESS_MESSAGE) <= 1);
}

/* MB07 */
static void a_kill_reaches_an_actor_with_a_full_mailbox(void **state) {
    harness *h = *state;
    harness_gate *gate = harness_gate_new(h);
    harness_probe *probe = harness_probe_new(h);
    const spawned_pid pid = start_full(h, probe, gate);
    assert_ok(spawned_actor_kill(pid));
    harness_gate_open(gate);
    assert_ok(spawned_actor_join(pid, HARNESS_LONG));
    assert_exit(pid, SPAWNED_EXIT_KILLED, SPAWNED_OK, SPAWNED_PLACE_NONE);
    assert_int_equal(harness_stats(h).dead_stopped, CAPACITY);
}

/* MB07 */
static void a_drain_reaches_an_actor_with_a_full_mailbox(void **state) {
    harness *h = *state;
    harness_gate *gate = harness_gate_new(h);
    harness_probe *probe = harness_probe_new(h);
    const spawned_pid pid = start_full(h, probe, gate);
    assert_ok(spawned_actor_drain(pid, HARNESS_LONG));
    harness_gate_open(gate);
    assert_ok(spawned_actor_join(pid, HARNESS_LONG));
    assert_int_equal(harness_probe_count(probe, HARNESS_MESSAGE), CAPACITY);
}

static bool has_fired(void *argument) { return harness_stats(argument).timers_fired >= 1; }

/* MB07 */
static void a_timers_message_reaches_an_actor_with_a_full_mailbox(void **state) {
    harness *h = *state;
    harness_gate *gate = harness_gate_new(h);
    harness_probe *probe = harness_probe_new(h);
    const spawned_pid pid = start_full(h, probe, gate);
    const harness_tracked value = harness_tracked_make(h, 9);
    spawned_message *message = NULL;
    assert_ok(spawned_message_create(pid, &harness_tracked_type, &value, &message));
    assert_ok(spawned_send_after(0, message, NULL));
    if (!harness_is_deterministic(h)) assert_true(harness_wait_until(h, has_fired, h));
    harness_gate_open(gate);
    assert_true(harness_probe_wait(probe, HARNESS_MESSAGE, CAPACITY + 1));
}

/* Fills its own mailbox, then asks its peer. */
static spawned_status fill_self_and_ask(spawned_context *context, harness_probe *probe,
                                        uint64_t number) {
    if (number != 100) return SPAWNED_OK;
    for (uint64_t i = 1; i <= CAPACITY; i++)
        harness_send_tracked(probe->owner, spawned_context_self(context), i);
    const uint64_t question = 5;
    uint64_t answer = 0;
    const spawned_status status =
        spawned_request(probe->peer, &harness_ask_type, &question, HARNESS_LONG, &answer);
    probe->result = status == SPAWNED_OK ? (int64_t)answer : status;
    return SPAWNED_OK;
}

/* MB07 */
static void a_reply_reaches_an_actor_with_a_full_mailbox(void **state) {
    harness *h = *state;
    harness_probe *asking = harness_probe_new(h), *answering = harness_probe_new(h);
    asking->on_number = fill_self_and_ask;
    asking->peer = harness_probe_start(h, answering, NULL);
    const spawned_pid pid = start_bounded(h, asking, SPAWNED_OVERFLOW_REJECT, CAPACITY);
    assert_ok(harness_send_number(pid, 100));
    assert_true(harness_probe_wait(asking, HARNESS_MESSAGE, 1 + CAPACITY));
    assert_int_equal(asking->result, 6);
    assert_story(asking, "i s 100 1 2 3 4");
}

static spawned_status pass_gate(spawned_context *context, harness_probe *probe) {
    (void)context;
    harness_gate_pass(probe->gate);
    return SPAWNED_OK;
}

/* MB07 */
static void a_mailbox_that_fills_up_while_started_runs_is_worked_off_afterwards(void **state) {
    harness *h = *state;
    harness_probe *probe = harness_probe_new(h);
    probe->gate = harness_gate_new(h);
    probe->on_started = pass_gate;
    const spawned_pid pid = start_bounded(h, probe, SPAWNED_OVERFLOW_REJECT, CAPACITY);
    for (uint64_t i = 1; i <= CAPACITY; i++) assert_ok(harness_send_tracked(h, pid, i));
    assert_status(harness_send_tracked(h, pid, 5), SPAWNED_EFULL);
    harness_gate_open(probe->gate);
    assert_true(harness_probe_wait(probe, HARNESS_MESSAGE, CAPACITY));
    assert_story(probe, "i s 1 2 3 4");
}

enum { SENDERS = 4, EACH = 500 };

typedef struct sender {
    pthread_t thread;
    harness *h;
    spawned_pid to;
    uint64_t accepted;
} sender;

static void *send_each(void *argument) {
    sender *own = argument;
    for (uint64_t i = 0; i < EACH; i++)
        own->accepted += harness_send_tracked(own->h, own->to, i) == SPAWNED_OK;
    return NULL;
}

static void flood_bounded(harness *h, spawned_overflow overflow) {
    harness_probe *probe = harness_probe_new(h);
    const spawned_pid pid = start_bounded(h, probe, overflow, 8);
    sender senders[SENDERS] = {0};
    for (size_t i = 0; i < SENDERS; i++) {
        senders[i].h = h;
        senders[i].to = pid;
        assert_int_equal(pthread_create(&senders[i].thread, NULL, send_each, &senders[i]), 0);
    }
    uint64_t accepted = 0;
    for (size_t i = 0; i < SENDERS; i++) {
        assert_int_equal(pthread_join(senders[i].thread, NULL), 0);
        accepted += senders[i].accepted;
    }
    assert_true(harness_settle(h));
    const uint64_t handled = harness_probe_count(probe, HARNESS_MESSAGE);
    const spawned_runtime_stats stats = harness_stats(h);
    assert_int_equal(accepted, handled + stats.dead_overflow);
    assert_int_equal(stats.refused, SENDERS * EACH - accepted);
    assert_int_equal(harness_tracked_destroyed(h), SENDERS * EACH);
    if (overflow == SPAWNED_OVERFLOW_BLOCK) assert_int_equal(handled, SENDERS * EACH);
    if (overflow == SPAWNED_OVERFLOW_REJECT)
        assert_int_equal(stats.dead_overflow, 0);
    else
        assert_int_equal(accepted, SENDERS * EACH);
}

/* MB08 MB03 */
static void a_rejecting_mailbox_accounts_for_every_message_under_fire(void **state) {
    flood_bounded(*state, SPAWNED_OVERFLOW_REJECT);
}

/* MB08 MB04 */
static void a_mailbox_that_drops_the_newest_accounts_for_every_message_under_fire(void **state) {
    flood_bounded(*state, SPAWNED_OVERFLOW_DROP_NEWEST);
}

/* MB08 MB04 */
static void a_mailbox_that_drops_the_oldest_accounts_for_every_message_under_fire(void **state) {
    flood_bounded(*state, SPAWNED_OVERFLOW_DROP_OLDEST);
}

/* MB08 MB05 */
static void a_blocking_mailbox_handles_every_message_under_fire(void **state) {
    REQUIRE_THREADS((harness *)*state);
    flood_bounded(*state, SPAWNED_OVERFLOW_BLOCK);
}

/* MB05 */
static void in_deterministic_mode_a_sender_that_would_block_runs_the_receiver(void **state) {
    harness *h = *state;
    REQUIRE_DETERMINISTIC(h);
    harness_probe *probe = harness_probe_new(h);
    const spawned_pid pid = start_bounded(h, probe, SPAWNED_OVERFLOW_BLOCK, 2);
    for (uint64_t i = 1; i <= 9; i++) assert_ok(harness_send_tracked(h, pid, i));
    assert_true(harness_settle(h));
    assert_story(probe, "i s 1 2 3 4 5 6 7 8 9");
}

/* M3 */
static void the_largest_capacity_is_accepted(void **state) {
    harness *h = *state;
    harness_probe *probe = harness_probe_new(h);
    const spawned_pid pid = start_bounded(h, probe, SPAWNED_OVERFLOW_REJECT, UINT64_C(1) << 31);
    assert_true(pid != 0);
    assert_ok(harness_send_tracked(h, pid, 1));
    assert_true(harness_probe_wait(probe, HARNESS_MESSAGE, 1));
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        HARNESS_TEST(a_stop_reaches_an_actor_with_a_full_mailbox),
        HARNESS_TEST(a_kill_reaches_an_actor_with_a_full_mailbox),
        HARNESS_TEST(a_drain_reaches_an_actor_with_a_full_mailbox),
        HARNESS_TEST(a_timers_message_reaches_an_actor_with_a_full_mailbox),
        HARNESS_TEST(a_reply_reaches_an_actor_with_a_full_mailbox),
        HARNESS_TEST(a_mailbox_that_fills_up_while_started_runs_is_worked_off_afterwards),
        HARNESS_TEST(a_rejecting_mailbox_accounts_for_every_message_under_fire),
        HARNESS_TEST(a_mailbox_that_drops_the_newest_accounts_for_every_message_under_fire),
        HARNESS_TEST(a_mailbox_that_drops_the_oldest_accounts_for_every_message_under_fire),
        HARNESS_TEST(a_blocking_mailbox_handles_every_message_under_fire),
        HARNESS_TEST(in_deterministic_mode_a_sender_that_would_block_runs_the_receiver),
        HARNESS_TEST(the_largest_capacity_is_accepted),
    };
    return harness_main(argc, argv, tests, sizeof tests / sizeof *tests);
}
