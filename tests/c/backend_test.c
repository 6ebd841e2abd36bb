/* Backends: one of each behave alike together, and each keeps its promise about threads.
 * What these tests need they start themselves. modes: deterministic pool */
#include "support/contract.h"
#include "support/script.h"

static const spawned_backend backends[] = {SPAWNED_BACKEND_POOL, SPAWNED_BACKEND_BLOCKING,
                                           SPAWNED_BACKEND_THREAD};

static void one_worker(spawned_runtime_options *options) { options->workers = 1; }

static const harness_config one_worker_config = {one_worker};

static void two_blocking_threads(spawned_runtime_options *options) {
    options->workers = 1;
    options->blocking_threads = 2;
}

static const harness_config two_blocking_threads_config = {two_blocking_threads};

static void brief_idleness(spawned_runtime_options *options) {
    options->workers = 1;
    options->blocking_idle = SPAWNED_MILLISECOND;
}

static const harness_config brief_idleness_config = {brief_idleness};

/* B1 */
static void the_pool_is_the_default_backend(void **state) {
    (void)state;
    spawned_actor_options options;
    assert_ok(spawned_actor_options_init(&options, sizeof options));
    assert_int_equal(options.backend, SPAWNED_BACKEND_POOL);
    const spawned_actor_options initial = SPAWNED_ACTOR_OPTIONS_INIT;
    assert_int_equal(initial.backend, SPAWNED_BACKEND_POOL);
    assert_int_equal(SPAWNED_BACKEND_POOL, 0);
}

static spawned_status ask_peer(spawned_context *context, harness_probe *probe, uint64_t number) {
    uint64_t answer = 0;
    const spawned_status status =
        spawned_request(probe->peer, &harness_ask_type, &number, HARNESS_LONG, &answer);
    if (status == SPAWNED_OK) answer += 10;
    const spawned_status replied = spawned_reply(context, &answer);
    return status != SPAWNED_OK ? status : replied;
}

/* B2 */
static void actors_of_all_backends_ask_one_another(void **state) {
    harness *h = *state;
    for (size_t from = 0; from < 3; from++) {
        for (size_t to = 0; to < 3; to++) {
            harness_probe *asking = harness_probe_new(h), *asked = harness_probe_new(h);
            asking->on_number = ask_peer;
            asking->peer = harness_probe_start_on(h, asked, backends[to]);
            const spawned_pid pid = harness_probe_start_on(h, asking, backends[from]);
            const uint64_t question = 5;
            uint64_t answer = 0;
            assert_ok(spawned_request(pid, &harness_ask_type, &question, HARNESS_LONG, &answer));
            assert_int_equal(answer, 16);
            assert_ok(spawned_actor_stop(pid));
            assert_ok(spawned_actor_join(pid, HARNESS_LONG));
            assert_story(asking, "i s 5 x d");
            assert_story(asked, "i s 5");
        }
    }
}

static spawned_status fail_always(spawned_context *context, harness_probe *probe, uint64_t number) {
    (void)context;
    (void)probe;
    (void)number;
    return 7;
}

/* B2 */
static void a_failure_on_one_backend_leaves_actors_of_the_others_alone(void **state) {
    harness *h = *state;
    for (size_t i = 0; i < 3; i++) {
        harness_probe *failing = harness_probe_new(h), *near[3];
        spawned_pid neighbours[3];
        failing->on_number = fail_always;
        const spawned_pid pid = harness_probe_start_on(h, failing, backends[i]);
        for (size_t k = 0; k < 3; k++) {
            near[k] = harness_probe_new(h);
            neighbours[k] = harness_probe_start_on(h, near[k], backends[k]);
        }
        assert_ok(harness_send_number(pid, 1));
        assert_ok(spawned_actor_join(pid, HARNESS_LONG));
        assert_exit(pid, SPAWNED_EXIT_FAILURE, 7, SPAWNED_PLACE_HANDLER);
        for (size_t k = 0; k < 3; k++) {
            assert_ok(harness_send_number(neighbours[k], 1));
            assert_true(harness_probe_wait(near[k], HARNESS_MESSAGE, 1));
        }
    }
}

/* B3 */
static void a_stuck_handler_on_another_backend_does_not_delay_the_pool(void **state) {
    harness *h = *state;
    REQUIRE_THREADS(h);
    harness_gate *gate = harness_gate_new(h);
    for (size_t i = 1; i < 3; i++) {
        harness_probe *stuck = harness_probe_new(h);
        assert_true(harness_probe_hold(stuck, harness_probe_start_on(h, stuck, backends[i]), gate));
    }
    harness_probe *probe = harness_probe_new(h);
    const spawned_pid pid =
        harness_probe_start_on(h, probe, SPAWNED_BACKEND_POOL); /* of one worker */
    for (uint64_t i = 0; i < 100; i++) {
        uint64_t answer = 0;
        assert_ok(spawned_request(pid, &harness_ask_type, &i, HARNESS_LONG, &answer));
    }
    assert_int_equal(harness_probe_count(probe, HARNESS_MESSAGE), 100);
}

/* B4 RQ11 */
static void handlers_that_wait_inside_the_library_do_not_use_up_the_pool(void **state) {
    harness *h = *state; /* one worker, and a chain of sixteen that wait for one another */
    enum { CHAIN = 16 };
    harness_probe *chain[CHAIN];
    spawned_pid pid = 0;
    for (size_t i = 0; i < CHAIN; i++) {
        chain[i] = harness_probe_new(h);
        chain[i]->on_number = i == 0 ? NULL : ask_peer;
        chain[i]->peer = pid;
        pid = harness_probe_start_on(h, chain[i], SPAWNED_BACKEND_POOL);
    }
    const uint64_t question = 0;
    uint64_t answer = 0;
    assert_ok(spawned_request(pid, &harness_ask_type, &question, HARNESS_LONG, &answer));
    assert_int_equal(answer, 1 + 10 * (CHAIN - 1));
}

static spawned_status wait_for_promise(spawned_context *context, harness_probe *probe,
                                       uint64_t number) {
    (void)context;
    (void)number;
    probe->result = spawned_response_wait(probe->data, SPAWNED_DEFAULT);
    return SPAWNED_OK;
}

/* B4 RQ11 */
static void many_blocked_pool_handlers_leave_a_worker_for_the_one_that_frees_them(void **state) {
    harness *h = *state;
    enum { BLOCKED = 8 };
    harness_probe *blocked[BLOCKED];
    spawned_reply_to keys[BLOCKED];
    spawned_response *responses[BLOCKED];
    for (size_t i = 0; i < BLOCKED; i++) {
        assert_ok(spawned_promise_create(harness_runtime(h), NULL, SPAWNED_DEFAULT, &keys[i],
                                         &responses[i]));
        blocked[i] = harness_probe_new(h);
        blocked[i]->on_number = wait_for_promise;
        blocked[i]->data = responses[i];
        blocked[i]->result = 1;
        assert_ok(
            harness_send_number(harness_probe_start_on(h, blocked[i], SPAWNED_BACKEND_POOL), 1));
    }
    for (size_t i = 0; i < BLOCKED; i++)
        assert_true(harness_probe_wait(blocked[i], HARNESS_MESSAGE, 1));
    harness_probe *other = harness_probe_new(h);
    assert_ok(harness_send_number(harness_probe_start_on(h, other, SPAWNED_BACKEND_POOL), 1));
    assert_true(harness_probe_wait(other, HARNESS_MESSAGE, 1));
    for (size_t i = 0; i < BLOCKED; i++) {
        assert_int_equal(blocked[i]->result, 1);
        assert_ok(spawned_reply_to_send(keys[i], NULL));
    }
    for (size_t i = 0; i < BLOCKED; i++) {
        assert_true(harness_probe_wait_result(blocked[i], SPAWNED_OK));
        spawned_response_release(responses[i]);
    }
}

static uint64_t thread_of(harness_probe *probe, harness_event_kind kind) {
    harness_event event = {0};
    for (size_t i = 0; harness_probe_event(probe, i, &event); i++) {
        if (event.kind == kind) return event.thread;
    }
    return 0;
}

/* B1 B5 */
static void a_thread_actors_callbacks_run_on_one_thread_of_its_own(void **state) {
    harness *h = *state;
    REQUIRE_THREADS(h);
    harness_probe *probes[2];
    spawned_pid pids[2];
    for (size_t i = 0; i < 2; i++) {
        probes[i] = harness_probe_new(h);
        pids[i] = harness_probe_start_on(h, probes[i], SPAWNED_BACKEND_THREAD);
        for (uint64_t k = 0; k < 50; k++) assert_ok(harness_send_number(pids[i], k));
    }
    for (size_t i = 0; i < 2; i++) {
        assert_true(harness_probe_wait(probes[i], HARNESS_MESSAGE, 50));
        assert_ok(spawned_actor_stop(pids[i]));
        assert_ok(spawned_actor_join(pids[i], HARNESS_LONG));
        const uint64_t own = thread_of(probes[i], HARNESS_STARTED);
        harness_event event = {0};
        for (size_t k = 0; harness_probe_event(probes[i], k, &event); k++) {
            if (event.kind != HARNESS_INIT && event.kind != HARNESS_DESTROYED)
                assert_int_equal(event.thread, own);
        }
        assert_true(own != thread_of(probes[i], HARNESS_INIT)); /* init: the starting thread */
    }
    assert_true(thread_of(probes[0], HARNESS_STARTED) != thread_of(probes[1], HARNESS_STARTED));
}

static void only_threads(spawned_runtime_options *options) {
    options->flags |= SPAWNED_RUNTIME_THREADS;
}

static const harness_config only_threads_config = {only_threads};

/* B5 */
static void in_a_runtime_of_threads_each_actor_gets_one_unless_it_asks_otherwise(void **state) {
    harness *h = *state;
    REQUIRE_THREADS(h);
    harness_probe *probes[3];
    for (size_t i = 0; i < 3; i++) {
        probes[i] = harness_probe_new(h);
        const spawned_pid pid = harness_probe_start_on(h, probes[i], backends[i]);
        const uint64_t question = 1;
        uint64_t answer = 0;
        assert_ok(spawned_request(pid, &harness_ask_type, &question, HARNESS_LONG, &answer));
    }
    assert_true(thread_of(probes[0], HARNESS_STARTED) != thread_of(probes[1], HARNESS_STARTED));
    assert_true(thread_of(probes[0], HARNESS_STARTED) != thread_of(probes[2], HARNESS_STARTED));
    /* The one worker runs nobody: two such actors that wait for each other's thread need no spare. */
    harness_gate *gate = harness_gate_new(h);
    for (size_t i = 0; i < 2; i++) {
        const spawned_pid pid =
            harness_probe_start_on(h, harness_probe_new(h), SPAWNED_BACKEND_POOL);
        assert_ok(spawned_send(pid, &harness_hold_type, &gate));
    }
    assert_true(harness_gate_wait_for(gate, 2));
    harness_gate_open(gate);
}

/* B1 */
static void the_blocking_pool_grows_with_its_blocked_handlers_and_shrinks_when_idle(void **state) {
    harness *h = *state;
    REQUIRE_THREADS(h);
    enum { BLOCKED = 12 };
    harness_gate *gate = harness_gate_new(h);
    const uint64_t threads = harness_stats(h).threads;
    const size_t tasks = harness_thread_count();
    for (uint64_t i = 0; i < BLOCKED; i++) {
        harness_probe *probe = harness_probe_new(h);
        const spawned_pid pid = harness_probe_start_on(h, probe, SPAWNED_BACKEND_BLOCKING);
        assert_ok(spawned_send(pid, &harness_hold_type, &gate));
    }
    assert_true(harness_gate_wait_for(gate, BLOCKED)); /* all at once */
    assert_true(harness_stats(h).threads >= threads + BLOCKED);
    harness_gate_open(gate);
    assert_true(harness_threads_return_to(tasks + 1)); /* one may stay for the next actor */
}

typedef struct rally {
    spawned_pid players[2];
    int left;
    script_gate over;
} rally;

static spawned_status hit(spawned_context *context, void *state, void *argument) {
    (void)state;
    rally *game = argument;
    if (game->left-- == 0) return script_gate_open(&game->over);
    const bool second = game->players[1] == spawned_context_self(context);
    return script_tell(game->players[second ? 0 : 1], hit, game);
}

/* Each message finds no thread idle at that moment, but one that is on its way. Two are at work, and a
 * few more may have been held up by the kernel just before they looked for something to do. */
static void two_blocking_actors_that_take_turns_occupy_few_threads(void **state) {
    harness *h = *state;
    REQUIRE_THREADS(h);
    enum { FEW = 12 };
    const size_t tasks = harness_thread_count();
    rally game = {.left = 5000};
    spawned_actor_options options = SPAWNED_ACTOR_OPTIONS_INIT;
    options.backend = SPAWNED_BACKEND_BLOCKING;
    for (int i = 0; i < 2; i++)
        assert_ok(
            spawned_actor_start(harness_runtime(h), &script_behavior, &options, &game.players[i]));
    assert_ok(script_gate_create(h, &game.over));
    assert_ok(script_tell(game.players[0], hit, &game));
    assert_ok(script_gate_wait(&game.over));
    assert_true(harness_thread_count() <= tasks + FEW);
    script_gate_release(&game.over);
}

/* B1 */
static void a_blocking_pool_at_its_limit_serves_the_rest_later(void **state) {
    harness *h = *state;
    REQUIRE_THREADS(h);
    harness_gate *gate = harness_gate_new(h);
    harness_probe *held[2], *waiting[4];
    for (size_t i = 0; i < 2; i++) {
        held[i] = harness_probe_new(h);
        assert_true(harness_probe_hold(held[i],
                                       harness_probe_start_on(h, held[i], SPAWNED_BACKEND_BLOCKING),
                                       gate));
    }
    for (size_t i = 0; i < 4; i++) {
        waiting[i] = harness_probe_new(h);
        assert_ok(
            harness_send_number(harness_probe_start_on(h, waiting[i], SPAWNED_BACKEND_BLOCKING),
                                1));
    }
    harness_probe *pooled = harness_probe_new(h);
    const spawned_pid pid = harness_probe_start_on(h, pooled, SPAWNED_BACKEND_POOL);
    const uint64_t question = 1;
    uint64_t answer = 0;
    assert_ok(spawned_request(pid, &harness_ask_type, &question, HARNESS_LONG, &answer));
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(harness_probe_count(waiting[i], HARNESS_STARTED), 0);
    harness_gate_open(gate);
    for (size_t i = 0; i < 4; i++) assert_true(harness_probe_wait(waiting[i], HARNESS_MESSAGE, 1));
}

/* As ask_peer, with the time limit in data; result: how it ended. */
static spawned_status ask_peer_for_a_while(spawned_context *context, harness_probe *probe,
                                           uint64_t number) {
    uint64_t answer = 0;
    probe->result = 1;
    probe->result = spawned_request(probe->peer, &harness_ask_type, &number,
                                    *(const spawned_duration *)probe->data, &answer);
    return spawned_reply(context, &answer);
}

static bool is_starved(void *argument) {
    return harness_log_count(argument, SPAWNED_LOG_WARNING, "starved") > 0;
}

static bool have_ended(void *argument) {
    harness_probe **asking = argument;
    return asking[0]->result != 1 && asking[1]->result != 1;
}

/* RQ12 */
static void a_blocking_pool_whose_threads_wait_for_it_says_so_and_timeouts_free_it(void **state) {
    harness *h = *state;
    REQUIRE_THREADS(h);
    spawned_duration limit = 2 * SPAWNED_SECOND; /* it is starved after one */
    harness_gate *gate = harness_gate_new(h);
    harness_probe *asked = harness_probe_new(h), *asking[2];
    const spawned_pid scarce = harness_probe_start_on(h, asked, SPAWNED_BACKEND_BLOCKING);
    assert_true(harness_settle(h));
    for (size_t i = 0; i < 2; i++) { /* both threads are taken before either asks */
        asking[i] = harness_probe_new(h);
        asking[i]->on_number = ask_peer_for_a_while;
        asking[i]->peer = scarce;
        asking[i]->data = &limit;
        const spawned_pid pid = harness_probe_start_on(h, asking[i], SPAWNED_BACKEND_BLOCKING);
        assert_true(harness_probe_hold(asking[i], pid, gate));
        assert_ok(harness_send_number(pid, i));
    }
    harness_gate_open(gate);
    assert_true(harness_wait_until(h, is_starved, h));
    for (size_t i = 0; i < 2; i++) assert_int_equal(asking[i]->result, 1); /* still waiting */
    assert_true(harness_wait_until(h, have_ended, asking));
    /* The first to give up leaves its thread to the one asked, in time for the other perhaps. */
    int64_t given_up = 0;
    for (size_t i = 0; i < 2; i++) {
        given_up += asking[i]->result == SPAWNED_ETIMEDOUT;
        assert_true(asking[i]->result == SPAWNED_ETIMEDOUT || asking[i]->result == SPAWNED_OK);
    }
    assert_in_range(given_up, 1, 2);
    assert_true(harness_probe_wait(asked, HARNESS_MESSAGE, 2)); /* handled all the same */
    assert_true(harness_settle(h));
}

typedef struct starter {
    harness *h;
    spawned_pid pids[3];
    harness_probe *probes[3];
    spawned_status statuses[3];
} starter;

static void *start_three(void *argument) {
    starter *own = argument;
    for (size_t i = 0; i < 3; i++) {
        spawned_actor_options options = SPAWNED_ACTOR_OPTIONS_INIT;
        options.backend = backends[i];
        options.argument = own->probes[i];
        own->statuses[i] = spawned_actor_start(harness_runtime(own->h), &harness_probe_behavior,
                                               &options, &own->pids[i]);
    }
    return NULL;
}

static spawned_status start_three_inside(spawned_context *context, harness_probe *probe,
                                         uint64_t number) {
    (void)context;
    (void)number;
    start_three(probe->data);
    return SPAWNED_OK;
}

static void expect_three(harness *h, starter *own) {
    for (size_t i = 0; i < 3; i++) {
        assert_ok(own->statuses[i]);
        assert_ok(harness_send_number(own->pids[i], 1));
        assert_true(harness_probe_wait(own->probes[i], HARNESS_MESSAGE, 1));
    }
    assert_true(harness_settle(h));
}

static starter make_starter(harness *h) {
    starter own = {.h = h};
    for (size_t i = 0; i < 3; i++) own.probes[i] = harness_probe_new(h);
    return own;
}

/* B7 */
static void actors_of_every_backend_start_from_any_thread_and_from_handlers(void **state) {
    harness *h = *state;
    starter outside = make_starter(h);
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, start_three, &outside), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    expect_three(h, &outside);
    for (size_t i = 0; i < 3; i++) {
        starter inside = make_starter(h);
        harness_probe *parent = harness_probe_new(h);
        parent->on_number = start_three_inside;
        parent->data = &inside;
        const spawned_pid pid = harness_probe_start_on(h, parent, backends[i]);
        const uint64_t question = 1;
        uint64_t answer = 0;
        assert_ok(spawned_request(pid, &harness_ask_type, &question, HARNESS_LONG, &answer));
        expect_three(h, &inside);
    }
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        HARNESS_TEST(the_pool_is_the_default_backend),
        HARNESS_TEST(actors_of_all_backends_ask_one_another),
        HARNESS_TEST(a_failure_on_one_backend_leaves_actors_of_the_others_alone),
        HARNESS_TEST_WITH(a_stuck_handler_on_another_backend_does_not_delay_the_pool,
                          &one_worker_config),
        HARNESS_TEST_WITH(handlers_that_wait_inside_the_library_do_not_use_up_the_pool,
                          &one_worker_config),
        HARNESS_TEST_WITH(many_blocked_pool_handlers_leave_a_worker_for_the_one_that_frees_them,
                          &one_worker_config),
        HARNESS_TEST(a_thread_actors_callbacks_run_on_one_thread_of_its_own),
        HARNESS_TEST_WITH(in_a_runtime_of_threads_each_actor_gets_one_unless_it_asks_otherwise,
                          &only_threads_config),
        HARNESS_TEST_WITH(the_blocking_pool_grows_with_its_blocked_handlers_and_shrinks_when_idle,
                          &brief_idleness_config),
        HARNESS_TEST(two_blocking_actors_that_take_turns_occupy_few_threads),
        HARNESS_TEST_WITH(a_blocking_pool_at_its_limit_serves_the_rest_later,
                          &two_blocking_threads_config),
        HARNESS_TEST_WITH(a_blocking_pool_whose_threads_wait_for_it_says_so_and_timeouts_free_it,
                          &two_blocking_threads_config),
        HARNESS_TEST(actors_of_every_backend_start_from_any_thread_and_from_handlers),
    };
    return harness_main(argc, argv, tests, sizeof tests / sizeof *tests);
}
