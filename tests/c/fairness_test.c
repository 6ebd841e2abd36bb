/* Who runs when many want to: nobody is kept from its turn by others that never rest, by a handler that keeps
 * its thread, or because too few threads were woken. */
#include "support/contract.h"
#include "support/script.h"

static void one_worker(spawned_runtime_options *options) { options->workers = 1; }
static void two_workers(spawned_runtime_options *options) { options->workers = 2; }
static void four_workers(spawned_runtime_options *options) { options->workers = 4; }

static const harness_config one_worker_config = {one_worker};
static const harness_config two_workers_config = {two_workers};
static const harness_config four_workers_config = {four_workers};

/* A ball that two throw to one another until somebody ends the game. */
typedef struct game {
    spawned_pid players[2];
    _Atomic int over;
    _Atomic uint64_t throws;
} game;

static spawned_status throw_back(spawned_context *context, void *state, void *argument) {
    (void)state;
    game *one = argument;
    atomic_fetch_add(&one->throws, 1);
    if (one->over != 0) return SPAWNED_OK;
    const bool first = one->players[0] == spawned_context_self(context);
    return script_tell(one->players[first ? 1 : 0], throw_back, one);
}

static spawned_status end_game(spawned_context *context, void *state, void *argument) {
    (void)context, (void)state;
    ((game *)argument)->over = 1;
    return SPAWNED_OK;
}

static bool is_under_way(void *argument) { return ((game *)argument)->throws >= 1000; }

static void begin_game(harness *h, game *one) {
    *one = (game){.over = 0};
    for (int i = 0; i < 2; i++) one->players[i] = script_start(h);
    assert_ok(script_tell(one->players[0], throw_back, one));
    if (!harness_is_alone(h)) assert_true(harness_wait_until(h, is_under_way, one));
}

/* MB12: each makes the other runnable on the only thread, and would be next for ever */
static void two_that_keep_waking_each_other_let_others_run(void **state) {
    harness *h = *state;
    static game one;
    const spawned_pid other = script_start(h);
    begin_game(h, &one);
    assert_ok(script_run(other, end_game, &one)); /* else the game never ends */
    assert_true(harness_settle(h));
}

/* TM01 MB11 */
static void timers_fire_while_actors_keep_their_worker_busy(void **state) {
    harness *h = *state;
    if (harness_is_deterministic(h)) skip(); /* virtual time passes when nobody wants to run */
    static game one;
    const spawned_pid other = script_start(h);
    begin_game(h, &one);
    const script_act act = {end_game, &one};
    spawned_message *message = NULL;
    spawned_response *nap = NULL;
    assert_ok(spawned_message_create(other, &script_tell_type, &act, &message));
    assert_ok(spawned_sleep(harness_runtime(h), SPAWNED_MILLISECOND, &nap));
    assert_ok(spawned_response_wait(nap, HARNESS_LONG));
    spawned_response_release(nap);
    assert_ok(spawned_send_after(SPAWNED_MILLISECOND, message, NULL));
    assert_true(harness_settle(h));
}

/* peer: who is told; then the handler keeps its thread until the gate opens. */
static spawned_status tell_and_keep_the_thread(spawned_context *context, harness_probe *probe,
                                               uint64_t number) {
    (void)context;
    const spawned_status status = harness_send_number(probe->peer, number);
    harness_gate_pass(probe->gate);
    return status;
}

/* MB12: what a worker was to run next is not its own while a handler keeps it */
static void actor_woken_by_a_handler_that_keeps_its_worker_runs_on_another(void **state) {
    harness *h = *state;
    REQUIRE_THREADS(h);
    for (uint64_t i = 1; i <= 20; i++) {
        harness_probe *keeping = harness_probe_new(h), *woken = harness_probe_new(h);
        keeping->gate = harness_gate_new(h);
        keeping->on_number = tell_and_keep_the_thread;
        keeping->peer = harness_probe_start_on(h, woken, SPAWNED_BACKEND_POOL);
        const spawned_pid pid = harness_probe_start_on(h, keeping, SPAWNED_BACKEND_POOL);
        assert_true(harness_settle(h));
        assert_ok(harness_send_number(pid, i));
        assert_true(harness_probe_wait(woken, HARNESS_MESSAGE, 1)); /* the gate is closed */
        harness_gate_open(keeping->gate);
        assert_true(harness_settle(h));
    }
}

static void burst(harness *h, spawned_backend backend, uint64_t count) {
    enum { MOST = 4, ROUNDS = 50 };
    harness_probe *probes[MOST];
    spawned_pid pids[MOST];
    for (uint64_t i = 0; i < count; i++) {
        probes[i] = harness_probe_new(h);
        pids[i] = harness_probe_start_on(h, probes[i], backend);
    }
    for (int round = 0; round < ROUNDS; round++) {
        harness_gate *gate = harness_gate_new(h);
        assert_true(harness_settle(h)); /* whoever there is sleeps, or is about to */
        for (uint64_t i = 0; i < count; i++)
            assert_ok(spawned_send(pids[i], &harness_hold_type, &gate));
        assert_true(harness_gate_wait_for(gate, count)); /* all of them at once */
        harness_gate_open(gate);
    }
}

/* MB13: idle threads are woken one for each, not one for all that came while it was on its way */
static void burst_wakes_as_many_idle_threads_as_it_has_actors(void **state) {
    harness *h = *state;
    REQUIRE_THREADS(h);
    burst(h, SPAWNED_BACKEND_POOL, 4);
    burst(h, SPAWNED_BACKEND_BLOCKING, 4);
}

int main(int argc, char **argv) {
    static const struct CMUnitTest tests[] = {
        HARNESS_TEST_WITH(two_that_keep_waking_each_other_let_others_run, &one_worker_config),
        HARNESS_TEST_WITH(timers_fire_while_actors_keep_their_worker_busy, &one_worker_config),
        HARNESS_TEST_WITH(actor_woken_by_a_handler_that_keeps_its_worker_runs_on_another,
                          &two_workers_config),
        HARNESS_TEST_WITH(burst_wakes_as_many_idle_threads_as_it_has_actors, &four_workers_config),
    };
    return harness_main(argc, argv, tests, sizeof tests / sizeof *tests);
}
