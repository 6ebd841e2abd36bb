/* A host that stays away while its actors wait: it takes a real second to be called late.
 * modes: pool
 * timeout: 60 */
#include "support/contract.h"

#define LATE "the host does not run"

/* Of the real clock; the other runtime's, since the wait would run the actors of the host's own. */
static void stay_away(spawned_runtime *other, spawned_duration duration) {
    spawned_response *nap = NULL;
    assert_ok(spawned_sleep(other, duration, &nap));
    assert_ok(spawned_response_wait(nap, HARNESS_LONG));
    spawned_response_release(nap);
}

/* HO2 */
static void a_host_that_stays_away_is_told_of_in_the_log_once(void **state) {
    harness *h = *state;
    spawned_runtime *other = harness_runtime_begin(h, NULL);
    spawned_host *host = NULL;
    assert_ok(spawned_host_create(harness_runtime(h), NULL, &host));
    harness_probe *probe = harness_probe_new(h);
    const spawned_pid pid = harness_probe_start_on(h, probe, SPAWNED_BACKEND_HOST);
    assert_ok(spawned_host_run(host, 0, SPAWNED_DEFAULT, SPAWNED_DEFAULT, NULL));
    for (uint64_t number = 1; number <= 2; number++) {
        assert_ok(harness_send_number(pid, number));
        for (int i = 0; i < 600 && harness_log_count(h, SPAWNED_LOG_WARNING, LATE) < number; i++)
            stay_away(other, 50 * SPAWNED_MILLISECOND);
        stay_away(other, 200 * SPAWNED_MILLISECOND);
        assert_int_equal(harness_log_count(h, SPAWNED_LOG_WARNING, LATE), number);
        assert_ok(spawned_host_run(host, 0, SPAWNED_DEFAULT, SPAWNED_DEFAULT, NULL));
    }
    assert_story(probe, "i s 1 2");
    assert_int_equal(harness_runtime_end(h, other), 0);
}

int main(int argc, char **argv) {
    static const struct CMUnitTest tests[] = {
        HARNESS_TEST(a_host_that_stays_away_is_told_of_in_the_log_once),
    };
    return harness_main(argc, argv, tests, sizeof tests / sizeof *tests);
}
