/* Messages after a delay: never early, in order, cancelled truthfully, gone with their actor. Intervals
 * are interval_test.c. */
#include "support/contract.h"
#include "support/ticks.h"

#define MS SPAWNED_MILLISECOND

/* Ends the actor and gives the log back. */
static void end(tick_log *log, spawned_pid actor) {
    (void)spawned_actor_kill(actor);
    assert_ok(spawned_actor_join(actor, SPAWNED_FOREVER));
    tick_log_free(log);
}

/* T1 */
static void message_after_a_delay_comes_once_and_not_before(void **state) {
    harness *h = *state;
    tick_log *log = tick_log_new(h, 8);
    const spawned_pid actor = tick_start(log, NULL);
    const spawned_time before = harness_now(h);
    assert_ok(tick_after(actor, 5, 10 * MS, NULL));
    if (harness_is_deterministic(h)) {
        assert_true(harness_advance(h, 10 * MS - 1));
        assert_int_equal(log->count, 0);
        assert_true(harness_advance(h, 1));
        assert_int_equal(log->count, 1);
    }
    assert_true(tick_wait(log, 1, 0));
    assert_true(log->ticks[0].at - before >= 10 * MS);
    assert_int_equal(log->ticks[0].number, 5);
    assert_int_equal(log->ticks[0].missed, 0);
    assert_true(harness_advance(h, 25 * MS));
    assert_int_equal(log->count, 1);
    assert_int_equal(harness_stats(h).timers_fired, 1);
    end(log, actor);
}

struct inside {
    tick_log *log;
    size_t count_after_the_call;
    spawned_status status;
};

static spawned_status arm_inside(spawned_context *context, void *state, void *argument) {
    (void)state;
    struct inside *inside = argument;
    inside->status = tick_after(spawned_context_self(context), 1, 0, NULL);
    inside->count_after_the_call = inside->log->count;
    return SPAWNED_OK;
}

/* TM05 */
static void no_delay_at_all_is_as_soon_as_possible_but_never_inside_the_call(void **state) {
    harness *h = *state;
    tick_log *log = tick_log_new(h, 8);
    const spawned_pid actor = tick_start(log, NULL);
    struct inside inside = {log, 99, SPAWNED_EAGAIN};
    assert_ok(script_run(actor, arm_inside, &inside));
    assert_ok(inside.status);
    assert_int_equal(inside.count_after_the_call, 0);
    assert_true(tick_wait(log, 1, 0));
    end(log, actor);
}

/* T7 */
static void timer_goes_on_when_nobody_keeps_its_handle(void **state) {
    harness *h = *state;
    tick_log *log = tick_log_new(h, 8);
    const spawned_pid actor = tick_start(log, NULL);
    for (uint64_t i = 0; i < 5; i++) assert_ok(tick_after(actor, i, 2 * MS, NULL));
    assert_true(tick_wait(log, 5, 2 * MS));
    end(log, actor);
}

/* T5 */
static void cancelled_timer_never_fires_and_its_value_is_destroyed_once(void **state) {
    harness *h = *state;
    tick_log *log = tick_log_new(h, 8);
    const spawned_pid actor = tick_start(log, NULL);
    spawned_timer timer = 0;
    assert_ok(tick_tracked(h, actor, false, 15 * MS, &timer));
    assert_true(timer != 0);
    assert_ok(spawned_timer_cancel(timer));
    assert_int_equal(harness_tracked_destroyed(h), 1);
    assert_status(spawned_timer_cancel(timer), SPAWNED_EALREADY);
    assert_true(harness_advance(h, 20 * MS));
    assert_int_equal(log->count, 0);
    assert_int_equal(harness_tracked_destroyed(h), 1);
    end(log, actor);
}

/* T5 */
static void cancel_after_the_message_was_handled_says_already(void **state) {
    harness *h = *state;
    tick_log *log = tick_log_new(h, 8);
    const spawned_pid actor = tick_start(log, NULL);
    spawned_timer timer = 0;
    assert_ok(tick_tracked(h, actor, false, 1 * MS, &timer));
    assert_true(tick_wait(log, 1, 1 * MS));
    assert_status(spawned_timer_cancel(timer), SPAWNED_EALREADY);
    assert_status(spawned_timer_cancel(timer), SPAWNED_EALREADY);
    end(log, actor);
}

/* T6 */
static void cancel_tells_the_truth_of_a_message_that_waits_in_the_mailbox(void **state) {
    harness *h = *state;
    tick_log *log = tick_log_new(h, 8);
    const spawned_pid actor = tick_start(log, NULL);
    script_hold hold;
    spawned_timer timer = 0;
    assert_ok(script_hold_begin(&hold, h, actor));
    assert_ok(tick_tracked(h, actor, false, 1 * MS, &timer));
    assert_true(harness_advance(h, 10 * MS));
    const spawned_status status = spawned_timer_cancel(timer);
    assert_true(status == SPAWNED_OK || status == SPAWNED_EALREADY);
    assert_ok(script_hold_end(&hold));
    assert_ok(script_run(actor, script_nothing, NULL));
    assert_int_equal(log->count, status == SPAWNED_OK ? 0 : 1);
    script_hold_release(&hold);
    end(log, actor);
}

/* TM03: ok means not handled, already means handled once */
static void cancel_tells_the_truth_when_it_races_with_firing(void **state) {
    harness *h = *state;
    enum { TIMERS = 3000 };
    tick_log *log = tick_log_new(h, TIMERS);
    const spawned_pid actor = tick_start(log, NULL);
    static spawned_timer timers[TIMERS];
    static unsigned char cancelled[TIMERS];
    size_t kept = 0;
    memset(cancelled, 0, sizeof cancelled);
    for (uint64_t i = 0; i < TIMERS; i++)
        assert_ok(tick_after(actor, i, (i * 7919 % 2000) * SPAWNED_MICROSECOND, &timers[i]));
    for (size_t i = 0; i < TIMERS; i++) {
        const spawned_status status = spawned_timer_cancel(timers[i]);
        assert_true(status == SPAWNED_OK || status == SPAWNED_EALREADY);
        cancelled[i] = status == SPAWNED_OK;
        kept += status != SPAWNED_OK;
        if (harness_is_deterministic(h) && i % 16 == 0)
            assert_true(harness_advance(h, 10 * SPAWNED_MICROSECOND));
    }
    assert_true(tick_wait(log, kept, 3 * MS));
    assert_true(harness_advance(h, 3 * MS));
    assert_int_equal(log->count, kept);
    for (size_t i = 0; i < kept; i++) assert_int_equal(cancelled[log->ticks[i].number]++, 0);
    end(log, actor);
}

/* T8, T10 */
static void actors_end_takes_its_timers_with_it(void **state) {
    harness *h = *state;
    spawned_status (*const ends[])(spawned_pid) = {spawned_actor_stop, spawned_actor_kill};
    for (int i = 0; i < 2; i++) {
        tick_log *log = tick_log_new(h, 8);
        const spawned_pid actor = tick_start(log, NULL);
        spawned_timer once = 0, often = 0;
        assert_ok(tick_tracked(h, actor, false, 5 * MS, &once));
        assert_ok(tick_tracked(h, actor, true, 5 * MS, &often));
        assert_ok(ends[i](actor));
        assert_ok(spawned_actor_join(actor, SPAWNED_FOREVER));
        assert_status(spawned_timer_cancel(once), SPAWNED_EALREADY);
        assert_status(spawned_timer_cancel(often), SPAWNED_EALREADY);
        assert_true(harness_settle(h));
        assert_int_equal(harness_tracked_created(h), harness_tracked_destroyed(h));
        assert_true(harness_advance(h, 12 * MS));
        tick_log_free(log);
    }
}

/* T9 */
static void timer_for_an_ended_actor_is_refused_and_its_message_destroyed(void **state) {
    harness *h = *state;
    tick_log *log = tick_log_new(h, 8);
    const spawned_pid actor = tick_start(log, NULL);
    assert_ok(spawned_actor_stop(actor));
    assert_ok(spawned_actor_join(actor, SPAWNED_FOREVER));
    spawned_timer timer = 0;
    assert_status(tick_tracked(h, actor, false, MS, &timer), SPAWNED_ESTOPPED);
    assert_status(tick_tracked(h, actor, true, MS, &timer), SPAWNED_ESTOPPED);
    assert_int_equal(harness_tracked_destroyed(h), 2);
    tick_log_free(log);
}

static spawned_status arm_the_next(spawned_context *context, tick_log *log, const tick *now) {
    (void)log;
    if (now->number == 6) return SPAWNED_OK;
    return tick_after(spawned_context_self(context), now->number + 1, now->number * MS / 2, NULL);
}

/* T13, T11 */
static void handler_arms_its_own_next_turn_with_varying_delays(void **state) {
    harness *h = *state;
    tick_log *log = tick_log_new(h, 8);
    log->on_tick = arm_the_next;
    const spawned_pid actor = tick_start(log, NULL);
    assert_ok(tick_after(actor, 0, 0, NULL));
    assert_true(tick_wait(log, 7, 20 * MS));
    for (uint64_t i = 0; i < 7; i++) {
        assert_int_equal(log->ticks[i].number, i);
        if (i > 0) assert_true(log->ticks[i].at - log->ticks[i - 1].at >= (i - 1) * MS / 2);
    }
    end(log, actor);
}

/* TM01, TM02: by deadline, which lies between the clock before and after the call, plus the delay */
static void timers_fire_in_the_order_of_their_deadlines_and_never_early(void **state) {
    harness *h = *state;
    enum { TIMERS = 2000 };
    tick_log *log = tick_log_new(h, TIMERS);
    const spawned_pid actor = tick_start(log, NULL);
    static spawned_time earliest[TIMERS], latest[TIMERS];
    uint64_t random = 12345;
    for (uint64_t i = 0; i < TIMERS; i++) {
        random = random * UINT64_C(6364136223846793005) + 1442695040888963407U;
        /* Some to the nanosecond, some so that they are due together. */
        const spawned_duration delay =
            i % 2 == 0 ? (random >> 33) % (20 * MS) : (random >> 33) % 20 * MS;
        earliest[i] = harness_now(h) + delay;
        assert_ok(tick_after(actor, i, delay, NULL));
        latest[i] = harness_now(h) + delay;
    }
    assert_true(tick_wait(log, TIMERS, 20 * MS));
    spawned_time reached = 0;
    for (size_t i = 0; i < TIMERS; i++) {
        const uint64_t number = log->ticks[i].number;
        assert_true(log->ticks[i].at >= earliest[number]);
        assert_true(latest[number] >= reached);
        if (earliest[number] > reached) reached = earliest[number];
        const uint64_t before = i == 0 ? number : log->ticks[i - 1].number;
        if (harness_is_deterministic(h) && earliest[before] == earliest[number])
            assert_true(before <= number); /* equal deadlines: by creation */
    }
    end(log, actor);
}

static spawned_status burn_then_arm(spawned_context *context, void *state, void *argument) {
    (void)state;
    tick_log *log = argument;
    const spawned_time start = harness_now(log->h);
    while (harness_now(log->h) - start < 40 * MS) continue;
    log->ticks[7].at = harness_now(log->h);
    return tick_after(spawned_context_self(context), 1, 20 * MS, NULL);
}

/* TM04 */
static void handler_that_kept_its_thread_busy_arms_no_early_timer(void **state) {
    harness *h = *state;
    REQUIRE_THREADS(h); /* virtual time stands still in a handler */
    tick_log *log = tick_log_new(h, 8);
    const spawned_pid actor = tick_start(log, NULL);
    assert_ok(script_run(actor, burn_then_arm, log));
    assert_true(tick_wait(log, 1, 20 * MS));
    assert_true(log->ticks[0].at - log->ticks[7].at >= 20 * MS);
    end(log, actor);
}

/* TM05 */
static void huge_delays_are_taken_and_disturb_no_short_ones(void **state) {
    harness *h = *state;
    static const spawned_duration huge[] = {(UINT64_C(1) << 31) * 1000000,
                                            (UINT64_C(1) << 33) * 1000000, UINT64_C(1) << 63,
                                            (UINT64_C(1) << 42), (UINT64_C(1) << 52) + 1};
    tick_log *log = tick_log_new(h, 16);
    const spawned_pid actor = tick_start(log, NULL);
    spawned_timer timer = 0;
    for (size_t i = 0; i < 5; i++) assert_ok(tick_after(actor, 100, huge[i], NULL));
    assert_ok(tick_after(actor, 1, MS, NULL));
    assert_status(tick_after(actor, 2, (UINT64_C(1) << 63) + 1, &timer), SPAWNED_EINVAL);
    assert_status(tick_after(actor, 2, SPAWNED_FOREVER, &timer), SPAWNED_EINVAL);
    assert_true(tick_wait(log, 1, MS));
    assert_true(harness_advance(h, 5 * MS));
    assert_int_equal(log->count, 1);
    assert_int_equal(log->ticks[0].number, 1);
    if (harness_is_deterministic(h)) { /* and they fire in their time */
        assert_true(harness_advance(h, huge[1] - 7 * MS));
        assert_int_equal(log->count, 4);
        assert_true(harness_advance(h, MS));
        assert_int_equal(log->count, 5);
    }
    end(log, actor);
}

/* TM09 */
static void timers_of_dead_actors_reach_nobody_that_comes_after(void **state) {
    harness *h = *state;
    for (int round = 0; round < 20; round++) {
        tick_log *log = tick_log_new(h, 8);
        const spawned_pid first = tick_start(log, NULL);
        for (int i = 0; i < 200; i++)
            assert_ok(tick_tracked(h, first, i % 2 == 0, 2 * MS + (unsigned)i, NULL));
        assert_ok(spawned_actor_kill(first));
        assert_ok(spawned_actor_join(first, SPAWNED_FOREVER));
        const size_t count = log->count; /* some may have fired in time */
        const spawned_pid second = tick_start(log, NULL);
        assert_true(harness_advance(h, 3 * MS));
        assert_int_equal(log->count, count);
        end(log, second);
    }
    assert_int_equal(harness_tracked_created(h), harness_tracked_destroyed(h));
}

static void timer_message_finds_room_in_a_full_mailbox(void **state) {
    harness *h = *state;
    tick_log *log = tick_log_new(h, 8);
    spawned_actor_options options = SPAWNED_ACTOR_OPTIONS_INIT;
    options.capacity = 1;
    const spawned_pid actor = tick_start(log, &options);
    script_hold hold;
    assert_ok(script_hold_begin(&hold, h, actor));
    assert_ok(script_tell(actor, script_nothing, NULL));
    assert_status(script_tell(actor, script_nothing, NULL), SPAWNED_EFULL);
    assert_ok(tick_after(actor, 1, MS, NULL));
    assert_true(harness_advance(h, 3 * MS));
    assert_ok(script_hold_end(&hold));
    assert_true(tick_wait(log, 1, 0));
    script_hold_release(&hold);
    end(log, actor);
}

/* TM06: the clock goes on for longer than any level of the timers' wheel, beside a timer of years; after a
 * week, twelve days, 2^31 ms, 2^33 ms and 2^42 ns a short timer is still exact */
static void short_timers_stay_exact_however_long_the_runtime_has_run(void **state) {
    harness *h = *state;
    REQUIRE_DETERMINISTIC(h);
    static const spawned_duration ages[] = {UINT64_C(7) * 86400 * SPAWNED_SECOND,
                                            UINT64_C(12) * 86400 * SPAWNED_SECOND,
                                            (UINT64_C(1) << 31) * MS,
                                            (UINT64_C(1) << 33) * MS,
                                            UINT64_C(1) << 42,
                                            (UINT64_C(1) << 36) - 1};
    tick_log *log = tick_log_new(h, 256);
    const spawned_pid actor = tick_start(log, NULL);
    assert_ok(tick_after(actor, 9, UINT64_C(1) << 62, NULL));
    size_t count = 0;
    for (size_t i = 0; i < 6; i++) {
        assert_true(harness_advance(h, ages[i]));
        for (spawned_duration delay = 1; delay < 4 * SPAWNED_SECOND; delay = 7 * delay + 3) {
            const spawned_time due = harness_now(h) + delay;
            assert_ok(tick_after(actor, 1, delay, NULL));
            assert_true(harness_advance(h, delay - 1));
            assert_int_equal(log->count, count);
            assert_true(harness_advance(h, 1));
            assert_int_equal(log->count, ++count);
            assert_true(log->ticks[count - 1].at == due);
            assert_int_equal(log->ticks[count - 1].number, 1);
        }
    }
    end(log, actor);
}

/* TM02: whoever sleeps until a late timer is woken for an earlier one */
static void earlier_timer_is_not_kept_waiting_by_a_later_one(void **state) {
    harness *h = *state;
    tick_log *log = tick_log_new(h, 64);
    const spawned_pid actor = tick_start(log, NULL);
    assert_ok(tick_after(actor, 9, 1000 * SPAWNED_SECOND, NULL));
    for (size_t i = 1; i <= 20; i++) {
        assert_true(harness_settle(h)); /* all sleep */
        assert_ok(tick_after(actor, 1, MS / 2, NULL));
        assert_true(tick_wait(log, i, MS));
    }
    assert_int_equal(log->ticks[19].number, 1);
    end(log, actor);
}

static spawned_status arm_for_oneself(spawned_context *context, harness_probe *probe) {
    const harness_tracked value = harness_tracked_make(probe->owner, 1);
    const harness_tracked next = harness_tracked_make(probe->owner, 2);
    spawned_message *message = NULL, *again = NULL;
    const spawned_pid self = spawned_context_self(context);
    (void)spawned_message_create(self, &harness_tracked_type, &value, &message);
    (void)spawned_message_create(self, &harness_tracked_type, &next, &again);
    const spawned_status once = spawned_send_after(0, message, NULL);
    const spawned_status often = spawned_send_interval(MS, again, NULL);
    probe->result = once == often ? once : SPAWNED_EFAILED;
    return SPAWNED_OK;
}

/* TM10 */
static void timer_set_by_an_actor_that_is_ending_is_refused(void **state) {
    harness *h = *state;
    harness_probe *probe = harness_probe_new(h);
    probe->on_stopped = arm_for_oneself;
    const spawned_pid actor = harness_probe_start(h, probe, NULL);
    assert_ok(spawned_actor_stop(actor));
    assert_ok(spawned_actor_join(actor, HARNESS_LONG));
    assert_status((spawned_status)probe->result, SPAWNED_ESTOPPED);
    assert_int_equal(harness_tracked_destroyed(h), 2);
    assert_true(harness_advance(h, 3 * MS));
    assert_story(probe, "i s x d");
}

typedef struct armer {
    pthread_t thread;
    harness *h;
    spawned_pid to;
} armer;

static void *arm_many(void *argument) {
    armer *own = argument;
    for (uint64_t i = 0; i < 1000; i++) {
        const spawned_duration delay = (i % 3) * 100 * SPAWNED_MICROSECOND + 1;
        if (tick_tracked(own->h, own->to, i % 2 == 1, delay, NULL) != SPAWNED_OK) break;
    }
    return NULL;
}

/* One that had been taken out to fire is dropped by whoever has it. */
static bool all_are_destroyed(void *argument) {
    return harness_tracked_destroyed(argument) == harness_tracked_created(argument);
}

/* TM10: its end neither misses one nor waits for one */
static void timers_set_while_their_actor_ends_go_with_it_or_are_refused(void **state) {
    harness *h = *state;
    REQUIRE_THREADS(h);
    for (int round = 0; round < 60; round++) {
        tick_log *log = tick_log_new(h, 1 << 16);
        const spawned_pid actor = tick_start(log, NULL);
        armer armers[2] = {{.h = h, .to = actor}, {.h = h, .to = actor}};
        for (size_t i = 0; i < 2; i++)
            assert_int_equal(pthread_create(&armers[i].thread, NULL, arm_many, &armers[i]), 0);
        assert_true(tick_wait(log, (size_t)(round % 4), 0));
        assert_ok(round % 2 == 0 ? spawned_actor_stop(actor) : spawned_actor_kill(actor));
        assert_ok(spawned_actor_join(actor, SPAWNED_FOREVER));
        const size_t count = log->count;
        for (size_t i = 0; i < 2; i++) assert_int_equal(pthread_join(armers[i].thread, NULL), 0);
        assert_true(harness_wait_until(h, all_are_destroyed, h));
        assert_int_equal(log->count, count);
        tick_log_free(log);
    }
}

static spawned_status stop_and_arm_again(spawned_context *context, tick_log *log, const tick *now) {
    (void)now;
    const spawned_status status = spawned_context_stop(context);
    (void)tick_after(spawned_context_self(context), 5, 0, NULL);
    (void)tick_every(spawned_context_self(context), 6, MS, &log->timer);
    return status;
}

/* LC08: what fired goes on to the end of its handler and no further */
static void handler_of_a_timers_message_may_stop_its_actor(void **state) {
    harness *h = *state;
    for (int repeat = 0; repeat < 2; repeat++) {
        tick_log *log = tick_log_new(h, 64);
        log->on_tick = stop_and_arm_again;
        const spawned_pid actor = tick_start(log, NULL);
        assert_ok(tick_tracked(h, actor, repeat == 1, MS, NULL));
        assert_ok(tick_tracked(h, actor, false, MS, NULL)); /* due at the same time */
        assert_true(tick_wait(log, 1, MS));
        assert_ok(spawned_actor_join(actor, HARNESS_LONG));
        assert_true(harness_advance(h, 5 * MS));
        assert_int_equal(log->count, 1);
        assert_int_equal(harness_tracked_destroyed(h), harness_tracked_created(h));
        tick_log_free(log);
    }
}

int main(int argc, char **argv) {
    static const struct CMUnitTest tests[] = {
        HARNESS_TEST(message_after_a_delay_comes_once_and_not_before),
        HARNESS_TEST(no_delay_at_all_is_as_soon_as_possible_but_never_inside_the_call),
        HARNESS_TEST(timer_goes_on_when_nobody_keeps_its_handle),
        HARNESS_TEST(cancelled_timer_never_fires_and_its_value_is_destroyed_once),
        HARNESS_TEST(cancel_after_the_message_was_handled_says_already),
        HARNESS_TEST(cancel_tells_the_truth_of_a_message_that_waits_in_the_mailbox),
        HARNESS_TEST(cancel_tells_the_truth_when_it_races_with_firing),
        HARNESS_TEST(actors_end_takes_its_timers_with_it),
        HARNESS_TEST(timer_for_an_ended_actor_is_refused_and_its_message_destroyed),
        HARNESS_TEST(handler_arms_its_own_next_turn_with_varying_delays),
        HARNESS_TEST(timers_fire_in_the_order_of_their_deadlines_and_never_early),
        HARNESS_TEST(handler_that_kept_its_thread_busy_arms_no_early_timer),
        HARNESS_TEST(huge_delays_are_taken_and_disturb_no_short_ones),
        HARNESS_TEST(timers_of_dead_actors_reach_nobody_that_comes_after),
        HARNESS_TEST(timer_message_finds_room_in_a_full_mailbox),
        HARNESS_TEST(short_timers_stay_exact_however_long_the_runtime_has_run),
        HARNESS_TEST(earlier_timer_is_not_kept_waiting_by_a_later_one),
        HARNESS_TEST(timer_set_by_an_actor_that_is_ending_is_refused),
        HARNESS_TEST(timers_set_while_their_actor_ends_go_with_it_or_are_refused),
        HARNESS_TEST(handler_of_a_timers_message_may_stop_its_actor),
    };
    return harness_main(argc, argv, tests, sizeof tests / sizeof *tests);
}
