/* Deterministic mode: its driving functions, its clock, its blocked handlers. That equal seeds make
 * equal runs is seed_test.c.
 * modes: deterministic */
#include "support/contract.h"
#include "support/harness_internal.h"
#include "support/ticks.h"

#define MS SPAWNED_MILLISECOND

static void nothing_runs_unless_asked_and_a_step_gives_one_turn(void **state) {
    harness *h = *state;
    spawned_runtime *runtime = harness_runtime(h);
    assert_status(spawned_deterministic_step(runtime), SPAWNED_EAGAIN);
    int64_t counts[3] = {0, 0, 0};
    spawned_pid actors[3];
    for (int i = 0; i < 3; i++) {
        actors[i] = script_start(h);
        assert_ok(script_tell(actors[i], script_count, &counts[i]));
    }
    assert_int_equal(counts[0] + counts[1] + counts[2], 0);
    int64_t seen = 0;
    int steps = 0;
    spawned_status status;
    while ((status = spawned_deterministic_step(runtime)) == SPAWNED_OK) {
        const int64_t now = counts[0] + counts[1] + counts[2];
        assert_true(now - seen <= 1); /* one actor's turn */
        seen = now;
        assert_true(++steps < 1000);
    }
    assert_status(status, SPAWNED_EAGAIN);
    assert_int_equal(seen, 3);
}

static void run_stops_at_its_limit_and_says_how_many_turns_it_gave(void **state) {
    harness *h = *state;
    spawned_runtime *runtime = harness_runtime(h);
    int64_t count = 0;
    for (int i = 0; i < 20; i++) assert_ok(script_tell(script_start(h), script_count, &count));
    uint64_t turns = 99;
    assert_status(spawned_deterministic_run(runtime, 5, &turns), SPAWNED_EAGAIN);
    assert_int_equal(turns, 5);
    assert_true(count <= 5);
    assert_ok(spawned_deterministic_run(runtime, 0, &turns));
    assert_int_equal(count, 20);
    assert_true(turns >= 15);
    assert_ok(spawned_deterministic_run(runtime, 1, &turns));
    assert_int_equal(turns, 0);
    assert_ok(spawned_deterministic_run(runtime, 0, NULL));
}

static void clock_stands_still_unless_advanced(void **state) {
    harness *h = *state;
    tick_log *log = tick_log_new(h, 8);
    const spawned_pid actor = tick_start(log, NULL);
    const spawned_time start = harness_now(h);
    assert_ok(tick_after(actor, 1, 1, NULL));
    assert_ok(script_run(actor, script_nothing, NULL));
    assert_ok(spawned_deterministic_run(harness_runtime(h), 0, NULL));
    assert_true(harness_now(h) == start);
    assert_int_equal(log->count, 0);
    assert_ok(spawned_deterministic_advance(harness_runtime(h), 3 * MS));
    assert_true(harness_now(h) == start + 3 * MS);
    assert_int_equal(log->count, 1);
    assert_true(log->ticks[0].at == start + 1); /* timer by timer */
    assert_ok(spawned_deterministic_advance(harness_runtime(h), 0));
    assert_true(harness_now(h) == start + 3 * MS);
    assert_ok(spawned_actor_kill(actor));
    assert_ok(spawned_actor_join(actor, SPAWNED_FOREVER));
    tick_log_free(log);
}

static spawned_status chain(spawned_context *context, tick_log *log, const tick *now) {
    (void)log;
    return tick_after(spawned_context_self(context), now->number + 1, 3, NULL);
}

static void advance_runs_what_becomes_runnable_before_it_goes_on(void **state) {
    harness *h = *state;
    tick_log *log = tick_log_new(h, 64);
    log->on_tick = chain;
    const spawned_pid actor = tick_start(log, NULL);
    const spawned_time start = harness_now(h);
    assert_ok(tick_after(actor, 0, 3, NULL));
    assert_ok(spawned_deterministic_advance(harness_runtime(h), 100));
    assert_int_equal(log->count, 33); /* each armed by the one before it, within one advance */
    for (uint64_t i = 0; i < 33; i++) assert_true(log->ticks[i].at == start + 3 * (i + 1));
    assert_ok(spawned_actor_kill(actor));
    assert_ok(spawned_actor_join(actor, SPAWNED_FOREVER));
    tick_log_free(log);
}

/* DT05 */
static void day_of_timers_passes_tick_by_tick(void **state) {
    harness *h = *state;
    enum { DAY = 86400 };
    tick_log *log = tick_log_new(h, 2 * DAY);
    const spawned_pid actor = tick_start(log, NULL);
    const spawned_time start = harness_now(h);
    assert_ok(tick_every(actor, 1, SPAWNED_SECOND, NULL));
    for (uint64_t i = 0; i < 1000; i++)
        assert_ok(tick_after(actor, 2, i * 86 * SPAWNED_SECOND + 1, NULL));
    assert_ok(spawned_deterministic_advance(harness_runtime(h), DAY * SPAWNED_SECOND));
    assert_true(harness_now(h) == start + DAY * SPAWNED_SECOND);
    assert_int_equal(log->count, DAY + 1000);
    for (size_t i = 1; i < log->count; i++)
        assert_true(log->ticks[i].at >= log->ticks[i - 1].at && log->ticks[i].missed == 0);
    assert_ok(spawned_actor_kill(actor));
    assert_ok(spawned_actor_join(actor, SPAWNED_FOREVER));
    tick_log_free(log);
}

struct chosen {
    spawned_runtime *runtime;
    uint64_t choice;
    spawned_status status[5];
};

static spawned_status choose_inside(spawned_context *context, void *state, void *argument) {
    (void)state;
    struct chosen *chosen = argument;
    spawned_runtime *runtime = spawned_context_runtime(context);
    chosen->status[0] = spawned_deterministic_choose(runtime, 3, &chosen->choice);
    chosen->status[1] = spawned_deterministic_step(runtime);
    chosen->status[2] = spawned_deterministic_run(runtime, 0, NULL);
    chosen->status[3] = spawned_deterministic_advance(runtime, 1);
    chosen->status[4] = spawned_runtime_shutdown(chosen->runtime, SPAWNED_NO_WAIT);
    return SPAWNED_OK;
}

static void choices_are_below_their_bound_and_part_of_the_digest(void **state) {
    harness *h = *state;
    spawned_runtime *runtime = harness_runtime(h);
    uint64_t choice = 0, before = 0, after = 0;
    unsigned seen = 0;
    assert_ok(spawned_deterministic_digest(runtime, &before));
    for (int i = 0; i < 200; i++) {
        assert_ok(spawned_deterministic_choose(runtime, 4, &choice));
        assert_true(choice < 4);
        seen |= 1U << choice;
    }
    assert_int_equal(seen, 15);
    assert_ok(spawned_deterministic_choose(runtime, 1, &choice));
    assert_true(choice == 0);
    assert_ok(spawned_deterministic_choose(runtime, UINT64_MAX, &choice));
    assert_ok(spawned_deterministic_digest(runtime, &after));
    assert_true(before != after);
    assert_ok(spawned_deterministic_digest(runtime, &before)); /* asking changes nothing */
    assert_true(before == after);
    assert_status(spawned_deterministic_choose(runtime, 0, &choice), SPAWNED_EINVAL);
}

static void handler_may_choose_but_not_drive(void **state) {
    harness *h = *state;
    struct chosen chosen = {.runtime = harness_runtime(h), .choice = 99};
    const spawned_status status = script_run(script_start(h), choose_inside, &chosen);
    assert_true(status == SPAWNED_OK || status == SPAWNED_ESTOPPED); /* the shutdown has begun */
    assert_ok(chosen.status[0]);
    assert_true(chosen.choice < 3);
    for (int i = 1; i < 5; i++) assert_status(chosen.status[i], SPAWNED_EDEADLK);
}

static void runtime_of_another_kind_cannot_be_driven(void **state) {
    harness *h = *state;
    spawned_runtime_options options = SPAWNED_RUNTIME_OPTIONS_INIT;
    const spawned_allocator allocator = harness_watch_allocator(h);
    harness_runtime_options(h, &options);
    options.allocator = &allocator;
    options.flags = 0;
    options.workers = 1;
    spawned_runtime *plain = NULL;
    uint64_t number = 0;
    assert_ok(spawned_runtime_create(&options, &plain));
    harness_expect_runtime(h);
    assert_status(spawned_deterministic_step(plain), SPAWNED_EUNSUPPORTED);
    assert_status(spawned_deterministic_run(plain, 0, NULL), SPAWNED_EUNSUPPORTED);
    assert_status(spawned_deterministic_advance(plain, 1), SPAWNED_EUNSUPPORTED);
    assert_status(spawned_deterministic_choose(plain, 2, &number), SPAWNED_EUNSUPPORTED);
    assert_status(spawned_deterministic_digest(plain, &number), SPAWNED_EUNSUPPORTED);
    assert_int_equal(harness_runtime_end(h, plain), 0);
}

/* A handler that blocks is lent a thread; only one runs at a time */
struct crowd {
    script_gate gate;
    bool passed;
    int *inside, *most; /* of all; plain numbers, since one thread runs at a time */
};

static void step_in_and_out(const struct crowd *crowd) {
    if (++*crowd->inside > *crowd->most) *crowd->most = *crowd->inside;
    --*crowd->inside;
}

static spawned_status block_in_the_crowd(spawned_context *context, void *state, void *argument) {
    (void)context, (void)state;
    struct crowd *crowd = argument;
    step_in_and_out(crowd);
    (void)script_gate_wait(&crowd->gate);
    step_in_and_out(crowd);
    crowd->passed = true;
    return SPAWNED_OK;
}

static void blocked_handlers_leave_the_runtime_to_others_one_at_a_time(void **state) {
    harness *h = *state;
    enum { BLOCKED = 12 };
    struct crowd crowds[BLOCKED];
    int inside = 0, most = 0;
    spawned_response *done[BLOCKED];
    for (int i = 0; i < BLOCKED; i++) {
        crowds[i] = (struct crowd){.inside = &inside, .most = &most};
        assert_ok(script_gate_create(h, &crowds[i].gate));
        done[i] =
            script_request_run(script_start(h), block_in_the_crowd, &crowds[i], SPAWNED_FOREVER);
    }
    assert_true(harness_settle(h));
    int64_t count = 0;
    assert_ok(script_run(script_start(h), script_count, &count));
    assert_int_equal(count, 1);
    for (int i = 0; i < BLOCKED; i++) {
        assert_false(crowds[i].passed);
        assert_ok(script_gate_open(&crowds[i].gate));
    }
    assert_true(harness_settle(h));
    for (int i = 0; i < BLOCKED; i++) {
        assert_true(crowds[i].passed);
        assert_ok(script_finish(done[i]));
        script_gate_release(&crowds[i].gate);
    }
    assert_int_equal(most, 1);
}

static void blocked_call_that_only_time_can_end_ends_at_its_deadline(void **state) {
    harness *h = *state;
    spawned_reply_to kept = 0;
    const spawned_pid actor = script_start(h);
    const script_act ask = {script_detach, &kept};
    int64_t answer = 0;
    spawned_time before = harness_now(h);
    assert_status(spawned_request(actor, &script_ask_type, &ask, 3600 * SPAWNED_SECOND, &answer),
                  SPAWNED_ETIMEDOUT);
    assert_true(harness_now(h) - before == 3600 * SPAWNED_SECOND);
    assert_ok(spawned_reply_to_release(kept));

    before = harness_now(h);
    assert_status(spawned_actor_join(actor, 7 * MS), SPAWNED_ETIMEDOUT);
    assert_true(harness_now(h) - before == 7 * MS);

    spawned_response *nap = NULL;
    before = harness_now(h);
    assert_ok(spawned_sleep(harness_runtime(h), 42 * MS, &nap));
    assert_ok(script_finish(nap));
    assert_true(harness_now(h) - before == 42 * MS);

    script_gate gate;
    assert_ok(script_gate_create(h, &gate));
    before = harness_now(h);
    assert_status(spawned_response_wait(gate.response, 9 * MS), SPAWNED_EAGAIN);
    assert_true(harness_now(h) - before == 9 * MS);
    script_gate_release(&gate);
}

static void wait_that_work_can_end_does_not_move_the_clock(void **state) {
    harness *h = *state;
    const spawned_time before = harness_now(h);
    int64_t number = 1, answer = 0;
    for (int i = 0; i < 100; i++)
        assert_ok(script_ask(script_start(h), script_reply_number, &number, &answer));
    assert_true(harness_now(h) == before);
}

int main(int argc, char **argv) {
    static const struct CMUnitTest tests[] = {
        HARNESS_TEST(nothing_runs_unless_asked_and_a_step_gives_one_turn),
        HARNESS_TEST(run_stops_at_its_limit_and_says_how_many_turns_it_gave),
        HARNESS_TEST(clock_stands_still_unless_advanced),
        HARNESS_TEST(advance_runs_what_becomes_runnable_before_it_goes_on),
        HARNESS_TEST(day_of_timers_passes_tick_by_tick),
        HARNESS_TEST(choices_are_below_their_bound_and_part_of_the_digest),
        HARNESS_TEST(handler_may_choose_but_not_drive),
        HARNESS_TEST(runtime_of_another_kind_cannot_be_driven),
        HARNESS_TEST(blocked_handlers_leave_the_runtime_to_others_one_at_a_time),
        HARNESS_TEST(blocked_call_that_only_time_can_end_ends_at_its_deadline),
        HARNESS_TEST(wait_that_work_can_end_does_not_move_the_clock),
    };
    return harness_main(argc, argv, tests, sizeof tests / sizeof *tests);
}
