/* Numbers that are no handles: stale, invented, of another runtime; names nobody may have; calls
 * after the end. None of them crashes, and none of them reaches anybody. */
#include "support/contract.h"

static bool is_gone(spawned_status status) {
    return status == SPAWNED_EINVAL || status == SPAWNED_ESTOPPED;
}

/* Every function that takes a pid. True when each has refused it. */
static bool pid_is_refused_everywhere(harness *h, spawned_pid pid) {
    const uint64_t number = 1;
    uint64_t out = 0;
    spawned_exit exit = SPAWNED_EXIT_INIT;
    bool refused = is_gone(harness_send_tracked(h, pid, 1));
    refused &= is_gone(spawned_request(pid, &harness_ask_type, &number, HARNESS_LONG, &out));
    refused &= is_gone(spawned_actor_stop(pid));
    refused &= is_gone(spawned_actor_drain(pid, SPAWNED_DEFAULT));
    refused &= is_gone(spawned_actor_kill(pid));
    const spawned_status named = spawned_registry_register("ghost", 5, pid);
    refused &= is_gone(named) || named == SPAWNED_ESTOPPING; /* the latter of its runtime */
    const harness_tracked value = harness_tracked_make(h, 2);
    spawned_message *message = NULL;
    const spawned_status made =
        spawned_message_create(pid, &harness_tracked_type, &value, &message);
    refused &= made == SPAWNED_OK ? is_gone(spawned_message_send(message)) : is_gone(made);
    const spawned_status joined = spawned_actor_join(pid, SPAWNED_NO_WAIT);
    refused &= joined == SPAWNED_OK || is_gone(joined);
    const spawned_status asked = spawned_actor_exit_reason(pid, &exit, NULL, 0);
    refused &= is_gone(asked) || (asked == SPAWNED_OK && exit.kind != SPAWNED_EXIT_RUNNING);
    refused &= is_gone(spawned_actor_handles(pid, &harness_number_type));
    return refused;
}

/* AB04 */
static void ten_thousand_invented_pids_reach_nobody(void **state) {
    harness *h = *state;
    harness_probe *probe = harness_probe_new(h);
    const spawned_pid pid = harness_probe_start(h, probe, NULL);
    assert_true(harness_settle(h));
    uint64_t random = harness_seed(h);
    for (size_t i = 0; i < 10000; i++) {
        const spawned_pid invented = harness_random(&random);
        if (!pid_is_refused_everywhere(h, invented))
            fail_msg("pid %llx was accepted", (unsigned long long)invented);
    }
    assert_true(harness_settle(h));
    assert_story(probe, "i s");
    assert_ok(harness_send_number(pid, 1));
    assert_true(harness_probe_wait(probe, HARNESS_MESSAGE, 1));
}

/* AB04 */
static void a_living_pid_with_any_bit_changed_reaches_nobody(void **state) {
    harness *h = *state;
    harness_probe *probe = harness_probe_new(h);
    const spawned_pid pid = harness_probe_start(h, probe, NULL);
    assert_true(harness_settle(h));
    for (unsigned bit = 0; bit < 64; bit++) {
        if (!pid_is_refused_everywhere(h, pid ^ (UINT64_C(1) << bit)))
            fail_msg("the pid with bit %u changed was accepted", bit);
    }
    assert_true(harness_settle(h));
    assert_story(probe, "i s");
}

/* AB04 */
static void stale_pids_stay_stale_while_their_places_are_used_again(void **state) {
    harness *h = *state;
    enum { ROUNDS = 200 };
    static spawned_pid stale[ROUNDS];
    for (size_t i = 0; i < ROUNDS; i++) {
        stale[i] = harness_probe_start(h, harness_probe_new(h), NULL);
        assert_ok(spawned_actor_kill(stale[i]));
        assert_ok(spawned_actor_join(stale[i], HARNESS_LONG));
    }
    harness_probe *probe = harness_probe_new(h);
    harness_probe_start(h, probe, NULL);
    assert_true(harness_settle(h));
    for (size_t i = 0; i < ROUNDS; i++) {
        assert_true(pid_is_refused_everywhere(h, stale[i]));
        assert_exit(stale[i], SPAWNED_EXIT_KILLED, SPAWNED_OK, SPAWNED_PLACE_NONE);
    }
    assert_story(probe, "i s");
}

/* AB04 SH07 */
static void pids_of_a_destroyed_runtime_are_refused_by_every_function(void **state) {
    harness *h = *state;
    spawned_runtime *other = harness_runtime_begin(h, NULL);
    assert_non_null(other);
    spawned_actor_options options = SPAWNED_ACTOR_OPTIONS_INIT;
    options.backend = harness_backend(h);
    options.argument = harness_probe_new(h);
    spawned_pid pid = 0;
    assert_ok(spawned_actor_start(other, &harness_probe_behavior, &options, &pid));
    assert_int_equal(harness_runtime_end(h, other), 0);
    assert_true(pid_is_refused_everywhere(h, pid));
    assert_null(spawned_pid_runtime(pid));
}

static bool is_used_up(spawned_status status) {
    return status == SPAWNED_EINVAL || status == SPAWNED_EALREADY || status == SPAWNED_ESTOPPED;
}

/* AB04 */
static void invented_reply_handles_and_timers_are_refused(void **state) {
    harness *h = *state;
    spawned_reply_to key = 0;
    spawned_response *response = NULL;
    assert_ok(spawned_promise_create(harness_runtime(h), &harness_number_type, SPAWNED_DEFAULT,
                                     &key, &response));
    const spawned_pid pid = harness_probe_start(h, harness_probe_new(h), NULL);
    const harness_tracked value = harness_tracked_make(h, 1);
    spawned_message *message = NULL;
    spawned_timer timer = 0;
    assert_ok(spawned_message_create(pid, &harness_tracked_type, &value, &message));
    assert_ok(spawned_send_after(1000 * SPAWNED_SECOND, message, &timer));
    uint64_t random = harness_seed(h);
    const uint64_t number = 7;
    for (size_t i = 0; i < 10064; i++) {
        const uint64_t invented = harness_random(&random);
        const uint64_t change = i < 64 ? UINT64_C(1) << i : invented | 1;
        void *storage = NULL;
        assert_true(is_used_up(spawned_reply_to_send(key ^ change, &number)));
        assert_true(is_used_up(spawned_reply_to_fail(key ^ change, 7, "no", 2)));
        assert_true(is_used_up(spawned_reply_to_reserve(key ^ change, 0, &storage)));
        assert_true(is_used_up(spawned_reply_to_commit(key ^ change)));
        assert_true(is_used_up(spawned_reply_to_release(key ^ change)));
        assert_true(is_used_up(spawned_reply_to_is_wanted(key ^ change)));
        assert_true(is_used_up(spawned_timer_cancel(timer ^ change)));
    }
    assert_status(spawned_response_poll(response), SPAWNED_EAGAIN);
    assert_ok(spawned_reply_to_is_wanted(key));
    assert_ok(spawned_timer_cancel(timer));
    assert_ok(spawned_reply_to_send(key, &number));
    assert_ok(spawned_response_poll(response));
    spawned_response_release(response);
}

/* AB04 */
static void names_that_are_no_names_are_refused(void **state) {
    harness *h = *state;
    spawned_runtime *runtime = harness_runtime(h);
    const spawned_pid pid = harness_probe_start(h, harness_probe_new(h), NULL);
    static char longest[256];
    memset(longest, 'n', 255);
    static const struct {
        const char *bytes;
        size_t length;
    } bad[] = {
        {"", 0},
        {"", SPAWNED_ZERO_TERMINATED},
        {longest, 256},
        {"a\0b", 3},
        {"line\nbreak", SPAWNED_ZERO_TERMINATED},
        {"tab\t", SPAWNED_ZERO_TERMINATED},
        {"\x7f", 1},
        {"\xff", 1},
        {"\xc3", 1},             /* cut short */
        {"\xc0\xaf", 2},         /* longer than need be */
        {"\xed\xa0\x80", 3},     /* half a surrogate pair */
        {"\xf4\x90\x80\x80", 4}, /* beyond the last character */
        {"\xc2\x85", 2},         /* a control character of two bytes */
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        spawned_pid found = 0;
        const harness_tracked value = harness_tracked_make(h, i);
        harness_tracked copy;
        assert_status(spawned_registry_register(bad[i].bytes, bad[i].length, pid), SPAWNED_EINVAL);
        assert_status(spawned_registry_put(runtime, bad[i].bytes, bad[i].length,
                                           &harness_tracked_type, &value, 0),
                      SPAWNED_EINVAL);
        assert_status(spawned_registry_whereis(runtime, bad[i].bytes, bad[i].length, &found),
                      SPAWNED_EINVAL);
        assert_status(spawned_registry_get(runtime, bad[i].bytes, bad[i].length,
                                           &harness_tracked_type, &copy),
                      SPAWNED_EINVAL);
        assert_status(spawned_registry_unregister(runtime, bad[i].bytes, bad[i].length),
                      SPAWNED_EINVAL);
    }
    assert_status(spawned_registry_register("spawned.x", 9, pid), SPAWNED_EPERM);
    assert_ok(spawned_registry_register("spawned", 7, pid));
    assert_ok(spawned_registry_register(longest, 255, pid));
    assert_ok(spawned_registry_register("\xe2\x82\xac uro", SPAWNED_ZERO_TERMINATED, pid));
}

/* AB04 SH08 */
static void every_function_of_a_runtime_answers_after_its_shutdown(void **state) {
    harness *h = *state;
    spawned_runtime *runtime = harness_runtime(h);
    const spawned_pid pid = harness_probe_start(h, harness_probe_new(h), NULL);
    spawned_message *message = NULL;
    const harness_tracked value = harness_tracked_make(h, 1);
    assert_ok(spawned_message_create(pid, &harness_tracked_type, &value, &message));
    assert_ok(spawned_runtime_shutdown(runtime, HARNESS_LONG));

    spawned_runtime_stats stats = SPAWNED_RUNTIME_STATS_INIT;
    spawned_time now = 0;
    spawned_pid found = 0;
    size_t count = 1;
    spawned_response *response = NULL;
    assert_true(pid_is_refused_everywhere(h, pid));
    assert_status(spawned_message_try_send(message), SPAWNED_ESTOPPED);
    assert_status(spawned_message_send(message), SPAWNED_ESTOPPED);
    assert_ok(spawned_runtime_stats_get(runtime, &stats));
    assert_int_equal(stats.actors_ended, 1);
    assert_ok(spawned_runtime_now(runtime, &now));
    assert_ok(spawned_runtime_busy(runtime, NULL, sizeof(spawned_actor_report), 0, &count));
    assert_int_equal(count, 0);
    assert_status(spawned_registry_whereis(runtime, "name", 4, &found), SPAWNED_ENOENT);
    assert_ok(spawned_registry_unregister(runtime, "name", 4));
    const spawned_status slept = spawned_sleep(runtime, 1, &response);
    assert_status(slept, SPAWNED_ESTOPPING);
    spawned_response_release(response);
    assert_ptr_equal(spawned_pid_runtime(pid), runtime);
    assert_ok(spawned_runtime_shutdown(runtime, SPAWNED_DEFAULT));
}

/* A number that happens to be that of a sleep's own timer: the sleep ends all the same. */
static void invented_timers_withdraw_none_of_the_engines_own(void **state) {
    harness *h = *state;
    enum { places = 8, lives = 4 };
    const spawned_pid pid = harness_probe_start(h, harness_probe_new(h), NULL);
    const uint64_t one = UINT64_C(1) << 24;
    spawned_message *message = NULL;
    spawned_timer known = 0;
    const uint64_t number = 1;
    assert_ok(spawned_message_create(pid, &harness_number_type, &number, &message));
    assert_ok(spawned_send_after(HARNESS_LONG, message, &known));
    assert_ok(spawned_timer_cancel(known));
    spawned_response *slept = NULL;
    assert_ok(spawned_sleep(harness_runtime(h), SPAWNED_MILLISECOND, &slept));
    const uint64_t base = (known & ~(one - 1)) - (known & (31 * one));
    for (uint64_t place = 1; place <= places; ++place)
        for (uint64_t life = 0; life <= lives; ++life)
            assert_true(spawned_timer_cancel(base + life * one + place) != SPAWNED_OK);
    assert_ok(spawned_response_wait(slept, HARNESS_LONG));
    spawned_response_release(slept);
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        HARNESS_TEST(ten_thousand_invented_pids_reach_nobody),
        HARNESS_TEST(a_living_pid_with_any_bit_changed_reaches_nobody),
        HARNESS_TEST(stale_pids_stay_stale_while_their_places_are_used_again),
        HARNESS_TEST(pids_of_a_destroyed_runtime_are_refused_by_every_function),
        HARNESS_TEST(invented_reply_handles_and_timers_are_refused),
        HARNESS_TEST(invented_timers_withdraw_none_of_the_engines_own),
        HARNESS_TEST(names_that_are_no_names_are_refused),
        HARNESS_TEST(every_function_of_a_runtime_answers_after_its_shutdown),
    };
    return harness_main(argc, argv, tests, sizeof tests / sizeof *tests);
}
