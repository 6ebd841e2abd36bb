/* Exit signals that are sent: what they do to an actor as it is and to one that traps exits. Those of links are
 * link_test.c. */
#include "support/contract.h"
#include "support/witness.h"

static void end(spawned_pid pid) {
    (void)spawned_actor_stop(pid);
    assert_ok(spawned_actor_join(pid, HARNESS_LONG));
}

static spawned_exit reason_of(spawned_exit_kind kind, spawned_status code) {
    spawned_exit exit = SPAWNED_EXIT_INIT;
    exit.kind = kind;
    exit.code = code;
    return exit;
}

static spawned_status signal_with(spawned_pid pid, spawned_exit_kind kind) {
    const spawned_exit exit = reason_of(kind, kind == SPAWNED_EXIT_FAILURE ? 9 : SPAWNED_OK);
    const char *text = kind == SPAWNED_EXIT_FAILURE ? "enough" : NULL;
    return spawned_actor_exit(pid, &exit, text, text == NULL ? 0 : 6);
}

/* An actor that signals another one, or itself. */
typedef struct order {
    spawned_pid to; /* 0: itself */
    spawned_exit_kind kind;
    spawned_status seen;
} order;

static spawned_status signal_as_told(spawned_context *context, void *state, void *argument) {
    (void)state;
    order *own = argument;
    own->seen = signal_with(own->to != 0 ? own->to : spawned_context_self(context), own->kind);
    return SPAWNED_OK;
}

enum sender { OUTSIDE, ANOTHER, ITSELF };

static const struct row {
    enum sender from;
    spawned_exit_kind kind;
    bool traps;
    bool is_told;
    spawned_exit_kind ends; /* RUNNING: it goes on */
} matrix[] = {
    {OUTSIDE, SPAWNED_EXIT_NORMAL, false, false, SPAWNED_EXIT_RUNNING},
    {OUTSIDE, SPAWNED_EXIT_NORMAL, true, true, SPAWNED_EXIT_RUNNING},
    {OUTSIDE, SPAWNED_EXIT_SHUTDOWN, false, false, SPAWNED_EXIT_SHUTDOWN},
    {OUTSIDE, SPAWNED_EXIT_SHUTDOWN, true, true, SPAWNED_EXIT_RUNNING},
    {OUTSIDE, SPAWNED_EXIT_FAILURE, false, false, SPAWNED_EXIT_FAILURE},
    {OUTSIDE, SPAWNED_EXIT_FAILURE, true, true, SPAWNED_EXIT_RUNNING},
    {OUTSIDE, SPAWNED_EXIT_KILLED, false, false, SPAWNED_EXIT_KILLED},
    {OUTSIDE, SPAWNED_EXIT_KILLED, true, false, SPAWNED_EXIT_KILLED},
    {ANOTHER, SPAWNED_EXIT_NORMAL, false, false, SPAWNED_EXIT_RUNNING},
    {ANOTHER, SPAWNED_EXIT_NORMAL, true, true, SPAWNED_EXIT_RUNNING},
    {ANOTHER, SPAWNED_EXIT_SHUTDOWN, false, false, SPAWNED_EXIT_SHUTDOWN},
    {ANOTHER, SPAWNED_EXIT_FAILURE, false, false, SPAWNED_EXIT_FAILURE},
    {ANOTHER, SPAWNED_EXIT_FAILURE, true, true, SPAWNED_EXIT_RUNNING},
    {ANOTHER, SPAWNED_EXIT_KILLED, true, false, SPAWNED_EXIT_KILLED},
    {ITSELF, SPAWNED_EXIT_NORMAL, false, false, SPAWNED_EXIT_NORMAL},
    {ITSELF, SPAWNED_EXIT_NORMAL, true, true, SPAWNED_EXIT_RUNNING},
    {ITSELF, SPAWNED_EXIT_SHUTDOWN, false, false, SPAWNED_EXIT_SHUTDOWN},
    {ITSELF, SPAWNED_EXIT_FAILURE, false, false, SPAWNED_EXIT_FAILURE},
    {ITSELF, SPAWNED_EXIT_FAILURE, true, true, SPAWNED_EXIT_RUNNING},
    {ITSELF, SPAWNED_EXIT_KILLED, false, false, SPAWNED_EXIT_KILLED},
    {ITSELF, SPAWNED_EXIT_KILLED, true, false, SPAWNED_EXIT_KILLED},
};

/* EX01: the rows of links are link_test.c's */
static void signal_does_what_the_table_says(void **state) {
    harness *h = *state;
    for (size_t i = 0; i < sizeof matrix / sizeof *matrix; i++) {
        const struct row *row = &matrix[i];
        witness *own = witness_new(h);
        if (row->traps) witness_will_trap(own);
        const spawned_pid target = witness_start(own, NULL), another = script_start(h);
        assert_true(harness_settle(h));
        static order given;
        given = (order){row->from == ANOTHER ? target : 0, row->kind, SPAWNED_OK};
        if (row->from == OUTSIDE) assert_ok(signal_with(target, row->kind));
        if (row->from == ANOTHER) assert_ok(script_run(another, signal_as_told, &given));
        if (row->from == ITSELF) (void)script_run(target, signal_as_told, &given);
        assert_ok(given.seen);
        if (row->is_told) assert_true(witness_wait(own, 1));
        if (row->ends != SPAWNED_EXIT_RUNNING)
            assert_ok(spawned_actor_join(target, HARNESS_LONG));
        else
            assert_ok(script_run(target, script_nothing, NULL));
        assert_true(harness_settle(h));
        assert_int_equal(witness_count(own), row->is_told);
        assert_exit(target, row->ends, row->ends == SPAWNED_EXIT_FAILURE ? 9 : SPAWNED_OK,
                    SPAWNED_PLACE_NONE);
        const bool stops = row->ends != SPAWNED_EXIT_RUNNING && row->ends != SPAWNED_EXIT_KILLED;
        assert_int_equal(witness_exit(own).kind, stops ? row->ends : SPAWNED_EXIT_RUNNING);
        if (row->is_told) {
            const spawned_ended told = witness_end(own, 0);
            assert_int_equal(told.pid, row->from == OUTSIDE   ? 0
                                       : row->from == ANOTHER ? another
                                                              : target);
            assert_int_equal(told.monitor, 0);
            assert_int_equal(told.exit.kind, row->kind);
            assert_string_equal(told.text, row->kind == SPAWNED_EXIT_FAILURE ? "enough" : "");
        }
        end(another);
        end(target);
    }
}

static void reason_comes_with_its_code_and_text(void **state) {
    harness *h = *state;
    witness *own = witness_new(h);
    const spawned_pid target = witness_start(own, NULL);
    const spawned_exit exit = reason_of(SPAWNED_EXIT_FAILURE, 9);
    assert_ok(spawned_actor_exit(target, &exit, "the disk is full", SPAWNED_ZERO_TERMINATED));
    assert_ok(spawned_actor_join(target, HARNESS_LONG));
    spawned_exit read = SPAWNED_EXIT_INIT;
    char text[64];
    assert_ok(spawned_actor_exit_reason(target, &read, text, sizeof text));
    assert_int_equal(read.kind, SPAWNED_EXIT_FAILURE);
    assert_int_equal(read.code, 9);
    assert_int_equal(read.place, SPAWNED_PLACE_NONE);
    assert_string_equal(text, "the disk is full");
    assert_string_equal(witness_story(own), "i s x d");
    assert_int_equal(witness_exit(own).code, 9);
    assert_int_equal(harness_log_count(h, SPAWNED_LOG_ERROR, NULL), 0);
}

/* EX07 */
static void long_text_is_cut_between_two_characters(void **state) {
    harness *h = *state;
    enum { LENGTH = 1 << 20 };
    char *words = malloc(LENGTH);
    assert_non_null(words);
    for (size_t i = 0; i + 3 <= LENGTH; i += 3) memcpy(words + i, "\xe2\x82\xac", 3);
    witness *own = witness_new(h);
    witness_will_trap(own);
    const spawned_pid target = script_start(h), trapping = witness_start(own, NULL);
    assert_true(harness_settle(h));
    const spawned_exit exit = reason_of(SPAWNED_EXIT_FAILURE, 9);
    assert_ok(spawned_actor_exit(target, &exit, words, LENGTH - 1));
    assert_ok(spawned_actor_exit(trapping, &exit, words, LENGTH - 1));
    assert_ok(spawned_actor_join(target, HARNESS_LONG));
    spawned_exit read = SPAWNED_EXIT_INIT;
    char text[2048];
    assert_ok(spawned_actor_exit_reason(target, &read, text, sizeof text));
    assert_int_equal(read.text_length, 1023);
    assert_int_equal(strlen(text), 1023);
    assert_true(witness_wait(own, 1));
    assert_int_equal(witness_end(own, 0).exit.text_length, 1023);
    assert_int_equal(strlen(witness_end(own, 0).text), 45);
    free(words);
}

/* Holds the target, where somebody runs while the test does not wait. */
typedef struct held {
    harness *h;
    script_hold hold;
} held;

static void hold_target(held *own, harness *h, spawned_pid target) {
    own->h = h;
    assert_true(harness_settle(h));
    if (!harness_is_alone(h)) assert_ok(script_hold_begin(&own->hold, h, target));
}

static void let_go(held *own, spawned_pid target) {
    if (!harness_is_alone(own->h)) assert_ok(script_hold_end(&own->hold));
    assert_ok(spawned_actor_join(target, HARNESS_LONG));
    if (!harness_is_alone(own->h)) script_hold_release(&own->hold);
}

/* EX02 */
static void first_of_two_signals_is_the_reason(void **state) {
    harness *h = *state;
    witness *own = witness_new(h);
    const spawned_pid target = witness_start(own, NULL);
    held one;
    hold_target(&one, h, target);
    const spawned_exit first = reason_of(SPAWNED_EXIT_FAILURE, 1);
    const spawned_exit second = reason_of(SPAWNED_EXIT_FAILURE, 2);
    assert_ok(spawned_actor_exit(target, &first, "one", 3));
    assert_ok(spawned_actor_exit(target, &second, "two", 3));
    assert_ok(signal_with(target, SPAWNED_EXIT_SHUTDOWN));
    assert_ok(spawned_actor_stop(target));
    let_go(&one, target);
    assert_exit(target, SPAWNED_EXIT_FAILURE, 1, SPAWNED_PLACE_NONE);
    assert_int_equal(witness_exit(own).code, 1);
}

static void stop_that_came_first_stays_the_reason(void **state) {
    harness *h = *state;
    const spawned_pid target = script_start(h);
    held one;
    hold_target(&one, h, target);
    assert_ok(spawned_actor_stop(target));
    assert_ok(signal_with(target, SPAWNED_EXIT_FAILURE));
    let_go(&one, target);
    assert_exit(target, SPAWNED_EXIT_NORMAL, SPAWNED_OK, SPAWNED_PLACE_NONE);
}

static void kill_overrides_a_signal(void **state) {
    harness *h = *state;
    witness *own = witness_new(h);
    const spawned_pid target = witness_start(own, NULL);
    held one;
    hold_target(&one, h, target);
    assert_ok(signal_with(target, SPAWNED_EXIT_FAILURE));
    assert_ok(spawned_actor_kill(target));
    let_go(&one, target);
    assert_exit(target, SPAWNED_EXIT_KILLED, SPAWNED_OK, SPAWNED_PLACE_NONE);
    assert_string_equal(witness_story(own), "i s d");
}

static spawned_status be_signalled_and_fail(spawned_context *context, void *state, void *argument) {
    (void)state, (void)argument;
    (void)signal_with(spawned_context_self(context), SPAWNED_EXIT_SHUTDOWN);
    return 5;
}

static void failure_of_the_running_handler_is_the_reason(void **state) {
    harness *h = *state;
    const spawned_pid target = script_start(h);
    assert_status(script_run(target, be_signalled_and_fail, NULL), SPAWNED_ESTOPPED);
    assert_ok(spawned_actor_join(target, HARNESS_LONG));
    assert_exit(target, SPAWNED_EXIT_FAILURE, 5, SPAWNED_PLACE_HANDLER);
}

static spawned_status be_signalled_and_trap(spawned_context *context, void *state, void *argument) {
    (void)state;
    (void)signal_with(spawned_context_self(context), SPAWNED_EXIT_FAILURE);
    *(spawned_status *)argument = spawned_context_trap_exits(context, &witness_ended_type);
    return SPAWNED_OK;
}

static void trapping_saves_nobody_who_was_signalled_before(void **state) {
    harness *h = *state;
    witness *own = witness_new(h);
    const spawned_pid target = witness_start(own, NULL);
    static spawned_status trapped;
    trapped = 1;
    assert_ok(script_run(target, be_signalled_and_trap, &trapped));
    assert_ok(spawned_actor_join(target, HARNESS_LONG));
    assert_ok(trapped);
    assert_string_equal(witness_story(own), "i s x d");
    assert_exit(target, SPAWNED_EXIT_FAILURE, 9, SPAWNED_PLACE_NONE);
}

/* A thread or an actor that sends around a signal. */
typedef struct talk {
    spawned_pid to;
    spawned_status signalled;
    spawned_status late[3];
} talk;

static void talk_and_signal(talk *own) {
    for (uint64_t i = 1; i <= 3; i++) (void)harness_send_number(own->to, i);
    own->signalled = signal_with(own->to, SPAWNED_EXIT_FAILURE);
    for (uint64_t i = 0; i < 3; i++) own->late[i] = harness_send_number(own->to, 4 + i);
}

static spawned_status talk_as_told(spawned_context *context, void *state, void *argument) {
    (void)context, (void)state;
    talk_and_signal(argument);
    return SPAWNED_OK;
}

/* EX03 */
static void message_sent_behind_a_signal_is_never_handled(void **state) {
    harness *h = *state;
    const int rounds = harness_is_deterministic(h) ? 100 : 300;
    for (int round = 0; round < rounds; round++) {
        witness *own = witness_new(h);
        const spawned_pid target = witness_start(own, NULL);
        static talk one;
        one = (talk){.to = target};
        if (round % 2 == 0) {
            talk_and_signal(&one);
        } else {
            const spawned_pid another = script_start(h);
            assert_ok(script_run(another, talk_as_told, &one));
            end(another);
        }
        assert_ok(one.signalled);
        assert_ok(spawned_actor_join(target, HARNESS_LONG));
        for (size_t i = 0; i < 3; i++) assert_status(one.late[i], SPAWNED_ESTOPPED);
        const char *const story = witness_story(own);
        assert_true(strcmp(story, "i s x d") == 0 || strcmp(story, "i s 1 x d") == 0 ||
                    strcmp(story, "i s 1 2 x d") == 0 || strcmp(story, "i s 1 2 3 x d") == 0);
    }
}

/* EX06 */
static void signal_to_the_dead_touches_nobody(void **state) {
    harness *h = *state;
    const spawned_pid dead = script_start(h);
    end(dead);
    const spawned_pid next = script_start(h);
    for (spawned_exit_kind kind = SPAWNED_EXIT_NORMAL; kind <= SPAWNED_EXIT_KILLED; kind++)
        assert_ok(signal_with(dead, kind));
    assert_ok(spawned_unlink(dead, next));
    assert_ok(script_run(next, script_nothing, NULL));
    assert_int_equal(harness_end_runtime(h), 0);
    assert_ok(signal_with(dead, SPAWNED_EXIT_FAILURE));
    assert_ok(spawned_unlink(dead, next));
}

static spawned_status await_in_vain(spawned_context *context, void *state, void *argument) {
    (void)state;
    return script_await_more(context, argument);
}

static void await_ends_for_a_signal_and_stopped_runs(void **state) {
    harness *h = *state;
    witness *own = witness_new(h);
    const spawned_pid target = witness_start(own, NULL);
    script_gate gate;
    assert_ok(script_gate_create(h, &gate));
    static script_wait wait;
    wait = (script_wait){.responses = {gate.response}, .count = 1};
    spawned_response *asked = script_request_run(target, await_in_vain, &wait, SPAWNED_FOREVER);
    assert_true(harness_settle(h));
    assert_ok(harness_send_number(target, 1));
    assert_ok(signal_with(target, SPAWNED_EXIT_FAILURE));
    assert_ok(spawned_actor_join(target, HARNESS_LONG));
    assert_status(spawned_response_wait(asked, SPAWNED_FOREVER), SPAWNED_ESTOPPED);
    const char *text = NULL;
    size_t length = 0;
    assert_status(spawned_response_error(asked, &text, &length), SPAWNED_ESTOPPED);
    assert_string_equal(text, "enough");
    spawned_response_release(asked);
    assert_int_equal(wait.dropped, 1);
    assert_int_equal(wait.resumed, 0);
    assert_string_equal(witness_story(own), "i s x d");
    assert_exit(target, SPAWNED_EXIT_FAILURE, 9, SPAWNED_PLACE_NONE);
    script_gate_release(&gate);
}

static spawned_status await_at_once(spawned_context *context, harness_probe *probe) {
    return script_await_more(context, probe->data);
}

static void await_of_started_ends_for_a_signal_without_stopped(void **state) {
    harness *h = *state;
    harness_probe *probe = harness_probe_new(h);
    script_gate gate;
    assert_ok(script_gate_create(h, &gate));
    static script_wait wait;
    wait = (script_wait){.responses = {gate.response}, .count = 1};
    probe->on_started = await_at_once;
    probe->data = &wait;
    const spawned_pid target = harness_probe_start(h, probe, NULL);
    assert_true(harness_settle(h));
    assert_ok(signal_with(target, SPAWNED_EXIT_SHUTDOWN));
    assert_ok(spawned_actor_join(target, HARNESS_LONG));
    assert_int_equal(wait.dropped, 1);
    assert_story(probe, "i s d");
    assert_exit(target, SPAWNED_EXIT_SHUTDOWN, SPAWNED_OK, SPAWNED_PLACE_NONE);
    script_gate_release(&gate);
}

static void await_of_stopped_goes_on_after_a_signal(void **state) {
    harness *h = *state;
    harness_probe *probe = harness_probe_new(h);
    script_gate gate;
    assert_ok(script_gate_create(h, &gate));
    static script_wait wait;
    wait = (script_wait){.responses = {gate.response}, .count = 1};
    probe->on_stopped = await_at_once;
    probe->data = &wait;
    const spawned_pid target = harness_probe_start(h, probe, NULL);
    assert_true(harness_settle(h));
    assert_ok(signal_with(target, SPAWNED_EXIT_SHUTDOWN));
    assert_true(harness_settle(h));
    assert_ok(signal_with(target, SPAWNED_EXIT_FAILURE));
    assert_true(harness_settle(h));
    assert_int_equal(wait.dropped, 0);
    assert_ok(script_gate_open(&gate));
    assert_ok(spawned_actor_join(target, HARNESS_LONG));
    assert_int_equal(wait.resumed, 1);
    assert_exit(target, SPAWNED_EXIT_SHUTDOWN, SPAWNED_OK, SPAWNED_PLACE_NONE);
    script_gate_release(&gate);
}

static void token_of_who_is_signalled_is_cancelled(void **state) {
    harness *h = *state;
    const spawned_pid target = script_start(h);
    spawned_token token = 0;
    assert_ok(spawned_token_of_actor(target, &token));
    held one;
    hold_target(&one, h, target);
    assert_int_equal(spawned_token_is_cancelled(token), 0);
    assert_ok(signal_with(target, SPAWNED_EXIT_NORMAL));
    assert_int_equal(spawned_token_is_cancelled(token), 0);
    assert_ok(signal_with(target, SPAWNED_EXIT_FAILURE));
    assert_int_equal(spawned_token_is_cancelled(token), 1);
    let_go(&one, target);
}

static void signals_that_cannot_be_are_refused(void **state) {
    harness *h = *state;
    witness *own = witness_new(h);
    const spawned_pid target = witness_start(own, NULL);
    const spawned_exit right = reason_of(SPAWNED_EXIT_FAILURE, 1);
    spawned_exit wrong = right;
    assert_status(spawned_actor_exit(target, NULL, NULL, 0), SPAWNED_EINVAL);
    assert_status(spawned_actor_exit(0, &right, NULL, 0), SPAWNED_EINVAL);
    assert_status(spawned_actor_exit(UINT64_MAX, &right, NULL, 0), SPAWNED_EINVAL);
    assert_status(spawned_actor_exit(target + (UINT64_C(1000) << 24), &right, NULL, 0),
                  SPAWNED_EINVAL);
    assert_status(spawned_actor_exit(target, &right, NULL, 1), SPAWNED_EINVAL);
    wrong.size = sizeof wrong - 1;
    assert_status(spawned_actor_exit(target, &wrong, NULL, 0), SPAWNED_EINVAL);
    static const spawned_exit_kind kinds[] = {SPAWNED_EXIT_RUNNING, SPAWNED_EXIT_UNKNOWN, 4711};
    for (size_t i = 0; i < 3; i++) {
        wrong = reason_of(kinds[i], 1);
        assert_status(spawned_actor_exit(target, &wrong, NULL, 0), SPAWNED_EINVAL);
    }
    wrong = reason_of(SPAWNED_EXIT_FAILURE, SPAWNED_OK);
    assert_status(spawned_actor_exit(target, &wrong, NULL, 0), SPAWNED_EINVAL);
    wrong = reason_of(SPAWNED_EXIT_SHUTDOWN, SPAWNED_OK);
    assert_status(spawned_actor_exit(target, &wrong, "why", 3), SPAWNED_EINVAL);
    assert_status(spawned_context_trap_exits(NULL, &witness_ended_type), SPAWNED_ECONTEXT);
    assert_true(harness_settle(h));
    assert_string_equal(witness_story(own), "i s");
}

static spawned_status trap_wrongly(spawned_context *context, void *state, void *argument) {
    (void)state;
    static const spawned_message_type wrong = SPAWNED_MESSAGE_TYPE("wrong", int64_t);
    *(spawned_status *)argument = spawned_context_trap_exits(context, &wrong);
    return SPAWNED_OK;
}

static spawned_status trap_nothing(spawned_context *context, void *state, void *argument) {
    (void)state;
    *(spawned_status *)argument = spawned_context_trap_exits(context, NULL);
    return SPAWNED_OK;
}

static void trap_that_is_taken_away_traps_no_more(void **state) {
    harness *h = *state;
    witness *own = witness_new(h);
    witness_will_trap(own);
    const spawned_pid target = witness_start(own, NULL), plain = script_start(h);
    static spawned_status seen[3];
    seen[0] = seen[1] = seen[2] = 1;
    assert_ok(script_run(target, trap_wrongly, &seen[0]));
    assert_status(seen[0], SPAWNED_EINVAL);
    assert_ok(signal_with(target, SPAWNED_EXIT_FAILURE));
    assert_true(witness_wait(own, 1));
    assert_ok(script_run(target, trap_nothing, &seen[1]));
    assert_ok(seen[1]);
    assert_ok(script_run(plain, trap_nothing, &seen[2]));
    assert_ok(seen[2]);
    assert_ok(signal_with(target, SPAWNED_EXIT_SHUTDOWN));
    assert_ok(spawned_actor_join(target, HARNESS_LONG));
    assert_exit(target, SPAWNED_EXIT_SHUTDOWN, SPAWNED_OK, SPAWNED_PLACE_NONE);
}

int main(int argc, char **argv) {
    static const struct CMUnitTest tests[] = {
        HARNESS_TEST(signal_does_what_the_table_says),
        HARNESS_TEST(reason_comes_with_its_code_and_text),
        HARNESS_TEST(long_text_is_cut_between_two_characters),
        HARNESS_TEST(first_of_two_signals_is_the_reason),
        HARNESS_TEST(stop_that_came_first_stays_the_reason),
        HARNESS_TEST(kill_overrides_a_signal),
        HARNESS_TEST(failure_of_the_running_handler_is_the_reason),
        HARNESS_TEST(trapping_saves_nobody_who_was_signalled_before),
        HARNESS_TEST(message_sent_behind_a_signal_is_never_handled),
        HARNESS_TEST(signal_to_the_dead_touches_nobody),
        HARNESS_TEST(await_ends_for_a_signal_and_stopped_runs),
        HARNESS_TEST(await_of_started_ends_for_a_signal_without_stopped),
        HARNESS_TEST(await_of_stopped_goes_on_after_a_signal),
        HARNESS_TEST(token_of_who_is_signalled_is_cancelled),
        HARNESS_TEST(signals_that_cannot_be_are_refused),
        HARNESS_TEST(trap_that_is_taken_away_traps_no_more),
    };
    return harness_main(argc, argv, tests, sizeof tests / sizeof *tests);
}
