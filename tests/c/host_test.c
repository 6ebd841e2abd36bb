/* Hosts: actors that run on the program's own thread, inside spawned_host_run and waiting calls, and a
 * runtime that has no thread but that one.
 * modes: pool host */
#include "support/contract.h"

#include <poll.h>

/* In mode pool the fixture's runtime has threads, and this test's thread becomes its host. */
static spawned_host *become_host(harness *h) {
    spawned_host *host = harness_host(h);
    if (host == NULL) assert_ok(spawned_host_create(harness_runtime(h), NULL, &host));
    return host;
}

static spawned_pid start_on_host(harness *h, harness_probe *probe) {
    spawned_actor_options options = SPAWNED_ACTOR_OPTIONS_INIT;
    options.backend = SPAWNED_BACKEND_HOST;
    options.argument = probe;
    spawned_pid pid = 0;
    assert_ok(spawned_actor_start(harness_runtime(h), &harness_probe_behavior, &options, &pid));
    return pid;
}

static void run_all(spawned_host *host) {
    assert_ok(spawned_host_run(host, 0, SPAWNED_DEFAULT, SPAWNED_DEFAULT, NULL));
}

static bool runs_on_host_only(harness_probe *probe) {
    harness_event first, event;
    if (!harness_probe_event(probe, 0, &first)) return false; /* init: on the starting thread */
    for (size_t i = 1; harness_probe_event(probe, i, &event); i++)
        if (event.kind != HARNESS_DESTROYED && event.thread != first.thread) return false;
    return true;
}

/* HO4 */
static void an_actor_is_refused_before_the_host_exists(void **state) {
    harness *h = *state;
    harness_probe *probe = harness_probe_new(h);
    spawned_actor_options options = SPAWNED_ACTOR_OPTIONS_INIT;
    options.backend = SPAWNED_BACKEND_HOST;
    options.argument = probe;
    spawned_runtime_options without = SPAWNED_RUNTIME_OPTIONS_INIT;
    harness_runtime_options(h, &without);
    spawned_runtime *runtime = NULL;
    assert_ok(spawned_runtime_create(&without, &runtime));
    spawned_pid pid = 1;
    assert_status(spawned_actor_start(runtime, &harness_probe_behavior, &options, &pid),
                  SPAWNED_EUNSUPPORTED);
    assert_true(pid == 0);
    if (harness_mode_of(h) == HARNESS_HOST) {
        for (options.backend = 0; options.backend < SPAWNED_BACKEND_HOST; options.backend++)
            assert_status(spawned_actor_start(runtime, &harness_probe_behavior, &options, &pid),
                          SPAWNED_EUNSUPPORTED);
    }
    assert_int_equal(harness_probe_total(probe), 0);
    assert_ok(spawned_runtime_destroy(runtime));
}

static void actors_run_only_while_the_host_lets_them(void **state) {
    harness *h = *state;
    spawned_host *host = become_host(h);
    harness_probe *probe = harness_probe_new(h);
    const spawned_pid pid = start_on_host(h, probe);
    for (uint64_t i = 1; i <= 3; i++) assert_ok(harness_send_number(pid, i));
    assert_story(probe, "i");
    run_all(host);
    assert_story(probe, "i s 1 2 3");
    assert_ok(spawned_actor_stop(pid));
    assert_story(probe, "i s 1 2 3");
    run_all(host);
    assert_story(probe, "i s 1 2 3 x d");
    assert_true(runs_on_host_only(probe));
}

static void a_run_handles_as_many_messages_as_it_may(void **state) {
    harness *h = *state;
    spawned_host *host = become_host(h);
    harness_probe *probes[3];
    for (size_t i = 0; i < 3; i++) {
        probes[i] = harness_probe_new(h);
        const spawned_pid pid = start_on_host(h, probes[i]);
        for (uint64_t k = 1; k <= 10; k++) assert_ok(harness_send_number(pid, k));
    }
    size_t handled = 0;
    for (uint64_t calls = 0; handled < 30; calls++) {
        spawned_duration next = 0;
        assert_true(calls < 8);
        assert_ok(spawned_host_run(host, 4, SPAWNED_FOREVER, SPAWNED_NO_WAIT, &next));
        size_t now = 0;
        for (size_t i = 0; i < 3; i++) now += harness_probe_count(probes[i], HARNESS_MESSAGE);
        assert_in_range(now - handled, 1, 4);
        handled = now;
        if (handled < 30) assert_true(next == 0);
    }
}

static void a_budget_of_nothing_is_one_turn(void **state) {
    harness *h = *state;
    spawned_host *host = become_host(h);
    harness_probe *first = harness_probe_new(h), *second = harness_probe_new(h);
    const spawned_pid one = start_on_host(h, first), other = start_on_host(h, second);
    assert_ok(harness_send_number(one, 1));
    assert_ok(harness_send_number(other, 1));
    spawned_duration next = 1;
    assert_ok(spawned_host_run(host, 0, 0, 0, &next));
    assert_story(first, "i s 1");
    assert_story(second, "i");
    assert_true(next == 0);
    run_all(host);
    assert_story(second, "i s 1");
}

static spawned_status send_to_self_for_ever(spawned_context *context, harness_probe *probe,
                                            uint64_t number) {
    (void)probe;
    return harness_send_number(spawned_context_self(context), number + 1);
}

static void a_budget_ends_a_run_that_would_never_end(void **state) {
    harness *h = *state;
    spawned_host *host = become_host(h);
    harness_probe *probe = harness_probe_new(h);
    probe->on_number = send_to_self_for_ever;
    const spawned_pid pid = start_on_host(h, probe);
    assert_ok(harness_send_number(pid, 1));
    spawned_duration next = 1;
    assert_ok(spawned_host_run(host, 0, SPAWNED_MILLISECOND, 0, &next));
    assert_true(next == 0);
    assert_true(harness_probe_count(probe, HARNESS_MESSAGE) >= 1);
    assert_ok(spawned_actor_kill(pid));
}

/* A timer that is not kept exactly is looked for at the end of its tick of 2^20 ns (src/timer/wheel.hpp). */
enum { wheel_tick = 1 << 20 };

static void a_timer_is_what_the_host_is_told_to_come_back_for(void **state) {
    harness *h = *state;
    if (harness_mode_of(h) != HARNESS_HOST) skip(); /* elsewhere workers keep the time */
    spawned_host *host = become_host(h);
    spawned_duration next = 0;
    run_all(host);
    assert_ok(spawned_host_next(host, &next));
    assert_true(next == SPAWNED_FOREVER);
    harness_probe *probe = harness_probe_new(h);
    const spawned_pid pid = start_on_host(h, probe);
    const uint64_t number = 7;
    spawned_message *message = NULL;
    assert_ok(spawned_message_create(pid, &harness_number_type, &number, &message));
    assert_ok(spawned_send_after(5 * SPAWNED_MILLISECOND, message, NULL));
    const spawned_time before = harness_now(h);
    run_all(host);
    while (harness_probe_count(probe, HARNESS_MESSAGE) == 0) {
        assert_ok(spawned_host_next(host, &next));
        assert_true(next <= 5 * SPAWNED_MILLISECOND + wheel_tick);
        assert_ok(spawned_host_run(host, 0, SPAWNED_FOREVER, next, NULL));
    }
    assert_true(harness_now(h) >= before + 5 * SPAWNED_MILLISECOND);
    assert_ok(spawned_host_next(host, &next));
    assert_true(next == SPAWNED_FOREVER);
}

struct sender {
    spawned_pid to;
    spawned_host *host;
    _Atomic int32_t go;
    spawned_status status;
};

static void *send_one(void *argument) {
    struct sender *sender = argument;
    sender->status = harness_send_number(sender->to, 1);
    return NULL;
}

static void *wake_the_host(void *argument) {
    struct sender *sender = argument;
    sender->status = spawned_host_wake(sender->host);
    return NULL;
}

static void with_thread(void *(*body)(void *), struct sender *sender, pthread_t *thread) {
    assert_int_equal(pthread_create(thread, NULL, body, sender), 0);
}

static void a_foreign_send_ends_the_wait_of_the_host(void **state) {
    harness *h = *state;
    spawned_host *host = become_host(h);
    harness_probe *probe = harness_probe_new(h);
    struct sender sender = {.to = start_on_host(h, probe)};
    run_all(host);
    for (size_t round = 1; round <= 50; round++) {
        pthread_t thread;
        with_thread(send_one, &sender, &thread);
        assert_ok(spawned_host_run(host, 0, SPAWNED_FOREVER, SPAWNED_FOREVER, NULL));
        assert_int_equal(harness_probe_count(probe, HARNESS_MESSAGE), round);
        pthread_join(thread, NULL);
        assert_ok(sender.status);
    }
}

static void a_wake_ends_a_wait_also_if_it_came_before(void **state) {
    harness *h = *state;
    spawned_host *host = become_host(h);
    assert_ok(spawned_host_wake(host));
    assert_ok(spawned_host_run(host, 0, SPAWNED_FOREVER, SPAWNED_FOREVER, NULL));
    struct sender sender = {.host = host};
    pthread_t thread;
    with_thread(wake_the_host, &sender, &thread);
    assert_ok(spawned_host_run(host, 0, SPAWNED_FOREVER, SPAWNED_FOREVER, NULL));
    pthread_join(thread, NULL);
    assert_ok(sender.status);
}

static bool is_readable(int32_t descriptor, int timeout) {
    struct pollfd one = {descriptor, POLLIN, 0};
    return poll(&one, 1, timeout) == 1;
}

static void the_descriptor_is_readable_when_the_host_should_run(void **state) {
    harness *h = *state;
    spawned_host *host = become_host(h);
    harness_probe *probe = harness_probe_new(h);
    struct sender sender = {.to = start_on_host(h, probe)};
    int32_t descriptor = -1;
    assert_ok(spawned_host_descriptor(host, &descriptor));
    assert_true(is_readable(descriptor, 0)); /* it has not started yet */
    run_all(host);
    assert_false(is_readable(descriptor, 0));
    for (size_t round = 1; round <= 20; round++) {
        pthread_t thread;
        with_thread(send_one, &sender, &thread);
        assert_true(is_readable(descriptor, -1));
        pthread_join(thread, NULL);
        run_all(host);
        assert_int_equal(harness_probe_count(probe, HARNESS_MESSAGE), round);
        assert_false(is_readable(descriptor, 0));
        assert_ok(harness_send_number(sender.to, 1)); /* from the host's own thread */
        assert_true(is_readable(descriptor, 0));
        assert_ok(spawned_host_run(host, ++round, SPAWNED_FOREVER, 0, NULL));
        assert_false(is_readable(descriptor, 0));
    }
    assert_ok(harness_send_number(sender.to, 1));
    assert_ok(harness_send_number(sender.to, 2));
    assert_ok(spawned_host_run(host, 1, SPAWNED_FOREVER, 0, NULL));
    assert_true(is_readable(descriptor, 0)); /* there is more */
}

static void count_ring(void *rings) { atomic_fetch_add((_Atomic int32_t *)rings, 1); }

static void the_bell_rings_once_between_two_runs(void **state) {
    harness *h = *state;
    if (harness_mode_of(h) != HARNESS_POOL) skip();
    static _Atomic int32_t rings; /* it may ring until the runtime has ended */
    spawned_host_options options = SPAWNED_HOST_OPTIONS_INIT;
    options.wake = count_ring;
    options.user_data = &rings;
    spawned_host *host = NULL;
    assert_ok(spawned_host_create(harness_runtime(h), &options, &host));
    run_all(host);
    assert_int_equal(rings, 0);
    harness_probe *probe = harness_probe_new(h);
    const spawned_pid receiver = start_on_host(h, probe);
    struct sender senders[] = {{.to = receiver}, {.to = receiver}}; /* each notes its status */
    assert_int_equal(rings, 1);
    run_all(host);
    for (int32_t round = 2; round <= 5; round++) {
        pthread_t threads[2];
        for (size_t i = 0; i < 2; i++) with_thread(send_one, &senders[i], &threads[i]);
        for (size_t i = 0; i < 2; i++) pthread_join(threads[i], NULL);
        assert_int_equal(rings, round);
        run_all(host);
    }
}

static void a_blocking_call_of_the_host_runs_its_actors(void **state) {
    harness *h = *state;
    (void)become_host(h);
    harness_probe *probe = harness_probe_new(h);
    const spawned_pid pid = start_on_host(h, probe);
    uint64_t number = 41;
    assert_ok(spawned_request(pid, &harness_ask_type, &number, HARNESS_LONG, &number));
    assert_int_equal(number, 42);
    assert_ok(spawned_actor_stop(pid));
    assert_ok(spawned_actor_join(pid, HARNESS_LONG));
    assert_story(probe, "i s 41 x d");
    assert_true(runs_on_host_only(probe));
}

static spawned_status ask_peer(spawned_context *context, harness_probe *probe, uint64_t number) {
    (void)context;
    probe->result = spawned_request(probe->peer, &harness_ask_type, &number, HARNESS_LONG, &number);
    probe->data = (void *)(uintptr_t)number;
    return SPAWNED_OK;
}

static spawned_status wait_until_let_go(spawned_context *context, harness_probe *probe,
                                        uint64_t number) {
    (void)context, (void)number;
    while (atomic_load(&probe->result) == 0) continue;
    return SPAWNED_OK;
}

static void a_handler_is_answered_on_its_own_thread_or_not_at_all(void **state) {
    harness *h = *state;
    spawned_host *host = become_host(h);
    harness_probe *asking = harness_probe_new(h), *idle = harness_probe_new(h),
                  *elsewhere = harness_probe_new(h);
    asking->on_number = ask_peer;
    asking->peer = start_on_host(h, idle);
    const spawned_pid pid = start_on_host(h, asking);
    run_all(host);
    assert_ok(harness_send_number(pid, 1));
    run_all(host);
    assert_ok((spawned_status)asking->result);
    assert_int_equal((uintptr_t)asking->data, 2);
    spawned_actor_options options = SPAWNED_ACTOR_OPTIONS_INIT;
    options.backend = SPAWNED_BACKEND_THREAD;
    options.argument = elsewhere;
    elsewhere->on_number = wait_until_let_go;
    assert_ok(
        spawned_actor_start(harness_runtime(h), &harness_probe_behavior, &options, &asking->peer));
    assert_ok(harness_send_number(pid, 1));
    run_all(host);
    atomic_store(&elsewhere->result, 1);
    assert_status((spawned_status)asking->result, SPAWNED_EDEADLK);
}

static spawned_status run_the_host(spawned_context *context, harness_probe *probe,
                                   uint64_t number) {
    (void)context, (void)number;
    spawned_duration next;
    if (spawned_host_run(probe->data, 0, 0, 0, NULL) != SPAWNED_EDEADLK ||
        spawned_host_next(probe->data, &next) != SPAWNED_EDEADLK ||
        spawned_host_adopt(probe->data) != SPAWNED_EDEADLK)
        return SPAWNED_EFAILED;
    probe->result = 1;
    return SPAWNED_OK;
}

static void a_host_is_not_run_from_what_it_runs(void **state) {
    harness *h = *state;
    harness_probe *probe = harness_probe_new(h);
    probe->on_number = run_the_host;
    probe->data = become_host(h);
    const spawned_pid pid = start_on_host(h, probe);
    assert_ok(harness_send_number(pid, 1));
    run_all(probe->data);
    assert_int_equal(probe->result, 1);
}

struct elsewhere {
    harness *h;
    spawned_host *host;
    spawned_status run, next, descriptor, shutdown, destroy;
};

static void *use_elsewhere(void *argument) {
    struct elsewhere *all = argument;
    spawned_duration next;
    int32_t descriptor;
    all->run = spawned_host_run(all->host, 0, 0, 0, NULL);
    all->next = spawned_host_next(all->host, &next);
    all->descriptor = spawned_host_descriptor(all->host, &descriptor);
    if (harness_mode_of(all->h) == HARNESS_HOST)
        all->shutdown = spawned_runtime_shutdown(harness_runtime(all->h), SPAWNED_NO_WAIT);
    all->destroy = spawned_runtime_destroy(harness_runtime(all->h));
    return NULL;
}

static void another_thread_is_told_that_it_is_not_the_hosts(void **state) {
    harness *h = *state;
    struct elsewhere all = {.h = h, .host = become_host(h), .shutdown = SPAWNED_ECONTEXT};
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, use_elsewhere, &all), 0);
    pthread_join(thread, NULL);
    assert_status(all.run, SPAWNED_ECONTEXT);
    assert_status(all.next, SPAWNED_ECONTEXT);
    assert_status(all.descriptor, SPAWNED_ECONTEXT);
    assert_status(all.shutdown, SPAWNED_ECONTEXT);
    assert_status(all.destroy, SPAWNED_ECONTEXT);
    harness_probe *probe = harness_probe_new(h);
    (void)start_on_host(h, probe); /* nothing has changed */
    run_all(all.host);
    assert_story(probe, "i s");
}

static void *adopt_and_run(void *argument) {
    struct sender *sender = argument;
    sender->status = spawned_host_adopt(sender->host);
    if (sender->status == SPAWNED_OK)
        sender->status = spawned_host_run(sender->host, 0, SPAWNED_FOREVER, 0, NULL);
    return NULL;
}

static void a_host_may_move_to_another_thread_and_back(void **state) {
    harness *h = *state;
    spawned_host *host = become_host(h);
    harness_probe *probe = harness_probe_new(h);
    struct sender sender = {.host = host, .to = start_on_host(h, probe)};
    assert_ok(harness_send_number(sender.to, 1));
    pthread_t thread;
    with_thread(adopt_and_run, &sender, &thread);
    pthread_join(thread, NULL); /* it is gone, and the host with it */
    assert_ok(sender.status);
    assert_story(probe, "i s 1");
    assert_status(spawned_host_run(host, 0, 0, 0, NULL), SPAWNED_ECONTEXT);
    assert_ok(harness_send_number(sender.to, 2));
    assert_ok(spawned_host_adopt(host));
    run_all(host);
    assert_story(probe, "i s 1 2");
}

static void there_is_one_host(void **state) {
    harness *h = *state;
    (void)become_host(h);
    spawned_host *another = (spawned_host *)h;
    assert_status(spawned_host_create(harness_runtime(h), NULL, &another), SPAWNED_EALREADY);
    assert_null(another);
}

static void after_the_shutdown_the_host_is_told_so(void **state) {
    harness *h = *state;
    spawned_host *host = become_host(h);
    harness_probe *probe = harness_probe_new(h);
    const spawned_pid pid = start_on_host(h, probe);
    assert_ok(harness_send_number(pid, 1));
    assert_ok(spawned_runtime_shutdown(harness_runtime(h), HARNESS_LONG));
    assert_int_equal(harness_probe_count(probe, HARNESS_DESTROYED), 1);
    assert_status(spawned_host_run(host, 0, 0, SPAWNED_FOREVER, NULL), SPAWNED_ESTOPPED);
    assert_ok(spawned_host_wake(host));
}

static void bad_arguments_are_refused(void **state) {
    harness *h = *state;
    spawned_host *host = become_host(h);
    spawned_host *made = host;
    spawned_duration next;
    assert_status(spawned_host_create(NULL, NULL, &made), SPAWNED_EINVAL);
    assert_status(spawned_host_create(harness_runtime(h), NULL, NULL), SPAWNED_EINVAL);
    spawned_host_options options = SPAWNED_HOST_OPTIONS_INIT;
    options.size = 1;
    assert_status(spawned_host_create(harness_runtime(h), &options, &made), SPAWNED_EINVAL);
    assert_null(made);
    assert_status(spawned_host_options_init(NULL, sizeof options), SPAWNED_EINVAL);
    assert_ok(spawned_host_options_init(&options, sizeof options));
    assert_status(spawned_host_run(NULL, 0, 0, 0, NULL), SPAWNED_EINVAL);
    assert_status(spawned_host_next(NULL, &next), SPAWNED_EINVAL);
    assert_status(spawned_host_next(host, NULL), SPAWNED_EINVAL);
    assert_status(spawned_host_wake(NULL), SPAWNED_EINVAL);
    assert_status(spawned_host_descriptor(host, NULL), SPAWNED_EINVAL);
    assert_status(spawned_host_adopt(NULL), SPAWNED_EINVAL);
    spawned_runtime_options runtime_options = SPAWNED_RUNTIME_OPTIONS_INIT;
    spawned_runtime *runtime = NULL;
    runtime_options.flags = SPAWNED_RUNTIME_HOSTED | SPAWNED_RUNTIME_DETERMINISTIC;
    assert_status(spawned_runtime_create(&runtime_options, &runtime), SPAWNED_EINVAL);
    runtime_options.flags = SPAWNED_RUNTIME_HOSTED;
    runtime_options.workers = 1;
    assert_status(spawned_runtime_create(&runtime_options, &runtime), SPAWNED_EINVAL);
    runtime_options.flags = SPAWNED_RUNTIME_DETERMINISTIC;
    assert_ok(spawned_runtime_create(&runtime_options, &runtime));
    assert_status(spawned_host_create(runtime, NULL, &made), SPAWNED_EUNSUPPORTED);
    assert_ok(spawned_runtime_destroy(runtime));
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        HARNESS_TEST(an_actor_is_refused_before_the_host_exists),
        HARNESS_TEST(actors_run_only_while_the_host_lets_them),
        HARNESS_TEST(a_run_handles_as_many_messages_as_it_may),
        HARNESS_TEST(a_budget_of_nothing_is_one_turn),
        HARNESS_TEST(a_budget_ends_a_run_that_would_never_end),
        HARNESS_TEST(a_timer_is_what_the_host_is_told_to_come_back_for),
        HARNESS_TEST(a_foreign_send_ends_the_wait_of_the_host),
        HARNESS_TEST(a_wake_ends_a_wait_also_if_it_came_before),
        HARNESS_TEST(the_descriptor_is_readable_when_the_host_should_run),
        HARNESS_TEST(the_bell_rings_once_between_two_runs),
        HARNESS_TEST(a_blocking_call_of_the_host_runs_its_actors),
        HARNESS_TEST(a_handler_is_answered_on_its_own_thread_or_not_at_all),
        HARNESS_TEST(a_host_is_not_run_from_what_it_runs),
        HARNESS_TEST(another_thread_is_told_that_it_is_not_the_hosts),
        HARNESS_TEST(a_host_may_move_to_another_thread_and_back),
        HARNESS_TEST(there_is_one_host),
        HARNESS_TEST(after_the_shutdown_the_host_is_told_so),
        HARNESS_TEST(bad_arguments_are_refused),
    };
    return harness_main(argc, argv, tests, sizeof tests / sizeof *tests);
}
