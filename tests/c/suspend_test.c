/* The whole process stops for a while, as a laptop does when it is closed: what came due meanwhile comes
 * once. On a virtual clock nothing of the kind can happen.
 * modes: pool blocking thread */
#include "support/contract.h"
#include "support/ticks.h"

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#define MS SPAWNED_MILLISECOND

enum { STOPPED_FOR = 300, PERIOD = 10 };

/* Stops this process; its child lets it go on later. */
static void stop_for(int milliseconds) {
    const pid_t parent = getpid(), child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        (void)kill(parent, SIGSTOP);
        (void)poll(NULL, 0, milliseconds);
        (void)kill(parent, SIGCONT);
        _exit(0);
    }
    int status = 1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

/* TM11 */
static void timers_that_came_due_while_the_process_stood_still_fire_once_each(void **state) {
    harness *h = *state;
    tick_log *once = tick_log_new(h, 64), *often = tick_log_new(h, 4096);
    const spawned_pid first = tick_start(once, NULL), second = tick_start(often, NULL);
    spawned_timer interval = 0;
    const spawned_time begin = harness_now(h);
    for (uint64_t i = 1; i <= 5; i++) assert_ok(tick_after(first, i, i * 20 * MS, NULL));
    assert_ok(tick_every(second, 1, PERIOD * MS, &interval));
    stop_for(STOPPED_FOR);
    assert_true(harness_now(h) - begin >= STOPPED_FOR * MS);
    assert_true(tick_wait(once, 5, 0));
    assert_true(harness_settle(h));
    assert_int_equal(once->count, 5);
    for (uint64_t i = 0; i < 5; i++) assert_int_equal(once->ticks[i].number, i + 1); /* in order */

    assert_true(tick_wait(often, 2, PERIOD * MS));
    assert_ok(spawned_timer_cancel(interval));
    assert_ok(script_run(second, script_nothing, NULL));
    uint64_t periods = 0, most = 0;
    for (size_t i = 0; i < often->count; i++) {
        const uint64_t stands_for = 1 + often->ticks[i].missed;
        periods += stands_for;
        if (stands_for > most) most = stands_for;
        assert_true(often->ticks[i].at >= begin + periods * PERIOD * MS);
    }
    /* One tick stands for nearly all of that time: two may lie at its edges, others before and after. */
    assert_true(most >= STOPPED_FOR / PERIOD - 2);
    for (int i = 0; i < 2; i++) assert_ok(spawned_actor_kill(i == 0 ? first : second));
    for (int i = 0; i < 2; i++)
        assert_ok(spawned_actor_join(i == 0 ? first : second, HARNESS_LONG));
    tick_log_free(once);
    tick_log_free(often);
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        HARNESS_TEST(timers_that_came_due_while_the_process_stood_still_fire_once_each),
    };
    return harness_main(argc, argv, tests, sizeof tests / sizeof *tests);
}
