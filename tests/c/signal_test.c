/* Signals as messages and responses: every subscriber, in every runtime, once or each time, and the
 * process as it was before once the last one is gone. */
#include "support/contract.h"
#include "support/script.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static spawned_message *number_for(spawned_pid to, uint64_t number) {
    spawned_message *message = NULL;
    assert_ok(spawned_message_create(to, &harness_number_type, &number, &message));
    return message;
}

static void end(spawned_pid pid) {
    assert_ok(spawned_actor_stop(pid));
    assert_ok(spawned_actor_join(pid, HARNESS_LONG));
}

/* The signal itself; in deterministic mode, where none is caught, its imitation. */
static void arrive(harness *h, int signal) {
    if (harness_is_deterministic(h))
        assert_ok(spawned_signal_raise(harness_runtime(h), signal));
    else
        assert_int_equal(kill(getpid(), signal), 0);
}

static void (*handler_of(int signal))(int) {
    struct sigaction present;
    assert_int_equal(sigaction(signal, NULL, &present), 0);
    return present.sa_handler;
}

/* X6, X7: all of them by one signal */
static void every_subscriber_is_told_once_and_the_default_stands_again(void **state) {
    harness *h = *state;
    harness_probe *first = harness_probe_new(h), *second = harness_probe_new(h);
    const spawned_pid one = harness_probe_start(h, first, NULL);
    const spawned_pid other = harness_probe_start(h, second, NULL);
    spawned_response *response = NULL;
    spawned_event event = 0;
    assert_ok(spawned_send_on_signal(SIGUSR1, number_for(one, 1), 0, &event));
    assert_ok(spawned_send_on_signal(SIGUSR1, number_for(one, 2), 0, NULL));
    assert_ok(spawned_send_on_signal(SIGUSR1, number_for(other, 3), 0, NULL));
    assert_ok(spawned_signal_response(harness_runtime(h), SIGUSR1, 0, SPAWNED_DEFAULT, &response));
    assert_status(spawned_response_poll(response), SPAWNED_EAGAIN);
    if (!harness_is_deterministic(h)) assert_true(handler_of(SIGUSR1) != SIG_DFL);
    arrive(h, SIGUSR1);
    assert_ok(spawned_response_wait(response, HARNESS_LONG));
    assert_true(harness_probe_wait(first, HARNESS_MESSAGE, 2));
    assert_true(harness_probe_wait(second, HARNESS_MESSAGE, 1));
    assert_story(first, "i s 1 2");
    assert_true(handler_of(SIGUSR1) == SIG_DFL);
    assert_status(spawned_event_cancel(event), SPAWNED_EALREADY);
    assert_status(spawned_signal_raise(harness_runtime(h), SIGUSR1), SPAWNED_ENOENT);
    spawned_response_release(response);
    end(one);
    end(other);
}

/* SH12 */
static void repeated_subscription_is_served_each_time_until_it_is_taken_away(void **state) {
    harness *h = *state;
    harness_probe *probe = harness_probe_new(h);
    const spawned_pid receiver = harness_probe_start(h, probe, NULL);
    spawned_event event = 0;
    const harness_tracked value = harness_tracked_make(h, 5);
    spawned_message *message = NULL;
    assert_ok(spawned_message_create(receiver, &harness_tracked_type, &value, &message));
    assert_ok(spawned_send_on_signal(SIGUSR1, message, SPAWNED_SIGNAL_REPEAT, &event));
    for (size_t i = 1; i <= 3; i++) {
        arrive(h, SIGUSR1);
        assert_true(harness_probe_wait(probe, HARNESS_MESSAGE, i));
    }
    assert_ok(spawned_event_cancel(event));
    assert_true(handler_of(SIGUSR1) == SIG_DFL);
    assert_status(spawned_signal_raise(harness_runtime(h), SIGUSR1), SPAWNED_ENOENT);
    assert_true(harness_settle(h));
    assert_story(probe, "i s 5 5 5");
    assert_int_equal(harness_tracked_created(h), harness_tracked_destroyed(h));
    end(receiver);
}

static void receivers_end_takes_its_subscriptions_with_it(void **state) {
    harness *h = *state;
    const spawned_pid receiver = script_start(h);
    spawned_event once = 0, often = 0;
    assert_ok(spawned_send_on_signal(SIGUSR1, harness_tracked_message(h, receiver, 1), 0, &once));
    assert_ok(spawned_send_on_signal(SIGUSR1, harness_tracked_message(h, receiver, 1),
                                     SPAWNED_SIGNAL_REPEAT, &often));
    end(receiver);
    assert_int_equal(harness_tracked_created(h), harness_tracked_destroyed(h));
    assert_true(handler_of(SIGUSR1) == SIG_DFL);
    assert_status(spawned_event_cancel(once), SPAWNED_EALREADY);
    assert_status(spawned_event_cancel(often), SPAWNED_EALREADY);
}

/* X7: several runtimes */
static void subscribers_of_several_runtimes_are_all_told(void **state) {
    harness *h = *state;
    REQUIRE_THREADS(h);
    enum { RUNTIMES = 4 };
    spawned_runtime *runtimes[RUNTIMES];
    spawned_response *responses[RUNTIMES];
    for (int i = 0; i < RUNTIMES; i++) {
        runtimes[i] = i == 0 ? harness_runtime(h) : harness_runtime_begin(h, NULL);
        assert_ok(spawned_signal_response(runtimes[i], SIGUSR2, 0, SPAWNED_DEFAULT, &responses[i]));
    }
    spawned_response_release(responses[1]); /* which ends this one's subscription */
    arrive(h, SIGUSR2);
    for (int i = 0; i < RUNTIMES; i++)
        if (i != 1) assert_ok(spawned_response_wait(responses[i], HARNESS_LONG));
    assert_true(handler_of(SIGUSR2) == SIG_DFL);
    for (int i = 0; i < RUNTIMES; i++)
        if (i != 1) spawned_response_release(responses[i]);
    for (int i = 1; i < RUNTIMES; i++) assert_int_equal(harness_runtime_end(h, runtimes[i]), 0);
}

static _Atomic int own_calls;
static void own_handler(int signal) {
    (void)signal;
    atomic_fetch_add(&own_calls, 1);
}

/* X8 */
static void handler_of_the_program_is_left_alone_unless_it_says_otherwise(void **state) {
    harness *h = *state;
    REQUIRE_THREADS(h);
    const spawned_pid receiver = script_start(h);
    spawned_response *response = NULL;
    struct sigaction own = {.sa_handler = own_handler}, before;
    atomic_store(&own_calls, 0);
    assert_int_equal(sigaction(SIGUSR1, &own, &before), 0);
    assert_status(spawned_signal_response(harness_runtime(h), SIGUSR1, 0, SPAWNED_DEFAULT,
                                          &response),
                  SPAWNED_EEXIST);
    assert_status(spawned_response_poll(response), SPAWNED_EEXIST);
    spawned_response_release(response);
    assert_status(spawned_send_on_signal(SIGUSR1, harness_tracked_message(h, receiver, 1), 0, NULL),
                  SPAWNED_EEXIST);
    assert_int_equal(kill(getpid(), SIGUSR1), 0);
    assert_int_equal(own_calls, 1);
    assert_ok(spawned_signal_response(harness_runtime(h), SIGUSR1, SPAWNED_SIGNAL_REPLACE,
                                      SPAWNED_DEFAULT, &response));
    assert_int_equal(kill(getpid(), SIGUSR1), 0);
    assert_ok(spawned_response_wait(response, HARNESS_LONG));
    assert_int_equal(own_calls, 1);
    assert_true(handler_of(SIGUSR1) == own_handler); /* restored */
    spawned_response_release(response);
    assert_ok(spawned_signal_response(harness_runtime(h), SIGUSR1, SPAWNED_SIGNAL_REPLACE,
                                      SPAWNED_DEFAULT, &response));
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    assert_int_equal(sigaction(SIGUSR1, &ignore, NULL), 0);
    spawned_response_release(response);
    assert_true(handler_of(SIGUSR1) == SIG_IGN); /* what came after us stays */
    assert_int_equal(sigaction(SIGUSR1, &before, NULL), 0);
    end(receiver);
}

static void ignored_signal_is_ignored_again_afterwards(void **state) {
    harness *h = *state;
    REQUIRE_THREADS(h);
    struct sigaction ignore = {.sa_handler = SIG_IGN}, before;
    assert_int_equal(sigaction(SIGUSR1, &ignore, &before), 0);
    spawned_response *response = NULL;
    assert_ok(spawned_signal_response(harness_runtime(h), SIGUSR1, 0, SPAWNED_DEFAULT, &response));
    assert_int_equal(kill(getpid(), SIGUSR1), 0);
    assert_ok(script_finish(response));
    assert_true(handler_of(SIGUSR1) == SIG_IGN);
    assert_int_equal(sigaction(SIGUSR1, &before, NULL), 0);
}

static void signal_is_awaited_in_a_handler(void **state) {
    harness *h = *state;
    const spawned_pid actor = script_start(h);
    static script_wait wait;
    wait = (script_wait){.count = 1};
    assert_ok(spawned_signal_response(harness_runtime(h), SIGUSR1, 0, SPAWNED_DEFAULT,
                                      &wait.responses[0]));
    spawned_response *asked = script_request_run(actor, script_await, &wait, SPAWNED_FOREVER);
    assert_true(harness_settle(h));
    assert_int_equal(wait.resumed, 0);
    arrive(h, SIGUSR1);
    assert_ok(script_finish(asked));
    assert_ok(wait.outcome);
    spawned_response_release(wait.responses[0]);
    end(actor);
}

static void many_signals_lose_no_last_one(void **state) {
    harness *h = *state;
    harness_probe *probe = harness_probe_new(h);
    const spawned_pid receiver = harness_probe_start(h, probe, NULL);
    spawned_event event = 0;
    assert_ok(
        spawned_send_on_signal(SIGUSR1, number_for(receiver, 1), SPAWNED_SIGNAL_REPEAT, &event));
    for (size_t round = 0; round < 100; round++) {
        const size_t before = harness_probe_count(probe, HARNESS_MESSAGE);
        for (int i = 0; i < 5; i++) arrive(h, SIGUSR1);
        assert_true(harness_probe_wait(probe, HARNESS_MESSAGE, before + 1));
    }
    assert_ok(spawned_event_cancel(event));
    assert_true(harness_settle(h));
    assert_true(harness_probe_count(probe, HARNESS_MESSAGE) <= 500);
    end(receiver);
}

static void *send_signals(void *argument) {
    for (int i = 0; i < 200; i++) {
        (void)spawned_signal_raise(argument, SIGUSR1);
        (void)kill(getpid(), SIGUSR1);
    }
    return NULL;
}

/* Subscriptions come and go while the signal keeps arriving; one of ours always stands. */
static void subscriptions_that_race_with_signals_lose_nothing(void **state) {
    harness *h = *state;
    REQUIRE_THREADS(h);
    harness_probe *probe = harness_probe_new(h);
    const spawned_pid stays = harness_probe_start(h, probe, NULL);
    spawned_event standing = 0;
    assert_ok(
        spawned_send_on_signal(SIGUSR1, number_for(stays, 1), SPAWNED_SIGNAL_REPEAT, &standing));
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, send_signals, harness_runtime(h)), 0);
    size_t kept = 0;
    for (int round = 0; round < 300; round++) {
        const spawned_pid receiver = script_start(h);
        spawned_event once = 0, often = 0;
        assert_ok(spawned_send_on_signal(SIGUSR1, harness_tracked_message(h, stays, 1), 0, &once));
        assert_ok(spawned_send_on_signal(SIGUSR1, harness_tracked_message(h, receiver, 1),
                                         SPAWNED_SIGNAL_REPEAT, &often));
        const spawned_status status = spawned_event_cancel(once);
        assert_true(status == SPAWNED_OK || status == SPAWNED_EALREADY);
        kept += status == SPAWNED_EALREADY;
        if (round % 2 == 0) assert_ok(spawned_event_cancel(often));
        end(receiver);
    }
    pthread_join(thread, NULL);
    assert_ok(spawned_event_cancel(standing));
    assert_true(harness_settle(h));
    assert_true(handler_of(SIGUSR1) == SIG_DFL);
    assert_true(harness_probe_count(probe, HARNESS_MESSAGE) >= kept);
    end(stays);
    assert_int_equal(harness_tracked_created(h), harness_tracked_destroyed(h));
}

static void shutdown_ends_subscriptions_and_restores_the_process(void **state) {
    harness *h = *state;
    const spawned_pid receiver = script_start(h);
    spawned_response *response = NULL, *late = NULL;
    assert_ok(spawned_send_on_signal(SIGUSR1, harness_tracked_message(h, receiver, 1), 0, NULL));
    assert_ok(spawned_signal_response(harness_runtime(h), SIGUSR1, 0, SPAWNED_DEFAULT, &response));
    assert_ok(spawned_runtime_shutdown(harness_runtime(h), HARNESS_LONG));
    assert_true(handler_of(SIGUSR1) == SIG_DFL);
    assert_status(spawned_response_poll(response), SPAWNED_ESTOPPED);
    assert_int_equal(harness_tracked_destroyed(h), 1);
    assert_status(spawned_signal_response(harness_runtime(h), SIGUSR1, 0, SPAWNED_DEFAULT, &late),
                  SPAWNED_ESTOPPING);
    spawned_response_release(late);
    spawned_response_release(response);
}

/* SH09: in the child the former handlers stand, and the parent hears nothing of its signals. */
static void forked_child_has_the_former_handlers(void **state) {
    harness *h = *state;
    REQUIRE_THREADS(h);
    spawned_response *response = NULL;
    assert_ok(spawned_signal_response(harness_runtime(h), SIGUSR1, 0, SPAWNED_DEFAULT, &response));
    const pid_t child = fork();
    if (child == 0) {
        struct sigaction present;
        const bool restored =
            sigaction(SIGUSR1, NULL, &present) == 0 && present.sa_handler == SIG_DFL;
        const bool refused = spawned_signal_raise(harness_runtime(h), SIGUSR1) == SPAWNED_EFORKED;
        _exit(restored && refused ? 0 : 1);
    }
    int status = 0;
    assert_true(child > 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    assert_status(spawned_response_poll(response), SPAWNED_EAGAIN);
    assert_int_equal(kill(getpid(), SIGUSR1), 0);
    assert_ok(script_finish(response));
}

/* AB04 */
static void subscriptions_that_cannot_be_are_refused(void **state) {
    harness *h = *state;
    spawned_runtime *runtime = harness_runtime(h);
    const spawned_pid receiver = script_start(h);
    spawned_response *response = NULL;
    spawned_event event = 7;
    static const int wrong[] = {0, -1, 65, 1000, SIGKILL, SIGSTOP, SIGSEGV, SIGBUS, SIGFPE, SIGILL};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_status(spawned_send_on_signal(wrong[i], harness_tracked_message(h, receiver, 1), 0,
                                             &event),
                      SPAWNED_EINVAL);
        assert_int_equal(event, 0);
        assert_status(spawned_signal_response(runtime, wrong[i], 0, SPAWNED_DEFAULT, &response),
                      SPAWNED_EINVAL);
        spawned_response_release(response);
        assert_status(spawned_signal_raise(runtime, wrong[i]), SPAWNED_EINVAL);
    }
    assert_status(spawned_send_on_signal(SIGUSR1, NULL, 0, &event), SPAWNED_EINVAL);
    assert_status(spawned_send_on_signal(SIGUSR1, harness_tracked_message(h, receiver, 1), 4,
                                         &event),
                  SPAWNED_EINVAL);
    assert_status(spawned_signal_response(NULL, SIGUSR1, 0, SPAWNED_DEFAULT, &response),
                  SPAWNED_EINVAL);
    assert_status(spawned_signal_response(runtime, SIGUSR1, SPAWNED_SIGNAL_REPEAT, SPAWNED_DEFAULT,
                                          &response),
                  SPAWNED_EINVAL);
    assert_status(spawned_signal_response(runtime, SIGUSR1, 0, SPAWNED_DEFAULT, NULL),
                  SPAWNED_EINVAL);
    assert_status(spawned_signal_raise(NULL, SIGUSR1), SPAWNED_EINVAL);
    const script_gift gift = {{script_nothing, NULL}, harness_tracked_make(h, 1)};
    spawned_message *uncopied = NULL;
    assert_ok(spawned_message_create(receiver, &script_give_type, &gift, &uncopied));
    assert_status(spawned_send_on_signal(SIGUSR1, uncopied, SPAWNED_SIGNAL_REPEAT, &event),
                  SPAWNED_EUNSUPPORTED);
    spawned_message *late = harness_tracked_message(h, receiver, 1);
    end(receiver);
    assert_status(spawned_send_on_signal(SIGUSR1, late, 0, &event), SPAWNED_ESTOPPED);
    assert_int_equal(harness_tracked_created(h), harness_tracked_destroyed(h));
    assert_true(handler_of(SIGUSR1) == SIG_DFL);
}

int main(int argc, char **argv) {
    static const struct CMUnitTest tests[] = {
        HARNESS_TEST(every_subscriber_is_told_once_and_the_default_stands_again),
        HARNESS_TEST(repeated_subscription_is_served_each_time_until_it_is_taken_away),
        HARNESS_TEST(receivers_end_takes_its_subscriptions_with_it),
        HARNESS_TEST(subscribers_of_several_runtimes_are_all_told),
        HARNESS_TEST(handler_of_the_program_is_left_alone_unless_it_says_otherwise),
        HARNESS_TEST(ignored_signal_is_ignored_again_afterwards),
        HARNESS_TEST(signal_is_awaited_in_a_handler),
        HARNESS_TEST(many_signals_lose_no_last_one),
        HARNESS_TEST(subscriptions_that_race_with_signals_lose_nothing),
        HARNESS_TEST(shutdown_ends_subscriptions_and_restores_the_process),
        HARNESS_TEST(forked_child_has_the_former_handlers),
        HARNESS_TEST(subscriptions_that_cannot_be_are_refused),
    };
    return harness_main(argc, argv, tests, sizeof tests / sizeof *tests);
}
