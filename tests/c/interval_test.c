/* Messages at an interval: the schedule is absolute, at most one tick waits, the rest is counted. */
#include "support/contract.h"
#include "support/ticks.h"

#define MS SPAWNED_MILLISECOND

static void end(tick_log *log, spawned_pid actor) {
    (void)spawned_actor_kill(actor);
    assert_ok(spawned_actor_join(actor, SPAWNED_FOREVER));
    tick_log_free(log);
}

/* T2 */
static void first_tick_comes_after_one_full_period(void **state) {
    harness *h = *state;
    tick_log *log = tick_log_new(h, 64);
    const spawned_pid actor = tick_start(log, NULL);
    spawned_timer timer = 0;
    const spawned_time before = harness_now(h);
    assert_ok(tick_every(actor, 3, 10 * MS, &timer));
    if (harness_is_deterministic(h)) {
        assert_true(harness_advance(h, 10 * MS - 1));
        assert_int_equal(log->count, 0);
        assert_true(harness_advance(h, 1));
        assert_int_equal(log->count, 1);
    }
    assert_true(tick_wait(log, 3, 20 * MS));
    for (uint64_t i = 0; i < 3; i++) {
        assert_int_equal(log->ticks[i].number, 3);
        assert_true(log->ticks[i].at - before >= (i + 1) * 10 * MS);
    }
    assert_ok(spawned_timer_cancel(timer));
    end(log, actor);
}

/* T3, TM07: counting the missed ones, tick k comes after k periods and no earlier; nothing adds up */
static void interval_keeps_an_absolute_schedule(void **state) {
    harness *h = *state;
    enum { TICKS = 10000 };
    tick_log *log = tick_log_new(h, TICKS);
    const spawned_pid actor = tick_start(log, NULL);
    spawned_timer timer = 0;
    const size_t wanted = harness_is_deterministic(h) ? TICKS : 40;
    const spawned_time before = harness_now(h);
    assert_ok(tick_every(actor, 1, MS, &timer));
    const spawned_time after = harness_now(h);
    assert_true(tick_wait(log, wanted, TICKS * MS));
    assert_ok(spawned_timer_cancel(timer));
    uint64_t periods = 0;
    for (size_t i = 0; i < wanted; i++) {
        periods += 1 + log->ticks[i].missed;
        assert_true(log->ticks[i].at >= before + periods * MS);
        if (harness_is_deterministic(h)) {
            assert_true(log->ticks[i].at == after + periods * MS);
            assert_int_equal(log->ticks[i].missed, 0);
        }
    }
    end(log, actor);
}

/* TM08, T4 */
static void ticks_due_while_the_receiver_is_busy_are_one_that_counts_them(void **state) {
    harness *h = *state;
    REQUIRE_BLOCKING_HANDLERS(h);
    tick_log *log = tick_log_new(h, 64);
    const spawned_pid actor = tick_start(log, NULL);
    script_hold hold;
    spawned_timer timer = 0;
    const uint64_t periods = harness_is_deterministic(h) ? 100 : 10;
    assert_ok(script_hold_begin(&hold, h, actor));
    const spawned_time before = harness_now(h);
    assert_ok(tick_every(actor, 1, 10 * MS, &timer));
    assert_true(harness_advance(h, periods * 10 * MS));
    const uint64_t handled_before = harness_stats(h).messages_handled;
    assert_ok(script_hold_end(&hold));
    assert_ok(script_run(actor, script_nothing, NULL)); /* behind the one tick */
    assert_true(log->count >= 1);
    assert_true(log->ticks[0].missed >= periods - 2);
    assert_true(log->ticks[0].missed + 1 <= (harness_now(h) - before) / (10 * MS));
    if (harness_is_deterministic(h)) {
        assert_int_equal(log->count, 1);
        assert_true(harness_stats(h).messages_handled - handled_before <= 3);
    }
    assert_true(tick_wait(log, 2, 10 * MS));
    assert_true(log->ticks[1].at >= before + (log->ticks[0].missed + 2) * 10 * MS);
    assert_ok(spawned_timer_cancel(timer));
    script_hold_release(&hold);
    end(log, actor);
}

/* SL1, SL3, SL7: time as a source. A mailbox with room for one message has room for its tick, however full it is,
 * and for no second one; its ticks come in their order, and end with either side. */
static void interval_feeds_a_full_mailbox_with_one_tick_at_a_time_until_either_side_ends(
    void **state) {
    harness *h = *state;
    REQUIRE_DETERMINISTIC(h);
    spawned_actor_options options = SPAWNED_ACTOR_OPTIONS_INIT;
    options.capacity = 1;
    tick_log *log = tick_log_new(h, 64);
    const spawned_pid actor = tick_start(log, &options);
    spawned_timer timer = 0, last = 0;
    script_hold hold;
    for (uint64_t round = 0; round < 3; round++) {
        assert_ok(script_hold_begin(&hold, h, actor));
        assert_ok(script_tell(actor, script_nothing, NULL));
        assert_status(script_tell(actor, script_nothing, NULL), SPAWNED_EFULL);
        if (round == 0) assert_ok(tick_every(actor, 1, 10 * MS, &timer));
        assert_true(harness_advance(h, 100 * MS));
        assert_ok(script_hold_end(&hold));
        assert_true(harness_settle(h));
        assert_int_equal(log->count, round + 1);
        assert_int_equal(log->ticks[round].missed, 9);
        script_hold_release(&hold);
    }
    assert_ok(spawned_timer_cancel(timer)); /* the source's end */
    assert_true(harness_advance(h, 100 * MS));
    assert_int_equal(log->count, 3);
    assert_ok(tick_every(actor, 1, 10 * MS, &last));
    end(log, actor); /* the receiver's */
    assert_status(spawned_timer_cancel(last), SPAWNED_EALREADY);
    assert_true(harness_advance(h, 100 * MS));
}

/* T5, T6 */
static void cancelled_interval_withdraws_the_tick_that_waits_in_the_mailbox(void **state) {
    harness *h = *state;
    REQUIRE_BLOCKING_HANDLERS(h);
    tick_log *log = tick_log_new(h, 64);
    const spawned_pid actor = tick_start(log, NULL);
    script_hold hold;
    spawned_timer timer = 0;
    assert_ok(script_hold_begin(&hold, h, actor));
    assert_ok(tick_tracked(h, actor, true, 2 * MS, &timer));
    assert_true(harness_advance(h, 5 * MS));
    assert_ok(spawned_timer_cancel(timer));
    assert_status(spawned_timer_cancel(timer), SPAWNED_EALREADY);
    assert_ok(script_hold_end(&hold));
    assert_ok(script_run(actor, script_nothing, NULL));
    assert_true(harness_advance(h, 5 * MS));
    assert_int_equal(log->count, 0);
    assert_int_equal(harness_tracked_created(h), harness_tracked_destroyed(h));
    assert_in_range(harness_stats(h).dead_cancelled, 0, 1);
    script_hold_release(&hold);
    end(log, actor);
}

static spawned_status cancel_at_the_third(spawned_context *context, tick_log *log,
                                          const tick *now) {
    (void)context, (void)now;
    return log->count == 3 ? spawned_timer_cancel(log->timer) : SPAWNED_OK;
}

static spawned_status arm_in_the_actor(spawned_context *context, void *state, void *argument) {
    (void)state;
    tick_log *log = argument;
    return tick_every(spawned_context_self(context), 1, 2 * MS, &log->timer);
}

/* T5 */
static void handler_cancels_its_own_interval(void **state) {
    harness *h = *state;
    tick_log *log = tick_log_new(h, 64);
    log->on_tick = cancel_at_the_third;
    const spawned_pid actor = tick_start(log, NULL);
    assert_ok(script_run(actor, arm_in_the_actor, log));
    assert_true(tick_wait(log, 3, 6 * MS));
    assert_true(harness_advance(h, 10 * MS));
    assert_int_equal(log->count, 3);
    spawned_exit exit = SPAWNED_EXIT_INIT;
    assert_ok(spawned_actor_exit_reason(actor, &exit, NULL, 0));
    assert_int_equal(exit.kind, SPAWNED_EXIT_RUNNING); /* the cancel was OK */
    assert_status(spawned_timer_cancel(log->timer), SPAWNED_EALREADY);
    end(log, actor);
}

/* TM03 */
static void interval_cancelled_from_outside_begins_no_further_tick(void **state) {
    harness *h = *state;
    const int rounds = harness_is_deterministic(h) ? 50 : 100;
    for (int i = 0; i < rounds; i++) {
        tick_log *log = tick_log_new(h, 4096);
        const spawned_pid actor = tick_start(log, NULL);
        spawned_timer timer = 0;
        assert_ok(tick_every(actor, 1, 100 * SPAWNED_MICROSECOND, &timer));
        assert_true(tick_sleep(h, (unsigned)(i % 10) * 37 * SPAWNED_MICROSECOND));
        assert_ok(spawned_timer_cancel(timer));
        assert_ok(script_run(actor, script_nothing, NULL)); /* one that had begun has ended */
        const size_t count = log->count;
        assert_true(tick_sleep(h, 300 * SPAWNED_MICROSECOND));
        assert_int_equal(log->count, count);
        end(log, actor);
    }
}

/* T7, T8 */
static void interval_ends_with_its_actor(void **state) {
    harness *h = *state;
    tick_log *log = tick_log_new(h, 64);
    const spawned_pid actor = tick_start(log, NULL);
    assert_ok(tick_tracked(h, actor, true, MS, NULL));
    assert_true(tick_wait(log, 2, 2 * MS));
    assert_ok(spawned_actor_stop(actor));
    assert_ok(spawned_actor_join(actor, SPAWNED_FOREVER));
    const size_t count = log->count;
    assert_true(harness_settle(h));
    assert_int_equal(harness_tracked_created(h), harness_tracked_destroyed(h));
    assert_true(harness_advance(h, 5 * MS));
    assert_int_equal(log->count, count);
    tick_log_free(log);
}

/* T12: a difference; upstream spins */
static void interval_without_a_period_is_refused(void **state) {
    harness *h = *state;
    tick_log *log = tick_log_new(h, 64);
    const spawned_pid actor = tick_start(log, NULL);
    spawned_timer timer = 0;
    assert_status(tick_tracked(h, actor, true, 0, &timer), SPAWNED_EINVAL);
    assert_int_equal(harness_tracked_destroyed(h), 1);
    assert_status(tick_every(actor, 1, (UINT64_C(1) << 63) + 1, &timer), SPAWNED_EINVAL);
    end(log, actor);
}

static void ignore(void *value, void *user_data) { (void)value, (void)user_data; }

/* M10 */
static void interval_of_a_type_that_cannot_be_copied_is_refused(void **state) {
    harness *h = *state;
    static const spawned_message_type single = {.size = sizeof(spawned_message_type),
                                                .name = "interval_test.single",
                                                .value_size = 8,
                                                .destroy = ignore};
    static const spawned_message_type pinned = {.size = sizeof(spawned_message_type),
                                                .name = "interval_test.pinned",
                                                .value_size = 8,
                                                .flags = SPAWNED_TYPE_PINNED};
    tick_log *log = tick_log_new(h, 64);
    const spawned_pid actor = tick_start(log, NULL);
    spawned_timer timer = 0;
    spawned_message *message = NULL;
    const uint64_t value = 1;
    void *storage = NULL;
    assert_ok(spawned_message_create(actor, &single, &value, &message));
    assert_status(spawned_send_interval(MS, message, &timer), SPAWNED_EUNSUPPORTED);
    assert_ok(spawned_message_reserve(actor, &pinned, 0, &message, &storage));
    memset(storage, 0, 8);
    assert_status(spawned_send_interval(MS, message, &timer), SPAWNED_EUNSUPPORTED);
    end(log, actor);
}

static _Atomic int copies;

static spawned_status copy_every_other(void *storage, const void *value, void *user_data) {
    (void)user_data;
    if (atomic_fetch_add(&copies, 1) % 2 == 0)
        return spawned_fail(SPAWNED_ENOMEM, "no ink", SPAWNED_ZERO_TERMINATED);
    memcpy(storage, value, sizeof(uint64_t));
    return SPAWNED_OK;
}

static void copy_that_fails_counts_as_missed(void **state) {
    harness *h = *state;
    static const spawned_message_type type = {.size = sizeof(spawned_message_type),
                                              .name = "ticks.tick",
                                              .value_size = sizeof(uint64_t),
                                              .value_alignment = SPAWNED_ALIGNOF(uint64_t),
                                              .destroy = ignore,
                                              .copy = copy_every_other};
    tick_log *log = tick_log_new(h, 64);
    const spawned_pid actor = tick_start(log, NULL);
    spawned_message *message = NULL;
    spawned_timer timer = 0;
    const uint64_t value = 9;
    atomic_store(&copies, 0);
    const spawned_time before = harness_now(h);
    assert_ok(spawned_message_create(actor, &type, &value, &message));
    assert_ok(spawned_send_interval(5 * MS, message, &timer));
    assert_true(tick_wait(log, 2, 20 * MS));
    assert_ok(spawned_timer_cancel(timer));
    for (uint64_t i = 0; i < 2; i++) {
        assert_int_equal(log->ticks[i].number, 9);
        assert_true(log->ticks[i].missed >= 1);
        assert_true(log->ticks[i].at - before >= (2 * i + 2) * 5 * MS);
    }
    end(log, actor);
}

static bool all_three_came(void *argument) {
    tick_log *log = argument;
    bool seen[3] = {false, false, false};
    const size_t count = log->count;
    for (size_t i = 0; i < count; i++) seen[log->ticks[i].number] = true;
    return seen[0] && seen[1] && seen[2];
}

/* Each interval has its own tick in the mailbox. */
static void intervals_of_one_actor_do_not_hide_each_other(void **state) {
    harness *h = *state;
    REQUIRE_BLOCKING_HANDLERS(h);
    tick_log *log = tick_log_new(h, 4096);
    const spawned_pid actor = tick_start(log, NULL);
    script_hold hold;
    spawned_timer timers[3];
    assert_ok(script_hold_begin(&hold, h, actor));
    for (uint64_t i = 0; i < 3; i++) assert_ok(tick_every(actor, i, (i + 1) * 4 * MS, &timers[i]));
    assert_true(harness_advance(h, 13 * MS));
    assert_int_equal(log->count, 0);
    assert_ok(script_hold_end(&hold));
    assert_true(harness_wait_until(h, all_three_came, log));
    for (uint64_t i = 0; i < 3; i++) assert_ok(spawned_timer_cancel(timers[i]));
    script_hold_release(&hold);
    end(log, actor);
}

int main(int argc, char **argv) {
    static const struct CMUnitTest tests[] = {
        HARNESS_TEST(first_tick_comes_after_one_full_period),
        HARNESS_TEST(interval_keeps_an_absolute_schedule),
        HARNESS_TEST(ticks_due_while_the_receiver_is_busy_are_one_that_counts_them),
        HARNESS_TEST(interval_feeds_a_full_mailbox_with_one_tick_at_a_time_until_either_side_ends),
        HARNESS_TEST(cancelled_interval_withdraws_the_tick_that_waits_in_the_mailbox),
        HARNESS_TEST(handler_cancels_its_own_interval),
        HARNESS_TEST(interval_cancelled_from_outside_begins_no_further_tick),
        HARNESS_TEST(interval_ends_with_its_actor),
        HARNESS_TEST(interval_without_a_period_is_refused),
        HARNESS_TEST(interval_of_a_type_that_cannot_be_copied_is_refused),
        HARNESS_TEST(copy_that_fails_counts_as_missed),
        HARNESS_TEST(intervals_of_one_actor_do_not_hide_each_other),
    };
    return harness_main(argc, argv, tests, sizeof tests / sizeof *tests);
}
